"""Which files a value is put together from: those of the names in its expression, and of the names in theirs."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Operation, Text
from celery_backend_lint.model.source_nodes import node_at
from celery_backend_lint.syntax.python import nodes_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model

MOST_PARTS = 50
"""How many expressions are looked into."""

_PARTS = (Literal, Text, Environment, Choice, Operation)
"""What a text is put together from; not the module or the class that it is an attribute of."""


def files_of_parts(model: Model, origin: Location) -> frozenset[str]:
    """The files in which the parts of the value at ``origin`` are written, its own among them.

    ``"redis://%s/0" % settings.HOST`` is the file's own, and that of the settings. What is not known is left out.
    """
    evaluator = model.evaluator
    seen = {origin}
    left = [origin]
    while left and len(seen) < MOST_PARTS:
        place = left.pop()
        node, file = node_at(evaluator, place), evaluator.modules.file(place.path)
        if node is None or file is None:
            continue
        scope = evaluator.scope_at(node, file.scope)
        for part in nodes_in(node):
            if part.type not in ("identifier", "attribute"):
                continue
            value = evaluator.value(part, scope)
            if isinstance(value, _PARTS) and value.origin not in seen:
                seen.add(value.origin)
                left.append(value.origin)
    return frozenset(place.path for place in seen)
