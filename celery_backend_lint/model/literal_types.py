"""What Celery makes of a value of a type that a setting cannot have, where the code itself writes it.

Seen with Celery 5.6.3 and 5.7.0 on Redis, SQLite, RabbitMQ and with real workers. What Celery converts itself (numeric
text as ``redis_socket_timeout``), or what was not seen to break (text as ``worker_concurrency``), is not here. Text
from the environment is ``text_values``'s.
"""

from __future__ import annotations

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Operation, Sequence
from celery_backend_lint.model import facts
from celery_backend_lint.model.backend_kind import UNKNOWN
from celery_backend_lint.model.held import AMBIENT_READERS
from celery_backend_lint.model.outcomes import remaining
from celery_backend_lint.model.text_values import KEY_VALUE, REDIS, RETRY_SETTINGS, kinds_of_setting
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.data import Version

NO = frozenset({"false", "no", "off", "0", "none", "null", "n", "f", "disabled", "never"})
"""Texts that say no, in lower case."""

TEXT, WORD, EMPTY, FRACTION, TRUE, FALSE, NUMBER, NONE, ITEMS, NOTHING = (
    "text", "word", "empty", "fraction", "true", "false", "number", "none", "items", "nothing",
)  # fmt: skip
"""What a value is: text that is a number or not, empty text, a number with a fraction or none, a list or tuple with
items or without, …"""

_WORDS = {
    TEXT: "text",
    WORD: "text",
    EMPTY: "empty text",
    FRACTION: "a fraction",
    TRUE: "True",
    FALSE: "False",
    NUMBER: "a number",
    NONE: "None",
    NOTHING: "an empty list",
}


@record
class WrongType:
    """``what`` the value is, in words; ``effect`` what follows; ``wanted`` the type that the setting needs."""

    what: str
    effect: str
    wanted: str


@record
class _Needs:
    """``kinds`` of backends that read it, empty for all; its ``wanted`` type; the ``effect`` of the ``wrong`` ones."""

    kinds: tuple[str, ...]
    wanted: str
    effect: str
    wrong: tuple[str, ...]


_ANY_TEXT = (TEXT, WORD)
_NO_DICT = (*_ANY_TEXT, TRUE, NUMBER, FRACTION)  # a list of pairs makes a dict
_NO_NAME = (ITEMS, NUMBER, FRACTION, TRUE)
_RETRIES = "the first retry raises TypeError instead"

_NEEDS = {
    "redis_max_connections": _Needs(
        REDIS,
        "int",
        "redis-py refuses it with ValueError when the backend is first used",
        (*_ANY_TEXT, FRACTION, ITEMS),
    ),
    "redis_backend_health_check_interval": _Needs(
        REDIS, "int", "the first command raises TypeError", (*_ANY_TEXT, ITEMS)
    ),
    "redis_socket_timeout": _Needs(REDIS, "float", "making the backend raises an error", (WORD, EMPTY, ITEMS)),
    "redis_socket_connect_timeout": _Needs(REDIS, "float", "making the backend raises an error", (WORD, EMPTY, ITEMS)),
    "result_cache_max": _Needs((), "int", "reading a result raises TypeError", _ANY_TEXT),
    **{name: _Needs((), "int", _RETRIES, _ANY_TEXT) for name in RETRY_SETTINGS},
    "result_backend_transport_options": _Needs(
        KEY_VALUE, "dict", "making the backend raises AttributeError", (*_NO_DICT, EMPTY, FALSE, NOTHING, ITEMS)
    ),
    "database_engine_options": _Needs(("database",), "dict", "making the backend raises an error", _NO_DICT),
    "database_table_names": _Needs(
        ("database",), "dict", "making the backend raises AttributeError", (*_NO_DICT, ITEMS)
    ),
    "database_table_schemas": _Needs(
        ("database",), "dict", "making the backend raises AttributeError", (*_NO_DICT, ITEMS)
    ),
    "cache_backend_options": _Needs(("cache",), "dict", "making the backend raises an error", (*_NO_DICT, NONE)),
    "broker_pool_limit": _Needs((), "int", "sending a task raises TypeError", (*_ANY_TEXT, TRUE, ITEMS)),
    "broker_connection_timeout": _Needs((), "float", "connecting to the broker raises TypeError", (*_ANY_TEXT, ITEMS)),
    "broker_transport_options": _Needs((), "dict", "connecting to the broker raises an error", (*_NO_DICT, NONE)),
    "task_publish_retry_policy": _Needs((), "dict", "sending a task raises an error", (*_NO_DICT, NONE)),
    "accept_content": _Needs((), "list", "the worker and the result backend raise TypeError", (TRUE, NUMBER, FRACTION)),
    "result_accept_content": _Needs(
        (), "list", "the result backend raises TypeError when it is first used", (TRUE, NUMBER, FRACTION)
    ),
    "result_serializer": _Needs((), "str", "the first use of the result backend raises an error", _NO_NAME),
    "task_serializer": _Needs((), "str", "sending a task raises an error", _NO_NAME),
    "timezone": _Needs((), "str", "the worker and the result backend raise TypeError", _NO_NAME),
    "task_default_queue": _Needs((), "str", "sending a task raises an error, and no worker starts", (*_NO_NAME, NONE)),
    "worker_concurrency": _Needs((), "int", "the worker does not start (TypeError)", (FRACTION,)),
    "worker_max_tasks_per_child": _Needs((), "int", "the worker does not start (ValueError)", _ANY_TEXT),
}

_COMPARED = frozenset({"database_create_tables_at_setup"})
"""Switches that Celery compares with True: any text switches them off."""


def wrong_type(setting: str, version: Version, value: Value) -> WrongType | None:
    """What is wrong with a literal, list, tuple or dict as a setting; None where it works or nothing is known."""
    kind = _kind(value)
    if not kind:
        return None
    needs = _NEEDS.get(setting)
    if needs is None:
        is_switch = setting not in _COMPARED and facts.type_of(setting, version) == "bool"
        return _switch(value) if is_switch or setting == "broker_use_ssl" else None
    if kind not in needs.wrong:
        return None
    what = f"a {value.kind}" if isinstance(value, Sequence) and kind == ITEMS else _WORDS[kind]
    return WrongType(what, needs.effect, needs.wanted)


def _switch(value: Value) -> WrongType | None:
    """Text that says no, or a tuple that a stray comma makes: both are true."""
    if isinstance(value, Literal) and isinstance(value.value, str) and value.value.strip().lower() in NO:
        return WrongType("text", "any text that is not empty counts as True", "bool")
    if isinstance(value, Sequence) and value.kind == "tuple" and len(value.items) == 1:
        item = value.items[0]
        if isinstance(item, Literal) and not item.value:
            return WrongType("a tuple", "whatever is in it, it counts as True", "bool")
    return None


def _kind(value: Value) -> str:
    if isinstance(value, Sequence):
        if value.kind not in ("list", "tuple"):
            return ""
        return ITEMS if value.items else NOTHING if value.complete else ""
    if not isinstance(value, Literal):
        return ""
    plain = value.value
    if plain is None:
        return NONE
    if isinstance(plain, bool):
        return TRUE if plain else FALSE
    if isinstance(plain, str):
        return EMPTY if not plain else TEXT if _number(plain) is not None else WORD
    if isinstance(plain, float):
        return FRACTION
    return NUMBER if isinstance(plain, int) else ""


def number_in(text: str) -> float | None:
    """The number that a text holds, None where it is none, or none that can be written (``inf``)."""
    number = _number(text)
    return number if number is not None and abs(number) < 1e15 else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def is_read(app: App, setting: str) -> bool:
    """Whether an app may use a backend that reads a setting; where the backend is not known, a setting of one only."""
    if setting in RETRY_SETTINGS and not _may_try_again(app):
        return False
    needs = _NEEDS.get(setting)
    wanted = needs.kinds if needs is not None else kinds_of_setting(setting)
    if not wanted:
        return True
    kinds = {app.result_backend.kind, *(other.kind for other in app.result_backend.alternatives)}
    return not kinds.isdisjoint(wanted) or (kinds == {UNKNOWN} and bool(kinds_of_setting(setting)))


def _may_try_again(app: App) -> bool:
    found = app.settings.get("result_backend_always_retry")
    return found is not None and not all(isinstance(one, Literal) and not one.value for one in written(found.value))


def written(value: Value) -> Iterator[Value]:
    """The outcomes of a setting that the code writes: no reads, and no defaults of reads that give text.

    Nor what takes the place of a variable that is set to nothing although it has a default, nor what Flask's
    ``from_prefixed_env()`` may give: an entry stays what it was where there is no such variable.
    """
    if isinstance(value, Choice):
        for number, alternative in enumerate(value.alternatives):
            if not _asks_for_an_empty_one(alternative.condition):
                yield from written(remaining(value, number))
    elif isinstance(value, Environment):
        if value.default is not None and value.cast != "str" and value.reader not in AMBIENT_READERS:
            yield from written(value.default)
    else:
        yield value


def _asks_for_an_empty_one(condition: Value | None) -> bool:
    """Whether a condition holds only where a variable is empty whose default is not: ``not getenv("X", "default")``."""
    if not isinstance(condition, Operation) or condition.operator != "not":
        return False
    read = condition.operands[0]
    return isinstance(read, Environment) and isinstance(read.default, Literal) and bool(read.default.value)
