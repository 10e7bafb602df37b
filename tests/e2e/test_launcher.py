"""The launcher of the package (plugin/plexsync.sh): what Stash starts as plexsync after an installation.

It is run by each shell that there is, because Stash's own image has busybox, and others have dash or bash.
"""

import json
import os
import pathlib
import platform
import shutil
import signal
import stat
import subprocess
import tempfile
import time

import pytest

from conftest import EXECUTABLE, ROOT

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}
HERE = {"x86_64": "x86_64", "aarch64": "aarch64", "armv7l": "armv7", "armv6l": "armv6"}.get(platform.machine())
NOBODY = 65534

pytestmark = pytest.mark.skipif(HERE is None, reason="the package has no executable for this processor")


class Package:
    """What Stash unpacked, in a folder that everybody can reach."""

    def __init__(self, folder, shell, executable=EXECUTABLE, name=HERE):
        self.folder = folder
        self.shell = shell
        self.start = folder / "plexsync"
        self.program = folder / "bin" / f"plexsync-{name}"
        self.stubs = folder / "stubs"
        self.stubs.mkdir()
        self.program.parent.mkdir()
        shutil.copy(ROOT / "plugin" / "plexsync.sh", self.start)
        shutil.copy(executable, self.program)
        self.start.chmod(0o755)
        self.program.chmod(0o755)

    def stub(self, name, script):
        """From now on this command of the system does something else; REAL is the one it had."""
        path = self.stubs / name
        path.write_text(f"#!/bin/sh\nREAL={shutil.which(name)}\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def environment(self):
        """What Stash gives it, with our commands before the system's. A busybox looks into itself first."""
        return {**os.environ, "PATH": f"{self.stubs}:{os.environ['PATH']}"}

    def command(self, *args):
        """How the shell is started with it."""
        return [*self.shell, str(self.start), *args]

    def run(self, *args, stdin=b"", **options):
        """The launcher, to its end."""
        return subprocess.run(self.command(*args), input=stdin, capture_output=True, env=self.environment(),
                              timeout=60, check=False, **options)

    def version(self, **options):
        """What it says of itself; that is the executable then."""
        done = self.run("--version", **options)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def error(self, **options):
        """What Stash is told, where it does not go."""
        done = self.run(stdin=b'{"args":{}}' * 20_000, **options)
        assert done.returncode == 0, done.stderr.decode()
        document = json.loads(done.stdout)
        assert set(document) == {"error"}
        by_hand = self.run("--version", **options)
        assert by_hand.returncode == 1 and by_hand.stdout == b""
        assert by_hand.stderr.startswith(b"plexsync: ")
        return document["error"]

    def is_settled(self):
        """The executable is where the launcher was, whole, and nothing else is left."""
        assert not list(self.folder.glob(".plexsync*"))
        if self.start.read_bytes() != self.program.read_bytes():
            assert self.start.read_bytes() == (ROOT / "plugin" / "plexsync.sh").read_bytes()
            return False
        assert stat.S_IMODE(self.start.stat().st_mode) == 0o755
        return True


@pytest.fixture(name="folder")
def a_folder():
    """One with a name that a shell could misread."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="plexsync launcher $HOME ' -"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(name="package", params=SHELLS)
def a_package(folder, request):
    """Fresh from Stash, for each shell."""
    shell = SHELLS[request.param]
    if shutil.which(shell[0]) is None:
        pytest.skip(f"there is no {shell[0]}")
    return Package(folder, shell)


def other_user():
    """Somebody who may not write where the tests write: only root needs one."""
    return {"user": NOBODY} if os.geteuid() == 0 else {}


def test_the_first_call_puts_the_executable_in_its_place(package):
    assert package.version().startswith("plexsync ")

    assert package.is_settled()
    done = subprocess.run([str(package.start), "--version"], capture_output=True, check=True)
    assert done.stdout.startswith(b"plexsync ")


def test_arguments_and_the_exit_status_are_the_executables(package):
    done = package.run("status", "--state", "no such folder/ $x", "a  b")

    assert done.returncode == 2
    assert b"a  b" in done.stderr


def test_a_hook_is_the_first_call(world):
    film = world.film(45, "harbour")
    installed = world.plugins / "plexsync"
    (installed / "bin").mkdir()
    (installed / "plexsync").rename(installed / "bin" / f"plexsync-{HERE}")
    shutil.copy(ROOT / "plugin" / "plexsync.sh", installed / "plexsync")
    (installed / "plexsync").chmod(0o755)
    world.index()       # of which the launcher was the beginning

    world.save(45, title="Harbour Lights")

    assert film.title == "Harbour Lights"
    assert (installed / "plexsync").read_bytes() == EXECUTABLE.read_bytes()


def test_many_first_calls_at_once(package):
    """None takes the script away from under a shell that is about to open it: they leave it to a later call."""
    calls = [subprocess.Popen(package.command("--version"), stdout=subprocess.PIPE, env=package.environment())
             for _ in range(8)]

    assert all(call.communicate(timeout=60)[0].startswith(b"plexsync ") for call in calls)
    assert all(call.returncode == 0 for call in calls)
    if not package.is_settled():
        package.version()
    assert package.is_settled()


def test_while_another_call_is_about_to_start_the_script_stays(package):
    """A shell that was given the script, and has not opened it yet."""
    waiting = subprocess.Popen(["sh", "-c", "read -r x; :", str(package.start)], stdin=subprocess.PIPE)

    assert package.version().startswith("plexsync ")
    assert not package.is_settled()
    waiting.communicate(b"\n")
    assert package.version().startswith("plexsync ")
    assert package.is_settled()


def test_a_folder_that_cannot_be_written(package):
    package.folder.chmod(0o555)

    assert package.version(**other_user()).startswith("plexsync ")
    assert not package.is_settled()
    package.folder.chmod(0o755)


@pytest.mark.parametrize("end", ["exit 1", "exit 0"])
def test_a_disk_that_becomes_full(package, end):
    """Half of the file is there, whether cp says so or not."""
    package.stub("cp", f'head -c 1000 "$1" >"$2"; {end}')
    if package.shell[0] == "busybox":
        pytest.skip("its cp is its own")

    assert package.version().startswith("plexsync ")
    assert not package.is_settled()


def test_a_disk_that_is_full(folder):
    with mounted(folder, "size=8k"):
        package = Package(folder / "disk", ["sh"], "/dev/null")
        shutil.copy(EXECUTABLE, folder / "executable")
        package.program.unlink()
        package.program.symlink_to(folder / "executable")

        assert package.version().startswith("plexsync ")
        assert not package.is_settled()


def test_an_executable_that_lost_its_run_bit(package):
    package.program.chmod(0o644)

    assert package.version().startswith("plexsync ")
    assert package.is_settled()


def test_one_that_lost_it_where_nothing_can_be_changed(package):
    package.program.chmod(0o644)
    package.folder.chmod(0o555)

    error = package.error(**other_user())

    if os.geteuid() == 0:
        assert "chmod +x" in error or "--version says why" in error
    package.folder.chmod(0o755)


def test_an_executable_that_is_missing(package):
    package.program.unlink()

    assert "missing" in package.error() and "install it again" in package.error()


def test_an_executable_that_was_cut_off(package):
    package.program.write_bytes(package.program.read_bytes()[:5000])

    assert "does not start" in package.error()
    assert package.start.read_bytes() == (ROOT / "plugin" / "plexsync.sh").read_bytes()


def test_an_executable_that_is_the_launcher_itself(package):
    """Somebody unpacked the package over a hard link, say."""
    shutil.copy(package.start, package.program)

    assert "does not start" in package.error()


def test_an_update_that_comes_between(package):
    """The launcher of the old package must not put its executable over the new package."""
    if package.shell[0] == "busybox":
        pytest.skip("its cp is its own")
    package.stub("cp", '"$REAL" "$@" && printf x >>"$1"')

    assert package.version().startswith("plexsync ")
    assert package.start.read_bytes() == (ROOT / "plugin" / "plexsync.sh").read_bytes()


def test_a_launcher_that_was_killed_leaves_nothing_behind_the_next_one(package):
    package.stub("chmod", 'touch "$0-came"; sleep 60')
    if package.shell[0] == "busybox":
        pytest.skip("its chmod is its own")
    process = subprocess.Popen(package.command("--version"), env=package.environment(), start_new_session=True)
    deadline = time.monotonic() + 30
    while not (package.stubs / "chmod-came").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert list(package.folder.glob(".plexsync*"))
    (package.stubs / "chmod").unlink()

    package.version()

    assert package.is_settled()


def test_a_link_to_it_in_another_folder(package, tmp_path):
    link = tmp_path / "plexsync"
    link.symlink_to(package.start)

    done = subprocess.run([*package.shell, str(link), "--version"], capture_output=True, check=True)

    assert done.stdout.startswith(b"plexsync ")
    assert package.is_settled() and link.is_symlink()


def test_its_own_folder_is_the_current_one(package):
    done = subprocess.run([*package.shell, "plexsync", "--version"], cwd=package.folder, capture_output=True,
                          check=True)

    assert done.stdout.startswith(b"plexsync ")
    assert package.is_settled()


# --- processors ----------------------------------------------------------------------------------------------------

NAMES = ["x86_64", "aarch64", "armv7", "armv6"]


def machine(folder, name, system="Linux", works=tuple(NAMES)):
    """A package whose executables only say which they are, on a machine that has this name."""
    package = Package(folder, ["sh"], "/dev/null")
    for each in NAMES:
        path = package.program.parent / f"plexsync-{each}"
        path.write_text(f"#!/bin/sh\necho plexsync {each}\n" if each in works else "#!/bin/sh\nkill -ILL $$\n",
                        encoding="utf-8")
        path.chmod(0o755)
    package.stub("uname", f'case $1 in -s) echo "{system}" ;; -m) echo "{name}" ;; esac')
    return package


@pytest.mark.parametrize("name, wanted", [("x86_64", "x86_64"), ("amd64", "x86_64"), ("aarch64", "aarch64"),
                                          ("arm64", "aarch64"), ("armv7l", "armv7"), ("armv8l", "armv7"),
                                          ("armv6l", "armv6")])
def test_each_processor_has_its_executable(folder, name, wanted):
    assert machine(folder, name).version() == f"plexsync {wanted}\n"


def test_an_armv7_that_cannot_run_its_own_takes_that_of_armv6(folder):
    assert machine(folder, "armv7l", works=("armv6",)).version() == "plexsync armv6\n"


@pytest.mark.parametrize("name", ["riscv64", "i686", "armv5tel", "ppc64le", ""])
def test_a_processor_that_the_package_does_not_know(folder, name):
    error = machine(folder, name).error()

    assert "x86_64, aarch64, armv7 and armv6" in error and name in error and "source" in error


@pytest.mark.parametrize("system", ["Darwin", "FreeBSD"])
def test_a_system_that_the_package_does_not_know(folder, system):
    error = machine(folder, "x86_64", system).error()

    assert "Linux" in error and system in error


# --- mounts --------------------------------------------------------------------------------------------------------

class mounted:
    """A small file system in memory at folder/disk; skips where that is not allowed."""

    def __init__(self, folder, options):
        self.path = folder / "disk"
        self.options = options

    def __enter__(self):
        self.path.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", self.options, "tmpfs", str(self.path)],
                              capture_output=True, check=False)
        if done.returncode != 0:
            pytest.skip("nothing can be mounted here")
        return self.path

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.path)], check=True)


def test_a_folder_that_is_mounted_without_the_right_to_run_programs(folder):
    """Stash cannot start even the launcher there; whoever starts it with sh learns why."""
    with mounted(folder, "noexec"):
        package = Package(folder / "disk", ["sh"])

        assert "noexec" in package.error()
