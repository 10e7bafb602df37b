"""A whole library: the first time everything is pushed, the second time nothing differs."""

from . import report

FIRST = 200_000


def run(house, scenes):
    """The whole section. Returns rows for the budgets."""
    house.move("sweep")
    for number in range(FIRST, FIRST + scenes):
        house.film(number, title=f"Harbour Lights {number}", details="By the sea.", tags=["Boats"])
    house.operation("rebuild-index")
    house.requests()
    first = house.operation("sync-all").timed
    stash, plex = house.served()
    requests, _ = house.requests()
    again = house.operation("sync-all").timed
    again_stash, again_plex = house.served()
    plex_again = len(house.plex.requests)
    house.requests()
    [sweep], [drain] = first.steps("sweep"), first.steps("drain")
    report.heading(f"sync-all of {scenes:,} scenes, one run", "Times in ms. The stand-ins are written in Python, and "
                   "answer more slowly than the servers that they stand for.")
    report.table(["the first time", "ms", "ms per scene", "share"],
                 [["whole", first.ms, first.ms / scenes, ""]] +
                 [[name, ms, ms / scenes, f"{100 * ms / first.ms:.0f}%"] for name, ms in {
                     "looking at the scenes": sweep["total"], "pushing them": drain["total"],
                     "of all: Plex had a request": plex, "of all: Stash had a request": stash,
                     "of all: our CPU": first.cpu_ms}.items()])
    print(f"\n{requests / scenes:.1f} requests per scene.\n")
    report.table(["the second time", "ms", "share"],
                 [["whole", again.ms, ""], ["Stash had a request", again_stash, f"{100 * again_stash / again.ms:.0f}%"],
                  ["Plex had a request", again_plex, ""], ["our CPU", again.cpu_ms, ""]])
    return [[f"sync-all of {scenes:,} unchanged scenes: requests to Plex", "0", f"{plex_again}"],
            ["  own CPU per unchanged scene", "", f"{1e3 * again.cpu_ms / scenes:.1f} us"]]
