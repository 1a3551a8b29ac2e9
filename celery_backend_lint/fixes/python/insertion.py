"""A setting that an app has not got yet, put where the app is configured, as its neighbours are written."""

from __future__ import annotations

from celery_backend_lint.evaluate.pydantic.models import is_model
from celery_backend_lint.evaluate.stars import star_target
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.fixes.python.containers import (
    CALL,
    CLASS,
    CONSTRUCTOR,
    DICT,
    LINES,
    MODULE,
    class_scope,
    containers_of,
    creation_statement,
)
from celery_backend_lint.fixes.python.entries import insert_entry
from celery_backend_lint.fixes.python.nodes import module_of
from celery_backend_lint.fixes.python.setting_names import prefixed
from celery_backend_lint.fixes.python.style import indentation_of, line_length, quote_of, string_code
from celery_backend_lint.fixes.python.values import expression_type
from celery_backend_lint.fixes.text_edits import replace
from celery_backend_lint.model import facts
from celery_backend_lint.model.apps.conf_arguments import KEYWORDS_ARE_SETTINGS, PARAMETERS
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.findings.fix import Edit
    from celery_backend_lint.fixes.python.containers import Container, Member
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node

FAMILIES = (
    ("result", "redis", "database", "accept", "cache"),
    ("task", "broker", "worker"),
)
"""What names of settings begin with that belong together."""


def insert_setting(model: Model, app: App, name: str, code: str, *, fields: bool = True) -> list[Edit]:
    """Give an app a setting (its new-style name) with a value (``code``, an expression), where it takes effect.

    It is put beside the app's other settings, next to those of its kind: in the configuration module, class, dict or
    call that most of them stand in, under the name that this place needs. Raises CannotFixError where the app has the
    setting already, and where it is not configured in any place that this can be put into.

    ``fields`` False keeps it out of pydantic's classes, where each field names a variable of the environment as well.
    """
    present = app.settings.get(name)
    if present is not None and present.assignments:
        where = present.assignments[0].location
        raise CannotFixError(f"`{name}` is set already, in `{where.path}` line {where.line}")
    why = ""
    for container in _ranked(app, containers_of(model, app), name):
        if not fields and _is_model(model, container):
            continue
        try:
            written = name_in(app, container, name)
            return _inserted(model, container, written, name, code)
        except CannotFixError as error:
            why = why or str(error)
    for source in app.sources:
        if source.kind == "django" and not is_test_path(source.path) and app.namespace:
            path = _shared_settings(model, source.path)
            return [_at_end(model, path, f"{prefixed(app.namespace, name)} = {code}", name)]
        if source.kind == "module" and source.only_celery and not source.why_unknown and not source.names:
            return [_at_end(model, source.path, f"{name} = {code}", name)]
    return _beside_the_app(model, app, name, code, why)


def name_in(app: App, container: Container, name: str) -> str:
    """How a setting is written in a container. Raises CannotFixError where its style has no name for it."""
    version = app.declared.version
    written = [member.written for member in container.members]
    if app.namespace:
        prefix = f"{app.namespace.rstrip('_')}_".lower()
        under = [one for one in written if one.lower().startswith(prefix) and not _is_new(one, version)]
        if container.members[0].place not in ("conf", "constructor") or len(under) * 2 > len(written):
            return prefixed(app.namespace, name)
        return name
    if container.kind == CONSTRUCTOR:
        return name
    old = [one for one in written if facts.is_old_name(one, version)]
    django = any(source.kind == "django" and source.path == container.source.path for source in app.sources)
    if len(old) * 2 > len(written) or (django and container.kind == MODULE):
        return _old_name(app, name, container.source.path)
    if app.sources and container.members[0].place in ("conf", "defaults"):
        return name  # Celery compares the names of the configuration object only, and takes these in either style
    _refuse_mix(app, name)
    return name


def _refuse_mix(app: App, name: str) -> None:
    """Raise CannotFixError where Celery refuses a new name: those from before Celery 4 are in force elsewhere.

    An old name among them would work, and be the first in its place.
    """
    known = facts.setting(name, app.declared.version)
    if app.old_style and known is not None and known.listed:
        raise CannotFixError(
            f"names from before Celery 4 are in force, and Celery refuses `{name}` beside them: rename them first"
        )


def _old_name(app: App, name: str, path: str) -> str:
    """A setting's name from before Celery 4. Raises CannotFixError where it has none."""
    known = facts.setting(name, app.declared.version)
    if known is None or not known.old_names:
        raise CannotFixError(f"`{path}` has names from before Celery 4, and `{name}` has none: rename them first")
    return known.old_names[0]


def _is_new(name: str, version: Version) -> bool:
    return not name.isupper() and facts.setting(name, version) is not None


def _ranked(app: App, containers: list[Container], name: str) -> list[Container]:
    """The containers that may take a setting, best first."""
    usable = [one for one in containers if one.kind != CONSTRUCTOR or _takes_keywords(app, one)]
    if any(not one.shared for one in usable):
        usable = [one for one in usable if not one.shared]

    def rank(one: Container) -> tuple[int, int, str, int]:
        related = sum(_is_related(member.setting, name) for member in one.members)
        return (-related, -len(one.members), one.source.path, one.node.start_byte)

    return sorted(usable, key=rank)


def _takes_keywords(app: App, constructor: Container) -> bool:
    """Whether a call of ``Celery()`` is where an app is configured, and may hold any setting."""
    if all(member.written in PARAMETERS for member in constructor.members):
        return False
    return not app.celery or app.declared.oldest >= KEYWORDS_ARE_SETTINGS


def _family(name: str) -> int:
    first = name.partition("_")[0]
    return next((number for number, family in enumerate(FAMILIES) if first in family), len(FAMILIES))


def _is_related(one: str, other: str) -> bool:
    return _family(one) == _family(other)


def _anchor(container: Container, name: str, written: str) -> Member:
    """The member that a setting is put behind: the last of its kin, or the one before it in a sorted list."""
    members = container.members
    names = [member.written for member in members]
    if len(names) > 2 and names == sorted(names) and names[0] < written:
        return next(member for member in reversed(members) if member.written < written)
    first = name.partition("_")[0]
    for fits in (lambda one: one.partition("_")[0] == first, lambda one: _is_related(one, name)):
        related = [member for member in members if fits(member.setting)]
        if related:
            return related[-1]
    return members[-1]


def _inserted(model: Model, container: Container, written: str, name: str, code: str) -> list[Edit]:
    source, anchor = container.source, _anchor(container, name, written)
    entry, subject = anchor.entry, f"setting {written}"
    room = line_length(model.project, source.path)
    if container.kind in (CALL, CONSTRUCTOR):
        return insert_entry(source, entry, f"{written}={code}", room, subject)
    if container.kind == DICT:
        quote = (anchor.name.text or b"").decode()[-1:]
        key = string_code(written, quote if quote in ("'", '"') else quote_of(module_of(model, source.path).node))
        return insert_entry(source, entry, f"{key}: {code}", room, subject)
    if container.kind == LINES:
        return [_line_behind(source, entry, _line_like(entry, written, code), subject)]
    if container.kind in (MODULE, CLASS):
        annotation = _annotation(model, container, code) if container.kind == CLASS else ""
        equals = _equals(entry) if not annotation else " = "
        return [_line_behind(source, entry, f"{written}{annotation}{equals}{code}", subject)]
    raise CannotFixError(f"`{source.path}` is no place that a setting can be put into")


def _line_like(statement: Node, written: str, code: str) -> str:
    """``app.conf.name = code``, or with the name as a key, as the statement has it."""
    left = statement.named_children[0].child_by_field_name("left")
    if left is None:
        raise CannotFixError("the settings are not written as plain lines")
    if left.type == "attribute":
        owner = left.child_by_field_name("object")
        return f"{text_of(owner) if owner is not None else ''}.{written}{_equals(statement)}{code}"
    owner, key = left.child_by_field_name("value"), left.child_by_field_name("subscript")
    quote = text_of(key)[-1:] if key is not None else '"'
    name = string_code(written, quote if quote in ("'", '"') else '"')
    return f"{text_of(owner) if owner is not None else ''}[{name}]{_equals(statement)}{code}"


def _equals(statement: Node) -> str:
    """The equals sign with the blanks that the statement has around it; one on each side where it is lined up."""
    assignment = statement.named_children[0]
    sign = next((child for child in assignment.children if child.type == "="), None)
    if sign is None or sign.prev_sibling is None:
        return " = "
    return "=" if sign.prev_sibling.end_byte == sign.start_byte else " = "


_ANNOTATIONS = {"integer": "int", "float": "float", "string": "str", "true": "bool", "false": "bool", "list": "list"}


def _annotation(model: Model, container: Container, code: str) -> str:
    """``: int`` where a class needs it: pydantic's, and one whose every setting has one."""
    needs = _is_model(model, container)
    if not needs and not all(_is_annotated(member.entry) for member in container.members):
        return ""
    annotation = _ANNOTATIONS.get(expression_type(code), "")
    if not annotation:
        if needs:
            raise CannotFixError(f"the field's type in `{container.source.path}` is not plain")
        return ""
    return f": {annotation}"


def _is_model(model: Model, container: Container) -> bool:
    """Whether a container is the body of a class of pydantic's."""
    found = class_scope(model, container)
    return found is not None and is_model(model.evaluator, found[0])


def _is_annotated(statement: Node) -> bool:
    return statement.named_children[0].child_by_field_name("type") is not None


def _line_behind(source: SourceFile, statement: Node, line: str, subject: str) -> Edit:
    """A statement on a line of its own behind another, with the same indentation."""
    indent = indentation_of(source, statement)
    text = source.utf8
    begin = text.rfind(b"\n", 0, statement.start_byte) + 1
    block = statement.parent
    if block is not None and block.type == "block" and block.start_point[0] == _header_row(block):
        raise CannotFixError(f"the block in `{source.path}` line {block.start_point[0] + 1} stands on one line")
    if text[begin : statement.start_byte].strip() and block is not None and block.type != "module":
        indent = indentation_of(source, block)
    end = text.find(b"\n", statement.end_byte)
    if end < 0:
        return replace(source, len(text), len(text), f"\n{indent}{line}", subject)
    return replace(source, end + 1, end + 1, f"{indent}{line}\n", subject)


def _header_row(block: Node) -> int:
    return block.parent.start_point[0] if block.parent is not None else -1


def _shared_settings(model: Model, path: str) -> str:
    """The settings that a settings module and another one beside it begin with (``from .base import *``): what stands
    there holds in each environment. The module itself where there are none.
    """
    seen: set[str] = set()
    while path not in seen:
        seen.add(path)
        folder = path.rpartition("/")[0]
        beside = [f"{folder}/{name}" if folder else name for name in model.project.folder(folder)[1]]
        others = [one for one in beside if one.endswith(".py") and one != path and not is_test_path(one)]
        shared = sorted(_begun_with(model, path))
        path = next((one for one in shared if any(one in _begun_with(model, other) for other in others)), path)
    return path


def _begun_with(model: Model, path: str) -> set[str]:
    """The modules whose names a module takes over whole, whatever happens."""
    file = model.evaluator.modules.file(path)
    if file is None:
        return set()
    always = (star for star in file.scope.stars if star.node.parent is not None and star.node.parent.type == "module")
    targets = (star_target(model.evaluator, file.scope, star) for star in always)
    return {target.file.path for target in targets if target is not None}


def _at_end(model: Model, path: str, line: str, name: str) -> Edit:
    """A statement at the end of a module that holds no setting of the app yet, below an empty line."""
    source = module_of(model, path).source
    text = source.utf8
    before = "" if not text.strip() or text.endswith((b"\n\n", b"\n\r\n")) else "\n"
    after = "\n"
    if text and not text.endswith(b"\n"):
        before, after = f"\n{before}", ""
    return replace(source, len(text), len(text), f"{before}{line}{after}", f"setting {name}")


def _beside_the_app(model: Model, app: App, name: str, code: str, why: str) -> list[Edit]:
    """``app.conf.name = code`` behind the statement that creates the app and loads its configuration."""
    found = creation_statement(model, app)
    if found is None:
        raise CannotFixError(why or f"`{app.path}` creates the app in a way that no setting can be put beside")
    source, statement, variable = found
    following = statement
    one = statement.next_named_sibling
    while one is not None:
        if text_of(one).startswith(f"{variable}.config_from_object"):
            following = one
        one = one.next_named_sibling
    if not app.sources:
        _refuse_mix(app, name)
    return [_line_behind(source, following, f"{variable}.conf.{name} = {code}", f"setting {name}")]
