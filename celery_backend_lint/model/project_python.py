"""Which Pythons a project says that it runs with: a package index gives each of them other releases."""

from __future__ import annotations

import posixpath
import re

from celery_backend_lint.model.versions import exact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.model.data import Version
    from celery_backend_lint.model.manifests.selection import ManifestSet
    from celery_backend_lint.project.discovery import Project

NEWEST: Version = (3, 14)
"""The newest Python that there is, for a project that names none."""

LAST_OF_TWO: Version = (2, 7)
"""What stands for every Python 2."""

_TWO = r"([\"'])\s*(?:\^|~=?|==)?\s*(2)\.7(?:\.[\d*]+)?\s*\1"
"""A literal that admits Python 2.7 and no later one: ``"^2.7"``, ``"2.7.*"``; ``"~2.7 || ^3.5"`` is none."""
_VERSION = r"([23])\.(\d+)"
_BELOW = r"<(=?)\s*([23])(?:\.(\d+))?"
"""An upper bound: ``<3.9`` leaves 3.8, ``<3`` leaves 2.7, ``<4`` says nothing."""
_NAMED = {
    ".python-version": rf"^\s*(?:c?python-?)?{_VERSION}",
    "runtime.txt": rf"^\s*python-{_VERSION}",
    ".tool-versions": rf"^\s*python\s+{_VERSION}",
    "Pipfile": rf"^\s*python_(?:full_)?version\s*=\s*[\"']{_VERSION}",
    "pyproject.toml": (
        rf"^\s*(?:requires-python|python)\s*=\s*(?:{_TWO}|[\"'](?:~=?|==)\s*(3)\.(\d+))"
        rf"|^\s*(?:requires-python|python)\s*=\s*[\"'][^\"'\n]*{_BELOW}"
    ),
    "setup.py": rf"\bpython_requires\s*=\s*(?:{_TWO}|[\"'][^\"'\n]*{_BELOW})",
    "setup.cfg": rf"^\s*python_requires\s*=[^\n]*{_BELOW}",
}
_IMAGE = (
    r"(?i)(?:^\s*FROM\s+(?:--\S+\s+)?|image:\s*[\"']?)"
    rf"(?:(?:\S*/)?(?:\S*-)?python\d?:(?:(2|3)(?![\w.])|(?:.*?-)?{_VERSION})|[^\s@]+:(?:[^\s@]*?-)?python-?{_VERSION})"
    rf"|^\s+(?:-\s*)?(?:PY\w*VERSION\s*[:=]\s*[\"']?{_VERSION}|(?-i:[A-Z])\w*\s*[:=]\s*[\"']?python-?{_VERSION})"
)
"""An official image (``python:3.9``), a tag of another (``uvicorn-gunicorn-fastapi:python3.9``), what compose hands to
the build."""
_ARGUMENT = r"(?im)^\s*ARG\s+(\w+)=[\"']?([^\s\"']+)"
_CONDA = rf"(?m)^\s*-\s*python\s*[=~<>]+\s*{_VERSION}"
_CALLED = rf"(?<![\w.-])python{_VERSION}\b"
"""How Makefiles and scripts call a certain Python: ``python3.8 -m venv .venv``."""
_CALLING = frozenset({"makefile", "gnumakefile", "justfile", "vagrantfile"})
_PIPELINE = rf"^\s*(?:-\s*)?python[-_]version:[^\n#]*?{_VERSION}[\"'\]\s]*(?:#.*)?$"
"""What a pipeline sets up: the newest of several, which stands last."""
_TRAVIS = r"^\s*(?:python:|-)\s*[\"']?(?:(2)\.7|(3)\.(\d+))[\"']?\s*(?:#.*)?$"
_IMAGE_FILES = r"(?i)(?:.*[._-])?(?:docker|container)file(?:[._-].*)?|.*\.dockerfile|(?:.*[._-])?compose.*\.ya?ml"


def pythons(project: Project, manifests: ManifestSet) -> tuple[Version, ...]:
    """The Pythons (``(3, 9)``) that files of the project name, oldest first; one that runs its pins where none does.

    ``manifests`` are those that hold where it is asked for: `NEWEST`, or the newest that all they pin has wheels for.
    Read from version files, images (with the defaults of their arguments), and upper bounds or pins of manifests; where
    these say nothing from code around Celery that only Python 2 compiles, else from pipelines, from calls in Makefiles
    and scripts, and from classifiers that tell of Python 2 alone. What an upper bound allows counts, a lower bound says
    nothing.
    """
    found: set[Version] = set()
    hinted: set[Version] = set()
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
            elif name == ".travis.yml":
                pattern = _TRAVIS
        source = project.source(path) if pattern is not None else None
        if pattern is None or source is None:
            continue
        text = _with_defaults(source.text) if pattern is _IMAGE else source.text
        named = set(filter(None, map(_named, re.finditer(pattern, text, re.MULTILINE))))
        kept.update(sorted(named)[-1:] if pattern is _TRAVIS else named)
        if name in _MANIFESTS and ":: Python :: 2" in text and ":: Python :: 3" not in text:
            hinted.add(LAST_OF_TWO)
    if not found and (not hinted or LAST_OF_TWO in hinted):
        from celery_backend_lint.model.python_two import is_of_python_two

        if is_of_python_two(project):
            return (LAST_OF_TWO,)
    return tuple(sorted(found or hinted)) or (_newest_with_wheels(manifests),)


def _newest_with_wheels(manifests: ManifestSet) -> Version:
    """The newest Python that has a wheel of each release that is pinned, of those that ``WHEELS`` knows.

    A pin that a marker limits says nothing. Where manifests pin several releases the newest counts.
    """
    from celery_backend_lint.model.data.wheels import WHEELS
    from celery_backend_lint.model.facts import release_of

    minors = [NEWEST[1]]
    for package, rows in WHEELS.items():
        said = [one for one in manifests.requirements(package) if one.kind != "constraint"]
        pins = [release_of(exact(one.specifier) or "") for one in said if not one.marker and not one.url]
        if said and len(pins) == len(said) and all(pins):
            minors += [minor for since, minor in rows if since <= max(pins)][-1:]
    return (3, min(minors))


_MANIFESTS = ("setup.py", "setup.cfg", "pyproject.toml")


def _named(match: re.Match[str]) -> Version | None:
    """The Python that a match names by its groups of digits; None for one that it does not tell."""
    numbers = [int(group[:3]) for group in match.groups() if group and group.isdigit()]
    below = "<" in match[0] and "=" not in match.groups()
    if not numbers or (numbers[0] == 3 and numbers[1:] == [0] and not below):
        return None
    if numbers[0] == 2 or (below and numbers[1:] in ([], [0])):
        return LAST_OF_TWO
    return (3, numbers[1] - below) if len(numbers) > 1 else NEWEST


def _with_defaults(text: str) -> str:
    """A Dockerfile with the defaults of its arguments put in: ``ARG TAG=3.9`` and ``FROM python:${TAG}``."""
    defaults: dict[str, str] = dict(re.findall(_ARGUMENT, text))
    if not defaults:
        return text
    return re.sub(
        r"\$(?:\{(\w+)(?::-[^}]*)?\}|(\w+))", lambda found: defaults.get(found[1] or found[2], found[0]), text
    )
