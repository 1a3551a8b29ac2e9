"""TOML with exact positions: plain Python values, each with the bytes it stands in.

tree-sitter gives the positions and goes on past errors; whether a file is valid TOML, and where it is not, is asked of
``tomllib``, and only where something looks wrong.
"""

from __future__ import annotations

import re

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from tree_sitter import Node

    Value: TypeAlias = "str | int | float | bool | list[TomlNode] | dict[str, TomlNode] | None"


@record
class TomlNode:
    """A value and where it stands: byte offsets of the value and of its key.

    ``value`` is a str, int, float or bool, a list or dict of nodes, or None for a date or time. A table's range is its
    first header's. ``key_start`` is -1 where a value has no key (array items, the document).
    """

    value: Value
    start: int
    end: int
    key_start: int = -1
    key_end: int = -1

    def get(self, *keys: str) -> TomlNode | None:
        """The node under ``keys``, one table after the other; None when there is none."""
        node: TomlNode | None = self
        for key in keys:
            if node is None or not isinstance(node.value, dict):
                return None
            node = node.value.get(key)
        return node

    def items(self) -> list[tuple[str, TomlNode]]:
        """The pairs of a table in the order of the file; empty for any other value."""
        return list(self.value.items()) if isinstance(self.value, dict) else []

    def elements(self) -> list[TomlNode]:
        """The items of an array; empty for any other value."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str | None:
        """The value when it is a string, else None."""
        return self.value if isinstance(self.value, str) else None


@record
class TomlProblem:
    """Why a file is not TOML: a message without any of its text, line and column from 1."""

    message: str
    line: int
    column: int


@record
class TomlDocument:
    """What was read. With a ``problem`` the rest may still be of use, but is not the whole."""

    root: TomlNode
    problem: TomlProblem | None = None


def parse(utf8: bytes, only: tuple[tuple[str, ...], ...] = ()) -> TomlDocument:
    """Read TOML. ``utf8`` is the file's text without BOM.

    ``only`` are the beginnings of the table names that are wanted, such as ``("tool", "poetry")``; the others are
    parsed, but not turned into Python values, which is where the time goes. Without it, all are. Nothing is raised.
    """
    from celery_backend_lint.syntax.grammars import parser

    tree = parser("toml").parse(utf8).root_node
    builder = _Builder(utf8, only)
    root = TomlNode({}, 0, len(utf8))
    builder.document(tree, root)
    problem = first_problem(utf8) if tree.has_error or builder.suspicious else None
    return TomlDocument(root, problem)


def first_problem(utf8: bytes) -> TomlProblem | None:
    """What ``tomllib`` says of a text, or None when it is valid TOML."""
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tomllib.loads(utf8.decode("utf-8", "replace"))
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", message)
        line, column = (int(found[1]), int(found[2])) if found and found[1] else (max(1, len(utf8.splitlines())), 1)
        message = re.sub(r"\s*\(at .*\)$", "", message)
        # Keys are named by some messages; values never are, for they may be secrets.
        return TomlProblem(f"not valid TOML: {message[:1].lower()}{message[1:]}", line, column)
    except RecursionError:
        return TomlProblem("not readable as TOML: nested too deep", 1, 1)
    return None


_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\", "e": "\x1b"}
_ESCAPE = r"\\(?:([btnfre\"\\])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|[ \t]*\r?\n[ \t\r\n]*)"
_DEPTH = 100


class _Builder:
    """Turns a tree into values; ``suspicious`` when a key is defined twice, which the grammar does not see."""

    __slots__ = ("only", "suspicious", "utf8")

    def __init__(self, utf8: bytes, only: tuple[tuple[str, ...], ...]) -> None:
        self.utf8 = utf8
        self.only = only
        self.suspicious = False

    def document(self, tree: Node, root: TomlNode) -> None:
        seen: set[tuple[str, ...]] = set()
        arrays: set[tuple[str, ...]] = set()
        for child in tree.named_children:
            if child.type == "pair":
                self.pair(child, root, 0)
            elif child.type in ("table", "table_array_element"):
                parts = child.named_children
                if not parts or parts[0].type not in ("bare_key", "quoted_key", "dotted_key"):
                    self.suspicious = True
                    continue
                keys = self.keys(parts[0])
                array = child.type == "table_array_element"
                if keys in seen or (not array and keys in arrays):
                    self.suspicious = True
                (arrays if array else seen).add(keys)
                if array:  # what lies below belongs to the new element
                    seen = {one for one in seen if one[: len(keys)] != keys}
                if not self.wanted(keys):
                    continue
                table = self.table(root, keys, parts[0], array)
                if table is None:
                    self.suspicious = True
                    continue
                for pair in parts[1:]:
                    if pair.type == "pair":
                        self.pair(pair, table, 0)

    def wanted(self, keys: tuple[str, ...]) -> bool:
        return not self.only or any(
            keys[: len(prefix)] == prefix or prefix[: len(keys)] == keys for prefix in self.only
        )

    def table(self, root: TomlNode, keys: tuple[str, ...], header: Node, array: bool) -> TomlNode | None:
        node = root
        for key in keys[:-1]:
            inner = self.enter(node, key, header)
            if inner is None:
                return None
            node = inner
        if not array:
            return self.enter(node, keys[-1], header)
        inside = node.value
        if not isinstance(inside, dict):
            return None
        holder = inside.setdefault(keys[-1], TomlNode([], *header.byte_range, *header.byte_range))
        if not isinstance(holder.value, list):
            return None
        made = TomlNode({}, *header.byte_range)
        holder.value.append(made)
        return made

    def enter(self, node: TomlNode, key: str, at: Node) -> TomlNode | None:
        inside = node.value
        if not isinstance(inside, dict):
            return None
        found = inside.setdefault(key, TomlNode({}, *at.byte_range, *at.byte_range))
        if isinstance(found.value, list) and found.value:
            found = found.value[-1]
        return found if isinstance(found.value, dict) else None

    def pair(self, pair: Node, table: TomlNode, depth: int) -> None:
        parts = [part for part in pair.named_children if part.type != "comment"]
        if len(parts) < 2 or pair.has_error:
            self.suspicious = True
            if len(parts) < 2:
                return
        key, value = parts[0], parts[1]
        node = table
        keys = self.keys(key)
        for name in keys[:-1]:
            inner = self.enter(node, name, key)
            if inner is None:
                self.suspicious = True
                return
            node = inner
        if not isinstance(node.value, dict) or not keys:
            return
        if keys[-1] in node.value:
            self.suspicious = True
        node.value[keys[-1]] = self.value(value, depth, *key.byte_range)

    def value(self, node: Node, depth: int, key_start: int = -1, key_end: int = -1) -> TomlNode:
        start, end = node.byte_range
        kind = node.type
        made: Value = None
        if kind == "string":
            made = self.string(start, end)
        elif depth > _DEPTH:
            self.suspicious = True
        elif kind == "array":
            made = [
                self.value(item, depth + 1) for item in node.named_children if item.type not in ("comment", "ERROR")
            ]
        elif kind == "inline_table":
            table = TomlNode({}, start, end, key_start, key_end)
            for pair in node.named_children:
                if pair.type == "pair":
                    self.pair(pair, table, depth + 1)
            return table
        elif kind == "boolean":
            made = self.utf8[start:end] == b"true"
        elif kind in ("integer", "float"):
            made = _number(self.utf8[start:end].decode("utf-8", "replace"), kind)
        return TomlNode(made, start, end, key_start, key_end)

    def keys(self, node: Node) -> tuple[str, ...]:
        if node.type == "dotted_key":
            names: tuple[str, ...] = ()
            while node.type == "dotted_key":  # nested to the left; a loop, for a hostile file nests deep
                parts = node.named_children
                names = (*(self.key(part) for part in parts[1:]), *names)
                node = parts[0]
            return (self.key(node), *names)
        return (self.key(node),)

    def key(self, node: Node) -> str:
        start, end = node.byte_range
        if node.type == "quoted_key":
            return self.string(start, end)
        return self.utf8[start:end].decode("utf-8", "replace")

    def string(self, start: int, end: int) -> str:
        text = self.utf8[start:end].decode("utf-8", "replace")
        quotes = 3 if text[:3] in ('"""', "'''") and len(text) >= 6 else 1
        inner = text[quotes:-quotes]
        if quotes == 3:
            inner = inner[2:] if inner.startswith("\r\n") else inner.removeprefix("\n")
        if text[:1] == '"' and "\\" in inner:
            inner = re.sub(_ESCAPE, _unescape, inner)
        return inner


def _unescape(found: re.Match[str]) -> str:
    if found[1]:
        return _ESCAPES[found[1]]
    digits = found[2] or found[3] or found[4]
    if not digits:
        return ""
    code = int(digits, 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"


def _number(text: str, kind: str) -> int | float | None:
    text = text.replace("_", "")
    try:
        return int(text, 0) if kind == "integer" else float(text)
    except ValueError:
        return None
