"""One scene on its way from Save to Plex, killed at every step."""

import pytest

FOREIGN = {"name": "Foreign", "role": "Captain", "thumb": "http://images.example/f.jpg", "tagKey": "f00d"}


def film(house, tag_mode="add"):
    """Scene 45, pushed once. Then somebody took the item's studio in hand, in Plex."""
    house.plex.tag_mode = tag_mode
    item = house.film(45, "Harbour Lights", item={"genres": ["Foreign"], "actors": [FOREIGN]})
    house.index()
    house.save(45, title="Harbour Lights", details="By the sea.", studio="Northwind Pictures", tags=["Boats", "Rain"],
               performers=["Ana Duarte"])
    item.edit(studio="Somebody in Plex")
    return item


KEPT = {45: ["studio"]}


def test_calm_hook(sweep, tag_mode):
    def before(house):
        film(house, tag_mode)

    def act(house):
        house.save(45, details="At night.", date="2019-05", tags=["Boats", "Fog"], performers=["Bo Lind", "Ana Duarte"])

    def expect(house):
        [item] = house.items()
        assert (item.summary, sorted(item.genres)) == ("At night.", ["Boats", "Fog", "Foreign"])
        assert len(item.actors) == 3

    sweep(before, act, KEPT, expect)


def test_calm_hook_that_is_the_first_push(sweep, tag_mode):
    def before(house):
        house.plex.tag_mode = tag_mode
        house.film(45, "Harbour Lights", item={"genres": ["Foreign"], "actors": [FOREIGN], "summary": "Before."})
        house.index()

    def act(house):
        house.save(45, title="Low Tide", details="At night.", studio="Northwind Pictures", tags=["Boats"],
                   performers=["Ana Duarte"], director="Cy Moreau", rating100=80)

    sweep(before, act)


def test_calm_hook_with_nothing_new(sweep):
    def act(house):
        house.save(45, details="By the sea.")

    sweep(film, act, KEPT)


def test_calm_hook_that_takes_everything_back(sweep, tag_mode):
    def before(house):
        film(house, tag_mode)

    def act(house):
        house.save(45, details="", tags=[], performers=[])

    sweep(before, act, KEPT)


def test_edit_in_several_requests(sweep):
    def act(house):
        house.save(45, details="By the sea. " * 400, performers=["Bo Lind"],
                   tags=[f"A rather long name of a tag, number {n}" for n in range(80)])

    sweep(film, act, KEPT)


def test_server_that_does_not_heed_removals_beside_additions(sweep):
    def before(house):
        film(house)
        handle = house.plex.handle

        def deaf(request):
            if any(name.startswith("genre[0]") for name, _ in request.query):
                request.query = [pair for pair in request.query if pair[0] != "genre[].tag.tag-"]
            return handle(request)
        house.plex.handle = deaf

    def act(house):
        house.save(45, tags=["Fog"])

    def expect(house):
        assert sorted(house.items()[0].genres) == ["Fog", "Foreign"]

    sweep(before, act, KEPT, expect)


def test_plex_makes_other_values_of_ours(sweep):
    """Its spellings, read back or found by the next push, are nobody's edits."""
    def before(house):
        film(house)
        house.plex.respells.update(originallyAvailableAt=lambda date: date and "2019-05-01",
                                   summary=lambda text: text and text[:10])

    def act(house):
        house.save(45, details="At night, by the sea.", date="2019-05-02")
        house.save(45, details="At dawn, in the fog.", date="2019-05-02")
        house.jobs()

    def expect(house):
        [item] = house.items()
        assert (item.summary, item.originallyAvailableAt) == ("At dawn, i", "2019-05-01")

    sweep(before, act, KEPT, expect)


def test_plex_refuses_values_until_somebody_asks_again(sweep):
    """A text, and one name of a list: the rest of the list, and the other fields, do not wait for them."""
    def before(house):
        film(house)
        house.plex.refuses.update(title=lambda text: 422 if text == "Low Tide" else None,
                                  genre=lambda name: 409 if name == "Fog" else None)

    def act(house):
        house.save(45, title="Low Tide", details="At night.", tags=["Fog", "Snow"])
        house.save(45, details="At dawn.")
        house.plex.refuses.clear()
        for _ in range(2):      # a kill may put off the failure until after the first time
            house.ask("retry-failed")
            house.jobs()

    def expect(house):
        [item] = house.items()
        assert (item.title, item.summary) == ("Low Tide", "At dawn.")
        assert sorted(item.genres) == ["Fog", "Foreign", "Snow"]

    sweep(before, act, KEPT, expect)


def test_plex_loses_what_was_written(sweep):
    """The item is matched anew: values and locks are gone, so nobody edited them."""
    def before(house):
        item = film(house)
        item.edit(summary="", title="Matched anew", genres=["Foreign"])
        item.locked.difference_update({"summary", "title", "genre"})

    def act(house):
        house.save(45, date="2019-05-01")

    def expect(house):
        [item] = house.items()
        assert (item.summary, sorted(item.genres)) == ("By the sea.", ["Boats", "Foreign", "Rain"])

    sweep(before, act, {45: ["title", "studio"]}, expect)


def test_film_in_two_libraries(sweep):
    def before(house):
        house.film(45, "Harbour Lights", title="Harbour Lights")
        more = house.plex.add_library("More", ["/data/films"])
        more.add_item(file="/data/films/Harbour Lights.mp4", size=1_000_045, genres=["Foreign"])
        house.index()
        house.save(45, details="By the sea.", tags=["Boats"])

    def act(house):
        house.save(45, details="At night.", tags=["Fog"])

    def expect(house):
        assert [item.summary for item in house.items()] == ["At night.", "At night."]

    sweep(before, act, expect=expect)


# --- through the queue ---------------------------------------------------------------------------


def test_queued_hook_and_its_drain(sweep, tag_mode):
    def before(house):
        film(house, tag_mode)
        house.settings["hookQueueOnly"] = True
        house.save(45, title="Harbour Lights")
        house.tasks()

    def act(house):
        house.save(45, details="At night.", tags=["Fog"], performers=[])
        house.jobs()

    sweep(before, act, KEPT)


def test_hook_that_learns_that_it_must_only_queue(sweep):
    def before(house):
        film(house)
        house.settings["hookQueueOnly"] = True

    def act(house):
        house.save(45, details="At night.")
        house.jobs()

    sweep(before, act, KEPT)


def test_sync_by_hand_with_force(sweep):
    def act(house):
        house.ask("sync-scene", scene_id="45", force=True)

    def expect(house):
        assert house.items()[0].studio == "Northwind Pictures"

    sweep(film, act, expect=expect)


def edit_during_a_push(house, start, **values):
    """The first PUT of what 'start' does meets a second Save of scene 45; without a PUT it comes
    afterwards."""
    saved = []

    def latency(request):
        if request.method == "PUT" and not saved:
            saved.append(True)
            house.save(45, **values)
        return 0

    house.plex.latency = latency
    start()
    house.plex.latency = 0
    if not saved:
        house.save(45, **values)


def test_edit_during_a_push_of_a_drain(sweep, tag_mode):
    def before(house):
        film(house, tag_mode)

    def act(house):
        house.stash.library.update_scene(45, {"details": "At night.", "tag_ids": []})
        house.hook("Scene.Update.Post", 45)
        edit_during_a_push(house, house.jobs, details="At dawn.", tags=["Fog", "Rain"])
        house.jobs()

    def expect(house):
        [item] = house.items()
        assert (item.summary, sorted(item.genres)) == ("At dawn.", ["Fog", "Foreign", "Rain"])

    sweep(before, act, KEPT, expect)


def test_edit_during_a_push_of_a_hook(sweep, tag_mode):
    def before(house):
        film(house, tag_mode)

    def act(house):
        edit_during_a_push(house, lambda: house.save(45, details="At night.", tags=["Fog"]), details="By the sea.",
                           tags=["Boats"])
        house.jobs()

    def expect(house):
        [item] = house.items()
        assert (item.summary, sorted(item.genres)) == ("By the sea.", ["Boats", "Foreign"])

    sweep(before, act, KEPT, expect)


# --- a PUT of which nobody knows what became -------------------------------------------------------

ABANDONED = {"lost": ("reset_after_apply", {}), "refused": ("reset_before", {}),
             "slow": ("hang_after_apply", {"seconds": 2})}
EDITS = {"another edit": {"details": "At dawn.", "tags": ["Fog", "Rain"]},
         "taken back": {"details": "By the sea.", "tags": ["Boats", "Rain"]}}


@pytest.mark.parametrize("end, edit", [("lost", "another edit"), ("lost", "taken back"), ("refused", "another edit"),
                                       ("slow", "taken back")])
def test_edit_after_an_abandoned_put(sweep, end, edit):
    def before(house):
        film(house)
        kind, options = ABANDONED[end]
        house.plex.fault(("PUT", ".*"), kind, **options)

    def act(house):
        house.save(45, details="At night.", tags=["Snow"])
        house.save(45, **EDITS[edit])
        house.jobs()
        house.pass_time(61)
        house.operation("tick")
        house.jobs()

    def expect(house):
        [item] = house.items()
        assert item.summary == EDITS[edit]["details"]
        assert sorted(item.genres) == sorted(["Foreign", *EDITS[edit]["tags"]])

    sweep(before, act, KEPT, expect)
