"""Code of dependencies that lies in a project is not the project's."""

from __future__ import annotations

from pathlib import Path

import pytest

from celery_backend_lint.project.discovery import open_project
from celery_backend_lint.project.vendored import foreign_folders, installed
from tests.project.repositories import commit, write

CELERY_SOURCE = ("app/defaults.py", "app/base.py", "backends/base.py", "worker/__init__.py")


def test_a_committed_virtual_environment_is_left_out_whole_with_a_note(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.py": "",
        "my_env/pyvenv.cfg": "",
        "my_env/lib/python3.9/site-packages/celery/app/base.py": "",
        "my_env/bin/activate": "",
    }
    project = open_project([], str(commit(write(tmp_path, files))))
    assert project.paths() == ("a.py",)
    assert [(note.path, note.reason) for note in project.notes] == [
        ("my_env", "is left out: a virtual environment, 3 files")
    ]


@pytest.mark.parametrize(
    ("paths", "folders"),
    [
        (["env/pyvenv.cfg", "env/app.py", "a.py"], {"env/"}),
        (["env/bin/activate", "env/lib/python2.7/site-packages/x.py", "env/lib/python2.7/os.py"], {"env/"}),
        (["env/Scripts/activate", "env/Lib/site-packages/x.py"], {"env/"}),
        (
            ["bin/activate", "lib/python2.7/site-packages/x.py", "a.py"],
            {"bin/", "lib/", "lib64/", "Lib/", "include/", "Include/", "Scripts/", "share/"},
        ),
        (
            ["app/pyvenv.cfg", "app/manage.py", "app/lib/x.py"],
            {f"app/{name}/" for name in ("bin", "lib", "lib64", "Lib", "include", "Include", "Scripts", "share")},
        ),
        ([".venv/bin/flask", ".venv/lib/python3.9/site-packages/x.py", ".venv/requirements.txt"], {".venv/"}),
        ([".venv/pyvenv.cfg", ".venv/bin/x", ".venv/lib/python3.9/site-packages/x.py", ".venv/setup.cfg"], {".venv/"}),
        (
            ["shop/bin/run", "shop/lib/python3.9/site-packages/x.py", "shop/requirements.txt", "shop/src/own.py"],
            {"shop/lib/python3.9/"},
        ),
        (["layer/lib/python3.9/site-packages/x.py", "layer/requirements.txt"], {"layer/lib/python3.9/"}),
        (["layer/python/lib/python3.9/site-packages/x.py", "layer/python/own.py"], {"layer/python/lib/python3.9/"}),
        (["debian/usr/lib/python3/dist-packages/x.py"], {"debian/usr/lib/python3/dist-packages/"}),
        (["front/node_modules/a/node_modules/b.py"], {"front/node_modules/"}),
        (["__pypackages__/3.9/lib/x.py"], {"__pypackages__/"}),
        ([f"vendored/celery/{name}" for name in CELERY_SOURCE], {"vendored/celery/"}),
        ([f"celery/{name}" for name in CELERY_SOURCE], {"celery/"}),
        (["bin/activate", "lib/util.py"], set()),
        (["celery/app/defaults.py", "celery/app/base.py"], set()),
        (["site-packages.py", "docs/site-packages.md"], set()),
    ],
)
def test_foreign_folders(paths: list[str], folders: set[str]) -> None:
    assert set(foreign_folders(paths)) == folders


def test_the_project_beside_its_environment_is_kept(tmp_path: Path) -> None:
    write(tmp_path, {"bin/activate": "", "lib/python2.7/site-packages/x.py": "", "shop/celery.py": "", "manage.py": ""})
    assert open_project([], str(commit(tmp_path))).paths() == ("manage.py", "shop/celery.py")


def test_packages_of_an_environment_are_known_by_their_paths() -> None:
    found = installed(
        [
            "venv/lib/python3.6/site-packages/celery-4.2.1.dist-info/METADATA",
            "old/lib/python2.7/site-packages/celery-3.1.25-py2.7.egg/celery/__init__.py",
            "venv/Lib/site-packages/Django_Celery_Results-2.5.1.dist-info/RECORD",
            "usr/lib/python3/dist-packages/kombu-5.3.4.egg-info",
            "venv/lib/python3.6/site-packages/redis/client.py",
            "docs/celery-4.2.1.dist-info/METADATA",
        ]
    )
    assert found == {
        "celery": {"4.2.1", "3.1.25"},
        "django_celery_results": {"2.5.1"},
        "kombu": {"5.3.4"},
    }
