"""Sweeps over many scenes, killed at every step and gone on with: by a person who starts the task again, or
by the next look of the page in the browser."""

import pytest

DAY, HOUR, MINUTE = 24 * 3600, 3600, 61


def shelf(house, count=3):
    """Films that both have, pushed; then one of them was edited in Plex."""
    items = [house.film(n, f"film {n}", title=f"Harbour Lights {n}", performers=["Ana Duarte"] if n != 2 else [],
                        studio="Lumen House") for n in range(1, count + 1)]
    house.index()
    house.stash.run_task("Sync all scenes")
    house.tasks()
    items[0].edit(studio="Somebody in Plex")
    return items


KEPT = {1: ["studio"]}


def edit_without_a_hook(house):
    """An import, say; and a scene that Plex does not have."""
    for number in (1, 2):
        house.stash.library.update_scene(number, {"details": f"Part {number}."})
    house.stash.library.auto_tag(2, "Boats")
    house.stash.library.add_scene("/data/films/Low Tide.mp4", number=9, size=9, title="Low Tide")


def is_written(house):
    """What was edited without a hook is in Plex."""
    items = house.items()
    assert [item.summary for item in items] == ["Part 1.", "Part 2.", None]
    assert (items[0].studio, items[1].genres) == ("Somebody in Plex", ["Boats"])


def test_first_sync_of_everything(sweep, tag_mode):
    def before(house):
        house.plex.tag_mode = tag_mode
        for number in (1, 2, 3):
            house.film(number, f"film {number}", title=f"Harbour Lights {number}", tags=["Boats"],
                       item={"genres": ["Foreign"]})
        house.index()

    def act(house):
        house.task("Sync all scenes")

    def expect(house):
        assert [item.title for item in house.items()] == ["Harbour Lights 1", "Harbour Lights 2", "Harbour Lights 3"]

    sweep(before, act, expect=expect)


@pytest.mark.parametrize("name", ["Sync all scenes", "Sync recent scenes", "Reconcile"])
def test_sweep_by_hand(sweep, name):
    def before(house):
        shelf(house)
        edit_without_a_hook(house)

    def act(house):
        house.task(name)

    sweep(before, act, KEPT, is_written)


def test_preview(sweep):
    """It leaves nothing behind wherever it is killed."""
    def before(house):
        shelf(house)
        edit_without_a_hook(house)

    def act(house):
        house.task("Preview (dry run)")

    def expect(house):
        assert [item.summary for item in house.items()] == [None] * 3
        house.stash.run_task("Sync all scenes")
        house.tasks()
        house.settled = house.status()

    sweep(before, act, KEPT, expect)


def test_daily_reconcile(sweep):
    def before(house):
        shelf(house)
        edit_without_a_hook(house)
        gone = house.items()[2]
        house.films.remove_item(gone)
        house.films.add_item(file="/data/films/film 3.mp4", size=1_000_003)

    def act(house):
        house.tick(DAY + HOUR)
        house.tick(HOUR + MINUTE)       # cut off, it is due again
        house.tick(MINUTE)

    def expect(house):
        is_written(house)
        assert house.items()[2].title == "Harbour Lights 3"

    sweep(before, act, KEPT, expect)


def test_restored_database(sweep):
    """Plex's database is put back to a backup; the look that notices it is killed, or the pushes are."""
    def before(house):
        items = shelf(house)
        house.films.scan()
        backup = house.plex.backup()
        house.plex.advance(DAY)
        for number in (1, 2):
            house.save(number, title=f"Pier {number}", tags=["Boats"])
        house.films.scan()
        house.index()
        house.tasks()
        backup.restore()
        items[1].edit(studio="Somebody in Plex")

    def act(house):
        house.tick(DAY + HOUR)
        house.tick(HOUR + MINUTE)       # cut off, it is due again
        house.tick(MINUTE)

    def expect(house):
        items = house.items()
        assert [item.title for item in items] == ["Pier 1", "Pier 2", "Harbour Lights 3"]
        assert [item.genres for item in items] == [["Boats"], ["Boats"], []]

    sweep(before, act, {1: ["studio"], 2: ["studio"]}, expect)


def renamed(house, name):
    """A person edits the performer, again if that is lost."""
    row = house.stash.library.all("performer")[0]

    def act():
        [run] = house.stash.update("performer", row, name=name)
        house.check(run)
        return run
    house.durably(act)


def test_renamed_performer(sweep, tag_mode):
    def before(house):
        house.plex.tag_mode = tag_mode
        shelf(house)

    def act(house):
        renamed(house, "Ana Lind")
        house.jobs()
        house.tick(MINUTE)

    def expect(house):
        assert [[actor.name for actor in item.actors] for item in house.items()] == [["Ana Lind"], [], ["Ana Lind"]]

    sweep(before, act, KEPT, expect)


def test_deleted_performer(sweep):
    def before(house):
        shelf(house)

    def act(house):
        row = house.stash.library.all("performer")[0]
        house.stash.library.destroy("performer", row.id)

        def hook():
            [run] = house.stash.hook("Performer.Destroy.Post", row.id)
            house.check(run)
            return run
        house.durably(hook)
        house.jobs()
        house.tick(HOUR + MINUTE)
        house.tick(MINUTE)

    def expect(house):
        assert not any(item.actors for item in house.items())

    sweep(before, act, KEPT, expect)
