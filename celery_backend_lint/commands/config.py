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
from celery_backend_lint.options import ConfigurationError, suggestion
from celery_backend_lint.project.discovery import BadPathError
from celery_backend_lint.report import settings
from celery_backend_lint.report.style import Style, wants_color

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import SimpleNamespace

    from celery_backend_lint.model import Model
    from celery_backend_lint.project.discovery import Project


def run(arguments: SimpleNamespace) -> int:
    """Print the settings, or with ``--compare`` what another Celery makes of them, and return the exit code."""
    try:
        project = open_given(arguments)
        options = options_for(project.root, arguments)
        target = target_celery(options, arguments)
        releases = [_release(text) for text in arguments.compare or ()]
    except (BadPathError, ConfigurationError) as error:
        return complain(str(error))
    exclude(project, options)
    model = read_model(project, target)
    try:
        write(
            _compared(model, releases, project, arguments) if releases else _rendered(model, project, arguments),
            arguments.output_file,
        )
    except OSError as error:
        return complain(f"{arguments.output_file}: cannot be written: {error.strerror}")
    return 0


def _rendered(model: Model | None, project: Project, arguments: SimpleNamespace) -> str:
    apps = model.apps if model is not None else ()
    evidence = model.evidence if model is not None else None
    if arguments.format == "json":
        return settings.render_json(apps, evidence)
    if arguments.format == "html":
        from celery_backend_lint.report import settings_html

        return settings_html.render(apps, _called(project), evidence)
    lines = settings.render(apps, prefix_of(project.root), _style(arguments), evidence, with_defaults=arguments.all)
    return "".join(f"{line}\n" for line in lines)


def _compared(model: Model | None, releases: Sequence[str], project: Project, arguments: SimpleNamespace) -> str:
    from celery_backend_lint.model.upgrade import compare
    from celery_backend_lint.report import upgrade, upgrade_html

    found = compare(model, *releases)
    if arguments.format == "json":
        return upgrade.render_json(found)
    if arguments.format == "html":
        return upgrade_html.render(found, _called(project))
    return "".join(f"{line}\n" for line in upgrade.render(found, prefix_of(project.root), _style(arguments)))


def _release(text: str) -> str:
    """The release that an argument of ``--compare`` names. Raises ConfigurationError."""
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.upgrade import release_named

    found = release_named(text)
    if found is None:
        known = facts.releases("celery")
        minors = dict.fromkeys(".".join(release.split(".")[:2]) for release in known)
        hint = suggestion(text, [*reversed(minors), *reversed(known)])
        raise ConfigurationError(
            f"--compare: no release of Celery from {known[0]} to {known[-1]} is called {text!r}{hint}"
        )
    return found


def _called(project: Project) -> str:
    return os.path.basename(project.root) or "this project"


def _style(arguments: SimpleNamespace) -> Style:
    terminal = arguments.output_file is None and sys.stdout.isatty()
    return Style(wants_color(arguments.color, os.environ, terminal=terminal))
