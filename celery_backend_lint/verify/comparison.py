"""Compares what the static reading claims of an app with what real Celery has.

A claim is made for an environment: the reading says ``${REDIS_URL:-redis://localhost}``, Celery has one value of it.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve, truth
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    External,
    Literal,
    Mapping,
    Missing,
    Sequence,
    walk,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.own_variables import beaten_by
from celery_backend_lint.record import record
from celery_backend_lint.verify.tags import Opaque, untagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping as AbstractMapping
    from typing import Any

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import App


@record
class Disagreement:
    """A setting of which the reading claims something else than Celery has."""

    setting: str
    claimed: object
    real: object


@record
class Open:
    """A setting that the reading does not know, why, and what it is."""

    setting: str
    why: str
    real: object


@record
class Comparison:
    """What came of comparing one app in one environment.

    ``confirmed`` are the settings that agree. ``refusal`` is set, and the others are empty, where one of the two says
    that Celery refuses the whole configuration and the other does not. ``overridden`` are settings that a variable
    of Celery's own (``CELERY_RESULT_BACKEND``) decides in this environment, whatever the project says.
    """

    confirmed: tuple[str, ...] = ()
    unknown: tuple[Open, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    overridden: tuple[str, ...] = ()
    refusal: str = ""


WHOLE = "its configuration"
"""The name under which an app is confirmed or unknown as a whole, because Celery refuses its configuration."""

OWN_FAILURES = ("KeyError", "ValueError", "SyntaxError", "UnboundLocalError", "ZeroDivisionError")
"""Errors that the project's own code raises while its configuration is imported; Celery's say ImproperlyConfigured."""


def compare_app(app: App, told: AbstractMapping[str, Any], environment: AbstractMapping[str, str]) -> Comparison:
    """Compare an app with what the probe told of it. ``environment`` is that of the process that loaded it."""
    error = told["error"]
    if error:
        if app.mixing:
            return Comparison(confirmed=(WHOLE,))
        if app.unread:
            return Comparison(unknown=(Open(WHOLE, app.unread, None),))
        if error["type"] in OWN_FAILURES and error["place"]:
            return Comparison()
        said = f"{error['type']}: {error['text'].partition(chr(10))[0]}"
        return Comparison(refusal=f"Celery refuses the configuration ({said}), the static reading does not say so")
    if app.mixing:
        names = [assignment.written for assignment, _ in app.mixing]
        return Comparison(refusal=f"the static reading says that Celery refuses {names}, it does not")
    confirmed: list[str] = []
    unknown: list[Open] = []
    wrong: list[Disagreement] = []
    overridden: list[str] = []
    for name, value in told["settings"].items():
        real = normal(untagged(value))
        if name in told["effective"]:
            real = normal(untagged(told["effective"][name]))
            if beaten_by(app, name, environment) is not None:
                overridden.append(name)
        try:
            claimed = claim(app, name, environment)
        except UndeterminedError as reason:
            unknown.append(Open(name, str(reason), real))
            continue
        if same(claimed, real):
            confirmed.append(name)
        else:
            wrong.append(Disagreement(name, claimed, real))
    return Comparison(tuple(confirmed), tuple(unknown), tuple(wrong), tuple(overridden))


NOT_CALLED = "a function that nothing is seen to call has a say"
"""Why nothing is said of a setting whose value is read, but not whether it is reached."""


CONSTANTS = {
    "ssl.CERT_NONE": Opaque("VerifyMode", 0),
    "ssl.CERT_OPTIONAL": Opaque("VerifyMode", 1),
    "ssl.CERT_REQUIRED": Opaque("VerifyMode", 2),
}
"""Enum members of the standard library that configurations hold, as the probe tells them (Python 3.6 and later)."""

_MARK = "\0a constant: "
"""Begins the text that stands for one of them while a value is resolved; no text of a program begins so."""


def claim(app: App, name: str, environment: AbstractMapping[str, str]) -> object:
    """What the static reading says a setting is in an environment. Raises UndeterminedError when it says nothing."""
    text = beaten_by(app, name, environment)
    return claim_of_project(app, name, environment) if text is None else text


def claim_of_project(app: App, name: str, environment: AbstractMapping[str, str]) -> object:
    """What the project says a setting is, whatever Celery's own variables say. Raises UndeterminedError as `claim`."""
    setting = app.settings.get(name)
    if setting is None or isinstance(setting.value, Missing):
        if _is_hidden(app, environment):
            raise UndeterminedError(app.unread)
        if name == "timezone" and any(source.kind == "django" for source in app.sources):
            raise UndeterminedError("Django's own default of TIME_ZONE")
        return default(app, name)
    try:
        found = normal(resolve(_with_constants(setting.value), environment))
        if not setting.certain:
            raise UndeterminedError(NOT_CALLED)
        return found
    except WouldRaiseError as error:
        if not setting.certain:
            raise UndeterminedError(NOT_CALLED) from None
        if str(error) == "the name is not set":
            if _is_hidden(app, environment):
                raise UndeterminedError(app.unread) from None
            return default(app, name)
        return f"raises: {error}"


def _with_constants(value: Value) -> Value:
    """A value whose constants can be resolved: where they stand themselves, not where something is made of them."""
    if not any(isinstance(one, External) and one.name in CONSTANTS for one in walk(value)):
        return value
    if isinstance(value, External):
        return Literal(_MARK + value.name, value.origin)
    if isinstance(value, Choice):
        outcomes = [Alternative(_with_constants(one.value), one.condition) for one in value.alternatives]
        return Choice(tuple(outcomes), value.origin)
    if isinstance(value, Mapping):
        entries = tuple(Entry(one.key, _with_constants(one.value), one.origin) for one in value.entries)
        return Mapping(entries, value.origin, value.complete, open_when=value.open_when)
    if isinstance(value, Sequence):
        items = tuple(_with_constants(item) for item in value.items)
        return Sequence(value.kind, items, value.origin, value.complete)
    return value


def _is_hidden(app: App, environment: AbstractMapping[str, str]) -> bool:
    """Whether in an environment more may be set than could be read."""
    if not app.unread or app.unread_when is None:
        return bool(app.unread)
    try:
        return truth(app.unread_when, environment)
    except (UndeterminedError, WouldRaiseError):
        return True


def default(app: App, name: str) -> object:
    """Celery's default, by the tables. Raises UndeterminedError for a setting that has none."""
    found = facts.setting(name, app.declared.version)
    if found is None or not found.listed:
        raise UndeterminedError("a setting without a listed default")
    if isinstance(found.default, tuple) and found.default[:1] == ("timedelta",):
        from datetime import timedelta

        return timedelta(seconds=found.default[1])
    return normal(found.default)


def normal(value: object) -> object:
    """A form in which lists and tuples, sets and frozensets compare as equal, and constants are what they are."""
    if isinstance(value, str) and value.startswith(_MARK):
        return CONSTANTS[value.removeprefix(_MARK)]
    if isinstance(value, (list, tuple)):
        return tuple(normal(item) for item in value)
    if isinstance(value, (set, frozenset)):
        return frozenset(normal(item) for item in value)
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    return value


def same(claimed: object, real: object) -> bool:
    """Whether a claim agrees with a real value: equal, and of one type as far as bool, int and text go."""
    if isinstance(real, Opaque):
        return real.value is not None and claimed == real
    return claimed == real and isinstance(claimed, bool) == isinstance(real, bool)
