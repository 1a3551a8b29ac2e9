"""Code in Python that reads env files, and which files it names."""

from __future__ import annotations

import re

from celery_backend_lint.model.env_names import is_env_file, is_example
from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

READER = (
    r"^[^#\n]*?(?:(?<!def )\b(load_dotenv|(?<=\.)read_env|dotenv_values|RepositoryEnv)\s*\("
    r"|^(?:from|import)[ \t]+(decouple)\b|\b(env_file)[\"']?\s*[=:]\s*[\"'(\[])"
)
"""Code that reads an env file, outside of comments."""
READERS = ("load_dotenv", "read_env", "dotenv_values", "RepositoryEnv", "decouple", "env_file")
"""One of them stands in whatever ``READER`` fits."""

IDENTIFIER = r"(?<![.\w\"'])[A-Za-z_]\w*"
ONLY_A_VARIABLE = rf"\(\s*(?:(?:dotenv_path|path|env_file)\s*=\s*)?({IDENTIFIER})\s*(?:,|$)"

LITERAL = r"[\"']([^\"'\n]+)[\"']"
JOINING = r"\b(?:join|joinpath|Path)\s*\((?:[^()]|\([^()]*\))*$"
"""The beginning of a call whose arguments are parts of a path."""

ELSEWHERE = (
    r"\bhome\(\)|\bexpanduser\b|[\"']~|\b(?:user|site)_\w+_(?:dir|path)\b|\bget_app_dir\b|\bgettempdir\b|\bmkdtemp\b"
)
"""A path in somebody's home, or in another folder of the system."""

OF_A_VARIABLE = r"(?i:\benv|environ(?:\.get)?|getenv)[(\[][^()\[\]]*[)\]]+\s*([,/])\s*$"
"""The beginning of a path whose folder a variable holds."""

FOLDER_BEFORE = r"\s*\)*\s*/\s*"
"""What stands between two parts of a path: ``"config" / ".env"``, ``Path("/etc") / ".env"``."""

NO_PATH = r"\(\s*(?:\)|(?:overwrite|encoding)\s*=)"
"""The beginning of arguments that name no file."""
DJANGO_ENVIRON = r"^[ \t]*(?:import[ \t]+environ\b|from[ \t]+environ[ \t]+import\b)"

REQUIRED_VARIABLE = r"(?i:\benv)\(\s*[\"'][A-Z][A-Z0-9_]*[\"']\s*\)|\benviron\[\s*[\"'][A-Z]"
"""A path that a variable must hold: the file is that of whoever starts the program."""


@record
class EnvReader:
    """Code that reads env files: what is called, on which line, and the paths of ``files`` as they are written.

    ``above`` says for each how many folders up from the code's own file its path begins (1: the folder of the code),
    0 where that is not known.
    """

    name: str
    line: int
    files: tuple[str, ...]
    above: tuple[int, ...]


def readers(text: str) -> Iterator[EnvReader]:
    """The places in the ``text`` of a Python file that read env files."""
    for found in _places(text):
        name = found[1] or found[2] or found[3]
        if _is_in_a_docstring(text, found.start(found.lastindex or 0)):
            continue
        if name == "decouple" and not _is_used(text, found):
            continue
        if name == "env_file" and _is_a_variable(text, found.start(3)):
            continue
        line = text.count("\n", 0, found.start(found.lastindex or 0)) + 1
        arguments = text[found.end() - 1 : found.end() + 300] if name != "decouple" else ""
        named = list(_named_to_reader(arguments, text))
        if name == "RepositoryEnv" and named == [(".env", 0)] and ".env" not in arguments:
            continue  # it looks for no file by itself
        if name == "read_env" and re.match(NO_PATH, arguments) and re.search(DJANGO_ENVIRON, text, re.MULTILINE):
            named = [(".env", 1)]  # of the folder of the file that calls it (django-environ 0.9 to 0.14, seen)
        yield EnvReader(name, line, tuple(path for path, _ in named), tuple(above for _, above in named))


def _is_used(text: str, imported: re.Match[str]) -> bool:
    """Whether something that a file imports from decouple to look for an env file stands in it once more.

    That is ``config`` or ``AutoConfig``; ``Config(RepositoryEnv(path))`` reads the file that it is told.
    """
    end = text.find("\n", imported.end())
    line = text[imported.start() : end if end >= 0 else len(text)]
    if "(" in line or "\\" in line:
        line = text[imported.start() : max(text.find(")", imported.end()), imported.end() + len(line))]
    if " import " not in line:
        return re.search(r"\bdecouple\s*\.\s*(?:config|AutoConfig)\b", text) is not None
    if "*" in line:
        return True
    names = [alias or name for name, alias in re.findall(r"\b(config|AutoConfig)\b(?:\s+as\s+(\w+))?", line)]
    return any(len(re.findall(rf"\b{name}\b", text)) > len(re.findall(rf"\b{name}\b", line)) for name in names)


def _is_a_variable(text: str, at: int) -> bool:
    """Whether ``env_file`` at a place is assigned as a variable of the project's, and no option of a class or a call:
    ``env_file = ".env"`` at the top of a module or in a function.
    """
    start = text.rfind("\n", 0, at) + 1
    indent = at - start
    if text[start:at].strip() or not re.match(r"env_file\s*=", text[at : at + 40]):
        return False
    for line in reversed(text[:start].splitlines()):
        depth = len(line) - len(line.lstrip())
        if depth >= indent or not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.lstrip().startswith("class ") or not line.partition(" #")[0].rstrip().endswith(":"):
            return False
        indent = depth
    return True


def _is_in_a_docstring(text: str, at: int) -> bool:
    """Whether a place lies in a text over several lines: what a docstring shows is not run."""
    return any(text.count(quotes, 0, at) % 2 for quotes in ('"""', "'''"))


def _places(text: str) -> Iterator[re.Match[str]]:
    """The places where ``READER`` fits. Only lines that hold one of ``READERS`` are tried: 3 ms less in a service."""
    pattern = re.compile(READER, re.MULTILINE)
    at = 0
    while hits := [hit for name in READERS if (hit := text.find(name, at)) >= 0]:
        start = text.rfind("\n", 0, min(hits)) + 1
        found = pattern.match(text, start) if start >= at else None
        if found is not None:
            yield found
            at = found.end()
        else:
            at = text.find("\n", min(hits)) + 1 or len(text)


def _named_to_reader(arguments: str, text: str) -> list[tuple[str, int]]:
    """The env files that a reader's arguments name; ``.env``, which all readers look for, where they name none. Each
    with how many folders up from the file its path begins.

    A variable in their place is looked up in the ``text`` of the file. One that a function is given, or that is made
    of what a function is given, names a file of whoever calls it.
    """
    depth, end = 0, len(arguments if arguments[:1] == "(" else arguments.partition("\n")[0])
    for bracket in re.finditer(r"[()]", arguments[:end]):
        depth += 1 if bracket[0] == "(" else -1
        if depth == 0:
            end = bracket.start()
            break
    if _is_elsewhere(arguments[:end], text):
        return []
    named = [(path, _folders_up(arguments[:end], text)) for path in _paths_in(arguments[:end])]
    if named or re.search(REQUIRED_VARIABLE, arguments[:end]):
        return named
    variable = re.match(ONLY_A_VARIABLE, arguments[:end])
    return [(".env", 0)] if variable is None else _named_by(variable[1], text)


def _named_by(variable: str, text: str) -> list[tuple[str, int]]:
    """The env files that a file assigns to a variable; none where it, or what they lie in, is handed over.

    Of a variable that comes from another file it is ``.env``, as where nothing is named.
    """
    assigned = rf"^[ \t]*{variable}[ \t]*(?::[^=\n]+)?=(?!=)[ \t]*([^\n]+(?:\n[ \t]+[^\n=]+)*)"
    looped = rf"^[ \t]*for {variable} in ([^:]+):"
    named: list[tuple[str, int]] = []
    places = list(re.finditer(f"{assigned}|{looped}", text, re.MULTILINE))
    if not places and not _is_parameter(variable, text):
        return [(".env", 0)]
    for found in places:
        expression = found[1] or found[2]
        handed = any(_is_parameter(name, text) for name in re.findall(IDENTIFIER, expression))
        if not handed and not _is_elsewhere(expression, text):
            named += [(path, _folders_up(expression, text)) for path in _paths_in(expression)]
    return named


def _is_elsewhere(expression: str, text: str) -> bool:
    """Whether the path in an expression begins in somebody's home, itself or by a name that the file assigns."""
    if re.search(ELSEWHERE, expression):
        return True
    if re.search(ELSEWHERE, text) is None:
        return False
    return any(
        re.search(ELSEWHERE, assigned)
        for name in dict.fromkeys(re.findall(IDENTIFIER, expression))
        for assigned in re.findall(rf"^{name}[ \t]*(?::[^=\n]+)?=(?!=)[ \t]*([^\n]*)$", text, re.MULTILINE)
    )


def _folders_up(expression: str, text: str) -> int:
    """How many folders up from its own file the path in an expression begins; 0 where that is not known.

    ``Path(__file__).resolve().parent.parent / ".env"`` and ``BASE_DIR / ".env"`` with that ``BASE_DIR`` are 2.
    """
    steps = expression
    if "__file__" not in steps:
        for name in dict.fromkeys(re.findall(IDENTIFIER, expression)):
            assigned = re.findall(rf"^{name}[ \t]*(?::[^=\n]+)?=(?!=)[ \t]*([^\n]*__file__[^\n]*)$", text, re.MULTILINE)
            if len(assigned) == 1:
                steps = f"{assigned[0]} {expression}"
                break
        else:
            return 0
    several = sum(int(number) + 1 for number in re.findall(r"\.parents\[(\d)\]", steps))
    return several + len(re.findall(r"\.parent\b|\bdirname\s*\(|\bpardir\b", steps))


def _paths_in(expression: str) -> Iterator[str]:
    """The env files that an expression names, with the folders that it puts before them.

    ``BASE_DIR / "config" / ".env"`` and ``path.join(BASE_DIR, "config", ".env")`` are ``config/.env``.
    """
    folders: list[str] = []
    last = 0
    for literal in re.finditer(LITERAL, expression):
        between = expression[last : literal.start()]
        joined = re.fullmatch(FOLDER_BEFORE, between) or (
            re.fullmatch(r"\s*,\s*", between) and re.search(JOINING, expression[:last])
        )
        if not joined:
            folders.clear()
        held = re.search(OF_A_VARIABLE, expression[: literal.start()])
        if held is not None and ("/" in held[1] or re.search(JOINING, expression[: literal.start()])):
            folders = [(re.findall(LITERAL, held[0])[1:] or [""])[0]]  # nowhere below the project, but for a default
        last = literal.end()
        if _is_path(literal[1]):
            yield "/".join([*folders, literal[1]])
            folders.clear()
        else:
            folders.append(literal[1].rstrip("/"))


def _is_path(text: str) -> bool:
    """Whether a text is the path of one env file in use, and no pattern for several."""
    return is_env_file(text) and not is_example(text) and not set("*?{").intersection(text)


def _is_parameter(name: str, text: str) -> bool:
    return re.search(rf"\bdef \w+\([^)]*\b{name}\b[^)]*\)", text) is not None
