"""What a hook costs, from before its process is made until after it was waited for.

Every round runs every case once, in turn, so that a busy moment of the machine meets all of
them; differences are taken within a round, and then their median.
"""

from . import launcher, report


class Floors:
    """What the machine itself takes."""

    def __init__(self, run, programs, folder):
        self.run = run
        self.programs = programs
        self.commits = folder / "commit"
        self.commits.mkdir()
        run.run([str(programs / "commit"), str(self.commits), "make"])

    def cases(self):
        """Name and action of each."""
        def start(name, *args):
            return lambda: (self.run.run([str(self.programs / name), *args]), 0, 0.0, 0)
        return {"floor: empty program": start("empty"),
                "floor: empty, same libraries": start("libraries"),
                "floor: one durable commit": start("commit", str(self.commits)),
                "floor: empty program (static)": start("empty-static"),
                "floor: one durable commit (static)": start("commit-static", str(self.commits))}


class Hooks:
    """The four kinds of hook of one executable. Each has a state and scenes of its own, so that
    one case does not answer for another."""

    def __init__(self, house, name, executable, first):
        self.house = house
        self.name = name
        self.executable = str(executable)
        self.same, self.other = first, first + 1
        for scene in (self.same, self.other):
            house.film(scene, title="Harbour Lights")
        self.scans = self.titles = 0

    def prepare(self):
        """An index, matches, and a first push: the state of somebody who has used it for a while."""
        for state in ("queued", "asks", "calm"):
            self.start(state)
            self.house.operation("rebuild-index")
            for scene in (self.same, self.other):
                self.house.stash.update_scene(scene, details="By the sea.")
        self.start("queued")
        self.house.stash.hook("Scene.Create.Post", self.same)      # asks; the job stays in Stash's list
        self.house.requests()

    def start(self, state):
        """Which state and executable the next run has."""
        launcher.LaunchedRun.executable = self.executable
        self.house.move(f"{self.name}-{state}")

    def one(self, act, *args, **values):
        """A hook's run, with the requests that it made, the servers' time for them, and the number
        of its durable commits."""
        before = self.house.commits()
        timed = act(*args, **values)[0].timed
        return timed, *self.house.requests(), self.house.commits() - before

    def queued(self):
        """A scan found a file: queued, and a drain comes already."""
        self.start("queued")
        self.scans += 1
        return self.one(self.house.stash.hook, "Scene.Create.Post", 1000 + self.scans)

    def asks(self):
        """The same, but nobody was asked for a drain yet; the drain itself is not measured."""
        self.start("asks")
        found = self.one(self.house.stash.hook, "Scene.Create.Post", self.same)
        self.house.operation("drain")
        self.house.requests()
        return found

    def unchanged(self):
        """Save without a change."""
        self.start("calm")
        return self.one(self.house.stash.update_scene, self.same, details="By the sea.")

    def changed(self):
        """Save with another title."""
        self.start("calm")
        self.titles += 1
        return self.one(self.house.stash.update_scene, self.other, title=f"Harbour Lights {self.titles % 2}")

    def cases(self):
        """Name, action and number of requests of each."""
        mark = "" if self.name == "dynamic" else f" ({self.name})"
        return {f"queued, drain asked for{mark}": (self.queued, 0),
                f"queued, asks for the drain{mark}": (self.asks, 1),
                f"calm, unchanged{mark}": (self.unchanged, 2),
                f"calm, title changed{mark}": (self.changed, 4)}


class Sample:
    """What one case gave in every round."""

    def __init__(self):
        self.ms, self.cpu, self.served, self.commits, self.steps = [], [], [], [], []
        self.inner = []     # of the floor: the commit without the program around it

    def add(self, timed, served, commits):
        """One round."""
        self.commits.append(commits)
        self.inner.append(int(timed.stdout) / 1e6 if timed.stdout.strip().isdigit() else 0)
        self.ms.append(timed.ms)
        self.cpu.append(timed.cpu_ms)
        self.served.append(served)
        self.steps += timed.steps("sync_scene")


def measure(floors, kinds, rounds):
    """(samples by name, how many rounds did not count)."""
    cases = {name: (action, 0) for name, action in floors.cases().items()}
    for hooks in kinds:
        cases.update(hooks.cases())
    samples = {name: Sample() for name in cases}
    odd = 0
    for _ in range(rounds):
        found = {name: action() for name, (action, _) in cases.items()}
        # Once a minute a queued hook looks whether Stash still has the task: another case.
        if any(found[name][1] != requests for name, (_, requests) in cases.items()):
            odd += 1
            continue
        for name, (timed, _, served, commits) in found.items():
            samples[name].add(timed, served, commits)
    return samples, odd


def floor_of(samples, name):
    """The sum of floors of a case, round by round: starting (with the libraries, unless the build is
    static), the environment with its first durable commit, and as many more as the case made."""
    empty, libraries, commit, *static = (samples[floor] for floor in list(samples)[:5])
    start = libraries
    if name.endswith("(static)"):
        empty, commit = static
        start = empty
    return [begin + first - nothing + max(0, commits - 1) * more for begin, first, nothing, more, commits
            in zip(start.ms, commit.ms, empty.ms, commit.inner, samples[name].commits)]


def show(samples, odd):
    """The tables. Returns rows for the budgets."""
    empty, libraries, commit = (samples[name].ms for name in list(samples)[:3])
    loading = report.median([lib - emp for emp, lib in zip(empty, libraries)])
    report.heading("A hook, whole process", f"{len(empty)} rounds, every case once in each, in turn ({odd} more did "
                   "not count: a request too many). Times in ms.", "floors: median of the sum of its floors: same "
                   "libraries (static: empty program) + one commit - empty +", "the other commits that it waited for. "
                   "over: median of the difference to that, within a round.")
    rows = []
    for name, sample in samples.items():
        middle, sums = report.median(sample.ms), []
        if not name.startswith("floor"):
            floor = floor_of(samples, name)
            over = report.median([ms - low for ms, low in zip(sample.ms, floor)])
            sums = [f"{report.median(sample.commits):.0f}", report.median(floor), over]
        rows.append([name, middle, report.percentile(sample.ms, 95), report.median(sample.cpu),
                     f"{middle / report.median(empty):.1f}x", f"{middle / report.median(libraries):.2f}x",
                     f"{middle / report.median(commit):.1f}x", *(sums or ["", "", ""])])
    report.table(["case", "median", "p95", "CPU", "/ empty", "/ libraries", "/ commit", "commits", "floors", "over"],
                 rows)
    print(f"\nLoading the libraries takes {loading:.2f} ms, which a static build does not pay.")
    return show_waiting(samples)


def show_waiting(samples):
    """Whose time it was that a calm hook took. Returns rows for the budgets."""
    report.heading("A calm hook, without the servers", "servers: while a stand-in had a request. own: the rest, with "
                   "process start and loading. less floors: what is left", "without those of the table above. By log: "
                   "means of the timing lines (which are rounded to 1 ms each).")
    rows, budgets, owns = [], [], {}
    for name, sample in samples.items():
        own = owns[name] = [ms - served for ms, served in zip(sample.ms, sample.served)]
        if name.startswith("queued, drain"):
            budgets += queued_budgets(name, own, samples)
        if not name.startswith("calm"):
            continue
        less = report.median([ms - low for ms, low in zip(own, floor_of(samples, name))])
        mean = {step: sum(steps.get(step, 0) for steps in sample.steps) / max(1, len(sample.steps))
                for step in ("total", "stash", "plex_get", "plex_put")}
        rows.append([name, report.median(sample.ms), report.median(sample.served), report.median(own), less,
                     report.median(sample.cpu), " ".join(f"{step} {ms:.1f}" for step, ms in mean.items())])
        budgets.append([f"{name}: own time", "10 ms", f"{report.median(own):.2f} ms"])
    report.table(["case", "whole", "servers", "own", "less floors", "CPU", "by log"], rows)
    return budgets + static_budgets(owns)


def static_budgets(owns):
    """What the packages' executable takes of the time of a dynamic one, its own time each."""
    rows = []
    for name, own in owns.items():
        share = "45 %" if name.startswith("calm") else "30 %" if name.startswith("queued, drain") else ""
        if name.endswith("(static)") and share:
            other = owns[name.removesuffix(" (static)")]
            rows.append([f"{name}, of the dynamic one's", share,
                         f"{100 * report.median(own) / report.median(other):.0f} %"])
    return rows


def queued_budgets(name, own, samples):
    """The budgets are those of a static build: a dynamic one is shown with and without what loading costs."""
    empty, libraries, _, *static = (samples[floor].ms for floor in list(samples)[:5])
    if name.endswith("(static)"):
        both = [begin + commit for begin, commit in zip(*static)]
        return [[name, "2 ms", f"{report.median(own):.2f} ms"],
                ["  by an empty program and one that commits, whole", "1.5x",
                 f"{report.median(own) / report.median(both):.2f}x"],
                ["  by the one that commits alone", "",
                 f"{report.median(own) / report.median(floor_of(samples, name)):.2f}x"]]
    unloaded = report.median([ms - lib + emp for ms, lib, emp in zip(own, libraries, empty)])
    return [[name, "", f"{report.median(own):.2f} ms"], ["  less loading the libraries", "2 ms", f"{unloaded:.2f} ms"]]


def run(floors, house, executables, rounds):
    """The whole section. Returns rows for the budgets."""
    kinds = [Hooks(house, name, path, 10 * n + 1) for n, (name, path) in enumerate(executables.items())]
    for hooks in kinds:
        hooks.prepare()
    for hooks in kinds:      # once more, uncounted: files and code are in memory then
        for action, _ in hooks.cases().values():
            action()
    return show(*measure(floors, kinds, rounds))
