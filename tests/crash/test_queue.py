"""What is queued, waits, fails and is tried again, killed at every step."""

from tests.e2e.conftest import World


def films(house, numbers, **scene):
    """Films that both have, known to the index."""
    items = [house.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", **scene) for n in numbers]
    house.index()
    return items


def summaries(house):
    """What Plex says of each film."""
    return [item.summary for item in house.items()]


# --- several scenes --------------------------------------------------------------------------------


def test_first_hook_of_a_bulk_edit_and_the_drain(sweep):
    """The browser leaves after the first hook: there are no others."""
    def before(house):
        films(house, (1, 2, 3))
        house.save(1, tags=["Boats"])

    def act(house):
        for number in (1, 2, 3):
            house.stash.library.update_scene(number, {"details": "By the sea."})
        edit = {"ids": ["1", "2", "3"], "details": "By the sea."}
        house.hook("Scene.Update.Post", 1, edit, ["ids", "details"])
        house.jobs()

    def expect(house):
        assert summaries(house) == ["By the sea."] * 3

    sweep(before, act, expect=expect)


def test_bulk_edit_with_all_its_hooks(sweep):
    def before(house):
        films(house, (1, 2, 3))

    def act(house):
        house.check(*house.stash.bulk_update_scenes([1, 2, 3], details="By the sea."))
        house.jobs()

    def expect(house):
        assert summaries(house) == ["By the sea."] * 3

    sweep(before, act, expect=expect)


def test_drain_of_several_jobs(sweep, tag_mode):
    """Among them one that Plex does not have, one with nothing new, and one that somebody edited in Plex."""
    def before(house):
        house.plex.tag_mode = tag_mode
        items = films(house, (1, 2, 3, 4), details="By the sea.")
        house.stash.library.add_scene("/data/films/Low Tide.mp4", number=5, size=5, title="Low Tide")
        for number in (1, 2):
            house.save(number, performers=["Ana Duarte"], tags=["Boats"])
        items[1].edit(summary="Somebody in Plex", genres=["Boats", "By hand"])
        house.stash.library.update_scene(2, {"tag_ids": []})
        house.queue_only(1, 2, 3, 5, 4)

    def act(house):
        house.drain()

    def expect(house):
        assert summaries(house) == ["By the sea.", "Somebody in Plex", "By the sea.", "By the sea."]
        assert house.items()[1].genres == ["By hand"]

    sweep(before, act, {2: ["summary"]}, expect)


def test_tick_that_finds_a_lost_task(sweep):
    def before(house):
        films(house, (1, 2), details="By the sea.")
        house.queue_only(1, 2)
        house.pass_time(61)

    def act(house):
        house.operation("tick")
        house.jobs()

    sweep(before, act)


def test_equal_edits_that_share_a_request(sweep, tag_mode):
    """One of them Plex refuses alone; of others it takes only the first that a request names."""
    def before(house):
        house.plex.tag_mode = tag_mode
        items = films(house, range(1, 6))
        items[1].fail_edit = 500
        house.plex.edits_first_only = True

    def act(house):
        for number in range(1, 6):
            tag = house.stash.library.ensure("tag", "Boats")
            house.stash.library.update_scene(number, {"details": "By the sea.", "tag_ids": [tag.id]})
        house.hook("Scene.Update.Post", 1, {"ids": [str(n) for n in range(1, 6)]}, ["ids"])
        house.jobs()
        house.items()[1].fail_edit = None
        house.tick(61)

    def expect(house):
        assert summaries(house) == ["By the sea."] * 5
        assert [item.genres for item in house.items()] == [["Boats"]] * 5

    sweep(before, act, expect=expect)


# --- trouble ---------------------------------------------------------------------------------------


def test_retry_after_the_items_own_500(sweep):
    def before(house):
        items = films(house, (1, 2), details="By the sea.")
        items[0].fail_edit = 500
        house.queue_only(1, 2)

    def act(house):
        house.drain()
        house.items()[0].fail_edit = None
        house.pass_time(61)
        house.operation("tick")
        house.jobs()

    def expect(house):
        assert summaries(house) == ["By the sea."] * 2

    sweep(before, act, expect=expect)


def test_plex_goes_down_while_a_drain_works(sweep):
    def before(house):
        films(house, (1, 2, 3), details="By the sea.")
        house.queue_only(1, 2, 3)
        house.plex.fault(("GET", "/library/metadata/1,2,3"), "status", status=503)

    def act(house):
        house.drain()
        house.pass_time(61)
        house.operation("tick")
        house.jobs()

    def expect(house):
        assert summaries(house) == ["By the sea."] * 3

    sweep(before, act, expect=expect)


def test_plex_restarts_while_a_scene_is_saved(sweep):
    """The drain that the save has asked for waits for it."""
    def before(house):
        films(house, (1, 2))
        house.plex.fault(lambda request: True, "reset_before", times=5)

    def act(house):
        house.save(1, details="By the sea.")
        house.jobs()
        house.tick(61)

    def expect(house):
        assert summaries(house)[0] == "By the sea."

    sweep(before, act, expect=expect)


def test_plex_scans_a_file_while_its_scene_waits(sweep):
    """Somebody looks for it after a minute."""
    def before(house):
        house.stash.library.add_scene("/data/films/Low Tide.mp4", number=5, size=5, title="Low Tide")
        house.index()

    def act(house):
        house.save(5, details="At sea.")
        house.jobs()
        house.films.add_item(file="/data/films/Low Tide.mp4", size=5)
        for _ in range(3):      # a kill may cost a look: the job is woken before the index is stored
            house.tick(65)

    def expect(house):
        assert summaries(house) == ["At sea."]

    sweep(before, act, expect=expect)


def test_wrong_token_that_is_corrected(sweep):
    def before(house):
        films(house, (1, 2), details="By the sea.")
        house.settings["connectToken"] = "another-token-Yy17"
        house.secrets.add("another-token-Yy17")

    def act(house):
        house.save(1, details="At night.")
        house.pass_time(61)
        house.operation("tick")
        house.jobs()
        house.settings["connectToken"] = house.plex.token
        house.save(2, details="At dawn.")
        house.jobs()

    def expect(house):
        assert summaries(house) == ["At night.", "At dawn."]

    sweep(before, act, expect=expect)


def test_failed_job_and_retry_failed(sweep):
    """The same name and another size: ambiguous. Then Plex notices that the file was replaced."""
    def before(house):
        item = house.film(1, "Low Tide", title="Low Tide", details="By the sea.")
        item.set_file("/data/films/old/Low Tide.mp4", 4)
        house.film(2, "Night Ferry", title="Night Ferry", details="On the river.")
        house.index()
        house.queue_only(1, 2)

    def act(house):
        house.drain()
        house.items()[0].set_file("/data/films/Low Tide.mp4", 1_000_001)
        house.insist("rebuild-index")
        house.ask("retry-failed")
        house.jobs()

    def expect(house):
        assert summaries(house) == ["By the sea.", "On the river."]

    sweep(before, act, expect=expect)


def test_ambiguous_scene_that_is_tried_again_by_itself(sweep):
    """Plex notices that the file was moved and replaced; a full pass of the index sees it."""
    def before(house):
        item = house.film(1, "Low Tide", title="Low Tide", details="By the sea.")
        item.set_file("/data/films/old/Low Tide.mp4", 4)
        house.index()
        house.queue_only(1)
        World.drain(house)
        assert house.queue() == (0, 0, 1)
        item.set_file("/data/films/Low Tide.mp4", 1_000_001)

    def act(house):
        house.insist("rebuild-index")
        house.tick(61)

    def expect(house):
        assert summaries(house) == ["By the sea."]

    sweep(before, act, expect=expect)


def test_failed_job_that_stays_failed(sweep):
    def before(house):
        item = house.film(1, "Low Tide", title="Low Tide", details="By the sea.")
        item.set_file("/data/films/old/Low Tide.mp4", 4)
        house.index()
        house.queue_only(1)
        World.drain(house)

    def act(house):
        house.ask("retry-failed")
        house.jobs()

    def expect(house):
        assert house.settled["queue"]["failed"] == 1

    sweep(before, act, expect=expect)


# --- waiting for Plex --------------------------------------------------------------------------------


def test_job_that_waits_until_plex_has_the_file(sweep):
    """A scan of Stash finds two files, one before Plex does. The second one brings both in."""
    def before(house):
        house.film(1, "Harbour Lights", title="Harbour Lights")
        house.index()

    def act(house):
        house.scan("/data/films/Low Tide.mp4", number=2, size=2, title="Low Tide", details="At sea.")
        house.jobs()
        for number, name in ((2, "Low Tide"), (3, "Night Ferry")):
            house.plex.advance(10)
            house.films.add_item(file=f"/data/films/{name}.mp4", size=number)
        house.scan("/data/films/Night Ferry.mp4", number=3, size=3, title="Night Ferry", details="On the river.")
        house.jobs()

    def expect(house):
        assert summaries(house)[1:] == ["At sea.", "On the river."]

    sweep(before, act, expect=expect)


def test_job_that_waits_until_the_index_is_rebuilt(sweep):
    def before(house):
        house.film(1, "Harbour Lights", title="Harbour Lights")
        house.index()
        house.stash.library.add_scene("/data/films/Low Tide.mp4", number=2, size=2, title="Low Tide", details="At sea.")
        house.save(2, date="2020")
        house.tasks()
        assert house.queue() == (0, 1, 0)
        house.films.add_item(file="/data/films/Low Tide.mp4", size=2)

    def act(house):
        house.insist("rebuild-index")
        house.operation("tick")
        house.jobs()

    def expect(house):
        assert summaries(house)[1] == "At sea."

    sweep(before, act, expect=expect)
