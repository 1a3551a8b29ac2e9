"""Every app's settings with where they come from, for the ``config`` command: as text and as JSON."""

from __future__ import annotations

from textwrap import wrap

from celery_backend_lint import __version__
from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.model.backend_values import dotted
from celery_backend_lint.report.json import app_as_json, dump
from celery_backend_lint.report.settings_view import defaults, in_force, setting_view, view
from celery_backend_lint.report.show import show
from celery_backend_lint.report.style import BOLD, FRAME, HELP, SEVERITY, printable
from celery_backend_lint.report.text import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from celery_backend_lint.model.app import App, Setting
    from celery_backend_lint.model.variable_evidence import VariableEvidence
    from celery_backend_lint.report.settings_view import AppView, Place, SettingView
    from celery_backend_lint.report.style import Style
    from celery_backend_lint.report.value_words import Outcome

WIDTH = 100
"""Columns that the lines are wrapped to."""


def render(
    apps: Sequence[App],
    prefix: str,
    style: Style,
    evidence: VariableEvidence | None = None,
    *,
    with_defaults: bool = False,
) -> Iterator[str]:
    """The lines for people, without line endings. ``with_defaults`` adds what Celery has for what nothing sets,
    ``evidence`` is what the repository says of variables.
    """
    if not apps:
        yield "No Celery app was found."
    for number, app in enumerate(apps):
        if number:
            yield ""
        seen = view(app, evidence)
        yield from _head(seen, prefix, style)
        for setting in seen.settings:
            if not setting.same_as:
                yield from _setting(setting, prefix, style)
        if with_defaults and seen.defaults:
            yield f"  {style.paint('not set, so at the default of Celery:', HELP)}"
            width = max(len(name) for name, _ in seen.defaults)
            for name, words in seen.defaults:
                lead = f"    {name:<{width}}  "
                yield from wrapped(f"{words} (default)", lead, " " * len(lead))


def _head(app: AppView, prefix: str, style: Style) -> Iterator[str]:
    declared = f"{app.declared}, namespace {app.namespace}" if app.namespace else app.declared
    yield f"{style.paint(printable(app.name), BOLD)} ({place(app.location, prefix)}), {printable(declared)}"
    yield from wrapped(f"read for {app.release}", "  ")
    backend = [app.backend]
    if app.backend_from:
        backend.append(app.backend_from)
    if app.backend_place is not None:
        backend.append(f"at {place(app.backend_place, prefix)}")
    yield from wrapped(f"result backend: {', '.join(backend)}", "  ")
    for other in app.alternatives:
        yield from wrapped(f"or {other}", "    ")
    if app.refused:
        yield from wrapped(app.refused, f"  {style.paint('error', SEVERITY[Severity.ERROR])}: ", "    ")
    if app.unread:
        yield f"  {style.paint('note', HELP)}: more may be set than could be read: {printable(app.unread)}"


def _setting(setting: SettingView, prefix: str, style: Style) -> Iterator[str]:
    name = style.paint(setting.name, FRAME)
    first, *others = setting.outcomes
    lead = f"  {setting.name} = "
    for number, line in enumerate(wrapped(_told(first), lead, "      ")):
        yield f"  {name} = {_painted(line[len(lead) :], first, style)}" if number == 0 else _painted(line, first, style)
    for other in others:
        for line in wrapped(_told(other), "    or ", "      "):
            yield _painted(line, other, style)
    for one in setting.from_places:
        yield f"    {_origin(one, prefix)}"
    for said in setting.said:
        example = "" if said.strong else ", which may be an example"
        yield from wrapped(f"{place(said.location, prefix)} says {said.variable}={said.value}{example}", "    ")
    for one in setting.beaten:
        yield from wrapped(f"{setting.beaten_by}: {_origin(one, prefix)}: {one.value}", "    ")
    if setting.doubt:
        yield f"    {setting.doubt}"


def _painted(line: str, outcome: Outcome, style: Style) -> str:
    return style.paint(line, SEVERITY[Severity.WARNING]) if outcome.why_unknown else line


def _told(outcome: Outcome) -> str:
    return f"{outcome.text} {outcome.when}" if outcome.when else outcome.text


def wrapped(text: str, indent: str, further: str = "") -> list[str]:
    """A text as lines of ``WIDTH`` columns where it has blanks to break at; nothing of it is lost."""
    lines = wrap(
        printable(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=further or f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
    return lines or [indent]


def _origin(one: Place, prefix: str) -> str:
    return f"{place(one.location, prefix)}, {one.words}" + (f", as {printable(one.written)}" if one.written else "")


def render_json(apps: Sequence[App], evidence: VariableEvidence | None = None) -> str:
    """The same for programs."""
    return dump({"version": __version__, "apps": [_app(app, evidence) for app in apps]})


def _app(app: App, evidence: VariableEvidence | None) -> dict[str, Any]:
    return {
        **app_as_json(app),
        "release": dotted(app.declared.version),
        "oldest_release": dotted(app.declared.oldest),
        "locked": app.declared.locked,
        "unread": mask(app.unread),
        "refused": [
            {
                "written": mask(assignment.written),
                "must_be": wanted,
                "path": assignment.location.path,
                "line": assignment.location.line,
            }
            for assignment, wanted in app.mixing
        ],
        "settings": [_setting_as_json(app, app.settings[name], evidence) for name in sorted(app.settings)],
        "defaults": [{"name": name, "value": words} for name, words in defaults(app)],
    }


def _setting_as_json(app: App, setting: Setting, evidence: VariableEvidence | None) -> dict[str, Any]:
    seen = setting_view(app, setting, evidence)
    winning = {one.location for one in seen.from_places}
    return {
        "name": setting.name,
        "value": show(in_force(app, setting), setting.name),
        "certain": seen.certain,
        "outcomes": [
            {"value": one.text, "when": one.when, "default": one.default, "unknown": one.why_unknown}
            for one in seen.outcomes
        ],
        "variables": [
            {
                "name": said.variable,
                "value": said.value,
                "path": said.location.path,
                "line": said.location.line,
                "example": not said.strong,
            }
            for said in seen.said
        ],
        "assignments": [
            {
                "written": mask(assignment.written),
                "place": assignment.place,
                "path": assignment.location.path,
                "line": assignment.location.line,
                "value": show(assignment.value, assignment.setting),
                "certain": assignment.certain,
                "used": assignment.location in winning,
            }
            for assignment in setting.assignments
        ],
    }
