"""What another release of Celery would change in a project, for ``config --compare``: as text and as JSON."""

from __future__ import annotations

from celery_backend_lint import __version__
from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.model.backend_values import dotted
from celery_backend_lint.model.upgrade import (
    ACCEPTED,
    ALIVE,
    BACKEND,
    DEAD,
    DEFAULT,
    HEEDED,
    IGNORED,
    PACKAGE,
    REFUSED,
    VALUE,
)
from celery_backend_lint.report.json import dump
from celery_backend_lint.report.settings import wrapped
from celery_backend_lint.report.settings_view import backend_in_words, place_view
from celery_backend_lint.report.style import BOLD, FRAME, HELP, SEVERITY, printable
from celery_backend_lint.report.text import counted, place
from celery_backend_lint.report.value_words import outcomes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.upgrade import AppUpgrade, Change, Side, Upgrade
    from celery_backend_lint.report.style import Style

WORDS = {
    VALUE: "changes",
    ALIVE: "takes effect",
    DEAD: "loses its effect",
    HEEDED: "is read by the result backend",
    IGNORED: "is no longer read by the result backend",
    REFUSED: "fails afterwards",
    ACCEPTED: "works afterwards",
    DEFAULT: "another default",
    BACKEND: "another result backend",
    PACKAGE: "other versions",
}
"""The kinds of changes in words, as seen from the first release."""


def render(upgrade: Upgrade, prefix: str, style: Style) -> Iterator[str]:
    """The lines for people, without line endings."""
    if not upgrade.apps:
        yield "No Celery app was found."
        return
    yield style.paint(headline(upgrade), BOLD)
    for app in upgrade.apps:
        yield ""
        name = printable(mask(app.before.name)) or "app without a name"
        yield f"{style.paint(name, BOLD)} ({place(app.before.location, prefix)})"
        yield from wrapped(f"result backend: {backend_of(app)}", "  ")
        if not app.changes:
            yield "  nothing changes" + (" that could be read" if app.before.unread or app.open else "")
        for change in app.changes:
            yield from _change(change, upgrade, prefix, style)
        for line in left_open(app):
            yield from wrapped(line, f"  {style.paint('note', HELP)}: ", "    ")
    if upgrade.packages:
        yield ""
        yield style.paint("packages", BOLD)
        for change in upgrade.packages:
            yield from _change(change, upgrade, prefix, style)


def headline(upgrade: Upgrade) -> str:
    """``Celery 5.6.3 → 5.7.0: 3 changes in 1 of 2 apps``."""
    count = sum(len(app.changes) for app in upgrade.apps)
    concerned = sum(1 for app in upgrade.apps if app.changes)
    apps = counted(len(upgrade.apps), "app")
    where = f"in {concerned} of {apps}" if count else f"in {apps}"
    return (
        f"Celery {dotted(upgrade.before)} → {dotted(upgrade.after)}: "
        f"{counted(count, 'change') if count else 'no change'} {where}"
    )


def backend_of(app: AppUpgrade) -> str:
    """The result backend in words, of both releases where they differ."""
    then, now = backend_in_words(app.before), backend_in_words(app.after)
    return then if then == now else f"{then}; then {now}"


def left_open(app: AppUpgrade) -> Iterator[str]:
    """What could not be compared, and why."""
    if app.before.unread or app.after.unread:
        yield f"more may change than could be read: {mask(app.before.unread or app.after.unread)}"
    for name, why in app.open:
        yield f"{name} may change, which could not be read: {mask(why)}"


def _change(change: Change, upgrade: Upgrade, prefix: str, style: Style) -> Iterator[str]:
    label = style.paint(WORDS[change.kind], SEVERITY[Severity.WARNING])
    yield f"  {style.paint(change.name, FRAME)} {label}"
    for version, side in ((upgrade.before, change.before), (upgrade.after, change.after)):
        lead = f"    {dotted(version)}: "
        yield from wrapped(told(change, side, version), lead, " " * len(lead))
        if side.assignment is not None:
            one = place_view(side.assignment)
            written = f", as {printable(one.written)}" if one.written else ""
            yield f"{' ' * len(lead)}{place(one.location, prefix)}, {one.words}{written}"
    yield from wrapped(f"why: {change.why}", "    ")


def told(change: Change, side: Side, version: Version) -> str:
    """One release's side of a change in words, masked."""
    if side.value is not None:
        seen = outcomes(side.value, change.name, version)
        return "; or ".join(f"{one.text} {one.when}" if one.when else one.text for one in seen)
    if change.kind == PACKAGE:
        return side.text or "not asked for"
    if change.kind in (HEEDED, IGNORED):
        return "ignored by the result backend"
    if change.kind in (VALUE, ALIVE, DEAD, DEFAULT):
        return f"{side.text} (Celery's default)" if side.text else "no setting of this release"
    return mask(side.text)


def render_json(upgrade: Upgrade) -> str:
    """The same for programs."""
    return dump(
        {
            "version": __version__,
            "before": dotted(upgrade.before),
            "after": dotted(upgrade.after),
            "apps": [
                {
                    "name": mask(app.before.name),
                    "path": app.before.location.path,
                    "line": app.before.location.line,
                    "namespace": app.before.namespace,
                    "celery": app.before.celery,
                    "result_backend": {
                        "before": app.before.result_backend.kind,
                        "after": app.after.result_backend.kind,
                    },
                    "changes": [_as_json(change, upgrade) for change in app.changes],
                    "open": [{"name": name, "why": mask(why)} for name, why in app.open],
                    "unread": mask(app.before.unread or app.after.unread),
                }
                for app in upgrade.apps
            ],
            "packages": [_as_json(change, upgrade) for change in upgrade.packages],
        }
    )


def _as_json(change: Change, upgrade: Upgrade) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "name": change.name,
        "before": _side(change, change.before, upgrade.before),
        "after": _side(change, change.after, upgrade.after),
        "why": change.why,
    }


def _side(change: Change, side: Side, version: Version) -> dict[str, Any]:
    assignment = side.assignment
    return {
        "value": told(change, side, version),
        "set": side.value is not None,
        "written": mask(assignment.written) if assignment else None,
        "place": assignment.place if assignment else None,
        "path": assignment.location.path if assignment else None,
        "line": assignment.location.line if assignment else None,
    }
