"""What a value comes to in a given environment, as a plain Python object."""

from __future__ import annotations

from celery_backend_lint.evaluate.operations import apply
from celery_backend_lint.evaluate.values import (
    Choice,
    Duration,
    Environment,
    Literal,
    Mapping,
    Missing,
    Operation,
    Sequence,
    Text,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as AbstractMapping
    from typing import Any

    from celery_backend_lint.evaluate.values import Value


class UndeterminedError(Exception):
    """The value cannot be said; the text says why."""


class WouldRaiseError(Exception):
    """The program itself would raise here; ``variable`` names the missing variable where that is the reason."""

    def __init__(self, reason: str, variable: str = "") -> None:
        super().__init__(reason)
        self.variable = variable


_TRUE_WORDS = frozenset({"true", "on", "y", "yes", "1"})
_FALSE_WORDS = frozenset({"false", "off", "n", "no", "0", "f"})


def resolve(value: Value, environment: AbstractMapping[str, str] | None) -> Any:
    """The plain object that ``value`` is when the process environment is exactly ``environment``.

    With None nothing is known of the environment: every read of it is undetermined. Durations come as
    ``datetime.timedelta``. Raises UndeterminedError where nothing can be said and WouldRaiseError where the program
    would fail, a required variable that is not set included.
    """
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Environment):
        return _read(value, environment)
    if isinstance(value, Text):
        return "".join(_as_text(resolve(part, environment)) for part in value.parts)
    if isinstance(value, Choice):
        return resolve(chosen(value, environment), environment)
    if isinstance(value, Operation):
        return _operate(value, environment)
    if isinstance(value, Sequence):
        if not value.complete:
            raise UndeterminedError("not every item could be read")
        items = [resolve(item, environment) for item in value.items]
        return _sequence(value.kind, items)
    if isinstance(value, Mapping):
        if not value.complete:
            raise UndeterminedError("not every key could be read")
        pairs = [(resolve(entry.key, environment), resolve(entry.value, environment)) for entry in value.entries]
        try:
            return dict(pairs)
        except TypeError:
            raise WouldRaiseError("a dict key cannot be hashed") from None
    if isinstance(value, Duration):
        from datetime import timedelta

        try:
            return timedelta(seconds=value.seconds)
        except (ValueError, OverflowError):
            raise WouldRaiseError("a duration that is no number of days") from None
    if isinstance(value, Missing):
        raise WouldRaiseError("the name is not set")
    if isinstance(value, Unknown):
        raise UndeterminedError(value.why)
    raise UndeterminedError("not a plain value")


def chosen(choice: Choice, environment: AbstractMapping[str, str] | None) -> Value:
    """The alternative that holds in ``environment``. Raises UndeterminedError when a condition before it cannot be
    said.
    """
    for alternative in choice.alternatives:
        if alternative.condition is None or truth(alternative.condition, environment):
            return alternative.value
    raise UndeterminedError("no alternative holds")


def truth(value: Value, environment: AbstractMapping[str, str] | None) -> bool:
    """Whether a condition holds in ``environment``; raises as :func:`resolve` does."""
    if isinstance(value, (Sequence, Mapping)):
        entries: tuple[Any, ...] = value.items if isinstance(value, Sequence) else value.entries
        if entries or value.complete:
            return bool(entries)
    return bool(resolve(value, environment))


def _operate(value: Operation, environment: AbstractMapping[str, str] | None) -> Any:
    name = value.operator
    if name == "succeeds":
        try:
            for operand in value.operands:
                if not isinstance(operand, Missing):
                    resolve(operand, environment)
        except WouldRaiseError:
            return False
        return True
    if name == "and":
        return all(truth(operand, environment) for operand in value.operands)
    if name == "or":
        return any(truth(operand, environment) for operand in value.operands)
    operands = [resolve(operand, environment) for operand in value.operands]
    try:
        return apply(name, operands)
    except Exception as error:
        if isinstance(error, ValueError) and str(error) == "too large":
            raise UndeterminedError("too large to compute") from None
        raise WouldRaiseError(f"{type(error).__name__} in {name}") from None


def _as_text(part: Any) -> str:
    return part if isinstance(part, str) else str(part)


def _sequence(kind: str, items: Iterable[Any]) -> Any:
    try:
        return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](items)
    except TypeError:
        raise WouldRaiseError("an item of a set cannot be hashed") from None


def _read(value: Environment, environment: AbstractMapping[str, str] | None) -> Any:
    if environment is None:
        raise UndeterminedError(f"the environment variable {value.variable}")
    for variable in value.variables:
        text = environment.get(variable)
        if text is None and not value.case_sensitive:
            text = next((held for name, held in environment.items() if name.lower() == variable.lower()), None)
        if text is not None:
            return cast_text(text, value.cast)
    if value.default is None:
        raise WouldRaiseError(f"{value.variable} is not set", value.variable)
    return resolve(value.default, environment)


def cast_text(text: str, cast: str) -> Any:
    """What a reader makes of a variable's text; ``cast`` as in Environment. Raises as :func:`resolve` does."""
    try:
        if cast == "str":
            return text
        if cast == "int":
            return int(text)
        if cast == "float":
            return float(text)
        if cast == "bool":
            word = text.lower()
            if word in _TRUE_WORDS:
                return True
            if word in _FALSE_WORDS:
                return False
            raise UndeterminedError("a word that readers of truth values take differently")
        if cast == "list":
            return [item for item in text.split(",") if item]
        if cast == "json":
            import json

            return json.loads(text)
    except ValueError:
        raise WouldRaiseError(f"the variable's text is no {cast}") from None
    raise UndeterminedError(f"what the cast {cast} makes of the text")
