"""Which driver an SQLAlchemy URL of the database backend needs, for the SQLAlchemy that gets installed."""

from __future__ import annotations

import re

from celery_backend_lint.model import facts
from celery_backend_lint.model.versions import admitted
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.selection import ManifestSet

URL = r"(?:db|database)\+([a-z0-9_]+)(?:\+([a-z0-9_]+))?://"
"""The start of a database backend's value: the dialect, and the driver where one is named."""


@record
class NeededDriver:
    """A driver that one release of SQLAlchemy loads; ``packages`` as in ``facts.Driver``, ``named`` if the URL does."""

    dialect: str
    name: str
    sqlalchemy: Version
    packages: tuple[tuple[str, ...], ...]
    named: bool
    asynchronous: bool


def needed_driver(text: str, sqlalchemy: Version) -> NeededDriver | None:
    """The driver that ``create_engine`` of this SQLAlchemy imports for a backend's value.

    None where the text names no dialect or driver that this release has (another error), or none is needed.
    """
    found = re.match(URL, text)
    if found is None:
        return None
    dialect, named = found[1], found[2]
    name = named or facts.default_driver(dialect, sqlalchemy)
    driver = facts.driver(dialect, name, sqlalchemy) if name is not None else None
    if name is None or driver is None or not driver.packages:
        return None
    return NeededDriver(dialect, name, sqlalchemy, driver.packages, named is not None, driver.asynchronous)


def admitted_sqlalchemy(manifests: ManifestSet, celery: Version) -> tuple[Version, ...]:
    """The releases of SQLAlchemy that may get installed, the one that a fresh install gets first.

    From the lock file or the requirement; where only celery[sqlalchemy] or nothing brings it, what that extra admits.
    Empty where the declaration cannot be told.
    """
    published = facts.releases("sqlalchemy")
    if manifests.has("sqlalchemy"):
        found = manifests.admitted("sqlalchemy", published)
    else:
        asked = facts.extra("celery", celery, "sqlalchemy")  # noqa: S610 - Celery's, not Django's
        if any(text.startswith("kombu[") for text in asked):
            asked = facts.extra("kombu", facts.kombu_of(celery), "sqlalchemy")  # noqa: S610
        found = admitted(next((text.removeprefix("sqlalchemy") for text in asked), ""), published)
    releases = [facts.release_of(version) for version in reversed(found)]
    return tuple(release for release in releases if release)
