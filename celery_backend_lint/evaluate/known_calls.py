"""Calls of builtins and pure library functions over values: ``sorted``, ``zip``, ``sum``, ``any``, ``divmod`` …

A function answers None where it does not know its arguments well enough; the call is then unknown by its name.
"""

from __future__ import annotations

from celery_backend_lint.evaluate import calls
from celery_backend_lint.evaluate.computation import from_plain, operate
from celery_backend_lint.evaluate.flow import decided
from celery_backend_lint.evaluate.iteration import MOST_ITEMS, items_of
from celery_backend_lint.evaluate.operations import LARGEST, bounded_format
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve, truth
from celery_backend_lint.evaluate.texts import text
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Environment,
    External,
    Instance,
    Literal,
    Mapping,
    Operation,
    Sequence,
    Text,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

    Known: TypeAlias = Callable[[Evaluator, list[Value], dict[str, Value], Location], Value | None]


def known_call(
    ev: Evaluator, name: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value | None:
    """What calling the builtin or library function ``name`` gives; None when it is not one that is followed."""
    if name in _STRUCTURAL or name in _PLAIN or name.startswith("builtins.str."):
        named = {str(entry.key.value): entry.value for entry in keywords if isinstance(entry.key, Literal)}
        if len(named) != len(keywords):
            return None
        if name in _STRUCTURAL:
            return _STRUCTURAL[name](ev, arguments, named, origin)
        if name in _PLAIN:
            return _plainly(_PLAIN[name], arguments, named, origin)
        if arguments:
            return calls.method(ev, arguments[0], name.rpartition(".")[2], arguments[1:], keywords, origin)
    return None


def _plainly(
    function: Callable[..., Any], arguments: list[Value], named: dict[str, Value], origin: Location
) -> Value | None:
    """The result of a pure function whose arguments are all known whatever the environment is."""
    try:
        given = [resolve(value, None) for value in arguments]
        found = function(*given, **{name: resolve(value, None) for name, value in named.items()})
    except UndeterminedError:
        return None
    except Exception:
        return Unknown("a call that fails", origin)
    return from_plain(found, origin)


def _range(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    numbers = [one.value for one in arguments if isinstance(one, Literal) and isinstance(one.value, int)]
    if named or not 1 <= len(numbers) == len(arguments) <= 3:
        return None
    try:
        made = range(*numbers)
    except ValueError:
        return None
    if len(made) > MOST_ITEMS:
        return Unknown("a range of too many numbers", origin)
    return Sequence("range", tuple(Literal(number, origin) for number in made), origin)


def _iterator(items: tuple[Value, ...] | list[Value], origin: Location) -> Sequence:
    return Sequence("iterator", tuple(items), origin)


def _enumerate(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    items = items_of(arguments[0]) if arguments else None
    start = named.get("start", arguments[1] if len(arguments) > 1 else Literal(0, origin))
    if items is None or not isinstance(start, Literal) or not isinstance(start.value, int):
        return None
    first = start.value
    return _iterator(
        [Sequence("tuple", (Literal(first + at, origin), item), origin) for at, item in enumerate(items)], origin
    )


def _zip(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    several = [items_of(argument) for argument in arguments]
    if named.keys() - {"strict"} or any(items is None for items in several):
        return None
    columns = [items for items in several if items is not None]
    return _iterator([Sequence("tuple", row, origin) for row in zip(*columns, strict=False)], origin)


def _reversed(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    items = items_of(arguments[0]) if len(arguments) == 1 and not named else None
    return None if items is None else _iterator(items[::-1], origin)


def _iter(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    items = items_of(arguments[0]) if len(arguments) == 1 and not named else None
    return None if items is None else _iterator(items, origin)


def _next(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], _origin: Location) -> Value | None:
    first = arguments[0] if arguments and not named else None
    if not isinstance(first, Sequence) or first.kind != "iterator" or not first.complete:
        return None
    return first.items[0] if first.items else (arguments[1] if len(arguments) > 1 else None)


def _map(ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    columns = [items for items in (items_of(argument) for argument in arguments[1:]) if items is not None]
    if named or len(arguments) < 2 or len(columns) != len(arguments) - 1:
        return None
    rows = list(zip(*columns, strict=False))
    return _iterator([calls.call_value(ev, arguments[0], list(row), [], origin) for row in rows], origin)


def _filter(ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    items = items_of(arguments[1]) if len(arguments) == 2 and not named else None
    if items is None:
        return None
    test = arguments[0]
    kept = []
    for item in items:
        said = item if isinstance(test, Literal) else calls.call_value(ev, test, [item], [], origin)
        keep = decided(said)
        if keep is None:
            return None
        if keep:
            kept.append(item)
    return _iterator(kept, origin)


def _is_plain_text(value: Value) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, (str, bytes))


def _sum(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    items = items_of(arguments[0]) if arguments else None
    if (
        items is None
        or len(items) > 1_000
        or any(isinstance(item, (Text, Environment)) or _is_plain_text(item) for item in items)
    ):
        return None
    total: Value = named.get("start", arguments[1] if len(arguments) > 1 else Literal(0, origin))
    for item in items:
        total = operate("+", [total, item], origin)
    return total


def _truths(operator: str) -> Known:
    def read(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
        items = items_of(arguments[0], ordered=False) if len(arguments) == 1 and not named else None
        if items is None:
            return None
        whole = Operation(operator, items, origin)
        said = decided(whole)
        return whole if said is None else Literal(said, origin)

    return read


def _sorted(ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    if len(arguments) != 1 or named.keys() - {"key", "reverse"}:
        return None
    items = items_of(arguments[0], ordered=False)
    if items is None or not named:
        given = Sequence("list", items, origin) if items is not None else arguments[0]
        return None if isinstance(given, Unknown) else operate("sorted", [given], origin)
    key = named.get("key")
    try:
        backwards = truth(named["reverse"], None) if "reverse" in named else False
        keyed = [item if key is None else calls.call_value(ev, key, [item], [], origin) for item in items]
        order = [resolve(one, None) for one in keyed]
        at = sorted(range(len(items)), key=order.__getitem__, reverse=backwards)
    except (UndeterminedError, WouldRaiseError, TypeError):
        return None
    unstable = isinstance(arguments[0], Sequence) and arguments[0].kind in ("set", "frozenset") and key is not None
    return None if unstable else Sequence("list", tuple(items[position] for position in at), origin)


def _extreme(name: str) -> Known:
    def read(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
        items = items_of(arguments[0], ordered=False) if len(arguments) == 1 else tuple(arguments)
        if named.keys() - {"default"} or (named and len(arguments) > 1):
            return None
        if items is None:
            return operate(name, list(arguments), origin) if not named else None
        if not items:
            return named.get("default", Unknown("the greatest of nothing", origin))
        return operate(name, list(items), origin) if len(items) > 1 else items[0]

    return read


def _isinstance(_ev: Evaluator, arguments: list[Value], _named: dict[str, Value], origin: Location) -> Value | None:
    if len(arguments) != 2:
        return None
    wanted = arguments[1].items if isinstance(arguments[1], Sequence) else (arguments[1],)
    names = [one.name for one in wanted if isinstance(one, External)]
    if len(names) != len(wanted) or not set(names) <= _TYPES.keys():
        return None
    types = tuple(_TYPES[name] for name in names)
    try:
        return Literal(isinstance(resolve(arguments[0], None), types), origin)
    except (UndeterminedError, WouldRaiseError):
        return None


def _substitute(template: Value, given: list[Value], named: dict[str, Value], origin: Location, *, safe: bool) -> Value:
    from string import Template

    if not isinstance(template, Literal) or not isinstance(template.value, str):
        return Unknown("a template that is not known", origin)
    held = {}
    if given and isinstance(given[0], Mapping):
        held = {e.key.value: e.value for e in given[0].entries if isinstance(e.key, Literal)}
        if not given[0].complete:
            return Unknown("a template's argument", origin)
    held.update(named)
    parts: list[Value] = []
    end = 0
    for match in Template.pattern.finditer(template.value):
        parts.append(Literal(template.value[end : match.start()], template.origin))
        end = match.end()
        name = match["named"] or match["braced"]
        if match["escaped"] is not None:
            parts.append(Literal("$", template.origin))
        elif name in held:
            parts.append(held[name])
        elif safe:
            parts.append(Literal(match[0], template.origin))
        else:
            return Unknown("a template's argument", origin)
    return text([*parts, Literal(template.value[end:], template.origin)], origin)


def template_method(
    owner: Instance, name: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value | None:
    """``string.Template(…).substitute(…)``; None for another object or method."""
    if not isinstance(owner.type, External) or owner.type.name != "string.Template" or not owner.arguments:
        return None
    named = {str(entry.key.value): entry.value for entry in keywords if isinstance(entry.key, Literal)}
    if name not in ("substitute", "safe_substitute") or len(named) != len(keywords):
        return None
    return _substitute(owner.arguments[0], arguments, named, origin, safe=name == "safe_substitute")


def _lazily(module: str, name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        from importlib import import_module

        return getattr(import_module(module), name)(*arguments, **named)

    return call


def _power(base: Any, exponent: Any, *rest: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and abs(exponent) * max(base.bit_length(), 1) > LARGEST:
        raise ValueError("too large")
    return pow(base, exponent, *rest)


def _format(value: Any, specification: str = "") -> str:
    return bounded_format(value, specification)


def _copy(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    value = arguments[0] if len(arguments) == 1 and not named else None
    if isinstance(value, Mapping):
        return Mapping(value.entries, origin, value.complete)
    if isinstance(value, Sequence):
        return Sequence(value.kind, value.items, origin, value.complete)
    return value if isinstance(value, Literal) else None


def _deepcopy(_ev: Evaluator, arguments: list[Value], named: dict[str, Value], origin: Location) -> Value | None:
    return copied(arguments[0], origin) if len(arguments) == 1 and not named else None


def copied(value: Value, origin: Location) -> Value:
    """A value whose lists and dicts are new objects, made at ``origin``."""
    if isinstance(value, Mapping):
        entries = tuple(Entry(entry.key, copied(entry.value, origin), entry.origin) for entry in value.entries)
        return Mapping(entries, value.origin, value.complete, (), origin)
    if isinstance(value, Sequence):
        items = tuple(copied(item, origin) for item in value.items)
        return Sequence(value.kind, items, value.origin, value.complete, (), origin)
    if isinstance(value, Choice):
        alternatives = tuple(Alternative(copied(one.value, origin), one.condition) for one in value.alternatives)
        return Choice(alternatives, value.origin)
    return value


_TYPES: dict[str, type] = {
    "builtins.str": str,
    "builtins.int": int,
    "builtins.float": float,
    "builtins.bool": bool,
    "builtins.bytes": bytes,
    "builtins.dict": dict,
    "builtins.list": list,
    "builtins.tuple": tuple,
    "builtins.set": set,
    "builtins.frozenset": frozenset,
}

_STRUCTURAL: dict[str, Known] = {
    "builtins.range": _range,
    "builtins.xrange": _range,
    "builtins.enumerate": _enumerate,
    "builtins.zip": _zip,
    "builtins.reversed": _reversed,
    "builtins.iter": _iter,
    "builtins.next": _next,
    "builtins.map": _map,
    "builtins.filter": _filter,
    "builtins.sum": _sum,
    "builtins.any": _truths("or"),
    "builtins.all": _truths("and"),
    "builtins.sorted": _sorted,
    "builtins.max": _extreme("max"),
    "builtins.min": _extreme("min"),
    "builtins.isinstance": _isinstance,
    "copy.copy": _copy,
    "copy.deepcopy": _deepcopy,
}
"""Functions that take what is gone through, whether the items are known or not."""

_PLAIN: dict[str, Callable[..., Any]] = {
    "builtins.divmod": divmod,
    "builtins.pow": _power,
    "builtins.chr": chr,
    "builtins.ord": ord,
    "builtins.hex": hex,
    "builtins.oct": oct,
    "builtins.bin": bin,
    "builtins.repr": repr,
    "builtins.ascii": ascii,
    "builtins.format": _format,
    "builtins.int": int,
    "builtins.round": round,
    "urllib.parse.quote": _lazily("urllib.parse", "quote"),
    "urllib.parse.quote_plus": _lazily("urllib.parse", "quote_plus"),
    "urllib.parse.unquote": _lazily("urllib.parse", "unquote"),
    "urllib.parse.unquote_plus": _lazily("urllib.parse", "unquote_plus"),
    "urllib.parse.urlencode": _lazily("urllib.parse", "urlencode"),
    "urllib.parse.urlunparse": _lazily("urllib.parse", "urlunparse"),
    "urllib.parse.urlunsplit": _lazily("urllib.parse", "urlunsplit"),
    "urllib.parse.urljoin": _lazily("urllib.parse", "urljoin"),
    "textwrap.dedent": _lazily("textwrap", "dedent"),
    "inspect.cleandoc": _lazily("inspect", "cleandoc"),
    "json.dumps": _lazily("json", "dumps"),
    "math.ceil": _lazily("math", "ceil"),
    "math.floor": _lazily("math", "floor"),
}
"""Functions that are called, where all they are given is known."""
