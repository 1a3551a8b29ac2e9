"""Annotations of fields: ``Optional[int]``, ``Annotated[str, Field(alias="X")]``, ``"str | None"``, ``RedisDsn``."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import access
from celery_backend_lint.evaluate.name_lookup import meaning
from celery_backend_lint.evaluate.pydantic import conversions
from celery_backend_lint.evaluate.values import Class, External, Unknown
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import EXTRAS, children_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

MOST_NESTED = 12
"""How deep an annotation, with the aliases that it goes through, is followed."""

_SCALARS = {
    "str": "str", "StrictStr": "str", "EmailStr": "str", "NameEmail": "unknown", "unicode": "str", "bytes": "bytes",
    "int": "int", "PositiveInt": "int", "NonNegativeInt": "int", "NegativeInt": "int", "NonPositiveInt": "int",
    "StrictInt": "int", "float": "float", "PositiveFloat": "float", "NonNegativeFloat": "float", "StrictFloat": "float",
    "bool": "bool", "StrictBool": "bool", "timedelta": "timedelta", "Any": "Any", "object": "Any", "None": "None",
    "SecretStr": "secret", "Literal": "unconverted", "conint": "int", "confloat": "float",
}  # fmt: skip
_CONTAINERS = {
    "list": "list", "List": "list", "set": "set", "Set": "set", "tuple": "tuple", "Tuple": "tuple", "dict": "dict",
    "Dict": "dict", "frozenset": "frozenset", "FrozenSet": "frozenset",
}  # fmt: skip
_TYPING = frozenset({"Annotated", "Any", "ClassVar", "Dict", "List", "Literal", "Optional", "Set", "Tuple", "Union"})
_CHANGES_TEXT = ("strip_whitespace", "to_lower", "to_upper")


@record
class FieldType:
    """A type that a field is declared with.

    ``name`` is a name of ``conversions`` (``str``, ``list``, ``Union``, ``RedisDsn``), or ``secret``, ``enum``,
    ``model`` and ``object`` (``cls`` is the class), ``ClassVar``, ``Final``, ``unknown``. ``parts`` are its parameters.
    """

    name: str
    parts: tuple[FieldType, ...] = ()
    cls: Class | None = None

    @property
    def text(self) -> str:
        """As the cast of an Environment."""
        if not self.parts:
            return self.name
        return f"{self.name}[{','.join(part.text for part in self.parts)}]"

    @property
    def optional(self) -> bool:
        """Whether None is one of its values by itself."""
        return self.name in ("None", "Any") or (self.name == "Union" and any(one.optional for one in self.parts))

    @property
    def members(self) -> tuple[FieldType, ...]:
        """The types of a union but None, or the type itself."""
        if self.name != "Union":
            return (self,)
        return tuple(member for one in self.parts for member in one.members if member.name != "None")

    @property
    def plain(self) -> bool:
        """Whether `conversions` knows it with all its parts, and its values are plain objects."""
        if self.name in conversions.URLS:
            return False
        known = self.name in conversions.COMPLEX or self.name in _PLAIN
        return known and all(part.plain for part in self.parts)


_PLAIN = frozenset({"str", "int", "float", "bool", "timedelta", "Any", "unconverted", "None", "Union", "..."})
UNKNOWN = FieldType("unknown")
ANY = FieldType("Any")


def read_type(ev: Evaluator, node: Node, scope: Scope, depth: int = 0) -> tuple[FieldType, list[Node]]:
    """The type that an annotation stands for, and the metadata of its ``Annotated``."""
    if depth > MOST_NESTED:
        return UNKNOWN, []
    kind = node.type
    if kind in ("type", "parenthesized_expression") and node.named_children:
        return read_type(ev, node.named_children[0], scope, depth + 1)
    if kind == "none":
        return FieldType("None"), []
    if kind == "ellipsis":
        return FieldType("..."), []
    if kind == "string":
        text = string_value(node)
        return (_of_text(ev, text, node, scope) if isinstance(text, str) else UNKNOWN), []
    if kind in ("binary_operator", "union_type"):
        return _union([read_type(ev, child, scope, depth + 1)[0] for child in children_of(node)]), []
    if kind in ("generic_type", "subscript"):
        return _generic(ev, node, scope, depth)
    if kind in ("identifier", "attribute"):
        found = named(ev, _value(ev, node, scope))
        if found is UNKNOWN and kind == "identifier":
            return _alias(ev, text_of(node), scope, depth)
        return found, []
    if kind == "call":
        function = node.child_by_field_name("function")
        if function is not None and not any(change in text_of(node) for change in _CHANGES_TEXT):
            name = text_of(function).rpartition(".")[2]
            return {"constr": FieldType("str"), "conint": FieldType("int"), "confloat": FieldType("float")}.get(
                name, UNKNOWN
            ), []
    return UNKNOWN, []


def _value(ev: Evaluator, node: Node, scope: Scope) -> Value:
    """What a name in an annotation is; a name of ``typing`` that a star import may bring is that."""
    value = ev.value(node, scope)
    if isinstance(value, Unknown) and text_of(node) in _TYPING:
        return External(f"typing.{text_of(node)}", value.origin)
    return value


def _alias(ev: Evaluator, name: str, scope: Scope, depth: int) -> tuple[FieldType, list[Node]]:
    """``Url = Annotated[str, …]`` in the same module."""
    inner: Scope | None = scope
    while inner is not None:
        bindings = inner.bindings.get(name, [])
        if len(bindings) == 1 and bindings[0].kind == "assign" and not bindings[0].path:
            return read_type(ev, bindings[0].node, inner, depth + 1)
        inner = inner.parent
    return UNKNOWN, []


def named(ev: Evaluator, value: Value) -> FieldType:
    """The type that a value stands for in an annotation."""
    from celery_backend_lint.evaluate.objects import classes
    from celery_backend_lint.evaluate.pydantic import models as settings_classes

    if isinstance(value, External):
        name = value.name.rpartition(".")[2]
        if name in _SCALARS:
            return FieldType(_SCALARS[name])
        if name in _CONTAINERS:
            return FieldType(_CONTAINERS[name])
        if name in conversions.URLS or name in ("ClassVar", "Final"):
            return FieldType(name)
        return FieldType("object") if name[:1].isupper() else UNKNOWN
    if isinstance(value, Class):
        if classes.is_enum(ev, value):
            return FieldType("enum", (), value)
        return FieldType("model" if settings_classes.is_model(ev, value) else "object", (), value)
    return UNKNOWN


def _generic(ev: Evaluator, node: Node, scope: Scope, depth: int) -> tuple[FieldType, list[Node]]:
    owner = node.child_by_field_name("value") or (node.named_children[0] if node.named_children else None)
    if owner is None:
        return UNKNOWN, []
    if node.type == "subscript":
        arguments = node.children_by_field_name("subscript")
        if len(arguments) == 1 and arguments[0].type == "tuple":
            arguments = arguments[0].named_children
    else:
        arguments = [one for child in node.named_children[1:] for one in child.named_children]
    arguments = [
        one.named_children[0] if one.type == "type" and one.named_children else one
        for one in arguments
        if one.type not in EXTRAS
    ]
    value = _value(ev, owner, scope)
    name = value.name.rpartition(".")[2] if isinstance(value, External) else ""
    if name == "Annotated" and arguments:
        inner, metadata = read_type(ev, arguments[0], scope, depth + 1)
        if any(change in text_of(one) for one in arguments[1:] for change in _CHANGES_TEXT):
            inner = UNKNOWN
        return inner, [*metadata, *arguments[1:]]
    if name == "Literal":
        return FieldType("unconverted"), []
    if name in ("ClassVar", "Final"):
        inner, metadata = read_type(ev, arguments[0], scope, depth + 1) if arguments else (ANY, [])
        return FieldType(name, (inner,)), metadata
    parts = [read_type(ev, one, scope, depth + 1)[0] for one in arguments]
    return _with_parts(name, parts, lambda: named(ev, value)), []


def _with_parts(name: str, parts: list[FieldType], other: Callable[[], FieldType]) -> FieldType:
    if name == "Optional" and len(parts) == 1:
        return _union([parts[0], FieldType("None")])
    if name == "Union":
        return _union(parts)
    if name in _CONTAINERS:
        return FieldType(_CONTAINERS[name], tuple(parts))
    if name in ("type", "Type", "Callable"):
        return UNKNOWN
    return other()


def _union(parts: list[FieldType]) -> FieldType:
    flat = [member for one in parts for member in (one.parts if one.name == "Union" else (one,))]
    return flat[0] if len(flat) == 1 else FieldType("Union", tuple(flat))


def _of_text(ev: Evaluator, text: str, node: Node, scope: Scope) -> FieldType:
    """The type of a quoted annotation: names, brackets and ``|`` only."""
    tokens = re.findall(r"\s*([\w.]+|[\[\],|])", text)
    if "".join(tokens) != "".join(text.split()):
        return UNKNOWN

    def single(at: int) -> tuple[FieldType, int]:
        dotted = tokens[at] if at < len(tokens) else ""
        if not re.fullmatch(r"[A-Za-z_][\w.]*", dotted):
            raise ValueError
        parts: list[FieldType] = []
        at += 1
        if at < len(tokens) and tokens[at] == "[":
            while tokens[at] != "]":
                part, at = union(at + 1)
                parts.append(part)
            at += 1
        if dotted == "None":
            return FieldType("None"), at
        first, *rest = dotted.split(".")
        value = meaning(ev, first, node, scope)
        for one in rest:
            value = access.attribute(ev, value, one, value.origin)
        name = value.name.rpartition(".")[2] if isinstance(value, External) else ""
        return (_with_parts(name, parts, lambda: named(ev, value)) if parts else named(ev, value)), at

    def union(at: int) -> tuple[FieldType, int]:
        found, at = single(at)
        parts = [found]
        while at < len(tokens) and tokens[at] == "|":
            found, at = single(at + 1)
            parts.append(found)
        return _union(parts), at

    try:
        found, end = union(0)
    except (ValueError, IndexError):
        return UNKNOWN
    return found if end == len(tokens) else UNKNOWN


if TYPE_CHECKING:
    from collections.abc import Callable
