"""What Stash knows about a collection: scenes, files, and what they refer to.

Plain Python: no HTTP, no hooks. Its attributes bear the names of the GraphQL
fields, so that the schema needs few resolvers. Two kinds of edits exist, and the
difference is the point: update_*() and destroy_*() are what the mutations use,
whose hooks the server runs; merge_scenes(), move_file(), auto_tag(), rename()
and others are things that Stash does without telling any plugin.

Times are text, as Stash's database keeps them: RFC 3339 with the server's own
offset and a resolution of one second. Filters compare them as text.
"""

import base64
import copy
import hashlib
import os
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

PLACEHOLDER = (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360"><rect width="640" height="360" '
               b'fill="#333"/><path d="M280 130l100 50-100 50z" fill="#777"/></svg>')
SORTS = ("id", "title", "path", "date", "created_at", "updated_at", "rating", "organized", "file_count", "filesize",
         "duration", "file_mod_time", "performer_count", "tag_count", "play_count", "o_counter", "random")


class LibraryError(Exception):
    """What Stash answers instead of doing it."""


@dataclass(eq=False)
class File:
    """A video file as the last scan found it."""
    id: int
    path: str
    size: int = 1000
    mod_time: str = ""
    duration: float = 600.0
    width: int = 1920
    height: int = 1080
    video_codec: str = "h264"
    audio_codec: str = "aac"
    frame_rate: float = 25.0
    bit_rate: int = 4000000
    format: str = "mp4"
    fingerprints: list = field(default_factory=list)
    created_at: str = ""
    updated_at: str = ""

    @property
    def basename(self):
        """The file's name in its folder."""
        return os.path.basename(self.path)

    def hash(self, kind):
        """The fingerprint of that type, or an empty text."""
        return next((found["value"] for found in self.fingerprints if found["type"] == kind), "")


@dataclass(eq=False)
class Performer:
    """A person."""
    id: int
    name: str
    disambiguation: str = ""
    gender: str = None
    urls: list = field(default_factory=list)
    alias_list: list = field(default_factory=list)
    favorite: bool = False
    custom_fields: dict = field(default_factory=dict)
    created_at: str = ""
    updated_at: str = ""


@dataclass(eq=False)
class Studio:
    """A studio, perhaps below another one."""
    id: int
    name: str
    parent_studio: "Studio" = None
    urls: list = field(default_factory=list)
    aliases: list = field(default_factory=list)
    details: str = ""
    image: bytes = None
    custom_fields: dict = field(default_factory=dict)
    created_at: str = ""
    updated_at: str = ""


@dataclass(eq=False)
class Tag:
    """A tag with its parents."""
    id: int
    name: str
    parents: list = field(default_factory=list)
    aliases: list = field(default_factory=list)
    description: str = ""
    custom_fields: dict = field(default_factory=dict)
    created_at: str = ""
    updated_at: str = ""


@dataclass(eq=False)
class Group:
    """A group (before v0.27: a movie)."""
    id: int
    name: str
    aliases: str = ""
    date: str = None
    director: str = ""
    synopsis: str = ""
    front_image: bytes = None
    urls: list = field(default_factory=list)
    custom_fields: dict = field(default_factory=dict)
    created_at: str = ""
    updated_at: str = ""


@dataclass(eq=False)
class Scene:
    """A scene. Text fields are empty, never null; files[0] is the primary file."""
    id: int
    title: str = ""
    code: str = ""
    details: str = ""
    director: str = ""
    urls: list = field(default_factory=list)
    date: str = None
    rating100: int = None
    organized: bool = False
    interactive: bool = False
    o_counter: int = 0
    play_count: int = 0
    play_duration: float = 0.0
    resume_time: float = 0.0
    last_played_at: str = None
    play_history: list = field(default_factory=list)
    o_history: list = field(default_factory=list)
    created_at: str = ""
    updated_at: str = ""
    studio: Studio = None
    performers: list = field(default_factory=list)
    tags: list = field(default_factory=list)
    groups: list = field(default_factory=list)          # [{"group": Group, "scene_index": 1}]
    galleries: list = field(default_factory=list)
    stash_ids: list = field(default_factory=list)
    scene_markers: list = field(default_factory=list)
    files: list = field(default_factory=list)
    custom_fields: dict = field(default_factory=dict)
    cover: bytes = None
    damage: str = None      # the error of every question that reads it

    @property
    def path(self):
        """The primary file's path; empty for a scene without files."""
        return self.files[0].path if self.files else ""

    @property
    def display_name(self):
        """What Stash shows as the title."""
        return self.title or os.path.basename(self.path)


def decode_cover(text):
    """The bytes of a data URL."""
    match = re.match(r"data:[^,;]*(?:;[^,;]*)*;base64,", text or "")
    if not match:
        raise LibraryError("processing cover image: only data URLs work here")
    return base64.b64decode(text[match.end():])


class Library:
    """The database. Every method takes the lock; nothing here waits."""

    KINDS = {"scene": Scene, "performer": Performer, "studio": Studio, "tag": Tag, "group": Group, "file": File}

    def __init__(self, utc_offset=11 * 60):
        self.lock = threading.RLock()
        self.zone = timezone(timedelta(minutes=utc_offset))
        self.clock = lambda: datetime.now(timezone.utc)
        self.full_dates = False         # before v0.30 a date had to have a day
        self._all = {kind: {} for kind in self.KINDS}
        self._next = {kind: 1 for kind in self.KINDS}      # ids are never used twice

    def now(self):
        """The present, as a row would keep it."""
        return self.clock().astimezone(self.zone).isoformat(timespec="seconds").replace("+00:00", "Z")

    def all(self, kind):
        """Everything of a kind, by id."""
        with self.lock:
            return [self._all[kind][number] for number in sorted(self._all[kind])]

    def get(self, kind, number):
        """One thing, or None. Ids arrive as numbers or as text."""
        with self.lock:
            return self._all[kind].get(int(number))

    def need(self, kind, number):
        """One thing, or the error of Stash."""
        found = self.get(kind, number)
        if found is None:
            raise LibraryError(f"{kind} with id {number} not found")
        return found

    def by_name(self, kind, name):
        """The first one with that name, or None."""
        return next((found for found in self.all(kind) if found.name == name), None)

    # adding: no hook, as if it had been there since before the plugin

    def add(self, kind, number=None, **values):
        """A new row of any kind."""
        with self.lock:
            number = self._next[kind] if number is None else int(number)
            self._next[kind] = max(self._next[kind], number + 1)
            row = self.KINDS[kind](id=number, **values)
            row.created_at = row.created_at or self.now()
            row.updated_at = row.updated_at or row.created_at
            self._all[kind][number] = row
            return row

    def add_file(self, path, **values):
        """A file; its hash is made up from its path unless given."""
        digest = hashlib.md5(path.encode("utf-8", "surrogateescape")).hexdigest()
        values.setdefault("fingerprints", [{"type": "oshash", "value": digest[:16]},
                                           {"type": "phash", "value": digest[16:]}])
        values.setdefault("mod_time", self.now())
        return self.add("file", path=path, **values)

    def add_scene(self, path=None, number=None, size=None, files=None, **values):
        """A scene with one file, with several (files=[path, {"path":…, "size":…}])
        or with none. Performers, tags, studio and groups may be given by name:
        they are made if they do not exist."""
        given = list(files if files is not None else [path] if path else [])
        rows = [item if isinstance(item, File) else self.add_file(**({"path": item} if isinstance(item, str) else item))
                for item in given]
        if size is not None and rows:
            rows[0].size = size
        for key, kind in (("performers", "performer"), ("tags", "tag")):
            values[key] = [self.ensure(kind, item) for item in values.get(key, ())]
        if values.get("studio") is not None:
            values["studio"] = self.ensure("studio", values["studio"])
        values["groups"] = [self._group_entry(item) for item in values.get("groups", ())]
        return self.add("scene", number, files=rows, **values)

    def ensure(self, kind, item):
        """The row itself, or the one with that name, or a new one."""
        if not isinstance(item, str):
            return item
        return self.by_name(kind, item) or self.add(kind, name=item)

    def _group_entry(self, item):
        group, index = item if isinstance(item, tuple) else (item, None)
        return {"group": self.ensure("group", group), "scene_index": index}

    # what the mutations do

    def update_scene(self, number, values):
        """Applies a SceneUpdateInput: only the keys that are there."""
        with self.lock:
            scene = self.need("scene", number)
            changed = copy.copy(scene)
            for key, value in values.items():
                self._set_scene_field(changed, key, value)
            if not changed.title and not changed.files and "title" in values:
                raise LibraryError("title must be set if scene has no files")
            changed.updated_at = self.now()
            scene.__dict__.update(changed.__dict__)
            return scene

    def _set_scene_field(self, scene, key, value):
        simple = {"title": "", "code": "", "details": "", "director": "", "organized": False, "rating100": None,
                  "resume_time": 0.0, "play_duration": 0.0}
        if key in simple:
            setattr(scene, key, simple[key] if value is None else value)
        elif key == "date":
            scene.date = self._date(value)
        elif key == "url":
            scene.urls = [value] if value else []
        elif key == "urls":
            scene.urls = [url.strip() for url in value or ()]
        elif key == "studio_id":
            scene.studio = self.need("studio", value) if value else None
        elif key in ("performer_ids", "tag_ids"):
            setattr(scene, key[:-4] + "s", [self.need(key[:-4], item) for item in value or ()])
        elif key in ("groups", "movies"):
            scene.groups = [{"group": self.need("group", item.get("group_id") or item.get("movie_id")),
                             "scene_index": item.get("scene_index")} for item in value or ()]
        elif key == "stash_ids":
            scene.stash_ids = list(value or ())
        elif key == "cover_image":
            scene.cover = decode_cover(value) if value else scene.cover
        elif key == "custom_fields":
            scene.custom_fields = dict((value or {}).get("full") or {})
        elif key == "primary_file_id":
            first = [found for found in scene.files if found.id == int(value)]
            if not first:
                raise LibraryError(f"file with id {value} not associated with scene")
            scene.files = first + [found for found in scene.files if found is not first[0]]
        elif key not in ("id", "clientMutationId", "o_counter", "play_count", "gallery_ids"):
            raise LibraryError(f"no such field: {key}")

    def _date(self, value):
        pattern = r"\d{4}-\d\d-\d\d" if self.full_dates else r"\d{4}(-\d\d(-\d\d)?)?"
        if value and not re.fullmatch(pattern, value):
            raise LibraryError(f"converting date: parsing date {value!r}")
        return value or None

    def bulk_update_scenes(self, ids, values):
        """One set of values for many scenes; lists are {ids, mode}. All or none."""
        with self.lock:
            scenes = [self.need("scene", number) for number in ids]
            for scene in scenes:
                self.update_scene(scene.id, {key: self._bulk_value(scene, key, value) for key, value in values.items()})
            return scenes

    @staticmethod
    def _bulk_value(scene, key, value):
        if not isinstance(value, dict) or "mode" not in value:
            return value
        if key in ("group_ids", "movie_ids"):
            old = [str(entry["group"].id) for entry in scene.groups]
        elif key == "urls":
            old = scene.urls
        else:
            old = [str(item.id) for item in getattr(scene, key[:-4] + "s")]
        new = [str(item) for item in value.get("ids") or value.get("values") or ()]
        if value["mode"] == "ADD":
            new = old + [item for item in new if item not in old]
        elif value["mode"] == "REMOVE":
            new = [item for item in old if item not in new]
        return [{"group_id": item} for item in new] if key in ("group_ids", "movie_ids") else new

    def destroy_scene(self, number):
        """Removes it; its id is never used again."""
        with self.lock:
            scene = self.need("scene", number)
            del self._all["scene"][scene.id]
            return scene

    def update(self, kind, number, values):
        """Applies an update to a performer, studio, tag or group. The scenes
        that refer to it are not touched, not even their updated_at."""
        with self.lock:
            row = self.need(kind, number)
            for key, value in values.items():
                if key == "parent_id":
                    row.parent_studio = self.need("studio", value) if value else None
                elif key == "parent_ids":
                    row.parents = [self.need("tag", item) for item in value or ()]
                elif key in ("image", "front_image"):
                    setattr(row, key, decode_cover(value) if value else None)
                elif key != "id" and hasattr(row, key):
                    setattr(row, key, value)
            row.updated_at = self.now()
            return row

    def merge_tags(self, sources, target):
        """The scenes of the sources get the target; the sources disappear."""
        with self.lock:
            target = self.need("tag", target)
            gone = [self.need("tag", number) for number in sources]
            for scene in self.all("scene"):
                if any(tag in gone for tag in scene.tags):
                    kept = [tag for tag in scene.tags if tag not in gone and tag is not target]
                    scene.tags = kept + [target]
            for tag in gone:
                del self._all["tag"][tag.id]
            return target

    def destroy(self, kind, number):
        """Removes a performer, studio, tag or group from everything."""
        with self.lock:
            row = self.need(kind, number)
            for scene in self.all("scene"):
                scene.studio = None if scene.studio is row else scene.studio
                scene.performers = [item for item in scene.performers if item is not row]
                scene.tags = [item for item in scene.tags if item is not row]
                scene.groups = [item for item in scene.groups if item["group"] is not row]
            del self._all[kind][row.id]
            return row

    # what Stash does without telling a plugin

    def merge_scenes(self, target, *sources, **values):
        """sceneMerge: the sources' files move over, the sources are gone. The
        target's updated_at moves; no hook fires, not even for the sources."""
        with self.lock:
            row = self.need("scene", target)
            for number in sources:
                row.files = row.files + self.destroy_scene(number).files
            return self.update_scene(row.id, values)

    def assign_file(self, target, file_id):
        """sceneAssignFile: the file changes its scene; no updated_at moves."""
        with self.lock:
            file = self.need("file", file_id)
            for scene in self.all("scene"):
                scene.files = [found for found in scene.files if found is not file]
            self.need("scene", target).files.append(file)

    def move_file(self, number, path):
        """moveFiles: a scene's primary file gets another path, nothing else moves."""
        self.need("scene", number).files[0].path = path

    def auto_tag(self, number, *tags, performers=(), studio=None):
        """The Auto Tag task: adds what it recognised, moves updated_at."""
        with self.lock:
            scene = self.need("scene", number)
            scene.tags = scene.tags + [self.ensure("tag", tag) for tag in tags]
            scene.performers = scene.performers + [self.ensure("performer", item) for item in performers]
            scene.studio = self.ensure("studio", studio) or scene.studio
            scene.updated_at = self.now()
            return scene

    def rename(self, kind, number, name):
        """Another name for a performer, studio, tag or group; scenes stay as they are."""
        return self.update(kind, number, {"name": name})

    def set_cover(self, number, data):
        """Generate covers, or delete one (None): moves updated_at."""
        scene = self.need("scene", number)
        scene.cover, scene.updated_at = data, self.now()
        return scene

    def played(self, number):
        """Somebody watched it; updated_at stays."""
        scene = self.need("scene", number)
        scene.play_count += 1
        scene.last_played_at = self.now()
        scene.play_history.append(scene.last_played_at)

    # finding

    def find_scenes(self, scene_filter=None, ids=None, find=None):
        """(count, page of scenes) of a findScenes query."""
        with self.lock:
            if ids:
                return self._scenes_by_ids([int(number) for number in ids])
            find = find or {}
            found = [scene for scene in self.all("scene") if self.matches(scene, scene_filter or {})
                     and _mentions(scene, find.get("q"))]
            sort, direction = find.get("sort") or "", find.get("direction")
            if sort:
                if sort not in SORTS and not sort.startswith("random_"):
                    raise LibraryError(f"invalid sort: {sort}")
                found.sort(key=lambda scene: scene.title or str(scene.id))
                found.sort(key=lambda scene: _sort_key(scene, sort), reverse=direction == "DESC")
            return len(found), _page(found, find)

    def _scenes_by_ids(self, ids):
        """All or nothing; an id that is given twice counts as missing."""
        for at, number in enumerate(ids):
            if number not in self._all["scene"] or number in ids[:at]:
                raise LibraryError(f"scene with id {number} not found")
        return len(ids), [self._all["scene"][number] for number in ids]

    def find_named(self, kind, ids=None, find=None, name=None):
        """(count, page) of performers, studios, tags or groups."""
        with self.lock:
            if ids:
                return len(ids), [self.need(kind, number) for number in ids]
            find = find or {}
            words = (find.get("q") or "").lower().split()
            found = [row for row in self.all(kind) if all(word in row.name.lower() for word in words)
                     and (not name or _text(row.name, name))]
            found.sort(key=lambda row: row.name.lower(), reverse=find.get("direction") == "DESC")
            return len(found), _page(found, find)

    def matches(self, scene, wanted):
        """Whether a SceneFilterType accepts a scene."""
        own = all(self._criterion(scene, key, value) for key, value in wanted.items()
                  if value is not None and key not in ("AND", "OR", "NOT"))
        if wanted.get("OR"):
            return own or self.matches(scene, wanted["OR"])
        return (own and (not wanted.get("AND") or self.matches(scene, wanted["AND"]))
                and not (wanted.get("NOT") and self.matches(scene, wanted["NOT"])))

    def _criterion(self, scene, key, value):
        if key == "organized":
            return scene.organized == value
        if key == "path":
            return any(_text(file.path, value) for file in scene.files) if scene.files else _text("", value)
        if key in ("oshash", "checksum"):
            kind = "md5" if key == "checksum" else key
            return any(_text(file.hash(kind), value) for file in scene.files)
        if key in ("title", "code", "details", "director"):
            return _text(getattr(scene, key), value)
        if key in ("created_at", "updated_at", "date"):
            return _compare(getattr(scene, key) or "", value)
        if key == "stash_id_endpoint":
            return any(_stash_id(found, value) for found in scene.stash_ids)
        if key in ("id", "rating100", "o_counter", "play_count"):
            return _compare(getattr(scene, key), value)
        if key in ("file_count", "tag_count", "performer_count"):
            return _compare(len(getattr(scene, key[:-6] + "s")), value)
        return self._related(scene, key, value)

    def _related(self, scene, key, value):
        """Ids of what a scene refers to; with a depth, also what lies below them."""
        have = {"performers": scene.performers, "tags": scene.tags, "studios": [scene.studio] if scene.studio else [],
                "groups": [entry["group"] for entry in scene.groups]}
        have["movies"] = have["groups"]
        mine = {row.id for row in have[key]}
        depth = value.get("depth") or 0
        wanted = [self._below(key, int(number), depth) for number in value.get("value") or ()]
        unwanted = set().union(*[self._below(key, int(number), depth) for number in value.get("excludes") or ()])
        modifier = value["modifier"]
        if modifier in ("IS_NULL", "NOT_NULL"):
            return bool(mine) == (modifier == "NOT_NULL")
        if modifier == "EXCLUDES":
            return not any(mine & found for found in wanted)
        if modifier not in ("INCLUDES", "INCLUDES_ALL", "EQUALS"):
            raise LibraryError(f"invalid modifier {modifier}")
        test = any if modifier == "INCLUDES" else all
        return (not wanted or test(mine & found for found in wanted)) and not mine & unwanted

    def _below(self, key, number, depth):
        """A tag or studio and its descendants, 'depth' levels down (-1: all)."""
        found, level = {number}, {number}
        while depth != 0 and level and key in ("tags", "studios"):
            if key == "tags":
                level = {tag.id for tag in self.all("tag") if level & {parent.id for parent in tag.parents}}
            else:
                level = {row.id for row in self.all("studio") if row.parent_studio and row.parent_studio.id in level}
            level -= found
            found |= level
            depth -= 1
        return found


def _page(rows, find):
    """25 a page unless told otherwise; a negative size means everything."""
    size = find.get("per_page")
    size = 25 if size is None else size
    if size < 0:
        return rows
    start = (max(1, find.get("page") or 1) - 1) * size
    return rows[start:start + size]


def _sort_key(scene, sort):
    file = scene.files[0] if scene.files else None
    if sort in ("id", "organized", "play_count", "o_counter"):
        return getattr(scene, sort)
    if sort in ("created_at", "updated_at", "date"):
        return getattr(scene, sort) or ""
    if sort == "rating":
        return scene.rating100 or 0
    if sort in ("file_count", "performer_count", "tag_count"):
        return len(getattr(scene, sort[:-6] + "s"))
    if sort in ("filesize", "duration", "file_mod_time"):
        name = {"filesize": "size", "file_mod_time": "mod_time"}.get(sort, sort)
        return getattr(file, name) if file else type(getattr(File(0, ""), name))()
    if sort.startswith("random"):
        return hashlib.md5(f"{sort} {scene.id}".encode()).digest()
    text = scene.path if sort == "path" else scene.display_name
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text.lower())]


def _mentions(scene, words):
    """The search text: every word in title, details or path."""
    text = " ".join([scene.title, scene.details] + [file.path for file in scene.files]).lower()
    return all(word in text for word in (words or "").lower().split())


def _text(have, criterion):
    """A StringCriterionInput; SQLite's LIKE takes ASCII letters as they come."""
    value, modifier = criterion["value"], criterion["modifier"]
    low, wanted = have.lower(), value.lower()
    tests = {"EQUALS": lambda: low == wanted, "NOT_EQUALS": lambda: low != wanted,
             "INCLUDES": lambda: wanted in low, "EXCLUDES": lambda: wanted not in low,
             "MATCHES_REGEX": lambda: re.search(value, have) is not None,
             "NOT_MATCHES_REGEX": lambda: re.search(value, have) is None,
             "IS_NULL": lambda: not have, "NOT_NULL": lambda: bool(have)}
    if modifier not in tests:
        raise LibraryError(f"invalid modifier {modifier}")
    return tests[modifier]()


def _compare(have, criterion):
    """Numbers, and times as the text they are."""
    value, modifier = criterion["value"], criterion["modifier"]
    if modifier in ("IS_NULL", "NOT_NULL"):
        return (have in (None, "")) == (modifier == "IS_NULL")
    if have is None:
        return False
    other = criterion.get("value2")
    tests = {"EQUALS": lambda: have == value, "NOT_EQUALS": lambda: have != value,
             "GREATER_THAN": lambda: have > value, "LESS_THAN": lambda: have < value,
             "BETWEEN": lambda: value <= have <= other, "NOT_BETWEEN": lambda: not value <= have <= other}
    if modifier not in tests:
        raise LibraryError(f"invalid modifier {modifier}")
    return tests[modifier]()


def _stash_id(have, criterion):
    """A StashIDCriterionInput."""
    if criterion.get("endpoint") and have["endpoint"] != criterion["endpoint"]:
        return False
    return criterion["modifier"] == "NOT_NULL" or have["stash_id"] == criterion.get("stash_id")
