"""What ``dir()`` of a configuration object gives: the upper-case names of modules, classes and instances."""

from __future__ import annotations

from celery_backend_lint.evaluate import access, stars
from celery_backend_lint.evaluate.values import Class, Entry, Instance, Literal, Module, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location


def entries_of(ev: Evaluator, value: Value, only: str | None, origin: Location) -> list[Entry]:
    """The upper-case attributes of a module, class or instance (of them ``only`` one, where that is given); first an
    entry without a key where not all are known.
    """
    if isinstance(value, Literal) and value.value is None:
        return []
    names, why = _names_of(ev, value)
    found = []
    for name in names if only is None else [one for one in names if one == only]:
        place = _place_of(ev, value, name) or origin
        found.append(Entry(Literal(name, place), access.attribute(ev, value, name, origin), place))
    if why:
        doubt = Unknown(why, origin)
        found.insert(0, Entry(doubt, doubt, origin))
    return found


WITHOUT_CAPITALS = ("builtins.", "abc.", "typing.", "enum.", "flask.Config", "flask.config.Config")
"""What the names of base classes begin with that have no names in capitals (``flask.Config``: a dict, 1.1 to 3.1)."""


def _names_of(ev: Evaluator, value: Value) -> tuple[list[str], str]:
    """The upper-case names that ``dir()`` of an object gives, sorted, and why there may be more ("" where not)."""
    from celery_backend_lint.evaluate.objects import classes

    why = ""
    names: set[str] = set()
    if isinstance(value, Module) and value.scope is not None:
        why = _module_names(ev, value.scope, names, 0)
    elif isinstance(value, (Class, Instance)) and isinstance(
        cls := value if isinstance(value, Class) else value.type, Class
    ):
        for base in classes.lineage(ev, cls):
            if isinstance(base, Class):
                names |= {n for n, b in ev.scope_of(base).bindings.items() if any(one.kind != "annotate" for one in b)}
                if isinstance(value, Instance):
                    names |= set(classes.set_on_self(ev, base))
            elif isinstance(base, Unknown) or not base.name.startswith(WITHOUT_CAPITALS):
                why = "a base class that is not in the tree"
    else:
        why = value.why if isinstance(value, Unknown) else "an object that is not known"
    return sorted(name for name in names if name.isupper()), why


def _module_names(ev: Evaluator, scope: Scope, names: set[str], depth: int) -> str:
    why = ""
    if depth > 20:
        return "too many star imports to follow"
    if scope.file.source.problem is not None:
        why = f"{scope.file.path} {scope.file.source.problem.reason}"
    names |= {name for name, bindings in scope.bindings.items() if any(one.kind != "annotate" for one in bindings)}
    for star in scope.stars:
        target = stars.star_target(ev, scope, star)
        if target is not None:
            why = _module_names(ev, target, names, depth + 1) or why
        elif not stars.is_optional_local(star):
            why = "a star import from outside the project"
    return why


def _place_of(ev: Evaluator, value: Value, name: str) -> Location | None:
    """Where a module, a class or one of its bases binds a name."""
    from celery_backend_lint.evaluate.objects.classes import lineage

    scopes: list[Scope] = []
    if isinstance(value, Module):
        left = [value.scope] if value.scope is not None else []
        while left and len(scopes) < 20:
            scope = left.pop(0)
            scopes.append(scope)
            left += [target for star in scope.stars if (target := stars.star_target(ev, scope, star)) is not None]
    elif isinstance(value, (Class, Instance)):
        cls = value.type if isinstance(value, Instance) else value
        bases = lineage(ev, cls) if isinstance(cls, Class) else []
        scopes = [ev.scope_of(base) for base in bases if isinstance(base, Class)]
    for scope in scopes:
        if name in scope.bindings:
            return ev.location(scope.bindings[name][-1].target, scope)
    return None
