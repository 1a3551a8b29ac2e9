"""Settings that are dicts, where the project has them already: what is missing goes in, the rest stays."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.entries import insert_entry
from celery_backend_lint.fixes.python.nodes import module_of, place_of
from celery_backend_lint.fixes.python.removal import without_entry
from celery_backend_lint.fixes.python.style import code_of, line_length, quote_of
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.syntax.python import location_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

HOLDERS = {"dictionary": "pair", "argument_list": "keyword_argument"}


def with_option(model: Model, app: App, name: str, key: str, value: Any, *, replaces: bool) -> list[Edit]:
    """Have a setting that is a dict hold a key. ``replaces`` says that another value of that key goes.

    Empty where the app has not got the setting, and where the key is there. Raises CannotFixError where the dict is put
    together by code.
    """
    found = _holder(model, app, name)
    if found is None:
        return []
    place, holder = found
    entries = dict(_entries(holder))
    quote = quote_of(module_of(model, place.source.path).node)
    code = code_of(value, quote)
    if key in entries:
        present = entries[key].child_by_field_name("value")
        if not replaces or present is None or text_of(present) == code:
            return []
        return [replace_expression(model, location_of(place.source, present), code)]
    if any(child.type in ("dictionary_splat", "list_splat") for child in holder.named_children):
        return []
    entry = f"{code_of(key, quote)}: {code}" if holder.type == "dictionary" else f"{key}={code}"
    if not entries:
        whole = f"{{{entry}}}" if holder.type == "dictionary" else f"dict({entry})"
        return [replace_expression(model, location_of(place.source, place.node), whole)]
    room = line_length(model.project, place.source.path)
    return insert_entry(place.source, list(entries.values())[-1], entry, room, f"option {key}")


def without_option(model: Model, app: App, name: str, key: str) -> list[Edit]:
    """Take a key out of a setting that is a dict with more in it. Raises CannotFixError as above."""
    try:
        found = _holder(model, app, name)
    except CannotFixError:
        return []  # nothing says that the key is there
    entries = dict(_entries(found[1])) if found is not None else {}
    if found is None or key not in entries:
        return []
    if len(entries) == 1:
        return [replace_expression(model, location_of(found[0].source, found[0].node), "{}")]
    return [without_entry(found[0], entries[key])]


def _holder(model: Model, app: App, name: str) -> tuple[Place, Node] | None:
    """The dict that a setting is, as it is written: the expression, and what holds its entries."""
    setting = app.settings.get(name)
    if setting is None or not setting.assignments:
        return None
    place = place_of(model, setting.value.origin)
    if place.node.type == "dictionary":
        return place, place.node
    arguments = place.node.child_by_field_name("arguments") if place.node.type == "call" else None
    function = place.node.child_by_field_name("function")
    if arguments is None or function is None or text_of(function) != "dict":
        raise CannotFixError(f"`{name}` is put together by code in {place.where}: see to it yourself")
    return place, arguments


def _entries(holder: Node) -> Iterator[tuple[str, Node]]:
    for child in holder.named_children:
        if child.type != HOLDERS[holder.type]:
            continue
        key = child.child_by_field_name("key" if child.type == "pair" else "name")
        text = string_value(key) if key is not None and key.type == "string" else text_of(key) if key else None
        if isinstance(text, str):
            yield text, child
