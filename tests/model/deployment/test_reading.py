"""Which files are read when, which commands are an app's, and that no bytes in any role break the reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_backend_lint.model.deployment.formats import role_of
from celery_backend_lint.model.deployment.reading import Deployment
from celery_backend_lint.project.discovery import open_project
from tests.model.deployment.read import deployment_of

if TYPE_CHECKING:
    from pathlib import Path

ROLES = [
    "docker-compose.yml", "stack.yml", "Dockerfile", "Procfile", "k8s/x.yaml", "chart/values.yaml",
    "chart/templates/x.yaml", "kustomization.yaml", "x.service", "supervisor.conf", "Makefile", "run.sh", "bin/start",
    "justfile", "pyproject.toml", "tox.ini", "Pipfile", "package.json", ".github/workflows/x.yml", ".gitlab-ci.yml",
    "app.json", "fly.toml", "render.yaml", "heroku.yml", "railway.json", "task-definition.json",
    "docker-compose.override.yml", ".env", ".envrc",
]  # fmt: skip
PIECES = [
    b"services:\n", b"  web:\n", b"    image: x\n", b"    environment:\n", b"      - A=b\n", b"      B: ${C:-d}\n",
    b"    extends: web\n", b"    build: ..\n", b"    command: [celery, -A, x]\n", b"<<: *a\n", b"x: &a\n", b"{{ x }}",
    b"{% if %}", b"\xff\xfe", b"\x00", b"\x85", b"\xe2\x80\xa8", b"'", b'"', b"\\\n", b"`", b"$(", b"${",
    b"kind: ConfigMap\n", b"apiVersion: v1\n", b"containers:\n", b"- env:\n", b"  - name: A\n", b"    value: b\n",
    b"data: {A: b}\n", b"metadata: {name: x}\n", b"ENV A=b\n", b"ENV A\n", b'CMD ["celery", "-A"]\n', b"FROM x\n",
    b"[Service]\n", b"Environment=A=b\n", b"ExecStart=celery -A\n", b"[program:x]\n", b'environment=A="b",\n',
    b"command=celery -A x worker\n", b"export A=b\n", b"A=b celery worker\n", b"#!/bin/sh\n",
    b"celery -A x worker -b\n", b"w: celery -A\n", b"\t", b"  ", b"\r\n", b"[tool.poe.tasks]\n",
    b'a = "celery -A x"\n', b"[env]\n", b"A = 1979-05-27\n", b"[testenv]\n", b"setenv = A=b\n", b"[scripts]\n",
    b'{"env": {"A": {}}}', b"envVars:\n", b"  - key: A\n", b"jobs: {x: {steps: [{run: 1}]}}\n", b"variables: {A: }\n",
    b"include .env\n", b"set dotenv-load\n", b"- ", b"? ", b": ", b"[", b"]", b"{", b"}", b"*a", b"|\n", b">\n",
]  # fmt: skip


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.dictionaries(
        st.sampled_from(ROLES),
        st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join)),
        min_size=1,
        max_size=3,
    )
)
def test_no_bytes_in_any_role_break_it(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    root = tmp_path_factory.mktemp("bytes")
    deployment = deployment_of(root, dict(files))
    for service in deployment.services:
        for variable in service.variables:
            assert variable.location.line >= 1
            assert variable.value is None or not variable.unknown
    assert deployment.commands is not None
    assert list(deployment.setting("A")) is not None
    assert list(deployment.env_files()) is not None


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.sampled_from(ROLES), st.lists(st.sampled_from(PIECES), max_size=10))
def test_no_secret_is_in_a_repr(tmp_path_factory: pytest.TempPathFactory, path: str, pieces: list[bytes]) -> None:
    secret = b"hunter2hunter2"
    text = b"".join(piece.replace(b"=b", b"=" + secret).replace(b": b", b": " + secret) for piece in pieces)
    deployment = deployment_of(tmp_path_factory.mktemp("secret"), {path: text})
    assert secret.decode() not in repr(deployment.services)
    assert secret.decode() not in repr(deployment.commands)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("docker-compose.yml", "yaml"),
        ("a/b.yaml", "yaml"),
        ("a/b.yaml.j2", "yaml"),
        ("pnpm-lock.yaml", ""),
        ("Dockerfile.prod", "dockerfile"),
        ("Procfile", "procfile"),
        ("celery.service", "unit"),
        ("celery.service.in", "unit"),
        ("bin/start", "maybe script"),
        ("run.sh", "script"),
        ("settings.toml", ""),
        ("fly.toml", "fly"),
        ("data.json", ""),
        ("ecs-worker.json", "json"),
        ("README", "maybe script"),
        ("image.png", ""),
        (".gitignore", ""),
        ("x.tmpl", ""),
    ],
)
def test_roles_by_name(path: str, role: str) -> None:
    assert role_of(path) == role


class Counting(Deployment):
    """Counts which files are parsed."""

    __slots__ = ("parsed",)

    def __init__(self, root: Path) -> None:
        super().__init__(open_project([str(root)], str(root)))
        self.parsed: list[str] = []

    def _of(self, path: str):  # type: ignore[no-untyped-def]
        self.parsed.append(path)
        return super()._of(path)


def test_only_files_that_mention_what_is_asked_for_are_parsed(tmp_path: Path) -> None:
    deployment_of(
        tmp_path,
        {f"compose.{n}.yml": f"services:\n  w:\n    image: x\n    environment:\n      V{n}: x\n" for n in range(9)},
    )
    deployment = Counting(tmp_path)
    assert [service.path for service, _ in deployment.setting("V3")] == ["compose.3.yml"]
    assert deployment.parsed == ["compose.3.yml"]


def test_case_counts_where_it_does(tmp_path: Path) -> None:
    deployment = deployment_of(tmp_path, {"Procfile": "w: REDIS_url=a celery worker\n", "x.sh": "export REDIS_URL=b\n"})
    assert [one.text for _, one in deployment.setting("REDIS_URL")] == ["b"]
    assert [one.text for _, one in deployment.setting("redis_url", case_sensitive=False)] == ["b"]


@pytest.mark.parametrize(
    ("folder", "app", "path", "wanted"),
    [
        (".", "shop", "shop/celery.py", True),
        (".", "shop", "src/shop/celery.py", True),
        (".", "shop.celery", "shop/celery.py", True),
        (".", "shop.celery:app", "shop/celery.py", True),
        (".", "shop.celery.app", "shop/celery.py", True),
        (".", "shop", "shop/__init__.py", True),
        (".", "tasks", "tasks.py", True),
        (".", "shop", "workshop/celery.py", False),
        (".", "shop", "other/celery.py", False),
        (".", "$APP", "shop/celery.py", False),
        ("./one", "tasks", "one/tasks.py", True),
        ("./one", "tasks", "two/tasks.py", False),
        ("./one/docker", "tasks", "one/tasks.py", True),
    ],
)
def test_commands_for_an_app(tmp_path: Path, folder: str, app: str, path: str, wanted: bool) -> None:
    text = f"services:\n  w:\n    build: {folder}\n    command: celery -A {app} worker\n"
    deployment = deployment_of(tmp_path, {"compose.yml": text, path: ""})
    assert bool(deployment.commands_for(path)) is wanted


@pytest.mark.parametrize(
    "data", ["services:\n  w:\n    image: é\n".encode("utf-16"), b"services:\n\xff\xfe", b"\0" * 50]
)
def test_files_that_are_no_text_say_nothing(tmp_path: Path, data: bytes) -> None:
    assert isinstance(deployment_of(tmp_path, {"compose.yml": data}).services, tuple)


def test_what_is_far_too_large_or_too_deep_is_left_out(tmp_path: Path) -> None:
    deep = "".join(f"{' ' * n}a:\n" for n in range(400))
    large = "services:\n  w:\n    image: x\n    environment:\n" + "".join(f"      A{n}: x\n" for n in range(60_000))
    assert deployment_of(tmp_path, {"deep.yml": "services:\n image: x\n" + deep, "compose.yml": large}).services == ()
