"""A library that no stand-in could hold: its items and scenes are made when they are asked for.

Both servers have a film for each number, with the same title, so that a first sync is quick: what is measured is
what depends on how many there are.
"""

import json
import os
import re

from tests.fake.server import Reply, Server

from . import house as houses
from . import index, report

TOKEN = "plex-token-bench"
TITLE = "Harbour Lights"
ONE_SCENE = re.compile(r"(s\d+):findScene\(id:(\d+)\)")
MEMORY = 64         # MB of its own that a sync of any size may take


class Counted(houses.Clocked, Server):
    """Counts its requests, and keeps none."""

    asked = 0

    def handle(self, request):
        """Passes it on."""
        self.asked += 1
        self.requests.clear()
        return Reply(200, {"Content-Type": "application/json"}, self.answer(request))


class Stash(Counted):
    """So many scenes, and the plugin's settings."""

    count, settings = 0, None

    @staticmethod
    def scene(number):
        """One of them."""
        path = houses.PATTERN.format(i=number)
        return f'{{"id":"{number}","title":"{TITLE}","details":"","director":"","date":null,"rating100":null,' \
            f'"organized":false,"updated_at":"2024-05-01T00:00:00Z","studio":null,"performers":[],"tags":[],' \
            f'"files":[{{"path":"{path}","size":{1_000_000 + number},"duration":600}}],"movies":[]}}'

    def answer(self, request):
        """To a question of GraphQL."""
        asked = request.json()
        query, which = asked["query"], asked.get("variables") or {}
        data = [f'"configuration":{{"plugins":{{"plexsync":{json.dumps(self.settings)}}}}}', '"jobQueue":null']
        if "findScenes(" in query:
            after = which["which"]["id"]["value"]
            scenes = ",".join(map(self.scene, range(after + 1, min(after + which["most"], self.count) + 1)))
            data.append(f'"findScenes":{{"count":{max(0, self.count - after)},"scenes":[{scenes}]}}')
        data += [f'"{name}":{self.scene(int(number))}' for name, number in ONE_SCENE.findall(query)]
        return f'{{"data":{{{",".join(data)}}}}}'


class Plex(Counted):
    """So many items, each with a mark whether it was edited."""

    def __init__(self, count):
        super().__init__()
        self.count, self.edited, self.counter = count, bytearray(count + 1), 1

    def item(self, number):
        """One of them."""
        path = houses.PATTERN.format(i=number)
        title, field = (TITLE, '"Field":[{"name":"title","locked":true}],') if self.edited[number] else (f"film {number}", "")
        return f'{{"ratingKey":"{number}","type":"movie","title":"{title}","addedAt":{number},"updatedAt":{number},{field}' \
            f'"Media":[{{"id":{number},"duration":600000,"Part":[{{"id":{number},"file":"{path}",' \
            f'"size":{1_000_000 + number},"duration":600000}}]}}]}}'

    def rows(self, numbers, total):
        """A container of these items."""
        return f'{{"MediaContainer":{{"totalSize":{total},"librarySectionID":1,"librarySectionUUID":"u","Metadata":[' \
            f'{",".join(map(self.item, numbers))}]}}}}'

    def answer(self, request):
        """To the few requests that there are."""
        *_, last = request.path.split("/")
        if request.path == "/library/sections":
            return f'{{"MediaContainer":{{"Directory":[{{"key":"1","type":"movie","title":"Films","uuid":"u","scanner":"s",' \
                f'"contentChangedAt":{self.counter},"Location":[{{"id":1,"path":"/data/films"}}]}}]}}}}'
        if request.path.startswith("/library/metadata/"):
            numbers = [int(number) for number in last.split(",")]
            return self.rows(numbers, len(numbers))
        if request.method == "PUT":
            for number in request.arg("id").split(","):
                self.edited[int(number)] = 1
            self.counter += 1
            return ""
        if request.path == "/library/sections/1/all":
            start, size = (int(request.arg(f"X-Plex-Container-{name}")) for name in ("Start", "Size"))
            numbers = range(start + 1, min(start + size, self.count) + 1)
            if request.arg("sort", "id") != "id":
                numbers = [self.count + 1 - number for number in numbers]
            return self.rows(numbers, self.count)
        return '{"MediaContainer":{"machineIdentifier":"bench","version":"1.42.0"}}'


class Library:
    """Both, and what is done to them."""

    def __init__(self, run, executable, folder, count):
        self.run, self.executable, self.count = run, str(executable), count
        self.state = folder / f"million-{count}"
        self.token = folder / "token"
        self.token.write_text(TOKEN)
        self.plex = Plex(count).start()
        self.stash = Stash()
        self.stash.count = count
        self.stash.settings = {"connectUrl": self.plex.url, "connectToken": TOKEN, "fieldNoPoster": True,
                               "fieldNoBackground": True}
        self.stash.start()

    def verb(self, *verb):
        """A run at a terminal: (times, requests to Stash, requests to Plex)."""
        self.stash.asked = self.plex.asked = 0
        self.run.sample = True
        timed = self.run.run([self.executable, *verb, "--stash-url", self.stash.url, "--state", str(self.state)])
        self.run.sample = False
        return timed, self.stash.asked, self.plex.asked

    def megabytes(self, name):
        """What a part of the state takes on the disk."""
        return os.stat(self.state / name / "data.mdb").st_blocks * 512 / 1e6

    def close(self):
        """The end."""
        self.stash.close()
        self.plex.close()
        assert not self.stash.errors and not self.plex.errors, (self.stash.errors, self.plex.errors)


def one(run, programs, executable, folder, count):
    """Rows of one size: (index, first sync, second sync, look-ups), and the largest memory."""
    library = Library(run, executable, folder, count)
    try:
        built, _, pages = library.verb("rebuild-index")
        first, stash, plex = library.verb("sync-all")
        again, stash_again, plex_again = library.verb("sync-all")
    finally:
        library.close()
    assert sum(library.plex.edited) == count, "not all were written"
    memory = [timed.anonymous * 1.024e-3 for timed in (built, first, again)]
    name = f"{count:,}"
    return ([name, built.ms / 1e3, 1e3 * built.ms / count, f"{pages:,}", f"{memory[0]:.1f}", library.megabytes("cache")],
            [name, first.ms / 1e3, 1e3 * first.ms / count, 1e3 * first.cpu_ms / count, f"{stash + plex:,}",
             f"{memory[1]:.1f}", library.megabytes("queue")],
            [name, again.ms / 1e3, 1e3 * again.ms / count, 1e3 * again.cpu_ms / count, f"{stash_again:,}",
             f"{plex_again}", f"{memory[2]:.1f}"],
            index.look_up(run, programs, library.state, count), memory[2], again.ms / count)


def run_all(run, programs, executable, folder, sizes):
    """The whole section. Returns rows for the budgets."""
    built, first, again, answered, memory, each = zip(*(one(run, programs, executable, folder, size) for size in sizes))
    report.heading("Libraries of any size", "One run each. The servers make items and scenes as they are asked for. "
                   "Times in s, per item or scene in µs; memory: the highest RssAnon in MB; files in MB.")
    report.table(["index", "s", "µs per item", "requests", "memory", "cache file"], built)
    print()
    report.table(["first sync-all", "s", "µs per scene", "own CPU", "requests", "memory", "queue file"], first)
    print()
    report.table(["unchanged sync-all", "s", "µs per scene", "own CPU", "to Stash", "to Plex", "memory"], again)
    print()
    report.table(["look-up, µs", "there: mean", "p99", "missing: mean", "p99", "first", "load"], answered)
    largest = answered[-1]
    return [[f"look-up in {largest[0]} items, p99", "50 µs", f"{max(largest[2], largest[4]):.1f} µs"],
            [f"unchanged sync-all of {largest[0]}: requests to Plex", "0", again[-1][5]],
            ["  own memory", f"{MEMORY} MB", f"{max(memory):.1f} MB"],
            [f"  time per scene, of that with {again[0][0]}", "flat", f"{each[-1] / each[0]:.2f} x"]]
