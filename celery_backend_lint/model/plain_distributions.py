"""Common distributions of which it is known that nothing they require brings small helpers such as ``packaging``.

Resolved together with uv for Python 3.11; those of which some release did require one of `HELPERS` (gunicorn,
marshmallow …) are left out. Of redis-py it is known which releases do: with uv 4.0.2 and 4.4.0 bring no ``packaging``,
4.1.0, 4.2.2, 4.3.4 and 4.3.6 do.
"""

from __future__ import annotations

from celery_backend_lint.model import facts
from celery_backend_lint.model.versions import newest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.declared import Requirement

HELPERS = ("packaging", "pyyaml", "msgpack", "zstandard", "backports-zstd", "brotli", "brotlicffi")

_PLAIN = frozenset(
    {
        "aiofiles", "aiohttp", "alembic", "amqp", "asgiref", "asyncpg", "bcrypt", "beautifulsoup4", "billiard",
        "celery", "certifi", "click", "cryptography", "dj-database-url", "django", "django-celery-beat",
        "django-celery-results",
        "django-cors-headers", "django-environ", "django-extensions", "django-filter", "django-redis",
        "djangorestframework", "fastapi", "flask", "flask-cors", "flask-login", "flask-migrate", "flask-restful",
        "flask-sqlalchemy", "flask-wtf", "flower", "greenlet", "hiredis", "httpx", "idna", "itsdangerous", "jinja2",
        "kombu", "loguru", "lxml", "markdown", "markupsafe", "mysqlclient", "numpy", "orjson", "pandas", "passlib",
        "pillow", "psycopg", "psycopg2", "psycopg2-binary", "pydantic", "pydantic-core", "pydantic-settings", "pyjwt",
        "pymongo", "pymysql", "python", "python-dateutil", "python-decouple", "python-dotenv", "python-multipart",
        "pytz", "redis", "requests", "six", "sqlalchemy", "sqlmodel", "sqlparse", "starlette", "structlog", "tenacity",
        "typing-extensions", "tzdata", "urllib3", "uvicorn", "vine", "werkzeug", "whitenoise",
    }
)  # fmt: skip

_EXTRAS_THAT_ARE_KNOWN = frozenset({"celery", "kombu", "redis", "psycopg", "sqlalchemy", "django", "pyjwt", "passlib"})
"""Those whose extras bring none of `HELPERS`; Celery's and kombu's own are known one by one."""

REDIS_WITH_PACKAGING: tuple[Version, Version] = ((4, 1), (4, 4))
"""The first redis-py that requires ``packaging`` itself, and the first that does not any more."""


def all_plain(requirements: Iterable[Requirement]) -> bool:
    """Whether some requirements are all of distributions that bring none of `HELPERS`, as far as is known."""
    return all(
        one.name in _PLAIN
        and not one.url
        and (not one.extras or (one.name in _EXTRAS_THAT_ARE_KNOWN and "pytest" not in one.extras))
        for one in requirements
    )


def brings_packaging(one: Requirement) -> bool:
    """Whether pip makes of a requirement a release of redis-py that requires ``packaging`` itself."""
    release = newest(one.specifier, facts.releases("redis")) if one.name == "redis" else None
    first, end = REDIS_WITH_PACKAGING
    return release is not None and first <= facts.release_of(release) < end
