"""The projects of ``running_projects/``: small ones in a file each, in the format of tests/cases.py. Their head has

about = "what kind of project it is"
task = "shop.tasks.add"                    # the task that adds two numbers
environment = ["BROKER_URL"]               # optional: variables for the broker's URL that the project has already
expires = 3600                             # optional: seconds that it keeps results; a day where nothing says it
web = "service.main"                       # optional: the module of the web application
[before.redis]                             # optional: what stands in place of `{{name}}` where redis is what is to come
backend = 'result_backend = "rpc://"'
[written]                                  # optional: text that the user puts at the end of files after `configure`

``{{queue}}`` is the name of a queue that is the test's own; plain_password.txt has more of that kind.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from celery_backend_lint.record import record
from tests.cases import Case, read_case

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent / "running_projects"


@record
class WrittenProject:
    """A project in a folder and in git, with the head of its file."""

    root: Path
    head: dict[str, Any]

    def finish(self) -> None:
        """Write what a user would after ``configure``: a task, where the project had none."""
        for name, text in self.head.get("written", {}).items():
            with (self.root / name).open("a", encoding="utf-8") as file:
                file.write(text)

    @property
    def requirements(self) -> tuple[str, ...]:
        """Everything that the manifests name, sorted."""
        found: set[str] = set()
        if (self.root / "requirements.txt").exists():
            lines = (self.root / "requirements.txt").read_text(encoding="utf-8").splitlines()
            found.update(line.strip() for line in lines if line.strip() and not line.startswith("#"))
        if (self.root / "pyproject.toml").exists():
            table = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
            found.update(table["project"]["dependencies"])
        return tuple(sorted(found))


def write_project(name: str, root: Path, backend: str = "", **texts: str) -> WrittenProject:
    """Write a project as it is before ``backend`` is configured below ``root`` and add it to git.

    ``texts`` are those of markers that only the test knows.
    """
    case = read_case(HERE / f"{name}.txt")
    texts = {**texts, **case.head.get("before", {}).get(backend, {})}
    files = {path: _filled(text, texts) for path, text in case.files.items()}
    root.mkdir()
    Case(case.path, case.head, files, {}).build(root)
    return WrittenProject(root, case.head)


def _filled(text: str, texts: dict[str, str]) -> str:
    """The text with each marker replaced; a line that was a marker and is now empty goes."""
    for name, value in texts.items():
        if not value:
            text = re.sub(rf"(?m)^[ ]*\{{\{{{name}\}}\}}\n", "", text)
        text = text.replace(f"{{{{{name}}}}}", value)
    assert "{{" not in text, text
    return text
