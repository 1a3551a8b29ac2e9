"""Items put into a list, tuple or set of the text, and taken out of it."""

from __future__ import annotations

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.entries import insert_entry
from celery_backend_lint.fixes.python.nodes import place_of
from celery_backend_lint.fixes.python.removal import without_entry
from celery_backend_lint.fixes.python.style import line_length, quote_of, string_code
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.python import children_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.python.nodes import Place
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.syntax.python import Node

LISTS = ("list", "tuple", "set", "expression_list")


def quote_around(node: Node) -> str:
    """The quote of the first plain string in a node, else the one that most strings of its file have."""
    left = [node]
    while left:
        one = left.pop(0)
        if one.type == "string":
            return (one.children[-1].text or b'"').decode()[0]
        left.extend(one.children)
    root = node
    while root.parent is not None:
        root = root.parent
    return quote_of(root)


def add_item(model: Model, location: Location, text: str) -> list[Edit]:
    """Put a text behind the last item of the list, tuple or set at a location.

    Raises CannotFixError where none is written out there.
    """
    place = place_of(model, location)
    node = place.node
    if node.type not in LISTS:
        raise CannotFixError(f"the list in {place.where} is put together by code")
    items, code = _items(node), string_code(text, quote_around(node))
    if not items or (node.type == "tuple" and _is_on_one_line(node)):
        return [_anew(place, [*((item.text or b"").decode() for item in items), code])]
    return insert_entry(place.source, items[-1], code, line_length(model.project, place.source.path), f"item {text}")


def remove_items(model: Model, locations: Iterable[Location]) -> list[Edit]:
    """Take the items at some locations, all in one list, tuple or set, out of it.

    Raises CannotFixError where they stand in none, and where nothing would be left.
    """
    places = [place_of(model, location) for location in locations]
    gone = [place.node for place in places]
    holder = gone[0].parent
    if holder is None or holder.type not in LISTS or any(node.parent != holder for node in gone):
        raise CannotFixError(f"the value in {places[0].where} is no item of a list")
    rest = [(item.text or b"").decode() for item in _items(holder) if item not in gone]
    if not rest:
        raise CannotFixError(f"nothing would be left of the list in {places[0].where}")
    if holder.type == "expression_list":
        raise CannotFixError(f"the tuple in {places[0].where} has no parentheses")
    if _is_on_one_line(holder):
        return [_anew(_at(places[0], holder), rest)]
    return [without_entry(place, place.node) for place in places]


def _at(place: Place, node: Node) -> Place:
    return type(place)(place.source, node)


def _items(node: Node) -> list[Node]:
    return children_of(node)


def _is_on_one_line(node: Node) -> bool:
    return node.start_point[0] == node.end_point[0]


def _anew(place: Place, items: list[str]) -> Edit:
    """The whole list written again, on one line. Raises CannotFixError where a comment would be lost."""
    node = place.node
    if any(child.type == "comment" for child in node.children):
        raise CannotFixError(f"a comment stands inside the list in {place.where}")
    start, end = {"tuple": ("(", ")"), "set": ("{", "}")}.get(node.type, ("[", "]"))
    tail = "," if node.type == "tuple" and len(items) == 1 else ""
    return replace(place.source, node.start_byte, node.end_byte, f"{start}{', '.join(items)}{tail}{end}")
