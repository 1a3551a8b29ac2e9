"""Each fault of faults.py: the right step fails in time, the cause is named, nothing stays, no credential is shown."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.verify.conftest import Verify
from tests.verify.live.faults import FAULTS
from tests.verify.live.site import Fault

MOST = 10.0
"""Seconds that a run may take beyond its step's limit; loading Celery is most of it on a busy machine."""


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_a_fault_is_found(fault: Fault, connect: Verify, tmp_path: Path) -> None:
    with fault.start(tmp_path) as site:
        begun = time.monotonic()
        done = connect(site.files, *fault.arguments, "--format", "json")
        assert time.monotonic() - begun < float(fault.arguments[1]) + MOST
        [app] = done.json["apps"]
        failed = [step for step in app["live"]["steps"] if step["status"] == "failed"]
        assert [(step["name"], step["cause"]) for step in failed] == [(fault.step, fault.cause)]
        assert fault.says in failed[0]["message"]
        assert done.code == 1
        assert len(site.left()) == fault.left
        assert len(app["live"]["left"]) == fault.left + fault.doubtful
        assert not [secret for secret in site.secrets if secret in done.out + done.err]
