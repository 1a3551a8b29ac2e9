"""CBL309: a deployment sets a variable that nobody reads, and not the one that Celery's configuration reads."""

from __future__ import annotations

import re

from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Environment
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.celery_variables import VariableRead

RULE = Rule("CBL309", "variable-set-but-not-read", Severity.WARNING, since="0.1.0")

BROKER = r"(?i)(?:(?:py)?amqps?|librabbitmq|rediss?(?:\+\w+)?|sentinel|sqs|mongodb(?:\+srv)?|confluentkafka)://"
BACKEND = r"(?i)(?:rediss?|sentinel|rpc|(?:db\+\w+|mongodb|cache\+\w+|elasticsearch|couchbase|s3)(?:\+\w+)?)://"
"""How the URLs of a broker and of a result backend begin."""

WORDS = {
    "broker": "broker", "queue": "broker", "rabbit": "broker", "rabbitmq": "broker", "amqp": "broker", "rmq": "broker",
    "redis": "redis", "cache": "redis", "backend": "backend", "result": "backend", "results": "backend",
    "url": "url", "uri": "url", "dsn": "url", "address": "url", "host": "host", "hostname": "host", "server": "host",
    "password": "password", "passwd": "password", "pass": "password", "pw": "password", "pwd": "password",
    "user": "user", "username": "user", "port": "port",
}  # fmt: skip
"""Words of variables' names, and what they say."""


def check_variable_set_but_not_read(model: Model) -> Iterator[Finding]:
    """A deployment file sets a variable that nothing reads, while the one that Celery needs is set nowhere.

    ## What it does
    Where Celery's configuration requires a variable for its broker or backend that no deployment file, env file or code
    of the project sets, it looks for one that is given to the same process for the same purpose (a URL of that kind,
    or a name of the same meaning) and that no file of the project reads. It also finds variables for pydantic fields
    whose prefix stands in the field's name already: `env_prefix="SHOP_"` on `shop_redis_url` reads
    `SHOP_SHOP_REDIS_URL`.

    ## Why is this bad?
    The deployment looks complete, and the process stops with a missing variable; with a default it runs on that,
    against a server that nobody meant.

    ## Example
    ```yaml
    environment:
      RABBITMQ_DSN: amqp://rabbit  # the code reads BROKER_DSN
    ```

    ## Use instead
    ```yaml
    environment:
      BROKER_DSN: amqp://rabbit
    ```

    ## Known limits
    Any mention of the variable outside of the places that set it counts as a read, any mention of the required one
    outside of Python as set: documentation may say how. Silent where an env file or a Secret that is not in the
    repository may set what is required.

    ## References
    - [The Twelve-Factor App: Config](https://12factor.net/config)
    - [pydantic: Environment variable names](https://docs.pydantic.dev/latest/concepts/pydantic_settings/)
    """
    from celery_backend_lint.model.celery_variables import reads_of

    done: set[str] = set()
    for app in model.checked_apps:
        for one in reads_of(app):
            read = one.read
            if not one.connects or read.variable in done:
                continue
            done.add(read.variable)
            doubled = _doubled(read)
            if not doubled and not (read.required and len(one.chain) == 1):
                continue
            if _is_set(model, read):
                continue
            found = _named(model, app, doubled, required=read.required) if doubled else _alike(model, app, one)
            if found is not None:
                yield _finding(app, one, *found, doubled=bool(doubled))


def _finding(app: App, one: VariableRead, name: str, place: Location, *, doubled: bool) -> Finding:
    from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES

    read = one.read
    if doubled:
        why = f"its field, which has the prefix in its name already, reads `{read.variable}`"
    else:
        setting = "broker_url" if one.setting in ("broker_read_url", "broker_write_url") else one.setting
        why = f"`{setting}` requires `{read.variable}`, which nothing in the repository sets"
    what = f"nothing reads `{name}`"
    if doubled and read.required and name in OWN_VARIABLES.values():
        what, why = f"the process stops before Celery reads `{name}`", f"{why}, which is set nowhere"
    return RULE.finding(
        place,
        f"{what}: {why}",
        help=f"set `{read.variable}`" + (", or take the prefix out of the field's name" if doubled else ""),
        app=app.name,
        related=(Related(read.origin, f"`{read.variable}` is read here"),),
    )


def _is_set(model: Model, read: Environment) -> bool:
    """Whether anything but the code that reads it names one of a read's variables."""
    for variable in read.variables:
        names = {variable.encode(), variable.upper().encode()} | (
            set() if read.case_sensitive else {variable.lower().encode()}
        )
        pattern = re.compile(
            rb"(?<![A-Za-z0-9_])(?:" + b"|".join(map(re.escape, sorted(names))) + rb")(?![A-Za-z0-9_])"
        )
        for path in model.project.paths():
            if not path.endswith(".py") and model.project.mentions(path, names):
                source = model.project.source(path)
                if source is not None and pattern.search(source.data):
                    return True
        for path in model.project.python_files_mentioning(sorted(names)):
            source = model.project.source(path)
            setting = rb"environ[^\n]{0,30}[\"']" + re.escape(variable.encode()) + rb"[\"']\s*(?:\]\s*=[^=]|,)|setenv\("
            if source is not None and (is_test_path(path) or re.search(setting, source.data)):
                return True
        if any(variable == entry.key for file in model.env_files.in_use for entry in file.compose_entries):
            return True
    return False


def _doubled(read: Environment) -> str:
    """What a pydantic field's variable would be without the prefix that stands in it twice; "" where it does not."""
    if not read.reader.startswith("pydantic") or len(read.variables) != 1:
        return ""
    found = re.match(r"([a-z][a-z0-9]*_)\1(\w+)$", read.variable.lower())
    return (found[1] + found[2]).upper() if found else ""


def _named(model: Model, app: App, name: str, *, required: bool) -> tuple[str, Location] | None:
    """Where a variable is set for the processes of an app, or in an env file.

    Celery's own are read in any process that gets so far: it does not where the field is ``required``.
    """
    from celery_backend_lint.location import Location
    from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
    from celery_backend_lint.model.process_environment import apps_of, services_mentioning

    if _is_read(model, name, fields=False):
        return None
    own = name in OWN_VARIABLES.values() and not required
    if not own:
        for service in services_mentioning(model, [name.encode()]):
            variable = service.variable(name)
            if variable is not None and app in apps_of(model, service):
                return name, variable.name_location
    for file in model.env_files.files:
        if own and not file.example and _is_loaded_anywhere(model):
            continue
        for entry in file.compose_entries:
            if (
                entry.key.upper() == name
                and not entry.commented
                and not model.env_files.is_foreign(file.path, app.path)
            ):
                return name, Location(file.path, entry.key_span)
    return None


def _is_loaded_anywhere(model: Model) -> bool:
    """Whether an env file may reach the process itself, where Celery reads its own variables."""
    return bool(model.project.python_files_mentioning([b"load_dotenv", b"read_env"])) or any(
        model.deployment.env_files()
    )


def _alike(model: Model, app: App, one: VariableRead) -> tuple[str, Location] | None:
    """The one variable that an app's processes are given for what a read is for, and that nobody reads."""
    from celery_backend_lint.model.process_environment import apps_of, environment_of, services_mentioning

    found: dict[str, Location] = {}
    needles = (
        b"URL", b"URI", b"DSN", b"HOST", b"SERVER", b"PASS", b"BROKER", b"REDIS", b"RABBIT", b"BACKEND", b"celery",
    )  # fmt: skip
    for service in services_mentioning(model, needles):
        of_others = service.form == "compose" and service.image and not service.built and not service.commands
        if of_others or app not in apps_of(model, service):
            continue
        if not environment_of(model, service).complete:
            return None  # it may be given what is required
        for variable in service.variables:
            if variable.name not in found and _is_for(one, variable.name, variable.text or ""):
                found[variable.name] = variable.name_location
    unread = {name: place for name, place in found.items() if not _is_read(model, name)}
    if len(unread) != 1:
        return None
    return next(iter(unread.items()))


def _is_for(one: VariableRead, name: str, text: str) -> bool:
    """Whether a variable that is set seems to be meant for a read: by its value and its name, or by its name alone."""
    wanted = one.read.variable
    if name in one.read.variables or name in ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"):
        return False
    said, set_ = _said(wanted), _said(name)
    if one.setting in ("broker_url", "broker_read_url", "broker_write_url") and re.match(BROKER, text):
        return "backend" not in set_ and bool(said & set_ - {"url"} or not set_ - {"url"})
    if one.setting == "result_backend" and re.match(BACKEND, text):
        return "broker" not in set_ and bool(said & set_ - {"url"} or not set_ - {"url"})
    kinds = {"url", "host", "password", "user", "port"}
    return len(said) > 1 and said == set_ and bool(said & kinds) and bool(said - kinds)


def _said(name: str) -> set[str]:
    """What the words of a variable's name say."""
    return {WORDS[word] for word in name.lower().split("_") if word in WORDS}


def _is_read(model: Model, name: str, *, fields: bool = True) -> bool:
    """Whether any file but those that set it, and documentation, names a variable, or one that sets it refers to it.

    ``fields`` takes the name in small letters, in Python, for a field that is read from it.
    """
    needle = name.encode()
    lowered = name.lower().encode()
    if model.project.python_files_mentioning([needle]):
        return True
    for path in model.project.python_files_mentioning([lowered]) if fields else ():
        source = model.project.source(path)
        if source is not None and re.search(rb"(?<![A-Za-z0-9_])" + lowered + rb"(?![A-Za-z0-9_])", source.data):
            return True
    sets = rb"(?m)^[ \t\"'-]*(?:(?:ENV|export)[ \t]+|\w+:[ \t]*[\"']?)?" + needle + rb"[\"']?(?:[ \t:=][^\n]*)?$"
    # in braces: ``{NAME: value}``, ``{name: NAME, value: …}``, not ``${NAME}``
    sets += rb"|(?:(?<!\$)\{|,)[ \t]*[\"']?" + needle + rb"[\"']?[ \t]*:"
    sets += rb"|\{[ \t]*name:[ \t]*[\"']?" + needle + rb"[\"']?[ \t]*[,}]"
    for path in model.project.paths():
        if path.endswith((".py", ".md", ".rst")) or not model.project.mentions(path, [needle]):
            continue
        source = model.project.source(path)
        data = source.data if source is not None else b""
        rest = re.sub(sets, lambda found: found[0].partition(needle)[2], data)
        if re.search(rb"(?<![A-Za-z0-9_])" + needle + rb"(?![A-Za-z0-9_])", rest):
            return True
    return False
