"""The values that reading a project yields: a small closed set, each with its origin. Rules ``match`` on them.

Nothing here is run. A value says what an expression comes to *before* the environment is known: an ``Environment`` is
a variable that will be read, a ``Choice`` keeps every outcome, an ``Unknown`` says why reading stopped.
``celery_backend_lint.evaluate.resolve`` answers what a value is for a given environment.
"""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.location import Location
    from celery_backend_lint.syntax.python import Node


@record
class Literal:
    """A constant: text, bytes, number, bool or None. The repr hides text, which may hold a credential."""

    value: str | bytes | int | float | complex | bool | None
    origin: Location

    def __repr__(self) -> str:
        shown = f"<{type(self.value).__name__}>" if isinstance(self.value, (str, bytes)) else repr(self.value)
        return f"Literal({shown}, {self.origin!r})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Literal)
            and type(other.value) is type(self.value)
            and other.value == self.value
            and other.origin == self.origin
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value, self.origin))


@record
class Environment:
    """A read of the process environment.

    ``variables`` are tried in order (several for pydantic's AliasChoices). ``default`` is the value when none is set:
    None only where the read then raises (``required``). ``cast`` names what the reader makes of the text: ``"str"``
    (the text itself), ``"int"``, ``"float"``, ``"bool"``, ``"list"``, ``"json"``, ``"url"``, or ``"unknown"``. A cast
    applies to the variable's text, never to the default. ``reader`` is the idiom: ``os.environ``, ``environ``
    (django-environ), ``decouple``, ``pydantic``, … ``case_sensitive`` is False where the reader folds case.
    """

    variables: tuple[str, ...]
    default: Value | None
    cast: str
    reader: str
    origin: Location
    case_sensitive: bool = True

    @property
    def required(self) -> bool:
        """Whether reading raises while the variable is not set."""
        return self.default is None

    @property
    def variable(self) -> str:
        """The first name, the one to show."""
        return self.variables[0]


@record
class Text:
    """Parts put together into text, in order: f-strings, ``%``, ``format``, ``+``, ``join``. A part that is no text
    is taken as ``str(part)``.
    """

    parts: tuple[Value, ...]
    origin: Location


@record
class Operation:
    """A pure operation on operands that are not all known yet: ``int``, ``*``, ``not``, ``==``, ``replace`` …

    ``operator`` is the Python spelling of the operator, or the name of the function or string method; a method's
    object is the first operand. The operators are those of ``resolve.OPERATIONS``.
    """

    operator: str
    operands: tuple[Value, ...]
    origin: Location


@record
class Alternative:
    """One outcome of a Choice: it holds when ``condition`` is true (None: when no earlier one held)."""

    value: Value
    condition: Value | None


@record
class Choice:
    """Several outcomes, the first whose condition holds: if/else, ``or``, try/except, match. At least two."""

    alternatives: tuple[Alternative, ...]
    origin: Location


@record
class Sequence:
    """A list, tuple, set or frozenset (``kind``). ``complete`` is False when items could not all be read.

    ``kind`` is ``"range"`` or ``"view"`` for what is no list but can be gone through again and again, ``"iterator"``
    for what is used up by that. ``changed`` and ``made_at`` are as in Mapping.
    """

    kind: str
    items: tuple[Value, ...]
    origin: Location
    complete: bool = True
    changed: tuple[Change, ...] = ()
    made_at: Location | None = None


@record
class Entry:
    """One key of a mapping with its value; ``origin`` is the key's place."""

    key: Value
    value: Value
    origin: Location


@record
class Mapping:
    """A dict. Later entries win. ``complete`` is False when more keys may be there than could be read.

    ``changed`` are the statements that changed the object and whose effect this value has
    (``evaluate.changed_elsewhere``).
    ``made_at`` is set where one place of the text makes an object each time it is called: the call that did.
    ``open_when`` is, of one that is not complete, the condition under which more keys may be there; None for always.
    An entry whose value may be Missing is not there in those outcomes.
    """

    entries: tuple[Entry, ...]
    origin: Location
    complete: bool = True
    changed: tuple[Change, ...] = ()
    made_at: Location | None = None
    open_when: Value | None = None

    def get(self, key: str) -> Value | None:
        """The value under a text key, or None when it is not there as far as was read."""
        for entry in reversed(self.entries):
            if isinstance(entry.key, Literal) and entry.key.value == key:
                return entry.value
        return None


@record
class Duration:
    """A ``timedelta``, in seconds."""

    seconds: float
    origin: Location


@record
class Module:
    """A module of the project; ``path`` ends in ``/`` and ``scope`` is None for a package without ``__init__.py``."""

    name: str
    path: str
    scope: Scope | None
    origin: Location


@record
class External:
    """Something from outside the project, by its dotted name: ``celery.Celery``, ``os.environ``, ``kombu.Queue``."""

    name: str
    origin: Location


@record
class Method:
    """A function of a class, bound to the instance or class it was read from."""

    function: Function
    bound: Instance | Class
    origin: Location


@record
class Function:
    """A function or lambda of the project; ``node`` is its definition, ``scope`` the scope it stands in."""

    name: str
    node: Node
    scope: Scope
    origin: Location


@record
class Class:
    """A class of the project: ``node`` its definition, ``scope`` the scope it stands in. ``evaluate.classes`` reads
    it.
    """

    name: str
    node: Node
    scope: Scope
    origin: Location


@record
class Instance:
    """A call of a class: ``type`` is a Class or External, arguments as written."""

    type: Class | External
    arguments: tuple[Value, ...]
    keywords: tuple[Entry, ...]
    origin: Location


@record
class Missing:
    """A name or key that is not there in this outcome; what stood before it, or a default, shows through."""

    origin: Location


@record
class Unknown:
    """Nothing can be said, and ``why``: a short clause such as ``"a function's result"``."""

    why: str
    origin: Location


CONF = "celery.app.utils.Settings"
"""The type of what ``app.conf`` is: an Instance of it has the app's place."""

PLACE = "it depends on where the project stands"
"""The reason of what is unknown only because the folder of the project, or the working directory, is."""

LEAVES = (Literal, External, Unknown, Missing, Duration, Module, Function, Method, Class)
"""The values that hold no other values."""


def has_more_outcomes(choice: Choice, limit: int) -> bool:
    """Whether a Choice, and those that are its outcomes, come to more than ``limit`` outcomes."""
    found = 0
    left: list[Value] = [choice]
    while left:
        value = left.pop()
        if isinstance(value, Choice):
            left.extend(alternative.value for alternative in value.alternatives)
        else:
            found += 1
        if found + len(left) > limit:
            return True
    return False


def leaves(value: Value) -> Iterator[Value]:
    """The outcomes of a value: what its Choices, and those that are outcomes of them, come to."""
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from leaves(alternative.value)
    else:
        yield value


def parts_of(value: Value) -> Iterator[Value]:
    """The values that a value is put together from, conditions and keys included."""
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            yield alternative.value
            if alternative.condition is not None:
                yield alternative.condition
    elif isinstance(value, Text):
        yield from value.parts
    elif isinstance(value, Operation):
        yield from value.operands
    elif isinstance(value, Sequence):
        yield from value.items
    elif isinstance(value, Mapping):
        for entry in value.entries:
            yield entry.key
            yield entry.value
    elif isinstance(value, Environment) and value.default is not None:
        yield value.default
    elif isinstance(value, Instance):
        yield from value.arguments
        for entry in value.keywords:
            yield entry.value


def walk(value: Value) -> Iterator[Value]:
    """A value and everything that it is put together from, in no certain order; what is shared comes once."""
    left, seen = [value], set()
    while left:
        one = left.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            left.extend(parts_of(one))


if TYPE_CHECKING:
    Change: TypeAlias = tuple[str, int]
    """The path and byte offset of a statement that changes an object in place."""

    Value: TypeAlias = (
        Literal
        | Environment
        | Text
        | Operation
        | Choice
        | Sequence
        | Mapping
        | Duration
        | Module
        | External
        | Function
        | Method
        | Class
        | Instance
        | Missing
        | Unknown
    )
