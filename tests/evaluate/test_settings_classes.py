"""pydantic models and settings classes: which variable a field reads, as pydantic-settings itself says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import PydanticUserError

from celery_backend_lint.evaluate.values import Environment, Literal, Unknown
from tests.evaluate.agreement import MAIN, assert_agrees, assert_knows, assert_unknown, evaluate, write

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.evaluate.values import Value

HEAD = """
import os
from typing import Annotated, Optional, Union
from pydantic import AliasChoices, BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
"""
SET = {
    "HOST": "redis.internal",
    "PORT": "6380",
    "EXTENDED": "true",
    "APP_HOST": "app.internal",
    "APP_PORT": "6381",
    "LATER_URL": "redis://later",
    "PASSWORD": "hunter2",
}


def value_of(root: Path, source: str, name: str = "X") -> Value:
    write(root, {f"{MAIN}.py": source})
    _, values = evaluate(root, f"{MAIN}.py")
    found = values[name]
    assert found is not None
    return found


PLAIN = """
class Settings(BaseSettings):
    host: str = "localhost"
    port: int = 6379
    ratio: float = 0.5
    extended: bool = False
    maybe: Optional[str] = None
    either: str | None = "e"
    union: Union[str, None] = None
    noted: Annotated[int, Field(gt=0)] = 3
    made: str = Field(default_factory=lambda: "made")
    other: int = Field(default=7)
    third: int = Field(8)
s = Settings()
A = s.host
B = s.port
C = s.ratio
D = s.extended
E = s.maybe
F = s.either
G = s.union
H = s.noted
I = s.made
J = s.other
K = s.third
L = f"redis://{s.host}:{s.port}/0"
"""


@pytest.mark.parametrize("environment", [SET, {}], ids=["set", "not set"])
def test_a_field_reads_the_variable_of_its_name(environment: dict[str, str]) -> None:
    assert_knows(HEAD + PLAIN, environment)


PREFIXED = {
    "model_config": """
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
    host: str = "localhost"
    port: int = 6379
""",
    "a plain dict": """
class Settings(BaseSettings):
    model_config = {"env_prefix": "APP_", "extra": "ignore"}
    host: str = "localhost"
    port: int = 6379
""",
    "a keyword of the class": """
class Settings(BaseSettings, env_prefix="APP_"):
    host: str = "localhost"
    port: int = 6379
""",
    "a base's configuration": """
class Base(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
class Settings(Base):
    host: str = "localhost"
    port: int = 6379
""",
    "a base's fields": """
class Base(BaseSettings):
    host: str = "localhost"
    port: int = 6379
class Settings(Base):
    model_config = SettingsConfigDict(env_prefix="APP_")
""",
}


@pytest.mark.parametrize("environment", [SET, {}], ids=["set", "not set"])
@pytest.mark.parametrize("source", PREFIXED.values(), ids=PREFIXED)
def test_a_prefix_stands_before_the_name(source: str, environment: dict[str, str]) -> None:
    assert_knows(HEAD + source + "s = Settings()\nX = s.host\nY = s.port\n", environment)


def test_a_prefix_that_cannot_be_read_leaves_the_variable_open() -> None:
    source = """
import socket
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=socket.gethostname())
    host: str = "localhost"
X = Settings().host
"""
    assert_unknown(HEAD + source, "X")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_class_config_of_the_first_pydantic(tmp_path: Path) -> None:
    source = """
from pydantic import BaseSettings, Field
class Settings(BaseSettings):
    class Config:
        env_prefix = "APP_"
        case_sensitive = True
        env_nested_delimiter = "__"
    host: str = "localhost"
    plain = 5
    maybe: Optional[str]
    named: str = Field("x", env="LATER_URL")
    several: str = Field("x", env=["LATER_URL", "URL"])
s = Settings()
A = s.host
B = s.plain
C = s.maybe
D = s.named
E = s.several
"""
    expected = {
        "A": (("APP_host",), "localhost"),
        "B": (("APP_plain",), 5),
        "C": (("APP_maybe",), None),
        "D": (("LATER_URL",), "x"),
        "E": (("LATER_URL", "URL"), "x"),
    }
    write(tmp_path, {f"{MAIN}.py": source})
    _, values = evaluate(tmp_path, f"{MAIN}.py")
    for name, (variables, default) in expected.items():
        read = values[name]
        assert isinstance(read, Environment)
        assert isinstance(read.default, Literal)
        assert (read.variables, read.default.value) == (variables, default), name


ALIASES = """
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
    one: str = Field("d", alias="LATER_URL")
    two: str = Field("d", validation_alias="LATER_URL")
    three: str = Field("d", validation_alias=AliasChoices("NOT_THERE", "LATER_URL"))
    four: str = Field(validation_alias="LATER_URL", default="d")
s = Settings()
A = s.one
B = s.two
C = s.three
D = s.four
"""


@pytest.mark.parametrize("environment", [SET, {}], ids=["set", "not set"])
def test_an_alias_is_the_whole_name_without_the_prefix(environment: dict[str, str]) -> None:
    assert_knows(HEAD + ALIASES, environment)


def test_an_alias_that_is_no_text_leaves_the_variable_open() -> None:
    source = """
from pydantic import AliasPath
class Settings(BaseSettings):
    host: str = Field("d", validation_alias=AliasChoices(AliasPath("hosts", 0), "HOST"))
X = Settings().host
"""
    assert_unknown(HEAD + source, "X")


def test_case_is_folded_unless_the_settings_are_case_sensitive() -> None:
    folded = "class S(BaseSettings):\n    Host: str = 'd'\nX = S().Host\n"
    exact = (
        "class S(BaseSettings):\n    model_config = SettingsConfigDict(case_sensitive=True)\n    Host: str = 'd'\n"
        "X = S().Host\n"
    )
    for environment in ({"HOST": "a"}, {"host": "a"}, {"Host": "a"}, {}):
        assert_knows(HEAD + folded, environment)
        assert_knows(HEAD + exact, environment)


def test_a_secret_is_the_text_that_it_hides() -> None:
    source = """
class Settings(BaseSettings):
    password: SecretStr = SecretStr("x")
X = f"redis://:{Settings().password.get_secret_value()}@h"
"""
    assert_agrees(HEAD + source, {})
    assert assert_knows(HEAD + source, SET).known == {"X": "redis://:hunter2@h"}


def test_a_required_secret_is_read_from_its_variable(tmp_path: Path) -> None:
    source = "class S(BaseSettings):\n    password: SecretStr\nX = S().password.get_secret_value()\n"
    assert assert_knows(HEAD + source, SET).known == {"X": "hunter2"}
    value = value_of(tmp_path, HEAD + source)
    assert isinstance(value, Environment)
    assert value.required


@pytest.mark.parametrize("default", ["", " = ...", " = Field(...)", " = Field(gt=1)", " = Field()"])
def test_a_field_without_a_default_is_required(tmp_path: Path, default: str) -> None:
    source = f"class S(BaseSettings):\n    port: int{default}\nX = S().port\n"
    value = value_of(tmp_path, HEAD + source)
    assert isinstance(value, Environment)
    assert value.required
    assert assert_knows(HEAD + source, SET).known == {"X": 6380}


VALIDATED = {
    "wrap": """
class S(BaseSettings):
    host: str = "d"
    @field_validator("host", mode="wrap")
    @classmethod
    def change(cls, value, handler): return handler(value) + "!"
""",
    "of the model": """
class S(BaseSettings):
    host: str = "d"
    @model_validator(mode="after")
    def change(self):
        self.host += "!"
        return self
""",
}


@pytest.mark.parametrize("source", VALIDATED.values(), ids=VALIDATED)
def test_a_validator_may_change_the_field(source: str) -> None:
    assert_unknown(HEAD + source + "X = S().host\n", "X", environment=SET)


def test_validators_of_other_fields_change_nothing() -> None:
    source = """
class S(BaseSettings):
    host: str = "d"
    port: int = 1
    @field_validator("port")
    @classmethod
    def change(cls, value): return value + 1
    @model_validator(mode="after")
    def check(self): return self
    @property
    def url(self): return f"redis://{self.host}"
    @staticmethod
    def helper(): return 1
    def undecorated(self): return self.host
s = S()
X = s.host
Y = s.url
Z = s.undecorated()
"""
    assert_knows(HEAD + source, SET)
    assert_knows(HEAD + source)


def test_what_the_constructor_is_given_beats_the_variable() -> None:
    source = (
        'class S(BaseSettings):\n    host: str = "d"\n    port: int = 1\ns = S(host="given")\nX = s.host\nY = s.port\n'
    )
    assert assert_knows(HEAD + source, SET).known == {"X": "given", "Y": 6380}


def test_a_model_reads_no_variables() -> None:
    source = """
class M(BaseModel):
    host: str = "d"
    port: int = 1
m = M(port=2)
X = m.host
Y = m.port
"""
    assert assert_knows(HEAD + source, SET).known == {"X": "d", "Y": 2}


def test_a_model_s_field_without_a_default_is_given_when_it_is_made() -> None:
    source = "class M(BaseModel):\n    host: str\ndef make(**given): return M(**given)\nX = make(host='a').host\n"
    assert_agrees(HEAD + source, SET)


def test_nested_models_and_settings() -> None:
    source = """
class Redis(BaseModel):
    host: str = "nested"
    port: int = 1
class Inner(BaseSettings):
    host: str = "inner"
class S(BaseSettings):
    redis: Redis = Redis(port=2)
    made: Redis = Field(default_factory=Redis)
    inner: Inner = Field(default_factory=Inner)
s = S()
A = s.redis.host
B = s.redis.port
C = s.made.host
D = s.inner.host
"""
    assert_knows(HEAD + source, {})
    assert assert_knows(HEAD + source, SET).known == {"A": "nested", "B": 2, "C": "nested", "D": "redis.internal"}


def test_names_that_are_no_fields_are_read_as_attributes() -> None:
    source = """
from typing import ClassVar
class S(BaseSettings):
    host: str = "d"
    def port(self): return 5
    class Inner:
        level = 3
s = S()
X = s.port()
Y = s.Inner.level
Z = s.host.upper()
"""
    assert_knows(HEAD + source, SET)


def test_a_model_made_without_its_required_field_has_no_known_value(tmp_path: Path) -> None:
    value = value_of(tmp_path, HEAD + "class S(BaseModel):\n    host: str\nX = S().host\n")
    assert isinstance(value, Unknown)
    assert "host" in value.why


def test_a_name_that_no_class_of_the_model_has_is_unknown(tmp_path: Path) -> None:
    source = HEAD + "class S(BaseSettings):\n    host: str = 'd'\nX = S().nothing\n"
    assert isinstance(value_of(tmp_path, source), Unknown)


def test_what_pydantic_refuses_as_a_field_reads_no_variable(tmp_path: Path) -> None:
    source = HEAD + "class S(BaseSettings):\n    host = 'd'\nX = S().host\n"
    assert not isinstance(value_of(tmp_path, source), Environment)
    with pytest.raises(PydanticUserError):
        assert_agrees(source)


def test_a_default_factory_may_be_a_function_of_the_project() -> None:
    source = """
def default(): return os.getenv("FALLBACK", "f")
class S(BaseSettings):
    host: str = Field(default_factory=default, description="the host", alias="H")
    hosts: list = Field(default_factory=list)
X = S().host
Y = S().hosts
"""
    for environment in ({}, {"FALLBACK": "g"}, {"H": "h", "FALLBACK": "g"}):
        assert_agrees(HEAD + source, environment)
