"""A scenario is played once to count the steps that outlive a process (src/base/fault.h), then once
for every step, killed there with SIGKILL. Life goes on: Stash works off its jobs, the page in the
browser ticks once a minute, and whoever was told that a Save failed saves again. In the end both
servers, the queue and what is remembered of the pushes are as if nothing had happened, and nothing
more is written.

PLEXSYNC_CRASH_EVERY=n tries only every n-th step, the first and the last included.
"""

import concurrent.futures
import contextlib
import dataclasses
import difflib
import os
import pprint
import shutil
import signal
import traceback

from tests.e2e.conftest import World

MINUTE = 61         # a little more: what was asked for is believed for a minute
PATIENCE = 15       # minutes until everything is done: longer than any pause after a failure
REPORTED = 4        # kills of one scenario that are told in full
AT_ONCE = 2 * (os.cpu_count() or 1)     # plays, which spend half of their time waiting
EVERY = max(1, int(os.environ.get("PLEXSYNC_CRASH_EVERY") or 1))


class House(World):
    """A world in which a process may die at a step, and everybody else goes on.

    While the steps count, Stash's jobs wait until jobs() lets them run, so that the steps of a hook
    and of the drain that it asked for have one order."""

    def __init__(self, folder, kill=None):
        folder.mkdir()
        super().__init__(folder)
        self.kill = kill
        self.seconds = 0
        self.settled = None     # the status when nothing was queued any more
        self.faults = folder / "faults"
        self.plex.now = 1_700_000_000

    @staticmethod
    def environment():
        """Leaks are looked for elsewhere: here that would take a fifth of the time."""
        return {**World.environment(), "ASAN_OPTIONS": "exitcode=99:detect_leaks=0:abort_on_error=0"}

    # --- the steps -----------------------------------------------------------------------------

    @contextlib.contextmanager
    def counted(self):
        """Within this the steps count, and one of them is the last of its process."""
        environ = self.stash.host.environ
        environ["PLEXSYNC_TEST_FAULTS"] = str(self.faults)
        if self.kill:
            environ["PLEXSYNC_TEST_KILL"] = str(self.kill)
        self.stash.hold_jobs = True
        yield
        environ.pop("PLEXSYNC_TEST_KILL", None)
        del environ["PLEXSYNC_TEST_FAULTS"]
        self.stash.hold_jobs = False

    def steps(self):
        """The names of the steps so far, in their order."""
        return self.faults.read_text().split() if self.faults.exists() else []

    def killed(self):
        """The runs that were killed."""
        return [run for run in self.stash.host.runs if run.signal == signal.SIGKILL]

    def check(self, *runs):
        """A run that was to be killed answers nothing; all others answer as ever."""
        for run in runs:
            if self.kill and run.signal == signal.SIGKILL:
                self.check_bytes(run.stdout, run.stderr, run.cookies)
                self.runs.append(run)
            else:
                super().check(run)

    # --- what people do, whatever happens to the plugin ------------------------------------------

    def durably(self, act, again=None):
        """Does something that leaves an event. Whoever sees it fail before the event is on the disk
        does it again. The first commit of a new state is its version."""
        before = len(self.steps())
        wanted = 1 if (self.state / "queue").exists() else 2
        run = act()
        if run.signal == signal.SIGKILL and self.steps()[before:].count("queue.committed") < wanted:
            run = (again or act)()
        return run

    def save(self, number, **values):
        """Save in Stash."""
        return self.durably(lambda: World.save(self, number, **values))

    def hook(self, trigger, number, value=None, fields=()):
        """Any hook; when it was lost, somebody saves the scene later, or repeats the bulk edit."""
        def act():
            [run] = self.stash.hook(trigger, number, value, fields)
            self.check(run)
            return run
        return self.durably(act, act if value else lambda: World.save(self, number))

    def scan(self, path, **scene):
        """A scan finds a new file."""
        return self.hook("Scene.Create.Post", self.stash.library.add_scene(path, **scene))

    def destroy(self, number):
        """A scene is destroyed in Stash, which nobody can repeat."""
        self.check(*self.stash.destroy_scene(number))

    def ask(self, mode, **args):
        """An operation that changes the queue."""
        return self.durably(lambda: self.operation(mode, **args))

    def insist(self, mode, **args):
        """An operation that somebody starts again when it was killed, however far it came."""
        run = self.operation(mode, **args)
        return self.operation(mode, **args) if run.signal == signal.SIGKILL else run

    def jobs(self):
        """Stash works off its jobs, and nothing else happens meanwhile."""
        self.stash.hold_jobs = False
        self.tasks()
        self.stash.hold_jobs = True

    def drain(self):
        """The task "Process queue", started by hand."""
        self.stash.run_task("Process queue")
        self.jobs()

    def task(self, name):
        """A task of Stash's; somebody who sees that it was killed starts it again."""
        for _ in range(2):
            job = self.stash.run_task(name)
            self.jobs()
            if job.run.signal != signal.SIGKILL:
                return

    def tick(self, seconds):
        """So much later the page in the browser looks whether something is due, and it is done."""
        self.pass_time(seconds)
        self.operation("tick")
        self.jobs()

    def pass_time(self, seconds):
        """So much time passes."""
        self.seconds += seconds
        self.later(self.seconds)

    def resume(self):
        """What happens by itself: jobs, and a tick every minute, until nothing is queued."""
        for _ in range(PATIENCE):
            self.tasks()
            self.settled = self.status()
            if self.settled["queue"]["ready"] == 0:
                return
            self.pass_time(MINUTE)
            self.operation("tick")
        raise AssertionError(f"after {PATIENCE} minutes it is still queued: {self.settled['queue']}")

    # --- what is there in the end ------------------------------------------------------------------

    def scenes(self):
        """The ids of all scenes."""
        return sorted(scene.id for scene in self.stash.library.all("scene"))

    def items(self):
        """All items of Plex."""
        return [item for library in self.plex.libraries for item in library.items]

    def picture(self, status):
        """What Plex shows, and what the queue holds."""
        return {"plex": {f"{item.library.title}/{item.ratingKey}": describe(item) for item in self.items()},
                "breaker": status["plex"]["breaker"],
                **{name: status[name] for name in ("queue", "failed", "unmatched")}}

    def once_more(self):
        """Every scene is looked at again, and nothing is written: what becomes of each."""
        self.clear()
        outputs = {number: self.sync(number) for number in self.scenes()}
        written = [request.target for request in self.plex.writes]
        assert not written, f"a third run writes {written}"
        assert not any(output["fields"] for output in outputs.values()), outputs
        return {number: {name: output[name] for name in ("result", "kept")} for number, output in outputs.items()}

    def next_day(self):
        """What is remembered shows at the next edit: one in Plex stays, our tags go, others' stay. And
        whoever queues finds somebody who drains, without another minute."""
        self.pass_time(MINUTE)
        numbers = self.scenes()
        for item in self.items():
            item.edit(summary="Written in Plex.", genres=[*item.genres, "By hand"])
        for number in numbers:
            self.stash.library.update_scene(number, {"title": f"Restored {number}", "tag_ids": []})
        edit = {"ids": [str(number) for number in numbers], "title": "Restored"}
        self.check(*self.stash.hook("Scene.Update.Post", numbers[0], edit, ["ids", "title"]) if numbers else ())
        self.tasks()
        return self.picture(self.status())


def describe(item):
    """Everything that a client of Plex sees of an item, except times."""
    scalars = {name: getattr(item, name) for name in (
        "title", "titleSort", "summary", "studio", "tagline", "originallyAvailableAt", "userRating")}
    tags = {kind: sorted(item.names(kind)) for kind in item.tags if kind != "actor"}
    actors = sorted((actor.name, actor.role or "", actor.thumb or "", actor.tagKey or "") for actor in item.actors)
    pictures = {element: [(picture.ratingKey, picture.selected) for picture in item.pictures(element)]
                for element in ("thumb", "art")}
    return {**scalars, **tags, **pictures, "actor": actors, "locked": sorted(item.locked), "files": item.files}


@dataclasses.dataclass
class Ending:
    """How a scenario ended."""
    steps: list
    picture: dict       # when nothing was queued any more
    once_more: dict     # what became of each scene when everything was looked at again
    next_day: dict      # after the edits of another day

    def differences(self, other):
        """What the other one has in another way, as text."""
        found = []
        for name in ("picture", "once_more", "next_day"):
            ours, theirs = (pprint.pformat(getattr(end, name), width=110).splitlines() for end in (self, other))
            found += [f"{name}: {line}" for line in difflib.unified_diff(ours, theirs, "as it was", "killed", n=1,
                                                                         lineterm="")]
        return "\n".join(found)


class Sweep:
    """One scenario with every kill. 'before' arranges, 'act' is what people and Stash do."""

    def __init__(self, folder, name, tally):
        self.folder, self.name, self.tally = folder, name, tally

    def __call__(self, before, act, kept=None, expect=None):
        """Plays it without a kill and then with each. 'kept': which fields of which scene belong to
        somebody in Plex at the end; 'expect' looks at the house at the end of every play."""
        def play(kill=None):
            return self.play(before, act, kept or {}, expect, kill)
        whole = play()
        kills = sorted({1, len(whole.steps), *range(1, len(whole.steps) + 1, EVERY)})
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            complaints = list(filter(None, pool.map(lambda kill: self.compare(whole, play, kill), kills)))
        self.tally[self.name] = (len(kills), set(whole.steps))
        if complaints:
            raise AssertionError(f"{len(complaints)} of {len(kills)} kills:\n" + "\n\n".join(complaints[:REPORTED]))

    def play(self, before, act, kept, expect, kill=None):
        """One play from beginning to end; killed at that step, if any."""
        folder = self.folder / str(kill or 0)
        house = House(folder, kill)
        try:
            before(house)
            with house.counted():
                act(house)
            steps = house.steps()
            assert len(house.killed()) == (1 if kill else 0), "nothing died at that step"
            house.resume()
            picture = house.picture(house.settled)
            if expect:
                expect(house)
            once_more = house.once_more()
            found = {number: end["kept"] for number, end in once_more.items() if end["kept"]}
            assert found == kept, f"kept: {found}"
            ending = Ending(steps, picture, once_more, house.next_day())
        finally:
            house.close()
        shutil.rmtree(folder)
        return ending

    def compare(self, whole, play, kill):
        """A complaint, or None."""
        place = f"killed at step {kill} of {len(whole.steps)}, {whole.steps[kill - 1]} " \
            f"after {' '.join(whole.steps[max(0, kill - 5):kill - 1])}"
        try:
            ending = play(kill)
        except Exception as error:      # pylint: disable=broad-except
            return f"{place}: {''.join(traceback.format_exception(error))}"
        if ending.steps[:kill] != whole.steps[:kill]:
            return f"{place}: the steps before are not the same: {ending.steps[:kill]}"
        differences = whole.differences(ending)
        return differences and f"{place}:\n{differences}"
