"""What is chosen goes over what the project has; what is not chosen stays, and only what is missing is put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.fixes.configuration.choices import Choices, likely_backend, seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

HEAD = 'import os\n\nbroker_url = "amqp://h//"\nresult_backend = os.environ["CELERY_RESULT_BACKEND"]\n'
WHOLE = 'result_serializer = "json"\naccept_content = ["json"]\n'


@pytest.fixture
def made(tmp_path: Path, configure: Callable[..., Run]) -> Callable[..., str]:
    """What becomes of a ``celeryconfig.py`` with some lines."""
    root = tmp_path / "shop"

    def made(lines: str | None, backend: str, *arguments: str) -> str:
        if lines is not None:
            root.mkdir()
            (root / "tasks.py").write_text(
                'from celery import Celery\n\napp = Celery("shop")\napp.config_from_object("celeryconfig")\n'
            )
            (root / "celeryconfig.py").write_text(HEAD + lines)
            (root / "requirements.txt").write_text("celery==5.6.3\n")
            (root / ".env.example").write_text("CELERY_RESULT_BACKEND=redis://localhost:6379/1\n")
        done = configure(root, backend, *arguments)
        assert done.status == 0, done.err
        made.told = done.told  # type: ignore[attr-defined]
        made.example = (root / ".env.example").read_text()  # type: ignore[attr-defined]
        return (root / "celeryconfig.py").read_text()

    return made


def bare(text: str) -> str:
    """Code without what formatting and quotes make of it."""
    return "".join(text.split()).replace(",}", "}").replace(",)", ")").replace("'", '"')


def test_an_expiry_that_is_there_stays_unless_another_is_said(made: Callable[..., str]) -> None:
    assert "result_expires = 3600\n" in made("result_expires = 3600\n", "redis")
    assert "result_expires = 3600\n" in made(None, "database")
    assert "result_expires = 7200\n" in made(None, "redis", "--expires", "2h")


def test_an_expiry_from_the_environment_stays_whatever_is_said(made: Callable[..., str]) -> None:
    line = 'result_expires = int(os.environ["EXPIRES"])\n'
    assert line in made(line, "redis", "--expires", "2h")


def test_a_pool_that_is_there_stays_unless_a_concurrency_is_said(made: Callable[..., str]) -> None:
    assert "redis_max_connections = 50\n" in made("redis_max_connections = 50\n", "redis")
    assert "redis_max_connections = 12\n" in made(None, "redis", "--concurrency", "4")


def test_the_kinds_of_redis_and_back(made: Callable[..., str]) -> None:
    prefix = 'result_backend_transport_options = {"global_keyprefix": "shop_"}\n'
    text = made(prefix, "redis")
    assert bare('{"global_keyprefix": "shop_", "retry_policy": {"timeout": 5.0}}') in bare(text)
    single = text
    text = made(None, "redis", "--availability", "sentinel")
    assert '"master_name": "mymaster"' in text
    assert bare('"sentinel_kwargs": {"socket_timeout": 2, "socket_connect_timeout": 2}') in bare(text)
    assert '"global_keyprefix": "shop_"' in text
    assert "sentinel://" in made.example  # type: ignore[attr-defined]
    text = made(None, "redis", "--availability", "tls")
    assert "master_name" not in text
    assert "sentinel_kwargs" not in text
    assert "rediss://" in made.example  # type: ignore[attr-defined]
    text = made(None, "redis", "--availability", "single")
    assert bare(text) == bare(single)
    assert "=redis://" in made.example  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'database_engine_options = {"pool_size": 3}\n',
            'options={"pool_size":3, "pool_pre_ping":True, "pool_recycle":1800, "connect_args":{"connect_timeout": 5}}',
        ),
        (
            "database_engine_options = dict(pool_recycle=60)\n",
            'database_engine_options = dict(pool_recycle=60, pool_pre_ping=True, connect_args={"connect_timeout": 5})',
        ),
        (
            "OPTIONS = {'connect_args': {'sslmode': 'require'}}\ndatabase_engine_options = OPTIONS\n",
            "OPTIONS = {'connect_args': {'sslmode': 'require'}, 'pool_pre_ping': True, 'pool_recycle': 1800}",
        ),
        (
            "database_engine_options = {}\n",
            (
                "database_engine_options = {'pool_pre_ping': True, 'pool_recycle': 1800,"
                " 'connect_args': {'connect_timeout': 5}}"
            ),
        ),
    ],
    ids=["dict", "call", "constant", "empty"],
)
def test_options_of_the_engine_that_are_there_stay(made: Callable[..., str], before: str, after: str) -> None:
    text = made(before, "database")
    assert bare(after) in bare(text)
    text = made(None, "database", "--concurrency", "4")
    assert '"pool_size":4' in bare(text) or "pool_size=4" in bare(text)


def test_options_that_code_puts_together_are_left_and_told(made: Callable[..., str]) -> None:
    lines = "database_engine_options = {**{'pool_size': 3}}\nresult_backend_transport_options = dict([])\n"
    assert "database_engine_options = {**{'pool_size': 3}}\n" in made(lines, "database")


def test_the_dialects_and_their_drivers(made: Callable[..., str]) -> None:
    made("", "database", "--dialect", "mysql")
    assert "db+mysql+pymysql://" in made.example  # type: ignore[attr-defined]
    assert made.told["packages"] == ["celery==5.6.3", "sqlalchemy>=1.4.54,<2.2", "pymysql>=1.0"]  # type: ignore[attr-defined]
    text = made(None, "database")
    assert "db+mysql+pymysql://" in made.example, "what the project shows"  # type: ignore[attr-defined]
    text = made(None, "database", "--dialect", "sqlite")
    assert "db+sqlite:////" in made.example  # type: ignore[attr-defined]
    assert "pool_pre_ping" in text


@pytest.mark.parametrize(
    ("url", "choices", "fits"),
    [
        ("redis://h", Choices("redis"), True),
        ("rediss://h", Choices("redis"), False),
        ("rediss://h", Choices("redis", availability="tls"), True),
        ("sentinel://a;sentinel://b", Choices("redis", availability="sentinel"), True),
        ("db+postgresql://h/d", Choices("database"), True),
        ("db+postgresql+psycopg://h/d", Choices("database"), True),
        ("db+mariadb+pymysql://h/d", Choices("database", dialect="mysql"), True),
        ("db+mysql://h/d", Choices("database"), False),
        ("postgresql://h/d", Choices("database"), False),
        ("rpc://", Choices("rpc"), True),
        ("amqp://", Choices("rpc"), False),
        ("${REDIS_URL}", Choices("redis"), True),
        ("", Choices("redis"), True),
    ],
    ids=str,
)
def test_which_urls_are_of_a_backend(url: str, choices: Choices, fits: bool) -> None:
    assert choices.fits(url) is fits


def test_times_and_likely_backends() -> None:
    assert [seconds(text) for text in ("60", "60s", "2m", "2h", "2d")] == [60, 60, 120, 7200, 172_800]
    assert likely_backend("SQLAlchemy") == "database"
    assert likely_backend("kafka") == ""
