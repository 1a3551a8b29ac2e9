"""setup.py: an item more in a literal list. What is computed is left alone."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.manifests import sequences
from celery_backend_lint.fixes.manifests.pep508 import written_like
from celery_backend_lint.fixes.manifests.slots import SUBJECT
from celery_backend_lint.syntax.python import children_of
from celery_backend_lint.syntax.requirements import leading_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Node

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText


def add(source: SourceFile, anchor: Requirement, new: RequirementText) -> Edit:
    """Put a string into the list (tuple, set) that holds ``anchor``. Raises CannotFixError where there is none."""
    string = literal(source, anchor)
    holder = string.parent
    if holder is None or holder.type not in ("list", "tuple", "set"):
        raise _computed(source, anchor)
    items = children_of(holder)
    texts = [source.utf8[one.start_byte : one.end_byte].decode() for one in items]
    at = next(index for index, one in enumerate(items) if one.start_byte == string.start_byte)
    text = texts[at]
    inner = text[1:-1]
    return sequences.insert(
        source,
        [one.byte_range for one in items],
        [_name(one) for one in texts],
        at,
        new.name,
        f"{text[0]}{written_like(new, inner)}{text[0]}",
        SUBJECT,
    )


def literal(source: SourceFile, requirement: Requirement) -> Node:
    """The plain string that is a requirement. Raises CannotFixError where it is put together by code."""
    from celery_backend_lint.syntax.grammars import parser

    span = requirement.location.span
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    node = parser("python").parse(source.utf8).root_node.descendant_for_byte_range(start, end)
    while node is not None and node.type in ("string_content", "string_start", "string_end"):
        node = node.parent
    whole = node is not None and node.start_byte == start - 1 and node.end_byte == end + 1
    if (
        node is None
        or node.type != "string"
        or not whole
        or (node.parent and node.parent.type == "concatenated_string")
    ):
        raise _computed(source, requirement)
    return node


def _computed(source: SourceFile, requirement: Requirement) -> CannotFixError:
    return CannotFixError(
        f"line {requirement.location.line} of `{source.path}` is put together by code, not a plain list"
    )


def _name(text: str) -> str:
    named = leading_name(text.strip("\"'"))
    return named.name if named is not None else "~"
