"""Common distributions of which it is known that nothing they require brings small helpers such as ``packaging``.

Resolved together with uv for Python 3.11; those of which some release did require one of `HELPERS` (gunicorn,
marshmallow, redis-py 4.1 to 4.3 …) are left out, unless that release cannot matter where this is asked.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

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


def all_plain(requirements: Iterable[Requirement]) -> bool:
    """Whether some requirements are all of distributions that bring none of `HELPERS`, as far as is known."""
    return all(
        one.name in _PLAIN
        and not one.url
        and (not one.extras or (one.name in _EXTRAS_THAT_ARE_KNOWN and "pytest" not in one.extras))
        for one in requirements
    )
