"""``${…}`` in texts: every form as a real shell expands it, and what stays unknown."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_backend_lint.model.deployment.substitution import fill

SET = {"A": "a", "E": "", "URL": "redis://h:6379/0"}


@pytest.mark.parametrize(
    "text",
    [
        "$A",
        "${A}",
        "x${A}y$A",
        "${A:-d}",
        "${E:-d}",
        "${E-d}",
        "${GONE:-d}",
        "${GONE-d}",
        "${GONE-}",
        "${GONE:-${A}}",
        "${GONE:-x${OTHER:-y}z}",
        "${A:+set}",
        "${E:+set}",
        "${E+set}",
        "${GONE:+set}",
        "${GONE+set}",
        "${A:?message}",
        "${URL}",
        "${URL}/${A}",
        "$A-$A.$A",
        "50% of $A",
        "$",
        "a$",
        "${GONE:=d}",
        "redis://${GONE:-cache}:${GONE:-6379}/${GONE:-0}",
    ],
)
def test_a_real_shell_agrees(text: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'printf %s "{text}"'], env=SET, capture_output=True, text=True, check=True, timeout=10
    )
    filled = fill(text, SET.get, escape="\\$")
    assert (filled.text, filled.unknown) == (done.stdout, ())


@pytest.mark.parametrize(
    ("text", "wanted", "unknown"),
    [
        ("${GONE}", "{GONE}", ("GONE",)),
        ("$GONE", "{GONE}", ("GONE",)),
        ("a${GONE}b${GONE}", "a{GONE}b{GONE}", ("GONE",)),
        ("${GONE:?say}", "{GONE}", ("GONE",)),
        ("${X:-${Y}}", "{Y}", ("Y",)),
        ("$$A", "$A", ()),
        ("$${A}", "${A}", ()),
        ("${A", None, ()),
        ("${}", None, ()),
        ("${A%%x}", None, ()),
        ("${#A}", None, ()),
        ("$(date)", None, ()),
        ("${1}", None, ()),
    ],
)
def test_what_compose_leaves_open(text: str, wanted: str | None, unknown: tuple[str, ...]) -> None:
    filled = fill(text, SET.get)
    assert (filled.text, filled.unknown) == (wanted, unknown)


def test_a_command_in_a_shell_is_not_known() -> None:
    assert fill("`date`", SET.get, escape="\\$").text is None
    assert fill("`date`", SET.get).text == "`date`"


def test_values_stay_out_of_reprs() -> None:
    assert "h:6379" not in repr(fill("${URL}", SET.get))


@given(st.text(alphabet="${}:-+?=AB$`\\() x", max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    fill(text, SET.get)
    fill(text, SET.get, escape="\\$")


def test_nesting_is_bounded() -> None:
    assert fill("${X:-" * 5000 + "}" * 5000, SET.get).text is None
