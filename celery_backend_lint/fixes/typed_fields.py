"""A field of a settings class declared as what its setting needs, with a default of that type."""

from __future__ import annotations

import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.required_reads import field_value
from celery_backend_lint.fixes.text_casts import converted
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.model import Model

_TEXT = r"(?<![\w.\[\]\"'])str(?![\w.\"'])"


def typed_field(model: Model, place: Place, read: Environment, cast: str) -> list[Edit]:
    """``name: bool = False`` for ``name: str = "no"``. ``place`` is the field's name.

    Raises CannotFixError for a list or a dict, which pydantic reads as JSON, whatever the variable holds today.
    """
    if cast not in ("bool", "int"):
        raise CannotFixError(f"pydantic reads a {cast} as JSON, and how `{read.variable}` is written is not known")
    statement = place.node.parent
    annotation = statement.child_by_field_name("type") if statement is not None else None
    written = text_of(annotation) if annotation is not None else ""
    places = list(re.finditer(_TEXT, written)) or list(re.finditer(r"(?<=\[)str(?=\])", written))
    if annotation is None or len(places) != 1:
        raise CannotFixError(f"the field in {place.where} is not declared as text alone")
    start = annotation.start_byte + len(written[: places[0].start()].encode())
    edits = [replace(place.source, start, start + len("str"), cast)]
    found = field_value(model, read)
    if found is not None and found[1].type != "ellipsis":
        edits += converted(place, found[1], read, cast)
    return edits
