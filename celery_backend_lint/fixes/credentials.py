"""A credential moved out of the source: the value to the env file, a placeholder to its example, a read to the code."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.default_reads import with_default
from celery_backend_lint.fixes.env_files import add_to_example
from celery_backend_lint.fixes.env_loading import loaded_for, loaded_for_read
from celery_backend_lint.fixes.environment_read import Reader, import_of, reader_at
from celery_backend_lint.fixes.literal_places import Written, written_around
from celery_backend_lint.fixes.new_variable import is_set_otherwise, keep, show
from celery_backend_lint.fixes.python.removal import without_statement
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.required_reads import default_of, field_value, without_default
from celery_backend_lint.fixes.text_edits import readable
from celery_backend_lint.fixes.variable_names import Held, name_for
from celery_backend_lint.model.credentials import credentials
from celery_backend_lint.model.env_loads import env_file_for
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import location_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.credentials import HeldCredential
    from celery_backend_lint.model.reassigned import Reassigned
    from celery_backend_lint.syntax.python import Node

ROTATE = "change the credential at the server: whoever has read the source, or git's history, knows it"

MOST_PLACES = 3
"""How many other places of a credential are named."""

SHORTEST = 6
"""Characters of a credential that is looked for elsewhere; shorter ones turn up by chance."""


@record
class _Moved:
    """What was taken out of the source: its text, the variable that holds it, and the edits of the source."""

    value: str
    credential: str
    variable: str
    setting: str
    edits: tuple[Edit, ...]

    def __repr__(self) -> str:
        return f"_Moved({self.variable!r})"


def move_literal(model: Model, app: App, found: HeldCredential) -> Fix:
    """Move a credential that stands in the source to the environment (CBL301).

    Safe where the project loads the env file before the code runs, or where the credential is a stand-in, which stays
    as the default. Raises CannotFixError where it cannot be moved, or not without leaving it somewhere.
    """
    written = _written(model, found)
    reader = _reader(model, found, written)
    if found.stand_in:
        return (_as_default if written.text.is_whole else _piece_as_default)(model, app, found, written, reader)
    env_file = loaded_for(model, app, reader, found.location)
    target = env_file or env_file_for(model, found.location.path)
    moved = (_whole if written.text.is_whole else _piece)(model, app, found, written, reader, target)
    safe = Applicability.SAFE if env_file is not None else Applicability.UNSAFE
    return _fix(model, moved, found, target, safe)


def read_instead(model: Model, app: App, found: HeldCredential) -> str:
    """The code that ``move_literal`` puts in the place of a credential: ``config("SHOP_REDIS_URL")``.

    Raises CannotFixError where it finds no name or no place for it.
    """
    written = _written(model, found)
    reader = _reader(model, found, written)
    env_file = ""
    if not found.stand_in:
        env_file = loaded_for(model, app, reader, found.location) or env_file_for(model, found.location.path)
    if written.text.is_whole:
        variable = _variable(model, app, found, written, env_file)
    else:
        _, _, variable = _part(model, app, found, written, env_file)
    return reader.optional(variable, "…") if found.stand_in else reader.required(variable)


def delete_reassigned(model: Model, found: HeldCredential, beaten: Reassigned) -> Fix:
    """Delete an assignment that has no effect, and with it the credential in it (CBL301).

    Raises CannotFixError where the statement shares its line in a way that this cannot be done.
    """
    edit = without_statement(readable(model.project, found.location.path), beaten.statement)
    title = f"Delete it, which line {beaten.line} replaces, and rotate it"
    return Fix(title, Applicability.SAFE, (edit,), _note(model, found, ""))


def _written(model: Model, found: HeldCredential) -> Written:
    written = written_around(model, found.location, found.assignment, found.shown)
    if found.credential not in written.text.text:
        raise CannotFixError(
            f"the credential in `{written.location.path}` line {written.location.line} is put together of parts"
        )
    return written


def _reader(model: Model, found: HeldCredential, written: Written) -> Reader:
    """The reader for a value: django-environ takes one that begins with ``$`` for the name of another variable."""
    if not written.text.is_whole:
        return reader_at(model, found.location)
    reader = reader_at(model, written.location)
    unread = written.text.text.startswith("$") and reader.kind != "os"
    return reader_at(model, written.location, plain=True) if unread else reader


def _variable(model: Model, app: App, found: HeldCredential, written: Written, env_file: str) -> str:
    """The variable for all of a text."""
    value = written.text.text
    held = Held(found.assignment.setting, written.bound, written.is_setting, written.product, "://" in value)
    return name_for(model, app, held, value, written.location.path, env_file)


def _whole(model: Model, app: App, found: HeldCredential, written: Written, reader: Reader, env_file: str) -> _Moved:
    value = written.text.text
    path = written.location.path
    variable = _variable(model, app, found, written, env_file)
    edits = (
        *import_of(model, path, reader),
        replace_expression(model, written.location, reader.required(variable)),
    )
    setting = found.assignment.setting if written.is_setting or "://" in value else ""
    return _Moved(value, found.credential, variable, setting, edits)


def _piece(model: Model, app: App, found: HeldCredential, written: Written, reader: Reader, env_file: str) -> _Moved:
    """Only the credential of a text that is put together is moved."""
    start, end, variable = _part(model, app, found, written, env_file)
    edits = (*import_of(model, written.location.path, reader), written.with_read(start, end, reader, variable))
    return _Moved(found.credential, found.credential, variable, "", edits)


def _part(model: Model, app: App, found: HeldCredential, written: Written, env_file: str) -> tuple[int, int, str]:
    """The range that a credential takes in a text that is put together, and the variable for it."""
    start, end = written.credential()
    value = written.text.text[start:end]
    if value != found.credential:
        raise CannotFixError(f"the text in `{written.location.path}` line {written.location.line} is made of several")
    bound = "" if written.is_setting else written.bound
    held = Held(found.assignment.setting, _password_of(bound), False, written.product, False)
    return start, end, name_for(model, app, held, value, written.location.path, env_file)


def _password_of(bound: str) -> str:
    """The name for the credential in the text that a constant holds: ``REDIS_PASSWORD`` for ``REDIS_URL``."""
    found = re.fullmatch(r"(\w+)_(?:url|uri|dsn)", bound, re.IGNORECASE)
    return f"{found[1]}_password" if found else ""


BY_DEFAULT = "Read it from the environment, with what stands there by default"


def _as_default(model: Model, app: App, found: HeldCredential, written: Written, reader: Reader) -> Fix:
    """A stand-in is no secret: it stays, as the default of a read."""
    edits = with_default(model, app, found.assignment.setting, written, written.text.text, reader)
    return Fix(BY_DEFAULT, Applicability.SAFE, edits)


def _piece_as_default(model: Model, app: App, found: HeldCredential, written: Written, reader: Reader) -> Fix:
    """As above, where it is a piece of a text that is put together."""
    start, end, variable = _part(model, app, found, written, "")
    path = written.location.path
    edits = (
        *add_to_example(model, path, variable, found.credential),
        *import_of(model, path, reader, optional=True),
        written.with_read(start, end, reader, variable, keeps=True),
    )
    return Fix(BY_DEFAULT, Applicability.SAFE, edits)


def move_default(model: Model, app: App, found: HeldCredential) -> Fix:
    """Move a credential that is the default of a read to the env file; the read becomes required (CBL302).

    Safe where the project loads the env file before the read. Raises CannotFixError as above.
    """
    read = found.read
    if read is None:
        raise CannotFixError(f"no default stands in `{found.location.path}` line {found.location.line}")
    env_file = loaded_for_read(model, app, read)
    target = env_file or env_file_for(model, read.origin.path)
    written, edits = _required(model, read, found)
    moved = _Moved(written.text.text, found.credential, read.variable, "", edits)
    safe = Applicability.SAFE if env_file is not None else Applicability.UNSAFE
    return _fix(model, moved, found, target, safe)


def _required(model: Model, read: Environment, found: HeldCredential) -> tuple[Written, tuple[Edit, ...]]:
    """The default as it is written, and the edits that take it out of the source."""
    written = written_around(model, found.location, found.assignment)
    if not written.text.is_whole:
        raise CannotFixError(
            f"the default of `{read.variable}` in `{written.location.path}` line {written.location.line} is put "
            "together of a credential and something else"
        )
    if found.credential not in written.text.text:
        raise CannotFixError(f"the default of `{read.variable}` is not where its credential is written")
    node = written.text.node
    default: Node | None = None
    if read.reader.startswith("pydantic"):
        field = field_value(model, read)
        default = field[1] if field is not None else None
    else:
        default = default_of(model, read)
    if default is not None and _bare(default) == _bare(node):
        return written, tuple(without_default(model, read))
    around = _fallback(model, read, written)
    if around is not None:
        return written, (_required_instead(model, read, around),)
    raise CannotFixError(
        f"the default of `{read.variable}` stands apart from the read, in `{written.location.path}` line "
        f"{written.location.line}"
    )


def _bare(node: Node) -> tuple[int, int]:
    while node.type == "parenthesized_expression" and len(node.named_children) == 1:
        node = node.named_children[0]
    return node.start_byte, node.end_byte


def _fallback(model: Model, read: Environment, written: Written) -> Location | None:
    """The place of ``read or literal``, as a whole."""
    node: Node | None = written.text.node
    while node is not None and node.parent is not None and node.parent.type == "parenthesized_expression":
        node = node.parent
    parent = node.parent if node is not None else None
    if parent is None or parent.type != "boolean_operator" or parent.child_by_field_name("right") != node:
        return None
    left, operator = parent.child_by_field_name("left"), parent.child_by_field_name("operator")
    file = model.evaluator.modules.file(written.location.path)
    if left is None or file is None or operator is None or text_of(operator) != "or":
        return None
    place = location_of(file.source, left)
    return location_of(file.source, parent) if place == read.origin else None


def _required_instead(model: Model, read: Environment, around: Location) -> Edit:
    """``os.environ["X"]`` in the place of ``os.getenv("X") or literal``."""
    edits = without_default(model, read) if default_of(model, read) is not None or read.reader == "os.environ" else []
    if len(edits) > 1:
        raise CannotFixError(f"the read of `{read.variable}` in `{around.path}` line {around.line} has a fallback")
    source = readable(model.project, around.path)
    span = read.origin.span
    start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
    code = source.utf8[start:end].decode()
    for edit in edits:
        at = edit.location.span
        first, last = source.offset(at.line, at.column) - start, source.offset(at.end_line, at.end_column) - start
        data = code.encode()
        code = (data[:first] + edit.content.encode() + data[last:]).decode()
    return replace_expression(model, around, code)


def _fix(model: Model, moved: _Moved, found: HeldCredential, env_file: str, applicability: Applicability) -> Fix:
    path = found.location.path
    edits = (
        *keep(model, env_file, moved.variable, moved.value),
        *show(model, path, moved.variable, moved.setting, moved.value),
        *moved.edits,
    )
    title = f"Move it to `{env_file}` as `{moved.variable}`, and rotate it"
    if is_set_otherwise(model, env_file, moved.variable, moved.value):
        title = f"Require `{moved.variable}`, keep the default as a comment in `{env_file}`, and rotate it"
    if applicability is Applicability.UNSAFE:
        title += f": nothing that is sure to load `{env_file}` was found, so `{moved.variable}` must be set"
    return Fix(title, applicability, tuple(dict.fromkeys(edits)), _note(model, found, env_file))


def _note(model: Model, found: HeldCredential, env_file: str) -> str:
    credential = found.credential
    places = list(_elsewhere(model, credential, found, env_file)) if len(credential) >= SHORTEST else []
    if not places:
        return ROTATE
    named = ", ".join(f"{path}:{line}" for path, line in places[:MOST_PLACES])
    more = " and elsewhere" if len(places) > MOST_PLACES else ""
    return f"{ROTATE}; it also stands in {named}{more}"


def _elsewhere(model: Model, credential: str, found: HeldCredential, env_file: str) -> Iterator[tuple[str, int]]:
    """Other places that hold the credential, those left out that have a finding of their own."""
    known = {(one.location.path, one.location.line) for app in model.checked_apps for one in credentials(model, app)}
    pattern = re.compile(rb"(?<![A-Za-z0-9])" + re.escape(credential.encode()) + rb"(?![A-Za-z0-9])")
    for path in model.project.paths():
        source = model.project.source(path)
        if source is None or path == env_file or credential.encode() not in source.data:
            continue
        for match in pattern.finditer(source.data):
            line = source.data.count(b"\n", 0, match.start()) + 1
            if (path, line) not in known and not (path == found.location.path and line == found.location.line):
                yield path, line
