"""Classes whose constructor takes their fields: dataclasses, attrs, NamedTuple.

Seen with Python 3.11 and attrs 26.1: annotated names are fields in the order of the classes, those of bases first;
``attr.s`` without ``auto_attribs`` takes ``attr.ib()`` only; attrs converts defaults too.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import with_fallback
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.objects.self_assignments import MethodCall, calls_setter, partial
from celery_backend_lint.evaluate.pydantic.validators import methods_of
from celery_backend_lint.evaluate.values import (
    Class,
    Entry,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Missing,
    Sequence,
    Unknown,
)
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

_DECORATORS = {
    "dataclasses.dataclass": "dataclass", "attr.s": "attr.s", "attr.attrs": "attr.s", "attr.attributes": "attr.s",
    "attr.dataclass": "attrs", "attr.define": "attrs", "attr.frozen": "attrs", "attr.mutable": "attrs",
    "pydantic.dataclasses.dataclass": "pydantic", "pydantic.v1.dataclasses.dataclass": "pydantic",
    "attrs.define": "attrs", "attrs.frozen": "attrs", "attrs.mutable": "attrs",
}  # fmt: skip
_FIELDS = frozenset({"dataclasses.field", "attr.ib", "attr.attrib", "attr.attr", "attr.field", "attrs.field"})
_POST_INIT = ("__post_init__", "__attrs_post_init__")


@record
class RecordField:
    """A field: ``default`` is None where it must be given; ``init`` says whether the constructor takes it."""

    name: str
    default: Value | None
    init: bool
    keyword_only: bool
    converter: Value | None
    init_only: bool


def kind_of(ev: Evaluator, cls: Class) -> tuple[str, Node | None]:
    """``dataclass``, ``attrs``, ``attr.s`` or ``NamedTuple`` with the decorator; "" for another class."""
    for decorator in classes.class_decorators(cls):
        function = decorator.child_by_field_name("function") if decorator.type == "call" else decorator
        value = ev.value(function, cls.scope) if function is not None else None
        if isinstance(value, External) and value.name in _DECORATORS:
            return _DECORATORS[value.name], decorator
    return ("NamedTuple", None) if classes.has_base(ev, cls, "NamedTuple") else ("", None)


def is_record(ev: Evaluator, cls: Class) -> bool:
    """Whether the class is such a class, or descends from one."""
    return any(isinstance(base, Class) and kind_of(ev, base)[0] for base in classes.lineage(ev, cls))


def fields_of(ev: Evaluator, cls: Class) -> list[RecordField]:
    """The fields of a class in the order in which its constructor takes them."""
    found: dict[str, RecordField] = {}
    for base in reversed(classes.lineage(ev, cls)):
        if not isinstance(base, Class):
            continue
        kind, decorator = kind_of(ev, base)
        if kind:
            for field in _own_fields(ev, base, kind, decorator):
                found[field.name] = field
    return list(found.values())


def _own_fields(ev: Evaluator, cls: Class, kind: str, decorator: Node | None) -> list[RecordField]:
    scope = ev.scope_of(cls)
    options = dict(arguments_of(decorator)) if decorator is not None and decorator.type == "call" else {}
    keyword_only = "kw_only" in options and text_of(options["kw_only"]) == "True"
    automatic = kind != "attr.s" or text_of(options.get("auto_attribs", cls.node)) == "True"
    declared: list[tuple[str, Node | None, Node | None]] = []
    for name, bindings in scope.bindings.items():
        binding = bindings[-1]
        if binding.kind not in ("assign", "annotate"):
            continue
        statement = bindings[0].target.parent
        annotation = statement.child_by_field_name("type") if statement is not None else None
        declared.append((name, annotation, binding.node if binding.kind == "assign" else None))
    if kind == "attrs" and any(annotation is None and _is_field(ev, node, scope) for _, annotation, node in declared):
        automatic = False
    found = []
    for name, annotation, node in declared:
        text = text_of(annotation) if annotation is not None else ""
        if text.rpartition(".")[2] == "KW_ONLY":
            keyword_only = True
        elif "ClassVar" in text or not (_is_field(ev, node, scope) or (annotation is not None and automatic)):
            continue
        elif node is not None and _is_field(ev, node, scope):
            found.append(_read_field(ev, name, node, scope, keyword_only))
        else:
            default = ev.value(node, scope) if node is not None else None
            found.append(RecordField(name, default, True, keyword_only, None, "InitVar" in text))
    return found


def _is_field(ev: Evaluator, node: Node | None, scope: Scope) -> bool:
    function = node.child_by_field_name("function") if node is not None and node.type == "call" else None
    value = ev.value(function, scope) if function is not None else None
    return isinstance(value, External) and value.name in _FIELDS


def _read_field(ev: Evaluator, name: str, node: Node, scope: Scope, keyword_only: bool) -> RecordField:
    from celery_backend_lint.evaluate.calls import call_value

    options = {key: value for key, value in arguments_of(node) if key}
    place = ev.location(node, scope)
    default: Value | None = None
    if "default" in options:
        default = ev.value(options["default"], scope)
        if (
            isinstance(default, Instance)
            and isinstance(default.type, External)
            and default.type.name.endswith("Factory")
        ):
            plain = len(default.arguments) == 1 and not default.keywords
            default = call_value(ev, default.arguments[0], [], [], place) if plain else Unknown("a default made of the object", place)  # fmt: skip # noqa: E501
    for key in ("default_factory", "factory"):
        if key in options:
            default = call_value(ev, ev.value(options[key], scope), [], [], place)
    if default is None and _has_default_method(name, scope):
        default = Unknown("a default that a method makes", place)
    converter = ev.value(options["converter"], scope) if "converter" in options else None
    init = "init" not in options or text_of(options["init"]) != "False"
    only = keyword_only or ("kw_only" in options and text_of(options["kw_only"]) == "True")
    return RecordField(name, default, init, only, converter, False)


def _has_default_method(name: str, scope: Scope) -> bool:
    return f"@{name}.default" in text_of(scope.node)


def field_value(ev: Evaluator, instance: Instance, cls: Class, name: str) -> Value | None:
    """What an attribute of an instance holds, as far as fields and ``__post_init__`` say; None for neither."""
    if "__init__" in ev.scope_of(cls).bindings:
        return None
    fields = fields_of(ev, cls)
    field = next((one for one in fields if one.name == name and not one.init_only), None)
    value = _given(ev, instance, fields, field) if field is not None else None
    if kind_of(ev, cls)[0] == "pydantic" and (value is not field.default if field is not None else False):
        return Unknown("a dataclass of pydantic converts what it is given", instance.origin)
    if kind_of(ev, cls)[0] == "pydantic" and b"validator" in (cls.node.text or b""):
        return Unknown(f"a validator may change {name}", instance.origin)
    method = _post_init(ev, cls)
    if method is None:
        return value
    text = text_of(method.node)
    if (
        f".{name}" not in text
        and name not in text
        and not calls_setter(lambda one: methods_of(ev, cls, one), text, name)
    ):
        return value
    if "super()" in text or calls_setter(lambda one: methods_of(ev, cls, one), text, name):
        return Unknown(f"a method may change {name}", instance.origin)
    held = tuple(
        Entry(Literal(one.name, instance.origin), _given(ev, instance, fields, one), instance.origin)
        for one in fields
        if not one.init_only and (one.default is not None or one.init)
    )

    def made(so_far: Mapping) -> list[Value]:
        given = Mapping(held, instance.origin)
        later = [
            Entry(one.key, with_fallback(one.value, given.get(str(_key(one)))) or one.value, one.origin)
            for one in so_far.entries
        ]
        return partial(instance, classes.PARTIAL, Mapping((*held, *later), instance.origin))

    rest = [
        Entry(Literal(one.name, instance.origin), _given(ev, instance, fields, one), instance.origin)
        for one in fields
        if one.init_only
    ]
    found = MethodCall(ev, method, "self", made, rest).leaves(name)
    return value if found is None else with_fallback(found, value)


def _key(entry: Entry) -> object:
    return entry.key.value if isinstance(entry.key, Literal) else None


def _post_init(ev: Evaluator, cls: Class) -> Function | None:
    for base in classes.lineage(ev, cls):
        for name in _POST_INIT if isinstance(base, Class) else ():
            found = ev.read(ev.scope_of(base), name, None) if isinstance(base, Class) else None
            if isinstance(found, Function):
                return found
    return None


def _given(ev: Evaluator, instance: Instance, fields: list[RecordField], field: RecordField) -> Value:
    from celery_backend_lint.evaluate.calls import call_value

    value = field.default
    if field.init:
        parameter = field.name.lstrip("_") if field.name.startswith("_") and _is_attrs(ev, instance) else field.name
        order = [one.name for one in fields if one.init and not one.keyword_only]
        for entry in instance.keywords:
            if isinstance(entry.key, Literal) and entry.key.value == parameter:
                value = entry.value
            elif not isinstance(entry.key, Literal):
                return Unknown("an argument passed with **", instance.origin)
        if field.name in order and order.index(field.name) < len(instance.arguments):
            value = instance.arguments[order.index(field.name)]
    if value is None:
        return Unknown(f"{field.name} is given when the object is made", instance.origin)
    return value if field.converter is None else call_value(ev, field.converter, [value], [], value.origin)


def _is_attrs(ev: Evaluator, instance: Instance) -> bool:
    return isinstance(instance.type, Class) and kind_of(ev, instance.type)[0].startswith("attr")


def class_field(ev: Evaluator, cls: Class, name: str, origin: Location) -> Value | None:
    """``Settings.name`` of such a class: only a dataclass without slots keeps defaults there; None for no field."""
    for base in classes.lineage(ev, cls):
        if not isinstance(base, Class) or name not in ev.scope_of(base).bindings:
            continue
        kind, decorator = kind_of(ev, base)
        field = (
            next((one for one in _own_fields(ev, base, kind, decorator) if one.name == name), None) if kind else None
        )
        if field is None:
            return None
        statement = ev.scope_of(base).bindings[name][-1]
        made = statement.kind == "assign" and "factory" in text_of(statement.node)
        if kind != "dataclass" or made or field.default is None or (decorator is not None and b"slots" in (decorator.text or b"")):  # fmt: skip # noqa: E501
            return Unknown("a field is only there on instances", origin)
        return field.default
    return None


def as_dict(ev: Evaluator, value: Value, origin: Location) -> Value:
    """``dataclasses.asdict(value)`` and attrs' own: fields of fields too."""
    if isinstance(value, Sequence):
        return Sequence(value.kind, tuple(as_dict(ev, one, origin) for one in value.items), origin, value.complete)
    if not isinstance(value, Instance) or not isinstance(value.type, Class) or not is_record(ev, value.type):
        return value
    entries = [
        Entry(
            Literal(one.name, origin),
            as_dict(ev, classes.instance_attribute(ev, value, one.name, origin), origin),
            origin,
        )
        for one in fields_of(ev, value.type)
        if not one.init_only
    ]
    return Mapping(tuple(entries), origin)


def replaced(ev: Evaluator, value: Value, changes: list[Entry], origin: Location) -> Value:
    """``dataclasses.replace(value, …)``: made anew from the fields that it holds."""
    if not isinstance(value, Instance) or not isinstance(value.type, Class) or not is_record(ev, value.type):
        return Unknown("a copy of an object that is not known", origin)
    held = [
        Entry(Literal(one.name, origin), classes.instance_attribute(ev, value, one.name, origin), origin)
        for one in fields_of(ev, value.type)
        if one.init and not one.init_only
    ]
    if any(isinstance(entry.value, Missing) for entry in held):
        return Unknown("a copy of an object that is not known", origin)
    return Instance(value.type, (), (*held, *changes), origin)
