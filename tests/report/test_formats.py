"""The other formats, the summary and the statistics."""

from __future__ import annotations

import json
from typing import Any

import pytest

from celery_backend_lint import __version__
from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.location import Location, Span
from celery_backend_lint.model.app import App, BackendAlternative, ResultBackend
from celery_backend_lint.report import concise, statistics
from celery_backend_lint.report import json as json_report
from celery_backend_lint.report.result import Summary
from celery_backend_lint.report.style import Style
from celery_backend_lint.report.text import summary_lines

PLAIN = Style(color=False)
PLACE = Location("proj/settings.py", Span(31, 25, 31, 70))


def finding(code: str = "CBL301", severity: Severity = Severity.ERROR, message: str = "redis://:s3cret@h") -> Finding:
    related = Related(Location("proj/celery.py", Span(3, 1, 3, 9)), "password=s3cret")
    return Finding(code, f"name-of-{code.lower()}", severity, message, PLACE, "help", "proj", (related,))


def app(value: str | None = "redis://:***@cache:6379/1", location: Location | None = PLACE) -> App:
    class Declared:
        text = ">=5.4"

    backend = ResultBackend(
        "redis", value, "environment", "CELERY_RESULT_BACKEND", location, (BackendAlternative("disabled", "DEBUG"),)
    )
    declared: Any = Declared()
    return App("proj", Location("proj/celery.py", Span(8, 1, 8, 9)), "CELERY", declared, {}, (), backend)


def test_concise_is_one_line_a_finding(make_result: Any) -> None:
    assert list(concise.render(make_result([finding()], prefix="../"), PLAIN)) == [
        "../proj/settings.py:31:25: CBL301 [error] redis://:***@h"
    ]


def test_json_is_the_contract(make_result: Any) -> None:
    text = json_report.render(make_result([finding()], {"a": "", "b": ""}, apps=(app(),), prefix="sub/"))
    assert text.endswith("}\n")
    assert json.loads(text) == {
        "version": __version__,
        "apps": [
            {
                "name": "proj",
                "path": "proj/celery.py",
                "line": 8,
                "namespace": "CELERY",
                "celery": ">=5.4",
                "result_backend": {
                    "kind": "redis",
                    "value": "redis://:***@cache:6379/1",
                    "source": "environment",
                    "variable": "CELERY_RESULT_BACKEND",
                    "path": "proj/settings.py",
                    "line": 31,
                    "alternatives": [{"kind": "disabled", "when": "DEBUG"}],
                },
            }
        ],
        "findings": [
            {
                "code": "CBL301",
                "name": "name-of-cbl301",
                "url": "https://github.com/celery-backend-lint/celery-backend-lint/blob/main/docs/rules/name-of-cbl301.md",
                "severity": "error",
                "message": "redis://:***@h",
                "help": "help",
                "path": "proj/settings.py",
                "line": 31,
                "column": 25,
                "end_line": 31,
                "end_column": 70,
                "app": "proj",
                "related": [{"path": "proj/celery.py", "line": 3, "message": "password=***"}],
                "fix": None,
            }
        ],
        "summary": {
            "files": 2,
            "errors": 1,
            "warnings": 0,
            "advice": 0,
            "suppressed": 0,
            "unresolved": 0,
            "fixable": 0,
            "fixed": 0,
        },
    }


def test_json_is_ascii_so_that_bytes_do_not_depend_on_the_locale(make_result: Any) -> None:
    assert json_report.render(make_result([finding(message="naïve \x1b 漢 \udc80")])).isascii()


def test_json_of_an_unconfigured_backend_has_nulls(make_result: Any) -> None:
    document = json.loads(json_report.render(make_result([], apps=(app(None, None),))))
    backend = document["apps"][0]["result_backend"]
    assert (backend["value"], backend["path"], backend["line"]) == (None, None, None)


MANY = [
    finding("CBL402"),
    finding("CBL303", Severity.WARNING),
    finding("CBL303", Severity.ERROR),
    finding("CBL101", Severity.ADVICE),
]


def test_statistics_count_each_rule_the_most_frequent_first(make_result: Any) -> None:
    assert list(statistics.render(make_result(MANY), PLAIN)) == [
        "2\tCBL303\tname-of-cbl303",
        "1\tCBL101\tname-of-cbl101",
        "1\tCBL402\tname-of-cbl402",
    ]
    assert list(statistics.render(make_result([]), PLAIN)) == []


def test_statistics_as_json(make_result: Any) -> None:
    assert json.loads(statistics.render_json(make_result(MANY[:1]))) == [
        {"code": "CBL402", "name": "name-of-cbl402", "count": 1}
    ]


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        (MANY, "Found 2 errors, 1 warning, 1 piece of advice."),
        (MANY[:1], "Found 1 error."),
        (MANY[3:] * 2, "Found 2 pieces of advice."),
    ],
)
def test_the_summary_counts_by_severity(make_result: Any, findings: list[Finding], line: str) -> None:
    assert list(summary_lines(make_result(findings))) == [line]


def summary(**counts: int) -> Summary:
    return Summary(**{"files": 1, "errors": 0, "warnings": 0, "advice": 0, "suppressed": 0, "unresolved": 0, **counts})


def test_a_clean_run_says_so_and_whether_there_was_an_app_at_all(make_result: Any) -> None:
    assert list(summary_lines(make_result([], apps=(app(),)))) == ["All checks passed!"]
    assert list(summary_lines(make_result([]))) == ["All checks passed: no Celery app was found."]


def test_the_summary_never_hides_what_was_suppressed_or_left_undecided(make_result: Any) -> None:
    result = make_result([], apps=(app(),), summary=summary(suppressed=2, unresolved=1))
    assert list(summary_lines(result)) == [
        "All checks passed! (2 suppressed)",
        "The result backend of 1 app could not be read; `--select CBL003 --min-severity advice` says why.",
    ]
    result = make_result(MANY[:1], summary=summary(errors=1, suppressed=1))
    assert list(summary_lines(result)) == ["Found 1 error (1 suppressed)."]
