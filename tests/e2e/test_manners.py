"""A drain has manners: it is gentle to a Plex that has just come back, and it lets the other
tasks of Stash go first when it takes long."""


def queued(world, count):
    """So many films that both have, known to the index, and queued; returns the items."""
    numbers = range(1, count + 1)
    items = [world.film(n, f"Harbour Lights {n}", title=f"Harbour Lights {n}", details=f"Part {n}.") for n in numbers]
    world.index()
    world.queue_only(*numbers)
    world.clear()
    return items


def edits(world):
    """The requests that wrote something to Plex."""
    return [request for request in world.plex.requests if request.method == "PUT"]


def never_patient(world):
    """Every minute that a drain would work before it looks around is over at once."""
    world.stash.host.environ["PLEXSYNC_TEST_HURRY"] = "1000000"


# --- a Plex that has just come back ----------------------------------------------------------------


def test_a_plex_that_came_back_gets_one_scene_after_another_with_pauses(world):
    items = queued(world, 6)
    world.plex.stop()
    world.drain()
    world.plex.start()
    world.clock(5)
    world.clear()

    drain = world.drain()

    assert [item.summary for item in items] == [f"Part {n}." for n in range(1, 7)]
    assert "Plex was away" in drain.text()
    times = [request.at for request in edits(world)]
    pauses = [later - earlier for earlier, later in zip(times, times[1:])]
    assert len(pauses) == 5 and min(pauses) > 0.08, pauses


def test_so_does_the_drain_that_follows_within_a_minute(world):
    queued(world, 2)
    world.plex.stop()
    world.drain()
    world.plex.start()
    world.clock(5)
    world.sync(1)                                   # a person finds that Plex is back

    [summoned] = world.tasks()
    assert "Plex was away" in summoned.text() and summoned.output["synced"] == 1
    world.queue_only(1, 2)
    world.clock(7)
    assert "Plex was away" not in world.drain().text()


def test_scenes_that_plex_is_not_asked_for_cost_no_more_after_an_outage(world):
    """A scan of new files, of which Stash knows nothing yet."""
    queued(world, 1)
    for number in range(2, 502):
        world.stash.library.add_scene(f"/data/films/new {number}.mp4", number=number, title="")
    world.plex.stop()
    world.drain()
    world.plex.start()
    world.clock(5)
    world.queue_only(*range(2, 502))
    world.clear()

    drain = world.drain()

    assert "Plex was away" in drain.text()
    assert (drain.output["ignored"], drain.output["synced"]) == (500, 1)
    assert len(world.stash.requests) <= 15


def test_a_plex_that_was_never_away_is_not_spared(world):
    queued(world, 2)

    assert "Plex was away" not in world.drain().text()


# --- other tasks of Stash --------------------------------------------------------------------------


def test_a_long_drain_lets_the_other_tasks_of_stash_go_first(world):
    items = queued(world, 4)
    never_patient(world)
    world.stash.hold_jobs = True
    world.stash.run_task("Process queue")
    world.stash.run_task("Status")
    world.stash.hold_jobs = False

    done = world.stash.wait_jobs()

    world.check(*[job.run for job in done])
    assert [job.description.removeprefix("Running plugin task: ") for job in done] == [
        "Process queue", "Status", "PlexSync: Process queue"]
    assert [done[0].run.output["synced"], done[0].run.output["gave_way"]] == [1, True]
    assert "Other tasks of Stash are waiting: the rest of the queue follows after them" in done[0].run.text("info")
    assert [done[2].run.output["synced"], done[2].run.output["gave_way"]] == [3, False]
    assert [item.summary for item in items] == [f"Part {n}." for n in range(1, 5)]
    assert len(edits(world)) == 4
    assert world.queue() == (0, 0, 0)


def test_also_between_the_pictures_of_two_scenes(world):
    """Their text is in Plex already: nothing but their covers is to be written."""
    items = queued(world, 4)
    world.drain()
    world.settings.update({"fieldNoPoster": False, "fieldNoBackground": False})
    for number in range(1, 5):
        world.stash.library.set_cover(number, b"\xff\xd8\xff\xe0 scene %d" % number)
    world.queue_only(1, 2, 3, 4)
    world.clear()
    never_patient(world)
    world.stash.hold_jobs = True
    world.stash.run_task("Process queue")
    world.stash.run_task("Status")
    world.stash.hold_jobs = False

    first, _, second = world.tasks()

    assert [first.output["synced"], first.output["gave_way"]] == [1, True]
    assert [second.output["synced"], second.output["gave_way"]] == [3, False]
    assert [item.poster.data for item in items] == [b"\xff\xd8\xff\xe0 scene %d" % n for n in range(1, 5)]
    assert len([request for request in world.plex.requests if request.method == "POST"]) == 8


def test_its_own_successor_is_no_reason_to_stop(world):
    queued(world, 3)
    never_patient(world)
    world.stash.hold_jobs = True
    world.stash.run_task("Process queue")
    world.stash.run_task("Process queue", "PlexSync: Process queue")
    world.stash.hold_jobs = False

    first, second = world.tasks()

    assert [first.output["synced"], first.output["gave_way"]] == [3, False]
    assert second.output["synced"] == 0


def test_stash_is_asked_seldom_who_waits(world):
    queued(world, 3)

    drain = world.drain()

    assert ["jobQueue"] not in drain.operations


def test_a_drain_at_a_terminal_is_in_nobodys_way(world):
    queued(world, 3)
    world.stash.hold_jobs = True
    world.stash.run_task("Status")
    world.clear()

    done = world.plexsync("drain", "--json", "--state", str(world.state), "--stash-url", world.stash.url,
                          env={"PLEXSYNC_TEST_HURRY": "1000000"})

    assert b'"synced":3' in done.stdout.replace(b" ", b"").replace(b"\t", b"").replace(b"\n", b"")
    assert ["jobQueue"] not in world.stash.graphql_operations
    world.stash.hold_jobs = False
    world.tasks()
