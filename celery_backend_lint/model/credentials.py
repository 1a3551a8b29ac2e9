"""The credentials that a configuration holds in its source: literals, and the defaults of reads of the environment.

A literal counts wherever Celery's configuration takes it from: another module's constant, a field of a settings class.
What stands in for a credential (``guest``, ``changeme``) is told apart from one.
"""

from __future__ import annotations

import re

from celery_backend_lint.evaluate.values import (
    Choice,
    Environment,
    Literal,
    Mapping,
    Operation,
    Sequence,
    Text,
)
from celery_backend_lint.model import facts
from celery_backend_lint.model.app import Assignment
from celery_backend_lint.model.names import uses
from celery_backend_lint.project.test_paths import is_test_path
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.values import Value
    from celery_backend_lint.location import Location
    from celery_backend_lint.model import Model
    from celery_backend_lint.model.app import App
    from celery_backend_lint.model.names import NameUse
    from celery_backend_lint.syntax.python import Node

SETTINGS = frozenset({"result_backend", "override_backends", "security_key_password"})
"""Settings that may hold a credential besides those of the broker and those of one backend."""

WORDS = ("password", "passwd", "secret", "token", "key", "credential")


@record
class HeldCredential:
    """A credential in the source.

    ``location`` is the literal's place, ``shown`` its text masked, ``what`` it is for in words. ``read`` is the read of
    the environment whose default it is, None for a plain literal. ``stand_in`` says that it is none of value: a default
    account or a placeholder. ``credential`` is the credential itself, as it stands in the text.
    """

    assignment: Assignment
    location: Location
    shown: str
    what: str
    read: Environment | None
    stand_in: bool
    credential: str = ""

    def __repr__(self) -> str:
        """Leave the text out: masked as it is, nobody needs it in a log."""
        return f"HeldCredential({self.location!r})"


@record
class _Found:
    text: str
    start: int
    end: int
    user: str
    host: str


@record
class _Leaf:
    """A text in a value: ``name`` is the key or setting it is given to, ``parts`` what of it is constant: where in it,
    the literal, and the read of the environment whose default that is.
    """

    text: str
    parts: tuple[tuple[int, int, Literal, Environment | None], ...]
    name: str


def holds_credentials(setting: str, app: App) -> bool:
    """Whether a setting is one that a connection's credentials are written in."""
    return (
        setting in SETTINGS or setting.startswith("broker_") or facts.is_backend_setting(setting, app.declared.version)
    )


def credentials(model: Model, app: App) -> Iterator[HeldCredential]:
    """Every credential in the source of an app's configuration: those of assignments that lose count as well."""
    for setting in app.settings.values():
        if not holds_credentials(setting.name, app):
            continue
        for assignment in setting.assignments:
            if not is_test_path(assignment.location.path):
                yield from credentials_of(model, assignment)
    for use in uses(model, app):
        if use.meaning.setting and holds_credentials(use.meaning.setting, app):
            for assignment in _unread(model, app, use):
                yield from credentials_of(model, assignment)


def _unread(model: Model, app: App, use: NameUse) -> Iterator[Assignment]:
    """The values given to a name that Celery does not read: a credential in one is in the source all the same."""
    for write in app.writes:
        if write.location in use.locations and write.written == use.written:
            yield Assignment(use.meaning.setting, use.written, write.value, write.location, write.place)
    for location in use.locations if use.kind in ("module", "django") else ():
        file = model.evaluator.modules.file(location.path)
        value = model.evaluator.read(file.scope, use.written, None) if file is not None else None
        if value is not None:
            yield Assignment(use.meaning.setting, use.written, value, location, use.kind)


def credentials_of(model: Model, assignment: Assignment) -> Iterator[HeldCredential]:
    """The credentials in the value of one assignment."""
    ev = model.evaluator
    for leaf in _leaves(assignment.value, assignment.setting, None):
        for found in _in_text(leaf):
            credential = leaf.text[found.start : found.end]
            if _is_filled_in(credential):
                continue
            from celery_backend_lint.model.image_accounts import is_default_account  # most projects have no credential

            for start, end, literal, read in leaf.parts:
                if start < found.end and found.start < end and (literal.value or read):
                    place = _written_at(ev, literal, credential, assignment)
                    if is_test_path(place.path):
                        break
                    stand_in = _stands_in(credential, found, leaf.name) or is_default_account(
                        model, found.user, credential, found.host
                    )
                    yield HeldCredential(
                        assignment, place, _shown(leaf), _purpose(leaf, assignment.setting), read, stand_in, credential
                    )
                    break


def _leaves(value: Value, name: str, read: Environment | None) -> Iterator[_Leaf]:
    if isinstance(value, Literal):
        if isinstance(value.value, str) and value.value:
            yield _Leaf(value.value, ((0, len(value.value), value, read),), name)
    elif isinstance(value, Environment):
        if value.default is not None:
            yield from _leaves(value.default, name, value)
    elif isinstance(value, Text):
        yield from _of_text(value, name, read)
    elif isinstance(value, Choice):
        for alternative in value.alternatives:
            yield from _leaves(alternative.value, name, read or _falls_back_from(value, alternative.value))
    elif isinstance(value, Mapping):
        for entry in value.entries:
            key = entry.key.value if isinstance(entry.key, Literal) and isinstance(entry.key.value, str) else ""
            yield from _leaves(entry.value, key, read)
    elif isinstance(value, Sequence):
        for item in value.items:
            yield from _leaves(item, name, read)
    elif isinstance(value, Operation) and value.operands and value.operator in ("quote", "quote_plus", "strip"):
        yield from _leaves(value.operands[0], name, read)


def _of_text(value: Text, name: str, read: Environment | None) -> Iterator[_Leaf]:
    """A text of parts, reads shown as ``{VARIABLE}``, and once more for each read's default put in its place."""
    whole: list[tuple[str, Literal | None, Environment | None]] = []
    for part in value.parts:
        if isinstance(part, Literal):
            whole.append((str(part.value), part, read))
        else:
            whole.append((f"{{{part.variable}}}" if isinstance(part, Environment) else "{value}", None, None))
    yield _joined(whole, name)
    for index, part in enumerate(value.parts):
        default = _default_in(part)
        if default is not None:
            literal, environment = default
            shown: list[tuple[str, Literal | None, Environment | None]] = [(text, None, None) for text, _, _ in whole]
            yield _joined([*shown[:index], (str(literal.value), literal, environment), *shown[index + 1 :]], name)


def _joined(pieces: list[tuple[str, Literal | None, Environment | None]], name: str) -> _Leaf:
    text = ""
    parts = []
    for piece, literal, read in pieces:
        if literal is not None:
            parts.append((len(text), len(text) + len(piece), literal, read))
        text += piece
    return _Leaf(text, tuple(parts), name)


def _default_in(part: Value) -> tuple[Literal, Environment] | None:
    """The constant that a part of a text is while its variable is not set, with the read."""
    if isinstance(part, Operation) and part.operands:
        return _default_in(part.operands[0])
    if isinstance(part, Environment) and isinstance(part.default, Literal) and part.default.value not in (None, ""):
        return part.default, part
    return None


def _falls_back_from(choice: Choice, value: Value) -> Environment | None:
    """The read that ``value`` stands in for: ``os.getenv("X") or value``, ``try: os.environ["X"] except KeyError``."""
    if not isinstance(value, (Literal, Text)):
        return None
    for alternative in choice.alternatives:
        inner = alternative.value
        if isinstance(inner, Environment) and _mentions(alternative.condition, inner):
            return inner
    return None


def _mentions(condition: Value | None, read: Environment) -> bool:
    if isinstance(condition, Environment):
        return condition.variable == read.variable
    if isinstance(condition, Operation):
        return any(_mentions(operand, read) for operand in condition.operands)
    return False


def _in_text(leaf: _Leaf) -> Iterator[_Found]:
    from celery_backend_lint.findings.masking import is_secret_name, secrets_of_text
    from celery_backend_lint.model.secrets import credentials_in_urls

    text = leaf.text
    urls = credentials_in_urls(text) if "://" in text else ()
    if urls:
        for url in urls:
            yield _Found(text, url.start, url.end, url.user, url.host)
    elif "://" not in text and is_secret_name(leaf.name):
        yield _Found(text, 0, len(text), "", "")
    elif "=" in text:
        for start, end in secrets_of_text(text):
            yield _Found(text, start, end, "", _host(text))


def _host(text: str) -> str:
    found = re.match(r"[\w+.-]+://(?:[^@/]*@)?([^:/?#;,]*)", text)
    return found[1] if found else "unknown.host"


def _is_filled_in(credential: str) -> bool:
    """Whether a text only marks where a credential belongs: ``<password>``, ``{{ password }}``, ``***``."""
    from celery_backend_lint.findings.url_passwords import filled_in

    return (
        filled_in(credential)
        or re.fullmatch(r"\{.*\}|<.*>|\[.*\]|\$\w+|%.*%|[*.xX_-]{2,}|__\w+__|@\w+@", credential) is not None
    )


def _stands_in(credential: str, found: _Found, name: str) -> bool:
    """Whether a credential is a placeholder, or a default account on a host that the public network does not reach."""
    from celery_backend_lint.model.secrets import (
        EVERYDAY_WORDS,
        TELLING_WORDS,
        is_local,
        is_placeholder,
        is_two_words,
        is_variable_name,
    )

    if is_variable_name(credential):
        return True
    local = is_local(found.host)
    if local and credential in (found.user, found.host) and credential:
        return True
    if not is_placeholder(credential, found.user, found.host, name):
        return False
    telling = set(TELLING_WORDS.split())
    known = telling.union((EVERYDAY_WORDS if local else "password secret key token the to me my").split())
    pieces = [piece for piece in re.split(r"[^A-Za-z0-9]+", credential) if piece]
    words = [word.lower() for piece in pieces for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+\D*", piece)]
    if not local and telling.isdisjoint(words):
        return False
    if local and is_two_words(credential, known):
        return True
    if local:  # ``shop_user:shop_password``: made of the account's own words
        known |= {word for word in re.split(r"[\W_]+", found.user.lower()) if word}
    return all(word in known or (local and word.isdigit()) for word in words)


def _purpose(leaf: _Leaf, setting: str) -> str:
    """What a text is for, in words; the setting itself is not named again."""
    if "://" in leaf.text:
        return "the password of a URL"
    for word in WORDS:
        if word in leaf.name.lower():
            return f"the {word} `{leaf.name}`" if leaf.name != setting else f"a {word}"
    return f"the credential `{leaf.name}`" if leaf.name else "a credential"


def _shown(leaf: _Leaf) -> str:
    from celery_backend_lint.findings.masking import mask

    return mask(leaf.text) if "://" in leaf.text else "***"


def _written_at(ev: Evaluator, literal: Literal, credential: str, assignment: Assignment) -> Location:
    """The place of the literal that the credential is written in, where the text was put together from several."""
    for whole in (True, False):
        for origin in dict.fromkeys((literal.origin, assignment.value.origin)):
            found = _search(ev, origin, credential, 0, whole=whole)
            if found is not None:
                return found
    return literal.origin


def _search(ev: Evaluator, origin: Location, credential: str, depth: int, *, whole: bool) -> Location | None:
    """The literal that holds a credential, or a part of it where it need not be there as a ``whole``."""
    file = ev.modules.file(origin.path)
    from celery_backend_lint.model.source_nodes import node_at

    node = node_at(ev, origin)
    if file is None or node is None or depth > 5:
        return None
    for inner in _expressions(node):
        value = ev.ask(inner, ev.scope_at(inner, file.scope))
        if not isinstance(value, Literal) or not isinstance(value.value, str) or len(value.value) < 2:
            continue
        if credential in value.value or (not whole and value.value in credential):
            if inner.type == "string":
                return ev.location(inner, file.scope)
            further = value.origin != origin
            if further and (found := _search(ev, value.origin, credential, depth + 1, whole=whole)) is not None:
                return found
    return None


def _expressions(node: Node) -> Iterator[Node]:
    """The strings without interpolation, names and attributes in an expression, in order."""
    is_plain = node.type == "string" and not any(child.type == "interpolation" for child in node.children)
    if is_plain or node.type in ("identifier", "attribute"):
        yield node
    else:
        for child in node.named_children:
            yield from _expressions(child)
