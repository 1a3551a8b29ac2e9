"""Dicts over the environment: ``{**dotenv_values(".env"), **os.environ}``, ``ChainMap(os.environ, {…})``, copies of it.

Such a dict is an Instance of ``collections.ChainMap`` whose arguments are its layers, the one that wins first: the
environment, a dict, what ``dotenv_values`` read.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.alternatives import filled
from celery_backend_lint.evaluate.environment.reads import read_environment
from celery_backend_lint.evaluate.values import Entry, External, Instance, Literal, Mapping, Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location

LAYERS = "collections.ChainMap"
DOTENV = "dotenv.dotenv_values"
ENVIRON = "os.environ"


def is_layered(value: Value) -> bool:
    """Whether a value is the environment, a dict over it, or what ``dotenv_values`` returned."""
    if isinstance(value, External):
        return value.name == ENVIRON
    return isinstance(value, Instance) and isinstance(value.type, External) and value.type.name in (LAYERS, DOTENV)


def layered(layers: list[Value], origin: Location) -> Value:
    """A dict with these layers, the one that wins first."""
    return Instance(External(LAYERS, origin), tuple(layers), (), origin)


def display(parts: list[Entry | Value], origin: Location) -> Value:
    """``{"a": 1, **os.environ}``: its entries and the mappings that it takes in, in order."""
    layers: list[Value] = []
    for part in parts:
        if not isinstance(part, Entry):
            layers.append(part)
        elif layers and isinstance(layers[-1], Mapping) and layers[-1].origin == origin:
            layers[-1] = Mapping((*layers[-1].entries, part), origin)
        else:
            layers.append(Mapping((part,), origin))
    return layered(layers[::-1], origin)


def get(ev: Evaluator, owner: Value, key: Value, default: Value | None, origin: Location) -> Value:
    """What the dict holds under a key; ``default`` is what another key gives, None where that raises."""
    if not isinstance(key, Literal) or not isinstance(key.value, str):
        return Unknown("a key that is not known", origin)
    found = _under(ev, owner, key, default, origin)
    return found if found is not None else Unknown("a key that is not in the dict", origin)


def _under(ev: Evaluator, owner: Value, key: Literal, below: Value | None, origin: Location) -> Value | None:
    """What a layer gives over what the ones below give; None where none has the key."""
    name = key.value if isinstance(key.value, str) else ""
    if isinstance(owner, External) and owner.name == ENVIRON:
        return ev.as_set_by_code(read_environment("os.environ", key, below, "str", origin), origin)
    if isinstance(owner, Mapping):
        held = owner.get(name)
        if held is not None:
            return filled(held, Unknown("a key that is not in the dict", origin) if below is None else below)
        complete = owner.complete and all(isinstance(entry.key, Literal) for entry in owner.entries)
        return below if complete else Unknown("a key of a dict", origin)
    if isinstance(owner, Instance) and isinstance(owner.type, External):
        if owner.type.name == LAYERS:
            for layer in reversed(owner.arguments):
                below = _under(ev, layer, key, below, origin)
            return below
        if owner.type.name == DOTENV:
            return Unknown(f"what a .env file holds under {name}", origin)
    return Unknown(owner.why if isinstance(owner, Unknown) else "a mapping that is not known", origin)


def method(
    ev: Evaluator, owner: Value, name: str, arguments: list[Value], keywords: list[Entry], origin: Location
) -> Value:
    """What ``owner.name(…)`` of such a dict returns."""
    if name == "get" and arguments and not keywords:
        default = arguments[1] if len(arguments) > 1 else Literal(None, origin)
        return get(ev, owner, arguments[0], default, origin)
    if name == "copy":
        return layered([owner], origin)
    return Unknown(f"what {name}() of a dict returns", origin)
