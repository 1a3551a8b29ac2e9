"""Star imports: which module one names, and which names it brings."""

from __future__ import annotations

from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.syntax.python import Node

DEEPEST = 80
"""How many star imports are followed one from another."""


def star_provides(ev: Evaluator, scope: Scope, star: Binding, name: str, *, assigned: bool = False) -> bool:
    """Whether ``from x import *`` may bind ``name``.

    One from outside the project may bind anything; only names that look like settings are doubted for it: those in
    capitals, and those that the module itself assigns (``assigned``).
    """
    target = star_target(ev, scope, star)
    if target is None:
        return (name.isupper() or assigned) and not is_optional_local(star)
    return target is not scope and has_public(ev, target, name, set())


def has_public(ev: Evaluator, scope: Scope, name: str, seen: set[int]) -> bool:
    """Whether a star import of the module ``scope`` brings ``name``; ``seen`` holds the modules asked on the way."""
    if id(scope) in seen or name.startswith("_"):
        return False
    known = scope.public.get(name)
    if known is not None:
        return known
    top = not seen
    seen.add(id(scope))
    found = _brings(ev, scope, name, seen)
    if found or top:
        scope.public[name] = found
    return found


def _brings(ev: Evaluator, scope: Scope, name: str, seen: set[int]) -> bool:
    if name in scope.bindings:
        return any(binding.kind != "annotate" for binding in scope.bindings[name])
    if ev.depth >= DEEPEST:
        return name.isupper()  # reading it will say that this is too deep
    ev.depth += 1
    try:
        for star in scope.stars:
            target = star_target(ev, scope, star)
            if target is None:
                if name.isupper() and not is_optional_local(star):
                    return True
            elif has_public(ev, target, name, seen):
                return True
        return False
    finally:
        ev.depth -= 1


def star_target(ev: Evaluator, scope: Scope, star: Binding) -> Scope | None:
    """The project's module that a star import names, or None when it is not in the tree."""
    if star.at not in scope.star_targets:
        module = star.node.child_by_field_name("module_name")
        path = module_path(ev, module, scope) if module is not None else None
        file = ev.modules.file(path) if path is not None and path.endswith(".py") else None
        scope.star_targets[star.at] = file.scope if file is not None else None
    return scope.star_targets[star.at]


def is_optional_local(star: Binding) -> bool:
    """Whether a star import from outside the tree brings no setting.

    One that ``except ImportError`` expects to fail brings nothing on a fresh checkout; Django's
    ``global_settings`` hold no Celery setting.
    """
    return b"django.conf.global_settings" in (star.node.text or b"") or _may_fail(star)


def is_local_override(ev: Evaluator, scope: Scope, star: Binding) -> bool:
    """Whether a star import is of settings that are not in the tree and that a machine may have of its own."""
    return _may_fail(star) and star_target(ev, scope, star) is None


def module_path(ev: Evaluator, module: Node, scope: Scope) -> str | None:
    """The path that the module of an import statement means: a ``dotted_name`` or ``relative_import`` node."""
    importer = scope.file.path
    if module.type == "relative_import":
        prefix, dotted = module.named_children[0], module.named_children[1:]
        return ev.modules.find_relative(text_of(prefix).count("."), text_of(dotted[0]) if dotted else "", importer)
    return ev.modules.find(text_of(module), importer)


def _may_fail(star: Binding) -> bool:
    return any(branch.kind == "try" and arm == 0 for branch, arm in star.path)
