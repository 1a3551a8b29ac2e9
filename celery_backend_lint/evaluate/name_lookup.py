"""Which of the scopes around it a name is from where it stands, and at what moment of them it is read."""

from __future__ import annotations

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.values import PLACE, External, Missing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

MOST_CALLS = 80
"""How many calls, one in the other, are gone back to find when a name is read."""

_BUILTINS = frozenset(
    """
    ArithmeticError AssertionError AttributeError BaseException Exception FileNotFoundError ImportError IndexError
    KeyError LookupError ModuleNotFoundError NameError NotImplementedError OSError RuntimeError StopIteration
    TypeError UnicodeError ValueError ZeroDivisionError __import__ abs all any ascii bin bool bytearray bytes
    callable chr classmethod compile complex delattr dict dir divmod enumerate eval exec filter float format
    frozenset getattr globals hasattr hash hex id input int isinstance issubclass iter len list locals map max
    memoryview min next object oct open ord pow print property range repr reversed round set setattr slice sorted
    staticmethod str sum super tuple type unicode vars xrange zip
    """.split()  # noqa: SIM905
)
_CONSTANTS = {"__file__", "__package__", "__doc__", "__path__", "__debug__"}

_MAKE_LOCAL = frozenset({"assign", "annotate", "augment", "import", "from", "def", "class", "opaque"})
"""The kinds of bindings that make a name a function's own."""


def meaning(ev: Evaluator, name: str, node: Node, scope: Scope) -> Value:
    """What ``name`` means where ``node`` stands in ``scope``: there, around it, in the module, or a builtin."""
    before: int | None = node.start_byte
    inner: Scope | None = scope
    called: Scope | None = None
    while inner is not None:
        if name in inner.kept and before is not None:
            from celery_backend_lint.evaluate.kept_globals import kept_global

            kept = kept_global(ev, inner, name, before)
            if kept is not None:
                return kept
        if not (inner.kind == "class" and inner is not scope):
            found = ev.read(inner, name, before)
            if inner.entry is not None and inner is not scope:
                found = stars.seen_later(ev, inner, name, found)
            if found is not None and not isinstance(found, Missing):
                return found
            if inner.kind == "function" and called is None and _is_local(inner, name):
                return ev.unknown(f"{name} is read before the function gives it a value", node, scope)
        outer = inner.parent
        if outer is not None:
            if inner.kind == "round":
                before = outer.end if outer.kind == "round" and outer.node == inner.node else inner.node.start_byte
            elif inner.kind != "class":
                called = inner
            if called is not None and inner.kind != "round" and outer.kind != "class":
                before = _moment(called, outer, name)
        inner = outer
    if name in _BUILTINS:
        return External(f"builtins.{name}", ev.location(node, scope))
    if name == "__name__":
        return External(name, ev.location(node, scope))
    if name in _CONSTANTS:
        return ev.unknown(PLACE if name in ("__file__", "__path__") else f"{name} is not known", node, scope)
    return ev.unknown(f"the name {name} is not defined in the project", node, scope)


def _moment(called: Scope, outer: Scope, name: str) -> int | None:
    """The offset in ``outer`` at which the function of the scope ``called`` runs, as far as it matters to a name;
    None for its end.
    """
    bindings = outer.bindings.get(name)
    if not bindings and not outer.stars:
        return None
    caller = called.caller
    for _ in range(MOST_CALLS):
        if caller is None:
            return None
        scope, offset = caller
        while scope is not outer and scope.kind in ("class", "round") and scope.parent is not None:
            scope = scope.parent
        if scope is outer:
            later = any(b.at > offset or b.path for b in bindings or ()) or outer.stars
            return offset if later else None
        caller = scope.caller
    return None


def _is_local(scope: Scope, name: str) -> bool:
    """Whether a function gives a name a value of its own: then it never means what it means around the function."""
    return name not in scope.globals and any(one.kind in _MAKE_LOCAL for one in scope.bindings.get(name, ()))
