"""``verify``: load the project's apps in its own interpreter and compare them with the static reading."""

from __future__ import annotations

import functools
import os
import sys

from celery_backend_lint.commands.output import write
from celery_backend_lint.commands.session import (
    FAILED,
    complain,
    exclude,
    open_given,
    options_for,
    prefix_of,
    target_celery,
)
from celery_backend_lint.model import read_model
from celery_backend_lint.options import ConfigurationError
from celery_backend_lint.project.discovery import BadPathError
from celery_backend_lint.report.style import Style, wants_color
from celery_backend_lint.report.verification import render, render_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace

    from celery_backend_lint.model import Model


def run(arguments: SimpleNamespace) -> int:
    """Print what agrees and what does not. Returns 0 where all does, 1 where not, 2 where something did not load."""
    if not hasattr(os, "fork"):
        return complain("verify needs a POSIX system (Linux, macOS, WSL); check and config work on this one")
    if not arguments.no_connect:
        return complain("verify cannot connect yet: give --no-connect to load the app and compare it with what is read")
    from celery_backend_lint.verify.interpreter import NoInterpreterError, find_interpreter
    from celery_backend_lint.verify.verification import disagrees, failed, verify

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
    verification = verify(read, interpreter, arguments.timeout, arguments.app)
    if arguments.format == "json":
        write(render_json(verification))
    else:
        style = Style(wants_color(arguments.color, os.environ, terminal=sys.stdout.isatty()))
        lines = render(verification, prefix_of(project.root), style, verbose=arguments.verbose)
        write("".join(f"{line}\n" for line in lines))
    return FAILED if failed(verification) else int(disagrees(verification))
