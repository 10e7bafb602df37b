"""The journal and undo, killed at every step: the journal has what was written, whoever was killed, and what
was put back stays."""

import pytest

from tests.crash.sweep import MINUTE

JPEG = b"\xff\xd8\xff\xe0 harbour at night"


def film(house):
    """Scene 45 and its item; nothing of it was pushed."""
    house.plex.tag_mode = "replace"
    item = house.film(45, "Harbour Lights", item={"genres": ["Foreign"], "summary": "Before." * 40, "locked": {"genre"}})
    house.index()
    return item


def journal(house):
    """What was done, the oldest first, but for numbers and times."""
    run = house.operation("activity", limit=100)
    return [(entry["result"], entry["scene_id"], bool(entry.get("undoes")),
             sorted((change["field"], str(change["before"]), str(change["after"])) for change in entry["changes"]))
            for entry in reversed(run.output["entries"])]


def same_for_all(looked):
    """A check: every play must end with the same journal."""
    def expect(house):
        looked.append(journal(house))
        assert looked[-1] == looked[0]
    return expect


@pytest.mark.parametrize("queued", [False, True], ids=["hook", "drain"])
def test_what_a_push_replaced_is_in_the_journal(sweep, queued):
    def before(house):
        film(house)
        house.settings["hookQueueOnly"] = queued
        house.save(45, organized=True, title="Harbour Lights")
        house.tasks()

    def act(house):
        house.save(45, details="At night.", tags=["Boats"], date="2019-05-01", performers=["Ana Duarte"])
        house.jobs()

    sweep(before, act, expect=same_for_all([]))


def test_pictures_that_were_replaced(sweep):
    def before(house):
        film(house)
        house.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})
        house.films.items[0].offer("art", "metadata://art/1", "metadata://art/2")

    def act(house):
        house.save(45, details="At night.", cover=JPEG)
        house.jobs()

    sweep(before, act, expect=same_for_all([]))


def undo_the_first(house):
    """Of the entries of the journal."""
    house.insist("undo", entry=1)


def test_undo_of_a_background_that_plex_chose(sweep):
    def before(house):
        film(house)
        house.settings.update({"fieldNoPoster": True, "fieldNoBackground": False})
        house.films.items[0].offer("art", "metadata://art/1", "metadata://art/2")
        house.save(45, details="At night.", cover=JPEG)
        house.tasks()
        house.clear()

    def expect(house):
        [item] = house.items()
        assert item.art.ratingKey == "metadata://art/1" and item.locked == {"genre"}
        looked(house)

    looked = same_for_all([])
    sweep(before, undo_the_first, {45: ["summary", "background"]}, expect)


def test_undo(sweep):
    def before(house):
        film(house)
        house.settings.update({"fieldNoPoster": False, "fieldNoBackground": True})
        house.films.items[0].upload("thumb", b"\xff\xd8\xff an agent's")
        house.films.items[0].locked.discard("thumb")
        house.save(45, details="At night.", tags=["Boats"], performers=["Ana Duarte"], cover=JPEG)
        house.tasks()
        house.clear()

    def expect(house):
        [item] = house.items()
        assert (item.summary, item.genres, item.actors) == ("Before." * 40, ["Foreign"], [])
        assert item.poster.data == b"\xff\xd8\xff an agent's" and item.locked == {"genre"}
        looked(house)

    looked = same_for_all([])
    sweep(before, undo_the_first, {45: ["summary", "performers", "tags", "poster"]}, expect)


def test_undo_of_a_run_that_goes_on_as_a_task(sweep):
    many = range(1, 54)

    def before(house):
        for number in many:
            house.film(number, f"film {number}", details="By the sea.", item={"summary": "Before."})
        house.index()
        house.stash.run_task("Sync all scenes")
        house.tasks()
        house.clear()

    def act(house):
        house.insist("undo", run=1)
        house.jobs()
        house.tick(MINUTE)      # the page in the browser: a task that was killed is asked for again

    def expect(house):
        assert [item.summary for item in house.items()] == ["Before."] * len(many)
        undone = house.operation("activity", result="undone", limit=100).output["entries"]
        assert sorted(entry["undoes"] for entry in undone) == list(many), "each once"

    sweep(before, act, {number: ["summary"] for number in many}, expect)
