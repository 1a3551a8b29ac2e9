"""Fix and configure copies of real projects, and check what comes of it: ``python scripts/fix_projects.py FOLDER…``.

Each folder is a git repository with a project in it. Nothing is changed there: it is cloned to ``--into``, and every
step starts from a clean clone:

- ``a``: ``--fix``; ``b``: ``--fix --unsafe-fixes``, both with ``--min-severity advice``
- ``c``: ``configure redis``; ``d``: ``configure database``, both with ``--no-input``
- ``e``: after ``c``, ``configure rpc`` and back to Redis

A step must end without a traceback and without a fix that is taken back; leave each Python, TOML and YAML file as
well-formed as it was; change no file but those that it names; change nothing where it refuses, and nothing when it is
run again. Fixes bring no finding, and what they took out of a source stands in no file that git would commit. What is
configured has no finding left of which ``not_done`` does not speak.

One line a project is printed when it is done: for each step the files changed, the findings fixed and left, or
``refused``, or the number of flaws; the flaws follow. What was changed is kept beside the clone as ``STEP.diff``, what
was printed as ``STEP.out``: they are to be read. With several apps the first is configured. Exits with 1 when there is
a flaw.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from celery_backend_lint.findings.masking import secrets_of_line  # noqa: E402 - found by the line above
from celery_backend_lint.syntax.grammars import parser as parser_of  # noqa: E402

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

STEPS = "abcde"
FIX = ["--fix", "--show-fixes", "--min-severity", "advice"]
COMMANDS = {
    "a": FIX,
    "b": [*FIX, "--unsafe-fixes"],
    "c": ["configure", "redis", "--no-input"],
    "d": ["configure", "database", "--no-input"],
    "e": ["configure", "rpc", "--no-input"],
}
TIMEOUT = 900
CREDENTIALS = frozenset({"CBL301", "CBL302"})
SHORTEST = 6
"""Characters of a credential that is looked for; shorter ones are words as well."""


class Step(NamedTuple):
    """What came of one step: what the table says of it, and what is wrong."""

    text: str
    flaws: list[str]


class Ran(NamedTuple):
    """What a run of the linter left behind."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """What it printed, all of it."""
        return f"{self.out}\n--- stderr ---\n{self.err}\n--- exit {self.code} ---\n"


def git(folder: Path, *arguments: str) -> bytes:
    """The output of git in a folder. Raises CalledProcessError."""
    return subprocess.run(["git", *arguments], cwd=folder, stdout=subprocess.PIPE, check=True).stdout


def lint(folder: Path, *arguments: str) -> Ran:
    """Run the linter on a folder."""
    command = [sys.executable, "-m", "celery_backend_lint", *arguments, "."]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder.parent), "LANG": "C.UTF-8"}
    try:
        ran = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Ran(-1, "", f"not finished after {TIMEOUT} seconds")
    return Ran(ran.returncode, ran.stdout.decode("utf-8", "replace"), ran.stderr.decode("utf-8", "replace"))


def check(folder: Path) -> dict[str, Any]:
    """The findings of a project, and its apps."""
    ran = lint(folder, "--min-severity", "advice", "--output-format", "json")
    try:
        found: dict[str, Any] = json.loads(ran.out)
    except ValueError:
        return {"apps": [], "findings": [], "failed": ran.said}
    return found


def changed_paths(folder: Path) -> list[str]:
    """The files that are not as they were committed, ignored ones among them."""
    lines = git(folder, "status", "--porcelain", "-z", "--ignored", "-uall").decode().split("\0")
    return sorted(line[3:] for line in lines if line)


def state(folder: Path) -> str:
    """A digest of all that was changed in a clone."""
    digest = hashlib.sha256()
    for path in changed_paths(folder):
        file = folder / path
        digest.update(path.encode() + b"\0" + (file.read_bytes() if file.is_file() else b"-") + b"\0")
    return digest.hexdigest()


def is_python(data: bytes) -> bool:
    """Whether the running Python takes a module."""
    try:
        ast.parse(data)
    except (SyntaxError, ValueError):
        return False
    return True


def syntax_errors(data: bytes) -> int:
    """What tree-sitter, which reads every Python since 2.7, cannot read of a module."""
    nodes, found = [parser_of("python").parse(data).root_node], 0
    while nodes:
        node = nodes.pop()
        found += node.is_error or node.is_missing
        nodes += node.children
    return found


def is_toml(data: bytes) -> bool:
    """Whether a file is TOML."""
    try:
        tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return False
    return True


def is_yaml(data: bytes) -> bool:
    """Whether a file is YAML, whatever its tags mean."""
    try:
        list(yaml.compose_all(data, yaml.SafeLoader))
    except yaml.YAMLError:
        return False
    return True


def broken(folder: Path) -> Iterator[str]:
    """The changed files that were well-formed and are not any more."""
    for path in changed_paths(folder):
        file = folder / path
        if not file.is_file():
            yield f"{path} is gone"
            continue
        after = file.read_bytes()
        tracked = git(folder, "ls-files", "--", path)
        before = git(folder, "show", f"HEAD:{path}") if tracked else b""
        if path.endswith(".py"):
            if is_python(before):
                if not is_python(after):
                    yield f"{path} does not compile any more"
            elif syntax_errors(after) > syntax_errors(before):
                yield f"{path} has more syntax errors than before"
        is_well_formed = is_toml if path.endswith((".toml", "Pipfile")) else is_yaml
        if path.endswith((".toml", "Pipfile", ".yml", ".yaml")) and is_well_formed(before) > is_well_formed(after):
            yield f"{path} does not parse any more"


def clean(folder: Path) -> None:
    """Make a clone what it was."""
    git(folder, "reset", "-q", "--hard")
    git(folder, "clean", "-qffdx")


def keep(folder: Path, step: str, ran: Ran) -> None:
    """Keep what a step changed and printed, to be read."""
    (folder.parent / f"{step}.out").write_text(ran.said)
    git(folder, "add", "-A", "-f", "--intent-to-add", ".")
    (folder.parent / f"{step}.diff").write_bytes(git(folder, "diff", "--no-color"))
    git(folder, "reset", "-q")


def went_wrong(folder: Path, ran: Ran, named: Iterable[str] | None) -> Iterator[str]:
    """What is wrong after any step. ``named`` are the files that it says it changed."""
    if "Traceback" in ran.err or ran.code not in (0, 1, 2):
        yield f"it crashed: {ran.err.strip()[-300:]}"
    for line in ran.err.splitlines():
        if "taken back" in line:
            yield line
    yield from broken(folder)
    changed = set(changed_paths(folder))
    if ran.code == 2 and changed:
        yield f"it failed and yet changed {', '.join(sorted(changed))}"
    if named is not None and changed != set(named):
        yield f"it named {sorted(named)} and changed {sorted(changed)}"


def again(folder: Path, *arguments: str) -> Iterator[str]:
    """What a second run like the first one changes."""
    before = state(folder)
    ran = lint(folder, *arguments)
    if state(folder) != before:
        yield "a second run changes something"
    if "taken back" in ran.err or "Traceback" in ran.err:
        yield f"a second run says {ran.err.strip()[-300:]}"


def places(findings: Iterable[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """How often each rule speaks of each file."""
    return Counter((one["code"], one["path"]) for one in findings)


def secrets_of(folder: Path, findings: Iterable[dict[str, Any]]) -> set[tuple[str, str, str]]:
    """The credentials that findings are about: rule, file and text."""
    found = set()
    for one in findings:
        if one["code"] in CREDENTIALS and one["severity"] != "advice":  # a stand-in stays
            lines = (folder / one["path"]).read_text(encoding="utf-8", errors="replace").splitlines()
            line = lines[one["line"] - 1] if one["line"] <= len(lines) else ""
            found |= {(one["code"], one["path"], line[start:end]) for start, end in secrets_of_line(line, one["path"])}
    return {one for one in found if len(one[2]) >= SHORTEST}


def fix(folder: Path, step: str, before: dict[str, Any]) -> Step:
    """Steps a and b."""
    clean(folder)
    secrets = secrets_of(folder, before["findings"])
    ran = lint(folder, *COMMANDS[step])
    keep(folder, step, ran)
    after = check(folder)
    flaws = list(went_wrong(folder, ran, None))
    elsewhere = "it also stands in" in ran.out
    old, new = places(before["findings"]), places(after["findings"])
    flaws += [f"new finding {code} in {path}" for code, path in new - old]
    changed = changed_paths(folder)
    if len(after["findings"]) == len(before["findings"]) and changed:
        flaws.append(f"no finding is gone, and yet it changed {', '.join(changed)}")
    left = {(code, path) for code, path in new}
    for code, path, secret in secrets:
        if not elsewhere and (code, path) not in left and secret.encode() in (folder / path).read_bytes():
            flaws.append(f"a credential of {code} still stands in {path}")
    flaws += again(folder, *COMMANDS[step])
    fixed = len(before["findings"]) - len(after["findings"])
    return Step(f"{len(changed)}f {fixed}/{len(before['findings'])}", flaws)


def named(folder: Path, app: dict[str, Any]) -> list[str]:
    """The option that names an app where there are several: its line moves with what is put in above it."""
    apps = check(folder)["apps"] if app["path"] else []
    here = [one for one in apps if one["path"] == app["path"]]
    if len(apps) < 2 or not here:
        return []
    nearest = min(here, key=lambda one: (one["name"] != app["name"], abs(one["line"] - app["line"])))
    return ["--app", f"{nearest['path']}:{nearest['line']}"]


def is_about(finding: dict[str, Any], app: dict[str, Any], apps: Iterable[dict[str, Any]]) -> bool:
    """Whether a finding is about an app; of several that are called alike the one that is nearest to it."""

    def nearness(one: dict[str, Any]) -> int:
        folders = zip(one["path"].split("/")[:-1], finding["path"].split("/")[:-1], strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], folders))

    if finding["path"] == app["path"] or finding["app"] != app["name"]:
        return bool(finding["path"] == app["path"])
    return nearness(app) >= max((nearness(one) for one in apps if one["name"] == app["name"]), default=0)


def configure(folder: Path, step: str, command: Sequence[str], app: dict[str, Any]) -> Step:
    """Steps c, d and the two of e; not from a clean clone."""
    before = state(folder)
    several = named(folder, app)
    arguments = [*command, *several, "--format", "json"]
    ran = lint(folder, *arguments)
    if ran.code != 0:
        keep(folder, step, ran)
        flaws = ["it refused and yet changed something"] if state(folder) != before else []
        if ran.code != 2 or "Traceback" in ran.err or not ran.err.strip():
            flaws.append(f"it crashed: {ran.err.strip()[-300:]}")
        return Step("refused", flaws)
    told = json.loads(ran.out)
    readable = lint(folder, *command, *named(folder, app))
    keep(folder, step, Ran(ran.code, f"{ran.out}\n{readable.out}", ran.err + readable.err))
    flaws = list(went_wrong(folder, ran, told["changed"] if step in "cd" else None))
    again_named = [*command, *named(folder, app), "--format", "json"]
    flaws += again(folder, *again_named)
    found = check(folder)
    left = [one for one in found["findings"] if is_about(one, app, found["apps"])]
    said = "\n".join(told["not_done"])
    elsewhere = any(" sets `" in one for one in told["reminders"])  # until people change that, it decides
    unsaid = [one for one in left if one["code"] not in said and not elsewhere]
    flaws += [f"left without a word: {one['code']} at {one['path']}:{one['line']}" for one in unsaid]
    return Step(f"{len(told['changed'])}f {len(told['not_done'])}nd {len(left)}l", flaws)


def steps_of(folder: Path, wanted: str) -> dict[str, Step]:
    """Take the wanted steps in a clone."""
    before = check(folder)
    if "failed" in before:
        return {"a": Step("failed", [before["failed"]])}
    found = {step: fix(folder, step, before) for step in "ab" if step in wanted}
    app = before["apps"][0] if before["apps"] else {"name": "", "path": "", "line": 0}
    if "d" in wanted:
        clean(folder)
        found["d"] = configure(folder, "d", COMMANDS["d"], app)
    if "c" in wanted or "e" in wanted:
        clean(folder)
        found["c"] = configure(folder, "c", COMMANDS["c"], app)
        if "e" in wanted and found["c"].text != "refused":
            after = {path: (folder / path).read_bytes() for path in changed_paths(folder)}
            there = configure(folder, "e", COMMANDS["e"], app)
            back = configure(folder, "e2", COMMANDS["c"], app)
            differs = [
                path
                for path in sorted({*after, *changed_paths(folder)})
                if not (folder / path).is_file() or after.get(path) != (folder / path).read_bytes()
            ]
            flaws = [*there.flaws, *back.flaws]
            found["e"] = Step(f"{there.text}, back {back.text}, {len(differs)} differ", flaws)
    return found


def campaign(source: Path, into: Path, wanted: str) -> dict[str, Step]:
    """Take the wanted steps on a fresh clone of a project."""
    home = into / source.name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    folder = home / source.name.rpartition("__")[2]
    try:
        subprocess.run(["git", "clone", "-q", "--local", str(source.resolve()), str(folder)], check=True)
        found = steps_of(folder, wanted)
        clean(folder)
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        return {wanted[0]: Step("failed", [f"{type(error).__name__}: {error}"])}
    return found


def main() -> int:
    """Print the table and the flaws. Returns 1 where there is a flaw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--into", type=Path, required=True, help="where the clones and the diffs go")
    parser.add_argument("--steps", default=STEPS)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    flawed = False
    print("project | " + " | ".join(f"({step})" for step in STEPS if step in arguments.steps), flush=True)
    folders = [folder for folder in arguments.folders if (folder / ".git").exists()]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(campaign, one, arguments.into, arguments.steps): one for one in folders}
        for done in as_completed(running):
            found = done.result()
            texts = []
            for step in (step for step in STEPS if step in arguments.steps):
                one = found.get(step, Step("-", []))
                texts.append(one.text + (f" FLAWS {len(one.flaws)}" if one.flaws else ""))
            print(f"{running[done].name} | " + " | ".join(texts), flush=True)
            for step, one in found.items():
                for flaw in one.flaws:
                    flawed = True
                    print(f"    ({step}) {flaw}", flush=True)
    return flawed


if __name__ == "__main__":
    raise SystemExit(main())
