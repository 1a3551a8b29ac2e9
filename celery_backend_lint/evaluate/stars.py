"""Statements that bring names into a module from elsewhere: which place each means, and which names it brings.

Star imports; ``include(…)`` of django-split-settings (`split_settings`); ``globals().update(…)`` and functions that are
given ``globals()`` (`namespaces`). All stand in ``Scope.stars``; ``Binding.kind`` tells them apart.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import combine, with_fallback
from celery_backend_lint.evaluate.values import Alternative, Literal, Sequence, Unknown
from celery_backend_lint.record import record
from celery_backend_lint.syntax.python import module_name, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding, Scope
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.syntax.python import Node

KINDS = frozenset({"star", "include", "update", "handed"})
"""The kinds of these statements."""

MOST_MODULES = 400
"""How many modules are followed from one star import to the next."""

LARGEST_CIRCLE = 6
"""How many modules that star-import each other are read; where there are more, what they bring is unknown."""

OUTSIDE = "a star import from outside the project"


@record
class Names:
    """The names that a module has, those that it is brought included; ``open`` where more may be brought from outside.

    ``circle`` is how many modules bring each other their names, this one among them.
    """

    names: frozenset[str]
    open: bool
    circle: int


def star_provides(ev: Evaluator, scope: Scope, star: Binding, name: str, *, assigned: bool = False) -> bool:
    """Whether the statement ``star`` of ``scope`` may bind ``name``.

    One from outside the project may bind anything; only names that look like settings are doubted for it: those in
    capitals, and those that the module itself assigns (``assigned``).
    """
    if star.kind != "star":
        from celery_backend_lint.evaluate import namespaces
        from celery_backend_lint.evaluate.django import split_settings

        if star.kind == "include":
            return split_settings.provides(ev, scope, star, name, assigned=assigned)
        return namespaces.provides(ev, scope, star, name, assigned=assigned)
    target = star_target(ev, scope, star)
    if target is None:
        return (name.isupper() or assigned) and not name.startswith("_") and not is_optional_local(star)
    exported = exports(ev, target)
    if exported is not None:
        return name in exported and target is not scope
    return target is not scope and not name.startswith("_") and has_name(ev, target, name)


def has_name(ev: Evaluator, scope: Scope, name: str) -> bool:
    """Whether a module may have ``name`` when it has run."""
    held = names_of(ev, scope)
    return name in held.names or (held.open and name.isupper())


def names_of(ev: Evaluator, scope: Scope) -> Names:
    """The names of a module. Each circle of modules that bring each other names is worked out once (Tarjan)."""
    if scope.public is None:
        _work_out(ev, scope)
    found: Names = scope.public
    return found


def _work_out(ev: Evaluator, start: Scope) -> None:
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    held: list[Scope] = []
    on_stack: set[int] = set()
    work: list[tuple[Scope, list[Scope], int]] = []

    def enter(scope: Scope) -> None:
        order[id(scope)] = low[id(scope)] = len(order)
        held.append(scope)
        on_stack.add(id(scope))
        work.append((scope, _reached(ev, scope) if len(order) <= MOST_MODULES else [], 0))

    enter(start)
    while work:
        scope, reached, position = work.pop()
        key = id(scope)
        if position and reached[position - 1].public is None:
            low[key] = min(low[key], low[id(reached[position - 1])])
        while position < len(reached):
            other = reached[position]
            position += 1
            if other.public is not None:
                continue
            if id(other) not in order:
                work.append((scope, reached, position))
                enter(other)
                break
            if id(other) in on_stack:
                low[key] = min(low[key], order[id(other)])
        else:
            if low[key] == order[key]:
                _close(ev, held, on_stack, scope, cut=len(order) > MOST_MODULES)


def _close(ev: Evaluator, held: list[Scope], on_stack: set[int], first: Scope, *, cut: bool) -> None:
    circle: list[Scope] = []
    while True:
        scope = held.pop()
        on_stack.discard(id(scope))
        circle.append(scope)
        if scope is first:
            break
    names: set[str] = set()
    is_open = cut
    for scope in circle:
        names.update(
            name for name, bindings in scope.bindings.items() if any(one.kind != "annotate" for one in bindings)
        )
        for star in scope.stars:
            is_open = is_open or bool(why_hidden(ev, scope, star))
            for target in targets(ev, scope, star):
                if target.public is not None:
                    known: Names = target.public
                    names.update(name for name in known.names if star.kind != "star" or not name.startswith("_"))
                    is_open = is_open or known.open
            if star.kind in ("update", "handed"):
                from celery_backend_lint.evaluate import namespaces

                names.update(namespaces.names_set(ev, scope, star))
    answer = Names(frozenset(names), is_open, len(circle))
    for scope in circle:
        scope.public = answer


def _reached(ev: Evaluator, scope: Scope) -> list[Scope]:
    return [target for star in scope.stars for target in targets(ev, scope, star)]


def targets(ev: Evaluator, scope: Scope, star: Binding) -> list[Scope]:
    """The modules of the project that a statement brings names from."""
    if star.kind == "include":
        from celery_backend_lint.evaluate.django import split_settings

        return split_settings.scopes_of(ev, scope, star)
    target = star_target(ev, scope, star) if star.kind == "star" else None
    return [target] if target is not None and target is not scope else []


def why_hidden(ev: Evaluator, scope: Scope, star: Binding) -> str:
    """Why a statement may bring names that are not in sight; "" where it brings none."""
    if star.kind == "include":
        from celery_backend_lint.evaluate.django import split_settings

        return split_settings.why_unknown(ev, scope, star)
    if star.kind != "star":
        from celery_backend_lint.evaluate import namespaces

        return namespaces.why_unknown(ev, scope, star)
    if star_target(ev, scope, star) is None and not is_optional_local(star):
        return OUTSIDE
    return ""


def after(ev: Evaluator, star: Binding, value: Value | None, scope: Scope) -> Value | None:
    """What the name that ``star`` is a binding of holds after the statement; ``value`` is what it held."""
    from celery_backend_lint.evaluate import namespaces
    from celery_backend_lint.evaluate.django import split_settings

    if star.kind == "include":
        return split_settings.after(ev, star, value, scope)
    if star.kind != "star":
        return namespaces.after(ev, star, value, scope)
    target = star_target(ev, scope, star)
    origin = ev.location(star.node, scope)
    if target is not None:
        return with_fallback(_read_from(ev, target, star, scope), value)
    outside = Unknown(OUTSIDE, origin)
    if value is None:
        return outside
    doubt = Unknown("whether a star import sets it", origin)
    return combine([Alternative(outside, doubt), Alternative(value, None)], origin)


def _read_from(ev: Evaluator, target: Scope, star: Binding, scope: Scope) -> Value | None:
    """What a star import takes a name as: of a module that is being imported itself, what it has so far."""
    for running, at in ev.importing:
        if running is target:
            return ev.read(target, star.name, at)
    if names_of(ev, target).circle > LARGEST_CIRCLE and star.name not in target.bindings:
        return Unknown("too many modules star-import each other", ev.location(star.node, scope))
    ev.importing.append((scope, star.node.start_byte))
    try:
        return ev.read(source_of(ev, target, star.name), star.name, None)
    finally:
        ev.importing.pop()


def entered(ev: Evaluator, scope: Scope, name: str) -> Value | None:
    """What ``name`` holds where a file begins that is run inside another module."""
    from celery_backend_lint.evaluate.django import split_settings

    return split_settings.entered(ev, scope, name)


def running_at(ev: Evaluator, scope: Scope, path: str) -> tuple[Scope, int | None] | None:
    """The module at a path, and how far it has run, where it is still running as ``scope`` imports it: it includes this
    file, or star-imports it. None where it is not running.
    """
    inner = scope.module
    while inner.entry is not None:
        outer, before = inner.entry
        if outer.entry is None and outer.file.path == path:
            return outer, before
        inner = outer
    return next(((one, at) for one, at in ev.importing if one.file.path == path and one is not scope.module), None)


def seen_later(ev: Evaluator, scope: Scope, name: str, found: Value | None) -> Value | None:
    """What a function of an included file sees of a name: what the module holds when it is called, if that is known."""
    outer = scope
    while outer.entry is not None:
        outer = outer.entry[0]
    return (
        found
        if ev.read(outer, name, None) == found
        else Unknown("a name that is set later", ev.location(scope.node, scope))
    )


def surely_brings(ev: Evaluator, scope: Scope, star: Binding) -> bool:
    """Whether a star import brings the name that it is a binding of, whatever the branches in the other module."""
    target = star_target(ev, scope, star) if star.kind == "star" else None
    own = target.bindings.get(star.name, ()) if target is not None and target is not scope else ()
    return any(binding.kind in ("assign", "def", "class") and not binding.path for binding in own) and not any(
        binding.kind == "delete" for binding in own
    )


def source_of(ev: Evaluator, scope: Scope, name: str) -> Scope:
    """The module to read ``name`` from: past those that only star-import it from a single other one."""
    for _ in range(MOST_MODULES):
        if name in scope.bindings or scope.entry is not None:
            break
        bringing = [star for star in scope.stars if star_provides(ev, scope, star, name)]
        target = star_target(ev, scope, bringing[0]) if len(bringing) == 1 and bringing[0].kind == "star" else None
        if target is None or bringing[0].path:
            break
        scope = target
    return scope


def exports(ev: Evaluator, scope: Scope) -> frozenset[str] | None:
    """The names in a module's ``__all__``; None where it has none that can be read: then all public names count."""
    if "__all__" not in scope.bindings:
        return None
    value = ev.read(scope, "__all__", None)
    if not isinstance(value, Sequence) or not value.complete:
        return None
    return frozenset(str(item.value) for item in value.items if isinstance(item, Literal))


def star_target(ev: Evaluator, scope: Scope, star: Binding) -> Scope | None:
    """The project's module that a star import names, or None when it is not in the tree (or no star import)."""
    if star.kind != "star":
        return None
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
    if star.kind != "star":
        return False
    return b"django.conf.global_settings" in (star.node.text or b"") or _may_fail(star)


def is_local_override(ev: Evaluator, scope: Scope, star: Binding) -> bool:
    """Whether a statement takes in settings that are not in the tree and that a machine may have of its own."""
    if star.kind == "include":
        from celery_backend_lint.evaluate.django import split_settings

        return split_settings.is_local_override(ev, scope, star)
    return star.kind == "star" and _may_fail(star) and star_target(ev, scope, star) is None


def module_path(ev: Evaluator, module: Node, scope: Scope) -> str | None:
    """The path that the module of an import statement means: a ``dotted_name`` or ``relative_import`` node."""
    running = scope.module
    while running.entry is not None:  # an included file runs as the module that includes it
        running = running.entry[0].module
    importer = running.file.path
    if module.type == "relative_import":
        prefix, dotted = module.named_children[0], module.named_children[1:]
        return ev.modules.find_relative(text_of(prefix).count("."), module_name(dotted[0]) if dotted else "", importer)
    return ev.modules.find(module_name(module), importer)


def _may_fail(star: Binding) -> bool:
    return any(branch.kind == "try" and arm == 0 for branch, arm in star.path)
