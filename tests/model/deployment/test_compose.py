"""docker compose files: both forms of environment, env files, commands, anchors, extends, overrides, interpolation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.model.deployment.read import deployment_of, placed, services_of, texts

if TYPE_CHECKING:
    from pathlib import Path

SHOP = """\
version: "3.9"
x-env: &env
  REDIS_URL: redis://cache:6379/0   # the cache
  DEBUG: "0"
x-app: &app
  build:
    context: ./backend
    dockerfile: docker/Dockerfile
  env_file:
    - .env
    - path: ./backend/.env.local
      required: false
services:
  web:
    <<: *app
    environment:
      <<: *env
      DEBUG: "1"
    command: gunicorn shop.wsgi
  worker:
    <<: *app
    environment:
      <<: [*env]
      C_FORCE_ROOT: 1
    command: celery -A shop worker -l info -B
  cache:
    image: redis:7
"""


def test_a_service_has_its_variables_env_files_folder_and_command(tmp_path: Path) -> None:
    services = services_of(tmp_path, {"docker-compose.yml": SHOP})
    worker = services["worker"]
    assert texts(worker) == {"C_FORCE_ROOT": "1", "REDIS_URL": "redis://cache:6379/0", "DEBUG": "0"}
    assert [(use.path, use.required) for use in worker.env_files] == [(".env", True), ("backend/.env.local", False)]
    assert (worker.folder, worker.built, worker.dockerfile) == ("backend", True, "backend/docker/Dockerfile")
    (command,) = worker.commands
    assert (command.what, command.app, command.beat) == ("worker", "shop", True)
    assert texts(services["web"])["DEBUG"] == "1"
    assert services["web"].commands == ()
    assert (services["cache"].image, services["cache"].built) == ("redis:7", False)
    assert worker.location.line == 20


def test_names_values_and_apps_know_where_they_stand(tmp_path: Path) -> None:
    services = services_of(tmp_path, {"docker-compose.yml": SHOP})
    worker = services["worker"]
    url = worker.variable("REDIS_URL")
    assert url is not None
    assert placed(tmp_path, url) == ("REDIS_URL", "redis://cache:6379/0")
    assert (url.location.line, url.name_location.span.column) == (3, 3)
    app = worker.commands[0].app_location
    assert app is not None
    assert (app.line, app.span.column, app.span.end_column) == (25, 24, 28)


@pytest.mark.parametrize(
    "path",
    ["compose.yml", "local.yml", "production.yaml", "compose.dev.yml", "docker/prod.override.yml", "deploy/stack.yml"],
)
def test_compose_is_known_by_its_content(tmp_path: Path, path: str) -> None:
    assert "worker" in services_of(tmp_path, {path: SHOP})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose-notes.yml", "a: 1\n"),
        ("mkdocs.yml", "nav:\n  - image\n"),
        ("openapi.yml", "openapi: 3\nx:\n  services:\n    image: y\n"),
        ("docker-compose.yml", "- services\n"),
        ("docker-compose.yml", "services:\n  - image: x\n"),
        ("docker-compose.yml", "services: text\nimage: x\n"),
        ("docker-compose.yml", ""),
    ],
)
def test_other_files_are_none(tmp_path: Path, path: str, text: str) -> None:
    assert services_of(tmp_path, {path: text}) == {}


def test_files_of_the_first_version_have_no_services(tmp_path: Path) -> None:
    text = "worker:\n  build: .\n  environment:\n    A: b\n  command: celery -A x worker\nredis:\n  image: redis\n"
    services = services_of(tmp_path, {"docker-compose.yml": text})
    assert texts(services["worker"]) == {"A": "b"}


@pytest.mark.parametrize(
    ("item", "name", "value", "at"),
    [
        ("- A=b", "A", "b", ("A", "b")),
        ("- A=b=c d", "A", "b=c d", ("A", "b=c d")),
        ('- "A=b"', "A", "b", ("A", "b")),
        ("- 'A=b'", "A", "b", ("A", "b")),
        ('- A="b"', "A", '"b"', ("A", '"b"')),  # the quotes are the value's own
        ("- A='b'", "A", "'b'", ("A", "'b'")),
        ("- A=", "A", "", ("A", "A")),
        ("- A=redis://h:6379/0 # c", "A", "redis://h:6379/0", ("A", "redis://h:6379/0")),
        ("- A", "A", None, ("A", "A")),
        ("- A=${B}", "A", None, ("A", "${B}")),
        ("- A=$$B", "A", "$B", ("A", "$$B")),
    ],
)
def test_the_list_form(tmp_path: Path, item: str, name: str, value: str | None, at: tuple[str, str]) -> None:
    text = f"services:\n  w:\n    image: shop\n    environment:\n      {item}\n"
    (variable,) = services_of(tmp_path, {"compose.yml": text})["w"].variables
    assert (variable.name, variable.value, variable.form) == (name, value, "compose list")
    assert placed(tmp_path, variable) == at


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("A: b", "b"),
        ("A: 'b'", "b"),
        ('A: "b c"', "b c"),
        ("A: 6379", "6379"),
        ("A: true", "true"),
        ("A: ''", ""),
        ("A: ${B:-redis://h}", "redis://h"),
        ("A: ${B-x}", "x"),
        ("A: ${B:-${C:-deep}}", "deep"),
        ("A: redis://${H:-cache}:${P:-6379}/0", "redis://cache:6379/0"),
        ("A: ${B:+set}", ""),
        ("A: ${B:?say it}", None),
        ("A: ${B}", None),
        ("A: $B", None),
        ("A:", None),
        ("A: ~", None),
    ],
)
def test_the_mapping_form_and_interpolation(tmp_path: Path, written: str, value: str | None) -> None:
    text = f"services:\n  w:\n    image: shop\n    environment:\n      {written}\n"
    (variable,) = services_of(tmp_path, {"compose.yml": text})["w"].variables
    assert variable.value == value


def test_what_is_not_known_keeps_its_name_and_the_rest(tmp_path: Path) -> None:
    text = "services:\n  w:\n    image: x\n    environment:\n      A: redis://:${PASSWORD}@${HOST}:6379/0\n"
    (variable,) = services_of(tmp_path, {"compose.yml": text})["w"].variables
    assert variable.text == "redis://:{PASSWORD}@{HOST}:6379/0"
    assert variable.unknown == ("PASSWORD", "HOST")
    assert variable.written == "redis://:${PASSWORD}@${HOST}:6379/0"


def test_composes_own_env_file_feeds_interpolation_and_passes_through(tmp_path: Path) -> None:
    files = {
        "docker/compose.yml": (
            "services:\n  w:\n    image: x\n    environment:\n      - A=${B}\n      - C\n      - D=${E:-x}\n"
        ),
        "docker/.env": "B=1\nC=2\nE=\n# F=3\n",
        ".env": "B=9\n",
    }
    assert texts(services_of(tmp_path, files)["w"]) == {"A": "1", "C": "2", "D": "x"}


def test_the_override_is_merged_over_its_base(tmp_path: Path) -> None:
    files = {
        "docker-compose.yml": (
            "services:\n  w:\n    image: shop\n    environment:\n      A: a\n      B: b\n"
            "    command: celery -A x worker\n"
        ),
        "docker-compose.override.yml": (
            "services:\n  w:\n    build: ./app\n    environment:\n      - B=over\n  extra:\n    image: y\n"
        ),
    }
    services = services_of(tmp_path, files)
    assert texts(services["w"]) == {"A": "a", "B": "over"}
    assert (services["w"].folder, services["w"].commands[0].app) == ("app", "x")
    over = services["w"].variable("B")
    assert over is not None
    assert over.location.path == "docker-compose.override.yml"
    assert set(services) == {"w", "extra"}


def test_a_file_to_be_put_over_another_takes_image_and_folder_from_it(tmp_path: Path) -> None:
    files = {
        "docker-compose.yml": "services:\n  w:\n    build: ./app\n",
        "docker-compose.prod.yml": "services:\n  w:\n    environment:\n      A: prod\n",
    }
    found = {service.path: service for service in deployment_of(tmp_path, files).services}
    assert found["docker-compose.prod.yml"].folder == "app"
    assert texts(found["docker-compose.prod.yml"]) == {"A": "prod"}


def test_extends_in_the_same_file_and_in_another(tmp_path: Path) -> None:
    files = {
        "compose.yml": (
            "services:\n  base:\n    image: shop\n    environment: {A: a, B: b}\n    command: celery -A x worker\n"
            "  w:\n    extends: base\n    environment: {B: own}\n"
            "  v:\n    extends:\n      file: common/services.yml\n      service: app\n    environment: [C=c]\n"
        ),
        "common/services.yml": "services:\n  app:\n    build: ..\n    environment:\n      D: d\n",
    }
    services = services_of(tmp_path, files)
    assert texts(services["w"]) == {"A": "a", "B": "own"}
    assert services["w"].commands[0].app == "x"
    assert texts(services["v"]) == {"D": "d", "C": "c"}
    assert (services["v"].built, services["v"].folder) == (True, "")


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  a:\n    image: x\n    extends: b\n  b:\n    extends: a\n",
        "services:\n  a:\n    image: x\n    extends: a\n",
        "services:\n  a:\n    image: x\n    extends:\n      file: compose.yml\n      service: a\n",
        "services:\n  a:\n    image: x\n    extends:\n      file: gone.yml\n      service: a\n",
        "services:\n  a:\n    image: x\n    extends:\n      file: ../../etc/passwd\n      service: a\n",
        "services:\n  a: &a\n    image: x\n    environment: *a\n",
        "services:\n  a:\n    image: x\n    environment:\n      - [A, b]\n      - {A: b}\n      - 1\n",
        "services:\n  a:\n    image: x\n    build: [1]\n    command: {a: b}\n    env_file: {a: b}\n",
        "services:\n  a:\n    image: x\n    build: https://github.com/x/y.git\n",
    ],
)
def test_cycles_and_nonsense_end(tmp_path: Path, text: str) -> None:
    assert "a" in services_of(tmp_path, {"compose.yml": text})


@pytest.mark.parametrize(
    "line", ['      B: "x', "      B: x: y", "\tB: x", "      B: [x, y", "<<<<<<< HEAD", "     B: x", "      - @x"]
)
def test_what_is_broken_leaves_the_rest(tmp_path: Path, line: str) -> None:
    text = f"services:\n  w:\n    image: x\n    environment:\n      A: b\n{line}\n      C: d\n  v:\n    image: y\n"
    services = services_of(tmp_path, {"compose.yml": text})
    assert texts(services["w"]) == {"A": "b", "C": "d"}
    assert "v" in services


@pytest.mark.parametrize(
    ("lines", "app", "what"),
    [
        ("command: celery -A shop worker", "shop", "worker"),
        ('command: ["celery", "-A", "shop", "worker"]', "shop", "worker"),
        ("command:\n      - celery\n      - -A\n      - shop\n      - worker", "shop", "worker"),
        ("command: >\n      celery -A shop\n      worker", "shop", "worker"),
        ("command: |\n      celery -A shop worker", "shop", "worker"),
        ('command: bash -c "sleep 5 && celery -A shop worker"', "shop", "worker"),
        ('command: ["sh", "-c", "celery -A shop worker"]', "shop", "worker"),
        ("command: sh -c 'python manage.py migrate; exec celery --app=shop beat'", "shop", "beat"),
        ("entrypoint: celery -A shop\n    command: worker -l info", "shop", "worker"),
        ('entrypoint: ["celery"]\n    command: ["-A", "shop", "worker"]', "shop", "worker"),
        ("entrypoint: ['bash', '-c']\n    command: ['celery -A shop worker']", "shop", "worker"),
        ("entrypoint: /entrypoint.sh\n    command: celery -A shop worker", "shop", "worker"),
        ("command: poetry run celery -A shop worker", "shop", "worker"),
        ("command: python -m celery -A shop worker", "shop", "worker"),
        ("command: /venv/bin/celery -A shop worker", "shop", "worker"),
        ("command: wait-for-it redis:6379 -- celery -A shop worker", "shop", "worker"),
        ("command: watchmedo auto-restart -d . -R -- celery -A shop worker", "shop", "worker"),
        ("command: celery worker -A shop", "shop", "worker"),
        ("command: celery -A shop.celery:app worker", "shop.celery:app", "worker"),
        ("command: celery -A $APP worker", "$APP", "worker"),
        ("command: celery -b redis://h worker", "", "worker"),
        ("command: celery -A shop flower", "shop", "flower"),
    ],
)
def test_commands_in_every_form(tmp_path: Path, lines: str, app: str, what: str) -> None:
    text = f"services:\n  w:\n    image: shop\n    {lines}\n"
    (command,) = services_of(tmp_path, {"compose.yml": text})["w"].commands
    assert (command.app, command.what) == (app, what)


@pytest.mark.parametrize(
    "lines",
    [
        "command: gunicorn shop",
        "command: docker-compose up celery worker",
        "command: pip install celery worker",
        "command: echo celery -A shop worker",
        "command: redis-server",
        "container_name: celery worker",
        "command: service celery start",
        "command: bash -c \"echo 'starting celery worker'\"",
        "command: celery-exporter --broker-url=redis://h",
    ],
)
def test_what_is_no_command_of_celery(tmp_path: Path, lines: str) -> None:
    text = f"services:\n  w:\n    image: shop\n    {lines}\n"
    assert services_of(tmp_path, {"compose.yml": text})["w"].commands == ()


def test_secrets_stay_out_of_every_repr(tmp_path: Path) -> None:
    text = (
        "services:\n  w:\n    image: x\n    environment:\n      A: redis://:s3cr3t@h\n      - B\n"
        "    command: celery -A x -b redis://:s3cr3t@h worker\n  v:\n    image: x\n    environment:\n      - A=s3cr3t\n"
    )
    assert "s3cr3t" not in repr(deployment_of(tmp_path, {"compose.yml": text}).services)


def test_a_template_of_a_project_is_read_through(tmp_path: Path) -> None:
    text = (
        "services:\n  w:\n    image: {{ cookiecutter.slug }}\n    environment:\n"
        "{%- if cookiecutter.x %}\n      A: b\n{%- endif %}\n      C: redis://{{ cookiecutter.host }}:6379\n"
    )
    service = services_of(tmp_path, {"{{cookiecutter.slug}}/compose.yml": text})["w"]
    assert texts(service)["A"] == "b"
    c = service.variable("C")
    assert c is not None
    assert (c.value, c.text) == (None, "redis://{…}:6379")
