"""A read of the environment made required: its default goes, in whatever idiom it is written."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.pydantic.configuration import config_of
from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.env_files import add_to_example, placeholder
from celery_backend_lint.fixes.env_loading import class_around
from celery_backend_lint.fixes.environment_read import import_of, reader_at
from celery_backend_lint.fixes.python.nodes import Place, place_of
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.served_urls import as_served
from celery_backend_lint.fixes.shared_reads import refuse_shared
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.python import arguments_of, children_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

_DEFAULTS = ("default", "missing")
_POSITIONS = {"environ": 2, "environs": 1, "decouple": 1, "starlette": 2}
"""Where the default is among the arguments that are given by position."""

_OPTIONAL = (
    r"(?:typing\.|t\.)?Optional\[(.*)\]",
    r"(?:typing\.|t\.)?Union\[(.*),\s*None\]",
    r"(.*?)\s*\|\s*None",
    r"None\s*\|\s*(.*)",
)
"""Annotations that take None as well, with what else they take."""


def require(model: Model, app: App, read: Environment) -> Fix:
    """Make a variable of an app's required (CBL304): where it is not set, the process says so and does not start."""
    edits = without_default(model, read)
    path = read.origin.path
    if model.env_files.examples_for(path):
        value = as_served(model, app, placeholder(read.variable, "result_backend", ""))
        edits = [*add_to_example(model, path, read.variable, value), *edits]
    return Fix(f"Make `{read.variable}` required", Applicability.UNSAFE, tuple(edits))


def without_default(model: Model, read: Environment) -> list[Edit]:
    """Have a read of the environment raise where the variable is not set.

    Raises CannotFixError where the read is written in no way that this is known of, or is one of several variables.
    """
    if read.reader.startswith("pydantic"):
        return _required_field(model, read)
    place = place_of(model, read.origin)
    refuse_shared(place, read)
    call = place.node
    if call.type != "call":
        raise CannotFixError(f"the read of `{read.variable}` in {place.where} is no call of a known reader")
    reader = read.reader.partition(" ")[0]
    if reader in ("os.environ", "os"):
        return _subscript(model, place, call, read)
    if reader in _POSITIONS:
        return [_without_argument(place, call, _POSITIONS[reader], read)]
    raise CannotFixError(f"how `{read.variable}` is made required in {place.where} is not known ({reader})")


def default_of(model: Model, read: Environment) -> Node | None:
    """The expression of a read's default where it stands in the call itself; None elsewhere."""
    place = place_of(model, read.origin)
    if place.node.type != "call":
        return None
    position = _POSITIONS.get(read.reader.partition(" ")[0], 1)
    given = [one for key, one in arguments_of(place.node) if not key]
    named = next((one for key, one in arguments_of(place.node) if key in _DEFAULTS), None)
    if named is None and _casts_first(place.node, position):
        position = 1
    return named if named is not None else given[position] if len(given) > position else None


def _casts_first(call: Node, position: int) -> bool:
    """Whether a call is ``env.str("X", "default")``: the typed methods of django-environ have no cast before it."""
    function = call.child_by_field_name("function")
    name = text_of(function).rpartition(".")[2] if function is not None and function.type == "attribute" else ""
    return position == 2 and name in ("str", "bool", "int", "float", "json", "url", "unicode")


def _subscript(model: Model, place: Place, call: Node, read: Environment) -> list[Edit]:
    """``os.environ["X"]`` for ``os.getenv("X", …)`` and ``os.environ.get("X", …)``."""
    function = call.child_by_field_name("function")
    name = next((one for key, one in arguments_of(call) if key in ("", "key")), None)
    if function is None or name is None:
        raise CannotFixError(f"the read of `{read.variable}` in {place.where} is no call of a known reader")
    written = text_of(function)
    if function.type == "attribute" and written.endswith(".get"):
        return [replace_expression(model, read.origin, f"{written.removesuffix('.get')}[{text_of(name)}]")]
    if function.type == "attribute" and written.endswith(".getenv"):
        return [replace_expression(model, read.origin, f"{written.removesuffix('.getenv')}.environ[{text_of(name)}]")]
    if written == "getenv" or written.endswith("getenv"):
        reader = reader_at(model, read.origin, plain=True)
        code = f"{reader.name}[{text_of(name)}]"
        return [*import_of(model, read.origin.path, reader), replace_expression(model, read.origin, code)]
    raise CannotFixError(f"the read of `{read.variable}` in {place.where} is no call of a known reader")


def _without_argument(place: Place, call: Node, position: int, read: Environment) -> Edit:
    """Take the default out of the call of a reader."""
    arguments = call.child_by_field_name("arguments")
    children = children_of(arguments) if arguments is not None else []
    given = [one for one in children if one.type != "keyword_argument"]
    target = next(
        (
            one
            for one in children
            if one.type == "keyword_argument" and text_of(one.child_by_field_name("name") or one) in _DEFAULTS
        ),
        None,
    )
    if target is None:
        position = 1 if _casts_first(call, position) else position
        target = given[position] if len(given) == position + 1 else None
    if target is None or any("splat" in one.type for one in children):
        raise CannotFixError(f"the default of `{read.variable}` does not stand in the call in {place.where}")
    index = children.index(target)
    if index == 0:
        raise CannotFixError(f"the read of `{read.variable}` in {place.where} is no call of a known reader")
    return replace(place.source, children[index - 1].end_byte, target.end_byte, "")


def _required_field(model: Model, read: Environment) -> list[Edit]:
    """``name: type`` for ``name: type = default``; ``...`` for the default of a ``Field``."""
    place = place_of(model, read.origin)
    statement = place.node.parent
    if statement is None or statement.type != "assignment":
        raise CannotFixError(f"the field in {place.where} is not written as `name: type = default`")
    cls = class_around(model, read.origin)
    if cls is None or not config_of(model.evaluator, cls).settings:
        raise CannotFixError(f"the field in {place.where} is a model's, which does not read the environment itself")
    annotation, value = statement.child_by_field_name("type"), statement.child_by_field_name("right")
    if value is None:
        raise CannotFixError(f"the field in {place.where} has no default of its own")
    edits: list[Edit] = []
    if annotation is not None:
        plain = _without_none(text_of(annotation))
        if plain is not None:
            edits.append(replace(place.source, annotation.start_byte, annotation.end_byte, plain))
    if value.type == "call":
        return [*edits, _required_in_field(place, value)]
    if annotation is None:
        kind = "str" if isinstance(string_value(value) if value.type == "string" else None, str) else ""
        if not kind:
            raise CannotFixError(f"the field in {place.where} has no annotation")
        return [replace(place.source, place.node.end_byte, value.end_byte, f": {kind}")]
    return [*edits, replace(place.source, annotation.end_byte, value.end_byte, "")]


def _required_in_field(place: Place, call: Node) -> Edit:
    function = call.child_by_field_name("function")
    given = next((one for key, one in arguments_of(call) if key in ("", "default")), None)
    if function is None or text_of(function).rpartition(".")[2] not in ("Field", "SettingsField") or given is None:
        raise CannotFixError(f"the default of the field in {place.where} is made by a call")
    return replace(place.source, given.start_byte, given.end_byte, "...")


def _without_none(annotation: str) -> str | None:
    """The annotation that does not take None; None where it does not take it anyway."""
    for pattern in _OPTIONAL:
        found = re.fullmatch(pattern, annotation, re.DOTALL)
        if found:
            inner = found[1].strip()
            return f"Union[{inner}]" if "Union[" in annotation and "," in inner else inner
    return None


def field_value(model: Model, read: Environment) -> tuple[Place, Node] | None:
    """The default of a settings field as written: the literal, or the one in its ``Field``."""
    place = place_of(model, read.origin)
    statement = place.node.parent
    value = statement.child_by_field_name("right") if statement is not None and statement.type == "assignment" else None
    if value is not None and value.type == "call":
        value = next((one for key, one in arguments_of(value) if key in ("", "default")), None)
    return (place, value) if value is not None else None
