"""Imports of this package's own modules, without the search for where they could be.

A clean run imports some 250 modules. Python asks each entry of ``sys.meta_path``, the folder's age, the file, its age,
and reads the compiled file in several calls: 50 µs a module, 25 µs when it is known where the modules are (3.11).
What is compiled, checked and run is the same, and everything out of the ordinary is left to Python's own way.
"""

from __future__ import annotations

import marshal
import os
import sys
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

PACKAGE = "celery_backend_lint."
MOST = 256 * 1024
"""Bytes of a compiled module; none of ours has more."""


class Loader(SourceFileLoader):
    """Reads the compiled file of one module in one call."""

    def __init__(self, name: str, path: str, status: os.stat_result, compiled: str) -> None:
        """Take the source file with what the system says of it, and where its compiled file is."""
        super().__init__(name, path)
        self._status = status
        self._compiled = compiled

    def get_code(self, fullname: str) -> CodeType | None:
        """The module's code, from its compiled file where that is up to date."""
        try:
            descriptor = os.open(self._compiled, _FLAGS)
            try:
                data = os.read(descriptor, MOST)
            finally:
                os.close(descriptor)
        except OSError:
            return super().get_code(fullname)
        # PEP 552: the magic number, no flags (compared by time, not by hash), the source's time and size.
        time, size = int(self._status.st_mtime) & 0xFFFFFFFF, self._status.st_size & 0xFFFFFFFF
        head = MAGIC_NUMBER + bytes(4) + time.to_bytes(4, "little") + size.to_bytes(4, "little")
        if data[:16] != head or len(data) == MOST:
            return super().get_code(fullname)
        code: CodeType = marshal.loads(memoryview(data)[16:])  # noqa: S302 - what Python itself would load
        return code


class Finder:
    """Finds this package's modules beside each other; to stand first in ``sys.meta_path``."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG004
        """The spec of a module of this package that is a plain file, None for any other."""
        if not name.startswith(PACKAGE) or path is None or len(path) != 1:
            return None
        last = name.rpartition(".")[2]
        for folder, stem in ((path[0], last), (f"{path[0]}/{last}", "__init__")):
            file = f"{folder}/{stem}.py"
            try:
                status = os.stat(file)
            except OSError:
                continue
            compiled = f"{folder}/__pycache__/{stem}.{sys.implementation.cache_tag}.pyc"
            spec = _Spec(name, Loader(name, file, status, compiled), origin=file, is_package=stem == "__init__")
            spec.has_location = True
            spec.cached = compiled
            if spec.submodule_search_locations is not None:
                spec.submodule_search_locations.append(folder)
            return spec
        return None


_Spec = type(__spec__)
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def install() -> None:
    """Have the modules that this process imports from now on found that way, unless Python runs in an unusual one."""
    plain = type(__spec__.loader) is SourceFileLoader and sys.pycache_prefix is None and not sys.flags.optimize
    if plain and os.sep == "/":
        sys.meta_path.insert(0, Finder)
