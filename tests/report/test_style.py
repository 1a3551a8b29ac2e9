"""Colours, and what a terminal must not get."""

from __future__ import annotations

import pytest

from celery_backend_lint.report.style import Style, displayed, printable, wants_color


@pytest.mark.parametrize(
    ("choice", "environment", "terminal", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": ""}, False, False),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_the_option_beats_the_environment_which_beats_the_terminal(
    choice: str, environment: dict[str, str], terminal: bool, wanted: bool
) -> None:
    assert wants_color(choice, environment, terminal=terminal) is wanted


def test_paint() -> None:
    assert Style(color=True).paint("x", "1") == "\x1b[1mx\x1b[0m"
    assert Style(color=True).paint("", "1") == ""
    assert Style(color=False).paint("x", "1") == "x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("plain é 漢", "plain é 漢"), ("a\x1b[0m\n\t\x7f", "a\\x1b[0m\\n\\t\\x7f"), ("\u202e\u2028", "\\u202e\\u2028")],
)
def test_printable_escapes_what_is_not(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(text).isprintable()


def test_displayed_tells_where_each_character_begins() -> None:
    assert displayed("ab") == ("ab", [0, 1, 2])
    assert displayed("\ta漢b") == ("    a漢b", [0, 4, 5, 7, 8])
    assert displayed("e\u0301x") == ("e\u0301x", [0, 1, 1, 2])
    assert displayed("\x00x") == ("\\x00x", [0, 4, 5])


def test_what_has_a_page_is_a_link_on_terminals_alone() -> None:
    assert Style(color=True, links=True).link("x", "https://h/x") == "\x1b]8;;https://h/x\x1b\\x\x1b]8;;\x1b\\"
    assert Style(color=True, links=True).link("x", "") == "x"
    assert Style(color=True).link("x", "https://h/x") == "x"
