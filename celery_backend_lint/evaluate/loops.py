"""Loops and comprehensions over what is known, round by round, within a bound. Each round is a scope of its own, in
which the loop's variables hold one item; what a round does not set, it finds in the round before.
"""

from __future__ import annotations

from celery_backend_lint.evaluate import access
from celery_backend_lint.evaluate.flow import decided
from celery_backend_lint.evaluate.iteration import items_of
from celery_backend_lint.evaluate.scopes import Scope
from celery_backend_lint.evaluate.values import Alternative, Choice, Entry, Literal, Mapping, Sequence, Unknown
from celery_backend_lint.syntax.python import children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Branch
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

MOST_ROUNDS = 200
"""How many rounds of one loop are followed."""

MOST_READS = 4_000
"""How many names, over all rounds of a loop, are read."""

MOST_COMPREHENDED = 1_000
"""How many items a comprehension may make."""


_OPEN = "it is set in a loop"


class Rounds:
    """The rounds of a loop. ``why`` is not empty where they are not known, ``broken`` says that ``break`` ended them.

    ``ends`` holds for each round the offset where ``break`` or ``continue`` left it, None where it ran to its end.
    ``unset`` are, of rounds that are not known, those while no variable is set, with the condition that one is.
    """

    __slots__ = ("broken", "ends", "scopes", "unset", "why")

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.ends: list[int | None] = []
        self.broken = False
        self.why = ""
        self.unset: tuple[Rounds, Value] | None = None

    def read(self, ev: Evaluator, name: str) -> Value | None:
        """What ``name`` holds after the last round that sets it; None when none does."""
        for scope, end in zip(reversed(self.scopes), reversed(self.ends), strict=True):
            found = ev.read_plain(scope, name, end)
            if found is not None:
                return found
        return None


def rounds_of(ev: Evaluator, branch: Branch, scope: Scope) -> Rounds:
    """The rounds of the loop ``branch`` where it stands in ``scope``."""
    key = branch.node.start_byte
    known = scope.rounds.get(key)
    if known is None:
        known = scope.rounds[key] = Rounds()
        known.why = "it is set in a loop that refers to itself"
        known.why = _run(ev, branch.node, scope, known)
        if known.why == _OPEN and (right := branch.node.child_by_field_name("right")) is not None:
            known.unset = _rounds_while_unset(ev, branch.node, right, scope)
        if ev.is_forgetful:
            ev.forget(scope.rounds, key)
    return known


def scopes_at(ev: Evaluator, node: Node, scope: Scope) -> tuple[Scope, ...]:
    """The scopes that a node is run in: each round of the loop around it where they are known, else ``scope``."""
    loop = next((branch for branch, _ in scope.path_at(node.start_byte) if branch.kind == "loop"), None)
    rounds = rounds_of(ev, loop, scope) if loop is not None else None
    return tuple(rounds.scopes) if rounds is not None and rounds.scopes and not rounds.why else (scope,)


def _rounds_while_unset(ev: Evaluator, node: Node, right: Node, scope: Scope) -> tuple[Rounds, Value] | None:
    """The rounds of a loop while no variable is set, and the condition that one is."""
    from celery_backend_lint.evaluate.unset import while_unset

    found = while_unset(ev.value(right, scope), ev.location(right, scope))
    items = items_of(found[0]) if found is not None else None
    rounds = Rounds()
    if found is None or items is None or _run(ev, node, scope, rounds, items):
        return None
    return rounds, found[1]


def _run(ev: Evaluator, node: Node, scope: Scope, rounds: Rounds, items: tuple[Value, ...] | None = None) -> str:
    """Fill ``rounds``, which are over ``items`` where they are given; answers why they are not known, ``""`` when they
    are.
    """
    if any(child.type == "async" for child in node.children):
        return "it is set in an asynchronous loop"
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    condition = node.child_by_field_name("condition")
    if left is not None and right is not None:
        items = items_of(ev.value(right, scope)) if items is None else items
        if items is None:
            return _OPEN
        if len(items) > MOST_ROUNDS:
            return "it is set in a loop of too many rounds"
    elif condition is None:
        return _OPEN
    before = scope
    reads = 0
    while items is None or len(rounds.scopes) < len(items):
        if len(rounds.scopes) >= MOST_ROUNDS:
            return "it is set in a loop of too many rounds"
        parameters: dict[str, Value] = {}
        if items is not None and left is not None and not bind(ev, left, items[len(rounds.scopes)], before, parameters):
            return _OPEN
        inner = Scope("round", node, scope.file, before, parameters)
        if condition is not None:
            goes_on = decide(ev, condition, inner)
            if goes_on is None:
                return "it is set in a loop whose end is not known"
            if not goes_on:
                return ""
        reads += len(inner.bindings)
        if ev.has_worked_enough():
            return "it is set in a loop of too much work"
        if reads > MOST_READS or inner.stars or inner.blurs:
            return "it is set in a loop of too much work"
        rounds.scopes.append(inner)
        rounds.ends.append(None)
        for jump in inner.jumps:
            reached = is_reached(ev, jump, inner)
            if reached is None:
                rounds.scopes.pop()
                return "it is set in a loop whose end is not known"
            if reached:
                rounds.ends[-1] = jump.at
                rounds.broken = jump.kind == "break_statement"
                break
        inner.end = rounds.ends[-1]
        for name in inner.bindings:  # in order: no round then waits for all those before it
            ev.read_plain(inner, name, inner.end)
        if rounds.broken:
            return ""
        before = inner
    return ""


def decide(ev: Evaluator, condition: Node, scope: Scope) -> bool | None:
    """Whether a condition holds whatever the environment is; None when that cannot be said."""
    return decided(ev.value(condition, scope))


def is_reached(ev: Evaluator, place: Binding, scope: Scope) -> bool | None:
    """Whether the program comes to a statement of a scope, by the branches around it; None when it cannot be said."""
    for branch, number in place.path:
        if branch.kind != "if":
            return None
        for arm in branch.arms[:number]:
            held = decide(ev, arm.condition, scope) if arm.condition is not None else True
            if held is not False:
                return None if held is None else False
        condition = branch.arms[number].condition
        if condition is not None:
            held = decide(ev, condition, scope)
            if not held:
                return held
    return True


def bind(ev: Evaluator, target: Node, item: Value, scope: Scope, names: dict[str, Value]) -> bool:
    """Give the names of a loop's target their values; False for a target that is more than names."""
    if target.type == "identifier":
        names[text_of(target)] = item
        return True
    if target.type not in ("pattern_list", "tuple_pattern", "list_pattern"):
        return False
    parts = children_of(target)
    for position, part in enumerate(parts):
        if part.type == "list_splat_pattern":
            found = unpacked_rest(item, position, len(parts) - position - 1)
            if found is None or not part.named_children:
                return False
            names[text_of(part.named_children[0])] = found
        else:
            starred = any(other.type == "list_splat_pattern" for other in parts[:position])
            index = Literal(position - len(parts) if starred else position, item.origin)
            if not bind(ev, part, access.item(ev, as_sequence(item), index, item.origin), scope, names):
                return False
    return True


def as_sequence(value: Value) -> Value:
    """What unpacking goes through: a tuple of the items of anything that can be gone through."""
    items = items_of(value)
    return value if items is None else Sequence("tuple", items, value.origin)


def unpacked_rest(value: Value, before: int, after: int) -> Sequence | None:
    """The list that a starred target gets, with so many targets before and after it; None when it is not known."""
    items = items_of(value)
    if items is None or len(items) < before + after:
        return None
    return Sequence("list", items[before : len(items) - after], value.origin)


def comprehension(ev: Evaluator, node: Node, scope: Scope) -> Value:
    """The value of a comprehension or generator over what is known."""
    origin = ev.location(node, scope)
    body = node.child_by_field_name("body")
    clauses = [child for child in node.named_children if child.type in ("for_in_clause", "if_clause")]
    if body is None:
        return Unknown("an incomplete expression", origin)
    try:
        return _comprehended(ev, node, body, clauses, scope)
    except _NotKnownError as error:
        doubt = Unknown(str(error), origin)
    from celery_backend_lint.evaluate.unset import while_unset

    right = clauses[0].child_by_field_name("right") if clauses else None
    found = while_unset(ev.value(right, scope), origin) if right is not None else None
    if found is None:
        return doubt
    try:
        value = _comprehended(ev, node, body, clauses, scope, found[0])
    except _NotKnownError:
        return doubt
    return Choice((Alternative(doubt, found[1]), Alternative(value, None)), origin)


def _comprehended(
    ev: Evaluator, node: Node, body: Node, clauses: list[Node], scope: Scope, over: Value | None = None
) -> Value:
    """What the rounds of a comprehension make; ``over`` is what the first of its loops goes through, where given."""
    origin = ev.location(node, scope)
    kind = {"list_comprehension": "list", "set_comprehension": "set", "generator_expression": "iterator"}.get(node.type)
    items: list[Value] = []
    entries: list[Entry] = []
    for inner in _rounds(ev, node, clauses, scope, over):
        if kind is not None:
            items.append(ev.value(body, inner))
        else:
            key, value = body.child_by_field_name("key"), body.child_by_field_name("value")
            if key is None or value is None:
                return Unknown("an incomplete expression", origin)
            entries.append(Entry(ev.value(key, inner), ev.value(value, inner), ev.location(key, inner)))
        if len(items) + len(entries) > MOST_COMPREHENDED:
            return Unknown("a comprehension of too many items", origin)
    if kind is not None:
        return Sequence(kind, tuple(items), origin)
    return Mapping(tuple(entries), origin, all(isinstance(entry.key, Literal) for entry in entries))


class _NotKnownError(Exception):
    """A comprehension whose rounds are not known; the text says why."""


def _rounds(ev: Evaluator, node: Node, clauses: list[Node], scope: Scope, over: Value | None = None) -> Iterator[Scope]:
    if not clauses:
        yield scope
        return
    clause, rest = clauses[0], clauses[1:]
    if clause.type == "if_clause":
        held = decide(ev, parts[0], scope) if (parts := children_of(clause)) else None
        if held is None:
            raise _NotKnownError("which items a comprehension keeps")
        if held:
            yield from _rounds(ev, node, rest, scope)
        return
    left, right = clause.child_by_field_name("left"), clause.child_by_field_name("right")
    if left is None or right is None or clause.children[0].type == "async":
        raise _NotKnownError("a comprehension that is not followed")
    value = ev.value(right, scope) if over is None else over
    items = items_of(value, ordered=node.type != "set_comprehension")
    if items is None:
        raise _NotKnownError(value.why if isinstance(value, Unknown) else "what a comprehension goes through")
    for item in items:
        names: dict[str, Value] = {}
        if not bind(ev, left, item, scope, names):
            raise _NotKnownError("a comprehension that is not followed")
        yield from _rounds(ev, node, rest, Scope("round", node, scope.file, scope, names))
