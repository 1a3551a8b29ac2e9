"""Calls: of functions of the project, of readers of the environment, of pure library functions and methods."""

from __future__ import annotations

from celery_backend_lint.evaluate import access, dict_outcomes, paths
from celery_backend_lint.evaluate.alternatives import distribute, filled, may_be_missing
from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.dict_outcomes import overlaid
from celery_backend_lint.evaluate.environment import reads as environment_reads
from celery_backend_lint.evaluate.iteration import items_of, pairs_of
from celery_backend_lint.evaluate.objects import classes, making
from celery_backend_lint.evaluate.operations import STRING_METHODS
from celery_backend_lint.evaluate.texts import formatted, text
from celery_backend_lint.evaluate.values import (
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

_PURE = {
    "builtins.int": "int",
    "builtins.float": "float",
    "builtins.bool": "bool",
    "builtins.len": "len",
    "builtins.abs": "abs",
    "builtins.round": "round",
    "urllib.parse.quote": "quote",
    "urllib.parse.quote_plus": "quote_plus",
    "requests.compat.quote": "quote",
    "requests.compat.quote_plus": "quote_plus",
    "requests.utils.quote": "quote",
    "urllib.quote": "quote",
    "urllib.quote_plus": "quote_plus",
    "distutils.util.strtobool": "strtobool",
    "setuptools._distutils.util.strtobool": "strtobool",
}
_HOMES_OF_KNOWN = ("builtins.", "copy.", "inspect.", "json.", "math.", "textwrap.", "urllib.parse.")
"""Where the functions of `known_calls` are from: it is imported for none but these."""

_BY_NAME = frozenset(
    {"importlib.import_module", "werkzeug.utils.import_string", "django.utils.module_loading.import_string",
     "werkzeug.import_string"}
)  # fmt: skip
_GETENV = frozenset({"os.getenv", "os.environ.get"})
_UNWRAP = frozenset({"get_secret_value", "unicode_string", "__str__", "copy"})


def read_arguments(ev: Evaluator, node: Node, scope: Scope) -> tuple[list[Value], list[Entry]]:
    """The arguments of a call: positional values and keyword entries (their key Unknown for an unknown ``**``)."""
    arguments: list[Value] = []
    keywords: list[Entry] = []
    for name, argument in arguments_of(node):
        origin = ev.location(argument, scope)
        if name == "*":
            items = items_of(ev.value(argument, scope))
            arguments.extend([Unknown("an argument of *", origin)] if items is None else items)
        elif name == "**":
            from celery_backend_lint.evaluate.flask.config import snapshot

            given = as_known_mapping(snapshot(ev, ev.value(argument, scope), origin), origin)
            keywords.extend(spread(given, origin))
        elif name:
            parent = argument.parent
            key = parent.child_by_field_name("name") if parent is not None else None
            place = ev.location(key, scope) if key is not None else origin
            if any(is_named(one, name) for one in keywords):
                keywords = [one for one in keywords if not is_named(one, name)]
                keywords.append(Entry(Literal(name, place), Unknown("a keyword that is given twice", place), place))
            else:
                keywords.append(Entry(Literal(name, place), ev.value(argument, scope), place))
        else:
            arguments.append(ev.value(argument, scope))
    return arguments, keywords


def spread(value: Value, origin: Location) -> list[Entry]:
    """The entries that ``**value`` gives; one with an Unknown key where not all are known.

    The value of that one is the condition under which there are more keys, Unknown where that cannot be said.
    """
    if isinstance(value, Mapping):
        more = value.open_when or Unknown("a value", origin)
        rest = [] if value.complete else [Entry(Unknown("a key that is not in sight", origin), more, origin)]
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
    if not isinstance(target, (Function, Method)):
        keywords = [
            Entry(one.key, Unknown("an argument that may not be given", one.origin), one.origin)
            if may_be_missing(one.value) and not (isinstance(target, External) and target.name == "builtins.dict")
            else one
            for one in keywords
        ]
    if isinstance(target, External):
        return _external(ev, target, arguments, keywords, origin)
    if isinstance(target, Class):
        if classes.has_base(ev, target, "TypedDict"):
            return _dict(arguments, keywords, origin)
        if making.may_be_another(ev, target):
            return Unknown(making.MADE_OTHERWISE, target.origin)
        return Instance(target, tuple(arguments), tuple(keywords), origin)
    if isinstance(target, (Function, Method)):
        from celery_backend_lint.evaluate.functions import follow

        if isinstance(target, Method):
            return follow(ev, target.function, [target.bound, *arguments], keywords, origin)
        return follow(ev, target, arguments, keywords, origin)
    if isinstance(target, Instance):
        if isinstance(target.type, External) and target.type.name in environment_reads.READERS:
            return environment_reads.call_reader(ev, target, "", arguments, keywords, origin)
        if isinstance(target.type, External) and target.type.name == "functools.partial" and target.arguments:
            first, *given = target.arguments
            return call_value(ev, first, [*given, *arguments], [*target.keywords, *keywords], origin)
        if isinstance(target.type, External) and target.type.name.startswith("pydantic.method."):
            from celery_backend_lint.evaluate.pydantic.models import call_method

            return call_method(ev, target, arguments, keywords, origin)
        if isinstance(target.type, External) and target.type.name.startswith("record.method."):
            from celery_backend_lint.evaluate.objects import record_classes

            held = target.arguments[0]
            dump = target.type.name.endswith("_asdict")
            return (
                record_classes.as_dict(ev, held, origin)
                if dump
                else record_classes.replaced(ev, held, keywords, origin)
            )
        return Unknown("what a called object returns", origin)
    if isinstance(target, Choice):
        return distribute(target, origin, lambda one: call_value(ev, one, arguments, keywords, origin))
    return Unknown(target.why if isinstance(target, Unknown) else "what a call returns", origin)


def _external(
    ev: Evaluator, target: External, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    name = target.name
    if name == "functools.partial" and arguments:
        return Instance(target, tuple(arguments), tuple(keywords), origin)
    if name in _GETENV:
        return ev.as_set_by_code(environment_reads.getenv(arguments, keywords, origin), origin)
    if name in _PURE and not keywords and len(arguments) == 1:
        return operate(_PURE[name], arguments, origin)
    if name.startswith(_HOMES_OF_KNOWN):
        from celery_backend_lint.evaluate import known_calls

        if (found := known_calls.known_call(ev, name, arguments, keywords, origin)) is not None:
            return found
    if (found := paths.path_call(name, arguments, origin)) is not None:
        return found
    if name in _PURE:
        if len(keywords) == 1 == len(arguments) and _PURE[name].startswith("quote") and is_named(keywords[0], "safe"):
            return operate(_PURE[name], [arguments[0], keywords[0].value], origin)
        return operate(_PURE[name], arguments, origin) if not keywords else Unknown(f"what {name}() returns", origin)
    from celery_backend_lint.evaluate import library_calls

    found = library_calls.call_library(ev, name, arguments, keywords, origin)
    if found is not None:
        return found
    if name == "builtins.str":
        return text(arguments[:1], origin)
    if name == "builtins.dict":
        from celery_backend_lint.evaluate.flask.config import snapshot

        return _dict([snapshot(ev, one, origin) for one in arguments], keywords, origin)
    if name in _BY_NAME and arguments:
        from celery_backend_lint.evaluate.dynamic_names import import_string

        return import_string(ev, arguments[0], origin)
    if name == "builtins.globals" and (file := ev.modules.file(origin.path)) is not None:
        return Module("globals", origin.path, file.scope, origin)
    if name == "builtins.getattr" and len(arguments) >= 2 and not isinstance(arguments[1], Literal):
        from celery_backend_lint.evaluate.dynamic_names import get_attribute

        return get_attribute(ev, arguments[0], arguments[1], arguments[2] if len(arguments) > 2 else None, origin)
    if name in ("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset"):
        return _sequence(name.rpartition(".")[2], arguments, origin)
    if name in ("datetime.timedelta", "timedelta"):
        from celery_backend_lint.evaluate import durations

        return durations.duration(arguments, keywords, origin)
    if name == "builtins.getattr" and len(arguments) >= 2 and isinstance(arguments[1], Literal):
        name = str(arguments[1].value)
        held = access.has_attribute(ev, arguments[0], name) if len(arguments) > 2 else True
        if held is False:
            return arguments[2]
        found = access.attribute(ev, arguments[0], name, origin)
        if (isinstance(found, Unknown) and len(arguments) > 2) or held is None:
            return Unknown("an attribute with a default", origin)
        return found
    if name == "builtins.hasattr" and len(arguments) == 2 and isinstance(arguments[1], Literal):
        held = access.has_attribute(ev, arguments[0], str(arguments[1].value))
        return Unknown("whether an object has an attribute", origin) if held is None else Literal(held, origin)
    if name == "builtins.super":
        return Unknown("a method of a base class", origin)
    if name.rpartition(".")[2][:1].isupper():
        return Instance(target, tuple(arguments), tuple(keywords), origin)
    return Unknown(f"what {name.removeprefix('builtins.')}() returns", origin)


def is_named(keyword: Entry, name: str) -> bool:
    """Whether a keyword argument has a name."""
    return isinstance(keyword.key, Literal) and keyword.key.value == name


def as_mapping(value: Value, origin: Location) -> Value:
    """What ``dict(value)`` and ``d.update(value)`` take from a value: a Mapping, else Unknown."""
    value = as_known_mapping(value, origin)
    if isinstance(value, Mapping):
        return value
    entries = []
    for item in items_of(value) or (value,):
        pair = items_of(item)
        if pair is None or len(pair) != 2:
            return value if isinstance(value, Unknown) else Unknown("a mapping that is not known", origin)
        entries.append(Entry(pair[0], pair[1], pair[0].origin))
    return Mapping(tuple(entries), origin, all(isinstance(entry.key, Literal) for entry in entries))


def as_known_mapping(value: Value, origin: Location) -> Value:
    """``value``, as one Mapping where it is one of several that are all known."""
    return dict_outcomes.one_of(value, origin) or value if isinstance(value, Choice) else value


def _dict(arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    entries: list[Entry] = []
    complete = True
    for argument in arguments[:1]:
        if isinstance(argument, Sequence) and not argument.items and argument.complete:
            continue
        given = as_mapping(argument, origin)
        complete = isinstance(given, Mapping) and given.complete
        entries.extend(spread(given, origin))
    entries.extend(keywords)
    complete = complete and all(isinstance(entry.key, Literal) for entry in keywords)
    return Mapping(overlaid(tuple(entries)), origin, complete)


def _sequence(kind: str, arguments: list[Value], origin: Location) -> Value:
    if not arguments:
        return Sequence(kind, (), origin)
    first = arguments[0]
    items = items_of(first, ordered=kind in ("list", "tuple"))
    if items is not None:
        return Sequence(kind, items, origin)
    if isinstance(first, Sequence) and first.kind not in ("set", "frozenset"):
        return Sequence(kind, first.items, origin, first.complete)
    if isinstance(first, Sequence) and first.complete:
        return Unknown("the order of a set", origin)
    if isinstance(first, Choice):
        return distribute(first, origin, lambda one: _sequence(kind, [one], origin))
    if isinstance(first, (Text, Environment, Operation)) and kind in ("list", "tuple", "set"):
        return operate(kind, [first], origin)
    return Unknown(first.why if isinstance(first, Unknown) else f"what {kind}() makes of it", origin)


def method(
    ev: Evaluator, owner: Value, name: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    """What ``owner.name(…)`` returns."""
    if isinstance(owner, Choice):
        return distribute(owner, origin, lambda one: method(ev, one, name, arguments, keywords, origin))
    if isinstance(owner, Instance) and isinstance(owner.type, External):
        from celery_backend_lint.evaluate import known_calls

        known = paths.path_method(owner, name, arguments, origin) if paths.is_path(owner) else None
        known = known_calls.template_method(owner, name, arguments, keywords, origin) if known is None else known
        if known is not None:
            return known
    if isinstance(owner, (Class, External, Module)):  # of several, say: ``celery = None``
        return call_value(ev, access.attribute(ev, owner, name, origin), arguments, keywords, origin)
    if isinstance(owner, Instance):
        if isinstance(owner.type, External) and owner.type.name in environment_reads.READERS:
            return environment_reads.call_reader(ev, owner, name, arguments, keywords, origin)
        from celery_backend_lint.evaluate.environment import mappings as environment_mappings
        from celery_backend_lint.evaluate.environment import url_parts
        from celery_backend_lint.evaluate.flask import config as flask

        if isinstance(owner.type, External) and owner.type.name == flask.CONFIG:
            return flask.method(ev, owner, name, arguments, keywords, origin)
        if isinstance(owner.type, External) and owner.type.name == url_parts.RESULT:
            return url_parts.part(owner, name, origin)
        if environment_mappings.is_layered(owner):
            return environment_mappings.method(ev, owner, name, arguments, keywords, origin)
        target = classes.instance_attribute(ev, owner, name, origin)
        return call_value(ev, target, arguments, keywords, origin)
    if isinstance(owner, Mapping) and name in ("items", "keys", "values") and not arguments:
        pairs = pairs_of(owner)
        if pairs is None:
            return Unknown("the keys of a dict that are not known", origin)
        shown = [Sequence("tuple", pair, origin) if name == "items" else pair[name == "values"] for pair in pairs]
        return Sequence("view", tuple(shown), origin)
    if isinstance(owner, Mapping):
        return _mapping_method(ev, owner, name, arguments, origin)
    if isinstance(owner, (Literal, Text, Environment, Operation)):
        if name in _UNWRAP and not arguments:
            return owner
        if name == "format_map" and isinstance(owner, Literal) and len(arguments) == 1:
            return formatted(owner, [], spread(arguments[0], origin), origin)
        if name == "format" and isinstance(owner, Literal):
            return formatted(owner, arguments, keywords, origin)
        if name == "join" and len(arguments) == 1 and isinstance(arguments[0], (Sequence, Mapping)):
            items = items_of(arguments[0])
            if items is None:
                return Unknown("text joined from what is not known, or has no order", origin)
            arguments = [Sequence("list", items, origin)]
        if name in STRING_METHODS and not keywords:
            return operate(name, [owner, *arguments], origin)
        if name == "total_seconds":
            return Unknown("a duration", origin)
    if isinstance(owner, Duration) and name == "total_seconds":
        return Literal(owner.seconds, origin)
    if isinstance(owner, Sequence) and name == "copy":
        return Sequence(owner.kind, owner.items, origin, owner.complete)
    return Unknown(owner.why if isinstance(owner, Unknown) else f"what {name}() returns", origin)


def _mapping_method(ev: Evaluator, owner: Mapping, name: str, arguments: list[Value], origin: Location) -> Value:
    if name == "copy":
        return Mapping(owner.entries, origin, owner.complete)
    if name == "pop" and arguments and isinstance(arguments[0], Literal):
        found = owner.get(arguments[0].value) if isinstance(arguments[0].value, str) else None
        if found is not None:
            return filled(found, arguments[1]) if len(arguments) > 1 else found
        missing = arguments[1] if len(arguments) > 1 else Unknown("a key that is not in the dict", origin)
        return missing if owner.complete else Unknown("a key of a dict", origin)
    if name == "get" and arguments:
        default = arguments[1] if len(arguments) > 1 else Literal(None, origin)
        key = arguments[0]
        if isinstance(key, Literal):
            found = owner.get(key.value) if isinstance(key.value, str) else None
            if found is not None:
                return filled(found, default)
            return default if owner.complete else Unknown("a key of a dict", origin)
        if isinstance(key, Choice):
            return distribute(key, origin, lambda one: _mapping_method(ev, owner, name, [one, *arguments[1:]], origin))
        if owner.complete and isinstance(key, (Environment, Text, Operation, Unknown)):
            from celery_backend_lint.evaluate.dynamic_names import by_key

            return by_key(owner.entries, key, origin, default)
        return Unknown("a key that is not known", origin)
    return Unknown(f"what {name}() of a dict returns", origin)
