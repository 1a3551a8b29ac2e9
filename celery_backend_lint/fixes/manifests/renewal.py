"""What has to be run after a manifest was changed, for files that tools write from it. They are never changed here."""

from __future__ import annotations

import posixpath
import re

from celery_backend_lint.fixes.manifests.places import export_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.manifests.selection import ManifestSet
    from celery_backend_lint.project.discovery import Project

_COMMANDS = {
    "uv.lock": ("uv lock", "pyproject.toml"),
    "poetry.lock": ("poetry lock", "pyproject.toml"),
    "pdm.lock": ("pdm lock", "pyproject.toml"),
    "Pipfile.lock": ("pipenv lock", "Pipfile"),
    "conda-lock.yml": ("conda-lock", "environment.yml"),
}
"""The command that renews each lock file, and the manifest that it reads."""

_COMPILERS = (b"uv pip compile", b"uv export", b"pip-compile-multi", b"pip-compile")


def renewal(project: Project, held: ManifestSet, paths: list[str]) -> str:
    """What to run after some manifests were changed, as a sentence; ``""`` for nothing."""
    commands: list[str] = []
    locks = {lock.path for lock in held.locks}
    for lock in held.locks:
        command, manifest = _COMMANDS.get(posixpath.basename(lock.path), ("", "pyproject.toml"))
        if any(_feeds(path, lock.path, locks, manifest) for path in paths):
            commands.append(f"renew `{lock.path}`" + (f" (`{command}`)" if command else ""))
    for one in held.manifests:
        exported = export_command(held, one.path)
        if one.path in paths:
            continue
        if one.format == "pip-compile" and any(_is_compiled_from(project, held, path, one.path) for path in paths):
            commands.append(f"renew `{one.path}` (`{_compiler(project, one.path)}`)")
        elif exported and any(_is_beside(path, one.path) for path in paths):
            commands.append(f"renew `{one.path}` (`{exported}`)")
    return "; ".join(commands)


def renewal_of(project: Project, path: str) -> str:
    """What renews one file that a tool wrote: ``renew it (`uv lock`)``."""
    command = _COMMANDS.get(posixpath.basename(path), ("", ""))[0]
    if not command and path.endswith((".txt", ".in")):
        command = _compiler(project, path)
    return "renew it" + (f" (`{command}`)" if command else "")


def _feeds(path: str, lock: str, locks: set[str], manifest: str) -> bool:
    """Whether a lock file is made from a manifest; uv's is that of the nearest folder above, for a whole workspace."""
    at, name = posixpath.split(path)
    folder, kind = posixpath.split(lock)
    if name != manifest and not (kind == "conda-lock.yml" and name.endswith((".yml", ".yaml"))):
        return False
    while kind == "uv.lock" and at and posixpath.join(at, kind) not in locks:
        at = posixpath.dirname(at)
    return at == folder


def _is_beside(path: str, written: str) -> bool:
    """Whether a manifest is one that a tool locks, in the folder of what the tool wrote."""
    folder, name = posixpath.split(path)
    return name in ("pyproject.toml", "Pipfile") and folder == posixpath.dirname(written)


def _is_compiled_from(project: Project, held: ManifestSet, path: str, written: str) -> bool:
    """Whether a compiled requirements file is made from a manifest: from its .in file and what that takes in, or from
    what its first lines name.
    """
    by_path = {manifest.path: manifest for manifest in held.manifests}
    waiting, seen = [f"{posixpath.splitext(written)[0]}.in"], set[str]()
    while waiting:
        manifest = by_path.get(waiting.pop())
        if manifest is not None and manifest.path not in seen:
            seen.add(manifest.path)
            waiting.extend(include.path for include in manifest.includes)
    if seen:
        return path in seen
    head = _head(project, written)
    name = posixpath.basename(path)
    if re.search(rb"\b[\w./-]+\.in\b|\bpyproject\.toml\b|\bsetup\.(?:py|cfg)\b", head):
        return re.search(rb"(?<![\w.-])" + re.escape(name.encode()) + rb"(?![\w.-])", head) is not None
    return name in ("pyproject.toml", "setup.py", "setup.cfg")


def _compiler(project: Project, path: str) -> str:
    head = _head(project, path)
    return next((name.decode() for name in _COMPILERS if name in head), "pip-compile")


def _head(project: Project, path: str) -> bytes:
    """The comment that a tool begins a file with."""
    source = project.source(path)
    found = re.match(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*", source.utf8[:2000] if source is not None else b"")
    return found[0] if found is not None else b""
