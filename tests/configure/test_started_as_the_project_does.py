"""How celery is started, in next steps and for beat: as the project itself starts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run

APP = 'from celery import Celery\n\napp = Celery("shop", broker="amqp://localhost//")\n'


@pytest.mark.parametrize(
    ("init", "started"),
    [
        ("from .celery_app import app as celery_app\n", "celery -A shop"),
        ("from . import celery_app\n", "celery -A backend.shop.celery_app"),
        ("", "celery -A backend.shop.celery_app"),
    ],
    ids=["the package has the app", "the package has the module only", "the package has no app"],
)
def test_a_package_that_has_the_app_is_named(
    tmp_path: Path, configure: Callable[..., Run], init: str, started: str
) -> None:
    folder = tmp_path / "backend" / "shop"
    folder.mkdir(parents=True)
    (tmp_path / "requirements.txt").write_text("celery==5.6.3\n")
    (tmp_path / "backend" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text(init)
    (folder / "celery_app.py").write_text(APP)
    (tmp_path / "run.sh").write_text("cd backend\ncelery -A shop worker --loglevel=info\n")
    done = configure(tmp_path, "database")
    assert done.status == 0, done.err
    assert f"start beat: {started} beat" in done.told["next_steps"]
    assert any(f"start `{started} beat` once" in one for one in done.told["not_done"])
