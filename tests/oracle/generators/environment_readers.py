"""Projects whose settings come from the environment through every reader: which library, which call, which default.

A project has one reader or several, perhaps in a module of its own and under another name, prefixes, own helper
functions, and texts that the reader of that library takes; what each environment sets is drawn too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.generators.project import GeneratedProject

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = {
    "text": ("result_serializer", "result_compression", "cache_backend", "task_default_queue"),
    "url": ("result_backend", "broker_url"),
    "int": ("worker_concurrency", "result_cache_max", "redis_max_connections", "worker_prefetch_multiplier"),
    "bool": ("result_extended", "task_track_started", "task_ignore_result", "result_persistent"),
    "float": ("result_chord_join_timeout", "redis_socket_timeout"),
    "list": ("accept_content", "result_accept_content"),
    "dict": ("broker_transport_options", "result_backend_transport_options"),
}
TEXTS = {
    "text": ("json", "a b", "", " x ", "a,b", "None", "a$b", "yaml"),
    "url": ("redis://u:p@h:6379/1", "rpc://", "rediss://h", "redis://h:7/3?a=b"),
    "int": ("7", "0", "-3", " 5 ", "1_0"),
    "bool": ("1", "0", "true", "false", "True", "FALSE"),
    "float": ("1.5", "2", "1e2", "-0.5"),
    "list": ("a,b", "a", "json,yaml", "a, b"),
    "dict": ('{"a": 1}', "{}", '{"b": {"c": null}}'),
    "pairs": ("a=1,b=2", "a=", "a=b"),
    "cache": ("redis://u:p@h:6379/1", "rediss://h/2?timeout=5", "rediscache://h:1/0"),
    "database": ("postgres://u:p@h:5432/n", "mysql://h/n", "postgresql://u@h.example/n?sslmode=require"),
}
WORDS = {
    "environ": ("on", "ok", "no", "2", " yes ", "x", ""),
    "environs": ("yes", "On", "off", "t", "N"),
    "decouple": ("y", "t", "off", "no", "", "YES"),
    "starlette": ("True", "FALSE"),
}
"""Words for true and false that each takes beside those that all take."""
DEFAULTS = {
    "text": ("'d'", "None", "''"), "url": ("'redis://d/0'", "'rpc://'"), "int": ("3", "None", "0"),
    "bool": ("True", "False"), "float": ("2.5", "None"), "list": ("['d']", "[]"), "dict": ("{'d': 1}", "{}"),
    "pairs": ("{'d': '1'}",), "database": ("'postgres://d:d@d:1/d'",), "cache": ("'redis://d/0'",),
}  # fmt: skip

ENVIRON = {
    "text": ("{r}('{v}'{,d})", "{r}.str('{v}'{,d})", "{r}('{v}', str{,d})", "{r}.get_value('{v}'{,d})"),
    "url": ("{r}('{v}'{,d})", "{r}.str('{v}'{,d})", "{r}.url('{v}'{,d}).geturl()", "{r}.cache('{v}'{,d})['LOCATION']"),
    "int": ("{r}.int('{v}'{,d})", "{r}('{v}', cast=int{,d})", "{r}('{v}', int{,d})"),
    "bool": ("{r}.bool('{v}'{,d})", "{r}('{v}', cast=bool{,d})", "{r}('{v}'{,d!})"),
    "float": ("{r}.float('{v}'{,d})", "{r}('{v}', float{,d})"),
    "list": ("{r}.list('{v}'{,d})", "{r}('{v}', list{,d})", "{r}('{v}', cast=[str]{,d})", "{r}('{v}'{,d!})"),
    "dict": ("{r}.json('{v}'{,d})",),
    "pairs": ("{r}.dict('{v}'{,d})", "{r}('{v}', dict{,d})"),
    "database": ("{r}.db('{v}'{,d})['USER']", "{r}.db_url('{v}'{,d})['NAME']", "{r}.db('{v}'{,d})['HOST']"),
}
ENVIRONS = {
    "text": ("{r}('{v}'{,d})", "{r}.str('{v}'{,d})", "{r}.str(name='{v}'{,d})"),
    "url": ("{r}.str('{v}'{,d})", "{r}('{v}'{,d})", "{r}.str('{v}', validate=len{,d})"),
    "int": ("{r}.int('{v}'{,d})",),
    "bool": ("{r}.bool('{v}'{,d})",),
    "float": ("{r}.float('{v}'{,d})",),
    "list": ("{r}.list('{v}'{,d})", "{r}.list('{v}', subcast=str{,d})"),
    "dict": ("{r}.json('{v}'{,d})",),
    "pairs": ("{r}.dict('{v}'{,d})",),
    "database": ("{r}.dj_db_url('{v}'{,d})['NAME']", "{r}.dj_db_url('{v}'{,d})['USER']"),
}
DECOUPLE = {
    "text": ("{r}('{v}'{,d})", "{r}('{v}', cast=str{,d!})", "{r}('{v}', default='d', cast=lambda v: v.upper())"),
    "url": ("{r}('{v}'{,d})", "{r}('{v}', cast=str{,d})"),
    "int": ("{r}('{v}', cast=int{,d!})", "{r}('{v}', 4, int)", "{r}('{v}', cast=int, default='4')"),
    "bool": ("{r}('{v}', cast=bool{,d})", "{r}('{v}', default='yes', cast=bool)", "{r}('{v}', default=1, cast=bool)"),
    "float": ("{r}('{v}', cast=float{,d!})", "{r}('{v}', cast=float, default='1')"),
    "list": ("{r}('{v}', cast=Csv(), default='d, e')", "{r}('{v}', cast=Csv(post_process=tuple), default='d')",
             "{r}('{v}', default='d,e', cast=lambda v: v.split(','))", "{r}('{v}', cast=Csv(), default=None)"),
    "dict": ("{r}('{v}', cast=json.loads, default='{{}}')",),
    "pairs": ("{r}('{v}', 'a', str)",),
    "database": ("dj_database_url.parse({r}('{v}'{,d}))['NAME']",),
}  # fmt: skip
STARLETTE = {
    "text": ("{r}('{v}'{,d})", "{r}('{v}', str{,d})", "{r}.get('{v}'{,d})"),
    "url": ("{r}('{v}'{,d})", "{r}('{v}', cast=str{,d})"),
    "int": ("{r}('{v}', int{,d})", "{r}('{v}', cast=int, default='4')"),
    "bool": ("{r}('{v}', cast=bool{,d})", "{r}('{v}', bool, default='1')"),
    "float": ("{r}('{v}', cast=float{,d})",),
    "list": ("{r}('{v}', cast=lambda v: v.split(','), default='d')",),
    "dict": ("json.loads({r}('{v}', default='{{}}'))",),
    "pairs": ("{r}('{v}'{,d!})",),
    "database": ("urlparse({r}('{v}'{,d})).hostname",),
}
OS = {
    "text": ("os.environ.get('{v}'{;d})", "os.getenv('{v}'{;d})", "(environ.get('{v}') or 'd')", "read('{v}'{;d})",
             "(os.environ['{v}'] if '{v}' in os.environ else 'd')", "env_text('{v}'{;d})"),
    "url": ("os.getenv('{v}', 'redis://d')", "(getenv('{v}') or 'rpc://')", "env_text('{v}', 'redis://d')",
            "urlparse(os.getenv('{v}', 'redis://d/1')).geturl()", "f\"redis://{{os.getenv('{v}', 'd')}}/1\""),
    "int": ("int(os.getenv('{v}', 3))", "int(os.environ.get('{v}') or 3)", "env_int('{v}', 3)"),
    "bool": ("(os.getenv('{v}', '0') == '1')", "env_bool('{v}')", "env_bool('{v}', True)", "bool(os.getenv('{v}'))",
             "os.getenv('{v}', 'x').lower() in ('1', 'true', 'yes')", "bool(int(os.getenv('{v}') == '1'))"),
    "float": ("float(os.getenv('{v}', '2.5'))", "float(os.environ.get('{v}', 1))"),
    "list": ("os.getenv('{v}', 'a,b').split(',')", "[os.getenv('{v}', 'd')]", "os.environ.get('{v}', 'd').split(',')"),
    "dict": ("json.loads(os.getenv('{v}', '{{}}'))", "literal_eval(os.getenv('{v}x', '{{}}'))"),
    "pairs": ("{{'a': os.getenv('{v}')}}", "dict(a=os.getenv('{v}', 'd'))"),
    "database": ("dj_database_url.config('{v}', default='postgres://d@d/d')['NAME']",
                 "dj_database_url.config(env='{v}', default='mysql://d@d/d')['USER']",
                 "urlparse(os.getenv('{v}', 'redis://:p@h:1/2')).password"),
}  # fmt: skip
LIBRARIES = {"environ": ENVIRON, "environs": ENVIRONS, "decouple": DECOUPLE, "starlette": STARLETTE, "os": OS}
OS_HELPERS = """
read = os.environ.get
def env_text(name, default=None):
    return os.environ.get(name, default)
def env_int(name, default):
    value = os.environ.get(name)
    return int(value) if value is not None else default
def env_bool(name, default=False):
    value = os.environ.get(name)
    if value is None:
        return default
    return value.lower() in ("1", "true", "yes")
"""
HEAD = """import json
import os
from ast import literal_eval
from os import environ, getenv
from urllib.parse import urlparse

import dj_database_url
import environ as django_environ
from celery import Celery
from decouple import Config, Csv, RepositoryEnv, config
from environs import Env
from starlette.config import Config as StarletteConfig
"""


class Writer:
    """Draws one project."""

    def __init__(self, integer: Callable[[int, int], int]) -> None:
        self.integer = integer
        self.environments: list[dict[str, str]] = [{} for _ in range(self.integer(1, 3))]
        self.lines: list[str] = []
        self.count = 0
        self.style: list[str] = []
        self.scheme: list[tuple[str, str, str]] = []

    def pick(self, *choices: str) -> str:
        """One of several texts."""
        return choices[self.integer(0, len(choices) - 1)]

    def chance(self, one_in: int) -> bool:
        """True once in a number of times."""
        return self.integer(1, one_in) == 1

    def variable(self, library: str, kind: str, *, required: bool, prefix: str = "") -> str:
        """A new variable, set in some of the environments to a text that the reader takes."""
        self.count += 1
        name = f"{kind.upper()}_{self.count}"
        for environment in self.environments:
            if required or self.chance(2):
                words = WORDS.get(library, ()) if kind == "bool" else ()
                text = self.pick(*TEXTS[kind], *words)
                if library == "environ" and kind in ("text", "int") and self.chance(6):
                    environment[f"{prefix}OTHER_{self.count}"] = text
                    text = f"$OTHER_{self.count}"
                environment[prefix + name] = text
        return name

    def expression(self, library: str, reader: str, kind: str, prefix: str = "") -> str:
        """A read of a new variable."""
        form = self.pick(*LIBRARIES[library][kind])
        kind = "cache" if ".cache(" in form else kind
        default = "" if self.chance(3) else self.pick(*DEFAULTS[kind])
        if library in ("decouple", "starlette") and default == "None" and kind in ("int", "float", "bool"):
            default = "3" if library == "decouple" else default
        if "{,d!}" in form and not default:
            default = DEFAULTS[kind][0]
        if library == "os":
            default = default or "None"
        needed = "default" not in form and ", 4, int" not in form and not default and library != "os"
        name = self.variable(library, kind, required=needed, prefix=prefix)
        keyword = f", default={default}" if default else ""
        for mark, text in (("{,d}", keyword), ("{,d!}", keyword), ("{;d}", f", {default}")):
            form = form.replace(mark, text)
        return form.replace("{{", "{").replace("}}", "}").replace("{v}", name).replace("{r}", reader)

    def reader(self, library: str) -> tuple[str, str]:
        """The lines that make a reader: its name and the prefix of its variables."""
        self.count += 1
        name = f"{self.pick('env', 'reader', 'cfg')}{self.count}"
        prefix = ""
        if library == "environ":
            self.lines.append(f"{name} = django_environ.Env()")
            if self.chance(4):
                prefix = f"P{self.count}_"
                self.lines.append(f"{name}.prefix = {prefix!r}")
        elif library == "environs":
            prefix = self.pick("", "", f"P{self.count}_")
            self.lines.append(f"{name} = Env({f'prefix={prefix!r}' if prefix else ''})")
        elif library == "starlette":
            prefix = self.pick("", "", f"P{self.count}_")
            self.lines.append(f"{name} = StarletteConfig({f'env_prefix={prefix!r}' if prefix else ''})")
        elif library == "decouple":
            name = "config"
            if self.chance(3):
                name = f"cfg{self.count}"
                self.lines.append(f"{name} = config")
        return name, prefix

    def statement(self, library: str, reader: str, prefix: str, used: set[str]) -> None:
        """One setting, written from a read."""
        kind = self.pick(*SETTINGS, "pairs", "database")
        setting = self.pick(*SETTINGS[{"pairs": "dict", "database": "text"}.get(kind, kind)])
        if setting in used:
            return
        used.add(setting)
        indent = ""
        if library == "environs" and self.chance(4):
            inner = f"W{self.count}_"
            self.lines.append(f"with {reader}.prefixed({inner!r}):")
            indent, prefix = "    ", prefix + inner
            if self.chance(3):
                self.lines.append(f"{indent}with {reader}.prefixed('N_'):")
                indent, prefix = indent * 2, prefix + "N_"
        value = self.expression(library, reader, kind, prefix)
        if kind == "pairs" and library in ("decouple", "starlette"):
            value = f"{{'a': {value}}}"
        self.style.append(f"{library} {kind}")
        self.lines.append(f"{indent}{setting} = {value}")


def make_project(integer: Callable[[int, int], int]) -> GeneratedProject:
    """One project as ``integer(low, high)`` draws it."""
    writer = Writer(integer)
    used: set[str] = set()
    writer.lines.append(OS_HELPERS)
    for _ in range(integer(1, 3)):
        library = writer.pick(*LIBRARIES)
        reader, prefix = writer.reader(library)
        for _ in range(integer(1, 4)):
            writer.statement(library, reader, prefix, used)
    body = "\n".join(writer.lines)
    form = writer.pick("module", "keywords", "class", "apart")
    if form == "module":
        files = {
            "celeryconfig.py": f"{HEAD}{body}\n",
            "tasks.py": "from celery import Celery\n\napp = Celery('a')\napp.config_from_object('celeryconfig')\n",
        }
    elif form == "keywords":
        given = ", ".join(f"{name}={name}" for name in sorted(used))
        files = {"tasks.py": f"{HEAD}{body}\n\napp = Celery('a')\napp.conf.update({given})\n"}
    elif form == "apart":
        given = "".join(f"app.conf.{name} = values.{name}\n" for name in sorted(used))
        files = {
            "values.py": f"{HEAD}{body}\n",
            "tasks.py": f"from celery import Celery\nimport values\n\napp = Celery('a')\n{given}",
        }
    else:
        given = "".join(f"    {name} = {name}\n" for name in sorted(used))
        files = {"tasks.py": f"{HEAD}{body}\n\nclass Config:\n{given}    pass\n\napp = Celery('a')\n"
                             "app.config_from_object(Config)\n"}  # fmt: skip
    return GeneratedProject(files, writer.environments, f"{form}: {', '.join(writer.style)}")
