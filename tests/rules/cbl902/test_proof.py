"""CBL902 is true: who fills in an example that lacks a variable has a project that does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proofs.real import RealCelery

PROJECT = {
    "proj.py": (
        "import os\n\nfrom celery import Celery\nfrom dotenv import load_dotenv\n\n"
        "load_dotenv('.env.example')\n"
        "app = Celery('proj', broker=os.environ['BROKER'], backend=os.environ['RESULTS'])\n"
    )
}


def test_the_missing_variable_is_found_out_at_the_start(celery: RealCelery, tmp_path: Path) -> None:
    for name, example in (
        ("bad", "BROKER=amqp://localhost\n"),
        ("commented", "BROKER=amqp://localhost\n# RESULTS=redis://localhost\n"),
        ("good", "BROKER=amqp://localhost\nRESULTS=redis://localhost\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "proj.py").write_text(PROJECT["proj.py"])
        (tmp_path / name / ".env.example").write_text(example)
    read = "app.conf.result_backend"
    bad = celery.evaluate(read, "from proj import app", root=tmp_path / "bad")
    assert bad.fails_with("KeyError", "RESULTS")
    # A commented line sets nothing, but it tells the reader: the rule takes it for present.
    assert celery.evaluate(read, "from proj import app", root=tmp_path / "commented").fails_with("KeyError", "RESULTS")
    good = celery.evaluate(read, "from proj import app", root=tmp_path / "good")
    assert good.value == "redis://localhost"


def test_an_optional_one_is_not_missed(celery: RealCelery, tmp_path: Path) -> None:
    source = "app = Celery(backend=os.getenv('RESULTS', 'redis://localhost'))"
    assert celery.evaluate("app.conf.result_backend", source, root=tmp_path).value == "redis://localhost"
