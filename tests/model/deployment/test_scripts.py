"""Shell scripts, Procfiles, systemd units, supervisor, Makefiles and justfiles."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.model.deployment.read import deployment_of, placed, services_of, texts

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text",
    [
        "export A=b",
        "A=b\nexport A",
        "export A='b c' D=\"e f\"",
        "export A=x\nexport B=$A/0",
        "H=cache\nexport A=redis://$H:6379/0",
        'export A="${A:-redis://h}"',
        ': "${A:=redis://h}"\nexport A',
        "set -a\nA=b\nset +a\nC=d",
        "set -o allexport\nA=b",
        "A=b",
        "export A='$B'",
        "if true; then export A=b; fi",
        'export A="b" # why',
        "export A=b; export C=d",
        "export A=b\\\nc",
    ],
)
def test_what_a_script_exports_is_what_a_real_shell_exports(tmp_path: Path, text: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{text}\nenv"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    real = dict(line.split("=", 1) for line in done.stdout.splitlines() if line[0] in "ABCD" and line[1] == "=")
    found: dict[str, str | None] = {}
    for service in deployment_of(tmp_path, {"run.sh": text + "\n"}).services:
        found.update(texts(service))
    assert found == real


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("export A=$(date)", None),
        ("export A=`date`", None),
        ("export A=$B", None),
        ("export A=${B%%/*}", None),
    ],
)
def test_what_only_the_run_knows(tmp_path: Path, text: str, wanted: None) -> None:
    assert texts(services_of(tmp_path, {"run.sh": text})["run.sh"]) == {"A": wanted}


@pytest.mark.parametrize(
    ("path", "text", "apps"),
    [
        ("run.sh", "celery -A shop worker", ["shop"]),
        ("run.sh", "exec celery -A shop worker", ["shop"]),
        ("run.sh", "if [ $1 = w ]; then\n  celery -A shop worker\nelse\n  celery -A shop beat\nfi", ["shop", "shop"]),
        ("run.sh", "A=b celery -A shop worker &", ["shop"]),
        ("run.sh", "case $1 in\n  w) exec newrelic-admin run-program celery -A shop worker;;\nesac", ["shop"]),
        ("run.sh", "# celery -A shop worker", []),
        ("run.sh", 'echo "celery -A shop worker"', []),
        ("run.sh", "su app -c 'celery -A shop worker'", ["shop"]),
        ("run.sh", "python manage.py celery worker", [""]),
        ("bin/start", "#!/usr/bin/env bash\ncelery -A shop worker\n", ["shop"]),
        ("bin/data", "celery -A shop worker\n", []),
        ("Procfile", "web: gunicorn shop\nworker: celery -A shop worker\n# beat: celery -A shop beat\n", ["shop"]),
        ("Procfile.dev", "w: A=1 celery -A shop worker\n", ["shop"]),
        ("Makefile", "w:\n\t@celery -A shop worker\n", ["shop"]),
        ("Makefile", "w:\n\tA=b celery \\\n\t  -A shop worker\n", ["shop"]),
        ("Makefile", "# celery -A shop worker\nAPP = celery -A x worker\n", []),
        ("justfile", "set dotenv-load\nw:\n  celery -A shop worker\n  @just {{x}}\n", ["shop"]),
        ("x.service", "[Service]\nExecStart=/venv/bin/celery -A shop worker \\\n  -l info\n", ["shop"]),
        ("x.service.j2", "[Service]\nExecStart=-{{ venv }}/bin/celery -A shop worker\n", ["shop"]),
        ("sv.conf", "[program:w]\ncommand=celery worker\n  --app=shop\n  -n %(program_name)s@%%h -B\n", ["shop"]),
        ("sv.conf", "[server]\ncommand=celery -A shop worker\n", []),
        ("supervisord.conf.prod", "[program:w]\ncommand={{ venv }}/bin/celery -A shop worker\n", ["shop"]),
    ],
)
def test_commands(tmp_path: Path, path: str, text: str, apps: list[str]) -> None:
    found = [command for service in deployment_of(tmp_path, {path: text}).services for command in service.commands]
    assert [command.app for command in found] == apps


def test_what_is_set_for_one_command_is_set(tmp_path: Path) -> None:
    service = services_of(tmp_path, {"Procfile": "w: A=b celery -A shop worker\n"})["w"]
    (variable,) = service.variables
    assert (variable.name, variable.value) == ("A", "b")


def test_a_command_of_manage_py_is_no_command_of_the_default_app(tmp_path: Path) -> None:
    (service,) = deployment_of(tmp_path, {"run.sh": "python manage.py celery worker\ncelery worker\n"}).services
    assert [(command.through, command.default_app) for command in service.commands] == [
        ("manage.py", False),
        ("", True),
    ]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("Environment=A=b", {"A": "b"}),
        ('Environment="A=b c" C=d', {"A": "b c", "C": "d"}),
        ("Environment='A=b'", {"A": "b"}),
        ("Environment=A=b \\\n  C=d", {"A": "b", "C": "d"}),
        ("Environment=A=%i", {"A": None}),
        ("Environment=A=50%%", {"A": "50%"}),
        ("#Environment=A=b", {}),
        ("Environment=", {}),
        ("Environment = A=b", {"A": "b"}),
    ],
)
def test_units(tmp_path: Path, lines: str, wanted: dict[str, str | None]) -> None:
    text = f"[Service]\n{lines}\nEnvironmentFile=-/etc/default/x\nEnvironmentFile=deploy/.env\n"
    service = services_of(tmp_path, {"x.service": text})["x.service"]
    assert texts(service) == wanted
    assert [use.path for use in service.env_files] == ["deploy/.env"]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ('environment=A="b",C="d"', {"A": "b", "C": "d"}),
        ("environment=A=b,C=d", {"A": "b", "C": "d"}),
        ('environment=\n  A="b",\n  C="d,e"', {"A": "b", "C": "d,e"}),
        ("environment=A='b'", {"A": "b"}),
        ('environment=A="%(ENV_X)s"', {"A": None}),
        ('environment=A="50%%"', {"A": "50%"}),
        ("; environment=A=b", {}),
    ],
)
def test_supervisor(tmp_path: Path, lines: str, wanted: dict[str, str | None]) -> None:
    text = f'[supervisord]\nenvironment=S="1"\n[program:w]\ncommand=celery -A x worker\n{lines}\n'
    assert texts(services_of(tmp_path, {"sv.ini": text})["w"]) == {"S": "1", **wanted}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("export A=b\n", {"A": "b"}),
        ("export A := b\n", {"A": "b"}),
        ("export A ?= b # why\n", {"A": "b"}),
        ("w: export A = b\nw:\n\techo\n", {"A": "b"}),
        ("A = b\n", {}),
        ("A = b\nexport\n", {"A": "b"}),
        ("H = cache\nexport A = redis://$(H):6379\n", {"A": "redis://cache:6379"}),
        ("export A = $(shell date)\n", {"A": None}),
        ("export A = $(X)\n", {"A": None}),
        ("w:\n\tA=b celery -A x worker\n", {"A": "b"}),
        ("w:\n\texport A=b && celery -A x worker\n", {"A": "b"}),
        ("export A = a$$b\n", {"A": "a$b"}),
    ],
)
def test_makefiles(tmp_path: Path, text: str, wanted: dict[str, str | None]) -> None:
    assert texts(services_of(tmp_path, {"Makefile": text})["Makefile"]) == wanted


def test_env_files_of_make_and_just(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "Makefile": "include .env\n-include ./x/.env.local\nexport\n",
        "justfile": "set dotenv-load\n",
    }
    services = services_of(tmp_path, files)
    assert [use.path for use in services["Makefile"].env_files] == [".env", "x/.env.local"]
    assert [use.path for use in services["justfile"].env_files] == [".env"]
    assert texts(services_of(tmp_path, {"justfile": "export A := \"b\"\nexport B := env('X')\n"})["justfile"]) == {
        "A": "b",
        "B": None,
    }


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("run.sh", "export A='redis://h'\n"),
        ("Procfile", "w: A=redis://h celery worker\n"),
        ("x.service", '[Service]\nEnvironment="A=redis://h"\n'),
        ("sv.conf", '[program:w]\nenvironment=X="1",A="redis://h"\n'),
        ("Makefile", "export A := redis://h\n"),
        ("justfile", 'export A := "redis://h"\n'),
    ],
)
def test_places(tmp_path: Path, path: str, text: str) -> None:
    (service,) = deployment_of(tmp_path, {path: text}).services
    variable = service.variable("A")
    assert variable is not None
    assert placed(tmp_path, variable) == ("A", "redis://h")
