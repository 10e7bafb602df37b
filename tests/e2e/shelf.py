"""What the scenarios about many scenes have in common: a shelf of films that both have, Stash's tasks,
and what can be seen of a sweep afterwards."""

import signal
import time

from tests.fake.server import Reply

PAGE = 200      # scenes of a page that Stash is asked for (LIMIT_SCENE_PAGE)


def shelf(world, count, **scene):
    """So many films that both have, edited in Stash by something that fires no hook; the items."""
    items = []
    for number in range(1, count + 1):
        values = {"title": f"Harbour Lights {number}", "tags": ["Boats"], **scene}
        items.append(world.film(number, f"film {number}", **values))
    world.index()
    return items


def task(world, name):
    """A task's run, when it and what it started are over."""
    world.stash.run_task(name)
    return world.tasks()[0]


def writes(world):
    """How many edits Plex got since the last clear()."""
    return len([request for request in world.plex.requests if request.method == "PUT"])


def edited(world):
    """The keys of the items that were edited since the last clear(), in their order."""
    return [request.arg("id") for request in world.plex.requests if request.method == "PUT"]


def titles(items):
    """What Plex shows of them."""
    return [item.title for item in items]


def pages(world):
    """The questions for a page of scenes since the last clear(), as what they asked for."""
    return [request["variables"]["which"] for request in world.stash.graphql_requests
            if "findScenes" in request["fields"]]


def behind(world):
    """Behind which scene each page began."""
    return [page["id"]["value"] for page in pages(world)]


def at_page(world, number, action):
    """Does something when Stash is asked for the number-th page of scenes (1 is the first), before it answers
    or, if that is a Reply, in its place."""
    inner, asked = world.stash.handle, []

    def handle(request):
        if b"findScenes" in request.body:
            asked.append(request)
            answer = action() if len(asked) == number else None
            if isinstance(answer, Reply):
                return answer
        return inner(request)
    world.stash.handle = handle


def wait_until_idle(pid):
    """Until a process has nothing to do but wait for an answer; it may be asked for ahead of its time."""
    asleep, late = 0, time.monotonic() + 20
    while asleep < 10 and time.monotonic() < late:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            asleep = asleep + 1 if stat.read().rpartition(") ")[2].startswith("S") else 0
        time.sleep(0.005)


def cut_off(world, name, page):
    """A task that a person cancels while it waits for that page, and all before it are done: Stash kills it.
    'name' may also be something that asks for a task. Its run."""
    jobs = []

    def cancel():
        wait_until_idle(jobs[0].run.pid)
        world.stash.jobs.stop(jobs[0].id)
        while jobs[0].run is None or not jobs[0].run.done.wait(0.01):
            pass
        return Reply(reset=True)

    at_page(world, page, cancel)
    world.stash.hold_jobs = True
    if callable(name):
        name()
    else:
        world.stash.run_task(name)
    jobs.extend(world.stash.jobs.queued())
    world.stash.hold_jobs = False
    world.stash.wait_jobs()
    del world.stash.handle
    run = jobs[0].run.join()
    assert run.signal == signal.SIGKILL, run
    return run
