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
    celery = ["5.3.6"]                         # optional: only these releases can load it (default: all)
    load = false                               # optional: no Celery here can load it (a file, a package is missing)
    entry = "wsgi"                             # optional, in tests/oracle/styles only: the module that is loaded, where
                                               # that is not the app's
    apps = [["proj", "redis", "literal"]]      # optional, in tests/oracle/styles only: name or "*", kind and source of
                                               # the result backend of each app, by path and line

``bad_*.txt`` expect something, ``good_*.txt`` nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
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

    @property
    def code(self) -> str:
        """The rule that the case's folder is named for."""
        return self.path.parent.name.upper()

    def write(self, root: Path) -> Path:
        """Write the project below ``root``, without git. Returns ``root``."""
        for path, text in self.files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode(self.head.get("encodings", {}).get(path, "utf-8")))
        return root

    def build(self, root: Path) -> Path:
        """Write the project below ``root`` and add what is tracked to git. Returns ``root``."""
        self.write(root)
        git(root, "init", "-q", "-b", "main")
        tracked = [path for path in self.files if path not in self.head.get("untracked", [])]
        if tracked:
            git(root, "add", "-f", "--", *tracked)
        return root


def git(root: Path, *arguments: str) -> None:
    """Run git in a folder, away from the user's configuration and from any repository that a hook named."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_CONFIG_GLOBAL"] = os.devnull
    subprocess.run(["git", *arguments], cwd=root, env=environment, check=True, capture_output=True)


def read_case(path: Path) -> Case:
    """Read a case file."""
    head: list[str] = []
    files: dict[str, str] = {}
    name = None
    for line in re.findall(r"[^\n]*\n|[^\n]+", path.read_bytes().decode("utf-8")):
        header = re.fullmatch(r"-- (\S+) --\s*", line)
        if header:
            name = header[1]
            files[name] = ""
        elif name is None:
            head.append(line)
        else:
            files[name] += line
    return Case(path, tomllib.loads("".join(head)), files)


def rule_cases() -> list[Case]:
    """Every case below ``tests/rules``, sorted."""
    return [read_case(path) for path in sorted((HERE / "rules").glob("cbl*/*.txt"))]
