"""pydantic 2 and pydantic-settings in every shape: each module is run, with several environments."""

from __future__ import annotations

import pytest

from tests.evaluate.agreement import assert_agrees

HEAD = """
import os, enum
from datetime import timedelta
from functools import lru_cache, cached_property
from typing import Annotated, Any, ClassVar, Dict, Final, List, Literal, Optional, Set, Tuple, Union
from pydantic import (AfterValidator, AmqpDsn, AnyUrl, BaseModel, BeforeValidator, ConfigDict, Field, PostgresDsn,
    PrivateAttr, RedisDsn, SecretStr, ValidationInfo, computed_field, field_validator, model_validator)
from pydantic import AliasChoices, AliasPath
from pydantic_settings import BaseSettings, SettingsConfigDict
"""

CASES: dict[str, tuple[str, list[dict[str, str]], str]] = {
    "annotated alias": (
        """
class S(BaseSettings):
    a: Annotated[str, Field(alias="X_URL")] = "d"
    b: Annotated[int, Field(validation_alias="X_INT", gt=0)] = 3
    c: Annotated[Optional[str], Field(alias="X_NONE"), "doc"] = None
    d: Annotated[str, Field(default="dd", alias="X_URL")]
s = S()
A = s.a
B = s.b
C = s.c
D = s.d
""",
        [{}, {"X_URL": "u", "X_INT": "5", "X_NONE": "n", "A": "no", "B": "9"}],
        "",
    ),
    "ctor conversion": (
        """
class S(BaseSettings):
    a: int = 1
    b: float = 1.0
    c: bool = False
    d: str = "d"
    e: list[int] = []
    f: Optional[int] = 2
    u: RedisDsn = "redis://h"
    g: timedelta = 60
s = S(a="5", b="2", c="yes", e=["1", 2], f=None, u="redis://x/1")
A = s.a
B = s.b
C = s.c
D = s.d
E = s.e
F = s.f
U = str(s.u)
V = f"{S().u}/x"
G = s.g
""",
        [{}, {"A": "9", "D": "q", "U": "redis://env"}],
        "",
    ),
    "private": (
        """
class S(BaseSettings):
    _a: str = "private"
    _b: int = PrivateAttr(default=3)
    _c: list = PrivateAttr(default_factory=list)
    x: str = "x"
    @property
    def url(self): return self._a + self.x
s = S()
A = s._a
B = s._b
C = s._c
U = s.url
""",
        [{}, {"_A": "no", "_a": "no", "X": "y"}],
        "",
    ),
    "nested": (
        """
class Redis(BaseModel):
    host: str = "nested"
    port: int = 1
    db_name: str = "n"
class S(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__", env_prefix="APP_")
    redis: Redis = Redis()
    two: Redis = Redis(host="two", port=2)
    three: Redis = Field(default_factory=lambda: Redis(host="three"))
    maybe: Optional[Redis] = None
    req: Redis = Field(default_factory=Redis)
s = S()
A = s.redis.host
B = s.redis.port
C = s.two.host
D = s.two.port
E = s.three.host
F = s.req.db_name
G = s.maybe.host if s.maybe else "none"
H = f"redis://{s.two.host}:{s.two.port}/{s.redis.db_name}"
""",
        [
            {},
            {"APP_REDIS__HOST": "rh", "APP_TWO__PORT": "9"},
            {
                "APP_REDIS": '{"host":"json","port":"7"}',
                "APP_REDIS__PORT": "8",
                "APP_REQ__DB_NAME": "q",
                "APP_MAYBE__HOST": "m",
            },
            {"APP_TWO": '{"host":"json"}', "APP_REDIS__host": "lower"},
            {"APP_MAYBE": '{"port": 5}'},
        ],
        "",
    ),
    "nested no delimiter": (
        """
class Redis(BaseModel):
    host: str = "nested"
    port: int = 1
class S(BaseSettings):
    redis: Redis = Redis(host="x")
    r2: Redis = Redis()
s = S()
A = s.redis.host
B = s.redis.port
C = s.r2.port
""",
        [{}, {"REDIS": '{"port": "7"}'}, {"R2": '{"port": 5}'}, {"REDIS__HOST": "no"}],
        "",
    ),
    "nested deep and split": (
        """
class Pool(BaseModel):
    size: int = 5
    max_size: int = 6
class Redis(BaseModel):
    host: str = "nested"
    pool: Pool = Pool()
    max_conn: int = 3
class S(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="_")
    redis: Redis = Redis()
class T(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="_", env_nested_max_split=1)
    redis: Redis = Redis()
class U(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__", case_sensitive=True)
    Redis_: Redis = Redis()
s = S()
t = T()
u = U()
A = s.redis.host
B = s.redis.pool.size
C = s.redis.max_conn
D = t.redis.max_conn
E = t.redis.pool.size
F = s.redis.pool.max_size
G = u.Redis_.host
H = u.Redis_.pool.max_size
""",
        [
            {},
            {"REDIS_HOST": "h", "REDIS_POOL_SIZE": "8"},
            {"REDIS_MAX_CONN": "4"},
            {"REDIS_POOL": '{"size": 11}'},
            {"Redis___host": "cs", "Redis___pool__max_size": "4", "REDIS___HOST": "no"},
        ],
        "",
    ),
    "populate": (
        """
class S(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_", populate_by_name=True)
    a: str = Field("d", alias="X_URL")
    b: int = 5
class T(BaseSettings):
    model_config = ConfigDict(validate_by_name=True, extra="ignore")
    a: str = Field("d", validation_alias=AliasChoices("X_URL","Y_URL"))
s = S()
s2 = S(a="given")
s3 = S(X_URL="alias")
t = T()
A = s.a
B = s2.a
C = s3.a
D = t.a
E = S(B="7").b
""",
        [{}, {"X_URL": "u"}, {"APP_A": "by name"}, {"X_URL": "u", "APP_A": "n"}, {"A": "t by name"}, {"Y_URL": "y"}],
        "",
    ),
    "ctor alias without populate": (
        """
class S(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")
    a: str = Field("d", alias="X_URL")
class X(BaseSettings):
    model_config = SettingsConfigDict(extra="allow")
    a: str = "d"
A = S(a="given").a
B = S(X_URL="g").a
C = X(more="m").more
""",
        [{}, {"X_URL": "u"}],
        "",
    ),
    "ignore empty": (
        """
class S(BaseSettings):
    model_config = SettingsConfigDict(env_ignore_empty=True)
    a: str = "d"
    b: int = 4
    c: Optional[str] = None
s = S()
A = s.a
B = s.b
C = s.c
""",
        [{}, {"A": "", "B": ""}, {"A": "x", "B": "7", "C": "c"}],
        "",
    ),
    "call options": (
        """
class S(BaseSettings):
    a: str = "d"
A = S(_env_prefix="P_").a
B = S(_env_file=None).a
C = S(_case_sensitive=True).a
D = S(_env_file=".env", _env_file_encoding="utf-8").a
""",
        [{}, {"P_A": "p", "A": "a"}, {"a": "low"}],
        "",
    ),
    "merged config": (
        """
class Base(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="B_", extra="ignore")
    host: str = "h"
class Mid(Base):
    model_config = SettingsConfigDict(case_sensitive=True)
class Kw(Base, env_prefix="K_"):
    pass
class Cfg(BaseSettings):
    host: str = "c"
    class Config:
        env_prefix = "C_"
class Spread(Base):
    model_config = {**Base.model_config, "env_prefix": "S_"}
class Or(Base):
    model_config = Base.model_config | SettingsConfigDict(env_prefix="O_")
A = Mid().host
B = Kw().host
C = Cfg().host
D = Spread().host
E = Or().host
""",
        [{}, {"B_host": "b", "K_HOST": "k", "C_HOST": "c2", "S_HOST": "s", "O_HOST": "o"}],
        "",
    ),
    "secret": (
        """
class S(BaseSettings):
    p: SecretStr = SecretStr("x")
    q: Optional[SecretStr] = None
    r: SecretStr = "plain"
    e: SecretStr = SecretStr("")
s = S()
A = s.p.get_secret_value()
B = str(s.p)
C = f"redis://:{s.p}@h"
D = s.q.get_secret_value() if s.q else "none"
E = s.r.get_secret_value()
F = f"{s.e}"
G = f"redis://:{s.r.get_secret_value()}@h"
""",
        [{}, {"P": "pp", "Q": "qq", "R": "rr", "E": "e"}],
        "",
    ),
    "urls": (
        """
class S(BaseSettings):
    r: RedisDsn = "redis://localhost"
    o: Optional[RedisDsn] = None
    a: AmqpDsn = "amqp://guest:guest@localhost:5672//"
    p: PostgresDsn = Field("postgresql+psycopg2://u:p@h/db")
    m: RedisDsn = RedisDsn("redis://made")
    any: AnyUrl = "rpc://"
    t: str = str(RedisDsn("redis://z"))
    un: Union[RedisDsn, str] = "rpc://"
s = S()
A = str(s.r)
B = s.r.unicode_string()
C = str(s.o) if s.o else "rpc://"
D = str(s.a)
E = "db+"+str(s.p)
F = f"{s.m}"
G = str(s.any)
H = s.t
I = s.un
J = "{}?x=1".format(s.r)
K = "%s/1" % s.r
L = str(s.r).replace("/0","/1")
M = isinstance(s.r, str)
""",
        [
            {},
            {
                "R": "rediss://:pw@cache:6380",
                "O": "redis://o/4",
                "A": "amqp://x",
                "P": "postgresql://q@w:1/e",
                "UN": "memory://",
            },
        ],
        "",
    ),
    "build": (
        """
class S(BaseSettings):
    host: str = "h"
    port: int = 6379
    pw: Optional[str] = None
    @property
    def url(self):
        return str(RedisDsn.build(scheme="redis", host=self.host, port=self.port, password=self.pw, path="1"))
    @computed_field
    @property
    def pg(self) -> str:
        return PostgresDsn.build(scheme="postgresql", username="u", host=self.host, path="db").unicode_string()
    @cached_property
    def u3(self): return RedisDsn.build(scheme="redis", host="k")
s = S()
A = s.url
B = s.pg
C = str(s.u3)
""",
        [{}, {"HOST": "q", "PORT": "1", "PW": "x"}],
        "",
    ),
    "types": (
        """
class Env(str, enum.Enum):
    DEV="dev"
    PROD="prod"
class Level(enum.IntEnum):
    LOW=1
    HIGH=2
class S(BaseSettings):
    env: Env = Env.DEV
    e2: Env = "prod"
    lit: Literal["redis","rpc"] = "redis"
    l: List[str] = ["a"]
    st: Set[str] = {"b"}
    tup: Tuple[str, ...] = ("c",)
    d: Dict[str, int] = {}
    any: Any = 5
    s_or_n: "str | None" = None
    q: "Optional[int]" = 4
    lo: Optional[List[str]] = None
    st2: str | list[str] = "x"
    td: timedelta = timedelta(hours=1)
s = S()
A = s.env.value
B = s.e2.value
C = s.lit
D = s.l
E = s.st
F = s.tup
G = s.d
H = s.any
I = s.s_or_n
J = s.q
K = s.lo
L = s.env == Env.PROD
M = s.env == "dev"
N = "x" if s.env is Env.PROD else "y"
O = s.td
P = s.env.name
Q = s.env in (Env.PROD,)
R = s.st2
""",
        [
            {},
            {
                "ENV": "prod",
                "LIT": "rpc",
                "L": '["z"]',
                "ST": '["y"]',
                "TUP": '["1","2"]',
                "D": '{"a":"1"}',
                "ANY": "t",
                "S_OR_N": "q",
                "Q": "8",
                "LO": '["k"]',
            },
        ],
        "",
    ),
    "use enum values": (
        """
class Env(str, enum.Enum):
    DEV="dev"
    PROD="prod"
class S(BaseSettings):
    model_config = SettingsConfigDict(use_enum_values=True)
    env: Env = Env.DEV
A = S().env
""",
        [{}, {"ENV": "prod"}],
        "",
    ),
    "get_settings": (
        """
class S(BaseSettings):
    a: str = "x"
@lru_cache
def get_settings() -> S: return S()
@lru_cache()
def other():
    return S()
@lru_cache(maxsize=1)
def third():
    s = S()
    return s
A = get_settings().a
B = other().a
C = third().a
""",
        [{}, {"A": "y"}],
        "",
    ),
    "methods": (
        """
class C(BaseModel):
    broker_url: str = "amqp://"
    n: Optional[int] = None
class S(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__")
    a: str = "x"
    b: int = 1
    celery: C = C()
s = S()
A = s.model_dump()
B = s.dict()
D = s.celery.model_dump()
E = s.model_copy(update={"a":"copy"}).a
F = s.model_copy(update={"a":"copy"}).b
G = S.model_construct(a=5).a
H = S.model_construct().b
I = s.model_dump(include={"a"})
J = s.model_dump(exclude={"celery","a"})
K = C.model_validate({"broker_url":"q","n":"4"}).n
L = dict(**s.celery.model_dump())
M = s.celery.model_dump(exclude_none=True)
""",
        [{}, {"A": "y", "B": "2", "CELERY__BROKER_URL": "redis://"}],
        "",
    ),
    "mixins": (
        """
class RedisMixin(BaseSettings):
    redis_host: str = "h"
    @property
    def url(self): return f"redis://{self.redis_host}/{self.db}"
class Db(BaseSettings):
    db: int = 3
    redis_host: str = "db-h"
class Plain:
    plain = "p"
    def m(self): return self.db
class S(RedisMixin, Db, Plain):
    model_config = SettingsConfigDict(env_prefix="S_")
    x: ClassVar[str] = "cv"
    y: Final[str] = "fin"
s = S()
A = s.url
B = s.redis_host
C = s.plain
D = s.x
E = S.x
F = s.m()
""",
        [{}, {"S_DB": "7", "S_REDIS_HOST": "q", "S_PLAIN": "no"}],
        "",
    ),
    "override": (
        """
class B(BaseSettings):
    a: str = "b"
    n: int = 1
class C1(B):
    a: str = "c"
class D(C1):
    n: float = 2
A = C1().a
A2 = D().a
A3 = D().n
""",
        [{}, {"A": "e", "N": "3"}],
        "",
    ),
    "annot validators": (
        """
def up(v): return v.upper()
def strip(v: str) -> str: return v.strip()
class S(BaseSettings):
    a: Annotated[str, AfterValidator(up)] = "x"
    b: Annotated[str, BeforeValidator(strip)] = " y "
    c: Annotated[str, BeforeValidator(strip), AfterValidator(lambda v: v + "!")] = " z "
s = S()
A = s.a
B = s.b
C = s.c
""",
        [{}, {"A": "e", "B": " q ", "C": " r "}],
        "",
    ),
    "AliasPath etc": (
        """
class S(BaseSettings):
    a: str = Field("d", validation_alias=AliasChoices(AliasPath("ap"), "B"))
A = S().a
""",
        [{}, {"AP": "1"}, {"B": "2"}],
        "",
    ),
    "json default": (
        """
class S(BaseSettings):
    hosts: list[str] = Field(default_factory=lambda: ["a", "b"])
    n: List[int] = [1]
s = S()
A = s.hosts
B = s.n
C = ",".join(s.hosts)
""",
        [{}, {"HOSTS": '["x"]', "N": '["5"]'}],
        "",
    ),
    "nested settings": (
        """
class R(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="REDIS_")
    host: str = "h"
    port: int = 1
class S(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__")
    redis: R = R()
    two: R = Field(default_factory=R)
    three: R = Field(default_factory=lambda: R(host="three"))
    four: R
s = S(four={"port": 5})
A = s.redis.host
B = s.two.port
C = s.three.host
D = s.three.port
E = s.four.port
F = s.four.host
""",
        [
            {},
            {"REDIS_HOST": "e", "REDIS_PORT": "4"},
            {"REDIS__HOST": "nested"},
            {"TWO__HOST": "q", "REDIS_PORT": "9"},
            {"REDIS": '{"host":"j"}'},
        ],
        "",
    ),
    "before build": (
        """
class S(BaseSettings):
    host: str = "h"
    port: int = 6379
    url: Optional[str] = None
    dsn: Union[str, None] = None
    pg: Optional[PostgresDsn] = None
    @field_validator("url", mode="before")
    @classmethod
    def assemble(cls, v: Optional[str], info: ValidationInfo) -> Any:
        if isinstance(v, str):
            return v
        return f"redis://{info.data.get('host')}:{info.data.get('port')}/0"
    @field_validator("dsn", mode="before")
    def assemble2(cls, v, values):
        if isinstance(v, str): return v
        return str(RedisDsn.build(scheme="redis", host=values.data["host"], port=values.data["port"]))
    @field_validator("pg", mode="before")
    def assemble3(cls, v, info):
        if isinstance(v, str): return v
        return PostgresDsn.build(scheme="postgresql", username="u", password="p", host=info.data.get("host"), path="db")
s = S()
A = s.url
B = s.dsn
D = str(s.pg)
""",
        [{}, {"HOST": "q", "PORT": "77"}, {"URL": "redis://x", "DSN": "d", "PG": "postgresql://zz/y"}],
        "",
    ),
    "after": (
        """
class S(BaseSettings):
    a: str = "x"
    b: int = 2
    c: str = ""
    @field_validator("a")
    @classmethod
    def up(cls, v): return v.upper()
    @field_validator("a", "c", mode="after")
    @classmethod
    def bang(cls, v: str) -> str:
        if not v: return "empty"
        return v + "!"
    @field_validator("*", mode="after")
    @classmethod
    def star(cls, v): return v
    @field_validator("b")
    @classmethod
    def check(cls, v):
        if v < 0: raise ValueError("neg")
        return v * 2
s = S()
A = s.a
B = s.b
D = s.c
""",
        [{}, {"A": "q", "B": "77", "C": "cc"}],
        "",
    ),
    "model after": (
        """
class S(BaseSettings):
    host: str = "h"
    url: Optional[str] = None
    result: str = ""
    third: str = "t"
    @model_validator(mode="after")
    def assemble(self):
        if not self.url:
            self.url = f"redis://{self.host}:6379/0"
        if not self.result:
            self.result = self.url + "/result"
        return self
class T(S):
    broker: str = ""
    @model_validator(mode="after")
    def more(self) -> "T":
        self.broker = self.broker or self.url
        return self
s = S()
A = s.url
B = s.result
C = s.host
D = s.third
t = T()
E = t.broker
F = t.result
""",
        [{}, {"HOST": "q"}, {"URL": "u"}, {"RESULT": "r"}, {"BROKER": "b", "URL": "u2"}],
        "",
    ),
    "model before": (
        """
class S(BaseSettings):
    host: str = "h"
    url: str = "u"
    @model_validator(mode="before")
    @classmethod
    def b(cls, values):
        values["url"] = "changed"
        return values
s = S()
A = s.url
B = s.host
""",
        [{}, {"HOST": "q"}, {"URL": "u"}],
        "A",
    ),
    "split": (
        """
from pydantic_settings import NoDecode
class S(BaseSettings):
    hosts: Annotated[list[str], NoDecode] = ["a"]
    other: Union[str, list[str]] = "a,b"
    @field_validator("hosts", mode="before")
    @classmethod
    def sp(cls, v):
        if isinstance(v, str): return v.split(",")
        return v
    @field_validator("other", mode="before")
    @classmethod
    def sp2(cls, v):
        if isinstance(v, str) and not v.startswith("["): return [i.strip() for i in v.split(",")]
        return v
s = S()
A = s.hosts
B = s.other
""",
        [{}, {"HOSTS": "q,r"}, {"OTHER": "u"}],
        "B",
    ),
    "empty to none": (
        """
class S(BaseSettings):
    d: str | None = None
    e: Optional[str] = "e"
    @field_validator("d", "e", mode="before")
    @classmethod
    def n(cls, v: object) -> object:
        if v == "": return None
        return v
s = S()
A = s.d
B = s.e
""",
        [{}, {"D": "", "E": ""}, {"D": "q"}],
        "",
    ),
    "reuse, overridden": (
        """
def norm(v): return v.rstrip("/")
class B(BaseSettings):
    a: str = "x/"
    b: str = "y"
    _norm = field_validator("a")(norm)
    @field_validator("b")
    @classmethod
    def vb(cls, v): return v + "1"
class S(B):
    @field_validator("b")
    @classmethod
    def vb(cls, v): return v + "2"
s = S()
A = s.a
D = s.b
E = B().b
""",
        [{}, {"A": "q//", "B": "w"}],
        "",
    ),
    "BaseModel validators": (
        """
class M(BaseModel):
    a: str = "x"
    b: str = Field("y", validate_default=True)
    @field_validator("a","b")
    @classmethod
    def vb(cls, v): return v + "1"
class S(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__")
    m: M = M()
s = S()
A = s.m.a
D = s.m.b
E = M(a="q").a
""",
        [{}, {"M__A": "q"}, {"M__B": "w"}],
        "",
    ),
    "post init": (
        """
class S(BaseSettings):
    a: str = "x"
    b: str = ""
    _c: str = "no"
    def model_post_init(self, context):
        self.b = self.b or "post" + self.a
        self._c = "set"
s = S()
A = s.a
D = s.b
E = s._c
""",
        [{}, {"A": "q"}, {"B": "w"}],
        "E",
    ),
    "helper methods": (
        """
class S(BaseSettings):
    a: str = "x"
    b: str = ""
    c: str = ""
    @model_validator(mode="after")
    def x(self):
        self._fill()
        return self
    def _fill(self):
        self.b = "filled"
    @model_validator(mode="after")
    def y(self):
        object.__setattr__(self, "c", "set")
        return self
s = S()
A = s.a
D = s.b
E = s.c
""",
        [{}, {"A": "q"}],
        "D E",
    ),
    "dependence": (
        """
class S(BaseSettings):
    a: str = "a"
    b: str = "b"
    c: str = "c"
    @model_validator(mode="after")
    def x(self):
        self.a = self.a + "1"
        self.b = self.a + "2"
        self.a = self.b + "3"
        self.c = self.a
        return self
s = S()
A = s.a
D = s.b
E = s.c
""",
        [{}, {"A": "q"}],
        "",
    ),
    "loops and property": (
        """
class S(BaseSettings):
    scheme: str = "redis"
    host: str = "h"
    password: SecretStr = SecretStr("")
    tls: bool = False
    db: int = 0
    @property
    def _auth(self) -> str:
        return f":{self.password.get_secret_value()}@" if self.password.get_secret_value() else ""
    @computed_field
    def url(self) -> str:
        s = "rediss" if self.tls else self.scheme
        return f"{s}://{self._auth}{self.host}/{self.db}"
    def with_db(self, db: int = 5) -> str:
        return self.url.replace(f"/{self.db}", f"/{db}")
    @staticmethod
    def st(): return "static"
    @classmethod
    def cl(cls): return cls().host
s = S()
A = s.url
B = s.with_db()
C = s.with_db(7)
D = S.st()
E = s.cl()
""",
        [{}, {"TLS": "1", "PASSWORD": "pw", "DB": "3"}, {"HOST": "z"}],
        "",
    ),
    "attributes from outside": (
        """
class S(BaseSettings):
    a: str = "x"
    b: str = "y"
s = S()
s.a = "changed"
A = s.a
B = s.b
""",
        [{}, {"A": "q"}],
        "A",
    ),
    "class attribute": (
        """
class S(BaseSettings):
    a: str = "x"
try:
    A=S.a
except AttributeError:
    A="no"
""",
        [{}],
        "A",
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
        found = assert_agrees(HEAD + source, environment)
        assert set(found.unknown) == set(unknown.split()), (environment, found.unknown)
