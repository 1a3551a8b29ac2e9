"""What pip makes of a project's requirements today: the releases of celery, kombu and a package of an extra of theirs.

pip and uv take the newest celery that something fits to, for it the newest kombu, for both the newest package: seen
with pip 23 to 26 and uv 0.13. A release of kombu that an extra's range excludes is passed over, so that
``celery[redis]==5.6.3`` beside ``redis==5.2.1`` gives kombu 5.6.2 and not 5.7.0.
"""

from __future__ import annotations

import re

from celery_backend_lint.model import facts
from celery_backend_lint.model.manifests.declared import normalized
from celery_backend_lint.model.manifests.selection import ManifestSet
from celery_backend_lint.model.versions import admits, floor, parse_release
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.declared import Manifest
    from celery_backend_lint.project.discovery import Project

OLDEST_KNOWN = "4.4.0"
"""The first Celery that the tables know: with an older one admitted, what pip falls back to cannot be told."""


NARROW = {
    "5.7.0": (("python-dateutil", ("2.9.0.post0",)), ("click", ("8.3.1", "8.3.2", "8.3.3", "8.4.0", "8.99.0"))),
}
"""Releases of Celery whose own requirements are so narrow that another requirement of a project excludes them:
packages, and releases of them that do. 5.7.0 asks for ``python-dateutil==2.9.0.post0`` and ``click>=8.3.1,<9``; beside
``python-dateutil~=2.8.2`` pip and uv take 5.6.3."""


@record
class FreshInstall:
    """What gets installed: ``package`` is None where nothing brings it, or where its version cannot be told."""

    celery: Version
    kombu: Version
    package: Version | None


@record
class Candidates:
    """The releases that requirements admit, newest first; ``package`` is None where the package is not declared.

    ``extras`` are the names of ``celery`` and ``kombu`` that the extra is asked of.
    """

    celery: tuple[str, ...]
    kombu: tuple[str, ...]
    package: tuple[str, ...] | None
    extras: frozenset[str]


def candidates(
    manifests: ManifestSet, package: str, extra: str, python: Version, *, adds_celery: bool = False
) -> Candidates | None:
    """The releases to choose from for a Python; None where a declaration cannot be told, or nothing published fits.

    ``package`` is one that ``facts.releases`` knows. With ``adds_celery`` they are those that there would be if
    ``celery[extra]`` of any release were declared too.
    """
    celery = _running_on("celery", python) if adds_celery else _admitted(manifests, "celery", python)
    kombu = _admitted(manifests, "kombu", python) if manifests.has("kombu") else _running_on("kombu", python)
    if not celery or not kombu:
        return None
    chosen = None
    if manifests.has(package) or manifests.locked(package) is not None:
        chosen = _admitted(manifests, package, python)
        if not chosen:
            return None
    extras = frozenset(name for name in ("celery", "kombu") if extra in manifests.extras_of(name))
    if adds_celery:
        extras |= {"celery"}
    return Candidates(celery, kombu, chosen, extras)


def install(found: Candidates, package: str, extra: str) -> FreshInstall | None:
    """What pip chooses among candidates; None where no choice fits together and pip refuses them all."""
    newest: dict[tuple[str, ...], str | None] = {}
    own = found.package if found.package is not None else tuple(reversed(facts.releases(package)))
    wanted = found.package is not None or bool(found.extras)
    for celery in found.celery:
        version = facts.release_of(celery)
        specifier = facts.kombu_specifier(version)
        for kombu in found.kombu:
            if not admits(specifier, kombu):
                continue
            ranges = tuple(sorted(ranges_of(version, facts.release_of(kombu), package, extra, found.extras)))
            if ranges not in newest:
                fitting = (one for one in own if all(admits(range_, one) for range_ in ranges))
                newest[ranges] = next(fitting, None)
            chosen = newest[ranges] if wanted else None
            if chosen is not None or not wanted:
                release = facts.release_of(chosen) if chosen is not None else None
                return FreshInstall(version, facts.release_of(kombu), release)
    return None


def ranges_of(
    celery: Version, kombu: Version, package: str, extra: str, extras: Iterable[str] = ("celery",)
) -> list[str]:
    """The ranges of a package that an extra of a celery (and of the kombu that it hands on to) asks for."""
    texts: list[str] = []
    for name in extras:
        asked = facts.extra(name, celery if name == "celery" else kombu, extra)  # noqa: S610 - Celery's, not Django's
        for text in asked:
            texts += facts.extra("kombu", kombu, extra) if text.startswith(f"kombu[{extra}]") else (text,)  # noqa: S610
    ranges = []
    for text in texts:
        found = re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?([^;]*)", text)
        if found is not None and normalized(found[1]) == package and found[2].strip():
            ranges.append(found[2].strip())
    return ranges


def falls_back_further(manifests: ManifestSet) -> bool:
    """Whether pip may go back to a Celery that is older than what is known here, rather than refuse."""
    specifier = manifests.specifier("celery")
    return specifier is None or floor(specifier) < facts.release_of(OLDEST_KNOWN)[:2]


def installed_together(manifest: Manifest, all_manifests: dict[str, Manifest]) -> ManifestSet:
    """A manifest and all that it takes in, constraints too: what one ``pip install`` is given. No lock file."""
    chosen: dict[str, Manifest] = {}
    waiting = [manifest]
    while waiting:
        one = waiting.pop()
        if one.path not in chosen:
            chosen[one.path] = one
            waiting.extend(all_manifests[include.path] for include in one.includes if include.path in all_manifests)
    return ManifestSet(chosen.values(), ())


def _admitted(manifests: ManifestSet, name: str, python: Version) -> tuple[str, ...]:
    admitted = manifests.admitted(name, facts.releases(name))
    if name in ("celery", "kombu") and any(parse_release(version) is None for version in admitted):
        return ()  # the tables hold final releases: celery 5.5.0rc1 asks for another kombu than 5.5.0
    chosen = tuple(version for version in reversed(admitted) if runs_on(name, version, python))
    if name == "celery" and len(chosen) > 1:
        chosen = tuple(version for version in chosen if not _is_shut_out(manifests, version)) or chosen
    return chosen


def _is_shut_out(manifests: ManifestSet, celery: str) -> bool:
    """Whether what a project asks of a package excludes a release of Celery, whose own requirement is another."""
    for package, releases in NARROW.get(celery, ()):
        specifier = manifests.specifier(package)
        if specifier and not any(admits(specifier, release) for release in releases):
            return True
    return False


def celery_beside(manifests: ManifestSet, python: Version) -> Version | None:
    """The newest Celery that the requirements admit for a Python beside all others; None where none is known."""
    admitted = _admitted(manifests, "celery", python)
    return facts.release_of(admitted[0]) if admitted else None


def _running_on(name: str, python: Version) -> tuple[str, ...]:
    """The releases of celery or kombu that run on a Python, newest first."""
    return tuple(version for version in reversed(facts.releases(name)) if runs_on(name, version, python))


def runs_on(name: str, version: str, python: Version) -> bool:
    """Whether a release of celery or kombu states that it runs on a Python; True for other packages."""
    if name not in ("celery", "kombu"):
        return True
    return admits(facts.requires_python(name, facts.release_of(version)), ".".join(map(str, python)))


def kombus(project: Project, manifests: ManifestSet, celery: Version) -> tuple[Version, ...]:
    """The kombu that gets installed on each Python that the project names, oldest first; one at least.

    ``celery`` is the release to go by where the declarations cannot be told.
    """
    from celery_backend_lint.model.project_python import pythons

    chosen: set[Version] = set()
    for python in pythons(project, manifests):
        found = candidates(manifests, "redis", "redis", python)
        one = install(found, "redis", "redis") if found is not None else None
        chosen.add(one.kombu if one is not None else facts.kombu_of(celery))
    return tuple(sorted(chosen))
