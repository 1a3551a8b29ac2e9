"""Packages of the old backend that stay declared, and that nothing seems to use any more."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Environment, Literal, Missing
from celery_backend_lint.model.held import leading_text, outcomes
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.model.packages import backend_needs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.fixes.configuration.choices import Choices
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

WORDS = {
    "redis": (b"redis", b"Redis", b"REDIS", b"valkey"),
    "sqlalchemy": (b"sqlalchemy", b"SQLAlchemy", b"sqlmodel", b"alembic"),
    "pymongo": (b"mongo", b"Mongo", b"MONGO"),
    "elasticsearch": (b"elastic", b"Elastic", b"ELASTIC"),
    "psycopg2": (b"psycopg", b"postgres", b"Postgres", b"POSTGRES"),
    "pymysql": (b"pymysql", b"mysql", b"MySQL", b"MYSQL"),
    "mysqlclient": (b"MySQLdb", b"mysql", b"MySQL", b"MYSQL"),
}
"""Packages of backends with what code that uses them has in it, one word at least."""

ALIKE = {"psycopg2-binary": "psycopg2", "psycopg": "psycopg2", "psycopg-binary": "psycopg2"}
FOR_DATABASES = ("psycopg2-binary", "psycopg2", "psycopg", "pymysql", "mysqlclient")

RELATED = {
    "sqlalchemy": r"sqlalchemy|alembic|sqlmodel|flask-migrate|appbuilder|geoalchemy|databases|mlflow|dagster|prefect",
    "psycopg2": r"psycopg|postgres|django|tortoise|peewee|dj-database-url",
    "pymysql": r"mysql|maria|django|peewee|dj-database-url",
    "mysqlclient": r"mysql|maria|django|peewee|dj-database-url",
    "redis": r"redis|valkey|redbeat|\brq\b|\barq\b|\bsaq\b|walrus|once|singleton|cacheops|channels|limiter|huey",
    "pymongo": r"mongo|motor|beanie|odmantic",
    "elasticsearch": r"elastic|haystack|wagtail",
}
"""Names of other distributions that may need one, as patterns."""


def left_packages(
    before: Model, old: App, old_variable: str, model: Model, app: App, choices: Choices
) -> Iterator[str]:
    """What to remember of each declared package that was for the backend of ``old``, the app as it was ``before``.

    Only what nothing else is seen to use: no other result backend, no broker, no code, no other package, no variable of
    an env file but ``old_variable``.
    """
    held = model.manifests.for_path(app.path)
    kept = {re.split(r"[\[<>=]", one)[0] for one in choices.packages}
    kept |= {ALIKE.get(one, one) for one in kept}
    value = old.result_backend.value or ""
    needs = backend_needs(old.result_backend.kind, value, old.declared.version)
    names = [one for need in needs for one in need.distributions]
    if old.result_backend.kind == "database":
        names += FOR_DATABASES
    for name in dict.fromkeys(map(normalized, names)):
        kind = ALIKE.get(name, name)
        declared = [one for one in held.declares(name) if one.kind != "lock"]
        if kind in kept or kind not in WORDS or _is_used(before, model, app, kind, name, old_variable):
            continue
        for one in declared[:1]:
            where = f"`{one.location.path}` line {one.location.line}"
            yield f"`{name}` in {where} was for the old backend, and nothing else seems to use it: it may be removed"
        for one in held.declares("celery"):
            if one.kind != "lock" and name in one.extras:
                where = f"`{one.location.path}` line {one.location.line}"
                yield f"the extra `{name}` of celery in {where} was for the old backend, and may be removed"


def _is_used(before: Model, model: Model, app: App, kind: str, name: str, old_variable: str) -> bool:
    words = WORDS[kind]
    if model.project.python_files_mentioning(words):
        return True
    lowered = {word.decode().lower() for word in words}
    for one in model.checked_apps:
        for setting in ("broker_url", "broker_read_url", "broker_write_url", "result_backend"):
            found = one.settings.get(setting) if (one, setting) != (app, "result_backend") else None
            if found is not None and not all(_is_another(before, value, lowered) for value in outcomes(found.value)):
                return True
    requirements = (one for manifest in model.manifests.manifests.values() for one in manifest.requirements)
    if any(one.name != name and re.search(RELATED[kind], one.name) for one in requirements):
        return True
    entries = (one for file in (*model.env_files.examples, *model.env_files.in_use) for one in file.entries)
    return any(one.key != old_variable and _has(one.value or "", lowered) for one in entries)


def _is_another(before: Model, value: Value, words: set[str]) -> bool:
    """Whether a URL surely is none of a product. What a variable holds is looked up in the examples."""
    if isinstance(value, Missing) or (isinstance(value, Literal) and value.value in (None, "")):
        return True
    if isinstance(value, Environment):
        entries = (one for file in before.env_files.examples for one in file.entries if one.key in value.variables)
        schemes = [one.value.partition("://")[0] for one in entries if one.value and "://" in one.value]
        return bool(schemes) and not any(_has(one, words) for one in schemes)
    scheme, sign, _ = (leading_text(value) or "").partition("://")
    return bool(sign) and not _has(scheme, words)


def _has(text: str, words: set[str]) -> bool:
    return any(word in text.lower() for word in words)
