"""How often a hook opens its memory: counted at the one place where transactions begin.

What waits for the disk, while a person waits for Save: queueing before the push, what is meant before the edit
leaves, and one commit after it.
"""

import pytest

from shelf import shelf


AROUND = 6      # commits of a drain that do not depend on how many scenes there are


@pytest.fixture
def film(world):
    """Scene 45 was pushed, and the caches know it."""
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()
    world.save(45, details="By the sea.")
    world.clear()
    return item


def transactions(world, **values):
    """Those of the hook of a Save, in their order."""
    log = world.folder / "transactions"
    log.unlink(missing_ok=True)
    world.stash.host.environ["PLEXSYNC_TEST_TXNS"] = str(log)
    run = world.save(45, **values)
    del world.stash.host.environ["PLEXSYNC_TEST_TXNS"]
    assert run.error is None
    assert world.queue() == (0, 0, 0)
    return [" ".join(line.split()) for line in log.read_text().splitlines()]


def test_an_unchanged_scene(world, film):
    assert transactions(world, organized=True) == ["queue write", "cache read", "queue write"]


def test_a_changed_scene(world, film):
    assert transactions(world, details="By the sea, at night.") == \
        ["queue write", "cache read", "queue write", "queue write"]
    assert film.summary == "By the sea, at night."


def test_lists_of_tags_cost_no_transaction_once_the_tree_is_known(world, film):
    world.settings["fieldOnlyTags"] = "Boats"
    world.save(45, tags=["Boats"])
    assert transactions(world, organized=True) == ["queue write", "cache read", "queue write"]


def test_a_changed_scene_with_a_new_cover(world, film):
    world.settings.update(fieldNoPoster=False, fieldNoBackground=False)
    world.stash.library.set_cover(45, b"\xff\xd8\xff\xe0 a picture of the quay")

    begun = transactions(world, details="By the sea, at night.")

    assert len(begun) <= 6 and begun.count("queue write") == 4, "the pictures have an intent of their own"


def test_the_first_push_of_a_scene(world):
    """The match is new, and whose the item is has to be looked up."""
    item = world.film(45, "quay", title="Harbour Lights")
    world.index()

    begun = transactions(world, details="By the sea.")

    assert item.summary == "By the sea."
    assert begun[0] == "queue write" and begun.count("queue write") == 3
    assert len(begun) <= 7


def drained(world):
    """Commits of the queue by a task that works through it."""
    log = world.folder / "transactions"
    world.stash.host.environ["PLEXSYNC_TEST_TXNS"] = str(log)
    output = world.drain().output
    del world.stash.host.environ["PLEXSYNC_TEST_TXNS"]
    return output, log.read_text().split("\n").count("queue write")


def test_fifty_scenes_side_by_side_share_their_commits(world):
    """Each of 120 has an edit of its own; what is meant is one commit for a batch, what came of it another."""
    items = shelf(world, 120)
    world.queue_only(*range(1, 121))

    output, commits = drained(world)

    assert output["synced"] == 120 and items[119].title == "Harbour Lights 120"
    assert commits <= 3 * 2 + AROUND

    world.queue_only(*range(1, 121))
    output, commits = drained(world)
    assert output["unchanged"] == 120
    assert commits <= 3 + AROUND
