"""A hook that only queues, alone and while another process of ours is at work beside it."""

import os
import subprocess
import threading

from . import launcher, report

FIRST = 50_000      # the first scene that the hooks name
JOBS = 100_000      # the first scene of the work beside them


class Worker:
    """Runs a verb at a terminal again and again, until it is told to stop."""

    def __init__(self, house, executable, verb, prepare=None):
        self.house, self.verb, self.prepare = house, verb, prepare
        self.command = [str(executable), verb, "--state", os.path.join(house.stash.config_dir, "plexsync"),
                        "--stash-url", house.stash.url]
        self.rounds = 0
        self._stop, self._runs = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self):
        self._thread.start()
        self._runs.wait(30)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _work(self):
        while not self._stop.is_set():
            if self.prepare:
                self.prepare()
            self._runs.set()
            subprocess.run(self.command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            self.rounds += 1


def hooks(house, count, times):
    """So many hooks, each for a scene of its own; their times."""
    for _ in range(count):
        hooks.scene += 1
        [run] = house.stash.hook("Scene.Create.Post", hooks.scene)
        times.append(run.timed.ms)
    return times


hooks.scene = FIRST


def run(house, executable, scenes, count):
    """The whole section."""
    house.move("beside")
    for number in range(JOBS, JOBS + scenes):
        house.film(number, title=f"Harbour Lights {number}")
    house.operation("rebuild-index")
    house.stash.hook("Scene.Create.Post", FIRST)        # asks; the job stays in Stash's list
    edits = iter(range(1_000_000))

    def more_jobs():
        """Something to drain, with text that Plex does not have yet."""
        turn = next(edits)
        for number in range(JOBS, JOBS + scenes):
            house.stash.library.get("scene", number).details = f"Night {turn}."
        ids = list(range(JOBS, JOBS + scenes))
        subprocess.run([str(executable)], input=house.stdin(ids), capture_output=True, check=True)

    rows = []
    cases = {"alone": None, "beside a drain": Worker(house, executable, "drain", more_jobs),
             "beside an index build": Worker(house, executable, "rebuild-index")}
    launcher.LaunchedRun.executable = str(executable)
    for name, worker in cases.items():
        times = []
        if worker:
            with worker:
                hooks(house, count, times)
        else:
            hooks(house, count, times)
        rows.append([name, report.median(times), *(report.percentile(times, percent) for percent in (90, 99)),
                     max(times)])
    house.requests()
    report.heading("A queued hook, with our own work beside it",
                   f"{count} hooks each; the drain pushes {scenes} scenes a time, the index build reads as many. "
                   "Times in ms.", "The work beside it has the machine's other core, and the two servers as well.")
    report.table(["queued hook", "median", "p90", "p99", "max"], rows)
