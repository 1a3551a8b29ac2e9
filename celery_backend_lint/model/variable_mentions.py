"""Which variables of an env file anything may read: code of any language, deployment files, images, libraries.

Any mention counts, for a variable can be read in more ways than can be told apart. Documentation and other env files
only repeat a name.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.env_names import is_env_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model import Model

READ_BY_CELERY = frozenset(
    {
        "CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL", "CELERY_RESULT_BACKEND",
        "CELERY_CONFIG_MODULE", "CELERY_LOADER", "CELERY_LOG_LEVEL", "CELERY_LOG_FILE", "CELERY_BENCH",
        "CELERY_RDBSIG", "CELERY_RDB_HOST", "CELERY_RDB_PORT", "CELERY_TRACE_APP", "CELERY_SKIP_CHECKS",
        "CELERY_CUSTOM_WORKER_POOL", "BROKER_URL", "RESULT_BACKEND",
    }
)  # fmt: skip
"""Variables that Celery, or its command, reads itself (``celery.app``, ``celery.bin``, ``celery.contrib``, 5.7)."""

OF_OTHERS = r"PG[A-Z]+$|FLOWER_|CELERYD_|CELERYBEAT_|SENTRY_|COMPOSE_|DOCKER_|DJANGO_DB_LOGGER"
"""Variables of programs that are given the environment: libpq, flower, init scripts."""

OF_IMAGES = r"(?:POSTGRES|POSTGRESQL|MYSQL|MARIADB|MONGO|RABBITMQ|REDIS|MEMCACHED|VALKEY)_"
"""How the variables of server images begin: with an env file that compose hands out they may be read by the image."""

_MAKERS = (
    rb"env_prefix|prefixed\(|from_prefixed_env|[dD]ynaconf|env_nested_delimiter|environ\.(?:items|keys|copy)\("
    rb"|\*\*os\.environ|dict\(os\.environ|in os\.environ\b|(?:getenv|environ(?:\.get)?|env(?:\.\w+)?|config)[\[(]"
    rb"[ \t]*(?:f[\"'][^\"'\n]*\{|\w+[ \t]*\+|[\"'][^\"'\n]*%)"
)
"""Code that puts names of variables together, or goes through all of them."""

_BY_DEFAULT = {
    "DATABASE_URL": rb"dj_database_url|\.(?:db|db_url|dj_db_url)\(",
    "CACHE_URL": rb"django_cache_url|\.(?:cache|cache_url|dj_cache_url)\(",
    "REDIS_URL": rb"django_heroku|flask_redis|FlaskRedis|\.(?:cache|cache_url)\(",
    "MONGO_URI": rb"PyMongo\(",
}
"""Variables that a library reads without being told their names, and what shows that it is used."""

_DOCUMENTATION = (
    ".md",
    ".rst",
    ".adoc",
    ".txt",
    ".po",
    ".pot",
    ".svg",
    ".csv",
    ".lock",
    ".ipynb",
    ".map",
    ".png",
    ".jpg",
)
LARGEST = 1024 * 1024


def unread(model: Model, names: Iterable[str]) -> frozenset[str]:
    """Those of some variables that nothing in the project may read. Reads every file that is no documentation."""
    left = {name for name in names if name not in READ_BY_CELERY and not re.match(OF_OTHERS, name)}
    if left and any(model.deployment.env_files()):
        left = {name for name in left if not re.match(OF_IMAGES, name)}
    python = [path for path in model.project.paths() if path.endswith(".py")]
    others = [path for path in model.project.paths() if not path.endswith((".py", *_DOCUMENTATION))]
    makes = False
    for path in (*python, *others):
        if not left:
            return frozenset()
        source = model.project.source(path)
        data = source.data if source is not None else b""
        if len(data) > LARGEST:
            continue
        if is_env_file(path):
            left -= {name for name in left if re.search(rb"\$\{?" + name.encode() + rb"\b", data)}
            continue
        folded = data.lower()
        left -= {name for name in left if name.lower().encode() in folded and _is_word(name, folded)}
        if path.endswith(".py"):
            left -= {name for name, sign in _BY_DEFAULT.items() if name in left and re.search(sign, data)}
            makes = makes or re.search(_MAKERS, data) is not None
    if makes and left:
        left -= {name for name in left if _may_be_made(model, name, python)}
    return frozenset(left)


def _is_word(name: str, folded: bytes) -> bool:
    return re.search(rb"(?<![a-z0-9_])" + name.lower().encode() + rb"(?![a-z0-9_])", folded) is not None


def _may_be_made(model: Model, name: str, python: list[str]) -> bool:
    """Whether the end of a name, from its second word on, stands in the code: a prefix may come before it."""
    words = name.lower().split("_")
    ends = [b"_".join(word.encode() for word in words[index:]) for index in range(1, len(words))]
    ends += [name.lower().replace("__", ".").rpartition(".")[2].encode()]
    for path in python:
        source = model.project.source(path)
        folded = source.data.lower() if source is not None else b""
        if any(end and re.search(rb"(?<![a-z0-9])" + re.escape(end) + rb"(?![a-z0-9])", folded) for end in ends):
            return True
    return False
