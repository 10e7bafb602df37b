"""The demonstration behind scripts/demo: one scene, from Save in Stash to Plex; or the page, for a browser."""

import json
import pathlib
import shutil
import signal
import sys
import tempfile
import textwrap

from tests.fake.plex import PlexServer
from tests.fake.stash import StashServer
from tests.page.house import PageStash

ROOT = pathlib.Path(__file__).resolve().parents[1]
TOKEN = "demo-token-1234"
FILES = ["harbour.lights.2019", "night.train", "open.water", "the.long.field"]


def headline(text):
    """A step of the demonstration."""
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}")


def show_item(item):
    """What Plex holds of a film."""
    rows = {"title": item.title, "summary": item.summary, "date": item.originallyAvailableAt,
            "studio": item.studio, "genres": ", ".join(item.genres),
            "actors": ", ".join(actor.name for actor in item.actors),
            "locked": ", ".join(sorted(item.locked))}
    for name, value in rows.items():
        print(f"    {name:8} {json.dumps(value, ensure_ascii=False) if value else '-'}")


def show_log(run):
    """The run's log lines, as Stash's log page shows them."""
    for level, text in run.logs:
        print(f"    {level:8} {text}")


def show_answer(run):
    """The answer on stdout."""
    print("    answer   " + (run.stdout.decode()))


def show_requests(plex, stash):
    """Who was asked what, since the last time."""
    for fields in stash.graphql_operations:
        print(f"    Stash    {', '.join(fields)}")
    for request in plex.requests:
        print(f"    Plex     {request.method} {request.path}")
    plex.clear_requests()
    stash.clear_records()


def install(folder):
    """The plugin's folder, as in Stash's plugins folder."""
    plugin = pathlib.Path(folder) / "plugins/plexsync"
    plugin.mkdir(parents=True)
    for name in ("plexsync", "plexsync.yml"):
        shutil.copy(ROOT / name, plugin)
    shutil.copytree(ROOT / "plugin", plugin / "plugin")
    return str(plugin.parent)


def fill(plex, stash):
    """A small library of which both have the files, and only Stash knows anything."""
    library = plex.add_library("Films", ["/data/films"])
    for number, name in enumerate(FILES, start=45):
        path, size = f"/data/films/{name}.mp4", 1_000_000 + number
        stash.library.add_scene(path, number=number, size=size, title="")
        library.add_item(title=name, file=path, size=size)
    return library


def one_scene(plex, stash, item):
    """Save, and Save again."""
    headline("1. Plex before: it knows the file's name.")
    show_item(item)

    headline("2. Scene 45 is saved in Stash. Stash writes this to ./plexsync's stdin (shortened) …")
    [run] = stash.update_scene(45, title="Harbour Lights", details="A lighthouse, a letter, a storm.",
                               date="2019-05-17", studio="Northwind Pictures",
                               performers=["Ana Duarte", "Tomás Vidal"], tags=["Drama", "Sea"])
    context = json.loads(run.stdin)["args"]["hookContext"]
    context["input"] = {k: v for k, v in context["input"].items() if v is not None}
    print("    " + textwrap.shorten(json.dumps(context, ensure_ascii=False), 300, placeholder=" …"))
    print("  … these are its log lines and its answer:")
    show_log(run)
    show_answer(run)
    print("  … and these the requests that it made:")
    show_requests(plex, stash)

    headline("3. Plex after: Save waited for it, so it is there.")
    show_item(item)

    headline("4. The same Save again: unchanged, nothing is written.")
    [run] = stash.update_scene(45, title="Harbour Lights")
    show_log(run)
    show_answer(run)
    show_requests(plex, stash)


def many_scenes(plex, stash, library):
    """A bulk edit."""
    headline("5. A bulk edit of three scenes: the first hook queues them all and asks for one task.")
    runs = stash.bulk_update_scenes([46, 47, 48], details="Seen at the harbour cinema.")
    for run in runs:
        print(f"    hook of scene {json.loads(run.stdin)['args']['hookContext']['id']}: "
              f"{run.output['result']}, {len(run.operations)} request(s)")
    for job in stash.wait_jobs(30):
        print(f"  Stash's task queue ran \"{job.description}\":")
        show_log(job.run)
    plex.clear_requests()
    stash.clear_records()
    for name in FILES[1:]:
        print(f"    Plex now: {name}: {json.dumps(library.find(name).summary)}")


def show_page(plex, stash, library):
    """The page inside Stash, with something in every view, until Ctrl-C."""
    stash.library.add_scene("/data/films/low.tide.mp4", number=49, size=5_000_000, title="Low Tide")
    for folder, size in (("2018", 6_000_000), ("directors.cut", 7_000_000)):
        library.add_item(title="Low Tide", file=f"/data/films/{folder}/low.tide.mp4", size=size)
    stash.library.add_scene("/data/films/ferry.mp4", number=50, size=6_000_000, title="The Last Ferry")
    stash.run_task("Rebuild library index")
    stash.run_task("Sync all scenes")
    stash.wait_jobs(30)
    stash.update_scene(45, title="Harbour Lights", details="A lighthouse, a letter, a storm.", tags=["Drama", "Sea"])
    print(f"PlexSync's page inside Stash is at {stash.url}/plugins/plexsync\n"
          f"The tab of a scene:               {stash.url}/scenes/45\n"
          f"To try the setup by hand:         Plex is at {plex.url}, and its token is {TOKEN}\n"
          "Ctrl-C ends it.", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print()


def show_steps(plex, stash, library):
    """What PlexSync does, step by step."""
    headline("0. After the installation: the task \"Rebuild library index\" reads Plex's libraries.")
    stash.run_task("Rebuild library index")
    show_log(stash.wait_jobs(30)[-1].run)
    plex.clear_requests()
    stash.clear_records()

    one_scene(plex, stash, library.find(FILES[0]))
    many_scenes(plex, stash, library)

    headline("6. The task \"Status\":")
    stash.run_task("Status")
    run = stash.wait_jobs(30)[-1].run
    show_log(run)
    show_answer(run)
    print("\nPlexSync's page inside Stash, for your browser: scripts/demo --page")


def main():
    """Either, in a folder that is removed afterwards."""
    show, kind = (show_page, PageStash) if "--page" in sys.argv else (show_steps, StashServer)
    with tempfile.TemporaryDirectory() as folder, PlexServer(token=TOKEN) as plex, kind(plugins=install(folder)) as stash:
        stash.settings["plexsync"] = {"connectUrl": plex.url, "connectToken": TOKEN}
        show(plex, stash, fill(plex, stash))


if __name__ == "__main__":
    main()
