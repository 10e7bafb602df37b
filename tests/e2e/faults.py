"""What the tables of troubles have in common: how a table is read, what its names do to a server,
what a person and Stash do while there is trouble, and what can be seen of it then."""

import contextlib
import re
import socket

# A label of more than 63 letters is refused by every resolver itself: no question leaves the machine.
NOBODY = f"http://{'plex' * 16}.invalid:32400"

# name -> (kind of fault, its options); see FAULTS in tests/fake/server.py
KINDS = {
    "reset": ("reset_before", {}),
    "reset midway": ("reset_mid", {}),
    "reset too late": ("reset_after_apply", {}),
    "no answer": ("hang", {}),
    "answer too late": ("hang_after_apply", {}),
    "drip": ("drip", {"interval": 0.2}),
    "drip of the body": ("drip", {"interval": 0.2, "body_only": True}),
    "429 Retry-After": ("status", {"status": 429, "headers": {"Retry-After": "120"}}),
    "503 Retry-After": ("status", {"status": 503, "headers": {"Retry-After": "120"}}),
    "maintenance": ("maintenance", {}),
    "HTML": ("html200", {}),
    "nothing": ("empty", {}),
    "noise": ("garbage", {}),
    "cut": ("truncated", {}),
    "no end": ("endless", {}),
    "301": ("redirect", {"location": "/login", "status": 301}),
    "302": ("redirect", {"location": "https://plex.example/"}),
    "308": ("redirect", {"location": "", "status": 308}),
    "log-in page": ("redirect", {"location": "/login?returnURL=%2Fgraphql"}),
}


def cells(table):
    """(row, column, what stands there) of each cell that says something."""
    head, *rows = table.strip().splitlines()
    columns = re.split(r"\s{2,}", head.strip())[1:]
    for line in rows:
        name, *row = re.split(r"\s{2,}", line.strip())
        assert len(row) == len(columns), line
        yield from ((name, column, cell) for column, cell in zip(columns, row) if cell != ".")


def kind_of(name, bodies=()):
    """(kind of fault, options) of a name: one of KINDS, one of these bodies (with a status, if it is not 200), or a
    status."""
    if name in bodies:
        status, body = bodies[name] if isinstance(bodies[name], tuple) else (200, bodies[name])
        return "status", {"status": status, "body": body}
    return KINDS.get(name) or ("status", {"status": int(name[:3])})


class Silence:
    """A port that no connection reaches: the system holds it, and nobody ever accepts."""

    def __init__(self, port=0):
        self._sockets = [socket.socket()]
        self._sockets[0].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._sockets[0].bind(("127.0.0.1", port))
        self._sockets[0].listen(0)
        self.port = self._sockets[0].getsockname()[1]
        for _ in range(4):      # more than may wait in line: the next ones are not even refused
            self._sockets.append(socket.socket())
            self._sockets[-1].setblocking(False)
            self._sockets[-1].connect_ex(("127.0.0.1", self.port))

    def close(self):
        """The port is free again."""
        for each in self._sockets:
            each.close()


@contextlib.contextmanager
def hurried(world, factor):
    """What is started inside of 'with' waits for answers that many times less long; Save is not hurried."""
    world.stash.host.environ["PLEXSYNC_TEST_HURRY"] = str(factor)
    try:
        yield
    finally:
        del world.stash.host.environ["PLEXSYNC_TEST_HURRY"]


class Case:
    """Scene 45, its item, and the trouble that it meets on its way to Plex.

    Derived: begins() and ends() of the trouble."""

    EMPTY = {"ready": 0, "due": 0, "waiting": 0, "failed": 0}

    def __init__(self, world, trouble, words, of_scene):
        self.world, self.trouble, self.words = world, trouble, words
        self.of_scene = of_scene        # it is met while the scene is pushed, not before
        self.takes_time = "no answer within" in words
        self.item = world.film(45, "quay")
        self.other = world.film(46, "other")
        self.now = 0            # seconds since the beginning
        self.whole = False      # the whole story is wanted

    def follows(self, consequence, functions):
        """What the table says: the name of one of these functions, in capitals for the whole story."""
        self.whole = consequence.isupper()
        functions[consequence.lower()](self)

    # what a person and Stash do

    def save(self):
        """Save; the runs of its hook and of the drain that it asked for."""
        self.world.stash.hold_jobs = True
        return [self.world.save(45, title="Harbour Lights", tags=["Boats"]), *self.drains()]

    def drains(self):
        """The drains that were asked for. They give an answer 30 s; nobody has so much time here."""
        with hurried(self.world, 100 if self.takes_time else 1):
            self.world.stash.hold_jobs = False
            return self.world.tasks()

    def after(self, seconds):
        """So much later somebody looks whether something is due; the drains that follow."""
        self.now += seconds
        self.world.later(self.now)
        self.world.stash.hold_jobs = True
        assert self.world.operation("tick").output == {"asked": True}
        return self.drains()

    def nothing_before(self, seconds):
        """Until shortly before that nobody asks for a drain, and nobody talks to Plex."""
        self.world.later(self.now + seconds - 10)
        self.world.clear()
        assert self.world.operation("tick").output == {"asked": False}
        assert self.world.tasks() == []
        assert self.world.request_count() == (0, 0)

    def rests(self, seconds):
        """Until shortly before that not even a drain by hand touches it."""
        self.world.later(self.now + seconds - 10)
        self.world.clear()
        assert self.world.drain().error is None
        assert self.world.request_count() == (0, 0)

    def stops_nobody(self):
        """Another scene is written meanwhile."""
        assert self.world.save(46, title="Other").output["result"] == "synced"
        assert self.other.title == "Other"

    # what is seen

    def is_told(self, run, *more):
        """The run says what is wrong in one line, and what becomes of the scene."""
        said = [run.error or "", *run.text("error").split("\n"), *run.text("warning").split("\n")]
        [line] = [line for line in said if line]
        for word in (*self.words, *more):
            assert word in line, line

    def is_told_to_be_kept(self, run):
        """The same, and that nothing is lost."""
        self.is_told(run, "(the scene stays queued)" if run.kind == "hook" else "The queue is kept: ")

    @staticmethod
    def is_silent(run):
        """The run tells nothing that a person would have to read."""
        assert run.error is None
        assert run.text("error") + run.text("warning") == ""

    def holds(self, breaker="closed", **queue):
        """What the queue holds, and whether Plex counts as down."""
        status = self.world.status()
        assert status["queue"] == {**self.EMPTY, **queue}
        assert status["plex"]["breaker"] == breaker
        return status

    def keeps(self, breaker="closed", attempts=0):
        """The scene is queued, and so many attempts were counted; without one it is due all the time."""
        retried = self.holds(breaker, ready=1, due=int(attempts == 0))["retrying"]
        assert [(entry["scene_id"], entry["attempts"]) for entry in retried] == [("45", attempts)] * self.of_scene
        for word in self.words * self.of_scene:
            assert word in retried[0]["reason"], retried

    def is_written(self):
        """All is well."""
        assert (self.item.title, self.item.genres) == ("Harbour Lights", ["Boats"])
        assert self.holds()["failed"] == []
