"""URLs are taken apart as the libraries do it that read them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kombu.utils.url import url_to_parts
from sqlalchemy.engine import make_url

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Text, Unknown
from celery_backend_lint.location import Location
from celery_backend_lint.model.urls import UNKNOWN, split, split_database, split_sentinels, text_of

HERE = Location("celeryconfig.py")


def literal(text: str) -> Literal:
    return Literal(text, HERE)


def read(name: str, default: Literal | None) -> Environment:
    return Environment((name,), default, "str", "os.environ", HERE)


@given(st.text("abc1:@/?#;.=&+-", max_size=25))
@example(":p@ss#word@h/0")
@example("u:p@h:6379/1?db=2&x=")
@example("h:6379//1/")
def test_a_url_is_split_as_kombu_splits_it(rest: str) -> None:
    url = split(f"redis://{rest}")
    assert url is not None
    try:
        parts = url_to_parts(f"redis://{rest}")
    except ValueError:  # a port that is no number
        assert url.port is not None
        assert not url.port.text.isdigit() or int(url.port.text) > 65535
        return
    assert (url.user.text if url.user else "") == (parts.username or "")
    assert (url.password.text if url.password else "") == (parts.password or "")
    assert url.host.text.lower() == (parts.hostname or "")
    assert (int(url.port.text) if url.port and url.port.text else None) == parts.port
    path = (url.path.text if url.path else "").replace(";", "\0")
    if "\0" not in path:  # urlparse takes what follows a ; as parameters
        assert path == (parts.path or "")
    assert dict(url.parameters()) == parts.query


@given(st.text("abc1:@/?.", max_size=25))
@example("u:p/w@h/d")
@example("u/x:p@h/d")
@example("u:p@[::1]:5432/d?x=1")
def test_a_database_url_is_split_as_sqlalchemy_splits_it(rest: str) -> None:
    url = split_database(f"db+postgresql+psycopg2://{rest}")
    assert url is not None
    assert (url.dialect, url.driver) == ("postgresql", "psycopg2")
    try:
        parts = make_url(f"postgresql+psycopg2://{rest}")
    except Exception:
        return
    assert (url.user.text if url.user else None) == parts.username
    assert (url.password.text if url.password else None) == parts.password
    assert url.host.text.strip("[]") == (parts.host or "")
    assert (int(url.port.text) if url.port and url.port.text else None) == parts.port
    assert (url.database.text if url.database else None) == parts.database


def test_positions_are_those_of_the_text() -> None:
    text = "rediss://us:pw@host:6379/1?a=b#c"
    url = split(text)
    assert url is not None
    for piece in (url.user, url.password, url.host, url.port, url.path, url.query):
        assert piece is not None
        assert text[piece.start : piece.end] == piece.text
    assert "pw" not in repr(url)


@pytest.mark.parametrize(
    ("text", "alias", "scheme"),
    [("redis://h", "redis", "redis"), ("redis+rediss://h", "redis", "rediss"), ("db+sqlite:///x", "db", "sqlite")],
)
def test_the_backend_is_looked_up_by_what_stands_before_the_plus(text: str, alias: str, scheme: str) -> None:
    url = split(text)
    assert url is not None
    assert (url.alias, url.scheme) == (alias, scheme)


@pytest.mark.parametrize("text", ["redis", "", f"{UNKNOWN}://h", f"{UNKNOWN}/0"])
def test_no_url_or_an_unknown_scheme_is_not_split(text: str) -> None:
    assert split(text) is None
    assert split_sentinels(text) == ()
    assert split_database(text) is None


@pytest.mark.parametrize("text", ["redis://h", "sqlite:///x", "cache+memory://"])
def test_only_the_database_backend_has_a_database_url(text: str) -> None:
    assert split_database(text) is None


def test_each_sentinel_is_a_url_of_its_own_and_a_redis_url_is_one() -> None:
    assert [url.host.text for url in split_sentinels("sentinel://a:1/0;sentinel://b:2/0;c:3")] == ["a", "b"]
    assert [url.host.text for url in split_sentinels("redis://a/1;2")] == ["a"]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("rediss://h", False),
        ("rediss://h/0", False),
        (f"rediss://:{UNKNOWN}@{UNKNOWN}:{UNKNOWN}/0", False),
        (f"rediss://{UNKNOWN}:{UNKNOWN}", False),
        (f"rediss://{UNKNOWN}/{UNKNOWN}", False),
        (f"rediss://{UNKNOWN}", True),
        (f"rediss://h.{UNKNOWN}", True),
        (f"rediss://h/0{UNKNOWN}", True),
        (f"rediss://h/{UNKNOWN}{UNKNOWN}", True),
        (f"rediss://h:6379{UNKNOWN}", True),
        (f"rediss://h/0?{UNKNOWN}", True),
        ("rediss://h/0?a=b", False),
    ],
)
def test_a_port_or_a_database_number_hides_no_query_and_any_other_last_part_may(text: str, hidden: bool) -> None:
    url = split(text)
    assert url is not None
    assert url.hidden is hidden


def test_a_text_takes_the_defaults_of_its_variables_and_keeps_the_rest_unknown() -> None:
    inner = Text((literal("0"), read("EXTRA", literal("1"))), HERE)
    parts = (literal("redis://"), read("HOST", literal("h")), literal(":"), read("PORT", None), literal("/"), inner)
    assert text_of(Text(parts, HERE)) == f"redis://h:{UNKNOWN}/01"


@pytest.mark.parametrize(
    "value",
    [
        Literal(None, HERE),
        Literal(5, HERE),
        Unknown("", HERE),
        Text((read("A", None), Unknown("", HERE)), HERE),
        Choice((), HERE),
    ],
)
def test_what_is_no_text_or_not_known_at_all_has_none(value: object) -> None:
    assert text_of(value) is None  # type: ignore[arg-type]


def test_a_default_of_none_is_not_taken_for_text() -> None:
    value = Text((literal("redis://h/"), read("DB", Literal(None, HERE))), HERE)
    assert text_of(value) == f"redis://h/{UNKNOWN}"
