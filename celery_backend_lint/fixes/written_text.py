"""A text as a source writes it, character by character: an edit of the text becomes an edit of the source.

Literals, literals side by side, f-strings, ``+``, and the templates of ``%`` and ``str.format`` are read. What an
interpolation, a field or another expression gives is a gap: it stands for any text, and nothing in it can be changed.
"""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.nodes import place_of
from celery_backend_lint.fixes.python.style import escaped, is_formatted, string_code
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import string_prefix, text_of, unescape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node

GAP = "\ue000"
"""Stands for the text of a gap: ``model.urls.UNKNOWN``, a character that no source has."""

_FIELD = {
    "%": r"%%|%(?:\([^)]*\))?[-+ #0]*\d*(?:\.\d*)?[hlL]?[a-zA-Z]",
    "format": r"\{\{|\}\}|\{[^{}]*\}",
}
"""What is no plain text in a template."""


@record
class Character:
    """A character of a text: what it means, the bytes that write it, the ``string`` node that holds them (None for an
    expression between strings) and the kind of template, ``""``, ``"%"`` or ``"format"``.
    """

    meaning: str
    start: int
    end: int
    string: Node | None
    template: str

    @property
    def is_gap(self) -> bool:
        """Whether this is a part whose text is not written here."""
        return self.meaning == GAP


@record
class WrittenText:
    """A text with the file and the expression that write it; the repr hides it, for it may hold a credential."""

    source: SourceFile
    node: Node
    characters: tuple[Character, ...]

    @property
    def text(self) -> str:
        """The text, ``GAP`` for each gap."""
        return "".join(one.meaning for one in self.characters)

    @property
    def is_whole(self) -> bool:
        """Whether all of the text is written here."""
        return GAP not in self.text

    def __repr__(self) -> str:
        return f"WrittenText({self.source.path!r}, {len(self.characters)} characters)"


def written_text(model: Model, location: Location) -> WrittenText:
    """The text that the expression at a location writes. Raises CannotFixError where it does not write any."""
    place = place_of(model, location)
    characters = tuple(_characters(place.node, ""))
    if all(one.is_gap for one in characters):
        raise CannotFixError(f"the text in {place.where} is made by code")
    return WrittenText(place.source, place.node, characters)


def _characters(node: Node, template: str) -> Iterator[Character]:
    if node.type == "string":
        yield from _of_string(node, template)
    elif node.type in ("concatenated_string", "parenthesized_expression"):
        for child in node.named_children:
            if child.type != "comment":
                yield from _characters(child, template)
    elif node.type == "binary_operator" and (sides := _operands(node)) is not None:
        left, operator, right = sides
        if operator == "+":
            yield from _characters(left, template)
            yield from _characters(right, template)
        elif operator == "%" and _is_text(left):
            yield from _characters(left, "%")
        else:
            yield Character(GAP, node.start_byte, node.end_byte, None, template)
    elif node.type == "call" and (formatted := _formatted(node)) is not None:
        yield from _characters(formatted, "format")
    else:
        yield Character(GAP, node.start_byte, node.end_byte, None, template)


def _operands(node: Node) -> tuple[Node, str, Node] | None:
    left, operator, right = (node.child_by_field_name(name) for name in ("left", "operator", "right"))
    return (left, text_of(operator), right) if left is not None and operator is not None and right is not None else None


def _is_text(node: Node) -> bool:
    if node.type == "parenthesized_expression":
        return len(node.named_children) == 1 and _is_text(node.named_children[0])
    return node.type in ("string", "concatenated_string")


def _formatted(node: Node) -> Node | None:
    """The template of ``"…".format(…)``."""
    function = node.child_by_field_name("function")
    if function is None or function.type != "attribute":
        return None
    template, name = function.child_by_field_name("object"), function.child_by_field_name("attribute")
    if template is None or name is None or text_of(name) != "format" or not _is_text(template):
        return None
    return template


def _of_string(node: Node, template: str) -> Iterator[Character]:
    """The characters of a ``string`` node; bytes are taken as text."""
    raw = [*_raw(node)]
    if not template:
        for meaning, start, end in raw:
            yield Character(meaning, start, end, node, "")
        return
    text = "".join(meaning for meaning, _, _ in raw)
    at = 0
    for field in re.finditer(_FIELD[template], text):
        for meaning, start, end in raw[at : field.start()]:
            yield Character(meaning, start, end, node, template)
        doubled = field[0] in ("%%", "{{", "}}")
        at = field.end()
        meaning = field[0][0] if doubled else GAP
        yield Character(meaning, raw[field.start()][1], raw[at - 1][2], node, template)
    for meaning, start, end in raw[at:]:
        yield Character(meaning, start, end, node, template)


def _raw(node: Node) -> Iterator[tuple[str, int, int]]:
    """What stands between the quotes: the meaning of each piece and its bytes."""
    prefix = string_prefix(node)
    for child in node.children[1:-1]:
        if child.type == "interpolation":
            yield GAP, child.start_byte, child.end_byte
            continue
        data, done = child.text or b"", child.start_byte
        escapes = [one for one in child.children if one.type == "escape_sequence"] if "r" not in prefix else []
        for escape in escapes:
            yield from _plain(data[done - child.start_byte : escape.start_byte - child.start_byte], done, prefix)
            meaning = unescape(text_of(escape), raw=False, formatted=False)
            yield meaning, escape.start_byte, escape.end_byte
            done = escape.end_byte
        yield from _plain(data[done - child.start_byte :], done, prefix)


def _plain(data: bytes, start: int, prefix: str) -> Iterator[tuple[str, int, int]]:
    text = data.decode("utf-8", "replace")
    at = 0
    while at < len(text):
        length = 2 if "f" in prefix and text[at : at + 2] in ("{{", "}}") else 1
        size = len(text[at : at + length].encode())
        yield text[at], start, start + size
        start += size
        at += length


def rewritten(model: Model, location: Location, before: str, after: str) -> Edit:
    """Make the text that the expression at a location writes another one, by the smallest edit of its source.

    ``before`` is what the text is known to be now, ``after`` what it is to be; both may hold text that a gap gives.
    Raises CannotFixError where what changes is not written in one literal.
    """
    written = written_text(model, location)
    span = changed(before, after)
    places = aligned(written, before)
    if places is None:
        raise CannotFixError(f"the text in `{location.path}` line {location.line} is put together by code")
    start, end, content = span
    inside = start > 0 and places[start - 1] == places[start] and written.characters[places[start]].is_gap
    if inside or (start < end and places[start] == places[end]):
        raise CannotFixError(
            f"what has to change is not written in one literal in `{location.path}` line {location.line}"
        )
    return replaced(written, places[start], places[end], content)


def changed(before: str, after: str) -> tuple[int, int, str]:
    """The range of ``before`` that differs, and what ``after`` has in its place: as little as can be."""
    first = 0
    while first < min(len(before), len(after)) and before[first] == after[first]:
        first += 1
    last = 0
    while last < min(len(before), len(after)) - first and before[-1 - last] == after[-1 - last]:
        last += 1
    return first, len(before) - last, after[first : len(after) - last]


def aligned(written: WrittenText, text: str) -> list[int] | None:
    """For each position in ``text``, and its end, the number of the character in ``written`` that stands there.

    None where the two do not fit, or fit in more than one way.
    """
    found = [_fit(written.characters, text, lazy) for lazy in ("?", "")]
    return found[0] if found[0] == found[1] else None


def _fit(characters: tuple[Character, ...], text: str, lazy: str) -> list[int] | None:
    pattern = "".join(f"(.*{lazy})" if one.is_gap else re.escape(one.meaning) for one in characters)
    match = re.fullmatch(pattern, text, re.DOTALL)
    if match is None:
        return None
    places: list[int] = []
    groups = 0
    for number, one in enumerate(characters):
        length = len(one.meaning)
        if one.is_gap:
            groups += 1
            length = len(match[groups])
        places += [number] * length
    return [*places, len(characters)]


def replaced(written: WrittenText, start: int, end: int, content: str) -> Edit:
    """Replace the characters from number ``start`` to ``end`` by a text, escaped as the literal there needs it.

    Raises CannotFixError where they are not plain characters of one literal.
    """
    characters = written.characters
    where = f"`{written.source.path}` line {written.node.start_point[0] + 1}"
    old = characters[start:end]
    if any(one.is_gap for one in old) or len({one.string.id for one in old if one.string is not None}) > 1:
        raise CannotFixError(f"what has to change is not written in one literal in {where}")
    if old:
        holder, first, last = old[0], old[0].start, old[-1].end
    elif start and characters[start - 1].string is not None:
        holder = characters[start - 1]
        first = last = holder.end
    elif start < len(characters) and characters[start].string is not None:
        holder = characters[start]
        first = last = holder.start
    elif start == len(characters) and _can_grow(written.node):
        return replace(written.source, written.node.end_byte, written.node.end_byte, f" + {string_code(content)}")
    else:
        raise CannotFixError(f"what has to change is not written in one literal in {where}")
    return replace(written.source, first, last, _code(content, holder, where))


def _can_grow(node: Node) -> bool:
    """Whether ``+`` and another text can be put behind an expression."""
    sides = _operands(node) if node.type == "binary_operator" else None
    return sides is not None and sides[1] == "+"


def _code(content: str, holder: Character, where: str) -> str:
    """A text as it stands in the literal of a character."""
    string = holder.string
    if string is None:
        raise CannotFixError(f"what has to change is not written in one literal in {where}")
    prefix, quotes = string_prefix(string), text_of(string.children[-1])
    if holder.template == "%":
        content = content.replace("%", "%%")
    elif holder.template == "format":
        content = content.replace("{", "{{").replace("}", "}}")
    if "r" in prefix or "b" in prefix:
        if any(character in quotes or character == "\\" or not 32 <= ord(character) < 127 for character in content):
            raise CannotFixError(f"the literal in {where} cannot hold what has to stand there")
        code = content
    else:
        code = escaped(content, quotes)
    return code.replace("{", "{{").replace("}", "}}") if is_formatted(string) or "f" in prefix else code
