"""What the example of an environment says for a variable that Celery's configuration reads."""

from __future__ import annotations

import re
from urllib.parse import unquote

from celery_backend_lint.evaluate.resolve import UndeterminedError, WouldRaiseError, resolve
from celery_backend_lint.evaluate.values import (
    Choice,
    Environment,
    Literal,
    Mapping,
    Operation,
    Text,
    leaves,
    parts_of,
    walk,
)
from celery_backend_lint.findings.masking import is_secret_name
from celery_backend_lint.fixes.placeholders import placeholder, speaks_of_a_server
from celery_backend_lint.fixes.served_urls import as_served, host_beside
from celery_backend_lint.model.account_reads import is_url_of_redis, may_stay_empty
from celery_backend_lint.model.backend_kind import kind_of
from celery_backend_lint.model.backend_outcomes import backend_outcomes, known_kinds
from celery_backend_lint.model.celery_variables import URLS, is_among, is_optional
from celery_backend_lint.model.compose_servers import asks_no_password, is_told, redis_servers
from celery_backend_lint.model.documented_values import documented_value
from celery_backend_lint.model.held import outcomes, variables
from celery_backend_lint.model.packages import Packages, backend_needs
from celery_backend_lint.model.secrets import credentials_in_urls
from celery_backend_lint.model.variable_evidence import DEPLOYMENT, EXAMPLE, SCRIPT
from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.celery_variables import VariableRead
    from celery_backend_lint.model.env_files import EnvFile

WHERE = r"(?i)(?:^|_)(?:host|hosts|hostname|servers?|address|user|username|url|uri|dsn)$"
"""How variables end that say where a server is and who connects to it."""

CASTS = {"bool": "False", "list": "json", "json": "{}"}
"""A value that each cast takes, where there is no default to show. A number has to be chosen: whoever leaves the
placeholder is told by the cast."""

OTHER_BACKENDS = (
    "database_", "mongodb_", "cassandra_", "elasticsearch_", "couchbase_", "couchdb_", "s3_", "azureblockblob_",
    "cosmosdbsql_", "arangodb_", "dynamodb_", "gcs_", "consul_", "cache_", "riak_",
)  # fmt: skip
"""How settings of backends begin that are not Redis."""

PORT = r"(?i)(?:^|_)port$"

RABBITMQ = r"(?i)rabbit|amqp|(?:^|_)r?mq(?:_|$)"
"""Names of variables that speak of RabbitMQ."""

BRING_REDIS = ("redis", "channels-redis", "django-redis", "flask-redis", "rq", "django-rq")
"""Distributions with which redis-py is installed, by the requirements of their own wheels."""

NUMBERS = ("int", "float", "bool")


def example_value(model: Model, app: App, found: VariableRead) -> str:
    """The value to show: the default where there is one, else a placeholder of the right form.

    What a deployment file that is in the project sets, or the documentation shows, is a default as well; of a value in
    an env file, which is nobody else's, only the scheme is told. A URL of nothing of Celery's has no known form where
    its name speaks of no server.
    """
    read = found.read
    value = app.settings[found.setting].value if found.setting in app.settings else None
    whole = value is None or _is_whole(value, read)
    default = _default(read)
    if default is False and read.cast == "str":
        return ""  # any text would switch it on, "False" included
    if isinstance(default, (bool, int, float)):
        return str(default)
    if isinstance(default, str) and default.endswith("://"):
        return default  # a whole URL: amqp:// is the server on this machine
    if (
        read.required
        and is_secret_name(read.variable)
        and _is_password_of_redis(value, read)
        and asks_no_password(model, app)
    ):
        return ""
    cast = read.cast if read.cast != "str" else (_cast_around(value, read) if value is not None else "")
    said = _said(model, app, found) or documented_value(model, read.variable, read.origin.path)
    if whole and found.setting in URLS and "://" not in said and kind_of(said, app.declared.version) == "unknown":
        said = ""  # ``ENV CELERY_BROKER_URL=fake``, for a build that imports the settings
    known = default if isinstance(default, str) and default else _composed(read) or _default_beside(value, read) or said
    if not known and whole and found.setting in URLS:
        known = _declared_scheme(model, app, found)
    if not known and value is not None and not whole and _is_part_of_redis(value, read):
        known = "redis://" if re.search(PORT, read.variable) else ""
    made = placeholder(read.variable, found.setting if whole else "", known)
    unfilled = f"your_{re.sub(r'[^a-z0-9]+', '_', read.variable.lower()).strip('_')}_here"
    if not known and not found.setting and "://" in made and not speaks_of_a_server(read.variable):
        return unfilled
    if not known and whole and found.setting == "result_backend" and not _is_sound(model, app, made):
        return unfilled
    if (cast in CASTS or cast in NUMBERS) and not known and not is_secret_name(read.variable) and not _is(cast, made):
        made = CASTS.get(cast, unfilled)
    made = as_served(model, app, made)
    if made == "localhost" and value is not None and not whole and _is_part_of_redis(value, read):
        made = host_beside(model, app, read.variables) or made
    return made if whole or value is None else _without_path(value, read, made)


def is_spare(model: Model, app: App, found: VariableRead, shown: frozenset[str] = frozenset()) -> bool:
    """Whether a variable is better commented out: set, it would win over another one, or switch something on.

    Who copies the example and changes nothing gets what he had without the variable.

    ``shown`` are the variables that the example names already.
    """
    read, setting = found.read, app.settings.get(found.setting)
    others = _alternatives(setting.value, read) if setting is not None else []
    if has_parts(app, found) or is_optional(app, found):
        return True
    if others and (read != others[0] or any(is_among(other, shown) for other in others)):
        return True
    empty = not read.required and isinstance(read.default, Literal) and _default(read) in (None, "")
    if empty and _default(read) is None and setting is not None and _is_filled_in(setting.value, read):
        return False  # the URL would hold the word "None"
    whole = setting is not None and _is_whole(setting.value, read)
    tells_where = found.connects and (whole or re.search(WHERE, read.variable) is not None)
    if is_secret_name(read.variable):
        return (
            empty
            and setting is not None
            and may_stay_empty(read, setting.value)
            and not is_told(model, app, read.variables)
        )
    return empty and not tells_where


def logs_in_with_the_example(read: Environment, example: EnvFile) -> bool:
    """Whether the default of a read is a URL with a password that the example itself sets, for the server most likely:
    who copies the example has that account, and a placeholder in the URL would be refused.
    """
    default = _default(read)
    if not isinstance(default, str):
        return False
    values = {value for key, value in example.values().items() if key not in read.variables}
    passwords = [default[url.start : url.end] for url in credentials_in_urls(default)]
    return bool(passwords) and all(one in values or unquote(one) in values for one in passwords)


def _is_filled_in(value: Value, read: Environment) -> bool:
    """Whether a text is put together with a read, whatever that gives: ``f"amqp://host:{os.environ.get('PORT')}"``."""
    if isinstance(value, Choice):
        conditions = [one.condition for one in value.alternatives if one.condition is not None]
        return not any(_holds(one, read) for one in conditions) and any(
            _is_filled_in(one.value, read) for one in value.alternatives
        )
    return isinstance(value, Text) and any(part == read or _is_filled_in(part, read) for part in value.parts)


def _composed(read: Environment) -> str:
    """A default that is put together of others, with what these have while nothing is set; "" where one has nothing."""
    if not isinstance(read.default, (Choice, Text)):
        return ""
    try:
        made = resolve(read.default, {})
    except (UndeterminedError, WouldRaiseError):
        return ""
    return made.replace("://:@", "://") if isinstance(made, str) and "None" not in made else ""


def _is_password_of_redis(value: Value | None, read: Environment) -> bool:
    """Whether a variable is a password, and every text that it is put into is a URL of Redis."""
    if value is None or not is_secret_name(read.variable):
        return False
    return _is_part_of_redis(value, read)


def _is_part_of_redis(value: Value, read: Environment) -> bool:
    texts = [one for one in outcomes(value) if read in variables(one)]
    return bool(texts) and all(is_url_of_redis(one) for one in texts)


def has_parts(app: App, found: VariableRead) -> bool:
    """Whether what holds where a variable is not set is made by code: most often of parts with their own variables."""
    read, setting = found.read, app.settings.get(found.setting)
    if read.default is not None and not isinstance(read.default, (Environment, Literal)):
        return _default(read) is None
    if _default(read) not in (None, ""):
        return False
    return setting is not None and any(isinstance(one, Text) for one in _instead(setting.value, read))


def _is(cast: str, text: str) -> bool:
    """Whether a cast takes a text."""
    if cast in ("int", "float"):
        return re.fullmatch(r"[-+]?\d+" if cast == "int" else r"[-+]?\d+(?:\.\d*)?", text) is not None
    return cast == "bool" and text.lower() in ("true", "false", "1", "0")


def _said(model: Model, app: App, found: VariableRead) -> str:
    """What the project's files say of a variable, as far as it may be told to everybody."""
    said = model.evidence.best(found.read, app.path)
    if said is None or said.rank == EXAMPLE:
        return ""
    shared = said.rank in (DEPLOYMENT, SCRIPT) and model.project.tracked(said.location.path)
    if shared and "{" not in said.value and "$" not in said.value:
        return said.value
    scheme, sign, _ = said.value.partition("://")
    return scheme + sign if sign and re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme) else ""


def _declared_scheme(model: Model, app: App, found: VariableRead) -> str:
    """``redis://`` for a broker where Redis is asked for, or run, and nothing speaks of RabbitMQ; "" for nothing told.

    ``amqp`` among the requirements tells nothing: kombu itself brings it.
    """
    if found.setting == "result_backend" or re.search(RABBITMQ, found.read.variable):
        return ""
    manifests = model.manifests.for_path(app.path)
    if "redis" in manifests.extras_of("celery"):
        return "redis://"
    if "rpc" in known_kinds(backend_outcomes(model, app)):
        return ""  # its reply queues want AMQP
    asked = (
        any(manifests.has(name) for name in BRING_REDIS)
        or "redis" in manifests.extras_of("kombu")
        or bool(redis_servers(model, app))
    )
    return "redis://" if asked and not _speaks_of_rabbitmq(model) else ""


def _speaks_of_rabbitmq(model: Model) -> bool:
    """Whether a deployment file, a text for people or code outside of tests names RabbitMQ or AMQP."""
    needles = (b"rabbit", b"Rabbit", b"RABBIT", b"amqp://", b"amqps://", b"AMQP", b"RMQ")
    if any(not is_test_path(path) for path in model.project.python_files_mentioning(needles)):
        return True
    texts = (path for path in model.project.paths() if path.endswith((".yml", ".yaml", ".md", ".rst", ".toml", ".env")))
    return any(model.project.mentions(path, needles) for path in texts)


def _is_sound(model: Model, app: App, url: str) -> bool:
    """Whether a guessed result backend goes with what the project says: of a known kind, or Redis where that may be.

    An example is evidence: what is guessed must not become what the project is said to use.
    """
    kind = kind_of(url, app.declared.version)
    kinds = known_kinds(backend_outcomes(model, app)) or {"redis"}
    if kind not in kinds or any(name.startswith(OTHER_BACKENDS) for name in app.settings):
        return False
    packages = Packages(model, app)
    needs = backend_needs(kind, url, app.declared.version)
    return packages.manifest_of_celery() is None or all(packages.gives(need.distributions) for need in needs)


def _is_whole(value: Value, read: Environment) -> bool:
    """Whether a read gives a setting's whole value in one of its outcomes."""
    if isinstance(value, Environment):
        return value.variables == read.variables or (value.default is not None and _is_whole(value.default, read))
    if isinstance(value, Choice):
        return any(_is_whole(one.value, read) for one in value.alternatives)
    return False


def _default(read: Environment) -> object:
    """The default of a read as it is written: readers convert it (``default=4, cast=int``)."""
    value = read.default
    if isinstance(value, Operation) and value.operator in NUMBERS and len(value.operands) == 1:
        value = value.operands[0]
    return value.value if isinstance(value, Literal) else None


def _alternatives(value: Value, read: Environment) -> list[Environment]:
    """The reads of which one is enough in the place where a read stands, in the order in which they are asked."""
    direct = list(_direct(value))
    if read in direct:
        return direct
    return next((found for part in parts_of(value) if (found := _alternatives(part, read))), [])


def _direct(value: Value) -> Iterator[Environment]:
    if isinstance(value, Environment):
        yield value
        if value.default is not None:
            yield from _direct(value.default)
    elif isinstance(value, Choice):
        for one in value.alternatives:
            yield from _direct(one.value)


def _default_beside(value: Value | None, read: Environment) -> str:
    """The default of a read that stands in for one without any; of a text that is put together only the scheme."""
    others = _alternatives(value, read) if value is not None else []
    defaults = [str(default) for other in others if (default := _default(other)) not in (None, "")]
    for one in _instead(value, read) if value is not None else ():
        if isinstance(one, Literal) and isinstance(one.value, str):
            defaults.append(one.value)
        first = one.parts[0] if isinstance(one, Text) and one.parts else None
        if isinstance(first, Literal) and "://" in str(first.value):
            defaults.append(f"{str(first.value).partition('://')[0]}://")
    return next((default for default in defaults if default), "")


def _instead(value: Value, read: Environment) -> list[Value]:
    """What the place of a read that may be unset has without it."""
    if read.required:
        return []
    direct = list(leaves(value))
    if read in direct:
        return [one for one in direct if one != read and not isinstance(one, Environment)]
    return next((found for part in parts_of(value) if (found := _instead(part, read))), [])


def _cast_around(value: Value, read: Environment) -> str:
    """The conversion that a read's text goes through: ``int(os.environ["X"])``."""
    if isinstance(value, Operation) and value.operator in NUMBERS and any(_holds(one, read) for one in value.operands):
        return value.operator
    if isinstance(value, Mapping):
        return next((cast for entry in value.entries if (cast := _cast_around(entry.value, read))), "")
    return next((cast for part in parts_of(value) if (cast := _cast_around(part, read))), "")


def _holds(value: Value, read: Environment) -> bool:
    return any(one == read for one in walk(value))


def _without_path(value: Value, read: Environment, url: str) -> str:
    """A URL without its path where the setting adds one: ``f"{REDIS_URL}/1"``."""
    if isinstance(value, Text) and "://" in url:
        for part, following in zip(value.parts, value.parts[1:], strict=False):
            if part == read and isinstance(following, Literal) and str(following.value).startswith("/"):
                scheme, _, rest = url.partition("://")
                return f"{scheme}://{rest.partition('/')[0]}"
    return url
