"""Read facts out of wheels of Celery, kombu and SQLAlchemy, without installing them. See generate_celery_data.py.

A reader takes a ``Wheel`` and returns tables: name of table -> key -> value, for that one release. Values are made
of None, bool, numbers, text and tuples (dicts only as defaults of settings), so that they can be written as literals.
"""

from __future__ import annotations

import ast
import re
import sys
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Tables = dict[str, dict[str, Any]]

# Modules that come with Celery itself: importing them asks for no further package.
WITH_CELERY = {"celery", "kombu", "vine", "billiard", "amqp", "click", "pytz", "dateutil", "zoneinfo", "tzdata"}
WITH_CELERY |= {"packaging", "typing_extensions", "exceptiongroup"}
WITH_CELERY |= {"compression", "distutils", *sys.stdlib_module_names}  # not every Python has the first two

# The distributions that bring a module, the usual one first. A module that comes along with another one of its backend
# (botocore with boto3, bson with pymongo) or is optional there (azure.identity) is left out.
DISTRIBUTIONS = {
    "MySQLdb": ("mysqlclient",),
    "aiomysql": ("aiomysql",),
    "aioodbc": ("aioodbc",),
    "aiosqlite": ("aiosqlite",),
    "arango": ("python-arango",),
    "asyncmy": ("asyncmy",),
    "asyncpg": ("asyncpg",),
    "azure.storage.blob": ("azure-storage-blob",),
    "azure.storage": ("azure-storage",),
    "backports.zstd": ("backports.zstd",),
    "boto3": ("boto3",),
    "brotli": ("brotli",),
    "brotlicffi": ("brotlicffi",),
    "cassandra": ("cassandra-driver",),
    "consul": ("python-consul2", "python-consul"),
    "couchbase": ("couchbase",),
    "cx_Oracle": ("cx-oracle",),
    "cymysql": ("cymysql",),
    "elasticsearch": ("elasticsearch",),
    "google.cloud.firestore": ("google-cloud-firestore",),
    "google.cloud.storage": ("google-cloud-storage",),
    "mariadb": ("mariadb",),
    "memcache": ("python-memcached",),
    "msgpack": ("msgpack",),
    "mssql_python": ("mssql-python",),
    "mysql.connector": ("mysql-connector-python",),
    "oracledb": ("oracledb",),
    "pg8000": ("pg8000",),
    "psycopg": ("psycopg",),
    "psycopg2": ("psycopg2-binary", "psycopg2"),
    "psycopg2cffi": ("psycopg2cffi",),
    "pyArango": ("pyarango",),
    "pycouchdb": ("pycouchdb",),
    "pydocumentdb": ("pydocumentdb",),
    "pylibmc": ("pylibmc",),
    "pymemcache": ("pymemcache",),
    "pymongo": ("pymongo",),
    "pymssql": ("pymssql",),
    "pymysql": ("pymysql",),
    "pyodbc": ("pyodbc",),
    "redis": ("redis",),
    "riak": ("riak",),
    "sqlalchemy": ("sqlalchemy",),
    "sqlcipher3": ("sqlcipher3",),
    "yaml": ("pyyaml",),
    "zstandard": ("zstandard",),
}


class Wheel:
    """A wheel as its files. ``name`` and ``version`` are those of the file name."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name, self.version = path.name.split("-")[:2]
        self._archive = ZipFile(path)
        self.files = frozenset(self._archive.namelist())

    def text(self, path: str) -> str:
        """The text of one file. Raises KeyError when the wheel has none of that name."""
        return self._archive.read(path).decode()

    def tree(self, path: str) -> ast.Module:
        """The syntax tree of one Python file."""
        return ast.parse(self.text(path), path)

    def python_files(self, folder: str) -> list[str]:
        """The Python files under a folder, sorted."""
        return sorted(name for name in self.files if name.startswith(folder) and name.endswith(".py"))

    def metadata(self, field: str) -> list[str]:
        """The values of a field of METADATA, in order."""
        path = next(name for name in self.files if name.endswith(".dist-info/METADATA"))
        headers = self.text(path).split("\n\n")[0].splitlines()
        return [line.partition(": ")[2].strip() for line in headers if line.startswith(f"{field}: ")]

    def entry_points(self, group: str) -> dict[str, str]:
        """The entry points of a group, name to target."""
        path = next((name for name in self.files if name.endswith(".dist-info/entry_points.txt")), None)
        section = self.text(path).partition(f"[{group}]")[2].partition("[")[0] if path else ""
        lines = (line.partition("=") for line in section.splitlines() if "=" in line)
        return {name.strip(): target.strip() for name, _, target in lines}


def settings(wheel: Wheel) -> Tables:
    """SETTINGS (type, default, old names, section, deprecated by, removed by, alternative) and OLD_NAMES.

    Both from celery/app/defaults.py.
    """
    module = _run_defaults(wheel.text("celery/app/defaults.py"))
    old: dict[str, list[str]] = {}
    for old_name, name in module["_TO_NEW_KEY"].items():
        old.setdefault(name, []).append(old_name)
    rows = {}
    for section, name, option in _options(module["NAMESPACES"]):
        kind = option.type if isinstance(option.type, str) else option.type.__name__
        names = tuple(sorted(old[name]))
        changes = (option.deprecate_by, option.remove_by, option.alt)
        rows[name] = (kind, _plain(option.default), names, section, *changes)
    return {"SETTINGS": rows, "OLD_NAMES": dict(module["_TO_NEW_KEY"])}


def _run_defaults(source: str) -> dict[str, Any]:
    """Run ``celery/app/defaults.py`` with stand-ins for what it imports from Celery; returns its names."""
    stand_ins = SimpleNamespace(
        memoize=lambda **_: lambda function: function,
        strtobool=bool,
        items=lambda mapping: mapping.items(),
        keys=lambda mapping: mapping.keys(),
        values=lambda mapping: mapping.values(),
        python_2_unicode_compatible=lambda cls: cls,
    )

    def import_(name: str, *arguments: Any) -> Any:
        return stand_ins if name.startswith("celery.") else __import__(name, *arguments)

    builtins = {**vars(__import__("builtins")), "__import__": import_}
    module: dict[str, Any] = {"__name__": "celery.app.defaults", "__builtins__": builtins}
    exec(compile(source, "celery/app/defaults.py", "exec"), module)  # noqa: S102 - published by Celery
    return module


def _options(namespaces: dict[str, Any], section: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield (section, name, Option) for each setting of Celery's tree of namespaces."""
    for key, value in namespaces.items():
        name = f"{section}_{key}" if section else key
        if isinstance(value, dict):
            yield from _options(value, name)
        else:
            yield section, name, value


def _plain(default: Any) -> Any:
    """A default as a literal: ``("timedelta", seconds)`` for a timedelta, a tuple for a list (both mean a list)."""
    if isinstance(default, timedelta):
        return ("timedelta", default.total_seconds())
    return tuple(default) if isinstance(default, list) else default


def imports_of(tree: ast.Module) -> set[str]:
    """The modules a module imports anywhere that do not come with Celery, as keys of DISTRIBUTIONS where they are."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "import_module" and node.args:
            names.update(argument.value for argument in node.args if isinstance(argument, ast.Constant))  # type: ignore[misc]
    return {_known_module(name) for name in names if name.split(".")[0] not in WITH_CELERY}


def _known_module(name: str) -> str:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        if (candidate := ".".join(parts[:length])) in DISTRIBUTIONS:
            return candidate
    return parts[0]


def entry_points(wheel: Wheel) -> Tables:
    """THIRD_PARTY: alias to (class path, distribution), from the entry points that ``celery.app.backends`` loads."""
    found = wheel.entry_points("celery.result_backends")
    name = wheel.name.replace("_", "-")
    return {"THIRD_PARTY": {alias: (path.replace(":", "."), name) for alias, path in found.items()}}


def requirements(wheel: Wheel) -> Tables:
    """CELERY or KOMBU: extra to requirements; "" to what is always required, "python" to ``Requires-Python``."""
    found: dict[str, list[str]] = {"": []}
    for extra in wheel.metadata("Provides-Extra"):
        found.setdefault(extra, [])
    for line in wheel.metadata("Requires-Dist"):
        extra, requirement = _requirement(line)
        found.setdefault(extra, []).append(requirement)
    rows: dict[str, Any] = {extra: tuple(sorted(lines)) for extra, lines in found.items()}
    rows["python"] = tuple(_specifier(line) for line in wheel.metadata("Requires-Python"))
    return {wheel.name.upper(): rows}


def _requirement(line: str) -> tuple[str, str]:
    """Split a Requires-Dist line into (extra, requirement), the latter spelled as today: ``name[x]>=1,<2; marker``."""
    requirement, _, marker = line.partition(";")
    extra = ""
    if match := re.search(r"""extra\s*==\s*['"]([^'"]+)['"]""", marker):
        extra = match[1]
        marker = marker.replace(match[0], "")
        marker = re.sub(r"^\s*and\b|\band\s*$", "", marker.strip()).strip()
    marker = re.sub(r"^\((?P<inner>[^()]*)\)$", r"\g<inner>", marker.strip()).replace("'", '"')
    requirement = re.sub(r"[()\s]", "", requirement)
    name = re.match(r"[A-Za-z0-9._-]+(\[[^]]*\])?", requirement)
    if name is None:
        raise ValueError(line)
    return extra, f"{name[0]}{_specifier(requirement[name.end() :])}" + (f"; {marker}" if marker else "")


def _specifier(text: str) -> str:
    """A version specifier in one spelling: clauses sorted, no spaces, no empty clause."""
    return ",".join(sorted(part for part in text.replace(" ", "").split(",") if part))


def kombu_registries(wheel: Wheel) -> Tables:
    """SERIALIZERS (name to content type, encoding, modules needed), COMPRESSIONS (name or alias to type, modules)."""
    serializers: dict[str, Any] = {}
    for function in ast.walk(wheel.tree("kombu/serialization.py")):
        if not (isinstance(function, ast.FunctionDef) and function.name.startswith("register_")):
            continue
        modules = tuple(sorted(imports_of(ast.Module([function], []))))
        for call in _calls(function, "registry.register"):
            given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
            if "content_type" in given:
                name = ast.literal_eval(call.args[0])
                serializers[name] = (given["content_type"], given["content_encoding"], modules)
    compressions: dict[str, Any] = {}
    tree = wheel.tree("kombu/compression.py")
    pending: tuple[str, ...] = ()  # imported by the statement before the one that registers
    for statement in tree.body:
        pending = tuple(sorted(imports_of(ast.Module([statement], [])))) or pending
        for call in _calls(statement, "register"):
            content_type = ast.literal_eval(call.args[2])
            aliases = next(ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg == "aliases")
            compressions |= dict.fromkeys([content_type, *aliases], (content_type, pending))
            pending = ()
    return {"SERIALIZERS": serializers, "COMPRESSIONS": compressions}


def _calls(tree: ast.AST, function: str) -> Iterable[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == function)


def sqlalchemy_dialects(wheel: Wheel) -> Tables:
    """DIALECTS (dialect to its default driver), DRIVERS ("dialect+driver" to modules needed, whether asynchronous)."""
    folder = "sqlalchemy/dialects/"
    dialects: dict[str, Any] = {}
    drivers: dict[str, Any] = {}
    for path in sorted(name for name in wheel.files if re.fullmatch(rf"{folder}\w+/__init__\.py", name)):
        dialect = path.split("/")[2]
        package = wheel.tree(path)
        default = next((m[1] for m in re.finditer(r"dialect = (\w+)\.dialect\b", wheel.text(path))), None)
        if default is None:
            continue
        dialects[dialect] = default
        names = {
            alias.asname or alias.name
            for node in ast.walk(package)
            if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module is None
            for alias in node.names
        }
        names |= {
            node.targets[0].id
            for node in package.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Call)
        }
        for name in sorted(names):
            driver = _driver(wheel, f"{folder}{dialect}/", name)
            if driver is not None:
                drivers[f"{dialect}+{name}"] = driver
    if f"{folder}mysql/mariadb.py" in wheel.files:  # the same drivers, ``mariadb.loader`` wraps them
        _alias("mariadb", "mysql", dialects, drivers)
    for node in ast.walk(wheel.tree(f"{folder}__init__.py")):
        if isinstance(node, ast.Assign) and "_translates" in map(ast.unparse, node.targets):
            for old, new in ast.literal_eval(node.value).items():
                _alias(old, new, dialects, drivers)
    return {"DIALECTS": dialects, "DRIVERS": drivers}


def _alias(name: str, dialect: str, dialects: dict[str, Any], drivers: dict[str, Any]) -> None:
    """Enter another name of a dialect, with all its drivers."""
    dialects[name] = dialects[dialect]
    for key, row in list(drivers.items()):
        if key.startswith(f"{dialect}+"):
            drivers[f"{name}+{key.partition('+')[2]}"] = row


def _driver(wheel: Wheel, folder: str, name: str) -> tuple[tuple[str, ...], bool] | None:
    """The modules a driver imports and whether it is asynchronous; None where the name is no driver."""
    asynchronous = name.endswith("_async")
    file = name.removesuffix("_async")
    if f"{folder}{file}.py" not in wheel.files or file == "base":
        return None
    text = wheel.text(f"{folder}{file}.py")
    if not re.search(r"^dialect\b.* = ", text, re.MULTILINE):
        return None
    sources = [text]
    if f"sqlalchemy/connectors/{file}.py" in wheel.files:
        sources.append(wheel.text(f"sqlalchemy/connectors/{file}.py"))
    if not asynchronous and not re.search(r"^dialect_async\b", text, re.MULTILINE):
        asynchronous = any(re.search(r"^    is_async = True", source, re.MULTILINE) for source in sources)
    modules: set[str] = set()
    for source in sources:
        for function in ast.walk(ast.parse(source)):
            if not modules and isinstance(function, ast.FunctionDef) and function.name in {"import_dbapi", "dbapi"}:
                modules |= imports_of(ast.Module([function], []))
                for call in _calls(function, "__import__"):
                    modules.add(_known_module(ast.literal_eval(call.args[0])))
    if "sqlite3" in sources[0] and not asynchronous and name == "pysqlite":  # Python's own, with or without pysqlite2
        modules.clear()
    return tuple(sorted(modules - WITH_CELERY)), asynchronous
