"""``verify``: load the project's apps in its own interpreter and compare them with the static reading."""

from __future__ import annotations

import functools
import os
import signal
import sys
from contextlib import contextmanager

from celery_backend_lint.commands.output import write
from celery_backend_lint.commands.session import (
    FAILED,
    complain,
    exclude,
    open_given,
    options_for,
    prefix_of,
    target_celery,
    tell,
)
from celery_backend_lint.model import read_model
from celery_backend_lint.options import ConfigurationError
from celery_backend_lint.project.discovery import BadPathError
from celery_backend_lint.report.style import Style, wants_color
from celery_backend_lint.report.verification import render, render_json
from celery_backend_lint.report.verification_steps import left_lines
from celery_backend_lint.verify.connecting import left_behind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import SimpleNamespace

    from celery_backend_lint.model import Model
    from celery_backend_lint.verify.verification import LiveOptions


def run(arguments: SimpleNamespace) -> int:
    """Print what agrees and works, and what does not. Returns 0 where all does, 1 where not, 2 where something did not
    load.
    """
    if not hasattr(os, "fork"):
        return complain("verify needs a POSIX system (Linux, macOS, WSL); check and config work on this one")
    from celery_backend_lint.verify.interpreter import NoInterpreterError, find_interpreter
    from celery_backend_lint.verify.loading import ProbeInterrupted
    from celery_backend_lint.verify.results import disagrees, failed
    from celery_backend_lint.verify.verification import verify

    try:
        project = open_given(arguments)
        options = options_for(project.root, arguments)
        target = target_celery(options, arguments)
    except (BadPathError, ConfigurationError) as error:
        return complain(str(error))
    exclude(project, options)

    @functools.cache
    def read(release: str | None) -> Model | None:
        return read_model(project, target, release)

    model = read(None)
    folders = [app.path.rpartition("/")[0] for app in model.checked_apps] if model is not None else []
    try:
        interpreter = find_interpreter(arguments.python, project.root, folders)
    except NoInterpreterError as error:
        return complain(str(error))
    try:
        with _ended_softly():
            verification = verify(read, interpreter, arguments.timeout, arguments.app, _live_options(arguments))
    except ProbeInterrupted as interrupted:
        for line in left_lines(left_behind(interrupted.events)):
            tell(line)
        raise
    if arguments.format == "json":
        write(render_json(verification))
    else:
        style = Style(wants_color(arguments.color, os.environ, terminal=sys.stdout.isatty()))
        lines = render(verification, prefix_of(project.root), style, verbose=arguments.verbose)
        write("".join(f"{line}\n" for line in lines))
    return FAILED if failed(verification) else int(disagrees(verification))


def _live_options(arguments: SimpleNamespace) -> LiveOptions | None:
    from celery_backend_lint.verify.verification import LiveOptions

    if arguments.no_connect:
        return None
    return LiveOptions(not arguments.no_write, arguments.worker, arguments.step_timeout)


@contextmanager
def _ended_softly() -> Iterator[None]:
    """Have SIGTERM and SIGHUP do what Ctrl-C does: a probe that tries a backend cleans up then."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signals = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in signals]
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
