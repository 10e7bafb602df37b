"""A disk in trouble: disk.c is loaded before PlexSync's own libraries and makes its calls fail.

It works for root and for anybody else, without a mount, and in the build with sanitizers as well as in
one without: the sanitizer's library then has to be the first one. A static executable has it linked in
(disk_static.c).
"""

import atexit
import contextlib
import functools
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from conftest import EXECUTABLE


@functools.cache
def library():
    """disk.c, compiled once; the value of LD_PRELOAD. Of no use to an executable that has it."""
    if b"DISK_TROUBLE" in EXECUTABLE.read_bytes():
        return ""
    folder = tempfile.mkdtemp(prefix="plexsync-disk-")
    atexit.register(shutil.rmtree, folder)
    path = os.path.join(folder, "disk.so")
    source = pathlib.Path(__file__).with_name("disk.c")
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O1", "-shared", "-fPIC",
                    "-o", path, str(source)], check=True)
    sanitizer = re.search(rb"libasan\.so\.\d+", EXECUTABLE.read_bytes())
    return f"{sanitizer[0].decode()} {path}" if sanitizer else path


def environment(**settings):
    """What PlexSync is started with: environment(trouble="full", folder=…) sets DISK_TROUBLE and DISK_FOLDER."""
    return {"LD_PRELOAD": library(), **{f"DISK_{name.upper()}": str(value) for name, value in settings.items()}}


@contextlib.contextmanager
def started_with(world, values):
    """As long as this lasts, Stash starts the plugin with these variables in its environment."""
    before = dict(world.stash.host.environ)
    world.stash.host.environ.update(values)
    try:
        yield
    finally:
        world.stash.host.environ.clear()
        world.stash.host.environ.update(before)


def trouble(world, kind, folder=None, **settings):
    """As long as this lasts, what Stash starts has this trouble with the state, or with the folder."""
    return started_with(world, environment(trouble=kind, folder=folder or world.state, **settings))


def small_map(world, name, room=0):
    """As long as this lasts, the environment ("queue", "cache") must not grow by more than so many bytes."""
    size = (world.state / name / "data.mdb").stat().st_size + room
    return started_with(world, {"PLEXSYNC_TEST_MAP": f"{name} {size}:{size}"})


@contextlib.contextmanager
def readers(world, count=10_000):
    """A PlexSync that has so many read transactions open in the queue, or as many as there may be. It is killed at
    the end, and its places in the table of readers stay as they are."""
    values = {**os.environ, **world.environment(), **environment(readers=count, read_folder=world.state / "queue")}
    with subprocess.Popen([str(EXECUTABLE), "status", "--state", str(world.state)], env=values,
                          stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"ready\n"
            yield
        finally:
            process.kill()


def told(*runs):
    """What these runs say of trouble: warnings, errors, and the document's error."""
    return [text for run in runs for level, text in run.logs if level in ("warning", "error")] + \
           [run.error for run in runs if run.error]


def set_aside(world):
    """The queues that were taken for damaged ones."""
    return sorted(world.state.glob("queue.damaged-*"))
