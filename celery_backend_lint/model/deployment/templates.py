"""YAML with template expressions (Helm, Jinja, GitHub's ``${{ }}``) made readable: every byte keeps its place.

A line that is nothing but an expression becomes blank, an expression inside of a line a word that no file has.
"""

from __future__ import annotations

import re

_WHOLE_LINES = rb"(?m)^[ \t-]*(?:\{\{[^{}]{0,500}\}\}|\{%[^\n]{0,500}?%\}|\{#[^\n]{0,500}?#\})[ \t]*(?=\r?$)"
_INLINE = rb"\$?\{\{[^\n]{0,500}?\}\}|\{%[^\n]{0,500}?%\}|\{#[^\n]{0,500}?#\}"
_FILLER = r"<~+>"


def without_templates(utf8: bytes) -> bytes:
    """The text with its template expressions blanked; the same object where it has none."""
    if b"{{" not in utf8 and b"{%" not in utf8:
        return utf8
    utf8 = re.sub(_WHOLE_LINES, lambda found: re.sub(rb"[^\r\n]", b" ", found[0]), utf8)
    return re.sub(_INLINE, lambda found: b"<" + b"~" * (len(found[0]) - 2) + b">", utf8)


def filled_later(text: str) -> bool:
    """Whether a part of a text was a template expression."""
    return "<~" in text and re.search(_FILLER, text) is not None


def shown(text: str) -> str:
    """The text with ``{…}`` for each template expression."""
    return re.sub(_FILLER, "{…}", text) if "<~" in text else text
