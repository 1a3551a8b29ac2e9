"""What the text of a variable, or a default that is text, comes to as another type."""

from __future__ import annotations

import json

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.style import code_of, quote_of
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.python import string_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.syntax.python import Node

NO = ("", "0", "false", "no", "off")
"""Texts that mean false; any other text stays true, as it was before."""


def cast_of(text: str, cast: str) -> Any:
    """What a text comes to as ``int``, ``bool``, ``list`` or ``dict``; None where it is no such thing."""
    if cast == "bool":
        return text.lower() not in NO
    if cast == "list":
        return [item.strip() for item in text.split(",")] if text[:1] not in "[(" else None
    try:
        if cast == "int":
            return int(text)
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def converted(place: Place, default: Node | None, read: Environment, cast: str) -> list[Edit]:
    """A default that is text, written as what the cast makes of it: readers do not cast their defaults.

    Raises CannotFixError where that cannot be said.
    """
    if default is None or default.type in ("none", "true", "false", "integer", "list", "dictionary"):
        return []
    text = string_value(default) if default.type == "string" else None
    plain = cast_of(text, cast) if isinstance(text, str) else None
    if plain is None:
        raise CannotFixError(f"what the default of `{read.variable}` in {place.where} comes to is not known")
    root = default
    while root.parent is not None:
        root = root.parent
    return [replace(place.source, default.start_byte, default.end_byte, code_of(plain, quote_of(root)))]
