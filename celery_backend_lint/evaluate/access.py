"""Attributes and items of values: ``value.name`` and ``value[key]``."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import paths
from celery_backend_lint.evaluate.alternatives import WOULD_FAIL, distribute, filled
from celery_backend_lint.evaluate.environment.reads import read_environment
from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import (
    Choice,
    Class,
    Duration,
    Environment,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Missing,
    Module,
    Operation,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location


def attribute(ev: Evaluator, owner: Value, name: str, origin: Location) -> Value:
    """What ``owner.name`` comes to; Unknown where it cannot be said."""
    if isinstance(owner, Module):
        return _module_attribute(ev, owner, name, origin)
    if isinstance(owner, External):
        if owner.name == "django.conf.settings":
            from celery_backend_lint.evaluate.django import settings as django

            return django.setting(ev, name, origin)
        return External(f"{owner.name}.{name}", origin)
    if isinstance(owner, Class):
        found = classes.class_attribute(ev, owner, name, origin, None)
        return Unknown(f"{owner.name} has no attribute {name}", origin) if found is None else found
    if isinstance(owner, Duration):
        from celery_backend_lint.evaluate import durations

        if name in durations.ATTRIBUTES:
            return durations.duration_attribute(owner, name, origin)
    if isinstance(owner, Instance) and paths.is_path(owner):
        found = paths.path_attribute(owner, name, origin)
        return Unknown(f"the attribute {name} of a path", origin) if found is None else found
    if isinstance(owner, Instance):
        return classes.instance_attribute(ev, owner, name, origin)
    if isinstance(owner, Choice):
        return distribute(owner, origin, lambda value: attribute(ev, value, name, origin))
    if isinstance(owner, (Unknown, Missing)):
        return Unknown(owner.why if isinstance(owner, Unknown) else "a name that is not set", origin)
    return Unknown(f"the attribute {name}", origin)


def _module_attribute(ev: Evaluator, module: Module, name: str, origin: Location) -> Value:
    if _sets_attribute(ev, module, name, origin.path):
        return Unknown("it is set from outside the module", origin)
    found = ev.read(module.scope, name, None) if module.scope is not None else None
    if found is not None and not isinstance(found, Missing):
        return found
    if module.scope is not None and "__getattr__" in module.scope.bindings and not name.startswith("__"):
        asked = ev.read(module.scope, "__getattr__", None)  # a module's own answer to names that it lacks (PEP 562)
        if not isinstance(asked, Function):
            return Unknown("the module's __getattr__ answers for it", origin)
        from celery_backend_lint.evaluate.functions import follow

        return follow(ev, asked, [Literal(name, origin)], [], origin)
    if module.path.endswith(("/", "__init__.py")):
        path = ev.modules.at(module.path.removesuffix("__init__.py") + name)
        if path is not None:
            return ev.module(path, f"{module.name}.{name}", origin)
    return Unknown(f"the module {module.name} does not set {name}", origin)


_SETATTR = rb"\bsetattr\(\s*(\w+)\s*,"


def _sets_attribute(ev: Evaluator, module: Module, name: str, path: str) -> bool:
    """Whether the file at ``path`` sets ``module.name`` itself, or may: by ``setattr(module, …)``."""
    file = ev.modules.file(path) if path.endswith(".py") else None
    if file is None or file.path == module.path:
        return False
    for binding in file.scope.attributes:
        owner, member = (binding.target.child_by_field_name(part) for part in ("object", "attribute"))
        if owner is None or (member is not None and text_of(member) != name):
            continue
        held = ev.value(owner, file.scope)
        if isinstance(held, Module) and held.path == module.path:
            return True
    for match in re.finditer(_SETATTR, file.source.utf8) if b"setattr" in file.source.utf8 else ():
        named = ev.read_plain(file.scope, match[1].decode(), None)
        if isinstance(named, Module) and named.path == module.path:
            return True
    return False


def has_attribute(ev: Evaluator, owner: Value, name: str) -> bool | None:
    """Whether a module or class of the project has an attribute; None when that cannot be said."""
    if isinstance(owner, Module) and owner.scope is not None:
        scope = owner.scope
        if scope.stars or scope.blurs or "__getattr__" in scope.bindings or owner.path.endswith("__init__.py"):
            return True if name in scope.bindings and not scope.bindings[name][0].path else None
        found = ev.read(scope, name, None)
        if found is None and name not in scope.bindings and not _sets_attribute(ev, owner, name, owner.origin.path):
            return None if name.startswith("__") else False
        return None if found is None or isinstance(found, (Missing, Choice, Unknown)) else True
    if isinstance(owner, Class) and not classes.keyword_of_class(owner, "metaclass"):
        bases = classes.lineage(ev, owner)
        found = classes.class_attribute(ev, owner, name, owner.origin, None)
        own = [isinstance(one, Class) or (isinstance(one, External) and one.name == "builtins.object") for one in bases]
        if found is None and all(own):
            return None if name.startswith("__") else False
        return None if found is None or isinstance(found, (Missing, Choice, Unknown)) else True
    return None


def item(ev: Evaluator, owner: Value, key: Value, origin: Location) -> Value:
    """What ``owner[key]`` comes to; Unknown where it cannot be said."""
    if isinstance(owner, External) and owner.name == "os.environ":
        return ev.as_set_by_code(read_environment("os.environ", key, None, "str", origin), origin)
    if isinstance(owner, Choice):
        return distribute(owner, origin, lambda value: item(ev, value, key, origin))
    if isinstance(key, Choice):
        return distribute(key, origin, lambda value: item(ev, owner, value, origin))
    if isinstance(owner, Instance):
        from celery_backend_lint.evaluate.environment import mappings as environment_mappings
        from celery_backend_lint.evaluate.flask.config import app_of, snapshot, text_key
        from celery_backend_lint.evaluate.kept_apps import kept

        if environment_mappings.is_layered(owner):
            return environment_mappings.get(ev, owner, key, None, origin)
        if app_of(owner) is not None:
            return item(ev, snapshot(ev, owner, origin, text_key(key)), key, origin)
        held = kept(ev, owner, text_key(key) or "", origin)
        if held is not None:
            return held
    if isinstance(owner, Module):  # what ``globals()`` gives
        from celery_backend_lint.evaluate.dynamic_names import get_attribute

        return get_attribute(ev, owner, key, None, origin)
    if isinstance(owner, Mapping):
        return _mapping_item(owner, key, origin)
    if isinstance(owner, Sequence) and isinstance(key, Literal) and isinstance(key.value, int):
        if owner.complete and -len(owner.items) <= key.value < len(owner.items):
            return owner.items[key.value]
        return Unknown("an item of a sequence", origin)
    if isinstance(owner, (Literal, Text, Environment, Operation)) and isinstance(key, Literal):
        return Operation("[]", (owner, key), origin)
    if isinstance(owner, Unknown):
        return Unknown(owner.why, origin)
    return Unknown("an item", origin)


def _mapping_item(owner: Mapping, key: Value, origin: Location) -> Value:
    if isinstance(key, Literal):
        for entry in reversed(owner.entries):
            if isinstance(entry.key, Literal) and entry.key == Literal(key.value, entry.key.origin):
                return filled(entry.value, Unknown(WOULD_FAIL, origin))
            if not isinstance(entry.key, Literal):
                why = "a key of a dict" if isinstance(entry.key, Unknown) else "a key that is not known"
                return Unknown(why, origin)
        return Unknown("a key that is not in the dict" if owner.complete else "a key of a dict", origin)
    if owner.complete and owner.entries and isinstance(key, (Environment, Text, Operation, Unknown)):
        from celery_backend_lint.evaluate.dynamic_names import by_key

        return by_key(owner.entries, key, origin)
    return Unknown("a key that is not known", origin)
