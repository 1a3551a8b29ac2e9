from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celery_backend_lint.syntax.toml import TomlNode, first_problem, parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TEXT = '''\
title = "a \\"b\\" \\u00e9\\x41" # comment
'quoted key'."and.dotted" = \'\'\'
first
second\'\'\'
long = """one \\
   two"""
numbers = [1, 0x10, 1_000, 2.5, -inf]
day = 1979-05-27

[tool."my.tool".deep]
on = true
inline = { a = 1, b.c = ["x", { d = false }] }
empty = {}

[[package]]
name = "celery"
[package.source]
type = "git"
[[package]]
name = "redis"
'''


def plain(node: TomlNode) -> Any:
    if isinstance(node.value, dict):
        return {key: plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [plain(value) for value in node.value]
    return node.value


def test_values_are_those_of_tomllib() -> None:
    document = parse(TEXT.replace("\\x41", "A").encode())
    expected = tomllib.loads(TEXT.replace("\\x41", "A"))
    expected["day"] = None
    assert document.problem is None
    assert plain(document.root) == expected


def test_keys_and_values_know_where_they_stand() -> None:
    utf8 = "# é\n[tool.poetry]\ncelery = { version = '^5' }\n".encode()
    celery = parse(utf8).root.get("tool", "poetry", "celery")
    assert celery is not None
    assert utf8[celery.key_start : celery.key_end] == b"celery"
    assert utf8[celery.start : celery.end] == b"{ version = '^5' }"
    version = celery.get("version")
    assert version is not None
    assert (version.text, utf8[version.start : version.end]) == ("^5", b"'^5'")


def test_only_the_tables_asked_for_are_turned_into_values() -> None:
    text = b"[tool]\na = 1\n[tool.poetry]\nb = 2\n[tool.poetry.x]\nc = 3\n[tool.ruff]\nd = 4\n[project]\ne = 5\n"
    assert plain(parse(text, (("tool", "poetry"),)).root) == {"tool": {"a": 1, "poetry": {"b": 2, "x": {"c": 3}}}}


def test_looking_for_what_is_not_there_gives_nothing() -> None:
    root = parse(b"a = 1\nb = [2]\n").root
    assert root.get("a", "b", "c") is None
    assert root.get("x", "y") is None
    (a, b) = (root.get("a"), root.get("b"))
    assert a is not None
    assert b is not None
    assert (a.items(), a.elements(), a.text, len(b.elements())) == ([], [], None, 1)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('[project\nname = "x"\n', 1, 9),
        ('a = "x"\nb = \nc = 1\n', 2, 5),
        ('a = "open\nb = 1\n', 1, 10),
        ("a = 1\na = 2\n", 2, 6),
        ("[a]\nb = 1\n[a]\n", 3, 3),
        ("a = [1, 2\n", 1, 1),
        ("a = 1\n[a.b]\nc = 1\n", 2, 5),
        ("a = { b = 1, b = 2 }\n", 1, 19),
        ("a = 1\na.b = 2\n", 2, 8),
        ("[[a]]\nb = 1\n[a]\n", 3, 3),
        ("a = [1]\n[[a.b]]\n", 2, 6),
        ("= 1\n", 1, 1),
        ("[]\n", 1, 2),
    ],
)
def test_the_first_bad_place_is_named(text: str, line: int, column: int) -> None:
    problem = parse(text.encode()).problem
    assert problem is not None
    assert (problem.line, problem.column) == (line, column)
    assert problem.message.startswith("not valid TOML: ")


def test_the_message_repeats_no_value() -> None:
    problem = parse(b'password = "hunter2\n').problem
    assert problem is not None
    assert "hunter2" not in problem.message


def test_what_can_be_read_of_a_broken_file_is_read() -> None:
    document = parse(b'[project]\nname = "x"\ndependencies = ["celery"]\n[tool\n')
    assert document.problem is not None
    dependencies = document.root.get("project", "dependencies")
    assert dependencies is not None
    assert [item.text for item in dependencies.elements()] == ["celery"]


def test_deep_nesting_ends_without_an_error() -> None:
    for text in (b"a = " + b"[" * 3000 + b"]" * 3000, b".".join([b"a"] * 3000) + b" = 1", b"a = " + b"{a=" * 500):
        parse(text)


def test_windows_line_endings_are_read() -> None:
    assert plain(parse(b'a = """\r\nx"""\r\n[b]\r\nc = 1\r\n').root) == {"a": "x", "b": {"c": 1}}


keys = st.sampled_from(["a", "b", '"c d"', "'e'", "a.b", 'x."y.z"'])
values = st.recursive(
    st.sampled_from(
        ['"s"', "'l'", "1", "true", "2.5", '"\\n\\t"', '"""m\nn"""', "'''\no'''", "1e3", "0b11", "1979-05-27"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.lists(st.tuples(keys, inner), max_size=2).map(
            lambda pairs: "{" + ", ".join(f"{k} = {v}" for k, v in pairs) + "}"
        ),
    ),
    max_leaves=5,
)
lines = st.one_of(
    st.tuples(keys, values).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    keys.map(lambda key: f"[{key}]"),
    keys.map(lambda key: f"[[{key}]]"),
    st.just("# comment"),
)


def dateless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: dateless(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [dateless(inner) for inner in value]
    return value if isinstance(value, (str, int, float, bool)) else None


@given(st.lists(lines, max_size=6).map("\n".join))
def test_whatever_tomllib_reads_is_read_alike(text: str) -> None:
    document = parse(text.encode())
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert document.problem is None
    assert plain(document.root) == dateless(expected)


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_reader(data: bytes) -> None:
    parse(data)
    first_problem(data)
