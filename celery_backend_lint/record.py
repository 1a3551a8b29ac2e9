"""Immutable records, cheap to define.

``dataclasses`` costs 14 ms to import and 0.7 ms a class (3.11, this project's benchmark machine): forty frozen
dataclasses take three times as long as ``python -c pass``. A commit would notice. ``@record`` gives the part that is
used here: a constructor, ``match`` patterns, equality, hash, a repr, slots. Immutability is what mypy checks
(``frozen_default``); nothing is enforced at run time.
"""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from types import FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType
    from typing import Any, TypeVar

    from typing_extensions import dataclass_transform

    T = TypeVar("T")
else:

    def dataclass_transform(**_: object) -> Callable[[object], object]:
        """Stand in for ``typing.dataclass_transform``, which only type checkers need."""
        return lambda decorator: decorator


def _repr(self: Any) -> str:
    inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__name__}({inner})"


def _eq(self: Any, other: Any) -> Any:
    if self is other:  # values share parts: without this, comparing them takes as long as writing them out
        return True
    if type(other) is not type(self):
        return NotImplemented
    values = type(self).__record_values__
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash((type(self), type(self).__record_values__(self)))


def _nothing(_: object) -> tuple[()]:
    return ()


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class of annotated fields into a slotted record.

    Takes a class whose annotations are its fields, in order, defaults being class attributes (immutable ones only:
    they are shared). Returns a new class of the same name. The module needs ``from __future__ import annotations``
    (without it Python 3.14 keeps annotations elsewhere). Raises TypeError when a field without default follows one
    with a default.
    """
    namespace: dict[str, Any] = dict(cls.__dict__)
    fields = tuple(namespace["__annotations__"])
    defaults = tuple([namespace.pop(name) for name in fields if name in namespace])
    for name in fields[len(fields) - len(defaults) :]:
        if name not in cls.__dict__:
            raise TypeError(f"{cls.__name__}.{name} without default follows a field with one")
    namespace.pop("__dict__", None)
    namespace.pop("__weakref__", None)
    namespace["__slots__"] = fields
    namespace["__match_args__"] = fields
    # All values at once, in C: reading a small project compares thousands of records.
    namespace["__record_values__"] = attrgetter(*fields) if fields else staticmethod(_nothing)
    namespace["__init__"] = _constructor(fields, defaults)
    for name, method in (("__repr__", _repr), ("__eq__", _eq), ("__hash__", _hash)):
        namespace.setdefault(name, method)
    made: type[T] = type(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    return made


def _constructor(fields: tuple[str, ...], defaults: tuple[object, ...]) -> FunctionType:
    """An ``__init__`` that sets ``fields``, the last of them with ``defaults``.

    One is compiled for each number of fields, the others are that one with other names: a record then costs 20 µs to
    define, not 50, and a run defines a hundred (3.11).
    """
    code = _constructor_of(len(fields)).replace(co_varnames=("self", *fields), co_names=fields)
    return FunctionType(code, {}, "__init__", defaults)


@cache
def _constructor_of(count: int) -> CodeType:
    names = [f"field_{number}" for number in range(count)]
    body = "".join(f"\n    self.{name} = {name}" for name in names)
    scope: dict[str, FunctionType] = {}
    exec(f"def __init__({', '.join(['self', *names])}):{body}", scope)
    return scope["__init__"].__code__
