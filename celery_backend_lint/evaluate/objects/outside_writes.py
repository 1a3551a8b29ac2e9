"""Attributes of classes and instances that statements outside of them set: ``settings.backend = …``, ``setattr``.

Such a statement may stand at the top of a module or in a function, and the object may have another name there. What is
looked at are the files of the class, of the instance and of the reader: what they set there is Unknown to whoever reads
it. Which of the statements ran by then is not followed.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.objects import attribute_places, classes, making
from celery_backend_lint.evaluate.values import CONF, Choice, Class, External, Function, Instance, Unknown
from celery_backend_lint.syntax.python import arguments_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node

MOST_PLACES = 200
"""How many places of one file that speak of an attribute are looked at; beyond that it is unknown."""

WHY = "it is set from outside the class"
_TARGETS = (
    "pattern_list", "tuple_pattern", "list_pattern", "expression_list", "parenthesized_expression", "tuple", "list",
)  # fmt: skip
_MADE_FOR = ("__init__", "__new__", "__post_init__", "__attrs_post_init__", "__setattr__")
"""Methods whose own assignments are read where the object is made."""


_NAME_SET = re.compile(
    rb"\.([A-Za-z]\w*)[ \t]*(?:(?::[^=\n]*)?(?:[-+*/|&%^@]|\*\*|//|<<|>>)?=(?!=)|in\b)"
    rb"|\bas[ \t(]+[^:\n]*?\.([A-Za-z]\w*)[ \t]*[:,)]"
    rb"|setattr\([^,\n]+,\s*[\"']([A-Za-z]\w*)[\"']"
)
"""An attribute, or the text that ``setattr`` has for one, where a file may set it."""


class Site:
    """One statement that sets the attribute: on which object, and where.

    With ``anyone`` the owner is an instance of its class of which nothing more is known; ``function`` is what must be
    called with it for that, "" where it is no parameter.
    """

    __slots__ = ("anyone", "function", "location", "owner")

    def __init__(self, owner: Value, location: Location, *, anyone: bool = False, function: str = "") -> None:
        self.owner = owner
        self.location = location
        self.anyone = anyone
        self.function = function


def set_from_outside(
    ev: Evaluator, cls: Class, name: str, instance: Instance | None, files: list[ModuleFile]
) -> Unknown | None:
    """Unknown where statements of ``files`` that are not its class's own set the attribute of a class or instance."""
    if ev.is_forgetful:  # what asks then wants to know which object it is
        return None
    for file in files:
        for site in _sites_in(ev, file, name):
            if (not site.function or _is_called(site.function, files)) and _may_be(ev, site, site.owner, cls, instance):
                return Unknown(WHY, site.location)
    return None


def names_set_from_outside(
    ev: Evaluator, cls: Class, instance: Instance | None, files: list[ModuleFile]
) -> dict[str, Location]:
    """The attributes that statements of ``files`` give to a class or an instance, each with the first such place."""
    if ev.is_forgetful:
        return {}
    found: dict[str, Location] = {}
    for file in files:
        for name in dict.fromkeys(next(filter(None, one)) for one in _NAME_SET.findall(file.source.utf8)):
            for site in _sites_in(ev, file, name.decode()):
                known = not isinstance(site.owner, Unknown) and (not site.function or _is_called(site.function, files))
                if known and _may_be(ev, site, site.owner, cls, instance):
                    found.setdefault(name.decode(), site.location)
    return found


def _is_called(function: str, files: list[ModuleFile]) -> bool:
    """Whether one of the files calls a function of that name, or such a method on another object than ``self``: where a
    constructor calls its own, that is followed there.
    """
    call = f"{function}(".encode()
    return any(
        file.source.utf8.count(call) > file.source.utf8.count(b"self." + call) + file.source.utf8.count(b"def " + call)
        for file in files
    )


def _sites_in(ev: Evaluator, file: ModuleFile, name: str) -> tuple[Site, ...]:
    """The statements of a file that set an attribute of that name, found once."""
    known = ev.attribute_sites.get((file.path, name))
    if known is not None:
        return known
    ev.attribute_sites[file.path, name] = ()  # while it is being made
    nodes = [*_owners(file, name), *_owners_by_name(file, name)]
    found: list[Site] = []

    def look() -> None:
        for owner, target in nodes:
            found.append(_site(ev, owner, target, file))

    if nodes:
        ev.without_memory(look)
    ev.attribute_sites[file.path, name] = tuple(found)
    return ev.attribute_sites[file.path, name]


def _owners(file: ModuleFile, name: str) -> Iterator[tuple[Node, Node]]:
    """The expressions whose attribute a file sets, each with the node that says so."""
    for seen, at in enumerate(attribute_places.places_set(file, name)):
        end = at + 1 + len(name.encode())
        node = file.scope.node.descendant_for_byte_range(at + 1, end)
        attribute = node.parent if node is not None else None
        if seen > MOST_PLACES:
            return
        if (
            node is not None
            and attribute is not None
            and attribute.type == "attribute"
            and attribute.child_by_field_name("attribute") == node
            and node.end_byte == end
            and _is_target(attribute)
        ):
            owner = attribute.child_by_field_name("object")
            if owner is not None:
                yield owner, attribute


def _owners_by_name(file: ModuleFile, name: str) -> Iterator[tuple[Node, Node]]:
    """Like `_owners`, of ``setattr``, ``__setattr__`` and the dict of an object's attributes; the node is what sets."""
    root = file.scope.node
    for match in re.finditer(rb"\b(?:__)?setattr(?:__)?(?=\()|\b__dict__(?=\.|\[)|\bvars(?=\()", file.source.utf8):
        node = root.descendant_for_byte_range(match.start(), match.end())
        above = node.parent if node is not None else None
        if node is None or above is None or node.type != "identifier":
            continue
        if text_of(node) in ("__dict__", "vars"):
            whose = next((value for _, value in arguments_of(above)), None) if above.type == "call" else None
            owner = above.child_by_field_name("object") if above.type == "attribute" else whose
            if owner is not None and _is_filled(above):
                yield owner, above
            continue
        call = above.parent if above.type == "attribute" else above
        if call is None or call.type != "call":
            continue
        given = [value for key, value in arguments_of(call) if not key]
        holder = above.child_by_field_name("object") if above.type == "attribute" else None
        if len(given) == 2 and holder is not None:  # ``settings.__setattr__("name", value)``
            given = [holder, *given]
        if len(given) == 3 and (given[1].type != "string" or string_value(given[1]) in (name, None)):
            yield given[0], call


def _is_filled(attributes: Node) -> bool:
    """Whether a dict of attributes is changed where it stands."""
    parent = attributes.parent
    if parent is not None and parent.type == "subscript":
        return _is_target(parent)
    method = parent.child_by_field_name("attribute") if parent is not None and parent.type == "attribute" else None
    return method is not None and text_of(method) in ("update", "setdefault", "__setitem__")


def _is_target(node: Node) -> bool:
    """Whether an expression is assigned to."""
    parent = node.parent
    while parent is not None and parent.type in _TARGETS:
        node, parent = parent, parent.parent
    if parent is not None and parent.type == "as_pattern_target":  # ``with … as settings.name``
        return True
    if parent is None or parent.type not in ("assignment", "augmented_assignment", "for_statement", "for_in_clause"):
        return False
    return parent.child_by_field_name("left") == node and (
        parent.type != "assignment" or parent.child_by_field_name("right") is not None
    )


def _site(ev: Evaluator, owner: Node, target: Node, file: ModuleFile) -> Site:
    """What one statement sets the attribute of."""
    scope = ev.scope_at(owner, file.scope)
    location = ev.location(target, scope)
    function = scope.node if scope.kind == "function" else None
    root = owner
    while root.type in ("attribute", "subscript") and root.named_children:
        root = root.named_children[0]
    name = function.child_by_field_name("name") if function is not None else None
    if function is None or name is None or text_of(root) not in scope.parameters:
        return Site(_known(ev.value(owner, scope), target), location)
    outer, called = scope.parent, text_of(name)
    if owner is not root:
        return Site(_known(ev.value(owner, scope), target), location, function="" if _is_method(scope) else called)
    if outer is not None and outer.kind == "class" and text_of(owner) == next(iter(scope.parameters)):
        cls = Class("", outer.node, outer.parent or file.scope, location)
        decorators = [text_of(one) for one in classes.decorators(Function(called, function, outer, location))]
        if decorators == ["classmethod"]:
            return Site(cls, location, function=called)
        if called in _MADE_FOR or decorators:
            return Site(External("self", location), location)
        own = Instance(cls, (), (), location)
        return Site(own, location, anyone=True, function=called)
    annotated = _annotation(function, text_of(owner))
    said = ev.value(annotated, file.scope) if annotated is not None else None
    if isinstance(said, Class):
        return Site(Instance(said, (), (), location), location, anyone=True, function=called)
    value = said if isinstance(said, External) else _known(ev.value(owner, scope), target)
    return Site(value, location, function=called)


def _known(owner: Value, target: Node) -> Value:
    """The owner; where neither it nor the attribute's name is known nothing is said of either.

    ``app.conf.result_backend = settings.result_backend`` sets no attribute of ``settings``.
    """
    if isinstance(owner, Unknown) and _is_conf(target):
        return Instance(External(CONF, owner.origin), (), (), owner.origin)
    named = target.type == "attribute" and not text_of(target).endswith(".__dict__")
    if isinstance(owner, Unknown) and not named and not any(one.type == "string" for _, one in arguments_of(target)):
        return External("builtins.object", owner.origin)
    return owner


def _is_conf(target: Node) -> bool:
    """Whether ``….conf.name`` is set: what is called so is Celery's configuration, where it is no object of a class."""
    holder = target.child_by_field_name("object") if target.type == "attribute" else None
    name = holder.child_by_field_name("attribute") if holder is not None and holder.type == "attribute" else None
    return name is not None and text_of(name) == "conf"


def _is_method(scope: Scope) -> bool:
    """Whether a function is a method."""
    return scope.parent is not None and scope.parent.kind == "class"


def _annotation(function: Node, name: str) -> Node | None:
    """The annotation of a parameter."""
    parameters = function.child_by_field_name("parameters")
    for child in parameters.named_children if parameters is not None else ():
        if child.type in ("typed_parameter", "typed_default_parameter"):
            own = child.child_by_field_name("name") or child.named_children[0]
            said = child.child_by_field_name("type")
            if text_of(own) == name and said is not None:
                return said.named_children[0] if said.type == "type" and said.named_children else said
    return None


def _may_be(ev: Evaluator, site: Site, owner: Value, cls: Class, instance: Instance | None) -> bool:
    """Whether setting an attribute of ``owner`` is seen on the class or instance."""
    if isinstance(owner, Choice):
        return any(_may_be(ev, site, one.value, cls, instance) for one in owner.alternatives)
    if isinstance(owner, Class):
        return any(isinstance(base, Class) and base.node == owner.node for base in classes.lineage(ev, cls))
    if isinstance(owner, Instance) and isinstance(owner.type, Class):
        if instance is None:
            return False
        if not (site.anyone or owner.origin == instance.origin or making.may_be_kept(ev, cls)):
            return False
        return any(isinstance(base, Class) and base.node == owner.type.node for base in classes.lineage(ev, cls))
    return isinstance(owner, Unknown) and instance is not None
