"""A function that makes an object when it is first asked for, and keeps it under a name of the module.

    _settings = None

    def get_settings():
        global _settings
        if _settings is None:
            _settings = Settings()
        return _settings

However often it is called, what it reads of the name after that is what its first call put there.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.flow import flow_of
from celery_backend_lint.evaluate.values import Literal
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node


def kept_global(ev: Evaluator, scope: Scope, name: str, before: int) -> Value | None:
    """What a function with ``global name`` reads before a byte offset; None where it is no such function.

    One that is given something keeps what its first caller gave: which that is nobody here can tell.
    """
    own = scope.kept.get(name, [])
    start = _empty(ev, scope, name) if own and not scope.parameters else None
    if start is None or not _only_when_empty(scope, own, name):
        return None
    earlier = [binding for binding in own if binding.at <= before]
    return flow_of(ev, earlier, 0, start, scope.path_at(before), scope)


def _empty(ev: Evaluator, scope: Scope, name: str) -> Value | None:
    """The None that the module gives the name, where nothing but this function gives it anything else."""
    first: Value | None = None
    for binding in scope.module.bindings.get(name, ()):
        if binding.kind == "annotate":
            continue
        if binding.kind == "called":
            inside = scope.node.start_byte <= binding.target.start_byte < scope.node.end_byte
            if not inside and binding.node.type != "none":
                return None
        elif binding.kind != "assign" or binding.path or binding.index or first is not None:
            return None
        else:
            first = ev.value(binding.node, scope.module)
    return first if isinstance(first, Literal) and first.value is None else None


def _only_when_empty(scope: Scope, own: list[Binding], name: str) -> bool:
    """Whether a function gives the name a value only while it holds none."""
    held = re.escape(name)
    empty = re.compile(rf"\(?(?:{held} is None|not {held})\)?")
    full = re.compile(rf"if\s+\(?{held}(?: is not None)?\)?\s*:\s*return\s+{held}\s*")
    body = scope.node.child_by_field_name("body")
    left_early = next((one.end_byte for one in _statements(body) if full.fullmatch(text_of(one))), None)
    for binding in own:
        if binding.kind != "assign" or binding.index:
            return False
        inside = any(
            number == 0 and branch.kind == "if" and empty.fullmatch(text_of(condition))
            for branch, number in binding.path
            if (condition := branch.arms[number].condition) is not None
        )
        if not inside and (left_early is None or binding.at < left_early):
            return False
    return True


def _statements(body: Node | None) -> list[Node]:
    return list(body.named_children) if body is not None else []
