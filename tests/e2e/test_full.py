"""The state has reached its largest size: what needs no room goes on, the rest waits, and the way out is named."""

from disk import small_map, told
from shelf import shelf

PUSHED, NEW = range(1, 11), range(11, 101)


def test_a_drain_goes_on_with_what_needs_no_new_room(world):
    """Of the scenes that are due the last ones have nothing to write; the first ones were never pushed."""
    items = shelf(world, len(PUSHED) + len(NEW), details="By the sea. " * 60)
    world.queue_only(*PUSHED)
    world.drain()
    world.queue_only(*NEW, *PUSHED)

    with small_map(world, "queue", room=48_000):
        run = world.drain()
        status = world.status()

    written = [number for number in NEW if items[number - 1].title == f"Harbour Lights {number}"]
    assert 0 < len(written) < len(NEW), "some fit in, and then it is full"
    assert "has reached its largest size" in run.error and "move that folder away" in run.error
    assert "The queue is kept" in run.error
    assert run.output is None and "10 unchanged" in run.text("info")
    assert len(NEW) - len(written) <= world.queue()[0] <= len(NEW), "what is written and not remembered is due, too"
    assert status["state"]["queue"]["limit"] > 0

    world.drain()
    assert world.queue() == (0, 0, 0)
    assert [item.title for item in items] == [f"Harbour Lights {n}" for n in (*PUSHED, *NEW)]


def test_a_save_goes_on_too(world):
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.save(45, details="By the sea.")
    world.films.add_many(3000, "/data/films/film {i}.mp4", "Film {i}")

    with small_map(world, "queue"):
        runs = [world.save(45, details=f"By the sea, {n} times.") for n in range(4)]

    assert item.summary == "By the sea, 3 times."
    assert world.queue()[0] == 0 or any(told(run) for run in runs)
    world.drain()
    assert world.queue() == (0, 0, 0)
