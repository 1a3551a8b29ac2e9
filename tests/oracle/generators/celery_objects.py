"""Whole Celery projects as hypothesis draws them: a style of configuration, settings, spellings, expressions.

A project has one module that makes the app and does a few things to it, in any order that Python allows; what it
writes are expressions of `program`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.program import Program
from tests.oracle.generators.project import SETTINGS, GeneratedProject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.generators.program import Module

URLS = ("redis://h/1", "rpc://", "db+sqlite:///r.db", "cache+memory://", "amqp://u:p@h//", "rediss://:pw@h:6380/0", "")
NOT_SETTINGS = ("SECRET", "debug", "CELERY_ONCE", "_private", "results_backend", "CELERY_BACKEND", "S3_BUCKET")


class AppWriter:
    """Writes the module of an app."""

    def __init__(self, integer: Callable[[int, int], int]) -> None:
        layout = ("", "proj", "src/proj", "proj")[integer(0, 3)]
        self.program = Program(integer, layout)
        self.pick, self.chance, self.fresh = self.program.pick, self.program.chance, self.program.fresh
        self.main = self.program.module("tasks" if not layout else self.pick("tasks", "celery", "app"))
        self.sources: list[Module] = []
        self.django: Module | None = None
        self.namespace = ""
        self.style: list[str] = []
        self.extra: dict[str, str] = {}

    # Names and values ------------------------------------------------------------------------------------------------

    def expression(self, module: Module, setting: str) -> str:
        kind = str(self.pick(*SETTINGS[setting][1].split()))
        depth = self.pick(0, 1, 1, 2, 2, 3)
        if kind != "url":
            return self.program.value(module, kind, depth)
        form = self.pick("constant", "constant", "read", "host", "text", "conditional", "none")
        if form == "constant":
            return repr(self.pick(*URLS))
        if form == "none":
            return "None"
        if form == "read":
            return self.program.read(module, "text")
        if form == "host":
            name = self.fresh("host")
            module.add(f"{name} = {self.program.value(module, 'text', depth)}")
            return f"f'redis://{{{name}}}:{{{self.program.constant('int')}}}/0'"
        if form == "conditional":
            condition = self.program.condition(module, 1)
            return f"({self.pick(*URLS)!r} if {condition} else {self.pick(*URLS)!r})"
        return self.program.value(module, "text", depth)

    def spelled(self, setting: str, spelling: str) -> str:
        """A setting's name: ``new``, ``old``, ``prefixed``, ``prefixed lower``, ``upper``, ``celery``."""
        old, _ = SETTINGS[setting]
        prefix = self.namespace or "CELERY"
        return {
            "new": setting,
            "old": old,
            "prefixed": f"{prefix.upper().rstrip('_')}_{setting.upper()}",
            "prefixed lower": f"{prefix.lower().rstrip('_')}_{setting}",
            "prefixed old": f"{prefix.upper().rstrip('_')}_{old}",
            "upper": setting.upper(),
        }[spelling]

    def written(self, count: int, style: str) -> list[tuple[str, str]]:
        """Settings with the names they are written under, all in one style or ``mixed``."""
        names = list(SETTINGS)
        chosen = ["result_backend"] if self.chance(2) else []
        chosen += [str(self.pick(*names)) for _ in range(count)]
        spellings = {
            "new": ["new"],
            "old": ["old"],
            "prefixed": ["prefixed"],
            "mixed": ["new", "old", "prefixed", "upper", "prefixed lower", "prefixed old"],
            "nearly": ["prefixed", "prefixed", "new", "prefixed old"],
        }[style]
        return [(name, self.spelled(name, str(self.pick(*spellings)))) for name in dict.fromkeys(chosen)]

    def spelling(self) -> str:
        if self.namespace:
            return str(self.pick("prefixed", "prefixed", "prefixed", "nearly", "mixed"))
        return str(self.pick("new", "new", "old", "new", "old", "mixed"))

    def mapping(self, module: Module, count: int, style: str) -> str:
        pairs = [(written, self.expression(module, name)) for name, written in self.written(count, style)]
        form = self.pick("braces", "braces", "dict", "name", "splat", "built", "function")
        if form == "dict":
            return "dict(" + ", ".join(f"{written}={value}" for written, value in pairs) + ")"
        braces = "{" + ", ".join(f"{written!r}: {value}" for written, value in pairs) + "}"
        if form == "splat":
            return "{**" + braces + "}"
        if form == "braces":
            return braces
        name = self.fresh("CONFIG")
        if form == "built":
            module.add(f"{name} = {{}}", *(f"{name}[{written!r}] = {value}" for written, value in pairs))
            return name
        if form == "function":
            name = self.fresh("settings")
            module.add(f"def {name}():", f"    return {braces}")
            return f"{name}()"
        module.add(f"{name} = {braces}")
        return name

    # Configuration objects -------------------------------------------------------------------------------------------

    def source(self) -> tuple[str, str]:
        """A configuration object: the expression that names it in the app's module, and its kind."""
        kinds = ["string", "module", "class", "instance", "dict", "attribute", "class string"]
        kind = str(self.pick(*kinds)) if not self.namespace or self.chance(3) else "django"
        if kind == "dict":
            return self.mapping(self.main, self.pick(1, 2, 3), self.spelling()), kind
        if kind == "django":
            if self.django is None:
                self.django = self.make_django()
            return "'django.conf:settings'", kind
        module = self.config_module()
        if kind == "string":
            self.fill(module)
            return repr(self.program.dotted(module)), kind
        if kind == "module":
            self.fill(module)
            return self.module_expression(module), kind
        name = self.fresh("Config")
        if kind == "attribute":
            module.add(f"{name} = {self.mapping(module, 2, self.spelling())}")
            return repr(f"{self.program.dotted(module)}:{name}"), kind
        place = self.main if kind != "class string" and self.chance(2) else module
        self.write_class(place, name)
        if kind == "class string":
            return repr(f"{self.program.dotted(module)}{self.pick(':', '.')}{name}"), kind
        named = name if place is self.main else self.program.imported(self.main, module, name)
        return (f"{named}()" if kind == "instance" else named), kind

    def config_module(self) -> Module:
        if self.sources and self.chance(3):
            return self.sources[-1]
        module = self.program.module(self.fresh("config") if self.sources else "celeryconfig")
        self.sources.append(module)
        return module

    def module_expression(self, module: Module) -> str:
        dotted = self.program.dotted(module)
        if self.program.package:
            way = self.pick("relative", "absolute", "as")
            if way == "relative":
                self.main.need(f"from . import {module.name}")
                return module.name
            if way == "absolute":
                self.main.need(f"from {self.program.package} import {module.name}")
                return module.name
        alias = self.fresh("m")
        self.main.add(f"import {dotted} as {alias}")
        return alias

    def fill(self, module: Module) -> None:
        """Assign settings in a module, some under a condition, some more than once, some by a star import."""
        style = self.spelling()
        for name, written in self.written(self.pick(1, 2, 3, 4), style):
            self.assign(module, name, written)
        if self.chance(4):
            other = self.program.module(self.fresh("base"))
            for name, written in self.written(2, style):
                self.assign(other, name, written)
            line = f"from {self.program.dotted(other)} import *"
            if self.pick(True, False):
                module.lines.insert(0, line)
            else:
                module.add(line)
        if self.chance(4):
            module.add(f"{self.pick(*NOT_SETTINGS)} = 1")

    def assign(self, module: Module, name: str, written: str) -> None:
        form = self.pick("plain", "plain", "plain", "twice", "if", "try", "annotated", "chained", "delete", "loop")
        value = self.expression(module, name)
        if form == "plain":
            module.add(f"{written} = {value}")
        elif form == "annotated":
            module.add(f"{written}: object = {value}")
        elif form == "chained":
            module.add(f"{self.fresh('_other')} = {written} = {value}")
        elif form == "twice":
            module.add(f"{written} = {value}", f"{written} = {self.expression(module, name)}")
        elif form == "if":
            condition = self.program.condition(module, 1)
            module.add(f"if {condition}:", f"    {written} = {value}")
            if self.pick(True, False):
                other = self.fresh("o")
                module.lines.insert(0, f"{other} = {self.program.constant('int')}")
                module.add("else:", f"    {written} = {other}")
        elif form == "try":
            module.need("import os")
            module.add("try:", f"    {written} = os.environ[{self.program.variable('text')!r}]", "except KeyError:")
            module.add(f"    {self.pick('pass', f'{written} = {value}')}")
        elif form == "loop":
            module.add("for _i in (1, 2):", f"    {written} = {value}")
        else:
            module.add(f"{written} = {value}", f"del {written}")

    def write_class(self, module: Module, name: str) -> None:
        base, mixin = self.fresh("Base"), self.fresh("Mixin")
        style = self.spelling()
        bodies: list[tuple[str, list[str]]] = []
        for made in (base, mixin, name):
            lines = [
                f"    {written} = {self.expression(module, setting)}"
                for setting, written in self.written(self.pick(0, 1, 2), style)
            ]
            bodies.append((made, lines or ["    pass"]))
        bases = self.pick("", f"({base})", f"({mixin}, {base})", f"({base}, object)")
        module.add(
            f"class {base}:",
            *bodies[0][1],
            f"class {mixin}({self.pick('', base)}):" if mixin in bases else f"class {mixin}:",
        )
        module.add(*bodies[1][1], f"class {name}{bases}:", *bodies[2][1])
        if self.chance(3):
            setting, written = self.written(1, style)[0]
            value = self.expression(self.main if module is self.main else module, setting)
            # The value was written after the class: a name of the module by the time the instance is made.
            holder = self.fresh("late")
            module.add(f"{holder} = {value}")
            module.add(f"class {name}({name}):", "    def __init__(self):", f"        self.{written} = {holder}")

    def make_django(self) -> Module:
        module = self.program.module(self.pick("settings", "production"))
        module.lines[:0] = ["SECRET_KEY = 'x'", "INSTALLED_APPS = []"]
        self.fill(module)
        if self.pick(True, False):
            module.add("USE_TZ = True")
        if self.chance(4):
            module.add(f"TIME_ZONE = {self.pick('UTC', 'Europe/Paris')!r}")
        dotted = self.program.dotted(module)
        self.main.lines[:0] = ["import os", f"os.environ.setdefault('DJANGO_SETTINGS_MODULE', {dotted!r})"]
        return module

    # What is done to the app -----------------------------------------------------------------------------------------

    def construct(self) -> None:
        arguments = [self.pick("'proj'", "__name__", "'x'")]
        given = [keyword for keyword in ("backend", "broker") if self.chance(3)]
        arguments += [f"{keyword}={self.expression(self.main, 'result_backend')}" for keyword in given]
        if self.chance(3):
            name = str(self.pick(*(name for name in SETTINGS if name != "broker_url")))
            arguments.append(f"{name}={self.expression(self.main, name)}")
        if self.chance(8):
            arguments.append(f"changes={self.mapping(self.main, 1, 'new')}")
        namespaces = ("CELERY", "CELERY", "shop", "CELERY_", "Shop")
        if self.chance(8):
            self.namespace = str(self.pick(*namespaces))
            arguments.append(f"namespace={self.namespace!r}")
        if self.chance(8):
            source, kind = self.source()
            self.style.append(f"config_source {kind}")
            arguments.append(f"config_source={source}")
        elif not self.namespace and self.chance(3):
            self.namespace = str(self.pick(*namespaces))
        self.main.add(f"app = Celery({', '.join(arguments)})")

    def configure(self) -> None:
        source, kind = self.source()
        self.style.append(kind)
        namespace = f", namespace={self.namespace!r}" if self.namespace else ""
        self.main.add(f"app.config_from_object({source}{namespace})")

    def write(self) -> None:
        module = self.main
        pairs = self.written(1, self.pick("new", "new", "new", self.spelling()))
        name, written = pairs[0]
        value = self.expression(module, name)
        form = self.pick(
            "attribute", "item", "keyword", "mapping", "splat", "setattr", "if", "function", "setdefault", "chain"
        )
        self.style.append(f"write {form}")
        if form == "attribute":
            module.add(f"app.conf.{written} = {value}")
        elif form == "item":
            module.add(f"app.conf[{written!r}] = {value}")
        elif form == "keyword":
            module.add(f"app.conf.update({written}={value})")
        elif form == "mapping":
            module.add(f"app.conf.update({self.mapping(module, 2, 'new')})")
        elif form == "splat":
            module.add(f"app.conf.update(**{self.mapping(module, 1, 'new')})")
        elif form == "setattr":
            module.add(f"setattr(app.conf, {written!r}, {value})")
        elif form == "chain":
            module.add(f"{self.fresh('kept')} = app.conf.{written} = {value}")
        elif form == "if":
            module.add(f"if {self.program.condition(module, 1)}:", f"    app.conf.{written} = {value}")
        elif form == "setdefault":
            module.add(f"app.conf.setdefault({written!r}, {value})")
        else:
            function = self.fresh("configure")
            module.add(
                f"def {function}(application):", f"    application.conf.{written} = {self.program.constant('int')}"
            )
            if self.pick(True, False):
                module.add(f"{function}(app)")

    def act(self) -> None:
        form = self.pick("write", "write", "write", "configure", "defaults", "read", "namespace")
        if form == "write":
            self.write()
        elif form == "configure":
            self.configure()
        elif form == "defaults":
            self.style.append("add_defaults")
            self.main.add(f"app.add_defaults({self.mapping(self.main, 2, 'new')})")
        elif form == "read":
            self.style.append("read")
            self.main.add(
                self.pick(
                    "print(app.conf.result_backend)", "x = app.conf['task_serializer']", "app.conf.get('timezone')"
                )
            )
        elif self.chance(3):
            self.namespace = "CELERY"
            self.main.add("app.namespace = 'CELERY'")


def make_project(integer: Callable[[int, int], int]) -> GeneratedProject:
    """A project; ``integer(low, high)`` draws each of its numbers, both ends included."""
    writer = AppWriter(integer)
    program = writer.program
    program.module("consts")
    if integer(0, 11) == 11:
        module = writer.main
        module.name = "celeryconfig"
        program.layout = ""
        writer.fill(module)
        writer.style.append("default loader")
    else:
        writer.construct()
        if writer.pick(True, True, False):
            writer.configure()
        for _ in range(integer(0, 3)):
            writer.act()
        writer.main.lines.insert(0, "from celery import Celery")
    environments = [{}, program.environment()]
    return GeneratedProject(program.files(), environments, ", ".join(writer.style) or "constructor")
