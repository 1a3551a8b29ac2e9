"""The configuration: ``[tool.celery-backend-lint]`` in pyproject.toml, or celery-backend-lint.toml.

``KEYS`` is the whole of it; ``schema/celery-backend-lint.schema.json`` says the same to editors (a test compares them).
"""

from __future__ import annotations

import os

from celery_backend_lint.findings.finding import Severity
from celery_backend_lint.findings.selection import SelectionLayer
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

TOOL = "celery-backend-lint"
OWN_FILE = "celery-backend-lint.toml"
SEVERITIES = ("advice", "warning", "error")
OUTPUT_FORMATS = ("full", "concise", "json")

KEYS: dict[str, str | tuple[str, ...]] = {
    "exclude": "list",
    "extend-select": "list",
    "fail-on": SEVERITIES,
    "ignore": "list",
    "min-severity": SEVERITIES,
    "output-format": OUTPUT_FORMATS,
    "per-file-ignores": "table of lists",
    "select": "list",
    "target-celery": "version",
    "unfixable": "list",
    "unsafe-fixes": "switch",
}
"""Each key with what it takes: texts, a table of lists of them, a version, true or false, or one of the given words."""


class ConfigurationError(Exception):
    """The configuration cannot be used; the text names the file, the key and what was expected."""


@record
class Options:
    """What a configuration file says. ``source`` is its path as found, empty when there is none; None means unsaid."""

    source: str = ""
    selection: SelectionLayer = SelectionLayer(select=("ALL",))
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    min_severity: Severity | None = None
    fail_on: Severity | None = None
    output_format: str | None = None
    target_celery: str | None = None
    unfixable: tuple[str, ...] = ()
    unsafe_fixes: bool = False


def severity(label: str) -> Severity:
    """The severity with that label (``"warning"``). Raises KeyError when there is none."""
    return Severity[label.upper()]


def find_options(folder: str) -> Options:
    """The options of the nearest configuration in ``folder`` (absolute) or above it; the defaults when there is none.

    In one folder celery-backend-lint.toml goes before pyproject.toml. Raises ConfigurationError.
    """
    while True:
        own = os.path.join(folder, OWN_FILE)
        if os.path.isfile(own):
            return read_options(own)
        pyproject = os.path.join(folder, "pyproject.toml")
        table = _pyproject_table(pyproject) if os.path.isfile(pyproject) else None
        if table is not None:
            return _options(pyproject, table, f"tool.{TOOL}.")
        above = os.path.dirname(folder)
        if above == folder:
            return Options()
        folder = above


def read_options(path: str) -> Options:
    """The options of one file: the tool's table when it is called pyproject.toml, else its top level.

    Raises ConfigurationError; also when the file cannot be read.
    """
    if os.path.basename(path) == "pyproject.toml":
        table = _parse(path, _read(path)).get("tool", {}).get(TOOL, {})
        return _options(path, table, f"tool.{TOOL}.")
    return _options(path, _parse(path, _read(path)), "")


def is_version(text: str) -> bool:
    """Whether a text is a release number such as ``5.4`` or ``5.4.0``."""
    return all(part.isascii() and part.isdigit() for part in text.split("."))


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean …?`` for a word that is close to a known one, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _pyproject_table(path: str) -> Any | None:
    """The tool's table of a pyproject.toml, or None. The TOML parser costs 12 ms, so bytes are asked first."""
    try:
        data = _read(path)
    except ConfigurationError:
        return None  # CBL001 reports manifests that cannot be read
    if TOOL.encode() not in data:
        return None
    try:
        return _parse(path, data).get("tool", {}).get(TOOL)
    except ConfigurationError:
        if f"tool.{TOOL}".encode() in data:
            raise
        return None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error


def _parse(path: str, data: bytes) -> dict[str, Any]:
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(data.removeprefix(b"\xef\xbb\xbf").decode())
    except RecursionError:
        raise ConfigurationError(f"{path}: is not valid TOML: it is nested too deeply") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: is not valid TOML: {error}") from error


def _options(path: str, table: Any, prefix: str) -> Options:
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: {prefix.rstrip('.')}: expected a table")
    for key, value in table.items():
        if key not in KEYS:
            hint = suggestion(key, KEYS) or f"; the keys are {', '.join(KEYS)}"
            raise ConfigurationError(f"{path}: {prefix}{key}: there is no such key{hint}")
        expected = _expected(KEYS[key], value)
        if expected:
            raise ConfigurationError(f"{path}: {prefix}{key}: expected {expected}")
    for key in ("exclude", "per-file-ignores"):
        if key in table:
            _check_patterns(f"{path}: {prefix}{key}", table[key])
    return Options(
        source=path,
        selection=SelectionLayer(
            select=tuple(table.get("select", ["ALL"])),
            extend_select=tuple(table.get("extend-select", [])),
            ignore=tuple(table.get("ignore", [])),
        ),
        per_file_ignores=tuple((pattern, tuple(off)) for pattern, off in table.get("per-file-ignores", {}).items()),
        exclude=tuple(table.get("exclude", [])),
        min_severity=severity(table["min-severity"]) if "min-severity" in table else None,
        fail_on=severity(table["fail-on"]) if "fail-on" in table else None,
        output_format=table.get("output-format"),
        target_celery=table.get("target-celery"),
        unfixable=tuple(table.get("unfixable", [])),
        unsafe_fixes=table.get("unsafe-fixes", False),
    )


def _expected(kind: str | tuple[str, ...], value: Any) -> str:
    """What the key takes, in words, when ``value`` is not that; empty when it is."""
    if kind == "list":
        return "" if _is_list_of_text(value) else "a list of texts"
    if kind == "table of lists":
        fits = isinstance(value, dict) and all(_is_list_of_text(ignored) for ignored in value.values())
        return "" if fits else "a table of lists of texts, one list for each file pattern"
    if kind == "version":
        return "" if isinstance(value, str) and is_version(value) else 'a release of Celery as text, such as "5.4"'
    if kind == "switch":
        return "" if isinstance(value, bool) else "true or false"
    if value in kind:
        return ""
    words = ", ".join(f'"{word}"' for word in kind)
    return f"one of {words}{suggestion(value, kind) if isinstance(value, str) else ''}"


def _check_patterns(where: str, patterns: Iterable[str]) -> None:
    from celery_backend_lint.patterns import matcher

    try:
        matcher(patterns)
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}") from None


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
