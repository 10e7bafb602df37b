"""Values of every kind on their way to Plex, as python-plexapi, an independent client, reads them there:
they arrive intact, or it is said that they did not. Nothing is ever cut."""

import pytest

ODD = ["C, D", "[brackets] (round) {curly}", "\"double\" 'single' „low“", "100% %2C %25 %", "a & b + c = d",
       "#1; x/y?z\\w", "🎬 👩‍👩‍👧 🏳️‍🌈", "ערב טוב — مساء الخير", "Ünï", "Cafe\u0301 no\u0302el", "漢字かな", "<b>&amp;</b>",
       "genre[0].tag.tag=x", "-", "0", "null", "a" * 255]
CHINESE = "海上的灯光，一夜又一夜。" * 834      # 10,008 characters, 90 KB in a URL
PARAGRAPHS = ("First paragraph: \"quoted\" & <odd>.\n\nSecond one,\nwith a line break.\n\n\n"
              "- one\n- two\n\tindented — 🎬")


@pytest.fixture
def film(world, request):
    """Scene 45 and its item; the server replaces by named tags, or does what the parameter says."""
    world.plex.tag_mode = getattr(request, "param", "replace")
    world.settings["fieldNoStudioCollection"] = False
    item = world.film(45, "quay", item={"genres": ["Foreign, too"], "collections": ["By hand"],
                                        "actors": [("Foreign, too", "Captain")]})
    world.index()
    return item


def seen(world, item):
    """The item as python-plexapi reads it."""
    video = world.client().fetchItem(item.id)
    world.plex.clear_requests()
    return video


def names(tags):
    """The names of plexapi's tags, less those that others put there."""
    return sorted(tag.tag for tag in tags if tag.tag not in ("Foreign, too", "By hand"))


def is_settled(world):
    """The same event once more finds nothing to do."""
    world.clear()
    output = world.save(45).output
    assert (output["result"], output["kept"], world.plex.writes) == ("unchanged", [], [])


# --- odd ones --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("film", ["add", "replace"], indirect=True)
def test_every_field_at_once(world, film):
    run = world.save(45, title="Sea, Fog & Co. 100% [2]", details=PARAGRAPHS, date="2019-05", studio="Ängel + Söhne",
                     rating100=85, performers=ODD, tags=ODD, director="Lindt, Mara & Söhne", groups=ODD)

    assert run.output["fields"] == ["title", "summary", "date", "studio", "performers", "tags", "rating", "director",
                                    "collections", "studio_collection"]
    video = seen(world, film)
    assert (video.title, video.studio, video.userRating) == ("Sea, Fog & Co. 100% [2]", "Ängel + Söhne", 8.5)
    assert video.summary == PARAGRAPHS
    assert video.originallyAvailableAt.strftime("%Y-%m-%d") == "2019-05-01"
    assert names(video.genres) == names(video.roles) == sorted(ODD)
    assert names(video.collections) == sorted([*ODD, "Ängel + Söhne"])
    assert names(video.directors) == ["Lindt, Mara & Söhne"]
    assert {"Foreign, too", "By hand"} <= {tag.tag for tag in [*video.genres, *video.collections]}
    assert [role.role for role in video.roles if role.tag == "Foreign, too"] == ["Captain"]
    assert {field.name for field in video.fields if field.locked} == {
        "title", "summary", "originallyAvailableAt", "studio", "userRating", "genre", "actor", "director",
        "collection"}
    is_settled(world)


def test_any_text_as_title_studio_director_and_group(world, film):
    for text in ODD:
        world.save(45, title=text, studio=text, director=text, groups=[text], details=text)

        video = seen(world, film)
        assert (video.title, video.studio, video.summary) == (text, text, text)
        assert names(video.directors) == names(video.collections) == [text]
    is_settled(world)

    world.save(45, studio=None, director="", groups=[], details="")

    video = seen(world, film)
    assert (video.title, video.studio or "", video.summary or "") == (ODD[-1], "", "")
    assert names(video.directors) == names(video.collections) == []
    assert [tag.tag for tag in video.collections] == ["By hand"]


def test_odd_names_go_one_by_one_and_leave_the_others(world, film):
    world.save(45, tags=ODD, performers=ODD, groups=ODD)
    left = list(ODD)

    while left:
        gone, left = left[:4], left[4:]
        world.save(45, tags=left, performers=left, groups=left)
        video = seen(world, film)
        assert names(video.genres) == names(video.roles) == names(video.collections) == sorted(left), gone
    assert [tag.tag for tag in video.genres] == ["Foreign, too"]


def test_paragraphs_stay_however_a_text_ends_its_lines(world, film):
    world.save(45, details="One.\r\n\r\nTwo.\r\n")

    lines = seen(world, film).summary.replace("\r\n", "\n")

    assert lines == "One.\n\nTwo."
    is_settled(world)


# --- dates ----------------------------------------------------------------------------------------------------

NO_DATES = ["0001-01-01", "0001-01-01T00:00:00Z", "2023-02-31", "2023-02-29", "2023-04-31", "0000-00-00", "2023-13-01", "2023-00",
            "31.12.2023", "soon", "2023-02-31T10:00:00Z", "0000-00-00 00:00:00", "1900-02-29"]


def dated(world, date):
    """Scene 45 has a date that Stash's own check would not take: by an import, or from before that check."""
    world.stash.library.get("scene", 45).date = date


@pytest.mark.parametrize("date", NO_DATES)
def test_what_is_not_a_date_is_told_and_neither_written_nor_clears_one(world, film, date):
    film.edit(originallyAvailableAt="2019-05-17")
    dated(world, date)

    run = world.save(45, title="Harbour Lights", details="By the sea.")

    assert run.output["fields"] == ["title", "summary"], "the rest is written"
    assert f'date: "{date}" is not a day of the calendar' in run.text("warning")
    assert film.originallyAvailableAt == "2019-05-17"
    assert all("originallyAvailableAt" not in str(request.query) for request in world.plex.writes)
    again = world.save(45)
    assert (again.output["result"], again.text("warning")) == ("unchanged", ""), "it is told once"


@pytest.mark.parametrize("date", NO_DATES)
def test_also_one_that_came_from_stash_stays(world, film, date):
    world.save(45, title="Harbour Lights", date="2019-05-17")
    dated(world, date)

    assert world.save(45).output["result"] == "unchanged"
    assert film.originallyAvailableAt == "2019-05-17"

    world.save(45, date="2019-06-01")
    assert film.originallyAvailableAt == "2019-06-01"
    world.save(45, date=None)
    assert not film.originallyAvailableAt


@pytest.mark.parametrize("date", [*NO_DATES, "unknown"])
def test_a_scene_of_which_only_that_is_known_is_not_identified_yet(world, film, date):
    world.settings["fieldTitleFormat"] = "{filename}"
    dated(world, date)
    world.stash.library.update_scene(45, {"title": ""})

    run = world.save(45)

    assert run.output["result"] == "ignored"
    assert world.plex.writes == [] and run.text("warning") == ""


@pytest.mark.parametrize("date, wanted", [
    ("2023-12-29T00:00:00+01:00", "2023-12-29"), ("2023-12-31T23:30:00-05:00", "2023-12-31"),
    ("2024-02-29 12:00:00", "2024-02-29"), ("2024-02-29T12:00Z", "2024-02-29"), ("2024-02-29", "2024-02-29"),
    ("2000-02-29T00:00:00.123+09:00", "2000-02-29")])
def test_the_date_of_a_time_stamp_is_its_date(world, film, date, wanted):
    dated(world, date)

    world.save(45, title="Harbour Lights")

    assert film.originallyAvailableAt == wanted
    is_settled(world)


def test_explain_says_what_is_wrong_with_the_date(world, film):
    dated(world, "2023-02-31")
    world.stash.library.update_scene(45, {"title": "Harbour Lights"})

    lines = world.operation("explain", scene_id="45").output["lines"]

    [line] = [line for line in lines if line.startswith("- date:")]
    assert 'left alone: "2023-02-31" is not a day of the calendar' in line


# --- many and long ones ---------------------------------------------------------------------------------------


def many(word, count):
    """So many names; in a URL each takes about 100 bytes."""
    return [f"{word}海上的灯光 {i:03}, & more" for i in range(count)]


def test_ninety_tags_fifty_performers_and_twenty_groups(world, film):
    tags, cast, groups = many("标签", 90), many("演员", 50), many("系列", 20)

    output = world.save(45, title="Harbour Lights", tags=tags, performers=cast, groups=groups).output
    world.tasks()

    assert output["result"] == "synced"
    video = seen(world, film)
    assert (names(video.genres), names(video.roles), names(video.collections)) == (tags, cast, groups)
    is_settled(world)
    world.save(45, tags=tags[::2], performers=cast[::2], groups=groups[::2])
    video = seen(world, film)
    assert (names(video.genres), names(video.roles), names(video.collections)) == (tags[::2], cast[::2], groups[::2])


def test_ten_thousand_chinese_characters(world, film):
    world.save(45, title="Harbour Lights", details=CHINESE)

    assert seen(world, film).summary == CHINESE
    is_settled(world)


caps = pytest.mark.parametrize("film, answer", [("add", 400), ("replace", "reset")], indirect=["film"])


@caps
def test_what_the_server_takes_of_a_url_is_enough_for_all_but_the_longest(world, film, answer):
    """8 KB, as nginx has it: what does not fit is told by name, all the rest arrives, and nothing is cut."""
    world.plex.max_url, world.plex.max_url_answer = 8192, answer
    tags = many("标签", 90)

    run = world.save(45, title="Harbour Lights", details=CHINESE, tags=tags, performers=["Ana Duarte"], rating100=80,
                     groups=["Sea Films"])

    assert run.output["refused"] == ["summary", "tags"]
    assert set(run.output["fields"]) == {"title", "performers", "rating", "collections"}
    assert "Plex does not take summary (" in run.text("warning") and 'tags "标签' in run.text("warning")
    video = seen(world, film)
    assert (video.title, video.summary or "", names(video.genres)) == ("Harbour Lights", "", [])
    assert (names(video.roles), names(video.collections)) == (["Ana Duarte"], ["Sea Films"])
    assert world.queue() == (0, 0, 1)

    world.plex.max_url = None
    assert world.save(45).output["fields"] == []
    assert set(world.operation("sync-scene", scene_id="45").output["fields"]) == {"summary", "tags"}
    video = seen(world, film)
    assert (video.summary, names(video.genres)) == (CHINESE, tags)


@pytest.mark.parametrize("answer", [400, 414, "reset"])
@pytest.mark.parametrize("limit", [2048, 4096, 7000])
def test_what_a_server_takes_that_takes_less_is_written(world, film, limit, answer):
    """What fits alone arrives, and what does not is told by name."""
    world.plex.max_url, world.plex.max_url_answer = limit, answer
    tags = [f"Tag {number:03}" for number in range(limit // 70)]

    run = world.save(45, title="Harbour Lights", details="x" * limit, tags=tags, performers=["Ana Duarte"])
    world.tasks()

    assert (film.title, film.summary) == ("Harbour Lights", None)
    assert set(tags) <= set(film.genres) and "Ana Duarte" in [actor.name for actor in film.actors]
    assert "Plex does not take summary (" in run.text("warning") and world.queue() == (0, 0, 1)
    assert world.save(45, details="By the sea.").output["fields"] == ["summary"] and world.queue() == (0, 0, 0)


def test_a_connection_that_breaks_off_once_is_no_refusal(world, film):
    world.plex.fault(lambda request: request.method == "PUT", "reset_before", times=1)
    world.save(45, title="Harbour Lights", details="x" * 3000)
    world.tasks()
    world.later(60)
    world.drain()
    assert (film.title, len(film.summary), world.queue()) == ("Harbour Lights", 3000, (0, 0, 0))


@caps
def test_what_is_too_long_is_told_every_time_and_no_sweep_hides_it(world, film, answer):
    world.plex.max_url, world.plex.max_url_answer = 8192, answer
    world.save(45, title="Harbour Lights", details=CHINESE)

    again = world.save(45, title="Low Tide")

    assert again.output["fields"] == ["title"]
    assert again.output["refused"] == ["summary"]
    assert film.summary is None


def test_names_that_a_server_cuts_are_told(world, film):
    world.plex.max_value = 12

    run = world.save(45, tags=["A name that is too long", "Short"], performers=["Ana Duarte de la Mar"])

    assert 'tags "A name that is too long" (it says yes, and changes nothing' in run.text("warning")
    assert 'performers "Ana Duarte de la Mar" (it says yes' in run.text("warning")


def test_a_text_that_a_server_cuts_is_its_spelling_of_it(world, film):
    world.plex.max_value = 12
    world.save(45, title="Harbour Lights at night")

    again = world.save(45, details="By the sea.")

    assert (again.output["kept"], again.output["fields"]) == ([], ["summary"])
    assert film.title == "Harbour Ligh"


# --- python-plexapi as the other one who edits -------------------------------------------------------------------


def test_what_a_person_does_with_plexapi_stays(world, film):
    world.save(45, title="Harbour Lights", tags=["Boats", "Night"], performers=["Ana Duarte"], rating100=80)
    video = seen(world, film)
    video.editTitle("Somebody's own")
    video.addGenre("By hand, too")
    video.removeGenre("Boats")
    world.clear()

    output = world.save(45, tags=["Boats", "Night", "Fog"]).output

    assert (output["fields"], output["kept"]) == (["tags"], ["title", "tags"])
    video = seen(world, film)
    assert video.title == "Somebody's own"
    assert {tag.tag for tag in video.genres} == {"Foreign, too", "By hand, too", "Night", "Fog"}
