"""The stand-in for Plex behaves like Plex.

Two judges: python-plexapi, an independent client that works with real servers,
and raw requests for each trap that the stand-in is there to set.
"""

import hashlib
import http.client
import json
import select
import socket
import ssl
import subprocess
import sys
import threading
import time
from urllib.parse import quote, urlencode

import pytest
import requests
from plexapi.exceptions import BadRequest, NotFound, Unauthorized
from plexapi.server import PlexServer as Client

from tests.fake.plex import PlexServer as FakePlex
from tests.fake.server import FAULTS

UNICODE = "Ünï & x <\"'> 漢字 🎬 100% a+b"


@pytest.fixture
def plex():
    with FakePlex(keepalive_timeout=5.0) as server:
        yield server
        assert server.errors == []


@pytest.fixture
def films(plex):
    return plex.add_library("Films", ["/data/films"])


@pytest.fixture
def item(films):
    return films.add_item(file="/data/films/Harbour Lights.mkv", size=1234, studio="Northwind Pictures",
                          genres=["Drama"], actors=[("Ana Duarte", "Captain")], summary="A ship comes in.")


@pytest.fixture
def client(plex):
    return connect(plex)


@pytest.fixture
def video(client, item):
    return client.fetchItem(item.id)


def connect(plex, token=None):
    """python-plexapi, without the proxies of the environment."""
    session = requests.Session()
    session.trust_env = False
    return Client(plex.url, token or plex.token, session=session)


def ask(plex, method, target, body=None, headers=None, token=True):
    """One raw request on its own connection: status, header fields, body."""
    connection = http.client.HTTPConnection("127.0.0.1", plex.port, timeout=10)
    fields = {"Accept": "application/json", **({"X-Plex-Token": plex.token} if token else {}), **(headers or {})}
    try:
        connection.request(method, target, body, fields)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def get(plex, target, **headers):
    """The container of a JSON answer."""
    status, _, body = ask(plex, "GET", target, headers={k.replace("_", "-"): v for k, v in headers.items()})
    assert status == 200, (status, body)
    return json.loads(body)["MediaContainer"]


def detail(plex, item):
    return get(plex, f"/library/metadata/{item.id}")["Metadata"][0]


def edit(plex, item, section=1, **fields):
    """Form A; in names '__' is a dot."""
    fields = {name.replace("__", "."): value for name, value in fields.items()}
    query = urlencode({"type": 1, "id": item.id, **fields}, quote_via=quote)
    return ask(plex, "PUT", f"/library/sections/{section}/all?{query}")[0]


def put(plex, query, section=1):
    return ask(plex, "PUT", f"/library/sections/{section}/all?{query}")[0]


# Judged by python-plexapi

def test_client_finds_server_and_sections(plex, films, client):
    other = plex.add_library("Other", ["/data/a", "D:\\b"])
    assert client.friendlyName == plex.friendly_name and client.machineIdentifier == plex.machine_identifier
    assert client.identity().machineIdentifier == plex.machine_identifier
    assert [s.title for s in client.library.sections()] == ["Films", "Other"]
    section = client.library.section("Other")
    assert section.key == other.id and section.uuid == other.uuid and section.locations == ["/data/a", "D:\\b"]
    assert section.agent == "tv.plex.agents.none" and section.type == "movie"


def test_client_reads_items(films, client, item):
    row = client.library.section("Films").all()[0]
    assert (row.title, row.ratingKey, row.studio) == ("Harbour Lights", item.id, "Northwind Pictures")
    assert row.media[0].parts[0].file == "/data/films/Harbour Lights.mkv" and row.media[0].parts[0].size == 1234
    row.reload()
    assert [(r.tag, r.role) for r in row.roles] == [("Ana Duarte", "Captain")]
    assert row.librarySectionID == films.id and row.guid == item.guid
    with pytest.raises(NotFound):
        client.fetchItem(4711)


def test_client_lists_all_in_pages(films, client):
    films.add_many(250)
    section = client.library.section("Films")
    assert section.totalSize == 250 and len({v.ratingKey for v in section.all()}) == 250


def test_client_searches(plex, films, client):
    plex.now = 1_700_000_000
    old = films.add_item("The Old Pier", "/data/films/a.mkv", genres=["Drama", "C, D"])
    plex.advance(86400)
    new = films.add_item("Night Ferry", "/data/films/b.mkv", genres=["Drama"])
    section = client.library.section("Films")
    def keys(**search):
        return [v.ratingKey for v in section.search(**search)]
    assert keys(title="ferry") == [new.id]
    assert keys(sort="addedAt:desc") == [new.id, old.id] and keys(sort="addedAt") == [old.id, new.id]
    assert keys(sort="titleSort") == [new.id, old.id], "'The' does not count"
    assert keys(sort="updatedAt:desc", maxresults=1) == [new.id]
    assert keys(filters={"addedAt>>": "2023-11-15"}) == [new.id]
    assert keys(genre="C, D") == [old.id] and len(keys(genre="Drama")) == 2
    assert [c.title for c in section.listFilterChoices("genre")] == ["C, D", "Drama"]


def test_client_edits_fields(video, item):
    video.editTitle(UNICODE).editSummary("one\n\n“two”\ttab").editStudio("Blue Door").editSortTitle("sort")
    video.editOriginallyAvailable("2024-01-02").editOriginalTitle("o").editTagline("t").editContentRating("12")
    assert (item.title, item.summary, item.studio, item.titleSort) == \
        (UNICODE, "one\n\n“two”\ttab", "Blue Door", "sort")
    assert item.originallyAvailableAt == "2024-01-02" and item.year == 2024
    assert {"title", "summary", "studio", "originallyAvailableAt"} <= item.locked
    video.reload()
    assert video.title == UNICODE and video.summary == "one\n\n“two”\ttab" and video.year == 2024
    assert {f.name for f in video.fields if f.locked} == item.locked
    video.editSummary("", locked=False)
    assert item.summary is None and "summary" not in item.locked
    assert not video.reload().summary


def test_client_edits_tags(video, item):
    video.addGenre(["B", "C, D", "[x] & é", UNICODE])
    assert item.genres == ["Drama", "B", "C, D", "[x] & é", UNICODE] and "genre" in item.locked
    video.reload().removeGenre(["C, D", UNICODE, "Drama"])
    assert item.genres == ["B", "[x] & é"]
    video.addLabel("mine").addCollection("Ferries").addDirector("Ben Cole").addWriter("W").addProducer("P")
    assert (item.labels, item.collections, item.directors) == (["mine"], ["Ferries"], ["Ben Cole"])
    assert [t.tag for t in video.reload().genres] == ["B", "[x] & é"] and video.labels[0].tag == "mine"
    assert [c.title for c in video.section().collections()] == ["Ferries"]
    video.removeCollection("Ferries")
    assert video.section().collections() == []


def test_client_edits_actors(films, video, item):
    other = films.add_item("Other", "/data/films/o.mkv", actors=["Ana Duarte"])
    video.edit(**{"actor[0].tag.tag": "Ana Duarte", "actor[0].tagging.text": "Pilot",
                  "actor[0].tag.thumb": "http://host/a.jpg", "actor[1].tag.tag": "Ben Cole", "actor.locked": 1})
    assert [(a.name, a.role) for a in item.actors] == [("Ana Duarte", "Pilot"), ("Ben Cole", None)]
    assert other.actors[0].thumb == "http://host/a.jpg", "the picture is the name's, in every film"
    assert video.reload().roles[0].thumb == "http://host/a.jpg" and video.roles[0].role == "Pilot"


def test_client_batches(plex, films, client, video, item):
    plex.clear_requests()
    video.batchEdits().editTitle("T").editSummary("S").addGenre("G").saveEdits()
    assert len(plex.writes) == 1 and (item.title, item.summary) == ("T", "S") and "G" in item.genres
    other = films.add_item("Other", "/data/films/o.mkv")
    section = client.library.section("Films")
    section.batchMultiEdits(section.all()).addLabel("x").saveMultiEdits()
    assert item.labels == other.labels == ["x"] and plex.mass_edits == 0


def test_client_handles_artwork(plex, video, item, tmp_path):
    pictures = [b"\xff\xd8one", b"\xff\xd8two"]
    for i, data in enumerate(pictures):
        (tmp_path / f"{i}.jpg").write_bytes(data)
        video.uploadPoster(filepath=str(tmp_path / f"{i}.jpg"))
    names = ["upload://posters/" + hashlib.sha1(data).hexdigest() for data in pictures]
    posters = video.posters()
    assert [p.ratingKey for p in posters if p.ratingKey.startswith("upload://")] == names
    assert [p.ratingKey for p in posters if p.selected] == names[1:] and "thumb" in item.locked
    thumb = video.reload().thumb
    next(p for p in posters if p.ratingKey == names[0]).select()
    assert item.poster.ratingKey == names[0] and video.reload().thumb != thumb
    video.setPoster(posters[-1])
    assert item.poster.ratingKey == names[1]
    video.unlockPoster()
    assert "thumb" not in item.locked
    video.lockPoster()
    assert "thumb" in item.locked
    video.uploadArt(filepath=str(tmp_path / "0.jpg"))
    assert [a.selected for a in video.arts()] == [True] and "art" in item.locked and video.reload().art
    video.deletePoster()
    assert item.poster is None and len(item.posters) == 3 and not video.reload().thumb


def test_client_refreshes_scans_and_empties(plex, films, client, video, item):
    item.edit(lock=False, title="By hand")
    video.refresh()
    assert item.title == "Harbour Lights" and plex.refreshes == [item.ratingKey]
    films.put_file("/data/films/a b/new.mkv", 7)
    section = client.library.section("Films")
    section.update("/data/films/a b")
    assert plex.scans == [(films.id, "/data/films/a b", "scanned")] and films.find("new").parts[0].size == 7
    plex.auto_empty_trash = False
    films.remove_item(item)
    assert item in films.items
    section.emptyTrash()
    assert item not in films.items


def test_client_sees_shows(plex, client):
    shows = plex.add_library("Shows", ["/data/tv"], type="show")
    episode = shows.add_item("Pilot", "/data/tv/n/1.mkv", show="Northbound", season=1, index=1)
    shows.add_item("Second", "/data/tv/n/2.mkv", show="Northbound", season=1, index=2)
    rows = get(plex, f"/library/sections/{shows.id}/all?type=4", X_Plex_Container_Size="10")
    assert rows["totalSize"] == 2 and rows["Metadata"][0]["grandparentTitle"] == "Northbound"
    assert "Media" not in get(plex, f"/library/sections/{shows.id}/all?type=2")["Metadata"][0]
    show = client.library.section("Shows").get("Northbound")
    assert client.fetchItem(episode.id).seasonEpisode == "s01e01" and show.type == "show"
    ask(plex, "POST", f"/library/metadata/{episode.id}/posters", b"x")
    assert episode.poster.ratingKey == f"upload://posters/seasons/1/episodes/1/{hashlib.sha1(b'x').hexdigest()}"


# The traps, in the order of the list of behaviours

def test_01_token(plex, films):
    status, headers, body = ask(plex, "GET", "/library/sections", token=False)
    assert status == 401 and headers["Content-Type"] == "text/html" and b"401 Unauthorized" in body
    assert headers["X-Plex-Protocol"] == "1.0"
    assert ask(plex, "GET", "/identity", token=False)[0] == 200
    with pytest.raises(Unauthorized):
        connect(plex, "wrong")
    plex.guest_token = "guest"
    assert ask(plex, "GET", "/", token=False, headers={"X-Plex-Token": "guest"})[0] == 200
    assert ask(plex, "GET", "/library/sections", token=False, headers={"X-Plex-Token": "guest"})[0] == 401
    assert not plex.token_in_url
    assert ask(plex, "GET", f"/library?X-Plex-Token={plex.token}", token=False)[0] == 200
    assert plex.token_in_url, "accepted, as Plex does, but never unnoticed"


@pytest.mark.parametrize("ids", ["", "&id="])
def test_02_edit_without_id_edits_everything(plex, films, item, ids):
    other = films.add_item("Other", "/data/films/o.mkv")
    assert put(plex, "type=1&title.value=All" + ids) == 200
    assert item.title == other.title == "All" and plex.mass_edits == 1


@pytest.mark.parametrize("mode, wanted", [("add", ["Drama", "New"]), ("replace", ["New"])])
def test_03_tags_are_added_or_replaced(plex, item, mode, wanted):
    plex.tag_mode = mode
    assert edit(plex, item, **{"genre[0].tag.tag": "New"}) == 200
    assert item.genres == wanted
    edit(plex, item, genre__locked=1)
    assert item.genres == wanted, "a lock alone clears nothing"


def test_04_removals_are_decoded_twice(plex, item):
    item.genres = ["A", "C, D", "E%2CF", "G"]
    put(plex, f"type=1&id={item.id}&genre%5B%5D.tag.tag-=C%252C%2520D%2CA%2CE%25252CF")
    assert item.genres == ["G"]
    item.genres = ["A", "C, D"]
    put(plex, f"type=1&id={item.id}&genre[].tag.tag-=C%2C%20D")
    assert item.genres == ["A", "C, D"], "encoded once, the comma separates two names"
    put(plex, f"type=1&id={item.id}&genre[0].tag.tag=New&genre[].tag.tag-=A")
    assert item.genres == ["C, D", "New"], "both in one request"
    put(plex, f"type=1&id={item.id}&genre[].tag=")
    assert item.genres == [] and "Genre" not in detail(plex, item)


def test_05_locks_show_and_protect(plex, item):
    assert "Field" not in detail(plex, item)
    edit(plex, item, title__value="Mine", title__locked=1, summary__value="Open")
    assert detail(plex, item)["Field"] == [{"name": "title", "locked": True}]
    assert ask(plex, "PUT", f"/library/metadata/{item.id}/refresh")[0] == 200
    assert item.title == "Mine" and item.summary == "A ship comes in.", "what is not locked falls back"
    edit(plex, item, title__locked=0)
    assert "Field" not in detail(plex, item)


def test_06_listings_truncate_tags(plex, films, item):
    item.edit(genres=["a", "b", "c"], actors=["1", "2", "3", "4"], labels=["x"])
    row = get(plex, "/library/sections/1/all?type=1")["Metadata"][0]
    assert [g["tag"] for g in row["Genre"]] == ["a", "b"] and len(row["Role"]) == 3
    assert "Field" not in row and "Label" not in row and "librarySectionID" not in row
    full = detail(plex, item)
    assert len(full["Genre"]) == 3 and len(full["Role"]) == 4 and full["librarySectionID"] == films.id
    plex.truncates = False
    assert len(get(plex, "/library/sections/1/all?type=1")["Metadata"][0]["Genre"]) == 3


def test_07_pages(plex, films):
    films.add_many(30)
    assert "totalSize" not in get(plex, "/library/sections/1/all?type=1")
    page = get(plex, "/library/sections/1/all?type=1&X-Plex-Container-Start=25&X-Plex-Container-Size=10")
    assert (page["size"], page["totalSize"], page["offset"], len(page["Metadata"])) == (5, 30, 25, 5)
    empty = get(plex, "/library/sections/1/all?type=1", X_Plex_Container_Start="0", X_Plex_Container_Size="0")
    assert empty["size"] == 0 and empty["totalSize"] == 30 and "Metadata" not in empty
    plex.max_page = 7
    assert get(plex, "/library/sections/1/all?type=1", X_Plex_Container_Size="10")["size"] == 7
    status, headers, body = ask(plex, "HEAD", "/library/sections/1/all?type=1", headers={"X-Plex-Container-Size": "0"})
    assert (status, headers["X-Plex-Container-Total-Size"], body) == (200, "30", b"")
    plex.require_size = True
    assert ask(plex, "GET", "/library/sections/1/all?type=1")[0] == 400


def test_08_change_counter(plex, films, item):
    def counter():
        return get(plex, "/library/sections")["Directory"][0]["contentChangedAt"]
    before = counter()
    assert before < 1_000_000, "a counter, no time"
    edit(plex, item, title__value="x")
    assert counter() == before + 1
    plex.bumps_counter_on_edit = False
    edit(plex, item, title__value="y")
    assert counter() == before + 1
    films.add_item("New", "/data/films/n.mkv")
    assert counter() > before + 1


def test_09_artwork(plex, item):
    def posters():
        return get(plex, f"/library/metadata/{item.id}/posters")["Metadata"]
    assert posters()[0]["ratingKey"].startswith("media://") and posters()[0]["selected"] is True
    for _ in range(2):
        assert ask(plex, "POST", f"/library/metadata/{item.id}/posters", b"picture")[0] == 200
    name = "upload://posters/" + hashlib.sha1(b"picture").hexdigest()
    assert [p["ratingKey"] for p in posters() if p["selected"]] == [name] and len(posters()) == 2
    assert ask(plex, "GET", posters()[1]["key"])[2] == b"picture"
    assert ask(plex, "DELETE", f"/library/metadata/{item.id}/posters?url={quote(name, safe='')}")[0] == 404
    assert ask(plex, "POST", f"/library/metadata/{item.id}/posters", b"x" * (10 * 1024 * 1024 + 1))[0] == 500
    assert ask(plex, "POST", f"/library/metadata/{item.id}/posters")[0] == 400
    assert ask(plex, "PUT", f"/library/metadata/{item.id}/poster?url=upload%3A%2F%2Fposters%2F00")[0] == 404
    plex.artwork_delay = 3600
    ask(plex, "POST", f"/library/metadata/{item.id}/arts", b"art")
    assert get(plex, f"/library/metadata/{item.id}/arts")["size"] == 0, "not yet"
    plex.step()
    assert detail(plex, item)["art"] and item.art.data == b"art"


def test_10_idle_connections_are_closed(plex):
    plex.keepalive_timeout = 0.1
    with socket.create_connection(("127.0.0.1", plex.port)) as sock:
        sock.settimeout(5)
        sock.sendall(b"GET /identity HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in sock.recv(65536)
        while sock.recv(65536):     # ends by itself
            pass
    assert plex.connections == 1


def test_10_connections_are_reused(plex):
    connection = http.client.HTTPConnection("127.0.0.1", plex.port)
    for _ in range(5):
        connection.request("GET", "/identity")
        assert connection.getresponse().read()
    connection.close()
    assert plex.connections == 1 and plex.counts() == {"GET /identity": 5}


def test_11_one_item_fails(plex, films, item):
    other = films.add_item("Other", "/data/films/o.mkv")
    item.fail_detail, item.fail_edit = 500, 401
    assert ask(plex, "GET", f"/library/metadata/{item.id}")[0] == 500
    assert edit(plex, item, title__value="x") == 401 and item.title == "Harbour Lights"
    assert ask(plex, "GET", f"/library/metadata/{other.id}")[0] == 200 and edit(plex, other, title__value="x") == 200
    assert get(plex, "/library/sections/1/all?type=1")["size"] == 2, "it lists fine"
    plex.maintenance = True
    status, _, body = ask(plex, "GET", "/identity")
    assert status == 503 and b"database migrations" in body


def test_12_scan(plex, films):
    plex.scan_delay = plex.scan_media_delay = 3600
    films.put_file("/data/films/new/Night Ferry.mkv", 99)
    assert ask(plex, "GET", "/library/sections/1/refresh?path=%2Fdata%2Ffilms%2Fnew")[0] == 200
    assert films.items == [] and get(plex, "/library/sections")["Directory"][0]["refreshing"] is True
    assert get(plex, "/activities")["size"] == 1
    plex.step()
    row = get(plex, "/library/sections/1/all?type=1")["Metadata"][0]
    assert row["title"] == "Night Ferry" and "Media" not in row and "thumb" not in row
    plex.step()
    assert films.by_file("/data/films/new/Night Ferry.mkv") == films.items
    assert [event["state"] for event in plex.timeline] == [0, 1]
    for path, verdict in (("/elsewhere", "outside"), ("/data/films/new/Night Ferry.mkv", "not a directory")):
        assert ask(plex, "GET", "/library/sections/1/refresh?path=" + quote(path))[0] == 200
        assert plex.scans[-1][2] == verdict
    plex.scan_misses_new_folders = True
    assert films.scan("/data/films/newer") == "missed"


def test_13_keys_and_trash(plex, films, item):
    films.remove_item(item)
    assert ask(plex, "GET", f"/library/metadata/{item.id}")[0] == 404
    again = films.add_item(file="/data/films/Harbour Lights.mkv", size=1234)
    assert again.ratingKey != item.ratingKey and not again.locked
    plex.auto_empty_trash = False
    films.remove_item(again)
    row = get(plex, "/library/sections/1/all?type=1")["Metadata"][0]
    assert row["deletedAt"] and row["Media"]
    assert get(plex, "/library/sections/1/all?type=1&trash=1")["size"] == 1
    ask(plex, "PUT", "/library/sections/1/emptyTrash")
    assert films.items == []


def test_14_bad_edits(plex, item):
    for field, value, status in (("addedAt", "2024-01-01T00:00:00", 500), ("sortTitle", "x", 400),
                                 ("year", "2024", 400), ("originallyAvailableAt", "2024", 500),
                                 ("userRating", "ten", 500), ("userRating", "11", 500)):
        assert edit(plex, item, **{field + "__value": value, "title__value": "x"}) == status, field
    assert put(plex, f"type=1&id={item.id}&actor[0].tagging.text=x") == 400
    assert item.title == "Harbour Lights", "all or nothing"
    assert edit(plex, item, **{"studio[0].tag.tag": "Blue Door"}) == 200
    assert item.directors == ["Blue Door"], "the studio is no tag"
    assert ask(plex, "PUT", f"/library/sections/1/all?type=4&id={item.id}&title.value=x")[0] == 200
    assert item.title == "Harbour Lights", "the wrong type matches nothing"
    missing = "/library/sections/1/all?type=1&id=999&title.value=x"
    assert ask(plex, "PUT", missing)[0] == 200
    plex.missing_edit_status = 404
    assert ask(plex, "PUT", missing)[0] == 404 and plex.mass_edits == 0


def test_15_long_urls(plex, item):
    plex.max_url = 8192
    assert edit(plex, item, summary__value="x" * 7000) == 200
    for answer in (414, 400):
        plex.max_url_answer = answer
        assert edit(plex, item, summary__value="y" * 9000) == answer
    plex.max_url_answer = "reset"
    with pytest.raises(ConnectionError):
        edit(plex, item, summary__value="y" * 9000)
    assert item.summary == "x" * 7000


def test_16_files(plex, films):
    windows = plex.add_library("Windows", ["D:\\Films"])
    one = windows.add_item(file="D:\\Films\\Sub\\Night Ferry.mkv", size=5)
    two = films.add_item(parts=[("/data/films/cd1.mkv", 1), ("/data/films/cd2.mkv", 2)])
    two.add_media("/data/films/Plex Versions/cd1.mp4", 3, proxyType=42)
    three = films.add_item(file="/data/films/cd1.mkv", size=1)
    ghost = films.add_item("Ghost")
    assert one.title == "Night Ferry"
    assert detail(plex, one)["Media"][0]["Part"][0]["file"] == "D:\\Films\\Sub\\Night Ferry.mkv"
    media = detail(plex, two)["Media"]
    assert len(media[0]["Part"]) == 2 and media[1]["proxyType"] == 42 and media[0]["Part"][1]["size"] == 2
    assert films.by_file("/data/films/cd1.mkv") == [two, three] and "Media" not in detail(plex, ghost)
    assert get(plex, f"/library/metadata/{one.id},{two.id},4711")["size"] == 2, "several at once"
    assert get(plex, "/library/all?type=1")["size"] == 4
    assert windows.scan("d:\\films\\sub") == "scanned"


def test_17_actor_without_tag_key_loses_it(plex, item):
    item.actors = [("Ana Duarte", "Captain", "http://host/a.jpg", "5d77")]
    role = detail(plex, item)["Role"][0]
    assert role["tagKey"] == "5d77" and role["filter"] == f"actor={role['id']}" and role["thumb"]
    edit(plex, item, **{"actor[0].tag.tag": "Ana Duarte", "actor[0].tagging.text": "Pilot"})
    role = detail(plex, item)["Role"][0]
    assert role["role"] == "Pilot" and "tagKey" not in role and role["thumb"] == "http://host/a.jpg"


def test_18_what_others_did(plex, films):
    item = films.add_item("Mine", "/data/films/m.mkv", locked={"title"}, labels=["Overlay"], collections=["Best of"])
    edit(plex, item, **{"label[0].tag.tag": "ours"})
    full = detail(plex, item)
    assert [x["tag"] for x in full["Label"]] == ["Overlay", "ours"] and full["Field"][0]["name"] == "title"
    item.edit(title="By hand", labels=["Overlay"])
    assert item.locked == {"title", "label"}
    item.edit(lock=False, collections=["Best of", "Second"])
    first = films.collections["Best of"]
    assert put(plex, f"type=18&id={first.id}&title.value=Second") == 409
    assert put(plex, f"type=18&id={first.id}&title.value=Finest") == 200 and item.collections == ["Finest", "Second"]


# Other switches and forms

def test_values_may_be_normalised(plex, films, item):
    edit(plex, item, **{"title__value": "  x ", "genre[0].tag.tag": " A "})
    assert item.title == "  x " and item.genres[-1] == " A "
    plex.trims_values, plex.folds_tag_case, plex.max_value = True, True, 5
    edit(plex, item, **{"title__value": "  xxxxxxxx ", "genre[0].tag.tag": " Bb ", "genre[1].tag.tag": "bB"})
    assert item.title == "xxxxx" and item.genres[-1] == "Bb"


def test_delays_pass_by_themselves(plex, item):
    plex.artwork_delay = 0.01
    ask(plex, "POST", f"/library/metadata/{item.id}/posters", b"late")
    time.sleep(0.02)
    assert detail(plex, item)["Field"] and item.poster.data == b"late"


def test_a_stale_connection(plex):
    """Only a connection that was used before can be stale."""
    plex.fault(("GET", "/identity"), "close_idle", reused=True)
    connection = http.client.HTTPConnection("127.0.0.1", plex.port)
    connection.request("GET", "/identity")
    assert connection.getresponse().read()
    connection.request("GET", "/identity")
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    assert ask(plex, "GET", "/identity")[0] == 200


def test_sections_come_and_go(plex, films, item):
    plex.remove_library(films)
    assert ask(plex, "GET", f"/library/metadata/{item.id}")[0] == 404
    assert ask(plex, "GET", "/library/sections/1/all")[0] == 404 and get(plex, "/library/sections")["size"] == 0


def test_clock(plex, films):
    plex.now = 1_700_000_000
    item = films.add_item("A", "/data/films/a.mkv")
    plex.advance(10)
    edit(plex, item, title__value="B")
    assert (item.addedAt, item.updatedAt) == (1_700_000_000, 1_700_000_010)
    item.set_file("/data/films/moved.mkv")
    assert item.updatedAt == 1_700_000_010, "files do not move it"


def test_excludes(plex, item):
    target = "/library/sections/1/all?type=1&excludeElements=Media,Genre&excludeFields=summary"
    row = get(plex, target)["Metadata"][0]
    assert not {"Media", "Genre", "summary"} & set(row)
    plex.honours_excludes = False
    assert {"Media", "Genre", "summary"} <= set(get(plex, target)["Metadata"][0])


def test_form_b(plex, item):
    target = f"/library/metadata/{item.id}?title.value=B&genre%5B0%5D.tag.tag=X"
    assert ask(plex, "PUT", target)[0] == 200 and item.title == "B" and item.genres == ["Drama", "X"]


def test_xml_unless_json_is_asked_for(plex, item):
    _, headers, body = ask(plex, "GET", "/library/sections/1/all", headers={"Accept": "*/*"})
    assert headers["Content-Type"].startswith("text/xml") and body.startswith(b"<?xml") and b"<Video " in body
    _, headers, body = ask(plex, "PUT", f"/library/sections/1/all?type=1&id={item.id}&title.value=x")
    assert body == b"" and headers["Content-Type"] == "text/html"


def test_types_in_json(plex, item):
    row, section = detail(plex, item), get(plex, "/library/sections")["Directory"][0]
    assert row["ratingKey"] == item.ratingKey and isinstance(row["Media"][0]["id"], int)
    assert section["key"] == "1" and section["allowSync"] is True and section["Location"][0]["path"] == "/data/films"


def test_pages_of_a_big_library(plex, films):
    films.add_many(2000)
    seen, start = set(), 0
    while start < 2000:
        page = get(plex, "/library/sections/1/all?type=1&sort=updatedAt:desc",
                   X_Plex_Container_Start=str(start), X_Plex_Container_Size="500")
        seen.update(row["ratingKey"] for row in page["Metadata"])
        start += page["size"]
    assert len(seen) == 2000 and plex.counts() == {"GET /library/sections/1/all": 4}
    row = films.find("Harbour Lights 7")
    row.edit(title="Changed")
    assert get(plex, "/library/sections/1/all?type=1&title=Changed")["Metadata"][0]["title"] == "Changed"


# The server below

APPLIED = {"reset_after_apply", "reset_mid", "hang_after_apply", "drip", "truncated"}


@pytest.mark.parametrize("kind", sorted(FAULTS.keys() - {"off"}))
def test_faults(plex, item, kind):
    options = {"seconds": 0.1} if kind.startswith("hang") else {"interval": 0.0005} if kind == "drip" else {}
    fault = plex.fault(("PUT", "/library/sections/1/all"), kind, **options)
    if kind == "endless":
        connection = http.client.HTTPConnection("127.0.0.1", plex.port, timeout=5)
        connection.request("PUT", f"/library/sections/1/all?type=1&id={item.id}&title.value=x",
                           headers={"X-Plex-Token": plex.token})
        assert len(connection.getresponse().read(3_000_000)) == 3_000_000
        connection.close()
    else:
        try:
            assert edit(plex, item, title__value="x") in (200, 302, 500, 503)
        except (ConnectionError, http.client.HTTPException):
            assert kind in ("reset_before", "reset_after_apply", "reset_mid", "hang", "close_idle")
    assert (item.title == "x") == (kind in APPLIED) and fault.hits == 1
    assert edit(plex, item, title__value="y") == 200, "once only"


def test_faults_that_break_an_answer(plex, item):
    target = f"/library/metadata/{item.id}"
    plex.fault(lambda request: request.path == target, "truncated")
    _, headers, body = ask(plex, "GET", target)
    assert int(headers["Content-Length"]) == len(body) and not body.endswith(b"}")
    plex.fault(("GET", target), "reset_mid")
    with pytest.raises((ConnectionError, http.client.IncompleteRead)):
        ask(plex, "GET", target)
    plex.fault(("*", "/library/.*"), "status", times=None, status=429, headers={"Retry-After": "7"}, body="slow")
    for _ in range(3):
        status, headers, body = ask(plex, "GET", target)
        assert (status, headers["Retry-After"], body) == (429, "7", b"slow")
    plex.clear_faults()
    assert ask(plex, "GET", target)[0] == 200


@pytest.mark.parametrize("kind", ["hang", "hang_after_apply", "drip", "endless"])
def test_stop_never_hangs(kind):
    plex = FakePlex().start()
    plex.fault(("*", ".*"), kind, None, **({"interval": 5} if kind == "drip" else {}))
    with socket.create_connection(("127.0.0.1", plex.port)) as sock:
        sock.sendall(b"GET /identity HTTP/1.1\r\n\r\n")
        while not plex.requests:
            time.sleep(0.005)
        closing = threading.Thread(target=plex.close)
        closing.start()
        closing.join(20)
        assert not closing.is_alive()


def test_server_comes_back_on_its_port(plex):
    url = plex.url
    plex.stop()
    with pytest.raises(ConnectionRefusedError):
        ask(plex, "GET", "/identity")
    plex.start()
    assert plex.url == url and ask(plex, "GET", "/identity")[0] == 200


def test_latency_does_not_hold_others_up(plex):
    plex.fault(("GET", "/activities"), "hang", seconds=600)
    plex.latency = lambda request: 600 if request.path == "/library/sections" else 0
    with socket.create_connection(("127.0.0.1", plex.port)) as hangs, \
            socket.create_connection(("127.0.0.1", plex.port)) as waits:
        hangs.sendall(b"GET /activities HTTP/1.1\r\n\r\n")
        waits.sendall(b"GET /library/sections HTTP/1.1\r\n\r\n")
        while len(plex.requests) < 2:
            time.sleep(0.005)
        assert ask(plex, "GET", "/identity")[0] == 200
        assert select.select([hangs, waits], [], [], 0)[0] == [], "neither has its answer"


def test_tls():
    with FakePlex(tls=True) as plex:
        context = ssl.create_default_context(cafile=plex.certfile)
        connection = http.client.HTTPSConnection("127.0.0.1", plex.port, context=context, timeout=5)
        connection.request("GET", "/identity")
        assert connection.getresponse().status == 200
        connection.close()


@pytest.mark.parametrize("kind, words", [("expired", "certificate has expired"), ("of-another", "IP address mismatch")])
def test_a_certificate_that_is_no_good_and_the_better_one_that_follows(kind, words):
    with FakePlex(tls=True) as plex:
        context = ssl.create_default_context(cafile=plex.certfile)
        connection = http.client.HTTPSConnection("127.0.0.1", plex.port, context=context, timeout=5)
        plex.stop()
        plex.certificate = kind
        plex.start()
        with pytest.raises(ssl.SSLCertVerificationError, match=words):
            connection.request("GET", "/identity")
        connection.close()
        plex.stop()
        plex.certificate = "good"
        plex.start()
        connection.request("GET", "/identity")
        assert connection.getresponse().status == 200
        connection.close()


def test_off(plex):
    fault = plex.fault(("GET", "/identity"), "off")
    for error in (http.client.RemoteDisconnected, ConnectionRefusedError):
        with pytest.raises(error):
            ask(plex, "GET", "/identity")
    plex.start()
    assert ask(plex, "GET", "/identity")[0] == 200 and fault.hits == 1


def test_gzip_and_chunks(plex, item):
    plex.gzip = plex.chunked = True
    session = requests.Session()
    session.trust_env = False
    answer = session.get(f"{plex.url}/library/sections/1/all", timeout=5,
                         headers={"X-Plex-Token": plex.token, "Accept": "application/json"})
    assert answer.headers["Content-Encoding"] == "gzip" and "Content-Length" not in answer.headers
    assert answer.json()["MediaContainer"]["size"] == 1


def test_request_keeps_what_was_sent(plex, item):
    ask(plex, "PUT", f"/library/sections/1/all?type=1&id={item.id}&label[0].tag.tag=a%20b&label[1].tag.tag=c+d")
    request = plex.requests[-1]
    assert request.query[2:] == [("label[0].tag.tag", "a b"), ("label[1].tag.tag", "c d")]
    assert "a%20b" in request.target and request.path == "/library/sections/1/all" and request.arg("none", 3) == 3
    assert request.headers["x-plex-TOKEN"] == plex.token and plex.writes == [request]
    plex.clear_requests()
    assert plex.requests == [] and plex.counts() == {}


def test_by_hand():
    command = [sys.executable, "-m", "tests.fake.plex"]
    assert "--port" in subprocess.run(command + ["--help"], capture_output=True, text=True, check=True).stdout
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.terminate()
        assert process.wait(10) == 0


def test_client_reports_refusals(plex, video, item):
    item.fail_edit = 400
    with pytest.raises(BadRequest):
        video.editTitle("x")
