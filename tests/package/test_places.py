"""Where Stash runs: root folders with hardly anything in them, little memory, small stacks, no right to write.

PlexSync is started in a root folder of its own (chroot) while the stand-ins are outside, on the same network;
its state is mounted into it. That takes root and the right to mount.
"""

import os
import pathlib
import shlex
import shutil
import subprocess

import pytest

from tests.package.conftest import HERE

CGROUP = pathlib.Path("/sys/fs/cgroup/memory/plexsync-test")
UNSHARE = ["unshare", "--mount", "--"]


def can_mount():
    """Whether this process may have mounts of its own."""
    command = [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not can_mount(), reason="needs root and the right to mount")


class Place:
    """A root folder, in which there is the executable and what a test puts there."""

    def __init__(self, world, root):
        self.world = world
        self.root = root
        self.before = []        # what starts the program in the root folder
        self.program = "/plexsync"
        self.mounts = [str(world.config)]   # folders that are the same inside
        (root / "plugin").mkdir(parents=True)
        shutil.copy(world.manager.folder / "bin" / f"plexsync-{HERE}", root / "plexsync")
        self.start()

    def start(self):
        """Lets Stash start it there from now on."""
        inside = ""
        for folder in self.mounts:
            place = self.root / folder.lstrip("/")
            place.mkdir(parents=True, exist_ok=True)
            inside += f"mount --rbind {shlex.quote(folder)} {shlex.quote(str(place))} && "
        command = [*UNSHARE, "sh", "-c", f'{inside}exec "$@"', "sh", *self.before, "chroot", str(self.root), self.program]
        path = self.world.manager.folder / "plexsync"
        path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        path.chmod(0o755)

    def put(self, name, content):
        """A file in the root folder."""
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


@pytest.fixture(name="place")
def a_place(world, tmp_path):
    """One with nothing but the executable: no libc, no /proc, no /dev, no /etc."""
    return Place(world, tmp_path / "root")


@pytest.fixture(name="item")
def an_item(world, place):
    """Scene 45's, known to the plugin in that place."""
    assert place
    item = world.film(45, "harbour")
    world.index()
    return item


secure = pytest.mark.parametrize("world", [{"plex_tls": True}], indirect=True)


def test_a_hook_and_a_drain_where_there_is_nothing_else(world, item):
    world.save(45, title="Harbour Lights")
    assert item.title == "Harbour Lights"

    world.queue_only(45)
    world.stash.library.update_scene(45, {"title": "Quay"})
    world.drain()
    assert item.title == "Quay"


def test_the_setup_is_checked_there(world, item):
    output = world.operation("doctor").output

    assert item and output["ok"], output


def furnish(place, layout):
    """What there is in that kind of system, as far as PlexSync might use it."""
    certificate = pathlib.Path(place.world.plex.certfile).read_text(encoding="utf-8")
    place.mounts.append("/dev")
    if layout == "debian":
        place.mounts += [name for name in ("/bin", "/etc", "/lib", "/lib64", "/proc", "/usr") if os.path.exists(name)]
    else:
        (place.root / "bin").mkdir()
        shutil.copy(shutil.which("busybox"), place.root / "bin")
        for name in ("sh", "cat", "chmod", "cmp", "cp", "cut", "mv", "readlink", "rm", "tr", "uname"):
            (place.root / "bin" / name).symlink_to("busybox")
    if layout == "alpine":
        place.mounts.append("/proc")
        place.put("/etc/ssl/certs/ca-certificates.crt", certificate)
    else:
        place.put("/own.pem", certificate)
        place.world.settings["tlsCaFile"] = "/own.pem"


@secure
@pytest.mark.parametrize("layout", ["busybox", "alpine", "debian"])
def test_the_package_as_it_is_installed_in_another_system(world, place, layout):
    shutil.rmtree(place.root / "plugin")
    world.manager.install()
    shutil.copytree(world.manager.folder, place.root / "plugin")
    place.program = "/plugin/plexsync"
    furnish(place, layout)
    place.start()
    item = world.film(45, "harbour")
    world.index()

    world.save(45, title="Harbour Lights")
    assert item.title == "Harbour Lights"
    world.stash.library.update_scene(45, {"title": "Quay"})
    world.queue_only(45)
    world.drain()
    assert item.title == "Quay"
    assert (place.root / "plugin/plexsync").read_bytes().startswith(b"\x7fELF")


@secure
def test_https_where_there_is_nothing_to_verify_by(world, place):
    assert place
    world.film(45, "harbour", title="Harbour Lights")

    error = world.operation("sync-scene", scene_id="45").error

    assert "ca-certificates" in error and "tlsCaFile" in error and "tlsSkipVerify" in error


@secure
@pytest.mark.parametrize("file", ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                  "/etc/ssl/ca-bundle.pem", "/etc/ssl/certs/ca-bundle.crt", "/etc/ssl/cert.pem"])
def test_https_where_systems_keep_their_certificates(world, place, file):
    place.put(file, pathlib.Path(world.plex.certfile).read_text(encoding="utf-8"))
    item = world.film(45, "harbour")
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    assert world.sync(45)["result"] == "synced"
    assert item.title == "Harbour Lights"


@secure
def test_https_with_a_file_of_the_users_own(world, place):
    place.put("/own.pem", pathlib.Path(world.plex.certfile).read_text(encoding="utf-8"))
    world.settings["tlsCaFile"] = "/own.pem"
    item = world.film(45, "harbour", item={"title": "harbour"}, title="Harbour Lights")

    assert world.sync(45)["result"] == "synced"
    assert item.title == "Harbour Lights"


def test_a_name_in_etc_hosts(world, place, item):
    place.put("/etc/hosts", "127.0.0.1 plex.example\n")
    world.settings["connectUrl"] = world.plex.url.replace("127.0.0.1", "plex.example")

    world.save(45, title="Harbour Lights")

    assert item.title == "Harbour Lights"


def test_a_name_that_nobody_knows(world, item):
    world.settings["connectUrl"] = "http://plex.example:32400"
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    error = world.operation("sync-scene", scene_id="45").error

    assert item and "http://plex.example:32400: " in error
    assert world.queue()[0] == 1


@pytest.mark.parametrize("limit", ["--stack=131072", "--nofile=32", "--data=67108864", "--core=0"])
def test_small_limits(world, place, limit):
    place.before = ["prlimit", limit, "--"]
    place.start()
    item = world.film(45, "harbour")
    place.put("/etc/hosts", "127.0.0.1 plex.example\n")
    world.settings["connectUrl"] = world.plex.url.replace("127.0.0.1", "plex.example")     # with a thread
    world.index()

    world.save(45, title="Harbour Lights")

    assert item.title == "Harbour Lights"


def test_64_megabytes_of_memory(world, place):
    try:
        CGROUP.mkdir()
    except OSError:
        pytest.skip("no control group can be made here")
    try:
        (CGROUP / "memory.limit_in_bytes").write_text(str(64 << 20), encoding="ascii")
        place.before = ["sh", "-c", f'echo $$ >{CGROUP}/cgroup.procs; exec "$@"', "sh"]
        place.start()
        films = [world.film(number, f"quay {number}") for number in range(100, 300)]
        world.index()
        world.queue_only(*range(100, 110))
        for number in range(100, 110):
            world.stash.library.update_scene(number, {"title": f"Quay {number}"})
        world.drain()

        assert [film.title for film in films[:10]] == [f"Quay {number}" for number in range(100, 110)]
        assert (CGROUP / "memory.failcnt").read_text(encoding="ascii")
    finally:
        CGROUP.rmdir()


def test_a_plugin_folder_that_cannot_be_written(world):
    """No root folder of its own this time: the whole package in a mount that is read-only."""
    item = world.film(45, "harbour")
    world.index()
    installed = world.manager.folder
    world.manager.install()
    subprocess.run(["mount", "--bind", str(installed), str(installed)], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(installed)], check=True)
        world.save(45, title="Harbour Lights")
    finally:
        subprocess.run(["umount", "-l", str(installed)], check=True)

    assert item.title == "Harbour Lights"
    assert (installed / "plexsync").read_bytes().startswith(b"#!")
