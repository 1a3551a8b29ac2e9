"""Celery's settings in a Django settings module that no app loads.

Celery reads ``django.conf.settings`` only where ``config_from_object`` names it: its fixup for Django does not (seen
with Celery 5.3.6, 5.6.3 and 5.7.0). Certain is that only where nothing else may hand the names on.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.django import settings as django
from celery_backend_lint.model.names import module_bindings
from celery_backend_lint.model.needless_names import holds_anyway
from celery_backend_lint.model.own_variable_instead import instead
from celery_backend_lint.model.unloaded_configuration import UnloadedName, loaded_paths, setting_of
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

_READERS = (b"django.conf:settings", b"djcelery", b'CELERY"', b"CELERY'", b'CELERY_"', b"CELERY_'")
"""What names Django's settings to Celery, or all that begins with a prefix."""

_ALL_NAMES = (b"(settings", b"settings.__dict__", b"(django_settings", b"_wrapped")
_HANDS_ALL_OVER = (
    rb"(?:config_from_object|add_defaults|\.update|\b(?:dir|vars|getmembers)|__import__|\w*[cC]elery\w*)\s*\([^()\n]*settings\b"
    rb"|settings\.(?:__dict__|_wrapped)|getattr\(\s*\w*settings\s*,\s*(?![\"'])"
)
"""Code that is given the settings as a whole, or looks for names in them."""

_TELLING = ("broker_url", "result_backend")
"""Settings whose absence makes another Celery of it."""


def unloaded_django_blocks(model: Model) -> Iterator[tuple[App, list[UnloadedName]]]:
    """Where Django's settings give Celery a broker or result backend that no app is told: for each settings module the
    app whose module belongs to it, and those names, which the project may still read itself.
    """
    apps = model.checked_apps
    if not apps or any(app.unread or any(one.why_unknown for one in app.sources) for app in apps):
        return
    if any(one.kind == "django" for app in model.apps for one in app.sources) or _is_handed_over(model):
        return
    loaded = loaded_paths(model)
    given = {name.name for app in model.apps for source in app.sources for name in source.names}
    seen: set[str] = set()
    for app in apps:
        if not model.project.mentions(app.path, [django.VARIABLE]):
            continue
        for path, _ in django.settings_modules(model.evaluator, app.path):
            if path in seen or path in loaded or is_test_path(path):
                continue
            seen.add(path)
            names = list(_names(model, app, path))
            if given.intersection(one.name for one in names):
                continue
            telling = [
                one
                for one in names
                if one.setting in _TELLING
                and not holds_anyway(app, one.setting, one.value)
                and not _has_variable(model, app, one)
            ]
            if telling:
                yield app, telling


def _has_variable(model: Model, app: App, name: UnloadedName) -> bool:
    """Whether Celery's own variable stands for a name anyway: it is what the name holds, or each process has it."""
    own = instead(model, app, name.setting, [name.value])
    return own.needless or own.lost or bool(own.place)


def _names(model: Model, app: App, path: str) -> Iterator[UnloadedName]:
    """The names of Celery's settings that a settings module gives a value, in order."""
    file = model.evaluator.modules.file(path)
    if file is None:
        return
    found: dict[str, UnloadedName] = {}
    for binding, scope in module_bindings(model.evaluator, file.scope):
        setting = setting_of(binding.name, app) if binding.name.startswith(("CELERY", "BROKER_")) else ""
        location = model.evaluator.location(binding.target, scope)
        if setting and not is_test_path(location.path):
            value = model.evaluator.read(file.scope, binding.name, None)
            found.setdefault(binding.name, UnloadedName(binding.name, setting, "django", location, value))
    yield from sorted(found.values(), key=lambda one: one.location.order)


def _is_handed_over(model: Model) -> bool:
    """Whether some code may give Celery names of Django's settings without naming each."""
    if model.project.python_files_mentioning(_READERS):
        return True
    for path in model.project.python_files_mentioning(_ALL_NAMES):
        source = model.project.source(path)
        if source is not None and re.search(_HANDS_ALL_OVER, source.data) is not None:
            return True
    return False
