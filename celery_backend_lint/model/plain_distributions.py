"""Common distributions of which it is known that nothing they require brings small helpers such as ``packaging``.

Resolved with uv for Python 3.11, as of today and of each January since 2022; those of which some release did require
one of `HELPERS` (gunicorn, marshmallow, bleach, google-api-core …) are left out. Of redis-py it is known which releases
do: with uv 4.0.2 and 4.4.0 bring no ``packaging``, 4.1.0, 4.2.2, 4.3.4 and 4.3.6 do.
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
        "aiofiles", "aiogram", "aiohttp", "aiohttp-socks", "aiomysql", "aiosignal", "aiosqlite", "alembic", "amqp",
        "annotated-types", "anyio", "argon2-cffi", "arrow", "asgiref", "async-timeout", "asyncpg", "attrs", "authlib",
        "azure-storage-blob", "backoff", "bcrypt", "beanie", "beautifulsoup4", "billiard", "blinker", "boto3",
        "botocore", "cachetools", "celery", "certifi", "cffi", "channels", "chardet", "charset-normalizer", "click",
        "click-didyoumean", "click-plugins", "click-repl", "colorama", "coverage", "crispy-bootstrap5", "cryptography",
        "dj-database-url", "django", "django-allauth", "django-anymail", "django-celery-beat", "django-celery-results",
        "django-ckeditor", "django-compressor", "django-cors-headers", "django-countries", "django-crispy-forms",
        "django-debug-toolbar", "django-environ", "django-extensions", "django-filter", "django-guardian",
        "django-import-export", "django-jazzmin", "django-model-utils", "django-money", "django-mptt",
        "django-phonenumber-field", "django-redis", "django-ses", "django-silk", "django-simple-history",
        "django-storages", "django-tables2", "django-taggit", "django-unfold", "django-widget-tweaks",
        "djangorestframework", "djangorestframework-simplejwt", "elasticsearch", "elasticsearch-dsl", "email-validator",
        "eventlet", "factory-boy", "faker", "fastapi", "feedparser", "flake8", "flask", "flask-admin", "flask-babel",
        "flask-bcrypt", "flask-caching", "flask-cors", "flask-jwt-extended", "flask-login", "flask-mail",
        "flask-migrate", "flask-restful", "flask-session", "flask-socketio", "flask-sqlalchemy", "flask-wtf", "flower",
        "frozenlist", "gevent", "gitpython", "greenlet", "h11", "hiredis", "html5lib", "httpcore", "httptools", "httpx",
        "humanize", "idna", "ipdb", "ipython", "isort", "itsdangerous", "jinja2", "jsonschema", "kombu", "ldap3",
        "loguru", "lxml", "mako", "markdown", "markdown2", "markupsafe", "minio", "mongoengine", "more-itertools",
        "motor", "multidict", "mypy", "mysqlclient", "nanoid", "neo4j", "numpy", "oauthlib", "openai", "openpyxl",
        "orjson", "pandas", "paramiko", "passlib", "pendulum", "phonenumbers", "pillow", "playwright", "praw",
        "premailer", "prometheus-client", "prompt-toolkit", "psutil", "psycopg", "psycopg2", "psycopg2-binary",
        "pycparser", "pycryptodome", "pydantic", "pydantic-core", "pydantic-settings", "pyjwt", "pymongo", "pymysql",
        "pyodbc", "pyotp", "pypdf", "pypdf2", "pysocks", "pytelegrambotapi", "python", "python-dateutil",
        "python-decouple", "python-docx", "python-dotenv", "python-engineio", "python-jose", "python-magic",
        "python-multipart", "python-slugify", "python-socketio", "python-telegram-bot", "python3-openid", "pytz",
        "qrcode", "redis", "reportlab", "requests", "requests-oauthlib", "rich", "s3transfer", "selenium", "sendgrid",
        "sentry-sdk", "shortuuid", "simplejson", "six", "slack-sdk", "sniffio", "social-auth-app-django", "soupsieve",
        "sqlalchemy", "sqlalchemy-utils", "sqlmodel", "sqlparse", "starlette", "statsd", "stripe", "structlog",
        "tenacity", "text-unidecode", "tiktoken", "toolz", "tornado", "tqdm", "tweepy", "twilio", "typer",
        "typing-extensions", "tzdata", "ujson", "unidecode", "urllib3", "uvicorn", "uvloop", "validators", "vine",
        "watchdog", "watchfiles", "wcwidth", "websockets", "werkzeug", "whitenoise", "wtforms", "xlrd", "xlsxwriter",
        "yarl",
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
