"""``redis_backend_use_ssl`` made a dict that says how certificates are checked."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.python.entries import insert_entry
from celery_backend_lint.fixes.python.nodes import place_of
from celery_backend_lint.fixes.python.own_values import refuse_shared
from celery_backend_lint.fixes.python.style import line_length, quote_of, string_code
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.python import location_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

SETTING = "redis_backend_use_ssl"
KEY = "ssl_cert_reqs"
TITLE = "Say `ssl_cert_reqs` as `required`"


def check_certificates(model: Model, location: Location) -> Fix:
    """Have the dict at a location say ``ssl_cert_reqs`` (CBL106): a key that it lacks, a value that Celery refuses.

    Raises CannotFixError where no dict is written out there, or where others may use it.
    """
    refuse_shared(model, model.checked_apps, (SETTING,), location)
    place = place_of(model, location)
    quote = _quote(place)
    entries = [child for child in place.node.named_children if child.type in ("pair", "keyword_argument")]
    if place.node.type == "call":
        entries = _keywords(place)
    elif place.node.type != "dictionary":
        raise CannotFixError(f"the options in {place.where} are put together by code")
    present = next((entry for entry in entries if _key(entry) == KEY), None)
    value = present.child_by_field_name("value") if present is not None else None
    if value is not None:
        edit = replace_expression(model, location_of(place.source, value), string_code("required", quote))
        return Fix(TITLE, Applicability.SAFE, (edit,))
    if not entries:
        raise CannotFixError(f"the options in {place.where} are put together by code")
    entry = f"{KEY}={string_code('required', quote)}"
    if place.node.type == "dictionary":
        entry = f"{string_code(KEY, quote)}: {string_code('required', quote)}"
    edits = insert_entry(place.source, entries[-1], entry, line_length(model.project, place.source.path), KEY)
    return Fix(TITLE, Applicability.SAFE, tuple(edits))


def make_dict(model: Model, location: Location) -> Fix:
    """Write a dict in the place of ``True`` (CBL106). Raises CannotFixError where anything else stands there."""
    refuse_shared(model, model.checked_apps, (SETTING,), location)
    place = place_of(model, location)
    if place.node.type != "true":
        raise CannotFixError(f"which options the value in {place.where} stands for is not known")
    quote = _quote(place)
    code = f"{{{string_code(KEY, quote)}: {string_code('required', quote)}}}"
    edit: Edit = replace(place.source, place.node.start_byte, place.node.end_byte, code)
    return Fix("Write a dict that says `ssl_cert_reqs` as `required`", Applicability.SAFE, (edit,))


def _keywords(place: Place) -> list[Node]:
    function, arguments = place.node.child_by_field_name("function"), place.node.child_by_field_name("arguments")
    if function is None or arguments is None or text_of(function) != "dict":
        raise CannotFixError(f"the options in {place.where} are put together by code")
    return [child for child in arguments.named_children if child.type == "keyword_argument"]


def _key(entry: Node) -> str:
    if entry.type == "keyword_argument":
        name = entry.child_by_field_name("name")
        return text_of(name) if name is not None else ""
    key = entry.child_by_field_name("key")
    value = string_value(key) if key is not None and key.type == "string" else None
    return value if isinstance(value, str) else ""


def _quote(place: Place) -> str:
    root = place.node
    while root.parent is not None:
        root = root.parent
    return quote_of(root)
