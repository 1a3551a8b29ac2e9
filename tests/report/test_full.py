"""The format for people."""

from __future__ import annotations

from typing import Any

import pytest

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.location import Location, Span
from celery_backend_lint.report.full import render
from celery_backend_lint.report.style import Style

PLAIN = Style(color=False)


def finding(span: Span, code: str = "CBL106", path: str = "celeryconfig.py", **others: Any) -> Finding:
    return Finding(code, "name", Severity.ERROR, "no certificate is asked for", Location(path, span), **others)


def frame(make_result: Any, text: str, span: Span, **others: Any) -> list[str]:
    """The lines after the message, without the empty one at the end."""
    result = make_result([finding(span, **others)], {"celeryconfig.py": text})
    lines = list(render(result, PLAIN))
    assert lines.pop() == ""
    return lines[1:]


def test_message_place_two_lines_around_caret_help_and_related_places(make_result: Any) -> None:
    text = "one = 1\ntwo = 2\nthree = 3\nresult_backend = 'rediss://h'\nfive = 5\nsix = 6\nseven = 7\n"
    related = Related(Location("app.py", Span(3, 1, 3, 2)), "the app")
    it = finding(Span(4, 18, 4, 30), help="add `?ssl_cert_reqs=required`", related=(related,))
    assert list(render(make_result([it], {"celeryconfig.py": text}, prefix="sub/"), PLAIN)) == [
        "CBL106 [error] no certificate is asked for",
        " --> sub/celeryconfig.py:4:18",
        "  |",
        "2 | two = 2",
        "3 | three = 3",
        "4 | result_backend = 'rediss://h'",
        "  |                  ^^^^^^^^^^^^",
        "5 | five = 5",
        "6 | six = 6",
        "  |",
        "help: add `?ssl_cert_reqs=required`",
        "note: sub/app.py:3:1: the app",
        "",
    ]


def test_numbers_are_aligned_where_they_grow_longer(make_result: Any) -> None:
    text = "\n".join(f"a{number} = 0" for number in range(1, 13))
    assert frame(make_result, text, Span(9, 1, 9, 3))[0:3] == ["  --> celeryconfig.py:9:1", "   |", " 7 | a7 = 0"]


def test_empty_lines_at_the_edges_are_left_out(make_result: Any) -> None:
    assert frame(make_result, "\n\nx = 1\n\n\n", Span(3, 1, 3, 2)) == [
        " --> celeryconfig.py:3:1",
        "  |",
        "3 | x = 1",
        "  | ^",
        "  |",
    ]


@pytest.mark.parametrize("path", ["gone.py", "."])
def test_a_place_without_a_line_is_only_named(make_result: Any, path: str) -> None:
    lines = list(render(make_result([finding(Span(1, 1, 1, 1), path=path)]), PLAIN))
    assert lines == ["CBL106 [error] no certificate is asked for", f" --> {path}:1:1", ""]


def test_a_place_of_no_width_has_one_caret(make_result: Any) -> None:
    assert frame(make_result, "x = 1", Span(1, 6, 1, 6))[3] == "  |      ^"


def test_a_span_over_lines_is_underlined_to_the_end_of_the_first(make_result: Any) -> None:
    assert frame(make_result, "x = f(  \n  1)\n", Span(1, 5, 2, 5))[3] == "  |     ^^"


def test_a_span_beyond_the_line_does_no_harm(make_result: Any) -> None:
    assert frame(make_result, "x", Span(1, 50, 1, 90))[3] == "  |  ^"


def test_the_caret_stands_under_the_place_after_tabs_and_wide_characters(make_result: Any) -> None:
    assert frame(make_result, "\tx = '漢', y", Span(1, 11, 1, 12))[2:4] == [
        "1 |     x = '漢', y",
        "  |               ^",
    ]
    assert frame(make_result, "e\u0301 = y", Span(1, 6, 1, 7))[3] == "  |     ^"


def test_the_caret_stands_under_the_masked_value(make_result: Any) -> None:
    text = "x = 'redis://:a-long-password@h/0', other"
    assert frame(make_result, text, Span(1, 5, 1, 35))[2:4] == [
        "1 | x = 'redis://:***@h/0', other",
        "  |     ^^^^^^^^^^^^^^^^^^",
    ]
    assert frame(make_result, text, Span(1, 37, 1, 42))[3] == "  |                         ^^^^^"


def test_no_line_of_the_frame_shows_a_credential(make_result: Any) -> None:
    text = "a = 'redis://:before-pw@h'\npassword = 'named-pw'\nx = 1\nb = 'redis://:after-pw@h'\n"
    output = "\n".join(frame(make_result, text, Span(3, 1, 3, 2)))
    assert not any(secret in output for secret in ("before-pw", "named-pw", "after-pw"))


def test_a_credential_that_only_its_finding_gives_away_is_masked_in_every_frame(make_result: Any) -> None:
    text = "values = (\n    'hunter2', 'kept'\n)\nx = 1\n"
    secret = finding(Span(2, 5, 2, 14), code="CBL301")
    other = finding(Span(4, 1, 4, 2))
    output = "\n".join(render(make_result([secret, other], {"celeryconfig.py": text}), PLAIN))
    assert "hunter2" not in output
    assert output.count("2 |     '***', 'kept'\n") == 2
    assert "  |     ^^^^^\n" in output


def test_a_credential_over_several_lines_is_masked_in_each(make_result: Any) -> None:
    text = "key = f(\n    '''first-half\n    second-half'''\n)\n"
    output = "\n".join(frame(make_result, text, Span(2, 5, 3, 19), code="CBL301"))
    assert "first-half" not in output
    assert "second-half" not in output


def test_messages_and_help_are_masked(make_result: Any) -> None:
    it = Finding("CBL106", "n", Severity.ERROR, "redis://:pw-one@h", Location("x"), help="not redis://:pw-two@h")
    output = "\n".join(render(make_result([it]), PLAIN))
    assert "pw-one" not in output
    assert "pw-two" not in output


def test_control_characters_never_reach_the_terminal(make_result: Any) -> None:
    evil = "x = '\x1b[2J\u202e\x07'  # \udc80"
    it = Finding("CBL106", "n", Severity.ERROR, "m\x1b[0m", Location("a\nb\x1b.py", Span(1, 1, 1, 2)), help="\x9b")
    output = "".join(render(make_result([it], {"a\nb\x1b.py": evil}), PLAIN))
    assert output.isprintable()
    assert "\\x1b[2J\\u202e\\x07" in output
    assert "\\udc80" in output


def test_a_line_of_megabytes_is_cut(make_result: Any) -> None:
    lines = frame(make_result, "x = '" + "a" * 1_000_000 + "'", Span(1, 5, 1, 1_000_007))
    assert all(len(line) < 250 for line in lines)
    assert lines[2].endswith("…")


def test_colors_follow_the_severity(make_result: Any) -> None:
    text = "\n".join(
        render(make_result([finding(Span(1, 1, 1, 2), help="h")], {"celeryconfig.py": "x"}), Style(color=True))
    )
    assert "\x1b[1;91mCBL106\x1b[0m \x1b[1;91m[error]\x1b[0m" in text
    assert "\x1b[1;91m^\x1b[0m" in text
    assert "\x1b[1;96mhelp\x1b[0m: h" in text


def test_a_credential_below_its_name_is_masked_in_another_findings_frame(make_result: Any) -> None:
    text = "redis_password = (\n    # of production\n    'hunter2'\n)\nx = 1\n"
    output = "\n".join(render(make_result([finding(Span(5, 1, 5, 2))], {"celeryconfig.py": text}), PLAIN))
    assert "3 |     '***'\n" in output
    assert "hunter2" not in output
