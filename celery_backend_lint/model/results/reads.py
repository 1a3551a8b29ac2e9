"""The places of a file that read a result or start a chord. They are found by their bytes, then followed."""

from __future__ import annotations

import re

from celery_backend_lint.model.results.canvas import makes_chord
from celery_backend_lint.model.results.records import GROUP, ID, Read, Result, Signature
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.results.things import Things
    from celery_backend_lint.syntax.python import Node

WAITS = frozenset({"get", "wait", "join", "join_native", "collect", "get_leaf"})
"""Methods that wait for the result: ``assert_will_not_block`` in ``celery.result`` keeps them out of tasks."""

ASKS = frozenset(
    {"ready", "successful", "failed", "forget", "maybe_throw", "maybe_reraise", "waiting", "completed_count", "save",
     "iter_native", "exists"}
)  # fmt: skip
"""Other methods that ask the backend."""

ATTRIBUTES = frozenset({"state", "status", "result", "info", "traceback", "date_done"})
"""Attributes of an AsyncResult that ask the backend."""

_READ = (
    rb"\.[\s\\]*(?:(" + b"|".join(name.encode() for name in sorted(WAITS | ASKS)) + rb")\s*\(|("
    + b"|".join(name.encode() for name in sorted(ATTRIBUTES)) + rb")\b)"
)  # fmt: skip
_RESTORED = rb"\b(?:GroupResult)\s*\.\s*(restore)\s*\("
_CHORDS = rb"(?<!def )(?<!class )\b(chord|chain)\s*\("
_PIPES = rb"(?<!\|)\|(?![|=])"


@record
class Chord:
    """A place that makes a flow which starts a chord; ``what`` says how: ``chord``, ``chain``, ``|``."""

    what: str
    flow: Signature
    node: Node
    scope: Scope
    location: Location

    def __hash__(self) -> int:
        return hash(self.location)


def reads_in(things: Things, file: ModuleFile) -> Iterator[Read]:
    """Every place in a file that reads what is a result for sure, in order."""
    root = file.scope.node
    text = file.source.utf8
    for match in re.finditer(_READ, text):
        group = 1 if match[1] is not None else 2
        attribute = _attribute_at(root, *match.span(group))
        if attribute is None:
            continue
        owner = attribute.child_by_field_name("object")
        whole = _called(attribute) if group == 1 else attribute
        if owner is None or whole is None or _is_target(attribute) or (group == 2 and _called(attribute) is not None):
            continue
        if whole.parent is not None and whole.parent.type == "await":  # nothing of Celery's can be awaited
            continue
        scope = things.ev.scope_at(whole, file.scope)
        result = things.thing(owner, scope)
        if isinstance(result, Result) and (group == 1 or result.kind != GROUP):
            yield Read(match[group].decode(), result, whole, scope, things.ev.location(whole, scope))
    for match in re.finditer(_RESTORED, text) if b"GroupResult" in text else ():
        attribute = _attribute_at(root, *match.span(1))
        whole = _called(attribute) if attribute is not None else None
        if whole is not None:
            scope = things.ev.scope_at(whole, file.scope)
            result = things.thing(whole, scope)
            if isinstance(result, Result) and result.made == ID:
                yield Read("restore", result, whole, scope, things.ev.location(whole, scope))


def chords_in(things: Things, file: ModuleFile) -> Iterator[Chord]:
    """Every place in a file that makes a flow which starts a chord for sure, in order; once for a flow."""
    root = file.scope.node
    text = file.source.utf8
    nodes: dict[tuple[int, int], tuple[str, Node]] = {}
    for match in re.finditer(_CHORDS, text) if b"chord" in text or b"chain" in text else ():
        node = root.descendant_for_byte_range(*match.span(1))
        function = _around_name(node) if node is not None and node.type == "identifier" else None
        call = function.parent if function is not None else None
        if call is not None and call.type == "call" and call.child_by_field_name("function") == function:
            nodes[call.start_byte, call.end_byte] = (match[1].decode(), call)
    for match in re.finditer(_PIPES, text) if b"group" in text else ():
        sign = root.descendant_for_byte_range(*match.span())
        pipe = sign.parent if sign is not None and sign.type == "|" else None
        if pipe is not None and pipe.type == "binary_operator":
            nodes.setdefault((pipe.start_byte, pipe.end_byte), ("|", pipe))
    taken: list[tuple[int, int]] = []
    for (start, end), (what, node) in sorted(nodes.items(), key=lambda one: (one[0][0], -one[0][1])):
        if any(first <= start and end <= last for first, last in taken):
            continue
        scope = things.ev.scope_at(node, file.scope)
        flow = makes_chord(things, node, scope)
        if flow is not None:
            taken.append((start, end))
            yield Chord(what, flow, node, scope, things.ev.location(node, scope))


def _attribute_at(root: Node, start: int, end: int) -> Node | None:
    """The attribute expression whose name stands in a range of bytes."""
    node = root.descendant_for_byte_range(start, end)
    parent = node.parent if node is not None and node.type == "identifier" else None
    if parent is None or parent.type != "attribute" or parent.child_by_field_name("attribute") != node:
        return None
    return parent


def _called(attribute: Node) -> Node | None:
    parent = attribute.parent
    called = parent is not None and parent.type == "call" and parent.child_by_field_name("function") == attribute
    return parent if called else None


def _is_target(attribute: Node) -> bool:
    parent = attribute.parent
    return parent is not None and parent.type == "assignment" and parent.child_by_field_name("left") == attribute


def _around_name(node: Node) -> Node:
    """``celery.chord`` for the name ``chord`` in it."""
    parent = node.parent
    inside = parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == node
    return parent if parent is not None and inside else node
