"""scripts/release, in a clone in which what takes long is replaced."""

import datetime
import os
import shutil
import subprocess

import pytest

from conftest import ROOT

FILES = ["Makefile", "plexsync.yml", "CHANGELOG.md", "scripts/release"]
GIT = ["git", "-c", "user.name=Ana Duarte", "-c", "user.email=ana@house.example"]


@pytest.fixture(name="checkout")
def a_checkout(tmp_path):
    """Ours, committed, with a section of the next version."""
    folder = tmp_path / "checkout"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in (".ci/run", "scripts/dist-check"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f'#!/bin/sh\necho "{name} $*" >>.git/called\n', encoding="utf-8")
        (folder / name).chmod(0o755)
    changes = folder / "CHANGELOG.md"
    changes.write_text("# Changelog\n\n## 7.8.9 (not released yet)\n\n- Something.\n", encoding="utf-8")
    subprocess.run([*GIT, "init", "-q", "-b", "main"], cwd=folder, check=True)
    commit(folder)
    return folder


def commit(folder):
    """All that is there."""
    subprocess.run([*GIT, "add", "-A"], cwd=folder, check=True)
    subprocess.run([*GIT, "commit", "-q", "-m", "tests: a house"], cwd=folder, check=True)


def release(folder, version):
    """Its end."""
    names = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
             for what, value in (("NAME", "Ana Duarte"), ("EMAIL", "ana@house.example"))}
    return subprocess.run(["scripts/release", version], cwd=folder, env={**os.environ, **names}, capture_output=True,
                          text=True, check=False)


def status(folder):
    """What git finds changed."""
    return subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, check=True).stdout


def test_the_version_and_the_date_are_written_everywhere(checkout):
    before = datetime.datetime.now(datetime.timezone.utc).date()

    done = release(checkout, "7.8.9")

    assert done.returncode == 0, done.stderr
    assert "VERSION  := 7.8.9\n" in (checkout / "Makefile").read_text(encoding="utf-8")
    assert "\nversion: 7.8.9\n" in (checkout / "plexsync.yml").read_text(encoding="utf-8")
    after = datetime.datetime.now(datetime.timezone.utc).date()
    changes = (checkout / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## 7.8.9 ({before})\n" in changes or f"## 7.8.9 ({after})\n" in changes
    assert status(checkout) == b""
    called = (checkout / ".git/called").read_text(encoding="utf-8").split("\n")
    assert called == [".ci/run ", "scripts/dist-check --once", ""]
    assert "git tag" in done.stdout and "index.yaml" in done.stdout


def test_checks_that_fail_leave_everything_as_it_was(checkout):
    (checkout / ".ci/run").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    commit(checkout)

    done = release(checkout, "7.8.9")

    assert done.returncode != 0 and "nothing was released" in done.stderr
    assert status(checkout) == b""
    assert not (checkout / ".git/called").exists()


@pytest.mark.parametrize("version", ["7.8", "v7.8.9", "7.8.9-beta", "7.8.10", ""])
def test_a_version_that_is_none_or_has_no_section(checkout, version):
    assert release(checkout, version).returncode != 0
    assert status(checkout) == b""


def test_changes_that_are_not_committed(checkout):
    (checkout / "Makefile").write_text("all:\n", encoding="utf-8")

    done = release(checkout, "7.8.9")

    assert done.returncode != 0 and "not committed" in done.stderr


def test_a_version_that_was_released(checkout):
    subprocess.run(["git", "tag", "v7.8.9"], cwd=checkout, check=True)

    assert "tag" in release(checkout, "7.8.9").stderr
