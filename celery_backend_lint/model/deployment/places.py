"""Where parts of a deployment file stand: byte offsets to locations, words of YAML text to their bytes."""

from __future__ import annotations

from celery_backend_lint.location import Location
from celery_backend_lint.model.deployment.records import Service, Variable
from celery_backend_lint.model.deployment.shell_words import Word, statements
from celery_backend_lint.model.deployment.templates import filled_later, shown, without_templates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from celery_backend_lint.model.deployment.records import Command, EnvFileUse
    from celery_backend_lint.project.source import SourceFile
    from celery_backend_lint.syntax.yaml import YamlNode


class Places:
    """The places of one file."""

    __slots__ = ("source", "utf8")

    def __init__(self, source: SourceFile, *, templates: bool = False) -> None:
        """``templates`` blanks the template expressions in ``utf8``."""
        self.source = source
        self.utf8 = without_templates(source.utf8) if templates else source.utf8

    def at(self, start: int, end: int) -> Location:
        """The location of a range of bytes."""
        return Location(self.source.path, self.source.span(start, end))

    def word(self, word: Word) -> Location:
        """The location of a word whose offsets are the file's."""
        return self.at(word.start, word.end)

    def key(self, node: YamlNode) -> Location:
        """The location of a YAML value's key without its quotes, the value's own where it has none."""
        if node.key_start < 0:
            return self.at(node.start, node.end)
        return self.at(*_unquoted(self.utf8, node.key_start, node.key_end))

    def value(self, node: YamlNode) -> Location:
        """The location of a YAML scalar without its quotes; of its key where it is empty."""
        start, end = inside(self.utf8, node)
        return self.at(start, end) if start < end else self.key(node)

    def whole_file(
        self,
        form: str,
        variables: Iterable[Variable],
        env_files: Iterable[EnvFileUse],
        commands: Iterable[Command],
        image: str = "",
        *,
        built: bool = False,
    ) -> Service:
        """The service that the whole file describes, which goes by the file's name."""
        path = self.source.path
        folder, _, name = path.rpartition("/")
        return Service(
            name,
            path,
            self.at(0, 0),
            folder,
            form,
            tuple(variables),
            tuple(env_files),
            tuple(commands),
            image,
            built,
            path if built else "",
        )

    def plain(self, name: str, node: YamlNode, form: str, at: Location | None = None) -> Variable:
        """The variable that a YAML scalar gives a value as it is; without one, and for a template, it is not known."""
        at = at or self.key(node)
        text = node.text
        if text is None:
            empty = node.value is None
            return Variable(name, "" if empty else None, "", at, at, form)
        if filled_later(text):
            return Variable(name, shown(text), self.written(node), self.value(node), at, form, ("…",))
        return Variable(name, text, text, self.value(node), at, form)

    def written(self, node: YamlNode) -> str:
        """A scalar as the file has it, template expressions and all."""
        start, end = inside(self.utf8, node)
        return self.source.utf8[start:end].decode("utf-8", "replace")

    def part(self, node: YamlNode, text: str, after: int = -1) -> tuple[int, int]:
        """Where ``text`` stands inside of a YAML value, from ``after`` on; the whole value where it is not as is."""
        start, end = inside(self.utf8, node)
        raw = text.encode()
        found = self.utf8.find(raw, max(start, after), end) if raw else -1
        return (found, found + len(raw)) if found >= 0 else (start, end)

    def command_lines(self, node: YamlNode) -> Iterator[list[Word]]:
        """The command lines in a YAML value: text as a shell splits it, or a list of words; offsets are the file's."""
        if node.text is not None:
            after = -1
            for statement in statements(node.text.encode()):
                placed = []
                for word in statement:
                    start, end = self.part(node, word.text, after)
                    after = end if end - start == len(word.text.encode()) else after
                    placed.append(Word(word.text, start, end, word.literal))
                yield placed
        else:
            yield [
                Word(one.text, *inside(self.utf8, one), one.quoted) for one in node.elements() if one.text is not None
            ]


def inside(utf8: bytes, node: YamlNode) -> tuple[int, int]:
    """The range of a YAML scalar without its quotes."""
    return _unquoted(utf8, node.start, node.end)


def _unquoted(utf8: bytes, start: int, end: int) -> tuple[int, int]:
    if end - start >= 2 and utf8[start : start + 1] in (b"'", b'"') and utf8[end - 1 : end] == utf8[start : start + 1]:
        return start + 1, end - 1
    return start, end
