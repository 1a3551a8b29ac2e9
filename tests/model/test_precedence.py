"""Which map and which name wins, for the newest Celery and the one before the order of maps and names changed."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.model.build import model_of
from tests.model.real_celery import LOAD, UNKNOWN, claims
from tests.oracle.compare import compare, read
from tests.oracle.environments import newest_celery
from tests.oracle.server import CeleryProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from celery_backend_lint.model.app import App

HEAD = "import os\nfrom celery import Celery\napp = Celery('a')\n"
BEFORE = "5.6.3"


@pytest.fixture(scope="module", params=[BEFORE, "newest"])
def release(
    request: pytest.FixtureRequest, celery_python: Callable[[str], Path]
) -> Iterator[tuple[str, CeleryProcess]]:
    python = Path(sys.executable) if request.param == "newest" else celery_python(request.param)
    with CeleryProcess(python, LOAD) as process:
        yield (newest_celery() if request.param == "newest" else request.param), process


def confirmed(root: Path, code: str, release: tuple[str, CeleryProcess]) -> App:
    """The app of a module, read for a release and found to be what that release makes of it."""
    (root / "tasks.py").write_text(f"{HEAD}{code}\n", encoding="utf-8")
    version, process = release
    result = compare(root, version, process)
    assert result.contradictions == []
    assert result.unloadable == []
    model = read(root, version)
    assert model is not None
    [app] = model.apps
    return app


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("app.config_from_object({'TIME_ZONE': 'UTC'})", {"timezone": "UTC"}),
        ("app.config_from_object({'TIME_ZONE': 'UTC', 'timezone': 'Asia/Tokyo'})", {"timezone": "Asia/Tokyo"}),
        ("app.conf.CELERY_RESULT_BACKEND = 'rpc://'", {"result_backend": "rpc://"}),
        ("app.conf.BROKER_URL = 'memory://'", {"broker_url": "memory://", "broker_read_url": "memory://"}),
        ("app.conf.broker_url = 'memory://'\napp.conf.broker_read_url = 'memory://r'",
         {"broker_read_url": "memory://r", "broker_write_url": "memory://"}),
        ("app.conf.broker_url = 'memory://'\napp.conf.broker_write_url = None", {"broker_write_url": "memory://"}),
        ("app.conf.broker_url = 'memory://'\napp.conf.broker_write_url = os.getenv('Q')",
         {"broker_write_url": "memory://"}),
        ("app.conf.CELERY_TASK_RESULT_EXPIRES = 6\napp.conf.BROKER_URL = 'memory://'\napp.conf.result_expires = 5",
         {"result_expires": 5}),
        ("app.conf.CELERY_RESULT_BACKEND = 'rpc://'\napp.conf.result_backend = None", {"result_backend": None}),
        ("app.config_from_object({'CELERY_RESULT_BACKEND': 'rpc://', 'result_backend': 'cache+memory://'})", {}),
        ("app.config_from_object({'result_backend': None, 'CELERY_RESULT_BACKEND': 'rpc://'})", {}),
        ("app.config_from_object({'C_RESULT_BACKEND': 'rpc://', 'result_expires': 5}, namespace='C')",
         {"result_backend": "rpc://", "result_expires": 5}),
        ("app.config_from_object({'c_result_backend': 'rpc://'}, namespace='c')", {"result_backend": "rpc://"}),
        ("app.config_from_object({'CELERY_RESULT_BACKEND': 'rpc://', 'RESULT_EXPIRES': 5}, namespace='CELERY')",
         {"result_backend": "rpc://"}),
        ("app.config_from_object({'C_RESULT_EXPIRES': 5, 'result_expires': 6}, namespace='C')", {"result_expires": 5}),
        ("app.config_from_object({'C_RESULT_EXPIRES': 5}, namespace='C')\napp.conf.result_expires = 6", {}),
        ("app.conf.result_backend = os.getenv('Q') or None\napp.conf.CELERY_RESULT_BACKEND = 'rpc://'", {}),
        ("app.conf.timezone\napp.conf.BROKER_URL = 'memory://'", {}),
        ("app.conf.timezone\napp.conf.setdefault('result_backend', 'rpc://')", {}),
        ("app.conf.BROKER_URL = 'memory://'\napp.conf.setdefault('broker_url', 'memory://2')", {}),
        ("app.conf.broker_url = 'memory://'\napp.conf.setdefault('BROKER_URL', 'memory://2')", {}),
        ("app.conf.timezone\napp.conf.broker_url = 'memory://'\napp.conf.setdefault('broker_url', 'memory://2')",
         {"broker_url": "memory://"}),
        ("app.add_defaults({'result_expires': 5})\napp.conf.timezone\napp.add_defaults({'result_expires': 6})", {}),
        ("app.add_defaults({'CELERY_RESULT_BACKEND': 'rpc://'})", {"result_backend": "rpc://"}),
        ("app.add_defaults({'result_expires': 5})\napp.config_from_object({'result_expires': 6})",
         {"result_expires": 5}),
        ("app.conf.timezone\napp.config_from_object({'result_expires': 6})", {"result_expires": 6}),
        ("if os.getenv('Q'):\n    app.conf.BROKER_URL = 'memory://'\napp.conf.broker_url = 'memory://2'", {}),
        ("if os.getenv('Q'):\n    app.conf.broker_url = 'memory://'\napp.conf.BROKER_URL = 'memory://2'", {}),
        ("if os.getenv('Q'):\n    app.conf.BROKER_URL = 'memory://'\napp.conf.result_expires = 5", {}),
        ("app.conf.result_expires = 5\nif os.getenv('Q'):\n  app.conf['result_expires'] = 6", {"result_expires": 5}),
    ],
)  # fmt: skip
def test_reading_agrees_with_the_release(
    code: str, expected: dict[str, Any], release: tuple[str, CeleryProcess], tmp_path: Path
) -> None:
    assert claims(confirmed(tmp_path, code, release), *expected) == expected


@pytest.mark.parametrize(
    ("code", "refused"),
    [
        ("app.conf.BROKER_URL = 'memory://'\napp.conf.result_expires = 5", [("BROKER_URL", "broker_url")]),
        (
            "app.conf.BROKER_URL = 'memory://'\napp.conf.CELERY_ACKS_LATE = True\napp.conf.result_expires = 5",
            [("result_expires", "CELERY_TASK_RESULT_EXPIRES")],
        ),
        (
            "app.config_from_object({'BROKER_URL': 'memory://', 'result_expires': 5})",
            [("BROKER_URL", "broker_url")],
        ),
        ("app.conf.BROKER_URL = 'memory://'\napp.conf.CELERY_ACKS_LATE = True", []),
        ("app.conf.BROKER_URL = 'memory://'\napp.conf.my_own = True", []),
        ("app.config_from_object({'BROKER_URL': 'x', 'result_expires': 5}, namespace='C')", []),
    ],
)
def test_mixed_names_are_refused_in_both_directions(
    code: str, refused: list[tuple[str, str]], release: tuple[str, CeleryProcess], tmp_path: Path
) -> None:
    app = confirmed(tmp_path, code, release)
    assert [(assignment.written, wanted) for assignment, wanted in app.mixing] == refused
    assert bool(app.unread) == bool(refused)


def test_namespace_reads_old_names_from_5_7_only(tmp_path: Path) -> None:
    code = f"{HEAD}app.config_from_object({{'CELERY_TASK_RESULT_EXPIRES': 5}}, namespace='CELERY')\n"
    for version, held in ((BEFORE, timedelta(days=1)), ("5.7.0", 5)):
        [app] = model_of(tmp_path, {"tasks.py": code, "requirements.txt": f"celery=={version}\n"}).apps
        assert claims(app, "result_expires") == {"result_expires": held}


def test_more_conditional_writes_than_are_followed_are_not_known(tmp_path: Path) -> None:
    writes = "".join(f"if os.getenv('Q{n}'):\n    app.conf.result_expires = {n}\n" for n in range(60))
    [app] = model_of(tmp_path, {"tasks.py": f"{HEAD}{writes}"}).apps
    assert claims(app, "result_expires") in ({"result_expires": UNKNOWN}, {"result_expires": 0})
    assert len(app.settings["result_expires"].assignments) == 60


@pytest.mark.parametrize(
    ("code", "setting", "old", "since", "new"),
    [
        # each seen with real Celery 4.4.7, 5.0.5, 5.2.7 and 5.3.6; the release by the wheels between them
        ("app = Celery('a', result_expires=5)", "result_expires", timedelta(days=1), "5.1.0", 5),
        ("app = Celery('a', redis_backend_use_ssl=True)", "redis_backend_use_ssl", True, "5.1.0", True),
        ("app = Celery('a', backend='')\napp.config_from_object({'result_backend': 'rpc://'})",
         "result_backend", "rpc://", "5.2.0", ""),
        ("app = Celery('a')\napp.config_from_object({'TIME_ZONE': 'UTC'})", "timezone", None, "5.3.0", "UTC"),
        ("app = Celery('a')\napp.config_from_object({'time_zone': 'UTC'})", "timezone", "UTC", "5.3.0", None),
        ("app = Celery('a', backend='rpc://')\napp.conf.task_serializer\napp.conf.clear()",
         "result_backend", "rpc://", "5.7.0", None),
    ],
)  # fmt: skip
def test_what_changed_between_releases(
    code: str, setting: str, old: object, since: str, new: object, tmp_path: Path
) -> None:
    before = {"5.1.0": "5.0.5", "5.2.0": "5.1.2", "5.3.0": "5.2.7", "5.7.0": "5.6.3"}[since]
    for version, expected in ((before, old), (since, new)):
        files = {"tasks.py": f"from celery import Celery\n{code}\n", "requirements.txt": f"celery=={version}\n"}
        [app] = model_of(tmp_path, files).apps
        assert claims(app, setting) == {setting: expected}, version
