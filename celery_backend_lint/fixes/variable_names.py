"""The name of a new variable: by what it holds, in the project's own scheme, and free for it.

A variable that the environment already has for something else, or that other code reads, is never taken. Celery itself
reads ``CELERY_RESULT_BACKEND`` and ``CELERY_BROKER_URL``, and they win in every app: they are taken only where every
app of the project has that very value.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Environment, Literal
from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.model.celery_variables import reads_of
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

READ_BY_CELERY = {
    "CELERY_BROKER_URL": "broker_url",
    "CELERY_BROKER_READ_URL": "broker_read_url",
    "CELERY_BROKER_WRITE_URL": "broker_write_url",
    "CELERY_RESULT_BACKEND": "result_backend",
}
"""Variables that win over the setting in every app (``celery.app.utils.Settings``, 5.7)."""

READ_BY_COMMAND = frozenset(
    {"APP", "BROKER_URL", "CONFIG_MODULE", "LOADER", "RESULT_BACKEND", "SKIP_CHECKS", "WORKDIR", "NO_COLOR", "QUIET"}
)
"""Variables that the ``celery`` command takes for its options (``celery.bin.celery``, 5.7)."""

GENERIC = frozenset(
    {
        "url", "uri", "dsn", "host", "hostname", "address", "server", "password", "passwd", "pass", "pwd", "pw",
        "secret", "key", "token", "credential", "credentials", "backend", "broker", "result", "results", "config",
        "conf", "default", "value", "user", "username", "broker_url", "backend_url", "result_backend", "redis",
        "celery", "result_url", "base_url", "connection", "conn",
    }
)  # fmt: skip
"""Names of constants that do not say what they are of."""

OF_RESULTS = frozenset({"celery_backend", "celery_backend_url", "celery_result_url", "celery_results_url"})
"""Names of constants and keys that are the result backend's, as what Celery calls it."""

OF_A_SERVICE = frozenset(
    {
        "db", "database", "postgres", "postgresql", "pg", "mysql", "mariadb", "mssql", "sql", "sqlite", "sqlalchemy",
        "oracle", "mongo", "mongodb", "mongoengine", "memcache", "memcached", "elastic", "elasticsearch", "es",
        "opensearch", "kafka", "neo4j", "influxdb", "clickhouse", "qdrant", "vault", "consul", "aws", "s3", "sqs",
        "gcp", "gcs", "google", "azure", "minio", "cloudinary", "firebase", "supabase", "mail", "email", "smtp", "ses",
        "sendgrid", "mailgun", "twilio", "sms", "stripe", "paypal", "sentry", "newrelic", "datadog", "jwt", "auth",
        "auth0", "oauth", "openai", "anthropic", "telegram", "slack", "discord", "github", "gitlab", "facebook",
        "twitter", "log", "logging", "cors", "csrf", "session", "security", "secret", "admin", "superuser", "static",
        "media", "flask", "gunicorn", "uvicorn", "python", "docker", "compose", "node", "nginx",
    }
)  # fmt: skip
"""First words of variables that are of one service, topic or program, and not of the project that reads them."""

PARTS_OF_A_CONNECTION = frozenset(
    {
        "url", "uri", "dsn", "host", "hostname", "port", "name", "db", "database", "dbname", "user", "username",
        "password", "pass", "passwd", "pwd", "engine", "driver", "scheme", "ssl", "sslmode", "vhost", "server",
    }
)  # fmt: skip
"""What variables are called after the first word that together say how to reach one server, whatever that word is."""

MOST_NUMBERS = 20


@record
class Held:
    """What a variable is to hold: the value of ``setting``, or a part of it.

    ``bound`` is the name that the literal is given to in the source (of a constant, a key, a field), ``""`` where there
    is none. ``whole`` says that it is all of the setting's value. ``product`` is a word for the server: ``REDIS``.
    ``is_url`` tells a URL from the credential alone.
    """

    setting: str
    bound: str
    whole: bool
    product: str
    is_url: bool

    @property
    def base(self) -> str:
        """The name where nothing speaks against it."""
        if self.whole:
            return f"CELERY_{self.setting}".upper()
        bound = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.bound)).strip("_").lower()
        if not bound.isascii() or not bound or bound[0].isdigit():
            bound = ""
        if self.is_url:
            if not bound or bound in GENERIC or (bound in OF_RESULTS and self.setting == "result_backend"):
                return f"CELERY_{self.setting}".upper()
            return bound.upper() if re.search(_URL_WORDS, bound) else f"{bound}_URL".upper()
        if not bound or bound in GENERIC:
            what = bound if bound in _SECRETS else "password"
            return f"{self.product}_{what}".upper()
        return bound.upper() if re.search(_TELLING_WORDS, bound) else f"{bound}_PASSWORD".upper()


_URL_WORDS = r"(?:^|_)(?:url|uri|dsn|broker|backend|address|server|host|connection)(?:_|$)|url$|uri$"
_TELLING_WORDS = r"pass|pwd|(?:^|_)pw(?:_|$)|secret|key|token|credential"
_SECRETS = ("password", "secret", "key", "token")


def name_for(model: Model, app: App, held: Held, value: str, path: str, env_file: str) -> str:
    """The name of the variable that is to hold ``value`` for the code at ``path``.

    ``env_file`` is the file that sets it, where one does, else ``""``: then the value is only a default. Raises
    CannotFixError where no name is free.
    """
    base = held.base
    prefix = _prefix_of_neighbours(model, app, path)
    if prefix and not base.startswith(prefix):
        base = prefix + base
    for name in _names(base, app):
        if _is_free(model, name, value, path, env_file):
            return name
    raise CannotFixError(f"no name is free for the variable that `{path}` would read")


def _names(base: str, app: App) -> Iterator[str]:
    yield base
    own = re.sub(r"\W+", "_", app.name.rpartition(".")[2]).strip("_").upper()
    if own and own[0].isalpha() and own not in ("CELERY", "APP") and not base.startswith(f"{own}_"):
        base = f"{own}_{base.removeprefix('CELERY_')}"
        yield base
    elif base in READ_BY_CELERY or base in READ_BY_COMMAND:
        base = f"CELERY_APP_{base.removeprefix('CELERY_')}"
        yield base
    for number in range(2, MOST_NUMBERS):
        yield f"{base}_{number}"


def _prefix_of_neighbours(model: Model, app: App, path: str) -> str:
    """The word that all variables of the project begin with, ``APP_``; "" where there is none, or where it is the word
    of what they are about: ``POSTGRES_HOST`` and ``POSTGRES_USER`` say nothing of how the project calls its own.
    """
    names = {variable for one in reads_of(app) for variable in one.read.variables}
    files = [*model.env_files.examples_for(path)]
    files += [file for file in model.env_files.in_use if model.env_files.concerns(file.path, (path,))]
    names |= {entry.key for file in files for entry in file.entries}
    source = model.project.source(path)
    names |= set(re.findall(_READ % r"([A-Z][A-Z0-9_]+)", source.text if source is not None else ""))
    first = {name.partition("_")[0] for name in names if name != "DJANGO_SETTINGS_MODULE"}
    own = sum(1 for name in names if "_" in name)
    if len(first) != 1 or own < 2 or own != len(names):
        return ""
    prefix = first.pop()
    from celery_backend_lint.fixes.env_files import FEATURE_WORDS

    if not prefix.isupper() or prefix.lower() in FEATURE_WORDS or prefix.lower() in OF_A_SERVICE:
        return ""
    about_one_server = all(name.partition("_")[2].lower() in PARTS_OF_A_CONNECTION for name in names)
    return "" if about_one_server else f"{prefix}_"


_READ = (
    r"(?:environ(?:\.get|\.setdefault|\.pop)?|getenv|env(?:\.\w+)?|(?<!\.)config|\.config(?=\s*\())\s*[\[(]\s*"
    r"[\"']%s[\"']"
)
"""Code that reads a variable, in any idiom; ``app.config["…"]`` is a key of Flask's."""


def _is_free(model: Model, name: str, value: str, path: str, env_file: str) -> bool:
    if name in READ_BY_COMMAND:
        return False
    said = [
        entry.value
        for file in model.env_files.in_use
        for entry in file.entries
        if entry.key == name and not entry.commented and model.env_files.concerns(file.path, (path,))
    ]
    if name in READ_BY_CELERY:
        settings = [app.settings.get(READ_BY_CELERY[name]) for app in model.apps]
        values = [one for setting in settings for one in (outcomes(setting.value) if setting is not None else (None,))]
        mine = [one for one in values if not (isinstance(one, Environment) and one.variables == (name,))]
        if env_file:
            same = all(isinstance(one, Literal) and one.value == value for one in mine)
            if not same or any(app.unread for app in model.apps):
                return False
        elif not _is_only_app(model, READ_BY_CELERY[name]):
            return False
    if any(one != value for one in said if env_file or name not in READ_BY_CELERY):
        return False
    if any(variable.text != value for _, variable in model.deployment.setting(name)) and name not in READ_BY_CELERY:
        return False
    if said and env_file:
        return True
    return name in READ_BY_CELERY or not _is_read(model, name)


def _is_only_app(model: Model, setting: str) -> bool:
    """Whether no two apps of the project differ in a setting."""
    found = {id(app): app.settings[setting].value for app in model.checked_apps if setting in app.settings}
    texts = {str(one.value) if isinstance(one, Literal) else repr(one) for one in found.values()}
    return len(texts) <= 1


def _is_read(model: Model, name: str) -> bool:
    """Whether code reads a variable, by its name or as a field of a settings class."""
    pattern = re.compile((_READ % re.escape(name)).encode())
    for path in model.project.python_files_mentioning([name.encode()]):
        source = model.project.source(path)
        if source is not None and pattern.search(source.data):
            return True
    field = re.compile(rb"(?mi)^[ \t]+%s[ \t]*:" % re.escape(name).encode())
    for path in model.project.python_files_mentioning([b"BaseSettings"]):
        source = model.project.source(path)
        if source is not None and field.search(source.data):
            return True
    return False
