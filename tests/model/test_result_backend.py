"""What the reports say of an app's result backend: kind, value, source and the other outcomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model.build import model_of

HEAD = "import os\nfrom celery import Celery\n"


@pytest.mark.parametrize(
    ("code", "kind", "source", "value"),
    [
        ("app = Celery('a')", "disabled", "default", None),
        ("app = Celery('a', backend='redis://:s3cret@h/1')", "redis", "literal", "redis://:***@h/1"),
        ("app = Celery('a', backend='db+sqlite:///x.db')", "database", "literal", "db+sqlite:///x.db"),
        ("app = Celery('a', backend='amqp://')", "amqp", "literal", "amqp://"),
        ("app = Celery('a', backend='postgresql://h/x')", "unknown", "literal", "postgresql://h/x"),
        ("app = Celery('a', backend='django_celery_results.backends:DatabaseBackend')", "django-db", "literal", ...),
        ("app = Celery('a'); app.conf.result_backend = None", "disabled", "literal", None),
        ("app = Celery('a', backend=os.environ['X'])", "unknown", "environment", None),
        ("app = Celery('a', backend=os.getenv('X'))", "disabled", "environment", None),
        ("app = Celery('a', backend=os.getenv('X', 'rpc://'))", "rpc", "default", "rpc://"),
        ("app = Celery('a', backend=os.getenv('X') or 'rpc://')", "rpc", "default", "rpc://"),
        ("app = Celery('a', backend=f\"redis://{os.environ['H']}/0\")", "redis", "environment", "redis://{H}/0"),
        ("app = Celery('a', backend=f\"redis://{os.getenv('H', 'h')}/0\")", "redis", "default", "redis://h/0"),
        ("app = Celery('a', backend=open('x').read())", "unknown", "unknown", None),
    ],
)
def test_what_holds_while_no_variable_is_set(code: str, kind: str, source: str, value: object, tmp_path: Path) -> None:
    [app] = model_of(tmp_path, {"tasks.py": HEAD + code + "\n"}).apps
    backend = app.result_backend
    assert (backend.kind, backend.source) == (kind, source)
    if value is not ...:
        assert backend.value == value


def test_an_env_example_tells_what_a_required_variable_holds(tmp_path: Path) -> None:
    files = {
        "tasks.py": HEAD + "app = Celery('a', backend=os.environ['RESULTS'])\n",
        ".env.example": "RESULTS=db+postgresql://your_user_here:your_password_here@db/x\n",
    }
    [app] = model_of(tmp_path, files).apps
    assert (app.result_backend.kind, app.result_backend.variable) == ("database", "RESULTS")


@pytest.mark.parametrize(
    ("code", "alternatives"),
    [
        ("B = 'rediss://h' if os.getenv('TLS') else 'redis://h'", [("rediss", "TLS is set")]),
        ("B = 'rpc://' if os.getenv('ENV', 'dev') == 'dev' else 'redis://h'", [("redis", "ENV is not 'dev'")]),
        (
            "B = {'a': 'rpc://', 'b': 'redis://h'}[os.getenv('ENV', 'a')]",
            [("redis", "ENV is 'b'"), ("unknown", "otherwise")],
        ),
        ("B = 'amqp://' if os.getenv('OLD') else 'rpc://'", [("amqp", "OLD is set")]),
        ("B = 'redis://h'", []),
        ("B = os.getenv('B') or 'redis://h'", [("unknown", "B is set")]),
        ("B = os.environ['B'] or None", [("disabled", "B is empty")]),
        ("B = os.getenv('B') or None", [("unknown", "B is set")]),
        ("B = 'redis://h'\nif url := os.getenv('B'):\n    B = url", [("unknown", "B is set")]),
        ("try:\n    B = os.environ['B']\nexcept KeyError:\n    B = 'rpc://'", [("unknown", "B is set")]),
        (
            "TLS = os.getenv('TLS', '').lower() in ('1', 'true')\nB = ('rediss' if TLS else 'redis') + '://h/0'",
            [("rediss", "TLS is in '1', 'true'")],
        ),
    ],
)
def test_other_outcomes_say_when_they_hold(code: str, alternatives: list[tuple[str, str]], tmp_path: Path) -> None:
    [app] = model_of(tmp_path, {"tasks.py": f"{HEAD}{code}\napp = Celery('a', backend=B)\n"}).apps
    assert [(other.kind, other.when) for other in app.result_backend.alternatives] == alternatives


def test_what_is_written_under_a_condition_and_its_opposite_is_never_left_out(tmp_path: Path) -> None:
    written = "if os.getenv('ENV') == 'prod':\n    app.conf.result_backend = 'redis://h'\n"
    written += "else:\n    app.conf.result_backend = 'rpc://'\n"
    [app] = model_of(tmp_path, {"tasks.py": f"{HEAD}app = Celery('a')\n{written}"}).apps
    told = app.result_backend
    assert (told.kind, told.source) == ("rpc", "literal")
    assert [(other.kind, other.when) for other in told.alternatives] == [("redis", "ENV is 'prod'")]


def test_variable_of_a_branch_that_does_not_hold_is_no_part_of_the_value(tmp_path: Path) -> None:
    value = "B = 'redis://' + os.environ['HOST'] if os.getenv('ENV') == 'prod' else 'rpc://'\n"
    [app] = model_of(tmp_path, {"tasks.py": f"{HEAD}{value}app = Celery('a', backend=B)\n"}).apps
    told = app.result_backend
    assert (told.kind, told.value, told.source, told.variable) == ("rpc", "rpc://", "literal", None)


COMPOSE = """
services:
  worker:
    build: .
    command: celery -A tasks worker
    environment:
      {name}: {value}
"""


@pytest.mark.parametrize(
    ("name", "value", "alternatives"),
    [
        ("CELERY_RESULT_BACKEND", "redis://cache/1", [("redis", "docker-compose.yml sets CELERY_RESULT_BACKEND")]),
        ("CELERY_RESULT_BACKEND", '""', []),
        ("CELERY_RESULT_BACKEND", "${ELSEWHERE}", []),
        ("CELERY_BACKEND", "redis://cache/1", []),
    ],
)
def test_a_deployment_gives_celerys_own_variable(
    name: str, value: str, alternatives: list[tuple[str, str]], tmp_path: Path
) -> None:
    files = {
        "tasks.py": "from celery import Celery\napp = Celery('tasks', broker='amqp://')\n",
        "docker-compose.yml": COMPOSE.format(name=name, value=value),
    }
    [app] = model_of(tmp_path, files).apps
    assert app.result_backend.kind == "disabled"
    assert [(other.kind, other.when) for other in app.result_backend.alternatives] == alternatives
