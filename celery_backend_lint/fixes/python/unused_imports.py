"""Imports that a change has left without use: those that only what is gone now had needed."""

from __future__ import annotations

import re

from celery_backend_lint.fixes.python.nodes import module_of
from celery_backend_lint.fixes.python.removal import without_statement
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.grammars import parser
from celery_backend_lint.syntax.python import module_name, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

DO_NOTHING = frozenset({"os", "decouple", "environ", "environs"})
"""Modules that are imported for what is in them: importing them does nothing besides."""


def without_unused_imports(model: Model, path: str, before: bytes) -> list[Edit]:
    """Take the imports away that a module used ``before`` (its bytes) and uses no more.

    A statement goes whole where importing the module does nothing; of several names one goes from any statement. What
    another module may have from here stays. Raises CannotFixError where the file cannot be changed.
    """
    module = module_of(model, path)
    old = parser("python").parse(before).root_node
    had = {name for statement in _statements(old) for name, _ in _names(statement) if _is_used(old, name)}
    edits = []
    for statement in _statements(module.node):
        names = list(_names(statement))
        unused = [node for name, node in names if name in had and not _is_used(module.node, name)]
        unused = [node for node in unused if not _is_passed_on(model, path, _bound(node))]
        if len(unused) < len(names):
            edits += [_without_name(module, [node for _, node in names], node) for node in unused[:1]]
        elif _module(statement) in DO_NOTHING:
            edits.append(_without_line(module, statement))
    return edits


def _statements(root: Node) -> Iterator[Node]:
    """The imports at the top of a module that stand on lines of their own."""
    for node in root.named_children:
        is_import = node.type in ("import_statement", "import_from_statement")
        if is_import and not any(one.type in ("wildcard_import", "comment") for one in node.children):
            yield node


def _names(statement: Node) -> Iterator[tuple[str, Node]]:
    for node in statement.children_by_field_name("name"):
        yield _bound(node), node


def _bound(node: Node) -> str:
    """The name that the module has then."""
    alias = node.child_by_field_name("alias")
    return text_of(alias if alias is not None else node).partition(".")[0]


def _module(statement: Node) -> str:
    node = statement.child_by_field_name("module_name") or statement.child_by_field_name("name")
    return module_name(node) if node is not None else ""


def _is_used(root: Node, name: str) -> bool:
    """Whether anything but an import has a name in it: an identifier, or a text that is the name (``__all__``)."""
    text = root.text or b""
    for match in re.finditer(rb"(?<!\w)%s(?!\w)" % re.escape(name.encode()), text):
        node = root.descendant_for_byte_range(match.start() + root.start_byte, match.end() + root.start_byte)
        if node is None or node.type == "comment":
            continue
        if node.type != "identifier":
            if node.type not in ("string_content", "string") or text_of(node).strip("\"'") == name:
                return True
            continue
        parent = node.parent
        if parent is None or parent.type not in ("dotted_name", "aliased_import"):
            is_attribute = parent is not None and parent.child_by_field_name("attribute") == node
            is_keyword = parent is not None and parent.type == "keyword_argument"
            if not is_attribute and not (
                is_keyword and parent is not None and parent.child_by_field_name("name") == node
            ):
                return True
    return False


def _is_passed_on(model: Model, path: str, name: str) -> bool:
    """Whether another module may have a name from this one: it imports it, or all that there is."""
    stem = path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2]
    imported = re.compile(
        rb"\bfrom\b[\w. \t]*(?:\b%s|\.)[ \t]*\bimport\b[^\n]*(?:\*|\(|\b%s\b)"
        % (re.escape(stem.encode()), name.encode())
    )
    for other in model.project.python_files_mentioning((stem.encode(),)):
        source = model.project.source(other) if other != path else None
        if source is not None and imported.search(source.data):
            return True
    return False


def _without_line(module: Place, statement: Node) -> Edit:
    edit = without_statement(module.source, statement)
    text, start = module.source.utf8, statement.start_byte
    if text[:start].strip():
        return edit
    stop = text.find(b"\n", statement.end_byte) + 1 or len(text)
    rest = text[stop:]
    return replace(module.source, start, stop + len(rest) - len(rest.lstrip(b"\r\n")), "")  # no empty line at the head


def _without_name(module: Place, names: list[Node], one: Node) -> Edit:
    number = names.index(one)
    if number + 1 < len(names):
        return replace(module.source, one.start_byte, names[number + 1].start_byte, "")
    return replace(module.source, names[number - 1].end_byte, one.end_byte, "")
