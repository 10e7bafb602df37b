"""PlexSync at a terminal, or started by cron: verbs, options, environment, exit status."""

import json
import os
import pty
import re
import subprocess

import pytest
from conftest import EXECUTABLE, TOKEN

VERBS = ["sync-scene", "drain", "tick", "status", "retry-failed", "clear-failed", "clear-queue", "clear-cache",
         "rebuild-index"]


def known(world, number=45, name="Harbour Lights", **values):
    """A film that both have, in the index; returns the item."""
    item = world.film(number, name, **{"title": name, **values})
    world.index()
    return item


def run(world, *args, **env):
    """A verb, with the address of Stash and the state given as options."""
    return world.plexsync(args[0], "--stash-url", world.stash.url, "--state", str(world.state), *args[1:], env=env)


def output(done):
    """The JSON document on stdout."""
    return json.loads(done.stdout)


def last_line(done):
    """The last line of the log, without its prefix."""
    return done.stderr.decode().splitlines()[-1][3:]


def files_of(folder):
    """The content of every file below a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "lock" not in path.name}


# --- the verbs -----------------------------------------------------------------------------------------


def test_sync_scene_pushes_the_scene(world):
    item = known(world, details="By the sea.")

    done = run(world, "sync-scene", "--scene", "45")

    assert done.returncode == 0
    assert item.summary == "By the sea."
    assert b'Scene 45 "Harbour Lights": wrote summary in Films item 1' in done.stderr
    assert world.queue() == (0, 0, 0)


def test_an_unchanged_scene_is_done_too(world):
    known(world)
    world.save(45, details="By the sea.")

    done = run(world, "sync-scene", "--scene", "45", "--json")

    assert (done.returncode, output(done)["result"]) == (0, "unchanged")


def test_a_dry_run_says_what_it_would_write_and_writes_nothing(world):
    item = known(world, details="By the sea.", tags=["Boats"])
    world.save(45, title="Harbour Lights")
    world.stash.library.update_scene(45, {"details": "At night."})
    world.operation("status")
    world.clear()
    before = files_of(world.state / "queue")

    done = run(world, "sync-scene", "--scene", "45", "--dry-run", "-v", "--json")

    assert done.returncode == 0
    assert (output(done)["result"], output(done)["fields"], output(done)["dry_run"]) == ("synced", ["summary"], True)
    assert 'Scene 45 "Harbour Lights": would write summary in Films item 1' in done.stderr.decode()
    assert not world.plex.writes
    assert item.summary == "By the sea."
    assert files_of(world.state / "queue") == before


def test_after_a_dry_run_the_real_one_still_writes_everything(world):
    item = known(world, details="By the sea.")

    dry = run(world, "sync-scene", "--scene", "45", "--dry-run", "--json")
    real = run(world, "sync-scene", "--scene", "45", "--json")

    assert output(dry)["fields"] == output(real)["fields"] == ["summary"]
    assert item.summary == "By the sea."
    assert world.status()["totals"]["synced"] == 1


def test_a_dry_run_leaves_a_queued_scene_queued(world):
    known(world, details="By the sea.")
    world.queue_only(45)

    run(world, "sync-scene", "--scene", "45", "--dry-run")

    assert world.queue() == (1, 0, 0)


def test_force_overrides_what_was_edited_in_plex(world):
    item = known(world)
    world.save(45, details="By the sea.")
    item.edit(summary="Somebody's words.")

    kept = output(run(world, "sync-scene", "--scene", "45", "--json"))
    forced = output(run(world, "sync-scene", "--scene", "45", "--json", "--force"))

    assert (kept["result"], kept["kept"]) == ("unchanged", ["summary"])
    assert (forced["result"], forced["fields"]) == ("synced", ["summary"])
    assert item.summary == "By the sea."


def test_a_forced_push_that_has_to_wait_stays_forced(world):
    item = known(world)
    world.save(45, details="By the sea.")
    item.edit(summary="Somebody's words.")
    item.fail_detail = 500
    assert run(world, "sync-scene", "--scene", "45", "--force").returncode == 1
    item.fail_detail = None

    world.save(45, title="Harbour Lights II")

    assert (item.title, item.summary) == ("Harbour Lights II", "By the sea.")


def test_a_forced_dry_run_writes_nothing(world):
    item = known(world)
    world.save(45, details="By the sea.")
    item.edit(summary="Somebody's words.")

    done = run(world, "sync-scene", "--scene", "45", "--json", "--force", "--dry-run")

    assert output(done)["fields"] == ["summary"]
    assert item.summary == "Somebody's words."


def test_drain_from_cron_does_what_is_due(world):
    item = known(world, details="By the sea.")
    world.queue_only(45)

    done = run(world, "drain")

    assert done.returncode == 0
    assert b"Queue: 1 written" in done.stderr
    assert item.summary == "By the sea."


def test_tick_from_cron_asks_stash_for_the_task(world):
    item = known(world, details="By the sea.")
    world.queue_only(45)

    before = run(world, "tick", "--json")
    world.later(61)
    after = run(world, "tick", "--json", PLEXSYNC_TEST_CLOCK="61000")
    world.tasks()

    assert output(before) == {"asked": False}
    assert output(after) == {"asked": True}
    assert item.summary == "By the sea."


def test_status_needs_no_stash(world):
    known(world)
    world.save(45, details="By the sea.")
    world.stash.go_down()

    done = run(world, "status", "--json")
    world.stash.restart()

    assert done.returncode == 0
    assert output(done)["totals"]["synced"] == 1


def test_clear_cache_of_one_library(world):
    known(world)
    world.save(45, details="By the sea.")

    done = run(world, "clear-cache", "--library", "films", "--json")
    unknown = run(world, "clear-cache", "--library", "Filme")

    assert output(done) == {"matches": 1}
    assert unknown.returncode == 2
    assert 'the index knows no library "Filme"' in last_line(unknown)


def test_clear_failed_takes_days(world):
    known(world).fail_edit = 400
    world.save(45, details="By the sea.")

    kept = run(world, "clear-failed", "--days", "1", "--json")
    cleared = run(world, "clear-failed", "--json")

    assert (output(kept), output(cleared)) == ({"cleared": 0}, {"cleared": 1})


# --- exit status -----------------------------------------------------------------------------------------


def test_a_scene_that_plex_does_not_have_is_exit_1(world):
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=46, size=2, title="Low Tide")
    world.index()

    done = run(world, "sync-scene", "--scene", "46", "--json")

    assert (done.returncode, output(done)["result"]) == (1, "not_found")
    assert world.queue() == (0, 1, 0)


def test_an_ambiguous_scene_is_exit_1(world):
    world.films.add_item(file="/data/films/old/Low Tide.mp4", size=1)
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=46, size=2, title="Low Tide")
    world.index()

    done = run(world, "sync-scene", "--scene", "46", "--json")

    assert (done.returncode, output(done)["result"]) == (1, "ambiguous")
    assert output(done)["candidates"] == [{"key": "1", "library": "Films", "path": "/data/films/old/Low Tide.mp4"}]


def test_a_plex_that_is_down_is_exit_1_and_the_scene_stays_queued(world):
    known(world)
    world.plex.stop()

    done = run(world, "sync-scene", "--scene", "45")

    assert done.returncode == 1
    assert last_line(done).startswith("scene 45: Plex: http://127.0.0.1:")
    assert not done.stdout
    assert world.queue() == (1, 0, 0)


def test_a_stash_that_is_down_is_exit_1(world):
    done = world.plexsync("sync-scene", "--scene", "45", "--stash-url", "http://127.0.0.1:9", "--state",
                          str(world.state))

    assert done.returncode == 1
    assert "scene 45: Stash: http://127.0.0.1:9: " in last_line(done)


def test_a_scene_that_the_settings_leave_alone_is_exit_0(world):
    known(world)
    world.settings["sceneOnlyOrganized"] = True

    done = run(world, "sync-scene", "--scene", "45", "--json")

    assert (done.returncode, output(done)["result"]) == (0, "ignored")
    assert "sceneOnlyOrganized" in output(done)["reason"]


def test_a_scene_that_somebody_else_pushes_at_this_moment_is_exit_1(world):
    item = known(world, details="By the sea.")
    held = world.hold_plex()

    first = world.meanwhile(run, world, "sync-scene", "--scene", "45", "--json")
    held.wait()
    second = run(world, "sync-scene", "--scene", "45", "--json")
    held.release()

    assert (second.returncode, output(second)["result"]) == (1, "queued")
    assert output(first())["result"] == "synced"
    world.tasks()
    assert item.summary == "By the sea."
    assert world.queue() == (0, 0, 0)


def test_a_drain_with_a_failed_scene_is_exit_1(world):
    known(world).fail_edit = 400
    world.stash.library.update_scene(45, {"details": "By the sea."})
    world.queue_only(45)

    done = run(world, "drain", "--json")

    assert (done.returncode, output(done)["failed"]) == (1, 1)


def test_a_drain_with_a_wrong_token_is_exit_1(world):
    known(world)
    world.queue_only(45)
    world.plex.token = "changed-in-plex"

    done = run(world, "drain")

    assert done.returncode == 1
    assert "connectToken" in last_line(done)


# --- usage ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(world, verb):
    done = world.plexsync(verb, "--help")

    assert done.returncode == 0
    assert done.stdout.decode().startswith(f"plexsync {verb}: ")
    assert b"--stash-url URL" in done.stdout
    assert not done.stderr


def test_the_general_help_names_every_verb(world):
    for option in ("--help", "-h"):
        done = world.plexsync(option)
        assert done.returncode == 0
        assert not [verb for verb in VERBS if verb not in done.stdout.decode()]


def test_the_version_is_the_manifests(world):
    done = world.plexsync("--version")

    version = re.search(r"^version: (.*)$", (world.plugins / "plexsync/plexsync.yml").read_text(), re.M).group(1)
    assert (done.returncode, done.stdout.decode()) == (0, f"plexsync {version}\n")


@pytest.mark.parametrize("args, message", [
    (["sync-scenes"], '"sync-scenes" is not a verb of plexsync'),
    ([""], '"" is not a verb of plexsync'),
    (["--nonsense"], '"--nonsense" is not a verb of plexsync'),
    (["status", "--nonsense"], "plexsync status: unknown option"),
    (["status", "-x"], "plexsync status: unknown option"),
    (["status", "--state"], "plexsync status: unknown option, or its value is missing"),
    (["status", "--json=yes"], "plexsync status: unknown option"),
    (["status", "now"], '"now" is unexpected here'),
    (["status", "--scene", "45"], "status does not take --scene"),
    (["status", "--dry-run"], "status does not take --dry-run"),
    (["drain", "--force"], "drain does not take --force"),
    (["drain", "--days", "2"], "drain does not take --days"),
    (["clear-queue", "--library", "Films"], "clear-queue does not take --library"),
    (["sync-scene"], "which scene?"),
    (["sync-scene", "--scene"], "unknown option, or its value is missing"),
    (["sync-scene", "--scene", "0"], "--scene: 0 is not a scene"),
    (["sync-scene", "--scene", "-5"], '--scene: "-5" is not a number'),
    (["sync-scene", "--scene", "4 5"], '--scene: "4 5" is not a number'),
    (["sync-scene", "--scene", "99999999999999999999"], "is not a number"),
    (["clear-failed", "--days", "two"], '--days: "two" is not a number'),
    (["clear-failed", "--days", "99999999"], "days"),
    (["status", "--stash-url", "localhost:9999"], "--stash-url is not an address"),
    (["status", "--plex-url", "ftp://127.0.0.1"], "--plex-url is not an address"),
    (["status", "--plex-url", "http://127.0.0.1/?X-Plex-Token=abc"], "--plex-url is not an address"),
    (["status", "--plex-token-file", "/nonexistent/token"], "/nonexistent/token"),
    (["status", "--stash-api-key-file", "/nonexistent/key"], "/nonexistent/key"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_wrong_usage_is_exit_2_and_says_what_is_wrong(world, args, message):
    done = world.plexsync(*args, env={"PLEXSYNC_STATE": str(world.state)})

    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert not done.stdout
    assert len(done.stderr.splitlines()) == 1


def test_without_any_state_the_message_says_what_to_give(world):
    done = world.plexsync("status", env={"HOME": str(world.folder)})

    assert done.returncode == 2
    assert "--state DIR" in last_line(done)


# --- where things are ------------------------------------------------------------------------------------


def test_the_state_is_found_in_stashs_default_folder(world):
    known(world)
    world.save(45, details="By the sea.")
    (world.folder / ".stash").symlink_to(world.config)

    done = world.plexsync("status", "--json", env={"HOME": str(world.folder)})

    assert output(done)["totals"]["synced"] == 1


def test_the_environment_tells_what_no_option_does(world):
    item = known(world, details="By the sea.")

    done = world.plexsync("sync-scene", "--scene", "45", env={
        "PLEXSYNC_STASH_URL": world.stash.url + "/", "PLEXSYNC_STATE": str(world.state)})

    assert done.returncode == 0
    assert item.summary == "By the sea."


def test_options_go_over_the_environment(world):
    item = known(world, details="By the sea.")

    done = run(world, "sync-scene", "--scene", "45", "--plex-url", world.plex.url,
               PLEXSYNC_STASH_URL="http://127.0.0.1:9", PLEXSYNC_PLEX_URL="http://127.0.0.1:9",
               PLEXSYNC_STATE=str(world.folder / "other"))

    assert done.returncode == 0
    assert item.summary == "By the sea."
    assert not (world.folder / "other").exists()


def test_an_empty_variable_counts_as_none(world):
    known(world, details="By the sea.")

    done = run(world, "sync-scene", "--scene", "45", PLEXSYNC_PLEX_URL="", PLEXSYNC_PLEX_TOKEN="",
               PLEXSYNC_STASH_API_KEY="", PLEXSYNC_STASH_URL="", PLEXSYNC_STATE="")

    assert done.returncode == 0


def test_plex_and_its_token_may_be_given_in_place_of_the_settings(world):
    item = known(world, details="By the sea.")
    world.settings.update(connectUrl="http://127.0.0.1:9", connectToken="old-token-5tY8")
    token = world.folder / "token"
    token.write_text(TOKEN + "\n")

    by_option = run(world, "sync-scene", "--scene", "45", "--plex-url", world.plex.url + "/", "--plex-token-file",
                    str(token))
    by_environment = run(world, "sync-scene", "--scene", "45", PLEXSYNC_PLEX_URL=world.plex.url,
                         PLEXSYNC_PLEX_TOKEN=TOKEN)

    assert (by_option.returncode, by_environment.returncode) == (0, 0)
    assert item.summary == "By the sea."


@pytest.mark.parametrize("world", [{"stash_username": "ana", "stash_api_key": "api-key-77aaBB"}], indirect=True)
def test_a_stash_with_a_password_wants_the_api_key(world):
    world.secrets.add("api-key-77aaBB")
    known(world, details="By the sea.")
    key = world.folder / "key"
    key.write_text("api-key-77aaBB\n")

    without = run(world, "sync-scene", "--scene", "45")
    by_file = run(world, "sync-scene", "--scene", "45", "--stash-api-key-file", str(key), "-v")
    by_environment = run(world, "sync-scene", "--scene", "45", "-v", PLEXSYNC_STASH_API_KEY="api-key-77aaBB")
    wrong = run(world, "sync-scene", "--scene", "45", PLEXSYNC_STASH_API_KEY="another-key-66")

    assert "Stash refuses the session (HTTP 401)" in last_line(without)
    assert "Stash refuses the API key (HTTP 401)" in last_line(wrong)
    assert [done.returncode for done in (without, by_file, by_environment, wrong)] == [1, 0, 0, 1]


def test_the_environment_of_stash_does_not_mislead_a_hook(world):
    item = known(world)
    world.stash.host.environ.update({
        "PLEXSYNC_STASH_URL": "http://127.0.0.1:9", "PLEXSYNC_STASH_API_KEY": "wrong-key-1",
        "PLEXSYNC_PLEX_URL": "http://127.0.0.1:9", "PLEXSYNC_PLEX_TOKEN": "wrong-token-1",
        "http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9"})

    saved = world.save(45, details="By the sea.")

    assert saved.output["result"] == "synced"
    assert item.summary == "By the sea."


def test_the_state_of_a_hook_may_be_elsewhere(world):
    known(world)
    elsewhere = world.folder / "elsewhere/deep"
    world.stash.host.environ["PLEXSYNC_STATE"] = str(elsewhere)
    world.index()

    world.save(45, details="By the sea.")

    assert (elsewhere / "queue/data.mdb").stat().st_mode & 0o777 == 0o600
    assert elsewhere.stat().st_mode & 0o777 == 0o700


# --- how it looks ------------------------------------------------------------------------------------------


def on_a_terminal(world, *args):
    """(exit status, what the terminal shows) of a verb whose outputs are a terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, **world.environment()}
    with subprocess.Popen([EXECUTABLE, args[0], "--stash-url", world.stash.url, "--state", str(world.state), *args[1:]],
                          stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        try:
            while data := os.read(ours, 65536):
                shown += data
        except OSError:     # Linux's word for the end of a terminal
            pass
    os.close(ours)
    return process.returncode, shown.decode().replace("\r\n", "\n")


def test_on_a_terminal_the_log_is_plain_text(world):
    known(world, details="By the sea.")

    status, shown = on_a_terminal(world, "sync-scene", "--scene", "45", "-v")

    assert status == 0
    assert "\x01" not in shown and "\x02" not in shown
    assert '\nScene 45 "Harbour Lights": wrote summary in Films item 1\n' in "\n" + shown
    assert "\nsync_scene took " in "\n" + shown
    assert shown.count("wrote summary") == 1 and "result" not in shown


def test_without_v_a_terminal_shows_no_timing(world):
    known(world, details="By the sea.")

    _, shown = on_a_terminal(world, "sync-scene", "--scene", "45")

    assert "sync_scene took" not in shown


def test_on_a_terminal_an_error_is_called_one_and_no_progress_is_shown(world):
    known(world)
    world.queue_only(45)
    world.plex.stop()

    status, shown = on_a_terminal(world, "drain")

    assert status == 1
    assert shown.splitlines()[-1].startswith("error: The queue is kept: scene 45: Plex: ")
    assert "0.5" not in shown


def test_control_characters_of_a_title_do_not_reach_the_terminal(world):
    known(world, title="Harbour \x1b]0;hello\x07 Lights\x9b31m", details="By the sea.")

    status, shown = on_a_terminal(world, "sync-scene", "--scene", "45")

    assert status == 0
    assert not set(shown) & set("\x1b\x07\x9b")


def test_nor_do_those_of_a_file_name(world):
    path = "/data/films/Low \x1b]0;hello\x07\nqueue: \nTide.mp4"
    world.stash.library.add_scene(path, number=46, size=2, title="Low Tide")
    world.index()
    world.queue_only(46)
    world.drain()

    _, shown = on_a_terminal(world, "status")

    assert "Low " in shown
    assert not set(shown) & set("\x1b\x07")
    assert "\nqueue: " not in shown


def test_an_error_is_said_once(world):
    known(world).fail_edit = 400
    world.stash.library.update_scene(45, {"details": "By the sea."})

    done = run(world, "sync-scene", "--scene", "45")

    assert done.returncode == 1
    assert done.stderr.decode().count("HTTP 400") == 1


def test_piped_the_log_is_in_stashs_format(world):
    known(world, details="By the sea.")

    done = run(world, "sync-scene", "--scene", "45", "-v")

    assert b'\x01i\x02Scene 45 "Harbour Lights": wrote summary in Films item 1\n' in done.stderr


def test_the_log_is_the_answer(world):
    """Every verb says in at least one line what came of it; stdout is empty without --json."""
    known(world, details="By the sea.")
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=46, size=2, title="Low Tide")
    told = {}

    for args in (("sync-scene", "--scene", "45"), ("sync-scene", "--scene", "45"),
                 ("sync-scene", "--scene", "46"), ("sync-scene", "--scene", "45", "--dry-run"), ("drain",), ("tick",),
                 ("sync-all",), ("sync-recent",), ("preview",), ("reconcile",), ("status",), ("doctor",),
                 ("explain", "--scene", "45"), ("rebuild-index",), ("retry-failed",), ("clear-failed",),
                 ("clear-queue",), ("clear-cache",)):
        done = run(world, *args)
        assert done.stdout == b"" and done.returncode in (0, 1), args
        told.setdefault(args, []).append(done.stderr.decode())
        assert told[args][-1], args

    assert told["sync-scene", "--scene", "45"][1] == "\x01i\x02Scene 45: nothing to write\n"
    assert "it waits until Plex has it" in told["sync-scene", "--scene", "46"][0]
    assert "Nothing is due" in told[("tick",)][0]
    assert "The library index holds 1 files" in told[("rebuild-index",)][0]
    assert "0 failed scenes are queued again" in told[("retry-failed",)][0]


def test_a_scene_that_is_left_alone_is_named_with_the_reason(world):
    known(world)
    world.settings["sceneOnlyOrganized"] = True

    done = run(world, "sync-scene", "--scene", "45")

    assert "Scene 45: ignored: " in done.stderr.decode() and "sceneOnlyOrganized" in done.stderr.decode()


def test_with_json_the_document_is_all_of_stdout(world):
    known(world)
    world.save(45, details="By the sea.")

    done = run(world, "status", "--json")

    assert output(done)["queue"]["ready"] == 0
    assert b"Queue: 0 due" in done.stderr
