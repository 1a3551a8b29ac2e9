# ruff: noqa: ARG002, SLF001
"""Stands in for third-party modules that are not installed, so that a project's configuration can be imported.

A stub module has every attribute, and each can be called, subscripted, iterated (it is empty), used as a decorator, as
a base class and as an annotation. What comes of it as text or in a collection can be told by its `MARK`, so
that no setting that holds a stub is taken for a fact.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import os
import sys
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MARK = "\N{REPLACEMENT CHARACTER}stub:"
GUARDS = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException")
NEVER_STUBBED = (
    "celery", "kombu", "billiard", "amqp", "vine", "celeryconfig", "django", "pydantic", "pydantic_settings",
)  # fmt: skip
"""Modules that stay missing: Celery's own (``celery.task`` is gone), what a missing file stands for, and what says
where the fields of a class come from.
"""


class Stub:
    """An object of a module that is not installed. It takes part in everything and is true."""

    def __init__(self, path: str) -> None:
        self.__dict__["_path"] = path
        self.__dict__["__name__"] = path.rpartition(".")[2]

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """What is decorated, or another stub."""
        if len(arguments) == 1 and not keywords and isinstance(arguments[0], (FunctionType, type)):
            return arguments[0]
        return Stub(f"{self._path}()")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub(f"{self._path}.{name}")

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__[name] = value

    def __getitem__(self, key: object) -> Stub:
        return Stub(f"{self._path}[]")

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __contains__(self, item: object) -> bool:
        return False

    def __enter__(self) -> object:
        return self

    def __exit__(self, *unused: object) -> None:
        pass

    def __str__(self) -> str:
        return f"{MARK}{self._path}"

    __repr__ = __fspath__ = __str__

    def __format__(self, specification: str) -> str:
        return str(self)

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 0

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __float__(self) -> float:
        return 1.0

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, Stub)

    def __subclasscheck__(self, subclass: object) -> bool:
        return False

    def __get_pydantic_core_schema__(self, *unused: object) -> Any:
        from pydantic_core.core_schema import any_schema  # type: ignore[import-not-found, unused-ignore]

        return any_schema()

    def _operate(self, *unused: object) -> Stub:
        return Stub(f"{self._path}()")

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __mod__ = _operate
    __floordiv__ = __or__ = __ror__ = __and__ = __rand__ = __neg__ = __invert__ = __pow__ = __rmod__ = _operate


class StubModule(ModuleType):
    """A module that is not installed."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Stub(f"{self.__name__}.{name}")


class StubLoader(importlib.abc.Loader):
    """Makes stub modules; ``folder`` is where modules below are found that are not stubs."""

    def __init__(self, folder: str = "/not-installed") -> None:
        self.folder = folder

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """An empty stub module."""
        made = StubModule(spec.name)
        made.__path__ = [self.folder]
        made.__all__ = ()  # type: ignore[attr-defined]
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is there to run."""


class Replacing(importlib.abc.MetaPathFinder):
    """The first of the finders: stubs in place of the project's own files ``paths``, which cannot be imported."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = paths

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """A stub, or None for every other module."""
        found = importlib.machinery.PathFinder.find_spec(fullname, path) if self.paths else None
        if found is None or found.origin is None or found.origin not in self.paths:
            return None
        return importlib.machinery.ModuleSpec(fullname, StubLoader(os.path.dirname(found.origin)), is_package=True)


class StubFinder(importlib.abc.MetaPathFinder):
    """The last of the finders: a module that nobody has is the project's own somewhere else in its tree, or a stub.

    ``stubbed`` are the top-level names that were stubbed. An import that the project guards against failing fails.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.stubbed: list[str] = []
        self.folders = _import_folders(root)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The project's module, a stub, or None."""
        first = fullname.partition(".")[0]
        if path is not None:
            parent = sys.modules.get(fullname.rpartition(".")[0])
            mine = isinstance(parent, StubModule)
            if not mine and (first in NEVER_STUBBED or not _inside(parent, self.root) or self._is_guarded()):
                return None
        else:
            for folder in self.folders.get(fullname, ()):
                found = importlib.machinery.PathFinder.find_spec(fullname, [folder])
                if found is not None:
                    sys.path.append(folder)
                    return found
            if first in NEVER_STUBBED or self._is_guarded():
                return None
        if first not in self.stubbed:
            self.stubbed.append(first)
        return importlib.machinery.ModuleSpec(fullname, StubLoader(), is_package=True)

    def _is_guarded(self) -> bool:
        """Whether the statement that imports is in a ``try`` that goes on without the module."""
        frame: Any = sys._getframe(2)
        dynamic = False
        while frame is not None:
            name = frame.f_code.co_filename
            if name.endswith(("importlib/__init__.py", "django/utils/module_loading.py")):
                dynamic = True
            elif not name.startswith("<frozen importlib") and name != __file__:
                break
            frame = frame.f_back
        if frame is None:
            return False
        name = frame.f_code.co_filename
        if dynamic and f"{os.sep}django{os.sep}" in name:
            return False  # an app of INSTALLED_APPS
        return any(frame.f_lineno in lines for lines in _guarded_lines(name))


def _inside(module: ModuleType | None, root: str) -> bool:
    return any(str(entry).startswith(root) for entry in getattr(module, "__path__", ()))


@cache
def _guarded_lines(path: str) -> tuple[range, ...]:
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    return tuple(
        range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and any(_guards(handler) for handler in node.handlers)
    )


def _guards(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(one, ast.Name) and one.id in GUARDS for one in caught)


def _import_folders(root: str) -> dict[str, list[str]]:
    """For each top-level name that the project's files may be imported by, the folders that hold it."""
    found: dict[str, list[str]] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        if "__init__.py" in files and folder != root:
            continue
        for name in files:
            if name.endswith(".py"):
                found.setdefault(name[:-3], []).append(folder)
        for name in folders:
            inner = os.path.join(folder, name)
            if any(entry.endswith(".py") for entry in os.listdir(inner)):
                found.setdefault(name, []).append(folder)
    return found
