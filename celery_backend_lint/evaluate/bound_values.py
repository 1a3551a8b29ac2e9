"""What a binding makes of its name: an assignment, an import, a definition, a change in place."""

from __future__ import annotations

from celery_backend_lint.evaluate import access, stars
from celery_backend_lint.evaluate.loops import as_sequence, unpacked_rest
from celery_backend_lint.evaluate.values import Alternative, Choice, Class, External, Function, Literal, Unknown
from celery_backend_lint.syntax.python import module_name, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location


def bound_value(ev: Evaluator, binding: Binding, before: Value | None, scope: Scope) -> Value | None:
    """What a name holds after a binding other than a star import; ``before`` is what it held."""
    origin = ev.location(binding.target, scope)
    kind, node = binding.kind, binding.node
    if kind == "assign":
        value = ev.value(node, scope)
        for position in binding.index:
            value = access.item(ev, as_sequence(value), Literal(position, origin), value.origin)
        if binding.around is not None:
            rest = unpacked_rest(value, *binding.around)
            return Unknown("what a starred name gets", origin) if rest is None else rest
        return value
    if kind in ("augment", "item", "method", "remove"):
        from celery_backend_lint.evaluate import in_place

        return in_place.after_change(ev, binding, before, scope)
    if kind == "import":
        return _imported(ev, binding, scope, origin)
    if kind == "from":
        return _imported_from(ev, binding, scope, origin)
    if kind == "def":
        return Function(binding.name, node, scope, origin)
    if kind == "class":
        return Class(binding.name, node, scope, origin)
    if kind == "called" and before is not None:
        outside = Unknown("a function may change it", origin)
        return Choice((Alternative(outside, outside), Alternative(before, None)), origin)
    return Unknown("it is bound by a loop, a with or a handler", origin)


def _imported(ev: Evaluator, binding: Binding, scope: Scope, origin: Location) -> Value:
    node = binding.node
    if node.type == "aliased_import":
        name_node = node.child_by_field_name("name")
        dotted = module_name(name_node) if name_node is not None else binding.name
    else:
        dotted = binding.name
    path = ev.modules.find(dotted, scope.file.path)
    if path is not None and stars.running_at(ev, scope, path) is not None:
        return Unknown(f"the module {dotted} is still running", origin)
    return External(dotted, origin) if path is None else ev.module(path, dotted, origin)


def _imported_from(ev: Evaluator, binding: Binding, scope: Scope, origin: Location) -> Value:
    node = binding.node
    statement = node.parent
    module = statement.child_by_field_name("module_name") if statement is not None else None
    if module is None:
        return Unknown("an incomplete import", origin)
    name_node = node.child_by_field_name("name") if node.type == "aliased_import" else node
    name = text_of(name_node) if name_node is not None else binding.name
    path = stars.module_path(ev, module, scope)
    if path is None:
        if module.type == "relative_import":
            return Unknown(f"the module {module_name(module)} is not in the tree", origin)
        if name == "TYPE_CHECKING":
            return Literal(False, origin)
        return External(f"{module_name(module)}.{name}", origin)
    running = stars.running_at(ev, scope, path)
    if running is not None:
        found = ev.read(running[0], name, running[1])
        return found if found is not None else Unknown(f"the module {module_name(module)} has no {name} yet", origin)
    if path == scope.file.path and scope.kind == "module" and statement is not None:  # a package and its own modules
        found = ev.read(scope, name, statement.start_byte)
        inner = ev.modules.at(path.removesuffix("__init__.py") + name) if path.endswith("/__init__.py") else None
        if found is None and inner is not None:
            return ev.module(inner, f"{module_name(module)}.{name}", origin)
    return access.attribute(ev, ev.module(path, module_name(module), origin), name, origin)
