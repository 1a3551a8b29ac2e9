"""What docker compose gives a service's process, by the rules that the Compose Specification states.

For where no compose is at hand: "Interpolation" and "environment", read with PyYAML. Shares no code with the linter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


class ComposeError(Exception):
    """What compose stops with: a variable that ``${X:?…}`` or ``${X?…}`` requires is not set."""


def process_environment(text: str, service: str, outside: Mapping[str, str] | None = None) -> dict[str, str]:
    """The ``environment`` of a service of the compose file ``text``, started by a shell that has ``outside``."""
    outside = outside or {}
    given = yaml.safe_load(text)["services"][service].get("environment", {})
    if isinstance(given, list):
        pairs = [entry.split("=", 1) if "=" in entry else [entry, None] for entry in given]
    else:
        pairs = [[name, value if value is None else str(value)] for name, value in given.items()]
    found = {}
    for name, value in pairs:
        if value is not None:
            found[name] = interpolated(value, outside)
        elif name in outside:  # a bare name: passed on where it is set, else removed
            found[name] = outside[name]
    return found


def interpolated(text: str, outside: Mapping[str, str]) -> str:
    """A value with its references filled in: what is not set counts as an empty text."""

    def put(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, sign, rest = match["plain"] or match["name"], match["sign"] or "", match["rest"] or ""
        value = outside.get(name)
        is_given = bool(value) if sign.startswith(":") else value is not None
        if sign.endswith("?") and not is_given:
            raise ComposeError(f"required variable {name} is missing a value: {rest}")
        if sign.endswith("-") and not is_given:
            return interpolated(rest, outside)
        return value or ""

    pattern = r"\$\$|\$(?:(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?:(?P<sign>:?[-?])(?P<rest>[^}]*))?\})"
    return re.sub(pattern, put, text)
