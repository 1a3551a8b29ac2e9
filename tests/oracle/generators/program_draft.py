"""What every part of a generated program needs: modules, names, numbers drawn, imports between modules."""

# ruff: noqa: E501 -- source text stands in one line
from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLES = {
    "text": ("HOST", "REDIS_DSN", "STAGE"),
    "int": ("REDIS_PORT", "TTL", "RETRIES"),
    "bool": ("DEBUG", "TRACK"),
}
"""The environment variables that programs read, by what their text is good for."""

TEXTS = ("", "json", "redis://h/0", "amqp://u:p@h//", "a b%s", "{x}", "True", "é", "db+sqlite:///x.db", "12")
VALUES = {
    "text": ("", "fromenv", "redis://e/1", "prod", "dev"),
    "int": ("7", "0", "-3"),
    "bool": ("1", "true", "False", "off", "0"),
}


class Module:
    """One module while it is written; ``indent`` is put before each line."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.names: dict[str, list[str]] = {}

    def add(self, *lines: str) -> None:
        self.lines.extend(lines)

    def need(self, line: str) -> None:
        """Add an import once."""
        if line not in self.lines:
            self.lines.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


class Draft:
    """Modules of one project, and what is drawn for them. ``layout`` is the folder of the package: ``""``, ``"proj"`` or ``"src/proj"``.

    ``integer(low, high)`` draws a number, both ends included: hypothesis's, or a random generator's in a campaign.
    """

    def __init__(self, integer: Callable[[int, int], int], layout: str = "") -> None:
        self.integer = integer
        self.layout = layout
        self.modules: list[Module] = []
        self.count = 0

    # What is drawn ---------------------------------------------------------------------------------------------------

    def pick(self, *options: Any) -> Any:
        return options[0] if len(options) == 1 else options[self.integer(0, len(options) - 1)]

    def chance(self, one_in: int) -> bool:
        return self.integer(0, one_in - 1) == one_in - 1

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def variable(self, kind: str) -> str:
        return str(self.pick(*VARIABLES[kind]))

    def environment(self) -> dict[str, str]:
        """Which variables are set, and to what."""
        found = {}
        for kind, names in VARIABLES.items():
            for name in names:
                if self.pick(False, True):
                    found[name] = self.pick(*VALUES[kind])
        return found

    # Modules ---------------------------------------------------------------------------------------------------------

    def module(self, name: str) -> Module:
        made = Module(name)
        self.modules.append(made)
        return made

    @property
    def package(self) -> str:
        return self.layout.rpartition("/")[2]

    def dotted(self, module: Module) -> str:
        return f"{self.package}.{module.name}" if self.package else module.name

    def files(self) -> dict[str, str]:
        found = {f"{self.layout}/__init__.py": ""} if self.layout else {}
        for module in self.modules:
            found[f"{self.layout}/{module.name}.py".lstrip("/")] = module.text
        return found

    def later(self, module: Module) -> list[Module]:
        """The modules that ``module`` may import: those after it."""
        return self.modules[self.modules.index(module) + 1 :]

    def imported(self, module: Module, other: Module, name: str) -> str:
        """Import ``name`` of ``other`` into ``module`` in one of the ways there are; the expression that means it."""
        dotted = self.dotted(other)
        ways = ["from", "import", "as"]
        if self.package:
            ways += ["relative", "package", "relative package"]
        if not name.startswith("_"):
            ways.append("star")
        way = self.pick(*ways)
        if way == "from":
            module.add(f"from {dotted} import {name}")
            return name
        if way == "relative":
            alias = self.fresh("n")
            module.add(f"from .{other.name} import {name} as {alias}")
            return alias
        if way == "star":
            module.add(f"from {dotted} import *")
            return name
        if way == "import":
            module.need(f"import {dotted}")
            return f"{dotted}.{name}"
        if way == "as":
            alias = self.fresh("m")
            module.add(f"import {dotted} as {alias}")
            return f"{alias}.{name}"
        if way == "package":
            module.need(f"from {self.package} import {other.name}")
            return f"{other.name}.{name}"
        module.need(f"from . import {other.name}")
        return f"{other.name}.{name}"

    # Values ----------------------------------------------------------------------------------------------------------

    def value(self, module: Module, kind: str, depth: int = 3) -> str:
        """An expression of a kind; see ``program.Program``."""
        raise NotImplementedError

    def condition(self, module: Module, depth: int) -> str:
        """An expression that is used as a condition."""
        raise NotImplementedError

    def constant(self, kind: str) -> str:
        if kind == "text":
            text = self.pick(*TEXTS)
            return str(
                self.pick(repr(text), f'"{text}"', f"r'{text}'", f"'''{text}'''", f"('{text[:3]}' \"{text[3:]}\")")
            )
        if kind == "int":
            return str(self.pick("0", "1", "30", "6_379", "0x1F", "0o17", "-1", "3600"))
        if kind == "float":
            return str(self.pick("0.5", "1e3", "3.", "-2.25"))
        if kind == "bool":
            return str(self.pick("True", "False"))
        if kind == "list":
            return str(self.pick("[]", "['json']", "('json', 'yaml')", "['a', 1, None]"))
        if kind == "dict":
            return str(self.pick("{}", "{'a': 1}", "dict(b='x')", "{'a': {'b': [1]}, 'c': None}"))
        return "None"
