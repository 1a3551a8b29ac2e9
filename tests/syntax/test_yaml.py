from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_backend_lint.syntax.yaml import YamlNode, parse


def plain(node: YamlNode) -> Any:
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [plain(value) for value in node.value]
    return node.value


def one(text: str) -> Any:
    (document,) = parse(text.encode()).documents
    return plain(document)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: x\n", {"name": "x"}),
        ("- a\n- 1\n-\n- ~\n- null\n- 'null'\n", ["a", "1", None, None, None, "null"]),
        (
            "deps:\n- python=3.8  # c\n- pip:\n  - celery[redis]>=5\n  - -r x.txt\n",
            {"deps": ["python=3.8", {"pip": ["celery[redis]>=5", "-r x.txt"]}]},
        ),
        ("a: &x {q: 1}\nb: *x\nc: *gone\n", {"a": {"q": "1"}, "b": {"q": "1"}, "c": None}),
        ("base: &b\n  k: 1\n  l: 2\nm:\n  <<: *b\n  k: 3\n", {"base": {"k": "1", "l": "2"}, "m": {"k": "3", "l": "2"}}),
        (
            "a: &a {x: 1}\nb: &b {y: 2}\nc:\n  <<: [*a, *b]\n",
            {"a": {"x": "1"}, "b": {"y": "2"}, "c": {"x": "1", "y": "2"}},
        ),
        ("a: \"x\\n\\u00e9\\x41\\/\"\nb: 'it''s'\n", {"a": "x\néA/", "b": "it's"}),
        (
            "a: |\n  one\n    two\nb: >\n  one\n  two\nc: |-\n  end\n",
            {"a": "one\n  two\n", "b": "one two\n", "c": "end"},
        ),
        ("a: one\n  two\nb: 'x\n  y'\n", {"a": "one two", "b": "x y"}),
        ("[a, {b: c}, d: e]\n", ["a", {"b": "c"}, {"d": "e"}]),
        ("{a: 1, b}\n", {"a": "1"}),
        ("? x\n: y\n", {"x": "y"}),
        ("a: !!str 12\n", {"a": "12"}),
        ("a:\nb: \n", {"a": None, "b": None}),
        ("'q k': 1\n1: 2\n", {"q k": "1", "1": "2"}),
    ],
)
def test_values_are_read(text: str, expected: Any) -> None:
    assert one(text) == expected


def test_quoted_scalars_are_told_from_plain_ones() -> None:
    (document,) = parse(b"a: 'yes'\nb: yes\n").documents
    a, b = document.get("a"), document.get("b")
    assert a is not None
    assert b is not None
    assert (a.quoted, b.quoted) == (True, False)


def test_values_and_keys_know_where_they_stand() -> None:
    utf8 = "# é\nservices:\n  web:\n    image: x\n".encode()
    (document,) = parse(utf8).documents
    image = document.get("services", "web", "image")
    assert image is not None
    assert utf8[image.key_start : image.key_end] == b"image"
    assert utf8[image.start : image.end] == b"x"
    assert image.get("x") is None
    assert (image.items(), image.elements(), document.text) == ([], [], None)


def test_several_documents_are_read() -> None:
    documents = parse(b"a: 1\n---\nb: 2\n---\n").documents
    assert [plain(document) for document in documents][:2] == [{"a": "1"}, {"b": "2"}]


@pytest.mark.parametrize(("text", "at"), [("a: [1\nb: 2\n", 3), ("a: {\n", 3), ('a: "x\n', 3), ("a: b: c\n", 4)])
def test_the_first_bad_place_is_named(text: str, at: int) -> None:
    problem = parse(text.encode()).problem_at
    assert problem is not None
    assert 0 <= problem <= len(text)


def test_good_yaml_has_no_problem() -> None:
    assert parse(b"a: 1\n").problem_at is None


def test_deep_nesting_and_self_reference_end() -> None:
    parse(b"[" * 2000)
    parse(b"a: &a [*a]\n")
    parse(b"- " * 90)


@pytest.mark.parametrize(
    "text",
    [
        b"".join(b" " * depth + b"a:\n" for depth in range(400)),
        b"".join(b" " * depth + b"-\r" for depth in range(400)),
        b"- " * 400,
        b"? " * 400,
        b"a: 1\n" + b"- ? " * 400,
        (b"-" + b" " * 50) * 400,
    ],
)
def test_blocks_too_deep_for_the_grammar_are_a_problem_instead_of_a_crash(text: bytes) -> None:
    assert parse(text).problem_at is not None


def test_long_indentation_alone_is_not_deep() -> None:
    text = b"a: |\n" + b" " * 150 + b"x\n" + b" " * 150 + b"y\n"
    assert parse(text).problem_at is None


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_reader(data: bytes) -> None:
    parse(data)


@given(st.text(alphabet="ab:-[]{}&*<|>'\"\n #!?,~%\\\t", max_size=60))
def test_no_text_stops_the_reader(text: str) -> None:
    parse(text.encode())
