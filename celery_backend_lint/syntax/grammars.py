"""Parsers by name, loaded without what their packages import on the way.

``tree_sitter/__init__.py`` imports ``typing`` for one protocol: 4 ms (tree-sitter 0.26, CPython 3.11), and
``tree_sitter_python/__init__.py`` imports ``importlib.resources`` for its query files: 12 ms that a commit would
notice (tree-sitter-python 0.25.0). What is wanted of both is an extension module beside them, which is loaded alone.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from typing import Any

    from tree_sitter import Parser


def parser(name: str) -> Parser:
    """A new parser for the language ``name`` ("python", "toml", "yaml"); they are cheap once the grammar is loaded.

    Raises ImportError when its package is missing.
    """
    tree_sitter = _extension("tree_sitter")
    made: Parser = tree_sitter.Parser(tree_sitter.Language(_extension(f"tree_sitter_{name}").language()))
    return made


def _extension(package: str) -> Any:
    """The extension module ``_binding`` of a package. Raises ImportError when there is none."""
    name = f"{package}._binding"
    loaded = sys.modules.get(name)
    if loaded is None:
        found = _spec(package, None)
        spec = _spec(name, found.submodule_search_locations) if found else None
        loaded = spec.loader.create_module(spec) if spec and spec.loader else None
        if spec is None or spec.loader is None or loaded is None:
            raise ImportError(f"the package {package.replace('_', '-')} is not installed", name=package)
        spec.loader.exec_module(loaded)
        sys.modules[name] = loaded
    return loaded


def _spec(name: str, folders: Sequence[str] | None) -> ModuleSpec | None:
    """What ``importlib.util.find_spec`` does, whose import takes 2 ms (3.11)."""
    specs = (finder.find_spec(name, folders) for finder in sys.meta_path)
    return next((spec for spec in specs if spec is not None), None)
