"""The check of the server's certificate switched on where a configuration switches it off (CBL108)."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.fixes.python.nodes import place_of
from celery_backend_lint.fixes.python.own_values import refuse_shared
from celery_backend_lint.fixes.python.values import replace_expression, replace_string
from celery_backend_lint.fixes.written_text import rewritten
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.backend_values import BackendValue

TITLE = "Check the server's certificate: one that no known authority has signed is refused then"


def check_in_url(model: Model, value: BackendValue, said: str, better: str) -> Fix:
    """Write ``better`` for the parameter of the query that switches the check off.

    Raises CannotFixError where the text is not written in one place, or serves something else as well.
    """
    refuse_shared(model, model.checked_apps, ("result_backend",), value.location)
    text = value.text or ""
    start, query, parameters = text.partition("?")
    edit = rewritten(model, value.location, text, start + query + parameters.replace(said, better, 1))
    return Fix(TITLE, Applicability.UNSAFE, (edit,))


def check_in_options(model: Model, location: Location, setting: str) -> Fix:
    """Write the value that checks in the place of the one that does not, in a setting's dict.

    Raises CannotFixError where it is written in another way than as a text or a constant of ``ssl``.
    """
    refuse_shared(model, model.checked_apps, (setting,), location)
    place = place_of(model, location)
    code = text_of(place.node)
    if place.node.type == "string":
        better = "verify-full" if setting == "database_engine_options" else "required"
        return Fix(TITLE, Applicability.UNSAFE, (replace_string(model, location, better),))
    if place.node.type == "attribute" and code.endswith(".CERT_NONE"):
        edit = replace_expression(model, location, code.removesuffix("NONE") + "REQUIRED")
        return Fix(TITLE, Applicability.UNSAFE, (edit,))
    raise CannotFixError(f"the value in {place.where} is no text and no constant of `ssl`")
