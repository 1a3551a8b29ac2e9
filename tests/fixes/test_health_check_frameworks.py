"""The examples of docs/health_check.md do what it says; Django's own result backends are checked too."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from tests.fixes.probing import free_port, is_line, probe, project, write_project
from tests.oracle.environments import ROOT, environment

__all__ = ["project"]

SETTINGS = """\
    import os

    SECRET_KEY = "x"
    INSTALLED_APPS = ["django_celery_results"]
    DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "django.sqlite3"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "cached"}}
    USE_TZ = True
    ROOT_URLCONF = "proj.urls"
    ALLOWED_HOSTS = ["*"]
    CELERY_RESULT_BACKEND = os.environ["BACKEND"]
"""
DJANGO_APP = """\
    import os

    from celery import Celery

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "proj.settings")
    app = Celery("proj")
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.autodiscover_tasks()
"""
DJANGO = {
    "proj/__init__.py": 'from .celery import app as celery_app\n\n__all__ = ("celery_app",)\n',
    "proj/celery.py": DJANGO_APP,
    "proj/settings.py": SETTINGS,
    "proj/urls.py": "from django.urls import path\nfrom proj import views\nurlpatterns = [path('ready', views.ready)]",
}


def example(name: str) -> str:
    """The block of the documentation that has that name."""
    text = (ROOT / "docs/health_check.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1]


def ask(root: Path, script: str, python: str = sys.executable) -> list[str]:
    """The lines that a script prints with a backend that works, then with one that does not."""
    lines = []
    for backend in ("cache+memory://", f"redis://:hunter2@127.0.0.1:{free_port()}/0"):
        environ = {**os.environ, "BACKEND": backend, "DJANGO_SETTINGS_MODULE": "proj.settings"}
        command = [python, "-c", dedent(script)]
        done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "hunter2" not in done.stdout + done.stderr
        lines += done.stdout.splitlines()
    return lines


def test_django_view(project: Path) -> None:
    write_project(project, {**DJANGO, "proj/views.py": example("django")})
    script = """
        import django
        django.setup()
        from django.test import Client
        print(Client().get("/ready").status_code)
    """
    assert ask(project, script) == ["200", "503"]


def test_flask_view(project: Path) -> None:
    write_project(project, {"web.py": example("flask")})
    script = """
        import os
        del os.environ["DJANGO_SETTINGS_MODULE"]
        import proj.celery, web
        print(web.web.test_client().get("/ready").status_code)
    """
    assert ask(project, script) == ["200", "503"]


def test_fastapi_view(project: Path) -> None:
    write_project(project, {"web.py": example("fastapi")})
    python = environment("celery[redis]==5.6.3", "fastapi", "httpx")
    script = """
        import os
        del os.environ["DJANGO_SETTINGS_MODULE"]
        import proj.celery, web
        from fastapi.testclient import TestClient
        print(TestClient(web.web).get("/ready").status_code)
    """
    assert ask(project, script, str(python)) == ["200", "503"]


def test_dockerfile_and_kubernetes_commands(project: Path) -> None:
    docker = example("docker").replace("\\\n", "").partition(" CMD ")[2]
    probed = yaml.safe_load(example("kubernetes"))["readinessProbe"]
    given = probed["exec"]["command"]
    assert float(given[-1]) + float(given[-3]) < probed["timeoutSeconds"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for backend, codes in (("cache+memory://", (0, 0)), (f"redis://127.0.0.1:{free_port()}", (1, 1)), ("", (1, 2))):
        environ = {**os.environ, "BACKEND": backend, "PATH": path}
        commands = (["sh", "-c", docker], given)
        done = [subprocess.run(one, cwd=project, env=environ, capture_output=True).returncode for one in commands]
        assert tuple(done) == codes


@pytest.mark.parametrize("backend", ["django-db", "django-cache"])
def test_django_result_backends_are_checked_and_kept_clean(project: Path, backend: str) -> None:
    write_project(project, {**DJANGO, "proj/urls.py": "urlpatterns = []\n"})
    before = probe(project, "--timeout", "20", BACKEND=backend)
    if backend == "django-db":  # there are no tables yet
        assert is_line(before.out, "unhealthy: DatabaseBackend: django.db.utils.OperationalError")
        assert (before.code, before.err) == (1, "")
    script = """
        import django, sys
        django.setup()
        from django.core.management import call_command
        call_command("migrate", verbosity=0)
    """
    environ = {**os.environ, "BACKEND": backend, "DJANGO_SETTINGS_MODULE": "proj.settings"}
    subprocess.run([sys.executable, "-c", dedent(script)], cwd=project, env=environ, check=True)
    after = probe(project, "--timeout", "20", BACKEND=backend)
    assert is_line(after.out, "healthy: ")
    assert (after.code, after.err) == (0, "")
    script = """
        import django
        django.setup()
        from django_celery_results.models import TaskResult
        print(TaskResult.objects.count())
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(script)], cwd=project, env=environ, capture_output=True, text=True
    )
    assert (done.stdout, list(project.glob("cached/*"))) == ("0\n", [])


def test_django_connection_of_the_checks_thread_is_closed(project: Path) -> None:
    write_project(project, {**DJANGO, "proj/urls.py": "urlpatterns = []\n"})
    script = """
        import django, os
        django.setup()
        from django.core.management import call_command
        call_command("migrate", verbosity=0)
        from django.db.backends.base.base import BaseDatabaseWrapper
        closed = []
        original = BaseDatabaseWrapper.close
        def close(self):
            closed.append(self.connection is not None)
            original(self)
        BaseDatabaseWrapper.close = close
        from proj.health import check_result_backend
        print(check_result_backend().message.split(":")[0], closed)
        from django.db import connection
        print(connection.connection is not None)
    """
    environ = {**os.environ, "BACKEND": "django-db", "DJANGO_SETTINGS_MODULE": "proj.settings"}
    done = subprocess.run(
        [sys.executable, "-c", dedent(script)], cwd=project, env=environ, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["healthy [True]", "True"], done.stderr
