"""Whether calling a class makes a new instance of it: a ``__new__`` or a metaclass may return what it likes."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.objects import classes
from celery_backend_lint.evaluate.values import Class
from celery_backend_lint.syntax.python import text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.syntax.python import Node

MADE_OTHERWISE = "the class says itself what it makes"
"""Why it is not known what calling a class returns."""

_MAKES = r"(?:super\([^()]*\)|[\w.]+)\.(?:__new__|__call__)\("
"""What a value begins with that is an instance: the call of a base's own way of making one."""


def may_be_kept(ev: Evaluator, cls: Class) -> bool:
    """Whether a class of the project says itself what calling it returns, so that it may be one object every time."""
    return bool(_makers(ev, cls))


def may_be_another(ev: Evaluator, cls: Class) -> bool:
    """Whether what calling a class returns may be something else than an instance of it."""
    return any(not _returns_instance(text_of(maker)) for maker in _makers(ev, cls))


def _makers(ev: Evaluator, cls: Class) -> list[Node]:
    """The ``__new__`` of a class and its bases and the ``__call__`` of its metaclass, as far as they are in sight."""
    found = []
    for base in classes.lineage(ev, cls):
        if not isinstance(base, Class):
            continue
        if b"__new__" in (base.node.text or b""):
            found += [one.node for one in ev.scope_of(base).bindings.get("__new__", ())[-1:]]
        metaclass = classes.keyword_of_class(base, "metaclass")
        made_by = ev.value(metaclass, base.scope) if metaclass is not None else None
        if isinstance(made_by, Class):
            found += [one.node for one in ev.scope_of(made_by).bindings.get("__call__", ())[-1:]]
    return found


def _returns_instance(function: str) -> bool:
    """Whether a function returns only what a base's ``__new__`` made, under whatever name it keeps that."""

    def is_instance(value: str, seen: tuple[str, ...]) -> bool:
        *_, value = re.split(r"\s*(?<![=!<>])=(?!=)\s*", value.strip())
        if re.match(_MAKES, value) and not re.search(r"\)\s*[.\[]\s*\w+[^()]*$", value):
            return True
        if value in seen or not re.fullmatch(r"[\w.]+(?:\[[\w.]+\])?", value):
            return False
        target = rf"(?m)^[ \t]*(?:[^=\n#(]+=[ \t]*)*{re.escape(value)}[ \t]*(?::[^=\n]*)?=(?!=)"
        given = re.findall(target + r"([^\n#]*)", function)
        return bool(given) and all(is_instance(one, (*seen, value)) for one in given)

    returned = re.findall(r"(?m)^[ \t]*return\b([^\n#]*)", function)
    return bool(returned) and all(is_instance(one, ()) for one in returned)
