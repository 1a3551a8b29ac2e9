"""An import put where a module has its imports, among its kin and in their order."""

from __future__ import annotations

import re
import sys

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.nodes import module_of
from celery_backend_lint.fixes.python.style import line_length
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.record import record
from celery_backend_lint.syntax.grammars import parser
from celery_backend_lint.syntax.python import module_name, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

STANDARD, THIRD_PARTY, OWN, RELATIVE = range(4)
"""The sections of imports in their order, as isort and ruff have them."""


@record
class Import:
    """``import module`` (``name`` is ""), or ``from module import name``; ``alias`` is what ``as`` says, else ""."""

    module: str
    name: str
    alias: str = ""

    @property
    def bound(self) -> str:
        """The name that the module has then."""
        return self.alias or self.name or self.module.partition(".")[0]


def add_import(model: Model, path: str, statement: str) -> list[Edit]:
    """Have a module import something: ``import os`` or ``from x import y``.

    No edit where it does already. Raises CannotFixError where the file cannot be changed, and where the name that
    the import would bind means something else there.
    """
    wanted = _parsed(statement)
    module = module_of(model, path)
    file = model.evaluator.modules.file(path)
    if file is None:
        return []
    blocks = [node for node in module.node.named_children if node.type in _STATEMENTS]
    present = [(node, one) for node in blocks for one in _imports(node)]
    if any(one.bound == wanted.bound and _is_same(one, wanted) for _, one in present):
        return []
    bindings = file.scope.bindings.get(wanted.bound, [])
    if any(not _may_be_same(binding.node, wanted) for binding in bindings):
        where = f"`{path}` line {bindings[0].target.start_point[0] + 1}"
        raise CannotFixError(f"`{wanted.bound}` is something else in {where}, so `{statement}` is not added")
    subject = statement
    if wanted.name and not wanted.alias:
        joined = next((node for node, one in present if one.module == wanted.module and _can_grow(node)), None)
        if joined is not None and _has_room(model, module, joined, wanted):
            return [_grown(module, joined, wanted, subject)]
    return [_inserted(model, module, wanted, statement, subject)]


_STATEMENTS = ("import_statement", "import_from_statement", "future_import_statement")


def _parsed(statement: str) -> Import:
    node = parser("python").parse(statement.encode()).root_node.named_children[0]
    return _imports(node)[0]


def _imports(node: Node) -> list[Import]:
    """What an import statement at the top of a module imports; a star has the name ``*``."""
    holder = node.child_by_field_name("module_name")
    module = module_name(holder) if holder is not None else ""
    if node.type == "future_import_statement":
        module = "__future__"
    found = []
    for child in node.children_by_field_name("name"):
        alias = ""
        if child.type == "aliased_import":
            name, given = child.child_by_field_name("name"), child.child_by_field_name("alias")
            text, alias = text_of(name) if name is not None else "", text_of(given) if given is not None else ""
        else:
            text = text_of(child)
        found.append(Import(module, text, alias) if module else Import(text, "", alias))
    if module and any(child.type == "wildcard_import" for child in node.named_children):
        found.append(Import(module, "*"))
    return found


def _is_same(one: Import, other: Import) -> bool:
    if not other.name and not other.alias and not one.name and not one.alias:  # ``import os.path`` has ``os`` as well
        return one.module == other.module or one.module.startswith(f"{other.module}.")
    return one == other


def _may_be_same(node: Node, wanted: Import) -> bool:
    """Whether what binds the name is an import of the same, which only stands somewhere else (under ``try``)."""
    statement: Node | None = node
    while statement is not None and statement.type not in _STATEMENTS:
        statement = statement.parent
    if statement is None:
        return False
    mine = [one for one in _imports(statement) if one.bound == wanted.bound]
    return bool(mine) and all(
        _is_same(one, wanted) or (not one.name and one.module.partition(".")[0] == wanted.module and not wanted.name)
        for one in mine
    )


def _can_grow(node: Node) -> bool:
    """Whether another name can be put into ``from x import a, b``."""
    text = text_of(node)
    return "*" not in text and "\\" not in text and "#" not in text


def _has_room(model: Model, module: Place, node: Node, wanted: Import) -> bool:
    if node.start_point[0] != node.end_point[0]:
        return True
    line = module.source.line(node.start_point[0] + 1)
    return len(line) + len(f", {wanted.name}") <= line_length(model.project, module.source.path)


def _grown(module: Place, node: Node, wanted: Import, subject: str) -> Edit:
    names = node.children_by_field_name("name")
    after = next((one for one in names if _name_key(text_of(one)) > _name_key(wanted.name)), None)
    if _names_are_sorted(names) and after is not None:
        between = _separator(module, after)
        return replace(module.source, after.start_byte, after.start_byte, f"{wanted.name},{between}", subject)
    last = names[-1]
    between = _separator(module, last)
    return replace(module.source, last.end_byte, last.end_byte, f",{between}{wanted.name}", subject)


def _separator(module: Place, one: Node) -> str:
    """What stands after a comma: a space, or the line break and indentation of a list with one name a line."""
    line = module.source.utf8[module.source.utf8.rfind(b"\n", 0, one.start_byte) + 1 : one.start_byte].decode()
    if line and not line.strip():
        return f"\n{line}"
    return " "


def _names_are_sorted(names: list[Node]) -> bool:
    texts = [_name_key(text_of(one)) for one in names]
    return texts == sorted(texts)


def _name_key(name: str) -> tuple[int, str]:
    """Constants, classes, the rest: isort's order of names, and ruff's."""
    rank = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return rank, name


def _inserted(model: Model, module: Place, wanted: Import, statement: str, subject: str) -> Edit:
    block = _first_block(module.node)
    if not block:
        return _alone(module, statement, subject)
    section = _section(model, module.source.path, wanted)
    keyed = [(node, _key(model, module.source.path, node)) for node in block]
    key = (section, bool(wanted.name), _sort_key(wanted.module))
    kin = [(node, one) for node, one in keyed if one[0] == section]
    if kin:
        before = next((node for node, one in kin if one > key), None)
        if before is not None:
            return _before(module, before, f"{statement}\n", subject)
        return _after(module, kin[-1][0], f"{statement}\n", subject)
    following = next((node for node, one in keyed if one[0] > section), None)
    if following is not None:
        return _before(module, following, f"{statement}\n\n", subject)
    return _after(module, block[-1], f"\n{statement}\n", subject)


def _first_block(root: Node) -> list[Node]:
    """The imports at the beginning of a module, those from ``__future__`` left out, up to the first other statement."""
    found: list[Node] = []
    for number, child in enumerate(root.named_children):
        if child.type in ("import_statement", "import_from_statement"):
            found.append(child)
        elif child.type == "comment" or child.type == "future_import_statement" or _is_docstring(child, number, root):
            continue
        else:
            break
    return found


def _is_docstring(node: Node, number: int, root: Node) -> bool:
    if any(child.type != "comment" for child in root.named_children[:number]):
        return False
    return node.type == "expression_statement" and all(
        child.type in ("string", "concatenated_string") for child in node.named_children
    )


def _key(model: Model, path: str, node: Node) -> tuple[int, bool, str]:
    first = next(iter(_imports(node)), Import("", ""))
    return _section(model, path, first), node.type == "import_from_statement", _sort_key(first.module)


def _sort_key(module: str) -> str:
    return module.lower()


def _section(model: Model, path: str, one: Import) -> int:
    if one.module.startswith("."):
        return RELATIVE
    top = one.module.partition(".")[0]
    if model.evaluator.modules.find(one.module, path) is not None or model.evaluator.modules.find(top, path):
        return OWN
    return STANDARD if top in sys.stdlib_module_names else THIRD_PARTY


def _before(module: Place, node: Node, lines: str, subject: str) -> Edit:
    """Before a statement and the comments that stand right above it."""
    at = node
    while (
        at.prev_sibling is not None
        and at.prev_sibling.type == "comment"
        and at.prev_sibling.end_point[0] == at.start_point[0] - 1
        and _is_alone_on_line(module, at.prev_sibling)
        and (at.prev_sibling.start_point[0] > 0 or _is_about(at.prev_sibling, node))
    ):
        at = at.prev_sibling
    if at != node and (at.start_point[0] <= 1 or "coding" in text_of(at)) and not _is_about(at, node):
        at = node  # the head of the file
    return replace(module.source, at.start_byte, at.start_byte, lines, subject)


def _is_about(comment: Node, node: Node) -> bool:
    """Whether a comment at the head of a file speaks of the statement below, and not of the file."""
    words = re.findall(r"[a-z]{4,}", text_of(comment).lower())
    return comment.start_point[0] == node.start_point[0] - 1 and any(
        word in re.findall(r"[a-z]+", text_of(node).partition("=")[0].lower()) for word in words
    )


def _is_alone_on_line(module: Place, node: Node) -> bool:
    line = module.source.utf8[module.source.utf8.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
    return not line.strip()


def _after(module: Place, node: Node, lines: str, subject: str) -> Edit:
    """After the lines of a statement."""
    return _at_line_end(module, node.end_byte, lines, subject)


def _at_line_end(module: Place, offset: int, lines: str, subject: str) -> Edit:
    text = module.source.utf8
    end = text.find(b"\n", offset)
    if end < 0:
        return replace(module.source, len(text), len(text), "\n" + lines.removesuffix("\n"), subject)
    return replace(module.source, end + 1, end + 1, lines, subject)


def _alone(module: Place, statement: str, subject: str) -> Edit:
    """The first import of a module: after its docstring and ``__future__``, else before its first statement."""
    root = module.node
    head: Node | None = None
    for number, child in enumerate(root.named_children):
        if child.type == "future_import_statement" or _is_docstring(child, number, root):
            head = child
    if head is not None:
        following = head.next_named_sibling
        close = following is not None and following.start_point[0] == head.end_point[0] + 1
        return _at_line_end(module, head.end_byte, f"\n{statement}\n" + "\n" * close, subject)
    first = next((child for child in root.named_children if child.type != "comment"), None)
    if first is None:
        text = module.source.utf8
        lines = f"{statement}\n" if not text or text.endswith(b"\n") else f"\n{statement}"
        return replace(module.source, len(text), len(text), lines, subject)
    return _before(module, first, f"{statement}\n\n", subject)
