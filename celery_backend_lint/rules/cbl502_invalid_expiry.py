"""CBL502: an expiry that makes Celery fail or lose results."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.model.expiry import expiring_kinds, expiry_outcomes, verdict
from celery_backend_lint.model.serializers import written_name
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model

RULE = Rule("CBL502", "invalid-expiry", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_invalid_expiry(model: Model) -> Iterator[Finding]:
    """`result_expires` holds a value with which storing, expiring or cleaning results fails.

    ## What it does
    Checks the value against what the app's backend makes of it: negative numbers, text that is no number, numeric text
    for a backend that does not convert it, `True`, a tuple left by a stray comma, `0` with RPC, and `0` or `None` on a
    database for which the project schedules `celery.backend_cleanup` itself.

    ## Why is this bad?
    Redis refuses a negative expiry when a result is stored, and the result is lost; a database deletes every finished
    result at the next clean-up, as it does for `0`. Text breaks the clean-up of databases, MongoDB, files and
    django-celery-results with a `TypeError` each night. `True` is one second. RabbitMQ refuses a queue that expires
    after 0 seconds.

    ## Example
    ```python
    result_backend = "db+postgresql://db/results"
    result_expires = "3600"
    ```

    ## Use instead
    ```python
    result_backend = "db+postgresql://db/results"
    result_expires = 3600
    ```

    ## Fix safety
    Taking the quotes from a number is safe. For other values there is no fix.

    ## Known limits
    Text from an environment variable is CBL305's. Where the backend is not known, only values that fail with every
    backend are reported, and nothing where it is a class that is not Celery's.

    ## References
    - [Celery: result_expires](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires)
    """
    for app in model.checked_apps:
        outcomes = expiry_outcomes(app)
        if not outcomes:
            continue
        kinds = expiring_kinds(model, app)
        place = None
        if "database" in kinds:
            from celery_backend_lint.model.processes import scheduled_cleanup

            place = scheduled_cleanup(model.project)
        for outcome in outcomes:
            found = [verdict(outcome, kind, cleanup_scheduled=place is not None) for kind in kinds]
            wrong = next((one for one in found if one.invalid), None)
            if wrong is None:
                continue
            written = written_name(app, "result_expires")
            number = int(wrong.number) if wrong.number else 0
            nothing = not outcome.sequence and not outcome.plain and place is not None
            yield RULE.finding(
                outcome.location,
                f"{written} {wrong.why}",
                help=f"write a number of seconds: `{written} = {wrong.number or 86400}`",
                app=app.name,
                related=(Related(place, "the clean-up is scheduled here"),) if nothing and place is not None else (),
                propose=partial(_as_number, model, outcome.location, number) if number > 0 else None,
            )


def _as_number(model: Model, location: Location, number: int) -> Fix:
    """The number that the text holds, without its quotes."""
    from celery_backend_lint.fixes.python.nodes import place_of, statement_of
    from celery_backend_lint.fixes.python.own_values import refuse_shared
    from celery_backend_lint.fixes.python.values import replace_expression

    refuse_shared(model, model.apps, ("result_expires",), location)
    place = place_of(model, location)
    if place.node.type not in ("string", "concatenated_string"):
        raise CannotFixError(f"the text in {place.where} is put together by code")
    statement = statement_of(place.node)
    assignment = statement.named_children[0] if statement.named_children else None
    if assignment is not None and assignment.child_by_field_name("type") is not None:
        raise CannotFixError(f"the type that is declared in {place.where} would no longer fit")
    return Fix("Make it a number", Applicability.SAFE, (replace_expression(model, location, str(number)),))
