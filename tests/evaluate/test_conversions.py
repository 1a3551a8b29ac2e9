"""What pydantic makes of objects and of variables' texts, compared with both versions of it."""

from __future__ import annotations

import datetime
import itertools
import typing
from typing import Any

import pydantic
import pytest
from pydantic import v1

from celery_backend_lint.evaluate.environment.casts import UndeterminedError, WouldRaiseError
from celery_backend_lint.evaluate.pydantic.conversions import built_url, convert, from_text, parse

TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "None": type(None),
    "timedelta": datetime.timedelta,
    "Any": typing.Any,
    "list": list,
    "dict": dict,
    "list[int]": list[int],
    "list[str]": list[str],
    "set[str]": set[str],
    "frozenset[int]": frozenset[int],
    "tuple[int,str]": tuple[int, str],
    "tuple[int,...]": tuple[int, ...],
    "dict[str,int]": dict[str, int],
    "Union[int,None]": int | None,
    "Union[str,int]": str | int,
    "Union[int,float]": int | float,
    "Union[bool,int,None]": bool | int | None,
    "Union[list[int],None]": list[int] | None,
}
VALUES: tuple[Any, ...] = (
    "", "1", " 7 ", "+3", "1.0", "1_0", "1.5", "x", "true", "Off", "maybe", "٣", "60", "[1, 2]", '{"a": 1}',
    0, 1, 2, -3, 1.0, 2.5, True, False, None, b"1", [], [1, "2"], ["a"], (1, "b"), (1, 2, 3), {1, 2}, {"a": 1},
    {"a": "x"}, [[1]], datetime.timedelta(seconds=5), 1e12,
)  # fmt: skip
URLS = {
    "RedisDsn": ("RedisDsn", pydantic.RedisDsn, v1.RedisDsn),
    "AmqpDsn": ("AmqpDsn", pydantic.AmqpDsn, v1.AmqpDsn),
    "PostgresDsn": ("PostgresDsn", pydantic.PostgresDsn, v1.PostgresDsn),
    "AnyUrl": ("AnyUrl", pydantic.AnyUrl, v1.AnyUrl),
    "HttpUrl": ("HttpUrl", pydantic.HttpUrl, v1.HttpUrl),
}
TEXTS = (
    "redis://h", "redis://h:6380/1", "REDIS://h/", "rediss://u:p@h:1/2?x=1", "redis://:p@h", "redis://", "redis://@h",
    "amqp://guest:guest@mq:5672//", "amqp://", "postgresql+psycopg://u:p@db/x", "postgres://u@db", "postgres://u@",
    "http://h/x", "https://h", "plain", "", "redis:h", "redis://a,b/0", "redis://10.0.0.1", "redis://h:99999", "redis://é/0",
)  # fmt: skip


def claim(read: Any) -> tuple[str, Any]:
    try:
        return "value", read()
    except WouldRaiseError:
        return "raises", None
    except UndeterminedError:
        return "open", None


def real(read: Any) -> tuple[str, Any]:
    try:
        return "value", read()
    except (ValueError, TypeError):
        return "raises", None


def agree(claimed: tuple[str, Any], truth: tuple[str, Any]) -> bool:
    if claimed[0] == "open":
        return True
    return claimed[0] == truth[0] and type(claimed[1]) is type(truth[1]) and claimed[1] == truth[1]


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", TYPES)
@pytest.mark.filterwarnings("ignore")
def test_objects_become_what_pydantic_makes_of_them(name: str, version: int) -> None:
    kind = TYPES[name]
    known = 0
    for value in VALUES:
        claimed = claim(lambda value=value: convert(value, name, version))
        if version == 2:
            truth = real(lambda value=value: pydantic.TypeAdapter(kind).validate_python(value))
        else:
            truth = real(lambda value=value: v1.parse_obj_as(kind, value))
        assert agree(claimed, truth), (value, claimed, truth)
        known += claimed[0] != "open"
    assert known > len(VALUES) // 6


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("name", URLS)
def test_urls_become_what_pydantic_makes_of_them(name: str, version: int) -> None:
    for text in TEXTS:
        claimed = claim(lambda text=text: convert(text, name, version))
        if version == 2:
            truth = real(lambda text=text: str(pydantic.TypeAdapter(URLS[name][1]).validate_python(text)))
        else:
            truth = real(lambda text=text: str(v1.parse_obj_as(URLS[name][2], text)))
        assert agree(claimed, truth), (text, claimed, truth)


@pytest.mark.parametrize("version", [1, 2])
def test_urls_are_built_as_pydantic_builds_them(version: int) -> None:
    user = "user" if version == 1 else "username"
    maker: Any = v1.RedisDsn if version == 1 else pydantic.RedisDsn
    ports: tuple[Any, ...] = (None, "6379", 6379)
    for host, port, path, login, password in itertools.product(
        ("h", None, 5), ports, (None, "0", "/0"), (None, "u"), (None, "p")
    ):
        parts = {"scheme": "redis", "host": host, "port": port, "path": path, user: login, "password": password}
        given = {key: value for key, value in parts.items() if value is not None}
        claimed = claim(lambda given=given: built_url(given, "RedisDsn", version))
        truth = real(lambda given=given: str(maker.build(**given)))
        assert agree(claimed, truth), (given, claimed, truth)
    assert claim(lambda: built_url({"scheme": "redis", "host": "h", "query": "a=1"}, "RedisDsn", version))[0] == "open"
    assert claim(lambda: built_url({"host": "h", "odd": 1}, "RedisDsn", version))[0] == "open"


@pytest.mark.parametrize(
    "name", ["int", "list[int]", "dict[str,int]", "Union[int,None]", "Union[list[int],None]", "str", "bool"]
)
@pytest.mark.parametrize("text", ["1", "[1, 2]", '{"a": 1}', "x", "", "true", "null"])
def test_variables_are_read_as_pydantic_settings_reads_them(name: str, text: str, monkeypatch: Any) -> None:
    from pydantic_settings import BaseSettings

    monkeypatch.setenv("FIELD_OF_TEST", text)
    made = pydantic.create_model("Made", __base__=BaseSettings, field_of_test=(TYPES[name], ...))
    truth = real(lambda: made().field_of_test)  # type: ignore[attr-defined]
    claimed = claim(lambda: from_text(text, name, 2))
    assert agree(claimed, truth), (claimed, truth)


def test_a_type_is_read_with_its_parameters() -> None:
    assert parse("dict[str, Union[int, None]]") == (
        "dict",
        (("str", ()), ("Union", (("int", ()), ("None", ())))),
    )
