"""A stand-in for Plex Media Server: the part of its HTTP API that a tool needs
which finds films by their files and edits their metadata.

    with PlexServer() as plex:
        films = plex.add_library("Films", ["/data/films"])
        item = films.add_item(file="/data/films/harbour-lights.mkv", size=123)
        ... requests to plex.url with the header X-Plex-Token: plex.token ...
        assert item.title == "Harbour Lights" and "title" in item.locked

It answers XML unless JSON is asked for, edits everything if an edit names no
id, truncates tags in listings, and has the other traps of the real one. Where
nobody knows what the real one does, there is a switch; see __init__ here and
in plex_library.Catalogue.
"""

import argparse
import hashlib
import re
import signal
from collections import Counter
from email.utils import formatdate

from . import plex_render as render
from .plex_backup import Backup
from .plex_library import Catalogue, PlexError
from .plex_query import (Edit, apply_edit, edit_items, filter_items, ordered, tag_kind, type_name)
from .server import MAINTENANCE, Reply, Server

IDENTIFIER = "com.plexapp.plugins.library"


def _delegate(name):
    return property(lambda self: getattr(self.catalogue, name),
                    lambda self, value: setattr(self.catalogue, name, value))


class PlexServer(Server):
    """The HTTP face of a Catalogue. Switches of the model can be set here too."""

    def __init__(self, token="fake-plex-token-0123456789", port=0, tls=False, **options):
        super().__init__(port=port, tls=tls, **options)
        self.catalogue = Catalogue()
        self.lock = self.catalogue.lock
        self.token = token
        self.guest_token = None             # a second token, of somebody who is not the owner
        self.guest_status = 401             # what that one gets for everything below /library
        self.friendly_name = "Fake Plex"
        self.machine_identifier = hashlib.sha1(b"fake plex").hexdigest()
        self.version = "1.43.1.10611-1e34174b1"
        # switches
        self.maintenance = False            # everything is 503: the database is being migrated
        self.max_page = None                # more items than this are never in one answer
        self.require_size = False           # a listing without X-Plex-Container-Size is a 400
        self.max_url = None                 # longer request targets get max_url_answer:
        self.max_url_answer = 414           # 414, 400, or "reset"
        self.truncates = True               # listings show two genres and three roles
        self.honours_excludes = True
        self.missing_edit_status = 200      # or 404: an edit of ids that do not exist
        self.deletes_artwork = True         # DELETE /library/metadata/K/thumb exists (1.43)
        self.select_locks = False
        # records
        self.mass_edits = 0                 # edits without an id
        self.token_in_url = False           # somebody sent a token in a URL, where it ends up in logs
        self.scans = []                     # (section id, path, what became of it)
        self.refreshes = []                 # rating keys

    def add_library(self, title, locations=(), **options):
        """A new section; see Catalogue.add_library."""
        return self.catalogue.add_library(title, locations, **options)

    def remove_library(self, library):
        """Removes a section."""
        self.catalogue.remove_library(library)

    def item(self, key):
        """The item of a rating key, or None."""
        return self.catalogue.item(key)

    def advance(self, seconds):
        """Moves the clock."""
        self.catalogue.advance(seconds)

    def step(self):
        """The next thing that a delay holds back (scan, media, artwork) happens now."""
        self.catalogue.step()

    def backup(self):
        """A backup of the database; its restore() puts everything back to what it is now."""
        return Backup(self.catalogue)

    @property
    def libraries(self):
        """All sections."""
        return list(self.catalogue.libraries.values())

    @property
    def writes(self):
        """The requests that meant to change something."""
        return [r for r in self.requests if r.method in ("PUT", "POST", "DELETE")]

    def counts(self):
        """How often each 'METHOD /path' was asked for."""
        return Counter(f"{r.method} {r.path}" for r in self.requests)

    # every request

    def handle(self, request):
        self.catalogue.settle()
        self._watch_token(request)
        try:
            reply = self._answer(request)
        except PlexError as error:
            reply = Reply.html_error(error.status)
        reply.headers.setdefault("X-Plex-Protocol", "1.0")
        reply.headers.setdefault("Date", formatdate(usegmt=True))
        return reply

    def _watch_token(self, request):
        if any(name.lower() == "x-plex-token" for name, _ in request.query) or self.token in request.target:
            self.token_in_url = True

    def _answer(self, request):
        if self.max_url and len(request.target) > self.max_url:
            if self.max_url_answer == "reset":
                return Reply(reset=True)
            raise PlexError(self.max_url_answer, "URL too long")
        if self.maintenance:
            return Reply(503, {"Content-Type": "text/xml"}, MAINTENANCE)
        if request.path != "/identity":
            self._authorize(request)
        method = "GET" if request.method == "HEAD" else request.method
        for verb, pattern, action in ROUTES:
            match = pattern.fullmatch(request.path)
            if match and verb == method:
                return action(self, request, *match.groups())
        raise PlexError(404, request.path)

    def _authorize(self, request):
        """/identity alone is open. Plex accepts the token in the URL too."""
        token = request.headers.get("X-Plex-Token") or \
            next((value for name, value in request.query if name.lower() == "x-plex-token"), None)
        if token and token == self.guest_token:
            if request.path.startswith(("/library", "/:/")):
                raise PlexError(self.guest_status, "not the owner")
        elif token != self.token:
            raise PlexError(401, "token")

    def document(self, request, container, headers=None):
        """A container in the form that the client asked for; XML by default."""
        if wants_json(request):
            return Reply(200, {"Content-Type": "application/json", **(headers or {})}, render.to_json(container))
        return Reply(200, {"Content-Type": "text/xml;charset=utf-8", **(headers or {})}, render.to_xml(container))

    # the server

    def _identity(self, request):
        return self.document(request, {"size": 0, "claimed": True, "machineIdentifier": self.machine_identifier,
                                       "version": self.version})

    def _root(self, request):
        return self.document(request, {
            "size": 0, "allowMediaDeletion": True, "friendlyName": self.friendly_name,
            "machineIdentifier": self.machine_identifier, "myPlex": True, "myPlexSubscription": False,
            "platform": "Linux", "platformVersion": "6.1", "version": self.version,
            "transcoderActiveVideoSessions": 0, "updatedAt": self.catalogue.now})

    def _library_root(self, request):
        return self.document(request, {"size": 0, "identifier": IDENTIFIER, "mediaTagVersion": 1700000000,
                                       "title1": "Plex Library"})

    def _activities(self, request):
        rows = [{"uuid": library.uuid, "type": "library.update.section", "cancellable": True, "userID": 1,
                 "title": f"Scanning {library.title}", "progress": 50, "Context": [{"librarySectionID": library.key}]}
                for library in self.libraries if library.refreshing]
        return self.document(request, {"size": len(rows), "Activity": rows})

    # sections

    def _sections(self, request):
        rows = [render.section_row(library) for library in self.libraries]
        return self.document(request, {"size": len(rows), "allowSync": True, "title1": "Plex Library",
                                       "Directory": rows})

    def _section(self, request, section):
        library = self._library(section)
        return self.document(request, {"size": 1, "librarySectionID": library.id, "title1": library.title,
                                       "Directory": [render.section_row(library)]})

    def _library(self, section):
        library = self.catalogue.libraries.get(int(section))
        if not library:
            raise PlexError(404, "no such section")
        return library

    def _all(self, request, section):
        library = self._library(section)
        if self.require_size and _page_number(request, "Size") is None:
            raise PlexError(400, "Missing X-Plex-Container-Size")
        return self._listing(request, library, type_name(library, request.arg("type")))

    def _collections(self, request, section):
        return self._listing(request, self._library(section), "collection")

    def _listing(self, request, library, kind):
        rows = filter_items(library, ordered(library, kind, request.arg("sort")), request.query)
        attributes = {"allowSync": True, "identifier": IDENTIFIER, "librarySectionID": library.id,
                      "librarySectionTitle": library.title, "librarySectionUUID": library.uuid,
                      "title1": library.title, "viewGroup": kind}
        if request.arg("includeMeta") == "1":
            attributes["Meta"] = render.meta(library, kind)
        return self._page(request, rows, attributes, library)

    def _all_libraries(self, request):
        """The items of all sections."""
        rows = []
        for library in self.libraries:
            kind = type_name(library, request.arg("type"))
            rows += filter_items(library, ordered(library, kind, request.arg("sort")), request.query)
        return self._page(request, rows, {"identifier": IDENTIFIER}, None)

    def _page(self, request, rows, attributes, library, detail=False):
        """A part of the rows. Without paging there is no totalSize; a server
        may always send fewer than asked for."""
        start, size, headers = _page_number(request, "Start"), _page_number(request, "Size"), {}
        total = len(rows)
        limit = request.arg("limit", "")
        rows = rows[:int(limit)] if limit.isdigit() else rows
        if start is not None or size is not None:
            start = start or 0
            size = total if size is None else size
            rows = rows[start:start + min(size, self.max_page or size)]
            attributes = {"size": len(rows), "totalSize": total, "offset": start, **attributes}
            headers = {"X-Plex-Container-Start": start, "X-Plex-Container-Total-Size": total}
        else:
            attributes = {"size": len(rows), **attributes}
        if not detail and (status := next((item.fail_list for item in rows if item.fail_list), None)):
            raise PlexError(status, "a row of the page is damaged")
        style = render.Style.of(request, detail, self.truncates, self.honours_excludes)
        if wants_json(request) and not detail:
            return Reply(200, {"Content-Type": "application/json", **headers},
                         render.json_listing(library, rows, style, attributes))
        found = [render.item_row(item, style) for item in rows]
        if detail:
            _add_section(found, rows)
        reply = self.document(request, {**attributes, "Metadata": found} if found or not wants_json(request)
                              else attributes, headers)
        for item in rows:
            reply.body = render.spoiled(item, reply.body)
        return reply

    def _tags(self, request, section, name):
        """The tags of one kind that a section uses, with their ids."""
        library, kind = self._library(section), tag_kind(name)
        used = {tagging.tag.id: tagging.tag for item in library.rows(library.type)
                for tagging in item.tags.get(kind, ())}
        rows = [{"fastKey": f"/library/sections/{section}/all?{kind}={tag.id}", "key": str(tag.id), "title": tag.name,
                 "type": kind} for tag in sorted(used.values(), key=lambda tag: tag.name.casefold())]
        return self.document(request, {"size": len(rows), "Directory": rows})

    def _scan(self, request, section):
        """200 whatever becomes of it. force=1 refreshes all metadata."""
        library = self._library(section)
        path = request.arg("path")
        self.scans.append((library.id, path, library.scan(path)))
        if request.arg("force") == "1":
            for item in library.items:
                item.refresh()
        return Reply()

    def _cancel_scan(self, _request, section):
        self._library(section).refreshing = False
        return Reply()

    def _empty_trash(self, _request, section):
        self._library(section).empty_trash()
        return Reply()

    # items

    def _found(self, keys):
        """The items of '1,2,3'. Those that do not exist are left out; if that
        is all of them, the answer is 404."""
        items = [item for item in map(self.catalogue.item, keys.split(",")) if item]
        if not items:
            raise PlexError(404, "no such item")
        return items

    def _detail(self, request, keys):
        items = self._found(keys)
        for item in items:
            if item.fail_detail:
                raise PlexError(item.fail_detail, "this item is damaged")
        attributes = {"allowSync": True, "identifier": IDENTIFIER}
        if len({item.library for item in items}) == 1:
            library = items[0].library
            attributes.update(librarySectionID=library.id, librarySectionTitle=library.title,
                              librarySectionUUID=library.uuid)
        return self._page(request, items, attributes, None, detail=True)

    def _children(self, request, key):
        item = self._found(key)[0]
        rows = [i for i in item.library.items + item.library.rows("season") if i.parent is item] \
            if item.type != "collection" else render.collected(item)
        return self._page(request, list(dict.fromkeys(rows)), {"identifier": IDENTIFIER}, None)

    def _only_collection(self, key):
        if self._found(key)[0].type != "collection":
            raise PlexError(404, "not a collection")
        return key

    def _collection(self, request, key):
        return self._detail(request, self._only_collection(key))

    def _collection_items(self, request, key):
        return self._children(request, self._only_collection(key))

    def _edit(self, request, section):
        """PUT /library/sections/N/all: without an id it edits everything."""
        _, everything = edit_items(self._library(section), request.query, self.missing_edit_status)
        self.mass_edits += everything
        return Reply(200, {"Content-Type": "text/html"})

    def _edit_item(self, request, keys):
        """PUT /library/metadata/K: cannot hit the whole library."""
        apply_edit(Edit(self.catalogue, request.query), self._found(keys))
        return Reply(200, {"Content-Type": "text/html"})

    def _refresh(self, _request, key):
        for item in self._found(key):
            self.refreshes.append(item.ratingKey)
            item.refresh()
        return Reply()

    def _nothing(self, _request, key):
        self._found(key)
        return Reply()

    def _rate(self, request):
        """0 to 10, -1 clears; per user, so that nothing is locked."""
        try:
            rating = float(request.arg("rating", ""))
        except ValueError:
            raise PlexError(400, "rating") from None
        if request.arg("identifier") != IDENTIFIER or not request.arg("key") or not -1 <= rating <= 10:
            raise PlexError(400, "arguments")
        for item in self._found(request.arg("key")):
            item.userRating = None if rating < 0 else rating
            item.changed()
        return Reply()

    # artwork

    def _picture_target(self, key, name):
        item, element = self._found(key)[0], render.element_of(name)
        if not element:
            raise PlexError(404, name)
        if item.fail_artwork:
            raise PlexError(item.fail_artwork, "artwork")
        return item, element

    def _pictures(self, request, key, name):
        item, element = self._picture_target(key, name)
        rows = render.picture_rows(item, element)
        return self.document(request, {"size": len(rows), "identifier": IDENTIFIER, "Metadata": rows})

    def _upload(self, request, key, name):
        """The picture is the body, as it is."""
        item, element = self._picture_target(key, name)
        if not request.body:
            raise PlexError(400, "no picture")
        item.upload(element, request.body)
        return Reply(200, {"Content-Type": "text/html"})

    def _select(self, request, key, name):
        """Selects a picture that the item has. The answer is not XML."""
        item, element = self._picture_target(key, name)
        wanted = request.arg("url")
        picture = next((p for p in item.pictures(element) if p.ratingKey == wanted), None)
        if not picture:
            raise PlexError(404, "no such picture")
        item.select(element, picture)
        if self.select_locks:
            item.locked.add(element)
        item.changed()
        return Reply.text(wanted, content_type="text/plain")

    def _unselect(self, _request, key, name):
        """Shows no picture, and locks that. No picture can be deleted."""
        item, element = self._picture_target(key, name)
        if name not in ("thumb", "art") or not self.deletes_artwork:
            raise PlexError(404, name)
        item.select(element, None)
        item.locked.add(element)
        item.changed()
        return Reply()

    def _picture(self, _request, key, name):
        item, element = self._picture_target(key, name)
        return _image(item.selected(element))

    def _picture_file(self, request, key):
        item = self._found(key)[0]
        return _image(next((p for p in item.posters + item.arts if p.ratingKey == request.arg("url")), None))


for _name in ("now", "tag_mode", "bumps_counter_on_edit", "bumps_counter_on_scan", "trims_values", "folds_tag_case",
              "max_value", "respells", "refuses", "never_locks", "edits_first_only", "auto_empty_trash", "artwork_delay", "upload_selects", "upload_locks", "scan_delay",
              "scan_media_delay", "scan_misses_new_folders", "timeline"):
    setattr(PlexServer, _name, _delegate(_name))


def wants_json(request):
    """JSON only for those who ask for it."""
    return "application/json" in request.headers.get("Accept", "")


def _page_number(request, name):
    """X-Plex-Container-Start or -Size, as header or argument."""
    name = f"X-Plex-Container-{name}"
    text = request.headers.get(name) or request.arg(name)
    if text is None or text == "":
        return None
    if not text.isdigit():
        raise PlexError(400, name)
    return int(text)


def _add_section(rows, items):
    """Only the detail says in which section an item is."""
    for row, item in zip(rows, items):
        library = item.library
        row.update(librarySectionID=library.id, librarySectionTitle=library.title,
                   librarySectionKey=f"/library/sections/{library.id}")


def _image(picture):
    if not picture:
        raise PlexError(404, "no picture")
    return Reply(200, {"Content-Type": "image/jpeg"}, picture.data or b"\xff\xd8\xff\xe0 a frame \xff\xd9")


def _route(verb, pattern, action):
    return verb, re.compile(pattern), action


SECTION, ITEM = r"/library/sections/(\d+)", r"/library/metadata/(\d+)"
COLLECTION = r"/library/collections/(\d+)"
ROUTES = [
    _route("GET", "/identity", PlexServer._identity),
    _route("GET", "/", PlexServer._root),
    _route("GET", "/activities", PlexServer._activities),
    _route("GET", "/library/?", PlexServer._library_root),
    _route("GET", "/library/sections/?", PlexServer._sections),
    _route("GET", "/library/sections/all", PlexServer._sections),
    _route("GET", "/library/all", PlexServer._all_libraries),
    _route("GET", SECTION + "/?", PlexServer._section),
    _route("GET", SECTION + "/all", PlexServer._all),
    _route("PUT", SECTION + "/all", PlexServer._edit),
    _route("GET", SECTION + "/collections", PlexServer._collections),
    _route("GET", SECTION + "/refresh", PlexServer._scan),
    _route("POST", SECTION + "/refresh", PlexServer._scan),
    _route("DELETE", SECTION + "/refresh", PlexServer._cancel_scan),
    _route("PUT", SECTION + "/emptyTrash", PlexServer._empty_trash),
    _route("GET", SECTION + "/(genre|collection|label|actor|director|writer|producer|country)", PlexServer._tags),
    _route("GET", r"/library/metadata/([\d,]+)", PlexServer._detail),
    _route("PUT", r"/library/metadata/([\d,]+)", PlexServer._edit_item),
    _route("GET", ITEM + "/children", PlexServer._children),
    _route("GET", COLLECTION, PlexServer._collection),
    _route("GET", COLLECTION + "/(?:children|items)", PlexServer._collection_items),
    _route("PUT", ITEM + "/refresh", PlexServer._refresh),
    _route("PUT", ITEM + "/analyze", PlexServer._nothing),
    _route("GET", ITEM + "/file", PlexServer._picture_file),
    _route("GET", ITEM + "/(posters|arts)", PlexServer._pictures),
    _route("POST", ITEM + "/(posters?|arts?|thumb)", PlexServer._upload),
    _route("PUT", ITEM + "/(poster|thumb|art)", PlexServer._select),
    _route("DELETE", ITEM + "/(thumb|art|posters|arts)", PlexServer._unselect),
    _route("GET", ITEM + r"/(thumb|art)(?:/\d+)?", PlexServer._picture),
    _route("PUT", "/:/rate", PlexServer._rate),
]


def main():
    """Serves a small library until it is killed, to try things by hand."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.fake.plex", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--token", default="demo-token", help="the token that is accepted (default: demo-token)")
    parser.add_argument("--tls", action="store_true", help="HTTPS with a throw-away certificate")
    parser.add_argument("--items", type=int, default=3, help="number of films (default: 3)")
    parser.add_argument("--library", default="Films", help="name of the library (default: Films)")
    parser.add_argument("--location", default="/data/films", help="its folder, as Plex sees it")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with PlexServer(token=options.token, port=options.port, tls=options.tls) as plex:
            plex.add_library(options.library, [options.location]).add_many(options.items)
            print(f"{plex.url}  token {plex.token}" + (f"  certificate {plex.certfile}" if plex.tls else ""), flush=True)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
