"""What a value is while none of the variables that it hangs on is set: a loop over it can then be followed.

``for host in os.environ.get("HOSTS", "").split(","):`` has rounds that nobody knows where the variable is set, and
known ones where it is not.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.computation import from_plain
from celery_backend_lint.evaluate.environment.reads import set_in_environment
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, chosen, resolve
from celery_backend_lint.evaluate.values import (
    Choice,
    Environment,
    Literal,
    Operation,
    Sequence,
    Text,
    walk,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

MOST_VARIABLES = 8
"""How many variables a value may hang on."""


def while_unset(value: Value, origin: Location) -> tuple[Value, Value] | None:
    """A list or the like that ``value`` is while no variable is set, and the condition under which one is.

    None where it hangs on no variable, or is not known without them either.
    """
    names: set[str] = set()
    try:
        while isinstance(value, Choice):
            held = chosen(value, {})
            for alternative in value.alternatives:
                if alternative.condition is not None and not _collect(alternative.condition, names):
                    return None
                if alternative.value is held:
                    break
            value = held
        if isinstance(value, (Environment, Operation, Text)):
            if not _collect(value, names):
                return None
            value = from_plain(resolve(value, {}), origin)
    except (UndeterminedError, WouldRaiseError):
        return None
    if not isinstance(value, (Sequence, Literal)) or not 0 < len(names) <= MOST_VARIABLES:
        return None
    are_set = [set_in_environment(Literal(name, origin), origin) for name in sorted(names)]
    conditions = tuple(one for one in are_set if one is not None)
    return value, conditions[0] if len(conditions) == 1 else Operation("or", conditions, origin)


def _collect(value: Value, names: set[str]) -> bool:
    """Add the variables that a value reads to ``names``; False where another thing may change what it reads."""
    for one in walk(value):
        if isinstance(one, Environment):
            if not one.case_sensitive or " " in one.reader:
                return False
            names.update(one.variables)
        elif isinstance(one, Operation) and one.operator == "any variable":
            return False
    return True
