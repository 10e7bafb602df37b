"""A house with a browser in it: the World of the end-to-end tests, whose Stash also serves pages.

Stash's own pages are played by host.js; what a plugin installs reaches them as in Stash: the files
that its manifest names, joined by newlines, under /plugin/ID/javascript and /plugin/ID/css.
"""

import json
import os
import pathlib
import shutil
import subprocess

from tests.e2e.conftest import EXECUTABLE, ROOT, World
from tests.fake.manifest import parse_yaml
from tests.fake.server import Reply
from tests.fake.stash import StashServer

HOST = pathlib.Path(os.environ.get("PLEXSYNC_PAGE_HOST", ROOT / "build/page"))
TYPES = {".js": "text/javascript", ".css": "text/css"}
INDEX = """<!DOCTYPE html>
<html lang="en"><head><base href="/"><meta charset="utf-8"><title>Stash</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="assets/host.css">
<link rel="stylesheet" href="plugin/plexsync/css"></head>
<body><div id="root"></div><script src="assets/host.js"></script></body></html>"""
CSP = ("default-src data: 'self' 'unsafe-inline'; connect-src data: 'self' ws: wss:; img-src data: *; "
       "script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; media-src blob: 'self'; "
       "worker-src blob:; child-src 'none'; object-src 'none'; form-action 'self';")


class PageStash(StashServer):
    """Stash with its pages. Paths that look like one are index.html, so that a reload works."""

    def _route(self, request, go, session):
        path = request.path
        if path.startswith("/assets/"):
            return self._file(HOST / os.path.basename(path))
        if path.startswith("/plugin/plexsync/"):
            return self._plugin(path.removeprefix("/plugin/plexsync/"))
        if "." in os.path.basename(path) or path == "/graphql" or request.method != "GET":
            return super()._route(request, go, session)
        return Reply(200, {"Content-Type": "text/html", "Content-Security-Policy": CSP,
                           "Referrer-Policy": "same-origin"}, INDEX)

    @staticmethod
    def _file(path):
        return Reply(200, {"Content-Type": TYPES[path.suffix]}, path.read_bytes())

    def _plugin(self, kind):
        """The page's scripts or styles, and nothing else of the plugin's folder."""
        folder = pathlib.Path(self.plugins_path) / "plexsync"
        names = parse_yaml((folder / "plexsync.yml").read_text(encoding="utf-8"))["ui"].get(kind)
        if names is None:
            return Reply.text("404 page not found\n", 404)
        return Reply(200, {"Content-Type": f"text/{kind}"},
                     b"".join((folder / name).read_bytes() + b"\n" for name in names))


class House(World):
    """The world, with the page installed and, where a test says so, answers that were recorded."""

    Stash = PageStash

    def __init__(self, folder, **options):
        super().__init__(folder, **options)
        self.installed = self.plugins / "plexsync"
        shutil.copytree(ROOT / "plugin", self.installed / "plugin")

    def fail(self, count):
        """So many scenes have failed; those with an even number are not certain of their item."""
        subprocess.run([EXECUTABLE.parent / "page/failed", self.state, str(count)], check=True)

    def record(self, **answers):
        """From now on these operations answer what stands here: an output, or the whole document with
        "output" or "error" and how many seconds "after" the start it comes. Names have an underscore for a
        hyphen; every other one is answered by the real executable."""
        if not (self.installed / "plexsync-real").exists():
            shutil.copy(EXECUTABLE, self.installed / "plexsync-real")
            (self.installed / "plexsync").unlink()
            shutil.copy(pathlib.Path(__file__).parent / "recorded.py", self.installed / "plexsync")
        path = self.installed / "recorded.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        for name, answer in answers.items():
            whole = answer and set(answer) <= {"after", "output", "error"}
            known[name.replace("_", "-")] = answer if whole else {"output": answer}
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(known), encoding="utf-8")
        fresh.rename(path)

    def asked(self, mode):
        """The arguments of each operation of this name that the page asked for, without the mode."""
        found = [run.args for run in self.stash.host.runs if run.kind == "operation"]
        return [{key: value for key, value in args.items() if key != "mode"}
                for args in found if args.get("mode") == mode]

    def tasks_asked(self):
        """The tasks that were put into Stash's queue."""
        return [request["variables"]["task"] for request in self.stash.graphql_requests
                if request["fields"] == ["runPluginTask"] and request["run"] is None]
