"""Every rule's cases: what it reports, and, more often, what it must not."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from celery_backend_lint.cli import main
from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.rules.catalogue import CatalogueEntry, available, load
from tests.cases import Case, fix_cases, rule_cases

CASES = rule_cases()
WITH_CASES = [entry for entry in available() if entry.code != "CBL002"]
"""CBL002 is made by findings/suppressions.py and tested in tests/findings/test_suppressions.py."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.path.parent.name}/{case.path.stem}")
def test_case(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    root = case.build(tmp_path)
    monkeypatch.chdir(root)
    arguments = ["--select", case.code, "--min-severity", "advice", "--isolated", *case.head.get("args", [])]
    status = main([*arguments, "--output-format", "json", "."])
    output = capsys.readouterr()
    assert status in (0, 1), output.err
    findings = [f for f in json.loads(output.out)["findings"] if f["code"] == case.code]
    assert sorted((f["path"], f["line"]) for f in findings) == sorted(map(tuple, case.head.get("expect", [])))
    if "severities" in case.head:
        assert [f["severity"] for f in findings] == case.head["severities"]
    for finding, text in zip(findings, case.head.get("says", []), strict=False):
        assert text in finding["message"] + finding["help"]
    for finding in findings:
        assert finding["message"]
        assert finding["end_line"] >= finding["line"] >= 1
        assert finding["column"] >= 1
    for secret in case.head.get("secret", []):
        for output_format in ("full", "concise", "json"):
            main(["--min-severity", "advice", "--isolated", "--output-format", output_format, "."])
            shown = capsys.readouterr()
            assert secret not in shown.out + shown.err
    assert case.path.stem.startswith("bad_" if case.head.get("expect") else "good_"), "named for what is expected"


@pytest.mark.parametrize("entry", WITH_CASES, ids=lambda entry: entry.code)
def test_rule_has_more_silent_cases_than_loud_ones_and_a_proof(entry: object) -> None:
    code = entry.code  # type: ignore[attr-defined]
    count = Counter("bad" if case.head.get("expect") else "good" for case in CASES if case.code == code)
    assert count["bad"] >= 1
    assert count["good"] > count["bad"], f"{code}: {count}"
    assert (Path(__file__).parent / code.lower() / "test_proof.py").is_file()


@pytest.mark.parametrize("entry", available(), ids=lambda entry: entry.code)
def test_a_rule_that_declares_a_fix_has_cases_of_it_and_no_other_has(entry: CatalogueEntry) -> None:
    written = [case for case in fix_cases() if case.code == entry.code and case.after]
    assert bool(written) == (load(entry).rule.fix is not None)
    if any("--unsafe-fixes" not in case.head.get("fix_args", []) for case in written):
        assert load(entry).rule.fix is Applicability.SAFE
