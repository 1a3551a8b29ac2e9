"""How values flow: what a name holds after the statements that bind it, through branches, loops and handlers."""

from __future__ import annotations

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.alternatives import combine
from celery_backend_lint.evaluate.changed_elsewhere import is_same_object
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.values import Alternative, Choice, Missing, Operation, Unknown
from celery_backend_lint.syntax.python import location_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Branch, Path, Scope
    from celery_backend_lint.evaluate.values import Value


def flow_of(
    ev: Evaluator, bindings: list[Binding], depth: int, incoming: Value | None, reader: Path, scope: Scope
) -> Value | None:
    """What bindings leave behind, taken in order from the ``depth``-th branch of their paths on.

    ``incoming`` is what was held before them, ``reader`` the branches that whoever asks stands in: of those he sees
    his own arm only.
    """
    value = incoming
    index = 0
    while index < len(bindings):
        binding = bindings[index]
        if len(binding.path) <= depth:
            value = _after(ev, binding, value, scope)
            if value is not None:
                value = ev.bounded(value, binding.target, scope)
            index += 1
            continue
        branch = binding.path[depth][0]
        stop = index
        while stop < len(bindings) and len(bindings[stop].path) > depth and bindings[stop].path[depth][0] is branch:
            stop += 1
        group, index = bindings[index:stop], stop
        if len(reader) > depth and reader[depth][0] is branch:
            if branch.kind == "loop" and _comes_round(group, depth):
                value = Unknown("it is set in a loop", ev.location(group[0].target, scope))
                continue
            mine = [b for b in group if b.path[depth][1] == reader[depth][1]]
            value = flow_of(ev, mine, depth + 1, value, reader, scope)
        else:
            value = _merge(ev, branch, group, depth, value, scope)
    return value


def _comes_round(group: list[Binding], depth: int) -> bool:
    """Whether an earlier round of a loop may have set a name that is read in its body."""
    first = group[0]
    if first.kind in ("assign", "loop", "import", "from", "def", "class") and len(first.path) == depth + 1:
        return False
    return first.path[depth][1] == 0


def _merge(
    ev: Evaluator, branch: Branch, group: list[Binding], depth: int, incoming: Value | None, scope: Scope
) -> Value | None:
    origin = location_of(scope.file.source, group[0].target)
    if branch.kind == "loop":
        return _after_loop(ev, branch, group, depth, incoming, scope)
    alternatives: list[Alternative] = []
    for number, arm in enumerate(branch.arms):
        if arm.exits:
            continue
        mine = [b for b in group if b.path[depth][1] == number]
        before = incoming
        if number > 0 and branch.kind == "try" and not branch.simple and group[0].path[depth][1] == 0 and not (
            branch.steps and branch.steps[0].type.startswith("import")
            and fails_at_once(ev, branch, incoming, scope)
        ):  # fmt: skip
            before = Unknown("whether an exception came before it was set", origin)
        value = flow_of(ev, mine, depth + 1, before, (), scope) if mine else before
        when = condition(ev, branch, number, value, scope)
        if when is not None:
            said = decided(when)
            if said is False:
                continue
            if said is True:
                when = None
        alternatives.append(Alternative(Missing(origin) if value is None else value, when))
        if when is None:
            break
    return ev.bounded(combine(alternatives, origin), group[0].target, scope)


def _after_loop(
    ev: Evaluator, branch: Branch, group: list[Binding], depth: int, incoming: Value | None, scope: Scope
) -> Value | None:
    from celery_backend_lint.evaluate.loops import rounds_of

    origin = ev.location(group[0].target, scope)
    if not group[0].name:
        return Unknown("it is set in a loop", origin)
    rounds = rounds_of(ev, branch, scope)
    doubt: Alternative | None = None
    if rounds.why:
        unknown = Unknown(rounds.why, origin)
        if rounds.unset is None:
            return unknown
        rounds, when = rounds.unset
        doubt = Alternative(unknown, when)
    inside = any(binding.path[depth][1] == 0 for binding in group)
    value = rounds.read(ev, group[0].name) if inside else None
    if value is None:
        value = incoming
    otherwise = [binding for binding in group if binding.path[depth][1] == 1]
    if otherwise and not rounds.broken:
        value = flow_of(ev, otherwise, depth + 1, value, (), scope)
    if doubt is not None:
        value = combine([doubt, Alternative(Missing(origin) if value is None else value, None)], origin)
    return value


def condition(ev: Evaluator, branch: Branch, number: int, value: Value | None, scope: Scope) -> Value | None:
    """The condition under which an arm of a branch is taken once those before it are not; None for always."""
    arm = branch.arms[number]
    if branch.kind == "try":
        origin = ev.location(branch.node, scope)
        if number > 0:
            last = number == len(branch.arms) - 1
            return None if last else Unknown("which exception is raised", origin)
        if branch.steps is not None:
            from celery_backend_lint.evaluate.attempts import succeeds

            said = succeeds(ev, branch.steps, scope, origin)
            if said is not None:
                return said
        if branch.simple and value is not None:
            return Operation("succeeds", (value,), origin)
        return Unknown("whether an exception is raised", origin)
    if branch.kind == "match":
        return _pattern(ev, branch, number, scope)
    if arm.condition is None:
        return None
    return ev.value(arm.condition, scope)


def _pattern(ev: Evaluator, branch: Branch, number: int, scope: Scope) -> Value | None:
    pattern = branch.arms[number].pattern
    if pattern is None:
        return None
    from celery_backend_lint.evaluate.patterns import matches

    subject = branch.node.child_by_field_name("subject")
    return None if subject is None else matches(ev, pattern, ev.value(subject, scope), scope)


def _after(ev: Evaluator, binding: Binding, value: Value | None, scope: Scope) -> Value | None:
    """What a name holds after a binding, ``value`` being what it held before."""
    from celery_backend_lint.evaluate.bound_values import bound_value

    kind = binding.kind
    if kind == "annotate":
        return value
    if kind == "delete":
        return Missing(ev.location(binding.target, scope))
    if kind == "blur":
        origin = ev.location(binding.node, scope)
        why = f"{text_of(binding.node).partition('(')[0]}() may set it"
        outside = Unknown(why, origin)
        return outside if value is None else Choice((Alternative(outside, outside), Alternative(value, None)), origin)
    after = stars.after if kind in stars.KINDS else bound_value
    found = after(ev, binding, value, scope)
    # The same object again, imported once more: what changed it since has not gone.
    return value if is_same_object(found, value) else found


def fails_at_once(ev: Evaluator, branch: Branch, incoming: Value | None, scope: Scope) -> bool:
    """Whether the body of a ``try`` is known to raise."""
    said = condition(ev, branch, 0, incoming, scope)
    return said is not None and decided(said) is False


def decided(condition: Value) -> bool | None:
    """Whether a condition holds whatever the environment is; None when that depends or cannot be said."""
    try:
        return truth(condition, None)
    except (UndeterminedError, WouldRaiseError):
        return None
