"""CBL706: a value of a type that the setting cannot have."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.model.literal_types import is_read, written, wrong_type
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.findings.fix import Fix
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.literal_types import WrongType

RULE = Rule("CBL706", "wrong-setting-type", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_wrong_setting_type(model: Model) -> Iterator[Finding]:
    """A setting is given a value of a type that it cannot have.

    ## What it does
    Checks the values that the code writes: text as a number (`redis_max_connections = "50"`), text that says no as a
    switch (`result_extended = "false"`), text or a list where a dict is needed, and what a stray comma makes a tuple.

    ## Why is this bad?
    Celery checks no types. Text is true as a switch, `"false"` too. Elsewhere the value breaks what first uses it, far
    from the setting: redis-py refuses `"50"` with ValueError at the first result, `worker_max_tasks_per_child = "100"`
    keeps the worker from starting.

    ## Example
    ```python
    result_backend = "redis://cache.example.com:6379/0"
    redis_max_connections = "50"
    ```

    ## Use instead
    ```python
    result_backend = "redis://cache.example.com:6379/0"
    redis_max_connections = 50
    ```

    ## Fix safety
    Where Celery failed, the number in the text, the one item of the tuple, or an empty dict is written. A switch that
    was on by mistake goes off, which is what its line says.

    ## Known limits
    Only what was seen to go wrong with real Celery is reported. Text from the environment is CBL305's, `result_expires`
    CBL502's, serializers' names CBL403's and CBL405's, `redis_backend_use_ssl` CBL106's. Settings of a backend that is
    not in use are CBL703's.

    ## References
    - [Celery: Configuration and defaults](https://docs.celeryq.dev/en/stable/userguide/configuration.html)
    """
    for app in model.checked_apps:
        for setting in app.settings.values():
            for value in written(setting.value):
                wrong = wrong_type(setting.name, app.declared.version, value)
                if wrong is None or is_test_path(value.origin.path) or not is_read(app, setting.name):
                    continue
                name = setting.assignments[0].written if setting.assignments else setting.name
                yield RULE.finding(
                    value.origin,
                    f"`{name}` is {wrong.what}: {wrong.effect}",
                    help=_help(name, wrong, value),
                    app=app.name,
                    propose=partial(_fix, model, setting.name, value, wrong),
                )


_WANTED = {"int": "a whole number", "float": "a number", "dict": "a dict", "list": "a list", "str": "a text"}


def _help(name: str, wrong: WrongType, value: Value) -> str:
    from celery_backend_lint.evaluate.values import Literal
    from celery_backend_lint.model.literal_types import number_in

    if wrong.wanted == "bool":
        return f"`{name} = False`"
    if isinstance(value, Literal) and isinstance(value.value, str) and wrong.wanted in ("int", "float"):
        number = number_in(value.value)
        if number is not None:
            return f"`{name} = {number:g}`"
    return f"give it {_WANTED[wrong.wanted]}"


def _fix(model: Model, setting: str, value: Value, wrong: WrongType) -> Fix:
    from celery_backend_lint.fixes.python.right_type import right_type

    return right_type(model, setting, value, wrong.wanted)
