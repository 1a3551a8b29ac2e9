"""Suppression comments taken away: the comment and nothing else."""

from __future__ import annotations

import pytest

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.findings.suppressions import suppress, suppressions_in
from celery_backend_lint.fixes.suppression_comments import remove
from celery_backend_lint.project.source import SourceFile
from celery_backend_lint.rules.catalogue import available

ACTIVE = frozenset({"CBL301", "CBL302"})


def unused(path: str, data: bytes) -> list[Fix]:
    """The fixes of every comment of a file in which nothing is found."""
    result = suppress([], [SourceFile("/", path, data)], available(), ACTIVE)
    assert all(finding.propose is not None for finding in result.unused)
    return [finding.propose() for finding in result.unused if finding.propose is not None]


def applied(path: str, text: str) -> str:
    data = text.encode()
    source = SourceFile("/", path, data)
    edits = sorted((edit for fix in unused(path, data) for edit in fix.edits), key=lambda edit: edit.location.order)
    for edit in reversed(edits):
        span = edit.location.span
        start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
        data = data[:start] + edit.content.encode() + data[end:]
    return data.decode()


@pytest.mark.parametrize("path", ["a.py", "pyproject.toml", "compose.yml", ".env", "requirements.txt"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1  # cbl: ignore[CBL301]\nb = 2\n", "a = 1\nb = 2\n"),
        ("a = 1  # cbl: ignore[CBL301]", "a = 1"),
        ("a = 1  # cbl: ignore[CBL301]\r\nb = 2\r\n", "a = 1\r\nb = 2\r\n"),
        ("a = 1  # cbl: ignore[CBL301]  the host is local\n", "a = 1\n"),
        ("# cbl: ignore[CBL301]\r\nb = 2\r\n", "b = 2\r\n"),
        ("b = 2\n# cbl: ignore[CBL301]", "b = 2\n"),
        ("# cbl: ignore-file[CBL301]\n\nb = 2\n", "\nb = 2\n"),
        ("# cbl: ignore[CBL301]\n# cbl: ignore[CBL302]\nb = 2\n", "b = 2\n"),
        ("# kept # cbl: ignore[CBL301]\nb = 2\n", "# kept\nb = 2\n"),
        ("a = 1  # cbl: ignore[CBL301] # kept\n", "a = 1  # kept\n"),
        ("a = 1  # kept # cbl: ignore[CBL301]\n", "a = 1  # kept\n"),
        ("a = 1  # cbl: ignore[CBL301, CBL502]\n", "a = 1  # cbl: ignore[CBL502]\n"),
        ("a = 1  # cbl: ignore[CBL502,CBL301,CBL401] why\n", "a = 1  # cbl: ignore[CBL502,CBL401] why\n"),
        ("a = 1  # cbl: ignore[hardcoded-credential, CBL502]\n", "a = 1  # cbl: ignore[CBL502]\n"),
        ("a = 1  # cbl: ignore[CBL999]\n", "a = 1\n"),
        ("a = 1  # cbl: ignore[CBL301, CBL999]\n", "a = 1\n"),
        ("a = 1  # cbl: ignore[]\n", "a = 1\n"),
        ("a = 1  # noqa: CBL301\n", "a = 1\n"),
        ("a = 1  # noqa: E501, CBL301\n", "a = 1  # noqa: E501\n"),
        ("a = 1  # noqa:CBL301,E501 because\n", "a = 1  # noqa:E501 because\n"),
        ("a = 1  # NOQA : CBL301 E501\n", "a = 1  # NOQA : E501\n"),
        ("a = 'ü'  # cbl: ignore[CBL301]\n", "a = 'ü'\n"),
    ],
)
def test_what_is_left(path: str, before: str, after: str) -> None:
    if path.endswith(".yml"):
        before, after = before.replace(" = ", ": "), after.replace(" = ", ": ")
    assert applied(path, before) == after
    assert unused(path, after.encode()) == []


def test_titles_tell_what_goes() -> None:
    fixes = unused("a.py", b"a = 1  # cbl: ignore[CBL301, CBL502]\nb = 2  # cbl: ignore[CBL301]\n")
    assert [fix.title for fix in fixes] == ["Remove CBL301 from the comment", "Remove the comment"]
    assert {fix.applicability for fix in fixes} == {Applicability.SAFE}


def test_text_is_no_comment() -> None:
    text = 'a = "# cbl: ignore[CBL301]"\nb = """\n# cbl: ignore[CBL301]\n"""\n'
    assert applied("a.py", text) == text


@pytest.mark.parametrize("comment", ["# cbl: ignore CBL301", "# cbl: ignored[CBL301]", "# cbl: see the wiki"])
def test_what_is_misspelt_is_left_to_people(comment: str) -> None:
    with pytest.raises(CannotFixError, match=r"`a\.py` line 1"):
        unused("a.py", f"a = 1  {comment}\n".encode())


def test_every_suppression_has_a_list_of_codes() -> None:
    source = SourceFile("/", "a.py", b"a = 1  # pragma: allowlist secret\n")
    (found,) = suppressions_in(source)
    with pytest.raises(CannotFixError, match="no list of codes"):
        remove(source, found.location, found.kind, found.names)
