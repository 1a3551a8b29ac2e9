"""Which redis-py and SQLAlchemy are too old for a Celery, as a result backend."""

from __future__ import annotations

import re

from celery_backend_lint.model import facts
from celery_backend_lint.model.packages import extra_floor
from celery_backend_lint.model.versions import parse_release
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.selection import ManifestSet

FAILING_REDIS = (
    ((5, 7, 0), (5, 0, 0), "Celery passes it lib_name, which it does not know (TypeError)"),
    ((5, 6, 0), (4, 4, 0), "Celery imports CredentialProvider, which it does not have (ImportError)"),
)
"""From which Celery on every redis-py before which release fails as a result backend, and how (seen with 5.7.0 and
5.6.3, redis-py 3.5.3 to 8.1.0). Celery before 5.6 works with redis-py 2.10.6 and later."""


@record
class Floor:
    """The release below which a package counts as old where Celery's own extra asks for more."""

    package: str
    extra: str
    release: Version
    text: str


FLOORS = (Floor("redis", "redis", (4, 5, 0), "4.5.0"), Floor("sqlalchemy", "sqlalchemy", (1, 4, 0), "1.4.0"))


def failing(one: Floor, celery: Version) -> tuple[Version, str]:
    """The first release of a package that works with a Celery, and how earlier ones fail; (0,) where none does."""
    if one.package == "redis":
        for since, first, why in FAILING_REDIS:
            if celery >= since:
                return first, why
    return (0,), ""


def newest_installed(manifests: ManifestSet, package: str) -> Version | None:
    """The newest release that gets installed; None where that is not known or is simply the newest there is."""
    published = facts.releases(package)
    version = manifests.resolved_version(package, published)
    if version is not None:
        return parse_release(version) if version != published[-1] else None
    # A bound below the oldest release that is known here: ``redis<3``.
    asked = manifests.specifier(package) or ""
    upper = re.fullmatch(r"(?:[^<]*,)?<=?\s*([0-9.]+[0-9])(?:,[^<]*)?", asked) if "<" in asked else None
    bound = parse_release(upper[1]) if upper is not None else None
    oldest = parse_release(published[0])
    return bound if bound is not None and oldest is not None and bound <= oldest else None


def is_outdated(manifests: ManifestSet, one: Floor, celery: Version, newest: Version) -> bool:
    """Whether a release of a package fails with a Celery, or is both old and below what Celery's extra asks for."""
    return newest < failing(one, celery)[0] or (
        newest < one.release and newest < extra_floor(manifests, one.extra, celery)
    )
