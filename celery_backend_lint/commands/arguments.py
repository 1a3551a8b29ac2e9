"""The arguments of each command, read with argparse. Each raises SystemExit when they are wrong or ask for help."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, HelpFormatter
from types import SimpleNamespace

from celery_backend_lint import PROGRAM, __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import _ActionsContainer
    from collections.abc import Callable, Sequence


def check_arguments(arguments: Sequence[str]) -> SimpleNamespace:
    """What ``check`` is asked for."""
    from celery_backend_lint.options import OUTPUT_FORMATS, SEVERITIES

    parser = _parser("check", "Check how projects configure Celery's result backend.")
    _add_project_options(parser)
    rules = parser.add_argument_group(
        "rule selection", "a RULE is a code (CBL301), its beginning (CBL3), a name or ALL"
    )
    for option, text in (
        ("--select", "rules to turn on, by comma (default: ALL)"),
        ("--ignore", "rules to turn off, by comma"),
        ("--extend-select", "rules to turn on beside those that are selected, by comma"),
    ):
        rules.add_argument(option, metavar="RULE", type=_by_comma, action="extend", help=text)
    rules.add_argument(
        "--per-file-ignores",
        metavar="PATTERN:RULE",
        type=_by_comma,
        action="extend",
        help="rules to turn off in files that match a pattern, by comma",
    )
    rules.add_argument(
        "--min-severity",
        choices=SEVERITIES,
        help="hide findings below this severity (default: warning, or what --fail-on says if that is lower)",
    )
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--fix", action="store_true", help="write the fixes that change nothing that works")
    fixes.add_argument(
        "--unsafe-fixes", action="store_true", help="count fixes as well that may change what a running project does"
    )
    fixes.add_argument(
        "--diff", action="store_true", help="show what --fix would write instead of writing it (credentials as ***)"
    )
    fixes.add_argument(
        "--backend",
        choices=("redis", "database", "rpc"),
        help="with --fix or --diff: write a whole configuration of that backend, as `configure` does",
    )
    fixes.add_argument(
        "--unfixable", metavar="RULE", type=_by_comma, action="extend", help="rules whose findings are not fixed"
    )
    fixes.add_argument("--show-fixes", action="store_true", help="list the fixes that were applied")
    output = parser.add_argument_group("output")
    output.add_argument("--output-format", choices=OUTPUT_FORMATS, help="how findings are printed (default: full)")
    output.add_argument("--output-file", metavar="FILE", help="write the report there instead of to standard output")
    output.add_argument(
        "--statistics", action="store_true", help="print how often each rule spoke instead of each finding"
    )
    _add_color(output)
    output.add_argument("-q", "--quiet", action="store_true", help="print findings and nothing else")
    output.add_argument("-v", "--verbose", action="store_true", help="say which files are read and which are left out")
    other = parser.add_argument_group("other")
    other.add_argument(
        "--fail-on", choices=SEVERITIES, help="exit with 1 on findings of this severity or above (default: warning)"
    )
    other.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever is found")
    other.add_argument(
        "--exit-non-zero-on-fix", action="store_true", help="exit with 1 where something was fixed, whatever is left"
    )
    other.add_argument(
        "--stdin-filename",
        metavar="FILE",
        help="read FILE's content from standard input, everything else from disk, and report what concerns FILE",
    )
    parser.add_argument("-V", "--version", action="version", version=f"{PROGRAM} {__version__}")
    return parser.parse_args(arguments, SimpleNamespace())


def config_arguments(arguments: Sequence[str]) -> SimpleNamespace:
    """What ``config`` is asked for."""
    parser = _parser("config", "Print every app's settings as Celery will see them, each with where it comes from.")
    _add_project_options(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "html"), default="text", help="how to print them (default: text)"
    )
    parser.add_argument("--output-file", metavar="FILE", help="write there instead of to standard output")
    parser.add_argument(
        "--all", action="store_true", help="print Celery's defaults of what the result backend reads as well"
    )
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar=("FROM", "TO"),
        help="print what another Celery changes instead, such as `--compare 5.6 5.7`",
    )
    _add_color(parser)
    return parser.parse_args(arguments, SimpleNamespace())


def configure_arguments(arguments: Sequence[str]) -> SimpleNamespace:
    """What ``configure`` is asked for; ``backend`` is None where no PATH names one."""
    from celery_backend_lint.fixes.configuration.choices import AVAILABILITIES, DIALECTS, count, seconds

    parser = _parser(
        "configure", "Write a whole configuration of a result backend: redis, database or rpc. Asks on a terminal."
    )
    parser.usage = f"{PROGRAM} configure [BACKEND] [OPTIONS] [PATH ...]"
    _add_project_options(parser)
    parser.add_argument(
        "-A", "--app", metavar="APP", help="which app, where there are several: name, path or path:line"
    )
    choices = parser.add_argument_group("choices")
    choices.add_argument(
        "--availability", choices=AVAILABILITIES, help="the kind of Redis: one server, Sentinel, or one through TLS"
    )
    choices.add_argument("--dialect", choices=DIALECTS, help="the kind of database")
    choices.add_argument(
        "--expires", metavar="TIME", type=_told(seconds), help="how long results are kept: 3600, 12h, 7d"
    )
    choices.add_argument("--concurrency", metavar="N", type=_told(count), help="tasks that a worker runs at once")
    choices.add_argument(
        "--persistent", action="store_true", default=None, help="results are to outlive a restart of the server"
    )
    choices.add_argument(
        "--health-check",
        metavar="FILE",
        nargs="?",
        const=".",
        help="write a module for probes, beside the app or there",
    )
    output = parser.add_argument_group("output")
    output.add_argument("--diff", action="store_true", help="show what would be written instead of writing it")
    output.add_argument("--dry-run", action="store_true", help="print the summary and write nothing")
    output.add_argument("--no-input", action="store_true", help="ask nothing, also on a terminal")
    output.add_argument("--format", choices=("text", "json"), default="text", help="how to print the summary")
    _add_color(output)
    return _with_backend(parser, parser.parse_intermixed_args(arguments, SimpleNamespace()))


def _with_backend(parser: ArgumentParser, arguments: SimpleNamespace) -> SimpleNamespace:
    """``configure redis .``: the first PATH is the backend where it names one.

    One that only looks like the name of a backend, and is no path, is an error.
    """
    from celery_backend_lint.fixes.configuration.choices import BACKENDS, likely_backend

    arguments.backend = None
    if arguments.paths and arguments.paths[0] in BACKENDS:
        arguments.backend = arguments.paths.pop(0)
    elif arguments.paths and not os.path.lexists(arguments.paths[0]) and "/" not in arguments.paths[0]:
        given = arguments.paths[0]
        likely = likely_backend(given)
        meant = f"did you mean {likely}?" if likely else f"choose from {', '.join(BACKENDS)}"
        parser.error(f"no backend and no PATH is called {given!r}: {meant}")
    return arguments


def verify_arguments(arguments: Sequence[str]) -> SimpleNamespace:
    """What ``verify`` is asked for."""
    parser = _parser(
        "verify",
        "Load every app in the project's own interpreter, compare it with what is read, and try its result backend:"
        " connect, store a result, read it, forget it. What it makes there it removes.",
    )
    _add_project_options(parser)
    parser.add_argument("-A", "--app", metavar="MODULE[:ATTR]", help="the app to load, found as `celery -A` finds it")
    parser.add_argument(
        "--python",
        metavar="PATH",
        help="the project's Python or virtual environment (default: the active one, .venv, …)",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        default=60.0,
        help="how long loading the project may take (default: 60)",
    )
    parser.add_argument(
        "--step-timeout",
        metavar="SECONDS",
        type=_seconds,
        default=10.0,
        help="how long each step may take that tries the backend (default: 10)",
    )
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--no-connect", action="store_true", help="stop after the comparison: connect to nothing")
    extent.add_argument(
        "--no-write", action="store_true", help="connect and read only: store nothing, not even for a moment"
    )
    parser.add_argument(
        "--worker",
        action="store_true",
        help="start a worker of the app as well, on a queue of its own, and have a task's result come back from it",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (default: text)")
    parser.add_argument("-v", "--verbose", action="store_true", help="list what is not known statically, and why")
    _add_color(parser)
    return parser.parse_args(arguments, SimpleNamespace())


def rule_arguments(arguments: Sequence[str]) -> SimpleNamespace:
    """What ``rule`` is asked for."""
    parser = _parser("rule", "Print a rule's documentation.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("rule", metavar="RULE", nargs="?", help="a code (CBL301) or a name (hardcoded-credential)")
    which.add_argument("--all", action="store_true", help="print every rule's")
    parser.add_argument(
        "--output-format", choices=("text", "json"), default="text", help="how to print it (default: text)"
    )
    return parser.parse_args(arguments, SimpleNamespace())


def _parser(command: str, description: str) -> ArgumentParser:
    return ArgumentParser(
        prog=f"{PROGRAM} {command}", description=description, allow_abbrev=False, formatter_class=_formatter
    )


def _formatter(prog: str) -> HelpFormatter:
    return HelpFormatter(prog, width=100)  # without a width argparse imports shutil, help or not: 5 ms (3.11)


def _add_project_options(parser: ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="*", help="a project's root, a folder or files (default: .)")
    parser.add_argument(
        "--target-celery", metavar="VERSION", help="the Celery to check for where the project declares none"
    )
    configuration = parser.add_mutually_exclusive_group()
    configuration.add_argument(
        "--config", metavar="FILE", help="a configuration file to use instead of the nearest one"
    )
    configuration.add_argument("--isolated", action="store_true", help="use no configuration file")


def _add_color(parser: _ActionsContainer) -> None:
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="when to paint the output (default: auto, which honours NO_COLOR and FORCE_COLOR)",
    )


def _seconds(text: str) -> float:
    """A time limit. Raises ValueError, which argparse tells."""
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds


def _told(read: Callable[[str], int]) -> Callable[[str], int]:
    """``read`` for argparse, which tells what ArgumentTypeError says, and of ValueError only that it was raised."""

    def checked(text: str) -> int:
        try:
            return read(text)
        except ValueError as error:
            raise ArgumentTypeError(f"{error}, not {text!r}") from None

    return checked


def _by_comma(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
