"""django-split-settings: ``include("base.py", "components/*.py", optional("local.py"))``.

After split_settings 1.3.2 (``tools.include``): each file is run in the namespace of the module that includes it, so it
sees and changes the names from before; a path is a ``glob`` pattern relative to the including file; the files of one
pattern come in the order of the directory, which is none; a file that was included once is not included again.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.alternatives import combine
from celery_backend_lint.evaluate.changed_elsewhere import is_changeable
from celery_backend_lint.evaluate.scopes import Scope
from celery_backend_lint.evaluate.targets import MUTATING_METHODS
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Environment,
    External,
    Instance,
    Literal,
    Missing,
    Operation,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding
    from celery_backend_lint.evaluate.values import Value

INCLUDE = "split_settings.tools.include"
OPTIONAL = "split_settings.tools.optional"
MOST_FILES = 100
"""How many files one argument of ``include`` may name."""

DEEPEST = 10
"""How deep files may include each other."""

NO_ORDER = "it is set in several files of one pattern, which are included in no order"

_ANOTHER_NAME = rb"(?m)^[ \t]*([A-Za-z_]\w*)[ \t]*=[ \t]*(?!None\b|True\b|False\b)([A-Za-z_]\w*)[ \t]*(?:#.*)?$"
_CHANGED = rb"\s*(?:[-+*/|&^]=|\[[^\n=]*\]\s*[-+*/|&^]?=(?!=)|\.\s*(?:" + (
    "|".join(sorted(MUTATING_METHODS)).encode() + rb")\b)"
)


@record
class Included:
    """What one argument includes under a condition (None: else): files in order, or (``unordered``) in none.

    ``why`` is set where something may be included that is not in sight. ``lacks`` says that an optional file is not in
    the tree.
    """

    condition: Value | None
    scopes: tuple[Scope, ...]
    unordered: bool = False
    why: str = ""
    lacks: bool = False


def provides(ev: Evaluator, scope: Scope, star: Binding, name: str, *, assigned: bool) -> bool:
    """Whether including may bind or change ``name``."""
    from celery_backend_lint.evaluate.stars import has_name

    if why_unknown(ev, scope, star) and (name.isupper() or assigned):
        return True
    return any(has_name(ev, one, name) for one in scopes_of(ev, scope, star))


def scopes_of(ev: Evaluator, scope: Scope, star: Binding) -> list[Scope]:
    """The files that a statement includes, each as the scope that it runs in there."""
    return [one for group in expand(ev, scope, star) for one in group.scopes]


def why_unknown(ev: Evaluator, scope: Scope, star: Binding) -> str:
    """Why files may be included that are not in sight; "" where all are."""
    return next((group.why for group in expand(ev, scope, star) if group.why), "")


def is_local_override(ev: Evaluator, scope: Scope, star: Binding) -> bool:
    """Whether an argument names an optional file that is not in the tree: each machine may have one of its own."""
    return any(group.lacks for group in expand(ev, scope, star))


def after(ev: Evaluator, star: Binding, value: Value | None, scope: Scope) -> Value | None:
    """What the name that ``star`` is a binding of holds once its files are included; ``value`` is what it held."""
    origin = ev.location(star.node, scope)
    alternatives = []
    for group in expand(ev, scope, star):
        held = _after_group(ev, group, star.name, value, doubt=Unknown(group.why or NO_ORDER, origin))
        alternatives.append(Alternative(Missing(origin) if held is None else held, group.condition))
    if not alternatives:
        return value
    if alternatives[-1].condition is not None and any(one.value != alternatives[0].value for one in alternatives):
        alternatives.append(Alternative(Unknown("the included file is not in the tree", origin), None))
    return _unless_shared(scope, star.name, combine(alternatives, origin))


def _after_group(ev: Evaluator, group: Included, name: str, value: Value | None, *, doubt: Unknown) -> Value | None:
    from celery_backend_lint.evaluate.stars import has_name

    if group.why:
        return doubt
    setting = [one for one in group.scopes if has_name(ev, one, name)]
    if not setting:
        return value
    if group.unordered and len(setting) > 1:
        return doubt
    return ev.read(setting[-1], name, None)


def entered(ev: Evaluator, scope: Scope, name: str) -> Value | None:
    """What ``name`` holds where an included file begins."""
    from celery_backend_lint.evaluate.stars import has_name

    if scope.entry is None:
        return None
    outer, before = scope.entry
    for sibling in scope.siblings:
        if sibling is not scope and has_name(ev, sibling, name):
            return Unknown(NO_ORDER, ev.location(sibling.node, sibling))
    return _unless_shared(outer, name, ev.read(outer, name, before))


def _unless_shared(scope: Scope, name: str, value: Value | None) -> Value | None:
    """``value``, or Unknown for an object that has two names in the files that are run as one module, and is changed.

    Changes by another name are found file by file (``evaluate.changed_elsewhere``), where such a name is not bound.
    """
    if value is None or not _is_object(value):
        return value
    while scope.entry is not None:
        scope = scope.entry[0]
    running = [scope]
    for one in running:  # it grows; what is being worked out is left alone
        for groups in list(one.included.values()) if len(running) < MOST_FILES else ():
            running.extend(inner for group in groups or () for inner in group.scopes)
    text = b"\n".join(one.file.source.utf8 for one in running)
    shared = {name.encode()}
    pairs = [pair for pair in re.findall(_ANOTHER_NAME, text) if pair[0] != pair[1]]
    for _ in pairs:
        before = len(shared)
        for pair in pairs:
            if not shared.isdisjoint(pair):
                shared.update(pair)
        if len(shared) == before:
            break
    if len(shared) == 1 or not re.search(rb"\b(?:" + b"|".join(sorted(shared)) + rb")\b" + _CHANGED, text):
        return value
    return Unknown("it has another name in an included file", value.origin)


def _is_object(value: Value) -> bool:
    if isinstance(value, Choice):
        return any(_is_object(one.value) for one in value.alternatives)
    return is_changeable(value)


def expand(ev: Evaluator, scope: Scope, star: Binding) -> tuple[Included, ...]:
    """What one argument of ``include`` names, worked out once for each place where the file is run."""
    known: tuple[Included, ...] | None = scope.included.get(star.at)
    if known is None:
        scope.included[star.at] = ()  # what refers back to it while it is worked out finds nothing
        known = scope.included[star.at] = _expand(ev, scope, star)
    return known


def _expand(ev: Evaluator, scope: Scope, star: Binding) -> tuple[Included, ...]:
    call = star.target
    function = call.child_by_field_name("function")
    called = ev.value(function, scope) if function is not None else None
    if not isinstance(called, External):
        why = "what include() does" if isinstance(called, Unknown) and scope.entry is not None else ""
        return (Included(None, (), why=why),) if why else ()
    if called.name != INCLUDE:
        return ()
    depth, outer = 0, scope
    while outer.entry is not None:
        depth, outer = depth + 1, outer.entry[0]
    if depth >= DEEPEST:
        return (Included(None, (), why="files that include each other too deep to follow"),)
    node = star.node
    splat = node.type == "list_splat"
    value = ev.value(node.named_children[0] if splat else node, scope)
    given = [value]
    if splat:
        if not isinstance(value, Sequence) or not value.complete:
            return (Included(None, (), why="the included files are not known"),)
        given = list(value.items)
    if not splat:
        return tuple(_alternatives(ev, scope, star, value, optional=False, condition=None))
    lacks = False
    ways: list[tuple[Value | None, list[Scope]]] = [(None, [])]
    for one in given:
        longer: list[tuple[Value | None, list[Scope]]] = []
        for condition, scopes in ways:
            for group in _alternatives(ev, scope, star, one, optional=False, condition=None, last=scopes[-1:]):
                if group.why or group.unordered:
                    return (Included(None, (), why=group.why or NO_ORDER),)
                lacks = lacks or group.lacks
                held = _under(group, condition)
                longer.append((held.condition, [*scopes, *group.scopes]))
        ways = longer
        if len(ways) > MOST_FILES:
            return (Included(None, (), why="the included files are not known"),)
    return tuple(Included(condition, tuple(scopes), lacks=lacks) for condition, scopes in ways)


def _alternatives(
    ev: Evaluator, scope: Scope, star: Binding, value: Value, *, optional: bool, condition: Value | None,
    last: list[Scope] | None = None,
) -> list[Included]:  # fmt: skip
    """The outcomes of one path: one for each file that it may be."""
    if isinstance(value, Instance) and isinstance(value.type, External) and value.type.name == OPTIONAL:
        inner = value.arguments[0] if value.arguments else Literal(None, value.origin)
        return _alternatives(ev, scope, star, inner, optional=True, condition=condition, last=last)
    if isinstance(value, Literal) and (isinstance(value.value, str) or value.value is None):
        if not value.value:
            return [Included(condition, (), why="" if optional else "include() of no file")]
        return [_files(ev, scope, star, value.value, optional=optional, condition=condition, last=last)]
    if isinstance(value, Choice) and condition is None:
        found: list[Included] = []
        for one in value.alternatives:
            inside = _alternatives(ev, scope, star, one.value, optional=optional, condition=None, last=last)
            found.extend(_under(group, one.condition) for group in inside)
        return found
    if isinstance(value, (Text, Environment, Operation)) and condition is None:
        return _by_variable(ev, scope, star, value, optional=optional, last=last)
    return [Included(condition, (), why="the included files are not known")]


def _under(group: Included, condition: Value | None) -> Included:
    """A group that is included under one more condition."""
    both = group.condition or condition
    if group.condition is not None and condition is not None:
        both = Operation("and", (condition, group.condition), condition.origin)
    return Included(both, group.scopes, group.unordered, group.why, group.lacks)


def _by_variable(
    ev: Evaluator, scope: Scope, star: Binding, value: Value, *, optional: bool, last: list[Scope] | None
) -> list[Included]:
    parts = value.parts if isinstance(value, Text) else (value,)
    pattern = "".join(re.escape(str(part.value)) if isinstance(part, Literal) else r"[^/]*" for part in parts)
    folder = _folder(scope)
    fitting = [
        path.removeprefix(folder)
        for path in ev.modules.project.paths()
        if path.startswith(folder) and re.fullmatch(pattern, path.removeprefix(folder))
    ]
    if not fitting or len(fitting) > MOST_FILES or not isinstance(value, Text):
        return [Included(None, (), why="the included files are not known")]
    found = []
    for path in sorted(fitting):
        same = Operation("==", (value, Literal(path, value.origin)), value.origin)
        found.append(_files(ev, scope, star, path, optional=optional, condition=same, last=last))
    # With another value include() finds no file: then nothing is included (optional), or loading fails.
    return [*found, Included(None, ())] if optional else found


def _folder(scope: Scope) -> str:
    folder = scope.file.path.rpartition("/")[0]
    return f"{folder}/" if folder else ""


def _files(
    ev: Evaluator, scope: Scope, star: Binding, pattern: str, *, optional: bool, condition: Value | None,
    last: list[Scope] | None,
) -> Included:  # fmt: skip
    """The files of one pattern that are not included yet."""
    paths = _matching(ev, scope, pattern)
    if paths is None or len(paths) > MOST_FILES:
        return Included(condition, (), why="the included files are not known")
    if not paths:
        why = "" if optional else f"the included file {pattern} is not in the tree"
        return Included(condition, (), why=why, lacks=optional)
    sure, perhaps = _included_before(ev, scope, star, last or [])
    paths = [path for path in paths if path not in sure]
    if perhaps.intersection(paths):
        return Included(condition, (), why="whether a file is included before")
    files = [ev.modules.file(path) for path in paths]
    scopes: list[Scope] = []
    for file in files:
        if file is None or file.source.problem is not None:
            return Included(condition, (), why="an included file cannot be read")
        entry = (last[-1], None) if last else (scope, star.node.start_byte)
        scopes.append(Scope("module", file.scope.node, file, entry=entry))
    if len(scopes) > 1:
        for one in scopes:
            one.siblings = tuple(scopes)
    return Included(condition, tuple(scopes), unordered=len(scopes) > 1)


def _included_before(ev: Evaluator, scope: Scope, star: Binding, last: list[Scope]) -> tuple[set[str], set[str]]:
    """The paths that are included before an argument is, and those that perhaps are."""
    sure: set[str] = {one.file.path for one in last}
    perhaps: set[str] = set()
    inner = scope
    limit: int | None = star.node.start_byte
    while True:
        for earlier in inner.stars:
            if earlier.kind == "include" and (limit is None or earlier.node.start_byte < limit):
                _collect(ev, inner, earlier, sure, perhaps)
        if inner.entry is None:
            return sure, perhaps
        sure.add(inner.file.path)
        inner, limit = inner.entry


def _collect(ev: Evaluator, scope: Scope, star: Binding, sure: set[str], perhaps: set[str]) -> None:
    for group in expand(ev, scope, star):
        into = sure if group.condition is None and not star.path else perhaps
        for one in group.scopes:
            into.add(one.file.path)
            for inner in one.stars:
                if inner.kind == "include":
                    _collect(ev, one, inner, into, perhaps)


def _matching(ev: Evaluator, scope: Scope, pattern: str) -> list[str] | None:
    """The project's files that ``glob.glob`` finds for a pattern, sorted; None where it leads out of the tree."""
    from posixpath import normpath

    if pattern.startswith("/"):
        return None
    full = normpath(_folder(scope) + pattern)
    if full.startswith(".."):
        return None
    paths = ev.modules.project.paths()
    if not any(mark in pattern for mark in "*?["):
        return [full] if full in set(paths) else []
    from fnmatch import translate

    parts = [(translate(part), part.startswith(".")) for part in full.split("/")]
    found = []
    for path in paths:
        names = path.split("/")
        if len(names) == len(parts) and all(
            re.match(expression, name) and (hidden or not name.startswith("."))
            for (expression, hidden), name in zip(parts, names, strict=True)
        ):
            found.append(path)
    return sorted(found)
