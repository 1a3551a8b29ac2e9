"""Which Celery a project declares, and the release that facts are decided for.

RULES: decided for the locked version; without a lock for the newest that the requirement admits and that is published;
where two manifests pin different ones for the newest of these, for no other is ever installed.
"""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.selection import ManifestSet

WITH_DJANGO_CELERY = ">=3.1.15,<4.0"
"""What django-celery 3.3.1, its last release, asks of Celery."""


@record
class DeclaredCelery:
    """``text``: the requirement or lock as written, ``""`` for none. ``version``: the release to decide for.

    ``oldest``: the oldest published release of 4.4 or later that is admitted; the same as ``version`` under a lock;
    the oldest of pins that disagree, whose ``text`` has ``||`` between them.
    """

    text: str
    version: Version
    oldest: Version
    locked: bool


def declared_celery(
    manifests: ManifestSet,
    target: str | None,
    release: str | None,
    *,
    djcelery: bool = False,
    installed: Collection[str] = (),
) -> DeclaredCelery:
    """What the manifests nearest to an app say of Celery.

    ``target`` (``--target-celery``) is for when they say nothing, ``release`` beats them. ``djcelery`` says that code
    uses django-celery, which only goes with Celery 3; it counts where nothing else tells the release. ``installed`` are
    the releases in environments that git tracks: whoever has the project has these, unless a manifest excludes them.
    """
    from celery_backend_lint.model import facts
    from celery_backend_lint.model.versions import admits, parse_release

    if release is not None:
        exact = facts.release_of(release)
        return DeclaredCelery(f"=={release}", exact, exact, locked=True)

    published = facts.releases("celery")
    newest = parse_release(published[-1]) or (0,)
    locked = manifests.locked("celery")
    if locked is not None:
        version = parse_release(locked) or facts.release_of(locked) or newest
        return DeclaredCelery(f"=={locked}", version, version, locked=True)
    pins = manifests.pins("celery")
    specifier = manifests.specifier("celery")
    if not pins and not (specifier is None and target):
        pins = tuple(sorted((one for one in installed if admits(specifier or "", one)), key=facts.release_of))
    if len(pins) == 1:
        version = facts.release_of(pins[0])
        return DeclaredCelery(f"=={pins[0]}", version, version, locked=True)
    if len(pins) > 1:
        text = " || ".join(f"=={pin}" for pin in pins)
        first, last = facts.release_of(pins[0]), facts.release_of(pins[-1])
        return DeclaredCelery(text, last or newest, first or newest, locked=False)
    if (specifier is None and djcelery and not target) or (not specifier and manifests.has("django-celery")):
        return DeclaredCelery(WITH_DJANGO_CELERY, newest, newest, locked=False)
    if specifier is None and target:
        specifier = _specifier(target)
        admitted = [version for version in published if admits(specifier, version)]
    else:
        admitted = manifests.admitted("celery", published) if specifier is not None else list(published)
    if not admitted:
        return DeclaredCelery(specifier or "", newest, newest, locked=False)
    return DeclaredCelery(
        specifier or "", parse_release(admitted[-1]) or newest, parse_release(admitted[0]) or newest, locked=False
    )


def _specifier(target: str) -> str:
    """What ``--target-celery`` means: ``5.4`` any release of 5.4, ``5.4.0`` that release, ``>=5.4`` as it stands."""
    if not target[0].isdigit():
        return target
    return f"=={target}" if target.count(".") >= 2 else f"=={target}.*"
