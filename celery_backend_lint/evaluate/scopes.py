"""Scopes: which statements bind a name, under which conditions, and what the name holds at a point.

A scope is read once into bindings. A binding knows its path of branches, so that what a name holds at a byte offset
can be followed the way the program would run: later bindings win, branches become alternatives, a branch that ends in
``raise`` or ``return`` flows nowhere, and a reader inside a branch sees that branch only.
"""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from celery_backend_lint.evaluate.loops import Rounds
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

    Path: TypeAlias = "tuple[tuple[Branch, int], ...]"


@record
class Arm:
    """One way through a branch. ``condition`` is None for ``else``, for handlers and for what has no condition."""

    condition: Node | None
    pattern: Node | None
    start: int
    end: int
    exits: bool


class Branch:
    """A statement with several ways through: ``kind`` is ``"if"``, ``"try"``, ``"loop"`` or ``"match"``.

    A way that does nothing (an ``if`` without ``else``) is an arm of its own. For ``"try"`` the first arm is the body.
    ``simple`` says of a ``try`` body that nothing in it can raise but reading what it assigns. ``steps`` are the
    statements of a ``try`` body of imports and assignments, None where it has others.
    """

    __slots__ = ("arms", "kind", "node", "simple", "steps")

    def __init__(self, kind: str, node: Node) -> None:
        self.kind = kind
        self.node = node
        self.arms: list[Arm] = []
        self.simple = True
        self.steps: list[Node] | None = None


class Binding:
    """One place that gives a name a value, or changes the value it has.

    ``kind``: ``assign`` (``node`` is the right side; ``index`` is set when the left side unpacks it), ``annotate``
    (a declaration without value), ``augment``, ``import``, ``from``, ``star``, ``def``, ``class``, ``item``
    (``name[key] = …``), ``method`` (``name.append(…)``), ``remove`` (``del name[key]``), ``opaque`` (a loop variable,
    ``with … as``, …), ``delete``, ``called`` (a function sets it through ``global``).
    ``around`` is set for a starred target: how many targets stand before and after it.
    ``at`` is the byte offset from which it holds, ``target`` the node of the name.
    """

    __slots__ = ("around", "at", "index", "kind", "name", "node", "path", "target")

    def __init__(
        self, kind: str, name: str, node: Node, target: Node, at: int, path: Path, index: tuple[int, ...] = ()
    ) -> None:
        self.kind = kind
        self.name = name
        self.node = node
        self.target = target
        self.at = at
        self.path = path
        self.index = index
        self.around: tuple[int, int] | None = None


_OWN_NAMESPACE = (b"globals", b"vars(", b"locals(", b"[__name__]")
"""What stands in every file that uses its own namespace as an object (`own_namespace`)."""


class Scope:
    """The names of a module, class or function body.

    ``parent`` is the scope around it (for a module None), ``file`` the module's file. ``parameters`` holds the values
    of a function's parameters for one call, ``entry`` where a file is run inside another module (that module's scope
    and the offset, None for its end), ``siblings`` the files that are run there in no order, ``caller`` the scope and
    offset that call it. ``kind`` is ``"module"``, ``"class"``, ``"function"`` or ``"round"``: one round of a loop or
    comprehension, whose ``parent`` is the round before, and ``end`` the offset where it was left early. ``blurs`` are
    statements that may set any name (``exec``), ``jumps`` each ``break`` and ``continue`` of the loop that the scope
    is a round of. ``ends`` is False where the end of the body is never reached: every way through returns or raises.
    """

    __slots__ = (
        "attributes",
        "bindings",
        "blurs",
        "branches",
        "caller",
        "children",
        "end",
        "ends",
        "entry",
        "file",
        "given",
        "globals",
        "included",
        "jumps",
        "kept",
        "kind",
        "memo",
        "nesting",
        "node",
        "parameters",
        "parent",
        "public",
        "returns",
        "rounds",
        "siblings",
        "star_targets",
        "stars",
        "updated",
        "values",
    )

    def __init__(
        self,
        kind: str,
        node: Node,
        file: ModuleFile,
        parent: Scope | None = None,
        parameters: dict[str, Value] | None = None,
        caller: tuple[Scope, int] | None = None,
        *,
        entry: tuple[Scope, int | None] | None = None,
    ) -> None:
        self.kind = kind
        self.caller = caller
        self.node = node
        self.file = file
        self.parent = parent
        self.parameters = parameters or {}
        self.bindings: dict[str, list[Binding]] = {}
        self.attributes: list[Binding] = []
        self.stars: list[Binding] = []
        self.returns: list[Binding] = []
        self.branches: list[tuple[int, int, Path]] = []
        self.globals: dict[str, str] = {}  # names of other scopes, and the statement that says so
        self.kept: dict[str, list[Binding]] = {}  # what it binds of the module's by ``global``
        self.memo: dict[tuple[str, int] | tuple[str, int, str], Any] = {}
        self.values: dict[tuple[int, int, str], Any] = {}
        self.children: dict[int, Scope] = {}
        self.rounds: dict[int, Rounds] = {}
        self.blurs: list[Binding] = []
        self.jumps: list[Binding] = []
        self.end: int | None = None
        self.public: Any = None
        self.star_targets: dict[int, Scope | None] = {}
        self.entry = entry
        self.siblings: tuple[Scope, ...] = ()
        self.included: dict[int, Any] = {}
        self.given: dict[int, Any] = {}
        self.updated: dict[int, Any] = {}
        self.ends = True
        self.nesting: int = 0 if parent is None else parent.nesting
        from celery_backend_lint.evaluate.statements import read_block

        body = node if kind == "module" else node.child_by_field_name("body")
        if body is not None:
            if body.type in ("block", "module"):
                self.ends = not read_block(self, body, ())
            else:  # a lambda's expression
                self.returns.append(Binding("assign", "return", body, body, body.start_byte, ()))
        if kind == "module" and any(needle in file.source.utf8 for needle in _OWN_NAMESPACE):
            from celery_backend_lint.evaluate import own_namespace

            own_namespace.note(self)

    @property
    def module(self) -> Scope:
        """The module scope around this one."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def path_at(self, offset: int) -> Path:
        """The branches that enclose a byte offset in this scope, outermost first."""
        best: Path = ()
        for start, end, path in self.branches:
            if start <= offset < end and len(path) > len(best):
                best = path
        return best
