"""What a query string asks of a Plex library: filters, orders, and edits.

Pure functions over the model of plex_library; no HTTP. A query arrives as a
list of (name, value), decoded once.
"""

import datetime
import re
import time
from urllib.parse import unquote

from .plex_library import BIG, PLURALS, SCALARS, TAG_KINDS, TYPES, PlexError, Tagging, sort_title

# Orders

SORTS = {
    "id": lambda i: i.id, "ratingKey": lambda i: i.id, "index": lambda i: i.index or 0,
    "titleSort": lambda i: (i.titleSort or sort_title(i.title)).casefold(),
    "title": lambda i: (i.title or "").casefold(),
    "addedAt": lambda i: i.addedAt or 0, "updatedAt": lambda i: i.updatedAt or 0,
    "originallyAvailableAt": lambda i: i.originallyAvailableAt or "", "year": lambda i: i.year or 0,
    "userRating": lambda i: i.userRating or 0, "rating": lambda i: i.rating or 0,
    "audienceRating": lambda i: i.audienceRating or 0, "duration": lambda i: i.duration or 0,
}


def sort_items(rows, sort):
    """Sorts by 'field[:desc],...'; equal ones stay in the order of their keys."""
    for term in reversed([t for t in (sort or "titleSort").split(",") if t]):
        name, _, direction = term.partition(":")
        name = name.rpartition(".")[2]
        if name not in SORTS or direction not in ("", "asc", "desc", "nullsLast"):
            raise PlexError(400, f"no such order: {term}")
        rows = sorted(rows, key=SORTS[name], reverse=direction == "desc")
    return rows


def ordered(library, kind, sort):
    """The items of a type in an order; a big library remembers it until it changes."""
    if library.count < BIG:
        return sort_items(library.rows(kind), sort)
    revision, rows = library.sorted.get((kind, sort), (None, None))
    if revision != library.revision:
        rows = sort_items(library.rows(kind), sort)
        library.sorted[(kind, sort)] = (library.revision, rows)
    return rows


# Filters

TEXT_FIELDS = {"title", "studio", "summary", "contentRating", "originalTitle", "editionTitle"}
NUMBER_FIELDS = {"year", "userRating", "rating", "audienceRating", "duration", "id", "index"}
DATE_FIELDS = {"addedAt", "updatedAt", "originallyAvailableAt"}
FLAG_FIELDS = {"trash", "unmatched"}
FILE_FIELD = "file"
CONTROL = re.compile(r"X-Plex-|(include|exclude|check|skip|async)[A-Z]|(type|sort|limit|group|unwatched)$")
FIELD = re.compile(r"(?:\w+\.)?(\w+?)(!?=?|<|>|<<|>>)$")


def parse_filter(name, value):
    """One argument as (field, operator, value). The '=' that ends a name is
    not part of it: 'addedAt>>=1' arrives as ('addedAt>>', '1')."""
    match = FIELD.match(name)
    if not match:
        raise PlexError(400, f"no such filter: {name}")
    field, operator = match.groups()
    if value.startswith("=") and operator in ("", "!"):
        operator, value = operator + "=", value[1:]
    return field, operator, value


def is_filter(name):
    """Whether an argument selects items (rather than say how to list them)."""
    return not CONTROL.match(name)


def filter_items(library, rows, query):
    """Keeps the items that all filters let through; file=NAME is none, as far as anybody has seen."""
    for name, value in query:
        if not is_filter(name):
            continue
        field, operator, wanted = parse_filter(name, value)
        if field != FILE_FIELD:
            test = _test(library.catalogue, field, operator, wanted)
            rows = [item for item in rows if test(item)]
    return rows


def _test(catalogue, field, operator, wanted):
    if field in TEXT_FIELDS:
        return _text_test(field, operator, wanted.casefold())
    if field in NUMBER_FIELDS:
        return _number_test(lambda i: getattr(i, field), operator, _number(wanted))
    if field in DATE_FIELDS:
        return _number_test(lambda i: _epoch(getattr(i, field)), operator, _date(catalogue, wanted))
    if field in TAG_KINDS:
        return _tag_test(field, operator, wanted)
    if field in FLAG_FIELDS:
        get = {"trash": lambda i: bool(i.deletedAt),
               "unmatched": lambda i: (i.guid or "").startswith("local://")}[field]
        return lambda item: get(item) == (wanted == "1")
    raise PlexError(400, f"no such filter: {field}")


def _text_test(field, operator, wanted):
    """'=' means contains, '==' is, '<=' begins with, '>=' ends with."""
    def text(item):
        return (getattr(item, field) or "").casefold()
    return {"": lambda i: wanted in text(i), "=": lambda i: text(i) == wanted,
            "!": lambda i: wanted not in text(i), "!=": lambda i: text(i) != wanted,
            "<": lambda i: text(i).startswith(wanted), ">": lambda i: text(i).endswith(wanted),
            "<<": lambda i: text(i) < wanted, ">>": lambda i: text(i) > wanted}[operator]


def _number_test(get, operator, wanted):
    if operator in ("", "="):
        return lambda i: get(i) == wanted
    if operator in ("!", "!="):
        return lambda i: get(i) != wanted
    if operator in ("<<", "<"):
        return lambda i: get(i) is not None and get(i) < wanted
    return lambda i: get(i) is not None and get(i) > wanted


def _tag_test(kind, operator, wanted):
    """Tags are asked for by their ids; a comma means or."""
    ids = {int(text) for text in wanted.split(",") if text.isdigit()}
    def has(item):
        return any(tagging.tag.id in ids for tagging in item.tags.get(kind, ()))
    return (lambda i: not has(i)) if operator.startswith("!") else has


def _number(text):
    try:
        return float(text)
    except ValueError:
        raise PlexError(400, f"no number: {text}") from None


def _epoch(value):
    if isinstance(value, str):
        return datetime.datetime.fromisoformat(value).replace(tzinfo=datetime.timezone.utc).timestamp()
    return value


def _date(catalogue, text):
    """Epoch seconds, YYYY-MM-DD, or so long ago: -3d."""
    if match := re.fullmatch(r"-(\d+)(mon|[smhdwy])", text):
        unit = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "mon": 2592000, "y": 31536000}
        return catalogue.now - int(match[1]) * unit[match[2]]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return _epoch(text)
    return _number(text)


# Edits

LOCKABLE = set(SCALARS) | set(TAG_KINDS) | {"thumb", "art", "banner", "theme", "clearLogo", "squareArt"}
SCALAR_ARG = re.compile(r"(\w+)\.(value|locked)")
TAG_ARG = re.compile(r"(\w+)\[(\d+)\]\.(tag\.tag|tagging\.text|tag\.thumb|tag\.tagKey)")
REMOVE_ARG = re.compile(r"(\w+)\[\]\.tag\.tag-")
CLEAR_ARG = re.compile(r"(\w+)\[\]\.tag")
TAG_SLOTS = {"tag.tag": "name", "tagging.text": "role", "tag.thumb": "thumb", "tag.tagKey": "tagKey"}


class Edit:
    """One PUT, taken apart and checked; nothing is applied unless all is well."""

    def __init__(self, catalogue, query):
        self.catalogue = catalogue
        self.scalars = {}
        self.locks = {}
        self.tags = {}          # kind -> {index: {"name":…, "role":…}}
        self.removals = {}      # kind -> names
        self.cleared = set()
        for name, value in query:
            if name not in ("id", "type") and CONTROL.match(name) is None:
                self._parse(name, value)
        self._refuse()
        for kind, rows in self.tags.items():
            if any("name" not in row for row in rows.values()):
                raise PlexError(400, f"{kind}: a tag without a name")

    def _refuse(self):
        """What this server takes no value of, for reasons of its own."""
        values = [*self.scalars.items(), *((kind, row.get("name")) for kind, rows in self.tags.items()
                                           for row in rows.values())]
        for field, value in values:
            if status := self.catalogue.refuses.get(field, lambda _: None)(value):
                raise PlexError(status, f"{field}: {value}")

    def _parse(self, name, value):
        if match := SCALAR_ARG.fullmatch(name):
            self._parse_scalar(match[1], match[2], value)
        elif match := TAG_ARG.fullmatch(name):
            self._parse_tag(match[1], int(match[2]), TAG_SLOTS[match[3]], value)
        elif match := REMOVE_ARG.fullmatch(name):
            # A comma list whose names are encoded once more: 'C, D' is C%2C%20D here.
            names = [self._clean(unquote(text)) for text in value.split(",") if text]
            self.removals.setdefault(self._kind(match[1]), []).extend(names)
        elif (match := CLEAR_ARG.fullmatch(name)) and not value:
            self.cleared.add(self._kind(match[1]))
        else:
            raise PlexError(400, f"unknown argument: {name}")

    def _parse_scalar(self, field, what, value):
        if field not in (LOCKABLE if what == "locked" else SCALARS):
            raise PlexError(400, f"unknown field: {field}")
        if what == "locked":
            if value not in ("0", "1"):
                raise PlexError(400, f"{field}.locked={value}")
            self.locks[field] = value == "1"
        else:
            self.scalars[field] = self._convert(field, value)

    def _parse_tag(self, kind, index, slot, value):
        """The studio is no tag: written as one it shows up as a director."""
        kind = "director" if kind == "studio" else self._kind(kind)
        self.tags.setdefault(kind, {}).setdefault(index, {})[slot] = \
            self._clean(value) if slot == "name" else value

    @staticmethod
    def _kind(kind):
        if kind not in TAG_KINDS:
            raise PlexError(400, f"unknown kind of tag: {kind}")
        return kind

    def _clean(self, text):
        text = text.strip() if self.catalogue.trims_values else text
        return text[:self.catalogue.max_value] if self.catalogue.max_value else text

    def _convert(self, field, value):
        """Text to value; empty clears. Data of the wrong kind is a 500."""
        try:
            if field == "addedAt":
                return int(value)
            if not value:
                return "" if field == "title" else None
            if field == "originallyAvailableAt":
                return time.strftime("%Y-%m-%d", time.strptime(value, "%Y-%m-%d"))
            if field in ("rating", "audienceRating", "userRating"):
                number = float(value)
                if not 0 <= number <= 10:
                    raise ValueError(value)
                return number
        except ValueError:
            raise PlexError(500, f"invalid data: {field}={value}") from None
        return self._clean(value)

    # applying

    def apply(self, items):
        """Does it to all items."""
        for item in items:
            if item.type == "collection" and "title" in self.scalars:
                rename_collection(item, self.scalars["title"])
            for field, value in self.scalars.items():
                setattr(item, field, self.catalogue.respells.get(field, lambda value: value)(value))
            for kind in self.tags.keys() | self.removals.keys() | self.cleared:
                item.set_tags(kind, self._resulting(item, kind))
            for field, locked in self.locks.items():
                if field not in self.catalogue.never_locks:
                    (item.locked.add if locked else item.locked.discard)(field)
            item.changed()

    def _resulting(self, item, kind):
        """The taggings afterwards: added or replaced, less the removed ones."""
        new = self._new_taggings(kind)
        kept = [] if kind in self.cleared or (new and self.catalogue.tag_mode == "replace") \
            else list(item.tags.get(kind, ()))
        for tagging in new:
            at = next((i for i, old in enumerate(kept) if old.tag is tagging.tag), None)
            if at is None:
                kept.append(tagging)
            else:
                kept[at] = tagging
        gone = {self.catalogue.tag(kind, name) for name in self.removals.get(kind, ())}
        return [tagging for tagging in kept if tagging.tag not in gone]

    def _new_taggings(self, kind):
        """What is named, in the order of the indexes. Names without anything
        but blanks make no tag once trimmed; a role that is not sent is none."""
        made = []
        for _, row in sorted(self.tags.get(kind, {}).items()):
            if row["name"]:
                tag = self.catalogue.tag(kind, self.catalogue.respells.get(kind, lambda name: name)(row["name"]))
                tag.thumb = row.get("thumb") or tag.thumb
                made.append(Tagging(tag, row.get("role"), row.get("tagKey")))
        return made


def edit_items(library, query, missing_status=200):
    """PUT /library/sections/N/all: edits the items with these ids and this
    type. Without ids it edits everything of the type, as Plex does. Answers
    how many, and whether it was everything."""
    kind = type_name(library, dict(query).get("type"))
    ids = [text for name, value in query if name == "id" for text in value.split(",") if text]
    if library.catalogue.edits_first_only:
        ids = ids[:1]
    edit = Edit(library.catalogue, query)
    rows = [row for row in map(library.catalogue.item, dict.fromkeys(ids))
            if row and row.library is library and row.type == kind] if ids else library.rows(kind)
    if ids and not rows and missing_status != 200:
        raise PlexError(missing_status, "no such item")
    apply_edit(edit, rows)
    return len(rows), not ids


def rename_collection(row, title):
    """Renames the object, and with it the tag of every item in it."""
    library = row.library
    if library.collections.get(title, row) is not row:
        raise PlexError(409, "a collection of this name exists")
    old, row.title = row.title, title
    library.collections[title] = row
    for item in library.rows(library.type):
        if old in item.names("collection"):
            item.collections = [title if name == old else name for name in item.collections]
            item.touch()
    library.catalogue.by_key[row.id] = row


def apply_edit(edit, rows):
    """Applies to all, or to none if one of them refuses."""
    for row in rows:
        if row.fail_edit:
            raise PlexError(row.fail_edit, "this item is not to be edited")
    edit.apply(rows)


def type_name(library, number):
    """The type that an argument type=N names; a library has a default."""
    if number is None:
        return library.type
    names = {str(value): name for name, value in TYPES.items()}
    if number not in names and number not in TYPES:
        raise PlexError(400, f"no such type: {number}")
    return names.get(number, number)


def tag_kind(name):
    """'genre', 'genres', or 'actor': the kind of tag that a path names."""
    kind = PLURALS.get(name, name)
    return "actor" if kind in ("actors", "role") else kind if kind in TAG_KINDS else None
