"""What every scenario stands on: a Stash and a Plex stand-in, the plugin installed as a user
would install it, and checks that hold for every single run of the executable.

A scenario says what Stash and Plex hold, lets a person act, and looks at Plex, at the requests
that were made, at the answer, the log, and the queue.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import threading

import pytest
import requests
from plexapi.server import PlexServer as Client

from tests.fake.plex import PlexServer
from tests.fake.stash import StashServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXECUTABLE = pathlib.Path(os.environ.get("PLEXSYNC_EXECUTABLE", ROOT / "build/test/plexsync"))

EMULATED = "PLEXSYNC_EMULATED" in os.environ     # see scripts/emulated

TOKEN = "plex-token-Zq81xxTT"
LOG_LINE = re.compile(rb"\x01[tdiwep]\x02[^\x00-\x1f\x7f]+\n")


class Held:
    """The next request of a kind to Plex: it is read, and gets its answer only after release()."""

    def __init__(self, plex, method, path):
        self.method, self.path = method, path
        self._came, self._go = threading.Event(), threading.Event()
        plex.latency = self._latency

    def _latency(self, request):
        if not self._came.is_set() and request.method == self.method and re.fullmatch(self.path, request.path):
            self._came.set()
            self._go.wait(20)
        return 0

    def wait(self):
        """Until it has come."""
        assert self._came.wait(20), "it did not come"

    def release(self):
        """Lets it be answered."""
        self._go.set()


class World:
    """A house: Stash, Plex, their files, and PlexSync between them."""

    Stash = StashServer     # which stand-in it has

    def __init__(self, folder, executable=EXECUTABLE, **options):
        self.folder = folder
        self.plugins = folder / "plugins"
        installed = self.plugins / "plexsync"
        installed.mkdir(parents=True)
        shutil.copy(ROOT / "plexsync.yml", installed)
        shutil.copy(executable, installed / "plexsync")
        stash_options = {k[6:]: v for k, v in options.items() if k.startswith("stash_")}
        plex_options = {k[5:]: v for k, v in options.items() if k.startswith("plex_")}
        config = folder / "config"
        config.mkdir()
        self.config = config
        self.plex = PlexServer(token=TOKEN, **plex_options).start()
        self.stash = self.Stash(plugins=str(self.plugins), config_dir=str(config), **stash_options)
        self.stash.start()
        self.stash.host.environ.update(self.environment())
        self.stash.host.cwd = str(config)   # a path in exec is looked for there, too
        self.films = self.plex.add_library("Films", ["/data/films"])
        # Pictures and the studio's collection cost requests of their own: scenarios about them
        # take these away.
        self.settings = {"connectUrl": self.plex.url, "connectToken": TOKEN, "fieldNoPoster": True,
                         "fieldNoBackground": True, "fieldNoStudioCollection": True}
        self.secrets = {TOKEN}
        self.runs = []

    # --- what is there -------------------------------------------------------------------------

    @staticmethod
    def environment():
        """A leak or an undefined behaviour ends the process with 99; nobody waits two minutes for Plex."""
        return {
            "PLEXSYNC_TEST_OUTAGE": "1000",
            "ASAN_OPTIONS": "exitcode=99:detect_leaks=1:abort_on_error=0",
            "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1",
        }

    @property
    def settings(self):
        """The plugin's settings as Stash keeps them."""
        return self.stash.settings["plexsync"]

    @settings.setter
    def settings(self, values):
        self.stash.settings["plexsync"] = values

    @property
    def state(self):
        """The folder of PlexSync's state."""
        return self.config / "plexsync"

    def film(self, number, name, size=None, item=None, **scene):
        """A file that both have: a scene in Stash and an item in Plex. Returns the item."""
        path = f"/data/films/{name}.mp4"
        size = size or 1_000_000 + number
        scene.setdefault("title", "")
        self.stash.library.add_scene(path, number=number, size=size, **scene)
        return self.films.add_item(file=path, size=size, **{"title": name, **(item or {})})

    def link(self, item):
        """Where Plex's own page shows the item."""
        return (f"https://app.plex.tv/desktop/#!/server/{self.plex.machine_identifier}/details"
                f"?key=%2Flibrary%2Fmetadata%2F{item.ratingKey}")

    # --- what a person does --------------------------------------------------------------------

    def save(self, number, **values):
        """Save in Stash; returns the run of its hook."""
        runs = self.stash.update_scene(number, **values)
        self.check(*runs)
        assert len(runs) == 1
        return runs[0]

    def operation(self, mode, **args):
        """runPluginOperation."""
        run = self.stash.run_operation(mode=mode, **args)
        self.check(run)
        return run

    def index(self):
        """A current library index, as after the first drain."""
        run = self.operation("rebuild-index")
        assert run.error is None, run.error
        self.clear()

    def tasks(self, timeout=30):
        """Waits for Stash's jobs; returns the runs of those that ended since the last call."""
        runs = [job.run for job in self.stash.wait_jobs(timeout) if job.run is not None]
        self.check(*runs)
        return runs

    def drain(self):
        """The task "Process queue", started by hand; returns its run."""
        self.stash.run_task("Process queue")
        return self.tasks()[-1]

    def status(self):
        """The status, as a value."""
        run = self.operation("status")
        assert run.error is None, run.error
        return run.output

    def plexsync(self, *args, stdin=b"", env=None, check=True):
        """The executable at a terminal-less command line, or with raw stdin."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PLEXSYNC_")}
        environment.update(self.environment())
        environment.update(env or {})
        done = subprocess.run([str(EXECUTABLE), *args], input=stdin, capture_output=True,
                              env=environment, timeout=60, check=False)
        assert done.returncode in (0, 1, 2), done.stderr.decode(errors="replace")
        if check:
            self.check_bytes(done.stdout, done.stderr)
        return done

    def sync(self, number, **args):
        """The operation "sync-scene": one scene, with all the time that it takes; its output."""
        run = self.operation("sync-scene", scene_id=str(number), **args)
        assert run.error is None, run.error
        return run.output

    def clock(self, minutes):
        """From now on the plugin's clock is so many minutes ahead."""
        self.stash.host.environ["PLEXSYNC_TEST_CLOCK"] = str(minutes * 60_000)

    def stdin(self, **args):
        """What Stash would write to the plugin's stdin, to be changed at will."""
        cookie = self.stash.sessions.new("")
        self.secrets.add(cookie)
        return {"server_connection": {
            "Scheme": "http", "Host": "0.0.0.0", "Port": self.stash.port,
            "SessionCookie": {"Name": "session", "Value": cookie, "Path": "/", "MaxAge": 3600},
            "Dir": str(self.config), "PluginDir": str(self.plugins / "plexsync")}, "args": args}

    def raw(self, data):
        """The executable as Stash starts it, with any stdin: exit 0, one document, no secret. Returns that."""
        done = self.plexsync(stdin=data)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        document = json.loads(done.stdout)
        assert set(document) in ({"output"}, {"error"}), document
        return document

    def later(self, seconds):
        """From now on every process believes that so much time has passed since the beginning. Nothing may be at
        work meanwhile: nobody knows which time a task believes that is only about to start."""
        assert not self.stash.jobs.at_work(), f"wait for these first: {self.stash.jobs.at_work()}"
        self.stash.host.environ["PLEXSYNC_TEST_CLOCK"] = str(int(seconds * 1000))

    def queue(self):
        """How many scenes are (ready, waiting, failed)."""
        queue = self.status()["queue"]
        return queue["ready"], queue["waiting"], queue["failed"]

    def request_count(self):
        """How many requests since clear() went to (Stash, Plex)."""
        return len(self.stash.requests), len(self.plex.requests)

    def queue_only(self, *numbers):
        """Scans found these scenes changed: they are queued, and no task starts for it."""
        held = self.stash.hold_jobs
        if not held:
            self.stash.wait_jobs()
        self.stash.hold_jobs = True
        for number in numbers:
            self.check(*self.stash.hook("Scene.Update.Post", number))
        for job in self.stash.jobs.queued():
            assert job.status == "READY"
            self.stash.jobs.stop(job.id)
        self.stash.wait_jobs()
        self.stash.hold_jobs = held

    @staticmethod
    def meanwhile(action, *args, **values):
        """Does something in another thread; the answer is a function that waits for its result."""
        result = []
        thread = threading.Thread(target=lambda: result.append(action(*args, **values)), daemon=True)
        thread.start()

        def wait():
            thread.join(60)
            assert result, "it failed, or did not end"
            return result[0]
        return wait

    def client(self):
        """python-plexapi, which is independent of us and works with real servers, for this Plex."""
        session = requests.Session()
        session.trust_env = False
        return Client(self.plex.url, self.plex.token, session=session)

    def hold_plex(self, method="PUT", path=".*"):
        """The next such request to Plex gets no answer before its release()."""
        return Held(self.plex, method, path)

    # --- what holds for every run --------------------------------------------------------------

    def clear(self):
        """Forgets the requests so far."""
        self.plex.clear_requests()
        self.stash.clear_records()

    def check(self, *runs):
        """One JSON document, valid log lines, no crash, no secret, nothing left running."""
        for run in runs:
            self.runs.append(run)
            if run.cancelled:
                continue
            assert run.returncode == 0, (run.returncode, run.stderr.decode(errors="replace"))
            document = json.loads(run.stdout)
            assert set(document) in ({"output"}, {"error"}), document
            assert not run.orphans, run.orphans
            assert not run.stderr_overflow
            self.check_bytes(run.stdout, run.stderr, run.cookies)

    def check_bytes(self, stdout, stderr, cookies=()):
        """Every line is one of Stash's; no secret is in anything that was written."""
        for line in stderr.splitlines(keepends=True):
            if EMULATED and line.startswith(b"qemu: uncaught target signal"):
                continue    # of a child that died of what it read, where a kernel says nothing
            assert LOG_LINE.fullmatch(line), line
            assert len(line) <= 4096
        for secret in {*self.secrets, *cookies}:
            assert secret.encode() not in stdout + stderr, "a secret was written"

    def check_state_for_secrets(self):
        """Nothing secret is in the state either."""
        seen = set(self.secrets)
        for run in self.runs:
            seen.update(run.cookies)
        for path in self.state.rglob("*"):
            if path.name == "signin" or path.suffix == ".token":
                assert path.parent == self.state and path.stat().st_mode & 0o777 == 0o600, path
            elif path.is_file():
                content = path.read_bytes()
                for secret in seen:
                    assert secret.encode() not in content, f"a secret is in {path.name}"

    def close(self):
        """The end: the stand-ins themselves must not have failed."""
        self.stash.close()
        self.plex.close()
        assert not self.plex.errors, self.plex.errors
        assert not self.stash.errors, self.stash.errors
        assert self.plex.mass_edits == 0
        assert not self.plex.token_in_url
        self.check_state_for_secrets()


def pytest_xdist_auto_num_workers():
    """For -n auto: one more than there are processors, for a part of every test is waiting."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.fixture
def world(tmp_path, request):
    """A world; options for the stand-ins come by @pytest.mark.parametrize("world", …, indirect)."""
    house = World(tmp_path, **getattr(request, "param", {}))
    try:
        yield house
    finally:
        house.close()


@pytest.fixture
def film(world):
    """Scene 45 and its item, in an index that is current."""
    item = world.film(45, "quay")
    world.index()
    return item
