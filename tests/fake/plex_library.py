"""What a Plex Media Server knows: libraries, items, files, tags, artwork.

The model knows nothing of HTTP. Catalogue is the whole server, Library one
section, Item one row of metadata. What Plex is known or suspected to do in more
than one way is a switch of Catalogue, so that a test can have it either way.

Tests that change an item as a person in Plex Web would call Item.edit(): it
locks the field, moves updatedAt and the library's change counter. Attributes
may also be assigned directly; that moves nothing.
"""

import hashlib
import heapq
import itertools
import ntpath
import posixpath
import re
import threading
import time

TYPES = {"movie": 1, "show": 2, "season": 3, "episode": 4, "clip": 12, "collection": 18}
TAG_KINDS = ("genre", "collection", "label", "actor", "director", "writer", "producer", "country",
             "similar", "mood", "style")
PLURALS = {"genres": "genre", "collections": "collection", "labels": "label", "directors": "director",
           "writers": "writer", "producers": "producer", "countries": "country", "similars": "similar",
           "moods": "mood", "styles": "style"}
SCALARS = ("title", "titleSort", "originalTitle", "summary", "studio", "tagline", "contentRating",
           "editionTitle", "originallyAvailableAt", "addedAt", "rating", "audienceRating", "userRating")
ELEMENTS = {"thumb": "posters", "art": "arts"}
BIG = 1000                  # from this many items on, a library caches its order and its rendered rows
DURATION = 600_000          # of a file of which nothing else is said, as Stash has it (in seconds)
UPLOAD_LIMIT = 10 * 1024 * 1024


class PlexError(Exception):
    """An answer other than 200; 'status' says which."""

    def __init__(self, status, text=""):
        super().__init__(f"{status} {text}")
        self.status = status


class Tag:
    """One row of the table of tags. A performer's picture belongs to the row,
    not to the film: whoever writes it last changes it for every film."""

    def __init__(self, ident, kind, name):
        self.id = ident
        self.kind = kind
        self.name = name
        self.thumb = None


class Tagging:
    """One use of a tag by an item. For an actor it carries the role."""

    __slots__ = ("tag", "role", "tagKey")

    def __init__(self, tag, role=None, tag_key=None):
        self.tag = tag
        self.role = role
        self.tagKey = tag_key

    @property
    def name(self):
        """The name of the tag."""
        return self.tag.name

    @property
    def thumb(self):
        """The picture's URL, which all films with this performer share."""
        return self.tag.thumb

    def __repr__(self):
        return f"<{self.tag.kind} {self.name!r} as {self.role!r}>"


class Part:
    """One file."""

    __slots__ = ("id", "file", "size", "duration", "container", "changestamp")

    def __init__(self, ident, file, size, duration, changestamp):
        self.id, self.file, self.size, self.duration = ident, file, size, duration
        self.container = file.rpartition(".")[2].lower() if "." in basename(file) else ""
        self.changestamp = changestamp


class Media:
    """One version of a film: its parts, and proxyType 42 if Plex made it."""

    __slots__ = ("id", "parts", "duration", "width", "height", "proxyType")

    def __init__(self, ident, parts, duration, proxy_type=None, width=1920, height=1080):
        self.id = ident
        self.parts = parts
        self.duration = duration
        self.proxyType = proxy_type
        self.width = width
        self.height = height


class Artwork:
    """One picture that can be selected. 'upload://' names carry the SHA-1 of
    the uploaded bytes; 'media://' is a frame that Plex took from the film."""

    def __init__(self, rating_key, data=b"", provider=""):
        self.ratingKey = rating_key
        self.data = data
        self.provider = provider
        self.selected = False


def basename(path):
    """The file name of a path, also of a Windows path."""
    return ntpath.basename(path) if is_windows(path) else posixpath.basename(path)


def stem(path):
    """The file name without its extension: the title of a film without an agent."""
    return basename(path).rpartition(".")[0] or basename(path)


def folders(path):
    """The components of a path; both separators count in a Windows path."""
    if is_windows(path):
        path = path.replace("\\", "/")
    return [part for part in path.split("/") if part]


def is_windows(path):
    """A drive letter or a UNC path."""
    return bool(re.match(r"[A-Za-z]:[\\/]|\\\\", path))


def inside(path, folder):
    """Whether a path is the folder or lies below it."""
    have, want = folders(path), folders(folder)
    if is_windows(folder):
        have, want = [c.lower() for c in have], [c.lower() for c in want]
    return have[:len(want)] == want


def sort_title(title):
    """The default order ignores a leading article."""
    return re.sub(r"^(the|a|an) ", "", title or "", flags=re.IGNORECASE)


class Item:
    """One film, episode, show, season, or collection."""

    __slots__ = ("library", "id", "type", "guid", "media", "locked", "tags", "updatedAt", "deletedAt",
                 "agent", "duration", "parent", "index", "thumbAt", "artAt", "version", "metadataState",
                 "fail_detail", "fail_list", "fail_edit", "fail_artwork", "spoils", "smart", "_posters", "_arts") + SCALARS

    def __init__(self, library, ident, kind):
        self.library, self.id, self.type = library, ident, kind
        self.guid = None
        self.media = []
        self.locked = set()
        self.tags = {}
        self.updatedAt = self.addedAt = library.catalogue.now
        self.deletedAt = None
        self.agent = {}             # what a refresh brings back: what scanner and agent said
        self.duration = None
        self.parent = None
        self.index = None
        self.thumbAt = self.artAt = self.updatedAt
        self.version = 0
        self.metadataState = 5
        self.fail_detail = self.fail_list = self.fail_edit = self.fail_artwork = None   # HTTP statuses
        self.spoils = None          # (bytes, bytes): in JSON the first come out as the second
        self.smart = None           # of a collection: the filter that says what is in it
        self._posters = self._arts = None
        self.title = ""
        self.titleSort = self.originalTitle = self.summary = self.studio = self.tagline = None
        self.contentRating = self.editionTitle = self.originallyAvailableAt = None
        self.rating = self.audienceRating = self.userRating = None

    def __repr__(self):
        return f"<{self.type} {self.id} {self.title!r}>"

    @property
    def ratingKey(self):
        """The key as Plex writes it in JSON: a string."""
        return str(self.id)

    @property
    def parts(self):
        """All parts of all media."""
        return [part for media in self.media for part in media.parts]

    @property
    def files(self):
        """The paths of all parts."""
        return [part.file for part in self.parts]

    @property
    def year(self):
        """Follows from the date; there is no other way to set it."""
        return int(self.originallyAvailableAt[:4]) if self.originallyAvailableAt else None

    # tags

    def names(self, kind):
        """The names of one kind of tag, in their order."""
        return [tagging.name for tagging in self.tags.get(kind, ())]

    @property
    def actors(self):
        """Taggings with name, role, thumb, tagKey."""
        return list(self.tags.get("actor", ()))

    @actors.setter
    def actors(self, value):
        self.set_tags("actor", value)

    def set_tags(self, kind, values):
        """Replaces one kind of tag. Values: names, (name, role[, thumb[, tagKey]]) or dicts of these."""
        taggings = []
        for value in values or ():
            if isinstance(value, Tagging):
                taggings.append(value)
                continue
            fields = value if isinstance(value, dict) else \
                dict(zip(("name", "role", "thumb", "tagKey"), (value,) if isinstance(value, str) else value))
            tag = self.library.catalogue.tag(kind, fields["name"])
            tag.thumb = fields.get("thumb") or tag.thumb
            taggings.append(Tagging(tag, fields.get("role"), fields.get("tagKey")))
        before, self.tags[kind] = self.tags.get(kind, ()), taggings
        if kind == "collection":
            self.library.collect(before, taggings)

    def put(self, **fields):
        """Sets scalars and tags (by their plurals) without any side effect."""
        for name, value in fields.items():
            if name not in SETTABLE:
                raise AttributeError(name)
            setattr(self, name, set(value) if name == "locked" else value)

    # what people and Plex do to an item

    def edit(self, lock=True, **fields):
        """A person edits the item in Plex Web, which locks what it sets."""
        with self.library.catalogue.lock:
            self.put(**fields)
            if lock:
                self.locked |= {"actor" if name == "actors" else PLURALS.get(name, name) for name in fields}
            self.changed()

    def changed(self, counts=True):
        """The item was edited: its time stamp and the library's counter move."""
        catalogue = self.library.catalogue
        self.updatedAt = catalogue.now
        self.touch()
        if counts and catalogue.bumps_counter_on_edit:
            self.library.bump()

    def touch(self):
        """What was rendered or sorted before is out of date."""
        self.version += 1
        self.library.revision += 1

    def refresh(self):
        """Fields that are not locked fall back to what scanner and agent say.
        Rating and labels are the user's own; no agent has an opinion on them."""
        for name in SCALARS:
            if name not in self.locked and name not in ("addedAt", "userRating"):
                setattr(self, name, self.agent.get(name))
        for kind in TAG_KINDS:
            if kind not in self.locked and kind != "label" and (kind in self.tags or kind in self.agent):
                self.set_tags(kind, self.agent.get(kind, ()))
        for element in ELEMENTS:
            if element not in self.locked:
                self.select(element, next(iter(self.pictures(element)), None)
                            if element == "thumb" and self.media else None)
        self.changed()

    def add_media(self, file=None, size=0, parts=None, proxyType=None, duration=None):
        """One more version of the film; 'parts' is a list of (file, size).
        updatedAt does not move: it does not for files."""
        catalogue = self.library.catalogue
        stamp = catalogue.now
        rows = [Part(catalogue.next_id("part"), name, length, duration or self.duration or DURATION, stamp)
                for name, length in (parts or [(file, size)])]
        media = Media(catalogue.next_id("media"), rows, duration or self.duration or DURATION, proxyType)
        self.media.append(media)
        self.touch()
        self.library.files_changed()
        return media

    def lose_media(self, media):
        """The item no longer has this version of the film: its file vanished, or a person split it off."""
        self.media.remove(media)
        self.touch()
        self.library.files_changed()
        self.library.bump()

    def set_file(self, file, size=None, part=0, duration=None):
        """The file of a part is another one now (same key: Plex recognised it)."""
        row = self.parts[part]
        row.file, row.size = file, row.size if size is None else size
        row.duration = row.duration if duration is None else duration
        row.changestamp = self.library.catalogue.now
        self.touch()
        self.library.files_changed()

    # artwork

    def pictures(self, element):
        """The pictures of an element: 'thumb' (posters) or 'art' (backgrounds)."""
        slot = "_" + ELEMENTS[element]
        if getattr(self, slot) is None:
            setattr(self, slot, [])
            if element == "thumb" and self.media:
                digest = hashlib.sha1(self.files[0].encode("utf-8", "replace")).hexdigest()
                frame = Artwork(f"media://{digest[0]}/{digest[1:]}.bundle/Contents/Thumbnails/thumb1.jpg")
                frame.selected = True
                self._posters.append(frame)
        return getattr(self, slot)

    @property
    def posters(self):
        """All posters, in the order they came."""
        return self.pictures("thumb")

    @property
    def arts(self):
        """All backgrounds."""
        return self.pictures("art")

    def selected(self, element):
        """The picture that is shown, or None."""
        return next((picture for picture in self.pictures(element) if picture.selected), None)

    poster = property(lambda self: self.selected("thumb"))
    art = property(lambda self: self.selected("art"))

    def has_picture(self, element):
        """Like selected(), without making the list of pictures."""
        if getattr(self, "_" + ELEMENTS[element]) is None:
            return element == "thumb" and bool(self.media)
        return self.selected(element) is not None

    def select(self, element, picture):
        """Shows this picture (None: none); the stamp in the URL moves on, also
        when the clock stands still."""
        if picture is self.selected(element):
            return
        for other in self.pictures(element):
            other.selected = other is picture
        slot = element + "At"
        setattr(self, slot, max(self.library.catalogue.now, getattr(self, slot) + 1))
        self.touch()

    def offer(self, element, *rating_keys):
        """Pictures of an agent, of which the first is shown where none is; nobody locked it."""
        pictures = [Artwork(key) for key in rating_keys]
        self.pictures(element).extend(pictures)
        if not self.selected(element):
            self.select(element, pictures[0])

    def upload(self, element, data):
        """Stores a picture under the SHA-1 of its bytes: the same bytes again
        are the same row. It is selected and locked, perhaps a moment later."""
        if len(data) > UPLOAD_LIMIT:
            raise PlexError(500, "too large")
        catalogue = self.library.catalogue
        catalogue.after(catalogue.artwork_delay, lambda: self._store(element, data))

    def _store(self, element, data):
        catalogue = self.library.catalogue
        digest = hashlib.sha1(data).hexdigest()
        where = f"seasons/{self.parent.index}/episodes/{self.index}/" if self.type == "episode" else ""
        name = f"upload://{ELEMENTS[element] if element == 'thumb' else 'art'}/{where}{digest}"
        picture = next((p for p in self.pictures(element) if p.ratingKey == name), None)
        if not picture:
            picture = Artwork(name, data)
            self.pictures(element).append(picture)
        if catalogue.upload_selects:
            self.select(element, picture)
        if catalogue.upload_locks:
            self.locked.add(element)
        self.changed()


def _names_property(kind):
    return property(lambda self: self.names(kind), lambda self, values: self.set_tags(kind, values))


for _plural, _kind in PLURALS.items():
    setattr(Item, _plural, _names_property(_kind))

SETTABLE = frozenset(SCALARS) | frozenset(PLURALS) | {
    "actors", "locked", "guid", "updatedAt", "deletedAt", "duration", "index", "fail_detail", "fail_list",
    "fail_edit", "fail_artwork", "spoils"}


class Library:
    """One section. 'contentChangedAt' is a counter, whatever its name says."""

    def __init__(self, catalogue, ident, title, locations, kind, agent, scanner, language):
        self.catalogue, self.id, self.title, self.type = catalogue, ident, title, kind
        self.agent, self.scanner, self.language = agent, scanner, language
        self.uuid = catalogue.make_uuid(f"section {ident} {title}")
        self.createdAt = self.updatedAt = self.scannedAt = catalogue.now
        self.contentChangedAt = 4677
        self.refreshing = False
        self.locations = []             # (id, path)
        self.collections = {}           # name -> the item of type collection
        self.smart_collections = []     # no item carries their names
        self.disk = {}                  # files that exist and are not in the library yet: path -> size
        self.gone = set()               # files that vanished since the last scan
        self.revision = 0               # moves with every change: what is derived from the items is out of date
        self.fragments = {}             # rendered rows, filled by whoever renders
        self._items = {}
        self.sorted = {}                # orders of a big library, kept by whoever sorts
        self._seasons = {}
        self._collected = {}            # name of a collection -> how many items are in it
        self._by_name = None
        for path in locations:
            self.add_location(path)

    def __repr__(self):
        return f"<library {self.id} {self.title!r}: {len(self._items)} items>"

    key = property(lambda self: str(self.id))
    count = property(lambda self: len(self._items))

    @property
    def items(self):
        """All items of the default type, after whatever is due has happened."""
        self.catalogue.settle()
        return [item for item in self._items.values() if item.type == self.type]

    def add_location(self, path):
        """One more root folder."""
        self.locations.append((self.catalogue.next_id("location"), path))

    def bump(self, steps=1):
        """Moves the change counter."""
        self.contentChangedAt += steps

    def files_changed(self):
        """The index of file names is out of date."""
        self._by_name = None

    # items

    def add_item(self, title=None, file=None, size=0, parts=None, type=None, show=None, season=None, **fields):
        """Adds an item. Without 'file' and 'parts' it has no media, as right
        after a scan. Its title is by default the file's stem. What is given here
        counts as said by scanner and agent: a refresh brings it back."""
        with self.catalogue.lock:
            kind = type or ("episode" if show else self.type)
            item = Item(self, self.catalogue.next_id("metadata"), kind)
            if show:
                item.parent = self._season(show, 1 if season is None else season)
            name = file or (parts[0][0] if parts else None)
            item.title = title if title is not None else stem(name) if name else ""
            item.guid = f"{self._guid_scheme()}{item.id}"
            item.put(**fields)
            if "updatedAt" not in fields:
                item.updatedAt = item.addedAt
            if parts or file:
                item.add_media(file, size, parts)
            item.agent = {"title": item.title, **{name: fields[name] for name in fields if name in SCALARS}}
            item.agent.update({kind: list(rows) for kind, rows in item.tags.items()})
            return self._insert(item)

    def _guid_scheme(self):
        """In a library with a real agent, 'local://' means unmatched."""
        return "com.plexapp.agents.none://" if self.agent.endswith("none") else "local://"

    def _insert(self, item):
        self._items[item.id] = item
        self.catalogue.by_key[item.id] = item
        self.revision += 1
        self.bump()
        return item

    def _season(self, show, index):
        """The season (a show's name, its number), made when it is not there."""
        top = self._seasons.get(show) or self.add_item(show, type="show")
        self._seasons[show] = top
        row = self._seasons.get((show, index))
        if not row:
            row = self._seasons[(show, index)] = self.add_item(f"Season {index}", type="season", index=index)
            row.parent = top
        return row

    def add_many(self, count, pattern=None, title="Harbour Lights {i}", start=1, size=1_000_000, **fields):
        """Adds many plain films fast: {i} in pattern and title is the number,
        the size is 'size' + i. Returns them."""
        pattern = pattern or self.locations[0][1] + "/{i:07d}/harbour-lights-{i:07d}.mkv"
        made = []
        with self.catalogue.lock:
            for i in range(start, start + count):
                made.append(self.add_item(title.format(i=i), pattern.format(i=i), size + i, **fields))
        return made

    def remove_item(self, item, trash=None):
        """The file vanished. With auto-empty-trash the row goes at once;
        without it stays, listed, with deletedAt."""
        with self.catalogue.lock:
            if trash or (trash is None and not self.catalogue.auto_empty_trash):
                item.deletedAt = self.catalogue.now
                item.touch()
            else:
                self._items.pop(item.id, None)
                self.catalogue.by_key.pop(item.id, None)
                self.revision += 1
                self.collect(item.tags.get("collection", ()), ())
            self.files_changed()
            self.bump()

    def empty_trash(self):
        """Removes what carries deletedAt."""
        for item in [i for i in self._items.values() if i.deletedAt]:
            self.remove_item(item, trash=False)

    def rows(self, kind):
        """The items of one type, unsorted."""
        if kind == "collection":
            return list(self.collections.values()) + self.smart_collections
        return [item for item in self._items.values() if item.type == kind]

    def by_file(self, file):
        """The items with a part of exactly this path (a list: there can be several)."""
        return [item for item in self.by_name(basename(file)) if file in item.files]

    def by_name(self, name):
        """The items with a part of this file name."""
        self.catalogue.settle()
        if self._by_name is None:
            self._by_name = {}
            for item in self._items.values():
                for part in item.parts:
                    self._by_name.setdefault(basename(part.file), []).append(item)
        return self._by_name.get(name, [])

    def find(self, title):
        """The first item with this title, or None."""
        self.catalogue.settle()
        return next((item for item in self._items.values() if item.title == title), None)

    def collect(self, before, after):
        """An item left and joined collections. One exists as long as an item is in it."""
        for step, taggings in ((1, after), (-1, before)):
            for name in {tagging.name for tagging in taggings}:
                self._collected[name] = self._collected.get(name, 0) + step
                if not self._collected[name]:
                    self.catalogue.by_key.pop(self.collections.pop(name).id, None)
                elif name not in self.collections:
                    self.collections[name] = self._collection(name)

    def _collection(self, name):
        row = Item(self, self.catalogue.next_id("metadata"), "collection")
        row.title = name
        row.guid = f"collection://{self.catalogue.make_uuid(name)}"
        row.index = self.catalogue.tag("collection", name).id
        self.catalogue.by_key[row.id] = row
        return row

    def add_smart_collection(self, name, content="library://all?type=1&genre=1"):
        """A person saved a filter as a collection: what it finds is in it, whatever names items carry."""
        row = self._collection(name)
        row.smart = content
        self.smart_collections.append(row)
        return row

    # scans

    def put_file(self, file, size=0):
        """A file appeared on disk; a scan of its folder will find it."""
        self.disk[file] = size
        self.gone.discard(file)

    def drop_file(self, file):
        """A file vanished from disk; a scan of its folder will notice."""
        self.disk.pop(file, None)
        self.gone.add(file)

    def scan(self, path=None):
        """Starts a scan; answers what becomes of it. Plex says 200 to all."""
        known = itertools.chain(self.disk, (f for i in self._items.values() for f in i.files))
        if path is not None:
            if not any(inside(path, root) for _, root in self.locations):
                return "outside"
            if path in set(known):
                return "not a directory"
            if self.catalogue.scan_misses_new_folders and not any(
                    inside(f, path) for i in self._items.values() for f in i.files):
                return "missed"
        self.refreshing = True
        self.catalogue.after(self.catalogue.scan_delay, lambda: self._scanned(path))
        return "scanned"

    def _scanned(self, path):
        """The scan ends: new rows come without media, which follow a bit later."""
        def here(file):
            return any(inside(file, root) for _, root in self.locations) and (path is None or inside(file, path))
        for file in [f for f in self.disk if here(f)]:
            size = self.disk.pop(file)
            item = self.add_item(stem(file))
            item.metadataState = 0
            self.catalogue.tell(item)
            self.catalogue.after(self.catalogue.scan_media_delay,
                                 lambda i=item, f=file, s=size: self._analysed(i, f, s))
        for file in [f for f in self.gone if here(f)]:
            self.gone.discard(file)
            for item in self.by_file(file):
                self.remove_item(item)
        self.scannedAt = self.catalogue.now
        self.refreshing = False

    def _analysed(self, item, file, size):
        """Without an agent the last state is 1; others go on to 5."""
        item.add_media(file, size)
        item.metadataState = 1 if self.agent.endswith("none") else 5
        self.catalogue.tell(item)
        if self.catalogue.bumps_counter_on_scan:
            self.bump()


class Catalogue:
    """The whole server's data, its clock, and the switches of its behaviour."""

    def __init__(self):
        self.lock = threading.RLock()
        self.libraries = {}
        self.by_key = {}
        self.timeline = []                  # what the event socket would say: section, item, state
        # switches
        self.tag_mode = "add"               # or "replace": sources contradict each other
        self.bumps_counter_on_edit = True
        self.bumps_counter_on_scan = True
        self.trims_values = False           # blanks around values and names go
        self.folds_tag_case = False         # 'Drama' and 'drama' are one tag, spelled as the first
        self.max_value = None               # longer values are cut silently
        self.edits_first_only = False       # of an edit with several ids only the first one is edited
        self.never_locks = set()            # fields of which it never says that they are locked
        self.respells = {}                  # field or kind of tag -> what is stored of a value or name
        self.refuses = {}                   # the same -> the status for a value or name, or None
        self.auto_empty_trash = True
        self.artwork_delay = 0.0            # seconds until an upload shows
        self.upload_selects = True
        self.upload_locks = True
        self.scan_delay = 0.0               # seconds until a scan adds rows
        self.scan_media_delay = 0.0         # seconds until these have media
        self.scan_misses_new_folders = False
        self._now = None
        self._ids = {}
        self._tags = {}
        self._pending = []
        self._order = itertools.count()

    @property
    def now(self):
        """The clock in epoch seconds; assign an integer to stop it there."""
        return int(time.time()) if self._now is None else self._now

    @now.setter
    def now(self, value):
        self._now = value

    def advance(self, seconds):
        """Moves the clock (and stops it)."""
        self._now = self.now + seconds

    def next_id(self, table):
        """Row numbers only ever grow: what is added again gets a new key."""
        self._ids[table] = self._ids.get(table, 0) + 1
        return self._ids[table]

    @staticmethod
    def make_uuid(text):
        """A UUID that is the same in every run."""
        digest = hashlib.md5(text.encode()).hexdigest()
        return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))

    def after(self, seconds, action):
        """Does something later; at the first look after its time, in fact."""
        if seconds <= 0:
            action()
        else:
            heapq.heappush(self._pending, (time.monotonic() + seconds, next(self._order), action))

    def settle(self):
        """Does everything that is due."""
        with self.lock:
            while self._pending and self._pending[0][0] <= time.monotonic():
                heapq.heappop(self._pending)[2]()

    def step(self):
        """Does the next thing that is not due yet, now. With delays of an hour
        a test decides itself when something happens."""
        with self.lock:
            heapq.heappop(self._pending)[2]()

    def tell(self, item):
        """Notes an event of the timeline."""
        self.timeline.append({"sectionID": item.library.id, "itemID": item.id, "state": item.metadataState})

    def tag(self, kind, name):
        """The row of a tag, made when it is new."""
        key = (kind, name.casefold() if self.folds_tag_case else name)
        if key not in self._tags:
            self._tags[key] = Tag(self.next_id("tag"), kind, name)
        return self._tags[key]

    def add_library(self, title, locations=(), type="movie", agent="tv.plex.agents.none",
                    scanner="Plex Video Files Scanner", language="xn", id=None):
        """Adds a section. Several may have the same location."""
        with self.lock:
            ident = id or self.next_id("section")
            self.libraries[ident] = Library(self, ident, title, locations, type, agent, scanner, language)
            return self.libraries[ident]

    def remove_library(self, library):
        """Removes a section with its items."""
        with self.lock:
            for key in [key for key, item in self.by_key.items() if item.library is library]:
                del self.by_key[key]
            del self.libraries[library.id]

    def item(self, key):
        """The item of a rating key, or None."""
        self.settle()
        try:
            return self.by_key.get(int(key))
        except ValueError:
            return None

