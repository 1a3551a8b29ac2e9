"""What a value is while no variable is set, for people to read: text with what is known in it, and where it is from."""

from __future__ import annotations

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve, truth
from celery_backend_lint.evaluate.values import (
    PLACE,
    Choice,
    Environment,
    External,
    Literal,
    Missing,
    Operation,
    Text,
    Unknown,
    leaves,
    walk,
)
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.variable_evidence import VariableEvidence


@record
class Held:
    """A value as it holds: ``plain`` is the object, or text with ``{VARIABLE}`` for what only the environment knows.

    ``known`` is False where even that cannot be said; then ``plain`` is None. ``source`` is the JSON report's:
    literal, default, environment, unknown. ``variable`` is the variable read, the first without default if any.
    """

    plain: Any
    known: bool
    source: str
    variable: str | None
    origin: Location


AMBIENT_READERS = frozenset({"flask"})
"""Readers of whatever variables have a prefix (Flask's ``from_prefixed_env``): these may beat a value that the project
sets, and are no part of it."""

_STRENGTH = {"literal": 0, "default": 1, "environment": 2, "unknown": 3}


def hold(value: Value, said: VariableEvidence | None, near: str) -> Held:
    """What ``value`` is while no variable is set; a required variable holds what the repository says, for the code
    at ``near``.
    """
    if isinstance(value, Literal):
        return Held(value.value, True, "literal", None, value.origin)
    if isinstance(value, Missing):
        return Held(None, True, "default", None, value.origin)
    if isinstance(value, Environment):
        return _environment(value, said, near)
    if isinstance(value, Text):
        return _text(value, said, near)
    if isinstance(value, Choice):
        return _choice(value, said, near)
    if isinstance(value, Operation):
        variable = next(variables(value), None)
        try:
            plain = resolve(value, {})
        except WouldRaiseError:
            return Held(None, False, "environment", variable.variable if variable else None, value.origin)
        except UndeterminedError:
            return _unknown(value.origin)
        return Held(plain, True, _source_of(value), variable.variable if variable else None, value.origin)
    if isinstance(value, External):
        return Held(value.name, False, "literal", None, value.origin)
    if isinstance(value, Unknown):
        # where the project stands is not the environment's to say
        return Held(None, False, "literal" if value.why == PLACE else "unknown", None, value.origin)
    try:
        return Held(resolve(value, {}), True, _source_of(value), None, value.origin)
    except (UndeterminedError, WouldRaiseError):
        return _unknown(value.origin)


def _unknown(origin: Location) -> Held:
    return Held(None, False, "unknown", None, origin)


def _environment(value: Environment, said: VariableEvidence | None, near: str) -> Held:
    if value.default is not None:
        inner = hold(value.default, said, near)
        given = not (isinstance(value.default, Literal) and value.default.value is None)
        source = "default" if given and inner.source in ("literal", "default") else inner.source
        if not given:
            source = "environment"
        variable = inner.variable if inner.source == "environment" and inner.variable else value.variable
        return Held(inner.plain, inner.known, source, variable, inner.origin if given and inner.known else value.origin)
    text = evidence(value, said, near)
    return Held(text, text is not None, "environment", value.variable, value.origin)


def evidence(value: Environment, said: VariableEvidence | None, near: str) -> str | None:
    """What the repository says that a variable holds for the code at ``near``; None when nothing says anything."""
    best = said.best(value, near) if said is not None else None
    return best.value if best is not None else None


def _text(value: Text, said: VariableEvidence | None, near: str) -> Held:
    parts: list[str] = []
    source = "literal"
    variable: str | None = None
    known = True
    for part in value.parts:
        inner = hold(part, said, near)
        if _STRENGTH[inner.source] > _STRENGTH[source]:
            source = inner.source
            variable = inner.variable or variable
        variable = variable or inner.variable
        if isinstance(part, Environment) and part.default is None:
            parts.append(f"{{{part.variable}}}")
        elif inner.known:
            parts.append(str(inner.plain))
        else:
            parts.append("{…}")
    first = hold(value.parts[0], said, near)
    if isinstance(value.parts[0], Environment) and value.parts[0].default is None:
        # ``os.environ["SCHEME"] + "://…"``: what is put before is what decides.
        known = first.known
        if known:
            parts[0] = str(first.plain)
    elif not first.known:
        known = False
    return Held("".join(parts) if known else None, known, source, variable, value.origin)


def _choice(value: Choice, said: VariableEvidence | None, near: str) -> Held:
    taken: list[Value] = []
    for alternative in value.alternatives:
        if alternative.condition is None:
            taken.append(alternative.value)
            break
        try:
            if truth(alternative.condition, {}):
                taken.append(alternative.value)
                break
        except UndeterminedError:
            taken.append(alternative.value)
        except WouldRaiseError:
            taken.append(alternative.value)
            if _holds_where_set(alternative.condition):
                break
    if not taken:
        return _unknown(value.origin)
    chosen = hold(taken[0], said, near)
    if len(taken) > 1:
        # One after the other, up to the first that differs: what is left may be a long chain of such choices.
        same = chosen.known and all(
            one.known and one.plain == chosen.plain and one.source == chosen.source
            for one in (hold(other, said, near) for other in taken[1:] if other is not taken[0])
        )
        return chosen if same else _unknown(value.origin)
    reads = [read for one in value.alternatives for read in variables(one.value) if read.reader not in AMBIENT_READERS]
    if reads:
        asked = set(
            _asked(value)
        )  # ``getenv("X") or "…"``: X may replace what holds; what another branch reads may not
        reads = [read for read in reads if asked.intersection(read.variables)]
    if reads and chosen.known and chosen.source == "literal":
        source = "environment" if chosen.plain is None else "default"
        return Held(chosen.plain, True, source, reads[0].variable, chosen.origin)
    if reads and chosen.known and chosen.source == "default" and chosen.variable is None:
        return Held(chosen.plain, True, "environment", reads[0].variable, reads[0].origin)
    return chosen


def _holds_where_set(condition: Value) -> bool:
    """Whether a condition that needs a required variable is true with whatever text it has: ``value is not None``.

    An empty text is left out: what a variable that must be set holds is something.
    """
    if isinstance(condition, Environment):
        return condition.required
    if not isinstance(condition, Operation) or condition.operator != "is not":
        return False
    last = condition.operands[-1]
    return isinstance(last, Literal) and last.value is None


def _asked(value: Value) -> Iterator[str]:
    """The variables that the conditions of a value ask for. Conditions of a chain share most of what is in them."""
    left = [value]
    conditions: list[Value] = []
    while left:
        one = left.pop()
        if isinstance(one, Choice):
            left.extend(alternative.value for alternative in one.alternatives)
            conditions.extend(each.condition for each in one.alternatives if each.condition is not None)
    for part in walk(Operation("or", tuple(conditions), value.origin)):
        yield from part.variables if isinstance(part, Environment) else ()


def _source_of(value: Value) -> str:
    reads = list(variables(value))
    if not reads:
        return "literal"
    without = [r for r in reads if r.default is None or (isinstance(r.default, Literal) and r.default.value is None)]
    return "environment" if without else "default"


def variables(value: Value) -> Iterator[Environment]:
    """Every read of the environment inside a value, defaults of other reads included, conditions not.

    Choices that share an alternative are gone through once: chains of them have more paths than can be counted.
    """
    left, seen = [value], set()
    while left:
        one = left.pop()
        inner: tuple[Value, ...] = ()
        if isinstance(one, Environment):
            yield one
            inner = (one.default,) if one.default is not None else ()
        elif isinstance(one, Text):
            inner = one.parts
        elif isinstance(one, Operation):
            inner = one.operands
        elif isinstance(one, Choice) and id(one) not in seen:
            seen.add(id(one))
            inner = tuple(alternative.value for alternative in one.alternatives)
        left.extend(reversed(inner))


def outcomes(value: Value) -> Iterator[Value]:
    """Every outcome of a value: the leaves of its Choices, and the defaults of reads beside the reads themselves."""
    for leaf in leaves(value):
        yield leaf
        if isinstance(leaf, Environment) and leaf.default is not None:
            yield from outcomes(leaf.default)


def known_start(value: Text, said: VariableEvidence | None, near: str) -> str:
    """The parts of a text up to the first that is not known; the repository says what variables hold."""
    start = ""
    for part in value.parts:
        held = hold(part, said, near)
        if not held.known:
            break
        start += str(held.plain)
    return start


def leading_text(value: Value) -> str | None:
    """The constant text that a value starts with, enough to tell a URL's scheme; None when it starts otherwise."""
    if isinstance(value, Literal):
        return value.value if isinstance(value.value, str) else None
    if isinstance(value, Text) and isinstance(value.parts[0], Literal):
        return str(value.parts[0].value)
    return None
