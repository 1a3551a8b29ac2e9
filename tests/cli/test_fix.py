"""``--fix`` and ``--diff``: what is written, shown and said, and which code the run ends with."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

ONLY_TEST_RULES = ("--select", "CBL9")

REPORT = """\
from functools import partial
    from celery_backend_lint.findings.finding import Applicability
    from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
    source = model.project.source("celeryconfig.py")
    def place(line, column=1, end=4):
        return Location("celeryconfig.py", Span(line, column, line, end))
    def fix(*edits, applicability=Applicability.SAFE, note=""):
        return Fix("Write three letters", applicability, edits, note)
    def refuse(why):
        raise CannotFixError(why)
    for line, text in enumerate(source.text.splitlines(), 1):
        if {condition}:
            yield RULE.finding(place(line), f"the word {{text[:3]}}", propose=partial({propose}))
"""


def body(condition: str, propose: str) -> str:
    return REPORT.format(condition=condition, propose=propose)


ONE_TO_TEN = body("text.startswith('one')", "fix, Edit(place(line), 'ten')")
UNSAFE = body("text.startswith('two')", "fix, Edit(place(line), 'ten'), applicability=Applicability.UNSAFE")


def config(project: Path) -> str:
    return (project / "celeryconfig.py").read_text()


# what is written


def test_a_fix_is_written_and_the_rest_stays(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN)
    (project / "celeryconfig.py").write_bytes(b"\xef\xbb\xbfone = 1  # a\r\ntwo = 2\none = 3")
    run = lint("--fix", *ONLY_TEST_RULES)
    assert (run.code, run.out, run.err) == (0, "Fixed 2 findings, none remaining.\n", "")
    assert (project / "celeryconfig.py").read_bytes() == b"\xef\xbb\xbften = 1  # a\r\ntwo = 2\nten = 3"


def test_what_is_not_fixable_is_left_and_reported(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN)
    add_rule("CBL998", "other-rule", line=2)
    run = lint("--fix", *ONLY_TEST_RULES)
    assert run.code == 1
    assert "CBL998 [error] the message of other-rule" in run.out
    assert run.out.endswith("Fixed 1 finding; 1 error remaining.\n")


def test_unsafe_fixes_are_only_applied_when_they_are_asked_for(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=UNSAFE)
    before = config(project)
    run = lint("--fix", *ONLY_TEST_RULES)
    assert run.code == 1
    assert run.out.endswith("Found 1 error.\n1 fixable with `--unsafe-fixes`.\n")
    assert config(project) == before
    assert lint("--fix", "--unsafe-fixes", *ONLY_TEST_RULES).code == 0
    assert config(project) == before.replace("two", "ten")


def test_unsafe_fixes_can_be_configured(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=UNSAFE)
    before = config(project)
    (project / "celery-backend-lint.toml").write_text("unsafe-fixes = true\n")
    assert lint("--fix", *ONLY_TEST_RULES).code == 0
    assert config(project) == before.replace("two", "ten")
    (project / "celery-backend-lint.toml").write_text("unsafe-fixes = 1\n")
    run = lint("--fix", *ONLY_TEST_RULES)
    assert (run.code, "unsafe-fixes: expected true or false" in run.err) == (2, True)


@pytest.mark.parametrize("where", ["command line", "configuration"])
def test_what_is_unfixable_is_reported_and_left(project: Path, lint: Any, add_rule: Any, where: str) -> None:
    add_rule(body=ONE_TO_TEN)
    before = config(project)
    if where == "configuration":
        (project / "celery-backend-lint.toml").write_text('unfixable = ["test-rule"]\n')
    arguments = ("--unfixable", "CBL999") if where == "command line" else ()
    run = lint("--fix", *ONLY_TEST_RULES, *arguments)
    assert run.code == 1
    assert run.out.endswith("Found 1 error.\n")
    assert config(project) == before
    wrong = lint("--fix", "--unfixable", "CBL998")
    assert (wrong.code, "no rule is called 'CBL998'" in wrong.err) == (2, True)


def test_findings_that_are_hidden_are_not_fixed(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN, severity="ADVICE")
    before = config(project)
    assert lint("--fix", *ONLY_TEST_RULES).code == 0
    assert config(project) == before
    assert lint("--fix", "--min-severity", "advice", *ONLY_TEST_RULES).code == 0
    assert config(project) != before


def test_what_is_suppressed_is_not_fixed(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN)
    (project / "celeryconfig.py").write_text("one = 1  # cbl: ignore[CBL999]\n")
    assert lint("--fix", *ONLY_TEST_RULES).code == 0
    assert config(project) == "one = 1  # cbl: ignore[CBL999]\n"


def test_fixes_that_overlap_wait_for_the_next_pass(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN)
    add_rule("CBL998", "other-rule", body=body("text.startswith(('one', 'ten'))", "fix, Edit(place(line), 'six')"))
    run = lint("--fix", *ONLY_TEST_RULES)
    assert run.code == 0
    assert config(project).startswith("result_backend = 'rpc://'\nsix = 1\n")


def test_a_file_is_created_and_several_fixes_put_lines_into_it(project: Path, lint: Any, add_rule: Any) -> None:
    put = "fix, Edit(place(line), 'ten'), Edit(Location('.env'), f'{text[:3]}=1\\n', subject=text[:3], private=True)"
    add_rule(body=body("text[:3] in ('one', 'two')", put))
    assert lint("--fix", *ONLY_TEST_RULES).code == 0
    assert (project / ".env").read_text() == "one=1\ntwo=1\n"
    assert (project / ".env").stat().st_mode & 0o777 == 0o600


# what is taken back


@pytest.mark.parametrize(
    ("propose", "why"),
    [
        ("fix, Edit(place(line), '(')", "`celeryconfig.py` is no Python any more"),
        ("fix, Edit(place(line, 9, 9), '# x')", "CBL999 is still there"),
        ("fix, Edit(Location('celeryconfig.py', Span(1, 1, 1, 1)), 'bad = 1\\none = 1\\n')", "is still there"),
        ("fix, Edit(place(line), 'bad')", "it would bring CBL998 in celeryconfig.py"),
    ],
)
def test_a_fix_that_does_not_help_or_does_harm_is_taken_back(
    project: Path, lint: Any, add_rule: Any, propose: str, why: str
) -> None:
    add_rule(body=body("text.startswith('one')", propose))
    add_rule("CBL998", "bad-rule", body=body("text.startswith('bad')", "refuse, 'no'"))
    add_rule("CBL997", "good-rule", body=body("text.startswith('two')", "fix, Edit(place(line), 'ten')"))
    before = config(project)
    run = lint("--fix", *ONLY_TEST_RULES)
    assert run.code == 1
    assert "celeryconfig.py:2: the fix of CBL999 was taken back: " in run.err
    assert why in run.err
    assert "please report it" in run.err
    assert run.out.endswith("Fixed 1 finding; 1 error remaining.\n")
    assert config(project) == before.replace("two", "ten"), "the other fix is applied all the same"


def test_an_unsafe_fix_that_brings_something_else_to_light_is_no_bug(project: Path, lint: Any, add_rule: Any) -> None:
    bring = "fix, Edit(place(line), 'bad'), applicability=Applicability.UNSAFE"
    add_rule(body=body("text.startswith('one')", bring))
    add_rule("CBL998", "bad-rule", body=body("text.startswith('bad')", "refuse, 'no'"))
    before = config(project)
    run = lint("--fix", "--unsafe-fixes", *ONLY_TEST_RULES)
    assert run.code == 1
    assert run.err.endswith(
        "celeryconfig.py:2: the fix of CBL999 was taken back: it would bring CBL998 in celeryconfig.py\n"
    )
    assert config(project) == before


@pytest.mark.parametrize(("path", "written"), [(".env.example", True), ("other.txt", False)])
def test_an_example_that_brings_something_to_light_is_written(
    project: Path, lint: Any, add_rule: Any, path: str, written: bool
) -> None:
    add_rule(body=body(f"line == 1 and not model.project.source('{path}')", f"fix, Edit(Location('{path}'), 'A=1\\n')"))
    add_rule("CBL998", "bad-rule", body=body(f"line == 2 and model.project.source('{path}')", "refuse, 'no'"))
    run = lint("--fix", *ONLY_TEST_RULES)
    assert (project / path).is_file() == written
    assert ("it would bring CBL998 in celeryconfig.py" in run.err) != written


def test_fixes_that_never_come_to_an_end_are_stopped(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=body("'z' not in text", "fix, Edit(place(line), text[:3] + 'x')"))
    run = lint("--fix", *ONLY_TEST_RULES)
    assert run.code == 1


def test_a_fix_that_crashes_costs_only_itself(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=body("text.startswith('one')", "int, 'x'"))
    add_rule("CBL998", "other-rule", line=3)
    run = lint(*ONLY_TEST_RULES)
    assert run.code == 2
    assert "the fix of CBL999 (test-rule) crashed: ValueError" in run.out
    assert "CBL999 [error] the word one" in run.out
    assert "CBL998 [error]" in run.out


def test_why_a_finding_is_not_fixed_is_said(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=body("text.startswith('one')", "refuse, '`.env` is tracked by git'"))
    run = lint("--fix", *ONLY_TEST_RULES)
    assert run.code == 1
    assert "not fixed: `.env` is tracked by git\n" in run.out
    assert "not fixed" not in lint(*ONLY_TEST_RULES).out


def test_a_file_that_changes_while_it_is_fixed_is_left_alone(
    project: Path, lint: Any, add_rule: Any, tmp_path: Path
) -> None:
    change = "__import__('pathlib').Path('celeryconfig.py').write_text('one = mine\\n')"
    add_rule(body=body("text.startswith('one')", f"lambda line=line: ({change}, fix(Edit(place(line), 'ten')))[1]"))
    run = lint("--fix", *ONLY_TEST_RULES)
    assert run.code == 2
    assert "`celeryconfig.py` changed while the project was read; nothing is changed" in run.err
    assert config(project) == "one = mine\n"


# what is shown


def test_diff_shows_and_writes_nothing(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN)
    before = config(project)
    run = lint("--diff", *ONLY_TEST_RULES)
    assert run.code == 1
    assert run.out == (
        "--- celeryconfig.py\n+++ celeryconfig.py\n@@ -1,5 +1,5 @@\n result_backend = 'rpc://'\n-one = 1\n+ten = 1\n"
        " two = 2\n three = 3\n four = 4\n"
    )
    assert run.err == "Would fix 1 finding.\n"
    assert config(project) == before
    assert lint("--diff", "--exit-zero", *ONLY_TEST_RULES).code == 0


def test_diff_of_nothing_ends_with_0(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(line=2)
    run = lint("--diff", *ONLY_TEST_RULES)
    assert (run.code, run.out, run.err) == (0, "", "Nothing would be fixed.\n")


def test_no_credential_is_in_a_diff_or_in_json(project: Path, lint: Any, add_rule: Any) -> None:
    (project / "celeryconfig.py").write_text("one = 'redis://:hunter2hunter2@h/0'\n")
    put = "fix, Edit(place(line), 'ten'), Edit(Location('.env'), 'URL=redis://:hunter2hunter2@h/0\\n', private=True)"
    add_rule(body=body("text.startswith('one')", put))
    diff = lint("--diff", *ONLY_TEST_RULES)
    assert "+URL=redis://:***@h/0" in diff.out
    shown = lint("--output-format", "json", *ONLY_TEST_RULES)
    fix = json.loads(shown.out)["findings"][0]["fix"]
    assert fix == {"title": "Write three letters", "applicability": "safe", "edits": []}
    fixed = lint("--fix", "--show-fixes", *ONLY_TEST_RULES)
    assert (project / ".env").read_text() == "URL=redis://:hunter2hunter2@h/0\n"
    assert "hunter2" not in diff.out + diff.err + shown.out + shown.err + fixed.out + fixed.err


def test_a_placeholder_in_a_diff_is_seen_to_be_one(project: Path, lint: Any, add_rule: Any) -> None:
    line = "URL=redis://:your_redis_password_here@h/0"
    add_rule(
        body=body("text.startswith('one')", f"fix, Edit(place(line), 'ten'), Edit(Location('x.env'), '{line}\\n')")
    )
    assert f"+{line}\n" in lint("--diff", *ONLY_TEST_RULES).out


def test_json_has_the_edits(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN)
    report = json.loads(lint("--output-format", "json", *ONLY_TEST_RULES).out)
    edit = {"path": "celeryconfig.py", "line": 2, "column": 1, "end_line": 2, "end_column": 4, "content": "ten"}
    assert report["findings"][0]["fix"] == {"title": "Write three letters", "applicability": "safe", "edits": [edit]}
    assert (report["summary"]["fixable"], report["summary"]["fixed"]) == (1, 0)
    report = json.loads(lint("--fix", "--output-format", "json", *ONLY_TEST_RULES).out)
    assert (report["findings"], report["summary"]["fixable"], report["summary"]["fixed"]) == ([], 0, 1)


def test_what_can_be_fixed_is_marked_and_counted(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN)
    add_rule("CBL998", "other-rule", body=UNSAFE)
    run = lint("--output-format", "concise", *ONLY_TEST_RULES)
    assert "CBL999 [error] [*] the word one\n" in run.out
    assert "CBL998 [error] the word two\n" in run.out
    assert run.out.endswith("[*] 1 fixable with the `--fix` option (1 more with `--unsafe-fixes`).\n")
    run = lint("--unsafe-fixes", *ONLY_TEST_RULES)
    assert run.out.endswith("[*] 2 fixable with the `--fix` option.\n")


def test_show_fixes_lists_them_and_notes_are_told_in_any_case(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=body("text[:3] in ('one', 'two')", "fix, Edit(place(line), 'ten'), note='change the password'"))
    before = config(project)
    run = lint("--fix", "--show-fixes", *ONLY_TEST_RULES)
    assert run.out == (
        "Fixed 2 findings, none remaining.\nTo do: change the password.\n"
        "Fixed 2 findings:\n- celeryconfig.py:\n    2 × CBL999: Write three letters\n"
    )
    (project / "celeryconfig.py").write_text(before)
    assert lint("--fix", *ONLY_TEST_RULES).out.endswith("remaining.\nTo do: change the password.\n")


def test_exit_non_zero_on_fix(project: Path, lint: Any, add_rule: Any) -> None:
    add_rule(body=ONE_TO_TEN)
    assert lint("--fix", "--exit-non-zero-on-fix", *ONLY_TEST_RULES).code == 1
    assert lint("--fix", "--exit-non-zero-on-fix", *ONLY_TEST_RULES).code == 0


@pytest.mark.parametrize("option", ["--fix", "--diff"])
def test_standard_input_is_not_fixed(project: Path, lint: Any, option: str) -> None:
    run = lint(option, "--stdin-filename", "celeryconfig.py")
    assert run.code == 2
    assert "cannot go with --stdin-filename" in run.err


# git's ignore lists


def test_an_ignore_line_counts_before_it_is_written(project: Path, lint: Any, add_rule: Any) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    ignored = """\
from functools import partial
    from celery_backend_lint.findings.finding import Applicability
    from celery_backend_lint.findings.fix import Edit, Fix
    fix = Fix("Ignore it", Applicability.SAFE, (Edit(Location("sub/.gitignore"), "secret\\n", "secret"),))
    if not model.project.ignored(["sub/secret"]):
        yield RULE.finding(Location("celeryconfig.py"), "is not ignored", propose=lambda: fix)
"""
    os.mkdir("sub")
    add_rule(body=ignored)
    assert lint("--diff", *ONLY_TEST_RULES).code == 1
    assert not (project / "sub/.gitignore").exists()
    run = lint("--fix", *ONLY_TEST_RULES)
    assert (run.code, run.err) == (0, "")
    assert subprocess.run(["git", "check-ignore", "-q", "sub/secret"]).returncode == 0
