"""YAML with exact positions: mappings, sequences and scalars, each with the bytes it stands in.

Scalars keep their text, as the schema that gives it a type is the reader's business. Anchors, aliases and merge keys
(``<<``) are followed.
"""

from __future__ import annotations

import re

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from tree_sitter import Node

    Value: TypeAlias = "str | list[YamlNode] | dict[str, YamlNode] | None"


@record
class YamlNode:
    """A value and where it stands: byte offsets of the value and of its key (-1 without one).

    ``value`` is a str (any scalar), None (an empty one, ``~`` or ``null``), a list, or a dict. ``quoted`` tells
    ``"null"`` from ``null``. What an alias names stands where the anchor is; ``key_start`` is of the alias's own key.
    """

    value: Value
    start: int
    end: int
    key_start: int = -1
    key_end: int = -1
    quoted: bool = False

    def get(self, *keys: str) -> YamlNode | None:
        """The node under ``keys``, one mapping after the other; None when there is none."""
        node: YamlNode | None = self
        for key in keys:
            if node is None or not isinstance(node.value, dict):
                return None
            node = node.value.get(key)
        return node

    def items(self) -> list[tuple[str, YamlNode]]:
        """The pairs of a mapping in the order of the file; empty for any other value."""
        return list(self.value.items()) if isinstance(self.value, dict) else []

    def elements(self) -> list[YamlNode]:
        """The items of a sequence; empty for any other value."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str | None:
        """The value when it is a scalar that is not null, else None."""
        return self.value if isinstance(self.value, str) else None

    def text_at(self, *keys: str) -> str | None:
        """The ``text`` of the node under ``keys``; None when there is none."""
        node = self.get(*keys)
        return node.text if node is not None else None

    def elements_at(self, *keys: str) -> list[YamlNode]:
        """The ``elements`` of the node under ``keys``; empty when there is none."""
        node = self.get(*keys)
        return node.elements() if node is not None else []


@record
class YamlDocuments:
    """The documents of a file; ``problem_at`` is the byte offset of the first thing that is no YAML, or None."""

    documents: tuple[YamlNode, ...]
    problem_at: int | None = None


def parse(utf8: bytes) -> YamlDocuments:
    """Read a YAML file of any number of documents. ``utf8`` is its text without BOM. Nothing is raised."""
    from celery_backend_lint.syntax.grammars import parser

    if re.search(rb"(?:^|[\r\n])[ \t?:-]{%d}" % _INDENT, utf8):
        deep = _too_deep(utf8)
        if deep is not None:
            return YamlDocuments((), deep)
    tree = parser("yaml").parse(utf8).root_node
    documents = tuple(_Builder(utf8).document(child) for child in tree.named_children if child.type == "document")
    return YamlDocuments(documents, _first_error(tree) if tree.has_error else None)


MOST_MENDED = 16 * 1024
"""Bytes: larger files are not mended."""

_MOST_LINES = 5
"""Lines that are blanked to mend a file."""


def parse_leniently(utf8: bytes) -> YamlDocuments:
    """Read YAML of which some lines may be none: these are left out, the rest keeps its place. Nothing is raised.

    One line that the grammar refuses can cost the whole file otherwise. ``problem_at`` is that of the first such line.
    """
    found = parse(utf8)
    if found.problem_at is None or len(utf8) > MOST_MENDED or _too_deep(utf8) is not None:
        return found
    from celery_backend_lint.syntax.grammars import parser

    yaml = parser("yaml")
    lines = utf8.splitlines(keepends=True)
    at = -1
    for _ in range(_MOST_LINES):
        low, high = 0, len(lines)
        while low < high:  # the first line with which the text is no YAML any more
            middle = (low + high) // 2
            if yaml.parse(b"".join(lines[: middle + 1])).root_node.has_error:
                high = middle
            else:
                low = middle + 1
        if low == len(lines):
            break
        at = sum(len(line) for line in lines[:low]) if at < 0 else at
        lines[low] = re.sub(rb"[^\r\n]", b" ", lines[low])
    mended = parse(b"".join(lines))
    return YamlDocuments(mended.documents, at if at >= 0 else found.problem_at)


def _too_deep(utf8: bytes) -> int | None:
    """Where blocks nest deeper than the grammar can take, or None.

    tree-sitter-yaml 0.7.2 writes its stack of indentations into a buffer of 1,024 bytes without looking at the end:
    from some 250 levels on the process dies. A column holds two levels at most (a mapping and a sequence in it).
    """
    columns: list[int] = []
    for found in re.finditer(rb"(?:^|(?<=[\r\n]))([ \t?:-]*)[^\r\n]?", utf8):
        prefix = found[1]
        for column in [at for at, byte in enumerate(prefix) if byte in b"?:-"] + [len(prefix)]:
            while columns and columns[-1] >= column:
                columns.pop()
            columns.append(column)
            if len(columns) > _INDENT:
                return found.start()
    return None


def _first_error(tree: Node) -> int:
    node = tree
    while node.type != "ERROR" and not node.is_missing:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    return node.start_byte


_DEPTH = 100
_INDENT = 100
_SCALARS = ("plain_scalar", "double_quote_scalar", "single_quote_scalar", "block_scalar")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|[ \t]*\r?\n[ \t]*|(.))", re.DOTALL)
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


class _Builder:
    """Turns one document's tree into values; anchors are the document's own."""

    __slots__ = ("anchors", "utf8")

    def __init__(self, utf8: bytes) -> None:
        self.utf8 = utf8
        self.anchors: dict[str, YamlNode] = {}

    def document(self, node: Node) -> YamlNode:
        for child in node.named_children:
            if child.type in ("block_node", "flow_node"):
                return self.node(child, 0)
        return YamlNode(None, *node.byte_range)

    def node(self, node: Node, depth: int, key_start: int = -1, key_end: int = -1) -> YamlNode:
        anchor = ""
        made = YamlNode(None, *node.byte_range, key_start, key_end)
        if depth > _DEPTH:
            return made
        for child in node.named_children:
            kind = child.type
            if kind == "anchor":
                anchor = self.raw(child)[1:]
            elif kind == "alias":
                known = self.anchors.get(self.raw(child)[1:])
                if known is not None:
                    made = YamlNode(known.value, known.start, known.end, key_start, key_end, known.quoted)
            elif kind in _SCALARS:
                text, quoted = self.scalar(child)
                empty = not quoted and text in ("", "~", "null", "Null", "NULL")
                made = YamlNode(None if empty else text, *child.byte_range, key_start, key_end, quoted)
            elif kind in ("block_mapping", "flow_mapping"):
                made = YamlNode(self.mapping(child.named_children, depth), *child.byte_range, key_start, key_end)
            elif kind in ("block_sequence", "flow_sequence"):
                made = YamlNode(self.sequence(child, depth), *child.byte_range, key_start, key_end)
        if anchor:
            self.anchors[anchor] = made
        return made

    def mapping(self, pairs: list[Node], depth: int) -> dict[str, YamlNode]:
        made: dict[str, YamlNode] = {}
        merged: list[YamlNode] = []
        for pair in pairs:
            if pair.type not in ("block_mapping_pair", "flow_pair"):
                continue
            key = pair.child_by_field_name("key")
            value = pair.child_by_field_name("value")
            if key is None:
                continue
            name = self.node(key, depth + 1)
            label = name.text if name.text is not None else self.raw(key)
            if value is None:
                made[label] = YamlNode(None, key.end_byte, key.end_byte, *key.byte_range)
            elif label == "<<":
                merged.append(self.node(value, depth + 1))
            else:
                made[label] = self.node(value, depth + 1, *key.byte_range)
        for one in merged:
            for source in one.elements() if isinstance(one.value, list) else [one]:
                for label, inherited in source.items():
                    made.setdefault(label, inherited)
        return made

    def sequence(self, node: Node, depth: int) -> list[YamlNode]:
        made: list[YamlNode] = []
        for item in node.named_children:
            if item.type == "block_sequence_item":
                inner = next((part for part in item.named_children if part.type.endswith("_node")), None)
                made.append(YamlNode(None, *item.byte_range) if inner is None else self.node(inner, depth + 1))
            elif item.type == "flow_node":
                made.append(self.node(item, depth + 1))
            elif item.type == "flow_pair":
                made.append(YamlNode(self.mapping([item], depth + 1), *item.byte_range))
        return made

    def raw(self, node: Node) -> str:
        return self.utf8[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def scalar(self, node: Node) -> tuple[str, bool]:
        text = self.raw(node)
        if node.type == "plain_scalar":
            return (_folded(text) if "\n" in text else text), False
        if node.type == "single_quote_scalar":
            inner = text[1:-1]
            return (_folded(inner) if "\n" in inner else inner).replace("''", "'"), True
        if node.type == "double_quote_scalar":
            inner = text[1:-1]
            if "\\" in inner:
                inner = _ESCAPE.sub(_unescape, inner)
            return (_folded(inner) if "\n" in text else inner), True
        return _block(text), True


def _folded(text: str) -> str:
    """Fold a flow scalar's line breaks: one becomes a space, n become n - 1."""
    return re.sub(
        r"[ \t]*\r?\n((?:[ \t]*\r?\n)*)[ \t]*", lambda found: "\n" * found[1].count("\n") if found[1] else " ", text
    )


def _block(text: str) -> str:
    """The text of a literal (``|``) or folded (``>``) scalar."""
    header, _, body = text.partition("\n")
    lines = body.splitlines()
    insets = [len(line) - len(line.lstrip(" ")) for line in lines if line.strip()]
    inset = min(insets, default=0)
    inner = [line[inset:] for line in lines]
    joined = "\n".join(inner).rstrip("\n")
    if header.startswith(">"):
        joined = re.sub(r"(?<=[^\n])\n(?=[^\s])", " ", joined)
        joined = re.sub(r"\n\n", "\n", joined)
    return joined if "-" in header.split("#", 1)[0] else joined + "\n"


def _unescape(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        code = int(digits, 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return _ESCAPES.get(found[4], found[4]) if found[4] else ""
