"""A project's list of files is git's own, or a walk's; nothing leads out of it, nothing blocks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from celery_backend_lint.project.discovery import BadPathError, Project, open_project
from tests.project.repositories import commit, run_git, write

CELERY = (b"elery", b"ELERY")
"""Needles that find ``celery``, ``Celery`` and ``CELERY``."""


def project_of(root: Path) -> Project:
    return open_project(["."], str(root))


def reasons(project: Project) -> dict[str, str]:
    return {note.path: note.reason for note in project.notes}


# --- with git


def test_git_gives_what_is_tracked_and_what_is_new_and_not_ignored(tmp_path: Path) -> None:
    commit(write(tmp_path, {"a.py": "", "b/ü x.py": "", ".gitignore": "*.env\n", "c.env": ""}))
    write(tmp_path, {"new.py": "", "d.env": ""})
    project = project_of(tmp_path)
    assert project.paths() == (".gitignore", "a.py", "b/ü x.py", "new.py")
    assert project.is_git
    assert project.tracked("a.py")
    assert not project.tracked("new.py")
    assert not project.tracked("c.env")
    assert not project.notes


def test_a_repository_without_commits_is_listed(tmp_path: Path) -> None:
    run_git(write(tmp_path, {"a.py": ""}), "init", "-q")
    project = project_of(tmp_path)
    assert project.paths() == ("a.py",)
    assert project.is_git


def test_a_folder_of_a_repository_is_a_root_of_its_own(tmp_path: Path) -> None:
    commit(
        write(
            tmp_path,
            {"a.py": "", "sub/b.py": "", "sub/.env": "", ".gitignore": "x\n.env\n", "sub/.gitignore": "!.env\n"},
        )
    )
    project = project_of(tmp_path / "sub")
    assert project.paths() == (".env", ".gitignore", "b.py")
    (pattern,) = project.ignore_patterns([".env"]).values()
    assert (pattern.file, pattern.line, pattern.pattern, pattern.ignores) == (".gitignore", 1, "!.env", False)


def test_a_pattern_above_the_root_has_an_absolute_file(tmp_path: Path) -> None:
    commit(write(tmp_path, {"sub/b.py": "", ".gitignore": "x\n.env\n"}))
    project = project_of(tmp_path / "sub")
    (pattern,) = project.ignore_patterns([".env", "b.py"]).values()
    assert (pattern.file, pattern.line) == (str(tmp_path / ".gitignore"), 2)


def test_what_is_deleted_is_tracked_and_not_listed(tmp_path: Path) -> None:
    commit(write(tmp_path, {"a.py": "", "b.py": ""}))
    (tmp_path / "a.py").unlink()
    project = project_of(tmp_path)
    assert project.paths() == ("b.py",)
    assert project.tracked("a.py")
    assert not project.exists("a.py")
    assert project.source("a.py") is None


def test_conflicts_list_a_file_once(tmp_path: Path) -> None:
    commit(write(tmp_path, {"a.py": "1"}))
    run_git(tmp_path, "checkout", "-q", "-b", "other")
    write(tmp_path, {"a.py": "2"})
    run_git(tmp_path, "commit", "-qam", "2")
    run_git(tmp_path, "checkout", "-q", "main")
    write(tmp_path, {"a.py": "3"})
    run_git(tmp_path, "commit", "-qam", "3")
    with pytest.raises(subprocess.CalledProcessError):
        run_git(tmp_path, "merge", "other")
    project = project_of(tmp_path)
    assert project.paths() == ("a.py",)
    assert project.tracked("a.py")


def test_submodules_and_repositories_inside_are_left_out_with_a_note(tmp_path: Path) -> None:
    library = commit(write(tmp_path / "library", {"celery.py": ""}))
    root = commit(write(tmp_path / "root", {"a.py": ""}))
    run_git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "vendored/library")
    commit(write(root / "nested", {"b.py": ""}))
    project = project_of(root)
    assert project.paths() == (".gitmodules", "a.py")
    assert reasons(project) == {
        "nested": "is left out: a repository of its own",
        "vendored/library": "is left out: a repository of its own",
    }
    assert project.ignored(["vendored/library/.env", "a.py"]) == frozenset()


def test_sparse_checkouts_list_what_is_there(tmp_path: Path) -> None:
    commit(write(tmp_path, {"a/x.py": "", "b/y.py": "", "c.py": ""}))
    run_git(tmp_path, "sparse-checkout", "set", "--no-cone", "/a/", "/c.py")
    project = project_of(tmp_path)
    assert project.paths() == ("a/x.py", "c.py")
    assert project.tracked("b/y.py")
    assert reasons(project)["."] == "lacks 1 files (sparse checkout)"


def test_a_file_that_git_is_told_to_skip_is_listed_while_it_is_there(tmp_path: Path) -> None:
    commit(write(tmp_path, {"settings.py": ""}))
    run_git(tmp_path, "update-index", "--skip-worktree", "settings.py")
    assert project_of(tmp_path).paths() == ("settings.py",)


def test_the_environment_of_a_hook_does_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = commit(write(tmp_path / "other", {"other.py": ""}))
    root = commit(write(tmp_path / "root", {"a.py": "", "sub/b.py": ""}))
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": ".git/index",
        "GIT_PREFIX": "sub/",
    }.items():
        monkeypatch.setenv(name, value)
    assert project_of(root).paths() == ("a.py", "sub/b.py")
    assert project_of(root / "sub").paths() == ("b.py",)


def test_it_works_inside_a_real_commit_hook(tmp_path: Path) -> None:
    root = commit(write(tmp_path, {"a.py": "", "sub/b.py": ""}))
    hook = root / ".git/hooks/pre-commit"
    source = Path(__file__).parents[2]
    code = (
        f"import sys; sys.path.insert(0, {str(source)!r});"
        "from celery_backend_lint.project.discovery import open_project;"
        "p = open_project(['.'], sys.argv[1]); print(p.paths(), p.is_git, p.tracked('c.py'))"
    )
    hook.write_text(f"#!/bin/sh\ncd sub && exec '{sys.executable}' -c \"{code}\" '{root}' > '{tmp_path}/.git/out'\n")
    hook.chmod(0o755)
    write(root, {"c.py": ""})
    run_git(root, "add", "c.py")
    run_git(root, "commit", "-q", "-a", "-m", "c")
    assert (tmp_path / ".git/out").read_text() == "('a.py', 'c.py', 'sub/b.py') True True\n"


def test_a_linked_work_tree_is_listed_by_git(tmp_path: Path) -> None:
    root = commit(write(tmp_path / "root", {"a.py": "", ".gitignore": ".env\n"}))
    run_git(root, "worktree", "add", "-q", str(tmp_path / "linked"))
    project = project_of(tmp_path / "linked")
    assert project.paths() == (".gitignore", "a.py")
    assert project.is_git
    assert project.ignored([".env"]) == {".env"}


def test_an_ignored_folder_that_was_asked_for_is_walked(tmp_path: Path) -> None:
    commit(write(tmp_path, {".gitignore": "build/\n", "a.py": ""}))
    write(tmp_path, {"build/b.py": ""})
    project = project_of(tmp_path / "build")
    assert project.paths() == ("b.py",)
    assert "git ignores this folder" in reasons(project)["."]


def test_git_runs_no_program_that_the_repository_names(tmp_path: Path) -> None:
    root = commit(write(tmp_path / "root", {"a.py": ""}))
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.hooksPath", "core.pager", "diff.external", "filter.x.clean", "core.sshCommand"):
        run_git(root, "config", key, str(trap if key != "core.hooksPath" else tmp_path))
    (root / "git").write_text(trap.read_text())
    (root / "git").chmod(0o755)
    project = project_of(root)
    assert project.paths() == ("a.py", "git")
    project.ignored(["a.py"])
    assert not (tmp_path / "sprung").exists()


def test_ignored_paths_are_known_also_where_they_are_tracked_or_absent(tmp_path: Path) -> None:
    write(
        tmp_path,
        {".gitignore": "# c\n.env*\n!.env.example\n", ".env": "", "sub/.gitignore": "*.local\n", "sub/x.py": ""},
    )
    commit(tmp_path)
    run_git(tmp_path, "add", "-f", ".env")
    project = project_of(tmp_path)
    asked = [".env", ".env.example", "sub/.env", "sub/a.local", "sub/x.py", "none/at/all"]
    patterns = project.ignore_patterns(asked)
    assert {path: (found.file, found.line, found.pattern, found.ignores) for path, found in patterns.items()} == {
        ".env": (".gitignore", 2, ".env*", True),
        ".env.example": (".gitignore", 3, "!.env.example", False),
        "sub/.env": (".gitignore", 2, ".env*", True),
        "sub/a.local": ("sub/.gitignore", 1, "*.local", True),
    }
    assert project.tracked(".env")
    assert project.ignored(asked) == {".env", "sub/.env", "sub/a.local"}


def test_a_pattern_with_a_trailing_comment_is_no_negation(tmp_path: Path) -> None:
    commit(write(tmp_path, {".gitignore": ".env*\n!.env.example  # keep\n"}))
    assert project_of(tmp_path).ignored([".env.example"]) == {".env.example"}


def test_paths_that_git_refuses_do_not_take_the_others_with_them(tmp_path: Path) -> None:
    commit(write(tmp_path, {".gitignore": ".env\n", "real/a.py": ""}))
    (tmp_path / "link").symlink_to("real")
    asked = ["link/.env", ".env", "../outside/.env", "link/b/.env", "real/.env"]
    assert project_of(tmp_path).ignored(asked) == {".env", "real/.env"}


def test_thousands_of_paths_are_asked_about(tmp_path: Path) -> None:
    commit(write(tmp_path, {".gitignore": ".env\n"}))
    asked = [f"some/longer/folder/name{number}/.env" for number in range(3000)]
    assert project_of(tmp_path).ignored(asked) == frozenset(asked)


def test_a_refusal_of_git_leads_to_a_walk_with_a_note(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", ".git": "gitdir: /nowhere/at/all\n"})
    project = project_of(tmp_path)
    assert project.paths() == ("a.py",)
    assert not project.is_git
    assert "not a git repository" in reasons(project)["."]
    assert not project.tracked("a.py")
    assert project.ignored(["a.py"]) == frozenset()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_of_someone_else_is_walked_with_a_note(tmp_path: Path) -> None:
    commit(write(tmp_path, {"a.py": "", ".gitignore": "*.log\n", "b.log": ""}))
    for folder, _, files in os.walk(tmp_path):
        os.chown(folder, 65534, 65534)
        for name in files:
            os.chown(os.path.join(folder, name), 65534, 65534)
    project = project_of(tmp_path)
    assert project.paths() == (".gitignore", "a.py")
    assert not project.is_git
    assert "ownership" in reasons(project)["."]


def test_without_git_the_folder_is_walked_with_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(write(tmp_path, {"a.py": ""}))
    monkeypatch.setenv("PATH", "")
    project = project_of(tmp_path)
    assert project.paths() == ("a.py",)
    assert "git is not installed" in reasons(project)["."]


def test_a_git_that_cannot_be_run_leads_to_a_walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(write(tmp_path / "root", {"a.py": ""}))
    write(tmp_path, {"bin/git": b"\x7fELF broken"})
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    project = project_of(tmp_path / "root")
    assert project.paths() == ("a.py",)
    assert not project.is_git


def test_a_bare_repository_holds_nothing_to_read(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q", "--bare", "bare.git")
    project = project_of(tmp_path / "bare.git")
    assert not project.is_git
    assert project.python_files_mentioning(CELERY) == ()
    assert "bare" in reasons(project)["."]


def test_it_works_where_child_processes_are_not_waited_for(tmp_path: Path) -> None:
    import signal

    commit(write(tmp_path, {"a.py": ""}))
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert project_of(tmp_path).paths() == ("a.py",)
    finally:
        signal.signal(signal.SIGCHLD, before)


# --- without git


def test_the_walk_honours_gitignore_files_and_skips_caches(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": "",
            ".gitignore": "*.log\nbuild/\n/only.py\n!\n",
            "x.log": "",
            "build/c.py": "",
            "only.py": "",
            "sub/only.py": "",
            "sub/.gitignore": "!keep.log\nd.py\n",
            "sub/keep.log": "",
            "sub/d.py": "",
            "__pycache__/e.py": "",
            "node_modules/f.py": "",
            "venv/pyvenv.cfg": "",
            "venv/g.py": "",
            "x/site-packages/h.py": "",
        },
    )
    project = project_of(tmp_path)
    assert project.paths() == (".gitignore", "a.py", "sub/.gitignore", "sub/keep.log", "sub/only.py")
    assert not project.is_git
    assert reasons(project) == {"venv": "is left out: a virtual environment"}


def test_without_a_gitignore_nothing_is_imported_for_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import celery"})
    code = (
        "import sys; from celery_backend_lint.project.discovery import *; p = open_project([], sys.argv[1]);"
        "assert p.python_files_mentioning((b'elery', b'ELERY')) == ('a.py',);"
        "print(sorted({'subprocess', 'pathspec', 'dataclasses', 'typing', 're'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout == "[]\n", done.stderr


# --- links and what is no file


def test_links_are_followed_inside_the_root_only(tmp_path: Path) -> None:
    write(tmp_path, {"outside.py": "celery s3cret", "root/real.py": "celery"})
    root = tmp_path / "root"
    (root / "inside.py").symlink_to("real.py")
    (root / "out.py").symlink_to("../outside.py")
    (root / "dangling.py").symlink_to("nothing.py")
    (root / "loop.py").symlink_to("loop.py")
    (root / "folder").symlink_to("..")
    (root / "up.py").symlink_to("folder/outside.py")
    for make in (lambda: None, lambda: commit(root)):
        make()
        project = project_of(root)
        assert project.paths() == ("inside.py", "real.py")
        assert project.python_files_mentioning(CELERY) == ("inside.py", "real.py")
        assert project.source("out.py") is None
        assert project.source("folder/outside.py") is None
        assert project.source("up.py") is None
        inside = project.source("inside.py")
        assert inside is not None
        assert inside.text == "celery"
        said = reasons(project)
        assert said["out.py"] == said["up.py"] == said["folder"] == "is a link that leads out of the project"
        assert "leads nowhere" in said["dangling.py"]
        assert "leads nowhere" in said["loop.py"]


def test_a_folder_that_became_a_link_leads_nowhere(tmp_path: Path) -> None:
    write(tmp_path, {"outside/settings.py": "celery"})
    root = commit(write(tmp_path / "root", {"conf/settings.py": "", ".gitignore": ""}))
    (root / "conf/settings.py").unlink()
    (root / "conf").rmdir()
    (root / "conf").symlink_to("../outside")
    write(root, {".gitignore": "conf\n"})
    project = project_of(root)
    assert project.paths() == (".gitignore",)
    assert reasons(project)["conf"] == "is a linked folder"
    assert project.python_files_mentioning(CELERY) == ()


@pytest.mark.parametrize(
    "path", ["../outside.py", "/etc/hostname", "a/../../outside.py", "", "a\0b", "a.py/b", "folder", "missing.py"]
)
def test_what_is_no_file_below_the_root_has_no_source(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"outside.py": "", "root/a.py": "", "root/folder/b.py": ""})
    assert project_of(tmp_path / "root").source(path) is None
    assert not project_of(tmp_path / "root").on_disk(path)


def test_a_folder_named_like_a_module_is_a_folder(tmp_path: Path) -> None:
    for make in (lambda: None, lambda: commit(tmp_path)):
        write(tmp_path, {"settings.py/x.py": "celery"})
        make()
        project = project_of(tmp_path)
        assert project.paths() == ("settings.py/x.py",)
        assert project.source("settings.py") is None
        assert project.is_folder("settings.py")


def test_a_tracked_module_that_became_a_folder_is_said(tmp_path: Path) -> None:
    commit(write(tmp_path, {"settings.py": "celery", "a.py": "celery"}))
    (tmp_path / "settings.py").unlink()
    (tmp_path / "settings.py").mkdir()
    project = project_of(tmp_path)
    assert project.python_files_mentioning(CELERY) == ("a.py",)
    assert project.source("settings.py") is None
    assert reasons(project)["settings.py"] == "is no file any more"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_does_not_block(tmp_path: Path) -> None:
    commit(write(tmp_path, {"pipe.py": "celery", "a.py": "celery"}))
    (tmp_path / "pipe.py").unlink()
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / "new.py")
    project = project_of(tmp_path)
    assert project.python_files_mentioning(CELERY) == ("a.py",)
    assert project.source("pipe.py") is None
    assert project.source("new.py") is None


# --- reading


def test_files_that_mention_a_needle_are_found_and_kept(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.py": "from celery import x",
            "b.py": "CELERY = 1",
            "c.py": "Celery()",
            "d.py": "sellery",
            "e.txt": "celery",
            "f.py": "dotenv",
        },
    )
    project = project_of(tmp_path)
    assert project.python_files_mentioning(CELERY) == ("a.py", "b.py", "c.py")
    (tmp_path / "a.py").unlink()
    assert project.python_files_mentioning((*CELERY, b"dotenv")) == ("a.py", "b.py", "c.py", "f.py")
    source = project.source("a.py")
    assert source is not None
    assert source.text == "from celery import x"
    assert project.mentions("e.txt", (b"celery",))
    assert not project.mentions("e.txt", (b"django",))
    assert not project.mentions("none.txt", (b"celery",))


def test_large_files_are_skipped_with_a_note(tmp_path: Path) -> None:
    limit = 2 * 1024 * 1024
    write(
        tmp_path,
        {
            "large.py": b"celery" + b" " * limit,
            "one_line.py": b"celery," * 1_500_000,
            "fits.py": b"celery".ljust(limit),
        },
    )
    project = project_of(tmp_path)
    assert project.python_files_mentioning(CELERY) == ("fits.py",)
    assert reasons(project) == {"large.py": "is larger than 2 MiB", "one_line.py": "is larger than 2 MiB"}


def test_a_file_that_may_not_be_read_is_a_problem_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"root/a.py": "celery", "root/closed.py": "celery", "root/shut/b.py": "celery"})
    root = tmp_path / "root"
    (root / "closed.py").chmod(0)
    (root / "shut").chmod(0)
    code = (
        "import os, sys\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from celery_backend_lint.project.discovery import open_project\n"
        f"CELERY = {CELERY!r}\n"
        "import celery_backend_lint.project.walk\n"
        "if os.geteuid() == 0: os.seteuid(65534)\n"
        "p = open_project([], sys.argv[1])\n"
        "print(p.python_files_mentioning(CELERY), [(n.path, n.reason, n.skipped) for n in p.notes])\n"
        "print(p.source('closed.py').problem)\n"
    )
    for parent in (root, *root.parents):
        if parent.stat().st_uid == os.geteuid() and len(parent.parts) > 2:
            parent.chmod(0o755)
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, str(root), str(Path(__file__).parents[2])], capture_output=True, text=True
        )
    finally:
        (root / "shut").chmod(0o755)
    assert done.stdout.startswith("('a.py',) "), done.stderr
    assert "('closed.py', 'cannot be read: Permission denied', False)" in done.stdout
    assert "('shut', 'cannot be read: Permission denied', False)" in done.stdout
    assert "Unreadable(path='closed.py'" in done.stdout


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(st.binary(max_size=200), st.sampled_from(["a.py", ".gitignore", "x/.gitignore", ".git", "pyvenv.cfg", "a.env"]))
def test_any_bytes_in_any_file_are_listed_without_an_error(tmp_path: Path, content: bytes, name: str) -> None:
    root = tmp_path / str(len(list(tmp_path.iterdir())))
    write(root, {"z.py": "celery", name: content})
    project = project_of(root)
    project.python_files_mentioning(CELERY)
    for path in project.paths():
        source = project.source(path)
        assert source is not None
        assert source.text is not None
    project.ignored([name])


def test_names_that_are_no_utf8_are_listed(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    (tmp_path / name).write_text("celery")
    (tmp_path / "line\nbreak.py").write_text("celery")
    for make in (lambda: None, lambda: commit(tmp_path)):
        make()
        project = project_of(tmp_path)
        assert set(project.paths()) == {name, "line\nbreak.py"}
        assert set(project.python_files_mentioning(CELERY)) == {name, "line\nbreak.py"}


def test_put_replaces_what_the_disk_has(tmp_path: Path) -> None:
    project = project_of(write(tmp_path, {"a.py": "celery", "b.py": ""}))
    assert project.python_files_mentioning(CELERY) == ("a.py",)
    project.put("b.py", b"import celery")
    project.put("new.py", b"CELERY = 1")
    assert project.python_files_mentioning(CELERY) == ("a.py", "b.py", "new.py")
    assert project.exists("new.py")
    assert not project.tracked("new.py")


# --- folders


def test_folders_are_listed_by_name(tmp_path: Path) -> None:
    project = project_of(
        write(tmp_path, {"a/b/c.py": "", "a/d.py": "", "a-b/x.py": "", "e.py": "", "a/0.py": "", "a/b0/f.py": ""})
    )
    assert project.folder("") == (("a", "a-b"), ("e.py",))
    assert project.folder("a") == (("b", "b0"), ("0.py", "d.py"))
    assert project.folder("none") == ((), ())
    assert project.is_folder("a/b")
    assert project.is_folder("")
    assert not project.is_folder("a/d.py")
    assert not project.is_folder("a/")


# --- the command line's paths


def test_files_are_reported_alone_and_their_whole_project_is_read(tmp_path: Path) -> None:
    commit(write(tmp_path, {"a.py": "", "sub/b.py": "", ".gitignore": "ignored.py\n"}))
    write(tmp_path, {"sub/ignored.py": ""})
    project = open_project(["b.py", "ignored.py"], str(tmp_path / "sub"))
    assert project.root == os.path.realpath(tmp_path)
    assert project.paths() == (".gitignore", "a.py", "sub/b.py", "sub/ignored.py")
    assert project.reported == ("sub/b.py", "sub/ignored.py")
    assert project.reports("sub/b.py")
    assert not project.reports("a.py")
    assert not project.reports("sub/b.pyi")


def test_a_file_outside_git_belongs_to_the_nearest_folder_with_a_manifest(tmp_path: Path) -> None:
    write(tmp_path, {"service/manage.py": "", "service/app/x.py": "", "other.py": ""})
    project = open_project(["service/app/x.py"], str(tmp_path))
    assert project.root == os.path.realpath(tmp_path / "service")
    assert project.paths() == ("app/x.py", "manage.py")


def test_a_file_and_a_folder_are_reported_both(tmp_path: Path) -> None:
    commit(write(tmp_path, {"a.py": "", "sub/b.py": "", "c.py": ""}))
    project = open_project(["sub", "a.py"], str(tmp_path))
    assert project.paths() == ("a.py", "c.py", "sub/b.py")
    assert [path for path in project.paths() if project.reports(path)] == ["a.py", "sub/b.py"]


def test_several_folders_are_listed_below_their_common_parent(tmp_path: Path) -> None:
    commit(write(tmp_path / "one", {"a.py": "", ".gitignore": ".env\n"}))
    write(tmp_path, {"two/b.py": "", "two/in/c.py": "", "three/d.py": ""})
    project = open_project(["one", "two", "two/in"], str(tmp_path))
    assert project.root == os.path.realpath(tmp_path)
    assert project.paths() == ("one/.gitignore", "one/a.py", "two/b.py", "two/in/c.py")
    assert project.reported is None
    assert project.reports("anything")
    assert project.tracked("one/a.py")
    assert not project.tracked("two/b.py")
    assert project.ignored(["one/.env", "two/.env"]) == {"one/.env"}
    (pattern,) = project.ignore_patterns(["one/.env"]).values()
    assert pattern.file == "one/.gitignore"


def test_a_linked_root_is_its_target(tmp_path: Path) -> None:
    write(tmp_path, {"real/a.py": ""})
    (tmp_path / "link").symlink_to("real")
    assert open_project(["link"], str(tmp_path)).root == os.path.realpath(tmp_path / "real")


@pytest.mark.parametrize("path", ["missing", "a\0b", "loop"])
def test_a_path_that_is_nothing_is_refused_by_name(tmp_path: Path, path: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(BadPathError, match=r"missing|loop|x00"):
        open_project([path], str(tmp_path))


def test_a_path_that_is_neither_file_nor_folder_is_refused() -> None:
    with pytest.raises(BadPathError, match="neither a file nor a folder"):
        open_project([os.devnull], "/")


# --- other systems


def test_without_posix_spawn_and_readv_it_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        {"root/a.py": "celery", "root/b.py": "", "root/.gitignore": ".env\n", "root/large.py": b"celery" * 400_000},
    )
    root = commit(tmp_path / "root")
    monkeypatch.delattr(os, "posix_spawn")
    monkeypatch.delattr(os, "readv")
    project = project_of(root)
    assert project.paths() == (".gitignore", "a.py", "b.py", "large.py")
    assert project.is_git
    assert project.python_files_mentioning(CELERY) == ("a.py",)
    assert project.ignored([".env", "a.py", "../x"]) == {".env"}
    assert reasons(project) == {"large.py": "is larger than 2 MiB"}
    (root / ".git/HEAD").unlink()
    assert "not a git repository" in reasons(project_of(root))["."]
    write(tmp_path, {"bin/git": b"\x7fELF broken"})
    (tmp_path / "bin/git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert not project_of(root).is_git
    monkeypatch.setenv("PATH", "")
    assert "git is not installed" in reasons(project_of(root))["."]


def test_a_project_that_nobody_reads_leaves_no_descriptor_and_no_process_behind(tmp_path: Path) -> None:
    root = commit(write(tmp_path, {"a.py": "celery"}))
    before = len(os.listdir("/dev/fd"))
    project = project_of(root)
    assert len(os.listdir("/dev/fd")) > before
    ((_, running),) = project._listing._running
    child = running._pid  # type: ignore[union-attr]
    del project, running
    assert len(os.listdir("/dev/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(child, os.WNOHANG)


def test_git_that_goes_away_leaves_what_is_ignored_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = project_of(commit(write(tmp_path, {".gitignore": ".env\n"})))
    assert project.is_git
    monkeypatch.setenv("PATH", "")
    assert project.ignored([".env"]) == frozenset()
    assert "git did not say what is ignored" in reasons(project)["."]


def test_a_repository_that_breaks_leaves_what_is_ignored_unknown(tmp_path: Path) -> None:
    project = project_of(commit(write(tmp_path, {".gitignore": ".env\n"})))
    assert project.is_git
    (tmp_path / ".git/HEAD").unlink()
    assert project.ignored([".env", "a", "b"]) == frozenset()
    assert "not a git repository" in reasons(project)["."]


def test_a_file_that_goes_away_is_said(tmp_path: Path) -> None:
    project = project_of(write(tmp_path, {"a.py": "celery", "b.py": "celery"}))
    assert project.paths() == ("a.py", "b.py")
    (tmp_path / "a.py").unlink()
    assert project.python_files_mentioning(CELERY) == ("b.py",)
    assert reasons(project) == {"a.py": "is no file any more"}
