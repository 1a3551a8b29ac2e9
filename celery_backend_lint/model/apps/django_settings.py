"""Django's settings as the configuration object of an app: ``config_from_object("django.conf:settings")``."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.django import configurations as django_configurations
from celery_backend_lint.evaluate.django import settings as django
from celery_backend_lint.evaluate.values import Alternative, Choice, Literal, Missing, Module, Unknown
from celery_backend_lint.model.app import Assignment, ConfigurationName, ConfigurationSource
from celery_backend_lint.model.apps.configuration_sources import EMPTY, Cell, SettingsMap, read_module, unknown_source
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.values import Mapping, Value
    from celery_backend_lint.location import Location

_WRITTEN = re.compile(
    rb"\bsettings\.(?P<name>[A-Z][A-Z0-9_]+)\s*(?:(?P<plain>[+|]?=)(?!=)|\[[^\]\n]*\]\s*[+|]?=(?!=)"
    rb"|\.(?:update|setdefault|pop|append|extend)\()|\bdel\s+settings\.(?P<deleted>[A-Z][A-Z0-9_]+)"
)
"""Statements of other files that change Django's settings while the program runs."""


def read_django(ev: Evaluator, call: Location) -> list[tuple[ConfigurationSource, SettingsMap]]:
    """Django's settings as ``config_from_object`` at ``call`` reads them: one item for each module that may be them."""
    given = django.configured(ev, call.path)
    if given is not None:
        return [_read(ev, call, given, None)]
    found = []
    for path, condition in django.settings_modules(ev, call.path):
        source, cells = _read(ev, call, None, path)
        cells.when = condition
        found.append((source, cells))
    return found or [unknown_source(django.NOT_FOUND, call)]


def _read(
    ev: Evaluator, call: Location, given: Mapping | None, path: str | None
) -> tuple[ConfigurationSource, SettingsMap]:
    """Django's settings where they are what is ``given``, or the module at ``path``.

    What ``settings.configure(…)`` is given, else the settings module, over it the class of django-configurations, over
    all what the calling file writes with ``settings.NAME = …`` (Celery reads its configuration when it is first used).
    """
    file = ev.modules.file(path) if path is not None else None
    names: dict[str, list[Location]] = {}
    why = ""
    if given is not None:
        why = "" if given.complete else "what settings.configure() is given"
        for entry in given.entries:
            if isinstance(entry.key, Literal):
                names.setdefault(str(entry.key.value), []).append(entry.origin)
        cells = EMPTY
        place = call.path
    elif file is None:
        return unknown_source(django.NOT_FOUND, call)
    else:
        source, cells = read_module(ev, file.scope, call, "django")
        names = {one.name: list(one.locations) for one in source.names}
        why, place = source.why_unknown, source.path
        if django.uses_configurations(ev, file, call.path):
            found = [cls for cls, _ in django.configurations(ev, file, call)]
            why = why or ("" if found else django_configurations.NO_CLASS)
            for cls in found:
                why = why or django_configurations.why_hidden(ev, cls)
                for name, places in django_configurations.setting_names(ev, cls).items():
                    names.setdefault(name, []).extend(places)
    caller = ev.modules.file(call.path)
    if caller is not None:
        for write in django.writes(ev, caller):
            names.setdefault(write.name, []).append(ev.location(write.target, caller.scope))
    elsewhere = _written_elsewhere(ev, call.path)
    if caller is not None and path is not None:
        elsewhere.update(dict.fromkeys(_set_on_module(ev, caller, path), call.path))
    given_names = django.names_set(ev, call.path)
    for name in given_names or ():
        names.setdefault(name, []).append(call)
    if given_names is None:
        why = why or "a setting is set with setattr"

    def read(key: str) -> Cell | None:
        value = django.held(ev, key, call) if path is None else django.held_in(ev, path, key, call)
        if value is None:
            return None
        certain = True
        if key in elsewhere:
            doubt = Unknown(f"{elsewhere[key]} sets it while the program runs", call)
            value, certain = Choice((Alternative(doubt, doubt), Alternative(value, None)), call), False
        own = cells.get(key)
        assignments = own.assignments if own is not None else ()
        return Cell(value, assignments or tuple(_assignments(key, value, names.get(key, []))), certain)

    listed = tuple(ConfigurationName(name, tuple(places)) for name, places in names.items())
    source = ConfigurationSource("django", call, place, listed, why, only_celery=False)
    return source, SettingsMap(set(names), read, Unknown(why, call) if why else None)


def _assignments(key: str, value: Value, places: list[Location]) -> list[Assignment]:
    if isinstance(value, Missing):
        return []
    return [Assignment(key, key, value, place, "django") for place in places[-1:]]


def _written_elsewhere(ev: Evaluator, near: str) -> dict[str, str]:
    """The settings that other files of the program (no tests) set on ``django.conf.settings``, and which file does."""
    from celery_backend_lint.model import SIGNS
    from celery_backend_lint.project.test_paths import is_test_path

    found: dict[str, str] = {}
    for path in ev.modules.project.python_files_mentioning(SIGNS):
        source = ev.modules.project.source(path)
        if source is None or b"django.conf" not in source.data or (path != near and is_test_path(path)):
            continue
        for match in _WRITTEN.finditer(source.utf8):
            if path != near or match["plain"] is None or _in_function(ev, path, match.start()):
                found.setdefault((match["name"] or match["deleted"]).decode(), path)
    return found


def _set_on_module(ev: Evaluator, caller: ModuleFile, settings: str) -> Iterator[str]:
    """The names that a file sets on the settings module itself: that counts if Django has not read it yet."""
    for binding in caller.scope.attributes:
        owner = binding.target.child_by_field_name("object")
        name = binding.target.child_by_field_name("attribute")
        value = ev.value(owner, caller.scope) if owner is not None and name is not None else None
        if name is not None and isinstance(value, Module) and value.path == settings:
            yield text_of(name)


def _in_function(ev: Evaluator, path: str, offset: int) -> bool:
    file = ev.modules.file(path)
    node = file.scope.node.descendant_for_byte_range(offset, offset + 1) if file is not None else None
    while node is not None and node.type != "function_definition":
        node = node.parent
    return node is not None
