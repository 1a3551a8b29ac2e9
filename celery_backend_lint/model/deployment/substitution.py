"""``$VAR`` and ``${VAR:-default}`` in a text, filled in as docker compose and a shell do.

The forms and what they mean: the Compose Specification, "Interpolation", and POSIX sh, "Parameter Expansion", which
agree on all that is read here.
"""

from __future__ import annotations

import re

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_DEEPEST = 10

LONGEST = 10_000
"""Characters of a value that is filled in."""


@record
class Filled:
    """A text as far as it is known: ``{NAME}`` stands for a variable that is not; ``unknown`` names them in order.

    ``text`` is None where something else than a variable decides (``$(command)``, an expansion that is not read).
    """

    text: str | None
    unknown: tuple[str, ...] = ()

    @property
    def value_known(self) -> bool:
        """Whether nothing of the text waits for anything."""
        return self.text is not None and not self.unknown

    def __repr__(self) -> str:
        """Leave out the text, which may be a secret."""
        return f"Filled(unknown={self.unknown!r})"


def fill(text: str, lookup: Callable[[str], str | None], *, escape: str = "$$") -> Filled:
    r"""Fill in the variables of ``text``; ``lookup`` gives a variable's value, None where it is not set.

    A reference with a default takes it; one without stays unknown, as whoever starts the process may set it.
    ``escape`` is how a dollar sign is written (``$$`` in compose, ``\$`` in a shell).
    """
    if "$" not in text and "`" not in text:
        return Filled(text)
    if len(text) > LONGEST:
        return Filled(None)
    unknown: list[str] = []
    made = _fill(text, lookup, escape, unknown, 0)
    if made is not None and len(made) > LONGEST:  # ``A=$A$A``, again and again
        return Filled(None)
    return Filled(made, tuple(dict.fromkeys(unknown)) if made is not None else ())


def _fill(text: str, lookup: Callable[[str], str | None], escape: str, unknown: list[str], depth: int) -> str | None:
    if depth > _DEEPEST:
        return None
    parts: list[str] = []
    at = 0
    while at < len(text):
        if text.startswith(escape, at):
            parts.append("$")
            at += len(escape)
            continue
        if text[at] == "`" and escape != "$$":
            return None
        if text[at] != "$":
            until = min((hit for sign in "$`\\" if (hit := text.find(sign, at + 1)) >= 0), default=len(text))
            parts.append(text[at:until])
            at = until
            continue
        name = re.compile(_NAME).match(text, at + 1)
        if name:
            _add(name[0], lookup(name[0]), parts, unknown)
            at = name.end()
        elif text.startswith("${", at):
            end = _closing(text, at + 2)
            name = re.compile(_NAME).match(text, at + 2)
            if end < 0 or name is None or name.end() > end:
                return None
            value = _expanded(text[name.end() : end], name[0], lookup, escape, unknown, depth)
            if value is None:
                return None
            parts.append(value)
            at = end + 1
        elif text.startswith("$(", at):
            return None
        else:
            parts.append("$")
            at += 1
    return "".join(parts)


def _expanded(
    rest: str, name: str, lookup: Callable[[str], str | None], escape: str, unknown: list[str], depth: int
) -> str | None:
    """The value of ``${NAME`` + ``rest`` + ``}``."""
    value = lookup(name)
    found = re.match(r"(:?)([-=?+])", rest)
    if not rest or (found and found[2] == "?"):
        parts: list[str] = []
        _add(name, value, parts, unknown)
        return "".join(parts)
    if found is None:
        return None
    given = value is not None and (value != "" or not found[1])
    if found[2] == "+":
        return _fill(rest[found.end() :], lookup, escape, unknown, depth + 1) if given else ""
    return value if given else _fill(rest[found.end() :], lookup, escape, unknown, depth + 1)


def _add(name: str, value: str | None, parts: list[str], unknown: list[str]) -> None:
    if value is None:
        unknown.append(name)
    parts.append(f"{{{name}}}" if value is None else value)


def _closing(text: str, at: int) -> int:
    """Where the brace closes that is open before ``at``, -1 where none does."""
    depth = 1
    for found in re.compile(r"\$\{|\}").finditer(text, at):
        depth += 1 if found[0] == "${" else -1
        if depth == 0:
            return found.start()
    return -1
