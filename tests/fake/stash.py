"""A stand-in for Stash: GraphQL, sessions, screenshots, jobs, and the plugins.

    with StashServer(plugins=folder) as stash:
        scene = stash.library.add_scene("/media/Harbour Lights.mp4", title="Harbour Lights")
        [run] = stash.update_scene(scene, details="A film about boats.")
        assert run.error is None and not run.orphans

Everything that a plugin sees goes over HTTP and through a real process; what
tests do goes through Python methods, which run the same mutations. Hooks run
inside the mutation, so requests are answered without the lock of the base.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import secrets
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import graphql

from . import stash_schema
from .plugin_host import Context, JobQueue, PluginError, PluginHost, go_json
from .server import Reply, Server
from .stash_library import PLACEHOLDER, Library, LibraryError

VERSION_STRINGS = {"v0.25": "v0.25.1", "v0.26": "v0.26.2", "v0.27": "v0.27.2", "v0.28": "v0.28.1", "v0.29": "v0.29.3",
                   "v0.30": "v0.30.1", "v0.31": "v0.31.0", "next": "v0.40.0"}


class StashError(Exception):
    """A GraphQL request by a test failed."""


class Sessions:
    """Session cookies: opaque, valid for a while, and refreshed by each answer.

    A cookie carries the user and the hooks visited in this chain, and so does
    each refreshed one. An old value stays good until it expires, or for 'grace'
    seconds if that is set, which finds clients that do not adopt new ones."""

    def __init__(self):
        self.age = 3600
        self.grace = None
        self._all = {}

    def new(self, user, visited=(), run=None):
        """A cookie's value."""
        value = "MTc2" + secrets.token_urlsafe(165) + "=="
        self._all[value] = {"user": user, "visited": list(visited), "run": run, "expires": time.monotonic() + self.age}
        return value

    def find(self, value):
        """What a cookie carries, or None if it is unknown or expired."""
        found = self._all.get(value)
        return found if found and time.monotonic() < found["expires"] else None

    def refresh(self, value):
        """The next value of a valid cookie."""
        old = self._all[value]
        if self.grace is not None:
            old["expires"] = min(old["expires"], time.monotonic() + self.grace)
        return self.new(old["user"], old["visited"], old["run"])

    def expire(self):
        """From now on every cookie is too old."""
        for found in self._all.values():
            found["expires"] = 0


class Call:
    """The context of one GraphQL request."""

    def __init__(self, server, base_url, go):
        self.server = server
        self.base_url = base_url
        self.go = go


class StashServer(Server):
    """The server. Its parts: library, host (plugins), jobs, sessions, settings."""

    def __init__(self, plugins=None, version="v0.31", port=0, tls=False, username=None, api_key="",
                 reported_host="0.0.0.0", config_dir=None):
        super().__init__(port=port, tls=tls)
        self.version = version
        self.lacking = ()                   # fields of the schema that it does not have: ("Scene.code",)
        self.version_string = VERSION_STRINGS[version]
        self.username = username            # None: no credentials are configured
        self.api_key = api_key
        self.reported_host = reported_host  # what plugins are told to connect to
        self.external_host = None           # base of image URLs; may be unreachable
        self.cookie_extras = False          # the two fields that Go 1.23 added to a cookie
        self.no_cookie = False              # SessionCookie is null, as after an encoding error
        self.raw = (b"", b"", 0)            # what is not UTF-8 in its database comes out as it is
        self.settings = {}                  # plugin id -> {key: value}
        self.log = []                       # (level, text) of everything that Stash would log
        self.server_errors = []             # the failed requests among them
        self.graphql_operations = []        # top-level field names of each request
        self.graphql_requests = []          # the same with query, variables and run
        self.echo = None                    # a function that is shown each line of the log
        self.library = Library()
        self.library.full_dates = version in stash_schema.VERSIONS[:5]
        self.sessions = Sessions()
        self._own_dir = None if config_dir else tempfile.mkdtemp(prefix="fake-stash-")
        self.config_dir = os.path.abspath(config_dir or self._own_dir)
        self.host = PluginHost(self.add_log, self.server_connection)
        self.plugins_path = plugins
        self.root = stash_schema.Root(self)
        self.jobs = JobQueue(self.host)
        self._documents = {}
        self._reported = 0
        self.load_plugins()

    # life

    def load_plugins(self):
        """Reads the manifests again."""
        self.host.load(self.plugins_path)

    def stop(self):
        """Ends everything, and kills what is left of the plugins."""
        self.go_down()
        self.host.kill_all()

    def close(self):
        """stop(), and the throw-away configuration folder goes too."""
        super().close()
        if self._own_dir:
            shutil.rmtree(self._own_dir, ignore_errors=True)

    def go_down(self):
        """Stash ends: nothing is killed, but pipes break and nobody answers.
        start() or restart() brings it back."""
        self.jobs.close()
        super().stop()
        for run in self.host.runs:
            if not run.done.is_set():
                run.abandon()

    def restart(self, down=0.0):
        """The queue is lost and job ids start at 1 again. Cookies stay valid."""
        self.go_down()
        time.sleep(down)
        self.jobs = JobQueue(self.host, self.jobs.hold)
        self._reported = 0
        self.load_plugins()
        return self.start()

    def add_log(self, level, text):
        """One line of Stash's log."""
        self.log.append((level, text))
        if self.echo:
            self.echo(level, text)

    def log_text(self, level=None):
        """The log as one text, of one level or of all."""
        return "\n".join(text for found, text in self.log if level in (None, found))

    @staticmethod
    def epoch(text):
        """Seconds since 1970 of a row's time."""
        return datetime.fromisoformat(text).timestamp()

    # what plugins are told

    def server_connection(self, context, run):
        """The first half of what a plugin reads on stdin."""
        value = self.sessions.new(context.user, context.visited, run)
        run.cookies.append(value)
        return {"Scheme": "https" if self.tls else "http", "Host": self.reported_host, "Port": self.port,
                "SessionCookie": None if self.no_cookie else self._cookie(value), "Dir": self.config_dir}

    def _cookie(self, value):
        """Go's http.Cookie as JSON."""
        expires = (datetime.now(timezone.utc) + timedelta(seconds=self.sessions.age)).isoformat().replace("+00:00", "Z")
        cookie = {"Name": "session", "Value": value, "Quoted": False, "Path": "/", "Domain": "", "Expires": expires,
                  "RawExpires": "", "MaxAge": self.sessions.age, "Secure": False, "HttpOnly": False, "SameSite": 2,
                  "Partitioned": False, "Raw": "", "Unparsed": None}
        return {key: item for key, item in cookie.items() if self.cookie_extras or key not in ("Quoted", "Partitioned")}

    def plugin_settings(self, include):
        """All settings, or those of some plugins: one without any is not there."""
        return {key: dict(value) for key, value in self.settings.items() if not include or (key in include and value)}

    def general_settings(self):
        """The few of Stash's own settings that a plugin may ask for."""
        return {"apiKey": self.api_key, "databasePath": os.path.join(self.config_dir, "stash-go.sqlite"),
                "maxSessionAge": self.sessions.age, "parallelTasks": 1,
                "stashes": [{"path": "/media", "excludeVideo": False, "excludeImage": False}]}

    # HTTP

    def _record(self, request, connection):
        """The base does not tell handle() about the connection; here it is
        needed, to see that a client left while its hooks still run."""
        request.connection = connection
        return super()._record(request, connection)

    def apply(self, request):
        """As in the base, but without its lock: a hook calls back."""
        try:
            return self.handle(request)
        except Exception:           # pylint: disable=broad-except
            self.errors.append(traceback.format_exc())
            return Reply.text(self.errors[-1], 500)

    def handle(self, request):
        """Who asks, and for what."""
        if request.path == "/healthz":
            return Reply.text(".")
        value, session = self._session_of(request)
        if session and session["run"]:
            session["run"].requests.append(request)
        user, refused, headers = self._authenticate(request, value, session)
        if refused:
            return refused
        go = Context(user, session["visited"] if session else (), self._watch(request))
        reply = self._route(request, go, session)
        reply.headers.update(headers)
        return reply

    def _route(self, request, go, session):
        path = request.path.rstrip("/")
        if path == "/graphql":
            return self._graphql(request, go, session)
        if match := re.fullmatch(r"/scene/([^/]+)/screenshot", path):
            return self._screenshot(request, match.group(1))
        group = "movie" if self.version in ("v0.25", "v0.26") else "group"
        if match := re.fullmatch(rf"/(studio)/(\d+)/image|/({group})/(\d+)/frontimage", path):
            return self._entity_image(request, *(("studio", match[2]) if match[1] else ("group", match[4])))
        if "." in os.path.basename(path) or re.match(r"/(scene|performer|studio|tag|group|plugin)/", path):
            return Reply.text("404 page not found\n", 404)
        return Reply.text("<!DOCTYPE html><html><head><title>Stash</title></head></html>", 200, "text/html")

    def _session_of(self, request):
        for part in request.headers.get("Cookie", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == "session":
                return value, self.sessions.find(value)
        return None, None

    def _authenticate(self, request, value, session):
        """(user, refusal or None, headers for the answer). An API key that was
        sent decides alone; without credentials everybody is welcome."""
        user, headers = "", {}
        key = request.headers.get("ApiKey") or request.arg("apikey")
        if key:
            if key != self.api_key:
                return "", Reply(401, {"WWW-Authenticate": "FormBased"}), {}
            user = self.username or ""
        elif session:
            user = session["user"]
            expires = datetime.now(timezone.utc) + timedelta(seconds=self.sessions.age)
            headers["Set-Cookie"] = (f"session={self._refreshed(value, session)}; Path=/; "
                                     f"Expires={expires:%a, %d %b %Y %H:%M:%S} GMT; "
                                     f"Max-Age={self.sessions.age}; SameSite=Lax")
        if self.username and not user and not request.path.startswith(("/login", "/logout", "/css", "/assets")):
            return "", self._refuse(request), {}
        return user, None, headers

    def _refreshed(self, value, session):
        fresh = self.sessions.refresh(value)
        if session["run"]:
            session["run"].cookies.append(fresh)
        return fresh

    @staticmethod
    def _refuse(request):
        """Programs get a 401; what looks like a page is sent to the log-in."""
        extension = os.path.splitext(request.path)[1]
        if request.path == "/graphql" or extension not in ("", ".html"):
            return Reply(401, {"WWW-Authenticate": "FormBased"})
        return Reply(302, {"Location": "/login?" + urlencode({"returnURL": request.target})})

    @staticmethod
    def _watch(request):
        """Whether the request still has a client: "cancelled" when it hung up,
        "abandoned" when it is Stash that ends."""
        connection = getattr(request, "connection", None)

        def ended():
            if connection is None:
                return None
            if connection.stopping.is_set():
                return "abandoned"
            poll = select.poll()
            poll.register(connection.sock.fileno(), select.POLLRDHUP | select.POLLHUP | select.POLLERR)
            return "cancelled" if poll.poll(0) else None
        return ended

    def _screenshot(self, request, number):
        """The cover, or the placeholder that every scene without one has."""
        scene = self.library.get("scene", number) if number.isdigit() else None
        if scene is None:
            return Reply.text("Not Found\n", 404)
        return self._image(request, scene.cover or PLACEHOLDER)

    def _entity_image(self, request, kind, number):
        """The picture of a studio, or a group's front image; the same placeholder for all without one."""
        row = self.library.get(kind, number)
        if row is None:
            return Reply.text("Not Found\n", 404)
        data = row.image if kind == "studio" else row.front_image
        return self._image(request, data if data and request.arg("default") != "true" else PLACEHOLDER)

    @staticmethod
    def _image(request, data):
        cache = "private, max-age=31536000, immutable" if request.arg("t") is not None else "no-cache"
        headers = {"ETag": f'"{hashlib.md5(data).hexdigest()}"', "Cache-Control": cache}
        known = [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]
        if headers["ETag"] in known or "*" in known:
            return Reply(304, headers)
        return Reply(200, {"Content-Type": image_type(data), **headers}, data)

    # GraphQL

    def _graphql(self, request, go, session):
        if request.method != "POST" or not request.headers.get("Content-Type", "").startswith("application/json"):
            return _errors(400, [{"message": "transport not supported"}])
        try:
            body = request.json()
            query, variables = body["query"], body.get("variables") or {}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return _errors(400, [{"message": f"json request body could not be decoded: {error}"}])
        base = self.external_host or f"{'https' if self.tls else 'http'}://{request.headers.get('Host', '127.0.0.1')}"
        document, errors = self._document(query)
        self._note(query, variables, document, session)
        if errors:
            return self._failed(422, errors)
        result = graphql.execute(self.schema, document, root_value=self.root, context_value=Call(self, base, go),
                                 variable_values=variables, operation_name=body.get("operationName"))
        if result.errors and result.data is None and all(error.path is None for error in result.errors):
            return self._failed(422, result.errors)
        if result.errors and not go.ended():
            self._keep_bugs(result.errors)
            self._failed(200, result.errors)
        answer = {"data": result.data}
        if result.errors:
            answer = {"errors": [_shown(error) for error in result.errors], **answer}
        return Reply(200, {"Content-Type": "application/json", "Cache-Control": "no-store"},
                     go_json(answer).replace(*self.raw))

    @property
    def schema(self):
        """The schema of the version that is being played."""
        return stash_schema.schema_for(self.version, self.lacking)

    def _document(self, query):
        """(document, errors): parsed and validated, once for each query."""
        key = (self.version, self.lacking, query)
        if key not in self._documents:
            try:
                document = graphql.parse(query)
                self._documents[key] = document, graphql.validate(self.schema, document)
            except graphql.GraphQLError as error:
                self._documents[key] = None, [error]
        return self._documents[key]

    def _note(self, query, variables, document, session):
        fields = [name for node in document.definitions if isinstance(node, graphql.OperationDefinitionNode)
                  for name in self._top_fields(document, node.selection_set)] if document else []
        run = session["run"] if session else None
        self.graphql_operations.append(fields)
        self.graphql_requests.append({"fields": fields, "query": query, "variables": variables, "run": run})
        if run:
            run.operations.append(fields)

    def _top_fields(self, document, selections):
        """Field names without aliases; fragments are looked into."""
        for node in selections.selections:
            if isinstance(node, graphql.FieldNode):
                yield node.name.value
            elif isinstance(node, graphql.InlineFragmentNode):
                yield from self._top_fields(document, node.selection_set)
            else:
                for found in document.definitions:
                    if isinstance(found, graphql.FragmentDefinitionNode) and found.name.value == node.name.value:
                        yield from self._top_fields(document, found.selection_set)

    def _keep_bugs(self, errors):
        """An exception that Stash would not answer with is one of ours."""
        for error in errors:
            cause = error.original_error
            if cause and not isinstance(cause, (LibraryError, PluginError, graphql.GraphQLError)):
                self.errors.append("".join(traceback.format_exception(cause)))

    def _failed(self, status, errors):
        for error in errors:
            path = ".".join(str(part) for part in error.path or ())
            self.server_errors.append(f"{path}: {error.message}" if path else error.message)
            self.add_log("error", self.server_errors[-1])
        return _errors(status, [_shown(error) for error in errors])

    # what tests do: the same mutations, without HTTP

    def execute(self, query, variables=None, cancel=None):
        """(data, runs) of a query or mutation; 'cancel' is an Event that plays
        the client who hangs up."""
        go = Context(self.username or "", (), lambda: "cancelled" if cancel and cancel.is_set() else None)
        document, errors = self._document(query)
        if errors:
            raise StashError(str(errors[0]))
        result = graphql.execute(self.schema, document, root_value=self.root, variable_values=variables,
                                 context_value=Call(self, self.url, go))
        if result.errors and not go.ended():
            self._keep_bugs(result.errors)
            raise StashError(result.errors[0].message)
        return result.data, go.runs

    def mutate(self, field, kind, value, cancel=None):
        """One mutation with an argument 'input'; its runs."""
        shown = "" if str(self.schema.mutation_type.fields[field].type) == "Boolean!" else "{id}"
        query = f"mutation($input: {kind}) {{ {field}(input: $input) {shown} }}"
        return self.execute(query, {"input": value}, cancel)[1]

    def _scene_input(self, values):
        """Names, rows and bytes, as tests like to write them, as ids and text."""
        values = dict(values)
        for key, kind in (("performers", "performer"), ("tags", "tag")):
            if key in values:
                values[kind + "_ids"] = [self.library.ensure(kind, item).id for item in values.pop(key)]
        if "studio" in values:
            studio = values.pop("studio")
            values["studio_id"] = studio and self.library.ensure("studio", studio).id
        if "groups" in values:
            rows = [item if isinstance(item, (tuple, dict)) else (item, None) for item in values.pop("groups")]
            key, name = ("movies", "movie_id") if self.version in ("v0.25", "v0.26") else ("groups", "group_id")
            values[key] = [row if isinstance(row, dict) else {name: self.library.ensure("group", row[0]).id,
                                                              "scene_index": row[1]} for row in rows]
        if "cover" in values:
            values["cover_image"] = data_url(values.pop("cover"))
        return values

    def update_scene(self, scene, cancel=None, **values):
        """sceneUpdate, the Save button. Values as in the mutation, or performers,
        tags, studio and groups by name, and cover as bytes."""
        value = {"id": number(scene), **self._scene_input(values)}
        return self.mutate("sceneUpdate", "SceneUpdateInput!", value, cancel)

    def update_scenes(self, updates, cancel=None):
        """scenesUpdate with {scene: values}: every hook gets the whole array."""
        inputs = [{"id": number(scene), **self._scene_input(values)} for scene, values in dict(updates).items()]
        return self.mutate("scenesUpdate", "[SceneUpdateInput!]!", inputs, cancel)

    def bulk_update_scenes(self, scenes, cancel=None, **values):
        """bulkSceneUpdate; lists as {"ids": […], "mode": "ADD"}."""
        value = {"ids": [number(scene) for scene in scenes], **values}
        return self.mutate("bulkSceneUpdate", "BulkSceneUpdateInput!", value, cancel)

    def create_scene(self, **values):
        """sceneCreate."""
        return self.mutate("sceneCreate", "SceneCreateInput!", self._scene_input(values))

    def destroy_scene(self, scene, cancel=None, **options):
        """sceneDestroy."""
        return self.mutate("sceneDestroy", "SceneDestroyInput!", {"id": number(scene), **options}, cancel)

    def destroy_scenes(self, scenes, cancel=None, **options):
        """scenesDestroy: one hook for each."""
        return self.mutate("scenesDestroy", "ScenesDestroyInput!",
                           {"ids": [number(scene) for scene in scenes], **options}, cancel)

    def update(self, kind, row, **values):
        """performerUpdate, studioUpdate, tagUpdate, groupUpdate."""
        name = "movie" if kind == "group" and self.version in ("v0.25", "v0.26") else kind
        values = {key: data_url(value) if isinstance(value, bytes) else value for key, value in values.items()}
        return self.mutate(f"{name}Update", f"{name.capitalize()}UpdateInput!", {"id": number(row), **values})

    def merge_tags(self, sources, target):
        """tagsMerge."""
        return self.mutate("tagsMerge", "TagsMergeInput!",
                           {"source": [number(row) for row in sources], "destination": number(target)})

    # what tasks of Stash do, with their hooks

    def hook(self, trigger, scene, value=None, fields=(), cancel=None):
        """Any hook with any input."""
        go = Context(self.username or "", (), lambda: "cancelled" if cancel and cancel.is_set() else None)
        return self.host.post_hooks(go, trigger, number(scene), value, fields)

    def scan_new(self, path, **values):
        """A scan finds a file: a scene without a cover, a hook without input."""
        return self.hook("Scene.Create.Post", self.library.add_scene(path, **values))

    def scan_changed(self, scene, path=None, size=None):
        """A scan finds a scene's file renamed or changed."""
        row = self.library.need("scene", number(scene))
        row.files[0].path, row.files[0].size = path or row.files[0].path, size or row.files[0].size
        return self.hook("Scene.Update.Post", row)

    def scan_added(self, scene, path, **values):
        """A scan finds another file of a scene that exists."""
        row = self.library.need("scene", number(scene))
        row.files.append(self.library.add_file(path, **values))
        row.updated_at = self.library.now()
        return self.hook("Scene.Update.Post", row)

    def identify(self, scene, **values):
        """The Identify task: an input made from what it found, cover included."""
        values = {key: [str(item) for item in value] if key.endswith("_ids") else value
                  for key, value in self._scene_input(values).items()}
        self.library.update_scene(number(scene), values)
        values["id"] = str(number(scene))
        if "groups" in values and self.version != "next":   # this input still speaks of movies
            values["movies"] = [{"movie_id": str(row["group_id"]), "scene_index": row["scene_index"]}
                                for row in values.pop("groups")]
        echo = stash_schema.go_struct(self.version, "SceneUpdateInput", values)
        return self.hook("Scene.Update.Post", scene, echo, stash_schema.field_names(values))

    def clean_scene(self, scene):
        """The Clean task: the id is only in the hook's context."""
        row = self.library.destroy_scene(number(scene))
        echo = {"id": "", "delete_file": None, "delete_generated": None, **self.root.traces(row)}
        return self.hook("Scene.Destroy.Post", row, echo)

    # tasks, operations, sessions

    @property
    def plugin_id(self):
        """The plugin that is meant when a test names none."""
        return self.host.plugins[0].id if self.host.plugins else ""

    def run_task(self, task_name=None, description=None, plugin_id=None, **args):
        """runPluginTask: the queued Job."""
        return self.jobs.add(Context(self.username or ""), plugin_id or self.plugin_id, task_name, description, args)

    def run_operation(self, plugin_id=None, **args):
        """runPluginOperation: the Run, also when the plugin reported an error."""
        go = Context(self.username or "")
        try:
            self.host.operation(go, plugin_id or self.plugin_id, args)
        except PluginError:
            if not go.runs or not go.runs[-1].done.is_set():
                raise
        return go.runs[-1]

    @property
    def hold_jobs(self):
        """While true, no job starts: jobs stay READY."""
        return self.jobs.hold

    @hold_jobs.setter
    def hold_jobs(self, hold):
        self.jobs.release(hold)

    def wait_jobs(self, timeout=30):
        """Waits for an empty queue; the jobs that finished since the last call."""
        self.jobs.wait(timeout)
        finished = self.jobs.finished[self._reported:]
        self._reported += len(finished)
        return finished

    def expire_sessions(self):
        """Every cookie given so far is worth nothing now."""
        self.sessions.expire()

    def login(self):
        """A fresh session of a person, as a Cookie header."""
        return {"Cookie": f"session={self.sessions.new(self.username or '')}"}

    def clear_records(self):
        """Forgets requests, operations and log lines, but nothing that matters."""
        self.clear_requests()
        for records in (self.graphql_operations, self.graphql_requests, self.log, self.server_errors):
            records.clear()


def number(row):
    """The id of a row, or the id itself."""
    return int(getattr(row, "id", row))


def data_url(data):
    """Bytes as a mutation takes a cover."""
    return f"data:{image_type(data)};base64,{base64.b64encode(data).decode()}"


def image_type(data):
    """As Go's sniffing sees the first bytes."""
    for start, kind in ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG", "png"), (b"GIF8", "gif"), (b"<svg", "svg+xml")):
        if data.startswith(start):
            return f"image/{kind}"
    return "image/webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else "application/octet-stream"


def _shown(error):
    """An error as gqlgen writes it."""
    shown = {"message": error.message}
    if error.path:
        shown["path"] = list(error.path)
    else:
        shown["extensions"] = {"code": "GRAPHQL_VALIDATION_FAILED"}
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    return shown


def _errors(status, errors):
    return Reply(status, {"Content-Type": "application/json"}, go_json({"errors": errors, "data": None}))


def _arguments():
    parser = argparse.ArgumentParser(prog="python3 -m tests.fake.stash",
                                     description="A stand-in for Stash, to try a plugin by hand.")
    parser.add_argument("--port", type=int, default=9999)
    parser.add_argument("--plugins", metavar="DIR", help="the plugins folder: each .yml below it is a plugin")
    parser.add_argument("--config-dir", metavar="DIR", help="Stash's own folder (default: a temporary one)")
    parser.add_argument("--version", choices=stash_schema.VERSIONS, default="v0.31")
    parser.add_argument("--tls", action="store_true", help="https with a self-signed certificate")
    parser.add_argument("--username", help="ask for a session or an API key")
    parser.add_argument("--api-key", default="")
    parser.add_argument("--scene", action="append", default=[], metavar="PATH[=TITLE]", help="add a scene")
    parser.add_argument("--setting", action="append", default=[], metavar="KEY=VALUE",
                        help="a setting of the plugin (VALUE: JSON or text)")
    return parser.parse_args()


def _value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


def main():
    """Serves until interrupted and shows the log."""
    options = _arguments()
    stash = StashServer(options.plugins, options.version, options.port, options.tls, options.username, options.api_key,
                        config_dir=options.config_dir)
    stash.echo = lambda level, text: print(f"{level:8}{text}", file=sys.stderr, flush=True)
    for scene in options.scene:
        path, _, title = scene.partition("=")
        stash.library.add_scene(path, title=title)
    if options.setting:
        pairs = [item.partition("=") for item in options.setting]
        stash.settings[stash.plugin_id] = {key: _value(text) for key, _, text in pairs}
    with stash:
        names = ", ".join(plugin.id for plugin in stash.host.plugins) or "none"
        print(f"{stash.url}/graphql  version {stash.version_string}  plugins: {names}  "
              f"scenes: {len(stash.library.all('scene'))}", flush=True)
        ended = threading.Event()
        for number_of_signal in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number_of_signal, lambda *_: ended.set())
        ended.wait()


if __name__ == "__main__":
    main()
