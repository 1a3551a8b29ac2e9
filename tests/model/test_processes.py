"""What counts as running beat and as cleaning up, and what only looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_backend_lint.model.processes import (
    beat_command,
    beat_sign,
    cleanup_sign,
    deploys_something,
    references_to_results,
    runs_default_app,
    runs_worker,
    scheduled_cleanup,
)
from tests.model.build import model_of

if TYPE_CHECKING:
    from pathlib import Path

APP = "from celery import Celery\n\napp = Celery('shop')\n"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Procfile", "clock: celery -A tasks beat\n"),
        ("docker-compose.yml", "services:\n  x:\n    command: celery -A tasks beat -l info\n"),
        ("local.yml", "services:\n  x:\n    command: [celery, -A, tasks, beat]\n"),
        (
            "compose.yaml",
            "services:\n  x:\n    command:\n      - celery\n      - -A\n      - tasks\n      - worker\n      - -B\n",
        ),
        ("docker-compose.yml", "services:\n  celery-beat:\n    image: shop\n"),
        ("Dockerfile", 'CMD ["celery", "-A", "tasks", "beat"]\n'),
        ("docker/Dockerfile.worker", "CMD celery -A tasks worker --beat\n"),
        ("Makefile", "run:\n\tcelery -A tasks worker -EB\n"),
        ("entrypoint.sh", "celery -A tasks worker \\\n  -l info \\\n  -B\n"),
        ("bin/start", "exec celery -A tasks beat\n"),
        ("deploy/beat.service", "[Service]\nExecStart=/srv/run\n"),
        ("supervisord.conf", "[program:celerybeat]\ncommand=/srv/run\n"),
        ("k8s/templates/beat.yaml", "args: {{ .Values.args }}\n"),
        ("justfile", "clock:\n  celery -A tasks beat\n"),
        ("package.json", '{"scripts": {"clock": "celery -A tasks beat"}}\n'),
        ("celery_beat.py", "print()\n"),
        ("pyproject.toml", '[tool.poe.tasks]\nclock = "celery -A tasks beat"\n'),
    ],
)
def test_a_file_that_starts_beat_is_a_sign(tmp_path: Path, path: str, text: str) -> None:
    model = model_of(tmp_path, {"tasks.py": APP, path: text})
    assert beat_command(model.project, model.deployment) is not None
    assert beat_sign(model.project, model.manifests, model.deployment) is not None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("schedule.py", "CELERY_BEAT_SCHEDULE = {}\n"),
        ("schedule.py", "CELERYBEAT_SCHEDULE = {}\n"),
        ("schedule.py", "INSTALLED_APPS = ['django_celery_beat']\n"),
        ("schedule.py", "sender.add_periodic_task(10, f.s())\n"),
        ("schedule.py", "app.Beat(loglevel='info').run()\n"),
        ("schedule.py", "app.worker_main(['worker', '-B'])\n"),
        ("fabfile.py", "run('celery -A tasks beat')\n"),
        ("requirements.txt", "celery-redbeat\n"),
    ],
)
def test_code_and_packages_for_beat_are_signs(tmp_path: Path, path: str, text: str) -> None:
    model = model_of(tmp_path, {"tasks.py": APP, path: text})
    assert beat_sign(model.project, model.manifests, model.deployment) is not None
    assert beat_command(model.project, model.deployment) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Procfile", "worker: celery -A tasks worker --without-heartbeat\n"),
        ("Procfile", "# clock: celery -A tasks beat\n"),
        ("Dockerfile", "RUN python -B setup.py\nCMD celery -A tasks worker\n"),
        ("compose.yml", "services:\n  worker:\n    command: celery worker  # not beat\n"),
        ("compose.yml", "services:\n  log:\n    image: elastic/filebeat\n"),
        ("heartbeat.sh", "curl example.org\n"),
        ("README.md", "Run `celery -A tasks beat`.\n"),
        ("tests/test_beat.py", "app.conf.beat_schedule = {}\n"),
        ("other.py", "# CELERY_BEAT_SCHEDULE = {}\nheartbeat = 3\n"),
        ("data/fixture.json", '{"title": "beat"}\n'),
        ("pnpm-lock.yaml", "beat: 1\n"),
        (".gitignore", "celerybeat-schedule\ncelerybeat.pid\n"),
        (".dockerignore", "beat\n"),
        ("setup.cfg", "[flake8]\nexclude = .git,celerybeat-schedule\n"),
    ],
)
def test_what_only_looks_like_beat_is_no_sign(tmp_path: Path, path: str, text: str) -> None:
    model = model_of(tmp_path, {"tasks.py": APP, path: text})
    assert beat_sign(model.project, model.manifests, model.deployment) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("clean.py", "app.backend.cleanup()\n"),
        ("clean.py", "TaskResult.objects.filter(x=1).delete()\n"),
        ("clean.py", "collection.create_index('date_done', expireAfterSeconds=60)\n"),
        ("clean.sql", "DELETE FROM celery_taskmeta WHERE date_done < now();\n"),
        ("cron.sh", "celery -A tasks call celery.backend_cleanup\n"),
    ],
)
def test_a_clean_up_of_the_projects_own_is_found(tmp_path: Path, path: str, text: str) -> None:
    assert cleanup_sign(model_of(tmp_path, {"tasks.py": APP, path: text}).project, ("database", "mongodb")) is not None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("clean.py", "# app.backend.cleanup()\nfiles.cleanup()\n"),
        ("tests/test_clean.py", "app.backend.cleanup()\n"),
        ("clean.sh", "psql -c 'select * from celery_taskmeta'\n"),
        ("clean.py", "TaskResult.objects.all()\n"),
    ],
)
def test_reading_results_is_no_clean_up(tmp_path: Path, path: str, text: str) -> None:
    assert cleanup_sign(model_of(tmp_path, {"tasks.py": APP, path: text}).project, ("database", "mongodb")) is None


def test_a_scheduled_clean_up_is_found_by_the_name_of_its_task(tmp_path: Path) -> None:
    text = "beat_schedule = {'clean': {'task': 'celery.backend_cleanup'}}\n"
    found = scheduled_cleanup(model_of(tmp_path, {"tasks.py": APP, "celeryconfig.py": text}).project)
    assert found is not None
    assert (found.path, found.line) == ("celeryconfig.py", 1)


def test_a_clean_up_that_is_only_spoken_of_is_not_scheduled(tmp_path: Path) -> None:
    files = {
        "tasks.py": APP + "# 'celery.backend_cleanup' does it\n",
        "tests/test_x.py": "call('celery.backend_cleanup')\n",
    }
    assert scheduled_cleanup(model_of(tmp_path, files).project) is None


def test_fields_that_point_at_results_are_found_outside_of_migrations(tmp_path: Path) -> None:
    field = "x = models.ForeignKey('django_celery_results.TaskResult', on_delete=models.CASCADE)\n"
    files = {
        "tasks.py": APP,
        "shop/models.py": field,
        "shop/migrations/0001.py": field,
        "shop/other.py": "from django_celery_results.models import TaskResult\n",
        "shop/more.py": "y = models.OneToOneField(to=GroupResult, null=True)\n",
    }
    found = references_to_results(model_of(tmp_path, files).project)
    assert [place.path for place in found] == ["shop/models.py", "shop/more.py"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docker-compose.yml", "services:\n  x:\n    command: celery --broker redis://queue worker\n"),
        ("Dockerfile", 'CMD ["celery", "worker"]\n'),
        ("Procfile", "worker: celery worker --loglevel=INFO\n"),
        ("Makefile", "run:\n\tpoetry run celery beat\n"),
        ("start.sh", "exec python -m celery \\\n  worker\n"),
        ("worker.service", "[Service]\nExecStart=/srv/venv/bin/celery worker\n"),
    ],
)
def test_a_command_without_an_app_runs_the_default_one(tmp_path: Path, path: str, text: str) -> None:
    model = model_of(tmp_path, {"shop.py": APP, path: text})
    assert runs_default_app(model.project, model.deployment)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docker-compose.yml", "services:\n  x:\n    command: celery -A shop worker\n"),
        ("docker-compose.yml", "services:\n  x:\n    container_name: celery worker\n"),
        ("Dockerfile", 'CMD ["celery", "--app=shop", "worker"]\n'),
        ("Makefile", "run:\n\tcelery $(APP) worker\n\tpython manage.py celery worker\n"),
        ("start.sh", "# celery worker\necho celery worker\ncelery multi start w1\ncelery flower\n"),
        ("run.sh", "celery \\\n  worker \\\n  -A shop\n"),
    ],
)
def test_a_command_with_an_app_does_not_run_the_default_one(tmp_path: Path, path: str, text: str) -> None:
    model = model_of(tmp_path, {"shop.py": APP, path: text})
    assert not runs_default_app(model.project, model.deployment)


def test_a_command_over_several_lines_is_told_where_it_begins(tmp_path: Path) -> None:
    text = "services:\n  x:\n    command:\n      - celery\n      - -A\n      - tasks\n      - worker\n      - -EB\n"
    model = model_of(tmp_path, {"tasks.py": APP, "compose.yaml": text})
    sign = beat_command(model.project, model.deployment)
    assert sign is not None
    assert (sign.location.path, sign.location.line) == ("compose.yaml", 4)


@pytest.mark.parametrize(
    ("path", "text", "default"),
    [
        ("compose.yml", "services:\n  x:\n    image: y\n    command: celery -b redis://h worker\n", True),
        ("compose.yml", "services:\n  x:\n    image: y\n    entrypoint: celery -A shop\n    command: worker\n", False),
        ("Dockerfile", 'FROM x\nENTRYPOINT ["celery", "-A", "shop"]\nCMD ["worker"]\n', False),
        ("run.sh", "python manage.py celery worker\n", False),
        ("run.sh", "celery $OPTIONS worker\n", False),
        ("sv.conf", "[program:x]\ncommand=celery worker\n  --app=shop\n", False),
        ("k8s/x.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - args: [celery, worker]\n", True),
    ],
)
def test_which_commands_run_the_default_app(tmp_path: Path, path: str, text: str, default: bool) -> None:
    model = model_of(tmp_path, {"tasks.py": APP, path: text})
    assert runs_default_app(model.project, model.deployment) is default


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Procfile", "jobs: celery -A tasks worker\n"),
        ("compose.yaml", "services:\n  x:\n    command: [celery, --app=tasks, worker]\n"),
        ("compose.yaml", "services:\n  x:\n    command: /start-celeryworker\n"),
        ("deploy/celery-worker.service", "[Service]\nExecStart=/srv/run\n"),
        ("bin/start", "exec celery \\\n  -A tasks \\\n  worker\n"),
        ("run.py", "from tasks import app\n\napp.worker_main(['worker'])\n"),
        ("README.md", "    $ celery -A tasks worker -l info\n"),
        ("docs/running.rst", "Run ``python manage.py celeryd``.\n"),
    ],
)
def test_these_run_a_worker(path: str, text: str, tmp_path: Path) -> None:
    model = model_of(tmp_path, {"tasks.py": APP, path: text})
    assert runs_worker(model.project, model.deployment)


@pytest.mark.parametrize(
    ("path", "text", "deploys"),
    [
        ("Procfile", "web: gunicorn shop.wsgi\n", True),
        ("compose.yaml", "services:\n  # celery -A tasks worker\n  web:\n    image: shop\n", True),
        (".github/workflows/ci.yml", "jobs:\n  test:\n    steps:\n      - run: pytest\n", False),
        ("Makefile", "test:\n\tpytest\n", False),
        ("settings.py", "CELERY_WORKER_SEND_TASK_EVENTS = True  # what a celery worker tells\n", False),
        ("README.md", "The Celery worker picks it up.\n", False),
    ],
)
def test_these_run_no_worker(path: str, text: str, deploys: bool, tmp_path: Path) -> None:
    model = model_of(tmp_path, {"tasks.py": APP, path: text})
    assert not runs_worker(model.project, model.deployment)
    assert deploys_something(model.deployment) is deploys
