"""A bulk edit: every scene has a hook of its own, and they run one after another."""

from . import launcher, report

FIRST = 10_000      # the first scene of the edit
EVERY = 4           # after so many hooks the floors are measured once


class Totals:
    """What all repetitions gave together."""

    def __init__(self):
        self.first, self.others = [], []
        self.drain, self.cpu, self.stash, self.plex = [], [], [], []
        self.loading, self.commits = [], []
        self.hook_requests = self.requests = 0


class Beside:
    """Measures what loading the libraries costs, in between the hooks."""

    def __init__(self, floors, totals):
        self.empty, self.libraries, *_ = floors.cases().values()
        self.totals = totals
        self.count = 0

    def __call__(self):
        self.count += 1
        if self.count % EVERY == 0:
            self.totals.loading.append(self.libraries()[0].ms - self.empty()[0].ms)


def once(house, floors, scenes, number, totals):
    """One edit in a state of its own, with text that Plex does not have yet."""
    house.move(f"bulk-{number}")
    house.operation("rebuild-index")
    house.requests()
    launcher.LaunchedRun.beside = staticmethod(Beside(floors, totals))
    try:
        runs = house.stash.bulk_update_scenes(range(FIRST, FIRST + scenes), details=f"By the sea, {number}.")
    finally:
        launcher.LaunchedRun.beside = None
    times = [run.timed.ms for run in runs]
    totals.first.append(times[0])
    totals.others += times[1:]
    totals.hook_requests = house.requests()[0]
    house.forget_jobs()

    before = house.commits()
    drain = house.operation("drain").timed
    totals.commits.append((house.commits() - before) / scenes)
    steps = drain.steps("sync_scene")
    assert len(steps) >= scenes, f"the drain pushed {len(steps)} of {scenes} scenes"
    stash, plex = house.served()
    totals.requests = house.requests()[0]
    totals.drain.append(drain.ms)
    totals.cpu.append(drain.cpu_ms)
    totals.stash.append(stash)
    totals.plex.append(plex)


def run(house, floors, executables, scenes, times):
    """The whole section. Returns rows for the budgets."""
    for number in range(FIRST, FIRST + scenes):
        house.film(number, title=f"Harbour Lights {number}")
    budgets, others = [], {}
    for kind, (name, executable) in enumerate(executables.items()):
        launcher.LaunchedRun.executable = str(executable)
        totals = Totals()
        for number in range(times):
            once(house, floors, scenes, kind * times + number, totals)
        others[name] = report.median(totals.others)
        budgets += show(name, totals, scenes, times)
    share = 100 * others["static"] / others["dynamic"]
    return budgets + [["  static, of the dynamic one's", "30 %", f"{share:.0f} %"]]


def show(kind, totals, scenes, times):
    """The tables of one executable. Returns rows for the budgets."""
    others, loading = report.median(totals.others), report.median(totals.loading)
    report.heading(f"A bulk edit of {scenes:,} scenes ({kind})", f"{times} edits. Times in ms.")
    report.table(["hook", "median", "p95", "max"],
                 [["the first, which queues all", report.median(totals.first), "", max(totals.first)],
                  ["the others", others, report.percentile(totals.others, 95), max(totals.others)]])
    print(f"\nAll hooks together made {totals.hook_requests} request(s).\n")
    drain, cpu = report.median(totals.drain), report.median(totals.cpu)
    stash, plex = report.median(totals.stash), report.median(totals.plex)
    parts = {"Plex had a request": plex, "Stash had a request": stash, "our CPU": cpu,
             f"{report.median(totals.commits):.1f} commits, sockets": drain - plex - stash - cpu}
    name = f"the drain: {1e3 * scenes / drain:.0f} scenes/s, {totals.requests} requests"
    report.table([name, "ms per scene", "share"], [["whole", drain / scenes, ""]] +
                 [[name, ms / scenes, f"{100 * ms / drain:.0f}%"] for name, ms in parts.items()])
    if kind == "static":
        return [[f"bulk edit of {scenes:,}: the others (static)", "2 ms", f"{others:.2f} ms"]]
    return [[f"bulk edit of {scenes:,}: the others", "5 ms", f"{others:.2f} ms"],
            ["  less loading the libraries", "5 ms", f"{others - loading:.2f} ms"]]
