"""In which files an attribute of a class or an instance may be set, by their bytes alone."""

from __future__ import annotations

from celery_backend_lint.evaluate.imported_modules import named_imports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_backend_lint.evaluate.evaluator import Evaluator
    from celery_backend_lint.evaluate.project_modules import ModuleFile
    from celery_backend_lint.evaluate.values import Class, Instance, Unknown


def where_set(ev: Evaluator, cls: Class, name: str, instance: Instance | None, path: str) -> Unknown | None:
    """Unknown where statements of these files set the attribute: ``Config.name = …`` (`outside_writes`)."""
    near = {cls.scope.file.path, instance.origin.path if instance is not None else path, path}
    files: list[ModuleFile] = []
    is_set = False
    for file in files_around(ev, cls, instance, path):
        here = next(places_set(file, name), -1) >= 0 or _sets_by_name(file.source.utf8, name, is_near=file.path in near)
        if here or file.path in near:
            files.append(file)
        is_set = is_set or here
    if not is_set:
        return None
    from celery_backend_lint.evaluate.objects.outside_writes import set_from_outside

    return set_from_outside(ev, cls, name, instance, files)


def _sets_by_name(text: bytes, name: str, *, is_near: bool) -> bool:
    """Whether a file sets attributes by other means than assignments; of one that is only imported: this attribute."""
    if not is_near:
        return b"setattr" in text and (f'"{name}"'.encode() in text or f"'{name}'".encode() in text)
    return b"setattr" in text or b"__dict__" in text or b"vars(" in text


def files_around(ev: Evaluator, cls: Class, instance: Instance | None, path: str) -> list[ModuleFile]:
    """The files in which attributes of a class or an instance may be set: its own, the reader's, at ``path``, and what
    the reader imports, by its lines; what that imports in turn is not followed.
    """
    made = instance.origin.path if instance is not None else path
    paths = dict.fromkeys((cls.scope.file.path, made, path, *named_imports(ev, path)))
    return [file for one in paths if one.endswith(".py") and (file := ev.modules.file(one)) is not None]


def places_set(file: ModuleFile, name: str) -> Iterator[int]:
    """The offsets of ``.name`` where it may be what a statement assigns to."""
    text, needle = file.source.utf8, f".{name}".encode()
    at = text.find(needle)
    while at >= 0:
        end = at + len(needle)
        line = text[end : end + 200].partition(b"\n")[0].lstrip()
        sign = line.lstrip(b"+-*/|&%^@<>")  # of an augmented assignment
        if sign[:1] == b"=" and sign[1:2] != b"=" and line[:2] not in (b"<=", b">="):
            yield at
        elif (line[:1] in (b",", b")", b"]", b":") and (b"=" in line or line.rstrip()[-1:] == b":")) or line[
            :3
        ] == b"in ":
            before = text[text.rfind(b"\n", 0, at) + 1 : at].lstrip(b" \t([")
            several = b"=" in line and not any(other in before for other in (b"=", b"(", b":"))  # or an annotated one
            if several or b" as " in before or (b"in" in line and b"for " in before):
                yield at
        at = text.find(needle, end)
