"""Which of several manifests a project is installed from: what each gives by itself, and which of them scripts name."""

from __future__ import annotations

import posixpath
import re

from celery_backend_lint.model.fresh_install import installed_together
from celery_backend_lint.model.packages import scripts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from celery_backend_lint.model.manifests.declared import Manifest
    from celery_backend_lint.model.manifests.selection import Manifests, ManifestSet
    from celery_backend_lint.project.discovery import Project

_FOLDER = r"\bpip3?(?:\.\d+)?\s+install\b[^\n;&|]*?\s[\"']?\.(?:\[[^\]]*\])?[\"']?(?=[\s;&|\"',]|$)"
_INSTALLS = {
    "pipfile": r"\bpipenv\s+(?:install|sync)\b",
    "pyproject": rf"\b(?:poetry|pdm|uv)\s+(?:install|sync)\b|{_FOLDER}",
    "setup.cfg": _FOLDER,
    "setup.py": rf"\bsetup\.py\s+(?:install|develop)\b|{_FOLDER}",
}
_LOCKED = frozenset({"pipfile", "pyproject"})
"""The formats that lock files are made of."""


def fails_where_installed(
    project: Project, manifests: Manifests, held: ManifestSet, fails: Callable[[ManifestSet], bool]
) -> bool:
    """Whether a fault of manifests taken together (``held``) is one that an installation from them has.

    ``fails`` tells it of a set. Of manifests that declare both celery and redis one is to have it by itself, or with
    the lock file beside it; where scripts name just manifests without it, nobody installs the others.
    """
    sets = {one.path: installed_together(one, manifests.manifests) for one in held.manifests}
    whole = {path: one for path, one in sets.items() if one.declares("celery") and _has_redis(one)}
    if not whole:
        return True
    locking = {posixpath.dirname(lock.path) for lock in held.locks}
    failing = {
        path
        for path, one in whole.items()
        if fails(one) or (posixpath.dirname(path) in locking and manifests.manifests[path].format in _LOCKED)
    }
    if not failing or len(failing) == len(whole):
        return bool(failing)
    named = {path for path in whole if _is_named(project, manifests.manifests[path])}
    return not named or bool(named & failing)


def _has_redis(manifests: ManifestSet) -> bool:
    return bool(manifests.declares("redis")) or any("redis" in manifests.extras_of(one) for one in ("celery", "kombu"))


def _is_named(project: Project, manifest: Manifest) -> bool:
    """Whether a Dockerfile, a script or a pipeline installs what a manifest declares."""
    name = posixpath.basename(manifest.path)
    pattern = _INSTALLS.get(manifest.format, rf"(?:-r|--requirement)[\s=]*[\"']?(?:[^\s\"']*/)?{re.escape(name)}(?!\w)")
    return any(re.search(pattern, data.decode("utf-8", "replace")) is not None for data in scripts(project, ""))
