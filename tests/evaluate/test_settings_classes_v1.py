"""pydantic 1 (as ``pydantic.v1``) in every shape: each module is run, with several environments."""

from __future__ import annotations

import pytest
from pydantic.v1 import class_validators

from tests.evaluate.agreement import assert_agrees

HEAD = """
import os, enum
from datetime import timedelta
from functools import lru_cache
from typing import Any, ClassVar, Dict, List, Optional, Set, Tuple, Union
from pydantic.v1 import (AmqpDsn, AnyUrl, BaseModel, BaseSettings, Field, PostgresDsn, RedisDsn, SecretStr,
    root_validator, validator)
"""

CASES: dict[str, tuple[str, list[dict[str, str]], str]] = {
    "basic": (
        """
class S(BaseSettings):
    host: str = "localhost"
    port: int = 6379
    plain = 5
    maybe: Optional[str]
    req: Optional[int] = None
    none: str = None
    named: str = Field("x", env="LATER_URL")
    several: str = Field("x", env=["LATER_URL", "URL"])
    al: str = Field("al", alias="AL_IAS")
    l: List[int] = []
    d: Dict[str, str] = {}
    td: timedelta = timedelta(minutes=1)
    class Config:
        env_prefix = "APP_"
        fields = {}
s = S()
A = s.host
B = s.port
C = s.plain
D = s.maybe
E = s.req
F = s.none
G = s.named
H = s.several
I = s.al
J = s.l
K = s.d
L = s.td
""",
        [
            {},
            {
                "APP_HOST": "a",
                "APP_PORT": "7",
                "APP_PLAIN": "8",
                "APP_MAYBE": "m",
                "APP_NONE": "n",
                "LATER_URL": "l",
                "APP_AL": "z",
                "APP_L": '[1,"2"]',
                "APP_D": '{"a":"b"}',
            },
            {"URL": "u", "AL_IAS": "no", "app_host": "low"},
        ],
        "",
    ),
    "types of defaults": (
        """
class S(BaseSettings):
    made = os.environ.get("GIVEN") or "redis://default"
    again = f"redis://{os.environ.get('HOST', 'h')}/0"
    chosen = "a" if os.environ.get("GIVEN") else "b"
    read = os.environ.get("HOST", "h")
    class Config:
        env_prefix = "P_"
s = S()
A = s.made
B = s.again
C = s.chosen
D = s.read
""",
        [{}, {"GIVEN": "g"}, {"P_MADE": "m", "P_AGAIN": "x", "P_CHOSEN": "y", "P_READ": "5", "HOST": "z"}],
        "",
    ),
    "case": (
        """
class S(BaseSettings):
    Host: str = "d"
    class Config:
        case_sensitive = True
class T(S):
    class Config:
        env_prefix = "T_"
A = S().Host
B = T().Host
C = S(Host="g").Host
""",
        [{}, {"Host": "a"}, {"HOST": "b"}, {"T_Host": "t"}],
        "",
    ),
    "urls": (
        """
class S(BaseSettings):
    r: RedisDsn = "redis://localhost"
    o: Optional[RedisDsn] = None
    a: AmqpDsn = "amqp://u:p@h:1/v"
    p: Optional[PostgresDsn] = None
    q: Optional[str] = None
    host: str = "h"
    @validator("p", pre=True)
    def assemble(cls, v, values):
        if isinstance(v, str): return v
        return PostgresDsn.build(scheme="postgresql", user="u", password="p", host="hh", path="/db")
    @validator("q", pre=True, always=True)
    def assemble2(cls, v: Optional[str], values: Dict[str, Any]) -> Any:
        if isinstance(v, str): return v
        host = values.get("host", "n")
        return "db+" + PostgresDsn.build(
            scheme="postgresql", user="u", password="p", host=host, path=f"/{values.get('no') or ''}")
s = S()
A = str(s.r)
B = str(s.o)
C = str(s.a)
D = str(s.p)
E = s.q
""",
        [{}, {"R": "redis://x", "O": "redis://y:1", "P": "postgresql://u@z/d", "Q": "qq"}, {"HOST": "other"}],
        "",
    ),
    "values order": (
        """
class S(BaseSettings):
    b: Optional[str] = None
    host: str = "h"
    c: Optional[str] = None
    u: Optional[str] = None
    @validator("b", always=True)
    def vb(cls, v, values): return v or values.get("host", "early")
    @validator("c", always=True)
    def vc(cls, v, values, **kwargs): return v or values["host"] + "c"
    @validator("u", pre=True)
    def vu(cls, v, values, field, config): return v or "u"
s = S()
A = s.b
B = s.host
C = s.c
D = s.u
""",
        [{}, {"HOST": "other"}, {"B": "b", "C": "c"}],
        "",
    ),
    "root": (
        """
class S(BaseSettings):
    host: str = "h"
    url: Optional[str] = None
    other: str = "o"
    @root_validator
    def r(cls, values):
        if not values.get("url"):
            values["url"] = f"redis://{values['host']}"
        return values
class T(BaseSettings):
    host: str = "h"
    url: Optional[str] = None
    other: str = "o"
    @root_validator(pre=True)
    def r(cls, values):
        values["url"] = "pre"
        return values
class U(BaseSettings):
    host: str = "h"
    url: str = ""
    @root_validator(skip_on_failure=True)
    def r(cls, values):
        values.update(url="up")
        return values
s = S()
A = s.url
B = s.host
C = s.other
t = T()
D = t.url
E = t.other
F = U().url
G = U().host
""",
        [{}, {"HOST": "other"}, {"URL": "b", "OTHER": "c"}],
        "D",
    ),
    "nested": (
        """
class R(BaseModel):
    host: str = "h"
    PORT: int = 1
class S(BaseSettings):
    r: R = R()
    r2: R = R(host="two")
    class Config:
        env_nested_delimiter = "__"
        env_prefix = "A_"
class T(BaseSettings):
    r: R = R()
    class Config:
        env_nested_delimiter = "__"
        case_sensitive = True
s = S()
A = s.r.host
B = s.r.PORT
C = s.r2.host
D = s.r2.PORT
t = T()
E = t.r.host
F = t.r.PORT
""",
        [
            {},
            {"A_R__HOST": "x"},
            {"A_R2__host": "y"},
            {"r__PORT": "6"},
            {"A_R": '{"host":"j","PORT":4}'},
            {"A_R__PORT": "9"},
        ],
        "",
    ),
    "private and secret": (
        """
class S(BaseSettings):
    _p: str = "p"
    __x = 3
    p: SecretStr = SecretStr("x")
    c: ClassVar[str] = "cv"
    class Config:
        allow_population_by_field_name = True
        extra = "ignore"
s = S(p="given")
A = s._p
B = s.p.get_secret_value()
C = s.c
D = str(s.p)
E = S().p.get_secret_value()
""",
        [{}, {"P": "env"}],
        "",
    ),
    "methods": (
        """
class S(BaseSettings):
    a: str = "x"
    b: int = 2
s = S()
A = s.dict()
B = s.copy(update={"a": 5}).a
C = S.construct(a=1).a
D = S.parse_obj({"a": 5}).a
E = S(a=5, b="3").dict(include={"b"})
""",
        [{}, {"A": "env", "B": "7"}],
        "",
    ),
    "mixin override": (
        """
class Mixin:
    m: str = "mix"
class B(BaseSettings):
    a: str = "a"
    b: int = 1
class S(B, Mixin):
    a = "s"
    b = 2
    @property
    def url(self): return f"{self.a}/{self.b}/{self.m}"
A = S().url
""",
        [{}, {"A": "env", "B": "7", "M": "mm"}],
        "",
    ),
    "types": (
        """
class Env(str, enum.Enum):
    DEV="dev"
    PROD="prod"
class S(BaseSettings):
    e: Env = Env.DEV
    f: float = 1
    n: Optional[int] = 5
    b: bool = True
    s: str = 5
    st: Set[str] = {"a"}
s = S()
A = s.e == Env.PROD
B = s.f
C = s.n
D = s.b
E = s.s
F = s.st
G = s.e.value
""",
        [{}, {"E": "prod", "F": "2.5", "N": "7", "B": "off", "ST": '["q"]'}],
        "",
    ),
}
"""By title: the module, the environments that it is run in, the names that stay unknown."""


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_claimed_is_what_pydantic_makes(case: tuple[str, list[dict[str, str]], str]) -> None:
    source, environments, unknown = case
    for environment in environments:
        class_validators._FUNCS.clear()  # pydantic refuses the same validator twice
        found = assert_agrees(HEAD + source, environment)
        assert set(found.unknown) == set(unknown.split()), (environment, found.unknown)
