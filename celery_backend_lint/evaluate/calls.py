"""Calls: of functions of the project, of readers of the environment, of pure library functions and methods."""

from __future__ import annotations

from celery_backend_lint.evaluate import access, classes, environment_reads, library_calls, url_parts
from celery_backend_lint.evaluate.functions import follow
from celery_backend_lint.evaluate.operations import OPERATIONS, STRING_METHODS, apply
from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.texts import formatted, percent, text
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Duration,
    Entry,
    Environment,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Method,
    Module,
    Operation,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

__all__ = ["after_method", "call", "call_value", "operate", "read_arguments", "set_in_environment", "text"]

_PURE = {
    "builtins.int": "int",
    "builtins.float": "float",
    "builtins.bool": "bool",
    "builtins.len": "len",
    "builtins.max": "max",
    "builtins.min": "min",
    "builtins.abs": "abs",
    "builtins.round": "round",
    "urllib.parse.quote": "quote",
    "urllib.parse.quote_plus": "quote_plus",
    "urllib.quote": "quote",
    "urllib.quote_plus": "quote_plus",
    "distutils.util.strtobool": "strtobool",
    "setuptools._distutils.util.strtobool": "strtobool",
}
_GETENV = frozenset({"os.getenv", "os.environ.get"})
_SAME = frozenset({"django.utils.text.format_lazy", "typing.cast", "builtins.unicode"})
_UNWRAP = frozenset({"get_secret_value", "unicode_string", "__str__", "copy"})


def read_arguments(ev: Evaluator, node: Node, scope: Scope) -> tuple[list[Value], list[Entry]]:
    """The arguments of a call: positional values and keyword entries (their key Unknown for an unknown ``**``)."""
    arguments: list[Value] = []
    keywords: list[Entry] = []
    for name, argument in arguments_of(node):
        origin = ev.location(argument, scope)
        if name == "*":
            inner = ev.value(argument, scope)
            arguments.extend(inner.items if isinstance(inner, Sequence) else [Unknown("an argument of *", origin)])
        elif name == "**":
            keywords.extend(spread(ev.value(argument, scope), origin))
        elif name:
            parent = argument.parent
            key = parent.child_by_field_name("name") if parent is not None else None
            place = ev.location(key, scope) if key is not None else origin
            keywords.append(Entry(Literal(name, place), ev.value(argument, scope), place))
        else:
            arguments.append(ev.value(argument, scope))
    return arguments, keywords


def spread(value: Value, origin: Location) -> list[Entry]:
    """The entries that ``**value`` gives; one with an Unknown key where not all are known."""
    if isinstance(value, Mapping):
        rest = [] if value.complete else [Entry(Unknown("a key", origin), Unknown("a value", origin), origin)]
        return [*value.entries, *rest]
    why = value.why if isinstance(value, Unknown) else "a mapping that is not known"
    return [Entry(Unknown(why, origin), Unknown(why, origin), origin)]


def call(ev: Evaluator, node: Node, scope: Scope) -> Value:
    """What the call ``node`` returns."""
    function = node.child_by_field_name("function")
    origin = ev.location(node, scope)
    if function is None:
        return Unknown("an incomplete expression", origin)
    if function.type == "attribute":
        owner_node, name_node = function.child_by_field_name("object"), function.child_by_field_name("attribute")
        if owner_node is None or name_node is None:
            return Unknown("an incomplete expression", origin)
        owner = ev.value(owner_node, scope)
        if not isinstance(owner, (Module, External, Class)):
            arguments, keywords = read_arguments(ev, node, scope)
            return method(ev, owner, text_of(name_node), arguments, keywords, origin)
    target = ev.value(function, scope)
    if isinstance(target, External) and target.name == "typing.cast":
        values = [argument for name, argument in arguments_of(node) if not name]
        return ev.value(values[-1], scope) if values else Unknown("a cast of nothing", origin)
    arguments, keywords = read_arguments(ev, node, scope)
    return call_value(ev, target, arguments, keywords, origin)


def call_value(ev: Evaluator, target: Value, arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """What calling ``target`` returns."""
    if isinstance(target, External):
        return _external(ev, target, arguments, keywords, origin)
    if isinstance(target, Class):
        return Instance(target, tuple(arguments), tuple(keywords), origin)
    if isinstance(target, Function):
        return follow(ev, target, arguments, keywords, origin)
    if isinstance(target, Method):
        return follow(ev, target.function, [target.bound, *arguments], keywords, origin)
    if isinstance(target, Instance):
        if isinstance(target.type, External) and target.type.name in environment_reads.READERS:
            return environment_reads.call_reader(ev, target, "", arguments, keywords, origin)
        return Unknown("what a called object returns", origin)
    if isinstance(target, Choice):
        return access.distribute(target, origin, lambda one: call_value(ev, one, arguments, keywords, origin))
    return Unknown(target.why if isinstance(target, Unknown) else "what a call returns", origin)


def _external(
    ev: Evaluator, target: External, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    name = target.name
    if name in _GETENV:
        return ev.as_set_by_code(environment_reads.getenv(arguments, keywords, origin), origin)
    if name in _PURE:
        return operate(_PURE[name], arguments, origin) if not keywords else Unknown(f"what {name}() returns", origin)
    found = library_calls.call_library(ev, name, arguments, keywords, origin)
    if found is not None:
        return found
    if name == "builtins.str":
        return text(arguments[:1], origin)
    if name == "builtins.dict":
        return _dict(arguments, keywords, origin)
    if name in ("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset"):
        return _sequence(name.rpartition(".")[2], arguments, origin)
    if name in ("datetime.timedelta", "timedelta"):
        return _duration(arguments, keywords, origin)
    if name == "builtins.getattr" and len(arguments) >= 2 and isinstance(arguments[1], Literal):
        found = access.attribute(ev, arguments[0], str(arguments[1].value), origin)
        if isinstance(found, Unknown) and len(arguments) > 2:
            return Unknown("an attribute with a default", origin)
        return found
    if name == "builtins.super":
        return Unknown("a method of a base class", origin)
    if name.rpartition(".")[2][:1].isupper():
        return Instance(target, tuple(arguments), tuple(keywords), origin)
    return Unknown(f"what {name.removeprefix('builtins.')}() returns", origin)


def _dict(arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    entries: list[Entry] = []
    complete = True
    for argument in arguments[:1]:
        if not isinstance(argument, Mapping):
            complete = False
        else:
            entries.extend(argument.entries)
            complete = argument.complete
    known = [entry for entry in keywords if isinstance(entry.key, Literal)]
    return Mapping((*entries, *known), origin, complete and len(known) == len(keywords))


def _sequence(kind: str, arguments: list[Value], origin: Location) -> Value:
    if not arguments:
        return Sequence(kind, (), origin)
    first = arguments[0]
    if isinstance(first, Sequence):
        return Sequence(kind, first.items, origin, first.complete)
    if isinstance(first, Mapping):
        return Sequence(kind, tuple(entry.key for entry in first.entries), origin, first.complete)
    return Unknown(f"what {kind}() makes of it", origin)


_UNITS = {"weeks": 604800.0, "days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0,
          "milliseconds": 0.001, "microseconds": 0.000001}  # fmt: skip
_ORDER = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")


def _duration(arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    total = 0.0
    pairs = [*zip(_ORDER, arguments, strict=False)]
    pairs += [(str(entry.key.value), entry.value) for entry in keywords if isinstance(entry.key, Literal)]
    if len(pairs) != len(arguments) + len(keywords):
        return Unknown("a duration", origin)
    for unit, value in pairs:
        if unit not in _UNITS or not isinstance(value, Literal) or not isinstance(value.value, (int, float)):
            return Unknown("a duration that the environment decides", origin)
        total += _UNITS[unit] * value.value
    return Duration(total, origin)


def method(
    ev: Evaluator, owner: Value, name: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    """What ``owner.name(…)`` returns."""
    if isinstance(owner, Choice):
        return access.distribute(owner, origin, lambda one: method(ev, one, name, arguments, keywords, origin))
    if isinstance(owner, Instance):
        if isinstance(owner.type, External) and owner.type.name in environment_reads.READERS:
            return environment_reads.call_reader(ev, owner, name, arguments, keywords, origin)
        if isinstance(owner.type, External) and owner.type.name == url_parts.RESULT:
            return url_parts.part(owner, name, origin)
        target = classes.instance_attribute(ev, owner, name, origin)
        return call_value(ev, target, arguments, keywords, origin)
    if isinstance(owner, Mapping):
        return _mapping_method(ev, owner, name, arguments, origin)
    if isinstance(owner, (Literal, Text, Environment, Operation)):
        if name in _UNWRAP and not arguments:
            return owner
        if name == "format" and isinstance(owner, Literal):
            return formatted(owner, arguments, keywords, origin)
        if name in STRING_METHODS and not keywords:
            return operate(name, [owner, *arguments], origin)
        if name == "total_seconds":
            return Unknown("a duration", origin)
    if isinstance(owner, Duration) and name == "total_seconds":
        return Literal(owner.seconds, origin)
    if isinstance(owner, Sequence) and name == "copy":
        return owner
    return Unknown(owner.why if isinstance(owner, Unknown) else f"what {name}() returns", origin)


def _mapping_method(ev: Evaluator, owner: Mapping, name: str, arguments: list[Value], origin: Location) -> Value:
    if name == "copy":
        return owner
    if name == "get" and arguments:
        default = arguments[1] if len(arguments) > 1 else Literal(None, origin)
        key = arguments[0]
        if isinstance(key, Literal):
            found = owner.get(key.value) if isinstance(key.value, str) else None
            if found is not None:
                return found
            return default if owner.complete else Unknown("a key of a dict", origin)
        if owner.complete and isinstance(key, (Environment, Text, Operation, Choice)):
            chosen = access.item(ev, owner, key, origin)
            if isinstance(chosen, Choice) and isinstance(key, (Environment, Text, Operation)):
                return Choice((*chosen.alternatives[:-1], Alternative(default, None)), origin)
            return chosen
        return Unknown("a key that is not known", origin)
    return Unknown(f"what {name}() of a dict returns", origin)


def operate(operator: str, operands: list[Value], origin: Location) -> Value:
    """A pure operation on values: computed where all are known, kept as an Operation where the environment decides."""
    for position, operand in enumerate(operands):
        if isinstance(operand, Choice) and sum(isinstance(o, Choice) for o in operands) == 1:
            return _operate_on_choice(operator, operands, position, operand, origin)
        if isinstance(operand, Unknown) and operator not in ("+", "%"):
            return Unknown(operand.why, origin)
    if operator == "+" and any(_is_text(operand) for operand in operands):
        return text(operands, origin)
    first = operands[0] if operands else None
    if operator == "%" and isinstance(first, Literal) and isinstance(first.value, str):
        return percent(first, operands[1], origin)
    if len(operands) == 2 and isinstance(first, Sequence) and isinstance(operands[1], Sequence) and operator == "+":
        other = operands[1]
        return Sequence(first.kind, (*first.items, *other.items), origin, first.complete and other.complete)
    if len(operands) == 2 and isinstance(first, Mapping) and isinstance(operands[1], Mapping) and operator == "|":
        other_map = operands[1]
        return Mapping((*first.entries, *other_map.entries), origin, first.complete and other_map.complete)
    if any(isinstance(operand, Duration) for operand in operands):
        return _with_durations(operator, operands, origin)
    if operator not in OPERATIONS and operator not in STRING_METHODS:
        return Unknown(f"the operator {operator}", origin)
    for operand in operands:
        if isinstance(operand, Unknown):
            return Unknown(operand.why, origin)
        if isinstance(operand, (External, Instance, Module, Class, Function, Method)):
            return Unknown("an operation on an object", origin)
    whole = Operation(operator, tuple(operands), origin)
    try:
        return from_plain(apply(operator, [resolve(operand, None) for operand in operands]), origin)
    except UndeterminedError:
        return whole
    except (WouldRaiseError, Exception):
        return Unknown(f"an operation that fails ({operator})", origin)


def _operate_on_choice(operator: str, operands: list[Value], position: int, choice: Choice, origin: Location) -> Value:
    before, after = operands[:position], operands[position + 1 :]
    return access.distribute(choice, origin, lambda one: operate(operator, [*before, one, *after], origin))


def _is_text(value: Value) -> bool:
    return isinstance(value, Text) or (isinstance(value, Literal) and isinstance(value.value, str))


def _with_durations(operator: str, operands: list[Value], origin: Location) -> Value:
    plain = []
    for operand in operands:
        if isinstance(operand, Duration):
            plain.append(operand.seconds)
        elif isinstance(operand, Literal) and isinstance(operand.value, (int, float)):
            plain.append(operand.value)
        else:
            return Unknown("a duration that the environment decides", origin)
    both = all(isinstance(operand, Duration) for operand in operands)
    if (operator in ("+", "-") and both) or (operator in ("*", "/") and not both and isinstance(operands[0], Duration)):
        try:
            return Duration(float(apply(operator, plain)), origin)
        except (ArithmeticError, ValueError):
            pass
    if operator == "*" and not both:
        return Duration(float(apply(operator, plain)), origin)
    return Unknown("an operation on durations", origin)


def from_plain(value: object, origin: Location) -> Value:
    """The value of a plain Python object."""
    if value is None or isinstance(value, (str, bytes, int, float, complex, bool)):
        return Literal(value, origin)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value, key=repr) if isinstance(value, (set, frozenset)) else value
        return Sequence(type(value).__name__, tuple(from_plain(item, origin) for item in items), origin)
    if isinstance(value, dict):
        return Mapping(
            tuple(Entry(from_plain(k, origin), from_plain(v, origin), origin) for k, v in value.items()), origin
        )
    return Unknown("an object", origin)


def after_method(ev: Evaluator, node: Node, before: Value | None, scope: Scope, origin: Location) -> Value:
    """What a name holds after ``name.method(…)`` changed its object in place."""
    function = node.child_by_field_name("function")
    name_node = function.child_by_field_name("attribute") if function is not None else None
    name = text_of(name_node) if name_node is not None else ""
    if isinstance(before, Choice):
        return access.distribute(before, origin, lambda one: after_method(ev, node, one, scope, origin))
    arguments, keywords = read_arguments(ev, node, scope)
    if isinstance(before, Mapping):
        if name == "update":
            extra = _dict(arguments, keywords, origin)
            if isinstance(extra, Mapping):
                return Mapping((*before.entries, *extra.entries), before.origin, before.complete and extra.complete)
        if name == "setdefault" and arguments and isinstance(arguments[0], Literal):
            key = arguments[0]
            if isinstance(key.value, str) and before.get(key.value) is not None:
                return before
            value = arguments[1] if len(arguments) > 1 else Literal(None, origin)
            return Mapping((*before.entries, Entry(key, value, key.origin)), before.origin, before.complete)
        return Mapping((), before.origin, complete=False)
    if isinstance(before, Sequence):
        if name == "append" and len(arguments) == 1:
            return Sequence(before.kind, (*before.items, arguments[0]), before.origin, before.complete)
        if name == "extend" and len(arguments) == 1 and isinstance(arguments[0], Sequence):
            other = arguments[0]
            return Sequence(
                before.kind, (*before.items, *other.items), before.origin, before.complete and other.complete
            )
        if name == "insert" and len(arguments) == 2 and before.items:
            return Sequence(before.kind, (*before.items, arguments[1]), before.origin, complete=False)
        return Sequence(before.kind, before.items, before.origin, complete=False)
    if isinstance(before, (Instance, Class, Module, External, Literal)):
        return before
    return Unknown("it is changed in place", origin)


def set_in_environment(name: Value, origin: Location) -> Value | None:
    """The condition ``name in os.environ``; None when the name is not known."""
    if not isinstance(name, Literal) or not isinstance(name.value, str):
        return None
    nothing = Literal(None, origin)
    read = Environment((name.value,), nothing, "str", "os.environ", origin)
    return Operation("is not", (read, nothing), origin)
