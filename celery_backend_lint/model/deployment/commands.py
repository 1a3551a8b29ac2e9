"""Command lines of the ``celery`` program, found among the words of any command line.

The options are those of ``celery.bin.celery``, ``celery.bin.worker`` and ``celery.bin.beat`` (5.7); 4.x took the
global ones after the subcommand too.
"""

from __future__ import annotations

import re

from celery_backend_lint.model.deployment.records import Command
from celery_backend_lint.model.deployment.shell_words import Word, statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from celery_backend_lint.location import Location

SUBCOMMANDS = frozenset(
    {
        "worker", "beat", "multi", "flower", "inspect", "control", "purge", "status", "events", "call", "shell", "list",
        "migrate", "result", "report", "upgrade", "graph", "logtool", "amqp",
    }
)  # fmt: skip
WITH_VALUE = {
    "-A": "app", "--app": "app", "-b": "broker", "--broker": "broker", "--result-backend": "result_backend",
    "--loader": "loader", "--config": "config", "--workdir": "workdir",
}  # fmt: skip
"""The options before the subcommand that take a value."""

NO_COMMAND = (
    r"(?:pip[\d.]*|apt|apt-get|apk|yum|dnf|brew|conda|pkill|killall|pgrep|grep|hash|which|systemctl|service|echo"
    r"|printf)$"
)
"""Programs whose arguments are only the name of celery."""

MAIN = r"celery\.(?:__main__|bin\.celery)\.main$"
"""Celery's own function, which watchfiles calls anew at each change, with ``--args`` as ``sys.argv`` (1.3)."""

_DEEPEST = 3


def celery_commands(
    words: Sequence[Word], locate: Callable[[Word], Location], form: str, depth: int = 0
) -> Iterator[Command]:
    """The commands of celery in a command line, those in the argument of ``sh -c`` too."""
    for index, word in enumerate(words):
        program = word.text.rpartition("/")[2]
        if program in ("celery", "celery.exe") and _is_command(words, index):
            yield _command(words, index, locate, form)
            return
        if re.match(MAIN, word.text):
            arguments = _arguments(words[index + 1 :])
            if _is_command(arguments, 0):
                yield _command(arguments, 0, locate, form)
            return
        if " " in word.text and "celery" in word.text and depth < _DEEPEST and not _only_names(words[:index]):
            inner = word.text.encode()
            for statement in statements(inner):
                placed = [Word(one.text, word.start, word.end, one.literal) for one in statement]
                yield from celery_commands(placed, locate, form, depth + 1)


def _arguments(words: Sequence[Word]) -> list[Word]:
    """The command of celery that ``--args`` after its function makes; all that stands there is of one place."""
    for index, word in enumerate(words):
        name, equals, text = word.text.partition("=")
        if name == "--args" and (equals or index + 1 < len(words)):
            holder = word if equals else words[index + 1]
            inner = next(iter(statements((text if equals else holder.text).encode())), [])
            texts = ["celery", *(one.text for one in inner)]
            return [Word(one, holder.start, holder.end, holder.literal) for one in texts]
    return []


def _is_command(words: Sequence[Word], index: int) -> bool:
    """Whether the word ``celery`` at ``index`` is the program: something of celery's own follows, and it is run."""
    before = [word.text for word in words[:index]]
    if _only_names(words[:index]):
        return False
    if any(re.match(r"(?:.*/)?docker(?:-compose)?$", text) for text in before) and not {"run", "exec"} & set(before):
        return False
    for word in words[index + 1 :]:
        text = word.text
        if text in SUBCOMMANDS or re.match(r"(?:-A|--app|--broker|--result-backend|-b)", text):
            return True
        if not text.startswith(("-", "$", "{")):
            return False
    return False


def _only_names(before: Sequence[Word]) -> bool:
    """Whether one of the words is a program that only names what follows."""
    return any(re.match(NO_COMMAND, word.text.rpartition("/")[2]) for word in before)


def _command(words: Sequence[Word], index: int, locate: Callable[[Word], Location], form: str) -> Command:
    given: dict[str, str] = {}
    app: Word | None = None
    what = ""
    beat = False
    own = words[index:]
    at = 1
    while at < len(own):
        text = own[at].text
        name, equals, value = text.partition("=") if text.startswith("--") else (text, "", "")
        if text.startswith("-A") and len(text) > 2:
            name, equals, value = "-A", "=", text[2:].removeprefix("=")
        option = WITH_VALUE.get(name)
        if option is not None:
            holder = own[at]
            if not equals and at + 1 < len(own):
                at += 1
                holder = own[at]
                value = holder.text
            if value and option not in given:
                given[option] = value
                app = holder if option == "app" else app
        elif not what and not text.startswith("-"):
            what = text if text in SUBCOMMANDS else what
        elif text == "--beat" or (what in ("worker", "multi", "") and re.fullmatch(r"-[A-Za-z]*B[A-Za-z]*", text)):
            beat = True
        at += 1
    before = words[index - 1].text if index else ""
    through = before if before.endswith((".py", "-admin", "manage")) else ""
    return Command(
        tuple(word.text for word in own),
        locate(own[0]),
        what,
        given.get("app", ""),
        locate(app) if app is not None else None,
        beat or what == "beat",
        given.get("broker"),
        given.get("result_backend"),
        form,
        through,
    )


def module_files(app: str) -> tuple[str, ...]:
    """The files that ``-A app`` may mean, from the folder that Celery runs in, the likeliest first.

    ``celery.app.utils.find_app`` (5.7): the module, the attribute after ``:`` or the last dot, and a ``celery``
    module inside of a package.
    """
    module, _, attribute = app.partition(":")
    if not re.fullmatch(r"\w+(?:\.\w+)*", module):
        return ()
    path = module.replace(".", "/")
    made = [f"{path}/celery.py", f"{path}/__init__.py", f"{path}.py"]
    if attribute:
        made = [f"{path}.py", f"{path}/__init__.py", f"{path}/celery.py"]
    elif "/" in path:
        above = path.rpartition("/")[0]
        made += [f"{above}.py", f"{above}/__init__.py"]
    return tuple(made)
