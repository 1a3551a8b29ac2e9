"""Text for terminals: colours, and characters that a terminal must not get raw."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

BOLD = "1"
FRAME = "1;94"
HELP = "1;96"
SEVERITY = {Severity.ERROR: "1;91", Severity.WARNING: "1;93", Severity.ADVICE: "1;96"}
"""SGR parameters (ECMA-48) by use."""


@record
class Style:
    """Whether text is painted, and whether what has a page is a link to it (terminals only: OSC 8)."""

    color: bool
    links: bool = False

    def paint(self, text: str, parameters: str) -> str:
        """The text in a colour, or as it is."""
        return f"\x1b[{parameters}m{text}\x1b[0m" if self.color and text else text

    def link(self, text: str, url: str) -> str:
        """The text as a link that terminals follow, or as it is."""
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if self.links and url else text


def wants_color(choice: str, environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to paint: the option, then NO_COLOR, FORCE_COLOR, a dumb terminal, and whether it is a terminal at all.

    The order of the variables is CPython's own (3.13, ``_colorize.can_colorize``).
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return terminal and environment.get("TERM") != "dumb"


def printable(text: str) -> str:
    """The text with control, formatting and unassigned characters written as Python's escapes."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def displayed(text: str, tab: int = 4) -> tuple[str, list[int]]:
    """A source line as it is shown, and for each character (and the end) the terminal column it begins at, from 0.

    Tabs become ``tab`` spaces, as ruff shows them; wide characters take two columns, combining ones none.
    """
    if text.isascii() and text.isprintable():
        return text, list(range(len(text) + 1))
    from unicodedata import combining, east_asian_width

    shown, columns, column = [], [0], 0
    for character in text:
        if character == "\t":
            piece = " " * tab
            width = tab
        elif character.isprintable():
            piece = character
            width = 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
        else:
            piece = _escaped(character)
            width = len(piece)
        shown.append(piece)
        column += width
        columns.append(column)
    return "".join(shown), columns


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
