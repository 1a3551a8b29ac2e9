"""Following a call of a function of the project: parameters bound, returns collected. Nothing is run."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import MOST_OUTCOMES, combine, distribute, filled, may_be_missing
from celery_backend_lint.evaluate.flow import decided
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.scopes import Scope
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Literal,
    Mapping,
    Operation,
    Sequence,
    Unknown,
    has_more_outcomes,
)
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Branch
    from celery_backend_lint.evaluate.values import Function, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

_TRANSPARENT = frozenset(
    {"lru_cache", "cache", "property", "cached_property", "computed_field", "staticmethod", "classmethod", "wraps",
     "abstractmethod", "override", "no_type_check", "typechecked", "alru_cache", "singleton", "field_validator",
     "validator", "model_validator", "root_validator"}
)  # fmt: skip
"""Decorators, by their last name, that leave what a function returns as it is."""


def changing_decorator(function: Function) -> str:
    """The outermost decorator that may make another function of one, by its last name; "" where there is none."""
    names = (classes.decorator_name(decorator) for decorator in classes.decorators(function))
    return next((name for name in names if name not in _TRANSPARENT), "")


def follow(ev: Evaluator, function: Function, arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """What a call returns; Unknown for what cannot be followed (coroutines, generators, decorators that may change
    it).
    """
    several = _imported_by(function, arguments)
    if several is not None:
        position, choice = several
        return distribute(
            choice,
            origin,
            lambda one: follow(
                ev, function, [*arguments[:position], one, *arguments[position + 1 :]], keywords, origin
            ),
        )
    names = {classes.decorator_name(decorator) for decorator in classes.decorators(function)}
    changing = changing_decorator(function)
    if changing:
        return Unknown(f"the decorator {changing} may change the result", origin)
    body = function.node.child_by_field_name("body")
    if function.node.type != "lambda":
        if any(child.type == "async" for child in function.node.children):
            return Unknown("a coroutine", origin)
        if body is not None and b"yield" in (body.text or b""):
            return Unknown("a generator", origin)
    scope = call_scope(ev, function, arguments, keywords)
    alternatives = _returned(ev, scope, scope.returns, 0)
    if scope.ends and (not alternatives or alternatives[-1].condition is not None):
        alternatives.append(Alternative(Literal(None, origin), None))
    if not alternatives:
        return Unknown("a function that raises an exception", origin)
    found = combine(alternatives, origin)
    return found if names & _CACHED else _made_by_call(found, function, origin)


_CACHED = frozenset({"lru_cache", "cache", "cached_property", "alru_cache", "singleton"})


def _made_by_call(value: Value, function: Function, origin: Location) -> Value:
    """A list or dict that a function's own text makes: each call makes another."""
    if isinstance(value, Choice):
        if has_more_outcomes(value, MOST_OUTCOMES):
            return value
        return distribute(value, value.origin, lambda one: _made_by_call(one, function, origin))
    if isinstance(value, (Mapping, Sequence)) and value.made_at is None:
        place, body = value.origin, function.origin.path
        span = _lines(function)
        if place.path == body and span[0] <= place.span.line <= span[1]:
            if isinstance(value, Mapping):
                return Mapping(value.entries, place, value.complete, value.changed, origin)
            return Sequence(value.kind, value.items, place, value.complete, value.changed, origin)
    return value


def _lines(function: Function) -> tuple[int, int]:
    """The first and last line of a function's body."""
    body = function.node.child_by_field_name("body")
    node = function.node if body is None else body
    return node.start_point[0] + 1, node.end_point[0] + 1


def _imported_by(function: Function, arguments: list[Value]) -> tuple[int, Choice] | None:
    """The argument of a function that imports by name where that name is one of several: each is followed by itself,
    since what the function cuts it into belongs together.
    """
    text = function.node.text or b""
    if b"import_module" not in text and b"import_string" not in text and b"__import__" not in text:
        return None
    return next(((number, one) for number, one in enumerate(arguments) if isinstance(one, Choice)), None)


def call_scope(ev: Evaluator, function: Function, arguments: list[Value], keywords: list[Entry]) -> Scope:
    """The scope of a function's body for one call."""
    parameters = bind_arguments(ev, function, arguments, keywords)
    return Scope("function", function.node, function.scope.file, function.scope, parameters, ev.site)


def _returned(ev: Evaluator, scope: Scope, returns: list[Binding], depth: int) -> list[Alternative]:
    alternatives: list[Alternative] = []
    index = 0
    while index < len(returns):
        first = returns[index]
        if len(first.path) <= depth:
            alternatives.append(Alternative(_return_value(ev, scope, first), None))
            return alternatives
        branch = first.path[depth][0]
        stop = index
        while stop < len(returns) and len(returns[stop].path) > depth and returns[stop].path[depth][0] is branch:
            stop += 1
        group, index = returns[index:stop], stop
        skipped: list[Value] = []
        origin = ev.location(branch.node, scope)
        if branch.kind == "loop":
            alternatives.extend(_returned_from_loop(ev, branch, group, depth, scope))
            if alternatives and alternatives[-1].condition is None:
                return alternatives
            continue
        for number, arm in enumerate(branch.arms):
            mine = [one for one in group if one.path[depth][1] == number]
            inner = _returned(ev, scope, mine, depth + 1) if mine else []
            value = combine(inner, origin) if inner else None
            condition = ev.condition(branch, number, value, scope)
            said = None if condition is None else decided(condition)
            if said is False:
                continue
            if said is True:
                condition = None
            if not inner:
                if not arm.exits:
                    skipped.append(Literal(True, origin) if condition is None else condition)
                continue
            if inner[-1].condition is not None and not arm.exits:
                value = Unknown("a function that returns here or goes on", origin)
            for one in skipped:
                negated = Operation("not", (one,), origin)
                condition = negated if condition is None else Operation("and", (negated, condition), origin)
            if value is not None:
                alternatives.append(Alternative(value, condition))
            if condition is None:
                return alternatives
    return alternatives


def _returned_from_loop(
    ev: Evaluator, branch: Branch, group: list[Binding], depth: int, scope: Scope
) -> list[Alternative]:
    """What the rounds of a loop return, each under its condition; the last has none when one returns for certain."""
    from celery_backend_lint.evaluate.loops import rounds_of

    origin = ev.location(branch.node, scope)
    rounds = rounds_of(ev, branch, scope)
    otherwise = [one for one in group if one.path[depth][1] == 1]
    found: list[Alternative] = []
    if rounds.why:
        doubt = Unknown("a value returned from a loop", origin)
        if rounds.unset is None:
            return [Alternative(doubt, Unknown("whether a loop returns", origin))]
        rounds, when = rounds.unset
        found.append(Alternative(doubt, when))
    for inner, end in zip(rounds.scopes, rounds.ends, strict=True):
        found.extend(_returned(ev, inner, [one for one in inner.returns if end is None or one.at < end], 0))
        if found and found[-1].condition is None:
            return found
    return found if rounds.broken else [*found, *_returned(ev, scope, otherwise, depth + 1)]


def _return_value(ev: Evaluator, scope: Scope, returned: Binding) -> Value:
    if returned.node.type == "return_statement":
        return Literal(None, ev.location(returned.node, scope))
    return ev.value(returned.node, scope)


def parameter_names(node: Node) -> list[tuple[str, str, Node | None]]:
    """The parameters of a function: name, kind (``""``, ``"*"``, ``"**"``), node of the default."""
    parameters = node.child_by_field_name("parameters")
    found: list[tuple[str, str, Node | None]] = []
    for child in parameters.named_children if parameters is not None else ():
        kind = child.type
        if kind == "identifier":
            found.append((text_of(child), "", None))
        elif kind in ("default_parameter", "typed_default_parameter"):
            name = child.child_by_field_name("name")
            if name is not None:
                found.append((text_of(name), "", child.child_by_field_name("value")))
        elif kind == "typed_parameter" and child.named_children:
            inner = child.named_children[0]
            star = {"list_splat_pattern": "*", "dictionary_splat_pattern": "**"}.get(inner.type, "")
            found.append((text_of(inner).lstrip("*"), star, None))
        elif kind in ("list_splat_pattern", "dictionary_splat_pattern"):
            found.append((text_of(child).lstrip("*"), "*" if kind[0] == "l" else "**", None))
        elif kind == "keyword_separator":
            found.append(("", "*", None))
    return found


def bind_arguments(
    ev: Evaluator, function: Function, arguments: list[Value], keywords: list[Entry]
) -> dict[str, Value]:
    """The value of each parameter of a function for these arguments; Unknown for those that are not passed."""
    bound: dict[str, Value] = {}
    positional = list(arguments)
    named = {entry.key.value: entry.value for entry in keywords if isinstance(entry.key, Literal)}
    open_call = any(not isinstance(entry.key, Literal) for entry in keywords)
    only_named = False
    for name, kind, default in parameter_names(function.node):
        if kind == "*":
            only_named = True
            if name:
                bound[name] = Sequence("tuple", tuple(positional), function.origin)
                positional = []
        elif kind == "**":
            rest = tuple(entry for entry in keywords if not isinstance(entry.key, Literal) or entry.key.value in named)
            bound[name] = Mapping(rest, function.origin, complete=not open_call)
        elif positional and not only_named:
            bound[name] = positional.pop(0)
        elif name in named:
            bound[name] = named.pop(name)
            if may_be_missing(bound[name]):
                other = Unknown(f"the argument {name}", function.origin)
                bound[name] = filled(bound[name], other if default is None else ev.value(default, function.scope))
        elif open_call:
            bound[name] = Unknown("an argument passed with **", function.origin)
        elif default is not None:
            bound[name] = ev.value(default, function.scope)
        else:
            bound[name] = Unknown(f"the argument {name}", function.origin)
    return bound
