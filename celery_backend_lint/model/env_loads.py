"""The env files that the code of a project loads into the environment of its process."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import External, Instance
from celery_backend_lint.model.env_files import PYTHON_SIGNS
from celery_backend_lint.model.file_mentions import is_copy_that_nothing_names
from celery_backend_lint.model.file_paths import file_named
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

_READING = (
    rb"(?m)^[^#\n]*(?:\benviron|getenv|\b[Ee]nv(?:[(\[]|\.[a-z])|decouple|BaseSettings|dotenv_values|prefixed_env|envvar)"
    rb"|^[ \t]*(?:from|import)[ \t]+(?:openai|anthropic|langchain|llama_index|google|azure|boto|cohere|groq|mistralai"
    rb"|huggingface_hub|transformers|replicate|pinecone|sentry_sdk|twilio|stripe|wandb|supabase|cloudinary|newrelic)"
)
"""What reads variables, outside of comments, and the imports of libraries that look for their keys there themselves."""
_READING_NEEDLES = (
    b"env", b"Env", b"BaseSettings", b"decouple", b"openai", b"anthropic", b"langchain",
    b"llama_index", b"google", b"azure", b"boto", b"cohere", b"groq", b"mistralai", b"huggingface_hub", b"transformers",
    b"replicate", b"pinecone", b"sentry_sdk", b"twilio", b"stripe", b"wandb", b"supabase", b"cloudinary", b"newrelic",
)  # fmt: skip


_INTO_THE_ENVIRONMENT = (
    rb"(?m)^[^#\n]*(?:\b(?:load_dotenv|read_env)\("
    rb"|environ(?:\.update\(|[ \t]*\|=|\[[^\]\n]*\][ \t]*=(?!=)))"
)
"""What puts variables into the environment of its process."""

_IS_THERE = r"(?:\w+\.)*(?:isfile|exists|is_file)\((?:[^()]|\([^()]*\))*\)"
"""A condition that nothing but a file's being there decides."""


@record
class Load:
    """A statement at the top of a module that puts an env file's variables into the environment."""

    path: str
    at: int
    env_file: str


def that_load(model: Model) -> list[str]:
    """The files, but for those of tests and copies that nothing runs, that may load an env file."""
    return [
        path
        for path in model.project.python_files_mentioning(PYTHON_SIGNS)
        if not is_test_path(path) and not is_copy_that_nothing_names(model.project, path)
    ]


def loads_of(model: Model, path: str) -> Iterator[Load]:
    """The statements at the top level of a module that load an env file which is known, where it is there or anyway."""
    file = model.evaluator.modules.file(path)
    for node in _statements(file.scope.node) if file is not None else ():
        call = node.named_children[0] if node.type == "expression_statement" and node.named_children else None
        if call is not None and call.type == "assignment":
            call = call.child_by_field_name("right")
        if call is None or call.type != "call" or file is None:
            continue
        env_file = _loaded(model, call, file.scope)
        if env_file is not None:
            yield Load(path, call.start_byte, env_file)


def _statements(module: Node) -> Iterator[Node]:
    """The statements of a module, and those of an ``if`` that asks whether a file is there: ``if isfile(path): …``."""
    for node in module.named_children:
        yield node
        condition = node.child_by_field_name("condition") if node.type == "if_statement" else None
        body = node.child_by_field_name("consequence")
        if condition is not None and body is not None and re.fullmatch(_IS_THERE, text_of(condition)):
            yield from body.named_children


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
    made = env_file_for(model, path)
    return made if path.startswith(made.removesuffix(".env")) else ".env"


def env_file_for(model: Model, app_path: str) -> str:
    """The path of the env file in use that the code at ``app_path`` loads, or would load: ``.env`` of its service."""
    near = [
        expected
        for expected in model.env_files.expected
        if model.env_files.concerns(expected.path, (app_path,)) and expected.path.rpartition("/")[2] == ".env"
    ]
    above = [expected.path for expected in near if app_path.startswith(expected.path.removesuffix(".env"))]
    if above:
        return max(above, key=len)
    service = model.env_files.service_of(app_path)
    return f"{service}/.env" if service else ".env"


def may_read_variables(model: Model) -> bool:
    """Whether anything may read the variables that an env file brings: code outside of tests does, a library that it
    imports looks for its keys there, or Celery itself looks for its broker.
    """
    if not all("broker_url" in app.settings for app in model.checked_apps):
        return True
    for path in model.project.python_files_mentioning(_READING_NEEDLES):
        source = model.project.source(path) if not is_test_path(path) else None
        if source is not None and re.search(_READING, source.utf8) is not None:
            return True
    return False


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

    files = {*chain(model, app), *packages_above(model.evaluator, app.path)}
    for loader in that_load(model):
        if not any(load.env_file == path for load in loads_of(model, loader)):
            continue
        if loader in files or reaches(model.evaluator, files, loader):
            return True
    return False


def is_kept_apart(model: Model, path: str) -> bool:
    """Whether the code at ``path`` runs with env files that ``dotenv_values`` alone reads: into a dict of its own, so
    that ``os.environ`` does not have what they hold (python-dotenv 1.x).
    """
    from celery_backend_lint.evaluate.imported_modules import packages_above, reaches

    own = {path, *packages_above(model.evaluator, path)}

    def reached(signs: tuple[bytes, ...], code: bytes) -> bool:
        for one in model.project.python_files_mentioning(signs):
            source = model.project.source(one)
            holds = source is not None and re.search(code, source.utf8) and not is_test_path(one)
            if holds and (one in own or reaches(model.evaluator, own, one)):
                return True
        return False

    if not reached((b"dotenv_values",), rb"(?m)^[^#\n]*\bdotenv_values\("):
        return False
    if any(one.reason.startswith("a compose file") for one in model.env_files.expected):
        return False
    return not reached((b"load_dotenv", b"read_env", b"environ"), _INTO_THE_ENVIRONMENT)
