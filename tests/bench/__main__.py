"""python -m tests.bench: all measurements, and the machine that they were made on."""

import argparse
import os
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile
import time

from . import batches, beside, bulk, hooks, house, index, launcher, million, report, sweep


def arguments():
    """The command line; scripts/bench builds what is named here."""
    parser = argparse.ArgumentParser(prog="bench", description="Times and memory of a release build, next to the "
                                                               "machine's own floor.")
    parser.add_argument("--programs", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--static", type=pathlib.Path, metavar="FILE", help="another executable of the packages")
    parser.add_argument("--rounds", type=int, default=500, help="rounds of the hooks (%(default)s)")
    parser.add_argument("--large", action="store_true", help="also a library of 1,000,000 items and scenes")
    parser.add_argument("--quick", action="store_true", help="few runs of everything, to see that it works")
    return parser.parse_args()


def environment():
    """What the measured programs see: nothing of ours that would change what they do."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("PLEXSYNC_") and not name.lower().endswith("_proxy")}


def disk_folder():
    """A folder that is not only memory: a commit is to reach a disk."""
    candidates = [os.environ.get("TMPDIR"), "/var/tmp", "/tmp"]
    candidates = [path for path in candidates if path and os.access(path, os.W_OK)]
    real = [path for path in candidates if filesystem(path) not in ("tmpfs", "ramfs")]
    return tempfile.mkdtemp(prefix="plexsync-bench-", dir=(real or candidates)[0])


def filesystem(path):
    """The type of the folder's file system."""
    done = subprocess.run(["df", "--output=fstype", path], capture_output=True, text=True, check=False)
    return done.stdout.split()[-1] if done.returncode == 0 else "an unknown file system"


def processor():
    """Its name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return re.search(r"model name\s*: (.*)", file.read()).group(1)
    except (OSError, AttributeError):
        return platform.machine()


def facts(options, folder, executable):
    """The machine, as far as it matters."""
    needed = subprocess.run(["ldd", str(executable)], capture_output=True, text=True, check=False).stdout.splitlines()
    version = subprocess.run([str(options.programs / "commit"), "version"], capture_output=True, text=True,
                             check=True).stdout.strip().replace(":", "")
    print("# PlexSync, measured\n")
    print(f"- {os.cpu_count()} cores ({processor()}), load {os.getloadavg()[0]:.2f}, Linux {platform.release()}, "
          f"{' '.join(platform.libc_ver())}")
    print(f"- state on {filesystem(folder)}; {version}")
    print(f"- ./plexsync: {os.path.getsize(executable) / 1024:.0f} KiB, {len(needed)} libraries loaded with it")
    print(f"- the packages' executable (static): {os.path.getsize(options.static) / 1024:.0f} KiB")
    print("- Stash and Plex are the stand-ins of the tests, on this machine", flush=True)


def measure(options, folder):
    """All sections."""
    executable = house.ROOT / "plexsync"
    facts(options, folder, executable)
    executables = {"dynamic": executable, "static": options.static.resolve()}
    run = launcher.Launcher(str(options.programs / "launch"), environment())
    launcher.use(run, executable)
    home = house.House(folder)
    try:
        floors = hooks.Floors(run, options.programs, folder)
        budgets = hooks.run(floors, home, executables, 10 if options.quick else options.rounds)
        budgets += bulk.run(home, floors, executables, 50 if options.quick else 1000, 1 if options.quick else 3)
        launcher.use(run, executable)
        beside.run(home, executable, 50 if options.quick else 500, 20 if options.quick else 300)
        budgets += batches.run(home, options.programs / "alone" / "plexsync", executable, 50 if options.quick else 1000)
        launcher.use(run, executable)
        budgets += sweep.run(home, 100 if options.quick else 10_000)
    finally:
        home.close()
    sizes = [(1_000, 2)] if options.quick else [(10_000, 9), (100_000, 5)]
    budgets += index.run_all(run, options.programs, folder, sizes)
    if options.large:
        sizes = [1_000, 2_000] if options.quick else [10_000, 100_000, 1_000_000]
        budgets += million.run_all(run, options.programs, executable, folder, sizes)
    run.close()
    report.heading("Budgets")
    report.table(["what", "budget", "measured"], budgets)


def main():
    """Measures, and leaves nothing behind."""
    options = arguments()
    begun = time.monotonic()
    folder = disk_folder()
    try:
        measure(options, pathlib.Path(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\nAll this took {time.monotonic() - begun:.0f} s; the load is {os.getloadavg()[0]:.2f} now.")


if __name__ == "__main__":
    main()
