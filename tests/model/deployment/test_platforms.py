"""Task runners, pipelines, platforms' own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.model.deployment.read import deployment_of, placed, services_of, texts

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW = """\
name: ci
on: [push]
env:
  A: workflow
  B: workflow
jobs:
  test:
    runs-on: ubuntu-latest
    services:
      redis:
        image: redis:7
        env: {X: y}
    env:
      B: job
      TOKEN: ${{ secrets.TOKEN }}
      URL: redis://${{ env.HOST }}:6379
    steps:
    - uses: actions/checkout@v4
    - run: |
        pip install celery
        celery -A shop worker &
    - name: step
      env: {C: step}
      run: D=inline celery -A shop beat
"""


RENDER = """\
services:
- type: redis
  name: cache
- type: worker
  name: w
  startCommand: celery -A shop worker
  envVars:
  - key: A
    value: b
  - key: R
    fromService: {name: cache, type: redis, property: connectionString}
  - fromGroup: g
envVarGroups:
- name: g
  envVars:
  - {key: G, value: h}
"""
TASK = """\
[{"name": "w", "image": "x", "command": ["celery", "-A", "shop", "worker"],
  "environment": [{"name": "A", "value": "b"}, {"name": "T", "value": "redis://${host}"}],
  "secrets": [{"name": "S", "valueFrom": "arn"}]}]
"""


def test_a_workflow_has_three_levels(tmp_path: Path) -> None:
    services = services_of(tmp_path, {".github/workflows/ci.yml": WORKFLOW})
    assert texts(services["test"]) == {"A": "workflow", "B": "job", "TOKEN": None, "URL": None}
    assert texts(services["step"]) == {
        "A": "workflow",
        "B": "job",
        "TOKEN": None,
        "URL": None,
        "C": "step",
        "D": "inline",
    }
    assert (services["redis"].image, texts(services["redis"])) == ("redis:7", {"X": "y"})
    assert [one.app for one in services["test"].commands] == ["shop"]
    assert [one.what for one in services["step"].commands] == ["beat"]
    assert services["test"].commands[0].location.line == 21
    token = services["test"].variable("TOKEN")
    assert token is not None
    assert placed(tmp_path, token) == ("TOKEN", "${{ secrets.TOKEN }}")


def test_gitlab(tmp_path: Path) -> None:
    text = (
        "stages: [test]\nvariables:\n  A: b\n  URL: redis://$HOST\n  HOST2: h\n"
        "  E: redis://$HOST2\n  D: {value: x, description: y}\n"
        ".base:\n  variables: {Z: z}\ntest:\n  variables: {A: own}\n  script:\n    - celery -A shop worker\n"
    )
    services = services_of(tmp_path, {".gitlab-ci.yml": text})
    assert texts(services["test"]) == {"URL": None, "HOST2": "h", "E": "redis://h", "D": "x", "A": "own"}
    assert texts(services["variables"])["A"] == "b"
    assert services["test"].commands[0].app == "shop"


@pytest.mark.parametrize(
    ("text", "wanted", "apps"),
    [
        ('[tool.poe.tasks]\nw = "celery -A shop worker"\n', {}, ["shop"]),
        ('[tool.poe.tasks.w]\ncmd = "celery -A shop worker"\nenv = { A = "b" }\n', {"A": "b"}, ["shop"]),
        ('[tool.poe.tasks.w]\nshell = """\nA=b celery -A shop worker\n"""\n', {"A": "b"}, ["shop"]),
        ('[tool.poe]\nenv = { A = "b" }\n[tool.poe.tasks]\nw = "celery -A shop worker"\n', {"A": "b"}, ["shop"]),
        ('[tool.poe.env]\nA.default = "b"\n', {"A": "b"}, []),
        ('[tool.pdm.scripts]\nw = {cmd = ["celery -A shop worker"], env = {A = "b"}}\n', {"A": "b"}, ["shop"]),
        ('[tool.taskipy.tasks]\nw = "celery -A shop worker"\n', {}, ["shop"]),
        ('[tool.hatch.envs.dev]\nenv-vars = { A = "b" }\n', {"A": "b"}, []),
        ('[tool.hatch.envs.dev.scripts]\nw = ["echo", "celery -A shop worker"]\n', {}, ["shop"]),
        ('[project.scripts]\nw = "celery.x:y"\n', {}, []),
        ("[tool.poe.tasks\nbroken", {}, []),
    ],
)
def test_pyproject(tmp_path: Path, text: str, wanted: dict[str, str], apps: list[str]) -> None:
    found: dict[str, str | None] = {}
    commands = []
    for service in deployment_of(tmp_path, {"pyproject.toml": text}).services:
        found.update(texts(service))
        commands += [one.app for one in service.commands]
    assert (found, commands) == (wanted, apps)


def test_tox_pipfile_and_package_json(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "tox.ini": (
            "[tox]\nenvlist = py\n[testenv]\nsetenv =\n    A = redis://h\n    B = {env:X}\ncommands =\n"
            "    celery -A x worker\n[testenv:lint]\nset_env = C=d\n"
        ),
        "Pipfile": '[scripts]\nw = "celery -A shop worker"\n',
        "package.json": '{"scripts": {"w2": "celery -A shop beat", "x": "node"}}',
    }
    services = services_of(tmp_path, files)
    assert texts(services["testenv"]) == {"A": "redis://h", "B": None}
    assert texts(services["testenv:lint"]) == {"C": "d"}
    assert services["testenv"].commands[0].app == "x"
    assert services["w"].commands[0].what == "worker"
    assert services["w2"].commands[0].what == "beat"
    a = services["testenv"].variable("A")
    assert a is not None
    assert placed(tmp_path, a) == ("A", "redis://h")


@pytest.mark.parametrize(
    ("path", "text", "wanted", "apps"),
    [
        (
            "app.json",
            '{"env": {"A": "b", "C": {"value": "d"}, "E": {"generator": "secret"}}}',
            {"A": "b", "C": "d", "E": None},
            [],
        ),
        ("app.json", '{"environments": {"test": {"env": {"A": "b"}}}}', {"A": "b"}, []),
        (
            "fly.toml",
            "[env]\nA = 'b'\nP = 8080\n[processes]\nw = 'celery -A shop worker'\n",
            {"A": "b", "P": "8080"},
            ["shop"],
        ),
        ("fly.prod.toml", '[env]\nA = "b"\n', {"A": "b"}, []),
        (
            "render.yaml",
            RENDER,
            {"A": "b", "R": None, "G": "h"},
            ["shop"],
        ),
        (
            "heroku.yml",
            "build:\n  config: {A: b}\nrun:\n  w: celery -A shop worker\n  b:\n    command: [celery -A x beat]\n",
            {"A": "b"},
            ["shop", "x"],
        ),
        ("railway.worker.json", '{"deploy": {"startCommand": "celery -A shop worker"}}', {}, ["shop"]),
        (
            "infra/task_definition.json",
            TASK,
            {"A": "b", "T": None, "S": None},
            ["shop"],
        ),
    ],
)
def test_platforms(tmp_path: Path, path: str, text: str, wanted: dict[str, str | None], apps: list[str]) -> None:
    found: dict[str, str | None] = {}
    commands = []
    for service in deployment_of(tmp_path, {path: text}).services:
        found.update(texts(service))
        commands += [one.app for one in service.commands]
    assert (found, commands) == (wanted, apps)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.json", '{"env": {"A": "redis://h"}}'),
        ("fly.toml", "[env]\nA = 'redis://h'\n"),
        ("render.yaml", "services:\n- name: w\n  envVars:\n  - key: A\n    value: redis://h\n"),
        ("heroku.yml", "setup:\n  config:\n    A: redis://h\n"),
        (".gitlab-ci.yml", "variables:\n  A: redis://h\n"),
        ("pyproject.toml", '[tool.poe.env]\nA = "redis://h"\n'),
        (
            "task-def.json",
            '{"containerDefinitions": [{"image": "x", "environment": [{"name": "A", "value": "redis://h"}]}]}',
        ),
    ],
)
def test_places(tmp_path: Path, path: str, text: str) -> None:
    (service,) = deployment_of(tmp_path, {path: text}).services
    variable = service.variable("A")
    assert variable is not None
    assert placed(tmp_path, variable) == ("A", "redis://h")
