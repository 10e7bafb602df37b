"""One scene, from Save in Stash to Plex."""


def test_save_writes_the_scene_to_plex(world):
    item = world.film(45, "Harbour Lights", item={"genres": ["Drama"]})
    world.index()

    run = world.save(45, title="Harbour Lights", details="By the sea.\n\nAt night.", date="2019-05",
                     studio="Northwind Pictures", performers=["Ana Duarte"], tags=["Boats"])

    assert run.output["result"] == "synced"
    assert run.output["fields"] == ["summary", "date", "studio", "performers", "tags"]
    assert item.title == "Harbour Lights"
    assert item.summary == "By the sea.\n\nAt night."
    assert str(item.originallyAvailableAt) == "2019-05-01"
    assert item.studio == "Northwind Pictures"
    assert [actor.name for actor in item.actors] == ["Ana Duarte"]
    assert item.genres == ["Drama", "Boats"]
    assert item.locked == {"summary", "originallyAvailableAt", "studio", "actor", "genre"}


def test_second_save_without_change_writes_nothing(world):
    world.film(45, "Harbour Lights", title="Harbour Lights", studio="Northwind Pictures")
    world.index()
    world.save(45, details="By the sea.")
    world.clear()

    run = world.save(45, details="By the sea.")

    assert run.output["result"] == "unchanged"
    assert world.plex.counts() == {"GET /library/metadata/1": 1}
    assert len(run.operations) == 1
