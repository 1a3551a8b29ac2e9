"""A setting written by another name, wherever it is written; nobody who uses the old name may be left behind."""

from __future__ import annotations

from celery_backend_lint.evaluate import stars
from celery_backend_lint.evaluate.objects.classes import has_base
from celery_backend_lint.evaluate.pydantic.models import is_model
from celery_backend_lint.evaluate.values import Class
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.nodes import Place, place_of
from celery_backend_lint.fixes.python.references import bound_in, is_same_scope, mentions, names_variable
from celery_backend_lint.fixes.python.values import replace_string
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import Assignment
    from celery_backend_lint.syntax.python import Node


def rename_setting(model: Model, assignment: Assignment, new_name: str) -> list[Edit]:
    """Write the setting of an assignment by another name: as a variable, keyword, key, attribute or field.

    Every use in the same scope is renamed with it. Raises CannotFixError as ``rename`` does.
    """
    return rename(model, [assignment.location], assignment.written, new_name)


def rename(model: Model, locations: Iterable[Location], old: str, new: str) -> list[Edit]:
    """Write a name differently at all the places that give it a value, and where these files use it.

    ``locations`` are the places of the name. Raises CannotFixError where code that is not renamed uses the old name,
    where the new one is taken, and where the name means something beyond Celery (a pydantic field names a variable).
    """
    edits: dict[tuple[str, int], Edit] = {}
    variables: dict[str, list[Place]] = {}
    for location in locations:
        place = place_of(model, location)
        parent = place.node.parent
        if place.node.type in ("string", "concatenated_string"):
            _refuse_second_key(place, new)
            edit = replace_string(model, location, new)
        elif place.node.type != "identifier" or parent is None:
            raise CannotFixError(f"the name in {place.where} is put together by code")
        elif _is_variable(place.node):
            variables.setdefault(location.path, []).append(place)
            continue
        else:
            _refuse_second_key(place, new)
            edit = replace(place.source, place.node.start_byte, place.node.end_byte, new)
        edits[location.path, place.node.start_byte] = edit
    _add_variables(model, variables, old, new, edits)
    _refuse_others(model, old, edits, is_variable=bool(variables))
    return [edits[key] for key in sorted(edits)]


def _is_variable(node: Node) -> bool:
    """Whether an identifier is a name of a module or class, rather than a keyword or an attribute."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "attribute":
        return parent.child_by_field_name("attribute") != node
    return not (parent.type == "keyword_argument" and parent.child_by_field_name("name") == node)


def _add_variables(
    model: Model, variables: dict[str, list[Place]], old: str, new: str, edits: dict[tuple[str, int], Edit]
) -> None:
    """Add the edits of a name that a module or class binds, with its uses in that scope."""
    scopes: dict[str, list[Scope]] = {}
    for path, places in variables.items():
        file = model.evaluator.modules.file(path)
        for place in places if file is not None else ():
            scope = bound_in(model, file, place.node, old) if file is not None else None
            if scope is not None:
                _refuse_field(model, place, scope)
                scopes.setdefault(path, []).append(scope)
    for path, found in scopes.items():
        for scope in found:
            taken = scope.bindings.get(new) if new not in scope.globals else None
            if taken:
                raise CannotFixError(f"`{path}` has a `{new}` already (line {_line(taken[0].target)})")
    heirs = heirs_of(model, {path for path, found in scopes.items() if any(one.kind == "module" for one in found)})
    for path in heirs - scopes.keys():
        file = model.evaluator.modules.file(path)
        if file is not None:
            scopes[path] = [file.scope]
            if new in file.scope.bindings:
                raise CannotFixError(f"`{path}` has a `{new}` already")
    for mention in mentions(model, old) if scopes else ():
        node, file = mention.node, mention.file
        if mention.kind == "name" and file.path in scopes:
            meant = bound_in(model, file, node, old)
            if any(is_same_scope(meant, one) for one in scopes[file.path]):
                if new in meant.bindings or not is_same_scope(bound_in(model, file, node, new), file.scope):
                    raise CannotFixError(f"`{new}` means something else in `{file.path}` line {_line(node)}")
                edits[file.path, node.start_byte] = replace(file.source, node.start_byte, node.end_byte, new)


def heirs_of(model: Model, paths: set[str]) -> set[str]:
    """The modules that star-import one of some modules, or one that does: what is in them is in their own names."""
    ev = model.evaluator
    found: set[str] = set()
    importers: list[tuple[str, str]] = []
    for path in model.project.python_files_mentioning((b"import *", b"include(")):
        file = ev.modules.file(path)
        for star in file.scope.stars if file is not None else ():
            targets = stars.targets(ev, file.scope, star) if file is not None else []
            importers += [(path, target.file.path) for target in targets]
    grows = bool(paths)
    while grows:
        new = {path for path, target in importers if target in paths | found} - found
        found |= new
        grows = bool(new)
    return found


def _refuse_field(model: Model, place: Place, scope: Scope) -> None:
    """Refuse a name that also names a variable: a field of a pydantic class, a value of django-configurations."""
    if scope.kind != "class" or scope.parent is None:
        return
    ev = model.evaluator
    definition = Class("", scope.node, scope.parent, ev.location(scope.node, scope.parent))
    if is_model(ev, definition):
        raise CannotFixError(f"the field in {place.where} also names the variable that it is read from")
    statement = place.node.parent
    right = statement.child_by_field_name("right") if statement is not None else None
    if right is not None and right.type == "call" and has_base(ev, definition, "Configuration"):
        called = right.child_by_field_name("function")
        if called is not None and text_of(called).endswith("Value"):
            raise CannotFixError(f"the name in {place.where} also names the variable that it is read from")


def _refuse_second_key(place: Place, new: str) -> None:
    """Refuse a keyword or key that the call or dict has already."""
    entry = place.node.parent
    holder = entry.parent if entry is not None else None
    if entry is None or holder is None or entry.type not in ("keyword_argument", "pair"):
        return
    for child in holder.named_children:
        key = child.child_by_field_name("name") or child.child_by_field_name("key")
        if key is not None and text_of(key).strip("'\"") == new:
            raise CannotFixError(f"`{new}` is given already in {place.where}")


def _refuse_others(model: Model, old: str, edits: dict[tuple[str, int], Edit], *, is_variable: bool) -> None:
    """Refuse where anything that stays as it is uses the old name, but for variables of the environment.

    A keyword or key is read by its text or from a configuration; a variable of that name, or an attribute of something
    else, is another thing.
    """
    for mention in mentions(model, old):
        node = mention.node
        if (mention.file.path, node.start_byte) in edits or mention.kind == "parameter":
            continue
        where = f"`{mention.file.path}` line {_line(node)}"
        if mention.kind == "text":
            if not names_variable(node):
                raise CannotFixError(f"`{old}` is also used by its name in {where}")
        elif mention.kind == "keyword":
            if _overrides(node):
                raise CannotFixError(f"`{old}` is also given a value in {where}")
        elif mention.kind == "attribute":
            if is_variable or _owner(node).endswith(("conf", "config")):
                raise CannotFixError(f"`{old}` is also used in {where}")
        elif not is_variable:
            continue
        elif mention.kind == "import" or bound_in(model, mention.file, node, old).kind != "function":
            raise CannotFixError(f"`{old}` is also used in {where}")


def _owner(attribute: Node) -> str:
    """``app.conf`` of ``app.conf.NAME``."""
    owner = attribute.parent.child_by_field_name("object") if attribute.parent is not None else None
    return text_of(owner) if owner is not None else ""


def _overrides(keyword: Node) -> bool:
    """Whether a keyword is the name of a setting that is overridden: ``override_settings(NAME=…)``."""
    parent = keyword.parent
    while parent is not None and parent.type != "call":
        parent = parent.parent
    function = parent.child_by_field_name("function") if parent is not None else None
    return function is not None and text_of(function).rpartition(".")[2] in ("override_settings", "settings")


def _line(node: Node) -> int:
    return node.start_point[0] + 1
