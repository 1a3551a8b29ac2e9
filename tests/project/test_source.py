"""A file is read once, safely, and positions in it are those of people and editors."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celery_backend_lint.location import Span
from celery_backend_lint.project.source import SourceFile, declared_encoding


def source(data: bytes, path: str = "a.txt") -> SourceFile:
    return SourceFile("/nowhere", path, data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfa = 1\r\n", "a = 1\r\n"),
        ("ä = 1".encode("utf-16"), "ä = 1"),
        ("ä".encode(), "ä"),
        (b"", ""),
    ],
)
def test_text_is_decoded_as_pip_and_python_do(data: bytes, text: str) -> None:
    assert source(data).text == text
    assert source(data).problem is None


@pytest.mark.parametrize(
    ("data", "reason", "skipped", "line"),
    [
        (b"a\0b", "is binary (it holds NUL bytes)", True, 1),
        (b"\xff\xfea", "is not valid UTF-16", False, 1),
        (b"\xff\xfea\0\0\0", "is binary (it holds NUL bytes)", True, 1),
        (b"a\nb\xe9", "is not UTF-8 (byte 0xe9 in line 2)", False, 2),
    ],
)
def test_what_is_no_text_has_a_problem(data: bytes, reason: str, skipped: bool, line: int) -> None:
    found = source(data)
    problem = found.problem
    assert problem is not None
    assert (problem.reason, problem.skipped, problem.line, found.text) == (reason, skipped, line, "")


def test_a_declared_encoding_counts_for_python_only() -> None:
    data = b"# -*- coding: latin-1 -*-\nx = '\xe9'\n"
    assert source(data, "a.py").text.endswith("'é'\n")
    assert source(data, "a.txt").problem is not None
    assert source(data.replace(b"latin-1", b"nonsense"), "a.py").problem is not None
    assert source(data.replace(b"latin-1", b"ascii"), "a.py").problem is not None
    assert source(data.replace(b"latin-1", b"rot13"), "a.py").problem is not None
    assert declared_encoding(b"\n\n# coding: latin-1") is None


def test_positions_are_lines_and_characters() -> None:
    found = source("é = 1\n  ü = 'x'\n".encode())
    start = found.utf8.index(b"'x'")
    assert found.span(start, start + 3) == Span(2, 7, 2, 10)
    assert found.span(0, len(found.utf8)) == Span(1, 1, 3, 1)
    assert [found.line(number) for number in (0, 1, 2, 3, 4)] == ["", "é = 1", "  ü = 'x'", "", ""]


def test_what_cannot_be_opened_is_a_problem_that_names_it(tmp_path: Path) -> None:
    missing = SourceFile(str(tmp_path), "missing.py")
    assert missing.data == b""
    assert missing.problem is not None
    assert (missing.problem.path, missing.problem.reason) == ("missing.py", "cannot be read: No such file or directory")
    folder = SourceFile(str(tmp_path), "")
    assert folder.problem is not None
    assert folder.problem.reason == "is not a regular file"
    (tmp_path / "link").symlink_to("missing.py")
    linked = SourceFile(str(tmp_path), "link")
    assert linked.problem is not None


def test_a_file_is_read_up_to_two_mebibytes(tmp_path: Path) -> None:
    limit = 2 * 1024 * 1024
    (tmp_path / "fits").write_bytes(b"x" * limit)
    (tmp_path / "large").write_bytes(b"x" * (limit + 1))
    assert len(SourceFile(str(tmp_path), "fits").data) == limit
    large = SourceFile(str(tmp_path), "large")
    assert large.problem is not None
    assert large.problem.skipped


def test_devices_are_not_read() -> None:
    zero = SourceFile("/dev", "zero")
    assert zero.data == b""
    assert zero.problem is not None
    assert zero.problem.reason == "is not a regular file"


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    for path in ("a.py", "b.txt"):
        found = source(data, path)
        assert found.text.encode() == found.utf8
        span = found.span(0, len(found.utf8))
        assert span.end_line == found.text.count("\n") + 1
        assert "\n" not in found.line(span.end_line)
