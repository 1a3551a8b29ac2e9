"""A field of the project's pydantic settings for the result backend, beside the one that holds the broker's URL.

What pydantic reads from its ``env_file`` is in no variable of the process: code that is configured by a settings class
reads the result backend through that class, too.
"""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.configuration.own_read import own_read
from celery_backend_lint.fixes.python.nodes import module_of, place_of, statement_of
from celery_backend_lint.fixes.python.style import indentation_of, quote_of, string_code
from celery_backend_lint.fixes.required_reads import without_default
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.configuration.own_read import OwnRead
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node

NEW = "result_backend"

PLAIN = r"[A-Za-z_][\w.]*(?:\(\))?\.(?P<field>\w+)"
"""``settings.broker_url``, ``get_settings().broker_url``."""


@record
class SettingsField:
    """A field to add: the edit that does, the code that reads it, the variable that it is read from, and the file in
    which that code means it.
    """

    edit: Edit
    code: str
    variable: str
    path: str


def settings_field(model: Model, app: App) -> SettingsField | None:
    """The field for the result backend; None where the broker's URL comes from no plain field of settings."""
    broker = app.settings.get("broker_url")
    found = own_read(broker.value) if broker is not None and broker.assignments else None
    if broker is None or found is None or not found.read.reader.startswith("pydantic"):
        return None
    try:
        return _beside(model, found.read, broker.assignments[0].location)
    except CannotFixError:
        return None


def _beside(model: Model, read: Environment, assigned: Location) -> SettingsField | None:
    field = place_of(model, read.origin)
    code = _value_code(place_of(model, assigned).node)
    parts = re.fullmatch(PLAIN, code)
    name = text_of(field.node)
    if parts is None or parts["field"] != name or not read.variable.upper().endswith(name.upper()):
        return None
    new = re.sub(r"(?i)broker(?:_?(?:url|uri|dsn))?", NEW.upper() if name.isupper() else NEW, name, count=1)
    statement = statement_of(field.node)
    block = statement.parent
    if new == name or block is None or re.search(rf"(?m)^\s+{new}\s*:", text_of(block)):
        return None
    indent = indentation_of(field.source, statement)
    end = field.source.utf8.find(b"\n", statement.end_byte)
    at, line = (end + 1, f"{indent}{new}: str\n") if end >= 0 else (len(field.source.utf8), f"\n{indent}{new}: str")
    edit = replace(field.source, at, at, line, f"field {new}")
    prefix = read.variable[: len(read.variable) - len(name)]
    return SettingsField(edit, code[: -len(name)] + new, (prefix + new).upper(), assigned.path)


def is_field(found: OwnRead | None) -> TypeGuard[OwnRead]:
    """Whether a value is a field of pydantic's settings."""
    return found is not None and not found.beside and found.read.reader.startswith("pydantic")


def rpc_by_default(model: Model, read: Environment) -> list[Edit]:
    """Have a field be ``rpc://`` where its variable is not set: it needs none, and the code goes on reading the field.

    Raises CannotFixError where the field is not written as ``name: type``, with a default or a ``Field()`` or none.
    """
    place = place_of(model, read.origin)
    statement = place.node.parent
    annotation = statement.child_by_field_name("type") if statement is not None else None
    if statement is None or statement.type != "assignment" or annotation is None:
        raise CannotFixError(f"the field in {place.where} is not written as `name: type`")
    code = string_code("rpc://", quote_of(module_of(model, place.source.path).node))
    if "SecretStr" in text_of(annotation):
        code = f"SecretStr({code})"
    edits = widened(model, read)
    value = statement.child_by_field_name("right")
    if value is None:
        return [*edits, replace(place.source, annotation.end_byte, annotation.end_byte, f" = {code}")]
    if value.type == "call" and text_of(value.child_by_field_name("function") or value).endswith("Field"):
        given = next((one for key, one in arguments_of(value) if key in ("", "default")), None)
        if given is None:
            arguments = value.child_by_field_name("arguments") or value
            empty = not arguments.named_children
            at = arguments.start_byte + 1
            return [*edits, replace(place.source, at, at, f"default={code}{'' if empty else ', '}")]
        value = given
    return [*edits, replace(place.source, value.start_byte, value.end_byte, code)]


def required_field(model: Model, read: Environment) -> list[Edit]:
    """Have a read raise where its variable is not set, also a field whose default is a ``SecretStr("…")``.

    Raises CannotFixError where it is written in no way that this is known of.
    """
    if read.reader.startswith("pydantic"):
        place = place_of(model, read.origin)
        statement = place.node.parent
        annotation = statement.child_by_field_name("type") if statement is not None else None
        value = statement.child_by_field_name("right") if statement is not None else None
        if annotation is not None and value is not None and re.fullmatch(r"(?:\w+\.)?SecretStr\(.*\)", text_of(value)):
            return [replace(place.source, annotation.end_byte, value.end_byte, "")]
    return without_default(model, read)


def _value_code(name: Node) -> str:
    """The code of the value that is assigned to a name, keyword, attribute or key; "" where it is not beside it."""
    node: Node | None = name
    while node is not None:
        field = {"assignment": "right", "keyword_argument": "value", "pair": "value"}.get(node.type)
        if field is not None:
            value = node.child_by_field_name(field)
            return text_of(value) if value is not None else ""
        node = node.parent
    return ""


def widened(model: Model, read: Environment) -> list[Edit]:
    """Have a field of pydantic's settings take any URL: ``str`` for ``RedisDsn``, which refuses those of databases.

    Empty where it takes them already. Raises CannotFixError where the annotation is not beside the field's name.
    """
    if not read.reader.startswith("pydantic") or not re.fullmatch(r"\w+Dsn", read.cast):
        return []
    place = place_of(model, read.origin)
    statement = place.node.parent
    annotation = statement.child_by_field_name("type") if statement is not None else None
    if annotation is None or read.cast not in text_of(annotation):
        raise CannotFixError(f"the field in {place.where} is a {read.cast}, which takes no such URL")
    code = re.sub(rf"(?:\w+\.)*\b{read.cast}\b", "str", text_of(annotation))
    return [
        replace(place.source, annotation.start_byte, annotation.end_byte, code),
        *_without_import(place.source, read.cast),
    ]


def _without_import(source: SourceFile, name: str) -> list[Edit]:
    """Take the import of a name away that nothing uses any more, where it is alone on its line."""
    line = re.search(rb"(?m)^from pydantic import %s[ \t]*\r?\n" % name.encode(), source.utf8)
    if line is None or len(re.findall(rb"\b%s\b" % name.encode(), source.utf8)) > 2:
        return []
    return [replace(source, line.start(), line.end(), "")]
