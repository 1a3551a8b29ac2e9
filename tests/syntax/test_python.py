"""Parsing Python: whatever the file holds, and in time."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from time import process_time

import pytest

from celery_backend_lint.project.source import SourceFile
from celery_backend_lint.syntax.python import (
    FROM_MODULE,
    PythonParser,
    first_error,
    module_name,
    number_value,
    string_value,
    without_blanks,
)


def test_a_large_file_is_parsed_whole() -> None:
    root = PythonParser().parse(SourceFile("/", "a.py", b"a = 123456789\n" * 40_000))
    assert root.named_child_count == 40_000
    assert root.named_children[-1].text == b"a = 123456789"


def test_a_file_that_would_take_too_long_is_read_as_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celery_backend_lint.syntax.python.LONGEST", 0.3)
    parser = PythonParser()
    start = process_time()
    assert parser.parse(SourceFile("/", "a.py", b"x=[" * 600_000)).named_child_count == 0
    assert process_time() - start < 3
    assert parser.parse(SourceFile("/", "b.py", b"y = 2\n")).named_child_count == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'", "a"),
        (r"'\x41\n\u00e9\N{DASH}'", "A\n\u00e9\\N{DASH}"),
        (r"r'\n'", r"\n"),
        ("b'ab'", b"ab"),
        ("f'{{a}}'", "{a}"),
        ("'''a\r\nb'''", "a\nb"),
        ("f'{a}'", None),
    ],
)
def test_strings_mean_what_python_makes_of_them(text: str, value: object) -> None:
    node = PythonParser().parse(SourceFile("/", "a.py", text.encode())).named_children[0].named_children[0]
    got = string_value(node)
    if "\\N" in text:
        assert got in (value, text[1:-1])
    else:
        assert got == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("1_000", 1000), ("0x10", 16), ("010", 8), ("10L", 10), ("1e3", 1000.0), ("2j", 2j), ("0b2", None)],
)
def test_numbers_of_every_python(text: str, value: object) -> None:
    root = PythonParser().parse(SourceFile("/", "a.py", f"x = {text}".encode()))
    node = root.named_children[0].named_children[0].child_by_field_name("right")
    assert node is not None
    if node.type in ("integer", "float"):
        assert number_value(node) == value


def test_the_first_error_is_found(tmp_path: Path) -> None:
    root = PythonParser().parse(SourceFile("/", "a.py", b"a = 1\nb = = 2\n"))
    error = first_error(root)
    assert error is not None
    assert error.start_point.row == 1
    assert first_error(PythonParser().parse(SourceFile("/", "a.py", b"a = 1\n"))) is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (
            b"if a:\n" + b"".join(b" " * n + b"if a:\n" for n in range(1, 450)) + b" " * 450 + b"b = 1\n",
            "nested too deep",
        ),
        (b"a = 1\n" * 60_000, "more than 50000 statements"),
    ],
)
def test_a_file_that_is_given_up_says_why(data: bytes, reason: str) -> None:
    source = SourceFile("/", "a.py", data)
    assert PythonParser().parse(source).named_child_count == 0
    assert source.problem is not None
    assert reason in source.problem.reason


@pytest.mark.parametrize(
    "text",
    [
        "from .celery import app",
        "from . celery import app",
        "from.celery import app",
        "from . .  pkg . celery import(app)",
        "from .. import celery",
        "from ..import celery",
        "from . \\\n    celery import app",
        "from pkg . celery import app",
        "from\tpkg.celery import app",
        "from .importing import app",
    ],
)
def test_a_module_is_named_as_python_has_it_whatever_blanks_stand_in_it(text: str) -> None:
    statement = ast.parse(text).body[0]
    assert isinstance(statement, ast.ImportFrom)
    wanted = "." * statement.level + (statement.module or "")
    node = PythonParser().parse(SourceFile("", "", text.encode())).named_children[0]
    module = node.child_by_field_name("module_name")
    assert module is not None
    assert module_name(module) == wanted
    match = re.match(FROM_MODULE, text.encode())
    assert match is not None
    assert without_blanks(match[1].decode()) == wanted


@pytest.mark.parametrize("text", ["fromage.x import y", "from: x import y", "from \nx import y", "from x\nimport y"])
def test_what_is_no_import_names_no_module(text: str) -> None:
    assert re.match(FROM_MODULE, text.encode()) is None
