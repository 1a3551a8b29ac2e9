"""Parsers by name, loaded without what their packages import on the way.

``tree_sitter_python/__init__.py`` imports ``importlib.resources`` for its query files: 12 ms that a commit would
notice (tree-sitter-python 0.25.0). The grammar itself is an extension module beside it, which is loaded alone.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tree_sitter import Language, Parser


def language(name: str) -> Language:
    """The tree-sitter language ``name`` ("python", "toml", "yaml"). Raises ImportError when its package is missing."""
    from tree_sitter import Language

    package = f"tree_sitter_{name}"
    loaded = sys.modules.get(f"{package}._binding")
    if loaded is None:
        found = PathFinder.find_spec(package)
        folders = found.submodule_search_locations if found else None
        spec = PathFinder.find_spec(f"{package}._binding", folders) if folders else None
        if spec is None or spec.loader is None:
            raise ImportError(f"the package {package.replace('_', '-')} is not installed", name=package)
        loaded = module_from_spec(spec)
        spec.loader.exec_module(loaded)
        sys.modules[f"{package}._binding"] = loaded
    return Language(loaded.language())


def parser(name: str) -> Parser:
    """A new parser for the language ``name``; parsers are cheap once the grammar is loaded."""
    from tree_sitter import Parser

    return Parser(language(name))
