"""Read out of a wheel of Celery what its result backends read, need and support. See generate_celery_data.py."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from celery_data_readers import DISTRIBUTIONS, imports_of, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_data_readers import Tables, Wheel

# The extra of Celery that brings a backend's packages, where its name is not the alias.
EXTRAS = {
    "cache": ("memcache", "pymemcache"),
    "database": ("sqlalchemy",),
    "db": ("sqlalchemy",),
    "gs": ("gcs",),
    "rediss": ("redis",),
    "sentinel": ("redis",),
}


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
        self.imports = imports_of(tree)
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


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
