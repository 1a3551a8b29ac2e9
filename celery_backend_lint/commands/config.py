"""``config``: every app's settings as Celery will see them, each with where it comes from."""

from __future__ import annotations

import os
import sys

from celery_backend_lint.commands.output import write
from celery_backend_lint.commands.session import (
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
from celery_backend_lint.report.settings import render, render_json
from celery_backend_lint.report.style import Style, wants_color

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace


def run(arguments: SimpleNamespace) -> int:
    """Print the settings and return the exit code."""
    try:
        project = open_given(arguments)
        options = options_for(project.root, arguments)
        target = target_celery(options, arguments)
    except (BadPathError, ConfigurationError) as error:
        return complain(str(error))
    exclude(project, options)
    model = read_model(project, target)
    apps = model.apps if model is not None else ()
    if arguments.format == "json":
        write(render_json(apps))
    else:
        style = Style(wants_color(arguments.color, os.environ, terminal=sys.stdout.isatty()))
        write("".join(f"{line}\n" for line in render(apps, prefix_of(project.root), style)))
    return 0
