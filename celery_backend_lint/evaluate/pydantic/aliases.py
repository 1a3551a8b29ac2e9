"""The aliases that ``alias_generator`` of pydantic 2 makes: of each field that has none of its own.

A function of the names, a method of ``str`` (``str.upper``), those of ``pydantic.alias_generators``, or one of them in
an ``AliasGenerator``, of which the validation alias counts (``ConfigDict.alias_generator``, pydantic 2.14).
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Choice, External, Function, Instance, Literal, Method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value

_LIBRARY = "pydantic.alias_generators."
_SIMPLE = r"[a-z]+(_[a-z]+)*"
"""Names of which every release of pydantic 2 makes the same: with digits and capitals they differ."""


def generator_of(ev: Evaluator, value: Value) -> Callable[[str], str | None] | None:
    """What gives a field's alias by its name, None for one that is not known; None where it is not followed."""
    if isinstance(value, Instance) and isinstance(value.type, External) and value.type.name.endswith("AliasGenerator"):
        named = {str(one.key.value): one.value for one in value.keywords if isinstance(one.key, Literal)}
        inner = named.get("validation_alias", named.get("alias"))
        if inner is None or value.arguments or len(named) != len(value.keywords):
            return None
        return generator_of(ev, inner)
    if isinstance(value, External) and value.name in (f"{_LIBRARY}to_camel", f"{_LIBRARY}to_pascal"):
        camel = value.name.endswith("camel")
        return lambda name: _camel(name, small=camel)
    is_method = isinstance(value, External) and value.name.startswith("builtins.str.")
    if not is_method and not isinstance(value, (Function, Method)):
        return None

    def made(name: str) -> str | None:
        from celery_backend_lint.evaluate import calls

        given = Literal(name, value.origin)
        if isinstance(value, External):
            found = calls.method(ev, given, value.name.rpartition(".")[2], [], [], value.origin)
        else:
            found = calls.call_value(ev, value, [given], [], value.origin)
        if isinstance(found, Choice) or not isinstance(found, Literal) or not isinstance(found.value, str):
            return None
        return found.value

    return made


def _camel(name: str, *, small: bool) -> str | None:
    if re.fullmatch(_SIMPLE, name) is None:
        return None
    whole = name.title().replace("_", "")
    return whole[0].lower() + whole[1:] if small else whole
