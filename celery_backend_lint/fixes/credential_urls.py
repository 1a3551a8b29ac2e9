"""The credential in the URL of a result backend written so that Celery reads it as it is meant."""

from __future__ import annotations

from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.fixes.python.own_values import refuse_shared
from celery_backend_lint.fixes.written_text import rewritten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.backend_values import BackendValue


def encode_credential(model: Model, value: BackendValue, better: str) -> Fix:
    """Write a URL whose credential is percent-encoded (CBL105).

    Raises CannotFixError where the text is not written in one place, or serves something else as well.
    """
    return Fix("Percent-encode the credential", Applicability.SAFE, (_rewritten(model, value, better),))


def _rewritten(model: Model, value: BackendValue, better: str) -> Edit:
    """The edit of the text where it is written. The broker may share it: kombu reads both in the same way."""
    settings = ("result_backend",) if better.startswith("d") else ("result_backend", "broker_url")
    refuse_shared(model, model.checked_apps, settings, value.location)
    return rewritten(model, value.location, value.text or "", better)


def make_password(model: Model, value: BackendValue, user: str) -> Fix:
    """Put a colon before what stands in the place of the user name (CBL119), in each URL of a Sentinel's.

    Raises CannotFixError where it may be a user name, and where the text is not written in one place.
    """
    from celery_backend_lint.model.secrets import is_placeholder

    if is_placeholder(user, host="localhost"):
        raise CannotFixError(f"whether a user name stands in `{value.location.path}` or a password is not known")
    text = value.text or ""
    better = text.replace(f"//{user}:@", f"//:{user}@").replace(f"//{user}@", f"//:{user}@")
    return Fix("Put a colon before the password", Applicability.SAFE, (_rewritten(model, value, better),))
