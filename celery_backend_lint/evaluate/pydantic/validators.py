"""Validators of pydantic classes, followed as the functions they are.

Seen with pydantic 2.14.3 and 1.10.27: ``before`` (and ``pre=True``) is called before the conversion with what the field
is given, ``after`` with what it was made into; defaults are validated in settings classes (``validate_default``,
``validate_all``), elsewhere only with ``always=True``. A validator of a model that returns ``self`` sets what it
assigns.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import distribute, with_fallback
from celery_backend_lint.evaluate.functions import follow, parameter_names
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.objects.self_assignments import MethodCall, calls_setter
from celery_backend_lint.evaluate.values import (
    Class,
    Entry,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Missing,
    Unknown,
)
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.pydantic.fields import Field
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

_OF_FIELDS = ("field_validator", "validator")
_OF_MODELS = ("model_validator", "root_validator")
INFO = "pydantic.ValidationInfo"


@record
class Validator:
    """A validator: ``mode`` is before, after, plain or wrap; ``fields`` the names it is for, ``*`` for all.

    ``values`` says that it takes a dict of the fields (a ``root_validator``, or the third argument of pydantic 1).
    ``always`` says that it validates defaults.
    """

    mode: str
    fields: tuple[str, ...]
    function: Function | None
    values: bool
    always: bool
    first: bool


def validators_of(ev: Evaluator, cls: Class) -> tuple[list[Validator], list[Validator]]:
    """The validators of fields and those of models that a class has, with those of its bases first."""
    fields: dict[str, Validator] = {}
    models: dict[str, Validator] = {}
    for base in reversed(classes.lineage(ev, cls)):
        if not isinstance(base, Class):
            continue
        scope = ev.scope_of(base)
        if b"validator" not in (base.node.text or b"") and b"model_post_init" not in (base.node.text or b""):
            continue
        for name, bindings in scope.bindings.items():
            binding = bindings[-1]
            fields.pop(name, None)
            models.pop(name, None)
            if binding.kind == "def":
                function = Function(name, binding.node, scope, ev.location(binding.target, scope))
                if name == "model_post_init":
                    models[name] = Validator("after", ("*",), function, False, False, first=True)
                for decorator in classes.decorators(function):
                    _add(ev, decorator, name, function, scope, (fields, models))
            elif binding.kind == "assign" and binding.node.type == "call":
                made = binding.node.child_by_field_name("function")
                if made is not None and made.type == "call":
                    given = [value for key, value in arguments_of(binding.node) if not key]
                    value = ev.value(given[0], scope) if given else None
                    _add(ev, made, name, value if isinstance(value, Function) else None, scope, (fields, models))
    return list(fields.values()), list(models.values())


def _add(
    ev: Evaluator, decorator: Node, name: str, function: Function | None, scope: Scope,
    found: tuple[dict[str, Validator], dict[str, Validator]],
) -> None:  # fmt: skip
    kind = classes.decorator_name(decorator)
    if kind not in (*_OF_FIELDS, *_OF_MODELS):
        return
    options = {key: ev.value(value, scope) for key, value in arguments_of(decorator) if key not in ("", "*", "**")}
    old = kind in ("validator", "root_validator")
    mode = "before" if _is_true(options.get("pre")) else "after"
    given = options.get("mode")
    if not old and given is not None:
        mode = str(given.value) if isinstance(given, Literal) else "wrap"
    if _is_true(options.get("each_item")):
        mode = "wrap"
    names: list[str] = []
    for argument in classes.decorator_arguments(decorator):
        value = ev.value(argument, scope)
        names.append(value.value if isinstance(value, Literal) and isinstance(value.value, str) else "*")
    validator = Validator(mode, tuple(names) or ("*",), function, old, _is_true(options.get("always")), first=False)
    found[0 if kind in _OF_FIELDS else 1][name] = validator


def _is_true(value: Value | None) -> bool:
    return isinstance(value, Literal) and bool(value.value)


def for_field(validators: list[Validator], name: str) -> list[Validator]:
    """Those of some validators that are for a field."""
    return [one for one in validators if name in one.fields or "*" in one.fields]


def call_validator(
    ev: Evaluator, validator: Validator, cls: Class, field: Field, value: Value, known: Callable[[str], Value | None]
) -> Value:
    """What a field's validator makes of ``value``; ``known`` answers what the fields before it hold."""
    function = validator.function
    place = value.origin
    if function is None or validator.mode in ("wrap", "plain"):
        return Unknown(f"a validator may change {field.name}", place)
    text = text_of(function.node)
    fields: list[Entry] = []
    data = Mapping((), place, complete=False)
    parameters = parameter_names(function.node)
    if len(parameters) > 2 or validator.values:
        for name, held in _mentioned(text, known):
            fields.append(Entry(Literal(name, place), held, place))
        data = Mapping(tuple(fields), place, _reads_by_name(text))
    arguments: list[Value] = [value]
    bound = bool(parameters) and parameters[0][0] in ("cls", "self") and function.node.type != "lambda"
    if bound:
        arguments.insert(0, cls)
    rest = parameters[len(arguments) :]
    keywords: list[Entry] = []
    if validator.values:
        for name, kind, _ in rest:
            if not kind:
                given: Value = data if name == "values" else Unknown(f"the argument {name}", place)
                keywords.append(Entry(Literal(name, place), given, place))
    elif rest and not rest[0][1]:
        info = (Entry(Literal("data", place), data, place), Entry(Literal("field_name", place), Literal(field.name, place), place))  # fmt: skip # noqa: E501
        arguments.append(Instance(External(INFO, place), (), info, place))
    return follow(ev, function, arguments, keywords, place)


def _reads_by_name(text: str) -> bool:
    """Whether a function takes nothing from ``values`` or ``data`` but by quoted names."""
    uses = re.findall(r"\b(?:values|data)\b(.{0,12})", text, re.DOTALL)
    return all(re.match(r"""(\.get\(|\.data\.get\(|\[|\.data\[)\s*["']|\s*[:,)]|\s*$|\.data$""", use) for use in uses)


def _mentioned(text: str, known: Callable[[str], Value | None]) -> list[tuple[str, Value]]:
    found = []
    for name in dict.fromkeys(re.findall(r"""["'](\w+)["']""", text)):
        held = known(name)
        if held is not None:
            found.append((name, held))
    return found


def call_annotated(ev: Evaluator, function: Value, value: Value) -> Value:
    """What a function of ``BeforeValidator(function)`` or ``AfterValidator(function)`` makes of ``value``."""
    from celery_backend_lint.evaluate.calls import call_value

    return call_value(ev, function, [value], [], value.origin)


def after_model(
    ev: Evaluator, validator: Validator, instance: Instance, name: str, value: Value,
    stage: Callable[[str], Value | None], place: Location,
) -> Value:  # fmt: skip
    """What a field holds after a validator of its model, ``value`` being what it held before."""
    function = validator.function
    if function is None:
        return Unknown(f"a validator may change {name}", place)
    text = text_of(function.node)
    if not isinstance(instance.type, Class):
        return Unknown(f"a validator may change {name}", place)
    if not _may_set(ev, instance.type, text, name):
        return value
    if validator.mode != "after" or _is_dynamic(text):
        return Unknown(f"a validator may change {name}", place)
    if validator.values:
        return _after_root(ev, function, instance.type, name, value, stage, place)
    parameters = [one for one, kind, _ in parameter_names(function.node) if not kind]
    position = 0
    if any(classes.decorator_name(one) == "classmethod" for one in classes.decorators(function)):
        position = 1
    if len(parameters) <= position:
        return Unknown(f"a validator may change {name}", place)
    if _calls_setter(ev, instance.type, text, name):
        return Unknown(f"a method may change {name}", place)
    first: list[Value] = [instance.type] if position else []

    def made(so_far: Mapping) -> list[Value]:
        staged = (*instance.arguments[:2], so_far)
        return [*first, Instance(instance.type, staged, instance.keywords, place)]

    found = MethodCall(ev, function, parameters[position], made, []).leaves(name)
    return value if found is None else (with_fallback(found, value) or value)


def _is_dynamic(text: str) -> bool:
    return bool(re.search(r"setattr|__dict__|\bfor\b|\*\*", text))


def _may_set(ev: Evaluator, cls: Class, text: str, name: str) -> bool:
    """Whether a function may set a field: it names it, sets names that are not seen, or calls a method that does."""
    if re.search(rf"\b{re.escape(name)}\b", text) or _calls_setter(ev, cls, text, name):
        return True
    if re.search(r"__dict__|\bfor\b|\*\*", text):
        return True
    return len(re.findall("setattr", text)) > len(re.findall(r"""setattr(?:__)?\(\s*\w+,\s*["']\w+["']""", text))


def _calls_setter(ev: Evaluator, cls: Class, text: str, name: str) -> bool:
    """Whether a function calls a method of the class that sets the attribute."""
    return calls_setter(lambda method: methods_of(ev, cls, method), text, name)


def methods_of(ev: Evaluator, cls: Class, name: str) -> list[str]:
    """The texts of the methods of a name that a class has, its bases' too."""
    found = []
    for base in classes.lineage(ev, cls):
        bindings = ev.scope_of(base).bindings.get(name) if isinstance(base, Class) else None
        if bindings and bindings[-1].kind == "def":
            found.append(text_of(bindings[-1].node))
    return found


def _after_root(
    ev: Evaluator, function: Function, cls: Class, name: str, value: Value, stage: Callable[[str], Value | None],
    place: Location,
) -> Value:  # fmt: skip
    """What a ``root_validator`` of pydantic 1 returns under the field's name."""
    entries = [Entry(Literal(key, place), held, place) for key, held in _mentioned(text_of(function.node), stage)]
    if name not in [entry.key.value for entry in entries if isinstance(entry.key, Literal)]:
        entries.append(Entry(Literal(name, place), value, place))
    result = follow(ev, function, [cls, Mapping(tuple(entries), place, complete=False)], [], place)
    return _item(result, name, place)


def _item(result: Value, name: str, place: Location) -> Value:
    from celery_backend_lint.evaluate.values import Choice

    if isinstance(result, Choice):
        return distribute(result, place, lambda one: _item(one, name, place))
    if isinstance(result, Mapping):
        found = result.get(name)
        if found is not None and not isinstance(found, Missing):
            return found
    return Unknown(f"a validator may change {name}", place)
