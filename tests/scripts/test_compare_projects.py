"""The campaign script on small projects: stubs, fences, what it counts and what it calls contradicted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def campaign(tmp_path: Path, files: dict[str, str], code: int = 0) -> dict[str, Any]:
    """What the script says of a project of these files."""
    root = tmp_path / "project"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text))
    script = ROOT / "scripts" / "compare_projects.py"
    report = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, script, root, "--json", report], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Contradictions" in done.stdout
    [result] = json.loads(report.read_text())
    said: dict[str, Any] = result
    return said


def test_what_is_read_of_a_project_is_counted(tmp_path: Path) -> None:
    said = campaign(
        tmp_path,
        {
            "tasks.py": """\
                import os, subprocess
                from celery import Celery

                app = Celery("a", backend=os.environ["RESULTS"], broker="memory://", result_expires=60)
                app.conf.result_extended = bool(len(open(__file__).read()))
            """
        },
    )
    assert said["failure"] == ""
    assert said["counts"] == {
        "apps": 1, "loaded": 1, "set": 3, "confirmed": 2, "claimed": 2, "unknown": 1,
    }  # fmt: skip
    assert [place[2] for place in said["unknown"]] == ["result_extended"]


def test_modules_that_are_missing_are_stubbed_and_what_holds_one_does_not_count(tmp_path: Path) -> None:
    said = campaign(
        tmp_path,
        {
            "tasks.py": """\
                import no_such_thing
                from no_such_thing.deep import helper, Base
                from celery import Celery

                try:
                    import no_such_extra
                except ImportError:
                    no_such_extra = None

                class Mine(Base):
                    pass

                @helper
                def f(): ...

                app = Celery("a", backend="rpc://", result_expires=60)
                app.conf.result_serializer = no_such_thing.serializer
                app.conf.result_cache_max = 5 if no_such_extra is None else 6
                assert f is not None
            """
        },
    )
    assert said["stubbed"] == ["no_such_thing"]
    assert said["unloadable"] == []
    assert said["counts"]["confirmed"] >= 2
    assert all(place[2] != "result_serializer" for place in said["unknown"])


def test_a_file_that_has_no_say_may_be_broken_and_a_factory_is_called(tmp_path: Path) -> None:
    said = campaign(
        tmp_path,
        {
            "views.py": "print 'of Python 2'\n",
            "main.py": """\
                import views
                from celery import Celery

                def make(name):
                    return Celery(name, backend="rpc://")

                def start():
                    return make("a")
            """,
        },
    )
    assert said["unloadable"] == []
    assert (said["counts"]["loaded"], said["counts"].get("contradicted", 0)) == (1, 0)


def test_nothing_leaves_the_copy(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    said = campaign(
        tmp_path,
        {
            "tasks.py": f"""\
                import os, socket, subprocess
                from celery import Celery

                done = []
                for attempt in (
                    lambda: open({str(outside)!r}, "w"),
                    lambda: os.mkdir({str(outside)!r}),
                    lambda: socket.create_connection(("127.0.0.1", 9)),
                    lambda: subprocess.run(["true"]),
                ):
                    try:
                        attempt()
                    except OSError as error:
                        done.append(str(error))
                open("inside", "w").write("x")
                assert all("campaign allows no" in text for text in done) and len(done) == 4, done
                app = Celery("a", backend="rpc://")
            """
        },
    )
    assert said["unloadable"] == []
    assert not outside.exists()
    assert not (tmp_path / "project" / "inside").exists()


def test_a_contradiction_is_listed_and_fails_the_run(tmp_path: Path) -> None:
    said = campaign(
        tmp_path,
        {
            "tasks.py": """\
                import gc
                from celery import Celery

                app = Celery("a", backend="rpc://")
                [found] = [one for one in gc.get_objects() if type(one) is Celery]
                setattr(getattr(found, "co" "nf"), "result_extended", True)
            """
        },
        code=1,
    )
    [place] = said["contradictions"]
    assert place[1:3] == ["tasks.py:4", "result_extended"]
    assert place[3].startswith("is True, the static reading says False")


def test_what_celery_refuses_because_of_a_stub_is_no_contradiction_and_own_modules_may_have_any_name(
    tmp_path: Path,
) -> None:
    said = campaign(
        tmp_path,
        {
            "probe.py": "URL = 'rpc://'\n",
            "tasks.py": """\
                import no_such_thing
                from celery import Celery

                import settings
                from probe import URL

                app = Celery("a", backend=URL)
                app.conf.update(settings.CELERY)
                app.conf.beat_schedule = {"a": {"task": "b", "schedule": no_such_thing.every}, no_such_thing.name: 1}
            """,
            "settings.py": "CELERY = {'result_expires': 60}\n",
            "other.py": """\
                import logging

                import no_such_thing
                from celery import Celery

                logging.getLogger().setLevel(no_such_thing.level)
                b = Celery("b", backend="rpc://")
            """,
        },
    )
    assert said["contradictions"] == []
    assert (said["counts"]["loaded"], said["counts"]["confirmed"]) == (1, 2)
    assert [where for where, _ in said["unloadable"]] == ["other.py:7"]


def test_a_value_that_a_settings_class_does_not_take_is_no_contradiction(tmp_path: Path) -> None:
    said = campaign(
        tmp_path,
        {
            "conf.py": """\
                import os

                class ValidationError(Exception): ...

                if os.environ.get("RESULTS", "rpc://") != "rpc://":
                    raise ValidationError("RESULTS")
                result_backend = os.environ.get("RESULTS", "rpc://")
            """,
            "tasks.py": """\
                from celery import Celery

                app = Celery("a")
                app.config_from_object("conf")
            """,
        },
    )
    assert said["contradictions"] == []
    assert (said["counts"]["loaded"], said["counts"]["confirmed"]) == (1, 1)


def test_a_package_may_be_the_folder_that_python_is_started_in(tmp_path: Path) -> None:
    said = campaign(
        tmp_path,
        {
            "src/__init__.py": "",
            "src/celeryconfig.py": "result_backend = 'rpc://'\n",
            "src/app.py": """\
                from celery import Celery

                app = Celery("a")
                app.config_from_object("celeryconfig")
            """,
        },
    )
    assert (said["contradictions"], said["unloadable"]) == ([], [])
    assert (said["counts"]["loaded"], said["counts"]["confirmed"]) == (1, 1)
