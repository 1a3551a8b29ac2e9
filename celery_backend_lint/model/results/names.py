"""What a name may hold where it is read: the expressions that give it a value, in functions and across modules."""

from __future__ import annotations

import re

from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import children_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Binding, Path, Scope
    from celery_backend_lint.syntax.python import Node

_REPLACES = frozenset({"assign", "import", "from", "def", "class", "loop"})
_COMPREHENSIONS = frozenset(
    {"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression"}
)


@record
class Held:
    """A way that a name got what it holds.

    ``kind``: ``value`` (``node`` is the expression), ``item`` (``node`` is gone through), ``appended`` (``node`` was
    added to a list), ``parameter`` (``scope`` is the function's), ``definition``, ``import``.
    """

    kind: str
    node: Node
    scope: Scope

    def __hash__(self) -> int:
        return hash((self.kind, self.node.start_byte))


def held_by(name: Node, scope: Scope) -> list[Held] | None:
    """All the ways that a name may have got its value where it stands; None where one of them cannot be followed.

    Empty for a name that nothing in sight binds (a star import, a builtin).
    """
    text = text_of(name)
    clause = _comprehended(name, text)
    if clause is not None:
        left, right = clause.child_by_field_name("left"), clause.child_by_field_name("right")
        alone = left is not None and text_of(left) == text
        return [Held("item", right, scope)] if right is not None and alone else None
    inner: Scope | None = scope
    while inner is not None:
        if inner.kind == "round":
            return None
        if inner.kind != "class" or inner is scope:
            if text in inner.globals:
                inner = inner.module if inner.globals[text] == "global_statement" else inner.parent
                continue
            bindings = inner.bindings.get(text)
            if bindings:
                if text in inner.parameters:
                    return None
                return _followed(inner, bindings, name.start_byte if inner is scope else None)
            if text in inner.parameters:
                return [Held("parameter", name, inner)]
        inner = inner.parent
    return []


def held_in_module(scope: Scope, name: str) -> list[Held] | None:
    """The same for a module's name once the module has run."""
    bindings = scope.bindings.get(name)
    return _followed(scope, bindings, None) if bindings else []


def _comprehended(name: Node, text: str) -> Node | None:
    """The clause of a comprehension around a name that gives it its value; None where none does."""
    parent = name.parent
    while parent is not None and parent.type not in ("function_definition", "lambda", "class_definition"):
        if parent.type in _COMPREHENSIONS:
            for clause in reversed(parent.named_children):
                left = clause.child_by_field_name("left") if clause.type == "for_in_clause" else None
                right = clause.child_by_field_name("right") if left is not None else None
                if left is None or right is None or right.start_byte <= name.start_byte < right.end_byte:
                    continue
                if re.search(rf"(?<![\w.]){re.escape(text)}(?!\w)", text_of(left)) is not None:
                    return clause
        parent = parent.parent
    return None


def _followed(scope: Scope, bindings: list[Binding], before: int | None) -> list[Held] | None:
    found = []
    for binding in _reaching(scope, bindings, before):
        kind = binding.kind
        if kind == "annotate":
            continue
        if binding.index or binding.around is not None:
            return None
        if kind == "assign":
            if binding.node.type != "none":  # reading a result of None raises anyway
                found.append(Held("value", binding.node, scope))
        elif kind == "loop":
            right = binding.node.child_by_field_name("right")
            if right is None:
                return None
            found.append(Held("item", right, scope))
        elif kind == "method":
            added = _appended(binding.node)
            if added is None:
                return None
            found.append(Held("appended", added, scope))
        elif kind in ("def", "class"):
            found.append(Held("definition", binding.target, scope))
        elif kind in ("import", "from"):
            found.append(Held("import", binding.node, scope))
        else:
            return None
    return found or None


def _appended(call: Node) -> Node | None:
    """The argument of ``name.append(…)``."""
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    method = function.child_by_field_name("attribute") if function is not None else None
    given = children_of(arguments) if arguments is not None else []
    return given[0] if method is not None and text_of(method) in ("append", "add") and len(given) == 1 else None


def _reaching(scope: Scope, bindings: list[Binding], before: int | None) -> Iterator[Binding]:
    """The bindings that may have been the last before a byte offset (None: the end of the scope)."""
    if before is None:
        yield from bindings
        return
    reader = scope.path_at(before)
    earlier = [one for one in bindings if one.at <= before and not _on_another_way(one.path, reader)]
    first = 0
    for position in range(len(earlier) - 1, -1, -1):
        one = earlier[position]
        if one.kind in _REPLACES and one.path == reader[: len(one.path)]:
            first = position
            break
    yield from earlier[first:]
    repeated = {id(branch) for branch, arm in reader if branch.kind == "loop" and arm == 0}
    if earlier[first:]:
        repeated -= {id(branch) for branch, _ in earlier[first].path}
    for one in bindings:  # what a loop's earlier round has left
        if one.at > before and any(id(branch) in repeated for branch, _ in one.path):
            yield one


def _on_another_way(path: Path, reader: Path) -> bool:
    """Whether a binding stands in another arm of an ``if`` or ``match`` that the reader is in."""
    for (branch, arm), (other, own) in zip(path, reader, strict=False):
        if branch is not other:
            return False
        if arm != own:
            return branch.kind in ("if", "match")
    return False
