"""``configure``, and ``check --fix --backend``: write a whole configuration of a result backend."""

from __future__ import annotations

import os
import sys

from celery_backend_lint.commands.configuring import CannotConfigureError, configure
from celery_backend_lint.commands.fixing import write_changes
from celery_backend_lint.commands.output import write
from celery_backend_lint.commands.pipeline import Plan
from celery_backend_lint.commands.questions import ask
from celery_backend_lint.commands.session import (
    complain,
    open_given,
    opener,
    options_for,
    prefix_of,
    target_celery,
)
from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.fixes.configuration.choices import Choices
from celery_backend_lint.fixes.configuration.proposals import proposed
from celery_backend_lint.model import read_model
from celery_backend_lint.model.manifests.collect import read_manifests
from celery_backend_lint.options import ConfigurationError
from celery_backend_lint.project.discovery import BadPathError
from celery_backend_lint.report.configured import render, render_json
from celery_backend_lint.report.fixes import render_diff
from celery_backend_lint.report.style import Style, wants_color
from celery_backend_lint.rules.catalogue import available

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace
    from typing import Any

    from celery_backend_lint.commands.configuring import Configuration
    from celery_backend_lint.project.discovery import Project

FIELDS = ("backend", "expires", "concurrency", "availability", "dialect", "persistent", "health_check")
"""The options that are answers to questions; None where they are not given."""


ONLY_FOR = {"availability": ("redis",), "dialect": ("database",), "persistent": ("redis", "rpc")}
"""The backends that an answer means something for."""


def run(arguments: SimpleNamespace) -> int:
    """Configure as the arguments say and ask. Returns 0 when that is done, 1 with ``--diff`` of changes, 2 when not."""
    try:
        project = open_given(arguments)
        options = options_for(project.root, arguments)
        target = target_celery(options, arguments)
    except (BadPathError, ConfigurationError) as error:
        return complain(str(error))
    opened = opener(arguments, options)
    entries = available()
    plan = Plan(
        entries,
        frozenset(entry.code for entry in entries),
        minimum=Severity.ADVICE,
        target_celery=target,
        unsafe=True,
    )
    prefix = prefix_of(project.root)
    try:
        choices = _choices(opened({}), plan, arguments)
        configuration = configure(opened, plan, prefix, choices, arguments.app or "")
    except CannotConfigureError as error:
        return complain(f"nothing is changed: {error}")
    except EOFError:
        return complain("nothing is changed: the questions were not answered")
    return _finish(configuration, project.root, prefix, arguments)


def run_for_check(arguments: SimpleNamespace) -> int:
    """``check --fix --backend redis``: what ``configure redis`` does, without a question."""
    for field in FIELDS:
        if field != "backend":
            setattr(arguments, field, None)
    arguments.app, arguments.no_input, arguments.dry_run = None, True, False
    arguments.format = "json" if arguments.output_format == "json" else "text"
    return run(arguments)


def _choices(project: Project, plan: Plan, arguments: SimpleNamespace) -> Choices:
    """The answers: what is said, else what is asked on a terminal, else what the project shows."""
    from celery_backend_lint.commands.configuring import the_app

    model = read_model(project, plan.target_celery)
    app = the_app(model, arguments.app or "") if model is not None and model.checked_apps else None
    shown = proposed(model.manifests if model is not None else read_manifests(project), model, app)
    said = {field: value for field in FIELDS if (value := getattr(arguments, field)) is not None}
    values: dict[str, Any] = {field: getattr(shown, field) for field in FIELDS}
    values["driver"] = shown.driver if said.get("dialect", shown.dialect) == shown.dialect else ""
    values.update(said)
    values["decided"] = frozenset(said)
    given = Choices(**values)
    if arguments.no_input or not _is_dialogue():
        if "backend" not in said and not arguments.no_input:
            raise CannotConfigureError("which backend? Say redis, database or rpc, or run this on a terminal")
        choices = given
    else:
        choices = ask(given, frozenset(said))
    for field, backends in ONLY_FOR.items():
        if field in said and choices.backend not in backends:
            raise CannotConfigureError(f"--{field} is for {' and '.join(backends)}, not for {choices.backend}")
    return choices


def _is_dialogue() -> bool:
    """Whether somebody sees the questions and can answer them."""
    return sys.stdin is not None and sys.stderr is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _finish(configuration: Configuration, root: str, prefix: str, arguments: SimpleNamespace) -> int:
    """Write or show what was made, and print the summary."""
    fixed = configuration.fixed
    style = Style(wants_color(arguments.color, os.environ, terminal=sys.stdout.isatty()))
    dry_run = arguments.diff or arguments.dry_run
    diff = None
    if arguments.diff:
        style = Style(False) if arguments.format == "json" else style
        changes = [(change.path, change.before, change.after) for change in fixed.changes]
        diff = "".join(f"{line}\n" for line in render_diff(changes, fixed.secrets, prefix, style))
    elif not dry_run:
        problems = write_changes(root, fixed, together=True)[1]
        if problems:
            return complain(f"nothing is changed: {problems[0]}")
    if arguments.format == "json":
        text = render_json(configuration.told, diff, dry_run=dry_run)
    else:
        text = (diff or "") + "".join(
            f"{line}\n" for line in render(configuration.told, prefix, style, dry_run=dry_run)
        )
    write(text)
    return 1 if dry_run and fixed.changes else 0
