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
    for lock in held.locks:
        folder, name = posixpath.split(lock.path)
        command, manifest = _COMMANDS.get(name, ("", "pyproject.toml"))
        if any(_feeds(path, folder, name, manifest) for path in paths):
            commands.append(f"renew `{lock.path}`" + (f" (`{command}`)" if command else ""))
    for one in held.manifests:
        written = one.path not in paths and any(_is_source(path, one.path) for path in paths)
        command = export_command(held, one.path)
        if written and one.format == "pip-compile":
            commands.append(f"renew `{one.path}` (`{_compiler(project, one.path)}`)")
        elif written and command:
            commands.append(f"renew `{one.path}` (`{command}`)")
    return "; ".join(commands)


def renewal_of(project: Project, path: str) -> str:
    """What renews one file that a tool wrote: ``renew it (`uv lock`)``."""
    command = _COMMANDS.get(posixpath.basename(path), ("", ""))[0]
    if not command and path.endswith((".txt", ".in")):
        command = _compiler(project, path)
    return "renew it" + (f" (`{command}`)" if command else "")


def _feeds(path: str, folder: str, lock: str, manifest: str) -> bool:
    """Whether a lock file in a folder is made from a manifest; that of uv from every member of its workspace."""
    at, name = posixpath.split(path)
    if name != manifest and not (lock == "conda-lock.yml" and name.endswith((".yml", ".yaml"))):
        return False
    return at == folder or (lock == "uv.lock" and (not folder or at.startswith(f"{folder}/")))


def _is_source(path: str, written: str) -> bool:
    """Whether a requirements file may be written from a manifest: from its .in file, or from pyproject.toml."""
    name = posixpath.basename(path)
    if name in ("pyproject.toml", "setup.py", "setup.cfg", "Pipfile"):
        folder = posixpath.dirname(path)
        return not folder or written.startswith(f"{folder}/")
    return path.endswith(".in") and posixpath.dirname(path) == posixpath.dirname(written)


def _compiler(project: Project, path: str) -> str:
    source = project.source(path)
    head = source.utf8[:1000] if source is not None else b""
    return next((name.decode() for name in _COMPILERS if re.search(re.escape(name), head)), "pip-compile")
