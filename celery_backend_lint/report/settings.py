"""Every app's settings with where they come from, for the ``config`` command."""

from __future__ import annotations

from celery_backend_lint import __version__
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.report.json import app_as_json, dump
from celery_backend_lint.report.show import show
from celery_backend_lint.report.style import BOLD, FRAME, HELP, printable
from celery_backend_lint.report.text import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from celery_backend_lint.model.app import App, Assignment, Setting
    from celery_backend_lint.report.style import Style

PLACES = {
    "constructor": "an argument of Celery()",
    "conf": "written to app.conf",
    "defaults": "app.conf.add_defaults",
    "module": "the configuration module",
    "django": "Django's settings",
    "class": "the configuration class",
    "mapping": "the configuration mapping",
}
"""``Assignment.place`` in words."""


def render(apps: Sequence[App], prefix: str, style: Style) -> Iterator[str]:
    """The lines for people, without line endings. Of several assignments the first one is what Celery uses."""
    if not apps:
        yield "No Celery app was found."
    for number, app in enumerate(apps):
        if number:
            yield ""
        facts = [f"Celery {app.celery}" if app.celery else "no declared version of Celery"]
        if app.namespace:
            facts.append(f"namespace {app.namespace}")
        name = printable(app.name) or "app without a name"
        yield f"{style.paint(name, BOLD)} ({place(app.location, prefix)}), {', '.join(facts)}"
        if app.unread:
            yield f"  {style.paint('note', HELP)}: more may be set than could be read: {printable(mask(app.unread))}"
        for setting in _sorted(app):
            yield f"  {style.paint(setting.name, FRAME)} = {printable(show(setting.value, setting.name))}"
            if not setting.certain:
                yield "    in a function that nothing was seen to call"
            for rank, assignment in enumerate(setting.assignments):
                yield f"    {'' if rank == 0 else 'overridden: '}{_origin(assignment, prefix)}"


def render_json(apps: Sequence[App]) -> str:
    """The same for programs."""
    return dump({"version": __version__, "apps": [_app(app) for app in apps]})


def _app(app: App) -> dict[str, Any]:
    return {
        **app_as_json(app),
        "unread": mask(app.unread),
        "settings": [
            {
                "name": setting.name,
                "value": show(setting.value, setting.name),
                "certain": setting.certain,
                "assignments": [
                    {
                        "written": assignment.written,
                        "place": assignment.place,
                        "path": assignment.location.path,
                        "line": assignment.location.line,
                        "value": show(assignment.value, assignment.setting),
                        "certain": assignment.certain,
                    }
                    for assignment in setting.assignments
                ],
            }
            for setting in _sorted(app)
        ],
    }


def _sorted(app: App) -> list[Setting]:
    return [app.settings[name] for name in sorted(app.settings)]


def _origin(assignment: Assignment, prefix: str) -> str:
    where = f"{place(assignment.location, prefix)}, {PLACES.get(assignment.place, assignment.place)}"
    renamed = "" if assignment.written == assignment.setting else f", as {printable(assignment.written)}"
    return where + renamed
