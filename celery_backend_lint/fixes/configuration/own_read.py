"""The variable that a setting is, where its value is the read of one: through casts, defaults and ``or``."""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Missing, Text
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value


@record
class OwnRead:
    """A read, and what the value is instead where the variable is not set: texts, an empty one for nothing at all.

    ``beside`` says that some of it does not stand in the read itself: ``os.getenv("X") or "redis://h"``.
    """

    read: Environment
    otherwise: tuple[str, ...]
    beside: bool


def own_read(value: Value) -> OwnRead | None:
    """The one read that a value is made of and nothing else; None where there is none, or more than one."""
    reads: dict[tuple[str, ...], Environment] = {}
    texts: list[tuple[str, bool]] = []
    for leaf, beside in _leaves(value, beside=False):
        if isinstance(leaf, Environment):
            reads.setdefault(leaf.variables, leaf)
        elif isinstance(leaf, Literal) and (leaf.value is None or isinstance(leaf.value, str)):
            texts.append((leaf.value or "", beside))
        elif not isinstance(leaf, Missing):
            return None
    if len(reads) != 1:
        return None
    read = next(iter(reads.values()))
    own = read.default.value if isinstance(read.default, Literal) and isinstance(read.default.value, str) else ""
    beside = any(outside and text and text != own for text, outside in texts)
    return OwnRead(read, tuple(dict.fromkeys(text for text, _ in texts)), beside)


def _leaves(value: Value, *, beside: bool) -> Iterator[tuple[Value, bool]]:
    if isinstance(value, Choice):
        for one in value.alternatives:
            yield from _leaves(one.value, beside=True)
    elif isinstance(value, Text) and len(value.parts) == 1:
        yield from _leaves(value.parts[0], beside=beside)
    else:
        yield value, beside
        if isinstance(value, Environment) and value.default is not None:
            yield from _leaves(value.default, beside=False)
