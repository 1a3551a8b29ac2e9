"""CBL901: no example of the environment that Celery's configuration reads."""

from __future__ import annotations

import re
from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Related, Severity
from celery_backend_lint.model.celery_variables import is_among, reads_of
from celery_backend_lint.model.env_credentials import credentials_in
from celery_backend_lint.model.env_names import is_env_file
from celery_backend_lint.model.example_code import is_example_path
from celery_backend_lint.model.file_mentions import documented
from celery_backend_lint.model.held import AMBIENT_READERS
from celery_backend_lint.model.variable_setters import setter_of
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.celery_variables import VariableRead
    from celery_backend_lint.model.env_files import EnvFile

RULE = Rule("CBL901", "missing-env-example", Severity.WARNING, since="0.1.0", fix=Applicability.SAFE)

MOST_NAMES = 4

OTHER_EXAMPLES = (
    r"(?i).+\.(?:conf|ini|cfg|config|properties)[._-](?:example|sample|template|dist)"
    r"|(?:.+[._-])?(?:example|sample|template)[._-].+\.(?:conf|ini|cfg)"
    r"|(?:.*[._-])?env(?:rc|vars?|ironment)?(?:[._-].*)?\.(?:example|sample|template|dist|tmpl|tpl)"
    r"|\.envrc|(?:.+[._-])?env(?:vars?|ironment)?\.(?:sh|bash|zsh|fish|ps1|bat|tpl)"
)
"""Names of files that show variables and are no env files: examples of files that hold ``NAME=value`` too, and of the
environment in any format (``environment.example``, ``env.tpl``); direnv's, and scripts that set the environment."""

EXAMPLE_SCRIPTS = (
    r"(?i)(?:.+[._-])?env(?:[._-].+)?[._-](?:example|sample|template|dist)(?:[._-].+)?\.sh"
    r"|(?i:.*(?:example|sample|template)[._-](?:.+[._-])?env\.sh)"
)
"""Names of examples of shell scripts that set the environment: ``env.example.sh``."""

FOUND_OUT = (
    ", and no example of the environment, nor the documentation, shows {them}: who clones the project has to find out "
    "from the source what to set"
)


def check_missing_env_example(model: Model) -> Iterator[Finding]:
    """The configuration reads variables for the broker or the result backend, and no example shows which.

    ## What it does
    Looks for an example of the environment for each service whose Celery reads its broker or result backend from the
    environment: a file with `env` and one of `example`, `sample`, `template`, `dist`, `tmpl` in its name, an example of
    another kind that names one of the variables (`shop.conf.example`), a tracked `.envrc` or `env.sh` that does, or env
    files that git tracks. A warning where the project works with env files, else advice; advice also where a compose
    file, a Dockerfile, a manifest or a script sets what is needed.

    ## Why is this bad?
    The `.env` is, rightly, not in git. Who clones the project has to find out from the source which variables there
    are and what they look like, and finds the one that was forgotten when a worker does not start, or starts with the
    wrong server.

    ## Example
    ```python
    load_dotenv()
    result_backend = os.environ["CELERY_RESULT_BACKEND"]
    ```

    ## Use instead
    The same, and a `.env.example` in git:
    ```shell
    CELERY_RESULT_BACKEND=redis://:your_redis_password_here@localhost:6379/0
    ```

    ## Fix safety
    A new file that nothing reads, in the folder that the env files are read in. Git is told to ignore the `.env` that
    people make of it. The variables stand with their defaults, or with placeholders; those that only stand in for
    another one, or that nothing needs, are commented out, and so are those that settings which read the file forbid.
    Whatever else has to be set where the same settings are read stands below. Where compose gives the processes no env
    files but such as git tracks, these name the variables, in comments.

    ## Known limits
    Names that Flask's ``from_prefixed_env()`` would take are not asked for: the project names none of them.
    Silent where nothing shows that the project works with env files and each variable has a default, and where the
    documentation (README, `docs/`) names all that is needed. Other places (a chart's values) are not
    seen.
    Test code and the apps of examples and documentation are not looked at, nor is an app whose module nothing names
    while a worker is started with another one, or that a function makes which nothing calls.

    ## References
    - [The Twelve-Factor App: Config](https://12factor.net/config)
    """
    services: dict[str, list[VariableRead]] = {}
    apps: dict[str, App] = {}
    for app in model.checked_apps:
        reads = [found for found in reads_of(app) if found.connects and found.read.reader not in AMBIENT_READERS]
        if not reads or is_example_path(app.path) or _has_example(model, app.path, reads):
            continue
        if _is_documented(model, app.path, reads):
            continue
        from celery_backend_lint.model.dead_apps import runs_nowhere

        if not runs_nowhere(model, app):
            service = model.env_files.service_of(app.path)
            services.setdefault(service, []).extend(reads)
            apps.setdefault(service, app)
    for service, reads in services.items():
        reads.sort(key=lambda found: found.read.origin.order)
        variables = list(dict.fromkeys(found.read.variable for found in reads))
        names = ", ".join(f"`{name}`" for name in variables[:MOST_NAMES])
        names += " and others" if len(variables) > MOST_NAMES else ""
        from celery_backend_lint.fixes.whole_example import places_for
        from celery_backend_lint.model.example_needs import does_without, env_file_worked_with

        places = places_for(model, apps[service], reads[0].read.origin.path)
        evidence = env_file_worked_with(model, reads)
        if evidence is None and all(does_without(found.read) for found in reads):
            continue
        related: tuple[Related, ...] = ()
        if evidence is not None:
            related = (Related(evidence.location, f"env files are in use: `{evidence.path}`, {evidence.reason}"),)
        setter = _setter(model, reads)
        if setter is not None:
            related += (Related(setter, "set here"),)
        yield RULE.finding(
            reads[0].read.origin,
            f"the Celery configuration reads {names}{_lack(model, reads, setter)}",
            help=_help(model, places, "it" if len(variables) == 1 else "them"),
            related=related,
            severity=Severity.WARNING if evidence is not None and setter is None else Severity.ADVICE,
            propose=partial(_create, model, service, places),
        )


def _create(model: Model, service: str, places: tuple[str, ...]) -> Fix:
    """Create the example with every variable that the configurations of a service read, or add them to env files that
    git tracks.
    """
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.fixes.whole_example import whole_example

    title = f"Create `{places[0]}`" if not model.project.on_disk(places[0]) else f"Name them in {_in_words(places)}"
    return Fix(title, Applicability.SAFE, tuple(whole_example(model, service, places)))


def _help(model: Model, places: tuple[str, ...], them: str) -> str:
    """What to do: commit an example, or name the variables in the env files that are in git already."""
    if model.project.on_disk(places[0]):
        return f"name {them} in {_in_words(places)}, which git tracks and the processes are given, be it in a comment"
    return f"commit `{places[0]}` with {them}, secrets as placeholders"


def _in_words(places: tuple[str, ...]) -> str:
    return " and ".join(f"`{place}`" for place in places)


def _setter(model: Model, reads: list[VariableRead]) -> Location | None:
    """Where a compose file or the like sets the first of the variables that are needed, if it sets them all."""
    needed = [found for found in reads if found.essential or found.required]
    setters = [setter_of(model, found.chain) for found in needed]
    return setters[0] if setters and None not in setters else None


def _lack(model: Model, reads: list[VariableRead], setter: Location | None) -> str:
    """What a clone of the project is short of: the end of the message, with the sign before it."""
    if setter is not None:
        them = "it" if len({found.read.variable for found in reads}) == 1 else "them"
        return f"; `{setter.path}` sets {them}, but there is no example of the environment for who does without it"
    from celery_backend_lint.model.example_needs import shows

    near = [found.read.origin.path for found in reads]
    for file in model.env_files.in_use:
        if file.tracked and model.env_files.concerns(file.path, near) and shows(file, reads):
            return (
                f", and only `{file.path}` shows what to set, which holds credentials: there is no example of the "
                "environment once git does not track it any more"
            )
    return FOUND_OUT.format(them="it" if len({found.read.variable for found in reads}) == 1 else "them all")


def _has_example(model: Model, near: str, reads: list[VariableRead]) -> bool:
    """Whether a clone holds an example, or an env file that does its work."""
    if model.env_files.examples_for(near) or any(
        model.env_files.examples_for(found.read.origin.path) for found in reads
    ):
        return True
    for path in model.project.paths():
        if path.endswith(".sh") and re.fullmatch(EXAMPLE_SCRIPTS, path.rpartition("/")[2]):
            return True
        if _is_other_example(path) and model.env_files.concerns(path, (near,)) and _names_one(model, path, reads):
            return True
    return any(
        file.tracked and model.env_files.concerns(file.path, (near,)) and _serves_as_example(file, reads)
        for file in model.env_files.in_use
    )


def _is_documented(model: Model, near: str, reads: list[VariableRead]) -> bool:
    """Whether the documentation names a variable for all that is needed: of those that stand in for each other one."""
    needed = [found for found in reads if found.essential or found.required]
    named = documented(model.project, (name for found in needed for one in found.chain for name in one.variables))
    near_by = frozenset(
        name for name, paths in named.items() if any(model.env_files.concerns(path, (near,)) for path in paths)
    )
    return bool(needed) and all(any(is_among(one, near_by) for one in found.chain) for found in needed)


def _serves_as_example(file: EnvFile, reads: list[VariableRead]) -> bool:
    """Whether a tracked env file shows the variables and may stay where it is."""
    if re.search(r"(?:^|/)\.envs/", file.path):
        return True
    from celery_backend_lint.model.example_needs import shows

    return shows(file, reads) and not credentials_in(file)


def _is_other_example(path: str) -> bool:
    """Whether ``path`` may show variables, though it is no env file."""
    name = path.rpartition("/")[2]
    return "." in name and not is_env_file(path) and re.fullmatch(OTHER_EXAMPLES, name) is not None


def _names_one(model: Model, path: str, reads: list[VariableRead]) -> bool:
    """Whether a file names one of the variables."""
    names = "|".join(re.escape(name) for found in reads for name in found.read.variables)
    source = model.project.source(path)
    return source is not None and re.search(rf"(?<![A-Za-z0-9_])(?:{names})(?![A-Za-z0-9_])", source.text) is not None
