"""django-configurations: Django's settings are the attributes of the class that ``DJANGO_CONFIGURATION`` names.

After django-configurations 2.5 (``base.Configuration``, ``values``, ``importer.ConfigurationLoader``): each class gets
its own copy of every upper-case attribute of its bases, the first base's first; ``Value`` objects read the environment
as the class is set up, or at once where they name their variable; properties and methods in capitals are called.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import combine, distribute, with_fallback
from celery_backend_lint.evaluate.environment.reader_call import item_type
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Environment,
    External,
    Function,
    Instance,
    Literal,
    Missing,
    Operation,
    Sequence,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Entry, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.project.source import SourceFile

VARIABLE = "DJANGO_CONFIGURATION"
NO_CLASS = "the classes of django-configurations cannot be read"
_IMPORTED = rb"(?m)^[ \t]*(?:from|import)[ \t]+configurations\b"
_BASES = frozenset({"configurations.Configuration", "configurations.base.Configuration", "configurations.Settings"})
_CASTS = {
    "Value": "str", "BooleanValue": "bool", "IntegerValue": "int", "PositiveIntegerValue": "int", "FloatValue": "float",
    "ListValue": "list", "TupleValue": "tuple", "URLValue": "str", "EmailValue": "str", "IPValue": "str",
    "RegexValue": "str", "SecretValue": "str", "DictValue": "unknown",
}  # fmt: skip
_OPTIONS = frozenset({"default", "environ", "environ_name", "environ_prefix", "environ_required", "late_binding",
                      "converter", "regex"})  # fmt: skip
_DJANGOS_OWN = frozenset(
    {"TIME_ZONE", "USE_TZ", "CACHES", "DATABASES", "DEBUG", "LANGUAGE_CODE", "SECRET_KEY", "INSTALLED_APPS", "STORAGES",
     "ADMINS", "MIDDLEWARE", "EMAIL_BACKEND", "EMAIL_HOST", "LOGGING", "CACHE_MIDDLEWARE_SECONDS"}
)  # fmt: skip
"""Names that every such class has from Django itself, as far as a configuration of Celery may use them."""
_CALLED = frozenset({"property", "cached_property", "classproperty"})


def is_imported(ev: Evaluator, source: SourceFile) -> bool:
    """Whether a settings module imports django-configurations."""
    return (
        b"configurations" in source.data
        and re.search(_IMPORTED, source.data) is not None
        and ev.modules.find("configurations", source.path) is None
    )


def is_configuration(ev: Evaluator, cls: Class) -> bool:
    """Whether a class is a configuration of django-configurations."""
    return any(isinstance(base, External) and base.name in _BASES for base in classes.lineage(ev, cls))


def configurations_of(ev: Evaluator, module: Scope) -> list[Class]:
    """The configuration classes that a settings module has, its own and those it imports, by the names it has them."""
    from celery_backend_lint.evaluate.stars import names_of

    found = []
    for name in sorted(names_of(ev, module).names):
        if name.isupper() and len(name) > 4:
            continue
        own = module.bindings.get(name)
        if own is not None and all(binding.kind not in ("class", "from", "assign") for binding in own):
            continue
        value = ev.read(module, name, None)
        if isinstance(value, Class) and is_configuration(ev, value):
            found.append(Class(name, value.node, value.scope, value.origin))
    return found


def chosen(found: list[Class], default: str, origin: Location) -> list[tuple[Class, Value | None]]:
    """Each class with the condition under which it is the one; ``default`` is the name that holds while the variable
    is not set ("" where the variable must be set). The last one's condition is None where it is what remains.
    """
    if len(found) == 1:
        return [(found[0], None)]
    fallback = Literal(default, origin) if default else None
    variable = Environment((VARIABLE,), fallback, "str", "os.environ", origin)
    ordered = sorted(found, key=lambda cls: cls.name == default)
    rest = None if any(cls.name == default for cls in found) else ordered[-1]
    return [
        (cls, None if cls.name == default or cls is rest is None else _is_named(cls, variable, origin))
        for cls in ordered
    ]


def _is_named(cls: Class, variable: Environment, origin: Location) -> Value:
    return Operation("==", (variable, Literal(cls.name, origin)), origin)


def setting_names(ev: Evaluator, cls: Class) -> dict[str, list[Location]]:
    """The settings that a configuration class and its bases name, with their places."""
    found: dict[str, list[Location]] = {}
    for base in classes.lineage(ev, cls):
        if isinstance(base, Class):
            scope = ev.scope_of(base)
            for name, bindings in scope.bindings.items():
                if name == name.upper() and not name.startswith("_"):
                    found.setdefault(name, []).extend(ev.location(one.target, scope) for one in bindings)
    return found


def why_hidden(ev: Evaluator, cls: Class) -> str:
    """Why a configuration class may have settings that are not in sight; "" where it has none."""
    for base in classes.lineage(ev, cls):
        if isinstance(base, Unknown) or (
            isinstance(base, External) and base.name not in _BASES and base.name != "builtins.object"
        ):
            return "a base class is not in the tree"
        if isinstance(base, Class):
            scope = ev.scope_of(base)
            for name in ("setup", "pre_setup", "post_setup", "__init__", "__getattr__"):
                if any(b"setattr" in (one.node.text or b"") for one in scope.bindings.get(name, ())):
                    return f"{name}() sets settings"
    return ""


def setting(ev: Evaluator, cls: Class, name: str, origin: Location) -> Value | None:
    """What a configuration class gives Django as the setting ``name``; None where it has none."""
    return attribute(ev, cls, name, origin, Instance(cls, (), (), cls.origin))


def attribute(
    ev: Evaluator, cls: Class, name: str, origin: Location, instance: Instance, depth: int = 0
) -> Value | None:
    """``instance.name`` once the configuration ``cls`` is set up; None where no class has it."""
    found = _inherited(ev, cls, name, depth)
    if found is None:
        return None
    for base in classes.lineage(ev, cls):
        if isinstance(base, Class):
            for method in ("setup", "pre_setup", "post_setup", "__init__"):
                bindings = ev.scope_of(base).bindings.get(method, ())
                if any(name.encode() in (one.node.text or b"") for one in bindings):
                    return Unknown(f"{method}() may set it", origin)
    return _given(ev, found, cls, name, origin, instance)


def _inherited(ev: Evaluator, cls: Class, name: str, depth: int) -> Value | None:
    """The attribute of the class, else of its first base that has it: each has copies of all that its bases have."""
    if depth > 20:
        return Unknown("too many base classes", cls.origin)
    found = ev.read(ev.scope_of(cls), name, None)
    if found is not None and not isinstance(found, (Missing, Choice)):
        return found
    below: Value | None = None
    for base in classes.base_values(ev, cls):
        if isinstance(base, Class):
            below = _inherited(ev, base, name, depth + 1)
        elif isinstance(base, External):
            if base.name in _BASES:
                below = Unknown("Django's own default", cls.origin) if name in _DJANGOS_OWN else None
            elif base.name != "builtins.object":
                below = Unknown(f"a base class from outside, {base.name}", cls.origin)
        else:
            below = Unknown("a base class", cls.origin)
        if below is not None:
            break
    return with_fallback(found, below)


def _given(ev: Evaluator, value: Value, cls: Class, name: str, origin: Location, instance: Instance) -> Value:
    if isinstance(value, Choice):
        return distribute(value, origin, lambda one: _given(ev, one, cls, name, origin, instance))
    if isinstance(value, Function):
        from celery_backend_lint.evaluate.functions import follow

        names = {classes.decorator_name(node) for node in classes.decorators(value)}
        if names & {"staticmethod", "pristinemethod"}:
            return Unknown("a function as a setting", origin)
        if not names & _CALLED and not name.isupper():
            return classes.class_attribute(ev, cls, name, origin, instance) or Unknown("a method", origin)
        first: Value = cls if "classmethod" in names else instance
        value = follow(ev, value, [first], [], origin)
    if isinstance(value, Instance) and is_value(value):
        return read_value(value, name)
    return value


def is_value(value: Value) -> bool:
    """Whether a value is one of the library's ``Value`` objects."""
    return (
        isinstance(value, Instance)
        and isinstance(value.type, External)
        and value.type.name.startswith(("configurations.values.", "configurations.Value"))
    )


def make_value(name: str, arguments: list[Value], keywords: list[Entry], origin: Location) -> Value:
    """What calling ``values.Value(…)`` gives: the value itself where it names its variable or reads none."""
    value = Instance(External(name, origin), tuple(arguments), tuple(keywords), origin)
    late = _option(value, 99, "late_binding")
    if late is not None and not _is(late, False):
        return value
    environ, named = _option(value, 1, "environ"), _option(value, 2, "environ_name")
    if named is not None and not _is(named, None) and (environ is None or _is(environ, True)):
        return read_value(value, "")
    if _is(environ, False) and value.arguments[:1] + tuple(filter(None, [_option(value, 0, "default")])):
        return read_value(value, "")
    return value


def read_value(value: Instance, name: str) -> Value:
    """What a ``Value`` object gives for the setting ``name``."""
    origin = value.origin
    kind = value.type.name.rpartition(".")[2]
    cast = _CASTS.get(kind)
    options = {str(e.key.value) for e in value.keywords if isinstance(e.key, Literal)}
    if cast is None or options - _OPTIONS or any(not isinstance(e.key, Literal) for e in value.keywords):
        return Unknown(f"what values.{kind} gives", origin)
    default = _option(value, 0, "default")
    if default is None:
        default = Literal(None, origin)
    converter = _option(value, 99, "converter")
    if cast in ("list", "tuple"):
        empty = _is(default, None)
        if not empty and not isinstance(default, Sequence):
            return Unknown(f"the default of values.{kind}", origin)
        items = default.items if isinstance(default, Sequence) else ()
        complete = default.complete if isinstance(default, Sequence) else True
        if converter is not None:
            item = item_type(converter)
            if not item or any(not isinstance(one, Literal) or type(one.value).__name__ != item for one in items):
                return Unknown("what a converter makes of it", origin)
            cast = f"{cast}[{item}]"
        default = Sequence(cast.partition("[")[0], items, default.origin, complete)
    elif kind == "DictValue" and _is(default, None):
        return Unknown("what values.DictValue gives", origin)
    environ, named = _option(value, 1, "environ"), _option(value, 2, "environ_name")
    prefix, required = _option(value, 3, "environ_prefix"), _option(value, 4, "environ_required")
    if kind != "SecretValue" and _is(environ, False):
        return default
    if environ is not None and not isinstance(environ, Literal):
        return Unknown("whether the environment is read", origin)
    variable: Value = Literal(name.upper(), origin) if named is None or _is(named, None) else named
    before: Value = Literal("DJANGO", origin) if prefix is None else prefix
    if not isinstance(variable, Literal) or not isinstance(before, Literal) or isinstance(variable.value, bytes):
        return Unknown("a variable whose name is not known", origin)
    start = str(before.value or "").removesuffix("_")
    full = f"{start}_{variable.value}" if start else str(variable.value)
    needed = kind == "SecretValue" or (required is not None and not _is(required, False))
    return Environment((full,), None if needed else default, cast, "configurations", origin)


def _is(value: Value | None, constant: bool | None) -> bool:
    return isinstance(value, Literal) and value.value is constant


def _option(value: Instance, position: int, name: str) -> Value | None:
    if position < len(value.arguments):
        return value.arguments[position]
    return next((e.value for e in value.keywords if isinstance(e.key, Literal) and e.key.value == name), None)


def combined(alternatives: list[tuple[Value | None, Value | None]], origin: Location) -> Value:
    """One value for what several classes give, each with its condition (None: otherwise)."""
    if not alternatives:
        return Unknown(NO_CLASS, origin)
    outcomes = [
        Alternative(Missing(origin) if value is None else value, condition) for value, condition in alternatives
    ]
    if outcomes[-1].condition is not None and any(one.value != outcomes[0].value for one in outcomes):
        outcomes.append(Alternative(Unknown(f"another class that {VARIABLE} names", origin), None))
    return combine(outcomes, origin)
