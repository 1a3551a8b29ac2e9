"""Which command runs, and how it ends. Nothing is imported before it is known to be needed."""

from __future__ import annotations

import os
import sys

from celery_backend_lint import PROGRAM, __version__
from celery_backend_lint.commands.output import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace
    from typing import NoReturn

COMMANDS = ("check", "config", "configure", "rule", "verify")
INTERRUPTED = 130

ONLY_PATHS: dict[str, object] = {
    "backend": None,
    "color": "auto",
    "config": None,
    "diff": False,
    "exit_non_zero_on_fix": False,
    "exit_zero": False,
    "extend_select": None,
    "fail_on": None,
    "fix": False,
    "ignore": None,
    "isolated": False,
    "min_severity": None,
    "output_file": None,
    "output_format": None,
    "per_file_ignores": None,
    "quiet": False,
    "select": None,
    "show_fixes": False,
    "statistics": False,
    "stdin_filename": None,
    "target_celery": None,
    "unfixable": None,
    "unsafe_fixes": False,
    "verbose": False,
}
"""What holds for each option of ``check`` that is not given."""

HELP = f"""\
usage: {PROGRAM} [COMMAND] [OPTIONS] [PATH ...]

Reads how a project configures Celery's result backend, without running it, and says what fails,
what is ignored and what leaks.

commands:
  check      check the project (the default: `{PROGRAM} .` is `{PROGRAM} check .`)
  config     print every app's settings as Celery will see them, and where each comes from
  configure  write a whole configuration: redis, database or rpc
  rule       print a rule's documentation
  verify     load every app in the project's own interpreter, compare it with what is read, and try its result backend

options:
  -h, --help     show this help; `{PROGRAM} COMMAND --help` shows a command's options
  -V, --version  show the version

exit codes: 0 nothing found, 1 something found, 2 the run itself failed
"""


def run() -> NoReturn:
    """Run the command line as a process of its own, and end it.

    A process that lives for milliseconds makes no garbage worth collecting, and its memory need not be taken down
    object by object: together that is a sixth of a clean run (3.11).
    """
    import gc

    from celery_backend_lint.importing import install

    gc.disable()
    install()
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line (``sys.argv`` when none is given) and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        if arguments[:1] in (["--version"], ["-V"]):
            write(f"{PROGRAM} {__version__}\n")
            return 0
        if arguments[:1] in (["--help"], ["-h"]):
            write(HELP)
            return 0
        command = arguments.pop(0) if arguments and arguments[0] in COMMANDS else "check"
        return _run(command, arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        from celery_backend_lint.commands.session import complain_of_crash

        return complain_of_crash(error)


def _run(command: str, arguments: list[str]) -> int:
    if command == "check":
        from celery_backend_lint.commands import check

        return check.run(check_arguments(arguments))
    from celery_backend_lint.commands import arguments as read

    if command == "config":
        from celery_backend_lint.commands import config

        return config.run(read.config_arguments(arguments))
    if command == "configure":
        from celery_backend_lint.commands import configure

        return configure.run(read.configure_arguments(arguments))
    if command == "verify":
        from celery_backend_lint.commands import verify

        return verify.run(read.verify_arguments(arguments))
    from celery_backend_lint.commands import rule

    return rule.run(read.rule_arguments(arguments))


def check_arguments(arguments: Sequence[str]) -> SimpleNamespace:
    """What ``check`` is asked for. Raises SystemExit when the arguments are wrong or ask for help.

    Where there are only PATHs, argparse is not needed: to import it and to fill it takes 7 ms (3.11).
    """
    if any(argument.startswith("-") for argument in arguments):
        from celery_backend_lint.commands import arguments as read

        return read.check_arguments(arguments)
    from types import SimpleNamespace

    return SimpleNamespace(**ONLY_PATHS, paths=list(arguments))
