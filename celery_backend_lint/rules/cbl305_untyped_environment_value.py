"""CBL305: text from the environment in a setting that is no text."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Mapping, Operation, Unknown
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.backend_kind import UNKNOWN
from celery_backend_lint.model.held import outcomes
from celery_backend_lint.model.text_values import RETRY_SETTINGS, effect_of_text, kinds_of_setting
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.text_values import TextEffect

RULE = Rule("CBL305", "untyped-environment-value", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_untyped_environment_value(model: Model) -> Iterator[Finding]:
    """A setting that is a number, a switch or a list gets the text of an environment variable.

    ## What it does
    Follows each setting to the reads of the environment that it may come from, and reports those that give text where
    Celery neither wants text nor converts it. What Celery does is decided per setting and backend: numeric text as
    `result_expires` is fine on Redis and breaks the clean-up of a database.

    ## Why is this bad?
    The environment holds text only. `os.getenv("RESULT_EXTENDED", False)` is `"False"` for a variable that says so,
    which is true. `os.getenv("RESULT_EXPIRES")` on a database stores results well, until the nightly clean-up raises
    TypeError and none is ever deleted.

    ## Example
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    result_expires = os.getenv("RESULT_EXPIRES", 3600)
    ```

    ## Use instead
    ```python
    result_backend = "db+postgresql://db.example.com/results"
    result_expires = int(os.getenv("RESULT_EXPIRES", 3600))
    ```

    ## Fix safety
    Wrapping the read in the right cast is safe: what was broken works, and what was right stays. While the variable is
    not set or empty, the setting is what its default is. A switch is off for the texts that say so and on for any
    other, as before. A text that is no number then fails at start; where a file of the project gives the variable such
    a text, nothing is fixed. Where other code uses the same constant or field, the fix is unsafe.

    ## Known limits
    Only what was seen to go wrong with real Celery is reported. Settings of a backend that is not in use are
    CBL703's.

    ## References
    - [Celery: Configuration and defaults](https://docs.celeryq.dev/en/stable/userguide/configuration.html)
    """
    for app in model.checked_apps:
        for setting in app.settings.values():
            if setting.name in RETRY_SETTINGS and not _may_be_true(app, "result_backend_always_retry"):
                continue
            for option, value in _values(setting.value):
                effect = effect_of_text(setting.name, app.declared.version, option)
                if effect is None or not _applies(app, setting.name, effect):
                    continue
                for read in _texts(value):
                    if not is_test_path(read.origin.path):
                        name = f'{setting.name}["{option}"]' if option else setting.name
                        yield RULE.finding(
                            read.origin,
                            f"`{name}` gets the text of `{read.variable}`, which {effect.effect}",
                            help=_remedy(read, effect.cast),
                            app=app.name,
                            propose=partial(_fix, model, read, effect.cast),
                        )


def _fix(model: Model, read: Environment, cast: str) -> Fix:
    from celery_backend_lint.fixes.typed_reads import cast_read

    return cast_read(model, read, cast)


def _values(value: Value) -> Iterator[tuple[str, Value]]:
    """A setting's value under ``""``, and those of its keys under theirs where an outcome is a dict."""
    yield "", value
    for outcome in outcomes(value):
        if isinstance(outcome, Mapping):
            for entry in outcome.entries:
                if isinstance(entry.key, Literal) and isinstance(entry.key.value, str):
                    yield entry.key.value, entry.value


def _texts(value: Value) -> Iterator[Environment]:
    """The outcomes that are a variable's text. A function that asks for a value's type is taken to know it."""
    if isinstance(value, Environment):
        if value.cast == "str":
            yield value
        if value.default is not None:
            yield from _texts(value.default)
    elif isinstance(value, Choice) and not any(_asks_for_type(one.condition) for one in value.alternatives):
        for alternative in value.alternatives:
            yield from _texts(alternative.value)


def _asks_for_type(condition: Value | None) -> bool:
    if isinstance(condition, Operation):
        return any(_asks_for_type(operand) for operand in condition.operands)
    return isinstance(condition, Unknown) and ("isinstance()" in condition.why or "type()" in condition.why)


def _applies(app: App, setting: str, effect: TextEffect) -> bool:
    """Whether a backend that the app may use is one where text does harm.

    Where the backend is not known, a setting that only one kind of backend reads is taken to be written for that one.
    """
    if not effect.kinds:
        return True
    kinds = {app.result_backend.kind, *(other.kind for other in app.result_backend.alternatives)}
    return not kinds.isdisjoint(effect.kinds) or (kinds == {UNKNOWN} and bool(kinds_of_setting(setting)))


def _may_be_true(app: App, name: str) -> bool:
    """Whether a switch is set at all, to anything but a constant that is false."""
    setting = app.settings.get(name)
    return setting is not None and not all(
        isinstance(one, Literal) and not one.value for one in outcomes(setting.value)
    )


def _remedy(read: Environment, cast: str) -> str:
    variable = read.variable
    if read.reader.startswith("pydantic"):
        return f"declare the field as `{cast}`"
    if read.reader in ("environ", "environs") and cast != "dict":
        return f'`env.{cast}("{variable}", …)`'
    if read.reader == "decouple" and cast in ("bool", "int"):
        return f'`config("{variable}", …, cast={cast})`'
    if cast == "bool":
        return f'`os.environ.get("{variable}", "").lower() not in ("", "0", "false", "no", "off")`'
    if cast == "list":
        return f'`os.environ["{variable}"].split(",")`'
    if cast == "dict":
        return f'a dict, or `json.loads(os.environ["{variable}"])`'
    return f'`{cast}(os.environ.get("{variable}", …))`'
