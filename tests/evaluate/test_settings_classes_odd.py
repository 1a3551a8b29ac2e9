"""pydantic classes in odd places and made in odd ways: each module is run, with several environments."""

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
    "nested, another variable": (
        """
class Inner(BaseModel):
    host: str = "inner"
    @property
    def url(self): return f"redis://{self.host}"
class S(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__")
    inner: Inner = Inner(host="given")
A = S().inner.url
""",
        [{}, {"INNER__URL": "x"}, {"INNER__HOST": "h"}],
        "",
    ),
    "under a condition": (
        """
class S(BaseSettings):
    if os.getenv("PROD"):
        host: str = "prod"
    else:
        host: str = "dev"
    port: int = 1
A = S().host
B = S().port
""",
        [{}, {"PROD": "1"}, {"HOST": "h"}],
        "A",
    ),
    "imported with a fallback": (
        """
try:
    from pydantic_settings import BaseSettings as Base
except ImportError:
    from pydantic import BaseSettings as Base
class S(Base):
    host: str = "d"
A = S().host
""",
        [{}, {"HOST": "h"}],
        "",
    ),
    "variables that the module sets": (
        """
os.environ.setdefault("HOST", "by code")
os.environ["PORT"] = "7"
class S(BaseSettings):
    host: str = "d"
    port: int = 1
    other: str = "o"
s = S()
A = s.host
B = s.port
C = s.other
""",
        [{}, {"HOST": "h", "OTHER": "q"}],
        "A B",
    ),
    "env= of pydantic 1 has no effect": (
        """
class S(BaseSettings):
    host: str = Field("d", env="OTHER_HOST")
A = S().host
""",
        [{}, {"OTHER_HOST": "h"}, {"HOST": "x"}],
        "",
    ),
    "a default that is refused": (
        """
class S(BaseSettings):
    url: RedisDsn = ""
    name: str = None
    port: int = os.getenv("P0RT")
s = S()
A = str(s.url)
B = s.name
C = s.port
""",
        [{"URL": "redis://h", "NAME": "n", "PORT": "4"}],
        "",
    ),
    "generic base and model_config as class variable": (
        """
from typing import Generic, TypeVar
T = TypeVar("T")
class G(BaseSettings, Generic[T]):
    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_prefix="G_")
    host: str = "g"
class S(G[int]):
    port: int = 1
A = S().host
""",
        [{}, {"G_HOST": "x"}],
        "",
    ),
    "str methods and truth": (
        """
class S(BaseSettings):
    host: str = ""
    hosts: str = "a,b"
    n: Optional[int] = None
    flag: bool = False
s = S()
A = s.host or "fallback"
B = s.hosts.split(",")
C = s.n if s.n is not None else 9
D = "x" if s.flag else "y"
E = s.host.upper() + "!" if s.host else None
F = bool(s.host)
G = not s.flag
""",
        [{}, {"HOST": "h", "HOSTS": "q", "N": "0", "FLAG": "on"}],
        "",
    ),
    "instances from elsewhere in the class": (
        """
class R(BaseModel):
    url: str = "redis://r"
class S(BaseSettings):
    mapping: Dict[str, str] = {"a": "x"}
    items: List[R] = [R(), R(url="two")]
    opt: Optional[R] = None
    r: R = R(url=os.getenv("R_URL", "rr"))
s = S()
A = s.mapping["a"]
B = s.mapping.get("b", "none")
C = s.r.url
D = s.items[1].url
E = s.opt is None
F = (s.opt or s.r).url
""",
        [{}, {"R_URL": "q", "MAPPING": '{"a":"json"}'}],
        "B",
    ),
    "partial and keyword spreading": (
        """
class R(BaseModel):
    url: str = "redis://r"
    n: int = 1
class S(BaseSettings):
    a: str = "a"
    r: R = R()
opts = {"a": "opts"}
def make(**kw): return S(**kw)
A = S(**opts).a
B = make(a="kw").a
C = S(r={"url": "dict", "n": "4"}).r.n
D = S(r=R(url="inst")).r.url
E = R(**{"url": "u"}).url
F = R.model_validate({"n": "7"}).n
""",
        [{}, {"A": "e"}],
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
        found = assert_agrees(HEAD + source, environment)
        assert set(found.unknown) <= set(unknown.split()), (environment, found.unknown)
