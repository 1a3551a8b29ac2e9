"""CBL401: pickle as a serializer, or among the accepted content."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.serializers import accepted, effective, written_name
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL401", "pickle-serializer", Severity.ERROR, since="0.1.0", fix=Applicability.UNSAFE)

_PICKLE = "pickle"
_CONTENT_TYPE = "application/x-python-serialize"


def check_pickle_serializer(model: Model) -> Iterator[Finding]:
    """Pickle is used as a serializer or accepted.

    ## What it does
    Looks for `pickle`, or its content type `application/x-python-serialize`, as `result_serializer`, as
    `task_serializer` and among `accept_content` and `result_accept_content`. One finding for an app; the other places
    are named with it.

    ## Why is this bad?
    Reading a pickle runs whatever code it holds. Whoever can write to the broker or to the result backend (an
    unprotected Redis is enough) runs code in every worker and in every process that reads a result.

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
    The fix is unsafe: JSON does not carry every object, and messages and results that are already stored as pickle
    are refused.

    ## Known limits
    Serializers that are given to a single task or call are not looked at. `accept_content = None` does not accept
    pickle: kombu has it disabled.

    ## References
    - [Celery: security, serializers](https://docs.celeryq.dev/en/stable/userguide/security.html#serializers)
    - [Python: pickle](https://docs.python.org/3/library/pickle.html)
    """
    for app in model.checked_apps:
        by_place: dict[Location, str] = {}
        for place, name in _places(app):
            by_place.setdefault(place, name)
        if not by_place:
            continue
        (first, setting), *others = sorted(by_place.items(), key=lambda one: one[0].order)
        written = written_name(app, setting)
        verb = "is pickle" if setting.endswith("serializer") else "accepts pickle"
        yield RULE.finding(
            first,
            f"{written} {verb}: whoever can write to the broker or the result backend can run code in every process "
            f"that reads from it",
            help='use "json", and leave pickle out of the accepted content',
            app=app.name,
            related=tuple(Related(place, f"{written_name(app, other)}: pickle again") for place, other in others),
        )


def _places(app: App) -> Iterator[tuple[Location, str]]:
    for name in ("result_serializer", "task_serializer"):
        for value in effective(app, name):
            if isinstance(value, Literal) and value.value == _PICKLE:
                yield value.origin, name
    for name in ("accept_content", "result_accept_content"):
        for value in effective(app, name):
            for text, location in accepted(value).entries or ():
                if text in (_PICKLE, _CONTENT_TYPE):
                    yield location, name
