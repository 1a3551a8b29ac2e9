"""CBL402: results are stored in a format that reading them refuses."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.model.backend_kind import UNKNOWN
from celery_backend_lint.model.backend_outcomes import backend_outcomes, known_kinds
from celery_backend_lint.model.serializers import (
    RAW_TYPES,
    accepted,
    effective,
    is_unset,
    serializers_of,
    written_name,
)
from celery_backend_lint.record import record
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.serializers import Serializers

RULE = Rule("CBL402", "result-serializer-not-accepted", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

CHECKED_BY_DATABASE = (5, 7, 0)
"""The first Celery whose database backend looks at what is accepted; before, it pickles every result (5.6.3)."""


def check_result_serializer_not_accepted(model: Model) -> Iterator[Finding]:
    """The result serializer is not among the accepted content.

    ## What it does
    Compares `result_serializer` (`json` unless set) with `result_accept_content`, or, where that is not set, with
    `accept_content` (`["json"]` unless set). Names and content types count as the same.

    ## Why is this bad?
    Storing the result works, reading it does not: `.get()`, `.state`, chords and everything else that asks the
    backend raise `ContentDisallowed`.

    ## Example
    ```python
    result_serializer = "yaml"
    accept_content = ["json"]
    ```

    ## Use instead
    ```python
    result_serializer = "yaml"
    accept_content = ["json", "yaml"]
    ```

    ## Fix safety
    Accepting what is written anyway is safe. Pickle is never added: reading it runs whatever the result holds.

    ## Known limits
    Of several outcomes of the accept list, each must lack the serializer. The database backend checks from Celery 5.7
    on only, and goes on to read pickle; `django-cache` never checks. Serializers that nothing registers are CBL403's.

    ## References
    - [Celery: result_accept_content](https://docs.celeryq.dev/en/stable/userguide/configuration.html#result-accept-content)
    """
    for app in model.checked_apps:
        if not ({"result_serializer", "accept_content", "result_accept_content"} & app.settings.keys()):
            continue
        severity = _severity(model, app)
        if severity is None:
            continue
        serializers = serializers_of(model, app)
        lists = _accepted(app)
        if lists is None:
            continue
        for name, location in _serializers(app):
            content_type = serializers.types.get(name)
            if content_type is None or any(one.holds(name, content_type, serializers) for one in lists.outcomes):
                continue
            if name == "pickle" and known_kinds(backend_outcomes(model, app)) == {"database"}:
                continue
            yield _finding(model, app, name, location or lists.location, lists, severity)


@record
class AcceptedContent:
    """One outcome of what results may be: entries as written."""

    entries: tuple[str, ...]

    def holds(self, name: str, content_type: str, serializers: Serializers) -> bool:
        """Whether a serializer's content is accepted; for one of the project's own, any type that it registers."""
        if name in self.entries or (content_type and content_type in self.entries):
            return True
        return not content_type and any(entry in serializers.own_types for entry in self.entries)


@record
class AcceptedLists:
    """All outcomes, and where the list is written: the setting's name and the value's place."""

    outcomes: tuple[AcceptedContent, ...]
    setting: str
    location: Location


def _severity(model: Model, app: App) -> Severity | None:
    """The severity for an app's backends; None where none of them checks what it reads."""
    outcomes = backend_outcomes(model, app)
    checking = known_kinds(outcomes) - {"django-cache"}
    if checking - {"database"}:
        return Severity.ERROR
    if "database" in checking and app.declared.version >= CHECKED_BY_DATABASE:
        return Severity.ERROR if app.declared.oldest >= CHECKED_BY_DATABASE else Severity.WARNING
    if not checking and any(outcome.kind == UNKNOWN for outcome in outcomes):
        # It stores results somewhere: all backends but two check.
        return Severity.ERROR if app.declared.oldest >= CHECKED_BY_DATABASE else Severity.WARNING
    return None


def _serializers(app: App) -> Iterator[tuple[str, Location | None]]:
    values = effective(app, "result_serializer")
    if not values and not app.unread:
        yield "json", None
    for value in values:
        if is_unset(value):
            yield "json", None
        elif isinstance(value, Literal) and isinstance(value.value, str):
            yield value.value, value.origin


def _accepted(app: App) -> AcceptedLists | None:
    """What results may be in every outcome; None where one is not known."""
    own = effective(app, "result_accept_content")
    if not own and app.unread:
        return None
    outcomes: list[AcceptedContent] = []
    place: Location | None = None
    setting = "accept_content"
    falls_back = not own
    for value in own:
        if is_unset(value) or (isinstance(value, Literal) and value.value is None):
            falls_back = True
        else:
            setting, place = "result_accept_content", value.origin
            if not _add(outcomes, value):
                return None
    if falls_back:
        values = effective(app, "accept_content")
        if not values:
            if app.unread:
                return None
            outcomes.append(AcceptedContent(("json",)))
        for value in values:
            if is_unset(value) or (isinstance(value, Literal) and value.value is None):
                outcomes.append(AcceptedContent(("json",)))
            elif not _add(outcomes, value):
                return None
            place = place or value.origin
    return AcceptedLists(tuple(outcomes), setting, place or app.location)


def _add(outcomes: list[AcceptedContent], value: Value) -> bool:
    entries = accepted(value).entries
    if entries is None:
        return False
    outcomes.append(AcceptedContent(tuple(text for text, _ in entries)))
    return True


def _finding(
    model: Model, app: App, name: str, location: Location, lists: AcceptedLists, severity: Severity
) -> Finding:
    entries = list(dict.fromkeys(entry for one in lists.outcomes for entry in one.entries))
    only = f"only {' and '.join(entries)} is accepted" if entries else "nothing is accepted"
    message = f"results are stored as {name}, but {only}: reading a result raises ContentDisallowed"
    if severity is Severity.WARNING:
        message += " (on the database backend from Celery 5.7.0 on, on other backends with every version)"
    if name == "pickle":
        remedy = f'`{written_name(app, "result_serializer")} = "json"`: accepting pickle runs what the results hold'
    else:
        wanted = ", ".join(f'"{one}"' for one in [*entries, name])
        remedy = f"`{written_name(app, lists.setting)} = [{wanted}]`"
    related = (Related(lists.location, "what is accepted"),) if lists.location != location else ()
    propose = partial(_accept, model, app, name, lists.setting)
    return RULE.finding(
        location, message, help=remedy, app=app.name, related=related, severity=severity, propose=propose
    )


def _accept(model: Model, app: App, name: str, setting: str) -> Fix:
    """Add the serializer to every list that lacks it, or write a list where there is none."""
    from celery_backend_lint.fixes.configuration.setting_code import inserted
    from celery_backend_lint.fixes.python.items import add_item, quote_around
    from celery_backend_lint.fixes.python.nodes import place_of
    from celery_backend_lint.fixes.python.own_values import refuse_shared
    from celery_backend_lint.fixes.python.style import code_of
    from celery_backend_lint.fixes.python.values import replace_expression

    if name == "pickle":
        path = app.path
        raise CannotFixError(f"results of `{path}` are pickles, and accepting those runs whatever they hold")
    wanted = list(dict.fromkeys(["json", name]))
    edits: list[Edit] = []
    serializers = serializers_of(model, app)
    for value in effective(app, setting):
        for text, place in accepted(value).entries or ():
            if serializers.name_of(text) is None and text not in serializers.own_types and text not in RAW_TYPES:
                raise CannotFixError(
                    f"`{place.path}` line {place.line} accepts what no serializer is: correct it first"
                )
        if isinstance(value, Literal) and value.value is None:
            refuse_shared(model, model.apps, (setting,), value.origin)
            quote = quote_around(place_of(model, value.origin).node)
            edits.append(replace_expression(model, value.origin, code_of(wanted, quote)))
        elif not is_unset(value):
            refuse_shared(model, model.apps, ("accept_content", "result_accept_content"), value.origin)
            edits += add_item(model, value.origin, name)
    if not edits:
        edits = inserted(model, app, setting, wanted)
    return Fix(f"Accept {name}", Applicability.SAFE, tuple(edits))
