"""Whether a changed file is still what it was: every format's own parser is asked, before and after."""

from __future__ import annotations

import sys

from celery_backend_lint.project.source import SourceFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def broken(path: str, before: bytes | None, after: bytes) -> str:
    """What is wrong with a file that was right, as ``is no Python any more``; ``""`` where nothing is.

    A parser that refused the file before is not asked.
    """
    for check in _checks_for(path):
        if before is None or check(before) is None:
            problem = check(after)
            if problem is not None:
                return problem
    return ""


def _checks_for(path: str) -> tuple[Callable[[bytes], str | None], ...]:
    name = path.rpartition("/")[2]
    if name.endswith((".py", ".pyi")):
        return (_python, _python_of_any_version)
    if name.endswith(".toml") or name in ("Pipfile", "poetry.lock", "uv.lock"):
        return (_toml,)
    if name.endswith((".yml", ".yaml")):
        return (_yaml,)
    if name.endswith((".cfg", ".ini")):
        return (_ini,)
    from celery_backend_lint.model.env_names import is_env_file

    return (_dotenv,) if is_env_file(path) else ()


def _python(data: bytes) -> str | None:
    """What the Python that runs this says, which is stricter than tree-sitter."""
    import ast
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return "is no Python any more"
    return None


def _python_of_any_version(data: bytes) -> str | None:
    from celery_backend_lint.syntax.python import PythonParser, first_error

    source = SourceFile("", "", data)
    sound = source.problem is None and first_error(PythonParser().parse(source)) is None
    return None if sound else "is no Python any more"


def _toml(data: bytes) -> str | None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tomllib.loads(data.decode())
    except (ValueError, RecursionError):
        return "is no TOML any more"
    return None


def _yaml(data: bytes) -> str | None:
    from celery_backend_lint.syntax.grammars import parser

    return "is no YAML any more" if parser("yaml").parse(data).root_node.has_error else None


def _ini(data: bytes) -> str | None:
    from configparser import Error, RawConfigParser

    try:
        RawConfigParser(strict=False).read_string(data.decode())
    except (Error, ValueError):
        return "is no ini file any more"
    return None


def _dotenv(data: bytes) -> str | None:
    from celery_backend_lint.syntax.dotenv import read_dotenv

    source = SourceFile("", "", data)
    if source.problem is not None:
        return "is no text any more"
    return "has a line that is neither NAME=value nor a comment" if read_dotenv(source.text)[1] else None
