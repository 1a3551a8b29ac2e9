"""CBL401: pickle as a serializer, or among the accepted content."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.findings.fix import Fix
from celery_backend_lint.model.names import is_below_four
from celery_backend_lint.model.serializers import accepted, effective, is_unset, written_name
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL401", "pickle-serializer", Severity.ERROR, since="0.1.0", fix=Applicability.UNSAFE)

_PICKLE = "pickle"
_CONTENT_TYPE = "application/x-python-serialize"
_SERIALIZERS = ("result_serializer", "task_serializer")
_NEVER_CHECK = frozenset({"database", "django-cache"})
"""Kinds of backends that read a pickle whatever is accepted (celery 5.6.3 and 5.7.0, django-celery-results 2.6)."""
_LISTS = ("accept_content", "result_accept_content")


def check_pickle_serializer(model: Model) -> Iterator[Finding]:
    """Pickle is used as a serializer or accepted.

    ## What it does
    Looks for `pickle`, or its content type `application/x-python-serialize`, as `result_serializer`, as
    `task_serializer` and among `accept_content` and `result_accept_content`. One finding for an app; the other places
    are named with it.

    ## Why is this bad?
    Reading a pickle runs whatever code it holds. Whoever can write to the broker (an unprotected Redis is enough) runs
    code in every worker that accepts it, whatever `task_serializer` is. A result is read by the reader's own
    `result_serializer`: where that is pickle too, whoever can write to the result backend runs code in what reads it.

    ## Example
    ```python
    result_serializer = "pickle"
    accept_content = ["json", "pickle"]
    ```

    ## Use instead
    ```python
    result_serializer = "json"
    accept_content = ["json"]
    ```

    ## Fix safety
    The fix is unsafe: JSON does not carry every object (a model instance, an array, an exception), and messages and
    results that are already stored as pickle are refused. With Celery 3, whose tasks and results are pickles unless a
    serializer is set, pickle is only taken out of the list where both are.

    ## Known limits
    Serializers that are given to a single task or call are not looked at. `accept_content = None` does not accept
    pickle: kombu has it disabled. Silent where `task_always_eager` is on for sure, nothing starts a worker and no
    result is looked up by its id: nothing is sent or read then.

    ## References
    - [Celery: security, serializers](https://docs.celeryq.dev/en/stable/userguide/security.html#serializers)
    - [Python: pickle](https://docs.python.org/3/library/pickle.html)
    """
    for app in model.checked_apps:
        by_place: dict[Location, str] = {}
        for place, name in _places(app):
            by_place.setdefault(place, name)
        if not by_place or _asks_no_server(model, app):
            continue
        ordered = sorted(by_place.items(), key=lambda one: one[0].order)
        (first, setting), *others = ordered
        written = written_name(app, setting)
        verb = "is pickle" if setting.endswith("serializer") else "accepts pickle"
        unset = _pickle_by_default(model, app)
        too = f", for {' and '.join(unset)} too (pickle in Celery 3)" if unset else ""
        yield RULE.finding(
            first,
            f"{written} {verb}: {_who(model, app, setting)} can run code in every process that reads from it",
            help=f'use "json"{too}, and leave pickle out of the accepted content; send ids rather than objects: JSON '
            "cannot hold a model instance or an array",
            app=app.name,
            related=tuple(Related(place, f"{written_name(app, other)}: pickle again") for place, other in others),
            propose=partial(_use_json, model, app, tuple(ordered), unset),
        )


def _pickle_by_default(model: Model, app: App) -> tuple[str, ...]:
    """The serializers that are not set where they are pickle then, as Celery 3 names them (seen in 3.1.23)."""
    unset = tuple(f"CELERY_{name.upper()}" for name in _SERIALIZERS if name not in app.settings)
    return tuple(sorted(unset, reverse=True)) if unset and _may_be_three(model, app) else ()


def _may_be_three(model: Model, app: App) -> bool:
    from celery_backend_lint.model.python_two import may_run_celery_three

    return is_below_four(app.declared) or may_run_celery_three(model, app.declared)


def _who(model: Model, app: App, setting: str) -> str:
    """Who can run code: a task is read as what it says that it is, and so is a result of ``rpc://``, if that is
    accepted; a result in a store as what ``result_serializer`` says (seen with 5.7.0, a pickle put into either).
    """
    from celery_backend_lint.model.backend_kind import DISABLED
    from celery_backend_lint.model.backend_outcomes import backend_outcomes

    kinds = {one.kind for one in backend_outcomes(model, app)} - {DISABLED}
    unset = {"accept_content", "result_serializer"} - app.settings.keys() if _may_be_three(model, app) else set()
    tasks = _accepts(app, "accept_content") or "accept_content" in unset  # pickle is among Celery 3's default
    own = effective(app, "result_accept_content")
    falls_back = not own or any(is_unset(one) or (isinstance(one, Literal) and one.value is None) for one in own)
    results = _accepts(app, "result_accept_content") or (falls_back and tasks)
    written = effective(app, "result_serializer")
    pickled = "result_serializer" in unset or any(isinstance(one, Literal) and one.value == _PICKLE for one in written)
    places = []
    if tasks or ("rpc" in kinds and results):
        places.append("the broker")
    if pickled and ((results and kinds - {"rpc"}) or kinds & _NEVER_CHECK):
        places.append("the result backend")
    if places:
        return f"whoever can write to {' or '.join(places)}"
    if setting == "task_serializer":
        return "where it is accepted too, whoever can write to the broker"
    also = "it is accepted" if setting == "result_serializer" else "result_serializer is pickle"
    return f"where {also} too, whoever can write to the result backend"


def _accepts(app: App, name: str) -> bool:
    entries = [text for value in effective(app, name) for text, _ in accepted(value).entries or ()]
    return _PICKLE in entries or _CONTENT_TYPE in entries


def _asks_no_server(model: Model, app: App) -> bool:
    if "task_always_eager" not in app.settings:
        return False
    from celery_backend_lint.model.one_process import asks_no_server

    return asks_no_server(model, app)


def _places(app: App) -> Iterator[tuple[Location, str]]:
    for name in _SERIALIZERS:
        for value in effective(app, name):
            if isinstance(value, Literal) and value.value == _PICKLE:
                yield value.origin, name
    for name in _LISTS:
        for value in effective(app, name):
            for text, location in accepted(value).entries or ():
                if text in (_PICKLE, _CONTENT_TYPE):
                    yield location, name


def _use_json(model: Model, app: App, places: tuple[tuple[Location, str], ...], unset: tuple[str, ...]) -> Fix:
    """JSON for every serializer that is pickle, and instead of pickle in every list.

    ``unset`` are the serializers that are pickle by default: what they write would be refused.
    """
    from celery_backend_lint.findings.fix import CannotFixError
    from celery_backend_lint.fixes.python.own_values import refuse_shared
    from celery_backend_lint.fixes.python.values import replace_string

    if unset and any(setting in _LISTS for _, setting in places):
        raise CannotFixError(f"set {' and '.join(unset)} first: Celery 3 has pickle there, which workers then refuse")
    edits: list[Edit] = []
    for place, setting in places:
        refuse_shared(model, model.apps, (*_SERIALIZERS, *_LISTS), place)
        if setting in _SERIALIZERS:
            edits.append(replace_string(model, place, "json"))
    taken = {place for place, setting in places if setting in _SERIALIZERS}
    for name in _LISTS:
        for value in effective(app, name):
            entries = accepted(value).entries or ()
            pickles = [location for text, location in entries if text in (_PICKLE, _CONTENT_TYPE)]
            if pickles and not taken.issuperset(pickles):
                edits += _in_list(model, pickles, [text for text, _ in entries])
                taken.update(pickles)
    return Fix("Use JSON instead of pickle", Applicability.UNSAFE, tuple(edits))


def _in_list(model: Model, pickles: list[Location], texts: list[str]) -> list[Edit]:
    """JSON in the place of pickle; pickle is only taken out where JSON is there already."""
    from celery_backend_lint.findings.fix import CannotFixError
    from celery_backend_lint.fixes.python.items import remove_items
    from celery_backend_lint.fixes.python.values import replace_string

    if "json" in texts or "application/json" in texts:
        return remove_items(model, pickles)
    if len(pickles) > 1:
        raise CannotFixError(f"`{pickles[0].path}` line {pickles[0].line} accepts pickle twice")
    return [replace_string(model, pickles[0], "application/json" if "pickle" not in texts else "json")]
