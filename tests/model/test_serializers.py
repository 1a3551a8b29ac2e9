"""Which serializers are registered, and what accept lists hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.serializers import accepted, effective, serializers_of, written_name
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

APP = "import os\nfrom celery import Celery\n\napp = Celery('shop', backend='redis://h', accept_content={})\n"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("['json', 'yaml']", ["json", "yaml"]),
        ("('json',)", ["json"]),
        ("{'application/json'}", ["application/json"]),
        ("{'json': 1}", ["json"]),
        ("os.getenv('A', 'yaml,json').split(',')", ["json", "yaml"]),
        ("os.environ['A'].split(',')", None),
        ("['json', os.environ['A']]", None),
        ("'json'", None),
        ("len(os.getenv('A', 'x'))", None),
    ],
)
def test_what_a_list_accepts(tmp_path: Path, written: str, wanted: list[str] | None) -> None:
    app = model_of(tmp_path, {"tasks.py": APP.format(written)}).apps[0]
    (value,) = effective(app, "accept_content")
    entries = accepted(value).entries
    assert (None if entries is None else [text for text, _ in entries]) == wanted


def test_a_setting_that_is_not_set_has_no_outcome_and_its_new_name(tmp_path: Path) -> None:
    app = model_of(tmp_path, {"tasks.py": APP.format("['json']")}).apps[0]
    assert effective(app, "result_serializer") == ()
    assert written_name(app, "result_serializer") == "result_serializer"


def test_a_variable_without_default_is_its_own_outcome(tmp_path: Path) -> None:
    app = model_of(tmp_path, {"tasks.py": APP.format("os.environ['A']")}).apps[0]
    assert len(effective(app, "accept_content")) == 1


def test_kombus_own_serializers_and_those_of_the_project_are_known(tmp_path: Path) -> None:
    files = {
        "tasks.py": APP.format("['json']"),
        "serial.py": "from kombu.serialization import register\nregister('own', f, g, 'application/x-own')\n",
    }
    model = model_of(tmp_path, files)
    found = serializers_of(model, model.apps[0])
    assert found.name_of("application/x-yaml") == "yaml"
    assert found.name_of("own") == "own"
    assert found.name_of("application/x-other") is None
    assert "application/x-own" in found.own_types
    assert not found.open


@pytest.mark.parametrize(
    "files",
    [
        {"serial.py": "from kombu.serialization import register\nregister(NAME, f, g, 'application/x-own')\n"},
        {"setup.cfg": "[options.entry_points]\nkombu.serializers =\n  own = shop:args\n"},
        {"requirements.txt": "celery\nkombu-fernet-serializers\n"},
    ],
)
def test_more_may_be_registered_than_can_be_seen(tmp_path: Path, files: dict[str, str]) -> None:
    model = model_of(tmp_path, {"tasks.py": APP.format("['json']"), **files})
    assert serializers_of(model, model.apps[0]).open
