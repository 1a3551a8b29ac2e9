"""The value of a setting in words: its outcomes, each with when it holds. Every text here is masked."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Missing, Operation, Unknown, parts_of
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.model import facts
from celery_backend_lint.model.condition_words import when
from celery_backend_lint.model.outcomes import outcomes as outcomes_of
from celery_backend_lint.record import record
from celery_backend_lint.report.show import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.data import Version

MOST_OUTCOMES = 50
"""How many outcomes of one value are shown; a value may have very many where conditions follow each other."""

MOST_TEXT = 2_000
"""Characters of one value that are shown: a generated schedule has megabytes."""


@record
class Outcome:
    """One outcome of a value: ``text``, and ``when`` it holds ("" for always). ``why_unknown`` is "" where it is known.

    ``default`` says that nothing is set in this outcome, so that Celery's default holds.
    """

    text: str
    when: str = ""
    why_unknown: str = ""
    default: bool = False


def outcomes(value: Value, name: str, version: Version) -> tuple[Outcome, ...]:
    """The outcomes of a setting's value in the order in which they are tried, each with when it holds."""
    found: dict[Outcome, None] = {}
    for leaf, condition in outcomes_of(value):
        if len(found) == MOST_OUTCOMES:
            found[Outcome("…", "in still other cases")] = None
            break
        found[_outcome(leaf, _words(condition), name, version)] = None
    told = tuple(found)
    if len(told) > 1:
        told = tuple(one if one.when else Outcome(one.text, "otherwise", one.why_unknown, one.default) for one in told)
    if len({(one.text, one.why_unknown) for one in told}) == 1:  # one outcome, whatever decides
        return (Outcome(told[0].text, "", told[0].why_unknown, told[0].default),)
    return told


def _outcome(value: Value, condition: str, name: str, version: Version) -> Outcome:
    if isinstance(value, Missing):
        default = default_in_words(name, version)
        return Outcome(f"{default} (Celery's default)" if default else "Celery's default", condition, default=True)
    why = next((part.why for part in parts_but_conditions(value) if isinstance(part, Unknown)), "")
    return Outcome(shortened(show(value, name)), condition, mask(why))


def _words(condition: Value | None) -> str:
    """When an outcome holds: what is known of it first, then what it depends on."""
    joined = list(_conjuncts(condition)) if condition is not None else []
    known = [one for one in joined if not isinstance(one, Unknown)]
    words = (
        [holds(mask(when(known[0] if len(known) == 1 else Operation("and", tuple(known), known[0].origin))))]
        if known
        else []
    )
    words += dict.fromkeys(f"depending on {mask(one.why)}" for one in joined if isinstance(one, Unknown))
    return ", ".join(words)


def _conjuncts(condition: Value) -> Iterator[Value]:
    if isinstance(condition, Operation) and condition.operator == "and":
        for one in condition.operands:
            yield from _conjuncts(one)
    else:
        yield condition


def holds(words: str) -> str:
    """The words of a condition as a clause."""
    return words if words == "otherwise" else f"where {words}" if words == "the code decides so" else f"when {words}"


def default_in_words(name: str, version: Version) -> str:
    """Celery's default of a setting as Python writes it, "" where Celery lists none."""
    found = facts.setting(name, version)
    if found is None or not found.listed:
        return ""
    if isinstance(found.default, tuple) and found.default[:1] == ("timedelta",):
        return f"{found.default[1]:g} seconds"
    return repr(list(found.default) if isinstance(found.default, tuple) else found.default)


def shortened(text: str) -> str:
    """A masked text, cut where it is too long to be read."""
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}… ({len(text)} characters)"


def parts_but_conditions(value: Value) -> Iterator[Value]:
    """The outcomes of a value and what they are made of, conditions left out."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, Choice):
            left.extend(alternative.value for alternative in one.alternatives)
        elif not isinstance(one, Missing):
            yield one
            left.extend(parts_of(one))
