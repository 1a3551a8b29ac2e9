"""CBL306: a URL that may hold a password is printed, logged or answered."""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Operation, Text, walk
from celery_backend_lint.findings.finding import Finding, Related, Severity
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.syntax.python import Node

RULE = Rule("CBL306", "credential-logged", Severity.WARNING, since="0.1.0")

SIGNS = (
    b"print(", b"log", b"Log", b"LOG", b"jsonify(", b"Response(", b"route(", b".get(", b".post(", b".put(", b"_view",
    b"echo(", b".write(",
)  # fmt: skip
SHOWS = (
    rb"(?:print|echo|jsonify|Response|\.(?:debug|info|warning|warn|error|exception|critical|fatal|log|success|write))"
    rb"[ ]?\(|\breturn\b"
)
FAR = 600
"""What stands before an expression that is shown, in so many bytes."""
MEANT = (
    rb"(?i)#.*\b(?:intentional|deliberate|on purpose|no (?:password|secret|credential)|without (?:a |the )?password"
    rb"|nothing secret)"
)
"""A comment that says of the line that it is as it should be. One that says "debug" does not: it may be forgotten."""
CONF = ("broker_url", "broker_read_url", "broker_write_url", "result_backend")


def check_credential_logged(model: Model) -> Iterator[Finding]:
    """The URL of the broker or the result backend is printed, logged or returned by a view, with its password.

    ## What it does
    Looks for the values that Celery connects with in the arguments of `print`, of loggers and of responses:
    `settings.CELERY_BROKER_URL`, `app.conf.result_backend`, `os.environ["REDIS_URL"]`, in f-strings, `%` and `format`.
    Only values that have a password, or that are taken whole from a variable, count.

    ## Why is this bad?
    Logs are kept for months, are sent to other services, and are read by many more people than the configuration.
    Celery takes the password out of its own banner and log lines (`redis://:**@cache:6379/0`), a `print` does not.

    ## Example
    ```python
    logger.info("results go to %s", settings.CELERY_RESULT_BACKEND)
    ```

    ## Use instead
    ```python
    from kombu.utils.url import maybe_sanitize_url

    logger.info("results go to %s", maybe_sanitize_url(settings.CELERY_RESULT_BACKEND))
    ```

    ## Known limits
    What any function is called with on the way, and slices and comparisons, are not followed, nor are values that are
    handed on under another name. Test code is left out, what stands below `if DEBUG:` too, what is only come to while
    there is no `@` in it (`if "@" not in url`), and where a comment at the call calls it intentional, and a handler
    that is only entered where the configuration cannot be loaded, for there reading it fails again. So is
    `app.conf.broker_url` where each process is given `CELERY_BROKER_URL` without a password: that beats what is
    configured. It is advice where the repository gives processes the variable and no value there has a password.

    ## References
    - `kombu.utils.url.maybe_sanitize_url`, `celery.backends.base.Backend.as_uri`
    """
    known = [_Known(model, app) for app in model.checked_apps]
    names = sorted({name.encode() for one in known for name in one.names})
    done: set[tuple[str, int]] = set()
    for path in model.project.python_files_mentioning(names) if names else ():
        if is_test_path(path) or not model.project.mentions(path, SIGNS):
            continue
        for node, word in _occurrences(model, path, names):
            if (path, node.start_byte) not in done:
                done.add((path, node.start_byte))
                yield from _of_expression(model, path, node, word, known)


class _Known:
    """What an app connects with: variables that hold a whole URL or a secret, texts, and what they are called."""

    __slots__ = ("app", "names", "secrets", "variables")

    def __init__(self, model: Model, app: App) -> None:
        from celery_backend_lint.findings.masking import is_secret_name
        from celery_backend_lint.model.celery_variables import reads_of

        self.app = app
        self.names = set(CONF)
        self.variables: set[str] = set()
        self.secrets: set[str] = set()
        for setting in app.settings.values():
            if setting.name in CONF:
                self.names.update(one.written for one in setting.assignments)
                for assignment in setting.assignments:
                    self.variables.update(_whole(assignment.value))
                    self.secrets.update(_texts(assignment.value))
                self.variables.update(_whole(setting.value))
        for one in reads_of(app):
            if one.connects and is_secret_name(one.read.variable):
                self.variables.update(one.read.variables)
        for setting in app.settings.values():
            if setting.name in CONF:
                self.names.update(name for one in setting.assignments for name in _names_of(model, one.value))
        self.names.update(self.variables)
        self.names.update(name.lower() for name in self.variables)
        self.names.discard("backend")
        self.names.discard("broker")

    def exposed(self, value: Value) -> str:
        """What a value gives away when it is shown: "its password", "what `X` holds"; "" for nothing that is known."""
        from celery_backend_lint.findings.masking import is_secret_name

        if isinstance(value, Literal):
            return "its password" if value.value in self.secrets else ""
        if isinstance(value, Environment):
            if self.variables.intersection(value.variables):
                secret = is_secret_name(value.variable)
                return f"what `{value.variable}` holds" + ("" if secret else " and any password in it")
            return self.exposed(value.default) if value.default is not None else ""
        if isinstance(value, Choice):
            return next((found for one in value.alternatives if (found := self.exposed(one.value))), "")
        if isinstance(value, (Text, Operation)):
            parts = value.parts if isinstance(value, Text) else value.operands if value.operator == "quote" else ()
            return next((found for one in parts if (found := self.exposed(one))), "") or (
                "its password" if isinstance(value, Text) and self.secrets.intersection(_texts(value)) else ""
            )
        return ""


def _names_of(model: Model, value: Value) -> Iterator[str]:
    """The names that the reads and texts in a value are assigned to where they stand."""
    from celery_backend_lint.model.source_nodes import node_at
    from celery_backend_lint.syntax.python import text_of

    for one in walk(value):
        node = node_at(model.evaluator, one.origin) if isinstance(one, (Environment, Literal, Text)) else None
        while node is not None and node.type not in ("assignment", "block", "module", "argument_list"):
            node = node.parent
        if node is None or _function_around(node) is not None:
            continue  # a name of a function's own
        left = node.child_by_field_name("left") if node.type == "assignment" else None
        if left is not None and left.type in ("identifier", "attribute"):
            yield text_of(left).rpartition(".")[2]
        elif left is not None and left.type == "subscript":
            key = re.search(r"\[\s*[\"'](\w+)[\"']\s*\]$", text_of(left))
            if key is not None:
                yield key[1]


def _function_around(node: Node) -> Node | None:
    outer = node.parent
    while outer is not None and outer.type not in ("function_definition", "lambda"):
        outer = outer.parent
    return outer


def _whole(value: Value) -> Iterator[str]:
    """The variables that hold the whole of a value."""
    if isinstance(value, Environment):
        yield from value.variables
        if value.default is not None:
            yield from _whole(value.default)
    elif isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from _whole(alternative.value)


def _texts(value: Value) -> Iterator[str]:
    """The texts in a value that hold a secret themselves."""
    from celery_backend_lint.model.secrets import is_secret
    from celery_backend_lint.model.urls import text_of

    if isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from _texts(alternative.value)
    elif isinstance(value, Environment) and value.default is not None:
        yield from _texts(value.default)
    else:
        text = text_of(value)
        if text and "@" in text and is_secret("URL", text):
            yield text


def _occurrences(model: Model, path: str, names: list[bytes]) -> Iterator[tuple[Node, str]]:
    """The expressions of a file that end in one of the names."""
    from celery_backend_lint.model.outputs import expression_around

    source = model.project.source(path)
    pattern = re.compile(rb"(?<![\w-])(?:" + b"|".join(map(re.escape, names)) + rb")(?![\w-])")
    for match in pattern.finditer(source.utf8 if source is not None else b""):
        if source is None or not re.search(SHOWS, source.utf8[max(0, match.start() - FAR) : match.start()]):
            continue  # before the file is parsed
        file = model.evaluator.modules.file(path)
        if file is None:
            return
        node = file.scope.node.descendant_for_byte_range(match.start(), match.end())
        if node is not None and node.type in ("identifier", "string_content"):
            yield expression_around(node), match[0].decode()


def _of_expression(model: Model, path: str, node: Node, word: str, known: list[_Known]) -> Iterator[Finding]:
    from celery_backend_lint.model.lazy_configuration import reads_conf_in_vain
    from celery_backend_lint.model.login_conditions import has_no_login
    from celery_backend_lint.model.outputs import shown_by

    if node.type not in ("identifier", "attribute", "subscript", "call"):
        return
    function = _function_around(node) if node.type == "identifier" else None
    parameters = function.child_by_field_name("parameters") if function is not None else None
    if parameters is not None and re.search(rb"\b" + word.encode() + rb"\b", parameters.text or b""):
        return  # what a function is given
    shown = shown_by(node)
    file = model.evaluator.modules.file(path)
    if shown is None or file is None:
        return
    how, sink = shown
    if _is_for_debugging(node) or _is_meant(file.source.utf8, sink) or has_no_login(node):
        return
    if re.search(rb"\bconf\b", node.text or b"") and reads_conf_in_vain(node):
        return
    scope = model.evaluator.scope_at(node, file.scope)
    value = model.evaluator.ask(node, scope)
    for one in known:
        setting = one.app.settings.get(word) if word in CONF and re.search(rb"\bconf\b", node.text or b"") else None
        held = setting.value if setting is not None else value
        exposed = one.exposed(held)
        if exposed and setting is not None and node.type == "attribute" and _is_celerys_own(model, one, word):
            continue
        if exposed:
            harmless = exposed.endswith("any password in it") and _has_no_password(model, one, held)
            if harmless and not model.wants_advice:
                return
            subject = f"`{_said(node)}`"
            yield RULE.finding(
                model.evaluator.location(node, file.scope),
                f"{subject} is {how} with {exposed}: whoever reads {_READERS[how]} can connect",
                help=_help(model, path, node, exposed),
                app=one.app.name,
                related=(Related(model.evaluator.location(sink, file.scope), f"it is {how} here"),),
                severity=Severity.ADVICE if harmless else None,
            )
            return


def _has_no_password(model: Model, known: _Known, value: Value) -> bool:
    """Whether the repository gives processes the variables of a value, and nothing that it says of them, nor any
    default, has a password.
    """
    reads = [one for one in walk(value) if isinstance(one, Environment)]
    if known.secrets or not reads:
        return False
    for read in reads:
        said = model.evidence.of(read, read.origin.path)
        if not any(one.strong for one in said) or any("@" in one.value or "{" in one.value for one in said):
            return False
    return True


def _is_celerys_own(model: Model, known: _Known, setting: str) -> bool:
    """Whether each process that runs the app is given Celery's own variable for a setting, with no password.

    ``app.conf.broker_url`` is what that holds, whatever the configuration reads; ``app.conf["broker_url"]`` is not.
    """
    from celery_backend_lint.model.apps.own_variables import OWN_VARIABLES
    from celery_backend_lint.model.process_environment import given_to_all

    own = OWN_VARIABLES[setting]
    if known.secrets or own in known.app.sets_variables:
        return False
    given = given_to_all(model, known.app, own, known.variables)
    return bool(given) and all(one.value and "@" not in one.value for one in given)


def _is_for_debugging(node: Node) -> bool:
    """Whether an ``if DEBUG:`` stands around a node: what runs for others does not come there."""
    inner, outer = node, node.parent
    while outer is not None and outer.type not in ("function_definition", "lambda"):
        condition = outer.child_by_field_name("condition") if outer.type == "if_statement" else None
        if condition is not None and outer.child_by_field_name("consequence") == inner:
            text = condition.text or b""
            if re.search(rb"(?i)(?:\b|_)debug\b|__debug__", text) and not re.search(rb"\bnot\b|(?i:level|==|!=)", text):
                return True
        inner, outer = outer, outer.parent
    return False


def _is_meant(text: bytes, sink: Node) -> bool:
    """Whether a comment at a call, or right above it, says that the line is as it should be."""
    lines = text.split(b"\n")
    first, last = sink.start_point[0], sink.end_point[0]
    above = lines[first - 1].strip() if first else b""
    beside = [above if above.startswith(b"#") else b"", *lines[first : last + 1]]
    return any(b"#" in line and re.search(MEANT, line) is not None for line in beside)


def _help(model: Model, path: str, node: Node, exposed: str) -> str:
    if not exposed.endswith(("any password in it", "its password")):
        return "leave it out"  # a password by itself: there is no URL to take it out of
    if not _has_kombu(model, path):
        return f"`urllib.parse.urlsplit({_said(node)}).hostname` says where without the password, or leave it out"
    return f"`kombu.utils.url.maybe_sanitize_url({_said(node)})` takes the password out, or leave it out"


def _has_kombu(model: Model, path: str) -> bool:
    """Whether kombu is there where a file runs: a service with manifests of its own has what these bring."""
    from celery_backend_lint.model.packages import BRINGS_CELERY

    own = model.manifests.nearest(path)
    brings = f"(?:celery|kombu|{BRINGS_CELERY})"
    return (
        own is None
        or any(re.fullmatch(brings, one.name) for manifest in own.manifests for one in manifest.requirements)
        or own.has("kombu")
    )


_READERS = {"printed": "the output", "logged": "the log", "returned": "the answer"}


def _said(node: Node) -> str:
    text = (node.text or b"").decode("utf-8", "replace")
    return " ".join(text.split())[:60]
