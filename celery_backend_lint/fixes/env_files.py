"""A variable put into an env file or its example: beside its kin, as the file has it, read alike by all readers."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError, Edit
from celery_backend_lint.fixes.ignore_file import ignore, keep
from celery_backend_lint.fixes.placeholders import placeholder
from celery_backend_lint.fixes.settings_readers import refusing_class
from celery_backend_lint.fixes.text_edits import append_lines, insert_lines
from celery_backend_lint.model.celery_variables import reads_of
from celery_backend_lint.model.env_names import ENV_FOLDERS, in_use_name
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.dotenv import read_dotenv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.dotenv import Entry

__all__ = ["add_comment", "add_to_env_file", "add_to_example", "new_example", "placeholder", "written"]

BARE = r"[A-Za-z0-9_./:@%+,=-]*"
"""Values that every reader takes as they stand: no quote, blank, ``#``, ``$``, ``~`` nor sign of the shell."""

NAME = r"[A-Za-z_][A-Za-z0-9_]*"

HEADING = "# Celery"

FAMILIES = (
    frozenset({"broker", "rabbitmq", "rabbit", "amqp", "mq", "rmq"}),
    frozenset({"redis", "celery", "result", "results", "backend", "sentinel", "cache"}),
)
VAGUE_WORDS = frozenset({"backend", "cache", "worker"})
FEATURE_WORDS = frozenset().union(*FAMILIES, VAGUE_WORDS, {"flower"})
"""Words of the variables beside which Celery's own stand; those of a family are nearer to each other, and vague ones
tell of Celery only together with another one.
"""


def add_to_example(
    model: Model,
    app_path: str,
    variable: str,
    value: str,
    *,
    comment: bool = False,
    path: str = "",
    heading: str = HEADING,
) -> list[Edit]:
    """Name ``variable`` in the example of the service that ``app_path`` belongs to; ``value`` is a placeholder.

    Empty where an example of the service names it already, commented entries included. With ``comment`` the line is
    commented out; so it is where a settings class that reads the file refuses variables that it does not know.
    ``heading`` stands above what has no kin there. ``path`` is the example to take where the caller knows. It is made
    (``.env.example`` in the service's folder) where there is none: git then ignores the ``.env`` beside it, and not the
    example. Raises CannotFixError where the example has a line that no reader takes, or where the value cannot be
    written.
    """
    examples = model.env_files.examples_for(app_path)
    if any(entry.key == variable for example in examples for entry in example.compose_entries):
        return []
    if _holds_known_credential(model, value):
        value = f"your_{variable.lower()}_here"
    path = path or (_nearest(examples, variable).path if examples else new_example(model, app_path))
    comment = comment or is_refused(model, path, variable)
    edits = _added(model, path, variable, value, private=False, comment=comment, heading=heading)
    return edits if model.project.on_disk(path) else [*_ready(model, path), *edits]


def is_refused(model: Model, example: str, variable: str) -> bool:
    """Whether nothing starts any more where people copy an example that sets a variable: a settings class of pydantic
    reads the copy, and forbids what is none of its fields.
    """
    in_use = in_use_name(example)
    return bool(in_use) and refusing_class(model, in_use, variable) is not None


def add_comment(model: Model, path: str, variable: str, value: str) -> list[Edit]:
    """Name ``variable`` in a comment of the env file at ``path``, which goes on to set what it set; ``value`` is a
    placeholder. Raises CannotFixError as ``add_to_example`` does.
    """
    if _holds_known_credential(model, value):
        value = f"your_{variable.lower()}_here"
    return _added(model, path, variable, value, private=False, comment=True)


def _nearest(examples: Sequence[EnvFile], variable: str) -> EnvFile:
    """The example that names most of the kin of a variable: a service may have several."""
    return max(examples, key=lambda one: max((_kinship(entry, variable) for entry in one.entries), default=0))


def _holds_known_credential(model: Model, value: str) -> bool:
    """Whether a value holds a credential of Celery's configuration, whatever its variable is called."""
    from celery_backend_lint.model.credentials import credentials

    return any(
        one.credential in value
        for app in model.checked_apps
        for one in credentials(model, app)
        if one.credential and not one.stand_in
    )


def _ready(model: Model, example: str) -> list[Edit]:
    """What git has to be told before there is an example: not to take what people make of it."""
    in_use = in_use_name(example)
    edits = ignore(model, in_use) if in_use and not model.project.tracked(in_use) else []
    return edits or keep(model, example)


def new_example(model: Model, app_path: str) -> str:
    """Where an example is created for the service that ``app_path`` belongs to: in the folder of all env files that it
    works with, where that is one above the app, else in the service's. Of several folders it is the one whose env files
    compose hands to Celery's processes, where these hold Celery's variables and no others do.
    """
    service = model.env_files.service_of(app_path)
    folders = {
        one.path.rpartition("/")[0]
        for one in model.env_files.expected
        if one.placed and one.path.rpartition("/")[2].startswith(".env") and not is_test_path(one.location.path)
    }
    within = f"{service}/" if service else ""
    own = {one for one in folders if model.env_files.concerns(f"{one}/.env" if one else ".env", (app_path,))}
    if len(own) == 1:
        (only,) = own
        if (
            only.startswith(within)
            and app_path.startswith(f"{only}/")
            and not ENV_FOLDERS.intersection(only.split("/"))
        ):
            return f"{only}/.env.example"
        if service and only == _handed_out(model, service):
            return f"{only}/.env.example" if only else ".env.example"
    if service and len(own) > 1:
        above = _handed_out(model, service)
        if above is not None and _holding_variables(model, service) == {above}:
            return f"{above}/.env.example" if above else ".env.example"
    return f"{within}.env.example"


def _holding_variables(model: Model, service: str) -> set[str]:
    """The folders of the env files in use that hold a variable which the Celery of a service connects with."""
    from celery_backend_lint.model.example_needs import shows

    reads = [
        found
        for app in model.checked_apps
        if model.env_files.service_of(app.path) == service
        for found in reads_of(app)
        if found.connects
    ]
    return {
        file.path.rpartition("/")[0]
        for file in model.env_files.in_use
        if model.env_files.concerns(file.path, (f"{service}/",)) and shows(file, reads)
    }


def _handed_out(model: Model, service: str) -> str | None:
    """The folder above a service of the env files that compose gives to its processes of Celery's, which are built
    there; None where there is no such folder.
    """
    folders = {
        file.path.rpartition("/")[0]
        for one in model.deployment.services
        if one.form == "compose" and one.commands and one.folder == service and not is_test_path(one.path)
        for file in one.env_files
    }
    above = folders.pop() if len(folders) == 1 else None
    return above if above is not None and f"{service}/".startswith(f"{above}/" if above else "") else None


def add_to_env_file(model: Model, path: str, variable: str, value: str) -> list[Edit]:
    """Set ``variable`` in the env file at ``path``, which is created (mode 0600) where there is none.

    Empty where the file sets it to that value already. Raises CannotFixError where it sets another one, where git
    tracks the file, where it has a line that no reader takes, or where not every reader would read the value alike.
    """
    if model.project.tracked(path):
        raise CannotFixError(f"`{path}` is tracked by git, so nothing is moved there")
    return _added(model, path, variable, value, private=True)


def written(value: str, quote: str = "") -> str:
    """The value as it stands behind the ``=``, in the quotes that the file prefers where they do.

    All of python-dotenv, django-environ (comments on or off), decouple, docker compose (compose-go 2, July 2026) and a
    POSIX shell then read the same, seen with each. Raises CannotFixError where there is no such spelling; the message
    does not hold the value.
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


def _added(
    model: Model,
    path: str,
    variable: str,
    value: str,
    *,
    private: bool,
    comment: bool = False,
    heading: str = HEADING,
) -> list[Edit]:
    if not re.fullmatch(NAME, variable):
        raise CannotFixError(f"`{variable}` is no name that every reader of `{path}` takes")
    source = model.project.source(path)
    entries = _entries(source) if source is not None else ()
    if not comment:
        same = [entry for entry in entries if entry.key == variable and not entry.commented]
        if same and all(entry.value == value for entry in same):
            return []
        if same:
            raise CannotFixError(f"`{path}` sets `{variable}` already, to another value")
    line = _line(path, source, entries, variable, value)
    line = f"# {line}\n" if comment else f"{line}\n"
    kin = _kin(entries, variable)
    if source is not None and kin is not None:
        return [_below(model, source, max(kin.key_span.line, kin.value_span.end_line), line, variable)]
    last = _heading(source, entries) if source is not None else 0
    if source is not None and last:
        return [_below(model, source, last, line, variable)]
    text = source.text if source is not None else ""
    apart = "\n" if text.strip() and not text.endswith(("\n\n", "\r\n\r\n")) else ""
    return [
        append_lines(model.project, path, f"{apart}{heading}\n", heading, private=private),
        append_lines(model.project, path, line, variable, private=private),
    ]


def _heading(source: SourceFile, entries: tuple[Entry, ...]) -> int:
    """The last line of the block that is headed as Celery's, 0 where there is none."""
    lines = source.text.splitlines()
    if HEADING not in lines:
        return 0
    last = lines.index(HEADING) + 1
    for entry in entries:
        if entry.key_span.line == last + 1:
            last = max(entry.key_span.line, entry.value_span.end_line)
    return last


def _entries(source: SourceFile) -> tuple[Entry, ...]:
    """What a file says. Raises CannotFixError where it cannot be read, or has a line that no reader takes."""
    if source.problem is not None:
        raise CannotFixError(f"`{source.path}` {source.problem.reason}")
    entries, bad = read_dotenv(source.text)
    if bad:
        raise CannotFixError(f"line {bad[0].line} of `{source.path}` {bad[0].message}: nothing is added there")
    return entries


def _line(path: str, source: SourceFile | None, entries: tuple[Entry, ...], variable: str, value: str) -> str:
    """The line that sets a variable, written like the others of the file."""
    active = [entry for entry in entries if not entry.commented]
    given = [entry for entry in active if entry.value]
    export = "export " if active and all(entry.export for entry in active) else ""
    equals, quote = "=", ""
    if source is not None and given:
        around = [_around(source, entry) for entry in given]
        spaces = {sign for sign, _ in around}
        quotes = {mark for (_, mark), entry in zip(around, given, strict=True) if not _is_number(entry.value)}
        equals = spaces.pop() if len(spaces) == 1 else "="
        quote = quotes.pop() if len(quotes) == 1 else ""
    try:
        return f"{export}{variable}{equals}{written(value, quote)}"
    except CannotFixError as error:
        raise CannotFixError(f"`{variable}` cannot be put into `{path}`: {error}") from None


def _around(source: SourceFile, entry: Entry) -> tuple[str, str]:
    """How an entry is written: the sign between name and value with blanks (``" = "``), and the quote."""
    span = entry.value_span
    between = source.line(span.line)[entry.key_span.end_column - 1 : span.column - 1]
    quote = between[-1:] if between[-1:] in ("'", '"') else ""
    sign = between.removesuffix(quote) if quote else between
    return (sign if sign in ("=", " = ") else "="), quote


def _is_number(value: str | None) -> bool:
    return value is not None and re.fullmatch(r"(?i)[-+]?[\d.]+|true|false|yes|no|on|off", value) is not None


def _kin(entries: tuple[Entry, ...], variable: str) -> Entry | None:
    """The entry below which a variable belongs: the last of those whose names begin alike, or that are Celery's."""
    best: Entry | None = None
    most = 0
    for entry in entries:
        score = _kinship(entry, variable)
        if score and score >= most:
            best, most = entry, score
    return best


def _kinship(entry: Entry, variable: str) -> int:
    """How near the names of an entry and of a variable are."""
    words, others = variable.lower().split("_"), entry.key.lower().split("_")
    common = 0
    for one, other in zip(words, others, strict=False):
        if one != other:
            break
        common += 1
    score = 4 * common + 2 * any(
        family.intersection(words) and (family - VAGUE_WORDS).intersection(others) for family in FAMILIES
    )
    return score + bool((FEATURE_WORDS - VAGUE_WORDS).intersection(others))


def _below(model: Model, source: SourceFile, line: int, text: str, subject: str) -> Edit:
    """Put a line below line ``line``."""
    if line < source.utf8.count(b"\n") + (not source.utf8.endswith(b"\n")):
        return insert_lines(source, line + 1, text, subject)
    return append_lines(model.project, source.path, text, subject)
