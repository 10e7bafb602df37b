"""What PlexSync writes to stderr: Stash's lines, one write each, complete, and never forged by what
stands in a title."""

import fcntl
import json
import os
import re
import subprocess
import threading

import pytest
from conftest import EXECUTABLE, LOG_LINE

TIMING = r"sync_scene took \d+\.\d{3}s \[stash \d+\.\d{3} match \d+\.\d{3} plex_get \d+\.\d{3} plan \d+\.\d{3}"
MATCH = r"Match cache: \d+\.\d% hit rate \(\d+ hits, \d+ misses\)"
LIBRARY = r"Library cache: \d+\.\d% hit rate \(\d+ hits, \d+ misses\)"


def known(world, number=45, name="Harbour Lights", **values):
    """A film that both have, in the index; returns the item."""
    item = world.film(number, name, **{"title": name, **values})
    world.index()
    return item


def matching(run, pattern):
    """(level, text) of the log lines that match."""
    return [(level, text) for level, text in run.logs if re.fullmatch(pattern, text)]


# --- every line arrives ------------------------------------------------------------------------------


def test_the_last_line_is_not_lost_when_stash_reads_slowly(world):
    known(world)
    world.stash.host.lose_tail = True
    world.stash.host.stderr_delay = 0.02

    runs = [world.operation("status") for _ in range(5)]
    runs.append(world.save(45, details="By the sea."))

    assert [run.logs[-1][1].startswith("Scenes so far: ") for run in runs[:5]] == [True] * 5
    assert runs[-1].logs[-1][1].startswith("hook took ")


def test_a_reader_that_never_comes_back_costs_no_more_than_a_moment(world):
    known(world)
    world.stash.host.stderr_delay = 0.5

    run = world.operation("status")

    assert run.error is None
    assert run.output["queue"]["ready"] == 0


def test_every_line_is_one_write(world):
    known(world)
    title = "Harbour Lights " * 400

    packets = packets_of(world, hook_input(world, title=title, details="By the sea."))

    assert len(packets) >= 3
    assert all(LOG_LINE.fullmatch(packet) for packet in packets), packets


def hook_input(world, **values):
    """Changes the scene 45 and answers what its hook would read on stdin."""
    world.stash.library.update_scene(45, values)
    value = {"id": "45", **values}
    return json.dumps(world.stdin(hookContext={"id": 45, "type": "Scene.Update.Post", "input": value})).encode()


def packets_of(world, stdin):
    """What each write to stderr consisted of: a pipe in packet mode keeps them apart."""
    ours, theirs = os.pipe2(os.O_DIRECT | os.O_CLOEXEC)
    fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 1 << 20)
    packets = []

    def read():
        while packet := os.read(ours, 65536):
            packets.append(packet)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        subprocess.run([EXECUTABLE], input=stdin, stdout=subprocess.PIPE, stderr=theirs, timeout=30, check=True,
                       env={**os.environ, **world.environment()})
    finally:
        os.close(theirs)
        reader.join(10)
        os.close(ours)
    return packets


# --- hostile text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", [
    "Harbour Lights\n\x01e\x02everything is lost",
    "\x01p\x020.99\n",
    "Harbour\x1b[31m %s%n%d %\x00 Lights\u2028\u0085 \ufeff\r\n",
], ids=["forged", "progress", "odd"])
def test_no_title_can_forge_a_line(world, title):
    known(world)

    run = world.save(45, title=title, details="By the sea.")

    assert run.output["result"] == "synced"
    assert not run.text("error") + run.text("warning")
    assert not run.progress
    assert len([text for level, text in run.logs if level == "info"]) == 1


def test_a_title_of_100_kilobytes_does_not_break_the_line_limit(world):
    known(world)

    run = world.save(45, title="Harbour Lights \u00e9\u4e16\U0001f30a" * 4000, details="By the sea.")

    assert run.output["result"] == "synced"
    assert max(map(len, run.stderr.splitlines(keepends=True))) <= 4096
    run.stderr.decode("utf-8")


# --- nobody listens ----------------------------------------------------------------------------------


def piped(world, stdin, closed):
    """The executable with one of its outputs closed by the reader; the answer on stdout, if any."""
    process = subprocess.Popen([EXECUTABLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**os.environ, **world.environment()})
    getattr(process, closed).close()
    process.stdin.write(stdin)
    process.stdin.close()
    answer = b"" if closed == "stdout" else process.stdout.read()
    assert process.wait(30) == 0
    for pipe in (process.stdout, process.stderr):
        pipe.close()
    return answer


def test_when_stash_stops_reading_the_log_the_work_is_still_done(world):
    item = known(world)

    answer = piped(world, hook_input(world, details="By the sea."), "stderr")

    assert json.loads(answer)["output"]["result"] == "synced"
    assert item.summary == "By the sea."


def test_when_nobody_reads_the_answer_the_work_is_still_done(world):
    item = known(world)

    piped(world, hook_input(world, details="By the sea."), "stdout")

    assert item.summary == "By the sea."
    assert world.queue() == (0, 0, 0)


@pytest.mark.parametrize("closed", ["2>&-", "0<&- 1>&- 2>&-"])
def test_a_descriptor_that_is_not_open_spoils_no_file(world, closed):
    known(world)
    world.queue_only(45)
    world.stash.library.update_scene(45, {"details": "By the sea."})

    done = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", EXECUTABLE, "drain", "-v", "--stash-url",
                           world.stash.url, "--state", world.state], input=b"", capture_output=True,
                          env={**os.environ, **world.environment()}, timeout=30, check=False)

    assert done.returncode == 0, done.stderr
    for file in world.state.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert b"unchanged: 0" not in content and b"\x01d\x02" not in content, file.name
    assert world.queue() == (0, 0, 0)
    assert world.save(45, details="At night.").output["result"] == "synced"


# --- what is said, and at which level ------------------------------------------------------------------


def test_a_push_is_timed_step_by_step_at_debug_level(world):
    known(world)

    run = world.save(45, details="By the sea.", tags=["Boats"])

    assert matching(run, TIMING + r" plex_put \d+\.\d{3} plex_check \d+\.\d{3}\]")[0][0] == "debug"
    assert matching(run, r"hook took \d+\.\d{3}s \[queue \d+\.\d{3}\]")[0][0] == "debug"


def test_an_unchanged_scene_has_no_put_in_its_timing(world):
    known(world)
    world.save(45, details="By the sea.")

    run = world.save(45, details="By the sea.")

    assert matching(run, TIMING + r"\]")


def test_a_push_that_takes_longer_than_a_second_is_timed_at_info_level(world):
    known(world, details="By the sea.")
    world.queue_only(45)
    world.plex.fault(("PUT", ".*"), "hang_after_apply", seconds=1.1)

    drain = world.drain()

    [(level, text)] = matching(drain, r"sync_scene took .*")
    assert level == "info"
    assert re.fullmatch(TIMING + r" plex_put 1\.\d{3} plex_check \d\.\d{3}\]", text)
    assert matching(drain, r"drain took 1\.\d{3}s")[0][0] == "info"


def test_a_push_says_what_it_wrote_and_where(world):
    known(world)

    run = world.save(45, details="By the sea.", tags=["Boats"])

    assert run.text("info") == 'Scene 45 "Harbour Lights": wrote summary, tags in Films item 1'


def test_what_was_left_to_plex_is_said(world):
    item = known(world)
    world.save(45, details="By the sea.")
    item.edit(summary="Somebody's words.")

    run = world.save(45, title="Harbour Lights II")

    assert run.text("info") == 'Scene 45 "Harbour Lights II": wrote title in Films item 1; left to Plex: summary'


def test_after_ten_jobs_of_any_process_the_hit_rates_are_said(world):
    known(world)
    runs = [world.save(45, details=f"Part {n}.") for n in range(1, 21)]

    said = [n for n, run in enumerate(runs, 1) if matching(run, MATCH)]

    assert said == [10, 20]
    assert matching(runs[9], MATCH) == [("info", "Match cache: 90.0% hit rate (9 hits, 1 misses)")]
    assert matching(runs[9], LIBRARY) == [("debug", "Library cache: 100.0% hit rate (1 hits, 0 misses)")]
    assert matching(runs[19], MATCH) == [("info", "Match cache: 95.0% hit rate (19 hits, 1 misses)")]


def test_at_the_end_of_a_drain_the_hit_rates_are_said(world):
    known(world, details="By the sea.")
    world.queue_only(45)

    drain = world.drain()

    assert matching(drain, MATCH) == [("info", "Match cache: 0.0% hit rate (0 hits, 1 misses)")]
    assert matching(drain, LIBRARY) == [("debug", "Library cache: 100.0% hit rate (1 hits, 0 misses)")]


def test_a_long_drain_says_the_hit_rates_every_ten_jobs(world):
    for n in range(1, 26):
        world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", details="By the sea.")
    world.index()
    world.queue_only(*range(1, 26))

    drain = world.drain()

    # All of them were looked up before the first was done.
    assert [text for _, text in matching(drain, MATCH)] == ["Match cache: 0.0% hit rate (0 hits, 25 misses)"] * 3


def test_hidden_paths_are_in_no_line_and_in_no_list(world):
    world.settings["logHidePaths"] = True
    world.films.add_item(file="/data/films/old/Low Tide.mp4", size=1)
    for number, name in ((45, "Harbour Lights"), (46, "Night Ferry"), (47, "Low Tide")):
        world.stash.library.add_scene(f"/data/films/{name}.mp4", number=number, size=number)
    world.film(48, "High Tide")
    world.index()

    for number in (45, 46, 47, 48):
        world.save(number, details="By the sea.")
    world.tasks()
    world.drain()
    by_hand = world.operation("sync-scene", scene_id="47")
    run = world.operation("status")
    world.tasks()

    assert by_hand.output["candidates"][0]["path"] == "(path hidden)"
    assert {job["path"] for job in run.output["failed"] + run.output["unmatched"]} == {"(path hidden)"}
    assert len(run.output["failed"] + run.output["unmatched"]) == 3
    for run in world.runs:
        assert "/data/" not in run.text() + (run.error or "") + run.stdout.decode(), run.text()
        assert ".mp4" not in run.text()


def test_paths_that_are_not_hidden_are_said(world):
    world.stash.library.add_scene("/data/films/Low Tide.mp4", number=47, size=7, details="By the sea.")
    world.index()

    world.save(47, details="At sea.")
    [drain] = world.tasks()

    assert 'Scene 47 "/data/films/Low Tide.mp4": Plex does not have this file' in drain.text("info")
