"""Django projects whose settings stand in every form: star imports, included files, classes, updates of the namespace.

The settings are drawn as steps that run one after the other; how they are spread over files is the form. A value may
be a constant, a name from before, a variable of the environment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.project import GeneratedProject

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {
    "result_serializer": "text",
    "result_compression": "text",
    "result_backend": "url",
    "broker_url": "url",
    "result_expires": "int",
    "worker_concurrency": "int",
    "result_cache_max": "int",
    "result_extended": "bool",
    "task_track_started": "bool",
    "accept_content": "list",
    "broker_transport_options": "dict",
}
CONSTANTS = {
    "text": ("'json'", "'pickle'", "'gzip'"),
    "url": ("'redis://h/1'", "'rpc://'", "'memory://'", "'db+sqlite:///r.db'"),
    "int": ("5", "60", "0"),
    "bool": ("True", "False"),
    "list": ("['json']", "['json', 'yaml']"),
    "dict": ("{'a': 1}", "{}"),
}
FORMS = ("plain", "package", "split", "classes", "updates", "configure", "written", "circle")


class Writer:
    """Draws one project: `files` by path, and the environments."""

    def __init__(self, integer: Callable[[int, int], int]) -> None:
        self.integer = integer
        self.environments: list[dict[str, str]] = [{} for _ in range(integer(1, 3))]
        self.files: dict[str, str] = {}
        self.count = 0
        self.names: dict[str, str] = {}
        self.prefix = "CELERY_"

    def pick(self, *choices: str) -> str:
        """One of several texts."""
        return choices[self.integer(0, len(choices) - 1)]

    def chance(self, one_in: int) -> bool:
        """True once in a number of times."""
        return self.integer(1, one_in) == 1

    def fresh(self, stem: str) -> str:
        """A name that is not used yet."""
        self.count += 1
        return f"{stem}{self.count}"

    def variable(self, text: str) -> str:
        """A variable that some environments set to a text."""
        name = self.fresh("VAR_")
        for environment in self.environments:
            if self.chance(2):
                environment[name] = text
        return name

    def value(self, kind: str, known: dict[str, str]) -> str:
        """An expression of a kind; ``known`` are the names that may be read, with their kinds."""
        fitting = [name for name, held in known.items() if held == kind]
        form = self.pick("constant", "constant", "name", "name", "read", "conditional", "made")
        constant = self.pick(*CONSTANTS[kind])
        if form == "name" and fitting:
            return self.pick(*fitting)
        if form == "read" and kind in ("text", "url"):
            return f"os.environ.get({self.variable('redis://e/1' if kind == 'url' else 'yaml')!r}, {constant})"
        if form == "read" and kind == "int":
            return f"int(os.environ.get({self.variable('7')!r}, {constant}))"
        if form == "conditional":
            return f"({constant} if os.environ.get({self.variable('1')!r}) else {self.pick(*CONSTANTS[kind])})"
        if form == "made" and fitting:
            one = self.pick(*fitting)
            return {
                "text": f"{one}.lower()", "url": f"f'{{{one}}}'", "int": f"({one} + 1)", "bool": f"(not {one})",
                "list": f"({one} + ['x'])", "dict": f"{{**{one}, 'z': 2}}",
            }[kind]  # fmt: skip
        return constant

    def steps(self, count: int, known: dict[str, str]) -> list[str]:
        """Assignments of settings, and of names that later ones read."""
        lines: list[str] = []
        for _ in range(count):
            setting = self.pick(*KINDS)
            kind, name = KINDS[setting], self.prefix + setting.upper()
            form = self.pick("assign", "assign", "assign", "helper", "if", "augment", "twice", "else", "private")
            if form in ("helper", "private"):
                name = self.fresh("HELPER_" if form == "helper" else "_OWN_")
            value = self.value(kind, known)
            if form == "augment" and known.get(name) == kind and kind in ("int", "list"):
                lines.append(f"{name} += {'1' if kind == 'int' else '[2]'}")
                continue
            if form == "if" and name in known:
                lines += [f"if os.environ.get({self.variable('1')!r}):", f"    {name} = {value}"]
                continue
            if form == "else":
                lines += [f"if os.environ.get({self.variable('1')!r}):", f"    {name} = {value}", "else:"]
                lines.append(f"    {name} = {self.value(kind, known)}")
            else:
                lines.append(f"{name} = {value}")
            known[name] = kind
            if form == "twice":
                lines.append(f"{name} = {self.value(kind, known)}")
        return lines

    def module(self, path: str, lines: list[str]) -> None:
        """Write a module."""
        self.files[path] = "\n".join(["import os", *lines, ""])

    # Forms -----------------------------------------------------------------------------------------------------------

    def plain(self, folder: str) -> str:
        """One module."""
        self.module(f"{folder}/settings.py", ["SECRET_KEY = 'x'", *self.steps(self.integer(2, 6), self.names)])
        return "settings"

    def package(self, folder: str) -> str:
        """A chain of modules that star-import each other, overrides at the end that may be there."""
        self.files[f"{folder}/settings/__init__.py"] = ""
        self.module(f"{folder}/settings/base.py", ["SECRET_KEY = 'x'", *self.steps(self.integer(2, 5), self.names)])
        last = "base"
        for name in ("common", "production")[: self.integer(1, 2)]:
            public = {key: kind for key, kind in self.names.items() if not key.startswith("_")}
            way = self.pick(f"from .{last} import *", f"from {folder}.settings.{last} import *")
            before = self.steps(1, {}) if self.chance(4) else []
            lines = [*before, way, *self.steps(self.integer(1, 4), public)]
            if self.chance(3):
                beside = self.fresh("beside")
                self.module(f"{folder}/settings/{beside}.py", self.steps(2, {}))
                lines.append(f"from .{beside} import *")
            if self.chance(2):
                lines += ["try:", f"    from .{self.fresh('local')} import *", "except ImportError:", "    pass"]
            self.module(f"{folder}/settings/{name}.py", lines)
            self.names, last = public, name
        return f"settings.{last}"

    def split(self, folder: str) -> str:
        """django-split-settings."""
        self.files[f"{folder}/__init__.py"] = ""
        at = f"{folder}/settings"
        lines = ["from split_settings.tools import include, optional", "SECRET_KEY = 'x'"]
        lines += self.steps(self.integer(0, 3), self.names)
        for _ in range(self.integer(1, 4)):
            form = self.pick("one", "two", "glob", "optional", "variable", "nested", "list", "if", "again")
            path = f"parts/{self.fresh('part')}.py"
            if form == "variable":
                kinds = dict(self.names)
                variable = self.fresh("STAGE_")
                folder_of = self.fresh("stage")
                for stage in ("dev", "prod"):
                    self.module(f"{at}/{folder_of}/{stage}.py", self.steps(2, dict(kinds)))
                for environment in self.environments:
                    if self.chance(2):
                        environment[variable] = self.pick("dev", "prod")
                lines += [f"{variable} = os.environ.get({variable!r}, 'dev')",
                          f"include(f'{folder_of}/{{{variable}}}.py')"]  # fmt: skip
                continue
            body = self.steps(self.integer(1, 3), self.names)
            if form == "nested":
                inner = f"{self.fresh('inner')}.py"
                body = ["from split_settings.tools import include", f"include('{inner}')", *body]
                self.module(f"{at}/parts/{inner}", self.steps(1, {}))
            self.module(f"{at}/{path}", body)
            if form == "two":
                other = f"parts/{self.fresh('part')}.py"
                self.module(f"{at}/{other}", self.steps(2, self.names))
                lines.append(f"include({path!r}, {other!r})")
            elif form == "glob":
                lines.append(f"include({path.replace('.py', '.p*')!r})")
            elif form == "optional":
                lines.append(f"include(optional('parts/gone.py'), optional({path!r}), scope=globals())")
            elif form == "list":
                listed = self.fresh("_FILES_")
                lines += [f"{listed} = [{path!r}, optional('gone.py')]", f"include(*{listed})"]
            elif form == "if":
                lines += ["if True:", f"    include({path!r})"]
            elif form == "again":
                lines += [f"include({path!r})", *self.steps(1, self.names), f"include({path!r})"]
            else:
                lines.append(f"include({path!r})")
            lines += self.steps(self.integer(0, 2), self.names)
        self.module(f"{at}/__init__.py", lines)
        return "settings"

    def classes(self, folder: str) -> str:
        """django-configurations."""
        names = [self.fresh("Base"), self.fresh("Mixin"), self.fresh("Production"), self.fresh("Development")]
        lines = ["from configurations import Configuration, values", *self.steps(self.integer(0, 2), {})]
        bases = {names[0]: "Configuration", names[1]: self.pick("Configuration", names[0], "object"),
                 names[2]: self.pick(names[0], f"{names[1]}, {names[0]}", "Configuration"),
                 names[3]: names[2]}  # fmt: skip
        for name in names:
            if name == names[2] and names[1] in bases[name] and bases[names[1]] == names[0]:
                bases[name] = f"{names[1]}"
            lines.append(f"class {name}({bases[name]}):")
            lines.append("    SECRET_KEY = 'x'")
            for setting in dict.fromkeys(self.pick(*KINDS) for _ in range(self.integer(1, 3))):
                lines += self.attribute(setting)
        self.environment_class(names[2], names[3])
        self.module(f"{folder}/settings.py", lines)
        return "settings"

    def environment_class(self, default: str, other: str) -> None:
        """Which class is the configuration: the default, or what the environment names."""
        self.chosen = default
        for environment in self.environments:
            if self.chance(3):
                environment["DJANGO_CONFIGURATION"] = other

    def attribute(self, setting: str) -> list[str]:
        """One setting as an attribute of a class."""
        kind, name = KINDS[setting], self.prefix + setting.upper()
        constant = self.pick(*CONSTANTS[kind])
        form = self.pick("plain", "value", "value", "named", "property", "method")
        if form == "property":
            return ["    @property", f"    def {name}(self):", f"        return {self.value(kind, {})}"]
        if form == "method":
            return [f"    def {name}(self):", f"        return {self.value(kind, {})}"]
        library = {"text": "Value", "url": "Value", "int": "IntegerValue", "bool": "BooleanValue", "list": "ListValue"}
        if form == "plain" or kind not in library:
            return [f"    {name} = {self.value(kind, {})}"]
        text = {"text": "yaml", "url": "redis://e/2", "int": "8", "bool": "yes", "list": "a, b"}[kind]
        if form == "named":
            variable = self.variable(text)
            return [f"    {name} = values.{library[kind]}({constant}, environ_name={variable!r}, environ_prefix=None)"]
        for environment in self.environments:
            if self.chance(3):
                environment[f"DJANGO_{name}"] = text
        return [f"    {name} = values.{library[kind]}({constant})"]

    def updates(self, folder: str) -> str:
        """globals().update and its kin."""
        lines = ["SECRET_KEY = 'x'", *self.steps(self.integer(1, 3), self.names)]
        for _ in range(self.integer(1, 3)):
            settings = list(dict.fromkeys(self.pick(*KINDS) for _ in range(2)))
            pairs = [(self.prefix + one.upper(), self.value(KINDS[one], self.names)) for one in settings]
            own = self.pick("globals", "locals", "vars")
            form = self.pick("dict", "keywords", "name", "class", "item")
            if form == "keywords":
                lines.append(f"{own}().update({', '.join(f'{name}={value}' for name, value in pairs)})")
            elif form == "class":
                cls = self.fresh("Held")
                lines += [f"class {cls}:", *(f"    {name} = {value}" for name, value in pairs)]
                lines.append(f"{own}().update({self.pick(f'vars({cls})', f'{cls}.__dict__')})")
            else:
                text = "{" + ", ".join(f"{name!r}: {value}" for name, value in pairs) + "}"
                if form == "name":
                    held = self.fresh("_held_")
                    lines.append(f"{held} = {text}")
                    text = held
                lines.append(f"{own}().update({text})")
            self.names.update({self.prefix + one.upper(): KINDS[one] for one in settings})
            lines += self.steps(self.integer(0, 2), self.names)
        self.module(f"{folder}/settings.py", lines)
        return "settings"

    def circle(self, folder: str) -> str:
        """Settings and their local overrides, which begin with the settings."""
        self.files[f"{folder}/__init__.py"] = ""
        known: dict[str, str] = {}
        lines = ["SECRET_KEY = 'x'", *self.steps(self.integer(2, 4), known)]
        public = {key: kind for key, kind in known.items() if not key.startswith("_")}
        local = [f"from {folder}.settings import *", *self.steps(self.integer(1, 3), public)]
        self.module(f"{folder}/local_settings.py", local)
        known.update({key: kind for key, kind in public.items() if not key.startswith("_")})
        way = ["from .local_settings import *"]
        if self.chance(2):
            way = ["try:", "    from .local_settings import *", "except ImportError:", "    pass"]
        self.module(f"{folder}/settings.py", [*lines, *way, *self.steps(self.integer(0, 2), known)])
        return "settings"


def make_project(integer: Callable[[int, int], int]) -> GeneratedProject:
    """One project as ``integer(low, high)`` draws it."""
    writer = Writer(integer)
    folder = writer.pick("proj", "config")
    form = writer.pick(*FORMS)
    namespace = writer.chance(4) is False
    writer.prefix = "CELERY_"
    main = ["from celery import Celery"]
    read = ", namespace='CELERY'" if namespace else ""
    source = writer.pick("'django.conf:settings'", "settings")
    if form == "configure":
        main += ["from django.conf import settings"]
        given = dict.fromkeys(writer.pick(*KINDS) for _ in range(integer(1, 4)))
        pairs = [f"{writer.prefix}{one.upper()}={writer.value(KINDS[one], {})}" for one in given]
        call = f"settings.configure(SECRET_KEY='x', {', '.join(pairs)})"
        main += ["if not settings.configured:", f"    {call}"] if writer.chance(2) else [call]
    else:
        dotted = getattr(writer, form if form != "written" else "plain")(folder)
        writer.files.setdefault(f"{folder}/__init__.py", "")
        name = f"{folder}.{dotted}"
        main.append(f"os.environ.setdefault('DJANGO_SETTINGS_MODULE', {name!r})")
        if writer.chance(3):
            writer.module("manage.py", [f"os.environ.setdefault('DJANGO_SETTINGS_MODULE', {name!r})"])
        if form == "classes":
            main += [f"os.environ.setdefault('DJANGO_CONFIGURATION', {writer.chosen!r})", "import configurations",
                     "configurations.setup()"]  # fmt: skip
        main += ["from django.conf import settings"]
        if form == "written":
            for _ in range(integer(1, 3)):
                one = writer.pick(*KINDS)
                value = writer.value(KINDS[one], {})
                line = f"settings.{writer.prefix}{one.upper()} = {value}"
                main += [f"if os.environ.get({writer.variable('1')!r}):", f"    {line}"] if writer.chance(3) else [line]
    writer.files.setdefault(f"{folder}/__init__.py", "")
    main.append(f"app = Celery({folder!r})")
    main.append(f"app.config_from_object({source}{read})")
    if writer.chance(3):
        main.append(
            f"other = Celery('other', result_expires=getattr(settings, {writer.pick('NOT', 'CELERY_NOT')!r}, 3))"
        )
    writer.module(f"{folder}/celery.py", main)
    return GeneratedProject(writer.files, writer.environments, f"{form}{read}")
