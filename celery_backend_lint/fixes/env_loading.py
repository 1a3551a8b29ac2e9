"""Which env file is loaded before a place reads the environment: what is put there reaches the code."""

from __future__ import annotations

from celery_backend_lint.evaluate.imported_modules import imported, packages_above
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, Instance, Literal, Mapping
from celery_backend_lint.model.env_loads import loads_of, nearest_env_file, that_load
from celery_backend_lint.model.file_paths import file_named
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.fixes.environment_read import Reader
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

MOST_MODULES = 200
"""Modules whose imports are followed to find what loads an env file."""


def loaded_for(model: Model, app: App, reader: Reader, location: Location) -> str | None:
    """The env file that is sure to be loaded before ``reader`` reads at a place; None where there is none.

    It need not be there yet.
    """
    if reader.kind == "decouple":
        return _of_decouple(model, location.path)
    if reader.kind == "starlette":
        return _of_starlette(model, reader, location.path)
    return _of_process(model, app, location)


def loaded_for_read(model: Model, app: App, read: Environment) -> str | None:
    """The same for a read of the environment that is there already."""
    if read.reader == "decouple":
        return _of_decouple(model, read.origin.path)
    if read.reader.startswith("pydantic"):
        return _of_pydantic(model, read.origin) or _of_process(model, app, read.origin)
    if read.reader == "starlette":
        return None
    return _of_process(model, app, read.origin)


def _of_process(model: Model, app: App, location: Location) -> str | None:
    """The env file that code which runs before a place loads into the process's environment."""
    file = model.evaluator.modules.file(location.path)
    if file is None:
        return None
    offset = file.source.offset(location.span.line, location.span.column)
    loads = [load for path in that_load(model) for load in loads_of(model, path)]
    if not loads:
        return None
    own = [load for load in loads if load.path == location.path and load.at < offset]
    if own:
        return own[0].env_file
    before = _run_before(model, location.path, offset)
    if location.path != app.path and _is_loaded_by(app, location.path):
        creation = model.evaluator.modules.file(app.path)
        if creation is not None:
            at = creation.source.offset(app.location.line, app.location.span.column)
            own = [load for load in loads if load.path == app.path and load.at < at]
            if own:
                return own[0].env_file
            before |= _run_before(model, app.path, at)
    found = [load for load in loads if load.path in before]
    return found[0].env_file if found and len({load.env_file for load in found}) == 1 else None


def _is_loaded_by(app: App, path: str) -> bool:
    """Whether a file is a module that the app's own code names as its configuration, so that it is read afterwards."""
    return any(source.kind == "module" and source.path == path for source in app.sources)


def _run_before(model: Model, path: str, offset: int | None) -> set[str]:
    """The modules that have run, from top to bottom, before the code of a module at an offset."""
    evaluator = model.evaluator
    done: set[str] = set()
    left: list[tuple[str, int | None]] = [(path, offset)]
    while left and len(done) < MOST_MODULES:
        at, until = left.pop()
        file = evaluator.modules.file(at)
        if file is None:
            continue
        found = packages_above(evaluator, at)
        for node in file.scope.node.named_children:
            if until is not None and node.start_byte >= until:
                break
            if node.type in ("import_statement", "import_from_statement"):
                found += imported(evaluator, node, file.scope)
        for one in found:
            if one not in done and one != path:
                done.add(one)
                left.append((one, None))
    return done


def _of_decouple(model: Model, path: str) -> str | None:
    """The ``.env`` that decouple's ``config`` reads in a module; None where a ``settings.ini`` comes first."""
    env_file = nearest_env_file(model, path)
    folder = path.rpartition("/")[0]
    while True:
        prefix = f"{folder}/" if folder else ""
        if model.project.on_disk(f"{prefix}settings.ini"):
            return None
        if f"{prefix}.env" == env_file or not folder:
            return env_file
        folder = folder.rpartition("/")[0]


def _of_starlette(model: Model, reader: Reader, path: str) -> str | None:
    arguments = reader.value.arguments if reader.value is not None else ()
    first = arguments[0] if arguments else None
    if not isinstance(first, Literal) or not isinstance(first.value, str) or not first.value.startswith(".env"):
        return None
    folder = model.env_files.service_of(path)
    return f"{folder}/{first.value}" if folder else first.value


def _of_pydantic(model: Model, field: Location) -> str | None:
    """The env file of the settings class that a field stands in."""
    cls = class_around(model, field)
    return env_file_of_class(model, cls) if cls is not None else None


def env_file_of_class(model: Model, cls: Class) -> str | None:
    """The env file that a settings class of pydantic reads; None where it reads none, several, or one not known."""
    for base in classes.lineage(model.evaluator, cls):
        found = _configured(model, base) if isinstance(base, Class) else None
        if found is not None:
            node, scope = found
            path = file_named(model, node, scope, model.env_files.service_of(cls.origin.path))
            return path if path and path.rpartition("/")[2].startswith(".env") else None
    return None


def class_around(model: Model, location: Location) -> Class | None:
    """The class whose body a place stands in directly."""
    evaluator = model.evaluator
    node, file = node_at(evaluator, location), evaluator.modules.file(location.path)
    while node is not None and node.type != "class_definition":
        node = node.parent
    if node is None or file is None:
        return None
    name = node.child_by_field_name("name")
    value = evaluator.read(file.scope, text_of(name), None) if name is not None else None
    return value if isinstance(value, Class) and value.node == node else None


def _configured(model: Model, cls: Class) -> tuple[Node, Scope] | None:
    """The expression that a settings class gives as its ``env_file``, in ``model_config`` or ``class Config``."""
    evaluator = model.evaluator
    scope = evaluator.scope_of(cls)
    value = evaluator.read(scope, "model_config", None)
    entries = value.keywords if isinstance(value, Instance) else value.entries if isinstance(value, Mapping) else ()
    config = evaluator.read(scope, "Config", None)
    for entry in entries:
        if isinstance(entry.key, Literal) and entry.key.value == "env_file":
            file = evaluator.modules.file(entry.origin.path)
            node = node_at(evaluator, entry.origin)
            while node is not None and node.type not in ("keyword_argument", "pair"):
                node = node.parent
            inner = node.child_by_field_name("value") if node is not None else None
            return (inner, file.scope) if inner is not None and file is not None else None
    if isinstance(config, Class):
        for binding in evaluator.scope_of(config).bindings.get("env_file", ()):
            return binding.node, cls.scope.module
    return None
