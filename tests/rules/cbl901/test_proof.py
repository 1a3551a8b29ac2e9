"""CBL901 is true: a clone has no .env, and without an example nobody knows what belongs into one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery
    from tests.proofs.repository import Repository

PROJECT = {
    "proj.py": (
        "import os\n\nfrom celery import Celery\nfrom dotenv import load_dotenv\n\n"
        "load_dotenv()\napp = Celery('proj', backend=os.environ['RESULTS_URL'])\n"
    ),
    ".gitignore": ".env\n",
    ".env": "RESULTS_URL=redis://:Qr7xV2mPz@cache:6379/0\n",
}
EXAMPLE = {".env.example": "RESULTS_URL=redis://:your_redis_password_here@localhost:6379/0\n"}


def test_a_clone_of_it_does_not_start(celery: RealCelery, repository: Repository, tmp_path: Path) -> None:
    repository.commit_all(PROJECT)
    assert celery.evaluate("app.conf.result_backend", "from proj import app", root=repository.root).works()
    assert repository.clone(tmp_path / "clone") == {"proj.py", ".gitignore"}
    bad = celery.evaluate("app.conf.result_backend", "from proj import app", root=tmp_path / "clone")
    assert bad.fails_with("KeyError", "RESULTS_URL")


def test_with_an_example_copying_is_enough(celery: RealCelery, repository: Repository, tmp_path: Path) -> None:
    repository.commit_all({**PROJECT, **EXAMPLE})
    clone = tmp_path / "clone"
    assert ".env.example" in repository.clone(clone)
    (clone / ".env").write_text((clone / ".env.example").read_text())
    good = celery.evaluate("app.conf.result_backend", "from proj import app", root=clone)
    assert good.value == "redis://:your_redis_password_here@localhost:6379/0"
