"""Values as people read them."""

from __future__ import annotations

from typing import Any

import pytest

from celery_backend_lint.evaluate.values import (
    Alternative,
    Choice,
    Class,
    Duration,
    Entry,
    Environment,
    External,
    Function,
    Instance,
    Literal,
    Mapping,
    Method,
    Missing,
    Module,
    Operation,
    Sequence,
    Text,
    Unknown,
)
from celery_backend_lint.location import Location, Span
from celery_backend_lint.model.app import App, Assignment, ResultBackend, Setting
from celery_backend_lint.model.apps.declared_celery import DeclaredCelery
from celery_backend_lint.report.settings import render, render_json
from celery_backend_lint.report.show import show
from celery_backend_lint.report.style import Style

HERE = Location("settings.py", Span(3, 1, 3, 9))
NOTHING: Any = None


def text(value: object) -> Literal:
    return Literal(value, HERE)  # type: ignore[arg-type]


def env(name: str, default: object = ..., cast: str = "str") -> Environment:
    return Environment((name,), None if default is ... else text(default), cast, "os.environ", HERE)


KLASS = Class("Config", NOTHING, NOTHING, HERE)
FUNCTION = Function("read", NOTHING, NOTHING, HERE)


def composed(*parts: Any) -> Text:
    return Text(tuple(text(part) if isinstance(part, str) else part for part in parts), HERE)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            composed("amqp://", env("USER", "guest"), ":", env("WORD", "s3cret"), "@", env("HOST", "mq"), "//"),
            "amqp://${USER:-guest}:${WORD:-***}@${HOST:-mq}//",
        ),
        (composed("amqp://", env("USER"), ":", env("WORD"), "@", env("HOST")), "amqp://${USER:?}:${WORD:?}@${HOST:?}"),
        (composed("redis://:", env("WORD", "s3cret"), env("REST")), "redis://:${WORD:-***}${REST:?}"),
        (composed("redis://", env("HOST", "s3cret@host"), "/0"), "redis://${HOST:-***}/0"),
        (composed("redis://h/0?password=", env("WORD", "s3cret")), "redis://h/0?password=${WORD:-***}"),
        (composed(env("URL", "redis://:s3cret@h"), "/0"), "${URL:-redis://:***@h}/0"),
        (composed(env("URL", "redis://:s3"), "cret@h/0"), "${URL:-redis://:******@h/0"),
        (
            composed("host=", env("HOST", "db"), composed(" password=", env("WORD", "s3cret"))),
            "host=${HOST:-db} password=${WORD:-***}",
        ),
        (composed(*["x", env("WORD", "s3cret")] * 21), "x${WORD:-***}" * 21),
    ],
)
def test_variables_in_a_text_show_what_they_hold_by_default_unless_it_is_a_secret(value: Text, shown: str) -> None:
    assert show(value) == f'"{shown}"'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (text("redis://:s3cret@h/0"), "'redis://:***@h/0'"),
        (text(None), "None"),
        (text(86400), "86400"),
        (env("URL"), "${URL:?}"),
        (env("URL", None), "${URL}"),
        (env("URL", "redis://:s3cret@h"), "${URL:-redis://:***@h}"),
        (env("PORT", 6379, "int"), "int(${PORT:-6379})"),
        (env("REDIS_PASSWORD", "s3cret"), "${REDIS_PASSWORD:-***}"),
        (Environment(("A", "B"), None, "str", "pydantic", HERE), "${A|B:?}"),
        (
            Text((text("redis://:"), env("REDIS_PASSWORD", "s3cret"), text("@"), env("HOST", "h"), text("/0")), HERE),
            '"redis://:${REDIS_PASSWORD:-***}@${HOST:-h}/0"',
        ),
        (Text((text("redis://:s3c"), text("ret@"), env("HOST")), HERE), '"redis://:***@${HOST:?}"'),
        (Text((text("a"), Text((text("b"),), HERE), Unknown("a call", HERE)), HERE), '"abunknown (a call)"'),
        (
            Choice((Alternative(text("rpc://"), env("DEBUG")), Alternative(text("redis://"), None)), HERE),
            "'rpc://' when DEBUG is set, else 'redis://'",
        ),
        (Sequence("list", (text("json"), text(1)), HERE), "['json', 1]"),
        (Sequence("tuple", (text("json"),), HERE), "('json',)"),
        (Sequence("tuple", (text("json"),), HERE, complete=False), "('json', …)"),
        (Sequence("set", (), HERE), "{}"),
        (Sequence("frozenset", (text(1),), HERE), "frozenset(1)"),
        (
            Mapping(
                (Entry(text("password"), text("s3cret"), HERE), Entry(text("max_retries"), text(3), HERE)),
                HERE,
                complete=False,
            ),
            "{'password': '***', 'max_retries': 3, …}",
        ),
        (Mapping((Entry(env("KEY"), text("x"), HERE),), HERE), "{${KEY:?}: 'x'}"),
        (Operation("*", (text(60), text(60)), HERE), "60 * 60"),
        (Operation("int", (env("TTL", "60"),), HERE), "int(${TTL:-60})"),
        (Operation("replace", (env("URL"), text("amqp"), text("rpc")), HERE), "replace(${URL:?}, 'amqp', 'rpc')"),
        (
            Instance(External("ssl.Context", HERE), (text(1),), (Entry(text("password"), text("s3cret"), HERE),), HERE),
            "ssl.Context(1, password='***')",
        ),
        (Duration(3600.0, HERE), "3600 seconds"),
        (Unknown("a function's result", HERE), "unknown (a function's result)"),
        (Missing(HERE), "Celery's default"),
        (External("kombu.Queue", HERE), "kombu.Queue"),
        (Module("shop.settings", "shop/settings.py", None, HERE), "shop.settings"),
        (FUNCTION, "read"),
        (KLASS, "Config"),
        (Method(FUNCTION, KLASS, HERE), "Config.read"),
        (Method(FUNCTION, Instance(KLASS, (), (), HERE), HERE), "Config.read"),
    ],
)
def test_show(value: Any, shown: str) -> None:
    assert show(value) == shown
    assert "s3cret" not in shown


def test_the_value_of_a_secret_setting_is_masked_however_it_is_made() -> None:
    assert show(text("s3cret"), "redis_password") == "'***'"
    assert show(text(b"s3cret"), "redis_password") == "'***'"
    assert show(text(""), "redis_password") == "''"
    assert show(text(None), "redis_password") == "None"
    assert show(Text((text("s3c"), text("ret")), HERE), "redis_password") == '"******"'
    assert show(env("X", "s3cret"), "redis_password") == "${X:-***}"


def app(**others: Any) -> App:
    declared = DeclaredCelery("", (5, 7, 0), (4, 4, 0), locked=False)
    backend = ResultBackend("rpc", "rpc://", "literal", None, HERE)
    value = text("rpc://")
    assignments = (Assignment("result_backend", "backend", value, HERE, "constructor"),)
    settings = {
        "result_backend": Setting("result_backend", value, assignments, certain=False),
        "accept_content": Setting("accept_content", text("x"), ()),
    }
    return App("", HERE, "", declared, settings, (), backend, **others)


def test_settings_say_what_is_not_certain_and_what_could_not_be_read() -> None:
    assert list(render([app(unread="a call")], "", Style(color=False))) == [
        "app without a name (settings.py:3:1), no version of Celery",
        "  read for Celery 5.7.0, the newest (the project declares none)",
        "  result backend: RPC: replies over the broker (rpc://), at settings.py:3:1",
        "  note: more may be set than could be read: a call",
        "  result_backend = 'rpc://'",
        "    settings.py:3:1, an argument of Celery(), as backend",
        "    whether it counts hangs on what else is set",
        "  accept_content = 'x'",
    ]
    assert '"unread": "a call"' in render_json([app(unread="a call")])
