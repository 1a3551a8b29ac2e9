"""Whether a module that is only named, in a command or a text, is there: in the tree, perhaps elsewhere, or nowhere.

Nowhere is only said of a name whose package is the project's own, or of which nothing in the project knows anything:
what is installed, ignored by git, generated, copied by an image or in a submodule is not in the list of files.
"""

from __future__ import annotations

import posixpath
import re
import sys

from celery_backend_lint.project.test_paths import is_test_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.scopes import Scope
    from celery_backend_lint.model import Model
    from celery_backend_lint.project.discovery import Project

_MANIFESTS = re.compile(
    r"(?i)(?:.*/)?(?:pyproject\.toml|setup\.(?:py|cfg)|[^/]*require[^/]*\.(?:txt|in|pip)|requirements/[^/]*|pipfile"
    r"|environment\.ya?ml|(?:uv|poetry|pdm)\.lock)$"
)
_PLACES = re.compile(
    r"(?i)(?:.*/)?(?:[^/]*(?:docker|container|make|proc|just|task|jenkins|vagrant|tilt)file[^/]*"
    r"|[^/]*\.(?:ya?ml|sh|bash|toml|cfg|ini|conf|j2|service|mk|tf|nix|json|in)|\.gitmodules|\.gitignore|\.dockerignore"
    r"|[^/.]+)$"
)
_LARGEST = 256 * 1024
_SYSTEM = rb"(?<!/etc)(?<!/log)(?<!/run)(?<!/tmp)(?<!/spool)(?<!/cache)"
"""Not in a folder of the system's, where no package lies: ``/var/log/celery/`` is one for logs."""


def is_there(model: Model, dotted: str, near: str) -> bool | None:
    """Whether the module ``dotted`` is in the tree, from whatever root; False where it is nowhere; None for unknown.

    ``near`` is the file that names it.
    """
    top, _, rest = dotted.partition(".")
    if not dotted.isascii() or not all(part.isidentifier() for part in dotted.split(".")):
        return None
    roots = list(_roots(model.project, top))
    tail = dotted.replace(".", "/")
    folder = near.rpartition("/")[0]
    stems = [f"{root}/{tail}".lstrip("/") for root in roots] or [tail, f"src/{tail}", f"{folder}/{tail}".lstrip("/")]
    at = model.evaluator.modules.at
    if roots and any(at(stem) is not None for stem in stems):
        return True
    if any(path.startswith((f"{stem}.", f"{stem}/")) for stem in stems for path in model.project.paths()):
        return None  # a template, an extension module
    if roots:
        tops = [f"{root}/{top}".lstrip("/") for root in roots]
        if not rest or all(at(one) in (None, f"{one}/") for one in tops):
            return None  # without an __init__.py others may add to the package
    elif (
        _may_be_installed(model.project, top)
        or _is_root_itself(model.project, top)
        or any("{{" in path for path in model.project.paths())  # a template of projects: names are filled in
    ):
        return None
    guesses = [guess for stem in stems for guess in (f"{stem}.py", f"{stem}/__init__.py")]
    if model.project.ignored(guesses) or any(model.project.on_disk(guess) for guess in guesses):
        return None
    return None if _is_mentioned(model.project, dotted, with_top=not roots) else False


def binds(scope: Scope, name: str) -> bool | None:
    """Whether a module gives a name a value; None where star imports or the module's own code may."""
    if name in scope.bindings:
        return True
    text = scope.file.source.utf8
    if scope.stars or scope.blurs or re.search(rb"__getattr__|globals\(|setattr\(|\bvars\(|locals\(", text):
        return None
    return False


def _roots(project: Project, top: str) -> Iterator[str]:
    """The folders that hold a package, a folder with Python files, or a module called ``top``."""
    found: set[str] = set()
    for path in project.paths():
        if not path.endswith(".py") or top not in path:
            continue
        parts = path[:-3].split("/")
        for index, part in enumerate(parts):
            if part == top:
                root = "/".join(parts[:index])
                if root not in found:
                    found.add(root)
                    yield root


def _may_be_installed(project: Project, top: str) -> bool:
    if top in sys.stdlib_module_names or top in ("celery", "kombu", "django", "flask", "flower"):
        return True
    pattern = re.compile(rb"(?i)" + re.sub(r"[_-]", "[-_.]?", re.escape(top)).encode())
    for path in project.paths():
        if _MANIFESTS.match(path):
            source = project.source(path)
            data = source.data if source is not None else b""
            if pattern.search(data) or re.search(rb"package_dir|package-dir|from[ \t]*=[ \t]*[\"']", data):
                return True
    return False


def _is_root_itself(project: Project, top: str) -> bool:
    """Whether the project's folder is the package: it is imported from the folder above."""
    return project.exists("__init__.py") or posixpath.basename(project.root.replace("\\", "/")) == top


def _is_mentioned(project: Project, dotted: str, *, with_top: bool) -> bool:
    """Whether a file that moves or makes others names the module's file, or its package's folder."""
    last = dotted.rpartition(".")[2].encode()
    top = dotted.partition(".")[0].encode()
    forms = [rb"\b" + last + rb"\.py\b", _SYSTEM + rb"/" + last + rb"/"]
    if with_top:
        forms += [rb"[/ ]" + top + rb"(?:/|[ \t]*$|[\"':])", rb"\b" + top + rb"/", rb"WORKDIR[^\n]*/" + top + rb"\b"]
    pattern = re.compile(rb"(?m)" + rb"|".join(forms))
    for path in project.paths():
        if _PLACES.match(path) and not is_test_path(path):
            source = project.source(path)
            data = source.data if source is not None else b""
            if len(data) <= _LARGEST and pattern.search(re.sub(rb"(?:-A|--app)[ =,\"']*[\w.:]+", b"", data)):
                return True
    return False
