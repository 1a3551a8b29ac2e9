"""Values of variables in compose files, rewritten where they stand."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability
from celery_backend_lint.findings.fix import CannotFixError, Edit, Fix
from celery_backend_lint.location import Location, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.deployment.records import Variable

PLAIN = r"[A-Za-z0-9_:/@.?=&%+*;|~-]+"
"""Characters that mean nothing to YAML or compose in the middle of a value."""


LOCAL = r"(?:[\w+.-]+://(?:[^@/]*@)?)?(?:localhost|127\.0\.0\.1)(?=[:/?]|$)"
"""An address of this machine, which in a container is the container."""


def with_default(model: Model, read: Environment, variable: Variable, outside: str) -> Fix:
    """Give ``${outside}`` the default that the code has (CBL308); pass the variable on where that is a secret.

    Raises CannotFixError where the default is no plain text, or the value is more than one reference.
    """
    path = variable.location.path
    default = read.default.value if isinstance(read.default, Literal) else None
    if default is None or isinstance(default, (bytes, complex)):
        raise CannotFixError(f"the default of `{read.variable}` in `{read.origin.path}` is no plain text")
    text = str(default)
    if not re.fullmatch(rf"\$(?:{outside}|\{{{outside}(?::?-)?\}})", variable.written):
        raise CannotFixError(f"`{variable.name}` in `{path}` is put together from several variables")
    if _written(model, variable.location) != variable.written:
        raise CannotFixError(f"`{variable.name}` in `{path}` is not written as one word")
    if _holds_secret(read.variable, text):
        return _passed_on(model, variable, outside)
    if not re.fullmatch(PLAIN, text):
        raise CannotFixError(f"the default of `{read.variable}` holds signs that compose or YAML would read themselves")
    edit = Edit(variable.location, f"${{{outside}:-{text}}}")
    title = f"Give `{outside}` the default that the code has"
    if re.match(LOCAL, text):  # what was switched off would then look for a server where none is
        note = f"`localhost` is the container itself: give `{outside}` the address of a service in `{path}`"
        return Fix(title, Applicability.UNSAFE, (edit,), note)
    return Fix(title, Applicability.SAFE, (edit,))


def without_quotes(model: Model, variable: Variable) -> Fix:
    """Take the quotes away that would be part of the value (CBL310).

    Raises CannotFixError where YAML would read the bare value in another way.
    """
    written = _written(model, variable.location)
    bare = written[1:-1]
    if written != variable.written or re.search(r"\s#|:(?:\s|$)|\\|^[\s&*!|>%@`]|\s$|[\"']", bare):
        raise CannotFixError(f"`{variable.name}` in `{variable.location.path}` needs its item quoted as a whole")
    return Fix("Take the quotes away", Applicability.SAFE, (Edit(variable.location, bare),))


def _passed_on(model: Model, variable: Variable, outside: str) -> Fix:
    """``- X`` or ``X:``, which leave the variable unset where it is not set outside."""
    path = variable.location.path
    if outside != variable.name:
        raise CannotFixError(f"the default of `{variable.name}` is a credential: it does not belong into `{path}`")
    between = _between(model, variable)
    keep = ":" if variable.form == "compose" else ""
    source = model.project.source(path)
    line = source.line(variable.location.line) if source is not None else ""
    quoted = line[variable.location.span.end_column - 1 : variable.location.span.end_column] in ("'", '"')
    if quoted or between.strip() not in ("=", ":"):
        raise CannotFixError(f"the default of `{variable.name}` is a credential: it does not belong into `{path}`")
    span, name = variable.location.span, variable.name_location.span
    whole = Location(path, Span(name.end_line, name.end_column, span.end_line, span.end_column))
    return Fix(f"Only pass `{outside}` on", Applicability.SAFE, (Edit(whole, keep),))


def _between(model: Model, variable: Variable) -> str:
    """What stands between a variable's name and its value, on one line."""
    name, value = variable.name_location.span, variable.location.span
    source = model.project.source(variable.location.path)
    if source is None or name.end_line != value.line or value.line != value.end_line:
        return ""
    return source.line(value.line)[name.end_column - 1 : value.column - 1]


def _written(model: Model, location: Location) -> str:
    """The text of a range of one line; "" for another."""
    source, span = model.project.source(location.path), location.span
    if source is None or span.line != span.end_line:
        return ""
    return source.line(span.line)[span.column - 1 : span.end_column - 1]


def _holds_secret(name: str, text: str) -> bool:
    from celery_backend_lint.findings.masking import is_secret_name, secrets_of_text

    return bool(secrets_of_text(text)) or is_secret_name(name)
