"""A variable put into an env file or its example: beside its kin, as the file has it, read alike by all readers."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.placeholders import placeholder
from celery_backend_lint.fixes.text_edits import append_lines, insert_lines
from celery_backend_lint.syntax.dotenv import read_dotenv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.dotenv import BadLine, Entry

__all__ = ["add_to_env_file", "add_to_example", "env_file_for", "placeholder", "written"]

BARE = r"[A-Za-z0-9_./:@%+,=-]*"
"""Values that every reader takes as they stand: no quote, blank, ``#``, ``$``, ``~`` nor sign of the shell."""

NAME = r"[A-Za-z_][A-Za-z0-9_]*"

FEATURE_WORDS = frozenset(
    {"celery", "broker", "redis", "rabbitmq", "rabbit", "amqp", "result", "results", "worker", "flower", "sentinel"}
)
"""Words of the variables beside which Celery's own stand."""


def add_to_example(model: Model, app_path: str, variable: str, value: str) -> list[Edit]:
    """Name ``variable`` in the example of the service that ``app_path`` belongs to; ``value`` is a placeholder.

    Empty where an example of the service names it already, commented entries included. The example is created
    (``.env.example`` in the service's folder) where there is none. Raises CannotFixError where the example has a line
    that no reader takes, or where the value cannot be written.
    """
    examples = model.env_files.examples_for(app_path)
    if any(entry.key == variable for example in examples for entry in example.entries):
        return []
    if examples:
        path = examples[0].path
    else:
        service = model.env_files.service_of(app_path)
        path = f"{service}/.env.example" if service else ".env.example"
    return _added(model, path, variable, value, private=False)


def add_to_env_file(model: Model, path: str, variable: str, value: str) -> list[Edit]:
    """Set ``variable`` in the env file at ``path``, which is created (mode 0600) where there is none.

    Empty where the file sets it to that value already. Raises CannotFixError where it sets another one, where git
    tracks the file, where it has a line that no reader takes, or where not every reader would read the value alike.
    """
    if model.project.tracked(path):
        raise CannotFixError(f"`{path}` is tracked by git, so nothing is moved there")
    return _added(model, path, variable, value, private=True)


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


def written(value: str, quote: str = "") -> str:
    """The value as it stands behind the ``=``, in the quotes that the file prefers where they do.

    All of python-dotenv, django-environ, decouple, docker compose and a POSIX shell then read the same. Raises
    CannotFixError where there is no such spelling; the message does not hold the value.
    """
    if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", value):
        raise CannotFixError("the value holds a line break or another control character")
    plain = re.fullmatch(BARE, value) is not None
    single = "'" not in value and "${" not in value and not re.search(r"\\(?:\\|$)", value)
    single = single and not value.startswith("$") and not (len(value) > 1 and value[0] == value[-1] == '"')
    double = not re.search(r"[\"$`\\#]", value)
    if quote == '"' and double:
        return f'"{value}"'
    if quote == "'" and single:
        return f"'{value}'"
    if plain:
        return value
    if single:
        return f"'{value}'"
    if double:
        return f'"{value}"'
    raise CannotFixError("the value holds signs that readers of env files take differently")


def _added(model: Model, path: str, variable: str, value: str, *, private: bool) -> list[Edit]:
    if not re.fullmatch(NAME, variable):
        raise CannotFixError(f"`{variable}` is no name that every reader of `{path}` takes")
    source = model.project.source(path)
    entries: tuple[Entry, ...] = ()
    if source is not None:
        if source.problem is not None:
            raise CannotFixError(f"`{path}` {source.problem.reason}")
        entries, bad = read_dotenv(source.text)
        _refuse(path, bad)
        same = [entry for entry in entries if entry.key == variable and not entry.commented]
        if same and all(entry.value == value for entry in same):
            return []
        if same:
            raise CannotFixError(f"`{path}` sets `{variable}` already, to another value")
    line = _line(path, entries, variable, value)
    kin = _kin(entries, variable)
    if source is not None and kin is not None:
        return [_after(model, source, max(kin.key_span.line, kin.value_span.end_line), f"{line}\n", variable)]
    heading = "# Celery\n" if not entries else "\n# Celery\n"
    return [
        append_lines(model.project, path, heading, "# Celery", private=private),
        append_lines(model.project, path, f"{line}\n", variable, private=private),
    ]


def _refuse(path: str, bad: tuple[BadLine, ...]) -> None:
    if bad:
        raise CannotFixError(
            f"`{path}` has a line that no reader of env files takes: line {bad[0].line} {bad[0].message}"
        )


def _line(path: str, entries: tuple[Entry, ...], variable: str, value: str) -> str:
    active = [entry for entry in entries if not entry.commented]
    export = "export " if active and all(entry.export for entry in active) else ""
    try:
        return f"{export}{variable}={written(value)}"
    except CannotFixError as error:
        raise CannotFixError(f"`{variable}` cannot be written to `{path}`: {error}") from None


def _kin(entries: tuple[Entry, ...], variable: str) -> Entry | None:
    """The entry below which a variable belongs: the last of those whose names begin alike, or that are Celery's."""
    words = variable.lower().split("_")
    best: Entry | None = None
    most = 0
    for entry in entries:
        others = entry.key.lower().split("_")
        common = next(
            (i for i, (a, b) in enumerate(zip(words, others, strict=False)) if a != b), min(len(words), len(others))
        )
        score = 2 * common
        if not score and FEATURE_WORDS.intersection(others):
            score = 1
        if score and score >= most:
            best, most = entry, score
    return best


def _after(model: Model, source: SourceFile, line: int, text: str, subject: str) -> Edit:
    if line >= source.utf8.count(b"\n") + (not source.utf8.endswith(b"\n")):
        return append_lines(model.project, source.path, text, subject)
    return insert_lines(source, line + 1, text, subject)
