"""A setting taken away where it is written: the whole statement, or the keyword or entry with its comma."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Unknown, walk
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.nodes import Place, place_of, statement_of, statements
from celery_backend_lint.fixes.python.references import bound_in, is_same_scope, mentions, names_variable
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import children_of, nodes_in, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import Assignment
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node


def remove_setting(model: Model, assignment: Assignment) -> list[Edit]:
    """Take away an assignment of a setting, with the comment on its line; what stands above it stays, but for links
    to the setting's documentation.

    A block that would be empty gets a ``pass``; a call of ``update()`` with nothing else goes whole. Raises
    CannotFixError where something else uses what is assigned, where one statement assigns several names, and where
    working the value out may do something besides.
    """
    place = place_of(model, assignment.location)
    node, parent = place.node, place.node.parent
    if parent is None:
        raise CannotFixError(f"what stands in {place.where} is no setting by itself")
    _refuse_side_effects(place, assignment.value)
    if parent.type in ("keyword_argument", "pair"):
        return [without_entry(place, parent)]
    if parent.type == "assignment" and parent.child_by_field_name("left") == node:
        _refuse_readers(model, place, assignment.written)
        return [without_statement(place.source, _assigning(place, parent), assignment.written)]
    if parent.type in ("attribute", "subscript"):
        holder = parent.parent
        if holder is not None and holder.type == "assignment" and holder.child_by_field_name("left") == parent:
            return [without_statement(place.source, _assigning(place, holder), assignment.written)]
    if parent.type == "argument_list" and parent.parent is not None and parent.parent.parent is not None:
        called = parent.parent.child_by_field_name("function")
        if called is not None and called.text == b"setattr" and parent.parent.parent.type == "expression_statement":
            return [without_statement(place.source, parent.parent.parent)]
    raise CannotFixError(f"the setting in {place.where} is not written by itself")


def _assigning(place: Place, assignment: Node) -> Node:
    """The statement of a plain assignment to one name."""
    statement = statement_of(assignment)
    right = assignment.child_by_field_name("right")
    if statement.type != "expression_statement" or assignment.parent != statement:
        raise CannotFixError(f"one statement assigns several names in {place.where}")
    if right is None or right.type in ("assignment", "augmented_assignment"):
        raise CannotFixError(f"one statement assigns several names in {place.where}")
    return statement


_MAY_DO_SOMETHING = ("named_expression", "await", "yield")


def _refuse_side_effects(place: Place, value: Value) -> None:
    """Refuse a value that is made by code which may do more than that."""
    if any(isinstance(one, Unknown) for one in walk(value)):
        raise CannotFixError(f"the value in {place.where} is made by code that may do more than that")
    entry = place.node.parent
    if entry is None or entry.type not in ("keyword_argument", "pair"):
        entry = statement_of(place.node)
    if any(node.type in _MAY_DO_SOMETHING for node in nodes_in(entry)):
        raise CannotFixError(f"the value in {place.where} does something besides")


def _refuse_readers(model: Model, place: Place, name: str) -> None:
    """Refuse where other code uses the name that a module or class gives a value."""
    file = model.evaluator.modules.file(place.source.path)
    if file is None:
        return
    scope = bound_in(model, file, place.node, name)
    bindings = scope.bindings.get(name, [])
    if any(binding.kind not in ("assign", "annotate") for binding in bindings):
        raise CannotFixError(f"`{name}` is changed as well in `{place.source.path}`")
    targets = {binding.target.start_byte for binding in bindings}
    for mention in mentions(model, name):
        node = mention.node
        if mention.kind in ("keyword", "parameter") or (mention.kind == "text" and names_variable(node)):
            continue
        is_other = not is_same_scope(bound_in(model, mention.file, node, name), scope)
        if mention.kind == "name" and (is_other or node.start_byte in targets):
            continue
        raise CannotFixError(f"`{name}` is used in `{mention.file.path}` line {node.start_point[0] + 1}")


def refuse_test_use(model: Model, assignment: Assignment) -> None:
    """Refuse where test code has the class that a setting stands in: it may configure an app of its own with it."""
    place = place_of(model, assignment.location)
    around: Node | None = place.node
    while around is not None and around.type != "class_definition":
        around = around.parent
    named = around.child_by_field_name("name") if around is not None else None
    name = text_of(named) if named is not None else ""
    for mention in mentions(model, name):
        if is_test_path(mention.file.path) and not is_test_path(place.source.path):
            line = mention.node.start_point[0] + 1
            raise CannotFixError(f"`{mention.file.path}` line {line} uses `{name}`, which has it for tests")


def without_statement(source: SourceFile, statement: Node, setting: str = "") -> Edit:
    """A statement taken away, with the comment on its line; a block that would be empty gets a ``pass``.

    ``setting`` is the name that it assigns, where links to its documentation above it are to go as well. Raises
    CannotFixError where it shares its line in a way that this cannot be done.
    """
    text = source.utf8
    block = statement.parent
    others = statements(block) if block is not None else []
    if block is not None and block.type == "block" and len(others) == 1:
        return replace(source, statement.start_byte, statement.end_byte, "pass")
    start, end = statement.start_byte, statement.end_byte
    line = text.rfind(b"\n", 0, start) + 1
    if text[line:start].strip():
        return _after_semicolon(source, statement)
    following = statement.next_sibling
    if following is not None and following.type == ";":
        if following.next_sibling is not None and following.next_sibling.start_point[0] == statement.end_point[0]:
            return replace(source, start, following.next_sibling.start_byte, "")
        end = following.end_byte
    stop = text.find(b"\n", end)
    stop = len(text) if stop < 0 else stop + 1
    return replace(source, _with_blank_lines(text, _links_above(text, line, setting), stop), stop, "")


def _links_above(text: bytes, line: int, setting: str) -> int:
    """The start of the comments above a line that are nothing but links, up to one that names the setting's own place
    in Celery's documentation, as cookiecutter-django writes them; the line itself where there is none.
    """
    start = line
    while start and setting:
        start = text.rfind(b"\n", 0, start - 1) + 1
        link = re.match(rb"[ \t]*#[ \t]*https?://[^\s#]+(?:#(\S+))?[ \t\r]*\n", text[start:])
        if link is None:
            break
        if link[1]:
            name = re.sub("^std.setting.", "", link[1].decode("utf-8", "replace").lower().replace("-", "_"))
            return start if f"_{setting.lower()}".endswith(f"_{name}") else line
    return line


def _after_semicolon(source: SourceFile, statement: Node) -> Edit:
    """The second of two statements on one line goes with the semicolon before it."""
    before = statement.prev_sibling
    if before is None or before.type != ";" or before.prev_sibling is None:
        block = statement.parent
        if block is not None and statements(block)[0] == statement:  # ``if x: a = 1; b = 2``
            following = statement.next_sibling
            if following is not None and following.next_sibling is not None:
                return replace(source, statement.start_byte, following.next_sibling.start_byte, "")
        raise CannotFixError(f"the setting in `{source.path}` line {statement.start_point[0] + 1} shares its line")
    return replace(source, before.prev_sibling.end_byte, statement.end_byte, "")


def _with_blank_lines(text: bytes, start: int, end: int) -> int:
    """The start of what goes: with the blank lines before it where blank lines or nothing follow."""
    rest = text[end:].lstrip(b" \t\r")
    if rest and not rest.startswith(b"\n"):
        return start
    while start:
        before = text.rfind(b"\n", 0, start - 1) + 1
        if text[before:start].strip():
            break
        start = before
    return start


def without_entry(place: Place, entry: Node) -> Edit:
    """A keyword argument, dict entry or item taken out of its list, with its comma and the comment on its line."""
    source, text = place.source, place.source.utf8
    holder = entry.parent
    if holder is None or holder.type not in ("argument_list", "dictionary", "list", "tuple", "set", "expression_list"):
        raise CannotFixError(f"the setting in {place.where} is not written by itself")
    entries = children_of(holder)
    if len(entries) == 1:
        whole = _call_for_nothing_else(holder)
        if whole is not None:
            return without_statement(source, whole)
    comma = entry.next_sibling
    while comma is not None and comma.type == "comment":
        comma = comma.next_sibling
    comma = comma if comma is not None and comma.type == "," else None
    start, end = entry.start_byte, comma.end_byte if comma is not None else entry.end_byte
    line = text.rfind(b"\n", 0, start) + 1
    stop = text.find(b"\n", end)
    stop = len(text) if stop < 0 else stop
    alone_before, rest = not text[line:start].strip(), text[end:stop].strip()
    if alone_before and (not rest or rest.startswith(b"#")) and _has_nothing_between(entry, comma):
        return replace(source, line, min(stop + 1, len(text)), "")
    number = entries.index(entry)
    if number + 1 < len(entries):  # up to the next one
        until = entries[number + 1].start_byte
        return replace(source, start, until if not text[end:until].strip() else _next_start(text, end), "")
    before = entry.prev_sibling
    if before is not None and before.type == "," and _has_nothing_between(entry, comma):
        # the comma before it goes, the one after it stays where it was
        return replace(source, before.start_byte, entry.end_byte, "")
    return replace(source, start, end, "")


def _has_nothing_between(entry: Node, comma: Node | None) -> bool:
    return comma is None or entry.next_sibling == comma


def _next_start(text: bytes, offset: int) -> int:
    """Past the blanks after a comma, not past a line end or a comment."""
    while text[offset : offset + 1] in (b" ", b"\t"):
        offset += 1
    return offset


def _call_for_nothing_else(holder: Node) -> Node | None:
    """The statement of ``app.conf.update(one=1)``, ``update({…})`` or ``update(**{…})`` with nothing else in it."""
    node = holder
    if node.type == "dictionary" and node.parent is not None:
        outer = node.parent
        if outer.type == "dictionary_splat" and outer.parent is not None:
            outer = outer.parent
        if outer.type != "argument_list" or len(children_of(outer)) > 1:
            return None
        node = outer
    call = node.parent
    function = call.child_by_field_name("function") if call is not None and call.type == "call" else None
    statement = call.parent if call is not None else None
    if function is None or statement is None or statement.type != "expression_statement":
        return None
    named = function.child_by_field_name("attribute") if function.type == "attribute" else None
    if named is None or named.text not in (b"update", b"add_defaults"):
        return None
    return None if any(child.type == "comment" for child in nodes_in(statement)) else statement
