"""match: a person chooses the item of a scene, says that it is not in Plex, or forgets the choice.

What was chosen comes before every rule, whatever the files look like, and is kept with the queue.
"""

import json
import shutil

import pytest

DAY, HOUR = 24 * 3600, 3600
HERE = "/media/x/take-07.mp4"       # Stash's file: nothing of it looks like Plex's


@pytest.fixture
def pier(world):
    """Scene 1, whose file Plex has under quite another name; the item."""
    world.stash.library.add_scene(HERE, number=1, size=1000, title="Pier", details="At night.")
    item = world.films.add_item(title="Harbour Lights", file="/data/films/Harbour Lights.mp4", size=77, duration=7_000_000)
    world.film(2, "quay", title="Quay")
    world.index()
    return item


def match(world, number, **args):
    """The operation; its output."""
    run = world.operation("match", scene_id=str(number), **args)
    assert run.error is None, run.error
    return run.output


def explained(world, number):
    """The words of explain, what it says of the choice, and the verdict."""
    output = world.operation("explain", scene_id=str(number)).output
    return "\n".join(output["lines"]), output["chosen"], output.get("verdict")


def rules(output):
    """(key, rule, confidence) of each item."""
    return [(row["key"], row["rule"], row["confidence"]) for row in output["items"]]


def reason(world, number):
    """Why this scene failed."""
    return {row["scene_id"]: row["reason"] for row in world.status()["failed"]}[str(number)]


# --- an item ------------------------------------------------------------------------------------------


def test_the_item_is_pushed_at_once(world, pier):
    assert world.sync(1)["result"] == "not_found"

    output = match(world, 1, key=pier.ratingKey)

    assert (output["scene_id"], output["result"], output["fields"]) == ("1", "synced", ["title", "summary"])
    assert rules(output) == [(pier.ratingKey, "chosen", "high")]
    assert output["items"][0]["library"] == "Films" and "taken_from" not in output
    assert (pier.title, pier.summary) == ("Pier", "At night.")
    assert world.queue() == (0, 0, 0)


def test_a_choice_ends_an_ambiguity_and_comes_before_every_rule(world):
    one, other = (world.films.add_item(file=f"/data/films/{folder}/quay.mp4", size=9) for folder in "ab")
    certain = world.film(1, "quay", size=5, title="Pier")
    world.stash.library.add_scene("/media/x/quay.mp4", number=2, size=9, title="Quay")
    world.index()
    ambiguous = world.sync(2)
    assert ambiguous["result"] == "ambiguous" and len(ambiguous["candidates"]) == 2
    assert world.sync(1)["items"][0]["key"] == certain.ratingKey

    assert rules(match(world, 2, key=one.ratingKey)) == [(one.ratingKey, "chosen", "high")]
    assert rules(match(world, 1, key=int(other.ratingKey))) == [(other.ratingKey, "chosen", "high")]

    assert (one.title, other.title, world.queue()) == ("Quay", "Pier", (0, 0, 0))
    world.save(1, title="Pier at night")
    assert (certain.title, other.title) == ("Pier", "Pier at night"), "the one of the rules was given up"


def test_one_key_holds_for_all_files_of_a_scene(world, pier):
    world.stash.library.add_scene(None, number=3, title="Ferry", files=[
        {"path": "/data/films/one.mp4", "size": 1}, {"path": "/data/films/two.mp4", "size": 2}])
    two = world.films.add_item(file="/data/films/two.mp4", size=2, title="two")
    world.index()

    assert rules(match(world, 3, key=pier.ratingKey)) == [(pier.ratingKey, "chosen", "high")]
    assert (pier.title, two.title, world.queue()) == ("Ferry", "two", (0, 0, 0))


def test_a_save_with_a_choice_costs_what_any_save_costs(world, pier):
    match(world, 1, key=pier.ratingKey)
    log = world.folder / "transactions"
    world.clear()
    world.stash.host.environ["PLEXSYNC_TEST_TXNS"] = str(log)

    world.save(1, details="By day.")

    assert pier.summary == "By day." and world.request_count()[1] == 3
    assert [" ".join(line.split()) for line in log.read_text().splitlines()] == \
        ["queue write", "cache read", "queue write", "queue write"]


def test_a_drain_reads_chosen_items_together(world, pier):
    other = world.films.add_item(file="/data/films/tide.mp4", title="Tide")
    match(world, 1, key=pier.ratingKey)
    match(world, 2, key=other.ratingKey)
    for number in (1, 2):
        world.stash.library.update_scene(number, {"details": f"Part {number}."})
    world.queue_only(1, 2)
    world.clear()

    world.drain()

    assert (pier.summary, other.summary) == ("Part 1.", "Part 2.")
    counts = world.plex.counts()
    assert sum(count for what, count in counts.items() if what.startswith("GET /library/metadata/")) == 2, counts


# --- it is kept ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["clear-cache", "rebuild-index", "folder", "library"])
def test_the_choice_survives(world, pier, loss):
    match(world, 1, key=pier.ratingKey)
    match(world, 2, none=True)
    if loss == "folder":
        shutil.rmtree(world.state / "cache")
    else:
        args = {"library": "Films"} if loss == "library" else {}
        assert world.operation("clear-cache" if loss == "library" else loss, **args).error is None

    assert rules(world.sync(1)) == [(pier.ratingKey, "chosen", "high")]
    assert world.sync(2)["result"] == "ignored"
    world.save(1, details="By day.")
    assert pier.summary == "By day."


def test_explain_names_the_choice(world, pier):
    assert explained(world, 1)[1] is None
    match(world, 1, key=pier.ratingKey)
    match(world, 2, none=True)

    text, chosen, verdict = explained(world, 1)

    assert f'A person chose item {pier.ratingKey} in library "Films" for it (/data/films/Harbour Lights.mp4)' in text
    assert 'Found by rule "chosen" (confidence high)' in text
    assert chosen == {"key": pier.ratingKey, "library": "Films"} and verdict["items"][0]["rule"] == "chosen"
    text, chosen, verdict = explained(world, 2)
    assert "A person chose that it is not in Plex: it is left alone" in text
    assert chosen == {"none": True} and verdict["result"] == "ignored"


def test_a_sweep_finds_nothing_to_do(world, pier):
    match(world, 1, key=pier.ratingKey)
    match(world, 2, none=True)
    world.clear()

    for task in ("Sync all scenes", "Reconcile"):
        world.stash.run_task(task)
        [run] = world.tasks()
        assert (run.output["queued"], run.output["ignored"]) == (0, 1), task
    world.later(DAY + HOUR)
    world.operation("tick")
    [run] = world.tasks()
    assert "2 seen, 1 as last pushed, 0 queued, 0 in the queue already, 1 ignored" in run.text("info")
    assert not world.plex.writes


def test_a_choice_whose_job_was_cleared_is_pushed_by_the_next_sweep(world, pier):
    match(world, 1, key=pier.ratingKey)
    other = world.films.add_item(file="/data/films/tide.mp4", title="Tide")
    held = world.hold_plex()
    choosing = world.meanwhile(world.operation, "match", scene_id="1", key=other.ratingKey)
    held.wait()
    assert world.operation("clear-queue").error is None
    held.release()
    choosing()
    world.tasks()

    world.stash.run_task("Sync all scenes")
    world.tasks()

    assert (other.title, world.queue()) == ("Pier", (0, 0, 0))
    assert rules(world.sync(1)) == [(other.ratingKey, "chosen", "high")]


def test_a_preview_obeys_it(world, pier):
    match(world, 1, key=pier.ratingKey)
    match(world, 2, none=True)
    world.stash.library.update_scene(1, {"details": "By day."})
    world.stash.library.update_scene(2, {"details": "By day."})

    world.stash.run_task("Preview (dry run)")
    [run] = world.tasks()

    assert (run.output["would_write"], run.output["fields"]) == (1, {"summary": 1})
    assert run.output["reasons"] == [
        {"reason": "a person chose that it is not in Plex", "count": 1, "examples": ["2"]}]


# --- it is asked again ----------------------------------------------------------------------------------


def test_an_item_that_is_gone_is_asked_for_again(world, pier):
    """No rule takes its place, although one would find an item; that one is a candidate."""
    match(world, 1, key=pier.ratingKey)
    rule = world.films.add_item(file=HERE, size=1000, title="take-07")
    world.films.remove_item(pier)
    world.index()

    assert world.save(1, details="By day.").output["result"] == "queued", "a hook does not wait"
    world.tasks()

    assert reason(world, 1) == f"Plex item {pier.ratingKey}, which a person chose for it, is gone; choose again"
    assert rule.title == "take-07"
    output = world.sync(1)
    assert output["result"] == "ambiguous" and output["items"] == []
    assert [row["key"] for row in output["candidates"]] == [rule.ratingKey]
    assert "is gone; choose again" in explained(world, 1)[0]
    assert match(world, 1, auto=True)["result"] == "synced" and rule.title == "Pier"


def test_a_sweep_finds_that_it_is_gone(world, pier):
    match(world, 1, key=pier.ratingKey)
    world.films.remove_item(pier)
    world.later(2 * HOUR)

    world.stash.run_task("Reconcile")
    world.tasks()

    assert "is gone" in reason(world, 1)
    world.later(DAY + 3 * HOUR)
    world.operation("tick")
    world.tasks()
    assert world.queue() == (0, 0, 1), "and is not asked about every day"


def test_an_item_that_comes_back_is_the_one_again(world, pier):
    match(world, 1, key=pier.ratingKey)
    world.films.remove_item(pier, trash=True)
    assert world.sync(1)["result"] == "ambiguous"
    pier.deletedAt = None
    pier.changed()
    world.stash.library.update_scene(1, {"details": "By day."})

    world.operation("rebuild-index")
    world.tasks()

    assert (pier.summary, world.queue()) == ("By day.", (0, 0, 0))


def test_a_plex_that_has_lost_its_mind_is_no_reason_to_ask(world, pier):
    """404 for everything, as a proxy answers while Plex is being moved."""
    match(world, 1, key=pier.ratingKey)
    world.plex.fault(lambda request: True, "status", times=None, status=404)

    assert world.operation("sync-scene", scene_id="1").error is not None
    assert world.status()["failed"] == []


@pytest.mark.parametrize("key", ["another server", "another library", "left out"])
def test_what_the_key_meant_is_compared(world, pier, key):
    clips = world.plex.add_library("Clips", ["/data/clips"])
    match(world, 1, key=pier.ratingKey)
    if key == "another server":
        world.plex.machine_identifier = "other-machine"
        world.settings["connectUrl"] = world.plex.url + "/"
        shutil.rmtree(world.state / "cache")
        word = "is on another server"
    elif key == "left out":
        world.settings["libraryNames"] = "Clips"
        word = "setting libraryNames leaves out"
    else:
        world.films.uuid = "another-uuid"
        word = "is gone"
    assert clips.items == []

    output = world.sync(1, force=True)

    assert output["result"] == "ambiguous" and word in output["reason"], output
    assert not world.plex.writes[2:]


# --- an item of another scene ---------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["by rule", "by choice"])
def test_the_item_of_another_scene_is_taken_over(world, pier, how):
    item = pier if how == "by choice" else world.plex.item(world.films.by_name("quay.mp4")[0].ratingKey)
    assert (match(world, 2, key=pier.ratingKey) if how == "by choice" else world.sync(2))["result"] == "synced"

    output = match(world, 1, key=item.ratingKey)
    world.tasks()

    assert (output["result"], output["taken_from"], item.title) == ("synced", "2", "Pier")
    assert reason(world, 2) == f"Plex item {item.ratingKey} belongs to scene 1, for which a person chose it"
    assert world.sync(2)["result"] == "ambiguous"
    assert f"it belongs to scene 1" in explained(world, 2)[0]
    assert "taken_from" not in match(world, 1, key=item.ratingKey), "it is its own by now"
    world.stash.run_task("Sync all scenes")
    world.stash.run_task("Preview (dry run)")
    world.tasks()
    assert (item.title, world.queue()) == ("Pier", (0, 0, 1)), "it stays so"

    output = match(world, 2, key=item.ratingKey)
    world.tasks()
    assert (output["taken_from"], item.title, "for which a person chose it" in reason(world, 1)) == ("1", "Quay", True)


def test_what_was_taken_over_comes_back_when_the_choice_is_forgotten(world, pier):
    quay = world.films.by_name("quay.mp4")[0]
    world.sync(2)
    match(world, 1, key=quay.ratingKey)
    world.tasks()
    assert world.queue() == (0, 0, 1)

    assert match(world, 1, auto=True)["result"] == "not_found"
    world.tasks()

    assert (quay.title, world.queue()) == ("Quay", (0, 1, 0))
    assert explained(world, 1)[1] is None


def test_a_scene_that_is_gone_has_no_item(world, pier):
    """Merging scenes fires no hook: the owner is looked for in Stash."""
    quay = world.films.by_name("quay.mp4")[0]
    match(world, 1, key=quay.ratingKey)
    world.tasks()
    assert world.sync(2)["result"] == "ambiguous"
    world.stash.library.merge_scenes(2, 1)

    assert world.sync(2)["result"] == "synced" and quay.title == "Quay"


@pytest.mark.parametrize("pushed", [True, False])
def test_destroy_forgets_the_choice(world, pier, pushed):
    quay = world.films.by_name("quay.mp4")[0]
    world.sync(2)
    if not pushed:
        world.plex.fault(lambda request: request.method == "PUT", "status", times=3, status=500)
    world.operation("match", scene_id="1", key=quay.ratingKey)
    world.tasks()

    world.check(*world.stash.destroy_scene(1))
    world.tasks()
    assert (quay.title, world.queue()) == ("Quay", (0, 0, 0)), "whoever waited for it has it"

    world.stash.library.add_scene(HERE, number=1, size=1000, title="Pier")
    assert world.sync(1)["result"] == "not_found" and explained(world, 1)[1] is None


# --- none, and auto ------------------------------------------------------------------------------------


def test_none_leaves_the_scene_alone(world, pier):
    quay = world.films.by_name("quay.mp4")[0]
    world.sync(2)

    output = match(world, 2, none=True)

    assert (output["result"], output["reason"], output["fields"]) == \
        ("ignored", "a person chose that it is not in Plex", [])
    assert world.save(2, title="Quay by night").output["result"] == "ignored"
    world.stash.run_task("Sync all scenes")
    world.tasks()
    assert (quay.title, world.queue()) == ("Quay", (0, 1, 0)), "Plex keeps what it has"
    assert match(world, 1, key=quay.ratingKey).get("taken_from") is None, "and the item is free"


def test_none_ends_the_waiting_and_needs_no_plex(world, pier):
    world.sync(1)
    assert world.queue() == (0, 1, 0)
    world.plex.stop()

    assert match(world, 1, none=True)["result"] == "ignored"

    assert world.queue() == (0, 0, 0)
    world.plex.start()
    assert match(world, 1, auto=True)["result"] == "not_found"


def test_auto_goes_back_to_the_rules(world, pier):
    quay = world.films.by_name("quay.mp4")[0]
    match(world, 2, key=pier.ratingKey)
    world.stash.library.update_scene(2, {"title": "Low Tide"})

    output = match(world, 2, auto=True)

    assert rules(output) == [(quay.ratingKey, "path", "high")]
    assert (quay.title, pier.title) == ("Low Tide", "Quay")
    assert match(world, 2, auto=True)["result"] == "unchanged", "when nothing was chosen it is a sync-scene"


def test_the_choice_is_durable_when_plex_is_away(world, pier):
    match(world, 1, key=pier.ratingKey)
    other = world.films.add_item(file="/data/films/tide.mp4", title="Tide")
    held = world.hold_plex("PUT")
    choosing = world.meanwhile(world.operation, "match", scene_id="1", key=other.ratingKey)
    held.wait()
    world.plex.fault(lambda request: True, "maintenance", times=2)
    held.release()
    run = choosing()
    assert run.error is None or "the choice is kept" in run.error

    world.tasks()
    world.later(HOUR)
    world.drain()

    assert (other.title, explained(world, 1)[1]["key"]) == ("Pier", other.ratingKey)


# --- arguments that make no sense --------------------------------------------------------------------------


@pytest.mark.parametrize("args, words", [
    ({"key": "PIER", "scene_id": "999"}, "scene_id 999: Stash has no such scene"),
    ({"key": "PIER", "scene_id": None}, "scene_id"),
    ({"key": "PIER", "scene_id": "Pier"}, "args.scene_id is not a scene id"),
    ({"key": "PIER", "scene_id": -1}, "args.scene_id is not a scene id"),
    ({"none": True, "scene_id": "999"}, "scene_id 999"),
    ({"auto": True, "scene_id": "999"}, "scene_id 999"),
    ({"key": "Harbour Lights"}, "args.key is not the key of an item"),
    ({"key": "0"}, "args.key is not the key of an item"),
    ({"key": "1" * 1_000_000}, "args.key is longer than"),
    ({"key": ["1"]}, "args.key"),
    ({"key": "987654"}, "key 987654: Plex has no such item"),
    ({"key": "CLIP"}, 'is in library "Clips", which is not in use; setting libraryNames'),
    ({"key": "SHOW"}, "has no file"),
    ({"none": "perhaps"}, "args.none is neither true nor false"),
    ({}, "key: exactly one of"),
    ({"none": False, "auto": False}, "key: exactly one of"),
    ({"key": "PIER", "none": True}, "key and none: exactly one of"),
    ({"key": "PIER", "auto": True}, "key and auto: exactly one of"),
    ({"none": True, "auto": True}, "none and auto: exactly one of"),
    ({"key": "PIER", "dry_run": True}, "dry_run"),
])
def test_what_makes_no_sense_changes_nothing(world, pier, args, words):
    shows = world.plex.add_library("Series", ["/data/series"], type="show", agent="tv.plex.agents.series",
                                   scanner="Plex TV Series")
    episode = shows.add_item(file="/data/series/Coast/S01E01.mp4", size=7, show="Coast", title="Episode 1", index=1)
    clip = world.plex.add_library("Clips", ["/data/clips"]).add_item(file="/data/clips/one.mp4")
    world.settings["libraryNames"] = "Films, Series"
    quay = world.films.by_name("quay.mp4")[0]
    match(world, 1, key=quay.ratingKey)
    world.clear()
    keys = {"PIER": pier.ratingKey, "CLIP": clip.ratingKey, "SHOW": episode.parent.parent.ratingKey}
    args = {"scene_id": "1", **args}
    args["key"] = keys.get(args["key"], args["key"]) if isinstance(args.get("key"), str) else args.get("key")

    run = world.operation("match", **{name: value for name, value in args.items() if value is not None})

    assert run.error and words in run.error, run.error
    assert not world.plex.writes and world.queue() == (0, 0, 0)
    assert explained(world, 1)[1] == {"key": quay.ratingKey, "library": "Films"}


def test_two_at_once(world, pier):
    """The last one counts; whoever comes second is not made to wait."""
    other = world.films.add_item(file="/data/films/tide.mp4", title="Tide")
    held = world.hold_plex("PUT")
    first = world.meanwhile(match, world, 1, key=pier.ratingKey)
    held.wait()

    second = match(world, 1, key=other.ratingKey)
    held.release()
    first()
    world.tasks()

    assert second["result"] == "queued" and "another process is pushing it" in second["reason"]
    assert (other.title, world.queue()) == ("Pier", (0, 0, 0))
    assert rules(world.sync(1)) == [(other.ratingKey, "chosen", "high")]
    world.save(1, details="By day.")
    assert (other.summary, pier.summary) == ("By day.", "At night.")


def test_two_scenes_want_one_item_at_once(world, pier):
    held = world.hold_plex("PUT")
    first = world.meanwhile(match, world, 1, key=pier.ratingKey)
    held.wait()
    second = match(world, 2, key=pier.ratingKey)
    held.release()
    first()
    world.tasks()

    assert second["taken_from"] == "1"
    assert "belongs to scene 2" in reason(world, 1)
    assert (pier.title, world.sync(2)["result"]) == ("Quay", "unchanged")


def test_without_a_state_nothing_is_chosen(world, pier):
    shutil.rmtree(world.state)
    world.state.write_text("a file")

    run = world.operation("match", scene_id="1", key=pier.ratingKey)

    assert "there is no queue" in run.error and pier.title == "Harbour Lights"
    world.state.unlink()


# --- at a terminal ------------------------------------------------------------------------------------------


def test_at_a_terminal(world, pier):
    options = ["--stash-url", world.stash.url, "--state", str(world.state), "--json"]

    def run(*args):
        return world.plexsync("match", "--scene", "1", *args, *options)

    assert rules(json.loads(run("--key", pier.ratingKey).stdout)) == [(pier.ratingKey, "chosen", "high")]
    assert pier.title == "Pier"
    assert json.loads(run("--none").stdout)["result"] == "ignored"
    done = run("--auto")
    assert (json.loads(done.stdout)["result"], done.returncode) == ("not_found", 1)
    assert [run(*args).returncode for args in ((), ("--none", "--auto"), ("--key", "x"), ("--dry-run",))] == [2, 2, 2, 2]
    assert b"--key K" in world.plexsync("match", "--help").stdout
