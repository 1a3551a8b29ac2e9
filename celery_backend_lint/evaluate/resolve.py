"""What a value comes to in a given environment, as a plain Python object."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import may_be_missing
from celery_backend_lint.evaluate.environment.casts import UndeterminedError, WouldRaiseError, cast_text
from celery_backend_lint.evaluate.operations import apply
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Duration,
    Environment,
    Function,
    Instance,
    Literal,
    Mapping,
    Missing,
    Module,
    Operation,
    Sequence,
    Text,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Mapping as AbstractMapping
    from typing import Any

    from celery_backend_lint.evaluate.values import Alternative, Value

__all__ = ["UndeterminedError", "WouldRaiseError", "cast_text", "chosen", "resolve", "truth"]

MOST_PROXIES = 20
"""How many variables may name each other (django-environ)."""


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
        if not value.complete and (value.open_when is None or truth(value.open_when, environment)):
            raise UndeterminedError("not every key could be read")
        pairs = []
        for entry in value.entries:
            held = entry.value
            while isinstance(held, Choice):
                held = chosen(held, environment)
            if not isinstance(held, Missing):
                pairs.append((resolve(entry.key, environment), resolve(held, environment)))
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
    if isinstance(value, Choice):
        return _truth_of_choice(value, environment)
    if isinstance(value, (Function, Module)) or (
        isinstance(value, Class) and b"metaclass" not in (value.node.text or b"")
    ):
        return True
    if isinstance(value, Instance):
        from celery_backend_lint.evaluate.objects.builtins_on_objects import truth as truth_of_object

        held = truth_of_object(value)
        if held is not None:
            return held if isinstance(held, bool) else truth(held, environment)
    if isinstance(value, (Sequence, Mapping)):
        entries: tuple[Any, ...] = value.items if isinstance(value, Sequence) else value.entries
        if (entries or value.complete) and not (isinstance(value, Mapping) and _may_be_empty(value)):
            return bool(entries)
    return bool(resolve(value, environment))


def _truth_of_choice(choice: Choice, environment: AbstractMapping[str, str] | None) -> bool:
    """The truth of ``a or b`` and ``a and b`` is asked of ``a`` once, though it is condition and outcome: each part of
    a long chain would double the work.
    """
    own = [_says_of_itself(one) for one in choice.alternatives]
    for alternative, says in zip(choice.alternatives, own, strict=True):
        try:
            holds = alternative.condition is None or truth(alternative.condition, environment)
        except UndeterminedError:
            # Which outcome it is cannot be said; where all are true, or none is, that does not matter.
            common = _common_truth(choice, environment) if says is None else None
            if common is None:
                raise
            return common
        if holds:
            return truth(alternative.value, environment) if says is None else says
    raise UndeterminedError("no alternative holds")


def _says_of_itself(alternative: Alternative) -> bool | None:
    """The truth of an outcome that holds just where it has that truth; None of another."""
    condition = alternative.condition
    if condition is alternative.value:
        return True
    negated = isinstance(condition, Operation) and condition.operator == "not"
    return False if negated and condition.operands[0] is alternative.value else None  # type: ignore[union-attr]


def _common_truth(choice: Choice, environment: AbstractMapping[str, str] | None) -> bool | None:
    """The truth that all outcomes have in common, None where there is none."""
    try:
        truths = {truth(one.value, environment) for one in choice.alternatives}
    except WouldRaiseError:
        raise UndeterminedError("whether an outcome that may hold raises") from None
    return truths.pop() if len(truths) == 1 else None


def _may_be_empty(mapping: Mapping) -> bool:
    """Whether each entry of a dict that has some is there in some outcomes only."""
    return bool(mapping.entries) and all(may_be_missing(entry.value) for entry in mapping.entries)


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
    if name == "any variable":
        if environment is None:
            raise UndeterminedError("which variables are set")
        return any(one.startswith(str(resolve(value.operands[0], environment))) for one in environment)
    if name == "and":
        return all(truth(operand, environment) for operand in value.operands)
    if name == "not":
        return not truth(value.operands[0], environment)
    if name == "or":
        return any(truth(operand, environment) for operand in value.operands)
    operands = [resolve(operand, environment) for operand in value.operands]
    try:
        return apply(name, operands)
    except UndeterminedError:
        raise
    except Exception as error:
        if isinstance(error, ValueError) and str(error) == "too large":
            raise UndeterminedError("too large to compute") from None
        raise WouldRaiseError(f"{type(error).__name__} in {name}") from None


def _as_text(part: Any) -> str:
    return part if isinstance(part, str) else str(part)


def _sequence(kind: str, items: Iterable[Any]) -> Any:
    makers: dict[str, Callable[[Iterable[Any]], Any]] = {
        "list": list, "tuple": tuple, "set": set, "frozenset": frozenset
    }  # fmt: skip
    if kind not in makers:
        raise UndeterminedError(f"an object that is a {kind}")
    try:
        return makers[kind](items)
    except TypeError:
        raise WouldRaiseError("an item of a set cannot be hashed") from None


def _read(value: Environment, environment: AbstractMapping[str, str] | None, proxies: int = 0) -> Any:
    if environment is None:
        raise UndeterminedError(f"the environment variable {value.variable}")
    reader, _, option = value.reader.partition(" ")
    for variable in value.variables:
        if option == "files" and f"{variable}_FILE" in environment:
            raise UndeterminedError(f"the file that {variable}_FILE names")
        text = environment.get(variable)
        if text is None and not value.case_sensitive:
            text = next((held for name, held in environment.items() if name.lower() == variable.lower()), None)
        if text is not None:
            if option == "expand" and "$" in text:
                raise UndeterminedError("the variable's text names another variable")
            if reader == "environ":
                return _read_environ(value, text, environment, proxies)
            return cast_text(text, value.cast, value.reader)
    if value.default is None:
        raise WouldRaiseError(f"{value.variable} is not set", value.variable)
    return resolve(value.default, environment)


def _read_environ(value: Environment, text: str, environment: AbstractMapping[str, str], proxies: int) -> Any:
    """django-environ's ``Env.get_value`` (0.14) for a variable that is set."""
    default = value.default
    if text.startswith("$"):
        if value.reader != "environ" or value.cast not in ("str", "int", "bool") or proxies > MOST_PROXIES:
            raise UndeterminedError("the variable's text names another variable")
        other = Environment((text.lstrip("$"),), default, value.cast, value.reader, value.origin)
        found = _read(other, environment, proxies + 1)
        return None if found == "" and isinstance(default, Literal) and default.value is None else found
    if text == "" and isinstance(default, Literal) and default.value is None:
        return None
    if value.cast != "str" and isinstance(default, Literal) and text == default.value:
        return text  # what equals the default is left as it is
    return cast_text(text, value.cast, value.reader)
