"""setup.py, read and never run: literal lists, names assigned in the file, and requirements files that it opens."""

from __future__ import annotations

import re

from celery_backend_lint.model.manifests.declared import is_development, normalized
from celery_backend_lint.model.manifests.draft import Draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from celery_backend_lint.model.manifests.declared import Kind, Manifest
    from celery_backend_lint.project.source import SourceFile

_FILE = re.compile(r"[A-Za-z0-9_./\\-]*\.(?:txt|in|pip|reqs?)")
_DEPTH = 30
_STEPS = 20_000
"""Expressions looked at, in all: names that stand for each other can double at every level."""
_HOLDERS = frozenset(
    {
        "module", "block", "if_statement", "elif_clause", "else_clause", "try_statement", "except_clause",
        "finally_clause", "with_statement", "with_clause", "with_item", "for_statement", "while_statement",
        "function_definition", "class_definition", "decorated_definition", "expression_statement", "return_statement",
        "ERROR",
    }
)  # fmt: skip
"""What is looked into for statements; an assignment or a call stands in nothing else that matters."""
_CALLS = ("setup", "setuptools.setup", "skbuild.setup", "core.setup", "distutils.core.setup")


def read(source: SourceFile) -> Manifest:
    """Read a setup.py. What is computed in a way that is not understood here declares nothing and is no problem."""
    draft = Draft(source, "setup.py")
    utf8 = source.utf8
    if b"setup" not in utf8 or b"_require" not in utf8:
        return draft.manifest()
    from celery_backend_lint.syntax.grammars import parser

    tree = parser("python").parse(utf8).root_node
    reader = _Reader(draft, utf8)
    reader.index(tree)
    if not reader.setup() and tree.has_error:
        from celery_backend_lint.syntax.python import first_error

        error = first_error(tree)
        at = error.start_byte if error is not None else 0
        draft.problem("not readable as Python", at, at, whole_file=True)
    return draft.manifest()


class _Reader:
    """What a setup.py assigns, and the calls of ``setup`` in it."""

    __slots__ = ("assigned", "calls", "draft", "functions", "seen", "steps", "utf8")

    def __init__(self, draft: Draft, utf8: bytes) -> None:
        self.draft = draft
        self.utf8 = utf8
        self.assigned: dict[str, list[Node]] = {}
        self.functions: dict[str, Node] = {}
        self.calls: list[Node] = []
        self.seen: set[tuple[int, str, str, str]] = set()
        self.steps = 0

    def raw(self, node: Node) -> str:
        return self.utf8[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def index(self, tree: Node) -> None:
        """Collect assignments (also ``+=``, ``.append``, ``.extend``, ``with … as``), functions and setup calls."""
        waiting = [tree]
        while waiting:
            node = waiting.pop()
            kind = node.type
            if kind in ("assignment", "augmented_assignment"):
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                if left is not None and right is not None:
                    self.assigned.setdefault(self.raw(left), []).append(right)
                    if right.type in ("assignment", "call"):
                        waiting.append(right)
            elif kind == "as_pattern":
                if node.named_child_count >= 2:
                    self.assigned.setdefault(self.raw(node.named_children[-1]), []).append(node.named_children[0])
            elif kind == "call":
                self.call(node)
            elif kind in _HOLDERS:
                if kind == "function_definition":
                    name = node.child_by_field_name("name")
                    if name is not None:
                        self.functions[self.raw(name)] = node
                waiting.extend(reversed(node.named_children))

    def call(self, node: Node) -> None:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return
        name = self.raw(function)
        if name in _CALLS:
            self.calls.append(node)
        elif name.endswith((".append", ".extend", ".update")):
            self.assigned.setdefault(name.rpartition(".")[0], []).extend(arguments.named_children)

    def setup(self) -> bool:
        """Take in what the calls of ``setup`` declare; whether there was one."""
        for call in self.calls:
            for name, value in self.keywords(call, 0):
                if name == "name":
                    own = next((text for text, _ in self.strings(value, 0, "constraint", "")), "")
                    self.draft.provides = normalized(own) if own else ""
                elif name == "install_requires":
                    self.take(value, "runtime", "")
                elif name == "tests_require":
                    self.take(value, "development", "test")
                elif name == "extras_require":
                    for extra, items in self.pairs(value, 0):
                        self.take(items, "development" if is_development(extra) else "optional", extra)
        return bool(self.calls)

    def keywords(self, call: Node, depth: int) -> Iterator[tuple[str, Node]]:
        arguments = call.child_by_field_name("arguments")
        for argument in arguments.named_children if arguments is not None else []:
            if argument.type == "keyword_argument":
                name, value = argument.child_by_field_name("name"), argument.child_by_field_name("value")
                if name is not None and value is not None:
                    yield self.raw(name), value
            elif argument.type == "dictionary_splat":
                yield from self.pairs(argument.named_children[0], depth + 1)

    def pairs(self, node: Node, depth: int) -> Iterator[tuple[str, Node]]:
        """The key and value of everything that a dict expression, or the name of one, holds."""
        self.steps += 1
        if depth > _DEPTH or self.steps > _STEPS:
            return
        if node.type == "dictionary":
            for child in node.named_children:
                if child.type == "pair":
                    key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                    if key is not None and value is not None:
                        yield self.literal(key) or self.raw(key), value
                elif child.type == "dictionary_splat":
                    yield from self.pairs(child.named_children[0], depth + 1)
        elif node.type == "call":
            yield from self.keywords(node, depth + 1)
        elif node.type == "identifier":
            name = self.raw(node)
            for value in self.assigned.get(name, ()):
                yield from self.pairs(value, depth + 1)
            for target, values in self.assigned.items():
                found = re.fullmatch(rf"{re.escape(name)}\[['\"]([^'\"]+)['\"]\]", target)
                if found:
                    yield from ((found[1], value) for value in values)

    def take(self, node: Node, kind: Kind, group: str) -> None:
        for text, at in self.strings(node, 0, kind, group):
            key = (at.start_byte, text, kind, group)
            if key in self.seen:
                continue
            self.seen.add(key)
            start, end = _inside(at)
            self.draft.requirement(text, start, end, kind, group)

    def strings(self, node: Node, depth: int, kind: Kind, group: str) -> Iterator[tuple[str, Node]]:
        """The requirements that an expression holds, with the string node of each.

        Names are followed to all that the file assigns to them; a helper's call or an ``open`` of a requirements file
        becomes an include.
        """
        self.steps += 1
        if depth > _DEPTH or self.steps > _STEPS:
            return
        what = node.type
        if what in ("list", "tuple", "set", "expression_list", "parenthesized_expression"):
            for child in node.named_children:
                yield from self.strings(child, depth + 1, kind, group)
        elif what in ("string", "concatenated_string"):
            text = self.literal(node)
            for line in (text or "").splitlines():
                bare = re.sub(r"(?:^|\s+)#.*$", "", line).strip()
                if bare:
                    yield bare, node
        elif what == "identifier":
            for value in self.assigned.get(self.raw(node), ()):
                if not (value.start_byte <= node.start_byte < value.end_byte):
                    yield from self.strings(value, depth + 1, kind, group)
        elif what == "binary_operator":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            operator = node.child_by_field_name("operator")
            sign = self.raw(operator) if operator is not None else ""
            if left is not None and sign == "%":
                yield from self.strings(left, depth + 1, kind, group)
            elif left is not None and right is not None:
                yield from self.strings(left, depth + 1, kind, group)
                yield from self.strings(right, depth + 1, kind, group)
        elif what in ("list_splat", "conditional_expression", "boolean_operator"):
            for child in node.named_children:
                yield from self.strings(child, depth + 1, kind, group)
        elif what in ("call", "attribute", "subscript", "list_comprehension", "generator_expression"):
            yield from self.computed(node, depth, kind, group)

    def computed(self, node: Node, depth: int, kind: Kind, group: str) -> Iterator[tuple[str, Node]]:
        function = node.child_by_field_name("function") if node.type == "call" else None
        arguments = node.child_by_field_name("arguments") if node.type == "call" else None
        name = self.raw(function) if function is not None else ""
        if name in ("list", "sorted", "set", "tuple", "filter", "map") and arguments is not None:
            for argument in arguments.named_children:
                yield from self.strings(argument, depth + 1, kind, group)
            return
        if (
            function is not None
            and function.type == "attribute"
            and name.endswith((".format", ".split", ".splitlines"))
        ):
            inner = function.child_by_field_name("object")
            if inner is not None and inner.type in ("string", "concatenated_string", "identifier"):
                for text, at in self.strings(inner, depth + 1, kind, group):
                    for part in re.split(r"[\s,]+", text) if name.endswith(".split") else [text]:
                        if part:
                            yield part, at
                return
        self.files(node, 0, kind, group)

    def files(self, node: Node, depth: int, kind: Kind, group: str) -> None:
        """Include the requirements files that are named anywhere in an expression, or in the helpers it calls."""
        waiting = [(node, depth)]
        visited: set[int] = set()
        while waiting:
            current, depth = waiting.pop()
            if depth > _DEPTH or current.id in visited or len(visited) > 5000:
                continue
            visited.add(current.id)
            if current.type == "string":
                text = self.literal(current) or ""
                if _FILE.fullmatch(text) and kind != "constraint":
                    self.file(text, current, kind, group)
            elif current.type == "identifier":
                name = self.raw(current)
                if name in self.functions:
                    waiting.append((self.functions[name], depth + 1))
                waiting.extend((value, depth + 1) for value in self.assigned.get(name, ()))
            waiting.extend((child, depth + 1) for child in current.named_children)

    def file(self, text: str, node: Node, kind: Kind, group: str) -> None:
        """``os.path.join(here, "requirements", "base.txt")``: the strings before it in the call are its folders."""
        parts = [text]
        before = node.prev_named_sibling
        while before is not None and before.type == "string":
            parts.insert(0, self.literal(before) or "")
            before = before.prev_named_sibling
        path = "/".join(part.strip("/\\") for part in parts if part)
        start, end = _inside(node)
        for guess in (path, f"requirements/{path}"):
            self.draft.include(guess, start, end, kind, group, required=False)

    def literal(self, node: Node) -> str | None:
        """A string's text; what is interpolated into it stands as ``{{}}``, which marks it as unsettled."""
        if node.type == "concatenated_string":
            return "".join(self.literal(part) or "" for part in node.named_children)
        if node.type != "string":
            return None
        pieces = []
        for child in node.children:
            if child.type == "string_content":
                pieces.append(self.raw(child))
            elif child.type == "interpolation":
                pieces.append("{{}}")
        text = "".join(pieces)
        return text.replace("\\\n", "").replace("\\n", "\n") if "\\" in text else text


def _inside(node: Node) -> tuple[int, int]:
    start, end = node.start_byte, node.end_byte
    if node.type != "string":
        return start, end
    children = node.children
    first, last = children[0], children[-1]
    return (first.end_byte, last.start_byte) if first.end_byte <= last.start_byte else (start, end)
