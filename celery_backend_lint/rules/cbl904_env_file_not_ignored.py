"""CBL904: an env file that the next commit would take along."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.location import Location
from celery_backend_lint.model.env_names import ENV_FOLDERS, FRONT_END
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.file_mentions import is_run_from_above
from celery_backend_lint.model.ignore_lines import idle_lines, is_utf16, pattern_for
from celery_backend_lint.model.secrets import is_secret
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.env_files import EnvFile
    from celery_backend_lint.model.expected_env_files import ExpectedEnvFile

RULE = Rule("CBL904", "env-file-not-ignored", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)

SHARED_NAMES = r"\.flaskenv|(?:.*[._-])?(?:tests?|testing|ci|circleci|dev|development|versions?|defaults?)(?:[._-].*)?"
"""Names of env files that projects commit on purpose; one is reported only when it holds a secret."""


def check_env_file_not_ignored(model: Model) -> Iterator[Finding]:
    """An env file that the project works with is not ignored by git.

    ## What it does
    Collects the env files that the project works with: those that are there, those that a compose file names
    (`env_file:`), the `.env` that `load_dotenv`, django-environ, environs, decouple or pydantic (`env_file`) reads, and
    those that there is an example of. Asks git whether its rules cover them.

    ## Why is this bad?
    The file holds the passwords of the broker and the result backend. `git add .` takes it along, and from the first
    push on everybody with access to the repository or its history has them.

    ## Example
    ```gitignore
    .env  # secrets
    ```

    ## Use instead
    ```gitignore
    # secrets
    .env
    !.env.example
    ```

    ## Fix safety
    Ignoring a file that git does not track changes nothing but that.

    ## Known limits
    A file that git tracks is there on purpose: CBL905 looks at what it holds. Files of tests and of development,
    `.flaskenv`, and new files of other names (`versions.env`) are reported only when they are there, new, and hold a
    secret. What code in `docs/` or `examples/` reads is not asked for, nor a file in somebody's home, in a folder that
    a variable names, or behind decouple's `settings.ini` (there, or ignored by name), nor one that `load_dotenv` is to
    load where no code reads a variable, nor one that `read_env()` would find where another one gives the variables.
    Git's rules are those of this machine, with `.git/info/exclude` and the user's own list. Outside of git the rule is
    silent.

    ## References
    - [git: gitignore](https://git-scm.com/docs/gitignore)
    """
    if not model.project.is_git or not model.checked_apps:
        return
    uncovered: dict[str, list[ExpectedEnvFile]] = {}
    for expected in _uncovered(model):
        folder, slash, _ = expected.path.rpartition("/")
        place = model.env_files.nearest_gitignore(expected.path) or f"{folder}{slash}.gitignore"
        uncovered.setdefault(place, []).append(expected)
    for place, files in uncovered.items():
        names = ", ".join(f"`{file.path}`" for file in files)
        related = [Related(file.location, f"`{file.path}` is expected: {file.reason}") for file in files]
        wanted = _lines_to_add(model, place, files)
        if is_utf16(model.project, place):
            added = "" if _holds_lines(model, place, files) else f", and add {wanted}"
            help_text = f"save `{place}` as UTF-8{added}: it is UTF-16, in which git finds none of its patterns"
        elif model.project.exists(place):
            help_text = f"add {wanted} to `{place}`"
            for file in files:
                name = file.path.rpartition("/")[2]
                related += [
                    Related(idle.location, f"this does not ignore `{name}`: {idle.why}")
                    for idle in idle_lines(model, place, name)
                ]
        else:
            help_text = f"create a `.gitignore` with {wanted}"
        yield RULE.finding(
            Location(place),
            f"no rule of git ignores {names}: `git add .` commits {'it' if len(files) == 1 else 'them'}, with every "
            "password in it",
            help=help_text,
            related=tuple(related),
            propose=partial(_ignore, model, tuple(file.path for file in files)),
        )


def _ignore(model: Model, paths: tuple[str, ...]) -> Fix:
    """Have git ignore the files, and not their example."""
    from celery_backend_lint.findings.fix import Edit, Fix
    from celery_backend_lint.fixes.ignore_file import ignore

    edits: dict[Edit, None] = {}
    for path in paths:
        edits.update(dict.fromkeys(ignore(model, path)))
    names = " and ".join(f"`{path}`" for path in paths)
    return Fix(f"Have git ignore {names}", Applicability.SAFE, tuple(edits))


def _uncovered(model: Model) -> Iterator[ExpectedEnvFile]:
    """The expected env files that a commit would take."""
    apps = [app.path for app in model.checked_apps]
    expected = [
        file
        for file in model.env_files.expected
        if model.env_files.concerns(file.path, apps)
        and not model.project.tracked(file.path)
        and not is_test_path(file.location.path)
        and not (is_example_path(file.location.path) and not any(map(is_example_path, apps)))
    ]
    guesses = {file.path: _also_meant(model, file) for file in expected}
    ignored = model.project.ignored(
        [*(file.path for file in expected), *(p for more in guesses.values() for p in more)]
    )
    there = {file.path: file for file in model.env_files.in_use}
    for file in expected:
        if file.path in ignored:
            continue
        found = there.get(file.path)
        if found is None:
            covered = [other for other in guesses[file.path] if other in ignored or other in there]
            if covered and _may_be(model, file, covered):
                continue
            if re.fullmatch(SHARED_NAMES, file.path.rpartition("/")[2].lower()) or _is_idle(model, file):
                continue
            if file.reason.startswith("read_env") and _is_replaced(model, file):
                continue
        elif not _holds_something(found):
            continue
        yield file


def _is_idle(model: Model, file: ExpectedEnvFile) -> bool:
    """Whether a file that is not there would be loaded by ``load_dotenv`` for nothing: no code reads a variable."""
    if not file.reason.startswith("load_dotenv") or model.env_files.examples:
        return False
    from celery_backend_lint.model.env_loads import may_read_variables

    return not may_read_variables(model)


def _is_replaced(model: Model, file: ExpectedEnvFile) -> bool:
    """Whether django-environ is told no file, finds none in the code's folder and goes on without (0.9 to 0.14), while
    another env file is there that gives all that the apps' configuration reads.
    """
    from celery_backend_lint.evaluate.values import Environment, walk

    source = model.project.source(file.location.path)
    if source is None or not re.search(r"read_env\s*\(\s*\)", source.line(file.location.line)):
        return False
    reads = {
        part.variables
        for app in model.checked_apps
        for setting in app.settings.values()
        for part in walk(setting.value)
        if isinstance(part, Environment)
    }
    return bool(reads) and any(
        all(values.keys() & variables for variables in reads)
        for values in (other.values() for other in model.env_files.in_use)
    )


def _holds_something(file: EnvFile) -> bool:
    """Whether a new file is one to keep out: a ``.env`` of any kind but a front end's, else one that holds a secret.

    ``versions.env`` and what lies in a folder ``envs/`` need not be about passwords.
    """
    folders, _, name = file.path.lower().rpartition("/")
    values = file.values()
    kept_out = name.startswith(".env") or ENV_FOLDERS.difference({"envs"}).intersection(folders.split("/"))
    if kept_out and not re.fullmatch(SHARED_NAMES, name):
        return not values or not all(key.startswith(FRONT_END) for key in values)
    return any(is_secret(key, value, values) for key, value in values.items())


def _may_be(model: Model, file: ExpectedEnvFile, covered: list[str]) -> bool:
    """Whether a file that is kept out may be the one that is meant: what compose names lies in a folder above only
    where the compose file is run from there.
    """
    if not file.location.path.endswith((".yml", ".yaml")):
        return True
    depth = file.path.count("/")
    return any(other.count("/") == depth for other in covered) or is_run_from_above(model.project, file.location.path)


def _also_meant(model: Model, file: ExpectedEnvFile) -> list[str]:
    """What may be meant instead: readers go from the folder of the code upwards, `env.example` may stand for `env`.

    Compose's is the very path, but for capitals in a folder's name, which Windows and macOS do not tell apart, and for
    a file that is run after another one. One example may serve for the files of several folders below, and one in a
    folder without a compose file for a folder above (``deploy/env.example``).
    """
    above, slash, name = file.path.rpartition("/")
    upwards = [f"{folder}/{name}" if folder else name for folder in _folders_above(above)]
    if file.location.path.endswith((".yml", ".yaml")):
        if not above or model.project.is_folder(above):
            return upwards
        folded = f"{above}/".lower()
        folders = {path[: len(above)] for path in model.project.paths() if path.lower().startswith(folded)}
        return [*(f"{folder}/{name}" for folder in sorted(folders)), *upwards]
    if not file.location.path.endswith(".py"):
        bare = name.lstrip(".")
        dotted = [] if name.startswith(".") else [f"{above}{slash}.{name}", f"{above}{slash}.env"]
        below = [
            one.path
            for one in model.env_files.expected
            if one.path.startswith(f"{above}{slash}") and one.path.endswith(f"/{name}") and one.path != file.path
        ]
        if any("compose" in one and one.endswith((".yml", ".yaml")) for one in model.project.folder(above)[1]):
            upwards = []
        return [f"{above}{slash}{bare}", *dotted, *below, *upwards]
    service = model.env_files.service_of(file.location.path)
    named = file.path.removeprefix(f"{service}/") if service else file.path
    folder = file.location.path
    paths = []
    while folder:
        folder = folder.rpartition("/")[0]
        paths.append(f"{folder}/{named}" if folder else named)
    return [path for path in paths if path != file.path]


def _folders_above(folder: str) -> Iterator[str]:
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _holds_lines(model: Model, place: str, files: list[ExpectedEnvFile]) -> bool:
    """Whether a list has the pattern of each file, in whatever encoding."""
    source = model.project.source(place)
    lines = {line.strip().lstrip("/") for line in source.text.splitlines()} if source is not None else set()
    return all(pattern_for(model.project, place, file.path).lstrip("/") in lines for file in files)


def _lines_to_add(model: Model, place: str, files: list[ExpectedEnvFile]) -> str:
    lines = list(dict.fromkeys(pattern_for(model.project, place, file.path) for file in files))
    if ".env" in lines:
        lines.append("!.env.example")
    return " and ".join(f"`{line}`" for line in lines)
