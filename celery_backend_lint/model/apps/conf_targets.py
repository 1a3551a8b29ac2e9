"""What a statement does with ``app.conf.name``: where it is a target, what is assigned to it, whether it is deleted."""

from __future__ import annotations

from celery_backend_lint.syntax.python import children_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.syntax.python import Node


_PATTERNS = ("pattern_list", "tuple_pattern", "list_pattern", "expression_list", "list_splat_pattern", "tuple")


def assigned_to(target: Node) -> tuple[Node | None, list[int | None]]:
    """What is assigned to a target, and where in it: ``b`` and [0] for ``target, x = b``; None for what is no target.

    Also for ``a = target = b``. A position is None where a starred target makes it unknown.
    """
    index: list[int | None] = []
    child, holder = target, target.parent
    while holder is not None and holder.type in _PATTERNS:
        if holder.type == "list_splat_pattern":
            index.insert(0, None)
        else:
            before = children_of(holder)
            position = next(number for number, one in enumerate(before) if one == child)
            starred = any(one.type == "list_splat_pattern" for one in before[:position])
            index.insert(0, None if starred else position)
        child, holder = holder, holder.parent
    if holder is None or holder.type != "assignment" or holder.child_by_field_name("left") != child:
        return None, []
    value: Node | None = holder
    while value is not None and value.type == "assignment":
        value = value.child_by_field_name("right")
    return value, index


def is_given_otherwise(target: Node) -> bool:
    """Whether ``with … as target`` or ``for target in …`` gives a target its value."""
    child, holder = target, target.parent
    while holder is not None and holder.type in _PATTERNS:
        child, holder = holder, holder.parent
    if holder is None or holder.type == "as_pattern_target":
        return holder is not None
    return holder.type in ("for_statement", "for_in_clause") and holder.child_by_field_name("left") == child


def is_changed_in_place(node: Node) -> bool:
    """Whether what a setting holds is written into: ``node["x"] = …``, ``node.x(…)``, ``node |= …``."""
    holder = node.parent
    outer = holder.parent if holder is not None else None
    if holder is None or holder.type not in ("subscript", "attribute", "augmented_assignment"):
        return False
    if holder.type == "augmented_assignment":
        return True
    written = outer is not None and outer.type == "assignment" and outer.child_by_field_name("left") == holder
    return written or (holder.type == "attribute" and outer is not None and outer.type == "call")


def is_deleted(holder: Node) -> bool:
    """Whether ``del`` takes away what a node is the parent of."""
    return holder.type == "expression_list" and holder.parent is not None and holder.parent.type == "delete_statement"
