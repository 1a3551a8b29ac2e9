"""Names that a program puts together while it runs: ``from_object(f"config.{env}")``, ``getattr(module, name)``.

What the tree holds under such names are alternatives, each under the condition that the name is that one.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate import access
from celery_backend_lint.evaluate.alternatives import MOST_ALTERNATIVES, WOULD_FAIL, combine, distribute
from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Entry,
    Environment,
    Instance,
    Literal,
    Missing,
    Module,
    Operation,
    Text,
    Unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.scopes import Binding
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

MOST_CANDIDATES = 40
"""How many names of the tree may fit before the question is given up."""


def import_string(ev: Evaluator, name: Value, origin: Location) -> Value:
    """What importing by name gives: a module, or an attribute of one after a dot or a colon.

    As ``werkzeug.utils.import_string`` and ``django.utils.module_loading.import_string`` do it. A name that the
    environment decides gives what is in the tree under the names that it may be.
    """
    if isinstance(name, Literal):
        return _imported(ev, name.value, origin) if isinstance(name.value, str) else Unknown("no name", origin)
    if isinstance(name, Choice):
        return distribute(name, origin, lambda one: import_string(ev, one, origin))
    if isinstance(name, (Text, Environment, Operation)):
        return _one_of(dotted_names(ev, name, origin), name, origin, lambda one: _imported(ev, one, origin))
    return Unknown(name.why if isinstance(name, Unknown) else "an import by a name that is not known", origin)


def get_attribute(ev: Evaluator, owner: Value, name: Value, default: Value | None, origin: Location) -> Value:
    """``getattr(owner, name)`` for a name that is not literal: what the owner has under the names it may be.

    ``default`` is the third argument of ``getattr``, None without one.
    """
    if isinstance(name, Choice):
        return distribute(name, origin, lambda one: get_attribute(ev, owner, one, default, origin))
    if isinstance(name, Literal):
        found = access.attribute(ev, owner, str(name.value), origin)
        if default is not None and isinstance(found, Unknown):
            return Unknown("an attribute with a default", origin)
        return found
    if isinstance(owner, Module) and owner.scope is not None:
        scope = owner.scope
    elif isinstance(owner, (Class, Instance)) and isinstance(
        cls := owner if isinstance(owner, Class) else owner.type, Class
    ):
        scope = ev.scope_of(cls)
    else:
        return Unknown("an attribute whose name is not known", origin)
    pattern = _pattern(name)
    names = [
        one
        for one, bindings in scope.bindings.items()
        if (_is_class(bindings) if pattern is None else pattern.fullmatch(one) is not None)
    ]
    return _one_of(names, name, origin, lambda one: access.attribute(ev, owner, one, origin), default)


def _is_class(bindings: list[Binding]) -> bool:
    return any(binding.kind in ("class", "from") for binding in bindings)


def _one_of(
    names: list[str], name: Value, origin: Location, read: Callable[[str], Value], default: Value | None = None
) -> Value:
    if not names or len(names) > MOST_CANDIDATES:
        return Unknown("a name that is put together", origin)
    alternatives = []
    for one in names:
        value = read(one)
        if not isinstance(value, (Unknown, Missing)):
            alternatives.append(Alternative(value, Operation("==", (name, Literal(one, origin)), origin)))
    if not alternatives:
        return Unknown("a name that is put together", origin)
    if not isinstance(name, Unknown) or default is not None:
        why = WOULD_FAIL if isinstance(name, Text) else "a name that is not in the tree"
        alternatives.append(Alternative(default or Unknown(why, origin), None))
    else:
        alternatives[-1] = Alternative(alternatives[-1].value, None)
    return combine(alternatives, origin)


def by_key(entries: tuple[Entry, ...], key: Value, origin: Location, default: Value | None = None) -> Value:
    """``{…}[key]`` for a key that is not known: every entry is an alternative, the later of two under one key.

    ``default`` is what ``.get`` gives for another key, None where reading raises.
    """
    held = {entry.key.value: entry for entry in entries if isinstance(entry.key, Literal)}
    if len(held) > MOST_ALTERNATIVES:
        return Unknown("too many alternatives", origin)
    alternatives = [Alternative(one.value, Operation("==", (key, one.key), origin)) for one in held.values()]
    if default is not None:
        alternatives.append(Alternative(default, None))
    elif isinstance(key, Unknown) and alternatives:
        # Which key it is cannot be said, but that it is one of them can: with any other the program fails.
        alternatives[-1] = Alternative(alternatives[-1].value, None)
    else:
        alternatives.append(Alternative(Unknown(WOULD_FAIL, origin), None))
    return combine(alternatives, origin)


def _imported(ev: Evaluator, name: str, origin: Location) -> Value:
    dotted = name.replace(":", ".")
    if dotted == "__main__":
        return Unknown("the main module", origin)
    path = ev.modules.find(dotted, origin.path)
    if path is not None:
        return ev.module(path, dotted, origin)
    module, _, attribute = dotted.rpartition(".")
    path = ev.modules.find(module, origin.path) if module else None
    if path is None:
        return Unknown(f"{dotted} is not in the tree", origin)
    return access.attribute(ev, ev.module(path, module, origin), attribute, origin)


def dotted_names(ev: Evaluator, name: Value, origin: Location) -> list[str]:
    """The dotted names of the tree that a name may be, spelled as it would be."""
    start = _start(name)
    if start is None or not any(mark in start for mark in ".:"):
        return []
    cut = max(start.rfind("."), start.rfind(":")) + 1
    head, module = start[:cut], start[: cut - 1].replace(":", ".")
    path = ev.modules.find(module, origin.path)
    if path is None:
        return []
    pattern = _pattern(name)
    file = ev.modules.file(path) if path.endswith(".py") else None
    inside = [one for one, b in file.scope.bindings.items() if _is_class(b)] if file is not None else []
    folder = path.removesuffix("__init__.py") if path.endswith(("/", "__init__.py")) else None
    if folder is not None:
        below = [
            one[len(folder) : -3] for one in ev.modules.project.paths() if one.startswith(folder) and one[-3:] == ".py"
        ]
        inside += [one for one in below if "/" not in one]
    names = dict.fromkeys(head + one for one in inside if one != "__init__")
    return [one for one in names if pattern is None or pattern.fullmatch(one)]


def _start(name: Value) -> str | None:
    """The text that a name starts with whatever is decided; of a variable, its default: what else it names is near."""
    if isinstance(name, Environment) and isinstance(name.default, Literal) and isinstance(name.default.value, str):
        return name.default.value
    first = name.parts[0] if isinstance(name, Text) and name.parts else None
    return first.value if isinstance(first, Literal) and isinstance(first.value, str) else None


def _pattern(name: Value) -> re.Pattern[str] | None:
    """What a text looks like whose parts are not all known; None where nothing is known of it."""
    if not isinstance(name, Text):
        return None
    parts = [
        re.escape(str(part.value)) if isinstance(part, Literal) and isinstance(part.value, str) else r"\w*"
        for part in name.parts
    ]
    return re.compile("".join(parts))
