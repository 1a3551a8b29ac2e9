"""Who follows all that CBL702, CBL704 and CBL705 say of one configuration has one that real Celery loads."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.proofs.real import RealCelery

VERSIONS = ["5.3.6", "5.6.3", "newest"]
PROJ = "from celery import Celery\n\napp = Celery('proj')\napp.config_from_object('celeryconfig')\n"
WANTED = {"broker_url": "memory://", "result_backend": "rpc://", "result_expires": 61, "enable_utc": False}


def follow(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Give each name that a finding or a note of it stands at the name that the help or the note tells."""
    file = root / "celeryconfig.py"
    main(["--select", "CBL702,CBL704,CBL705", "--isolated", "--output-format", "json", str(root)])
    lines = file.read_text().splitlines()
    told: dict[int, str] = {}
    for finding in json.loads(capsys.readouterr().out)["findings"]:
        new = re.search(r"(?:write |^)`([A-Za-z_]+)`", finding["help"])
        if new is not None:
            told[finding["line"]] = new[1]
        for related in finding["related"]:
            if is_now := re.search(r"is `(\w+)` now", related["message"]):
                told[related["line"]] = is_now[1]
    for line, name in told.items():
        lines[line - 1] = re.sub(r"^\w+", name, lines[line - 1])
    file.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "names",
    [
        ["BROKER_URL", "CELERY_RESULT_BACKEND", "CELERY_RESULT_EXPIRES", "CELERY_ENABLE_UTC"],
        ["BROKER_URL", "CELERY_RESULT_BACKEND", "RESULT_EXPIRES", "enable_utc"],
        ["BROKER_URL", "result_backend", "CELERY_RESULT_EXPIRES", "enable_utc"],
        ["CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CELERY_TASK_RESULT_EXPIRES", "CELERY_ENABLE_UTC"],
        ["CELERY_BROKER_URL", "RESULT_BACKEND", "CELERY_RESULT_EXPIRES", "CELERY_ENABLE_UTC"],
    ],
    ids=lambda names: names[0] + "-" + names[1] + "-" + names[3],
)
def test_all_values_are_in_force_afterwards(
    celery_at: Callable[[str], RealCelery],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    version: str,
    names: list[str],
) -> None:
    (tmp_path / "proj.py").write_text(PROJ)
    text = "".join(f"{name} = {value!r}\n" for name, value in zip(names, WANTED.values(), strict=True))
    (tmp_path / "celeryconfig.py").write_text(text)
    (tmp_path / "requirements.txt").write_text("celery>=5.3\n")
    follow(tmp_path, capsys)
    for setting, value in WANTED.items():
        asked = celery_at(version).evaluate(f"app.conf.{setting}", "from proj import app", root=tmp_path)
        assert asked.works()
        assert asked.value == value
