"""How Plex writes what it knows: one tree of dicts, as JSON or as XML.

In the tree a scalar is an attribute, a list of dicts is a list of elements, a
dict is one element. JSON shows it as it is: numbers and booleans typed, keys
of items and sections as strings, empty things missing. In XML everything is an
attribute, booleans are 0 and 1, and what JSON calls Metadata is a Video, a
Directory or a Photo.
"""

import json
import re
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from .plex_library import BIG, ELEMENTS, SCALARS, sort_title

LISTED_TAGS = (("genre", "Genre", 2), ("country", "Country", None), ("collection", "Collection", None),
               ("director", "Director", 2), ("writer", "Writer", 2), ("actor", "Role", 3))
DETAIL_TAGS = tuple((kind, name, None) for kind, name, _ in LISTED_TAGS) + (
    ("label", "Label", None), ("producer", "Producer", None), ("similar", "Similar", None),
    ("mood", "Mood", None), ("style", "Style", None))
VIDEO_TYPES = {"movie", "episode", "clip"}


class Style:
    """What the client asked to see of an item."""

    def __init__(self, detail=False, truncate=True, guids=False, no_elements=(), no_fields=(), check_files=False):
        self.detail = detail
        self.truncate = truncate
        self.guids = guids or detail
        self.no_elements = frozenset(no_elements)
        self.no_fields = frozenset(no_fields)
        self.check_files = check_files
        self.key = (truncate, guids, self.no_elements, self.no_fields, check_files)

    @classmethod
    def of(cls, request, detail, truncate, honours_excludes):
        """The style that a request's arguments ask for."""
        def names(arg):
            return [n for n in request.arg(arg, "").split(",") if n] if honours_excludes else ()
        return cls(detail, truncate, request.arg("includeGuids") == "1", names("excludeElements"),
                   names("excludeFields"), request.arg("checkFiles") == "1")


# Items

def item_row(item, style):
    """One item, as a row of a listing or in detail."""
    row = {"ratingKey": item.ratingKey, "key": _item_key(item), "guid": item.guid, "type": item.type}
    row.update(_scalars(item))
    _add_parents(row, item)
    if item.type == "collection":
        _add_collection(row, item)
    if item.has_picture("thumb"):
        row["thumb"] = f"/library/metadata/{item.id}/thumb/{item.thumbAt}"
    if item.has_picture("art"):
        row["art"] = f"/library/metadata/{item.id}/art/{item.artAt}"
    row["updatedAt"] = item.updatedAt
    if item.deletedAt:
        row["deletedAt"] = item.deletedAt
    for name in style.no_fields:
        row.pop(name, None)
    elements = _elements(item, style)
    row.update((name, value) for name, value in elements if value and name not in style.no_elements)
    return row


def collected(row):
    """What is in a collection."""
    return [] if row.smart else [item for item in row.library.items if row.title in item.collections]


def _add_collection(row, item):
    """Its picture is made of those of its items until it is given one. An empty summary is there."""
    row.setdefault("summary", "")
    row.update(subtype=item.library.type, childCount=len(collected(item)),
               thumb=f"/library/collections/{item.id}/composite/{item.thumbAt}?width=400&height=600")
    if item.smart:
        row.update(smart=True, content=item.smart)


def _item_key(item):
    if item.type == "collection":
        return f"/library/collections/{item.id}/children"
    suffix = "/children" if item.type in ("show", "season") else ""
    return f"/library/metadata/{item.id}{suffix}"


def _scalars(item):
    """What is empty is missing. titleSort shows only if it is not the default."""
    for name in SCALARS:
        value = getattr(item, name)
        if name == "title":
            yield name, value
            default = sort_title(value)
            if not item.titleSort and default != value:
                yield "titleSort", default
        elif value is not None and value != "" and (name != "titleSort" or value != item.title):
            yield name, value
    if item.originallyAvailableAt:
        yield "year", item.year
    if item.media:
        yield "duration", item.media[0].duration
    if item.index is not None:
        yield "index", item.index


def _add_parents(row, item):
    """Episodes name their season and show, seasons their show."""
    for prefix, parent in (("parent", item.parent), ("grandparent", item.parent and item.parent.parent)):
        if parent:
            row[prefix + "RatingKey"] = parent.ratingKey
            row[prefix + "Key"] = f"/library/metadata/{parent.id}"
            row[prefix + "Title"] = parent.title
            if parent.index is not None:
                row[prefix + "Index"] = parent.index


def _elements(item, style):
    yield "Media", [_media_row(item, media, style) for media in item.media]
    for kind, name, limit in DETAIL_TAGS if style.detail else LISTED_TAGS:
        taggings = item.tags.get(kind)
        if taggings:
            taggings = taggings[:limit] if style.truncate else taggings
            yield name, [_tag_row(tagging, kind, style.detail) for tagging in taggings]
    if style.guids and not item.guid.startswith(("com.plexapp", "local:", "collection:")):
        yield "Guid", [{"id": item.guid}]
    if style.detail:
        yield "Field", [{"name": name, "locked": True} for name in sorted(item.locked)]
    if item.media and item.has_picture("thumb"):
        yield "Image", [{"alt": item.title, "type": "coverPoster",
                         "url": f"/library/metadata/{item.id}/thumb/{item.thumbAt}"}]
        yield "UltraBlurColors", {"topLeft": "2a3f55", "topRight": "303a5c", "bottomRight": "1d2433",
                                  "bottomLeft": "152030"}


def _tag_row(tagging, kind, detail):
    """A listing shows the name only; the detail also what belongs to it."""
    if not detail:
        return {"tag": tagging.name}
    row = {"id": tagging.tag.id, "filter": f"{kind}={tagging.tag.id}", "tag": tagging.name}
    for name in ("tagKey", "role", "thumb"):
        if getattr(tagging, name):
            row[name] = getattr(tagging, name)
    return row


def _media_row(item, media, style):
    row = {"id": media.id, "duration": media.duration, "bitrate": 6011, "width": media.width,
           "height": media.height, "aspectRatio": 1.78, "audioChannels": 2, "audioCodec": "aac",
           "videoCodec": "h264", "videoResolution": "1080", "container": media.parts[0].container,
           "videoFrameRate": "24p", "optimizedForStreaming": 0, "videoProfile": "high"}
    if media.proxyType:
        row.update(proxyType=media.proxyType, target="Optimized for TV", title="Optimized for TV")
    if item.deletedAt:
        row["deletedAt"] = item.deletedAt
    row["Part"] = [_part_row(item, part, style) for part in media.parts]
    return row


def _part_row(item, part, style):
    row = {"id": part.id, "key": f"/library/parts/{part.id}/{part.changestamp}/file.{part.container}",
           "duration": part.duration, "file": part.file, "size": part.size, "container": part.container,
           "videoProfile": "high"}
    if style.check_files:
        row["accessible"] = row["exists"] = not item.deletedAt
    if style.detail:
        row["Stream"] = [{"id": part.id * 2, "streamType": 1, "codec": "h264", "index": 0, "default": True},
                         {"id": part.id * 2 + 1, "streamType": 2, "codec": "aac", "index": 1, "default": True}]
    return row


def picture_rows(item, element):
    """The posters or backgrounds of an item."""
    return [{"key": (key := f"/library/metadata/{item.id}/file?url={quote(picture.ratingKey, safe='')}"),
             "ratingKey": picture.ratingKey, "thumb": key, "selected": picture.selected,
             "provider": picture.provider} for picture in item.pictures(element)]


# Sections

def section_row(library):
    """One section. Its key is a string, its counter is called a date by some."""
    return {"allowSync": True, "art": "/:/resources/movie-fanart.jpg",
            "composite": f"/library/sections/{library.id}/composite/{library.updatedAt}", "filters": True,
            "refreshing": library.refreshing, "thumb": "/:/resources/video.png", "key": library.key,
            "type": library.type, "title": library.title, "agent": library.agent, "scanner": library.scanner,
            "language": library.language, "uuid": library.uuid, "updatedAt": library.updatedAt,
            "createdAt": library.createdAt, "scannedAt": library.scannedAt, "content": True, "directory": True,
            "contentChangedAt": library.contentChangedAt, "hidden": 0,
            "Location": [{"id": ident, "path": path} for ident, path in library.locations]}


def meta(library, active):
    """The filters and orders that a library offers; python-plexapi checks its
    arguments against this before it sends them."""
    base = f"/library/sections/{library.id}"
    tags = ("genre", "collection", "label", "actor", "director", "writer", "producer", "country")
    fields = [("title", "string"), ("studio", "string"), ("summary", "string"), ("year", "integer"),
              ("userRating", "integer"), ("rating", "integer"), ("addedAt", "date"), ("updatedAt", "date"),
              ("originallyAvailableAt", "date"), ("trash", "boolean")]
    orders = ("titleSort", "addedAt", "updatedAt", "originallyAvailableAt", "userRating", "duration", "year")
    kind = active if active == "collection" else library.type
    operators = {"string": ("=", "!=", "==", "!==", "<=", ">="), "tag": ("=", "!="), "boolean": ("=", "!="),
                 "integer": ("=", "!=", ">>=", "<<="), "date": ("<<=", ">>=")}
    return {"Type": [{
        "key": f"{base}/{'collections' if kind == 'collection' else 'all'}?type=1", "type": kind,
        "title": kind.title(), "active": True,
        "Filter": [{"filter": t, "filterType": "string", "key": f"{base}/{t}", "title": t.title(), "type": "filter"}
                   for t in tags],
        "Sort": [{"key": o, "descKey": f"{o}:desc", "defaultDirection": "asc", "title": o} for o in orders],
        "Field": [{"key": t, "title": t.title(), "type": "tag"} for t in tags]
                 + [{"key": name, "title": name, "type": sort} for name, sort in fields]}],
        "FieldType": [{"type": name, "Operator": [{"key": o, "title": o} for o in values]}
                      for name, values in operators.items()]}


# Documents

def dump(value):
    """JSON, compact."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def json_listing(library, rows, style, attributes):
    """A listing from rendered rows. A big library keeps them: a benchmark
    wants to measure the client."""
    parts = []
    known = None
    if library and library.count >= BIG:
        if len(library.fragments) > 3:
            library.fragments.clear()
        known = library.fragments.setdefault(style.key, {})
    for item in rows:
        version, text = known.get(item.id, (None, None)) if known is not None else (None, None)
        if version != item.version:
            text = spoiled(item, dump(item_row(item, style)))
            if known is not None:
                known[item.id] = (item.version, text)
        parts.append(text)
    opening = dump(attributes)[:-1]
    return b'{"MediaContainer":' + opening + (b',"Metadata":[' + b",".join(parts) + b"]" if parts else b"") + b"}}"


def spoiled(item, text):
    """JSON as Plex writes it of names that are not UTF-8: with bytes, or what is no JSON at all."""
    return text.replace(*item.spoils) if item.spoils else text


def to_json(container):
    """A container as JSON."""
    return dump({"MediaContainer": container})


def to_xml(container):
    """A container as XML. Control characters are written as they are: Plex
    does that too, which is why nobody should send it any."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    _element(out, "MediaContainer", container)
    return "".join(out).encode("utf-8", "replace")


def _element(out, name, value):
    children = []
    out.append(f"<{name}")
    for key, entry in value.items():
        if isinstance(entry, dict):
            children.append((key, [entry]))
        elif isinstance(entry, list):
            children.append((key, entry))
        else:
            entry = str(int(entry)) if isinstance(entry, bool) else str(entry)
            out.append(f" {key}={quoteattr(entry, ATTRIBUTE_ENTITIES)}")
    if not children:
        out.append("/>")
        return
    out.append(">")
    for key, entries in children:
        for entry in entries:
            _element(out, _xml_name(key, entry), entry)
    out.append(f"</{name}>")


ATTRIBUTE_ENTITIES = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def _xml_name(key, entry):
    if key != "Metadata":
        return key
    if "type" not in entry:
        return "Photo"
    return "Video" if entry["type"] in VIDEO_TYPES else "Directory"


def element_of(name):
    """'posters', 'poster', 'thumb': the element that a path names, or None."""
    name = re.sub("s$", "", name)
    name = "thumb" if name == "poster" else name
    return name if name in ELEMENTS else None
