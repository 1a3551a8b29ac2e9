"""The command line itself: commands, help, streams."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from celery_backend_lint import __version__
from celery_backend_lint.cli import check_arguments

LINT = [sys.executable, "-m", "celery_backend_lint"]


@pytest.mark.parametrize("arguments", [("--version",), ("-V",), ("check", "--version"), ("-q", "-V")])
def test_version(lint: Any, arguments: tuple[str, ...]) -> None:
    run = lint(*arguments)
    assert (run.code, run.out) == (0, f"celery-backend-lint {__version__}\n")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_the_commands(lint: Any, option: str) -> None:
    run = lint(option)
    assert run.code == 0
    assert all(f"  {command} " in run.out for command in ("check", "config", "rule"))


@pytest.mark.parametrize("command", ["check", "config", "rule"])
def test_each_command_has_its_help(lint: Any, command: str) -> None:
    run = lint(command, "--help")
    assert run.code == 0
    assert run.out.startswith(f"usage: celery-backend-lint {command} ")


@pytest.mark.parametrize("paths", [[], ["."], ["a", "b.py", ""]])
def test_paths_alone_are_read_as_argparse_reads_them(paths: list[str]) -> None:
    through_argparse = check_arguments([*paths, "--color=auto"])
    assert vars(check_arguments(paths)) == vars(through_argparse)


def test_paths_alone_do_not_import_argparse() -> None:
    program = "import sys\nfrom celery_backend_lint.cli import check_arguments\ncheck_arguments(['.'])\n"
    done = subprocess.run([sys.executable, "-Ic", f"{program}sys.exit('argparse' in sys.modules)"])
    assert done.returncode == 0


def test_version_and_help_import_nothing_that_costs() -> None:
    program = (
        "import sys\nbefore = set(sys.modules)\nfrom celery_backend_lint.cli import main\n"
        "main(['--version']); main(['--help'])\n"
        "imported = sorted(set(sys.modules) - before - {'__future__'})\n"
        "heavy = [name for name in imported if not name.startswith('celery_backend_lint')]\nsys.exit(heavy or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_clean_run_imports_none_of_the_heavy_libraries(project: Path) -> None:
    program = (
        "import sys\nfrom celery_backend_lint.cli import main\ncode = main(['--isolated', '--select', 'CBL002'])\n"
        "heavy = {'json', 'tomllib', 'tomli', 'packaging', 'dotenv', 'pathspec', 'detect_secrets', 'subprocess',\n"
        "         'dataclasses', 'pathlib', 'inspect', 'logging', 'shutil', 'difflib', 'hashlib', 'celery'}\n"
        "sys.exit(' '.join(sorted(heavy & set(sys.modules))) or code)"
    )
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, env=plain)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_and_the_module_are_the_same(project: Path) -> None:
    script = Path(sys.executable).with_name("celery-backend-lint")
    runs = [subprocess.run([*start, "--output-format", "json"], capture_output=True) for start in ([script], LINT)]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].returncode == runs[1].returncode


def test_a_reader_that_goes_away_is_no_failure(project: Path) -> None:
    (project / "celeryconfig.py").write_text("x = 1  # cbl: ignore[CBL301]\n" * 20_000)
    read, write = os.pipe()
    os.close(read)
    run = subprocess.Popen([*LINT, "--select", "CBL002", "--exit-zero", "-q"], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert run.communicate()[1] == b""
    assert run.returncode == 0


def test_help_into_a_closed_pipe_is_quiet() -> None:
    read, write = os.pipe()
    os.close(read)
    run = subprocess.Popen([*LINT, "--help"], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert run.communicate()[1] == b""


def test_an_interrupt_ends_without_a_traceback(lint: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("celery_backend_lint.commands.check.analyse", interrupt)
    run = lint()
    assert (run.code, run.out, run.err) == (130, "", "")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_no_encoding_of_standard_output_breaks_the_report(project: Path, command: Any, encoding: str) -> None:
    (project / "celeryconfig.py").write_text("x = '漢'  # cbl: ignore[漢]\n", encoding="utf-8")
    run = subprocess.run(
        [*LINT, "--select", "CBL002"], capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}
    )
    assert run.returncode == 1
    assert b"Found 1 warning" in run.stdout


def test_colors_are_asked_for_or_left_out(project: Path, command: Any) -> None:
    (project / "celeryconfig.py").write_text("x = 1  # cbl: ignore\n", encoding="utf-8")
    assert "\x1b[" not in command("--select", "CBL002").out
    assert "\x1b[" in command("--select", "CBL002", "--color", "always").out
    assert "\x1b[" in command("--select", "CBL002", FORCE_COLOR="1").out
    assert "\x1b[" not in command("--select", "CBL002", FORCE_COLOR="1", NO_COLOR="1").out


# rule


def test_a_rule_is_printed_by_code_and_by_name(lint: Any) -> None:
    by_code, by_name = lint("rule", "cbl002"), lint("rule", "unused-suppression")
    assert by_code.code == 0
    assert by_code.out == by_name.out
    assert by_code.out.startswith("# unused-suppression (CBL002)\n\nSeverity: warning. Fix: safe. Since 0.1.0.\n\n")
    assert "\n## Use instead\n```python\n" in by_code.out


def test_a_rule_as_json(lint: Any) -> None:
    document = json.loads(lint("rule", "CBL002", "--output-format", "json").out)
    assert list(document) == ["code", "name", "summary", "severity", "fix", "since", "url", "documentation"]
    assert (document["code"], document["severity"]) == ("CBL002", "warning")


def test_all_rules(lint: Any) -> None:
    text = lint("rule", "--all").out
    documents = json.loads(lint("rule", "--all", "--output-format", "json").out)
    assert [document["code"] for document in documents] == sorted(document["code"] for document in documents)
    assert text.count("\nSeverity: ") == len(documents)


def test_an_unknown_rule_is_an_error_with_a_suggestion(lint: Any) -> None:
    run = lint("rule", "unused-supression")
    assert (run.code, run.out) == (2, "")
    assert "no rule is called 'unused-supression'; did you mean 'unused-suppression'?" in run.err
    assert "`celery-backend-lint rule --all` lists them" in lint("rule", "x").err


@pytest.mark.parametrize("arguments", [(), ("CBL002", "--all")])
def test_rule_wants_one_or_all(lint: Any, arguments: tuple[str, ...]) -> None:
    assert lint("rule", *arguments).code == 2
