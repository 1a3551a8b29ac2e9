"""What each reader of the environment makes of a variable's text.

Read in, and compared with, django-environ 0.14 (``Env.parse_value``), environs 15.2 with marshmallow 4, python-decouple
3.8, Starlette 1.10 (``Config._perform_cast``) and django-configurations 2.5 (``values``). Where releases of a library
differ nothing is said.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class UndeterminedError(Exception):
    """The value cannot be said; the text says why."""


class WouldRaiseError(Exception):
    """The program itself would raise here; ``variable`` names the missing variable where that is the reason."""

    def __init__(self, reason: str, variable: str = "") -> None:
        super().__init__(reason)
        self.variable = variable


_WORDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "environs": (
        frozenset({"t", "T", "true", "True", "TRUE", "on", "On", "ON", "y", "Y", "yes", "Yes", "YES", "1"}),
        frozenset({"f", "F", "false", "False", "FALSE", "off", "Off", "OFF", "n", "N", "no", "No", "NO", "0"}),
    ),
    "decouple": (
        frozenset({"y", "yes", "t", "true", "on", "1"}),
        frozenset({"n", "no", "f", "false", "off", "0", ""}),
    ),
    "starlette": (frozenset({"true", "1"}), frozenset({"false", "0"})),
    "configurations": (frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0", ""})),
    "": (frozenset({"true", "on", "y", "yes", "1"}), frozenset({"false", "off", "n", "no", "0", "f"})),
}
"""The words that a reader takes for true and false; compared in lower case but for environs (marshmallow's)."""

_ENVIRON_TRUE = ("true", "on", "ok", "y", "yes", "1")

ITEM = {"str": str, "int": int, "float": float}
"""What the items of a list may be cast to: ``list[int]``."""


def cast_text(text: str, cast: str, reader: str = "") -> Any:
    """The plain object that a reader makes of a variable's text; ``cast`` and ``reader`` as in Environment.

    Raises UndeterminedError where that is not known, and WouldRaiseError where the reader refuses the text.
    """
    if reader in ("pydantic", "pydantic 1"):
        from celery_backend_lint.evaluate.pydantic.conversions import READERS, from_text

        return from_text(text, cast, READERS[reader])
    reader, _, option = reader.partition(" ")
    try:
        if cast == "str":
            return text
        if cast == "int":
            return int(text)
        if cast == "float":
            return _environ_float(text) if reader == "environ" else _float(text, reader)
        if cast == "bool":
            return _environ_bool(text) if reader == "environ" else _bool(text, reader)
        if cast == "json or text":
            import json

            try:
                return json.loads(text)
            except ValueError:
                return text
        if cast == "json":
            import json

            return json.loads(text)
        if cast == "multiline":
            return re.sub(r"(\\r)?\\n", "\n", text)
        if cast == "seconds":
            return _seconds(text)
        if cast == "dict":
            return _dict(text, reader)
        kind, _, item = cast.rstrip("]").partition("[")
        if kind in ("list", "tuple") and (not item or item in ITEM):
            items = _ITEMS.get(reader, _environ_items)(text, kind)
            found = [ITEM[item](one) for one in items] if item else items
            return tuple(found) if kind == "tuple" else found
    except ValueError:
        if option == "later":
            raise UndeterminedError("a read that is checked later") from None
        raise WouldRaiseError(f"the variable's text is no {cast}") from None
    raise UndeterminedError(f"what the cast {cast} makes of the text")


def _bool(text: str, reader: str) -> bool:
    yes, no = _WORDS.get(reader, _WORDS[""])
    word = text if reader == "environs" else text.lower()
    if reader == "configurations":
        word = word.strip()
    if word in yes:
        return True
    if word in no:
        return False
    if reader in _WORDS and reader:
        raise ValueError("no truth value")
    raise UndeterminedError("a word that readers of truth values take differently")


def _environ_bool(text: str) -> bool:
    try:
        return int(text) != 0
    except ValueError:
        return text.lower().strip() in _ENVIRON_TRUE


def _float(text: str, reader: str) -> float:
    number = float(text)
    if reader == "environs" and number - number != 0:
        raise ValueError("marshmallow refuses nan and inf")
    return number


def _environ_float(text: str) -> float:
    """Everything but digits, signs and separators is dropped, and the last separator is the point."""
    parts = re.split(r"[,.]", re.sub(r"[^\d,.-]", "", text))
    return float(parts[0] if len(parts) == 1 else f"{''.join(parts[:-1])}.{parts[-1]}")


def _environ_items(text: str, kind: str) -> list[str]:
    inner = text.strip("(").strip(")") if kind == "tuple" else text
    return [item for item in inner.split(",") if item]


def _environs_items(text: str, kind: str) -> list[str]:  # noqa: ARG001
    return text.split(",") if text else []


def _configurations_items(text: str, kind: str) -> list[str]:  # noqa: ARG001
    return [item.strip() for item in text.strip().split(",") if item.strip()]


_ITEMS: dict[str, Callable[[str, str], list[str]]] = {
    "environ": _environ_items,
    "environs": _environs_items,
    "configurations": _configurations_items,
}


def _dict(text: str, reader: str) -> dict[str, str]:
    found = {}
    for item in text.split(","):
        if not item and reader == "environ":
            continue
        if not item and not text:
            return {}
        if item.count("=") > 1:
            raise UndeterminedError("what releases differ in: a value with = in a dict")
        key, separator, value = item.partition("=")
        if not separator:
            raise ValueError("no pair")
        found[key if reader == "environ" else key.strip()] = value if reader == "environ" else value.strip()
    return found


def _seconds(text: str) -> Any:
    if not text.strip().isdigit():
        raise UndeterminedError("a duration written in words")
    from datetime import timedelta

    return timedelta(seconds=int(text))


def csv(text: Any, item: str, delimiter: str, strip: str, kind: str) -> Any:
    """``decouple.Csv(cast=item, delimiter=…, strip=…, post_process=kind)(text)``; None gives an empty ``kind``."""
    from shlex import shlex

    make: Any = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind]
    if text is None:
        return make()
    splitter = shlex(text, posix=True)
    splitter.whitespace = delimiter
    splitter.whitespace_split = True
    return make(ITEM[item](part.strip(strip)) for part in splitter)


def one_of(value: Any, allowed: Any) -> Any:
    """``decouple.Choices(allowed)``: the value; ValueError where it is not among them."""
    if value not in allowed:
        raise ValueError("not among the choices")
    return value
