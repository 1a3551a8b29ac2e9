"""Projects whose settings stand in a class: pydantic 2 and 1, dataclasses, attrs, NamedTuple, plain classes.

``config.py`` holds the class and what is read from it, ``worker.py`` gives that to the app in one of several ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.oracle.generators.project import GeneratedProject

if TYPE_CHECKING:
    from collections.abc import Callable

HEADS = {
    "pydantic": """import enum, os
from functools import cached_property, lru_cache
from typing import Annotated, Any, ClassVar, Dict, List, Literal, Optional, Union
from pydantic import (AfterValidator, AliasChoices, AmqpDsn, BaseModel, BeforeValidator, Field, PrivateAttr, RedisDsn,
                      SecretStr, computed_field, field_validator, model_validator)
from pydantic_settings import BaseSettings, SettingsConfigDict
""",
    "pydantic 1": """import enum, os
from functools import lru_cache
from typing import Any, ClassVar, Dict, List, Optional, Union
from pydantic.v1 import AmqpDsn, BaseModel, BaseSettings, Field, RedisDsn, SecretStr, root_validator, validator
""",
    "dataclass": "import enum, os\nimport dataclasses\nfrom dataclasses import dataclass, field\n",
    "attrs": "import enum, os\nimport attr, attrs\n",
    "namedtuple": "import enum, os\nfrom typing import NamedTuple\n",
    "plain": "import enum, os\nfrom functools import cached_property\n",
}


class Kind(NamedTuple):
    """A kind of field: annotations, defaults, texts of the variable, settings that may take it."""

    types: tuple[str, ...]
    defaults: tuple[str, ...]
    texts: tuple[str, ...]
    settings: tuple[str, ...]


TEXT = Kind(
    ("str", "Optional[str]", "Union[str, None]", "'Optional[str]'", "Any"),
    ("'json'", "'yaml'", "os.getenv('FALLBACK', 'pickle')", "''.join(['j', 'son'])"),
    ("json", "msgpack", "yaml"),
    ("result_serializer", "task_serializer", "cache_backend", "result_compression"),
)
URL = Kind(
    ("str", "Optional[str]"),
    ("'redis://default/1'", "'rpc://'", "'db+sqlite:///r.db'", "f\"redis://{os.environ.get('HOST_X', 'hx')}/2\""),
    ("redis://set:6380/3", "rpc://", "cache+memory://"),
    ("result_backend",),
)
DSN = Kind(
    ("RedisDsn", "Optional[RedisDsn]"),
    ("'redis://localhost'", "'rediss://:pw@h:6380'", "'redis://h/4'"),
    ("redis://set", "rediss://u:p@set:1/2"),
    ("result_backend",),
)
INT = Kind(
    ("int", "Optional[int]", "Union[int, None]"),
    ("5", "int(os.getenv('NUMBER', '9'))", "60 * 2", "'17'"),
    ("7", "0", "300"),
    ("result_expires", "worker_concurrency", "result_cache_max"),
)
BOOL = Kind(
    ("bool", "Optional[bool]"),
    ("True", "False"),
    ("1", "off", "yes", "FALSE"),
    ("result_extended", "task_track_started"),
)
FLOAT = Kind(("float",), ("0.5", "2", "'1.5'"), ("2.5", "4"), ("redis_socket_timeout", "result_chord_join_timeout"))
LIST = Kind(
    ("List[str]", "list", "Optional[List[str]]"),
    ("['json']", "['json', 'yaml']"),
    ('["pickle"]', '["a", "b"]'),
    ("accept_content", "result_accept_content"),
)
DICT = Kind(
    ("Dict[str, int]", "dict"),
    ("{}", "{'a': 1}"),
    ('{"b": 2}',),
    ("result_backend_transport_options", "broker_transport_options"),
)
SECRET = Kind(("SecretStr", "Optional[SecretStr]"), ("SecretStr('hidden')",), ("shown",), ("cache_backend",))
KINDS = {
    "pydantic": (TEXT, URL, DSN, INT, BOOL, FLOAT, LIST, DICT, SECRET),
    "pydantic 1": (TEXT, URL, DSN, INT, BOOL, FLOAT, LIST, DICT, SECRET),
}
PLAIN = (TEXT, URL, INT, BOOL, FLOAT)


class Field(NamedTuple):
    """A field as it was written."""

    name: str
    kind: Kind
    annotation: str
    default: str | None
    variables: tuple[str, ...]


class Writer:
    """Writes one project."""

    def __init__(self, integer: Callable[[int, int], int]) -> None:
        self.integer = integer
        self.style = str(
            self.pick("pydantic", "pydantic", "pydantic", "pydantic 1", "dataclass", "attrs", "namedtuple", "plain")
        )
        self.lines: list[str] = []
        self.fields: list[Field] = []
        self.set: dict[str, str] = {}
        self.prefix = ""
        self.options: dict[str, str] = {}
        self.count = 0

    def pick(self, *choices: object) -> object:
        return choices[self.integer(0, len(choices) - 1)]

    def chance(self, one_in: int) -> bool:
        return self.integer(1, one_in) == one_in

    def fresh(self, start: str) -> str:
        self.count += 1
        return f"{start}_{self.count}"

    @property
    def is_pydantic(self) -> bool:
        return self.style.startswith("pydantic")

    def field(self, indent: str = "    ", settings: bool = True) -> Field:
        kind = self.pick(*KINDS.get(self.style, PLAIN))
        assert isinstance(kind, Kind)
        name = self.fresh(str(self.pick("host", "URL", "level", "redis_x")))
        annotation = str(self.pick(*kind.types))
        text = str(self.pick(*kind.defaults))
        if not self.is_pydantic:
            text = "17" if text == "'17'" else text.replace("'1.5'", "1.5")
        if annotation.startswith(("Optional", "'Opt", "Union")) and self.chance(4):
            text = "None"
        variables: tuple[str, ...] = (f"{self.prefix}{name}",)
        annotation, right = self.right_side(annotation, text, name) if self.is_pydantic else (annotation, text)
        if "ALIAS_" in annotation + right:
            variables = (f"ALIAS_{name}", f"SECOND_{name}", *variables)
        if self.style in ("dataclass", "attrs", "namedtuple"):
            right = self.record_default(text)
        written = f"{name} = {right}" if self.style == "plain" else f"{name}: {self.plain_type(annotation)} = {right}"
        self.lines.append(indent + written)
        made = Field(name, kind, annotation, text, variables)
        if settings and self.is_pydantic:
            for variable in variables:
                if self.chance(2):
                    self.set[variable if "case_sensitive" in self.options else variable.upper()] = str(
                        self.pick(*kind.texts)
                    )
        return made

    def plain_type(self, annotation: str) -> str:
        return annotation if self.is_pydantic else "object"

    def record_default(self, text: str) -> str:
        if self.style == "dataclass":
            return str(self.pick(text, text, f"field(default={text})", f"field(default_factory=lambda: {text})"))
        if self.style == "attrs":
            return str(self.pick(text, text, f"attr.ib(default={text})", f"attrs.field(factory=lambda: {text})"))
        return text

    def right_side(self, annotation: str, text: str, name: str) -> tuple[str, str]:
        alias = f"ALIAS_{name}"
        old = self.style == "pydantic 1"
        named = {
            "pydantic": [
                f"alias={alias!r}",
                f"validation_alias={alias!r}",
                f"validation_alias=AliasChoices({alias!r}, 'SECOND_{name}')",
            ],
            "pydantic 1": [f"env={alias!r}", f"env=[{alias!r}, 'SECOND_{name}']"],
        }[self.style]
        option = f", {self.pick(*named)}" if self.chance(4) else ""
        form = self.pick("plain", "plain", "field", "default", "factory", "annotated")
        if form == "annotated" and not old:
            inner = annotation.strip("'")
            return f"Annotated[{inner}, Field({option[2:] or 'description=' + repr(name)})]", text
        if form == "factory":
            return annotation, f"Field(default_factory=lambda: {text}{option})"
        if form == "default":
            return annotation, f"Field(default={text}{option})"
        return annotation, f"Field({text}{option})" if form == "field" or option else text

    # Classes -------------------------------------------------------------------------------------------------------

    def write_class(self) -> None:
        if self.is_pydantic:
            self.configure()
        base = self.fresh("Base")
        bases = {"pydantic": "(BaseSettings)", "pydantic 1": "(BaseSettings)", "namedtuple": "(NamedTuple)"}.get(
            self.style, ""
        )
        inherits = self.style != "namedtuple" and self.chance(3)
        decorator = {
            "dataclass": self.pick("@dataclass", "@dataclasses.dataclass()", "@dataclass(frozen=True)"),
            "attrs": self.pick("@attrs.define", "@attr.s(auto_attribs=True)", "@attr.define(frozen=True)"),
        }.get(self.style)
        nested = self.is_pydantic and self.chance(2) and self.write_nested()
        if inherits:
            self.lines += [str(decorator)] if decorator else []
            self.lines.append(f"class {base}{bases}:")
            self.write_configuration()
            self.fields += [self.field() for _ in range(self.integer(1, 2))]
        self.lines += [str(decorator)] if decorator else []
        self.lines.append(f"class Settings({base}):" if inherits else f"class Settings{bases}:")
        if not inherits:
            self.write_configuration()
        if nested:
            default = self.pick("Inner()", "Inner(host='given')", "Field(default_factory=Inner)")
            self.lines.append(f"    inner: Inner = {default}")
        self.fields += [self.field() for _ in range(self.integer(1, 4))]
        if self.is_pydantic and self.chance(3):
            self.write_private()
        getattr(self, f"write_{'pydantic' if self.is_pydantic else self.style}_methods")()
        self.nested = bool(nested)

    nested = False

    def configure(self) -> None:
        if self.chance(2):
            self.prefix = str(self.pick("APP_", "app_", "X_Y_"))
            self.options["env_prefix"] = repr(self.prefix)
        if self.chance(4):
            self.options["case_sensitive"] = "True"
        if self.chance(3):
            self.options["env_nested_delimiter"] = repr(self.pick("__", "--", "__"))
        if self.style == "pydantic" and self.chance(5):
            self.options["env_ignore_empty"] = "True"
        if self.style == "pydantic" and self.chance(5):
            self.options[str(self.pick("populate_by_name", "validate_by_name"))] = "True"

    def write_configuration(self) -> None:
        if not self.options:
            return
        pairs = [*self.options.items(), ("extra", "'ignore'")]
        form = "class" if self.style == "pydantic 1" else self.pick("settings", "dict", "class")
        if form == "class":
            self.lines += ["    class Config:", *(f"        {key} = {value}" for key, value in pairs)]
        elif form == "dict":
            self.lines.append("    model_config = {" + ", ".join(f"{key!r}: {value}" for key, value in pairs) + "}")
        else:
            self.lines.append("    model_config = SettingsConfigDict(" + ", ".join(f"{k}={v}" for k, v in pairs) + ")")

    def write_nested(self) -> bool:
        self.lines += ["class Inner(BaseModel):", "    host: str = 'inner'", "    port: int = 6379"]
        if self.chance(2):
            self.lines += ["    @property", "    def url(self):", "        return f'redis://{self.host}:{self.port}/0'"]
        else:
            self.lines.append("    url: str = 'redis://nested'")
        delimiter = self.options.get("env_nested_delimiter", "'__'").strip("'")
        if self.chance(2):
            key = str(self.pick("host", "port", "url"))
            text = {"host": "set", "port": "70", "url": "redis://u"}[key]
            variable = f"{self.prefix}inner{delimiter}{key}"
            self.set[variable if "case_sensitive" in self.options else variable.upper()] = text
        if self.chance(3):
            variable = f"{self.prefix}inner"
            self.set[variable if "case_sensitive" in self.options else variable.upper()] = '{"host": "json", "port": 1}'
        return True

    def write_private(self) -> None:
        self.lines.append("    fixed: ClassVar[str] = 'class'")
        self.lines.append("    _hidden: str = 'private'")
        self.set["_HIDDEN"] = "no"

    def texts(self) -> list[Field]:
        return [one for one in self.fields if one.kind in (TEXT, URL) and "Any" not in one.annotation]

    def write_pydantic_methods(self) -> None:
        old = self.style == "pydantic 1"
        for one in self.texts():
            form = self.pick("none", "none", "after", "before", "values", "model")
            name = self.fresh("check")
            head = (
                [f"    @validator({one.name!r}, pre=True, always=True)"]
                if old
                else [f"    @field_validator({one.name!r}, mode='before')", "    @classmethod"]
            )
            if form == "after":
                after = (
                    [f"    @validator({one.name!r})"]
                    if old
                    else [f"    @field_validator({one.name!r})", "    @classmethod"]
                )
                body = self.pick("return v.strip() if v else v", "return v and v + '/x'", "return v")
                self.lines += [*after, f"    def {name}(cls, v):", f"        {body}"]
            elif form == "before":
                self.lines += [*head, f"    def {name}(cls, v):"]
                self.lines += ["        if isinstance(v, str) and v:", "            return v", "        return 'made'"]
            elif form == "values":
                other = self.fields[0]
                data = "values" if old else "info.data"
                self.lines += [*head, f"    def {name}(cls, v, {'values' if old else 'info'}):"]
                self.lines += [
                    "        if v:",
                    "            return v",
                    f"        return str({data}.get({other.name!r}))",
                ]
            elif form == "model" and old:
                self.lines += ["    @root_validator(skip_on_failure=True)", f"    def {name}(cls, values):"]
                self.lines += [
                    f"        if not values.get({one.name!r}):",
                    f"            values[{one.name!r}] = 'filled'",
                    "        return values",
                ]
            elif form == "model":
                self.lines += ["    @model_validator(mode='after')", f"    def {name}(self):"]
                self.lines += [f"        if not self.{one.name}:", f"            self.{one.name} = 'filled'"]
                if self.chance(2):
                    self.lines.append(f"        self.{one.name} = self.{one.name} + '/y'")
                self.lines.append("        return self")
        self.write_property("computed_field" if not old and self.chance(3) else "")

    def write_property(self, above: str = "") -> None:
        parts = "/".join(f"{{self.{one.name}}}" for one in self.fields if one.kind in (TEXT, INT, BOOL))
        if above:
            self.lines.append(f"    @{above}")
        self.lines += ["    @property", "    def joined(self) -> str:", f"        return f'redis://{parts}'"]

    def write_dataclass_methods(self) -> None:
        if self.chance(2):
            first = self.fields[-1].name
            self.lines.append("    late: object = None")
            self.lines += ["    def __post_init__(self):"]
            target = self.pick(
                f"object.__setattr__(self, 'late', str(self.{first}))",
                f"object.__setattr__(self, 'late', self.{first})",
            )
            self.lines.append(f"        {target}")
        self.write_property()

    def write_attrs_methods(self) -> None:
        self.write_property()

    def write_namedtuple_methods(self) -> None:
        self.write_property()

    def write_plain_methods(self) -> None:
        if self.chance(2):
            first = self.fields[0].name
            self.lines += ["    def __init__(self, given='g', *, more=None):", "        self.given = given"]
            self.lines.append(f"        self.more = more or self.{first}")
            if self.chance(2):
                self.lines.append(f"        self.{first} = {self.pick('given', repr('reset'), 'self.more')}")
            if self.chance(2):
                self.lines += ["        if not more:", "            self.given = self.given + '!'"]
        self.write_property()

    # Reads ---------------------------------------------------------------------------------------------------------

    def instance(self) -> str:
        """How the module makes its settings; the expression that reads them."""
        arguments = ""
        fields = [one for one in self.fields if one.kind in (TEXT, URL, INT)]
        if self.style == "plain":
            made = any("def __init__" in line for line in self.lines)
            arguments = str(self.pick("", "'q'", "more='m'")) if made else ""
        elif fields and self.chance(3):
            one = self.pick(*fields)
            assert isinstance(one, Field)
            key = one.variables[0] if self.style == "pydantic" and one.variables[0].startswith("ALIAS_") else one.name
            arguments = (
                f"{key}={self.pick(*one.kind.texts)!r}" if one.kind is not INT else f"{key}={self.pick('8', repr('8'))}"
            )
        if self.is_pydantic and self.chance(3):
            cached = self.pick("@lru_cache", "@lru_cache()")
            self.lines += [str(cached), "def get_settings() -> Settings:", f"    return Settings({arguments})"]
            return "get_settings()"
        self.lines.append(f"settings = Settings({arguments})")
        return "settings"

    def read(self, owner: str, one: Field) -> str:
        expression = f"{owner}.{one.name}"
        if one.kind is SECRET:
            return (
                f"({expression}.get_secret_value() if {expression} else 'none')"
                if self.chance(2)
                else f"str({expression})"
            )
        if one.kind is DSN:
            return f"(str({expression}) if {expression} else None)"
        return expression


def make_project(integer: Callable[[int, int], int]) -> GeneratedProject:
    """A project; ``integer(low, high)`` draws each of its numbers, both ends included."""
    writer = Writer(integer)
    writer.write_class()
    owner = writer.instance()
    given: dict[str, str] = {}
    for one in writer.fields:
        given.setdefault(str(writer.pick(*one.kind.settings)), writer.read(owner, one))
    if writer.chance(2):
        given["result_backend"] = f"{owner}.joined"
    if writer.nested:
        given[str(writer.pick("result_backend", "cache_backend"))] = f"{owner}.inner.url"
        given["result_cache_max"] = f"{owner}.inner.port"
    if "    _hidden: str = 'private'" in writer.lines:
        given["result_compression"] = f"{owner}._hidden"
        given["task_serializer"] = f"{owner}.fixed"
    names: list[str] = []
    for number, value in enumerate(given.values()):
        writer.lines.append(f"V{number} = {value}")
        names.append(f"V{number}")
    form = writer.pick("keywords", "update", "attributes", "direct")
    reader = "get_settings" if owner.startswith("get") else "settings"
    worker = ["from celery import Celery", f"from config import {reader}, {', '.join(names)}"]
    values = list(given.values()) if form == "direct" else names
    pairs = [f"{key}={value}" for key, value in zip(given, values, strict=True)]
    if form == "keywords":
        first = [pair.replace("result_backend=", "backend=") for pair in pairs]
        worker.append(f"app = Celery('proj', {', '.join(first)})")
    elif form == "update":
        worker += ["app = Celery('proj')", f"app.conf.update({', '.join(pairs)})"]
    else:
        worker += ["app = Celery('proj')", *(f"app.conf.{pair.replace('=', ' = ', 1)}" for pair in pairs)]
    files = {"config.py": "\n".join([HEADS[writer.style], *writer.lines, ""]), "worker.py": "\n".join([*worker, ""])}
    part = {key: text for number, (key, text) in enumerate(writer.set.items()) if number % 2}
    environments = [{}, writer.set, part, {"FALLBACK": "set", "NUMBER": "3", "HOST_X": "host"}]
    return GeneratedProject(files, [dict(one) for one in environments], writer.style)
