"""Comments that silence findings."""

from __future__ import annotations

import json
from hashlib import sha1

import pytest

from celery_backend_lint.findings.finding import Finding, Severity
from celery_backend_lint.findings.suppressions import Suppressed, suppress, suppressions_in
from celery_backend_lint.location import Location, Span
from celery_backend_lint.project.source import SourceFile
from celery_backend_lint.rules.catalogue import CatalogueEntry

ENTRIES = tuple(
    CatalogueEntry(code, name, "unused")
    for code, name in (
        ("CBL002", "unused-suppression"),
        ("CBL301", "hardcoded-credential"),
        ("CBL303", "hardcoded-backend-url"),
        ("CBL903", "real-value-in-example"),
    )
)
EVERYTHING = frozenset(entry.code for entry in ENTRIES)


def source(text: str, path: str = "celeryconfig.py") -> SourceFile:
    return SourceFile("/nowhere", path, text.encode())


def finding(line: int, code: str = "CBL301", path: str = "celeryconfig.py", end_line: int = 0) -> Finding:
    return Finding(code, "name", Severity.ERROR, "message", Location(path, Span(line, 1, end_line or line, 9)))


def run(
    text: str, *findings: Finding, path: str = "celeryconfig.py", active: frozenset[str] = EVERYTHING
) -> Suppressed:
    return suppress(findings, [source(text, path)], ENTRIES, active)


def silences(text: str, line: int, path: str = "celeryconfig.py", code: str = "CBL301", end_line: int = 0) -> bool:
    result = run(text, finding(line, code, path, end_line), path=path)
    assert result.silenced in (0, 1)
    return result.silenced == 1 and not result.findings


# what silences


@pytest.mark.parametrize(
    "comment",
    [
        "# cbl: ignore[CBL301]",
        "#cbl:ignore[CBL301]",
        "# cbl: ignore[CBL303, CBL301] the cache is public",
        "# cbl: ignore[hardcoded-credential]",
        "# type: ignore  # cbl: ignore[CBL301]",
        "# noqa: CBL301",
        "# NOQA:CBL301",
        "# noqa: F401, CBL301",
        "# noqa: E501 CBL301 for a reason",
        "# pragma: allowlist secret",
        "# pragma: whitelist secret",
    ],
)
def test_a_comment_on_the_reported_line_silences(comment: str) -> None:
    assert silences(f"x = 1  {comment}\n", 1)


@pytest.mark.parametrize(
    "comment",
    [
        "# cbl: ignore[CBL303]",
        "# cbl: ignore",
        "# cbl: ignore CBL301",
        "# cbl: ignore[]",
        "# cbl: ignore[cbl301]",
        "# noqa",
        "# noqa: F401",
        "# noqa CBL301",
        "# see cbl: ignore[CBL301]",
        "# pragma: no cover",
    ],
)
def test_a_comment_that_does_not_name_the_rule_silences_nothing(comment: str) -> None:
    assert not silences(f"x = 1  {comment}\n", 1)


def test_a_comment_of_its_own_speaks_for_the_line_below() -> None:
    assert silences("# cbl: ignore[CBL301]\nx = 1\n", 2)


def test_comments_above_one_another_all_speak_for_the_line_below() -> None:
    text = "# cbl: ignore[CBL301]\n# cbl: ignore[CBL303]\nx = 1\n"
    result = run(text, finding(3), finding(3, "CBL303"))
    assert (result.findings, result.silenced, result.unused) == ((), 2, ())


def test_a_comment_of_its_own_does_not_reach_over_an_empty_line() -> None:
    assert not silences("# cbl: ignore[CBL301]\n\nx = 1\n", 3)


def test_a_comment_behind_code_does_not_speak_for_the_line_below() -> None:
    assert not silences("y = 1  # cbl: ignore[CBL301]\nx = 1\n", 2)


def test_noqa_above_does_not_speak_for_the_line_below_as_in_ruff() -> None:
    assert not silences("# noqa: CBL301\nx = 1\n", 2)


def test_a_comment_on_the_last_line_of_a_long_statement_silences() -> None:
    assert silences("x = (\n  1\n)  # cbl: ignore[CBL301]\n", 1, end_line=3)


def test_a_comment_in_the_middle_of_a_long_statement_does_not_silence() -> None:
    assert not silences("x = (\n  1  # cbl: ignore[CBL301]\n)\n", 1, end_line=3)


def test_ignore_file_silences_everywhere_in_its_file_only() -> None:
    result = suppress(
        [finding(1), finding(40), finding(1, path="other.py")],
        [source("\n\n# cbl: ignore-file[CBL301]\n"), source("", "other.py")],
        ENTRIES,
        EVERYTHING,
    )
    assert [left.location.path for left in result.findings] == ["other.py"]


def test_nextline_allows_the_secret_below() -> None:
    text = "# pragma: allowlist nextline secret\nx = 1\n"
    assert silences(text, 2)
    assert not silences(text, 1)


def test_detect_secrets_comments_speak_for_credentials_only() -> None:
    assert silences("x = 1  # pragma: allowlist secret\n", 1, code="CBL903")
    assert not silences("x = 1  # pragma: allowlist secret\n", 1, code="CBL303")


# what is a comment


@pytest.mark.parametrize(
    "text",
    [
        'x = "# cbl: ignore[CBL301]"\n',
        'x = f"{y} # cbl: ignore[CBL301]"\n',
        'x = """\n# cbl: ignore[CBL301]\n"""\n',
    ],
)
def test_text_in_a_python_string_is_no_comment(text: str) -> None:
    assert not list(suppressions_in(source(text)))


def test_python_2_is_read_too() -> None:
    assert silences("print 'x'  # cbl: ignore[CBL301]\n", 1)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", 'x = "1" # cbl: ignore[CBL301]\n'),
        ("Pipfile", 'x = "1" # cbl: ignore[CBL301]\n'),
        ("docker-compose.yml", "x: 1 # cbl: ignore[CBL301]\n"),
        (".env", "x=1 # cbl: ignore[CBL301]\n"),
        ("requirements.txt", "celery==5.6 # cbl: ignore[CBL301]\n"),
        ("Dockerfile", "# cbl: ignore[CBL301]\n"),
        (".gitignore", "# cbl: ignore[CBL301]\n"),
    ],
)
def test_other_formats_have_the_same_comments(path: str, text: str) -> None:
    assert silences(text, 1, path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", 'x = "# cbl: ignore[CBL301]"\n'),
        ("docker-compose.yaml", 'x: "# cbl: ignore[CBL301]"\n'),
        (".env", "x=1# cbl: ignore[CBL301]\n"),
        (".gitignore", ".env  # cbl: ignore[CBL301]\n"),
    ],
)
def test_what_looks_like_a_comment_in_other_formats_is_none(path: str, text: str) -> None:
    assert not silences(text, 1, path)


def test_a_file_that_cannot_be_decoded_has_no_suppressions() -> None:
    broken = SourceFile("/nowhere", "x.py", b"# cbl: ignore[CBL301]\xff\n")
    assert not list(suppressions_in(broken))


def test_utf_16_is_read() -> None:
    utf16 = SourceFile("/nowhere", "requirements.txt", "celery # cbl: ignore[CBL301]\n".encode("utf-16"))
    assert [each.names for each in suppressions_in(utf16)] == [("CBL301",)]


def test_the_place_is_the_directive_in_characters() -> None:
    (found,) = suppressions_in(source("x = 'é'  # cbl: ignore[CBL301] reason  # more\n"))
    assert found.location.span == Span(1, 10, 1, 38)


# what is unused


def complaints(text: str, *findings: Finding, active: frozenset[str] = EVERYTHING) -> list[str]:
    return [unused.message for unused in run(text, *findings, active=active).unused]


def test_a_used_suppression_is_not_reported() -> None:
    assert complaints("x  # cbl: ignore[CBL301]\n", finding(1)) == []


def test_an_idle_suppression_is_reported_at_the_comment() -> None:
    (unused,) = run("x  # cbl: ignore[CBL301]\n").unused
    assert (unused.code, unused.name, unused.severity) == ("CBL002", "unused-suppression", Severity.WARNING)
    assert unused.message == "this suppression does nothing: CBL301 is not reported here"
    assert unused.location.span == Span(1, 4, 1, 25)


def test_only_the_idle_codes_are_named() -> None:
    (message,) = complaints("x  # cbl: ignore[CBL301, CBL303]\n", finding(1))
    assert "CBL303 is not" in message
    assert "CBL301" not in message


def test_an_unknown_code_is_reported_even_beside_a_used_one() -> None:
    (message,) = complaints("x  # cbl: ignore[CBL301, CBL999]\n", finding(1))
    assert message.endswith("no rule is called CBL999")


@pytest.mark.parametrize("comment", ["# cbl: ignore", "# cbl: ignore[]", "# cbl: skip[CBL301]"])
def test_a_comment_that_names_nothing_is_reported(comment: str) -> None:
    (message,) = complaints(comment + "\n")
    assert message.endswith("it names no rule")


def test_a_rule_that_did_not_run_is_never_called_idle() -> None:
    assert complaints("x  # cbl: ignore[CBL301]\n", active=frozenset({"CBL002"})) == []


def test_an_idle_noqa_counts_only_with_our_codes() -> None:
    assert complaints("x  # noqa: F401\n") == []
    assert len(complaints("x  # noqa: F401, CBL301\n")) == 1


def test_detect_secrets_own_comments_are_never_called_idle() -> None:
    assert complaints("x  # pragma: allowlist secret\n") == []


def test_the_complaint_itself_can_be_silenced() -> None:
    result = run("# cbl: ignore-file[CBL002]\nx  # cbl: ignore[CBL301]\n")
    assert (result.unused, result.silenced) == ((), 1)


# detect-secrets' baseline


def baseline(secret: str, path: str = "celeryconfig.py") -> SourceFile:
    hashed = sha1(secret.encode()).hexdigest()
    document = {"version": "1.5.0", "results": {path: [{"type": "Secret Keyword", "hashed_secret": hashed}]}}
    return source(json.dumps(document), ".secrets.baseline")


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ('result_backend = "redis://:hunter2@cache/0"', "hunter2"),
        ('result_backend = "redis://user:hunter2@cache/0"', "hunter2"),
        ('redis_password = "hunter 2"', "hunter 2"),
        ("redis_password = 'hunter2'", "hunter2"),
        ("REDIS_PASSWORD=hunter 2", "hunter 2"),
        ("REDIS_PASSWORD: hunter2", "hunter2"),
        ('x = ["hunter2"]', "hunter2"),
    ],
)
def test_a_secret_of_the_baseline_is_silenced(line: str, secret: str) -> None:
    result = suppress([finding(1)], [source(line + "\n")], ENTRIES, EVERYTHING, baseline(secret))
    assert (result.findings, result.silenced) == ((), 1)


@pytest.mark.parametrize("known", [baseline("other"), baseline("hunter2", "other.py"), source("{]"), source("[]")])
def test_what_the_baseline_does_not_know_is_reported(known: SourceFile) -> None:
    result = suppress([finding(1)], [source('password = "hunter2"\n')], ENTRIES, EVERYTHING, known)
    assert len(result.findings) == 1


def test_the_baseline_speaks_for_credentials_only() -> None:
    text = 'result_backend = "redis://:hunter2@cache/0"\n'
    result = suppress([finding(1, "CBL303"), finding(1)], [source(text)], ENTRIES, EVERYTHING, baseline("hunter2"))
    assert [left.code for left in result.findings] == ["CBL303"]
