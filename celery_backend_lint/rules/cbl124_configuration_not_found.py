"""CBL124: the configuration names a module, or an attribute of the settings, that is not there."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.functions import changing_decorator
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class, External, Function, Instance, Text, Unknown
from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.location import Location
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule
from celery_backend_lint.syntax.python import arguments_of, string_value, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

RULE = Rule("CBL124", "configuration-not-found", Severity.ERROR, since="0.1.0")

MODULE = r"the module ([\w.]+) (?:is not in the tree|does not set (\w+)|has no attribute ([\w.]+))$"
DJANGO = rb"DJANGO_SETTINGS_MODULE[\"']\s*(?:,|\]\s*=)\s*[\"']([\w.]+)[\"']"
SETTINGS = rb"(?m)^[ \t]*(?:INSTALLED_APPS|SECRET_KEY|ROOT_URLCONF)\b|^from[ \t]+\.[\w.]*[ \t]+import[ \t]+\*"
"""What Django's settings hold, or take from a module beside them; a few names of an app of theirs are none."""
PYDANTIC = ("pydantic_settings.BaseSettings", "pydantic.BaseSettings", "pydantic.BaseModel")
MAKERS = ("__init__", "__new__", "__post_init__", "__init_subclass__")
TAKES_ITSELF = rb"def \w+\(\s*(?:self|cls)\b|super\([\w.]+,\s*\w+\)"
GIVES_ITSELF_AWAY = rb"[(,=]\s*(?:self|cls)\s*[,)]"
"""What is given an object, or its class, may set attributes of it."""


def check_configuration_not_found(model: Model) -> Iterator[Finding]:
    """The configuration names a module of the project, or an attribute of its settings, that does not exist.

    ## What it does
    Follows the text that `config_from_object` and `config_source` are given, `DJANGO_SETTINGS_MODULE` beside the app
    and in deployment files, and the attributes of settings objects that are read for Celery: `settings.CELERY_BROKER`
    of a class that has no such field.

    ## Why is this bad?
    Celery imports its configuration when it is first needed, not when the app is made: the import of the project works,
    and the worker, or the first `delay()` of a web process, ends with ModuleNotFoundError. A missing attribute is an
    AttributeError when the app's module is imported.

    ## Example
    ```python
    app.config_from_object("shop.celery_config")  # the file is shop/celeryconfig.py
    ```

    ## Use instead
    ```python
    app.config_from_object("shop.celeryconfig")
    ```

    ## Known limits
    Silent where the module may be elsewhere: installed, ignored by git, made from a template, copied by an image or a
    script; with `silent=True`; and where a deployment file names other Django settings.

    ## References
    - [Celery: Configuration](https://docs.celeryq.dev/en/stable/userguide/application.html#configuration)
    - `celery.loaders.base.BaseLoader.config_from_object`, Celery 4.4 to 5.7
    """
    told: set[Location] = set()
    for app in model.checked_apps:
        if any(source.kind == "django" for source in app.sources):
            for finding in _of_deployment(model, app):
                if finding.location not in told:
                    told.add(finding.location)
                    yield finding
        for source in app.sources:
            if source.kind == "unknown":
                yield from _of_source(model, app, source.location, source.why_unknown)
        for setting in app.settings.values():
            for assignment in setting.assignments:
                if assignment.certain and not is_test_path(assignment.location.path):
                    yield from _of_value(model, app, setting.name, assignment.value)


def _of_source(model: Model, app: App, place: Location, why: str) -> Iterator[Finding]:
    from celery_backend_lint.evaluate.django.settings import NOT_FOUND
    from celery_backend_lint.model.module_presence import is_there

    if why == NOT_FOUND:
        yield from _of_django(model, app, place)
        return
    found = re.match(MODULE, why)
    string = _named(model, place)
    if found is None or string is None:
        return
    node, name = string
    module = name.partition(":")[0]
    suffixed = name.endswith(".py") and is_there(model, name[:-3], place.path)
    if suffixed:
        what, remedy = "it is the name of a file, not of a module", f'`"{name[:-3]}"`'
    elif found[2] or found[3]:
        if ":" not in name or not _lacks(model, found[1], found[2] or found[3]):
            return
        what, remedy = f"`{found[1]}` has no name `{found[2] or found[3]}`", "name what is there"
    elif is_there(model, module, place.path) is False:
        above = module.rpartition(".")[0]
        if above and ":" not in name and not _lacks(model, above, module.rpartition(".")[2]):
            return
        what, remedy = f"there is no module `{module}`", _nearest(model, module)
    else:
        return
    file = model.evaluator.modules.file(place.path)
    if file is not None:
        yield RULE.finding(
            model.evaluator.location(node, file.scope),
            f"Celery cannot import its configuration `{name}` when it first needs it: {what}",
            help=remedy,
            app=app.name,
        )


def _named(model: Model, place: Location) -> tuple[Node, str] | None:
    """The text that a call at ``place`` names a configuration by; None where it is no text, or need not be there."""
    node = node_at(model.evaluator, place)
    while node is not None and node.type != "call":
        node = node.parent
    if node is None:
        return None
    given = list(arguments_of(node))
    if any(key == "silent" for key, _ in given):
        return None
    called = text_of(node.child_by_field_name("function") or node).endswith("config_from_object")
    for key, value in given:
        if key in (("", "obj") if called else ("config_source",)) and value.type == "string":
            text = string_value(value)
            if isinstance(text, str) and re.fullmatch(r"\w+(?:\.\w+)*(?::\w+)?", text):
                return value, text
    return None


def _lacks(model: Model, module: str, name: str) -> bool:
    """Whether a module of the tree is sure to have no such name."""
    from celery_backend_lint.model.module_presence import binds

    tail = module.replace(".", "/")
    files = [
        path
        for path in model.project.paths()
        if path in (f"{tail}.py", f"{tail}/__init__.py") or path.endswith((f"/{tail}.py", f"/{tail}/__init__.py"))
    ]
    scopes = [file.scope for path in files if (file := model.evaluator.modules.file(path)) is not None]
    return all(binds(scope, name) is False for scope in scopes)


def _nearest(model: Model, module: str) -> str:
    """A module of the project that may be meant."""
    from celery_backend_lint.model.facts import close_names

    last = module.rpartition(".")[2]
    stems = {path.rpartition("/")[2][:-3]: path for path in model.project.paths() if path.endswith(".py")}
    close = close_names(last, stems, 1)
    return f"is `{stems[close[0]]}` meant?" if close else "name a module that is there"


def _nearest_settings(model: Model, module: str) -> list[str]:
    """The modules with Django's settings whose name is the closest to that of ``module``."""
    from celery_backend_lint.model.facts import close_names

    stems: dict[str, list[str]] = {}
    for path in model.project.paths():
        source = model.project.source(path) if path.endswith(".py") and not is_test_path(path) else None
        if source is not None and re.search(SETTINGS, source.utf8) is not None:
            stems.setdefault(path.rpartition("/")[2][:-3], []).append(path)
    close = close_names(module.rpartition(".")[2], stems, 1)
    return stems[close[0]] if close else []


def _default_settings(model: Model) -> dict[str, str]:
    """The settings that are there and that other files name as Django's, as `manage.py` does: the file, by the name."""
    from celery_backend_lint.model.module_presence import is_there

    found: dict[str, str] = {}
    for path in model.project.python_files_mentioning([b"DJANGO_SETTINGS_MODULE"]):
        source = model.project.source(path) if not is_test_path(path) else None
        for match in re.finditer(DJANGO, source.utf8) if source is not None else ():
            if is_there(model, match[1].decode(), path):
                found.setdefault(match[1].decode(), path)
    return found


def _settings_meant(model: Model, module: str, *, default: bool) -> str:
    """The settings of Django's that may be meant; with ``default`` also those that the project's commands run with,
    whatever they are called.
    """
    close = _nearest_settings(model, module)
    named = _default_settings(model) if default or len(close) > 1 else {}
    if len(close) > 1:
        close = [path for path in close if path[:-3].replace("/", ".").endswith(tuple(named))]
    if len(close) == 1:
        return f"is `{close[0]}` meant?"
    if default and len(named) == 1:
        return "".join(f"is `{one}` meant, which `{path}` names?" for one, path in named.items())
    return "name a module that is there"


def _of_django(model: Model, app: App, place: Location) -> Iterator[Finding]:
    """``DJANGO_SETTINGS_MODULE`` that the app's own file sets, to a module that is not there."""
    from celery_backend_lint.model.module_presence import is_there

    source = model.project.source(app.path)
    found = re.search(DJANGO, source.utf8) if source is not None else None
    if source is None or found is None or source.utf8[: found.start()].rpartition(b"\n")[2].lstrip().startswith(b"#"):
        return
    named = found[1].decode()
    if is_there(model, named, app.path) is not False:
        return
    if any(model.deployment.setting("DJANGO_SETTINGS_MODULE")) or model.env_files.value_of(
        "DJANGO_SETTINGS_MODULE", app.path
    ):
        return
    yield RULE.finding(
        Location(app.path, source.span(*found.span(1))),
        f"there is no module `{named}`: Django's settings, and with them Celery's, cannot be imported",
        help=_settings_meant(model, named, default=True),
        app=app.name,
        related=(Related(place, "Celery reads them here"),),
    )


def _of_deployment(model: Model, app: App) -> Iterator[Finding]:
    """Django settings that a deployment file names for the app's processes, and that are not there."""
    from celery_backend_lint.model.module_presence import is_there
    from celery_backend_lint.model.process_environment import apps_of, services_mentioning

    for service in services_mentioning(model, [b"DJANGO_SETTINGS_MODULE"]):
        variable = service.variable("DJANGO_SETTINGS_MODULE")
        named = variable.value if variable is not None else None
        if variable is None or not named or is_example_path(service.path) or app not in apps_of(model, service):
            continue
        own = service.built or not service.image
        if own and is_there(model, named, app.path) is False:
            yield RULE.finding(
                variable.location,
                f"there is no module `{named}`: Django's settings, and with them Celery's, cannot be imported",
                help=_settings_meant(model, named, default=False),
                app=app.name,
                related=(Related(app.location, "an app that reads them"),),
            )


def _of_value(model: Model, app: App, setting: str, value: Value) -> Iterator[Finding]:
    """The reads of attributes that are not there, as a setting's value or a part of its text."""
    if isinstance(value, Text):
        for part in value.parts:
            yield from _of_value(model, app, setting, part)
    elif isinstance(value, Unknown):
        absent = _absent(model, value)
        if absent is not None:
            owner, name, place = absent
            yield RULE.finding(
                value.origin,
                f"`{setting}` reads `{name}` of `{owner}`, which has no such attribute: AttributeError when this runs",
                help="name one that is there, or add it",
                app=app.name,
                related=(Related(place, f"`{owner}` is defined here"),) if place is not None else (),
            )


def _absent(model: Model, value: Unknown) -> tuple[str, str, Location | None] | None:
    """The class or module that lacks an attribute, the attribute, and where the class is; None where it may have it."""
    node = _attribute_at(model, value)
    file = model.evaluator.modules.file(value.origin.path)
    owner = node.child_by_field_name("object") if node is not None else None
    attribute = node.child_by_field_name("attribute") if node is not None else None
    if node is None or file is None or owner is None or attribute is None or _is_guarded(node):
        return None
    name = text_of(attribute)
    held = model.evaluator.ask(owner, model.evaluator.scope_at(owner, file.scope))
    cls = held.type if isinstance(held, Instance) else held
    if not isinstance(cls, Class) or name.startswith("model_"):
        return None
    for base in classes.lineage(model.evaluator, cls):
        if isinstance(base, External) and (base.name in PYDANTIC or base.name == "object"):
            continue
        if not isinstance(base, Class) or not _knows_all(model, base, name):
            return None
    return cls.name, name, cls.origin


def _attribute_at(model: Model, value: Unknown) -> Node | None:
    """The expression ``owner.name`` that a value is unknown for, also as a part of what is computed."""
    node = node_at(model.evaluator, value.origin)
    named = re.search(r"(?:has no attribute|does not set) (\w+)$", value.why)
    left = [node] if node is not None and named is not None else []
    while left:
        inner = left.pop()
        attribute = inner.child_by_field_name("attribute") if inner.type == "attribute" else None
        if attribute is not None and named is not None and text_of(attribute) == named[1]:
            return inner
        left.extend(inner.named_children)
    while node is not None and node.type != "attribute":
        node = node.parent
    return node


def _knows_all(model: Model, cls: Class, name: str) -> bool:
    """Whether a class is sure not to have an attribute: nothing names it, and nothing makes attributes."""
    scope = model.evaluator.scope_of(cls)
    text = cls.node.text or b""
    decorated = cls.node.parent is not None and cls.node.parent.type == "decorated_definition"
    if name in scope.bindings or scope.blurs or decorated:
        return False
    makers = [model.evaluator.read(scope, maker, None) for maker in MAKERS if maker in scope.bindings]
    if not all(isinstance(maker, Function) and not changing_decorator(maker) for maker in makers):
        return False
    dynamic = rb"__getattr|setattr|__dict__|metaclass|locals\(|extra\b|vars\(|__annotations__|self\." + name.encode()
    if re.search(dynamic, text) or re.search(GIVES_ITSELF_AWAY, re.sub(TAKES_ITSELF, b"", text)):
        return False
    source = scope.file.source.utf8
    return (
        re.search(rb"setattr\(\s*" + cls.name.encode() + rb"|\b\w+\." + name.encode() + rb"\s*[:=][^=]", source) is None
    )


def _is_guarded(node: Node) -> bool:
    """Whether a read stands in a ``try``, or behind ``hasattr``."""
    outer = node.parent
    while outer is not None:
        if outer.type in ("try_statement", "conditional_expression", "if_statement"):
            return True
        outer = outer.parent
    return False
