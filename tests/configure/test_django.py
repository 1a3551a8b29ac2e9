"""``configure`` in what ``django-admin startproject`` makes, with the release of Django that is installed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cases import git
from tests.configure.known_states import tree
from tests.configure.test_states import URLS, findings
from tests.oracle.compare import contradictions_of, load_apps, read
from tests.oracle.environments import newest_celery

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.configure.conftest import Run
    from tests.oracle.server import CeleryProcess


@pytest.mark.parametrize("backend", ["redis", "database", "rpc"])
@pytest.mark.parametrize("folder", ["", "backend"], ids=["at the root", "below it"])
def test_a_new_django_project(
    folder: str,
    backend: str,
    tmp_path: Path,
    run: Callable[..., Run],
    configure: Callable[..., Run],
    newest: CeleryProcess,
) -> None:
    root = tmp_path / "work"
    place = root / folder
    place.mkdir(parents=True)
    command = [sys.executable, "-m", "django", "startproject", "shop", str(place)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (root / "requirements.txt").write_text("Django>=5.0\n")
    git(root, "init", "-q")
    before = tree(root)
    done = configure(root, backend)
    assert done.status == 0, done.err
    after = tree(root)
    inside = f"{folder}/" if folder else ""
    assert f"{inside}shop/celery.py" in done.told["changed"]
    for path, data in before.items():
        if path != "requirements.txt":
            kept = iter(after[path].splitlines())
            assert all(line in kept for line in data.splitlines()), "lines are added, and none is lost"
    assert findings(run, root) == []
    assert "celery" in after["requirements.txt"].decode()
    configure(root, backend)
    assert tree(root) == after
    model = read(root, newest_celery())
    assert model is not None
    given = {"CELERY_BROKER_URL": "amqp://h//", **({"CELERY_RESULT_BACKEND": URLS[backend]} if backend in URLS else {})}
    [loaded] = load_apps(root, model, newest, given=[given])
    assert loaded.told is not None, loaded.problem
    assert contradictions_of(loaded) == []
    assert loaded.app.result_backend.kind == backend
    if backend == "database":
        assert (f"--workdir {folder}" in after["Procfile"].decode()) == bool(folder)
    command = [sys.executable, "-c", "import shop; assert shop.celery_app.main == 'shop'"]
    environment = {**given, "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True)


def test_settings_in_pieces_without_celery(tmp_path: Path, configure: Callable[..., Run]) -> None:
    """The settings go where each environment has them, not into those of the one that manage.py names."""
    files = {
        "requirements.txt": "Django>=5.0\n",
        "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings.local")\n',
        "shop/__init__.py": "",
        "shop/settings/__init__.py": "",
        "shop/settings/base.py": 'import os\n\nSECRET_KEY = os.environ["SECRET_KEY"]\nINSTALLED_APPS = ["shop"]\n',
        "shop/settings/local.py": "from .base import *  # noqa: F403\n\nDEBUG = True\n",
        "shop/settings/production.py": "from .base import *  # noqa: F403\n\nDEBUG = False\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = configure(tmp_path, "redis")
    assert done.status == 0, done.err
    base = (tmp_path / "shop/settings/base.py").read_text()
    assert 'CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]\nCELERY_RESULT_BACKEND = os.environ[' in base
    for name in ("local", "production"):
        assert (tmp_path / f"shop/settings/{name}.py").read_text() == files[f"shop/settings/{name}.py"]
