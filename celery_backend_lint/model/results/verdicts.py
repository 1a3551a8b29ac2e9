"""What is certain about an app or a result: that there is no backend, that a result is ignored, that a read blocks."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Environment, Literal, Missing
from celery_backend_lint.location import Location
from celery_backend_lint.model.backend_kind import kind_of
from celery_backend_lint.model.backend_outcomes import backend_outcomes
from celery_backend_lint.model.results.reads import WAITS
from celery_backend_lint.model.results.records import CALL, EAGER
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Setting
    from celery_backend_lint.model.results.records import Read, Result, Task
    from celery_backend_lint.syntax.python import Node

VARIABLE = "CELERY_RESULT_BACKEND"
"""The variable that gives every app a backend, whatever its configuration says (``celery.app.base.Celery._get_backend``
and ``celery.app.utils.Settings.result_backend``).
"""

GREEN_POOLS = frozenset({"gevent", "eventlet"})
"""The pools in which waiting inside of a task is not refused: ``task_join_will_block`` of their classes is False."""


_NAMES = (b"ESULT_BACKEND", b"esult_backend", b"backend_cls")
_SET = rb"(?m)^[^#\n]*(?:esult_backend|ESULT_BACKEND|backend_cls)[\"']?\s*\]?\s*(?::[^=\n]+)?[=:,]"
"""Names with what sets them; ``backend_cls`` is the attribute of an app's class (``Celery._get_backend``)."""

_OWN_BACKENDS = (b"def _get_backend", b".backend =", b"def backend(")
"""What gives an app a backend past its settings."""

_CONFIGURATIONS = (".yml", ".yaml", ".toml", ".ini", ".cfg", ".json", ".conf", ".env")
_GREEN = (b"gevent", b"eventlet", b"_set_task_join_will_block")


def lacks_backend(model: Model, app: App) -> bool:
    """Whether an app has no result backend, whatever the environment is, as far as the repository says."""
    if app.unread or not _is_set_to_nothing(app.settings.get("result_backend")):
        return False
    return not _environment_gives_one(model, app)


def has_only(model: Model, app: App, kind: str) -> bool:
    """Whether every outcome of an app's result backend is of one kind."""
    outcomes = backend_outcomes(model, app)
    kinds = {outcome.kind for outcome in outcomes}
    return not app.unread and kinds == {kind} and not _environment_gives_other(model, app, kind)


def _is_set_to_nothing(setting: Setting | None) -> bool:
    if setting is None:
        return True
    value = setting.value
    return isinstance(value, Missing) or (isinstance(value, Literal) and value.value in (None, ""))


def _environment_gives_one(model: Model, app: App) -> bool:
    read = Environment((VARIABLE,), None, "str", "os.environ", Location(app.path))
    if model.evidence.of(read, app.path) or VARIABLE in app.sets_variables:
        return True
    if any(running.command.result_backend for running in model.deployment.commands):
        return True
    return _is_set_elsewhere(model)


def _is_set_elsewhere(model: Model) -> bool:
    """Whether something outside of tests gives a result backend that no app of the project is seen to take: other
    settings, which a deployment chooses, or a file that a loader of the project's own reads.
    """
    project = model.project
    known = {
        one.location.path
        for app in model.apps
        if "result_backend" in app.settings
        for one in app.settings["result_backend"].assignments
    }
    for path in project.python_files_mentioning(_NAMES):
        source = project.source(path)
        ours = path not in known and not is_test_path(path) and source is not None
        if ours and re.search(_SET, source.data if source is not None else b"") is not None:
            return True
    for path in project.python_files_mentioning(_OWN_BACKENDS):
        if not is_test_path(path) and project.mentions(path, (b"elery",)):
            return True
    return any(
        path.endswith(_CONFIGURATIONS) and not is_test_path(path) and project.mentions(path, _NAMES)
        for path in project.paths()
    )


def _environment_gives_other(model: Model, app: App, kind: str) -> bool:
    read = Environment((VARIABLE,), None, "str", "os.environ", Location(app.path))
    said = {kind_of(one.value, app.declared.version) for one in model.evidence.of(read, app.path)}
    given = {running.command.result_backend for running in model.deployment.commands} - {None, ""}
    said |= {kind_of(one, app.declared.version) for one in given}
    return bool(said - {kind}) or _is_set_elsewhere(model)


def runs_eagerly(app: App) -> bool:
    """Whether ``task_always_eager`` may be on where no variable is set: then results are there without a backend."""
    setting = app.settings.get("task_always_eager")
    return setting is not None and not _is_off(setting.value)


def is_always_eager(app: App) -> bool:
    """Whether ``task_always_eager`` is on for sure: no task of the app runs in a worker."""
    setting = app.settings.get("task_always_eager")
    return setting is not None and isinstance(setting.value, Literal) and setting.value.value is True


def _is_off(value: Value) -> bool:
    if isinstance(value, Environment) and value.default is not None:
        return _is_off(value.default)
    if isinstance(value, Literal):
        return not value.value or (isinstance(value.value, str) and value.value.lower() in ("false", "0", "no", "off"))
    return isinstance(value, Missing)


def is_ignored(model: Model, result: Result) -> bool | None:
    """Whether nobody stores what a result stands for; None where that is not certain."""
    says = result.ignores
    if says == "unset" and result.task is not None:
        says = result.task.ignores
    if says == "unset":
        apps = model.results.apps_of(result.owner)
        found = {_ignores_all(app) for app in apps}
        return found.pop() if len(found) == 1 else None
    return {"yes": True, "no": False}.get(says)


def may_be_none_at_once(model: Model, result: Result) -> bool:
    """Whether ``.get()`` of a result may ask nothing and answer None: its sender ignores it, or may."""
    return result.made == CALL and result.ignores != "unsaid" and is_ignored(model, result) is not False


def _ignores_all(app: App) -> bool | None:
    if app.unread or "task_annotations" in app.settings:
        return None
    setting = app.settings.get("task_ignore_result")
    if setting is None or isinstance(setting.value, Missing):
        return False
    held = setting.value
    return held.value if isinstance(held, Literal) and isinstance(held.value, bool) and setting.certain else None


def task_around(model: Model, read: Read) -> Task | None:
    """The task whose body a read stands in, not in a function inside of it; None for none."""
    scope = read.scope
    if scope.kind != "function" or read.location.path not in model.results.task_files():
        return None
    for task in model.results.tasks_in(read.location.path):
        if task.node is not None and task.node == scope.node:
            return task
    return None


def is_refused(model: Model, read: Read) -> Task | None:
    """The task in whose body a read waits so that Celery raises RuntimeError in a worker; None where it does not.

    ``celery.result.assert_will_not_block``; an ignored result is None before that is asked.
    """
    if read.name not in WAITS or _allows_blocking(read.node) or _stands_in_allow_join(read.node):
        return None
    task = task_around(model, read)
    if task is None or task.node is None or any(child.type == "async" for child in task.node.children):
        return None  # Celery makes a coroutine of an ``async def`` and never runs it
    none_at_once = read.name in ("get", "wait") and read.result.kind != EAGER and read.result.made == CALL
    return None if none_at_once and is_ignored(model, read.result) else task


def _allows_blocking(call: Node) -> bool:
    for name, argument in arguments_of(call):
        if name in ("**", "*") or (name == "disable_sync_subtasks" and argument.type != "true"):
            return True
    return False


def _stands_in_allow_join(node: Node) -> bool:
    """Whether a ``with allow_join_result():`` (or one of the project's own about blocking) stands around a node."""
    parent = node.parent
    while parent is not None and parent.type not in ("function_definition", "lambda"):
        if parent.type == "with_statement":
            clause = next((child for child in parent.named_children if child.type == "with_clause"), None)
            text = text_of(clause).lower() if clause is not None else ""
            if "join" in text or "block" in text or "allow" in text:
                return True
        parent = parent.parent
    return False


def may_use_green_pool(model: Model) -> bool:
    """Whether something in the repository runs workers in a pool where waiting inside of a task is not refused."""
    for app in model.checked_apps:
        setting = app.settings.get("worker_pool")
        if setting is not None and not (isinstance(setting.value, Literal) and setting.value.value not in GREEN_POOLS):
            return True
    commands = [running for running in model.deployment.commands if running.command.what in ("worker", "multi")]
    if not commands and any(model.manifests.declares(pool) for pool in sorted(GREEN_POOLS)):
        return True
    for running in commands:
        words = [word.partition("=")[2] or word.removeprefix("-P") for word in running.command.words]
        if GREEN_POOLS & set(words) or any(word.startswith(("$", "{")) and "pool" in word.lower() for word in words):
            return True
    for path in model.project.python_files_mentioning([b"elery"]):
        if not is_test_path(path) and model.project.mentions(path, _GREEN):
            return True
    return False
