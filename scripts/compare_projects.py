"""Compare what is read of real projects with what real Celery loads: ``python scripts/compare_projects.py FOLDER…``.

Each folder is a project. It is read statically; a copy of it is loaded by real Celery of each ``--python`` behind
fences, third-party modules that are missing there being stubbed (`campaign_loader`). The libraries that configuration
is read through must be installed beside that Celery: environ, environs, decouple, dotenv, pydantic_settings, django,
flask and so on. ``--fallback`` names interpreters that are tried where a project's app could not be loaded (one with
pydantic 1, say). Exits with 1 when anything is contradicted.

What is counted are the settings that the projects set for their result backends (``result_*`` and what only backends
read), once for each app outside of tests, over two environments: nothing set but what is required, everything set.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from celery_backend_lint.evaluate.resolve import UndeterminedError  # noqa: E402 - found by the line above
from celery_backend_lint.evaluate.values import parts_of  # noqa: E402
from celery_backend_lint.findings.masking import mask  # noqa: E402
from celery_backend_lint.model import facts  # noqa: E402
from celery_backend_lint.model.apps.creations import dotted_name  # noqa: E402
from celery_backend_lint.verify.comparison import NOT_CALLED, WHOLE, Comparison, claim, compare_app, default  # noqa: E402
from celery_backend_lint.verify.tags import untagged  # noqa: E402
from celery_backend_lint.verify.verification import module_of  # noqa: E402
from tests.oracle.compare import as_called, environments, likely_value, read  # noqa: E402
from tests.oracle.server import CeleryProcess  # noqa: E402

if TYPE_CHECKING:
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

STUB = "\N{REPLACEMENT CHARACTER}stub:"
MOST_TRIES = 60
MOST_REPLACED = 20
MOST_SECONDS = 25
FENCED = "the campaign allows no"
"""What the fence says (`campaign_loader`): Celery cannot read a configuration that asks the network for something."""
DJANGO = "DJANGO_SETTINGS_MODULE"
CHOSEN = (DJANGO, "DJANGO_CONFIGURATION")
MOST_STARTERS = 6
LARGEST_FILE = 2 << 20
TIMEOUT = 15
LEFT_OUT = (".git", "node_modules", ".venv", "venv", ".tox")
COUNTS = ("apps", "loaded", "set", "claimed", "confirmed", "conditional", "held", "contradicted", "unknown")
"""``conditional``: the value is read, it holds once a function is called that nothing is seen to call; ``held``: of
these, those that real Celery has once it is called. They are among neither the claimed nor the unknown."""

PYTHON_2 = (
    rb"(?m)^[ \t]*print[ \t]+[\"'%\w]|^[ \t]*except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:"
    rb"|^[ \t]*import[ \t]+(?:urllib2|ConfigParser|StringIO|cPickle)\b"
)
"""What only Python 2 takes."""
REQUIRED = (
    r"KeyError.*?'([A-Z][A-Z0-9_]+)'",
    r"([A-Z][A-Z0-9_]+) not found\. Declare it as envvar",
    r"Set the ([A-Z][A-Z0-9_]+) environment variable",
    r"nvironment variable \"?'?([A-Z][A-Z0-9_]+)\"?'? (?:not set|is not set|must|is required)",
    r"(?m)^([A-Za-z]\w+)\s+[Ff]ield required",
)
"""What readers of the environment say of a variable that is required and not set."""


class Place(NamedTuple):
    """A setting of an app that something is to be told of."""

    project: str
    where: str
    setting: str
    text: str


class Result(NamedTuple):
    """What came of one project with one Celery."""

    project: str
    celery: str
    counts: Counter[str]
    everything: Counter[str]
    contradictions: list[Place]
    unknown: list[Place]
    unloadable: list[tuple[str, str]]
    stubbed: list[str]
    failure: str = ""
    python_2: bool = False


class Loading(NamedTuple):
    """One try to load an app: what the loader replied, and the environment it ended with."""

    reply: dict[str, Any]
    told: dict[str, Any] | None
    environment: dict[str, str]

    @property
    def problem(self) -> str:
        """Why nothing is told of the app."""
        if self.told is not None:
            return ""
        error = self.reply["error"] or next((one["error"] for one in self.reply.get("apps", ()) if one["error"]), None)
        if error is None:
            return "created by nothing that importing a module runs"
        place = error.get("place")
        where = f" ({place['path'].rpartition('/root/')[2]}:{place['line']})" if place else ""
        return f"{error['type']}: {error['text'].strip()[:300]}{where}"


def for_result_backend(name: str, version: tuple[int, ...]) -> bool:
    """Whether a setting is one of a result backend's."""
    return name.startswith("result_") or facts.is_backend_setting(name, version)


def copy(folder: Path, target: Path) -> None:
    """Copy what can matter of a project."""

    def ignore(inside: str, names: list[str]) -> list[str]:
        return [
            name
            for name in names
            if name in LEFT_OUT
            or not (os.path.isdir(path := os.path.join(inside, name)) or os.path.isfile(path))
            or (os.path.isfile(path) and os.path.getsize(path) > LARGEST_FILE)
        ]

    shutil.copytree(folder, target, ignore=ignore, symlinks=False, ignore_dangling_symlinks=True)


GUESSES = (
    (r"REDIS|CELERY|BROKER|RESULT|AMQP|CACHE", None),
    (r"(DATABASE|POSTGRES|SQL|(^|_)DB).*(UR[IL]|DSN|DATABASE$)|^DATABASE$", "postgresql://someone@fromenv.example/db"),
    (r"SENTRY|DSN$", "https://key@fromenv.example/1"),
    (r"MONGO.*UR[IL]", "mongodb://fromenv.example/db"),
    (r"ORIGIN|UR[IL]$|ENDPOINT|DOMAIN", "https://fromenv.example"),
    (r"E?MAIL(?!.*(PORT|USE|HOST))", "someone@fromenv.example"),
    (r"STORAGE_TYPE", "s3"),
    (r"DB_ENGINE", "sqlite3"),
    (r"LOG.*LEVEL", "INFO"),
    (r"SECRET|PASSWORD|TOKEN|_KEY$", "0123456789abcdef" * 4),
)


def guess(variable: str) -> str:
    """A value for a variable that was asked for in vain, by its name."""
    for pattern, value in GUESSES:
        if re.search(pattern, variable.upper()):
            return likely_value(variable) if value is None else value
    return likely_value(variable)


def load_app(model: Model, app: App, celery: CeleryProcess, root: Path, variables: dict[str, str]) -> Loading:
    """Load an app by its own module, else by one that makes or configures it, as a worker's command would.

    Where other modules configure the app, what counts is the loading that comes nearest to the reading: nothing says
    which of them is started. What functions do that no import of the app calls counts where such a module calls them.
    """
    module, folder = module_of(model, app)
    if not module:
        return ask(celery, root, [folder], None, app, dict(variables))
    homes = homes_of_settings(model, app)
    paths = [folder, ".", *homes]
    for home in homes:
        if model.project.source(f"{home}/__init__.py") is not None and (app.entry or app.path).startswith(f"{home}/"):
            module = module.removeprefix(".".join(home.split("/")[folder.count("/") + (folder != ".") :]) + ".")
            paths = [home, *paths]
    best = ask(celery, root, paths, {"module": module}, app, dict(variables))
    if best.reply["error"] is not None and best.told is None:
        return best  # where the app's own module fails, so does what imports it
    wanted: list[dict[str, Any]] = [{"module": dotted_name(model.evaluator, path)} for path in configuring(app)]
    wanted += [{"module": name} for name in starters(model, app)]
    wanted += factories(model, app)
    started = time.monotonic()
    certain = all(setting.certain for setting in app.settings.values())
    called = as_called(app)
    for one in wanted:
        if wrongs(app if certain else called, best) == 0 or time.monotonic() - started > MOST_SECONDS:
            break
        found = ask(celery, root, paths, one, app, dict(variables))
        if found.told is not None and (best.told is None or wrongs(called, found) < wrongs(called, best)):
            best = found
    return best


def homes_of_settings(model: Model, app: App) -> list[str]:
    """The folders that settings are imported from, where those lie away from where the app's package does."""
    found: dict[str, None] = {}
    said = model.project.source(app.path)
    for path, kind in ((source.path, source.kind) for source in app.sources if source.kind in ("django", "module")):
        folder = os.path.dirname(path)
        if kind == "django" and folder and model.project.source(f"{folder}/__init__.py") is None:
            found[folder] = None
        names = path.removesuffix(".py").removesuffix("/__init__").split("/")
        # A folder may be a package and the place that Python is started at.
        for at in range(1, len(names) - (kind == "django")):
            if said is not None and re.search(rb"[\"']" + ".".join(names[at:]).encode() + rb"[\"']", said.data):
                found["/".join(names[:at])] = None
    return list(found)


def wrongs(app: App, loading: Loading) -> int:
    """How many settings a loading contradicts; many while it does not tell of the app."""
    if loading.told is None:
        return 1000
    comparison = compare_app(app, without_stubs(loading.told)[0], loading.environment)
    return len(comparison.disagreements) + bool(comparison.refusal)


def configuring(app: App) -> list[str]:
    """The other files whose statements configure the app."""
    paths = [source.location.path for source in app.sources] + [write.location.path for write in app.writes]
    return [path for path in dict.fromkeys(paths) if path != app.path and path.endswith(".py")]


def factories(model: Model, app: App) -> list[dict[str, Any]]:
    """Calls without arguments of the function that the app is created in, or of one that calls that function."""
    source = model.project.source(app.path)
    around = [node for node in functions(source.utf8 if source else b"") if app.location.line in lines_of(node)]
    found = [{"module": dotted_name(model.evaluator, app.path), "call": node.name} for node in around if is_free(node)]
    for path in (
        model.project.python_files_mentioning(tuple(f"{node.name}(".encode() for node in around)) if around else ()
    ):
        source = model.project.source(path)
        if source is None or re.search(r"(^|/)(tests?|migrations)/|(^|/)test_", path):
            continue
        for node in functions(source.utf8):
            text = b"\n".join(source.utf8.splitlines()[node.lineno : node.end_lineno])
            if is_free(node) and any(f"{one.name}(".encode() in text for one in around):
                found.append({"module": dotted_name(model.evaluator, path), "call": node.name})
    return found[:MOST_STARTERS]


def functions(text: bytes) -> list[ast.FunctionDef]:
    """The functions of a module."""
    try:
        return [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    except (SyntaxError, ValueError):
        return []


def lines_of(node: ast.FunctionDef) -> range:
    """The lines that a function stands on."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def is_free(node: ast.FunctionDef) -> bool:
    """Whether a function can be called without arguments."""
    positional = node.args.posonlyargs + node.args.args
    return len(positional) == len(node.args.defaults) and all(node.args.kw_defaults)


def starters(model: Model, app: App) -> list[str]:
    """Modules that speak of Celery and of the app's module, the likely ones first; importing one may make the app."""
    stem = app.path.removesuffix(".py").removesuffix("/__init__").rpartition("/")[2].encode()
    found = []
    for path in model.project.python_files_mentioning((b"elery",)):
        source = model.project.source(path)
        if path == app.path or source is None or re.search(r"(^|/)(tests?|migrations)/|(^|/)test_", path):
            continue
        if re.search(rb"\b" + re.escape(stem) + rb"\b", source.data) and re.search(
            rb"(?m)^(?![ \t#]|def |class |from |import |@).*\(", source.data
        ):
            found.append(path)
    found.sort(key=lambda path: ("celery" not in path, "worker" not in path, path.count("/"), path))
    return [dotted_name(model.evaluator, path) for path in found[:MOST_STARTERS]]


def ask(
    celery: CeleryProcess, root: Path, paths: list[str], wanted: dict[str, Any] | None, app: App,
    environment: dict[str, str],
) -> Loading:  # fmt: skip
    """Load, giving variables that the project turns out to require; where that is not enough, all it asked for."""
    settings = next((source.path for source in app.sources if source.kind == "django"), "")
    needed = needed_files(app)
    replaced: list[str] = []
    guessed: set[str] = set()
    refused: set[str] = set()
    kept: Loading | None = None
    started = time.monotonic()
    for _ in range(MOST_TRIES):
        if time.monotonic() - started > MOST_SECONDS:
            break
        request = {"root": str(root), "sys_path": paths, "app": wanted, "timeout": TIMEOUT, "environment": environment,
                   "replaced": replaced}  # fmt: skip
        reply = celery.ask(request)
        error = reply["error"] or next((one["error"] for one in reply["apps"] if one["error"]), None)
        lines = range(app.location.line, app.location.span.end_line + 1)
        apps = [one for one in reply.get("apps", ()) if wanted is None or is_at(one, app.path, lines)]
        told = apps[0] if apps and FENCED not in json.dumps(apps[0]) else None
        if error is None:
            return Loading(reply, told, environment)
        text = f"{error['type']}: {error['text']}"
        broken = error.get("place") and os.path.relpath(error["place"]["path"], root)
        late = (broken and broken not in needed) or reply.get("has_settings")
        if error["stage"] == "django" and late and told is not None and not replaced:
            kept = kept or Loading(reply, told, environment)  # models and logging come after the settings
        missing = [name.upper() for pattern in REQUIRED for name in re.findall(pattern, text)]
        if error["type"] == "ValidationError":
            missing += [name.upper() for name in re.findall(r"(?m)^([A-Za-z]\w+)$", text)]
            environment = {name: value for name, value in environment.items() if value or name not in missing}
        if re.search(r"(?i)missing|required|must|specify|not set|should", text):
            missing += re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", text)
        bad = {name for name in guessed - refused if complains(text, environment.get(name, ""))}
        if bad:  # a guess that the project cannot use
            refused |= bad
            environment = {name: value for name, value in environment.items() if name not in bad}
            continue
        wanted_names = [name for name in missing if name not in environment and name not in CHOSEN]
        more = {name: guess(name) for name in wanted_names}
        if not more and settings and DJANGO in text and DJANGO not in environment:
            more = {DJANGO: settings.removesuffix(".py").replace("/", ".")}
        if not more and "stub" not in text:
            asked = [name for name in reply.get("asked", ()) if re.fullmatch(r"[A-Z][A-Z0-9_]{3,}", name)]
            more = {name: guess(name) for name in asked if name not in {*environment, *refused, *CHOSEN}}
            guessed |= more.keys()
        mendable = broken and not broken.startswith("..") and broken not in needed and broken not in replaced
        if not more and mendable and len(replaced) < MOST_REPLACED:
            replaced.append(broken)
            continue
        if not more:
            usable = (error["stage"] == "django" and late) or not reply["error"]
            return Loading(reply, told, environment) if usable else kept or Loading(reply, None, environment)
        environment = {**environment, **more}
    return kept or Loading(reply, None, environment)


def needed_files(app: App) -> set[str]:
    """The files that have a say in what was read of an app: stubs in their place would make the comparison void."""
    found = {app.path, *configuring(app), *(source.path for source in app.sources)}
    left: list[Value] = []
    for setting in app.settings.values():
        left.append(setting.value)
        found.update(assignment.location.path for assignment in setting.assignments)
    seen: set[int] = set()
    while left:
        value = left.pop()
        if id(value) not in seen:
            seen.add(id(value))
            found.add(value.origin.path)
            left.extend(parts_of(value))
    return found


def complains(text: str, value: str) -> bool:
    """Whether an error speaks of a value."""
    return repr(value) in text or (len(value) > len("example") and value in text) or text.endswith(f": {value}")


def is_at(told: dict[str, Any], path: str, lines: range) -> bool:
    """Whether what is told is of the app that is created there."""
    return told["path"] == path and told["line"] in lines


def without_stubs(told: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
    """What was told without the settings that hold a stub, and their names."""
    stubbed = {
        name
        for values in (told["settings"], told["effective"])
        for name, value in values.items()
        if STUB in (text := json.dumps(value, ensure_ascii=False)) or '"$object": "Stub"' in text
    }
    kept = {
        key: {name: value for name, value in told[key].items() if name not in stubbed}
        for key in ("settings", "effective")
    }
    return {**told, **kept}, stubbed


def compare_project(folder: Path, version: str, celeries: list[CeleryProcess]) -> Result:
    """Read and load one project."""
    result = Result(folder.name, version, Counter(), Counter(), [], [], [], [], python_2=is_python_2(folder))
    try:
        model = read(folder, version)
    except Exception:
        return result._replace(failure=traceback.format_exc())
    if model is None:
        return result
    with tempfile.TemporaryDirectory(prefix="campaign-") as temporary:
        root = Path(temporary).resolve() / "root"
        copy(folder, root)
        for app in model.checked_apps:
            compare_one(model, app, celeries, root, result)
    return result


def is_python_2(folder: Path) -> bool:
    """Whether a file of a project, tests and scripts left out, is written for Python 2 only."""
    for path in folder.rglob("*.py"):
        inside = path.relative_to(folder).parts
        if path.is_file() and not {"tests", "test", "docs", "scripts", "migrations", *LEFT_OUT}.intersection(inside):
            text = path.read_bytes()[:LARGEST_FILE]
            if re.search(PYTHON_2, text) and not parses(text):
                return True
    return False


def parses(text: bytes) -> bool:
    """Whether a module is one for this Python."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def compare_one(model: Model, app: App, celeries: list[CeleryProcess], root: Path, result: Result) -> None:
    """Load one app in each environment and count its settings."""
    where = f"{app.path}:{app.location.line}"
    verdicts: dict[str, str] = {}
    reasons: dict[str, str] = {}
    set_names = {name for name, setting in app.settings.items() if setting.assignments}
    loaded = False
    # Which of its env files chooses Django's settings nothing says: the project's own default does, as in the reading.
    variables = [{name: value for name, value in one.items() if name != DJANGO} for one in environments(model, app)]
    stubbed: set[str] = set()
    for number, environment in enumerate(variables):
        fallbacks = ""
        loading = load_app(model, app, celeries[0], root, environment)
        for other in celeries[1:]:
            if loading.told is not None:
                break
            again = load_app(model, app, other, root, environment)
            if again.told is not None:
                loading = again
            elif again.problem != loading.problem:
                fallbacks = f"; with {other.python}: {again.problem}"
        if loading.told is not None and is_ours(loading.told["error"]):
            loading = loading._replace(told=None)
        unseen = [path for path in configuring(app) if path not in loading.reply.get("imported", ())]
        if loading.told is not None and unseen and wrongs(app, loading):
            reply = {
                **loading.reply,
                "error": {"type": "Configured elsewhere", "text": f"by {unseen[0]}, which cannot be imported"},
            }
            loading = loading._replace(told=None, reply=reply)
        result.stubbed.extend(name for name in loading.reply.get("stubbed", ()) if name not in result.stubbed)
        if loading.told is None:
            if number == 0 or not loaded:
                result.unloadable.append((where, mask(loading.problem + fallbacks)))
            break
        loaded = True
        told, holding = without_stubs(loading.told)
        stubbed |= holding
        called = compare_app(as_called(app), told, loading.environment)
        comparison = compare_app(app, told, loading.environment) if called.disagreements else called
        note(comparison, verdicts, reasons, result, where, loading.environment)
        for name, value in told["settings"].items():
            try:
                if untagged(value) != default(app, name) and not is_same_default(untagged(value), default(app, name)):
                    set_names.add(name)
            except UndeterminedError:
                set_names.add(name)
    for name in set_names - set(verdicts):
        if name in stubbed:
            continue
        try:
            claim(app, name, variables[0])
            verdicts[name] = "claimed"
        except UndeterminedError as reason:
            verdicts[name] = "unknown"
            reasons[name] = str(reason)
    for name, verdict in verdicts.items():
        if verdict == "unknown" and reasons.get(name) == NOT_CALLED:
            verdicts[name] = "conditional"
        elif verdict == "confirmed" and name in app.settings and not app.settings[name].certain:
            verdicts[name] = "held"
    if app.unread and not loaded and "result_backend" not in verdicts:
        verdicts["result_backend"] = "unknown"
        reasons["result_backend"] = app.unread
        set_names.add("result_backend")
    for counts, names in (
        (result.counts, {name for name in set_names if for_result_backend(name, app.declared.version)}),
        (result.everything, set_names),
    ):
        counts["apps"] += 1
        counts["loaded"] += loaded
        for name in names - stubbed:
            counts["set"] += 1
            verdict = verdicts[name]
            counts[verdict] += 1
            if verdict in ("confirmed", "contradicted"):
                counts["claimed"] += 1
            elif verdict == "held":
                counts["conditional"] += 1
    for name in sorted(set_names - stubbed):
        if verdicts[name] == "unknown" and for_result_backend(name, app.declared.version):
            result.unknown.append(Place(result.project, where, name, mask(reasons[name])))


def is_ours(error: dict[str, Any] | None) -> bool:
    """Whether what is refused is a stub, or a variable's value that the project's own settings class does not take."""
    return error is not None and (
        STUB in error["text"] or (error["type"] == "ValidationError" and bool(error["place"]))
    )


def is_same_default(real: object, listed: object) -> bool:
    """Whether a value is the default in another dress."""
    return repr(real) == repr(listed) or (not real and not listed and real is not False and listed is not False)


def note(
    comparison: Comparison, verdicts: dict[str, str], reasons: dict[str, str], result: Result, where: str,
    environment: dict[str, str],
) -> None:  # fmt: skip
    """Keep what one comparison says of each setting: contradicted beats unknown beats confirmed."""
    held = ", ".join(sorted(environment)) or "nothing"
    if comparison.refusal:
        result.contradictions.append(Place(result.project, where, WHOLE, mask(comparison.refusal)))
    for name in comparison.confirmed:
        verdicts.setdefault(name, "confirmed")
    for one in comparison.unknown:
        if verdicts.get(one.setting) != "contradicted":
            verdicts[one.setting] = "unknown"
            reasons[one.setting] = one.why
    for wrong in comparison.disagreements:
        if verdicts.get(wrong.setting) != "contradicted":
            text = f"is {wrong.real!r}, the static reading says {wrong.claimed!r} (set: {held})"
            result.contradictions.append(Place(result.project, where, wrong.setting, mask(text)))
        verdicts[wrong.setting] = "contradicted"


def celery_of(python: Path) -> str:
    """The version of the Celery that an interpreter has."""
    done = subprocess.run(
        [python, "-c", "import celery; print(celery.__version__)"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def show(results: list[Result]) -> None:
    """Print the table, each contradiction, what is unknown by reason, and what could not be loaded."""
    print(f"{'project':44} {'celery':8}" + "".join(f"{name:>13}" for name in COUNTS) + "   all settings: set, unknown")
    total: Counter[str] = Counter()
    everything: Counter[str] = Counter()
    for result in results:
        total += result.counts
        everything += result.everything
        line = f"{result.project[:44]:44} {result.celery:8}" + "".join(f"{result.counts[name]:>13}" for name in COUNTS)
        print(f"{line}   {result.everything['set']}, {result.everything['unknown']}{' FAILED' * bool(result.failure)}")
    print(f"{'in all':44} {'':8}" + "".join(f"{total[name]:>13}" for name in COUNTS), end="")
    print(f"   {everything['set']}, {everything['unknown']}; contradicted {everything['contradicted']}")
    if total["set"]:
        both = total["unknown"] + total["conditional"]
        print(f"unknown: {total['unknown'] / total['set']:.1%} of the settings for result backends", end="")
        print(f"; with those that hold once a function is called {both / total['set']:.1%}")
    without = [result for result in results if result.unloadable]
    old = sum(1 for result in without if result.python_2)
    print(f"projects with an app that could not be loaded: {len(without) - old}, and {old} for Python 2")
    print("\nContradictions")
    for result in results:
        for place in result.contradictions:
            print(f"  {place.project} {result.celery} {place.where}: {place.setting} {place.text}")
    print("\nUnknown, by reason")
    reasons = Counter(place.text for result in results for place in result.unknown)
    for text, count in reasons.most_common():
        print(f"  {count} × {text}")
        for place in (place for result in results for place in result.unknown if place.text == text):
            print(f"      {place.project} {place.where} {place.setting}")
    print("\nNot loadable")
    for result in results:
        for where, problem in result.unloadable:
            print(f"  {result.project} {result.celery} {where}: {'Python 2: ' * result.python_2}{problem}")
        if result.failure:
            print(f"  {result.project}: the static reading itself fails\n{result.failure}")


def main() -> int:
    """Compare what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", metavar="FOLDER", nargs="+", type=Path)
    parser.add_argument("--python", metavar="PATH", action="append", type=Path, help="an interpreter that has Celery")
    parser.add_argument("--fallback", metavar="PATH", action="append", type=Path, default=[])
    parser.add_argument("--json", metavar="FILE", type=Path, help="write everything there")
    arguments = parser.parse_args()
    script = Path(__file__).parent / "campaign_loader.py"
    results = []
    for python in arguments.python or [Path(sys.executable)]:
        version = celery_of(python)
        celeries = [CeleryProcess(one, script) for one in (python, *arguments.fallback)]
        for folder in arguments.folders:
            started = time.monotonic()
            results.append(compare_project(folder.resolve(), version, celeries))
            print(f"{version} {folder.name} {time.monotonic() - started:.1f} s", file=sys.stderr)
        for celery in celeries:
            celery.close()
    show(results)
    if arguments.json:
        arguments.json.write_text(json.dumps([result._asdict() for result in results], indent=1))
    return int(any(result.contradictions or result.failure for result in results))


if __name__ == "__main__":
    sys.exit(main())
