"""Python text to tree. Reads every Python from 2.7 on, whatever runs the linter, and goes on past syntax errors."""

from __future__ import annotations

import re

from celery_backend_lint.location import Location
from celery_backend_lint.syntax.grammars import parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from tree_sitter import Node as TreeSitterNode
    from tree_sitter import Tree

    from celery_backend_lint.project.source import SourceFile

    Node: TypeAlias = TreeSitterNode

LARGE = 256 * 1024
"""Bytes: up to this size no text was found that tree-sitter-python 0.25 parses for longer than two seconds."""

LONGEST = 3.0
"""Seconds of CPU that parsing a larger text may take. Hostile text of 2 MiB (``x=[x=[…``) takes twelve."""

MOST_STATEMENTS = 50_000
"""How many statements a file may have at its top level: reading what they bind takes a second."""

_TOO_DEEP = rb"\n[ \t\f]{400}"
"""Seven hundred levels of indentation crash tree-sitter-python 0.25; a level takes a character or more."""

_SMALLEST_TOO_DEEP = 80_000
"""Bytes that four hundred levels take at least."""


class PythonParser:
    """A parser that is made when the first file is parsed, and kept."""

    __slots__ = ("_parser",)

    def __init__(self) -> None:
        self._parser = parser("python")

    def parse(self, source: SourceFile) -> Node:
        """The module node of a file; of empty text when it cannot be read, or not in time (``source.problem``)."""
        if source.parsed is None:
            source.parsed = self._parsed(source)
        root: Node = source.parsed  # type: ignore[assignment]
        return root

    def _parsed(self, source: SourceFile) -> Node:
        text = source.utf8
        if len(text) > _SMALLEST_TOO_DEEP and re.search(_TOO_DEEP, text) is not None:
            source.give_up("is nested too deep")
        elif len(text) <= LARGE:
            return self._parser.parse(text).root_node
        else:
            tree = self._in_time(text)
            root = self._parser.parse(text, tree).root_node if tree is not None else None
            if root is not None and root.named_child_count <= MOST_STATEMENTS:
                return root
            source.give_up("takes too long to read" if root is None else f"has more than {MOST_STATEMENTS} statements")
        return self._parser.parse(b"").root_node

    def _in_time(self, text: bytes) -> Tree | None:
        """Parse against the clock; None when it takes too long.

        tree-sitter 0.26 takes a deadline only where the text comes in pieces, and a tree of such text does not know
        its bytes: the one that is used is made from it afterwards.
        """
        from time import process_time

        deadline = process_time() + LONGEST
        try:
            return self._parser.parse(
                lambda offset, _: text[offset : offset + LARGE],
                progress_callback=lambda *_: process_time() > deadline,  # True stops
            )
        except ValueError:  # "Parsing failed": the callback said stop
            self._parser.reset()
            return None


def text_of(node: Node) -> str:
    """The source text of a node."""
    text = node.text
    return text.decode("utf-8", "replace") if text else ""


FROM_MODULE = rb"from\b(?:[ \t]|\\\r?\n)*([\w.](?:[\w. \t]|\\\r?\n)*?)\bimport\b"
"""The beginning of ``from module import …`` in a text that is not parsed, for ``without_blanks`` to read."""


def module_name(node: Node) -> str:
    """The module that a node of an import statement names, as everybody writes it: ``.celery`` for ``. celery``."""
    return without_blanks(text_of(node))


def without_blanks(dotted: str) -> str:
    """A module's name without the blanks and line ends that Python allows on both sides of a dot."""
    return "".join(dotted.replace("\\", " ").split())


def location_of(source: SourceFile, node: Node) -> Location:
    """Where a node stands."""
    return Location(source.path, source.span(node.start_byte, node.end_byte))


def first_error(root: Node) -> Node | None:
    """The first error or missing node of a tree, or None when the text parses."""
    if not root.has_error:
        return None
    node = root
    while True:
        if node.type == "ERROR" or node.is_missing:
            return node
        for child in node.children:
            if child.has_error or child.is_missing:
                node = child
                break
        else:
            return node


EXTRAS = frozenset({"comment", "line_continuation"})
"""What may stand between any two parts of a node; a line ending after a backslash is a named node as well."""


def children_of(node: Node) -> list[Node]:
    """The parts of a node: its named children without comments and line endings."""
    return [child for child in node.named_children if child.type not in EXTRAS]


def nodes_in(node: Node) -> Iterator[Node]:
    """A node and every named node in it, in the order of the text."""
    left = [node]
    while left:
        one = left.pop()
        yield one
        left.extend(reversed(one.named_children))


def without_parentheses(node: Node) -> Node:
    """The expression inside any number of parentheses."""
    while node.type == "parenthesized_expression":
        inner = children_of(node)
        if len(inner) != 1:
            return node
        node = inner[0]
    return node


def string_prefix(node: Node) -> str:
    """The lower-case prefix letters of a ``string`` node: ``""``, ``"r"``, ``"b"``, ``"f"``, ``"rb"`` …"""
    start = node.children[0].text if node.children else b""
    return (start or b"").rstrip(b"\"'").decode("ascii", "replace").lower()


def string_value(node: Node) -> str | bytes | None:
    """The value of a ``string`` node without interpolations; None for an f-string that has some."""
    prefix = string_prefix(node)
    content = []
    for child in node.children[1:-1]:
        if child.type == "interpolation":
            return None
        content.append(child.text or b"")
    text = unescape(b"".join(content).decode("utf-8", "replace"), raw="r" in prefix, formatted="f" in prefix)
    if "b" in prefix:
        return text.encode("latin-1", "replace")
    return text


def unescape(text: str, *, raw: bool, formatted: bool) -> str:
    """What the text between the quotes means: escapes, doubled braces of f-strings, line endings."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\\" in text and not raw:
        try:
            text = text.encode("latin-1", "backslashreplace").decode("unicode-escape")
        except (UnicodeDecodeError, DeprecationWarning):  # ``"\777"`` warns; under ``-W error`` that is raised
            pass
    if formatted and ("{{" in text or "}}" in text):
        text = text.replace("{{", "{").replace("}}", "}")
    return text


def number_value(node: Node) -> int | float | complex | None:
    """The value of an ``integer`` or ``float`` node; None for what no Python reads."""
    text = text_of(node).replace("_", "").lower()
    try:
        if text.endswith("j"):
            return complex(text)
        if node.type == "integer":
            text = text.rstrip("l")
            if len(text) > 1 and text.startswith("0") and text.isdigit():
                return int(text, 8)
            return int(text, 0)
        return float(text)
    except ValueError:
        return None


def arguments_of(call: Node) -> Iterator[tuple[str, Node]]:
    """The arguments of a ``call`` in order: ``("", node)`` positional, ``("name", node)``, ``("*", node)``, ``("**",
    node)``.
    """
    arguments = call.child_by_field_name("arguments")
    if arguments is None:
        return
    if arguments.type == "generator_expression":
        yield "", arguments
        return
    for child in children_of(arguments):
        kind = child.type
        if kind == "keyword_argument":
            name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if name is not None and value is not None:
                yield text_of(name), value
        elif kind == "dictionary_splat":
            yield "**", children_of(child)[0]
        elif kind == "list_splat":
            yield "*", children_of(child)[0]
        else:
            yield "", child
