"""Arrays of requirements in pyproject.toml: PEP 621, extras, dependency groups, uv, PDM, Hatch, Flit."""

from __future__ import annotations

import re

from celery_backend_lint.fixes.manifests import sequences
from celery_backend_lint.fixes.manifests.pep508 import written_like
from celery_backend_lint.fixes.manifests.slots import SUBJECT
from celery_backend_lint.syntax.requirements import leading_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.requirements import RequirementText
    from celery_backend_lint.syntax.toml import TomlNode


def array_of(source: SourceFile, root: TomlNode, requirement: Requirement) -> tuple[TomlNode, int] | None:
    """The array whose item a requirement is, and the item's index; None where it stands in a table."""
    span = requirement.location.span
    start = source.offset(span.line, span.column)
    for array in _arrays(root):
        for index, item in enumerate(array.elements()):
            if item.text is not None and item.start < start <= item.end:
                return array, index
    return None


def add(source: SourceFile, array: TomlNode, anchor: int, new: RequirementText) -> Edit:
    """Put a requirement into an array. Raises CannotFixError where its layout is not understood."""
    items = array.elements()
    like = items[anchor].text or ""
    quote = source.utf8[items[anchor].start : items[anchor].start + 1].decode()
    names = [_name(item) for item in items]
    text = f"{quote}{written_like(new, like)}{quote}"
    return sequences.insert(source, [(one.start, one.end) for one in items], names, anchor, new.name, text, SUBJECT)


def _name(item: TomlNode) -> str:
    named = leading_name(item.text or "")
    return named.name if named is not None else "~"  # {include-group = …}: behind all names


def _arrays(node: TomlNode) -> Iterator[TomlNode]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one.value, list):
            yield one
            waiting.extend(one.value)
        elif isinstance(one.value, dict):
            waiting.extend(one.value.values())


def into_empty(source: SourceFile, array: TomlNode, new: RequirementText) -> Edit | None:
    """Put the first requirement into ``[]``; None where something stands in the array, be it a comment."""
    from celery_backend_lint.fixes.text_edits import replace

    if array.elements() or not re.fullmatch(rb"\[\s*\]", source.utf8[array.start : array.end]):
        return None
    return replace(source, array.start, array.end, f'["{written_like(new, "")}"]', SUBJECT)
