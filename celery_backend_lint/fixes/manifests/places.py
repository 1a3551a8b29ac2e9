"""Which manifests a requirement goes into: those that declare celery for the part of the tree that needs it."""

from __future__ import annotations

import posixpath
import re

from celery_backend_lint.findings.fix import CannotFixError
from celery_backend_lint.model.packages import BRINGS_CELERY, folder_of
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_backend_lint.model.manifests.declared import Manifest, Requirement
    from celery_backend_lint.model.manifests.selection import Manifests, ManifestSet


@record
class Place:
    """A list of requirements of a manifest, known by the declarations of celery in it, or of packages that
    bring celery: several where these differ by marker.
    """

    manifest: Manifest
    celery: tuple[Requirement, ...]


def places_of_celery(manifests: Manifests, near: str) -> list[Place]:
    """Where celery is declared for a file of the project: every list that is installed by itself.

    Of several manifests beside each other each is changed (setup.py and requirements.txt), of a file and one that it
    includes only the latter. What a tool wrote (a lock file, pip-compile's output) is none. Raises CannotFixError where
    nothing is left.
    """
    held = manifests.for_path(near)
    declared = _declarations(held)
    chosen = _nearest(_by_people(held, declared), near)
    if not chosen:  # compiled next to the code, written further up
        further = _by_people(manifests.all, _declarations(manifests.all))
        chosen = _nearest([one for one in further if _is_above(folder_of(one.location.path), near)], near)
        held = manifests.all
    if not chosen:
        written = _sources(manifests.for_path(near), declared)
        if written:
            return written
        if declared:
            raise CannotFixError(f"celery is declared in `{declared[0].location.path}` alone, which a tool writes")
        raise CannotFixError("no manifest of the project declares celery")
    included = _included(held, {one.location.path for one in chosen})
    places: dict[tuple[str, str], list[Requirement]] = {}
    for one in chosen:
        if one.location.path not in included:
            places.setdefault((one.location.path, one.group), []).append(one)
    return [Place(manifests.manifests[path], tuple(found)) for (path, _), found in places.items()]


def _declarations(held: ManifestSet) -> list[Requirement]:
    return held.declares("celery") or [
        one for manifest in held.manifests for one in manifest.requirements if re.fullmatch(BRINGS_CELERY, one.name)
    ]


def _by_people(held: ManifestSet, declared: list[Requirement]) -> list[Requirement]:
    """Those that no tool wrote; of these, those of the project before optional ones, and those before development's."""
    kinds = ("runtime", "optional", "development")
    kind = next((kind for kind in kinds if any(one.kind == kind for one in declared)), "")
    return [one for one in declared if one.kind == kind and not export_command(held, one.location.path)]


def _sources(held: ManifestSet, declared: list[Requirement]) -> list[Place]:
    """The .in files of compiled files that celery is in: another of their requirements brings it."""
    places = []
    for path in dict.fromkeys(one.location.path for one in declared):
        source = next((one for one in held.manifests if one.path == f"{posixpath.splitext(path)[0]}.in"), None)
        own = [one for one in source.requirements if not one.url] if source is not None else []
        if source is not None and own:
            places.append(Place(source, (own[-1],)))
    return places


def _is_above(folder: str, near: str) -> bool:
    return not folder or near.startswith(f"{folder}/")


def _nearest(declared: Iterable[Requirement], near: str) -> list[Requirement]:
    """Those of the nearest folder above a file, or else of the first folder."""
    by_folder: dict[str, list[Requirement]] = {}
    for one in declared:
        by_folder.setdefault(folder_of(one.location.path), []).append(one)
    above = [folder for folder in by_folder if _is_above(folder, near)]
    folder = max(above, key=len) if above else next(iter(by_folder), "")
    return by_folder.get(folder, [])


def _included(held: ManifestSet, paths: set[str]) -> set[str]:
    """Those of some manifests that take in another of them, over whatever is between."""
    by_path = {manifest.path: manifest for manifest in held.manifests}
    found: set[str] = set()
    for path in paths:
        waiting, seen = [path], {path}
        while waiting:
            manifest = by_path.get(waiting.pop())
            for include in manifest.includes if manifest is not None else ():
                if include.path not in seen and not include.constraint:
                    seen.add(include.path)
                    waiting.append(include.path)
        if (seen - {path}) & paths:
            found.add(path)
    return found if found != paths else set()


EXPORTED = {"poetry.lock": "poetry export", "pdm.lock": "pdm export", "Pipfile.lock": "pipenv requirements"}
"""What writes a requirements.txt beside a lock file, without a word in it that says so."""


def export_command(held: ManifestSet, path: str) -> str:
    """The command that writes a requirements file from the lock file beside it, or ``""``: all its lines are pinned."""
    manifest = next((one for one in held.manifests if one.path == path), None)
    if manifest is None or manifest.format != "requirements" or manifest.includes or len(manifest.requirements) < 2:
        return ""
    if not all(one.specifier.startswith("==") for one in manifest.requirements):
        return ""
    folder = posixpath.dirname(path)
    names = [posixpath.basename(lock.path) for lock in held.locks if posixpath.dirname(lock.path) == folder]
    return next((EXPORTED[name] for name in names if name in EXPORTED), "")
