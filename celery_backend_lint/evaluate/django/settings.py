"""Django's settings module: which one it is, and what ``settings.NAME`` holds."""

from __future__ import annotations

import re
from functools import lru_cache

from celery_backend_lint.evaluate.alternatives import with_fallback
from celery_backend_lint.evaluate.django import configurations as django_configurations
from celery_backend_lint.evaluate.scopes import Binding
from celery_backend_lint.evaluate.values import External, Literal, Mapping, Missing, Unknown
from celery_backend_lint.syntax.python import arguments_of, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.evaluate.values import Class, Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.python import Node

    SettingsModules: TypeAlias = "tuple[tuple[str, Value | None], ...]"

VARIABLE = b"DJANGO_SETTINGS_MODULE"
_STARTERS = ("manage.py", "wsgi.py", "asgi.py", "celery.py", "celery_app.py", "celeryapp.py")
NAMED = rb"""DJANGO_SETTINGS_MODULE['"]?\s*(?:,|\]\s*=|\)\s*or|=)\s*['"]([\w.]+)['"]"""
"""The settings module assigned to a key of os.environ, or given to its setdefault."""
_RENAMED = rb"(?m)^[ \t]*from[ \t]+split_settings\b.*\binclude[ \t]+as\b"
_SETATTR = rb"\bsetattr\s*\(\s*\w*settings\b"
_SET = rb"""DJANGO_SETTINGS_MODULE['"]?\s*(?:,|\]\s*=(?!=))"""
_CLASS_NAMED = rb"""DJANGO_CONFIGURATION['"]?\s*(,|\]\s*=|\)\s*or|=)\s*['"]([\w.]+)['"]"""
_DEPLOYMENT = r"(?i)(?:^|[./_-])(?:(?:docker-)?compose[^/]*\.ya?ml|dockerfile|procfile|env)(?:[._-][^/]*)?$"
"""Files that give a process its variables: compose files, Dockerfile, Procfile, the ``.env`` family."""
_GIVEN = rb"(?m)^[^#\n]*?DJANGO_SETTINGS_MODULE['\"]?[ \t]*[:= ][ \t]*['\"]?([A-Za-z_][\w.]*)"
_CONFIGURED = rb"\bsettings\s*\.\s*configure\s*\("
SETTINGS = "django.conf.settings"

MOST_MODULES = 6
"""How many settings modules the branches of a file may choose among."""

NOT_FOUND = "the Django settings module is not named, or not in the tree"


def hides_settings(ev: Evaluator, source: SourceFile) -> str:
    """Why a settings module has settings that are not in it; "" where that is not so."""
    if b"split_settings" in source.data and re.search(_RENAMED, source.data) is not None:
        return "Django's settings include files under another name of include()"
    if b"DjangoDynaconf" in source.data and ev.modules.find("dynaconf", source.path) is None:
        return "dynaconf reads Django's settings from its own files and variables"
    return ""


def settings_modules(ev: Evaluator, near: str) -> SettingsModules:
    """The paths of the Django settings modules that the project names nearest to the file ``near``, each with when it
    is the one, None for otherwise: mostly one.

    The file itself decides (a ``celery.py`` sets the variable as the worker imports it), then manage.py, wsgi.py and
    asgi.py, nearest folder first; where none of them names one, the deployment files, if they name the same. Empty when
    nothing names one, or what ``near`` itself names is not in the tree.
    """
    found = ev.django_settings.get(near)
    if found is None:
        found = ev.django_settings[near] = _search(ev, near)
    return found


def _search(ev: Evaluator, near: str) -> SettingsModules:
    project = ev.modules.project
    paths = [near] if near.endswith(".py") else []
    for path in (*paths, *starters(ev, near)):
        source = project.source(path)
        if source is None or VARIABLE not in source.data:
            continue
        named = {match[1].decode("ascii", "replace") for match in re.finditer(NAMED, source.data)}
        found = {ev.modules.find(name, path) for name in named}
        module = found.pop() if len(found) == 1 else None
        if module is not None and module.endswith(".py"):
            return ((module, None),)
        modules = _of_branches(ev, path) if len(named) > 1 else ()
        if modules or (path == near and (named or re.search(_SET, source.data) is not None)):
            return modules  # none: one that is put together, or that is not in the tree
    given = _given_by_deployment(ev, near)
    return ((given, None),) if given else ()


def _of_branches(ev: Evaluator, path: str) -> SettingsModules:
    """The modules that the branches of an ``if`` name; empty where one of them is not in the tree."""
    from celery_backend_lint.evaluate.django.branches import named_by_branches

    file = ev.modules.file(path)
    named = named_by_branches(ev, file) if file is not None else []
    found = [(ev.modules.find(name, path) or "", condition) for name, condition in named]
    if not found or len(found) > MOST_MODULES or not all(module.endswith(".py") for module, _ in found):
        return ()
    if len({module for module, _ in found}) == 1:
        return ((found[0][0], None),)
    return (*found[:-1], (found[-1][0], None))


def starters(ev: Evaluator, near: str) -> list[str]:
    """The files that start Django, nearest to ``near`` first."""
    found = [path for path in _starting(ev.modules.project.paths()) if path != near]
    folders = near.split("/")[:-1]
    return sorted(found, key=lambda path: (-_shared(path.split("/")[:-1], folders), _rank(path), path))


@lru_cache(maxsize=1)  # asked for each file that reads Django's settings, and a project may have ten thousand files
def _starting(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The files that are called like those which start Django."""
    return tuple(path for path in paths if path.endswith(_STARTERS) and path.rpartition("/")[2] in _STARTERS)


def _given_by_deployment(ev: Evaluator, near: str) -> str:
    """The settings module that compose files, Dockerfile, Procfile and env files name; "" where they differ."""
    found = set()
    for path in ev.modules.project.paths():
        source = ev.modules.project.source(path) if re.search(_DEPLOYMENT, path) else None
        if source is not None and VARIABLE in source.data:
            for match in re.finditer(_GIVEN, source.data):
                module = ev.modules.find(match[1].decode("ascii"), near)
                found.add(module if module is not None and module.endswith(".py") else "")
    return found.pop() if len(found) == 1 else ""


def _shared(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _rank(path: str) -> int:
    name = path.rpartition("/")[2]
    return _STARTERS.index(name)


def setting(ev: Evaluator, name: str, origin: Location) -> Value:
    """What ``django.conf.settings.name`` holds where ``origin`` reads it; Unknown where it is not set, or not known.

    Django exposes upper-case names only.
    """
    found = held(ev, name, origin)
    if found is None or isinstance(found, Missing):
        return Unknown(f"Django's settings do not set {name}", origin)
    return found


def held(ev: Evaluator, name: str, origin: Location) -> Value | None:
    """What ``django.conf.settings`` holds under a name where ``origin`` reads it; None where it is not set."""
    given = configured(ev, origin.path)
    if given is not None:
        found = given.get(name)
        return found if found is not None or given.complete else Unknown("what settings.configure() is given", origin)
    modules = settings_modules(ev, origin.path)
    if not modules:
        return Unknown(NOT_FOUND, origin)
    each = [(held_in(ev, path, name, origin), condition) for path, condition in modules]
    if all(value is None for value, _ in each):
        return None
    return django_configurations.combined(each, origin) if len(each) > 1 else each[0][0]


def held_in(ev: Evaluator, path: str, name: str, origin: Location) -> Value | None:
    """What Django's settings hold under a name where they are the module at ``path``; None where it is not set."""
    file = ev.modules.file(path)
    if file is None:
        return Unknown(NOT_FOUND, origin)
    if not name.isupper():
        return None
    if hidden := hides_settings(ev, file.source):
        return Unknown(hidden, origin)
    found = ev.read(file.scope, name, None)
    if uses_configurations(ev, file, origin.path):
        alternatives = [
            (with_fallback(django_configurations.setting(ev, cls, name, origin), found), condition)
            for cls, condition in configurations(ev, file, origin)
        ]
        found = django_configurations.combined(alternatives, origin)
    return with_fallback(written(ev, name, origin), found)


def uses_configurations(ev: Evaluator, file: ModuleFile, near: str) -> bool:
    """Whether Django's settings are a class: the settings module imports django-configurations, or a file that starts
    Django names the class.
    """
    if django_configurations.is_imported(ev, file.source):
        return True
    sources = (ev.modules.project.source(path) for path in (near, *starters(ev, near)))
    return any(one is not None and django_configurations.VARIABLE.encode() in one.data for one in sources)


def configurations(ev: Evaluator, file: ModuleFile, origin: Location) -> list[tuple[Class, Value | None]]:
    """The classes of django-configurations that may be the settings, each with its condition."""
    found = django_configurations.configurations_of(ev, file.scope)
    default, forced = "", False
    for path in (origin.path, *starters(ev, origin.path)):
        source = ev.modules.project.source(path)
        match = re.search(_CLASS_NAMED, source.data) if source is not None else None
        if match is not None:
            default, forced = match[2].decode("ascii", "replace"), match[1].startswith(b"]")
            break
    if forced:  # ``os.environ["DJANGO_CONFIGURATION"] = …``: whatever the environment says
        found = [cls for cls in found if cls.name == default]
    return django_configurations.chosen(found, default, origin) if found else []


def configured(ev: Evaluator, near: str) -> Mapping | None:
    """What ``settings.configure(NAME=…)`` of the file ``near`` is given; None where it does not call it."""
    for call, scope in _calls(ev, near, _CONFIGURED):
        function = call.child_by_field_name("function")
        owner = function.child_by_field_name("object") if function is not None else None
        if owner is not None and _is_settings(ev, owner, scope):
            from celery_backend_lint.evaluate.calls import read_arguments

            arguments, keywords = read_arguments(ev, call, scope)
            if scope.kind == "function":  # whether it is called is not known here
                return Mapping((), ev.location(call, scope), complete=False)
            known = tuple(entry for entry in keywords if isinstance(entry.key, Literal))
            complete = not arguments and len(known) == len(keywords)
            return Mapping(known, ev.location(call, scope), complete)
    return None


def written(ev: Evaluator, name: str, origin: Location) -> Value | None:
    """What ``settings.NAME = …`` of the file that reads leaves under a name; None where it writes nothing."""
    file = ev.modules.file(origin.path)
    if file is None or b"settings" not in file.source.utf8:
        return None
    bindings = [one for one in writes(ev, file) if one.name == name]
    found = ev.flow(bindings, file.scope) if bindings else None
    for call, scope in _calls(ev, origin.path, _SETATTR):
        arguments = [argument for _, argument in arguments_of(call)]
        if len(arguments) == 3 and _is_settings(ev, arguments[0], scope):
            key = ev.value(arguments[1], scope)
            if not isinstance(key, Literal) or key.value == name:
                return Unknown("a setting is set with setattr", origin)
    return found


def names_set(ev: Evaluator, path: str) -> set[str] | None:
    """The names that ``setattr(settings, "NAME", …)`` of a file sets; None where one is not literal."""
    found = set()
    for call, scope in _calls(ev, path, _SETATTR):
        arguments = [argument for _, argument in arguments_of(call)]
        if len(arguments) == 3 and _is_settings(ev, arguments[0], scope):
            key = ev.value(arguments[1], scope)
            if not isinstance(key, Literal):
                return None
            found.add(str(key.value))
    return found


def writes(ev: Evaluator, file: ModuleFile) -> list[Binding]:
    """The statements ``settings.NAME = …`` of a module, each under the name that it sets."""
    found = []
    for one in file.scope.attributes:
        owner, name = one.target.child_by_field_name("object"), one.target.child_by_field_name("attribute")
        if owner is not None and name is not None and _is_settings(ev, owner, file.scope):
            found.append(Binding(one.kind, text_of(name), one.node, one.target, one.at, one.path, one.index))
    return found


def _is_settings(ev: Evaluator, node: Node, scope: Scope) -> bool:
    if not text_of(node).endswith("settings"):
        return False
    value = ev.value(node, scope)
    return isinstance(value, External) and value.name == SETTINGS


def _calls(ev: Evaluator, path: str, pattern: bytes) -> list[tuple[Node, Scope]]:
    """The calls of a file whose text begins as a pattern says, with the scopes they stand in."""
    file = ev.modules.file(path) if path.endswith(".py") else None
    found = []
    for match in re.finditer(pattern, file.source.utf8) if file is not None else ():
        node: Node | None = file.scope.node.descendant_for_byte_range(match.start(), match.end()) if file else None
        while node is not None and node.type != "call":
            node = node.parent
        if node is not None and file is not None:
            found.append((node, ev.scope_at(node, file.scope)))
    return found
