"""What the repository says that a variable holds: who is believed before whom, and who is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.evaluate.values import Environment
from celery_backend_lint.location import Location
from celery_backend_lint.model.variable_evidence import DEPLOYMENT, ENV_FILE, EXAMPLE, SCRIPT, TEST
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

    from celery_backend_lint.model.variable_evidence import Said

APP = "import os\nfrom celery import Celery\n\napp = Celery('shop', backend={})\n"


def compose(value: str, lines: str = "build: .") -> str:
    return f"services:\n  w:\n    {lines}\n    environment:\n      R: {value}\n"


def said(root: Path, files: dict[str, str], near: str = "tasks.py") -> tuple[Said, ...]:
    model = model_of(root, {"tasks.py": APP.format("os.environ['R']"), **files})
    return model.evidence.of(Environment(("R",), None, "str", "os.environ", Location(near)), near)


COMPOSE, DOCKERFILE = compose("compose"), "FROM x\nENV R=dockerfile\n"
GIVEN = "services:\n  w:\n    build: .\n    env_file: .env\n"
SCRIPT_TEXT, WORKFLOW = "export R=script\n", "jobs:\n  t:\n    env:\n      R: workflow\n"


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        (
            {
                "docker-compose.yml": COMPOSE,
                "Dockerfile": DOCKERFILE,
                "run.sh": SCRIPT_TEXT,
                ".env": "R=env\n",
                ".env.example": "R=example\n",
                ".github/workflows/ci.yml": WORKFLOW,
            },
            ["compose", "dockerfile", "script", "env", "example"],
        ),
        ({".env.example": "R=example\n", "Dockerfile": DOCKERFILE}, ["dockerfile", "example"]),
        ({"docker-compose.yml": GIVEN, ".env": "R: env\n"}, ["env"]),
        ({"docker-compose.yml": GIVEN, ".env.example": "R: example\n"}, ["example"]),
        ({"docker-compose.yml": compose("${R}"), ".env": "R: env\n"}, ["env"]),
        ({".env": "R: env\n", ".env.example": "R: example\n"}, []),
        ({".github/workflows/ci.yml": WORKFLOW}, ["workflow"]),
        ({"tests/docker-compose.yml": COMPOSE, ".env.example": "R=example\n"}, ["example", "compose"]),
        ({"docker-compose.test.yml": COMPOSE, "docker-compose.yml": compose("real")}, ["real", "compose"]),
        ({"docker-compose.yml": compose("''"), ".env": "R=env\n"}, ["env"]),
        ({"docker-compose.yml": compose("${R}"), ".env": "R=env\n"}, ["env", "env"]),
        ({"docker-compose.yml": compose("${R}"), ".env.example": "R=example\n"}, ["example"]),
        ({"docker-compose.yml": compose("${X}"), ".env.example": "X=from-example\n"}, ["from-example"]),
        ({"docker-compose.yml": compose("${X}")}, []),
        ({"docker-compose.yml": compose("redis://${H}:6379")}, ["redis://{H}:6379"]),
        ({"docker-compose.yml": compose("redis://${H}:6379"), ".env.example": "H=h\n"}, ["redis://h:6379"]),
        ({"docker-compose.yml": compose("${X:-fallback}")}, ["fallback"]),
        ({"docker-compose.yml": compose("other", "image: redis:7")}, []),
        ({"docker-compose.yml": compose("other", "image: bitnami/postgresql")}, []),
        ({"docker-compose.yml": compose("other", "image: docker.elastic.co/elasticsearch/elasticsearch:8")}, []),
        ({"docker-compose.yml": compose("ours", "image: me/redis-shop:1")}, []),
        ({"docker-compose.yml": compose("ours", "image: me/shop:1")}, ["ours"]),
        ({"docker-compose.yml": compose("ours", "image: redis\n    build: .")}, ["ours"]),
    ],
)
def test_who_is_believed_first(tmp_path: Path, files: dict[str, str], wanted: list[str]) -> None:
    assert [one.value for one in said(tmp_path, files)] == wanted


def test_an_env_file_that_a_service_is_given_comes_before_another(tmp_path: Path) -> None:
    files = {
        ".env": "R=plain\n",
        "docker/prod.env": "R=given\n",
        "compose.yml": "services:\n  w:\n    build: .\n    env_file: docker/prod.env\n",
    }
    assert [one.value for one in said(tmp_path, files)] == ["given", "plain"]


def test_each_service_has_its_own(tmp_path: Path) -> None:
    code = APP.format("os.environ['R']")
    files = {
        "one/tasks.py": code,
        "one/requirements.txt": "celery\n",
        "two/tasks.py": code,
        "two/requirements.txt": "celery\n",
        "docker-compose.yml": (
            "services:\n  one:\n    build: ./one\n    environment: {R: redis://one}\n"
            "  two:\n    build: {context: two}\n    environment: [R=rpc://]\n"
        ),
    }
    model = model_of(tmp_path, files)
    assert [(app.path, app.result_backend.kind, app.result_backend.source) for app in model.apps] == [
        ("one/tasks.py", "redis", "environment"),
        ("two/tasks.py", "rpc", "environment"),
    ]


def test_the_service_that_runs_the_app_comes_first(tmp_path: Path) -> None:
    text = (
        "services:\n  a:\n    image: me/web\n    environment: {R: web}\n"
        "  b:\n    image: me/w\n    command: celery -A tasks worker\n    environment: {R: worker}\n"
    )
    assert [one.value for one in said(tmp_path, {"compose.yml": text})] == ["worker", "web"]


def test_what_is_given_to_a_front_end_says_nothing(tmp_path: Path) -> None:
    files = {"frontend/package.json": "{}", "frontend/Dockerfile": DOCKERFILE}
    assert said(tmp_path, files) == ()


def test_ranks_words_and_reprs(tmp_path: Path) -> None:
    files = {
        "docker-compose.yml": COMPOSE,
        "run.sh": SCRIPT_TEXT,
        ".env": "R=env\n",
        ".env.example": "R=example\n",
        "tests/compose.yml": COMPOSE,
    }
    found = said(tmp_path, files)
    assert [one.rank for one in found] == [DEPLOYMENT, SCRIPT, ENV_FILE, EXAMPLE, TEST]
    assert [one.strong for one in found] == [True, True, True, False, False]
    assert found[0].words == "docker-compose.yml sets R"
    assert "compose)" not in repr(found[0]).replace("docker-compose", "")
    assert found[0].location.line == 5


@pytest.mark.parametrize(
    ("backend", "files", "kind", "source", "alternatives"),
    [
        ("os.environ['R']", {"compose.yml": compose("redis://h")}, "redis", "environment", []),
        ("os.environ['R']", {".env.example": "R=rpc://\n"}, "rpc", "environment", []),
        (
            "os.environ['R']",
            {"compose.yml": compose("redis://h"), ".env": "R=rpc://\n", ".env.example": "R=mongodb://h\n"},
            "redis",
            "environment",
            [("rpc", ".env sets R")],
        ),
        (
            "os.getenv('R', 'rpc://')",
            {"compose.yml": compose("redis://h")},
            "rpc",
            "default",
            [("redis", "compose.yml sets R")],
        ),
        ("os.getenv('R', 'rpc://')", {".env.example": "R=redis://h\n"}, "rpc", "default", []),
        (
            "os.getenv('R', 'rpc://')",
            {".github/workflows/x.yml": WORKFLOW.replace("workflow", "redis://h")},
            "rpc",
            "default",
            [],
        ),
        ("os.getenv('R', 'rpc://')", {"compose.yml": compose("rpc://")}, "rpc", "default", []),
        ("os.getenv('R', 'rpc://')", {"compose.yml": compose("${X}")}, "rpc", "default", []),
        ("f\"redis://{os.environ['R']}\"", {"compose.yml": compose("rpc://")}, "redis", "environment", []),
        ("os.environ['R']", {"compose.yml": compose("no-backend-at-all")}, "unknown", "environment", []),
    ],
)
def test_what_evidence_makes_of_an_app(
    tmp_path: Path, backend: str, files: dict[str, str], kind: str, source: str, alternatives: list[tuple[str, str]]
) -> None:
    model = model_of(tmp_path, {"tasks.py": APP.format(backend), **files})
    found = model.apps[0].result_backend
    assert (found.kind, found.source) == (kind, source)
    assert [(one.kind, one.when) for one in found.alternatives] == alternatives


def test_a_password_in_a_deployment_file_is_masked(tmp_path: Path) -> None:
    model = model_of(
        tmp_path, {"tasks.py": APP.format("os.environ['R']"), "compose.yml": compose("redis://:s3cr3tpw@h/0")}
    )
    assert model.apps[0].result_backend.value == "redis://:***@h/0"
    assert "s3cr3tpw" not in repr(
        model.evidence.of(Environment(("R",), None, "str", "x", Location("tasks.py")), "tasks.py")
    )


def test_a_reader_that_folds_case_finds_both_spellings(tmp_path: Path) -> None:
    model = model_of(tmp_path, {"tasks.py": APP.format("'rpc://'"), "compose.yml": compose("redis://h")})
    read = Environment(("r",), None, "str", "pydantic", Location("tasks.py"), case_sensitive=False)
    assert [one.value for one in model.evidence.of(read, "tasks.py")] == ["redis://h"]
    assert model.evidence.of(Environment(("r",), None, "str", "x", Location("tasks.py")), "tasks.py") == ()


@pytest.mark.parametrize(
    ("one", "other", "lines", "wanted"),
    [
        ("redis://a", "redis://b", "", "redis://a"),
        ("redis://a", "rpc://", "", None),
        ("redis://a", "rpc://", "command: celery -A tasks worker", "rpc://"),
        ("redis://a", "rpc://", "build: ./src", "rpc://"),
    ],
)
def test_services_that_are_equally_near_have_to_agree(
    tmp_path: Path, one: str, other: str, lines: str, wanted: str | None
) -> None:
    text = (
        f"services:\n  a:\n    image: me/a\n    environment: {{R: '{one}'}}\n"
        f"  b:\n    image: me/b\n    environment: {{R: '{other}'}}\n    {lines}\n"
    )
    model = model_of(tmp_path, {"src/tasks.py": APP.format("os.environ['R']"), "compose.yml": text})
    read = Environment(("R",), None, "str", "os.environ", Location("src/tasks.py"))
    best = model.evidence.best(read, "src/tasks.py")
    assert (best.value if best is not None else None) == wanted
    found = model.apps[0].result_backend
    if wanted is None:
        assert (found.kind, found.source) == ("unknown", "environment")
        assert [other.kind for other in found.alternatives] == ["redis", "rpc"]


def test_the_plain_file_comes_before_those_for_other_occasions(tmp_path: Path) -> None:
    files = {"compose.dev.yml": compose("dev"), "compose.yml": compose("plain"), "compose.prod.yml": compose("prod")}
    assert [one.value for one in said(tmp_path, files)] == ["plain", "dev", "prod"]


def test_a_service_with_the_name_of_the_folder_is_meant(tmp_path: Path) -> None:
    services = "  x: {image: me/x, environment: {R: x}}\n  src: {image: me/y, environment: {R: src}}\n"
    text = f"services:\n{services}"
    assert said(tmp_path, {"compose.yml": text, "src/a.py": ""}, "src/a.py")[0].value == "src"
