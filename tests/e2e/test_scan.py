"""Setting libraryScanNew: the folder of a scene that Plex does not have is scanned, and the drain
that asked for it waits for the outcome, for a while."""

import pytest


@pytest.fixture
def house(world):
    """Scenes 1 to 3 lie in two folders that Plex has not scanned yet. No second is a second long."""
    world.settings["libraryScanNew"] = True
    world.film(9, "old", title="old")
    world.index()
    for number, folder in ((1, "a"), (2, "a"), (3, "b")):
        path = f"/data/films/{folder}/Harbour Lights {number}.mp4"
        world.stash.library.add_scene(path, number=number, size=100 + number, title=f"Quay {number}")
        world.films.put_file(path, 100 + number)
    world.stash.host.environ["PLEXSYNC_TEST_HURRY"] = "20"
    return world


@pytest.fixture
def impatient(house):
    """The same for what Plex will not find: nobody has to wait long for nothing."""
    house.stash.host.environ["PLEXSYNC_TEST_HURRY"] = "60"
    return house


def drained(world, *numbers):
    """A drain of these scenes; its run."""
    world.queue_only(*numbers)
    world.clear()
    return world.drain()


def titles(world):
    """What Plex shows."""
    return sorted(item.title for item in world.films.items)


def test_the_folder_is_scanned_and_the_scene_is_written_by_the_same_drain(house):
    run = drained(house, 1)

    assert [scan[1:] for scan in house.plex.scans] == [("/data/films/a", "scanned")]
    assert 'Asked Plex to scan /data/films/a in library "Films"' in run.text("info")
    assert "Plex scans for 1 scenes; waiting up to 60 s for it" in run.text("info")
    assert "Quay 1" in titles(house)
    item = house.films.by_file("/data/films/a/Harbour Lights 1.mp4")[0]
    assert "title" in item.locked
    assert house.queue() == (0, 0, 0)


def test_a_folder_is_asked_for_once_in_a_burst(house):
    drained(house, 1, 2, 3)

    assert sorted(scan[1] for scan in house.plex.scans) == ["/data/films/a", "/data/films/b"]
    assert titles(house) == ["Quay 1", "Quay 2", "Quay 3", "old"]
    assert house.queue() == (0, 0, 0)


def test_a_row_without_media_is_waited_for(house):
    house.plex.scan_delay = house.plex.scan_media_delay = 0.3

    drained(house, 1)

    assert house.queue() == (0, 0, 0)
    assert "title" in house.films.by_file("/data/films/a/Harbour Lights 1.mp4")[0].locked


def test_also_where_the_librarys_counter_does_not_move(house):
    house.plex.bumps_counter_on_scan = False
    house.plex.scan_media_delay = 0.3

    drained(house, 1)

    assert house.queue() == (0, 0, 0)


def test_a_new_folder_that_is_missed_is_found_through_the_one_above(house):
    house.plex.scan_misses_new_folders = True

    drained(house, 1)

    assert [scan[1:] for scan in house.plex.scans] == [("/data/films/a", "missed"), ("/data/films", "scanned")]
    assert house.queue() == (0, 0, 0)


def test_a_file_that_plex_does_not_find_waits_and_is_told(impatient):
    impatient.stash.library.add_scene("/data/films/c/Low Tide.mp4", number=4, size=7, title="Low Tide")

    run = drained(impatient, 4)

    assert "Plex does not have 1 of them; they wait until it does" in run.text("info")
    assert impatient.queue() == (0, 1, 0)
    impatient.clear()
    impatient.plex.scans.clear()
    impatient.operation("sync-scene", scene_id="4")
    assert impatient.plex.scans == [], "asked for once in ten minutes"
    impatient.later(11 * 60)
    impatient.operation("sync-scene", scene_id="4")
    assert [scan[1] for scan in impatient.plex.scans] == ["/data/films/c"]


def test_a_folder_outside_of_every_library_is_not_asked_for(impatient):
    impatient.stash.library.add_scene("/elsewhere/Low Tide.mp4", number=4, size=7, title="Low Tide")

    drained(impatient, 4)

    assert impatient.plex.scans == []
    assert impatient.queue() == (0, 1, 0)


def test_the_path_is_plexs_own(house):
    house.settings["libraryPathMap"] = "/mnt/stash => /data/films/a"
    house.stash.library.add_scene("/mnt/stash/Harbour Lights 1.mp4", number=4, size=101, title="Mapped")

    drained(house, 4)

    assert [scan[1] for scan in house.plex.scans] == ["/data/films/a"]
    assert "Mapped" in titles(house)


def test_without_the_setting_nothing_is_asked_for(house):
    house.settings["libraryScanNew"] = False

    drained(house, 1)

    assert house.plex.scans == []
    assert house.queue() == (0, 1, 0)


def test_the_setting_takes_effect_in_the_drain_that_runs(house):
    house.settings["libraryScanNew"] = False
    house.stash.library.update_scene(9, {"title": "Low Tide"})
    house.queue_only(9)
    held = house.hold_plex()
    house.stash.run_task("Process queue")
    held.wait()
    house.settings["libraryScanNew"] = True
    house.stash.hook("Scene.Create.Post", 1)
    held.release()
    house.tasks()

    assert [scan[1] for scan in house.plex.scans] == ["/data/films/a"]
    assert house.queue() == (0, 0, 0)


def test_it_does_not_wait_while_another_task_of_stash_does(house):
    house.plex.scan_delay = 3600
    house.queue_only(1)
    house.stash.hold_jobs = True
    house.stash.run_task("Process queue")
    house.stash.run_task("Status")
    house.stash.hold_jobs = False

    done = house.stash.wait_jobs()

    house.check(*[job.run for job in done])
    assert "After 0 s Plex does not have 1 of them" in done[0].run.text("info")


def test_a_scan_that_plex_refuses_is_a_warning_and_no_more(impatient):
    impatient.plex.fault(("GET", "/library/sections/1/refresh"), "status", status=500, times=None)

    run = drained(impatient, 1)

    assert "Plex could not be asked to scan /data/films/a" in run.text("warning")
    assert impatient.queue() == (0, 1, 0)


@pytest.mark.parametrize("folder, status, asked", [
    ("/elsewhere", 200, 0), ("/data/films/c", 500, 1), ("/data/films/c", 404, 1), ("/data/shorts", 200, 0)])
def test_a_scan_that_nobody_was_asked_for_is_not_waited_for(house, folder, status, asked):
    house.plex.add_library("Shorts", ["/data/shorts"])
    house.settings["libraryNames"] = "Films"
    house.plex.fault(("GET", "/library/sections/1/refresh"), "status", status=status, times=None)
    for number in (4, 5):
        house.stash.library.add_scene(f"{folder}/Low Tide {number}.mp4", number=number, size=7, title="Low Tide")

    run = drained(house, 4, 5)

    assert "Plex scans for" not in run.text()
    assert len([one for one in house.plex.requests if one.path.endswith("/refresh")]) == asked
    assert len(house.plex.requests) < 15
    assert house.queue() == (0, 2, 0)


def test_a_scan_that_another_process_asked_for_is_waited_for(house):
    house.plex.scan_delay = 0.5
    house.operation("sync-scene", scene_id="1")

    drained(house, 2)

    assert [scan[1] for scan in house.plex.scans] == ["/data/films/a"]
    assert house.queue() == (0, 0, 0)


def test_a_hook_asks_for_no_scan(house):
    house.stash.hold_jobs = True

    house.save(1, details="By the sea.")

    assert house.plex.scans == []
    house.stash.hold_jobs = False
    house.tasks()


@pytest.mark.parametrize("location, mapping, path, asked", [
    ("S:\\", "/mnt/s => S:\\", "/mnt/s/clip.mp4", "S:\\"),
    ("S:\\", "", "s:/clip.mp4", "S:\\"),
    ("S:\\", "", "S:\\New\\clip.mp4", "S:\\New"),
    ("\\\\NAS\\Films", "/mnt/films => \\\\nas\\films", "/mnt/films/New/clip.mp4", "\\\\NAS\\Films\\New"),
    ("\\\\NAS\\Films", "", "//nas/FILMS/clip.mp4", "\\\\NAS\\Films"),
    ("D:/Clips/", "/mnt => d:\\clips", "/mnt/New/clip.mp4", "D:/Clips/New"),
    ("/srv/clips/", "", "/srv/clips/clip.mp4", "/srv/clips/"),
    ("/", "", "/clip.mp4", "/"),
    ("/srv/Cafe\u0301", "", "/srv/Caf\u00e9/New/clip.mp4", "/srv/Cafe\u0301/New"),
    ("/srv/clips", "", "/srv/clips/New/half\\name.mp4", "/srv/clips/New"),
    ("/srv/clips", "", "/srv/clips/half\\folder/name.mp4", "/srv/clips/half\\folder")])
def test_the_folder_is_spelled_as_the_librarys_own_location(impatient, location, mapping, path, asked):
    library = impatient.plex.add_library("Clips", [location])
    library.add_item(file=(location.rstrip("\\/") or "") + ("\\" if "\\" in location else "/") + "old.mp4", title="old")
    impatient.settings |= {"libraryPathMap": mapping, "libraryNames": "Clips"}
    impatient.index()
    impatient.stash.library.add_scene(path, number=4, size=7, title="Low Tide")

    impatient.operation("sync-scene", scene_id="4")

    assert [scan[:2] for scan in impatient.plex.scans] == [(library.id, asked)]


@pytest.mark.parametrize("locations, mapping, asked", [
    (["/Volumes/Films"], "/mnt => /volumes/films", ["/Volumes/Films/New"]),
    (["/srv/\u00c4pfel"], "/mnt => /srv/\u00e4pfel", ["/srv/\u00c4pfel/New"]),
    (["/srv/other", "/srv/FILMS/"], "/mnt => /srv/films", ["/srv/FILMS/New"]),
    (["/srv/Films", "/srv/films"], "/mnt => /srv/films", ["/srv/films/New"]),
    (["/srv/Films", "/srv/FILMS"], "/mnt => /srv/films", []),
    (["/srv/Films", "/SRV"], "/mnt => /srv/films", []),
    (["/srv/Films2"], "/mnt => /srv/films", [])])
def test_a_location_in_another_case_is_taken_if_it_is_the_only_one(impatient, locations, mapping, asked):
    library = impatient.plex.add_library("Clips", locations)
    library.add_item(file=f"{locations[0]}/old.mp4", title="old")
    impatient.settings |= {"libraryPathMap": mapping, "libraryNames": "Clips"}
    impatient.index()
    impatient.stash.library.add_scene("/mnt/New/clip.mp4", number=4, size=7, title="Low Tide")

    impatient.operation("sync-scene", scene_id="4")

    assert [scan[1] for scan in impatient.plex.scans] == asked


def test_what_such_a_scan_finds_is_written(house):
    library = house.plex.add_library("Clips", ["/Volumes/Films"])
    library.put_file("/Volumes/Films/New/clip.mp4", 7)
    house.settings["libraryPathMap"] = "/mnt => /volumes/films"
    house.stash.library.add_scene("/mnt/New/clip.mp4", number=4, size=7, title="Low Tide")

    drained(house, 4)

    assert [item.title for item in library.items] == ["Low Tide"]
    assert house.queue() == (0, 0, 0)


def test_of_nested_locations_the_nearest_one_is_spelled(impatient):
    library = impatient.plex.add_library("Clips", ["s:\\", "S:\\Clips"])
    impatient.settings["libraryNames"] = "Clips"
    library.add_item(file="S:\\Clips\\old.mp4", title="old")
    impatient.index()
    impatient.stash.library.add_scene("S:\\clips\\New\\clip.mp4", number=4, size=7, title="Low Tide")

    impatient.operation("sync-scene", scene_id="4")

    assert [scan[1] for scan in impatient.plex.scans] == ["S:\\Clips\\New"]
