"""Scopes: which statements bind a name, under which conditions, and what the name holds at a point.

A scope is read once into bindings. A binding knows its path of branches, so that what a name holds at a byte offset
can be followed the way the program would run: later bindings win, branches become alternatives, a branch that ends in
``raise`` or ``return`` flows nowhere, and a reader inside a branch sees that branch only.
"""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

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
    ``simple`` says of a ``try`` body that nothing in it can raise but reading what it assigns.
    """

    __slots__ = ("arms", "kind", "node", "simple")

    def __init__(self, kind: str, node: Node) -> None:
        self.kind = kind
        self.node = node
        self.arms: list[Arm] = []
        self.simple = True


class Binding:
    """One place that gives a name a value, or changes the value it has.

    ``kind``: ``assign`` (``node`` is the right side; ``index`` is set when the left side unpacks it), ``annotate``
    (a declaration without value), ``augment``, ``import``, ``from``, ``star``, ``def``, ``class``, ``item``
    (``name[key] = …``), ``method`` (``name.append(…)``), ``opaque`` (a loop variable, ``with … as``, …), ``delete``.
    ``at`` is the byte offset from which it holds, ``target`` the node of the name.
    """

    __slots__ = ("at", "index", "kind", "name", "node", "path", "target")

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


class Scope:
    """The names of a module, class or function body.

    ``parent`` is the scope around it (for a module None), ``file`` the module's file. ``parameters`` holds the values
    of a function's parameters for one call, and ``instance`` what ``self`` is there.
    """

    __slots__ = (
        "attributes",
        "bindings",
        "branches",
        "children",
        "file",
        "globals",
        "kind",
        "memo",
        "nesting",
        "node",
        "parameters",
        "parent",
        "public",
        "returns",
        "star_targets",
        "stars",
        "values",
    )

    def __init__(
        self,
        kind: str,
        node: Node,
        file: ModuleFile,
        parent: Scope | None = None,
        parameters: dict[str, Value] | None = None,
    ) -> None:
        self.kind = kind
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
        self.memo: dict[tuple[str, int], Value | None] = {}
        self.values: dict[tuple[int, int, str], Value] = {}
        self.children: dict[int, Scope] = {}
        self.public: dict[str, bool] = {}
        self.star_targets: dict[int, Scope | None] = {}
        self.nesting: int = 0 if parent is None else parent.nesting
        from celery_backend_lint.evaluate.statements import read_block

        body = node if kind == "module" else node.child_by_field_name("body")
        if body is not None:
            if body.type in ("block", "module"):
                read_block(self, body, ())
            else:  # a lambda's expression
                self.returns.append(Binding("assign", "return", body, body, body.start_byte, ()))

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
