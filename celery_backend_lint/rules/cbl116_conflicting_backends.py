"""CBL116: result backends of one app that differ, of which Celery uses one."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Environment, Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES, reads_result_backend
from celery_backend_lint.model.apps.precedence import MAPS_BEFORE_NAMES
from celery_backend_lint.model.backend_values import dotted, older_admitted, shown
from celery_backend_lint.model.conflicts import conflicts
from celery_backend_lint.model.urls import text_of
from celery_backend_lint.model.versions import exact
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App, Assignment

RULE = Rule("CBL116", "conflicting-backends", Severity.WARNING, since="0.1.0", fix=Applicability.UNSAFE)

PLACES = {
    "constructor": "the argument of `Celery(…)`",
    "conf": "the write to `app.conf`",
    "module": "the configuration module",
    "django": "the Django settings",
    "class": "the configuration class",
    "mapping": "the dict of settings",
}


def check_conflicting_backends(model: Model) -> Iterator[Finding]:
    """The result backend of one app is set more than once, with different values.

    ## What it does
    Follows every place that sets an app's result backend, in the order in which Celery looks them up: writes to
    `app.conf` beat the arguments of `Celery(…)`, those beat `add_defaults`, that beats the object that
    `config_from_object` names. A second `config_from_object` replaces the first one whole. Before Celery 5.7 a
    namespaced name in that object (`CELERY_RESULT_BACKEND` with `namespace="CELERY"`) beats them all.

    ## Why is this bad?
    Nothing is said at run time: whoever edits the place that loses changes nothing, and an upgrade to 5.7 may make
    another one win. Celery takes the variable `CELERY_RESULT_BACKEND` before all of them: a place that reads it may
    lose, and the variable still counts. Results that another process looks for in the other backend are never found.

    ## Example
    ```python
    app = Celery("proj", backend="redis://cache/0")
    app.config_from_object("celeryconfig")  # which says result_backend = "rpc://": not used
    ```

    ## Use instead
    ```python
    app = Celery("proj")
    app.config_from_object("celeryconfig")
    ```

    ## Fix safety
    The value that Celery uses stays, but someone may have meant the other: the fix is unsafe.

    ## Known limits
    A settings module that overrides what it star-imports, a class that overrides its base class, test code and values
    that are the same are no conflict: `rpc` and `rpc://…` take the broker's connection and nothing of the URL. Nor is a
    None in a dict that is filled in further down. Values that are not known are not compared. Writes to `app.conf` in
    another file than the app's are not looked at: not every process loads that file. Of two configurations from other
    files that the app's own hands to `conf.update`, the later one may override the former, unless they write two names.

    ## References
    - [Celery: Configuration](https://docs.celeryq.dev/en/stable/userguide/application.html#configuration)
    - `celery.app.base.Celery._load_config`, `celery.utils.collections.ConfigurationView`, Celery 4.4 to 5.7
    """
    for app in model.checked_apps:
        for found in conflicts(model, app, "result_backend"):
            if found.replaced_by is not None:
                yield RULE.finding(
                    found.location,
                    "this result backend is never used: a later `config_from_object` replaces the whole configuration",
                    help="load one configuration object, and let it import the other's names",
                    app=app.name,
                    related=(Related(found.replaced_by, "it is replaced here"),),
                    propose=partial(_keep_replaced, found.location),
                )
            elif found.loser is not None and found.winner is not None:
                yield RULE.finding(
                    found.location,
                    _saying(app, found.loser, found.winner),
                    help="keep one of them",
                    app=app.name,
                    related=(Related(found.winner.location, "this one wins"),),
                    propose=partial(_remove, model, found.loser),
                )


def _saying(app: App, loser: Assignment, winner: Assignment) -> str:
    """What Celery makes of two places; one that reads Celery's own variable has no effect, but the variable has."""
    winning = f"{_winning(loser, winner)}{_depending(app, loser, winner)}"
    own, value, beside = OWN_VARIABLES["result_backend"], loser.value, winner.value
    both = isinstance(beside, Environment) and beside.variable == own
    if isinstance(value, Environment) and value.variable == own and not both and reads_result_backend(app):
        return f"to read `{own}` here has no effect: while it is set, Celery takes it by itself, and else {winning}"
    return f"this result backend{_named(loser, winner)} is never used: {winning}"


def _winning(loser: Assignment, winner: Assignment) -> str:
    """What wins; where both stand in one place of one file, the line."""
    named = _named(winner, loser)
    here, there = loser.location, winner.location
    if loser.place == winner.place and here.path == there.path and here.line != there.line:
        return f"line {there.line} sets it again{named}"
    return f"{PLACES[winner.place]}{named} wins"


def _named(assignment: Assignment, other: Assignment) -> str:
    """What a place gives; where both read the same variable, they differ by what it is while that is not set."""
    value, beside = assignment.value, other.value
    if isinstance(value, Literal) and not value.value:
        return " (none)"
    if isinstance(value, Environment):
        unset = ""
        if isinstance(beside, Environment) and beside.variables == value.variables:
            unset = _while_unset(value.default)
        return f" (from the variable {value.variable}{unset})"
    text = text_of(value)
    return f" (`{shown(text)}`)" if text else ""


def _while_unset(default: Value | None) -> str:
    """What a variable's read gives while it is not set: nothing, another variable, or a text where one is known."""
    if default is None or (isinstance(default, Literal) and default.value is None):
        return ", without a default"
    if isinstance(default, Environment):
        return f", else from {default.variable}{_while_unset(default.default)}"
    text = text_of(default)
    return f", else `{shown(text)}`" if text else ""


def _depending(app: App, one: Assignment, winner: Assignment) -> str:
    """What to add where the order depends on Celery's version: in a namespace, up to 5.6, the object wins.

    A pin is raised some day; a requirement with an upper bound keeps 5.7 out on purpose.
    """
    loaded = {"module", "django", "class", "mapping"}
    if not app.namespace or (one.place in loaded) == (winner.place in loaded):
        return ""
    if app.declared.version < MAPS_BEFORE_NAMES:
        pinned = app.declared.locked or all(exact(one) for one in app.declared.text.split("||"))
        if not pinned:
            return ""
        return f" up to Celery 5.6; Celery {dotted(MAPS_BEFORE_NAMES)} will use this one"
    older = older_admitted(app.declared)
    if older is not None and older < MAPS_BEFORE_NAMES:
        return f" from Celery {dotted(MAPS_BEFORE_NAMES)} on; older ones, which `{app.celery}` admits, use this one"
    return ""


def _remove(model: Model, loser: Assignment) -> Fix:
    from celery_backend_lint.fixes.python.removal import refuse_test_use, remove_setting

    if loser.handed_over_in:
        where = f"`{loser.location.path}` line {loser.location.line}"
        raise CannotFixError(f"what is handed to `conf.update` in {where} may be used elsewhere as well")
    refuse_test_use(model, loser)
    return Fix("Remove the result backend that is not used", Applicability.UNSAFE, tuple(remove_setting(model, loser)))


def _keep_replaced(location: Location) -> Fix:
    raise CannotFixError(f"nothing of `{location.path}` is used: removing one name would hide that")
