"""Which Pythons a project says that it runs with: a package index gives each of them other releases."""

from __future__ import annotations

import posixpath
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.project.discovery import Project

NEWEST: Version = (3, 14)
"""The newest Python that there is, for a project that names none."""

_NAMED = {
    ".python-version": r"^\s*(?:c?python-?)?3\.(\d+)",
    "runtime.txt": r"^\s*python-3\.(\d+)",
    ".tool-versions": r"^\s*python\s+3\.(\d+)",
    "Pipfile": r"^\s*python_(?:full_)?version\s*=\s*[\"']3\.(\d+)",
    "pyproject.toml": (
        r"^\s*(?:requires-python|python)\s*=\s*[\"'](?:~=?|==)\s*3\.(\d+)"
        r"|^\s*(?:requires-python|python)\s*=\s*[\"'][^\"'\n]*<(=?)\s*3\.(\d+)"
    ),
    "setup.py": r"\bpython_requires\s*=\s*[\"'][^\"'\n]*<(=?)\s*3\.(\d+)",
    "setup.cfg": r"^\s*python_requires\s*=[^\n]*<(=?)\s*3\.(\d+)",
}
_IMAGE = (
    r"(?i)(?:^\s*FROM\s+(?:--\S+\s+)?|image:\s*[\"']?)"
    r"(?:(?:\S*/)?(?:\S*-)?python\d?:(?:.*?-)?3\.(\d+)|[^\s@]+:(?:[^\s@]*?-)?python-?3\.(\d+))"
    r"|^\s+(?:-\s*)?(?:PY\w*VERSION\s*[:=]\s*[\"']?3\.(\d+)|(?-i:[A-Z])\w*\s*[:=]\s*[\"']?python-?3\.(\d+))"
)
"""An official image (``python:3.9``), a tag of another (``uvicorn-gunicorn-fastapi:python3.9``), what compose hands to
the build."""
_ARGUMENT = r"(?im)^\s*ARG\s+(\w+)=[\"']?([^\s\"']+)"
_CONDA = r"(?m)^\s*-\s*python\s*[=~<>]+\s*3\.(\d+)"
_CALLED = r"(?<![\w.-])python3\.(\d+)\b"
"""How Makefiles and scripts call a certain Python: ``python3.8 -m venv .venv``."""
_CALLING = frozenset({"makefile", "gnumakefile", "justfile", "vagrantfile"})
_PIPELINE = r"^\s*(?:-\s*)?python[-_]version:[^\n#]*?3\.(\d+)[\"'\]\s]*(?:#.*)?$"
"""What a pipeline sets up: the newest of several, which stands last."""
_IMAGE_FILES = r"(?i)(?:.*[._-])?(?:docker|container)file(?:[._-].*)?|.*\.dockerfile|(?:.*[._-])?compose.*\.ya?ml"


def pythons(project: Project) -> tuple[Version, ...]:
    """The Pythons (``(3, 9)``) that files of the project name, oldest first; `NEWEST` where none does.

    Read from version files, images (with the defaults of their arguments), and upper bounds or pins of manifests; where
    these say nothing from pipelines, and from calls in Makefiles and scripts. What an upper bound allows counts, a
    lower bound says nothing.
    """
    found: set[int] = set()
    hinted: set[int] = set()
    for path in project.paths():
        name = posixpath.basename(path)
        pattern = _NAMED.get(name)
        lowered = name.lower()
        if pattern is None and ("file" in lowered or "compose" in lowered) and re.fullmatch(_IMAGE_FILES, name):
            pattern = _IMAGE
        if pattern is None and lowered.endswith((".yml", ".yaml")) and ("env" in name or "conda" in name):
            pattern = _CONDA
        kept = found
        if pattern is None:
            kept = hinted
            if lowered in _CALLING or lowered.endswith((".sh", ".mk")):
                pattern = _CALLED
            elif path.startswith(".github/workflows/"):
                pattern = _PIPELINE
        source = project.source(path) if pattern is not None else None
        if pattern is None or source is None:
            continue
        text = _with_defaults(source.text) if pattern is _IMAGE else source.text
        for match in re.finditer(pattern, text, re.MULTILINE):
            numbers = [group for group in match.groups() if group and group.isdigit()]
            if numbers:
                below = "<" in match[0] and "=" not in [group for group in match.groups() if group]
                kept.add(int(numbers[-1][:3]) - below)
    return tuple((3, minor) for minor in sorted(found or hinted) if minor > 0) or (NEWEST,)


def _with_defaults(text: str) -> str:
    """A Dockerfile with the defaults of its arguments put in: ``ARG TAG=3.9`` and ``FROM python:${TAG}``."""
    defaults: dict[str, str] = dict(re.findall(_ARGUMENT, text))
    if not defaults:
        return text
    return re.sub(
        r"\$(?:\{(\w+)(?::-[^}]*)?\}|(\w+))", lambda found: defaults.get(found[1] or found[2], found[0]), text
    )
