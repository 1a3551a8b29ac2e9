from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_backend_lint.syntax.ini import IniDocument, parse

TEXT = """\
# comment
[metadata]
name = é-service

[options]
install_requires =
    celery[redis]>=5
    ; gone
    # gone too
    redis==5.0   # stays

    kombu
zip_safe: no
Python_Requires = >=3.10
empty =
"""


def plain(document: IniDocument) -> dict[str, dict[str, list[str]]]:
    return {
        name: {key: [line.text for line in value.lines] for key, value in section.items()}
        for name, section in document.sections.items()
    }


def test_sections_and_continued_values_are_read() -> None:
    document = parse(TEXT.encode())
    assert document.problem is None
    assert plain(document) == {
        "metadata": {"name": ["é-service"]},
        "options": {
            "install_requires": ["celery[redis]>=5", "redis==5.0   # stays", "kombu"],
            "zip_safe": ["no"],
            "python_requires": [">=3.10"],
            "empty": [],
        },
    }


def test_lines_and_keys_know_where_they_stand() -> None:
    utf8 = TEXT.encode()
    for section in parse(utf8).sections.values():
        for value in section.values():
            assert utf8[value.key_start : value.key_end].decode().lower() == value.key
            for line in value.lines:
                assert utf8[line.start : line.end].decode() == line.text


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("name = x\n", 1, "before the first"),
        ("[a]\nx = 1\nno delimiter\n", 3, "neither"),
        ("[a]\n[b]\n[a]\n", 3, "[a] is there twice"),
        ("[a]\nx = 1\nX = 2\n", 3, "x is there twice"),
        ("[a]\n= 1\n", 2, "neither"),
    ],
)
def test_what_configparser_refuses_is_a_problem(text: str, line: int, part: str) -> None:
    with pytest.raises(configparser.Error):
        configparser.RawConfigParser().read_string(text)
    problem = parse(text.encode()).problem
    assert problem is not None
    assert problem.line == line
    assert part in problem.message


@given(
    st.lists(
        st.sampled_from(
            [
                "[a]",
                "[b c]",
                "x = 1",
                "y: 2",
                "  more",
                "    z = 3",
                "# c",
                "; d",
                "",
                "w =",
                "  # e",
                "v = a = b",
                "[DEFAULT]",
                " [x]",
            ]
        ),
        max_size=8,
    )
)
def test_what_configparser_reads_is_read_alike(lines: list[str]) -> None:
    text = "\n".join(lines)
    reader = configparser.RawConfigParser(default_section="nothing at all")
    document = parse(text.encode())
    try:
        reader.read_string(text)
    except configparser.Error:
        return
    expected = {
        name: {
            key: [stripped for line in value.split("\n") if (stripped := line.strip())]
            for key, value in reader.items(name)
        }
        for name in reader.sections()
    }
    assert plain(document) == expected
    assert document.problem is None


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_reader(data: bytes) -> None:
    parse(data)
