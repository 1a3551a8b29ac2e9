"""What goes with a variable that code begins to read: git's ignore line, the env file, its example."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Environment, Literal, walk
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.env_files import add_to_env_file, add_to_example, new_example, placeholder, written
from celery_backend_lint.fixes.ignore_file import ignore
from celery_backend_lint.fixes.settings_readers import refusing_class
from celery_backend_lint.fixes.text_edits import append_lines
from celery_backend_lint.fixes.whole_example import places_for, show_at, whole_example
from celery_backend_lint.model.env_file_reach import may_reach, shared_env_files
from celery_backend_lint.model.example_needs import is_example_needed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App


def keep(model: Model, env_file: str, variable: str, value: str) -> list[Edit]:
    """Put a credential into an env file in use, which git is made to ignore first.

    Where the file sets the variable to something else, the value is kept there as a comment. Raises CannotFixError
    where git tracks the file, where it cannot be changed, or where something that reads it refuses the variable.
    """
    cls = refusing_class(model, env_file, variable)
    if cls is not None:
        raise CannotFixError(
            f"`{cls.name}` in `{cls.origin.path}` reads `{env_file}` and refuses variables that are none of its "
            f'fields: give it `extra="ignore"` first'
        )
    edits = ignore(model, env_file)
    if not is_set_otherwise(model, env_file, variable, value):
        return [*edits, *add_to_env_file(model, env_file, variable, value)]
    if model.project.tracked(env_file):
        raise CannotFixError(f"`{env_file}` is tracked by git, so nothing is moved there")
    lines = f"# {variable} by default, until now:\n# {variable}={written(value)}\n"
    return [*edits, append_lines(model.project, env_file, lines, f"# {variable}", private=True)]


def is_set_otherwise(model: Model, env_file: str, variable: str, value: str) -> bool:
    """Whether an env file gives a variable another value."""
    file = next((one for one in model.env_files.files if one.path == env_file), None)
    return file is not None and file.values().get(variable, value) != value


def show(model: Model, path: str, variable: str, setting: str, value: str) -> list[Edit]:
    """Name the variable that the code at ``path`` reads in the example of its service, with a placeholder.

    ``setting`` is the Celery setting that it is the whole value of, else ``""``; ``value`` is what it holds. An example
    that is made for it names everything that the configurations of the service read.
    """
    text = placeholder(variable, setting, value)
    if model.env_files.examples_for(path):
        return add_to_example(model, path, variable, text)
    return _shown_at(model, path, variable, text, (new_example(model, path),))


def show_optional(model: Model, app: App, path: str, variable: str, setting: str, value: str) -> list[Edit]:
    """The same for a variable whose default stays in the code at ``path``, of an app.

    Nothing where there is no example and none is needed, or only one of a file that does not reach the app. Env files
    that git tracks, and that the app is given, show it themselves: in a comment.
    """
    text = placeholder(variable, setting, value)
    examples = model.env_files.examples_for(path)
    if any(may_reach(model, app, example, variable) for example in examples):
        return add_to_example(model, path, variable, text)
    if examples:
        shared = [file.path for file in shared_env_files(model, app)]
        return [edit for place in shared for edit in show_at(model, path, variable, text, place)]
    if not is_example_needed(model, path):
        return []
    return _shown_at(model, path, variable, text, places_for(model, app, path))


def _shown_at(model: Model, path: str, variable: str, text: str, places: tuple[str, ...]) -> list[Edit]:
    edits = whole_example(model, model.env_files.service_of(path), places, variable)
    for place in places:
        edits += show_at(model, path, variable, text, place)
    return list(dict.fromkeys(edits))


def show_reads(model: Model, path: str, setting: str, value: Value | None) -> list[Edit]:
    """Name the variables of a value that becomes a setting's, in the example of the service, where there is one."""
    edits: list[Edit] = []
    for one in walk(value) if value is not None and model.env_files.examples_for(path) else ():
        if isinstance(one, Environment):
            default = one.default.value if isinstance(one.default, Literal) else None
            text = placeholder(one.variable, setting if one == value else "", "" if default is None else str(default))
            edits += add_to_example(model, path, one.variable, text)
    return list(dict.fromkeys(edits))
