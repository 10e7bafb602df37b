"""What arrives on stdin, and all that it could be instead of one good document.

Whatever it is: exit 0, one document on stdout, an error that says what is wrong
and where, and the event in the queue if the scene's id could be found.
"""

import copy
import json

import pytest

from tests.fake.plugin_host import go_json

MIB = 1 << 20


@pytest.fixture
def film(world):
    """Scene 45 and its item; tasks that are asked for stay where they are."""
    world.stash.hold_jobs = True
    return world.film(45, "quay", studio="Northwind Pictures")


def hook(world, **changes):
    """The document of a hook; changes to its hookContext."""
    context = {"id": 45, "type": "Scene.Update.Post", "input": {"id": "45", "title": "Harbour <Lights> & \u2028"},
               "inputFields": ["title", "id"]}
    return world.stdin(hookContext={**context, **changes})


def changed(document, path, value):
    """A copy with one member, named by its path, being something else; ... removes it."""
    document = copy.deepcopy(document)
    *parents, last = path.split(".")
    at = document
    for name in parents:
        at = at[name]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return document


def ready(world):
    """How many jobs are in the queue."""
    return world.status()["queue"]["ready"]


# --- what is no document ---------------------------------------------------------------------------


@pytest.mark.parametrize("data, words", [
    (b"", "empty"), (b"hello", "not JSON (at byte 0 of 5)"), (b"[]", "not an object"),
    (b"{}", "server_connection is missing"), (b"\0" * 100, "NUL"), (b"[" * 100_000, "nested deeper than 64 levels"),
])
def test_what_is_no_document_is_an_error_that_says_so(world, data, words):
    document = world.raw(data)

    assert document["error"].startswith("plugin input: ")
    assert words in document["error"]


def test_a_document_that_breaks_off_still_queues_its_scene(world, film):
    """Every 397th byte of what Stash really sent."""
    whole = world.save(45, details="Quay & \"sea\" <fog>. " * 60).stdin
    world.operation("clear-queue")
    known = whole.index(b'"Scene.Update.Post"') + len(b'"Scene.Update.Post"')
    assert len(whole) - known > 1000

    for length in range(1, len(whole), 397):
        error = world.raw(whole[:length])["error"]
        assert error.startswith("plugin input: not JSON (at byte ")
        assert ("scene 45 is queued all the same" in error) == (length >= known), (length, error)
        assert length >= known or ready(world) == 0
    assert ready(world) == 1
    world.stash.hold_jobs = False
    world.drain()
    assert film.summary.startswith("Quay & \"sea\"")


@pytest.mark.parametrize("before, after", [
    (b"", b"garbage"), (b"", b"\0garbage"), (b"", None), (b"\xef\xbb\xbf", b""), (b" \n", b"\n \t")])
def test_more_or_less_than_one_document(world, film, before, after):
    data = go_json(hook(world))

    document = world.raw(before + data + (data if after is None else after))

    if "error" in document:
        assert document["error"].startswith(("plugin input: not JSON (at byte ", "plugin input: it contains a NUL"))
        assert "scene 45 is queued all the same" in document["error"]
        assert ready(world) == 1
    else:
        assert not after.strip()
        assert document["output"]["result"] in ("synced", "queued")


# --- members of the wrong type -------------------------------------------------------------------------


VALUES = [..., None, 5, 1e300, "", {"id": 7}]
CONNECTION = ["", ".Scheme", ".Port", ".SessionCookie", ".SessionCookie.Name", ".SessionCookie.Value", ".PluginDir"]


@pytest.mark.parametrize("member", ["server_connection" + name for name in CONNECTION])
def test_a_connection_of_the_wrong_type_loses_no_event(world, film, member):
    good = hook(world)
    for value in VALUES:
        if (member, value) == ("server_connection.Port", 5):
            continue
        document = world.raw(go_json(changed(good, member, value)))
        if member.endswith((".Scheme", ".Port")) and "error" in document:
            assert f"plugin input: {member}" in document["error"]
            assert "scene 45 is queued all the same" in document["error"]
            assert ready(world) == 1
        elif member == "server_connection":
            assert document["error"].startswith("plugin input: server_connection")
        else:
            assert document.get("output", {}).get("result") in ("synced", "unchanged", "queued"), (value, document)


@pytest.mark.parametrize("value", [..., 5])
def test_without_a_folder_the_scene_is_written_at_once(world, film, value):
    document = world.raw(go_json(changed(hook(world), "server_connection.Dir", value)))

    assert document["output"]["result"] == "synced"
    assert film.studio == "Northwind Pictures"


@pytest.mark.parametrize("member, words", [
    ("args", "plugin input: args"), ("args.hookContext", "plugin input: "),
    ("args.hookContext.id", "hookContext.id is not a usable id"), ("args.hookContext.type", "hookContext.type is ")])
def test_a_hook_that_names_no_scene_says_what_is_missing(world, film, member, words):
    good = hook(world)
    for value in VALUES:
        if member.endswith(".id") and value == 5:
            continue
        document = world.raw(go_json(changed(good, member, value)))
        assert words in document["error"], (value, document)
        assert ready(world) == 0


@pytest.mark.parametrize("member", ["args.hookContext.input", "args.hookContext.inputFields"])
def test_the_input_of_a_hook_may_be_anything(world, film, member):
    good = hook(world)
    for value in VALUES + ["a" * 9999, [None, 5, "x", {"id": []}, {"id": {}}], {"id": [45]}, {"ids": {}}]:
        document = world.raw(go_json(changed(good, member, value)))
        assert document["output"]["scene_id"] == "45", (value, document)


@pytest.mark.parametrize("number, known", [("45", True), ("045x", False), (0, False), (1e300, False)])
def test_the_id_of_a_scene_is_a_number(world, film, number, known):
    text = json.dumps(hook(world, id=number)).encode()

    document = world.raw(text)

    assert ("output" in document) == known
    assert known or "hookContext.id is not a usable id" in document["error"]


@pytest.mark.parametrize("kind", ["Gallery.Update.Post", "scene.update.post"])
def test_a_hook_of_another_kind_is_not_ours(world, film, kind):
    error = world.raw(go_json(hook(world, type=kind)))["error"]

    assert "hookContext.type is unknown" in error and kind in error
    assert ready(world) == 0


def test_more_scenes_than_any_edit_names_is_an_error_that_keeps_its_own(world, film):
    document = world.raw(go_json(hook(world, input={"ids": list(range(1, 200_002))})))

    assert "200001 scenes" in document["error"]
    assert ready(world) == 1


# --- large and deep ---------------------------------------------------------------------------------------


def test_a_cover_of_five_megabytes_is_no_trouble(world, film):
    run = world.save(45, cover=b"\xff\xd8\xff" + b"\x5a" * (5 * MIB), details="By the sea.")

    assert len(run.stdin) > 6 * MIB
    assert run.output["scene_id"] == "45" and run.error is None


def test_more_than_64_mebibytes_is_refused_and_the_scene_queued(world, film):
    head, tail = go_json(hook(world, input={"id": "45", "cover_image": "@"})).split(b"@")

    document = world.raw(head + b"A" * (64 * MIB) + tail)

    assert "plugin input: longer than 64 MiB" in document["error"]
    assert "scene 45 is queued all the same" in document["error"]
    assert ready(world) == 1


def test_an_input_that_is_too_deep_is_refused_and_the_scene_queued(world, film):
    deep = []
    for _ in range(100):
        deep = [deep]

    document = world.raw(go_json(hook(world, input={"id": "45", "custom_fields": deep})))

    assert "nested deeper than 64 levels" in document["error"]
    assert ready(world) == 1


@pytest.mark.parametrize("text", ["a\0b", "lone \\ud800", "ctl \x01\x1f"])
def test_odd_characters_in_the_input_lose_no_event(world, film, text):
    data = json.dumps(hook(world, input={"id": "45", "title": "@"})).replace("@", text).encode()

    document = world.raw(data)

    assert document.get("output", {}).get("scene_id") == "45" or "scene 45 is queued" in document["error"]


def test_another_scenes_id_in_the_input_is_not_taken_for_the_hooks(world, film):
    """The document breaks off before the hook's own id."""
    data = go_json(hook(world, input={"id": "7", "type": "Scene.Update.Post"})).replace(b'"id":45,', b"")

    world.raw(data[:-2])

    assert ready(world) == 0


# --- tasks and operations -----------------------------------------------------------------------------------


@pytest.mark.parametrize("args, words", [
    ({}, "args.mode is missing"), ({"mode": "dance"}, 'args.mode: "dance"'), ({"mode": "x" * 5000}, "args.mode"),
    ({"mode": "sync-scene"}, "scene_id"), ({"mode": "sync-scene", "scene_id": 4.5}, "args.scene_id is not a scene id"),
    ({"mode": "sync-scene", "scene_id": 45, "dry_run": "perhaps"}, "args.dry_run is neither true nor false"),
    ({"mode": "sync-scene", "scene_id": 45, "force": 2}, "args.force is neither true nor false"),
    ({"mode": "status", "dry_run": True}, "status takes neither dry_run nor force"),
    ({"mode": "clear-cache", "library": "Nowhere"}, "Nowhere"),
])
def test_a_task_with_wrong_arguments_says_which(world, film, args, words):
    assert words in world.raw(go_json(world.stdin(**args)))["error"]
    assert ready(world) == 0


@pytest.mark.parametrize("args", [
    {"scene_id": 45}, {"scene_id": "45"}, {"scene_id": 45.0}, {"scene_id": "45", "dry_run": "false", "force": "false"},
    {"scene_id": 45, "force": None, "unknown": [1]}, {"scene_id": 45, "dry_run": 0}])
def test_arguments_are_read_as_stash_may_write_them(world, film, args):
    assert world.raw(go_json(world.stdin(mode="sync-scene", **args)))["output"]["result"] == "synced"
