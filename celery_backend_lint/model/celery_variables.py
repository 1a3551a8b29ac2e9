"""The environment variables that an app's configuration reads, and what each is for."""

from __future__ import annotations

import re
from functools import lru_cache

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, truth
from celery_backend_lint.evaluate.values import (
    Choice,
    Environment,
    Instance,
    Literal,
    Mapping,
    Missing,
    Operation,
    Sequence,
    Text,
    leaves,
    walk,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.held import variables
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model.app import App

URLS = frozenset({"broker_url", "broker_read_url", "broker_write_url", "result_backend"})
"""The settings that name the broker and the result backend."""

CONNECTING = (
    "_url", "_uri", "_dburi", "_host", "_hosts", "_server", "_servers", "_port", "_user", "_username", "_password",
    "_passwd", "_db", "_vhost", "_database", "_bucket", "_token", "_access_key", "_access_key_id", "_endpoint",
)  # fmt: skip
"""How settings of one broker or backend end that say where it is and who connects."""

COMPLETE = ("django-db", "django-cache", "rpc", "cache+memory", "db+sqlite")
"""How result backends begin that need no address of a server."""

TUNING_NAME = (
    r"(?i)(?:^|_)(?:port|db|database|db_?(?:num|number|index)|vhost|virtual_?host|ssl|tls|use_ssl|scheme|proto"
    r"|protocol|transport|driver|type|prefix|params?|options?|timeout|ssl_cert_reqs|cert_reqs)$"
)
"""How variables end that only tune an address, where they have a default."""

MACHINES = frozenset({"HOME", "USER", "USERNAME", "LOGNAME", "HOSTNAME", "PATH", "PWD", "TMPDIR", "TEMP", "TZ"})
"""Variables that the machine sets."""

CLUSTER_NAME = ("_SERVICE_HOST", "_SERVICE_PORT")
"""How variables end that Kubernetes sets in every pod, for each service of its namespace (``REDIS_SERVICE_HOST``)."""


@record
class VariableRead:
    """A read of the environment by an app's configuration.

    ``setting`` is what it is for. ``connects`` says that this is where the broker or the result backend is, or who
    connects to it; ``essential`` besides that the variable does not only tune it (a port, a database number) with a
    default. ``chain`` are all reads of which one is enough (a fallback after ``or``, a default that is read), this one
    included, in the order in which they are asked. ``required`` says that nothing stands in for the variable.
    """

    read: Environment
    setting: str
    connects: bool
    essential: bool
    chain: tuple[Environment, ...]
    required: bool


def reads_of(app: App) -> tuple[VariableRead, ...]:
    """Every read of the environment in the effective settings of an app; not those of tests, nor of models as JSON."""
    return _reads_of(app)


@lru_cache(maxsize=64)  # several rules ask, some of them for each env file
def _reads_of(app: App) -> tuple[VariableRead, ...]:
    return tuple(_each_read(app))


def _each_read(app: App) -> Iterator[VariableRead]:
    for setting in app.settings.values():
        connects = is_connection(setting.name, app)
        for every in _chains(setting.value):
            chain = tuple(read for read in every if not _is_whole_model(read))
            for read in chain:
                if (
                    read.origin.path
                    and not is_test_path(read.origin.path)
                    and not MACHINES.intersection(read.variables)
                    and not read.variable.endswith(CLUSTER_NAME)
                ):
                    optional = read.required and _is_asked_first(read, setting.value)
                    tunes = (_has_default(read) or optional) and re.search(TUNING_NAME, read.variable) is not None
                    required = read.required and not optional
                    yield VariableRead(read, setting.name, connects, connects and not tunes, chain, required)


def is_connection(setting: str, app: App) -> bool:
    """Whether a setting says where the broker or the result backend is, or who connects to it."""
    if setting in URLS:
        return True
    if not setting.startswith("broker_") and not facts.is_backend_setting(setting, app.declared.version):
        return False
    return f"_{setting}".endswith(CONNECTING)


def is_optional(app: App, found: VariableRead) -> bool:
    """Whether nothing is missing while a result backend's variable is not set, for its read says so.

    That is where its default is None or empty in so many words, which switches results off, or a result backend that
    asks no server of its own (``django-db``, ``rpc://``, a file).
    """
    setting, read = app.settings.get("result_backend"), found.read
    if found.setting != "result_backend" or setting is None:
        return False
    if not all(one == read or isinstance(one, Missing) for one in leaves(setting.value)):
        return False
    if isinstance(read.default, Literal) and str(read.default.value).startswith(COMPLETE):
        return True
    # Who writes None for the broker as well, without which nothing works, writes it without a thought.
    broker = app.settings.get("broker_url")
    return _says_nothing(read) and not (
        broker is not None and any(_says_nothing(one) for one in variables(broker.value))
    )


def _says_nothing(read: Environment) -> bool:
    """Whether a read has None or an empty text for default in so many words, as ``os.environ.get("X")`` has not."""
    default = read.default
    return isinstance(default, Literal) and default.value in (None, "") and default.origin != read.origin


def feeds_celery(app: App) -> Iterator[str]:
    """The names of the variables whose values reach Celery: those that it reads itself, and the configuration's.

    Celery looks for the first four in ``celery.app.utils.Settings`` (5.7).
    """
    yield from ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "CELERY_RESULT_BACKEND")
    for found in reads_of(app):
        yield from found.read.variables


def is_among(read: Environment, variables: frozenset[str]) -> bool:
    """Whether one of ``variables`` (as written in an env file) is what ``read`` looks for."""
    if read.case_sensitive:
        return not variables.isdisjoint(read.variables)
    return not {name.lower() for name in read.variables}.isdisjoint(variable.lower() for variable in variables)


def _is_whole_model(read: Environment) -> bool:
    """Whether a read is that of a nested pydantic model, all of it as JSON: who sets it sets its fields instead."""
    return read.cast == "json" and isinstance(read.default, Mapping)


def _has_default(read: Environment) -> bool:
    return read.default is not None and not (isinstance(read.default, Literal) and read.default.value in (None, ""))


def _is_asked_first(read: Environment, value: Value) -> bool:
    """Whether a value is something else while a variable is not set, though its read has no default.

    ``os.environ["X"] if "X" in os.environ else "y"``; a pydantic field with ``env_ignore_empty``. To ask by a read that
    has no default either, ``os.environ["X"] or "y"``, is of no use.
    """
    for one in walk(value):
        for alternative in one.alternatives if isinstance(one, Choice) else ():
            condition = alternative.condition
            asked = variables(condition) if condition is not None else ()
            if condition is None or all(other.variable != read.variable for other in asked):
                continue
            if read in variables(alternative.value) and not _raises_without(condition, read):
                return True
    return False


def _raises_without(condition: Value, read: Environment) -> bool:
    """Whether to ask for a condition fails while a read's variable is not set, whatever others hold."""
    others = {name for one in variables(condition) for name in one.variables} - set(read.variables)
    try:
        truth(condition, dict.fromkeys(others, "1"))
    except WouldRaiseError:
        return True
    except UndeterminedError:
        return False
    return False


def _chains(value: Value) -> Iterator[tuple[Environment, ...]]:
    """The reads in a value, those together of which one is enough."""
    if isinstance(value, (Environment, Choice)):
        chain = tuple(dict.fromkeys(_all(value)))
        if chain:
            yield chain
    elif isinstance(value, Text):
        for part in value.parts:
            yield from _chains(part)
    elif isinstance(value, Operation):
        for operand in value.operands:
            yield from _chains(operand)
    elif isinstance(value, Sequence):
        for item in value.items:
            yield from _chains(item)
    elif isinstance(value, Mapping):
        for entry in value.entries:
            yield from _chains(entry.value)
    elif isinstance(value, Instance):
        for argument in (*value.arguments, *(keyword.value for keyword in value.keywords)):
            yield from _chains(argument)


def _all(value: Value) -> Iterator[Environment]:
    """Every read in a value that is one link of a chain, in the order in which they are asked."""
    if isinstance(value, Environment):
        yield value
        if value.default is not None:
            yield from _all(value.default)
    elif isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from _all(alternative.value)
    else:
        for chain in _chains(value):
            yield from chain
