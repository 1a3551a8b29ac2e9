"""A value read from the environment, with what stands in the source as the default: nothing changes until it is set."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.environment_read import Reader, import_of, reader_at
from celery_backend_lint.fixes.literal_places import written_around
from celery_backend_lint.fixes.new_variable import show_optional
from celery_backend_lint.fixes.python.nodes import place_of
from celery_backend_lint.fixes.python.style import indentation_step, line_length, string_code
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.variable_names import Held, name_for
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Environment, Literal
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.literal_places import Written
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Setting


def read_url(model: Model, app: App, setting: Setting, literal: Literal) -> Fix:
    """Read a URL from the environment, with the literal as the default (CBL303).

    Raises CannotFixError where the literal is not written in one expression, or not beside any setting's name.
    """
    written = _place_of(model, setting, literal)
    reader = reader_at(model, written.location)
    edits = with_default(model, app, setting.name, written, str(literal.value), reader)
    return Fix("Read it from the environment, with the literal as the default", Applicability.SAFE, edits)


def read_instead_of_name(model: Model, app: App, setting: Setting, literal: Literal, name: Location) -> Fix:
    """Read a URL from the environment where a setting takes it by the name of another one, which stays the default.

    Raises CannotFixError where the module cannot be changed, or no variable is free.
    """
    place = place_of(model, name)
    reader = reader_at(model, name)
    variable = _whole_variable(model, app, setting, literal, name)
    edits = (
        *show_optional(model, app, name.path, variable, setting.name, str(literal.value)),
        *import_of(model, name.path, reader, optional=True),
        replace_expression(model, name, reader.optional(variable, text_of(place.node))),
    )
    return Fix("Read it from the environment, with what it takes now as the default", Applicability.SAFE, edits)


def _whole_variable(model: Model, app: App, setting: Setting, literal: Literal, name: Location) -> str:
    held = Held(setting.name, "", whole=True, product="", is_url=True)
    return name_for(model, app, held, str(literal.value), name.path, "")


def url_variable(model: Model, app: App, setting: Setting, literal: Literal, name: Location | None) -> str:
    """The variable that ``read_url`` reads, or ``read_instead_of_name`` at ``name``; Celery's own for the setting where
    that cannot write the read.
    """
    try:
        if name is not None:
            return _whole_variable(model, app, setting, literal, name)
        written = _place_of(model, setting, literal)
        return _variable(model, app, setting.name, written, str(literal.value))
    except CannotFixError:
        return f"CELERY_{setting.name}".upper()


def url_read(model: Model, setting: Setting, literal: Literal, name: Location | None, variable: str) -> str:
    """The read of a variable that ``read_url`` writes, or ``read_instead_of_name`` at ``name``, with what it has there
    as the default: ``config("CELERY_RESULT_BACKEND", default="…")``; one of ``os.environ`` where they cannot write any.
    """
    text = str(literal.value)
    try:
        place = name if name is not None else _place_of(model, setting, literal).location
        reader = reader_at(model, place)
        return reader.optional(variable, string_code(text, reader.quote) if name is None else _code(model, name))
    except CannotFixError:
        return f'os.environ.get("{variable}", "{text}")'


def _code(model: Model, name: Location) -> str:
    return text_of(place_of(model, name).node)


def _place_of(model: Model, setting: Setting, literal: Literal) -> Written:
    if not setting.assignments:
        raise CannotFixError(f"the URL in `{literal.origin.path}` stands where Celery only looks for want of a setting")
    places = [written_around(model, literal.origin, assignment) for assignment in setting.assignments]
    return next((one for one in places if one.is_setting), places[0])


def _variable(model: Model, app: App, setting: str, written: Written, value: str) -> str:
    held = Held(setting, written.bound, written.is_setting, written.product, "://" in value)
    return name_for(model, app, held, value, written.location.path, "")


def with_default(
    model: Model, app: App, setting: str, written: Written, value: str, reader: Reader
) -> tuple[Edit, ...]:
    """The edits by which a setting is read from a variable; the text that stands there stays, letter by letter."""
    path = written.location.path
    variable = _variable(model, app, setting, written, value)
    return (
        *show_optional(model, app, path, variable, setting if "://" in value else "", value),
        *import_of(model, path, reader, optional=True),
        replace_expression(model, written.location, _fitted(model, written, reader, variable)),
    )


def with_another_default(model: Model, read: Environment, default: Location, value: str) -> str:
    """The code of a read of a variable with another text in the place of the default that stands at a location;
    "" where that is no part of the read.
    """
    from celery_backend_lint.fixes.required_reads import default_of

    found, node = place_of(model, default), default_of(model, read)
    if node is None or node != found.node or node.type != "string":
        return ""
    call = place_of(model, read.origin).node
    before, after = node.start_byte - call.start_byte, node.end_byte - call.start_byte
    text = call.text or b""
    code = string_code(value, text_of(node)[-1:])
    return " ".join(f"{text[:before].decode()}{code}{text[after:].decode()}".split())


def _fitted(model: Model, written: Written, reader: Reader, variable: str) -> str:
    """The read, its arguments on a line of their own where an assignment would grow longer than lines may be."""
    node, source = written.text.node, written.text.source
    quote = text_of(node)[-1:] if node.type == "string" else ""
    reader = Reader(reader.kind, reader.name, reader.getter, reader.statement, quote or reader.quote)
    code = reader.optional(variable, text_of(node))
    outer = node
    while outer.parent is not None and outer.parent.type == "parenthesized_expression":
        outer = outer.parent
    statement = outer.parent
    line = source.line(outer.start_point[0] + 1)
    before = source.utf8[: outer.start_byte].rpartition(b"\n")[2].decode()
    short = len(before) + len(code) <= line_length(model.project, source.path)
    if short or "\n" in code or statement is None or statement.type != "assignment":
        return code
    opening, _, arguments = code.partition("(")
    indent = line[: len(line) - len(line.lstrip())]
    root = node
    while root.parent is not None:
        root = root.parent
    return f"{opening}(\n{indent}{indentation_step(root, source)}{arguments.removesuffix(')')}\n{indent})"
