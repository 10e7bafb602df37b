"""A person chooses the item of a scene, and what was chosen is killed at every step. An operation that was killed is
asked for again."""

HERE = "/media/x/take-07.mp4"


def shelf(house):
    """Scene 1 was pushed to its item; scene 2's file is nothing that Plex knows."""
    house.film(1, "quay", title="Quay")
    house.stash.library.add_scene(HERE, number=2, size=9, title="Pier", tags=["Boats"])
    house.films.add_item(title="Tide", file="/data/films/Tide.mp4", size=7)
    house.index()
    for number in (1, 2):
        house.save(number, details=f"Part {number}.")
    house.jobs()


def key(house, name):
    """The key of the item with this file."""
    return house.films.by_name(f"{name}.mp4")[0].ratingKey


def summaries(house):
    """Of all items."""
    return [item.summary for item in house.items()]


def test_an_item_is_taken_over_and_given_back(sweep):
    """The scene that had it is pushed again, with what it is now."""
    def act(house):
        house.insist("match", scene_id="2", key=key(house, "quay"))
        house.jobs()
        house.insist("match", scene_id="2", key=key(house, "Tide"))
        house.jobs()

    def expect(house):
        assert summaries(house) == ["Part 1.", "Part 2."]
        assert house.settled["queue"] == {"ready": 0, "due": 0, "waiting": 0, "failed": 0}

    sweep(shelf, act, expect=expect)


def test_an_item_is_taken_over(sweep):
    def act(house):
        house.insist("match", scene_id="2", key=key(house, "quay"))
        house.jobs()

    def expect(house):
        assert summaries(house) == ["Part 2.", None]
        assert "for which a person chose it" in house.settled["failed"][0]["reason"]

    sweep(shelf, act, expect=expect)


def test_none_and_auto(sweep):
    def act(house):
        house.insist("match", scene_id="1", none=True)
        house.save(1, details="Nobody reads this.")
        house.insist("match", scene_id="1", auto=True)
        house.insist("match", scene_id="2", none=True)

    def expect(house):
        assert summaries(house) == ["Nobody reads this.", None]
        assert house.settled["queue"]["waiting"] == 0

    sweep(shelf, act, expect=expect)


def test_the_scene_is_destroyed(sweep):
    def before(house):
        shelf(house)
        house.operation("match", scene_id="2", key=key(house, "quay"))
        house.tasks()

    def act(house):
        house.destroy(2)
        house.jobs()

    def expect(house):
        assert summaries(house) == ["Part 1.", None]

    sweep(before, act, expect=expect)
