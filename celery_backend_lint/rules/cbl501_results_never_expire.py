"""CBL501: an expiry that keeps results for ever."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Choice, Duration, Environment, Literal, Operation
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.model.backend_outcomes import stores_results
from celery_backend_lint.model.expiry import CLEANED, expiring_kinds, expiry_outcomes, verdict
from celery_backend_lint.model.held import variables
from celery_backend_lint.model.serializers import written_name
from celery_backend_lint.rules.rule import Rule
from celery_backend_lint.syntax.python import nodes_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL501", "results-never-expire", Severity.WARNING, since="0.1.0", fix=Applicability.UNSAFE)


def check_results_never_expire(model: Model) -> Iterator[Finding]:
    """`result_expires` is set to keep results for ever.

    ## What it does
    Looks for `None`, `False`, `0` and `timedelta(0)` as `result_expires`, for a fraction of a second on Redis and the
    caches (Celery cuts it off), and for the text `"0"` where Celery makes a number of it.

    ## Why is this bad?
    On Redis, results are then stored without a time to live, and stay until the memory is full. For a database,
    MongoDB, files and django-celery-results, beat does not even schedule the clean-up. RPC's reply queues stay when
    their readers are gone.

    ## Example
    ```python
    result_expires = None
    ```

    ## Use instead
    ```python
    result_expires = 86400  # one day, in seconds
    ```

    ## Fix safety
    The fix is unsafe: results that are older than a day are deleted. There is none where a clean-up is needed for that
    and nothing in the repository runs beat (CBL504).

    ## Known limits
    Backends that do not read `result_expires` (Cassandra, DynamoDB, Google Cloud Storage, S3 and the like) and classes
    that are not Celery's are not looked at, and what holds while a variable is not set does not matter where a
    deployment file or a loaded env file sets it.
    Where a value fails rather than keeps results, CBL502 says so.

    ## References
    - [Celery: result_expires](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-expires)
    """
    for app in model.checked_apps:
        outcomes = expiry_outcomes(app)
        if not outcomes:
            continue
        kinds = expiring_kinds(model, app)
        cleanup = False
        if "database" in kinds:
            from celery_backend_lint.model.processes import scheduled_cleanup

            cleanup = scheduled_cleanup(model.project) is not None
        for outcome in outcomes:
            found = [verdict(outcome, kind, cleanup_scheduled=cleanup) for kind in kinds]
            never = next((one for one in found if one.never), None)
            if never is None or any(one.invalid for one in found):
                continue
            read = _read(app.settings["result_expires"].value)
            if read and _is_set(model, app, read):
                continue
            written = written_name(app, "result_expires")
            unset = f" while `{read}` is not set" if read else ""
            yield RULE.finding(
                outcome.location,
                f"{written} is {_shown(outcome.plain)}{unset}: {never.why}",
                help=f"`{written} = 86400` keeps results for one day",
                app=app.name,
                propose=partial(_one_day, model, app, outcome.location),
            )


def _read(value: Value) -> str:
    """The one variable whose absence gives the value; nothing where there are several ways to it."""
    names = {name for one in variables(value) for name in one.variables}
    return names.pop() if len(names) == 1 and not isinstance(value, Choice) else ""


def _is_set(model: Model, app: App, variable: str) -> bool:
    """Whether the project itself sets it for the app's processes, so that what holds without it never does."""
    from celery_backend_lint.model.env_loads import is_in_environment

    return is_in_environment(model, app, variable)


def _shown(plain: float | str | bool | None) -> str:
    return repr(int(plain)) if isinstance(plain, float) and plain == int(plain) else repr(plain)


def _one_day(model: Model, app: App, location: Location) -> Fix:
    """One day, as text, ``timedelta`` or number, as the place has it."""
    from celery_backend_lint.fixes.python.nodes import place_of
    from celery_backend_lint.fixes.python.own_values import refuse_shared
    from celery_backend_lint.fixes.python.values import replace_expression, replace_string
    from celery_backend_lint.model.processes import beat_sign, cleanup_sign
    from celery_backend_lint.syntax.python import text_of

    cleaned = set(stores_results(model, app)) & CLEANED
    if cleaned and "beat_schedule" not in app.settings:
        project = model.project
        if beat_sign(project, model.manifests, model.deployment) is None and cleanup_sign(project, cleaned) is None:
            raise CannotFixError(
                f"nothing runs beat, so no expiry in `{location.path}` would delete anything: run beat first"
            )
    location = _written_at(model, location)
    refuse_shared(model, model.apps, ("result_expires",), location)
    node = place_of(model, location).node
    called = node.child_by_field_name("function") if node.type == "call" else None
    if node.type == "string":
        edit = replace_string(model, location, "86400")
    elif called is not None:
        edit = replace_expression(model, location, f"{text_of(called)}(days=1)")
    else:
        edit = replace_expression(model, location, "86400")
    return Fix("Keep results for one day", Applicability.UNSAFE, (edit,))


def _written_at(model: Model, location: Location) -> Location:
    """Where the value is written: a literal, a sum of such, a ``timedelta``, or the default inside ``int(getenv(…))``.

    Raises CannotFixError for what is worked out by other code.
    """
    from celery_backend_lint.fixes.python.nodes import place_of

    place = place_of(model, location)
    file = model.evaluator.modules.file(location.path)
    value = model.evaluator.ask(place.node, model.evaluator.scope_at(place.node, file.scope)) if file else None
    if isinstance(value, Operation) and value.operator in ("int", "float") and len(value.operands) == 1:
        value = value.operands[0]
        while isinstance(value, Environment) and value.default is not None:
            value = value.default
        if isinstance(value, Literal) and value.origin.path == location.path:
            return value.origin
    elif isinstance(value, (Literal, Duration)):
        calls = [one for one in nodes_in(place.node) if one.type in ("call", "identifier", "await")]
        if not calls or (isinstance(value, Duration) and place.node.type == "call"):
            return location
    raise CannotFixError(f"the value in {place.where} is worked out by code")
