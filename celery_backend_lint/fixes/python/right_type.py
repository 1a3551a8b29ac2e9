"""A value of the type that its setting needs, in the place of one that only looks like it (CBL706)."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal, Sequence
from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.python.nodes import place_of, statement_of
from celery_backend_lint.fixes.python.own_values import refuse_shared
from celery_backend_lint.fixes.python.values import replace_expression
from celery_backend_lint.model.literal_types import number_in
from celery_backend_lint.syntax.python import children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.model import Model

_STRINGS = ("string", "concatenated_string")


def right_type(model: Model, setting: str, value: Value, wanted: str) -> Fix:
    """Write the value that is meant.

    ``wanted`` is ``int``, ``float``, ``bool``, ``dict``, ``list`` or ``str``. Raises CannotFixError where what is meant
    cannot be told, or where the value serves something else too.
    """
    refuse_shared(model, model.apps, (setting,), value.origin)
    place = place_of(model, value.origin)
    statement = statement_of(place.node)
    assignment = statement.named_children[0] if statement.named_children else None
    if assignment is not None and assignment.child_by_field_name("type") is not None:
        raise CannotFixError(f"the type that is declared in {place.where} would no longer fit")
    title, code = _meant(place, value, wanted)
    return Fix(title, Applicability.SAFE, (replace_expression(model, value.origin, code),))


def _meant(place: Place, value: Value, wanted: str) -> tuple[str, str]:
    """What to call the fix, and the code of the value."""
    if isinstance(value, Sequence):
        return "Remove the comma", _only_item(place, value, wanted)
    plain = value.value if isinstance(value, Literal) else None
    if isinstance(plain, str) and place.node.type not in _STRINGS:
        raise CannotFixError(f"the text in {place.where} is put together by code")
    if wanted == "bool":
        return "Write `False`", "False"
    if wanted in ("int", "float") and isinstance(plain, (str, float)) and not isinstance(plain, bool):
        number = number_in(plain) if isinstance(plain, str) else plain
        if number is not None and number.is_integer():
            return "Make it a number", str(int(number))
        if number is not None and wanted == "float":
            return "Make it a number", repr(number)
    if wanted == "dict" and (plain is None or (isinstance(plain, str) and plain.strip() in ("", "{}"))):
        return "Make it a dict", "{}"
    raise CannotFixError(f"what the value in {place.where} is meant to be is not known")


def _only_item(place: Place, value: Sequence, wanted: str) -> str:
    """The one item of a tuple that a comma makes, where it is of the right type."""
    items = children_of(place.node)
    fits: tuple[type, ...] = {"str": (str,), "int": (int,), "bool": (bool,), "float": (int, float)}.get(wanted, ())
    item = value.items[0] if len(value.items) == 1 else None
    if (
        value.kind != "tuple"
        or place.node.type not in ("tuple", "expression_list")
        or len(items) != 1
        or any(child.type == "comment" for child in place.node.children)
        or not isinstance(item, Literal)
        or not isinstance(item.value, fits)
    ):
        raise CannotFixError(f"what the value in {place.where} is meant to be is not known")
    return text_of(items[0])
