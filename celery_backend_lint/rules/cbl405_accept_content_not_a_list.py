"""CBL405: text where Celery expects a list of serializers."""

from __future__ import annotations

from functools import partial

from celery_backend_lint.evaluate.values import Choice, Environment, Literal, Text
from celery_backend_lint.findings.finding import Applicability, Finding, Severity
from celery_backend_lint.findings.fix import CannotFixError, Fix
from celery_backend_lint.findings.masking import mask
from celery_backend_lint.rules.rule import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App

RULE = Rule("CBL405", "accept-content-not-a-list", Severity.ERROR, since="0.1.0", fix=Applicability.SAFE)


def check_accept_content_not_a_list(model: Model) -> Iterator[Finding]:
    """The accepted content is text instead of a list.

    ## What it does
    Looks for text as `accept_content` or `result_accept_content`, also in parentheses without a comma.

    ## Why is this bad?
    Celery goes through the text letter by letter and looks each letter up as a serializer: the worker and the first
    use of the result backend raise `SerializerNotInstalled: No encoder/decoder installed for j`. Empty text accepts
    nothing at all.

    ## Example
    ```python
    accept_content = ("json")
    ```

    ## Use instead
    ```python
    accept_content = ["json"]
    ```

    ## Fix safety
    A list of the names that the text holds is safe: no worker started before. Text that names no serializer is left.

    ## Known limits
    Lists, tuples, sets and dicts are fine. Text that comes from the environment is CBL305's.

    ## References
    - [Celery: accept_content](https://docs.celeryq.dev/en/stable/userguide/configuration.html#accept-content)
    """
    for app in model.checked_apps:
        for name in ("accept_content", "result_accept_content"):
            setting = app.settings.get(name)
            for value in _texts(setting.value) if setting is not None else ():
                written = setting.assignments[0].written if setting is not None and setting.assignments else name
                yield RULE.finding(
                    value.origin,
                    _message(written, value),
                    help=_remedy(written, value),
                    app=app.name,
                    propose=partial(_make_list, model, app, name, value),
                )


def _texts(value: Value) -> Iterator[Value]:
    """The outcomes that are text, but for what is read from a variable as text."""
    if isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from _texts(alternative.value)
    elif isinstance(value, Environment):
        if value.cast != "str" and value.default is not None:
            yield from _texts(value.default)
    elif isinstance(value, Text) or (isinstance(value, Literal) and isinstance(value.value, (str, bytes))):
        yield value


def _message(written: str, value: Value) -> str:
    text = value.value if isinstance(value, Literal) and isinstance(value.value, str) else ""
    if text:
        return (
            f"{written} is text, which Celery reads letter by letter: the worker and the result backend raise "
            f"SerializerNotInstalled for {text[0]!r}"
        )
    if isinstance(value, Literal) and value.value == "":
        return f"{written} is empty text: no content is accepted, and every message and result is refused"
    return f"{written} is text, which Celery reads letter by letter: the worker and the result backend raise an error"


def _remedy(written: str, value: Value) -> str:
    wanted = ", ".join(f'"{mask(name)}"' for name in _names(value)) or '"json"'
    return f"make it a list: `{written} = [{wanted}]`"


def _names(value: Value) -> list[str]:
    """The names that a text holds: one, or several with commas between, whatever brackets and quotes it has."""
    text = value.value if isinstance(value, Literal) and isinstance(value.value, (str, bytes)) else ""
    text = text.decode("latin-1") if isinstance(text, bytes) else text
    names = [part.strip(" '\"[]()") for part in text.split(",")]
    return [name for name in names if name]


def _make_list(model: Model, app: App, setting: str, value: Value) -> Fix:
    from celery_backend_lint.fixes.python.items import quote_around
    from celery_backend_lint.fixes.python.nodes import place_of
    from celery_backend_lint.fixes.python.own_values import refuse_shared
    from celery_backend_lint.fixes.python.style import code_of
    from celery_backend_lint.fixes.python.values import replace_expression
    from celery_backend_lint.model.serializers import serializers_of
    from celery_backend_lint.syntax.python import text_of

    refuse_shared(model, model.apps, (setting,), value.origin)
    place = place_of(model, value.origin)
    if not isinstance(value, Literal):
        code = f"[{text_of(place.node)}]"
    else:
        names = _names(value) or ["json"]
        serializers = serializers_of(model, app)
        unknown = [name for name in names if serializers.name_of(name) is None and name not in serializers.own_types]
        if unknown:
            raise CannotFixError(f"the text in {place.where} holds {mask(unknown[0])!r}, which is no serializer")
        code = code_of(names, quote_around(place.node))
    return Fix("Make it a list", Applicability.SAFE, (replace_expression(model, value.origin, code),))
