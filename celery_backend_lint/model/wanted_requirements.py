"""What a project has to declare for a package that its result backend needs, in Celery's own terms."""

from __future__ import annotations

import re

from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.model.packages import extra_asks
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.declared import Requirement
    from celery_backend_lint.model.manifests.selection import ManifestSet


@record
class Wanted:
    """A requirement to declare: ``requirement`` as PEP 508 text.

    ``extra`` is the extra of Celery that brings the same; ``whole`` says that it brings more, which belongs to it, so
    that nothing but the extra will do.
    """

    requirement: str
    extra: str = ""
    whole: bool = False


def wanted(manifests: ManifestSet, distribution: str, extra: str, celery: Version) -> Wanted:
    """What to declare for a distribution that an extra of Celery may bring.

    Its range is the extra's own, without the single releases that this leaves out: ``redis>=4.5.2,<6.5``. A pin of the
    extra (``pymongo==4.10.1``) becomes a lower bound: nothing else in the project asks for just that release.
    """
    asked = extra_asks(manifests, extra, celery) if extra else ()
    for text in asked:
        found = re.match(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?([^;]*)", text)
        if found is not None and normalized(found[1]) == normalized(distribution):
            range_ = ",".join(sorted(_bounds(found[3]), key=lambda clause: clause.startswith("<")))
            return Wanted(f"{distribution}{found[2] or ''}{range_}", extra, len(asked) > 1)
    return Wanted(distribution)


def _bounds(specifier: str) -> list[str]:
    clauses = [clause.strip() for clause in specifier.split(",") if clause.strip()]
    pins = [f">={clause[2:]}" for clause in clauses if re.fullmatch(r"==[0-9.]+", clause)]
    return pins or [clause for clause in clauses if clause.startswith(("<", ">", "~"))]


def goes_as_extra(needed: Wanted, celery: Requirement, format: str) -> bool:
    """Whether a declaration of celery, in a manifest of a format, is to ask for the extra rather than stand beside.

    So where it asks for extras already, or where the extra brings more than the one package. conda has no extras, but
    its list for pip has.
    """
    plain = celery.name == "celery" and not celery.url and not celery.unclear and celery.kind != "lock"
    whole = needed.whole and format not in ("conda", "conda-export")
    return bool(plain and needed.extra and (celery.extras or whole))


def stands_beside(needed: Wanted, celery: Requirement, format: str) -> str:
    """The requirement to put beside a declaration that is not to ask for the extra.

    Where celery comes with another package (django-celery-beat), and its extra brings more than the one package, that
    is ``celery[redis]``.
    """
    if needed.whole and celery.name != "celery" and format not in ("conda", "conda-export"):
        return f"celery[{needed.extra}]"
    return needed.requirement


def described(needed: Wanted, celery: Requirement, format: str) -> str:
    """What to write, for people: ``celery[redis]==5.6.2`` or the requirement itself."""
    if not goes_as_extra(needed, celery, format):
        return stands_beside(needed, celery, format)
    extras = ",".join(dict.fromkeys([*celery.extras, needed.extra]))
    return f"celery[{extras}]{celery.specifier if '|' not in celery.specifier else ''}"
