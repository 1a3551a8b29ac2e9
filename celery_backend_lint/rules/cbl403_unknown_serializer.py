"""CBL403: a serializer that kombu does not know."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.model import facts
from celery_backend_lint.model.serializers import (
    RAW_TYPES,
    accepted,
    effective,
    reads_with_default,
    serializers_of,
    written_name,
)
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Environment, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.serializers import Serializers

RULE = Rule("CBL403", "unknown-serializer", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

_SETTINGS = ("result_serializer", "task_serializer")
_LISTS = ("accept_content", "result_accept_content")


def check_unknown_serializer(model: Model) -> Iterator[Finding]:
    """A serializer or content type that nothing registers.

    ## What it does
    Looks `result_serializer`, `task_serializer` and the entries of `accept_content` and `result_accept_content` up
    among the serializers that kombu registers (json, pickle, yaml, msgpack) and those that the project registers with
    `kombu.serialization.register`.

    ## Why is this bad?
    An unknown `result_serializer` raises `KeyError` and an unknown name among the accepted content
    `SerializerNotInstalled`, both at the first use of the result backend; an unknown `task_serializer` raises when a
    task is sent, while an empty one leaves kombu its default. The two serializer settings want a name:
    `application/json` fails there as well. A content type that nothing registers is taken without a word and accepts
    nothing.

    ## Example
    ```python
    result_serializer = "JSON"
    ```

    ## Use instead
    ```python
    result_serializer = "json"
    ```

    ## Fix safety
    A safe fix is offered where one known name is meant, but never pickle, and no result serializer that the accepted
    content lacks.

    ## Known limits
    Silent where the project registers serializers under names that cannot be read, or declares a package that may.
    An unknown content type is a warning. Serializers whose package is missing are CBL205's.

    ## References
    - [Celery: serializers](https://docs.celeryq.dev/en/stable/userguide/calling.html#serializers)
    """
    for app in model.checked_apps:
        if not any(name in app.settings for name in (*_SETTINGS, *_LISTS)):
            continue
        serializers = serializers_of(model, app)
        for name in _SETTINGS:
            yield from _check_setting(model, app, name, serializers)
        for name in _LISTS:
            yield from _check_list(model, app, name, serializers)


def _check_setting(model: Model, app: App, setting: str, serializers: Serializers) -> Iterator[Finding]:
    for value in effective(app, setting):
        if not isinstance(value, Literal) or not (isinstance(value.value, str) or value.value is None):
            continue
        if value.value in serializers.types or (not value.value and setting == "task_serializer"):
            continue  # where nothing is named kombu takes its default for messages
        text = value.value or ""
        meant = _meant(text, serializers)
        if meant is None and text and serializers.open:
            continue
        error = "the result backend raises KeyError at its first use"
        if setting == "task_serializer":
            error = "sending a task raises SerializerNotInstalled"
        reads = reads_with_default(app.settings[setting].value, value)
        error += _unset(reads)
        written = written_name(app, setting)
        if text and serializers.name_of(text) is not None:
            message = f"{written} takes a serializer's name, not the content type {text}: {error}"
        elif text:
            message = f"no serializer {mask(text)!r} is registered: {error}"
        else:
            message = f"{written} is {value.value!r}, which is no serializer: {error}"
        propose = partial(_correct, model, app, setting, value.origin, meant, serializers) if meant else None
        yield RULE.finding(
            value.origin,
            message,
            help=_remedy(model, reads, value, written, meant or "json"),
            app=app.name,
            propose=propose,
        )


def _unset(reads: tuple[Environment, ...]) -> str:
    """The variables without which a value holds, in words; "" where it holds whatever is set."""
    names = [f"`{read.variable}`" for read in reads]
    if len(names) < 2:
        return f" while {names[0]} is not set" if names else ""
    return f" while {', '.join(names[:-1])} and {names[-1]} are not set"


def _remedy(model: Model, reads: tuple[Environment, ...], value: Value, written: str, meant: str) -> str:
    """The setting with the name that is meant; where that is read from a variable, the read with it as the default."""
    if not reads:
        return f'`{written} = "{meant}"`'
    from celery_backend_lint.fixes.default_reads import with_another_default

    code = with_another_default(model, reads[-1], value.origin, meant)
    return f"`{written} = {code}`" if code else f'make "{meant}" the default of `{reads[-1].variable}`'


def _check_list(model: Model, app: App, setting: str, serializers: Serializers) -> Iterator[Finding]:
    for value in effective(app, setting):
        for text, location in accepted(value).entries or ():
            if serializers.name_of(text) is not None or text in RAW_TYPES or text in serializers.own_types:
                continue
            meant = _meant(text, serializers)
            if meant is None and serializers.open:
                continue
            written = written_name(app, setting)
            remedy = f'write "{meant}" instead' if meant else "take it out, or register it with kombu.serialization"
            if "/" in text:
                message = f"no serializer has the content type {mask(text)}: the entry of {written} accepts nothing"
                severity = Severity.WARNING
            else:
                message = (
                    f"no serializer {mask(text)!r} is registered: the worker and the result backend raise "
                    f"SerializerNotInstalled over this entry of {written}"
                )
                severity = Severity.ERROR
            propose = partial(_correct, model, app, setting, location, meant, serializers) if meant else None
            yield RULE.finding(location, message, help=remedy, app=app.name, severity=severity, propose=propose)


def _meant(text: str, serializers: Serializers) -> str | None:
    """The known serializer that a wrong name means; None where it is no slip of one."""
    exact = serializers.name_of(text)
    if exact is not None:
        return exact
    lowered = text.strip().lower()
    if lowered in serializers.types:
        return lowered
    if "/" in lowered:
        by_type = {found: name for name, found in serializers.types.items() if found}
        close = facts.close_names(lowered, by_type, 1)
        return by_type[close[0]] if close else None
    return next(iter(facts.close_names(lowered, serializers.types, 1)), None)


def _correct(model: Model, app: App, setting: str, location: Location, meant: str, serializers: Serializers) -> Fix:
    """The name that is meant, in the place of the wrong one."""
    from celery_backend_lint.fixes.python.items import remove_items
    from celery_backend_lint.fixes.python.own_values import refuse_shared
    from celery_backend_lint.fixes.python.values import replace_string

    where = f"`{location.path}` line {location.line}"
    if meant == "pickle":
        raise CannotFixError(f"{where} means pickle, which is better left out than corrected")
    refuse_shared(model, model.apps, (*_SETTINGS, *_LISTS), location)
    if setting in _SETTINGS:
        if setting == "result_serializer" and not _is_accepted(app, meant, serializers):
            raise CannotFixError(f"{where} means {meant}, which the accepted content lacks: reading results would fail")
        edits = [replace_string(model, location, meant)]
    else:
        lists = [accepted(value).entries or () for value in effective(app, setting)]
        texts = {text for entries in lists if location in [one for _, one in entries] for text, _ in entries}
        if meant in texts or serializers.types.get(meant) in texts:
            edits = remove_items(model, [location])
        else:
            edits = [replace_string(model, location, meant)]
    return Fix(f'Write "{meant}"', Applicability.SAFE, tuple(edits))


def _is_accepted(app: App, name: str, serializers: Serializers) -> bool:
    """Whether results of a serializer can be read: it is in each list, or json while none is set."""
    values = effective(app, "result_accept_content") or effective(app, "accept_content")
    if not values:
        return name == "json"
    for value in values:
        entries = accepted(value).entries
        texts = {text.strip().lower() for text, _ in entries} if entries is not None else {"json"}
        if name not in texts and serializers.types.get(name) not in texts:
            return False
    return True
