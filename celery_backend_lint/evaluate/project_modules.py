"""Which file a dotted name means. Import roots are guessed the way Python is usually started: no sys.path is known."""

from __future__ import annotations

import re
import sys

from celery_backend_lint.evaluate.scopes import Scope
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.syntax.python import PythonParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.project.discovery import Project
    from celery_backend_lint.project.source import SourceFile

NEVER_LOCAL = frozenset({"celery", "kombu", "django", "flask", "pydantic", "pydantic_settings"})
"""Top-level names that mean the library even where a project has a module of that name (eleven projects have
``celery``).
"""

COPIES = {"decouple": (b"class AutoConfig", b"class RepositoryEnv")}
"""Libraries of one file, by name: what the file holds. A copy of it in the tree, as a committed virtual environment
leaves one, is the library."""


class ModuleFile:
    """A Python file of the project with its module scope, parsed when first asked for."""

    __slots__ = ("_scope", "modules", "path", "source")

    def __init__(self, path: str, source: SourceFile, modules: ProjectModules) -> None:
        self.path = path
        self.source = source
        self.modules = modules
        self._scope: Scope | None = None

    @property
    def folder(self) -> str:
        """The folder the file stands in, ``""`` for the root."""
        return self.path.rpartition("/")[0]

    @property
    def scope(self) -> Scope:
        """The module scope; empty when the file cannot be read."""
        if self._scope is None:
            self._scope = Scope("module", self.modules.parser.parse(self.source), self)
        return self._scope


class ProjectModules:
    """The project's Python files by dotted name."""

    __slots__ = ("_by_last", "_files", "_folders", "parser", "project")

    def __init__(self, project: Project) -> None:
        self.project = project
        self.parser = PythonParser()
        self._files: dict[str, ModuleFile | None] = {}
        self._by_last: dict[str, list[str]] | None = None
        self._folders: set[str] = set()

    def file(self, path: str) -> ModuleFile | None:
        """The module file at a path relative to the root; None when there is none to read."""
        if path not in self._files:
            source = self.project.source(path) if path.endswith(".py") else None
            self._files[path] = ModuleFile(path, source, self) if source is not None else None
        return self._files[path]

    def executed(self, path: str) -> ModuleFile | None:
        """The file at a path as Python that something runs, whatever its name ends in; None when there is none."""
        if path.endswith(".py"):
            return self.file(path)
        source = self.project.source(path)
        return ModuleFile(path, source, self) if source is not None else None

    def find(self, dotted: str, importer: str) -> str | None:
        """The path of the module ``dotted`` as ``importer`` (a path) would import it absolutely.

        Answers a file's path, a folder's path with a trailing ``/`` for a package without ``__init__.py``, or None
        when the name is not the project's. Where several import roots fit, the nearest around the importer wins;
        away from it a name is only taken when a single file fits, those of tests left out.
        """
        parts = dotted.split(".")
        if parts[0] in NEVER_LOCAL:
            return None
        tail = "/".join(parts)
        names = self._index().get(parts[-1], ())
        candidates = {}
        for path in names:
            stem = path[:-12] if path.endswith("/__init__.py") else path[:-3]
            if stem == tail or stem.endswith("/" + tail):
                root = stem[: -len(tail)].rstrip("/")
                if root not in candidates or path.endswith("/__init__.py"):
                    candidates[root] = path
        if not candidates:
            return self._find_folder(tail, importer)
        if dotted in COPIES:
            candidates = {root: path for root, path in candidates.items() if not self._is_copy(dotted, path)}
        folder = importer.rpartition("/")[0]
        if parts[0] in sys.stdlib_module_names:
            own = candidates.get(folder)
            return own if own is not None and not self._is_package(folder) else None
        for accept_packages in (False, True):
            for root in _ancestors(folder):
                if self._is_package(root) != accept_packages:
                    continue
                for below in ("", "src"):
                    found = candidates.get(f"{root}/{below}".strip("/") if below else root)
                    if found is not None and not (found == importer and len(parts) == 1):
                        return found
        if len(candidates) > 1 and not is_test_path(importer):
            candidates = {root: path for root, path in candidates.items() if not is_test_path(path)}
        if len(candidates) == 1:
            root, path = next(iter(candidates.items()))
            own = self._find_folder(tail, importer)
            if own == f"{root}/":  # ``config/`` without an __init__.py, which has a ``config.py`` in it
                return own
            if len(parts) > 1 or not self._is_package(root) or self._adds_to_path(importer, root):
                return path
        return None

    def find_relative(self, level: int, dotted: str, importer: str) -> str | None:
        """The path that ``from ..dotted import`` (``level`` dots) means in ``importer``; as :meth:`find` answers."""
        folder = importer.rpartition("/")[0]
        for _ in range(level - 1):
            if not folder:
                return None
            folder = folder.rpartition("/")[0]
        return self.at("/".join(part for part in (folder, *dotted.split(".")) if part))

    def at(self, stem: str) -> str | None:
        """The module at a path without its ending: ``a/b`` is a/b/__init__.py, a/b.py, or the folder ``a/b/``."""
        self._index()
        package = f"{stem}/__init__.py" if stem else "__init__.py"
        for path in (package, f"{stem}.py"):
            if self._has(path):
                return path
        return f"{stem}/" if stem in self._folders or not stem else None

    def _is_copy(self, library: str, path: str) -> bool:
        source = self.project.source(path)
        return source is not None and all(text in source.data for text in COPIES[library])

    def _find_folder(self, tail: str, importer: str) -> str | None:
        for root in _ancestors(importer.rpartition("/")[0]):
            for below in ("", "src"):
                folder = "/".join(part for part in (root, below, tail) if part)
                if folder in self._folders and not self._is_package(root):
                    return folder + "/"
        return None

    def _adds_to_path(self, importer: str, folder: str) -> bool:
        """Whether a file puts a folder of that name on ``sys.path``, whatever is before it."""
        source = self.project.source(importer)
        if source is None or b"sys.path." not in source.data:
            return False
        name = re.escape(folder.rpartition("/")[2].encode())
        call = rb"(?m)^[^#\n]*\bsys\.path\.(?:append|insert)\([^\n]*[\"'/]%b/?[\"']" % name
        return re.search(call, source.data) is not None

    def _is_package(self, folder: str) -> bool:
        return bool(folder) and self._has(f"{folder}/__init__.py")

    def _has(self, path: str) -> bool:
        last = path.rpartition("/")[2][:-3]
        if last == "__init__":
            last = path.rpartition("/")[0].rpartition("/")[2]
        return path in self._index().get(last, ())

    def _index(self) -> dict[str, list[str]]:
        if self._by_last is None:
            index: dict[str, list[str]] = {}
            for path in self.project.paths():
                if path.endswith(".py"):
                    folder, _, name = path.rpartition("/")
                    last = name[:-3]
                    if last == "__init__":
                        last = folder.rpartition("/")[2]
                    index.setdefault(last, []).append(path)
                    while folder and folder not in self._folders:
                        self._folders.add(folder)
                        folder = folder.rpartition("/")[0]
            self._by_last = index
        return self._by_last


def _ancestors(folder: str) -> list[str]:
    """A folder and those around it, nearest first, the root (``""``) last."""
    found = []
    while folder:
        found.append(folder)
        folder = folder.rpartition("/")[0]
    return [*found, ""]
