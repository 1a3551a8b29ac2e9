"""Dataclasses, attrs, NamedTuple, plain classes and enums: each module is run, with several environments."""

from __future__ import annotations

import pytest

from tests.evaluate.agreement import assert_agrees

HEAD = """
import os, enum, abc
import attr, attrs
import dataclasses
from dataclasses import dataclass, field, asdict, replace, InitVar
from functools import lru_cache, cached_property
from typing import Any, ClassVar, Dict, Final, List, NamedTuple, Optional, TypedDict
"""

CASES: dict[str, tuple[str, list[dict[str, str]], str]] = {
    "dataclass": (
        """
@dataclass
class S:
    host: str = os.getenv("HOST", "h")
    port: int = 6379
    url: str = field(default_factory=lambda: os.getenv("URL", "redis://"))
    tags: List[str] = field(default_factory=list)
    other: str = field(default="o")
    cv: ClassVar[str] = "cv"
    plain = "p"
    @property
    def full(self): return f"redis://{self.host}:{self.port}"
s = S()
t = S("given", port=1)
A = s.host
B = s.port
C = s.url
D = s.tags
E = s.other
F = s.cv
G = s.plain
H = s.full
I = t.full
J = asdict(t)
K = replace(t, host="rep").full
L = S.port
M = S.other
N = dataclasses.asdict(s)["url"]
""",
        [{}, {"HOST": "e", "URL": "u"}],
        "",
    ),
    "dataclass forms": (
        """
@dataclasses.dataclass(frozen=True)
class B:
    a: str = "a"
    b: int = 1
@dataclass(frozen=True, slots=True)
class S(B):
    c: str = "c"
    b: int = 2
@dataclass(kw_only=True, frozen=True)
class K(B):
    d: str = "d"
@dataclass
class P:
    a: str = "x"
    b: Optional[str] = None
    c: str = field(init=False)
    i: InitVar[str] = "iv"
    def __post_init__(self, i):
        if self.b is None:
            self.b = self.a + "/b"
        self.c = self.b + i
@dataclass(frozen=True)
class Z:
    a: str = "x"
    b: str = ""
    def __post_init__(self):
        object.__setattr__(self, "b", self.a + "!")
@dataclass
class I:
    a: str = "x"
    def __init__(self, z):
        self.a = z + "1"
class N(B):
    b = 9
    x = "nx"
s = S("q", 5, "w")
A = s.a
B1 = s.b
C = s.c
D = K("k", d="dd").a
E = K("k", d="dd").d
F = P().b
G = P(a="t").c
H = P(b="gb", i="ii").c
J = Z("z").b
K1 = I("i").a
L = N().b
M = N().x
O = N("aa").a
""",
        [{}],
        "",
    ),
    "attrs": (
        """
@attr.s(auto_attribs=True)
class A1:
    host: str = "h"
    n: int = attr.ib(default=3)
    c: int = attr.ib(default="5", converter=int)
    f: list = attr.Factory(list)
    g: str = attr.ib(factory=lambda: "g")
    u: str = attr.ib(init=False)
    def __attrs_post_init__(self):
        self.u = f"redis://{self.host}"
@attr.s
class A2:
    y = attr.ib()
    x = attr.ib(default="x")
    z = "z"
@attrs.define
class A3:
    a: str = "a"
    _b: str = "b"
    c: str = attrs.field(default="c")
@attrs.frozen
class A4(A3):
    d: str = "d"
@attr.define(kw_only=True)
class A5:
    e: str = attr.ib(default=os.environ.get("EE", "e"))
    d: str = attr.ib()
    @d.default
    def _d(self): return self.e + "d"
a = A1("hh")
A = a.host
B = a.n
C = a.c
E = a.g
F = a.u
G = A2(y="y").x
H = A2("1", "2").x
I = A2(y=1).z
J = A3("q", b="bb")._b
K = A3().c
L = A4().d
M = A5().e
N = A5(d="given").d
O = A5().d
P = attr.asdict(A2(y="y"))
Q = attr.evolve(A3(), a="ev").a
""",
        [{}, {"EE": "env"}],
        "O",
    ),
    "namedtuple": (
        """
class S(NamedTuple):
    host: str = "h"
    port: int = 1
    def url(self): return f"{self.host}:{self.port}"
class T(TypedDict, total=False):
    broker_url: str
    result_backend: str
s = S(port=5)
t: T = {"broker_url": "x"}
t2 = T(broker_url="y", result_backend="z")
A = s.host
B = s.url()
C = s._asdict()
D = s._replace(host="r").host
E = t["broker_url"]
F = t2["result_backend"]
G = s[1]
""",
        [{}],
        "G s",
    ),
    "plain": (
        """
class Base:
    host = "h"
    port = 1
    def __init__(self, db=0, *, name="n"):
        self.db = db
        self.name = name
        self.url = f"redis://{self.host}:{self.port}/{self.db}"
        self.url2 = self.url + "/2"
class Mixin:
    port = 2
    extra = os.getenv("EXTRA", "x")
class S(Mixin, Base):
    host = os.environ.get("HOST", "s")
    def __init__(self, db=5):
        super().__init__(db, name="sub")
        self.more = self.url + "?m"
    @property
    def prop(self): return self.more.upper()
    @cached_property
    def cprop(self): return self.name
    @classmethod
    def get(cls): return cls()
    @classmethod
    def name_of(cls, x="d"): return cls.host + x
    @staticmethod
    def st(a, b=2): return f"{a}{b}"
    def method(self, k="k"): return self.name + k
s = S()
A = s.url
B = s.more
C = s.prop
D = S.get().db
E = S.name_of()
F = S.st(1)
G = s.method()
H = s.cprop
I = s.extra
J = S.port
K = Base(3).url2
L = S(9).db
M = s.st(3)
N = s.host
""",
        [{}, {"HOST": "e", "EXTRA": "y"}],
        "",
    ),
    "reassigned": (
        """
class S:
    base = "b"
    def __init__(self, url=None):
        self.url = url
        if not self.url:
            self.url = "default"
        self.host = "one"
        self.one = self.host + "1"
        self.host = "two"
        self.two = self.host + "2"
        self.base = self.base + "/i"
s = S()
A = s.url
B = s.one
C = s.two
D = s.host
E = s.base
F = S("given").url
""",
        [{}],
        "",
    ),
    "getattr, slots, abc": (
        """
class G:
    x = "x"
    def __getattr__(self, name):
        return os.getenv(name.upper(), "none")
class L:
    __slots__ = ("a", "b")
    def __init__(self):
        self.a = "a"
        self.b = self.a
class A0(abc.ABC):
    a = "abc"
    @property
    @abc.abstractmethod
    def u(self): ...
class A1(A0):
    @property
    def u(self): return self.a
class Meta(type):
    _instances = {}
    def __call__(cls, *args, **kwargs):
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]
class Single(metaclass=Meta):
    a = "s"
    def __init__(self): self.b = self.a + "b"
class MM(type):
    def __new__(mcs, name, bases, ns):
        ns["a"] = "meta"
        return super().__new__(mcs, name, bases, ns)
class M(metaclass=MM):
    a = "m"
class M2(M):
    b = "m2"
def deco(c):
    c.a = "deco"
    return c
@deco
class D:
    a = "d"
class One:
    _instance = None
    host = "one"
    def __new__(cls):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
            cls._instance.host = "new"
        return cls._instance
A = G().x
B = G().some
C = L().b
E = A1().u
F = Single().b
H = M.a
I = M().a
J = D.a
K = One().host
N = M2().a
""",
        [{}, {"SOME": "e"}],
        "H I J K N",
    ),
    "enums": (
        """
class Env(str, enum.Enum):
    DEV = "dev"
    PROD = "prod"
    @property
    def up(self): return self.value.upper()
    @classmethod
    def current(cls): return cls(os.getenv("ENV", "dev"))
class P(enum.Enum):
    A = 1
    B = enum.auto()
    C = "c"
class Au(enum.Enum):
    X = enum.auto()
    Y = enum.auto()
class SE(enum.StrEnum):
    ONE = enum.auto()
    TWO = "2"
class U(enum.Enum):
    REDIS = os.getenv("REDIS", "redis://h")
    TUP = ("a", 1)
E1 = Env(os.getenv("ENV", "dev"))
A = Env.DEV.value
B = Env.PROD.name
C = E1 == Env.PROD
D = E1.value
F = "redis" if E1 is Env.PROD else "rpc"
G = SE.ONE.value
H = f"x{SE.TWO}"
I = Au.Y.value
J = U.REDIS.value
K = U.TUP.value[0]
L = Env.DEV == "dev"
M = P.C == "c"
N = Env["PROD"].value
O = Env.DEV.up
Q = Env.current().value
R = {Env.DEV: "d", Env.PROD: "p"}[E1]
S = E1 in (Env.DEV, Env.PROD)
T = Env.PROD.lower()
V = E1 != Env.DEV
W = [e.value for e in Env]
X = Env("prod").name
Y = SE.ONE
Z = str(SE.TWO)
""",
        [{}, {"ENV": "prod", "REDIS": "q"}],
        "E1 N R T W X Y",
    ),
    "instances as attributes": (
        """
class Redis:
    def __init__(self, host="h"): self.host = host
    @property
    def url(self): return f"redis://{self.host}"
class S:
    redis = Redis()
    def __init__(self):
        self.r2 = Redis("two")
        self.r3: Redis = Redis(host=os.getenv("H3", "three"))
class Deep(S):
    class Inner:
        x = "inner"
s = S()
A = s.redis.url
B = s.r2.url
C = s.r3.url
D = S.redis.host
E = Deep.Inner.x
""",
        [{}, {"H3": "e"}],
        "",
    ),
    "class per environment": (
        """
class Config:
    URL = "base"
    DEBUG = False
    @classmethod
    def make(cls): return f"{cls.URL}/made"
class Dev(Config):
    DEBUG = True
class Prod(Config):
    URL = os.getenv("URL", "prod")
configs = {"dev": Dev, "prod": Prod}
def get_config(name=None): return configs[name or os.getenv("APP_ENV", "dev")]()
c = get_config()
A = c.URL
B = c.DEBUG
C = configs[os.getenv("APP_ENV", "dev")].make()
D = {"dev": Dev, "prod": Prod}.get(os.environ.get("APP_ENV"), Config).URL
E = getattr(Prod, "URL", "d")
""",
        [{}, {"APP_ENV": "prod", "URL": "q"}],
        "E configs",
    ),
    "self modifications": (
        """
class S:
    def __init__(self):
        self.d = {}
        self.d["a"] = 1
        self.l = []
        self.l.append(1)
        setattr(self, "x", "sx")
        self.__dict__.update(y="yy")
        for k in ("m", "n"):
            setattr(self, k, k)
        self.a, self.b = "ta", "tb"
        self.c = self.e = "chain"
        self._fill()
    x = "class x"
    y = "class y"
    m = "class m"
    f = "class f"
    def _fill(self):
        self.f = "filled"
s = S()
A = s.d
B = s.l
C = s.x
D = s.y
E = s.m
F = s.a
G = s.e
H = s.f
""",
        [{}],
        "A B C D E F G H",
    ),
    "pydantic dataclass": (
        """
import pydantic.dataclasses
@pydantic.dataclasses.dataclass
class S:
    a: int = 1
    b: str = "b"
A = S(a="5").a
B = S().b
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
def test_what_is_claimed_is_what_python_makes(case: tuple[str, list[dict[str, str]], str]) -> None:
    source, environments, unknown = case
    for environment in environments:
        found = assert_agrees(HEAD + source, environment)
        assert set(found.unknown) <= set(unknown.split()), (environment, found.unknown)
