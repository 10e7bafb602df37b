"""A Stash and a Plex stand-in with the plugin between them, as in the tests, but a release build."""

import json
import os
import pathlib
import shutil
import struct
import time

from tests.fake.plex import PlexServer
from tests.fake.stash import StashServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = "plex-token-bench"
PATTERN = "/data/films/{i:07d}/harbour-lights-{i:07d}.mkv"     # lookup.c knows it too


class Clocked:
    """Adds up how long a server has had the requests that it answered: the part of a run's time
    that is certainly not the plugin's. What the sockets cost on both sides is not in it."""

    served_ms = 0.0

    def render(self, request, reply, length=None):
        """Called when an answer is ready to be sent."""
        answer = super().render(request, reply, length)
        if request is not None:
            self.served_ms += 1e3 * (time.monotonic() - request.at)
        return answer


class Plex(Clocked, PlexServer):
    """The Plex stand-in with a clock."""


class Stash(Clocked, StashServer):
    """The Stash stand-in with a clock."""


class House:
    """Stash starts no task by itself here: what is asked for stays in its list."""

    def __init__(self, folder):
        self.folder = folder
        plugin = folder / "plugins" / "plexsync"
        plugin.mkdir(parents=True)
        shutil.copy(ROOT / "plexsync.yml", plugin)
        self.plex = Plex(token=TOKEN).start()
        self.stash = Stash(plugins=str(folder / "plugins"), config_dir=str(folder))
        self.stash.hold_jobs = True
        self.stash.start()
        # Pictures have requests of their own; the budgets are those of texts.
        self.stash.settings["plexsync"] = {"connectUrl": self.plex.url, "connectToken": TOKEN,
                                           "fieldNoPoster": True, "fieldNoBackground": True}
        self.films = self.plex.add_library("Films", ["/data/films"])

    def move(self, name):
        """From now on the state is in a folder of this name; returns it."""
        home = self.folder / name
        home.mkdir(exist_ok=True)
        self.stash.config_dir = str(home)
        return home / "plexsync"

    def commits(self):
        """How many commits the queue of the present state has seen: what LMDB's two meta pages say,
        on a machine of 64 bit. Every one of them waited for the disk."""
        size = os.sysconf("SC_PAGE_SIZE")
        try:
            with open(pathlib.Path(self.stash.config_dir) / "plexsync" / "queue" / "data.mdb", "rb") as file:
                pages = file.read(2 * size)
        except OSError:
            return 0
        return max(struct.unpack_from("=Q", pages, page + 144)[0] for page in (0, size))

    def film(self, number, **scene):
        """A file that both have."""
        path = PATTERN.format(i=number)
        self.stash.library.add_scene(path, number=number, size=1_000_000 + number, **scene)
        return self.films.add_item(title=f"Harbour Lights {number}", file=path, size=1_000_000 + number)

    def stdin(self, scenes):
        """What Stash writes to a plugin in the first hook of a bulk edit of these scenes."""
        context = {"id": scenes[0], "type": "Scene.Update.Post", "input": {"ids": scenes}, "inputFields": ["ids"]}
        return json.dumps({"server_connection": {"Scheme": "http", "Host": "127.0.0.1", "Port": self.stash.port,
                                                 "Dir": self.stash.config_dir}, "args": {"hookContext": context}}).encode()

    def operation(self, mode):
        """The run of an operation."""
        return self.stash.run_operation(mode=mode)

    def served(self):
        """Milliseconds that (Stash, Plex) had requests since the last call of requests()."""
        return self.stash.served_ms, self.plex.served_ms

    def requests(self):
        """(how many requests there were since the last call, both servers' time for them)."""
        count = len(self.stash.requests) + len(self.plex.requests)
        served = sum(self.served())
        self.stash.clear_records()
        self.plex.clear_requests()
        self.stash.host.runs.clear()
        self.stash.served_ms = self.plex.served_ms = 0.0
        return count, served

    def forget_jobs(self):
        """Takes what was asked for off Stash's list."""
        for job in self.stash.jobs.queued():
            self.stash.jobs.stop(job.id)

    def close(self):
        """The end; a stand-in that failed has spoilt the figures."""
        self.stash.close()
        self.plex.close()
        assert not self.plex.errors, self.plex.errors
        assert not self.stash.errors, self.stash.errors
