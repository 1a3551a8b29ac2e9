"""Settings that stand where no app loads them: lower-case names, variables beside an app, whole files."""

from __future__ import annotations

import os
import re

from celery_backend_lint.evaluate.values import Class
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.creations import NEEDLES
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.names import COMMON_WORDS, OLD, READ, UNSEEN, meaning, module_bindings
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

CONFIGURATION_FILE = r"(?i)(?:^|/)(?:celery_?conf(?:ig)?(?:uration)?|celery_?settings)(?:_\w+)?\.py$"

MENTIONING = (".yml", ".yaml", ".env", ".toml", ".cfg", ".ini", ".sh", ".conf", ".service", ".json")
MENTIONING_NAMES = ("dockerfile", "procfile", "makefile", ".env")
"""Ends and beginnings of the names of files that may name a configuration module: ``CELERY_CONFIG_MODULE=…``."""

LARGEST_MENTIONING = 128 * 1024
"""Bytes; larger files of these names hold data."""

SECTIONS = ("result_", "task_", "worker_", "beat_", "broker_", "celery_", "redis_", "accept_", "database_")


@record
class UnloadedName:
    """A setting's name where no app sees it. ``place`` says where: ``django``, ``flask``, ``beside``, ``file``.

    ``value`` is what it is given, None where nobody asks for that.
    """

    name: str
    setting: str
    place: str
    location: Location
    value: Value | None = None


def lower_case_in_django(model: Model, app: App) -> Iterator[UnloadedName]:
    """Lower-case names of settings in a Django settings module: ``django.conf.settings`` does not expose them."""
    for source in app.sources:
        file = model.evaluator.modules.file(source.path) if source.kind == "django" else None
        if file is None:
            continue
        for binding, scope in module_bindings(model.evaluator, file.scope):
            setting = setting_of(binding.name, app) if binding.name.islower() else ""
            if setting:
                yield UnloadedName(binding.name, setting, "django", *_given(model, binding, scope))


_FROM_OBJECT = rb"\.config\.from_object\s*\(\s*([\w.]+)"


def lower_case_in_flask(model: Model, app: App) -> Iterator[UnloadedName]:
    """Lower-case names of settings in a class that Flask's ``config.from_object`` gets: it copies capitals only."""
    for scope in _flask_classes(model):
        for name, bindings in scope.bindings.items():
            setting = setting_of(name, app) if name.islower() else ""
            if setting and bindings[0].kind == "assign":
                yield UnloadedName(name, setting, "flask", *_given(model, bindings[0], scope))


def _flask_classes(model: Model) -> Iterator[Scope]:
    """The bodies of the classes that ``app.config.from_object`` gets in the files that have to do with Celery."""
    ev = model.evaluator
    for path in model.project.python_files_mentioning(NEEDLES):
        file = ev.modules.file(path)
        if file is None or b".from_object" not in file.source.data or is_test_path(path):
            continue
        for match in re.finditer(_FROM_OBJECT, file.source.utf8):
            node = file.scope.node.descendant_for_byte_range(match.start(1), match.end(1))
            value = ev.ask(node, ev.scope_at(node, file.scope)) if node is not None else None
            if isinstance(value, Class):
                yield ev.scope_of(value)


_HANDS_FLASKS_OVER = rb"(?:conf(?:ig)?\.update|config_from_object|add_defaults)\s*\([^)]*\.config\b"


def unloaded_flask_blocks(model: Model) -> Iterator[tuple[UnloadedName, tuple[str, ...]]]:
    """Celery's settings in a Flask configuration class that no app is given: the first, and all their names."""
    apps = model.checked_apps
    if not apps or any(app.unread or any(source.why_unknown for source in app.sources) for app in apps):
        return
    files = [model.project.source(path) for path in model.project.python_files_mentioning(NEEDLES)]
    if any(
        source is not None
        and source.data.count(b".config") > source.data.count(b".config_from_object")
        and re.search(_HANDS_FLASKS_OVER, source.data)
        for source in files
    ):
        return
    for scope in _flask_classes(model):
        found = [
            UnloadedName(name, setting, "block", _place(model, bindings[0], scope))
            for name, bindings in scope.bindings.items()
            if name.startswith("CELERY") and bindings[0].kind == "assign" and (setting := setting_of(name, apps[0]))
        ]
        if found:
            yield min(found, key=lambda one: one.location.order), tuple(one.name for one in found)


def variables_beside(model: Model, app: App) -> Iterator[UnloadedName]:
    """Settings as variables of the module that makes an app, which no configuration of any app is read from."""
    file = model.evaluator.modules.file(app.path)
    if file is None or app.path in loaded_paths(model) or any(source.why_unknown for source in app.sources):
        return
    for name, bindings in file.scope.bindings.items():
        setting = setting_of(name, app)
        if setting and all(binding.kind == "assign" for binding in bindings):
            yield UnloadedName(name, setting, "beside", *_given(model, bindings[0], file.scope))


def unloaded_files(model: Model) -> Iterator[UnloadedName]:
    """The first setting of each file that is called a Celery configuration while nothing loads or names it."""
    apps = model.checked_apps
    if not apps or any(app.unread or any(source.why_unknown for source in app.sources) for app in apps):
        return
    loaded = loaded_paths(model)
    for path in model.project.paths():
        if "elery" not in path or path in loaded or not re.search(CONFIGURATION_FILE, path) or is_test_path(path):
            continue
        if is_example_path(path):
            continue
        file = model.evaluator.modules.file(path)
        if file is None or any(app.path == path for app in model.apps) or _is_named(model, path):
            continue
        found = [
            UnloadedName(name, setting, "file", _place(model, bindings[0], file.scope))
            for name, bindings in file.scope.bindings.items()
            if bindings[0].kind == "assign" and (setting := setting_of(name, apps[0]))
        ]
        if found:
            yield min(found, key=lambda one: one.location.order)


def loaded_paths(model: Model) -> frozenset[str]:
    """The files that hold the names of any app's configuration objects."""
    found = set()
    for app in model.apps:
        for source in app.sources:
            found.add(source.path)
            found.update(place.path for name in source.names for place in name.locations)
    return frozenset(found)


def setting_of(name: str, app: App) -> str:
    """The setting that a name is meant for, "" for a name that may well be something else."""
    found = meaning(name, app.declared.version, "")
    if found.setting in COMMON_WORDS or found.status not in (READ, OLD, UNSEEN):
        return ""
    folded = name.lower()
    if found.status == UNSEEN or name.isupper():
        return found.setting if folded.startswith(("celery", "broker_", "result_backend")) else ""
    known = facts.setting(found.setting, app.declared.version)
    return found.setting if folded.startswith(SECTIONS) and known is not None else ""


def _given(model: Model, binding: Binding, scope: Scope) -> tuple[Location, Value | None]:
    """Where a name stands, and what it has in the end."""
    return _place(model, binding, scope), model.evaluator.read(scope, binding.name, None)


def _place(model: Model, binding: Binding, scope: Scope) -> Location:
    return model.evaluator.location(binding.target, scope)


def _is_named(model: Model, path: str) -> bool:
    """Whether any other file mentions a module: an import, text, a variable of a process."""
    stem = path.rpartition("/")[2].removesuffix(".py").encode()
    word = re.compile(rb"(?<!\w)" + re.escape(stem) + rb"(?!\w)")
    for other in (*model.project.python_files_mentioning((stem,)), *_mentioning(model)):
        source = model.project.source(other) if other != path else None
        if source is not None and stem in source.data and word.search(source.data):
            return True
    return False


def _mentioning(model: Model) -> Iterator[str]:
    """The files that are no Python and may name a module, large ones left out without being read."""
    for path in model.project.paths():
        lowered = path.rpartition("/")[2].lower()
        if lowered.endswith(MENTIONING) or lowered.startswith(MENTIONING_NAMES) or ".env" in lowered:
            source = model.project.source(path)
            try:
                if source is not None and os.path.getsize(source.absolute) <= LARGEST_MENTIONING:
                    yield path
            except OSError:
                continue
