"""What can be chosen for a result backend, with what holds where nothing is said."""

from __future__ import annotations

from celery_backend_lint.record import record

BACKENDS = ("redis", "database", "rpc")
AVAILABILITIES = ("single", "sentinel", "tls")
DIALECTS = ("postgresql", "mysql", "sqlite")
DRIVERS = {
    "postgresql": {"psycopg2": "psycopg2-binary>=2.9", "psycopg": "psycopg[binary]>=3.1"},
    "mysql": {"pymysql": "pymysql>=1.0", "mysqldb": "mysqlclient>=2.0"},
    "sqlite": {"": ""},
}
"""The drivers of each dialect, as SQLAlchemy's URLs name them, with what brings them; the first where none is there."""

BESIDE = "."
"""In place of a path: beside the app."""

ONE_DAY = 86_400
"""Seconds that results are kept: Celery's own default, written down."""

CONCURRENCY = 8
"""Tasks that a worker is expected to run at once."""

EXPLAINED = {
    "redis": "fast, for results that are read soon; they expire by themselves",
    "database": "for results that are kept and queried; beat cleans them up",
    "rpc": "results as messages, which only the process that sent the task can read",
    "single": "one Redis server",
    "sentinel": "Redis Sentinel: several servers, one of them the master",
    "tls": "one Redis server, reached through TLS",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL or MariaDB",
    "sqlite": "a file, for one machine only",
}
"""One line for each answer."""


@record
class Choices:
    """The answers. ``expires`` is in seconds; ``persistent`` matters to RPC and to the reminders about Redis.

    ``driver`` is the database driver, ``""`` for the dialect's first in ``DRIVERS``. ``health_check`` is the path of
    the module to write for probes, ``BESIDE`` for one beside the app, ``""`` for none. ``decided`` names the fields
    that the user decided: they go over what the project has; the others only fill what it has not got.
    """

    backend: str
    expires: int = ONE_DAY
    concurrency: int = CONCURRENCY
    availability: str = "single"
    dialect: str = "postgresql"
    driver: str = ""
    persistent: bool = False
    health_check: str = ""
    decided: frozenset[str] = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of result backend that a model has once this is configured."""
        if self.backend == "redis":
            return frozenset({{"single": "redis", "sentinel": "sentinel", "tls": "rediss"}[self.availability]})
        return frozenset({self.backend})

    def fits(self, url: str) -> bool:
        """Whether a URL is one of this backend, of this kind of server and of this dialect; true where nobody knows."""
        scheme = url.partition(":")[0].lower()
        if not scheme or scheme.startswith(("$", "{")):
            return True
        if self.backend == "rpc":
            return scheme == "rpc"
        if self.backend == "redis":
            return frozenset({scheme}) == self.kinds
        dialect = scheme.removeprefix("db+").partition("+")[0]
        return scheme.startswith("db+") and {"mariadb": "mysql"}.get(dialect, dialect) == self.dialect

    @property
    def broker_url(self) -> str:
        """What stands for the broker's URL in the example, where the app is new: one server is enough for Redis."""
        if self.backend == "redis" and self.availability == "single":
            return "redis://:your_redis_password_here@localhost:6379/0"
        return "amqp://your_rabbitmq_user_here:your_rabbitmq_password_here@localhost:5672//"

    @property
    def url(self) -> str:
        """What stands for the backend's URL in the example of the environment; ``rpc://`` needs no variable."""
        if self.backend == "rpc":
            return "rpc://"
        if self.backend == "database":
            if self.dialect == "sqlite":
                return "db+sqlite:////var/lib/celery/results.sqlite3"
            port = {"postgresql": 5432, "mysql": 3306}[self.dialect]
            server = f"your_db_user_here:your_db_password_here@localhost:{port}/your_db_name_here"
            return f"db+{self.dialect}+{self._driver}://{server}"
        start, end = {
            "single": ("redis://", ":6379/1"),
            "tls": ("rediss://", ":6379/1?ssl_cert_reqs=required"),
            "sentinel": ("sentinel://", ":26379/1"),
        }[self.availability]
        return f"{start}:your_redis_password_here@localhost{end}"

    @property
    def packages(self) -> tuple[str, ...]:
        """The requirements beside Celery itself."""
        if self.backend == "database":
            return tuple(one for one in ("sqlalchemy>=1.4.0", DRIVERS[self.dialect][self._driver]) if one)
        return ("redis>=4.5.0",) if self.backend == "redis" else ()

    @property
    def _driver(self) -> str:
        return self.driver or next(iter(DRIVERS[self.dialect]))


ALSO = {
    "postgres": "database",
    "postgresql": "database",
    "mysql": "database",
    "mariadb": "database",
    "sqlite": "database",
    "sqlalchemy": "database",
    "db": "database",
    "rediss": "redis",
    "sentinel": "redis",
    "amqp": "rpc",
    "rabbitmq": "rpc",
}
"""What people call a backend otherwise."""


def likely_backend(text: str) -> str:
    """The backend that a word which names none is likely to mean, ``""`` for none."""
    from difflib import get_close_matches

    word = text.lower().removesuffix("://")
    if word in ALSO:
        return ALSO[word]
    return next(iter(get_close_matches(word, BACKENDS, 1, 0.6)), "")


def seconds(text: str) -> int:
    """A time such as ``3600``, ``600s``, ``90m``, ``12h`` or ``7d``, in seconds. Raises ValueError, for people."""
    number, unit = (text[:-1], text[-1:]) if text[-1:] in UNITS else (text, "s")
    if (
        not (number.isascii() and number.isdecimal())
        or len(number) > 12
        or not 0 < int(number) * UNITS[unit] <= LONGEST
    ):
        raise ValueError("expected a time such as 3600, 90m, 12h or 7d")
    return int(number) * UNITS[unit]


def count(text: str) -> int:
    """A number from 1 to 9999. Raises ValueError, for people."""
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 10_000:
        raise ValueError("expected a number from 1 to 9999")
    return int(text)


UNITS = {"s": 1, "m": 60, "h": 3_600, "d": ONE_DAY}
LONGEST = 10 * 365 * ONE_DAY
"""Seconds: beyond ten years a number is a slip."""
