"""The steps of a Flask configuration's timeline, and how they are found in the text."""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.scopes import Path, Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

    Definition = tuple[str, int]
    """A function by its path and offset; a module's top level has the offset -1."""

STATEMENTS = ("call", "assignment", "augmented_assignment", "delete_statement")
_OPAQUE = ("function_definition", "class_definition", "lambda", "decorated_definition")


@record
class Frame:
    """A function or module on the way to a step: the place in it where the step, or the call towards it, stands.

    ``entry`` is the condition under which it is run at all, None where it certainly is.
    """

    definition: Definition
    scope: Scope
    start: int
    end: int
    entry: Value | None = None


@record
class Step:
    """One change of the configuration. ``frames`` leads to it, outermost first; ``node`` is the statement or call.

    ``kind``: ``set``, ``augment``, ``delete``, ``replace``, ``attribute``, or ``call`` of one of `METHODS`. ``keys``
    are the subscripts between the configuration and what is changed. ``certain`` is False where it may be another
    app's. ``world`` says which of several callers of the factory it belongs to.
    """

    kind: str
    node: Node
    keys: tuple[Node, ...]
    frames: tuple[Frame, ...]
    world: tuple[int, ...]
    certain: bool

    @property
    def scope(self) -> Scope:
        """The scope the step stands in."""
        return self.frames[-1].scope


@record
class Visit:
    """One run of a function or module: its place in the order of steps, and the frames around it."""

    definition: Definition
    scope: Scope
    outer: tuple[Frame, ...]
    world: tuple[int, ...]
    first: int
    last: int
    entry: Value | None


@record
class Reader:
    """A place that reads the configuration: the steps before it, in its run and its world."""

    frames: tuple[Frame, ...]
    world: tuple[int, ...]
    before: int
    definition: Definition


def definition_of(scope: Scope) -> Definition:
    """What identifies the function or module of a scope."""
    return (scope.file.path, scope.node.start_byte if scope.kind == "function" else -1)


def nodes_of(scope: Scope) -> list[Node]:
    """The calls, assignments and deletions of a scope itself in the order in which they are done."""
    body = scope.node if scope.kind == "module" else scope.node.child_by_field_name("body")
    found: list[Node] = []
    left = list(body.named_children) if body is not None and body.type in ("block", "module") else []
    while left:
        node = left.pop()
        if node.type in _OPAQUE:
            continue
        if node.type in STATEMENTS:
            found.append(node)
        left.extend(node.named_children)
    return sorted(found, key=lambda node: (node.end_byte, -node.start_byte))


def unwrapped(node: Node) -> tuple[Node, tuple[Node, ...]]:
    """The expression that a chain of subscripts starts with, and the subscripts: ``a`` of ``a["b"]["c"]``."""
    keys: list[Node] = []
    while node.type == "subscript":
        inner, subscripts = node.child_by_field_name("value"), node.children_by_field_name("subscript")
        if inner is None or len(subscripts) != 1:
            break
        keys.insert(0, subscripts[0])
        node = inner
    return node, tuple(keys)


def beyond(path: Path, there: Path) -> Path | None:
    """The arms of ``path`` that a reader on the path ``there`` does not share; None where it is on another arm."""
    for number, (branch, arm) in enumerate(path):
        if number >= len(there) or there[number][0] is not branch:
            return path[number:]
        if there[number][1] != arm:
            return None if branch.kind in ("if", "match") else path[number:]
    return ()


def function_around(root: Node, offset: int) -> int:
    """The offset of the innermost function whose body holds a place; -1 where none does."""
    node = root.descendant_for_byte_range(offset, offset)
    while node is not None:
        if node.type in ("function_definition", "lambda"):
            body = node.child_by_field_name("body")
            if body is not None and body.start_byte <= offset < body.end_byte:
                return node.start_byte
        node = node.parent
    return -1
