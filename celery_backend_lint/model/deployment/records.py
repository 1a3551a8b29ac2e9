"""What deployment files are read into, whatever their format: services with variables, env files and commands."""

from __future__ import annotations

from celery_backend_lint.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from celery_backend_lint.location import Location


@record
class Variable:
    """A variable that a deployment file sets.

    ``written`` is the value as the file has it. ``text`` is what the process gets, as far as the repository says:
    ``{NAME}`` stands for what another variable holds that it does not set (``unknown`` names those); None where
    nothing is known (taken from a secret, from the shell of whoever starts it, from a command).
    ``location`` is the value's place, the name's where there is no value. ``form`` is the format: ``compose``,
    ``compose list``, ``dockerfile``, ``procfile``, ``kubernetes``, ``helm``, ``systemd``, ``supervisor``,
    ``makefile``, ``script``, ``tasks``, ``workflow``, ``gitlab``, ``platform``.
    """

    name: str
    text: str | None
    written: str
    location: Location
    name_location: Location
    form: str
    unknown: tuple[str, ...] = ()

    @property
    def value(self) -> str | None:
        """What the process gets, None where that is not wholly known."""
        return None if self.unknown else self.text

    def __repr__(self) -> str:
        """Leave out the value, which may be a secret."""
        return f"Variable({self.name!r}, {self.form!r}, {self.location!r})"


@record
class Command:
    """A command line of the ``celery`` program.

    ``words`` are its own, from ``celery`` on, unquoted. ``what`` is the subcommand (``worker``, ``beat``, ``multi``,
    ``flower``, …), ``""`` where none can be told. ``app`` is what ``-A`` names as it is written, ``""`` without one;
    ``app_location`` its place. ``beat`` says that the process runs beat: the subcommand, ``-B`` or ``--beat``.
    ``broker`` and ``result_backend`` are what the options of these names give. ``through`` is the program that celery
    is a subcommand of, where it is one (``manage.py celery worker``).
    """

    words: tuple[str, ...]
    location: Location
    what: str
    app: str
    app_location: Location | None
    beat: bool
    broker: str | None
    result_backend: str | None
    form: str
    through: str = ""

    @property
    def default_app(self) -> bool:
        """Whether it is certain that no app is named, neither by ``-A`` nor by a word that is filled in later."""
        return not self.app and not self.through and not any(word.startswith(("$", "{", "%(")) for word in self.words)

    def __repr__(self) -> str:
        """Leave out the words: a URL among them may hold a password."""
        return f"Command({self.what!r}, app={self.app!r}, {self.location!r})"


@record
class EnvFileUse:
    """An env file that a service is given: its path from the root, whether it must exist, and where that is said."""

    path: str
    required: bool
    location: Location


@record
class Service:
    """A process, or a group of them, that a deployment file describes.

    ``path`` is the file, ``location`` where the service is named in it. ``folder`` holds its code as far as the file
    says (the build's context), else it is the file's own folder. ``image`` is what it runs (``""`` where it is not
    said), ``built`` whether the image is built from this repository. ``form`` as in Variable. ``partial`` says that the
    process gets variables from somewhere that is not in the repository: a Secret, an env file outside of it.
    """

    name: str
    path: str
    location: Location
    folder: str
    form: str
    variables: tuple[Variable, ...] = ()
    env_files: tuple[EnvFileUse, ...] = ()
    commands: tuple[Command, ...] = ()
    image: str = ""
    built: bool = False
    dockerfile: str = ""
    partial: bool = False

    def variable(self, name: str) -> Variable | None:
        """The variable of that name, the last where it is set more than once."""
        return next((one for one in reversed(self.variables) if one.name == name), None)
