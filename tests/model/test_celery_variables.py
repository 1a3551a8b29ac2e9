"""Which variables an app's configuration reads, and what for."""

from __future__ import annotations

from pathlib import Path

import pytest

from celery_backend_lint.model import Model, read_model
from celery_backend_lint.model.celery_variables import feeds_celery, is_among, is_connection, reads_of
from celery_backend_lint.project.discovery import open_project
from tests.project.repositories import commit, write


def model_of(root: Path, source: str, **files: str) -> Model:
    write(root, {"tasks.py": f"import os\nfrom celery import Celery\napp = Celery('shop')\n{source}\n", **files})
    model = read_model(open_project([], str(root)))
    assert model is not None
    return model


def read(root: Path, source: str) -> list[tuple[str, str, bool, bool]]:
    (app,) = model_of(root, source).checked_apps
    return sorted(
        (found.setting, found.read.variable, found.connects, found.essential)
        for found in reads_of(app)
        if found.setting not in ("broker_read_url", "broker_write_url")
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("app.conf.result_backend = os.environ['R']", [("result_backend", "R", True, True)]),
        ("app.conf.task_default_queue = os.environ['Q']", [("task_default_queue", "Q", False, False)]),
        (
            "app.conf.mongodb_backend_settings = {'database': os.environ['D']}",
            [("mongodb_backend_settings", "D", False, False)],
        ),
        ("app.conf.accept_content = [os.environ['A'], 'json']", [("accept_content", "A", False, False)]),
        ("app.conf.redis_host = os.getenv('H')", [("redis_host", "H", True, True)]),
        ("app.conf.redis_max_connections = int(os.getenv('M', '5'))", [("redis_max_connections", "M", False, False)]),
        ("app.conf.broker_url = 'amqp://h:' + os.getenv('MQ_PORT', '5672')", [("broker_url", "MQ_PORT", True, False)]),
        ("app.conf.broker_url = 'amqp://h:' + os.environ['MQ_PORT']", [("broker_url", "MQ_PORT", True, True)]),
        ("app.conf.result_backend = 'db+sqlite:///' + os.environ['HOME']", []),
        ("app.conf.task_queues = [Queue(os.environ['Q'])]", []),
        (
            "from kombu import Queue\napp.conf.task_queues = [Queue(os.environ['Q'])]",
            [("task_queues", "Q", False, False)],
        ),
    ],
)
def test_reads(tmp_path: Path, source: str, expected: list[tuple[str, str, bool, bool]]) -> None:
    assert read(tmp_path, source) == expected


def test_reads_of_which_one_is_enough_are_a_chain(tmp_path: Path) -> None:
    source = "app.conf.result_backend = os.getenv('A') or os.getenv('B', 'redis://' + os.environ['C'])"
    (app,) = model_of(tmp_path, source).checked_apps
    assert [[read.variable for read in found.chain] for found in reads_of(app)] == [["A", "B", "C"]] * 3


def test_parts_of_an_address_are_all_needed(tmp_path: Path) -> None:
    source = "app.conf.result_backend = f\"redis://{os.environ['A']}:{os.environ['B']}/0\""
    (app,) = model_of(tmp_path, source).checked_apps
    assert [[read.variable for read in found.chain] for found in reads_of(app)] == [["A"], ["B"]]


def test_a_name_is_compared_as_its_reader_does(tmp_path: Path) -> None:
    source = "app.conf.result_backend = os.environ['RESULTS']"
    (app,) = model_of(tmp_path, source).checked_apps
    (found,) = reads_of(app)
    assert is_among(found.read, frozenset({"RESULTS"}))
    assert not is_among(found.read, frozenset({"results"}))
    assert {"RESULTS", "CELERY_BROKER_URL"} <= set(feeds_celery(app))


def test_connections_are_those_of_the_broker_and_of_a_backend(tmp_path: Path) -> None:
    (app,) = model_of(tmp_path, "").checked_apps
    names = [
        "broker_url",
        "redis_password",
        "s3_bucket",
        "broker_pool_limit",
        "worker_hijack_root_logger",
        "result_expires",
    ]
    assert [is_connection(name, app) for name in names] == [True, True, True, False, False, False]


def test_a_clone_shows_examples_and_tracked_files(tmp_path: Path) -> None:
    write(
        tmp_path, {".env.example": "A=1\n# B=2\n", "worker.env": "C=3\n", "web/package.json": "", "web/.env": "D=4\n"}
    )
    commit(tmp_path)
    write(tmp_path, {".env": "E=5\n"})
    model = model_of(tmp_path, "")
    assert model.env_files.shown_for("tasks.py") == {"A", "B", "C"}


@pytest.mark.parametrize(
    ("value", "required"),
    [
        ("os.environ['R']", True),
        ("os.environ['R'] or 'rpc://'", True),
        ("os.environ['R'] if os.environ['R'] else 'rpc://'", True),
        ("os.environ['R'] if os.environ['OTHER'] else 'rpc://'", True),
        ("os.environ['R'] if 'R' in os.environ else 'rpc://'", False),
        ("os.environ['R'] if 'R' in os.environ and os.environ['R'] else 'rpc://'", False),
        ("os.environ['R'] if os.environ['OTHER'] and os.getenv('R') else 'rpc://'", False),
        ("os.environ['R'] if os.getenv('R') else 'rpc://'", False),
        ("os.getenv('R') or 'rpc://'", False),
    ],
)
@pytest.mark.parametrize("celery", ["4.4.7", "5.6.3"])
def test_a_variable_is_required_where_asking_for_it_raises(
    tmp_path: Path, value: str, celery: str, *, required: bool
) -> None:
    source = f"other = Celery('other', backend={value})"
    model = model_of(tmp_path, source, **{"requirements.txt": f"celery=={celery}\n"})
    [found] = [one for app in model.checked_apps for one in reads_of(app) if one.read.variable == "R"][:1]
    assert found.required is required
