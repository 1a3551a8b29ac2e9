"""Which env file is loaded before a place reads the environment: what is put there reaches the code."""

from __future__ import annotations

from celery_backend_lint.evaluate.imported_modules import imported, packages_above
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, External, Instance, Literal, Mapping
from celery_backend_lint.fixes.file_paths import file_named
from celery_backend_lint.model.env_files import PYTHON_SIGNS
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.fixes.environment_read import Reader
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

MOST_MODULES = 200
"""Modules whose imports are followed to find what loads an env file."""


@record
class Load:
    """A statement at the top of a module that puts an env file's variables into the environment."""

    path: str
    at: int
    env_file: str


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
    loads = [load for path in _mentioning(model) for load in loads_of(model, path)]
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


def _mentioning(model: Model) -> list[str]:
    return [path for path in model.project.python_files_mentioning(PYTHON_SIGNS) if not is_test_path(path)]


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


def loads_of(model: Model, path: str) -> Iterator[Load]:
    """The statements at the top level of a module that load an env file which is known."""
    file = model.evaluator.modules.file(path)
    for node in file.scope.node.named_children if file is not None else ():
        call = node.named_children[0] if node.type == "expression_statement" and node.named_children else None
        if call is not None and call.type == "assignment":
            call = call.child_by_field_name("right")
        if call is None or call.type != "call" or file is None:
            continue
        env_file = _loaded(model, call, file.scope)
        if env_file is not None:
            yield Load(path, call.start_byte, env_file)


def _loaded(model: Model, call: Node, scope: Scope) -> str | None:
    """The env file that ``load_dotenv(…)`` or ``….read_env(…)`` loads; None where that is not known."""
    function = call.child_by_field_name("function")
    if function is None:
        return None
    name = text_of(function).rpartition(".")[2]
    path = scope.file.path
    given = [one for key, one in arguments_of(call) if key in ("", "dotenv_path", "env_file", "path")][:1]
    if any(key in ("*", "**", "stream", "prefix") for key, _ in arguments_of(call)):
        return None
    if name == "load_dotenv":
        value = model.evaluator.value(function, scope)
        if not isinstance(value, External) or not value.name.startswith("dotenv."):
            return None
        return _named(model, given[0], scope) if given else nearest_env_file(model, path)
    if name != "read_env" or function.type != "attribute":
        return None
    owner = function.child_by_field_name("object")
    reader = model.evaluator.value(owner, scope) if owner is not None else None
    kind = reader.type.name if isinstance(reader, Instance) and isinstance(reader.type, External) else ""
    kind = reader.name if isinstance(reader, External) else kind
    if not kind.startswith(("environ.", "environs.")):
        return None
    if given:
        return _named(model, given[0], scope)
    if kind.startswith("environs."):
        return nearest_env_file(model, path)
    folder = path.rpartition("/")[0]
    return f"{folder}/.env" if folder else ".env"


def _named(model: Model, node: Node, scope: Scope) -> str | None:
    """The env file that an argument names; ``find_dotenv()`` included."""
    if node.type == "call" and text_of(node.child_by_field_name("function") or node).endswith("find_dotenv"):
        return nearest_env_file(model, scope.file.path) if not list(arguments_of(node)) else None
    path = file_named(model, node, scope, model.env_files.service_of(scope.file.path))
    return path if path and path.rpartition("/")[2].startswith(".env") else None


def nearest_env_file(model: Model, path: str) -> str:
    """The ``.env`` that is found by looking from a module's folder upwards; where there is none, its service's."""
    folder = path.rpartition("/")[0]
    while True:
        name = f"{folder}/.env" if folder else ".env"
        if model.project.on_disk(name):
            return name
        if not folder:
            break
        folder = folder.rpartition("/")[0]
    from celery_backend_lint.fixes.env_files import env_file_for

    made = env_file_for(model, path)
    return made if path.startswith(made.removesuffix(".env")) else ".env"


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


def is_in_environment(model: Model, app: App, variable: str) -> bool:
    """Whether the project sets a variable for an app's processes: a deployment file does, or an env file that is loaded
    holds it.
    """
    from celery_backend_lint.model.process_environment import is_given

    return is_given(model, app, variable) or any(
        is_loaded(model, app, file.path)
        for file in model.env_files.in_use
        if file.values().get(variable) and not model.env_files.is_foreign(file.path, app.path)
    )


def is_loaded(model: Model, app: App, path: str) -> bool:
    """Whether the app's configuration, or what it imports, puts an env file into the environment."""
    from celery_backend_lint.evaluate.imported_modules import packages_above, reaches
    from celery_backend_lint.model.configuration_chain import chain
    from celery_backend_lint.model.env_files import PYTHON_SIGNS
    from celery_backend_lint.project.test_paths import is_test_path

    files = {*chain(model, app), *packages_above(model.evaluator, app.path)}
    for loader in model.project.python_files_mentioning(PYTHON_SIGNS):
        if is_test_path(loader) or not any(load.env_file == path for load in loads_of(model, loader)):
            continue
        if loader in files or reaches(model.evaluator, files, loader):
            return True
    return False
