"""The fixture that every scenario is given, and the account at the end."""

import os
import pathlib
import shutil
import tempfile

import pytest

pytest.register_assert_rewrite("tests.crash.sweep", "tests.e2e.conftest")

from tests.crash.sweep import Sweep     # noqa: E402  pylint: disable=wrong-import-position

TALLY = pytest.StashKey()


def pytest_configure(config):
    """Nothing was killed yet."""
    config.stash[TALLY] = {}


@pytest.fixture
def tally(request):
    """What was swept so far: scenario -> (kills, names of its steps)."""
    return request.config.stash[TALLY]


MEMORY = "/dev/shm"     # a process that dies takes nothing of the page cache with it: no disk is needed


@pytest.fixture
def folder(tmp_path):
    """Where the plays happen: in memory, if that is possible. Plays that failed stay in tmp_path."""
    if not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    fast = pathlib.Path(tempfile.mkdtemp(dir=MEMORY, prefix="plexsync-crash-"))
    try:
        yield fast
        shutil.copytree(fast, tmp_path, dirs_exist_ok=True)
    finally:
        shutil.rmtree(fast)


@pytest.fixture
def sweep(folder, request, tally):
    """Call it with what is there before, and with what happens."""
    return Sweep(folder, request.node.name, tally)


@pytest.fixture(params=["add", "replace"])
def tag_mode(request):
    """Whether the tags of an edit are added in Plex or replace those that are there: disputed."""
    return request.param


def pytest_terminal_summary(terminalreporter, config):
    """How many kills each scenario survived or did not."""
    tally = config.stash[TALLY]
    if tally:
        terminalreporter.section("kills")
        for name, (kills, _) in tally.items():
            terminalreporter.write_line(f"{kills:5}  {name}")
        terminalreporter.write_line(f"{sum(kills for kills, _ in tally.values()):5}  in {len(tally)} scenarios")
