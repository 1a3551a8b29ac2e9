"""Settings of the old backend that CBL703 is silent about: taken away, or told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

FLASK = """\
from celery import Celery
from flask import Flask

app = Flask(__name__)
app.config["result_backend"] = "redis://localhost:6379/1"
app.config["broker_url"] = "amqp://localhost//"
app.config["redis_max_connections"] = 5
app.config["redis_socket_timeout"] = read_timeout()
app.config.from_envvar("SHOP", silent=True)
"""
CELERY = """\
celery = Celery("shop")
celery.conf.update(app.config)
"""


def written(root: Path, **files: str) -> None:
    (root / "requirements.txt").write_text("celery==5.6.3\nFlask==3.0.3\n")
    for name, text in files.items():
        (root / f"{name}.py").write_text(text)


def test_what_stands_in_a_configuration_that_is_not_whole_goes(tmp_path: Path, configure: Callable[..., Run]) -> None:
    written(tmp_path, app=FLASK + CELERY)
    done = configure(tmp_path, "rpc")
    assert done.status == 0, done.err
    after = (tmp_path / "app.py").read_text()
    assert "redis_max_connections" not in after
    assert "redis_socket_timeout" in after
    told = " ".join(done.told["not_done"])
    assert "`redis_socket_timeout`: the value in `app.py`" in told
    assert "made by code" in told


def test_what_other_code_reads_is_told(tmp_path: Path, configure: Callable[..., Run]) -> None:
    written(tmp_path, app=FLASK + CELERY + 'print(celery.conf["redis_max_connections"])\n')
    done = configure(tmp_path, "rpc")
    assert done.status == 0, done.err
    assert 'app.config["redis_max_connections"] = 5' in (tmp_path / "app.py").read_text()
    assert "`redis_max_connections`: `app.py` line" in " ".join(done.told["not_done"])


def test_what_another_app_has_as_well_stays(tmp_path: Path, configure: Callable[..., Run]) -> None:
    other = 'from app import app\nfrom celery import Celery\n\nother = Celery("other")\nother.conf.update(app.config)\n'
    own = CELERY + 'celery.conf.result_backend = "redis://localhost:6379/2"\n'
    written(tmp_path, app=FLASK + own, other=other)
    done = configure(tmp_path, "rpc", "--app", "app.py")
    assert done.status == 0, done.err
    assert 'app.config["redis_max_connections"] = 5' in (tmp_path / "app.py").read_text()
    assert "the app other at `other.py` line 4 has it, too" in " ".join(done.told["not_done"])
