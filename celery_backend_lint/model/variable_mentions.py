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
    joins = False
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
            left -= {name for name in left if _may_be_made(name, folded)}
            joins = joins or b"}_{" in data
    return frozenset(name for name in left if not (joins and _ends_are_named(model, name, python)))


def _is_word(name: str, folded: bytes) -> bool:
    return re.search(rb"(?<![a-z0-9_])" + name.lower().encode() + rb"(?![a-z0-9_])", folded) is not None


def _may_be_made(name: str, folded: bytes) -> bool:
    """Whether code may put a name together: its beginning, or its end, is a text that ends, or begins, with ``_``.

    ``env_prefix="REDIS_"``, ``key.startswith("CELERY_")``, ``f"{name}_URL"``; a field of a name before ``__``.
    """
    lowered = name.lower().encode()
    if b"__" in lowered and re.search(
        rb"(?<![a-z0-9_])" + re.escape(lowered.split(b"__")[-2]) + rb"(?![a-z0-9_])", folded
    ):
        return True
    for cut in (found.end() for found in re.finditer(rb"_", lowered)):
        before, after = re.escape(lowered[:cut]), re.escape(lowered[cut - 1 :])
        if (lowered[:cut] in folded and re.search(rb"[\"']" + before + rb"(?:[\"'{]|%s)", folded)) or (
            lowered[cut - 1 :] in folded and re.search(rb"(?:[\"'}]|%s)" + after + rb"[\"'{]", folded)
        ):
            return True
    return False


def _ends_are_named(model: Model, name: str, python: list[str]) -> bool:
    """Whether ``f"{worker}_{setting}"`` may make a name: two or more words at its end are a text, or both parts are."""
    words = name.split("_")
    for index in range(1, len(words)):
        parts = [words[index:]] if index < len(words) - 1 else [words[:index], words[index:]]
        if all(_is_text(model, "_".join(part).encode(), python) for part in parts):
            return True
    return False


def _is_text(model: Model, part: bytes, python: list[str]) -> bool:
    return any(model.project.mentions(path, [b'"' + part + b'"', b"'" + part + b"'"]) for path in python)
