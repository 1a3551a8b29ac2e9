"""``check --fix`` and ``check --diff``: write the fixes, or show them, and report what is left."""

from __future__ import annotations

import os
import sys

from celery_backend_lint.commands.check import CLEAN, FAILED, FOUND, exit_code
from celery_backend_lint.commands.fixing import Fixer, write_changes
from celery_backend_lint.commands.output import write
from celery_backend_lint.commands.pipeline import analyse
from celery_backend_lint.commands.session import complain, opener, prefix_of, tell
from celery_backend_lint.report.fixes import render_applied, render_diff
from celery_backend_lint.report.result import CheckResult, summarize
from celery_backend_lint.report.style import Style, wants_color
from celery_backend_lint.report.text import counted
from celery_backend_lint.rules.engine import ISSUES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from celery_backend_lint.commands.fixing import Fixed
    from celery_backend_lint.commands.pipeline import Plan
    from celery_backend_lint.options import Options
    from celery_backend_lint.project.discovery import Project


def run_fixes(
    project: Project,
    plan: Plan,
    options: Options,
    arguments: SimpleNamespace,
    rendered: Callable[[CheckResult], str],
) -> int:
    """Fix a project, or show how. ``rendered`` makes the report of what is left. Returns the exit code."""
    opened = opener(arguments, options)
    prefix = prefix_of(project.root)
    fixed = Fixer(opened, plan, prefix).run()
    for one in fixed.taken_back:
        what = f"{prefix}{one.path}:{one.line}: the fix of {one.code} was taken back: {one.why}"
        tell(f"{what}; this is a bug in celery-backend-lint: please report it at {ISSUES}" if one.is_bug else what)
    if arguments.diff:
        return _show(fixed, prefix, arguments)
    written, problems = write_changes(project.root, fixed)
    for problem in problems:
        complain(f"{problem}; nothing is changed in the files that are fixed together with it")
    result, crashed = fixed.result, fixed.crashed
    if problems:  # what was left alone is found again
        result, crashed = analyse(opener(arguments, options)({}), plan, prefix)
    summary = summarize(
        result.findings, files=result.summary.files, suppressed=result.summary.suppressed,
        unresolved=result.summary.unresolved, least=plan.least, fixed=len(written),
    )  # fmt: skip
    result = CheckResult(result.apps, result.findings, summary, result.line_of, prefix, plan.least, fixing=True)
    text = rendered(result)
    if (arguments.output_format or options.output_format or "full") != "json" and not arguments.quiet:
        notes = dict.fromkeys(one.note for one in written if one.note)
        text += "".join(f"To do: {note}.\n" for note in notes)
        if arguments.show_fixes:
            listed = [(one.path, one.code, one.title) for one in written]
            text += "".join(f"{line}\n" for line in render_applied(listed, prefix, _style(arguments)))
    try:
        write(text, arguments.output_file)
    except OSError as error:
        return complain(f"{arguments.output_file}: cannot be written: {error.strerror}")
    if crashed or problems:
        return FAILED
    if written and arguments.exit_non_zero_on_fix and not arguments.exit_zero:
        return FOUND
    return exit_code(result, options, arguments)


def _show(fixed: Fixed, prefix: str, arguments: SimpleNamespace) -> int:
    """Print what would be written; 1 where that is anything, as ``ruff --diff`` has it."""
    changes = [(change.path, change.before, change.after) for change in fixed.changes]
    lines = render_diff(changes, fixed.secrets, prefix, _style(arguments))
    try:
        write("".join(f"{line}\n" for line in lines), arguments.output_file)
    except OSError as error:
        return complain(f"{arguments.output_file}: cannot be written: {error.strerror}")
    if not arguments.quiet:
        would = f"Would fix {counted(len(fixed.applied), 'finding')}." if fixed.applied else "Nothing would be fixed."
        sys.stderr.write(f"{would}\n")
    if fixed.crashed:
        return FAILED
    return FOUND if changes and not arguments.exit_zero else CLEAN


def _style(arguments: SimpleNamespace) -> Style:
    terminal = arguments.output_file is None and sys.stdout.isatty()
    return Style(wants_color(arguments.color, os.environ, terminal=terminal))
