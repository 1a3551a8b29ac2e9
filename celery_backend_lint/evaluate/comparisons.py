"""Comparisons of values: ``==``, ``<``, ``in``, ``is`` and chains of them."""

from __future__ import annotations

import sys

from celery_backend_lint.evaluate.computation import operate
from celery_backend_lint.evaluate.environment.reads import set_in_environment
from celery_backend_lint.evaluate.flow import decided
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
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
)
from celery_backend_lint.syntax.python import children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node


def comparison(ev: Evaluator, node: Node, scope: Scope) -> Value:
    """What a comparison, or a chain of them, comes to."""
    origin = ev.location(node, scope)
    operands = [ev.value(child, scope) for child in children_of(node)]
    operators = [" ".join(text_of(child).split()) for child in node.children if not child.is_named]
    signs: list[str] = []
    for word in operators:  # ``not in`` and ``is not`` may come as two
        if signs and f"{signs[-1]} {word}" in ("not in", "is not"):
            signs[-1] += f" {word}"
        else:
            signs.append(word)
    if len(operands) != len(signs) + 1 or not signs:
        return ev.unknown("a chain of comparisons", node, scope)
    if len(signs) > 1:
        pairs = zip(operands, signs, operands[1:], strict=False)
        links = tuple(operate(sign, [left, right], origin) for left, sign, right in pairs)
        whole = Operation("and", links, origin)
        holds = decided(whole)
        return whole if holds is None else Literal(holds, origin)
    operator = signs[0]
    if any(isinstance(one, External) and one.name.startswith("sys.version_info") for one in operands):
        from celery_backend_lint.evaluate.python_version import version_comparison

        if (said := version_comparison(operands, operator, origin)) is not None:
            return said
    if isinstance(operands[0], External) and operands[0].name == "__name__" and operator in ("==", "!="):
        # A configuration is read by importing its modules: none of them is the main one.
        return Literal(operator == "!=", origin)
    right = operands[1]
    if operator in ("in", "not in") and isinstance(right, External) and right.name == "os.environ":
        held = set_in_environment(operands[0], origin)
        if held is not None:
            return held if operator == "in" else Operation("not", (held,), origin)
    if _has_objects(operands):
        from celery_backend_lint.evaluate.objects.enums import compared

        found = compared(ev, operator, operands, origin)
        if found is not None:
            return found
    if operator in ("is", "is not") and any(isinstance(one, Literal) and one.value is None for one in operands):
        other = operands[0] if isinstance(right, Literal) and right.value is None else right
        module = isinstance(other, External) and other.name in sys.stdlib_module_names
        if module or isinstance(other, (Module, Class, Function, Method, Mapping, Sequence, Text)):
            return Literal(operator == "is not", origin)
    return operate(operator, operands, origin)


def _has_objects(operands: list[Value]) -> bool:
    """Whether one of some operands, or an outcome or item of one, is an object."""
    for operand in operands:
        if isinstance(operand, Choice):
            if _has_objects([one.value for one in operand.alternatives]):
                return True
        elif isinstance(operand, Sequence):
            if _has_objects(list(operand.items)):
                return True
        elif isinstance(operand, Instance):
            return True
    return False
