"""CBL003 is true: what the reading does not know is known to Celery, and to nobody before the project runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_backend_lint.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.proofs.real import RealCelery

FILES = {
    "backend.ini": "[celery]\nresult_backend = redis://from-a-file/3\n",
    "proj.py": (
        "from configparser import ConfigParser\n\nfrom celery import Celery\n\nparser = ConfigParser()\n"
        "parser.read('backend.ini')\napp = Celery('proj', backend=parser['celery']['result_backend'])\n"
    ),
}


def test_a_value_of_another_file_is_celerys_backend_and_unknown_here(
    celery: RealCelery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert celery.load(tmp_path, FILES).effective["result_backend"] == "redis://from-a-file/3"
    main(["--select", "CBL003", "--min-severity", "advice", "--isolated", "--output-format", "concise", "."])
    assert "proj.py:7:" in capsys.readouterr().out


def test_a_value_that_can_be_read_is_read_as_celery_has_it(
    celery: RealCelery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"proj.py": "from celery import Celery\n\napp = Celery('proj', backend='redis://cache/3')\n"}
    assert celery.load(tmp_path, files).effective["result_backend"] == "redis://cache/3"
    assert main(["--select", "CBL003", "--min-severity", "advice", "--isolated", "."]) == 0
    assert "CBL003" not in capsys.readouterr().out
