"""``check``: read the project, run the rules, print what they found."""

from __future__ import annotations

import functools
import os
import sys

from celery_backend_lint.commands.output import write
from celery_backend_lint.commands.pipeline import Plan, analyse
from celery_backend_lint.commands.session import (
    base_of,
    complain,
    exclude,
    open_given,
    options_for,
    prefix_of,
    target_celery,
    tell,
)
from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.findings.selection import SelectionLayer, UnknownSelectorError, matching, selected
from celery_backend_lint.options import ConfigurationError, severity
from celery_backend_lint.patterns import matcher
from celery_backend_lint.project.discovery import BadPathError
from celery_backend_lint.rules.catalogue import available

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import SimpleNamespace

    from celery_backend_lint.options import Options
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.report.result import CheckResult
    from celery_backend_lint.rules.catalogue import CatalogueEntry

CLEAN, FOUND, FAILED = 0, 1, 2


def run(arguments: SimpleNamespace) -> int:
    """Check as the arguments say, print the report and return the exit code."""
    try:
        only = _standard_input_path(arguments)
        project = open_given(arguments)
        options = options_for(project.root, arguments)
        exclude(project, options)
        plan = _plan(project, options, arguments, only)
    except (BadPathError, ConfigurationError) as error:
        return complain(str(error))
    if arguments.backend is not None and not (arguments.fix or arguments.diff):
        return complain("--backend says what --fix is to configure: give --fix, or --diff to see it first")
    if arguments.fix or arguments.diff:
        if only is not None:
            return complain("--fix and --diff work on whole projects: they cannot go with --stdin-filename")
        if arguments.backend is not None:
            from celery_backend_lint.commands.configure import run_for_check

            return run_for_check(arguments)
        from celery_backend_lint.commands.fix import run_fixes

        return run_fixes(project, plan, options, arguments, functools.partial(_rendered, options, arguments))
    if only is not None:
        project.put(plan.only, sys.stdin.buffer.read())
    result, crashed = analyse(project, plan, prefix_of(project.root))
    if arguments.verbose:
        _tell_what_was_read(project, options, result)
    try:
        write(_rendered(options, arguments, result), arguments.output_file)
    except OSError as error:
        return complain(f"{arguments.output_file}: cannot be written: {error.strerror}")
    if crashed:
        return FAILED
    return exit_code(result, options, arguments)


def exit_code(result: CheckResult, options: Options, arguments: SimpleNamespace) -> int:
    """The exit code that the findings of a run come to."""
    failed = any(finding.severity >= _fail_on(options, arguments) for finding in result.findings)
    return FOUND if failed and not arguments.exit_zero else CLEAN


def _standard_input_path(arguments: SimpleNamespace) -> str | None:
    """The absolute path of the file that standard input stands for, or None; its project is the default PATH."""
    if arguments.stdin_filename is None:
        return None
    if not arguments.paths and os.path.exists(arguments.stdin_filename):
        arguments.paths = [arguments.stdin_filename]
    return os.path.realpath(str(arguments.stdin_filename))


def _plan(project: Project, options: Options, arguments: SimpleNamespace, only: str | None) -> Plan:
    """Everything that the arguments and the configuration say. Raises ConfigurationError."""
    entries = available()
    codes, ignores = _selection(project, options, arguments, entries)
    unfixable = _unfixable(options, arguments, entries)
    relative = "" if only is None else os.path.relpath(only, project.root).replace(os.sep, "/")
    if relative.startswith("../"):
        raise ConfigurationError(f"--stdin-filename: {arguments.stdin_filename} lies outside of {project.root}")
    return Plan(
        entries=entries,
        codes=codes,
        ignores=ignores,
        minimum=_minimum(options, arguments),
        target_celery=target_celery(options, arguments),
        only=relative,
        unsafe=arguments.unsafe_fixes or options.unsafe_fixes,
        unfixable=unfixable,
    )


def _unfixable(options: Options, arguments: SimpleNamespace, entries: tuple[CatalogueEntry, ...]) -> frozenset[str]:
    """The codes whose findings are not fixed. Raises ConfigurationError."""
    found: frozenset[str] = frozenset()
    for source, selectors in ((options.source, options.unfixable), ("command line", arguments.unfixable or ())):
        try:
            found |= _codes(tuple(selectors), entries)
        except UnknownSelectorError as error:
            raise ConfigurationError(f"{source}: {error}") from None
    return found


def _selection(
    project: Project, options: Options, arguments: SimpleNamespace, entries: tuple[CatalogueEntry, ...]
) -> tuple[frozenset[str], tuple[tuple[Callable[[str], bool], frozenset[str]], ...]]:
    """The codes that are on, and for tests of a path the codes that are off there. Raises ConfigurationError."""
    line = SelectionLayer(
        select=None if arguments.select is None else tuple(arguments.select),
        extend_select=tuple(arguments.extend_select or ()),
        ignore=tuple(arguments.ignore or ()),
    )
    source = options.source
    try:
        selected([options.selection], entries)
        base = base_of(project, options)
        ignores = [(matcher([pattern], base), _codes(off, entries)) for pattern, off in options.per_file_ignores]
        source = "command line"
        codes = selected([options.selection, line], entries)
        for pair in arguments.per_file_ignores or ():
            pattern, colon, selector = pair.rpartition(":")
            if not colon:
                raise ConfigurationError(f"--per-file-ignores: expected PATTERN:RULE, not {pair!r}")
            ignores.append((matcher([pattern.strip()]), matching(selector.strip(), entries)))
    except UnknownSelectorError as error:
        raise ConfigurationError(f"{source}: {error}") from None
    return codes, tuple(ignores)


def _codes(selectors: tuple[str, ...], entries: tuple[CatalogueEntry, ...]) -> frozenset[str]:
    return frozenset(code for selector in selectors for code in matching(selector, entries))


def _fail_on(options: Options, arguments: SimpleNamespace) -> Severity:
    if arguments.fail_on is not None:
        return severity(arguments.fail_on)
    return options.fail_on or Severity.WARNING


def _minimum(options: Options, arguments: SimpleNamespace) -> Severity:
    """The severity from which findings are shown: what is said, else whatever can fail the run."""
    if arguments.min_severity is not None:
        return severity(arguments.min_severity)
    return options.min_severity or min(Severity.WARNING, _fail_on(options, arguments))


def _rendered(options: Options, arguments: SimpleNamespace, result: CheckResult) -> str:
    """The report as text. A format is imported when it is asked for, and ``full`` only when there is something."""
    output_format = arguments.output_format or options.output_format or "full"
    if output_format == "json":
        from celery_backend_lint.report import json, statistics

        return statistics.render_json(result) if arguments.statistics else json.render(result)
    from celery_backend_lint.report.style import Style, wants_color
    from celery_backend_lint.report.text import summary_lines

    terminal = arguments.output_file is None and sys.stdout.isatty()
    color = wants_color(arguments.color, os.environ, terminal=terminal)
    style = Style(color, links=color and terminal)
    lines: list[str] = []
    if not result.findings:
        pass
    elif arguments.statistics:
        from celery_backend_lint.report import statistics

        lines += statistics.render(result, style)
    elif output_format == "concise":
        from celery_backend_lint.report import concise

        lines += concise.render(result, style)
    else:
        from celery_backend_lint.report import full

        lines += full.render(result, style)
    if not arguments.quiet:
        lines += summary_lines(result)
    return "".join(f"{line}\n" for line in lines)


def _tell_what_was_read(project: Project, options: Options, result: CheckResult) -> None:
    """What ``-v`` adds, on standard error."""
    tell(f"project {project.root}: {result.summary.files} files, {len(result.apps)} Celery apps")
    tell(f"configuration: {options.source or 'none'}")
    for note in project.notes:
        tell(f"{note.path}: {note.reason}")
