"""The same drain one scene at a time and in batches of fifty, by two builds of the same sources."""

from . import launcher, report

FIRST = 400_000
DELAY = 0.02        # seconds that each answer takes at least, as from a real Plex


def once(house, executable, scenes, turn):
    """A drain of scenes that all have another text: (its run, requests, commits, Stash's ms, Plex's ms)."""
    launcher.LaunchedRun.executable = str(executable)
    house.move(f"batches-{turn}")
    house.operation("rebuild-index")
    ids = list(range(FIRST, FIRST + scenes))
    for number in ids:
        house.stash.library.get("scene", number).details = f"Night {turn} of {number}."
    house.stash.hook("Scene.Update.Post", FIRST, {"ids": ids}, ["ids"])
    house.forget_jobs()
    house.requests()
    commits = house.commits()
    run = house.operation("drain")
    assert run.output["synced"] == scenes, run.output
    stash, plex = house.served()
    return run.timed, house.requests()[0], house.commits() - commits, stash, plex


def show(title, scenes, runs):
    """Two runs side by side, and what takes most of their time."""
    report.heading(title, f"{scenes:,} scenes, each with an edit of its own. ms per scene, and their share.")
    names, columns, shares = ["whole", "Stash had a request", "Plex had a request", "our CPU", "disk, sockets"], [], []
    for timed, requests, commits, stash, plex in runs.values():
        parts = [stash, plex, timed.cpu_ms, timed.ms - stash - plex - timed.cpu_ms]
        columns.append([timed.ms / scenes, *(part / scenes for part in parts)])
        shares.append([f"{requests:,} requests, {commits:,} commits", *(f"{100 * part / timed.ms:.0f}%" for part in parts)])
    rows = [[name, *(cell for pair in zip(columns, shares) for cell in (pair[0][i], pair[1][i]))]
            for i, name in enumerate(names)]
    report.table(["", *(cell for name in runs for cell in (name, ""))], rows)
    for name, column in zip(runs, columns):
        print(f"\n{name}: most of it is \"{names[column.index(max(column[1:]))]}\".", end="")
    print()


def run(house, alone, together, scenes):
    """The whole section. Returns rows for the budgets."""
    for number in range(FIRST, FIRST + scenes):
        house.film(number, title=f"Harbour Lights {number}")
    budgets = []
    for part, delay in enumerate((0, DELAY)):
        runs = {}
        for n, (name, executable) in enumerate({"one at a time": alone, "fifty at a time": together}.items()):
            house.plex.latency = house.stash.latency = delay
            runs[name] = once(house, executable, scenes, 2 * part + n)
        house.plex.latency = house.stash.latency = 0
        ratio = runs["one at a time"][0].ms / runs["fifty at a time"][0].ms
        how = f"each answer after {1e3 * delay:.0f} ms" if delay else "as fast as the stand-ins answer"
        show(f"Batches: {how}", scenes, runs)
        budgets.append([f"drain of {scenes:,}, {how}: faster than one by one", "3 x" if delay else "", f"{ratio:.1f} x"])
    return budgets
