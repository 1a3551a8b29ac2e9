"""File patterns of the configuration (``exclude``, ``per-file-ignores``), read as ruff reads them.

A pattern without a slash, one at its end aside, names a file or folder anywhere (``migrations``); one with is relative
to the root (``docs/``, ``src/*/tests``). Either covers all that lies below a folder. ``*`` matches slashes too, and
``**/`` matches no folder as well. ``pathspec`` would do more, but takes 100 ms to import (1.1).
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def matcher(patterns: Iterable[str], base: str = "") -> Callable[[str], bool]:
    """A test whether a path (relative, with ``/``) matches one of ``patterns``. Raises ValueError for a broken one.

    ``base`` is put before each path: what leads from the folder that the patterns are relative to to the paths' own.
    """
    anywhere: list[str] = []
    from_root: list[str] = []
    for pattern in patterns:
        plain = pattern.removeprefix("./").rstrip("/")
        if plain:
            (from_root if "/" in plain else anywhere).append(plain.lstrip("/"))
    in_root = _compiled({spelling for pattern in from_root for spelling in (pattern, pattern.replace("**/", ""))})
    in_any = _compiled(anywhere)

    def matches(path: str) -> bool:
        parts = (base + path).split("/")
        if in_any and any(in_any.match(part) for part in parts):
            return True
        return in_root is not None and any(in_root.match("/".join(parts[:end])) for end in range(len(parts), 0, -1))

    return matches


def _compiled(patterns: Iterable[str]) -> re.Pattern[str] | None:
    from fnmatch import translate

    expression = "|".join(sorted(translate(pattern) for pattern in patterns))
    try:
        return re.compile(expression) if expression else None
    except re.error as error:
        raise ValueError(f"not a file pattern: {error}") from error
