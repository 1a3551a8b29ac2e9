"""The states of ``states/``: projects as `configure` may meet them, in the format of tests/cases.py. Their head has

about = "what kind of project it is"
args = ["--app", "proj/celery.py"]         # optional: given to configure
other = "shipping"                         # optional: a folder in which nothing changes
refused = "may not run"                    # optional: nothing changes whatever the backend, and this is told
told = ["`.env` line 3"]                   # optional: text that the summary holds for every backend
[tells]                                    # optional: by backend
redis = ["`Procfile` line 1"]
untracked = [".env"]                       # optional: written, not added to git
git = false                                # optional: no repository
crlf = true                                # optional: every file has Windows' line endings
entry = "wsgi"                             # optional: the module that is loaded, where that is not the app's
secret = ["s3cret"]                        # optional: text that no output holds
overridden = true                          # optional: the environment says another backend until people change it
kept = true                                # optional: the same once a URL of the project was moved to `.env`
"""

from __future__ import annotations

from pathlib import Path

from tests.cases import Case, read_case

HERE = Path(__file__).parent / "states"


def states() -> list[Case]:
    """Every state, by name."""
    return [read_case(path) for path in sorted(HERE.glob("*.txt"))]


def build(case: Case, root: Path) -> Path:
    """Write a state below ``root``, which is created. Returns ``root``."""
    root.mkdir()
    if case.head.get("crlf"):
        case = case._replace(files={path: text.replace("\n", "\r\n") for path, text in case.files.items()})
    return case.build(root) if case.head.get("git", True) else case.write(root)


def tree(root: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder, but for git's own."""
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(files)}
