"""Performers, studios, tags and groups that were edited: their own hooks queue the scenes that carry them.
One that was deleted, or of which Stash does not tell who carries it, makes all scenes be compared."""

import pytest
from shelf import PAGE, at_page, pages, shelf, task, writes

KINDS = ["performer", "studio", "tag", "group"]
kinds = pytest.mark.parametrize("kind", KINDS)
NAMES = {"performer": "Ana Duarte", "studio": "Lumen House", "tag": "Night", "group": "Sea Films"}
VALUES = {"performer": "performers", "studio": "studio", "tag": "tags", "group": "groups"}


def carried(world, kind, count=3):
    """A shelf in Plex; all but the second scene carry the one that is edited: it, and the items."""
    items = shelf(world, count, tags=[])
    library = world.stash.library
    row = library.ensure(kind, NAMES[kind])
    for scene in library.all("scene"):
        if scene.id == 2:
            continue
        if kind == "studio":
            scene.studio = row
        elif kind == "group":
            scene.groups = [{"group": row, "scene_index": None}]
        else:
            setattr(scene, kind + "s", [row])
    task(world, "Sync all scenes")
    world.clear()
    return row, items


def shown(item, kind):
    """What Plex shows of it: the names of that kind."""
    if kind == "studio":
        return [item.studio] if item.studio else []
    return [actor.name for actor in item.actors] if kind == "performer" else \
        item.genres if kind == "tag" else item.collections


def update(world, kind, row, **values):
    """A person edits it in Stash; the hook's runs."""
    runs = world.stash.update(kind, row, **values)
    world.check(*runs)
    return runs


# --- edited --------------------------------------------------------------------------------------------


@kinds
def test_a_new_name_reaches_the_scenes_that_carry_it_and_no_others_are_read(world, kind):
    row, items = carried(world, kind)

    [hook] = update(world, kind, row, name="Another Name")
    [drain] = world.tasks()

    assert [shown(item, kind) for item in items] == [["Another Name"], [], ["Another Name"]]
    assert hook.output == {"result": "queued", "reason": "the scenes that have it will be compared"}
    assert f"2 scenes carry {kind} {row.id}; 2 of them are queued" in drain.text("info")
    [page] = pages(world)
    assert page[kind + "s"]["value"] == [str(row.id)]
    assert world.queue() == (0, 0, 0)


@pytest.mark.parametrize("kind", ["performer", "group"])
def test_an_edit_that_changes_no_name_writes_nothing(world, kind):
    row, _ = carried(world, kind)

    update(world, kind, row, aliases="A. D." if kind == "group" else ["A. D."]) if kind != "performer" else \
        update(world, kind, row, alias_list=["A. D."])
    world.tasks()

    assert world.plex.requests == []


def test_one_that_nobody_carries_is_no_trouble(world):
    shelf(world, 1)
    row = world.stash.library.ensure("performer", "Bo Lind")

    update(world, "performer", row, name="Bo Berg")
    [drain] = world.tasks()

    assert f"0 scenes carry performer {row.id}; 0 of them are queued" in drain.text("info")


def test_a_studio_that_is_a_collection_too(world):
    world.settings["fieldNoStudioCollection"] = False
    row, items = carried(world, "studio")

    update(world, "studio", row, name="Quayside")
    world.tasks()

    assert [item.collections for item in items] == [["Quayside"], [], ["Quayside"]]


def test_more_carriers_than_a_page_holds(world):
    world.settings["sceneOnlyOrganized"] = True
    shelf(world, 1)
    library = world.stash.library
    row = library.ensure("performer", "Ana Duarte")
    for number in range(2, PAGE + 4):
        library.add_scene(f"/data/films/more {number}.mp4", number=number, size=number, performers=[row])
    last = library.get("scene", PAGE + 3)
    last.organized = True
    item = world.films.add_item(file=last.path, size=PAGE + 3)
    world.index()

    update(world, "performer", row, name="Ana Lind")
    world.tasks()

    assert [actor.name for actor in item.actors] == ["Ana Lind"]
    assert [page["id"]["value"] for page in pages(world)] == [0, PAGE + 1]


def test_tags_that_were_merged(world):
    row, items = carried(world, "tag")
    boats = world.stash.library.ensure("tag", "Boats")

    world.check(*world.stash.merge_tags([row], boats))
    world.tasks()

    assert [item.genres for item in items] == [["Boats"], [], ["Boats"]]


def test_fifty_performers_in_a_row_are_one_task(world):
    items = shelf(world, 2)
    library = world.stash.library
    cast = [library.ensure("performer", f"Name {n:02}") for n in range(50)]
    library.get("scene", 1).performers = list(cast)
    task(world, "Sync all scenes")
    world.stash.hold_jobs = True

    hooks = [run for row in cast for run in update(world, "performer", row, name=row.name.replace("Name", "Called"))]

    assert [run.operations for run in hooks] == [[["runPluginTask"]]] + [[]] * 49
    assert len(world.stash.jobs.queued()) == 1
    world.stash.hold_jobs = False
    world.clear()
    world.tasks()
    assert sorted(shown(items[0], "performer")) == [f"Called {n:02}" for n in range(50)]
    assert writes(world) == 1


def test_one_that_is_edited_while_its_scenes_are_looked_at_is_looked_at_again(world):
    row, items = carried(world, "performer")
    world.stash.hold_jobs = True
    update(world, "performer", row, name="Ana Lind")
    at_page(world, 1, lambda: again.append(update(world, "performer", row, name="Ana Berg")))
    again = []
    world.stash.hold_jobs = False

    world.tasks()

    assert len(again) == 1 and len(pages(world)) == 2
    assert [shown(item, "performer") for item in items] == [["Ana Berg"], [], ["Ana Berg"]]


# --- deleted ---------------------------------------------------------------------------------------------


@kinds
def test_one_that_was_deleted_goes_from_the_scenes_that_had_it(world, kind):
    row, items = carried(world, kind)
    world.stash.library.destroy(kind, row.id)

    [hook] = world.stash.hook(f"{kind.capitalize()}.Destroy.Post", row.id)
    world.check(hook)
    [drain] = world.tasks()

    assert hook.output == {"result": "queued", "reason": "all scenes will be compared"}
    assert [shown(item, kind) for item in items] == [[], [], []]
    assert "3 seen, 1 as last pushed, 2 queued" in drain.text("info")
    assert world.queue() == (0, 0, 0)


def test_ten_that_were_deleted_in_a_row_are_one_look_at_all(world):
    items = shelf(world, 2, tags=[f"Tag {n}" for n in range(10)])
    task(world, "Sync all scenes")
    world.stash.hold_jobs = True
    for tag in world.stash.library.all("tag"):
        world.stash.library.destroy("tag", tag.id)
        world.check(*world.stash.hook("Tag.Destroy.Post", tag.id))
    world.stash.hold_jobs = False
    world.clear()

    world.tasks()

    assert [item.genres for item in items] == [[], []]
    assert len(pages(world)) == 1


# --- trouble -----------------------------------------------------------------------------------------------


def test_while_plex_is_down_it_is_kept_and_done_when_plex_is_back(world):
    row, items = carried(world, "performer")
    world.plex.stop()
    world.save(2, title="Low Tide")     # finds out
    update(world, "performer", row, name="Ana Lind")
    world.tasks()
    world.plex.start()

    world.later(65)
    world.operation("tick")
    world.tasks()

    assert shown(items[0], "performer") == ["Ana Lind"]
    assert items[1].title == "Low Tide"
    assert world.queue() == (0, 0, 0)


def test_with_a_wrong_setting_it_is_kept_and_done_when_that_is_corrected(world):
    row, items = carried(world, "performer")
    token, world.settings["connectToken"] = world.settings["connectToken"], ""
    update(world, "performer", row, name="Ana Lind")
    world.tasks()
    assert shown(items[0], "performer") == ["Ana Duarte"]

    world.settings["connectToken"] = token
    world.later(61)
    world.operation("tick")
    world.tasks()

    assert shown(items[0], "performer") == ["Ana Lind"]


def test_while_stash_does_not_answer_it_is_kept(world):
    row, items = carried(world, "performer")
    world.stash.fault(lambda request: b"findScenes" in request.body, "status", status=500)
    update(world, "performer", row, name="Ana Lind")
    [failed] = world.tasks()
    assert "Stash answers HTTP 500" in failed.error

    world.operation("tick")
    world.tasks()

    assert shown(items[0], "performer") == ["Ana Lind"]


@pytest.mark.parametrize("status", [200, 422])
def test_where_stash_does_not_understand_the_question_all_scenes_are_compared(world, status):
    """Another version of it, say. The question is not asked for ever."""
    row, items = carried(world, "performer")
    body = '{"errors":[{"message":"unknown field performers"}],"data":null}'
    world.stash.fault(lambda request: b'"performers":{' in request.body, "status", times=None, status=status,
                      body=body)

    update(world, "performer", row, name="Ana Lind")
    runs = world.tasks()

    assert any("all scenes will be compared instead" in run.text("warning") for run in runs)
    assert [shown(item, "performer") for item in items] == [["Ana Lind"], [], ["Ana Lind"]]
    assert world.operation("tick").output == {"asked": False}


def test_one_that_cannot_be_listed_keeps_nobody_else_waiting(world):
    row, items = carried(world, "performer")
    tag = world.stash.library.ensure("tag", "Night")
    world.stash.library.get("scene", 2).tags = [tag]
    world.stash.fault(lambda request: b'"performers":{' in request.body, "status", times=None, status=422,
                      body='{"errors":[{"message":"unknown field performers"}],"data":null}')
    update(world, "performer", row, name="Ana Lind")
    update(world, "tag", tag, name="By Night")
    world.tasks()

    assert items[1].genres == ["By Night"]


@pytest.mark.parametrize("world, kind", [
    ({"stash_version": "v0.25"}, "performer"), ({"stash_version": "v0.26"}, "studio"), ({"stash_version": "v0.27"}, "tag"),
    ({"stash_version": "next"}, "performer")], indirect=["world"], ids=str)
def test_every_version_of_stash(world, kind):
    row, items = carried(world, kind)
    world.stash.library.get("scene", 1).groups = [{"group": world.stash.library.ensure("group", "Sea Films"),
                                                   "scene_index": 1}]

    update(world, kind, row, name="Another Name")
    world.tasks()

    assert [shown(item, kind) for item in items] == [["Another Name"], [], ["Another Name"]]
    assert items[0].collections == ["Sea Films"]


@pytest.mark.parametrize("world", [{"stash_version": "v0.25"}, {"stash_version": "next"}], indirect=True, ids=str)
def test_stash_learns_nothing_wrong_from_our_questions(world):
    """A question that it does not understand is an error in its log: one at most."""
    items = shelf(world, 3, groups=["Sea Films"])
    world.stash.server_errors.clear()

    task(world, "Sync all scenes")
    task(world, "Sync all scenes")

    assert [item.collections for item in items] == [["Sea Films"]] * 3
    assert len(world.stash.server_errors) <= 1
