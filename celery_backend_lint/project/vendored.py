"""What lies in a project and is not of it: virtual environments, installed packages, Celery's own source."""

from __future__ import annotations

import re

from celery_backend_lint.project.source import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

INSTALLED = ("site-packages", "dist-packages", "node_modules", "__pypackages__")
ENVIRONMENT_FOLDERS = ("bin", "include", "Include", "lib", "lib64", "Lib", "Scripts", "share")
"""The folders of a virtual environment."""

OWN = ("manage.py", "pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "docker-compose.yml")
DISTRIBUTION = (
    r"(?:site-packages|dist-packages)/([A-Za-z0-9._]+)-(\d[A-Za-z0-9.!+_]*)(?:-py\d[\d.]*)?\.(?:dist-info|egg)"
)
"""What pip and setuptools call the folder or file that tells of an installed package: name and version."""
CELERY_SOURCE = ("app/defaults.py", "app/base.py", "backends/base.py", "worker/__init__.py")


def foreign_folders(paths: Iterable[str]) -> dict[str, str]:
    """Find the folders among ``paths`` that hold a dependency's code, each with a trailing ``/`` and the reason.

    A virtual environment is known by its ``pyvenv.cfg``, or by ``bin/activate`` beside ``lib``. One that has the
    project's own files beside it (a manifest in the same folder) is left out folder by folder. Where such a folder
    holds programs and installed packages, but no code beside them, a list of packages in it is none of the project's.
    """
    listed = set(paths)
    found: dict[str, str] = {}
    environments: set[str] = set()
    activated: set[str] = set()
    for path in listed:
        folder, _, name = path.rpartition("/")
        if name == "pyvenv.cfg":
            environments.add(folder)
        elif name == "activate" and folder.endswith(("bin", "Scripts")):
            activated.add(folder.rpartition("/")[0])
        elif path.endswith("celery/app/defaults.py"):
            celery = path[: -len("app/defaults.py")]
            if all(celery + part in listed for part in CELERY_SOURCE):
                found[celery] = "Celery's own source"
        parts = path.split("/")
        for index, part in enumerate(parts[:-1]):
            if part in INSTALLED:
                # A virtualenv of old holds a copy of the standard library beside its site-packages.
                last = (
                    index if index and parts[index - 1].startswith("python") and part == "site-packages" else index + 1
                )
                found["/".join(parts[:last]) + "/"] = f"installed packages ({part})"
                break
    for environment in activated:
        prefix = f"{environment}/" if environment else ""
        if any(folder.startswith((f"{prefix}lib", f"{prefix}Lib")) for folder in found):
            environments.add(environment)
    for folder in list(found):
        at = max(folder.find("/lib/"), folder.find("/Lib/"))
        if at > 0 and _holds_only_packages(f"{folder[:at]}/", listed):
            found[folder[: at + 1]] = "a virtual environment"
            environments.discard(folder[:at])
    for environment in environments:
        prefix = f"{environment}/" if environment else ""
        reason = "a virtual environment"
        if prefix and not any(prefix + name in listed for name in OWN):
            found[prefix] = reason
        else:
            found.update((f"{prefix}{name}/", reason) for name in ENVIRONMENT_FOLDERS)
    return {
        folder: reason
        for folder, reason in found.items()
        if not any(other != folder and folder.startswith(other) for other in found)
    }


def _holds_only_packages(prefix: str, listed: Iterable[str]) -> bool:
    """Whether a folder has the programs of installed packages, and neither code nor services beside its own folders."""
    inside = [path[len(prefix) :] for path in listed if path.startswith(prefix)]
    beside = [path for path in inside if path.partition("/")[0] not in ENVIRONMENT_FOLDERS]
    return any(path.startswith(("bin/", "Scripts/")) for path in inside) and not any(
        path.endswith((".py", ".yml", ".yaml")) for path in beside
    )


def leave_out(paths: list[str]) -> tuple[list[str], list[str], list[Unreadable]]:
    """Return ``paths`` without those of foreign folders, those that were left out, and a note for each folder."""
    folders = foreign_folders(paths)
    kept = []
    left = []
    counts = dict.fromkeys(folders, 0)
    prefixes = tuple(folders)
    for path in paths:
        if prefixes and path.startswith(prefixes):
            folder = next(prefix for prefix in prefixes if path.startswith(prefix))
            counts[folder] += 1
            left.append(path)
        else:
            kept.append(path)
    notes = [
        Unreadable(folder.rstrip("/"), f"is left out: {folders[folder]}, {count} files", skipped=True)
        for folder, count in sorted(counts.items())
        if count
    ]
    return kept, left, notes


def installed(paths: Iterable[str]) -> dict[str, frozenset[str]]:
    """The versions of the packages (lower case, ``_`` for ``-``) that files of environments tell of by their paths."""
    found: dict[str, set[str]] = {}
    for path in paths:
        match = re.search(DISTRIBUTION, path) if ".dist-info" in path or ".egg" in path else None
        if match is not None:
            found.setdefault(match[1].lower(), set()).add(match[2])
    return {name: frozenset(versions) for name, versions in found.items()}
