"""Many scenes edited in one go: Stash runs a hook for each, one after the other, inside the one
request, and the input of every hook names them all."""

SCENES = range(1, 9)


def fill(world, numbers=SCENES):
    """A film for each number, known to the index; returns the items."""
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}") for n in numbers]
    world.index()
    return items


def bulk(world, numbers=SCENES, cancel=None, **values):
    """bulkSceneUpdate, with its runs checked."""
    runs = world.stash.bulk_update_scenes(numbers, cancel, **values)
    world.check(*runs)
    return runs


def hook_of(world, number, value):
    """One hook of an edit, with any input."""
    [run] = world.stash.hook("Scene.Update.Post", number, value, ["ids", "details"])
    world.check(run)
    return run


def queue_bytes(world):
    """The durable part of the state, as it is on the disk."""
    return (world.state / "queue" / "data.mdb").read_bytes()


class LeavesAfterTheFirst:
    """A browser tab that is closed as soon as the first hook has ended."""

    def __init__(self, world):
        self.host = world.stash.host
        self.before = len(self.host.runs)

    def is_set(self):
        """Whether it is closed."""
        runs = self.host.runs[self.before:]
        return bool(runs) and runs[0].done.is_set()


def test_bulk_edit_reaches_every_item(world):
    items = fill(world)

    runs = bulk(world, details="By the sea.")
    [drain] = world.tasks()

    assert [run.output["result"] for run in runs] == ["queued"] * len(SCENES)
    assert drain.output["synced"] == len(SCENES)
    assert {item.summary for item in items} == {"By the sea."}
    assert world.queue() == (0, 0, 0)


def test_the_first_hook_queues_all_and_asks_for_the_one_task(world):
    fill(world)
    world.stash.hold_jobs = True

    runs = bulk(world, details="By the sea.")

    assert [run.operations for run in runs] == [[["runPluginTask"]]] + [[]] * (len(SCENES) - 1)
    assert not world.plex.requests
    assert len(world.stash.jobs.queued()) == 1
    assert world.queue() == (len(SCENES), 0, 0)


def test_the_hooks_that_follow_write_nothing(world):
    fill(world)
    world.stash.hold_jobs = True
    value = {"ids": [str(n) for n in SCENES], "details": "By the sea."}
    hook_of(world, 1, value)
    before = queue_bytes(world)

    runs = [hook_of(world, n, value) for n in SCENES[1:]]

    assert {run.output["result"] for run in runs} == {"queued"}
    assert queue_bytes(world) == before


def test_when_the_browser_leaves_after_the_first_hook_everything_still_arrives(world):
    items = fill(world)

    runs = bulk(world, cancel=LeavesAfterTheFirst(world), details="By the sea.")
    world.tasks()

    assert len(runs) < len(SCENES)
    assert {item.summary for item in items} == {"By the sea."}
    assert world.queue() == (0, 0, 0)


def test_the_same_bulk_edit_repeated_later_queues_again(world):
    items = fill(world)
    bulk(world, details="By the sea.")
    world.tasks()
    for item in items:
        item.edit(summary="Somebody's words.")

    world.later(60)
    runs = bulk(world, details="By the sea.")
    [drain] = world.tasks()

    assert {run.output["result"] for run in runs} == {"queued"}
    assert drain.output["unchanged"] == len(SCENES)
    assert {item.summary for item in items} == {"Somebody's words."}


def test_repeated_while_the_first_one_still_waits_it_costs_no_second_task(world):
    fill(world)
    world.stash.hold_jobs = True

    bulk(world, details="By the sea.")
    again = bulk(world, details="By the sea.")

    assert not any(run.requests for run in again)
    world.stash.hold_jobs = False
    [drain] = world.tasks()
    assert drain.output["synced"] == len(SCENES)


def test_scenes_update_with_its_array_is_a_bulk_edit_too(world):
    items = fill(world)
    world.stash.hold_jobs = True

    runs = world.stash.update_scenes({n: {"details": f"Part {n}."} for n in SCENES})
    world.check(*runs)

    assert [len(run.requests) for run in runs] == [1] + [0] * (len(SCENES) - 1)
    assert world.queue() == (len(SCENES), 0, 0)
    world.stash.hold_jobs = False
    world.tasks()
    assert [item.summary for item in items] == [f"Part {n}." for n in SCENES]


def test_ids_may_be_text_or_numbers_and_named_twice(world):
    fill(world, range(1, 5))
    world.stash.hold_jobs = True

    hook_of(world, 1, {"ids": [1, "2", 3, "3", 2], "details": "By the sea."})

    assert world.queue() == (3, 0, 0)


def test_ids_that_make_no_sense_do_not_spoil_the_others(world):
    fill(world, range(1, 5))
    world.stash.hold_jobs = True

    run = hook_of(world, 1, {"ids": [1, "two", -3, None, {}, 4.5, 4, 0], "details": "By the sea."})

    assert run.output["result"] == "queued"
    assert world.queue() == (2, 0, 0)


def test_a_drain_that_overtakes_the_hooks_is_not_repeated(world):
    items = fill(world, (1, 2, 3))
    for n in (1, 2, 3):
        world.stash.library.update_scene(n, {"details": "By the sea."})
    value = {"ids": ["1", "2", "3"], "details": "By the sea."}
    hook_of(world, 1, value)
    world.tasks()
    world.clear()

    late = [hook_of(world, n, value) for n in (2, 3)]

    assert {run.output["result"] for run in late} == {"queued"}
    assert {item.summary for item in items} == {"By the sea."}
    assert world.request_count() == (0, 0)
    assert world.queue() == (0, 0, 0)


def test_nor_is_it_repeated_for_scenes_that_the_settings_leave_alone(world):
    world.settings["sceneOnlyOrganized"] = True
    fill(world, (1, 2, 3))
    value = {"ids": ["1", "2", "3"], "details": "By the sea."}
    hook_of(world, 1, value)
    world.tasks()
    world.clear()

    for n in (2, 3):
        hook_of(world, n, value)

    assert world.request_count() == (0, 0)
    assert world.queue() == (0, 0, 0)


def test_a_scene_edited_after_the_bulk_edit_is_pushed_again(world):
    item = fill(world)[1]
    bulk(world, details="By the sea.")
    world.tasks()

    run = world.save(2, details="At night.")

    assert run.output["result"] == "synced"
    assert item.summary == "At night."


def test_two_different_bulk_edits_in_a_row_end_with_the_second(world):
    items = fill(world)
    world.stash.hold_jobs = True

    bulk(world, details="By the sea.")
    bulk(world, SCENES[:4], details="At night.")
    world.stash.hold_jobs = False
    world.tasks()

    assert [item.summary for item in items] == ["At night."] * 4 + ["By the sea."] * 4
    assert sorted(",".join(request.arg("id") for request in world.plex.writes).split(",")) == \
        sorted(str(item.ratingKey) for item in items)
