"""The library index: what building it costs, and how quickly it answers."""

import os

from . import house as houses
from . import report

LOOKUPS = 20_000


def fetch(run, programs, requests):
    """The same requests by a bare client: what the server and the sockets take."""
    headers = "".join(f"{name}: {value}\n" for name, value in requests[0].headers.items())
    host = requests[0].headers["Host"]
    urls = "".join(f"http://{host}{request.target}\n" for request in requests)
    return run.run([str(programs / "fetch")], f"{headers}\n{urls}".encode())


def build(run, programs, folder, items, times):
    """Builds an index of so many items several times, each in an empty state. Returns a row for
    the table and the last state."""
    folder.mkdir()
    house = houses.House(folder)
    built, floors, anonymous = [], [], []
    try:
        house.films.add_many(items, pattern=houses.PATTERN)
        house.move("index")
        house.operation("rebuild-index")    # uncounted: the stand-in keeps what it has rendered
        for n in range(times):
            state = house.move(f"index-{n}")
            house.requests()
            run.sample = True
            timed = house.operation("rebuild-index").timed
            run.sample = False
            requests = list(house.plex.requests)
            built.append(timed)
            anonymous.append(timed.anonymous / 1024)
            floors.append(fetch(run, programs, requests))
    finally:
        house.close()
    own = report.median([b.ms - f.ms for b, f in zip(built, floors)])
    row = [f"{items:,}", f"{times}", str(len(requests)), report.median([b.ms for b in built]) / 1e3,
           report.median([f.ms for f in floors]) / 1e3, own / 1e3, report.median([b.cpu_ms for b in built]) / 1e3,
           report.median([f.cpu_ms for f in floors]) / 1e3, f"{max(anonymous):.1f}",
           f"{os.path.getsize(state / 'cache' / 'data.mdb') / 2**20:.0f}"]
    return row, state, own, max(anonymous)


def look_up(run, programs, state, items):
    """A row of the look-ups in a state."""
    timed = run.run([str(programs / "lookup"), str(state), str(items), str(LOOKUPS)])
    values = {name: int(value) / 1e3 for name, value in (line.split() for line in timed.stdout.decode().splitlines())}
    return [f"{items:,}"] + [values[name] for name in (
        "existing_mean", "existing_p99", "missing_mean", "missing_p99", "first", "load")]


def run_all(run, programs, folder, sizes):
    """The whole section. 'sizes': (items, how often). Returns rows for the budgets."""
    built, answered, budgets = [], [], []
    for items, times in sizes:
        row, state, own, anonymous = build(run, programs, folder / f"library-{items}", items, times)
        built.append(row)
        budgets.append([f"index of {items:,} items, own time", "1 s" if items <= 10_000 else "",
                        f"{own / 1e3:.2f} s"])
        budgets.append([f"index of {items:,} items, own memory", "32 MB", f"{anonymous * 1.048576:.1f} MB"])
        answered.append(look_up(run, programs, state, items))
    report.heading("Building the library index", "Times in s, medians. listing: a bare client reads the same pages "
                   "right afterwards. own: the difference.",
                   "Memory: the highest RssAnon seen, looked at every 2 ms.")
    report.table(["items", "runs", "requests", "whole", "listing", "own", "CPU", "listing's CPU", "anonymous MiB",
                  "file MiB"], built)
    report.heading("Looking a file up in the index", f"By path, and then by name: {LOOKUPS:,} files that are there "
                   "and as many that are not, at random. Times in µs.",
                   "first: the first look-up of a process. load: the transaction and index_load, once in a process.")
    report.table(["items", "there: mean", "p99", "missing: mean", "p99", "first", "load"], answered)
    largest = answered[-1]
    return budgets + [[f"look-up in {largest[0]} items, p99", "50 µs", f"{max(largest[2], largest[4]):.1f} µs"]]
