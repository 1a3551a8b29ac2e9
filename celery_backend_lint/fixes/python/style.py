"""The manner of a Python file: its quotes, how far it indents, how long its lines may be."""

from __future__ import annotations

from collections import Counter

from celery_backend_lint.syntax.python import string_prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node

USUAL_LINE_LENGTH = 88
"""Black's and ruff's."""

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote_of(root: Node) -> str:
    """The quote that most strings of a file have: ``'`` or ``"``, that one where none prevails."""
    counted = Counter(_quotes(root))
    return "'" if counted["'"] > counted['"'] else '"'


def _quotes(root: Node) -> Iterator[str]:
    left = [root]
    while left:
        node = left.pop()
        if node.type == "string":
            start = (node.children[0].text or b"").decode("ascii", "replace").lstrip("rbufRBUFtT")
            content = node.text or b""
            if len(start) == 1 and content.count(b"'") + content.count(b'"') == 2:  # a choice that nothing forced
                yield start
        else:
            left.extend(node.children)


def string_code(text: str, quote: str = '"') -> str:
    """A string literal for a text, in the quotes given, or in the others where that saves escapes."""
    other = "'" if quote == '"' else '"'
    if quote in text and other not in text:
        quote = other
    return f"{quote}{escaped(text, quote)}{quote}"


def escaped(text: str, quote: str) -> str:
    """A text as it stands between ``quote``; what no source should hold raw is written as an escape."""
    return "".join(_escaped(character, quote) for character in text)


def _escaped(character: str, quote: str) -> str:
    if character == quote[0]:
        return f"\\{character}"
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def code_of(value: Any, quote: str = '"') -> str:
    """Python's code for text, numbers, bools, None, and lists, tuples and dicts of them, in the quotes given."""
    if isinstance(value, str):
        return string_code(value, quote)
    if isinstance(value, list):
        return f"[{', '.join(code_of(one, quote) for one in value)}]"
    if isinstance(value, tuple):
        inner = ", ".join(code_of(one, quote) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{code_of(key, quote)}: {code_of(one, quote)}' for key, one in value.items())}}}"
    return repr(value)


def is_formatted(node: Node) -> bool:
    """Whether a ``string`` node is an f-string or template with something to put in."""
    return any(child.type == "interpolation" for child in node.children) or "t" in string_prefix(node)


def indentation_of(source: SourceFile, node: Node) -> str:
    """The white space that the line of a node begins with."""
    line = source.utf8[source.utf8.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte].decode()
    return line[: len(line) - len(line.lstrip())]


def indentation_step(root: Node, source: SourceFile) -> str:
    """One step of a file's indentation: that of its first indented block, else four spaces."""
    left = [root]
    while left:
        node = left.pop(0)
        for child in node.named_children:
            if child.type == "block" and child.start_point[0] > node.start_point[0]:
                outer, inner = indentation_of(source, node), indentation_of(source, child)
                if inner.startswith(outer) and len(inner) > len(outer):
                    return inner[len(outer) :]
            if child.type.endswith(("_definition", "_statement", "block")):
                left.append(child)
    return "    "


def line_length(project: Project, path: str) -> int:
    """How long a line of a file may be, from the nearest configuration of ruff or black above it."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        for name in ("ruff.toml", ".ruff.toml", "pyproject.toml"):
            found = _length_in(project, f"{folder}/{name}" if folder else name)
            if found is not None:
                return found
    return USUAL_LINE_LENGTH


def _length_in(project: Project, path: str) -> int | None:
    source = project.source(path)
    if source is None or (b"line-length" not in source.data and b"line_length" not in source.data):
        return None
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        loaded = tomllib.loads(source.text)
    except ValueError:
        return None
    tool = loaded.get("tool", {}) if path.endswith("pyproject.toml") else {"ruff": loaded}
    for name, key in (("ruff", "line-length"), ("black", "line-length"), ("isort", "line_length")):
        section = tool.get(name, {}) if isinstance(tool, dict) else {}
        length = section.get(key) if isinstance(section, dict) else None
        if isinstance(length, int) and length > 0:
            return length
    return None
