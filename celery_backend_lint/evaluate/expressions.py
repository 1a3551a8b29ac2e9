"""Expressions to values: one reader per kind of tree-sitter node."""

from __future__ import annotations

from celery_backend_lint.evaluate import access, calls
from celery_backend_lint.evaluate.alternatives import combine, distribute
from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.dict_outcomes import overlaid
from celery_backend_lint.evaluate.flow import decided
from celery_backend_lint.evaluate.iteration import items_of
from celery_backend_lint.evaluate.loops import comprehension
from celery_backend_lint.evaluate.name_lookup import meaning
from celery_backend_lint.evaluate.texts import converted, text
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Entry,
    Environment,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Module,
    Operation,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.syntax.python import (
    EXTRAS,
    children_of,
    number_value,
    string_prefix,
    string_value,
    text_of,
    unescape,
    without_parentheses,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

MOST_ITEMS = 5_000
"""How many items or keys of one literal are read."""


def _identifier(ev: Evaluator, node: Node, scope: Scope) -> Value:
    return meaning(ev, text_of(node), node, scope)


def _string(ev: Evaluator, node: Node, scope: Scope) -> Value:
    origin = ev.location(node, scope)
    if "f" in string_prefix(node) and any(child.type == "interpolation" for child in node.children):
        return text(_formatted_parts(ev, node, scope), origin)
    value = string_value(node)
    return ev.unknown("text that cannot be read", node, scope) if value is None else Literal(value, origin)


def _formatted_parts(ev: Evaluator, node: Node, scope: Scope) -> list[Value]:
    raw = "r" in string_prefix(node)
    parts: list[Value] = []
    for child in node.children[1:-1]:
        if child.type != "interpolation":
            parts.append(Literal(unescape(text_of(child), raw=raw, formatted=True), ev.location(child, scope)))
            continue
        expression = child.child_by_field_name("expression")
        conversion = next((text_of(c)[1:] for c in child.children if c.type == "type_conversion"), "")
        specification = _specification(
            ev, next((c for c in child.children if c.type == "format_specifier"), None), scope
        )
        if expression is None or specification is None:
            parts.append(ev.unknown("a formatted part", child, scope))
            continue
        origin = ev.location(child, scope)
        if any(c.type == "=" for c in child.children):  # ``{name=}`` writes its own text
            shown = (child.text or b"").decode("utf-8", "replace")
            parts.append(Literal(shown[1 : shown.index("=", expression.end_byte - child.start_byte) + 1], origin))
            conversion = conversion or ("" if specification else "r")
        parts.append(converted(ev.value(expression, scope), conversion, specification, origin))
    return parts


def _specification(ev: Evaluator, node: Node | None, scope: Scope) -> str | None:
    """The text of a format specification, fields in it filled in; None where that is not known."""
    if node is None:
        return ""
    written = text_of(node)[1:]
    for child in node.named_children:
        if child.type != "format_expression" and child.type != "interpolation":
            continue
        expression = child.child_by_field_name("expression")
        value = ev.value(expression, scope) if expression is not None else None
        if not isinstance(value, Literal):
            return None
        written = written.replace(text_of(child), str(value.value), 1)
    return written if "{" not in written else None


def _concatenated(ev: Evaluator, node: Node, scope: Scope) -> Value:
    parts = [ev.value(child, scope) for child in node.named_children if child.type == "string"]
    return text(parts, ev.location(node, scope))


def _number(ev: Evaluator, node: Node, scope: Scope) -> Value:
    value = number_value(node)
    if value is None:
        return ev.unknown("a number that cannot be read", node, scope)
    return Literal(value, ev.location(node, scope))


def _constant(value: bool | None) -> Reader:
    def read(ev: Evaluator, node: Node, scope: Scope) -> Value:
        return Literal(value, ev.location(node, scope))

    return read


def _parenthesized(ev: Evaluator, node: Node, scope: Scope) -> Value:
    inner = without_parentheses(node)
    return ev.unknown("an empty expression", node, scope) if inner is node else ev.value(inner, scope)


def _sequence(kind: str) -> Reader:
    def read(ev: Evaluator, node: Node, scope: Scope) -> Value:
        items: list[Value] = []
        complete = True
        for child in children_of(node):
            if len(items) >= MOST_ITEMS:
                complete = False
                break
            if child.type == "list_splat":
                inner = ev.value(children_of(child)[0], scope)
                known = items_of(inner, ordered=kind != "set")
                if known is not None:
                    items.extend(known)
                else:
                    complete = False
            else:
                items.append(ev.value(child, scope))
        return Sequence(kind, tuple(items), ev.location(node, scope), complete)

    return read


def _dictionary(ev: Evaluator, node: Node, scope: Scope) -> Value:
    entries: list[Entry] = []
    parts: list[Entry | Value] = []
    complete = True
    for child in node.named_children:
        if len(entries) >= MOST_ITEMS:
            complete = False
            break
        if child.type == "pair":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and value is not None:
                entries.append(Entry(ev.value(key, scope), ev.value(value, scope), ev.location(key, scope)))
                parts.append(entries[-1])
        elif child.type == "dictionary_splat":
            inner = calls.as_known_mapping(ev.value(children_of(child)[0], scope), ev.location(child, scope))
            parts.append(inner)
            entries.extend(calls.spread(inner, ev.location(child, scope)))
            complete = complete and isinstance(inner, Mapping) and inner.complete
    objects = [part for part in parts if isinstance(part, (External, Instance))]
    if objects:
        from celery_backend_lint.evaluate.environment import mappings as environment_mappings

        if any(environment_mappings.is_layered(one) for one in objects):
            return environment_mappings.display(parts, ev.location(node, scope))
    return Mapping(overlaid(tuple(entries)), ev.location(node, scope), complete)


def _binary(ev: Evaluator, node: Node, scope: Scope) -> Value:
    # A chain such as "a" + b + "c" + … is as deep as it is long: walk its left spine instead of recursing.
    spine = []
    current = node
    while current.type == "binary_operator":
        left, right = current.child_by_field_name("left"), current.child_by_field_name("right")
        operator = current.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            return ev.unknown("an incomplete expression", node, scope)
        spine.append((current, text_of(operator), right))
        if len(spine) > MOST_ITEMS:
            return ev.unknown("too long to follow", node, scope)
        current = left
    value = ev.value(current, scope)
    for whole, operator_text, right in reversed(spine):
        value = operate(operator_text, [value, ev.value(right, scope)], ev.location(whole, scope))
    return value


def _unary(ev: Evaluator, node: Node, scope: Scope) -> Value:
    argument = node.child_by_field_name("argument")
    name = {"-": "neg", "+": "pos", "~": "invert"}.get(text_of(node)[:1])
    if argument is None or name is None:
        return ev.unknown("an incomplete expression", node, scope)
    return operate(name, [ev.value(argument, scope)], ev.location(node, scope))


def _not(ev: Evaluator, node: Node, scope: Scope) -> Value:
    argument = node.child_by_field_name("argument")
    if argument is None:
        return ev.unknown("an incomplete expression", node, scope)
    value = ev.value(argument, scope)
    origin = ev.location(node, scope)
    said = decided(value)
    return Operation("not", (value,), origin) if said is None else Literal(not said, origin)


def _boolean(ev: Evaluator, node: Node, scope: Scope) -> Value:
    left_node, right_node = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    if left_node is None or right_node is None or operator is None:
        return ev.unknown("an incomplete expression", node, scope)
    left, right = ev.value(left_node, scope), ev.value(right_node, scope)
    origin = ev.location(node, scope)
    is_or = text_of(operator) == "or"
    said = decided(left)
    if said is not None:
        return left if said == is_or else right
    condition = left if is_or else Operation("not", (left,), origin)
    return combine([Alternative(left, condition), Alternative(right, None)], origin)


def _comparison(ev: Evaluator, node: Node, scope: Scope) -> Value:
    from celery_backend_lint.evaluate.comparisons import comparison

    return comparison(ev, node, scope)


def _conditional(ev: Evaluator, node: Node, scope: Scope) -> Value:
    parts = children_of(node)
    if len(parts) != 3:
        return ev.unknown("an incomplete expression", node, scope)
    condition = ev.value(parts[1], scope)
    said = decided(condition)
    if said is not None:
        return ev.value(parts[0] if said else parts[2], scope)
    origin = ev.location(node, scope)
    first, second = ev.value(parts[0], scope), ev.value(parts[2], scope)
    return combine([Alternative(first, condition), Alternative(second, None)], origin)


def _attribute(ev: Evaluator, node: Node, scope: Scope) -> Value:
    owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
    if owner is None or name is None:
        return ev.unknown("an incomplete expression", node, scope)
    holder = ev.value(owner, scope)
    found = access.attribute(ev, holder, text_of(name), ev.location(node, scope))
    if isinstance(holder, Module):
        found = ev.as_changed_by(found, scope.file.path)
    if isinstance(found, External) and found.name in _CONSTANTS:
        return Literal(_CONSTANTS[found.name], found.origin)
    return found


_CONSTANTS: dict[str, str | bool] = {
    "typing.TYPE_CHECKING": False,
    "typing_extensions.TYPE_CHECKING": False,
    "os.sep": "/",
    "os.path.sep": "/",
    "six.PY2": False,
    "six.PY3": True,
}
"""What Celery's own platforms and Pythons agree on."""


def _subscript(ev: Evaluator, node: Node, scope: Scope) -> Value:
    owner = node.child_by_field_name("value")
    keys = node.children_by_field_name("subscript")
    if owner is None or len(keys) != 1:
        return ev.unknown("a slice", node, scope)
    if keys[0].type == "slice":
        whole = ev.value(owner, scope)
        if isinstance(whole, External) and whole.name == "sys.version_info":
            return whole
        return _slice(ev, whole, keys[0], scope)
    return access.item(ev, ev.value(owner, scope), ev.value(keys[0], scope), ev.location(node, scope))


def _slice(ev: Evaluator, owner: Value, node: Node, scope: Scope) -> Value:
    """``owner[start:stop:step]``."""
    origin = ev.location(node, scope)
    bounds: list[Value] = [Literal(None, origin)] * 3
    at = 0
    for child in node.children:
        if child.type == ":":
            at += 1
        elif child.type not in EXTRAS and at < 3:
            bounds[at] = ev.value(child, scope)
    if isinstance(owner, Choice):
        return distribute(owner, origin, lambda one: _sliced(one, bounds, origin))
    return _sliced(owner, bounds, origin)


def _sliced(owner: Value, bounds: list[Value], origin: Location) -> Value:
    if isinstance(owner, Sequence) and owner.kind in ("list", "tuple", "range"):
        plain = [bound.value for bound in bounds if isinstance(bound, Literal)]
        numbers = [one for one in plain if one is None or isinstance(one, int)]
        if len(numbers) == 3 and owner.complete and numbers[2] != 0:
            return Sequence(owner.kind, owner.items[slice(*numbers)], origin)
        return Unknown("a slice", origin)
    if isinstance(owner, (Literal, Text, Environment, Operation)):
        return operate("slice", [owner, *bounds], origin)
    return Unknown(owner.why if isinstance(owner, Unknown) else "a slice", origin)


def _call(ev: Evaluator, node: Node, scope: Scope) -> Value:
    return calls.call(ev, node, scope)


def _lambda(ev: Evaluator, node: Node, scope: Scope) -> Value:
    return Function("<lambda>", node, scope, ev.location(node, scope))


def _named(ev: Evaluator, node: Node, scope: Scope) -> Value:
    value = node.child_by_field_name("value")
    return ev.value(value, scope) if value is not None else ev.unknown("an incomplete expression", node, scope)


def _assignment(ev: Evaluator, node: Node, scope: Scope) -> Value:
    right = node.child_by_field_name("right")
    return ev.value(right, scope) if right is not None else ev.unknown("a declaration without value", node, scope)


if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Reader: TypeAlias = Callable[[Evaluator, Node, Scope], Value]

EXPRESSIONS: dict[str, Reader] = {
    "identifier": _identifier,
    "string": _string,
    "concatenated_string": _concatenated,
    "integer": _number,
    "float": _number,
    "true": _constant(True),
    "false": _constant(False),
    "none": _constant(None),
    "parenthesized_expression": _parenthesized,
    "list": _sequence("list"),
    "tuple": _sequence("tuple"),
    "expression_list": _sequence("tuple"),
    "set": _sequence("set"),
    "dictionary": _dictionary,
    "binary_operator": _binary,
    "unary_operator": _unary,
    "not_operator": _not,
    "boolean_operator": _boolean,
    "comparison_operator": _comparison,
    "conditional_expression": _conditional,
    "attribute": _attribute,
    "subscript": _subscript,
    "call": _call,
    "lambda": _lambda,
    "named_expression": _named,
    "list_comprehension": comprehension,
    "set_comprehension": comprehension,
    "dictionary_comprehension": comprehension,
    "generator_expression": comprehension,
    "assignment": _assignment,
}
"""By tree-sitter-python's node type (0.25)."""
