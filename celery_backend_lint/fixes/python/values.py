"""A value put in the place of another: an expression, or the text of a string literal."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.nodes import Place, place_of
from celery_backend_lint.fixes.python.style import escaped, is_formatted
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.grammars import parser
from celery_backend_lint.syntax.python import nodes_in, string_prefix, unescape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

_BINDS_TIGHTLY = frozenset(
    {
        "attribute", "call", "concatenated_string", "dictionary", "dictionary_comprehension", "ellipsis", "false",
        "float", "identifier", "integer", "list", "list_comprehension", "none", "parenthesized_expression", "set",
        "set_comprehension", "string", "subscript", "true", "tuple",
    }
)  # fmt: skip
"""Expressions that need no parentheses wherever they stand."""

_TAKES_ANYTHING = frozenset(
    {
        "argument_list", "assignment", "augmented_assignment", "default_parameter", "expression_list",
        "expression_statement", "keyword_argument", "list", "pair", "parenthesized_expression", "return_statement",
        "set", "tuple", "typed_default_parameter",
    }
)  # fmt: skip
"""What may hold any expression without parentheses."""


def replace_expression(model: Model, location: Location, code: str) -> Edit:
    """Put ``code``, an expression, in the place of the expression at a location, in parentheses where it needs them.

    Parentheses around the old expression that only held it go with it; the whole of it goes, whatever it was. Raises
    CannotFixError where no whole expression stands there, where it is a part of an f-string or of strings that stand
    side by side, and where a comment would be lost.
    """
    place = place_of(model, location)
    node = place.node
    _refuse_parts_of_text(place)
    outer = node
    while outer.parent is not None and outer.parent.type == "parenthesized_expression":
        if any(child.type == "comment" for child in outer.parent.children):
            break
        outer = outer.parent
    if outer != node and _is_spaced(outer):
        node = outer
    if any(one.type == "comment" for one in nodes_in(node)):
        raise CannotFixError(f"a comment stands inside the value in {place.where}")
    return replace(place.source, node.start_byte, node.end_byte, fitted(node, code))


def _refuse_parts_of_text(place: Place) -> None:
    parent = place.node.parent
    while parent is not None and not parent.type.endswith("_statement"):
        if parent.type == "interpolation":
            raise CannotFixError(f"the value is a part of an f-string in {place.where}")
        parent = parent.parent
    parent = place.node.parent
    if parent is not None and parent.type == "concatenated_string":
        raise CannotFixError(f"the value is one of several strings that stand side by side in {place.where}")


def _is_spaced(node: Node) -> bool:
    """Whether a parenthesis can go without joining words: not in ``not(x)`` or ``return(x)``."""
    parent = node.parent
    if parent is None:
        return False
    before = parent.text or b""
    at = node.start_byte - parent.start_byte
    return at == 0 or not before[at - 1 : at].isalnum()


def fitted(node: Node, code: str) -> str:
    """The code, in parentheses where it would not stay one expression in the place of a node."""
    parent = node.parent
    if parent is None or parent.type in _TAKES_ANYTHING:
        return code
    if parent.type == "subscript" and parent.child_by_field_name("value") != node:
        return code
    return code if expression_type(code) in _BINDS_TIGHTLY else f"({code})"


def expression_type(code: str) -> str:
    """The type of the node that ``code`` parses to; "" for what is no single expression."""
    root = parser("python").parse(code.encode()).root_node
    statement = root.named_children[0] if len(root.named_children) == 1 and not root.has_error else None
    if statement is None or statement.type != "expression_statement" or len(statement.named_children) != 1:
        return ""
    return statement.named_children[0].type


def replace_string(model: Model, location: Location, text: str) -> Edit:
    """Make a string literal hold another text, with its own prefix, quotes and escapes.

    What is the same at the start and at the end stays as it is written. Raises CannotFixError where no string literal
    stands at the location, where it is an f-string that puts something in, or one of strings that stand side by side.
    """
    place = place_of(model, location)
    node = place.node
    if node.type == "concatenated_string":
        raise CannotFixError(f"the text is written in several strings side by side in {place.where}")
    if node.type != "string":
        raise CannotFixError(f"the value in {place.where} is not written as text")
    if is_formatted(node):
        raise CannotFixError(f"the text is put together by an f-string in {place.where}")
    _refuse_parts_of_text(place)
    if "b" in string_prefix(node) and not text.isascii():
        raise CannotFixError(f"the text in {place.where} is bytes, which cannot hold it")
    return replace(place.source, node.start_byte, node.end_byte, with_text(node, text))


def with_text(node: Node, text: str) -> str:
    """The code of a ``string`` node without interpolations, with another text in it."""
    start, end = (node.children[0].text or b"").decode(), (node.children[-1].text or b"").decode()
    prefix = string_prefix(node)
    pieces = _pieces(node)
    first = last = 0
    at, until = 0, len(text)
    while first < len(pieces) and text.startswith(pieces[first][1], at):
        at += len(pieces[first][1])
        first += 1
    while last < len(pieces) - first and until - len(pieces[-1 - last][1]) >= at:
        if not text.endswith(pieces[-1 - last][1], at, until):
            break
        until -= len(pieces[-1 - last][1])
        last += 1
    kept = "".join(raw for raw, _ in pieces[:first]), "".join(raw for raw, _ in pieces[len(pieces) - last :])
    middle = text[at:until]
    if "r" in prefix:
        raw = kept[0] + middle + kept[1]
        if _can_be_raw(middle, raw, end):
            return f"{start}{raw}{end}"
        start = start.replace("r", "").replace("R", "")
        return f"{start}{_escaped_for(text, end, prefix)}{end}"
    return f"{start}{kept[0]}{_escaped_for(middle, end, prefix)}{kept[1]}{end}"


def _can_be_raw(middle: str, raw: str, end: str) -> bool:
    printable = all(character.isprintable() for character in middle)
    return printable and end[0] not in middle and not raw.endswith("\\")


def _escaped_for(text: str, end: str, prefix: str) -> str:
    code = escaped(text, end)
    return code.replace("{", "{{").replace("}", "}}") if "f" in prefix else code


def _pieces(node: Node) -> list[tuple[str, str]]:
    """What stands between the quotes, character by character: as written, and what it means."""
    prefix = string_prefix(node)
    found: list[tuple[str, str]] = []
    for child in node.children[1:-1]:
        data, at = child.text or b"", child.start_byte
        escapes = [one for one in child.children if one.type == "escape_sequence"] if "r" not in prefix else []
        done = 0
        for escape in escapes:
            found += _plain(data[done : escape.start_byte - at].decode(), prefix)
            written = (escape.text or b"").decode()
            found.append((written, unescape(written, raw=False, formatted=False)))
            done = escape.end_byte - at
        found += _plain(data[done:].decode(), prefix)
    return found


def _plain(text: str, prefix: str) -> list[tuple[str, str]]:
    if "f" not in prefix:
        return [(character, character) for character in text]
    found, at = [], 0
    while at < len(text):
        doubled = text[at : at + 2] in ("{{", "}}")
        found.append((text[at : at + 2], text[at]) if doubled else (text[at], text[at]))
        at += 2 if doubled else 1
    return found
