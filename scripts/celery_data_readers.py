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

# The extra of Celery that brings a backend's packages, where its name is not the alias.
EXTRAS = {
    "cache": ("memcache", "pymemcache"),
    "database": ("sqlalchemy",),
    "db": ("sqlalchemy",),
    "gs": ("gcs",),
    "rediss": ("redis",),
    "sentinel": ("redis",),
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


def backends(wheel: Wheel) -> Tables:
    """ALIASES, BACKENDS, BACKEND_ONLY and UNLISTED.

    ALIASES: alias to (class path, whether its module is in the wheel). BACKENDS: alias to (settings, keys of
    ``result_backend_transport_options``, packages it needs, class attributes ``supports_*`` that are true, Celery's
    extras that bring the packages); packages are groups, of each group one is needed. What all backends read stands
    under the alias "" alone. BACKEND_ONLY: settings that nothing but backends mentions. UNLISTED: settings that are
    read (to the modules that do) but that celery.app.defaults does not list.
    """
    selection = wheel.tree("celery/app/backends.py")
    aliases = next(
        ast.literal_eval(node.value)
        for node in selection.body
        if isinstance(node, ast.Assign) and "BACKEND_ALIASES" in map(ast.unparse, node.targets)
    )
    known = frozenset(settings(wheel)["SETTINGS"])
    modules = {_dotted(path): _Module(wheel.tree(path), known) for path in wheel.python_files("celery/")}
    rows: dict[str, Any] = {}
    loadable: dict[str, Any] = {}
    for alias, path in aliases.items():
        module, _, name = path.replace(":", ".").rpartition(".")
        present = module in modules
        loadable[alias] = (f"{module}.{name}", present)
        if present:
            rows[alias] = _backend(module, name, modules, known)
    shared = set(rows["disabled"][0])
    extras = set(wheel.metadata("Provides-Extra"))
    table: dict[str, Any] = {"": (tuple(sorted(shared)), (), (), (), ())}
    for alias, (reads, options, imports, supports) in rows.items():
        parents = {module for module in imports if module in DISTRIBUTIONS}
        alone = (module for module in sorted(parents) if module.rpartition(".")[0] not in parents)
        groups = [DISTRIBUTIONS[module] for module in alone]
        if alias == "cache":  # either client will do
            groups = [tuple(sorted(name for group in groups for name in group))]
        own = tuple(name for name in reads if name not in shared)
        bring = tuple(extra for extra in EXTRAS.get(alias, (alias,)) if extra in extras)
        table[alias] = (own, options, tuple(groups), supports, bring)
    return {"ALIASES": loadable, "BACKENDS": table, **_readers(modules)}


class _Module:
    """What one module of Celery reads: per class and function the settings and the transport options."""

    def __init__(self, tree: ast.Module, known: frozenset[str]) -> None:
        self.classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        self.functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        self.imports = _imports(tree)
        self.sources = {
            alias.asname or alias.name: (node, alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        self.attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        self.mentions = known & (
            self.attributes
            | {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        )
        self.unlisted = _reads(tree, known)[0] - known


def _backend(
    module: str, name: str, modules: dict[str, _Module], known: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What a backend class and its bases read, import and support."""
    chain = list(_bases(module, name, modules))
    own = {path for path, _ in chain}
    package = {path for path in modules if path.startswith(f"{module}.")}
    # A method counts when something other than another backend mentions it: ``prepare_persistent`` stands on the
    # base class of all and is called by the RPC backend alone.
    callers = [found.attributes for path, found in modules.items() if path in own or "celery.backends." not in path]
    called = set[str]().union(*callers)
    reads: set[str] = set()
    options: set[str] = set()
    supports: dict[str, bool] = {}
    for path, class_name in chain:
        found = modules[path]
        parts = list(found.functions) if path == module else []
        # Helpers of the backend's module, such as Redis' ResultConsumer, and a class inside the class.
        helpers = [node for key, node in found.classes.items() if "Backend" not in key] if path == module else []
        for class_node in (found.classes[class_name], *helpers):
            for node in class_node.body:
                if isinstance(node, ast.FunctionDef) and not (node.name.startswith("__") or node.name in called):
                    continue
                parts.append(node)  # type: ignore[arg-type]
        for part in parts:
            part_reads, part_options = _reads(part, known)
            reads |= part_reads
            options |= part_options
        for key, value in _flags(found.classes[class_name]):
            supports.setdefault(key, value)
    imports = set(modules[module].imports).union(*(modules[path].imports for path in package))
    return (
        tuple(sorted(reads)),
        tuple(sorted(options)),
        tuple(sorted(imports)),
        tuple(sorted(key for key, value in supports.items() if value)),
    )


def _bases(module: str, name: str, modules: dict[str, _Module]) -> Iterator[tuple[str, str]]:
    """Yield (module, class) for a class and its bases inside Celery, nearest first."""
    found = modules.get(module)
    if found is None:
        return
    if name in found.classes:
        yield module, name
        for base in found.classes[name].bases:
            parts = ast.unparse(base).split(".")
            if len(parts) == 1:
                yield from _bases(module, parts[0], modules)
            elif parts[0] in found.sources:  # ``from . import base`` then ``base.Backend``
                yield from _bases(_source(module, found.sources[parts[0]], whole=True), parts[-1], modules)
    elif name in found.sources:
        yield from _bases(_source(module, found.sources[name]), found.sources[name][1], modules)


def _source(module: str, imported: tuple[ast.ImportFrom, str], whole: bool = False) -> str:
    """The module that ``from x import name`` in a module of Celery takes the name from."""
    node, name = imported
    parent = module.split(".")[: -node.level] if node.level else []
    parts = [*parent, *(node.module.split(".") if node.module else []), *([name] if whole else [])]
    return ".".join(parts)


def _flags(node: ast.ClassDef) -> Iterator[tuple[str, bool]]:
    for part in node.body:
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Constant) and isinstance(part.value.value, bool):
            for target in part.targets:
                if isinstance(target, ast.Name) and target.id.startswith("supports_"):
                    yield target.id, part.value.value


def _reads(tree: ast.AST, known: frozenset[str]) -> tuple[set[str], set[str]]:
    """The settings and the keys of ``result_backend_transport_options`` that code reads.

    Understands ``conf.x``, ``conf["x"]``, ``conf.get("x")``, ``"x" in conf`` where ``conf`` ends in ``.conf`` or is a
    name bound to such, ``_get("x")`` where ``_get`` is bound to ``conf.get``, ``find_value_for_key("x", "section")``;
    the same for the transport options. An attribute of ``conf`` counts when it is one of ``known``, the settings that
    Celery lists; else it may be a method.
    """
    confs, getters, options = {"<conf>"}, set(), {"<options>"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
            if _is_conf(value, confs):
                confs.add(name)
            elif isinstance(value, ast.Attribute) and value.attr == "get" and _is_conf(value.value, confs):
                getters.add(name)
            elif _is_options(value, confs, options):
                options.add(name)
    reads: set[str] = set()
    keys: set[str] = set()
    for node in ast.walk(tree):
        for container, key in _accesses(node):
            if _is_conf(container, confs):
                reads.add(key)
            elif _is_options(container, confs, options):
                keys.add(key)
        if isinstance(node, ast.Attribute) and _is_conf(node.value, confs) and node.attr in known:
            reads.add(node.attr)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            if isinstance(node.func, ast.Name) and node.func.id in getters:
                reads.add(node.args[0].value)  # type: ignore[arg-type]
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "find_value_for_key":
                reads.add("_".join(str(ast.literal_eval(argument)) for argument in reversed(node.args)))
    return reads, keys


def _accesses(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Yield (container, constant key) for ``container[key]``, ``container.get(key)`` and ``key in container``."""
    if isinstance(node, ast.Subscript):
        container, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr not in {"get", "value_set_for"}:
            return
        container, key = node.func.value, node.args[0]
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        container, key = node.comparators[0], node.left
    else:
        return
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield container, key.value


def _is_conf(node: ast.expr, names: set[str]) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr in {"conf", "_conf"}) or (
        isinstance(node, ast.Name) and node.id in names
    )


def _is_options(node: ast.expr, confs: set[str], names: set[str]) -> bool:
    name = "result_backend_transport_options"
    return (
        (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.Attribute) and node.attr in {"_transport_options", name})
        or any(key == name and _is_conf(container, confs) for container, key in _accesses(node))
    )


def _readers(modules: dict[str, _Module]) -> Tables:
    elsewhere: set[str] = set()
    in_backends: set[str] = set()
    unlisted: dict[str, list[str]] = {}
    for path, found in modules.items():
        for name in found.unlisted:
            unlisted.setdefault(name, []).append(path)
        if path.startswith("celery.backends."):
            in_backends |= found.mentions
        elif path != "celery.app.defaults":
            elsewhere |= found.mentions
    only = dict.fromkeys(in_backends - elsewhere, True)
    return {"BACKEND_ONLY": only, "UNLISTED": {name: tuple(sorted(paths)) for name, paths in unlisted.items()}}


def _imports(tree: ast.Module) -> set[str]:
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


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


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
        modules = tuple(sorted(_imports(ast.Module([function], []))))
        for call in _calls(function, "registry.register"):
            given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
            if "content_type" in given:
                name = ast.literal_eval(call.args[0])
                serializers[name] = (given["content_type"], given["content_encoding"], modules)
    compressions: dict[str, Any] = {}
    tree = wheel.tree("kombu/compression.py")
    pending: tuple[str, ...] = ()  # imported by the statement before the one that registers
    for statement in tree.body:
        pending = tuple(sorted(_imports(ast.Module([statement], [])))) or pending
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
                modules |= _imports(ast.Module([function], []))
                for call in _calls(function, "__import__"):
                    modules.add(_known_module(ast.literal_eval(call.args[0])))
    if "sqlite3" in sources[0] and not asynchronous and name == "pysqlite":  # Python's own, with or without pysqlite2
        modules.clear()
    return tuple(sorted(modules - WITH_CELERY)), asynchronous
