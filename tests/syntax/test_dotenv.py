"""Env files are read as python-dotenv reads them, with positions."""

from __future__ import annotations

import time
from io import StringIO

import pytest
from dotenv.parser import parse_stream
from hypothesis import example, given, settings
from hypothesis import strategies as st

from celery_backend_lint.location import Span
from celery_backend_lint.syntax.dotenv import COLON_MESSAGE, read_colons, read_dotenv

PIECES = st.sampled_from(
    [
        "KEY",
        "B",
        "export ",
        "export",
        "=",
        " ",
        "\t",
        "#",
        "'",
        '"',
        "\\",
        "\n",
        "\r\n",
        "\r",
        "value",
        "${X}",
        "é",
        "\ufeff",
        "\x0b",
        "\u2028",
        "{% if x %}",
        "a b",
    ]
)
FILES = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))


def read(text: str) -> dict[str, str | None]:
    return {entry.key: entry.value for entry in read_dotenv(text)[0] if not entry.commented}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=1\nB=two words \n", {"A": "1", "B": "two words"}),
        ("A=1 # why\nB=1#2\nC= # empty\nD=#x", {"A": "1", "B": "1#2", "C": "", "D": "#x"}),
        ("export A=1\nexport  B='x'", {"A": "1", "B": "x"}),
        ("A = 1\n B= 2", {"A": "1", "B": "2"}),
        ('A="x y" # c\nB=\'it"s\'\nC="it\'s"', {"A": "x y", "B": 'it"s', "C": "it's"}),
        ('A="x\\ny"\nB="\\"q\\""', {"A": "x\ny", "B": '"q"'}),
        ('A="line one\nline two"\nB=2', {"A": "line one\nline two", "B": "2"}),
        ("A\nB=1", {"A": None, "B": "1"}),
        ("'A B'=1", {"A B": "1"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("A=${B}/x", {"A": "${B}/x"}),
        ("", {}),
    ],
)
def test_values_are_those_of_python_dotenv(text: str, values: dict[str, str | None]) -> None:
    assert read(text) == values
    assert {found.key: found.value for found in parse_stream(StringIO(text, newline="")) if found.key} == values


def test_commented_entries_are_read_and_marked() -> None:
    entries, bad = read_dotenv("# A=1\n  ##  B='x'\n# prose = with words\n# see C=1\nD=1\n#export E=2\n")
    assert [(entry.key, entry.value, entry.commented, entry.export) for entry in entries] == [
        ("A", "1", True, False),
        ("B", "x", True, False),
        ("prose", "with words", True, False),
        ("D", "1", False, False),
        ("E", "2", True, True),
    ]
    assert not bad


def test_spans_are_of_the_name_and_of_the_value_without_quotes() -> None:
    (first, second, third, fourth), _ = read_dotenv('É=x\nexport B = \'y z\' # c\nC="a\\"b\nc"\n#D=\n')
    assert (first.key_span, first.value_span) == (Span(1, 1, 1, 2), Span(1, 3, 1, 4))
    assert (second.key_span, second.value_span) == (Span(2, 8, 2, 9), Span(2, 13, 2, 16))
    assert (third.key_span, third.value_span) == (Span(3, 1, 3, 2), Span(3, 4, 4, 2))
    assert (fourth.key_span, fourth.value_span) == (Span(5, 2, 5, 3), Span(5, 4, 5, 4))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('A=""https://example.com"', "goes on after the closing quote of its value"),
        ("export A='b'c", "goes on after the closing quote of its value"),
        ('A="b', "opens a quote that nothing closes"),
        ('A="b\\"', "opens a quote that nothing closes"),
        ('="b"', "is neither NAME=value nor a comment"),
    ],
)
def test_what_is_wrong_with_a_line_is_told(line: str, message: str) -> None:
    _, bad = read_dotenv(f"{line}\nB=2\n")
    assert [(one.line, one.message) for one in bad] == [(1, message)]


def test_a_bad_line_is_named_and_the_rest_is_read() -> None:
    entries, bad = read_dotenv("A=1\nthis is prose\n\n# C=3\nB=2\nD='open\n")
    assert [entry.key for entry in entries] == ["A", "C", "B"]
    assert [problem.line for problem in bad] == [2, 6]


def test_colons_are_read_as_compose_does() -> None:
    text = 'A: "x y"\nB=1\nexport C : amqp://h:5672// # why\r\nD:x#y\nE="\nF: no\n"\nG:\n#H: no\nI J: no\nK: a=b\n'
    entries, bad = read_dotenv(text)
    found = read_colons(text, entries)
    assert [(entry.key, entry.value, entry.key_span.line) for entry in found] == [
        ("A", "x y", 1),
        ("C", "amqp://h:5672//", 3),
        ("D", "x#y", 4),
        ("G", "", 8),
        ("K", "a=b", 11),
    ]
    assert [problem.line for problem in bad] == [1, 3, 10, 11]
    assert [problem.message for problem in bad if problem.line != 10] == [COLON_MESSAGE] * 3


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(PIECES, st.just(":")), max_size=30).map("".join))
def test_colons_in_any_text_stand_where_they_are_said_to(text: str) -> None:
    lines = text.split("\n")
    for entry in read_colons(text, read_dotenv(text)[0]):
        span, value = entry.key_span, entry.value_span
        assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == entry.key
        assert lines[value.line - 1][value.column - 1 : value.end_column - 1] == entry.value


def test_lines_of_a_template_engine_are_no_problem() -> None:
    entries, bad = read_dotenv("A=1\n{%- if cookiecutter.use_celery == 'y' %}\nB={{ cookiecutter.b }}\n{% endif %}\n")
    assert [entry.key for entry in entries] == ["A", "B"]
    assert not bad


def test_a_value_is_not_in_the_repr() -> None:
    assert "s3cret" not in repr(read_dotenv("PASSWORD=s3cret"))


@settings(max_examples=600, deadline=None)
@given(FILES)
@example("export =x")
@example('A= "x')
@example("A=\\\n\ufeffB=1")
@example("a b\n\ufeffC=1")
def test_any_text_is_read_as_python_dotenv_reads_it(text: str) -> None:
    expected = [
        (found.key, found.value) for found in parse_stream(StringIO("\n" + text, newline="")) if found.key is not None
    ]
    errors = [found for found in parse_stream(StringIO("\n" + text, newline="")) if found.error]
    entries, bad = read_dotenv(text)
    assert [(entry.key, entry.value) for entry in entries if not entry.commented] == expected
    assert len(bad) <= len(errors)


@settings(max_examples=300, deadline=None)
@given(FILES)
def test_spans_lie_in_the_text_and_hold_the_name(text: str) -> None:
    lines = text.split("\n")
    for entry in read_dotenv(text)[0]:
        span = entry.key_span
        if "\n" in entry.key:  # a name in quotes may go over lines
            continue
        assert span.line == span.end_line
        assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == entry.key
        value = entry.value_span
        assert (value.line, value.column) <= (value.end_line, value.end_column)
        if entry.value and value.line == value.end_line and "\\" not in text:
            assert lines[value.line - 1][value.column - 1 : value.end_column - 1] == entry.value


@pytest.mark.no_cover  # the bound is for the tool, not for the tool while it is traced
@pytest.mark.parametrize(
    "piece", ["a b\n", 'A="\n', "A=1\n", "# A=1\n", "\n", "A='\\'\n", " ", "#", "export ", "A=x #"]
)
def test_two_mebibytes_are_read_in_seconds(piece: str) -> None:
    started = time.monotonic()
    _, bad = read_dotenv(piece * (2 * 1024 * 1024 // len(piece)))
    assert "no env file is that long" in bad[-1].message
    assert time.monotonic() - started < 10
