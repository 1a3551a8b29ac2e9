"""Projects whose configuration is a chain of modules: constants, local overrides, packages, star imports, conditional
imports, loops that set, functions that return settings, dicts that are changed before Celery is given them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.program import Program
from tests.oracle.generators.project import SETTINGS, GeneratedProject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.generators.program import Module

URLS = ("redis://h/1", "rpc://", "db+sqlite:///r.db", "cache+memory://", "rediss://:pw@h:6380/0")


class SettingsWriter:
    """Writes a configuration module and those that it is put together from."""

    def __init__(self, integer: Callable[[int, int], int]) -> None:
        self.program = Program(integer, ("", "proj", "src/proj")[integer(0, 2)])
        self.pick, self.chance, self.fresh = self.program.pick, self.program.chance, self.program.fresh
        self.main = self.program.module("tasks")
        self.config = self.program.module("celeryconfig")
        self.style: list[str] = []

    def value(self, module: Module, setting: str) -> str:
        """An expression for a setting."""
        kind = str(self.pick(*SETTINGS[setting][1].split()))
        if kind == "url":
            return str(self.pick(repr(self.pick(*URLS)), self.program.read(module, "text")))
        return self.program.value(module, kind, self.pick(0, 1, 1, 2))

    def settings(self, count: int) -> list[str]:
        """Names of settings, each once."""
        return list(dict.fromkeys(str(self.pick(*SETTINGS)) for _ in range(count)))

    def fill(self, module: Module, depth: int) -> None:
        """Write settings into a module in one of the styles; ``depth`` is how many modules it may go down."""
        forms = [self.plain, self.loop, self.function, self.changed, self.attempted, self.namespace]
        if depth:
            forms += [self.star, self.star, self.copied, self.override, self.chosen]
        for _ in range(self.pick(1, 2, 3)):
            form = self.pick(*forms)
            self.style.append(form.__name__)
            form(module, depth)

    def plain(self, module: Module, _depth: int) -> None:
        for name in self.settings(2):
            module.add(f"{name} = {self.value(module, name)}")

    def loop(self, module: Module, _depth: int) -> None:
        """A setting that a loop sets or fills."""
        name = str(self.pick("broker_transport_options", "result_backend_transport_options", "database_engine_options"))
        item = self.fresh("item")
        value = self.value(module, "result_cache_max")
        module.add(
            self.pick(f"{name} = {{}}", f"{name} = {{'first': 1}}"),
            f"for {item} in {self.pick(repr(('a', 'b')), 'range(3)', repr({'x': 1, 'y': 2}))}:",
            f"    {self.pick('', f'if {item}: ')}{name}[str({item})] = {self.pick(value, item)}",
        )
        if self.pick(True, False):
            module.add(
                "for worker_concurrency in (1, 2, 4):", self.pick("    pass", "    if worker_concurrency == 2: break")
            )

    def function(self, module: Module, _depth: int) -> None:
        """Settings that a function returns."""
        name = str(self.pick(*self.settings(3)))
        made = self.fresh("make")
        value = self.value(module, name)
        form = self.pick("plain", "argument", "loop", "dict", "cached")
        if form == "plain":
            module.add(f"def {made}():", f"    result = {value}", "    return result", f"{name} = {made}()")
        elif form == "argument":
            module.add(f"def {made}(value, other=None):", "    return other or value", f"{name} = {made}({value})")
        elif form == "loop":
            module.add(f"def {made}(*values):", "    for value in values:", "        if value is not None:")
            module.add("            return value", f"{name} = {made}(None, {value})")
        elif form == "dict":
            module.add(f"def {made}():", f"    held = {{'k': {value}}}", "    held['z'] = 1", "    return held")
            module.add(f"{name} = {made}()['k']")
        else:
            module.need("import functools")
            module.add(
                "@functools.lru_cache(maxsize=None)", f"def {made}():", f"    return {value}", f"{name} = {made}()"
            )

    def changed(self, module: Module, _depth: int) -> None:
        """A dict or list that statements change after it was set, by its own name or another."""
        name = str(self.pick("broker_transport_options", "database_engine_options"))
        other = self.fresh("other")
        module.add(f"{name} = {{'a': 1, 'n': {{'x': []}}}}")
        for _ in range(self.pick(1, 2)):
            module.add(
                self.pick(
                    f"{name}['b'] = {self.value(module, 'worker_concurrency')}",
                    f"{name}.update(c={self.value(module, 'result_serializer')})",
                    f"{name}['n']['x'].append(2)",
                    f"{name}.setdefault('n', {{}})['y'] = 3",
                    f"{other} = {name}; {other}['d'] = 4",
                    f"{other} = dict({name}); {other}['d'] = 4",
                    f"del {name}['a']; {name}['a'] = 5",
                    f"def {other}(d): d['e'] = 1\n{other}({name})",
                    "accept_content = ['json']; accept_content += ['yaml']; accept_content.append('x')",
                )
            )

    def attempted(self, module: Module, _depth: int) -> None:
        """A setting in a try around an import or a read."""
        name = str(self.pick(*self.settings(2)))
        one, two = self.value(module, name), self.value(module, name)
        imports = self.pick(
            "json", "no_such_module_of_test", "os.path", ".nothing" if self.program.package else "no_such"
        )
        if imports == ".nothing":
            imports = f"{self.program.package}.nothing"
        module.add("try:", f"    import {imports}", f"    {name} = {one}", "except ImportError:", f"    {name} = {two}")

    def namespace(self, module: Module, _depth: int) -> None:
        """Settings set through the module's own namespace."""
        name = str(self.pick(*self.settings(2)))
        value = self.value(module, name)
        module.add(
            self.pick(
                f"globals()[{name!r}] = {value}",
                f"globals().update({name}={value})",
                f"vars().update({{{name!r}: {value}}})",
            )
        )

    def below(self, depth: int) -> Module:
        """Another module, filled."""
        made = self.program.module(self.fresh("base"))
        self.fill(made, depth - 1)
        return made

    def star(self, module: Module, depth: int) -> None:
        made = self.below(depth)
        lines = [f"from {self.pick(self.program.dotted(made), self.relative(made))} import *"]
        if self.chance(4):
            lines = ["try:", f"    {lines[0]}", "except ImportError:", "    pass"]
        module.add(*lines)

    def relative(self, module: Module) -> str:
        """How a module of the same package names another."""
        return f".{module.name}" if self.program.package else module.name

    def copied(self, module: Module, depth: int) -> None:
        """Settings copied from another module one by one."""
        made = self.below(depth)
        name = str(self.pick(*self.settings(2)))
        constant = self.fresh("CONSTANT")
        made.add(f"{constant} = {self.value(made, name)}")
        expression = self.program.imported(module, made, constant)
        module.add(f"{name} = {expression}")
        if self.chance(3):
            module.add(f"{self.fresh('kept')} = {name}")

    def override(self, module: Module, _depth: int) -> None:
        """Local settings that may or may not be there."""
        dotted = self.fresh("local")
        if self.pick(True, False):
            made = self.program.module(dotted)
            self.plain(made, 0)
            dotted = self.program.dotted(made)
        module.add("try:", f"    from {dotted} import *", "except ImportError:", "    pass")

    def chosen(self, module: Module, depth: int) -> None:
        """One of two modules, chosen by a variable."""
        one, two = self.below(min(depth, 1)), self.below(min(depth, 1))
        condition = self.program.condition(module, 1)
        module.add(f"if {condition}:", f"    from {self.program.dotted(one)} import *")
        module.add("else:", f"    from {self.program.dotted(two)} import *")


def make_project(integer: Callable[[int, int], int]) -> GeneratedProject:
    """A project; ``integer(low, high)`` draws each of its numbers, both ends included."""
    writer = SettingsWriter(integer)
    writer.fill(writer.config, 2)
    program = writer.program
    dotted = program.dotted(writer.config)
    writer.main.add("from celery import Celery", "app = Celery('proj')")
    form = writer.pick("string", "string", "module", "dict")
    if form == "string":
        writer.main.add(f"app.config_from_object({dotted!r})")
    elif form == "module":
        writer.main.add(f"import {dotted} as settings", "app.config_from_object(settings)")
    else:
        name = writer.fresh("CONFIG")
        writer.config.add(f"{name} = {{'result_backend': {writer.value(writer.config, 'result_backend')}}}")
        writer.config.add(f"{name}['result_expires'] = {writer.value(writer.config, 'result_expires')}")
        writer.main.add(f"from {dotted} import {name}", f"app.conf.update({name})")
    return GeneratedProject(program.files(), [{}, program.environment()], ", ".join([form, *writer.style]))
