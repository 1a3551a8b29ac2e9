"""What configuring one app changes for the others of a project: they have a module, a class or a constant in common.

And what is found about another app: that is left alone.
"""

from __future__ import annotations

from celery_backend_lint.location import Location
from celery_backend_lint.model.value_identity import form_of
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from celery_backend_lint.findings.finding import Finding
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def about_others(model: Model, app: App) -> Callable[[Finding], bool]:
    """Tells findings about another app of the project.

    Findings name their app. Where apps in several folders are called alike, it is the one that the place belongs to,
    or that is nearest to it.
    """
    names = frozenset(one.name for one in model.apps if one.name != app.name)
    twins = [one for one in model.apps if one.name == app.name and one.path != app.path]

    def is_about_another(finding: Finding) -> bool:
        path = finding.location.path
        if not twins or finding.app != app.name:
            return finding.app in names
        return _nearness(app, path) < max(_nearness(one, path) for one in twins)

    return is_about_another


def _nearness(app: App, path: str) -> int:
    """How many folders a path has in common with that of an app; more than any where the app has a setting there."""
    settings = app.settings.values()
    if path == app.path or any(one.location.path == path for setting in settings for one in setting.assignments):
        return len(path)
    here, there = app.path.split("/")[:-1], path.split("/")[:-1]
    pairs = zip(here, there, strict=False)
    return next((number for number, (one, other) in enumerate(pairs) if one != other), min(len(here), len(there)))


@record
class AlsoChanged:
    """Another app, ``name`` as the model has it, with the new-style names of the settings that changed for it."""

    name: str
    path: str
    line: int
    settings: tuple[str, ...]


def also_changed(before: Model, after: Model, app: App) -> tuple[AlsoChanged, ...]:
    """The apps beside ``app`` (one of ``after``) whose settings are others after the change; apps of tests left out.

    Apps are known again by path, name and order. Lines are those of ``after``.
    """
    had = dict(_numbered(before))
    found = []
    for key, one in _numbered(after):
        then = had.get(key)
        if one.location == app.location or then is None:
            continue
        names = dict.fromkeys((*then.settings, *one.settings))
        changed = tuple(name for name in names if _form(then, name) != _form(one, name))
        if changed:
            found.append(AlsoChanged(one.name, one.path, one.location.line, changed))
    return tuple(found)


def _numbered(model: Model) -> Iterator[tuple[tuple[str, str, int], App]]:
    seen: dict[tuple[str, str], int] = {}
    for one in sorted(model.checked_apps, key=lambda one: (one.path, one.location.line)):
        number = seen[one.path, one.name] = seen.get((one.path, one.name), 0) + 1
        yield (one.path, one.name, number), one


def _form(app: App, name: str) -> Hashable:
    setting = app.settings.get(name)
    return _placeless(form_of(setting.value)) if setting is not None else None


def _placeless(form: Hashable) -> Hashable:
    """A form without the places in it, which any line above moves."""
    if isinstance(form, tuple):
        return tuple(_placeless(one) for one in form if not isinstance(one, Location))
    return form
