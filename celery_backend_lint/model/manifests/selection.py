"""Which manifests speak for which part of the tree, and what they together say of a package."""

from __future__ import annotations

import posixpath

from celery_backend_lint.model.versions import admits, exact, floor, newest, parse_release, release_key
from celery_backend_lint.model.versions import admitted as admitted_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from celery_backend_lint.model.manifests.declared import Manifest, Problem, Requirement
    from celery_backend_lint.model.manifests.locks import LockFile


class ManifestSet:
    """The manifests and lock files that hold for one part of the tree, by path."""

    __slots__ = ("_found", "_named", "locks", "manifests")

    def __init__(self, manifests: Iterable[Manifest], locks: Iterable[LockFile]) -> None:
        self.manifests = tuple(sorted(manifests, key=lambda manifest: manifest.path))
        self.locks = tuple(sorted(locks, key=lambda lock: lock.path))
        self._named: dict[str, list[Requirement]] | None = None
        self._found: dict[str, tuple[Requirement, ...]] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that could not be read in them."""
        return tuple(problem for one in self.manifests for problem in one.problems) + tuple(
            problem for lock in self.locks for problem in lock.problems()
        )

    def requirements(self, name: str) -> tuple[Requirement, ...]:
        """All that is said of a package (normalised name), constraints and lock files included, by path and line."""
        found = self._found.get(name)
        if found is None:
            if self._named is None:
                self._named = {}
                for manifest in self.manifests:
                    for one in manifest.requirements:
                        self._named.setdefault(one.name, []).append(one)
            locked = [one for lock in self.locks for one in lock.named(name)]
            found = tuple(sorted([*self._named.get(name, ()), *locked], key=lambda one: one.location.order))
            self._found[name] = found
        return found

    def declares(self, name: str) -> list[Requirement]:
        """What makes a package be installed: all but constraints, those that people write before lock entries."""
        found = [one for one in self.requirements(name) if one.kind != "constraint"]
        return sorted(found, key=lambda one: (one.kind == "lock", one.location.order))

    def has(self, name: str) -> bool:
        """Whether a package is installed by these manifests, or stands in their lock file (which resolves them)."""
        return bool(self.declares(name))

    def extras_of(self, name: str) -> set[str]:
        """The extras (normalised) that any declaration of a package asks for."""
        return {extra for one in self.declares(name) for extra in one.extras}

    def locked(self, name: str) -> str | None:
        """The exact version: of a lock file, else of an ``==`` pin. None without one, or where they disagree."""
        pins, settled = self._pins(name)
        return pins[0] if settled and len(pins) == 1 else None

    def pins(self, name: str) -> tuple[str, ...]:
        """The exact versions of the pins (or lock files) that count, oldest first: several where they disagree."""
        return self._pins(name)[0]

    def specifier(self, name: str) -> str | None:
        """What the declarations that count ask for, joined by commas; empty when any version will do.

        None when the package is not declared or a declaration is unclear. Where lock and requirement both stand, this
        is the requirement's.
        """
        asked = self._asked(name)
        if asked is None:
            return None
        return ",".join(dict.fromkeys(one.specifier for one in asked if one.specifier))

    def admitted(self, name: str, published: Sequence[str]) -> list[str]:
        """Those of ``published`` that the declarations admit, oldest first; with a lock only that one version.

        Empty where nothing is known.
        """
        pins, settled = self._pins(name)
        if settled:
            return list(pins) if len(pins) == 1 else []
        return self._admitted(name, published)

    def resolved_version(self, name: str, published: Sequence[str]) -> str | None:
        """The version that gets installed: the locked one, else the newest of ``published`` that is admitted.

        None where the package is not declared, comes from elsewhere than an index, or cannot be told. The pin of a
        constraint counts without a declaration, for what ``celery[redis]`` brings is held by it too.
        """
        found = self.admitted(name, published)
        return found[-1] if found else None

    def _admitted(self, name: str, published: Sequence[str]) -> list[str]:
        asked = self._asked(name)
        if asked is None:
            return []
        first, *others = [one.specifier for one in asked] or [""]
        return [version for version in admitted_by(first, published) if all(admits(other, version) for other in others)]

    def _asked(self, name: str) -> list[Requirement] | None:
        """The declarations that count for the version, one a manifest, and constraints; None when one is unclear."""
        found = self.requirements(name)
        counted: list[Requirement] = []
        for kind in ("runtime", "optional", "development", "lock"):
            counted = [one for one in found if one.kind == kind]
            if counted:
                break
        if not counted:
            return None
        chosen = [strictest(counted, path) for path in dict.fromkeys(one.location.path for one in counted)]
        asked = [one for group in chosen for one in group] + [one for one in found if one.kind == "constraint"]
        if any(one.unclear or (one.url and not exact(one.specifier)) for one in asked):
            return None
        return asked

    def _pins(self, name: str) -> tuple[tuple[str, ...], bool]:
        """The exact versions, oldest first, and whether anything pins at all: a lock of a URL does, without one."""
        found = self.requirements(name)
        locks = [one for one in found if one.kind == "lock" and exact(one.specifier)]
        tiers = [
            [one for one in locks if not one.group],
            [one for one in found if one.kind == "runtime" and exact(one.specifier)],
            [one for one in found if one.kind in ("optional", "constraint") and exact(one.specifier)],
            [one for one in found if one.kind == "development" and exact(one.specifier)]
            + [one for one in locks if one.group],
        ]
        pinned = next((tier for tier in tiers if tier), [])
        if not pinned:
            return (), False
        if tiers[0] and tiers[1]:
            pinned = tiers[0] + tiers[1]
        if any(one.url and one.kind == "lock" for one in pinned):
            return (), True
        paths = dict.fromkeys(one.location.path for one in pinned)
        versions = [_newest_pin([one for one in pinned if one.location.path == path]) for path in paths]
        different = {release_key(parse_release(one) or ()) or one: one for one in reversed(versions)}
        if len(different) == 1:
            return (versions[0],), True
        from celery_backend_lint.model.facts import release_of

        return tuple(sorted(different.values(), key=release_of)), True


def _newest_pin(pins: list[Requirement]) -> str:
    """One file's pin of a package; where it forks by marker, that of the newest."""
    versions = [exact(one.specifier) or "" for one in pins]
    return versions[0] if len(versions) == 1 else newest("", versions) or versions[0]


def strictest(counted: list[Requirement], path: str) -> list[Requirement]:
    """One manifest's declarations of a package. Those that differ by marker are alternatives: the newest counts."""
    own = [one for one in counted if one.location.path == path]
    marked = [one for one in own if one.marker]
    if len(own) > 1 and len(marked) == len(own):
        return [max(own, key=lambda one: floor(one.specifier))]
    plain = [one for one in own if not one.marker]
    return plain or own


def _declares_something(manifest: Manifest) -> bool:
    return any(one.kind != "constraint" for one in manifest.requirements)


class Manifests:
    """Every manifest of the project, and which of them hold where."""

    __slots__ = ("_sets", "all", "locks", "manifests")

    def __init__(self, manifests: dict[str, Manifest], locks: dict[str, LockFile]) -> None:
        self.manifests = manifests
        self.locks = locks
        self._sets: dict[str, ManifestSet] = {}
        self.all = ManifestSet(manifests.values(), locks.values())

    def declares(self, name: str) -> list[Requirement]:
        """What makes a package (normalised name) be installed, anywhere in the project."""
        return self.all.declares(name)

    def for_path(self, path: str) -> ManifestSet:
        """The manifests that hold for a file of the project.

        Those of the nearest folder upwards (its ``requirements/`` and ``deploy/`` count as its own) that declare
        celery, with all that they include and the project's own packages that they install; else all manifests, when
        they declare celery; else the nearest that declare anything; else all.
        """
        folder = posixpath.dirname(path)
        known = self._sets.get(folder)
        if known is None:
            known = self._sets[folder] = self._choose(folder)
        return known

    def nearest(self, path: str) -> ManifestSet | None:
        """The manifests of the nearest folder above a file that declare anything, with all that they include.

        A service that is installed by itself has what these say, whatever others of the project have.
        """
        folder = path
        while folder:
            folder = posixpath.dirname(folder)
            own = self._of_folder(folder)
            if any(_declares_something(manifest) for manifest in own):
                return self._closed(own)
        return None

    def _choose(self, folder: str) -> ManifestSet:
        nearest: ManifestSet | None = None
        while True:
            own = self._of_folder(folder)
            if any(_declares_something(manifest) for manifest in own):
                found = self._closed(own)
                if found.has("celery"):
                    return found
                nearest = nearest or found
            if not folder:
                break
            folder = posixpath.dirname(folder)
        if nearest is None or self.all.has("celery"):
            return self.all
        return nearest

    def _of_folder(self, folder: str) -> list[Manifest]:
        prefix = f"{folder}/" if folder else ""
        return [
            manifest
            for path, manifest in self.manifests.items()
            if path.startswith(prefix) and _belongs(path[len(prefix) :])
        ]

    def _closed(self, own: list[Manifest]) -> ManifestSet:
        """These manifests, all they include, and the manifests of the project's packages that they install."""
        provided: dict[str, list[Manifest]] = {}
        for manifest in self.manifests.values():
            if manifest.provides:
                provided.setdefault(manifest.provides, []).append(manifest)
        chosen: dict[str, Manifest] = {}
        waiting = list(own)
        while waiting:
            manifest = waiting.pop()
            if manifest.path in chosen:
                continue
            chosen[manifest.path] = manifest
            waiting.extend(self.manifests[one.path] for one in manifest.includes if one.path in self.manifests)
            for folder in manifest.locals:
                waiting.extend(one for one in self._of_folder(folder) if _is_package(one))
            for one in manifest.requirements:
                waiting.extend(provided.get(one.name, ()))
        return ManifestSet(chosen.values(), self._locks_of(chosen))

    def _locks_of(self, chosen: dict[str, Manifest]) -> list[LockFile]:
        folders = {posixpath.dirname(path) for path in chosen}
        return [
            lock
            for path, lock in self.locks.items()
            if (at := posixpath.dirname(path)) in folders
            or (lock.format == "uv.lock" and any(_is_member(lock, at, folder) for folder in folders))
        ]


def _is_member(lock: LockFile, at: str, folder: str) -> bool:
    """Whether a folder below a uv.lock is a member of its workspace: the lock names it as a source."""
    if at and not folder.startswith(f"{at}/"):
        return False
    relative = folder[len(at) + 1 :] if at else folder
    return bool(relative) and b'= "' + relative.encode() + b'" }' in lock.source.utf8


def _belongs(path: str) -> bool:
    """Whether a path below a folder is its own manifest: in it, in its ``requirements/`` or its ``deploy/``."""
    head, slash, tail = path.partition("/")
    if slash and head.lower() in ("deploy", "deployment", "docker"):
        head, _, tail = tail.partition("/")
    return not tail or head.lower() in ("requirements", "requirement", "reqs", "deps", "dependencies")


def _is_package(manifest: Manifest) -> bool:
    return manifest.format in ("pyproject", "setup.py", "setup.cfg")
