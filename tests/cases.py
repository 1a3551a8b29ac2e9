"""Case files: one text file holds a small project and what is expected of it.

The format is that of ``shared/cases/run.py``: a TOML head, then files, each under a line ``-- path --``. In a rule's
folder (``tests/rules/cbl301/``) the head has

    about = "why this is reported, or why it is not"
    expect = [["celeryconfig.py", 2]]          # path and line of every finding of that rule, advice included
    severities = ["error"]                     # optional: theirs, in order of path and line
    says = ["sentinel"]                        # optional: text that the findings' messages hold, in order
    args = ["--target-celery", "5.4"]          # optional: more arguments
    untracked = [".env"]                       # optional: written, not added to git
    secret = ["s3cret"]                        # optional: text that no output may contain
    encodings = {"requirements.txt" = "utf-16"}  # optional
    brings = ["CBL504"]                        # optional: what only shows once the finding is fixed: a backend loads
    celery = ["5.3.6"]                         # optional: only these releases can load it (default: all)
    load = false                               # optional: no Celery here can load it (a file, a package is missing)
    entry = "wsgi"                             # optional, in tests/oracle/styles only: the module that is loaded, where
                                               # that is not the app's
    apps = [["proj", "redis", "literal"]]      # optional, in tests/oracle/styles only: name or "*", kind and source of
                                               # the result backend of each app, by path and line

``bad_*.txt`` expect something, ``good_*.txt`` nothing.

``fix_*.txt`` say what ``--fix`` makes of a project. The expected content of each file that changes or appears stands
under ``-- after:path --``; every other file stays as it is. Their head has

    about = "what is fixed"
    fix_args = ["--unsafe-fixes"]              # optional: given to --fix
    refused = "tracked by git"                 # optional: nothing changes, and this is told as the reason
    conf = { result_expires = "86400" }        # optional: repr() of what real Celery has in app.conf afterwards
    environment = { REDIS_URL = "redis://h" }  # optional: the variables that it is loaded with
    untracked, encodings, celery, load, entry  # optional: as above
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).parent


class Case(NamedTuple):
    """A case file, read."""

    path: Path
    head: dict[str, Any]
    files: dict[str, str]
    after: dict[str, str]

    @property
    def code(self) -> str:
        """The rule that the case's folder is named for."""
        return self.path.parent.name.upper()

    def write(self, root: Path) -> Path:
        """Write the project below ``root``, without git. Returns ``root``."""
        for path, text in self.files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.encoded(path, text))
        return root

    def encoded(self, path: str, text: str) -> bytes:
        """The bytes of a file of the case."""
        return text.encode(self.head.get("encodings", {}).get(path, "utf-8"))

    def build(self, root: Path) -> Path:
        """Write the project below ``root`` and add what is tracked to git. Returns ``root``."""
        self.write(root)
        for path, data in empty_repository():
            if data is None:
                (root / path).mkdir()
            else:
                (root / path).write_bytes(data)
        tracked = [path for path in self.files if path not in self.head.get("untracked", [])]
        if tracked:
            git(root, "add", "-f", "--", *tracked)
        return root


@cache
def empty_repository() -> tuple[tuple[Path, bytes | None], ...]:
    """The folders (None) and files that ``git init`` makes, asked once: there are thousands of projects to build.

    Without the examples of hooks, which take longer to write and to remove than the projects.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        git(root, "init", "-q", "--template=", "-b", "main")
        made = sorted(root.rglob("*"))
        return tuple((path.relative_to(root), path.read_bytes() if path.is_file() else None) for path in made)


def git(root: Path, *arguments: str) -> None:
    """Run git in a folder, away from the user's configuration and from any repository that a hook named."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_CONFIG_GLOBAL"] = os.devnull
    subprocess.run(["git", *arguments], cwd=root, env=environment, check=True, capture_output=True)


def read_case(path: Path) -> Case:
    """Read a case file."""
    head: list[str] = []
    files: dict[str, str] = {}
    after: dict[str, str] = {}
    into, name = files, None
    for line in re.findall(r"[^\n]*\n|[^\n]+", path.read_bytes().decode("utf-8")):
        header = re.fullmatch(r"-- (\S+) --\s*", line)
        if header:
            into, name = (after, header[1][6:]) if header[1].startswith("after:") else (files, header[1])
            into[name] = ""
        elif name is None:
            head.append(line)
        else:
            into[name] += line
    return Case(path, tomllib.loads("".join(head)), files, after)


def rule_cases() -> list[Case]:
    """Every case of what rules report below ``tests/rules``, sorted."""
    return [read_case(path) for path in sorted((HERE / "rules").glob("cbl*/[bg]*.txt"))]


def fix_cases() -> list[Case]:
    """Every case of what ``--fix`` makes of a project below ``tests/rules``, sorted."""
    return [read_case(path) for path in sorted((HERE / "rules").glob("cbl*/fix_*.txt"))]
