"""The stand-in for Stash behaves as Stash does: every scenario of the plugin
relies on that. The plugins here are small scripts, thrown away afterwards."""

import json
import os
import socket
import textwrap
import threading
import time

import pytest
import requests

from tests.fake.manifest import ManifestError, Plugin, parse_yaml
from tests.fake.plugin_host import LineScanner, go_json, parse_output
from tests.fake.stash import StashError, StashServer as FakeStash

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS")
MANIFEST = """
    name: Demo
    description: >-
      A plugin that is thrown away
      after the test.
    exec: [{command}]
    interface: raw
    {more}
    tasks:
      - name: Process queue
        description: "Works: through everything"
        defaultArgs:
          mode: drain
          limit: 5
    hooks:
      - name: On change
        triggeredBy: [Scene.Create.Post, Scene.Update.Post, Scene.Destroy.Post, Performer.Update.Post,
                      Studio.Update.Post, Tag.Update.Post, Tag.Merge.Post, Group.Update.Post]
    settings:
      connectUrl:
        displayName: URL
        type: STRING
"""
SH = "#!/bin/sh\n"
PYTHON = "#!/usr/bin/env python3\nimport json, os, sys, time, urllib.request\n"
CALL = """
given = json.load(sys.stdin)
connection = given["server_connection"]
def call(query, **variables):
    request = urllib.request.Request(f"http://127.0.0.1:{connection['Port']}/graphql",
        json.dumps({"query": query, "variables": variables}).encode(),
        {"Content-Type": "application/json", "Cookie": "session=" + connection["SessionCookie"]["Value"]})
    return json.load(urllib.request.urlopen(request))["data"]
"""
HELLO = SH + "cat >/dev/null\necho '{\"output\":{\"said\":\"hello\"}}'\n"


def install(folder, script, name="demo", more="", manifest=MANIFEST):
    """A plugin in a folder of its own below the plugins folder."""
    place = folder / name
    place.mkdir(exist_ok=True)
    text = textwrap.dedent(manifest).replace("{command}", f"{name}-tool").replace("{more}", more)
    (place / f"{name}.yml").write_text(text.lstrip())
    (place / f"{name}-tool").write_text(script)
    (place / f"{name}-tool").chmod(0o755)
    return place


@pytest.fixture(name="folder")
def fixture_folder(tmp_path):
    """The plugins folder."""
    (tmp_path / "plugins").mkdir()
    return tmp_path / "plugins"


@pytest.fixture(name="start")
def fixture_start(folder):
    """Starts Stash with one plugin and one scene; checks that nothing is left."""
    started = []

    def start(script=HELLO, more="", **options):
        install(folder, script, more=more)
        stash = FakeStash(plugins=folder, **options).start()
        started.append(stash)
        stash.library.add_scene("/media/Harbour Lights.mp4", number=45, size=1234, title="Harbour Lights",
                                performers=["Ana Duarte"], studio="Northwind Pictures", tags=["Boats"],
                                groups=[("Harbour Trilogy", 1)])
        return stash
    yield start
    for stash in started:
        stash.close()
        assert stash.errors == []
        assert [run.orphans for run in stash.host.runs if run.orphans] == []


def ask(stash, query, headers=None, **variables):
    """A GraphQL request of a person."""
    return requests.post(f"{stash.url}/graphql", json={"query": query, "variables": variables}, timeout=20,
                         headers=headers or {}, verify=False)


def eventually(what, timeout=5):
    """Waits until a condition holds."""
    end = time.monotonic() + timeout
    while not (found := what()):
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.01)
    return found


# stdin

def test_stdin_is_one_document_in_gos_order_without_a_newline(start):
    stash = start(PYTHON + "print(json.dumps({'output': sys.stdin.read()}))")
    [run] = stash.update_scene(45, title="Lights & <Boats>\u2028", rating100=80)
    document = json.loads(run.stdin)
    assert run.output.encode() == run.stdin and not run.stdin.endswith(b"\n")
    assert list(document) == ["server_connection", "args"]
    assert list(document["server_connection"]) == ["Scheme", "Host", "Port", "SessionCookie", "Dir", "PluginDir"]
    assert list(document["server_connection"]["SessionCookie"]) == [
        "Name", "Value", "Path", "Domain", "Expires", "RawExpires", "MaxAge", "Secure", "HttpOnly", "SameSite", "Raw",
        "Unparsed"]
    assert b'"title":"Lights \\u0026 \\u003cBoats\\u003e\\u2028"' in run.stdin and b'"rating100":80' in run.stdin
    hook = run.args["hookContext"]
    assert list(hook) == ["id", "type", "input", "inputFields"]
    assert hook["id"] == 45 and hook["type"] == "Scene.Update.Post" and "mode" not in run.args
    assert hook["input"]["id"] == "45" and hook["input"]["details"] is None and "studio_id" in hook["input"]
    assert sorted(hook["inputFields"]) == ["id", "rating100", "title"]


def test_cookie_and_host_variants(start):
    stash = start(reported_host="::")
    stash.cookie_extras = True
    [run] = stash.update_scene(45, title="x")
    assert run.connection["Host"] == "::" and run.connection["SessionCookie"]["Quoted"] is False
    stash.no_cookie, stash.reported_host = True, ""
    [run] = stash.update_scene(45, title="y")
    assert run.connection["SessionCookie"] is None and run.connection["Host"] == ""


def test_go_json_replaces_what_is_no_utf8():
    assert go_json({"a": "\udcff", "b": 2.0, "c": [0.5, None, True]}) == b'{"a":"\\ufffd","b":2,"c":[0.5,null,true]}'


def test_fields_come_in_random_order(start):
    stash = start()
    orders = {tuple(stash.update_scene(45, title=str(i), code="c", details="d")[0].args["hookContext"]["inputFields"])
              for i in range(12)}
    assert len(orders) > 1


def test_a_plugin_that_does_not_read_stdin_earns_a_warning(start):
    stash = start(SH + "exit 0\n")
    [run] = stash.identify(45, cover=os.urandom(3_000_000))
    assert run.error is None and len(run.stdin) > 4_000_000
    assert "error writing input to plugins stdin" in stash.log_text("warning")


def test_environment_folder_and_arguments_are_those_of_stash(start):
    stash = start(SH + "cat >/dev/null\nprintf '%s %s %s' \"$PWD\" \"$0\" \"$PLANET\"\n")
    stash.host.environ["PLANET"] = "Mars"
    [run] = stash.update_scene(45, title="x")
    assert run.output == f"{os.getcwd()} {run.argv[0]} Mars" and run.argv[0].endswith("/demo/demo-tool")


def test_path_is_searched_before_the_plugins_folder(start, tmp_path, monkeypatch):
    stash = start(SH + "echo folder")
    (tmp_path / "demo-tool").write_text(SH + "echo path")
    (tmp_path / "demo-tool").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    [run] = stash.update_scene(45, title="x")
    assert run.output == "path\n" and run.argv == ["demo-tool"]


# stdout and exit

@pytest.mark.parametrize("stdout, error, output", [
    ('{"output": {"a": 1}}', None, {"a": 1}),
    ('{"OUTPUT": 9007199254740993, "Error": null}\n', None, 9007199254740992),
    ('{"error": "no such item"}', "no such item", None),
    ('{"output": 1} x', None, '{"output": 1} x'),
    ('{"error": 5, "output": 1}', None, '{"error": 5, "output": 1}'),
    ("[1]", None, "[1]"), ("", None, ""), ("null", None, None),
])
def test_what_counts_as_an_output(stdout, error, output):
    assert parse_output(stdout.encode()) == (error, output)


@pytest.mark.parametrize("script, error", [
    ("echo '{\"output\":1}'; exit 3", "exit status 3"),
    ("echo '{\"error\":\"mine\"}'; exit 3", "mine"),
    ("kill -SEGV $$", "signal: segmentation fault"),
    ("echo hello", None),
])
def test_how_it_ended_counts_only_if_the_plugin_said_nothing(start, script, error):
    stash = start(SH + "cat >/dev/null\n" + script + "\n")
    [run] = stash.update_scene(45, title="x")
    assert run.error == error
    assert (f"Scene.Update.Post [Demo]: returned error: {error}" in stash.log_text("error")) == (error is not None)


def test_large_stdout_and_stderr_do_not_block_each_other(start):
    stash = start(PYTHON + "for i in range(200):\n sys.stderr.write('\\x01i\\x02' + 'e' * 20000 + '\\n')\n"
                           " sys.stderr.flush()\n sys.stdout.write('o' * 20000)\n")
    [run] = stash.update_scene(45, title="x")
    assert len(run.output) == 4_000_000 and run.error is None and len(run.logs) >= 190


def test_stdout_held_by_a_child_blocks_and_stderr_does_not(start):
    stash = start(SH + "cat >/dev/null\nsleep 0.4 2>/dev/null &\n")
    [run] = stash.update_scene(45, title="x")
    assert run.duration > 0.35
    install_again(stash, SH + "cat >/dev/null\n(exec >/dev/null; sleep 0.4; echo late >&2; sleep 5) &\n")
    [run] = stash.update_scene(45, title="y")
    assert run.orphans and run.logs == [], "it is still to come"
    assert run.orphans_after(3) == [], "its first write to the closed pipe ends it"


def install_again(stash, script):
    """Another executable for the plugin that is loaded."""
    with open(os.path.join(stash.host.plugins[0].dir, "demo-tool"), "w", encoding="utf-8") as file:
        file.write(script)


# stderr

def test_levels_prefixes_and_progress(start):
    lines = [r"\x01t\x02trace", r"\x01d\x02debug", r"\x01i\x02  spaces  ", r"\x01w\x02warn\r", r"\x01e\x02oh",
             r"bare line", "", r"\x01i\x02", r"\x01q\x02what", r"\x01p\x020.42", r"\x01p\x020,5", r"\x01i\x02no end"]
    stash = start(PYTHON + "sys.stdin.read()\nsys.stderr.write('" + r"\n".join(lines) + "')\nsys.stderr.flush()\ntime.sleep(0.1)\n")
    [run] = stash.update_scene(45, title="x")
    assert run.logs == [("trace", "trace"), ("debug", "debug"), ("info", "spaces"), ("warning", "warn"), ("error", "oh"),
                        ("error", "bare line"), ("error", "\x01i\x02"), ("error", "\x01q\x02what"), ("info", "no end")]
    assert run.progress == [0.42]
    assert ("info", "[Plugin / Demo] spaces") in stash.log
    assert "Error parsing progress value '0,5'" in stash.log_text("error")


@pytest.mark.parametrize("level, shown", [("warning", [("warning", "bare")]), ("odd", [("error", "bare")])])
def test_err_log_is_the_level_of_bare_lines(start, level, shown):
    stash = start(SH + "cat >/dev/null\necho bare >&2\nsleep 0.1\n", more=f"errLog: {level}")
    [run] = stash.update_scene(45, title="x")
    assert run.logs == shown


@pytest.mark.parametrize("step", [1, 4096, 70000])
def test_a_line_of_64_kib_stops_the_scanner(step):
    def lines(size):
        scanner, data, found = LineScanner(), b"first\n" + b"x" * size + b"\nlast", []
        for at in range(0, len(data), step):
            found += scanner.feed(data[at:at + step])
        return [len(line) for line in found + scanner.finish()], scanner.overflow
    assert lines(65535) == ([5, 65535, 4], False)
    assert lines(65536) == ([5], True)


def test_a_line_too_long_ends_the_writer_with_sigpipe(start):
    write = "sys.stdin.read()\nfor size in (65535 - 3, 65536 - 3):\n os.write(2, b'\\x01i\\x02' + b'x' * size + b'\\n')\n"
    stash = start(PYTHON + "import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\n" + write
                  + " time.sleep(0.2)\nfor _ in range(3):\n os.write(2, b'more\\n')\n time.sleep(0.1)\n")
    [run] = stash.update_scene(45, title="x")
    assert run.stderr_overflow and run.error == "signal: broken pipe" and run.signal == 13
    assert [len(text) for _, text in run.logs] == [65532]


def test_the_tail_of_stderr_is_lost_unless_the_plugin_waits(start):
    drain = ("import fcntl, struct, termios\n"
             "while struct.unpack('i', fcntl.ioctl(2, termios.FIONREAD, b'1234'))[0]:\n time.sleep(0.001)\n")
    careless = PYTHON + "sys.stdin.read()\nos.write(2, b'\\x01i\\x02last words\\n')\nos._exit(0)\n"
    stash = start(careless)
    stash.host.stderr_delay = 0.4       # far longer than any exit takes, so that nothing here is luck
    assert stash.update_scene(45, title="x")[0].logs == []
    install_again(stash, careless.replace("os._exit(0)\n", drain))
    assert stash.update_scene(45, title="y")[0].logs == [("info", "last words")]
    install_again(stash, careless)
    stash.host.lose_tail = False
    assert stash.update_scene(45, title="z")[0].logs == [("info", "last words")]


# kills

def test_a_kill_hits_only_the_direct_child(start):
    stash = start(SH + "cat >/dev/null\nsleep 1 &\nwait\n")
    cancel = threading.Event()
    threading.Timer(0.2, cancel.set).start()
    [run] = stash.update_scene(45, cancel=cancel, title="x")
    assert run.cancelled
    assert run.orphans, "sleep lives on and holds stdout"
    run.join(5)
    assert run.signal == 9 and run.error == "signal: killed" and run.orphans_after() == []
    assert "error executing post hooks: operation cancelled" in stash.log_text("error")


@pytest.mark.parametrize("tls", [False, True])
def test_a_client_that_leaves_ends_the_hooks_of_a_bulk_edit(start, tls):
    stash = start(SH + "cat >/dev/null\nsleep 0.2\nexec sleep 30\n", tls=tls)
    scenes = [stash.library.add_scene(f"/media/{i}.mp4").id for i in range(3)]
    with pytest.raises(requests.Timeout):
        requests.post(f"{stash.url}/graphql", timeout=0.5, verify=False, json={
            "query": "mutation($i: BulkSceneUpdateInput!) { bulkSceneUpdate(input: $i) { id } }",
            "variables": {"i": {"ids": scenes, "rating100": 60}}})
    run = eventually(lambda: stash.host.runs and stash.host.runs[0].done.is_set() and stash.host.runs[0])
    assert run.signal == 9 and run.cancelled
    time.sleep(0.1)
    assert len(stash.host.runs) == 1, "the remaining hooks never run"
    assert all(stash.library.get("scene", scene).rating100 == 60 for scene in scenes), "but all are committed"
    assert stash.server_errors == []


# hooks

def test_arrays_bulk_and_destroy_inputs(start):
    stash = start()
    other = stash.library.add_scene("/media/Second.mp4", title="Second")
    runs = stash.update_scenes({45: {"title": "A"}, other: {"details": "B", "tags": ["Sea"]}})
    contexts = [run.args["hookContext"] for run in runs]
    assert [found["id"] for found in contexts] == [45, other.id]
    assert contexts[0]["input"] == contexts[1]["input"] and [found["id"] for found in contexts[0]["input"]] == ["45", str(other.id)]
    runs = stash.bulk_update_scenes([45, other], tag_ids={"ids": [1], "mode": "ADD"}, organized=True)
    assert [run.args["hookContext"]["input"] for run in runs] == [
        {"ids": ["45", str(other.id)], "organized": True, "tag_ids": {"ids": ["1"], "mode": "ADD"}}] * 2
    [run] = stash.destroy_scene(45, delete_file=True)
    hook = run.args["hookContext"]
    assert list(hook["input"]) == ["id", "delete_file", "delete_generated", "checksum", "oshash", "path"]
    assert hook["input"]["path"] == "/media/Harbour Lights.mp4" and "inputFields" not in hook
    [run] = stash.destroy_scenes([other])
    assert list(run.args["hookContext"]["input"]) == ["ids", "delete_file", "delete_generated", "checksum", "oshash", "path"]
    assert stash.library.all("scene") == [] and stash.library.add_scene("/media/n.mp4").id == other.id + 1


def test_hooks_of_scans_and_tasks(start):
    stash = start()
    [run] = stash.scan_new("/media/New.mp4", size=5)
    assert run.args["hookContext"] == {"id": 46, "type": "Scene.Create.Post", "input": None}
    [run] = stash.scan_changed(45, path="/media/Moved.mp4")
    assert run.args["hookContext"] == {"id": 45, "type": "Scene.Update.Post", "input": None}
    [run] = stash.create_scene(title="No file")
    assert run.args["hookContext"] == {"id": 47, "type": "Scene.Create.Post", "input": None}
    [run] = stash.clean_scene(46)
    assert run.args["hookContext"]["input"]["id"] == "" and run.args["hookContext"]["id"] == 46
    [run] = stash.identify(45, title="Found", performers=["Ana Duarte"], cover=b"\xff\xd8\xff" + bytes(2_000_000))
    assert run.args["hookContext"]["input"]["cover_image"].startswith("data:image/jpeg;base64,")
    assert run.args["hookContext"]["input"]["performer_ids"] == ["1"]
    [run] = stash.hook("Scene.Update.Post", 0)
    assert run.args["hookContext"] == {"type": "Scene.Update.Post", "input": None}


def test_hooks_of_what_scenes_refer_to(start):
    stash = start()
    scene = stash.library.get("scene", 45)
    before = scene.updated_at
    runs = [stash.update("performer", 1, name="Ana M. Duarte"), stash.update("studio", 1, name="Northwind"),
            stash.update("tag", 1, name="Ships"), stash.update("group", 1, name="Trilogy")]
    assert [run.trigger for [run] in runs] == ["Performer.Update.Post", "Studio.Update.Post", "Tag.Update.Post",
                                               "Group.Update.Post"]
    other = stash.library.add("tag", name="Vessels")
    [run] = stash.merge_tags([1], other)
    assert run.args["hookContext"]["input"] == {"source": ["1"], "destination": str(other.id)}
    assert [tag.name for tag in scene.tags] == ["Vessels"] and scene.updated_at == before
    assert scene.performers[0].name == "Ana M. Duarte"


def test_edits_that_no_plugin_hears_of(start):
    stash = start()
    library = stash.library
    other = library.add_scene("/media/Copy.mp4")
    library.merge_scenes(45, other.id)
    library.auto_tag(45, "Sea")
    library.rename("studio", 1, "Northwind")
    library.move_file(45, "/media/elsewhere.mp4")
    scene = library.get("scene", 45)
    assert len(scene.files) == 2 and scene.path == "/media/elsewhere.mp4" and scene.studio.name == "Northwind"
    assert library.get("scene", other.id) is None and stash.host.runs == []


def test_hooks_call_back_while_the_mutation_waits(start):
    stash = start(PYTHON + CALL + "print(json.dumps({'output': call('{ findScene(id: 45) { title } }')}))")
    answer = ask(stash, "mutation { sceneUpdate(input: {id: 45, title: \"New\"}) { title } }").json()
    assert answer == {"data": {"sceneUpdate": {"title": "New"}}}
    [run] = stash.host.runs
    assert run.output == {"findScene": {"title": "New"}} and run.operations == [["findScene"]]
    assert stash.graphql_operations == [["sceneUpdate"], ["findScene"]] or \
        stash.graphql_operations == [["findScene"], ["sceneUpdate"]]


def test_a_plugin_that_cannot_start_takes_the_later_ones_with_it(folder, start):
    bad = install(folder, HELLO, name="a-bad")
    (bad / "a-bad-tool").chmod(0o644)
    stash = start()
    assert [plugin.id for plugin in stash.host.plugins] == ["a-bad", "demo"]
    [run] = stash.update_scene(45, title="x")
    assert "permission denied" in run.error and "permission denied" in stash.log_text("error")
    stash.host.disabled.add("a-bad")
    assert [run.plugin.id for run in stash.update_scene(45, title="y")] == ["demo"]


# manifests

def test_manifests_are_read_strictly(folder):
    install(folder, HELLO)
    plugin = Plugin(str(folder / "demo" / "demo.yml"))
    assert plugin.manifest["description"] == "A plugin that is thrown away after the test."
    assert plugin.task("Process queue")["defaultArgs"] == {"mode": "drain", "limit": "5"}
    assert len(plugin.hooks_for("Group.Update.Post")) == 1 and plugin.settings["connectUrl"]["type"] == "STRING"
    for name, more in (("unknown", "color: red"), ("twice", "name: Again"), ("kind", "errLog: [a]"), ("colon", "url: a: b"),
                       ("setting", "settings: {x: {type: COLOR}}"), ("scalar", "tasks: all")):
        manifest = "name: x\nexec: [true]\n" + more + "\n"
        (folder / f"{name}.yml").write_text(manifest)
        with pytest.raises(ManifestError):
            Plugin(str(folder / f"{name}.yml"))
    (folder / "DEMO.yml").write_text("name: Same id\nexec: [true]\n")
    stash = FakeStash(plugins=folder)
    assert [plugin.id for plugin in stash.host.plugins] == ["DEMO"]
    assert stash.log_text("error").count("Error loading plugin") == 7
    stash.close()


def test_the_yaml_subset():
    text = """\
        # comment
        a: plain text  # comment
        'b c': "quoted: \\"x\\" \\u00e9"
        list:
        - one
        - two: 2
          three: [x, 'y, z', {k: v}]
        -
          - nested
        long: one
          two
        text: |
          line # kept
            deeper

        folded: >
          a
          b

          c
        empty:
        "/": url/with:colon and 'quote
        """
    assert parse_yaml(textwrap.dedent(text)) == {
        "a": "plain text", "b c": 'quoted: "x" é', "long": "one two", "text": "line # kept\n  deeper\n", "folded": "a b\nc\n",
        "list": ["one", {"two": "2", "three": ["x", "y, z", {"k": "v"}]}, ["nested"]], "empty": None,
        "/": "url/with:colon and 'quote"}
    for bad in ("a: b\n c: d", "\ta: b", "a: 'b", "a: [b", "a: &x b", "- a\nb: c", "a: b\n  - c: d"):
        with pytest.raises(ManifestError):
            parse_yaml(bad)


# tasks and operations

def test_a_task_gets_defaults_as_text_and_a_job(start):
    stash = start(SH + "cat >/dev/null\nprintf '\\001p\\0020.5\\n' >&2\nsleep 0.2\necho '{\"error\":\"half done\"}'\n")
    answer = ask(stash, "mutation($a: Map) { runPluginTask(plugin_id: \"demo\", task_name: \"Process queue\", args_map: $a) }",
                 a={"limit": 7}).json()
    assert answer == {"data": {"runPluginTask": "1"}}
    queue = "{ jobQueue { id status description addTime progress } }"
    job = eventually(lambda: [found for found in ask(stash, queue).json()["data"]["jobQueue"] if found["progress"]])[0]
    assert job["status"] == "RUNNING" and job["description"] == "Running plugin task: Process queue" and job["progress"] == 0.5
    [done] = stash.wait_jobs(5)
    assert done.run.args == {"limit": 7, "mode": "drain"} and done.status == "FINISHED" and done.run.progress == [0.5]
    assert "Plugin returned error: half done" in stash.log_text("error")
    assert ask(stash, queue).json()["data"]["jobQueue"] is None
    assert ask(stash, "{ findJob(input: {id: 1}) { status } }").json()["data"]["findJob"] == {"status": "FINISHED"}
    stash.run_task(description="By hand", mode="status")
    [done] = stash.wait_jobs(5)
    assert done.description == "Running plugin task: By hand" and done.run.args == {"mode": "status"}
    stash.run_task("No such task")
    [done] = stash.wait_jobs(5)
    assert done.status == "FAILED" and "no task with name" in done.error


def test_jobs_wait_while_held_and_are_lost_by_a_restart(start):
    stash = start(SH + "cat >/dev/null\necho $$ >&2\nexec sleep 30\n")
    stash.hold_jobs = True
    stash.run_task("Process queue")
    stash.run_task("Process queue")
    assert [job.status for job in stash.jobs.queued()] == ["READY", "READY"]
    stash.hold_jobs = False
    eventually(lambda: stash.host.runs and stash.host.runs[0].logs)
    assert [job.status for job in stash.jobs.queued()] == ["RUNNING", "READY"]
    port, run = stash.port, stash.host.runs[0]
    stash.restart()
    assert stash.port == port and stash.jobs.queued() == [] and run.orphans and not run.done.is_set(), "nobody killed it"
    stash.hold_jobs = True
    assert stash.run_task("Process queue").id == 1
    run.stop()
    assert run.join(5).signal == 9


def test_stop_job_kills_and_waiting_jobs_vanish(start):
    stash = start(SH + "cat >/dev/null\nexec sleep 30\n")
    first, second = stash.run_task("Process queue"), stash.run_task("Process queue")
    eventually(lambda: first.run)
    for job in (second, first):
        assert ask(stash, "mutation($i: ID!) { stopJob(job_id: $i) }", i=job.id).json()["data"]["stopJob"] is True
    stash.wait_jobs(5)
    assert (first.status, second.status, second.run) == ("CANCELLED", "CANCELLED", None)
    assert first.run.join(5).signal == 9


def test_operations_answer_at_once(start):
    stash = start(PYTHON + "given = json.load(sys.stdin)['args']\nprint(json.dumps({'error': given.get('fail'), 'output': given}))")
    query = "mutation($a: Map) { runPluginOperation(plugin_id: \"demo\", args: $a) }"
    assert ask(stash, query, a={"n": 9007199254740993, "x": [1.5]}).json()["data"]["runPluginOperation"] == {
        "n": 9007199254740992, "x": [1.5]}
    answer = ask(stash, query, a={"fail": "not today"})
    assert answer.status_code == 200 and answer.json()["errors"][0]["message"] == "not today"
    assert stash.server_errors == ["runPluginOperation: not today"]
    assert stash.run_operation(mode="status").output == {"mode": "status"}
    assert "Internal system error" in ask(stash, query.replace("demo", "nobody")).json()["errors"][0]["message"]


def test_a_hook_may_queue_a_task_and_must_not_wait_for_it(start):
    stash = start(PYTHON + CALL + "if 'hookContext' in given['args']:\n"
                  " print(call('mutation { runPluginTask(plugin_id: \"demo\", task_name: \"Process queue\") }'))\n")
    stash.update_scene(45, title="x")
    [job] = stash.wait_jobs(5)
    assert job.run.args["mode"] == "drain" and job.run.error is None


# sessions

def test_sessions_and_keys(start):
    stash = start(username="keeper", api_key="sesame")
    query = "{ version { version } }"
    [run] = stash.update_scene(45, title="x")
    cookie = {"Cookie": f"session={run.connection['SessionCookie']['Value']}"}
    first = ask(stash, query, cookie)
    assert first.status_code == 200 and first.cookies["session"] != run.connection["SessionCookie"]["Value"]
    assert ask(stash, query, cookie).status_code == 200, "the old value is still valid"
    assert ask(stash, query, {"ApiKey": "sesame"}).status_code == 200
    assert ask(stash, query, {"ApiKey": "guess", **cookie}).status_code == 401
    assert ask(stash, query).status_code == 401
    page = requests.get(f"{stash.url}/scene/45/screenshot", allow_redirects=False, timeout=5)
    assert page.status_code == 302 and page.headers["Location"].startswith("/login")
    assert requests.get(f"{stash.url}/a.js", timeout=5).status_code == 401
    stash.expire_sessions()
    assert ask(stash, query, cookie).status_code == 401
    assert len(run.cookies) == 3 and len(run.requests) == 3


def test_old_cookies_can_be_made_to_die_early(start):
    stash = start(username="keeper")
    stash.sessions.grace = 0
    query, cookie = "{ version { version } }", stash.login()
    fresh = ask(stash, query, cookie)
    assert ask(stash, query, cookie).status_code == 401
    assert ask(stash, query, {"Cookie": f"session={fresh.cookies['session']}"}).status_code == 200


def test_without_credentials_everybody_is_welcome_but_a_wrong_key(start):
    stash = start()
    assert ask(stash, "{ version { version } }").json() == {"data": {"version": {"version": "v0.31.0"}}}
    assert ask(stash, "{ version { version } }", {"ApiKey": "x"}).status_code == 401


# GraphQL

SCENE = """query($id: ID!) { findScene(id: $id) { id title details date rating100 organized updated_at studio { name }
  performers { name } tags { name } %s paths { screenshot }
  files { id path basename size mod_time duration fingerprints { type value } } } }"""


def test_a_scene_as_versions_show_it(start):
    stash = start(version="v0.26")
    movies, groups = SCENE % "movies { movie { name } scene_index }", SCENE % "groups { group { name } scene_index }"
    scene = ask(stash, movies, id=45).json()["data"]["findScene"]
    assert scene["movies"] == [{"movie": {"name": "Harbour Trilogy"}, "scene_index": 1}]
    assert scene["files"][0]["basename"] == "Harbour Lights.mp4" and scene["files"][0]["size"] == 1234
    assert scene["details"] == "" and scene["date"] is None and scene["updated_at"].endswith("+11:00")
    assert scene["paths"]["screenshot"].startswith(f"{stash.url}/scene/45/screenshot?t=")
    for version, wanted in (("v0.26", (200, 422)), ("v0.27", (200, 200)), ("v0.31", (200, 200)), ("next", (422, 200))):
        stash.version = version
        assert tuple(ask(stash, query, id=45).status_code for query in (movies, groups)) == wanted
    assert len(stash.server_errors) == 2


def test_errors_of_requests(start):
    stash = start()
    for query in ("{ nonsense", "{ findScene(id: 45) { colour } }", "query($n: Int!) { findJob(input: {id: 1}) { id } }"):
        answer = ask(stash, query)
        assert answer.status_code == 422 and answer.json()["errors"]
    assert ask(stash, "query($n: Int!) { findScenes(filter: {page: $n}) { count } }", n="x").status_code == 422
    assert ask(stash, "{ findScene(id: 99) { id } }").json() == {"data": {"findScene": None}}
    assert len(stash.server_errors) == 4
    answer = ask(stash, "{ findScenes(ids: [45, 99]) { count } }")
    assert answer.status_code == 200 and answer.json()["errors"][0]["message"] == "scene with id 99 not found"
    assert ask(stash, "{ a: findScene(id: 45) { id } b: findScene(id: 99) { id } }").json()["data"] == {"a": {"id": "45"}, "b": None}
    assert stash.graphql_operations[-1] == ["findScene", "findScene"]
    names = ask(stash, '{ __type(name: "Scene") { fields { name } } }').json()["data"]["__type"]["fields"]
    assert {"name": "groups"} in names
    with pytest.raises(StashError):
        stash.update_scene(99, title="x")


def find(stash, scene_filter=None, **options):
    """Ids of a findScenes query."""
    answer = ask(stash, "query($s: SceneFilterType, $f: FindFilterType) { findScenes(scene_filter: $s, filter: $f) "
                        "{ count scenes { id } } }", s=scene_filter, f=options).json()["data"]["findScenes"]
    return answer["count"], [int(scene["id"]) for scene in answer["scenes"]]


def test_finding_scenes(start):
    stash = start()
    library = stash.library
    for i in range(30):
        library.add_scene(f"/media/series/{i}.mp4", number=100 + i, organized=i < 3, updated_at=f"2026-01-01T10:00:{i:02}+11:00")
    parent = library.by_name("tag", "Boats")
    library.get("scene", 101).tags = [library.add("tag", name="Sailing", parents=[parent])]
    assert find(stash)[0] == 31 and len(find(stash)[1]) == 25 and len(find(stash, per_page=-1)[1]) == 31
    assert find(stash, {"id": {"value": 45, "modifier": "GREATER_THAN"}}, sort="id", per_page=4, page=2) == (30, [104, 105, 106, 107])
    assert find(stash, {"updated_at": {"value": "2026-01-01T10:00:27+11:00", "modifier": "LESS_THAN"}, "organized": True},
                sort="updated_at", direction="DESC") == (3, [102, 101, 100])
    assert find(stash, {"tags": {"value": [parent.id], "modifier": "INCLUDES"}}) == (1, [45])
    assert find(stash, {"tags": {"value": [parent.id], "modifier": "INCLUDES", "depth": -1}})[0] == 2
    assert find(stash, {"performers": {"value": [1], "modifier": "INCLUDES"}}) == (1, [45])
    assert find(stash, {"studios": {"value": [1], "modifier": "INCLUDES", "depth": 0}}) == (1, [45])
    assert find(stash, {"groups": {"value": [1], "modifier": "INCLUDES"}}) == (1, [45])
    assert find(stash, {"path": {"value": "/MEDIA/series/7.mp4", "modifier": "EQUALS"}}) == (1, [107])
    assert find(stash, {"path": {"value": "lights", "modifier": "INCLUDES"}, "OR": {"organized": True}})[0] == 4
    assert find(stash, {"path": {"value": "/1[0-2]\\.mp4$", "modifier": "MATCHES_REGEX"}})[0] == 3


def test_times_keep_the_servers_offset_and_compare_as_text(start):
    stash = start()
    stash.update_scene(45, title="x")
    local = stash.library.get("scene", 45).updated_at
    assert local.endswith("+11:00") and "." not in local
    utc = stash.library.clock().isoformat(timespec="seconds").replace("+00:00", "Z")
    wrong = find(stash, {"updated_at": {"value": utc, "modifier": "LESS_THAN"}})
    assert wrong == (0, []), "11 hours ahead as text"


def test_settings_are_overwritten_as_a_whole(start):
    stash = start()
    query = '{ configuration { plugins(include: ["demo"]) general { apiKey } } }'
    assert ask(stash, query).json()["data"]["configuration"] == {"plugins": {}, "general": {"apiKey": ""}}
    stash.settings["demo"] = {"connectUrl": "http://127.0.0.1:1", "limit": 5}
    assert ask(stash, query).json()["data"]["configuration"]["plugins"] == {"demo": {"connectUrl": "http://127.0.0.1:1", "limit": 5}}
    ask(stash, "mutation($m: Map!) { configurePlugin(plugin_id: \"demo\", input: $m) }", m={"limit": 6})
    assert stash.settings == {"demo": {"limit": 6}}
    plugin = ask(stash, "{ plugins { id version enabled tasks { name } settings { name type } } }").json()["data"]["plugins"][0]
    assert plugin["id"] == "demo" and plugin["tasks"] == [{"name": "Process queue"}]


def test_screenshots(start):
    stash = start()
    url = f"{stash.url}/scene/45/screenshot?t=1"
    assert requests.get(url, timeout=5).headers["Content-Type"] == "image/svg+xml"
    stash.library.set_cover(45, b"\xff\xd8\xff cover")
    first = requests.get(url, timeout=5)
    assert first.headers["Content-Type"] == "image/jpeg" and first.content == b"\xff\xd8\xff cover"
    second = requests.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    assert second.status_code == 304 and second.content == b""
    assert requests.get(f"{stash.url}/scene/99/screenshot", timeout=5).status_code == 404


def test_tls_and_faults(start):
    stash = start(tls=True)
    [run] = stash.update_scene(45, title="x")
    assert run.connection["Scheme"] == "https"
    assert ask(stash, "{ version { version } }").status_code == 200
    stash.fault(("POST", "/graphql"), "status", status=503)
    assert ask(stash, "{ version { version } }").status_code == 503


def test_a_socket_that_is_closed_at_once_hurts_nobody(start):
    stash = start()
    with socket.create_connection(("127.0.0.1", stash.port)) as client:
        client.sendall(b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert ask(stash, "{ version { version } }").status_code == 200


def test_a_hook_during_a_restart_is_abandoned_not_killed(start):
    stash = start(SH + "cat >/dev/null\nsleep 1\necho done\n")
    thread = threading.Thread(target=lambda: pytest.raises(requests.RequestException, ask, stash,
                                                           "mutation { sceneUpdate(input: {id: 45, title: \"x\"}) { id } }"))
    thread.start()
    run = eventually(lambda: stash.host.runs and stash.host.runs[0])
    stash.restart()
    thread.join(5)
    assert run.orphans and not run.cancelled
    assert run.join(5).signal == 13 or run.error == "exit status 1", "its own write fails: the pipe is broken"


def test_the_library_as_text_of_its_own_offset(start):
    stash = start()
    stash.library.full_dates = True
    with pytest.raises(StashError):
        stash.update_scene(45, date="2024")
    stash.library.full_dates = False
    stash.update_scene(45, date="2024", studio=None, performers=["Ana Duarte", "Bo Lindqvist"], groups=[("Harbour Trilogy", 2)])
    scene = stash.library.get("scene", 45)
    assert (scene.date, scene.studio, len(scene.performers), scene.groups[0]["scene_index"]) == ("2024", None, 2, 2)
    [run] = stash.update_scene(45, cover=b"\x89PNG\r\n\x1a\n cover")
    assert scene.cover.startswith(b"\x89PNG") and run.args["hookContext"]["input"]["cover_image"].startswith("data:image/png")
