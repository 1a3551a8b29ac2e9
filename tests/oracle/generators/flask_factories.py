"""Whole projects that configure Celery through Flask, as hypothesis draws them.

A project has a module of configuration classes, one that makes the Flask app (at its top level or in a factory), one or
the same that makes Celery's app, and perhaps a module that calls the factory and is what a worker is started with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.program import Program
from tests.oracle.generators.project import SETTINGS, GeneratedProject

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle.generators.program import Module

URLS = ("redis://h/1", "rpc://", "db+sqlite:///r.db", "cache+memory://", "rediss://:pw@h:6380/0")
FORMS = (
    "class", "instance", "text", "colon", "module", "key", "key", "get", "name", "getattr", "ternary", "environment",
    "import_string",
)  # fmt: skip
"""What ``from_object`` is given."""
FILLS = (
    "item", "item", "update", "keywords", "mapping", "setdefault", "object", "object", "if", "nested", "function",
    "read", "try", "method", "pop", "merge", "alias", "rare",
)  # fmt: skip
"""What is done to a Flask app's configuration."""
OLD = {name: old for name, (old, _) in SETTINGS.items() if old.isupper() and old != "RESULT_ACCEPT_CONTENT"}
SIMPLE = frozenset({"result_backend", "broker_url"})


class FlaskWriter:
    """Writes one project."""

    def __init__(self, integer: Callable[[int, int], int]) -> None:
        self.program = Program(integer, "")
        self.pick, self.chance, self.fresh = self.program.pick, self.program.chance, self.program.fresh
        # A module may import from those after it.
        self.worker = self.program.module("wsgi")
        self.main = self.program.module("app")
        self.utils = self.program.module("celery_utils")
        self.config = self.program.module("config")
        self.program.module("consts")
        self.spelling = str(self.pick("old", "old", "new upper", "new"))
        self.classes: list[str] = []
        self.style: list[str] = []

    # Names and values

    def name(self, setting: str) -> str:
        """How a setting is written in Flask's configuration: in capitals, where it is to be copied from an object."""
        if self.spelling == "old":
            return OLD[setting]
        return f"CELERY_{setting.upper()}" if self.spelling == "new upper" else setting

    def settings(self, count: int) -> list[str]:
        known = list(OLD)
        chosen = ["result_backend"] if self.pick(True, False) else []
        return list(dict.fromkeys(chosen + [str(self.pick(*known)) for _ in range(count)]))

    def value(self, module: Module, setting: str) -> str:
        if setting in SIMPLE:
            if self.chance(3):
                module.need("import os")
                return f"os.environ.get('REDIS_DSN', {self.pick(*URLS)!r})"
            return repr(self.pick(*URLS))
        kind = str(self.pick(*SETTINGS[setting][1].split()))
        return self.program.value(module, kind, self.pick(0, 0, 1))

    def pairs(self, module: Module, count: int) -> list[tuple[str, str]]:
        return [(self.name(setting), self.value(module, setting)) for setting in self.settings(count)]

    def mapping(self, module: Module, count: int, *, new: bool = False) -> str:
        spelling, self.spelling = self.spelling, "new" if new else self.spelling
        pairs = self.pairs(module, count)
        self.spelling = spelling
        if self.pick(True, False):
            return "dict(" + ", ".join(f"{name}={value}" for name, value in pairs) + ")"
        return "{" + ", ".join(f"{name!r}: {value}" for name, value in pairs) + "}"

    def stage(self, module: Module) -> str:
        """A read of the variable that says which configuration it is."""
        module.need("import os")
        return str(
            self.pick(
                "os.getenv('STAGE', 'dev')", "(os.environ.get('STAGE') or 'dev')", "os.environ.get('STAGE', 'prod')"
            )
        )

    # Configuration classes

    def write_classes(self) -> None:
        module = self.config
        bases = ("", "(Base)", "(Base)")
        for name, base in zip(("Base", "Dev", "Prod"), bases, strict=True):
            lines = [f"    {key} = {value}" for key, value in self.pairs(module, self.pick(0, 1, 2))]
            if self.chance(3):
                lines.append(f"    lower_case = {self.program.constant('int')}")
            if name == "Prod" and self.spelling != "new" and self.chance(3):
                key = self.name("result_backend")
                lines += ["    HOST = 'prod'", "    @property", f"    def {key}(self):"]
                lines.append("        return 'redis://' + self.HOST + '/2'")
                self.classes.append("property")
            if name == "Base" and self.chance(3):
                lines += ["    @staticmethod", "    def init_app(app):", "        pass"]
            module.add(f"class {name}{base}:", *(lines or ["    pass"]))
        module.add("configs = {'dev': Dev, 'prod': Prod, 'default': Dev}")

    def object(self, module: Module, argument: str) -> str:
        """What ``from_object`` is given: ``argument`` is a parameter that names a configuration, "" without one."""
        form = str(self.pick(*FORMS))
        if form == "environment" and not self.chance(3):
            form = "key"  # a class that only a variable names cannot be read, so few are drawn
        self.style.append(f"from_object {form}")
        if argument and self.pick(True, True, False):
            module.need("from config import configs")
            call = "()" if "property" in self.classes else ""
            return str(self.pick(f"configs[{argument}]{call}", f"configs.get({argument}, configs['dev']){call}"))
        instance = "()" if "property" in self.classes else ""
        if form in ("class", "instance"):
            module.need("import config")
            return f"config.{self.pick('Base', 'Dev', 'Prod')}{'()' if form == 'instance' else instance}"
        if form == "text" and not instance:
            return repr(f"config.{self.pick('Base', 'Dev', 'Prod')}")
        if form == "colon" and not instance:
            return "'config:Dev'"
        if form == "module":
            for key, value in self.pairs(self.config, 1):
                self.config.add(f"{key} = {value}")
            module.need("import config")
            return str(self.pick("config", "'config'"))
        if form == "key":
            module.need("from config import configs")
            return f"configs[{self.stage(module)}]{instance}"
        if form == "get":
            module.need("from config import configs, Prod")
            return f"configs.get({self.stage(module)}, Prod){instance}"
        if form == "name" and not instance:
            return f"'config.' + {self.stage(module)}.capitalize()"
        if form == "getattr":
            module.need("import config")
            return f"getattr(config, {self.stage(module)}.title()){instance}"
        if form == "ternary":
            module.need("import config")
            return f"(config.Prod if {self.stage(module)} == 'prod' else config.Dev){instance}"
        if form == "import_string":
            module.need("from werkzeug.utils import import_string")
            return f"import_string('config.Dev'){instance}"
        if not instance:
            module.need("import os")
            return "os.environ.get('CLASS', 'config.Dev')"
        return "'config.Base'"

    # What is done to the configuration

    def fill(self, module: Module, app: str, argument: str = "") -> list[str]:
        """Statements that do something to a Flask app's configuration."""
        key, value = self.pairs(module, 1)[0]
        form = str(self.pick(*FILLS))
        if form == "rare":
            # What variables or a file outside add cannot be read: the whole app stays unknown.
            form = str(self.pick("envvar", "prefixed")) if self.chance(3) else "alias"
        if form != "object":
            self.style.append(form)
        config = f"{app}.config"
        if form == "item":
            lines = [f"{config}[{key!r}] = {value}"]
        elif form == "update":
            lines = [f"{config}.update({self.mapping(module, 2)})"]
        elif form == "keywords":
            lines = [f"{config}.{self.pick('update', 'from_mapping')}({key}={value})"]
        elif form == "mapping":
            lines = [f"{config}.from_mapping({self.mapping(module, 1)}, OTHER=1)"]
        elif form == "setdefault":
            lines = [f"{config}.setdefault({key!r}, {value})"]
        elif form == "object":
            lines = [f"{config}.from_object({self.object(module, argument)})"]
        elif form == "if":
            condition = self.program.condition(module, 1)
            inner = (
                f"{config}.from_object({self.object(module, argument)})"
                if self.chance(3)
                else f"{config}[{key!r}] = {value}"
            )
            lines = [f"if {condition}:", f"    {inner}"]
            if self.chance(3):
                lines += ["else:", f"    {config}[{key!r}] = {self.value_again(module, key)}"]
        elif form == "nested":
            lines = [f"{config}['CELERY'] = {self.mapping(module, 2, new=True)}"]
            lines.append(f"{config}['CELERY']['result_backend'] = {self.value(module, 'result_backend')}")
            if self.chance(3):
                lines.append(f"{config}['CELERY'].update(result_expires={self.program.constant('int')})")
        elif form == "function":
            lines = [f"{self.configuring(module)}({app})"]
        elif form == "alias":
            name = self.fresh("conf")
            lines = [f"{name} = {config}", f"{name}[{key!r}] = {value}"]
        elif form == "read":
            lines = [f"{config}['SEEN'] = {config}.get({key!r}, {self.program.constant('text')})"]
            lines.append(f"{config}[{self.name('result_compression')!r}] = {config}['SEEN'] and 'gzip'")
        elif form == "envvar":
            lines = [f"{config}.from_envvar('SHOP_SETTINGS', silent=True)"]
        elif form == "prefixed":
            lines = [f"{config}.from_prefixed_env()"]
        elif form == "try":
            lines = ["try:", f"    {config}[{key!r}] = {value}", "except KeyError:", "    pass"]
        elif form == "method":
            name = self.fresh("Extension")
            module.add(
                f"class {name}:", "    def init_app(self, app):", f"        app.config.setdefault({key!r}, {value})"
            )
            lines = [f"{name}().init_app({app})"]
        elif form == "merge":
            lines = [f"{config} |= {self.mapping(module, 1)}"]
        else:
            lines = [f"{config}.pop({key!r}, None)"]
        return lines

    def value_again(self, module: Module, key: str) -> str:
        setting = next(name for name in OLD if self.name(name) == key)
        return repr("rpc://") if setting in SIMPLE else self.program.constant(str(SETTINGS[setting][1].split()[0]))

    def configuring(self, module: Module) -> str:
        """A function that is given the app."""
        name = self.fresh("configure")
        key, value = self.pairs(module, 1)[0]
        lines = [f"    if {self.program.condition(module, 1)}:", "        return"] if self.chance(4) else []
        lines.append(f"    application.config[{key!r}] = {value}")
        if self.chance(3):
            lines.append(f"    application.config.update({self.mapping(module, 1)})")
        module.add(f"def {name}(application, *args, **kw):", *lines)
        return name

    # Celery

    def hand_over(self) -> list[str]:
        """How a factory of Celery's app reads the configuration of ``app``."""
        forms = ["update", "update", "object", "backend"]
        if "nested" in self.style:
            forms += ["nested", "nested update", "nested", "nested update"]
        if self.spelling == "new upper":
            forms = ["namespace", "get_namespace", "namespace"]
        form = str(self.pick(*forms))
        self.style.append(f"by {form}")
        key = self.name("result_backend")
        return {
            "update": ["celery.conf.update(app.config)"],
            "object": ["celery.config_from_object(app.config)"],
            "namespace": ["celery.config_from_object(app.config, namespace='CELERY')"],
            "get_namespace": ["celery.conf.update(app.config.get_namespace('CELERY_'))"],
            "nested": ["celery.config_from_object(app.config['CELERY'])"],
            "nested update": ["celery.conf.update(**app.config['CELERY'])"],
            "backend": [f"celery.conf.result_backend = app.config.get({key!r})"],
        }[form]

    def write_celery(self, module: Module) -> str:
        """A function that makes or configures Celery's app for ``app``; its name."""
        module.need("from celery import Celery")
        if self.pick(True, False):
            module.add("def make_celery(app):", "    celery = Celery('shop')")
        else:
            module.add("celery = Celery('shop')", "def make_celery(app):")
        body = self.hand_over()
        module.add(*("    " + line for line in body), "    return celery")
        return "make_celery"


def make_project(integer: Callable[[int, int], int]) -> GeneratedProject:
    """A project; ``integer(low, high)`` draws each of its numbers, both ends included."""
    writer = FlaskWriter(integer)
    writer.main.need("from flask import Flask")
    writer.write_classes()
    entry = write_factory(writer) if writer.pick(True, False) else write_script(writer)
    program = writer.program
    environments = [{}, {**program.environment(), "STAGE": str(writer.pick("dev", "prod"))}]
    if writer.chance(2):
        environments[1]["CLASS"] = "config.Prod"
    if "prefixed" in writer.style:
        environments[1][f"FLASK_{writer.name('result_backend')}"] = "redis://flask/5"
        environments[1]["FLASK_CELERY__result_serializer"] = "yaml"
    return GeneratedProject(program.files(), environments, ", ".join(writer.style), entry)


def write_script(writer: FlaskWriter) -> None:
    """An app at the top level of its module."""
    main = writer.main
    main.add("app = Flask('shop')")
    for _ in range(writer.pick(1, 2, 3)):
        main.add(*writer.fill(main, "app"))
    writer.write_celery(main)
    main.add("celery_app = make_celery(app)")
    if writer.chance(2):
        main.add(*writer.fill(main, "app"))


def write_factory(writer: FlaskWriter) -> str | None:
    """An app that a factory makes; the module to import where that is not the one of Celery's app."""
    main, argument = writer.main, str(writer.pick("", "stage", "stage"))
    writer.style.append("factory")
    body = [line for _ in range(writer.pick(1, 2, 3)) for line in writer.fill(main, "app", argument)]
    celery_module = writer.pick(main, writer.utils)
    writer.write_celery(celery_module)
    if celery_module is not main:
        main.need("from celery_utils import make_celery")
    default = "='dev'" if argument and writer.chance(2) else ""
    inner = writer.pick(True, False)
    if inner:
        body.append("make_celery(app)")
    main.add(f"def create_app({argument}{default}):", "    app = Flask('shop')", *("    " + line for line in body))
    main.add(f"    return {writer.pick('app', 'app', '(app, 1)[0]')}")
    caller = writer.pick(main, writer.worker)
    if caller is not main:
        caller.need("from app import create_app")
        if not inner:
            caller.need(f"from {celery_module.name} import make_celery")
    *imports, call = call_of(writer, argument, default)
    for line in imports:
        caller.need(line)
    caller.add(f"application = {call}")
    if writer.chance(3):
        caller.add(*writer.fill(caller, "application"))
    if not inner:
        caller.add("celery_app = make_celery(application)")
    return None if caller is celery_module else str(caller.name)


def call_of(writer: FlaskWriter, argument: str, default: str) -> list[str]:
    """The imports that a call of the factory needs, and the call."""
    if not argument:
        return ["create_app()"]
    form = str(writer.pick("literal", "keyword", "variable", "or", "default"))
    if form == "default" and default:
        return ["create_app()"]
    if form == "keyword":
        return [f"create_app(stage={writer.pick('dev', 'prod', 'default')!r})"]
    if form == "variable":
        return ["import os", "create_app(os.getenv('STAGE', 'dev'))"]
    if form == "or":
        return ["import os", "create_app(os.environ.get('STAGE') or 'default')"]
    return [f"create_app({writer.pick('dev', 'prod', 'default')!r})"]
