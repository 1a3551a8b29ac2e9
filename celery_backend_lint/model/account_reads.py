"""Variables that hold an account: which a server's address is whole without."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Choice, Literal, Text
from celery_backend_lint.findings.masking import is_secret_name
from celery_backend_lint.model.held import outcomes, variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Environment, Value

USER_NAME = r"(?i)(?:^|_)(?:user|user_?name|login)$"
"""How variables end that hold the name of an account."""

REDIS = r"rediss?://"


def is_of_an_account(variable: str) -> bool:
    """Whether a variable is a password, or the name that it belongs to."""
    return is_secret_name(variable) or re.search(USER_NAME, variable) is not None


def is_whole_without(read: Environment, value: Value) -> bool:
    """Whether the URL is whole without an account: ``redis://{host}`` where the variable is empty."""
    default = read.default
    if not isinstance(default, Literal) or default.value not in (None, ""):
        return False
    return any(isinstance(one, (Literal, Text)) and _may_lack(one, read) for one in outcomes(value))


def may_stay_empty(read: Environment, value: Value) -> bool:
    """Whether nothing is missing while a password is empty: the URL is whole without, or it is Redis's, which takes
    ``redis://:@host`` as one without a password (redis-py 4.6 to 8.1, seen).
    """
    default = read.default
    if is_whole_without(read, value) or (isinstance(default, Literal) and default.value is None and value == read):
        return True
    return (
        isinstance(default, Literal)
        and default.value == ""
        and all(is_url_of_redis(one) for one in outcomes(value) if read in variables(one))
    )


def is_url_of_redis(value: Value) -> bool:
    """Whether a value is put together as a URL of Redis."""
    first = value.parts[0] if isinstance(value, Text) and value.parts else None
    return isinstance(first, Literal) and re.match(REDIS, str(first.value)) is not None


def _may_lack(value: Value, read: Environment) -> bool:
    """Whether a text can be without a read: all of its parts that hold it are made in another way without it.

    That is ``f"{user}:{password}@"`` or nothing; ``password or ""`` leaves the signs around an empty password.
    """
    if isinstance(value, Text):
        return all(_may_lack(part, read) for part in value.parts)
    if read not in variables(value):
        return True
    if not isinstance(value, Choice):
        return False
    holding = [one.value for one in value.alternatives if read in variables(one.value)]
    return len(holding) < len(value.alternatives) and all(isinstance(one, Text) for one in holding)
