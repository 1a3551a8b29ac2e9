"""Generated projects to measure on. The same arguments always write the same bytes."""

from __future__ import annotations

import random
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WORDS = (
    "account", "address", "amount", "article", "basket", "batch", "catalogue", "channel", "client", "column",
    "country", "currency", "customer", "delivery", "discount", "document", "email", "entry", "event", "export",
    "field", "filter", "folder", "group", "history", "image", "import", "index", "invoice", "item", "label",
    "language", "limit", "member", "message", "model", "month", "note", "number", "offer", "order", "owner",
    "parent", "payment", "period", "permission", "picture", "price", "product", "profile", "project", "quantity",
    "query", "range", "rate", "reason", "record", "region", "report", "request", "result", "role", "row", "rule",
    "schedule", "search", "session", "setting", "size", "source", "stage", "state", "status", "stock", "supplier",
    "table", "target", "task", "tax", "team", "template", "text", "ticket", "token", "total", "type", "unit",
    "user", "value", "version", "view", "week", "year",
)  # fmt: skip

CELERYCONFIG = """\
import os

broker_url = os.environ["BROKER_URL"]
result_backend = os.environ["CELERY_RESULT_BACKEND"]
result_serializer = "json"
accept_content = ["json"]
result_expires = 3600
"""

APP = """\
from celery import Celery

app = Celery("service")
app.config_from_object("celeryconfig")
"""

TASKS = """\
from service.worker import app


@app.task
def refresh(number):
    return number
"""

DJANGO_APP = """\
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")
app = Celery("site_")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
"""

DJANGO_SETTINGS = """\
import os

INSTALLED_APPS = ["django.contrib.auth", "django_celery_beat"]
CELERY_BROKER_URL = os.environ["CELERY_BROKER_URL"]
CELERY_RESULT_BACKEND = os.environ["CELERY_RESULT_BACKEND"]
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_EXPIRES = 60 * 60 * 24
"""

SHARED_TASKS = """\
from celery import shared_task


@shared_task
def refresh(number):
    return number
"""

ENV_EXAMPLE = """\
BROKER_URL=amqp://your_user_here:your_password_here@localhost:5672//
CELERY_BROKER_URL=amqp://your_user_here:your_password_here@localhost:5672//
CELERY_RESULT_BACKEND=redis://:your_redis_password_here@localhost:6379/0
"""


def module(generator: random.Random, size: int) -> str:
    """Python of about ``size`` bytes: classes, functions, dictionaries, no Celery."""
    parts = ['"""A generated module."""\n\nimport json\nimport os\n']
    length = 0
    while length < size:
        name, first, second, third = generator.sample(WORDS, 4)
        part = f'''

class {name.title()}{first.title()}:
    """Keeps the {first} of a {name}."""

    default_{second} = {{"{first}": {generator.randrange(1000)}, "{third}": ["{second}", "{name}"]}}

    def __init__(self, {first}, {second}=None):
        self.{first} = {first}
        self.{second} = {second} or os.environ.get("{second.upper()}", "{third}")

    def {third}_of(self, {name}):
        if {name} is None or {name} in self.default_{second}:
            return json.dumps(self.default_{second})
        return [{first} for {first} in {name} if {first} != self.{first}]
'''
        parts.append(part)
        length += len(part)
    return "".join(parts)


def write(root: Path, files: dict[str, str]) -> Path:
    """Write the files, commit them, and return the folder."""
    folders = set()
    for name, text in files.items():
        path = root / name
        if path.parent not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(path.parent)
        path.write_text(text, encoding="utf-8")
    git = ["git", "-c", "user.name=b", "-c", "user.email=b@example.org", "-c", "core.fsync=none"]
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run([*git, "commit", "-q", "-m", "generated"], cwd=root, check=True)
    return root


def filler(count: int, size: int, *, every: int = 0) -> dict[str, str]:
    """``count`` modules of about ``size`` bytes in packages of 25; every ``every``-th holds a task."""
    generator = random.Random(count)
    variants = [module(generator, int(size * generator.uniform(0.3, 1.7))) for _ in range(50)]
    files = {}
    for number in range(count):
        package = f"package_{number // 25:04}"
        files[f"{package}/__init__.py"] = ""
        text = variants[number % len(variants)]
        if every and number % every == 0:
            text = SHARED_TASKS + text
        files[f"{package}/{WORDS[number % len(WORDS)]}_{number}.py"] = text
    return files


def without_celery(root: Path) -> Path:
    """150 files that have nothing to do with Celery."""
    return write(root, {"requirements.txt": "flask\n", **filler(144, 5_000)})


def service(root: Path) -> Path:
    """A typical service: 150 files, one app, everything right."""
    files = filler(138, 5_000)
    files.update(
        {
            "celeryconfig.py": CELERYCONFIG,
            "service/__init__.py": "",
            "service/worker.py": APP,
            "service/tasks.py": TASKS,
            "service/more_tasks.py": TASKS,
            "requirements.txt": "celery[redis]==5.6.2\nflask\n",
            ".env.example": ENV_EXAMPLE,
            ".gitignore": ".env\n",
        }
    )
    return write(root, files)


def django(root: Path, count: int = 4_100, size: int = 6_800) -> Path:
    """A large Django project: with the defaults 4,300 files and 28 MB, every twentieth with tasks."""
    files = filler(count, size, every=20)
    files.update(
        {
            "manage.py": 'import os\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n',
            "site_/__init__.py": "from .celery import app as celery_app\n",
            "site_/celery.py": DJANGO_APP,
            "site_/settings.py": DJANGO_SETTINGS,
            "requirements.txt": "django\ncelery[redis]==5.6.2\ndjango-celery-beat\n",
            ".env.example": ENV_EXAMPLE,
            ".gitignore": ".env\n",
        }
    )
    return write(root, files)
