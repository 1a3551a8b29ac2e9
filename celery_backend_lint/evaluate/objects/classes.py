"""Classes and their instances: bases, attributes, what ``__init__`` sets, properties, enums and dataclasses."""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import with_fallback
from celery_backend_lint.evaluate.objects.attribute_places import where_set
from celery_backend_lint.evaluate.values import (
    CONF,
    Choice,
    Class,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Method,
    Missing,
    Unknown,
)
from celery_backend_lint.syntax.python import EXTRAS, arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

_HARMLESS = frozenset(
    {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", "builtins.str", "builtins.int"}
)
_PLAIN = ("builtins.", "abc.", "typing.", "typing_extensions.", "enum.", "collections.", "celery.", "threading.")
"""What the names of base classes from outside start with that leave annotated names as they are."""

_PROPERTIES = frozenset({"property", "cached_property", "computed_field", "hybrid_property", "classproperty"})
_HARMLESS_DECORATORS = frozenset(
    {"dataclass", "define", "frozen", "mutable", "s", "attrs", "attributes", "total_ordering", "final", "unique",
     "runtime_checkable", "singleton", "dataclass_json", "override_settings", "deprecated", "verify"}
)  # fmt: skip
"""Class decorators, by their last name, that leave attributes as they are, or that ``record_classes`` reads."""

PARTIAL = "builtins.partial"
"""First argument of an instance that is still being made; the second holds the attributes that it has by now."""


def base_values(ev: Evaluator, cls: Class) -> list[Value]:
    """The values of the bases that a class statement names, in order."""
    superclasses = cls.node.child_by_field_name("superclasses")
    if superclasses is None:
        return []
    return [
        ev.value(_without_parameters(child), cls.scope)
        for child in superclasses.named_children
        if child.type not in ("keyword_argument", *EXTRAS, "list_splat", "dictionary_splat")
    ]


def _without_parameters(base: Node) -> Node:
    """``Base`` of ``Base[int]``."""
    owner = base.child_by_field_name("value") if base.type == "subscript" else None
    return owner if owner is not None else base


def lineage(ev: Evaluator, cls: Class) -> list[Class | External | Unknown]:
    """The class and its bases, nearest first, depth first, a base that comes up twice at its last place.

    Asked of nearly every object there is, so what is found is remembered, but where a base is not known (yet).
    """
    key = ("", cls.node.start_byte, "lineage")
    known: list[Class | External | Unknown] | None = cls.scope.memo.get(key)
    if known is not None:
        return known
    found: list[Class | External | Unknown] = []

    def visit(value: Value, depth: int) -> None:
        if isinstance(value, Choice) and all(isinstance(one.value, External) for one in value.alternatives):
            names = {one.value.name.rpartition(".")[2] for one in value.alternatives if isinstance(one.value, External)}
            if len(names) == 1:  # ``except ImportError`` takes the same class from elsewhere
                value = value.alternatives[0].value
        if isinstance(value, Class):
            if depth > 20 or any(other.node == value.node for other in path):
                return
            found.append(value)
            path.append(value)
            for base in base_values(ev, value):
                visit(base, depth + 1)
            path.pop()
        elif isinstance(value, External):
            found.append(value)
        else:
            found.append(Unknown("a base class", value.origin))

    path: list[Class] = []
    visit(cls, 0)
    last: list[Class | External | Unknown] = []
    for position, value in enumerate(found):
        if not any(_same(value, other) for other in found[position + 1 :]):
            last.append(value)
    if not any(isinstance(value, Unknown) for value in last):
        ev.remember(cls.scope.memo, key, last)
    return last


def _same(one: Class | External | Unknown, other: Class | External | Unknown) -> bool:
    if isinstance(one, Class) and isinstance(other, Class):
        return one.node == other.node and one.scope is other.scope
    return isinstance(one, External) and isinstance(other, External) and one.name == other.name


def has_base(ev: Evaluator, cls: Class, *names: str) -> bool:
    """Whether a class descends from something outside whose last name is one of ``names``."""
    return any(isinstance(b, External) and b.name.rpartition(".")[2] in names for b in lineage(ev, cls))


def class_attribute(ev: Evaluator, cls: Class, name: str, origin: Location, instance: Instance | None) -> Value | None:
    """``cls.name``, or ``instance.name`` as far as the class has it; None when no class of the lineage sets it."""
    if instance is None:
        outside = where_set(ev, cls, name, None, origin.path)
        if outside is not None:
            return outside
    why = changes_itself(ev, cls)
    if why:
        return Unknown(why, origin)
    if instance is None:
        from celery_backend_lint.evaluate.objects import record_classes
        from celery_backend_lint.evaluate.pydantic import models as settings_classes

        field = settings_classes.class_field(ev, cls, name, origin) if settings_classes.is_model(ev, cls) else None
        if field is None and record_classes.is_record(ev, cls):
            field = record_classes.class_field(ev, cls, name, origin)
        if field is not None:
            return field
    fallback: Value | None = None
    for base in reversed(lineage(ev, cls)):
        if isinstance(base, Class):
            found = ev.read(ev.scope_of(base), name, None)
            fallback = with_fallback(found, fallback)
        elif isinstance(base, Unknown) or base.name not in _HARMLESS:
            why = base.why if isinstance(base, Unknown) else f"a base class from outside, {base.name}"
            fallback = Unknown(why, origin) if fallback is None else fallback
    if isinstance(fallback, Function):
        return _bound(ev, fallback, cls, instance, origin)
    if instance is None and fallback is not None and is_enum(ev, cls) and not name.startswith("_"):
        from celery_backend_lint.evaluate.objects.enums import member

        return member(ev, cls, name, fallback)
    return fallback


def changes_itself(ev: Evaluator, cls: Class) -> str:
    """Why the attributes of a class are not those that its body sets; "" where they are."""
    for base in lineage(ev, cls):
        if not isinstance(base, Class):
            continue
        if b"__getattribute__" in (base.node.text or b""):
            return "the class finds its attributes itself"
        metaclass = keyword_of_class(base, "metaclass")
        if metaclass is not None and text_of(metaclass).rpartition(".")[2] not in ("ABCMeta", "EnumMeta", "EnumType"):
            found = ev.value(metaclass, base.scope)
            own = set(ev.scope_of(found).bindings) if isinstance(found, Class) else {"__new__"}
            if {name for name in own if name.startswith("__")} - {"__call__", "__doc__"}:
                return "a metaclass may change it"
        for decorator in class_decorators(base):
            if decorator_name(decorator) not in _HARMLESS_DECORATORS:
                return f"the class decorator {decorator_name(decorator)} may change it"
    return ""


def class_decorators(cls: Class) -> list[Node]:
    """The expressions that decorate a class, outermost first."""
    parent = cls.node.parent
    if parent is None or parent.type != "decorated_definition":
        return []
    return [child.named_children[0] for child in parent.children if child.type == "decorator" and child.named_children]


_ENUMS = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "TextChoices", "IntegerChoices")


def is_enum(ev: Evaluator, cls: Class) -> bool:
    """Whether a class is an enum; its members are instances whose one argument is the value."""
    return has_base(ev, cls, *_ENUMS)


def decorators(function: Function) -> list[Node]:
    """The expressions that decorate a function, outermost first."""
    parent = function.node.parent
    if parent is None or parent.type != "decorated_definition":
        return []
    return [child.named_children[0] for child in parent.children if child.type == "decorator" and child.named_children]


def decorator_name(node: Node) -> str:
    """The last name of a decorator: ``computed_field`` of ``@pydantic.computed_field(...)``."""
    if node.type == "call":
        function = node.child_by_field_name("function")
        node = function if function is not None else node
    return text_of(node).rpartition(".")[2]


def _bound(ev: Evaluator, function: Function, cls: Class, instance: Instance | None, origin: Location) -> Value:
    names = {decorator_name(node) for node in decorators(function)}
    if "staticmethod" in names:
        return function
    if instance is not None and names & _PROPERTIES:
        from celery_backend_lint.evaluate.functions import follow

        return follow(ev, function, [instance], [], origin)
    bound: Instance | Class = cls if instance is None or "classmethod" in names else instance
    return Method(function, bound, origin)


def instance_attribute(ev: Evaluator, instance: Instance, name: str, origin: Location) -> Value:
    """``instance.name``: what the constructor sets, else the class."""
    cls = instance.type
    if isinstance(cls, External):
        from celery_backend_lint.evaluate import kept_apps
        from celery_backend_lint.evaluate.environment import url_parts
        from celery_backend_lint.evaluate.flask import config as flask
        from celery_backend_lint.evaluate.objects import builtins_on_objects as objects

        found = objects.attribute(instance, name, origin)
        if found is not None:
            return found
        if cls.name == url_parts.RESULT and name != "geturl":
            return url_parts.part(instance, name, origin)
        if name == "config" and flask.is_flask(ev, instance):
            return flask.config_of(instance, origin)
        if name == "conf" and cls.name.startswith("celery."):
            return Instance(External(CONF, origin), (), (), instance.origin)
        kept = kept_apps.attribute_of_application(instance, name, origin) or kept_apps.kept(ev, instance, name, origin)
        if kept is not None:
            return kept
        return Unknown(f"an attribute of {cls.name}", origin)
    if name == "config" and has_base(ev, cls, "Flask", "Quart"):
        from celery_backend_lint.evaluate.flask import config as flask

        if flask.is_flask(ev, instance):
            return flask.config_of(instance, origin)
    if has_base(ev, cls, "Configuration"):
        from celery_backend_lint.evaluate.django import configurations as django_configurations

        if django_configurations.is_configuration(ev, cls):
            given = django_configurations.attribute(ev, cls, name, origin, instance)
            return given if given is not None else Unknown(f"{cls.name} does not set {name}", origin)
    if is_enum(ev, cls):
        if name in ("value", "_value_") and instance.arguments:
            return instance.arguments[0]
        if name in ("name", "_name_") and instance.keywords:
            return instance.keywords[0].value
        return _or_class(ev, None, cls, name, origin, instance)
    from celery_backend_lint.evaluate.pydantic.models import field_value, is_model

    if is_model(ev, cls):
        found = where_set(ev, cls, name, instance, origin.path) or field_value(ev, instance, cls, name)
        if found is not None:
            return found
    first = instance.arguments[0] if instance.arguments else None
    if isinstance(first, External) and first.name == PARTIAL:
        so_far = instance.arguments[1]
        held = so_far.get(name) if isinstance(so_far, Mapping) else None
        if held is not None and not isinstance(held, (Choice, Missing)):
            return held
        unset = _or_class(ev, None, cls, name, origin, instance)
        return with_fallback(held, unset) or unset
    outside = where_set(ev, cls, name, instance, origin.path)
    if outside is not None:
        return outside
    from celery_backend_lint.evaluate.objects import record_classes

    if record_classes.is_record(ev, cls) and not changes_itself(ev, cls):
        found = record_classes.field_value(ev, instance, cls, name)
        if found is not None:
            return found
        if name in ("_asdict", "_replace"):
            return Instance(External(f"record.method.{name}", origin), (instance,), (), origin)
    if has_base(ev, cls, "Struct"):
        given = next((entry.value for entry in instance.keywords if _key(entry.key) == name), None)
        if given is not None:
            return given
    from celery_backend_lint.evaluate.objects.constructors import set_by_init

    value = set_by_init(ev, instance, cls, name)
    if value is None and not is_model(ev, cls) and _may_be_field(ev, cls, name):
        return Unknown("a base class from outside may read its fields from elsewhere", origin)
    return _or_class(ev, value, cls, name, origin, instance)


def _may_be_field(ev: Evaluator, cls: Class, name: str) -> bool:
    """Whether a name is annotated in a class of whose bases one is not known: it may be a field of a settings class."""
    bases = lineage(ev, cls)
    known = all(
        isinstance(base, Class) or (isinstance(base, External) and base.name.startswith(_PLAIN)) for base in bases
    )
    if known:
        return False
    for base in bases:
        for binding in ev.scope_of(base).bindings.get(name, []) if isinstance(base, Class) else ():
            statement = binding.target.parent
            if statement is not None and statement.child_by_field_name("type") is not None:
                return True
    return False


def _or_class(ev: Evaluator, value: Value | None, cls: Class, name: str, origin: Location, instance: Instance) -> Value:
    if value is not None and not isinstance(value, Missing):
        return value
    found = class_attribute(ev, cls, name, origin, instance)
    if found is None or isinstance(found, Missing):
        getter = class_attribute(ev, cls, "__getattr__", origin, instance) if not name.startswith("__") else None
        if isinstance(getter, Method):
            from celery_backend_lint.evaluate.functions import follow

            return follow(ev, getter.function, [instance, Literal(name, origin)], [], origin)
        return Unknown(f"{cls.name} does not set {name}", origin)
    return found


def _key(value: Value) -> object:
    return value.value if isinstance(value, Literal) else None


def set_on_self(ev: Evaluator, cls: Class) -> dict[str, list[Location]]:
    """The names that a class's own ``__init__`` sets on its instance, with their places."""
    found: dict[str, list[Location]] = {}
    for method in ("__init__", "__post_init__", "__attrs_post_init__"):
        init = ev.read(ev.scope_of(cls), method, None)
        if not isinstance(init, Function):
            continue
        scope = ev.function_scope(init.node, init.scope)
        for binding in scope.attributes:
            owner, name = binding.target.child_by_field_name("object"), binding.target.child_by_field_name("attribute")
            if owner is not None and name is not None and owner.type == "identifier" and text_of(owner) == "self":
                found.setdefault(text_of(name), []).append(ev.location(binding.target, scope))
    return found


def keyword_of_class(cls: Class, name: str) -> Node | None:
    """The value of a keyword in a class statement: ``class Settings(BaseSettings, env_prefix="X_")``."""
    superclasses = cls.node.child_by_field_name("superclasses")
    if superclasses is None:
        return None
    for child in superclasses.named_children:
        if child.type == "keyword_argument":
            key, value = child.child_by_field_name("name"), child.child_by_field_name("value")
            if key is not None and text_of(key) == name:
                return value
    return None


def decorator_arguments(node: Node) -> list[Node]:
    """The positional arguments of a decorator that is a call."""
    return [value for name, value in arguments_of(node) if not name] if node.type == "call" else []
