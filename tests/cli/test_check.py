"""``check``: what is printed and which code the run ends with."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ONLY_TEST_RULES = ("--select", "CBL9")


def codes(run: Any) -> list[str]:
    return [finding["code"] for finding in json.loads(run.out)["findings"]]


# exit codes


def test_a_clean_project_ends_with_0(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body="yield from ()")
    run = lint("check", ".", *ONLY_TEST_RULES)
    assert (run.code, run.out, run.err) == (0, "All checks passed!\n", "")


def test_a_finding_ends_with_1(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    run = lint(*ONLY_TEST_RULES)
    assert run.code == 1
    assert "CBL999 [error] the message of test-rule\n --> celeryconfig.py:2:1\n" in run.out
    assert run.out.endswith("Found 1 error.\n")


@pytest.mark.parametrize(
    ("severity", "arguments", "code"),
    [
        ("ERROR", (), 1),
        ("WARNING", (), 1),
        ("ADVICE", (), 0),
        ("ADVICE", ("--min-severity", "advice"), 0),
        ("ADVICE", ("--fail-on", "advice"), 1),
        ("WARNING", ("--fail-on", "error"), 0),
        ("ERROR", ("--fail-on", "error"), 1),
        ("WARNING", ("--min-severity", "error"), 0),
        ("ERROR", ("--exit-zero",), 0),
    ],
)
def test_the_code_follows_fail_on_and_what_is_shown(
    project: Path, lint: Any, add_rule: Any, severity: str, arguments: tuple[str, ...], code: int
) -> None:
    add_rule(severity=severity)
    assert lint(*ONLY_TEST_RULES, *arguments).code == code


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--select", "CBL99"), "command line: no rule is called 'CBL99'"),
        (("--per-file-ignores", "tests"), "--per-file-ignores: expected PATTERN:RULE, not 'tests'"),
        (("--per-file-ignores", "tests:CBL99"), "no rule is called 'CBL99'"),
        (("--target-celery", "new"), "--target-celery: expected a release of Celery, such as 5.4, not 'new'"),
        (("--config", "nowhere.toml"), "nowhere.toml: cannot be read: No such file or directory"),
        (("nowhere",), "nowhere: No such file or directory"),
        (("--quiet", "config"), "the command comes first: `celery-backend-lint config …`"),
        (("--output-file", "nowhere/report"), "nowhere/report: cannot be written: No such file or directory"),
        (("--stdin-filename", "../x.py"), "--stdin-filename: ../x.py lies outside of"),
    ],
)
def test_wrong_arguments_end_with_2_and_say_what_was_expected(
    project: Path, lint: Any, arguments: tuple[str, ...], message: str
) -> None:
    run = lint("--isolated", *arguments) if "--config" not in arguments else lint(*arguments)
    assert run.code == 2
    assert run.out == ""
    assert run.err.startswith("celery-backend-lint: error: ")
    assert message in run.err


def test_an_unknown_option_ends_with_2(project: Path, lint: Any) -> None:
    run = lint("--fixx")
    assert run.code == 2
    assert "unrecognized arguments: --fixx" in run.err


def test_a_wrong_configuration_ends_with_2_and_names_file_and_key(project: Path, lint: Any) -> None:
    (project / "pyproject.toml").write_text("[tool.celery-backend-lint]\nignor = []")
    run = lint()
    assert run.code == 2
    assert "pyproject.toml: tool.celery-backend-lint.ignor: there is no such key; did you mean 'ignore'?" in run.err


def test_an_unknown_rule_in_the_configuration_names_its_file(project: Path, lint: Any) -> None:
    (project / "celery-backend-lint.toml").write_text('per-file-ignores = {x = ["nonsense"]}')
    run = lint()
    assert run.code == 2
    assert "celery-backend-lint.toml: no rule is called 'nonsense'" in run.err


# a crash


def test_a_rule_that_crashes_is_one_finding_and_the_others_still_speak(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    add_rule("CBL998", "crash", body="raise KeyError('s3cret')\n    yield")
    run = lint(*ONLY_TEST_RULES, "--exit-zero")
    assert run.code == 2
    assert "CBL000 [error] the rule CBL998 (crash) crashed: KeyError at " in run.out
    assert "please report this line" in run.out
    assert "CBL999 [error] the message of test-rule" in run.out
    assert "s3cret" not in run.out + run.err


def test_a_rule_that_cannot_be_imported_is_a_crash_of_that_rule(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    add_rule("CBL998", "broken", body="syntax error")
    run = lint(*ONLY_TEST_RULES, "--output-format", "json")
    assert run.code == 2
    assert codes(run) == ["CBL999", "CBL000"] or codes(run) == ["CBL000", "CBL999"]


def test_two_rules_that_crash_are_two_findings(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule("CBL997", "one", body="raise KeyError")
    add_rule("CBL998", "two", body="raise KeyError")
    assert codes(lint(*ONLY_TEST_RULES, "--output-format", "json")) == ["CBL000", "CBL000"]


def test_a_crash_of_the_reading_is_a_finding_too(
    project: Path, lint: Any, add_rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("s3cret")

    add_rule()
    monkeypatch.setattr("celery_backend_lint.commands.pipeline.read_model", crash)
    run = lint(*ONLY_TEST_RULES, "--output-format", "json")
    assert (run.code, codes(run)) == (2, ["CBL000"])
    assert "the reading of the project crashed: ZeroDivisionError at commands/pipeline.py:" in run.out
    assert "s3cret" not in run.out + run.err


def test_a_crash_outside_of_all_that_says_how_to_report_it(
    project: Path, lint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise ZeroDivisionError("s3cret")

    monkeypatch.setattr("celery_backend_lint.commands.check.analyse", crash)
    run = lint()
    assert run.code == 2
    assert "celery-backend-lint crashed: ZeroDivisionError at commands/check.py:" in run.err
    assert "please report this line" in run.err
    assert "s3cret" not in run.err


# selection


def test_the_rules_that_are_not_selected_are_not_even_imported(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    add_rule("CBL998", "explosive", body="syntax error")
    assert lint("--select", "test-rule").code == 1
    assert lint(*ONLY_TEST_RULES, "--ignore", "explosive").code == 1


def test_extend_select_adds_to_the_configuration(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    add_rule("CBL998", "other")
    (project / "celery-backend-lint.toml").write_text('select = ["CBL998"]')
    assert codes(lint("--output-format", "json")) == ["CBL998"]
    assert codes(lint("--output-format", "json", "--extend-select", "test-rule")) == ["CBL998", "CBL999"]
    assert codes(lint("--output-format", "json", "--select", "CBL999")) == ["CBL999"]
    assert len(codes(lint("--output-format", "json", "--isolated", *ONLY_TEST_RULES))) == 2
    other = project / "other.toml"
    other.write_text('select = ["CBL999"]')
    assert codes(lint("--output-format", "json", "--config", "other.toml")) == ["CBL999"]


def test_per_file_ignores_of_command_line_and_configuration(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    add_rule("CBL998", "other")
    assert codes(lint("--output-format", "json", *ONLY_TEST_RULES, "--per-file-ignores", "celery*:other,x:ALL")) == [
        "CBL999"
    ]
    (project / "celery-backend-lint.toml").write_text('select = ["CBL9"]\nper-file-ignores = {"*.py" = ["CBL999"]}')
    assert codes(lint("--output-format", "json")) == ["CBL998"]


def test_patterns_are_relative_to_the_configuration_above_the_root(
    project: Path, lint: Any, add_rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule()
    text = 'select = ["CBL9"]\nper-file-ignores = {"project/celeryconfig.py" = ["CBL999"]}'
    (project.parent / "celery-backend-lint.toml").write_text(text)
    monkeypatch.chdir(project.parent)
    assert lint("project").code == 0
    (project.parent / "celery-backend-lint.toml").write_text(text.replace("project/", "other/"))
    assert lint("project").code == 1


def test_exclude_leaves_files_out_of_the_project_but_never_the_root_that_was_asked_for(
    project: Path, lint: Any, add_rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "celery-backend-lint.toml").write_text('exclude = ["tasks.py"]')
    report = json.loads(lint("--output-format", "json").out)
    assert report["summary"]["files"] == 2
    assert report["apps"] == []
    (project / "celery-backend-lint.toml").unlink()
    (project.parent / "celery-backend-lint.toml").write_text('exclude = ["project", "rules"]')
    monkeypatch.chdir(project.parent)
    assert json.loads(lint("--output-format", "json").out)["summary"]["files"] == 1
    assert json.loads(lint("project", "--output-format", "json").out)["summary"]["files"] == 2


# suppressions


def test_suppressed_findings_are_counted_and_unused_suppressions_reported(
    project: Path, lint: Any, add_rule: Any
) -> None:
    add_rule()
    config = project / "celeryconfig.py"
    lines = config.read_text().splitlines()
    lines[1] += "  # cbl: ignore[CBL999]"
    lines[3] += "  # cbl: ignore[CBL999]"
    config.write_text("\n".join(lines))
    (project / "unrelated.py").write_text("x = 1  # cbl: ignore[test-rule]\n")
    run = lint("--select", "CBL9,CBL002", "--output-format", "concise")
    assert run.code == 1
    assert run.out == (
        "celeryconfig.py:4:12: CBL002 [warning] [*] this suppression does nothing: CBL999 is not reported here\n"
        "unrelated.py:1:8: CBL002 [warning] [*] this suppression does nothing: test-rule is not reported here\n"
        "Found 2 warnings (1 suppressed).\n"
        "[*] 2 fixable with the `--fix` option.\n"
    )
    assert lint("--select", "CBL9").code == 0


# output


def test_concise_and_quiet(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    run = lint(*ONLY_TEST_RULES, "--output-format", "concise", "-q")
    assert run.out == "celeryconfig.py:2:1: CBL999 [error] the message of test-rule\n"
    add_rule(body="yield from ()")


def test_findings_are_sorted_by_path_line_column_and_code(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule("CBL998", "late", line=5)
    add_rule("CBL997", "early", line=1)
    add_rule("CBL996", "same", line=5)
    assert codes(lint(*ONLY_TEST_RULES, "--output-format", "json")) == ["CBL997", "CBL996", "CBL998"]


def test_the_same_input_gives_the_same_bytes(project: Path, command: Any) -> None:
    runs = [command("--output-format", "json", PYTHONHASHSEED=seed).out for seed in ("1", "2")]
    assert runs[0] == runs[1]
    assert json.loads(runs[0])["apps"][0]["result_backend"]["kind"] == "rpc"


def test_statistics(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    assert lint(*ONLY_TEST_RULES, "--statistics", "-q").out == "1\tCBL999\ttest-rule\n"
    text = lint(*ONLY_TEST_RULES, "--statistics", "--output-format", "json").out
    assert json.loads(text) == [{"code": "CBL999", "name": "test-rule", "count": 1}]


def test_the_report_goes_to_a_file(project: Path, lint: Any, add_rule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    add_rule()
    run = lint(*ONLY_TEST_RULES, "--output-file", "../report.txt")
    assert (run.code, run.out) == (1, "")
    assert "CBL999" in (project.parent / "report.txt").read_text()


def test_the_configuration_chooses_the_format_and_the_severities(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(severity="ADVICE")
    text = 'select = ["CBL9"]\noutput-format = "concise"\nmin-severity = "advice"\nfail-on = "advice"'
    (project / "celery-backend-lint.toml").write_text(text)
    run = lint("-q")
    assert (run.code, run.out) == (1, "celeryconfig.py:2:1: CBL999 [advice] the message of test-rule\n")
    assert lint("-q", "--min-severity", "warning").code == 0
    assert lint("-q", "--fail-on", "error").code == 0


def test_paths_are_printed_as_seen_from_the_working_directory(
    project: Path, lint: Any, add_rule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_rule()
    monkeypatch.chdir(project.parent)
    assert "project/celeryconfig.py:2:1: " in lint("project", *ONLY_TEST_RULES, "--output-format", "concise").out
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    assert "../celeryconfig.py:2:1: " in lint("..", *ONLY_TEST_RULES, "--output-format", "concise").out


def test_verbose_says_what_was_read_and_what_was_not(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule()
    (project / "binary.py").write_bytes(b"celery\0")
    (project / "gone.py").symlink_to("nowhere")
    (project / "celery-backend-lint.toml").write_text('select = ["CBL9"]')
    run = lint("-v")
    assert f"project {os.path.realpath(project)}: " in run.err
    assert "1 Celery apps" in run.err
    assert "celery-backend-lint.toml" in run.err
    assert "gone.py: is a link that leads nowhere" in run.err


def test_a_project_without_celery_is_said_to_be_one(project: Path, lint: Any) -> None:
    for name in ("tasks.py", "celeryconfig.py"):
        (project / name).unlink()
    (project / "x.py").write_text("x = 1  # cbl: ignore[CBL301]\n")
    assert lint(".").out == "All checks passed: no Celery app was found.\n"


# standard input


def test_standard_input_stands_for_one_file_and_only_its_findings_are_shown(project: Path, command: Any) -> None:
    (project / "tasks.py").write_text("from celery import Celery  # cbl: ignore[CBL301]\napp = Celery('shop')\n")
    text = b"result_backend = 'redis://'\n\nx = 1  # cbl: ignore[CBL999]\n"
    run = command("--stdin-filename", "celeryconfig.py", "--select", "CBL002", "--output-format", "json", stdin=text)
    report = json.loads(run.out)
    assert [(finding["path"], finding["line"]) for finding in report["findings"]] == [("celeryconfig.py", 3)]
    assert run.code == 1


def test_standard_input_may_stand_for_a_file_that_is_not_there_yet(project: Path, command: Any) -> None:
    (project / "celeryconfig.py").unlink()
    text = b"result_backend = 'redis://'\n"
    run = command("--stdin-filename", "celeryconfig.py", "--output-format", "json", ".", stdin=text)
    assert [app["result_backend"]["kind"] for app in json.loads(run.out)["apps"]] == ["redis"]


def test_files_on_the_command_line_limit_what_is_shown_not_what_is_read(
    project: Path, lint: Any, add_rule: Any
) -> None:
    add_rule()
    assert lint(*ONLY_TEST_RULES, "tasks.py").code == 0
    assert lint(*ONLY_TEST_RULES, "celeryconfig.py", "tasks.py").code == 1
