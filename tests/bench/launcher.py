"""Starts programs through the launcher (launch.c), which times them, and lets the Stash stand-in
start its plugins that way too: a hook is then measured with the very bytes, environment and
order of events that Stash gives it.
"""

import re
import subprocess
import threading

from tests.fake import plugin_host

TIMING = re.compile(r"^\x01[di]\x02(\S+) took ([0-9.]+)s(?: \[(.*)\])?$", re.MULTILINE)


class Timed:
    """One run of a program: its times in milliseconds, its memory in KiB, what it wrote."""

    def __init__(self, answer, read):
        numbers = [int(word) for word in answer.split()]
        self.status, nanoseconds, user, system, self.max_rss, self.anonymous, out, err = numbers
        self.ms = nanoseconds / 1e6
        self.cpu_ms = (user + system) / 1e3
        self.stdout = read(out)
        self.stderr = read(err)

    def steps(self, name):
        """The timing lines of this name: each a dictionary of milliseconds, the whole as "total"."""
        found = []
        for what, total, steps in TIMING.findall(self.stderr.decode()):
            if what == name:
                words = steps.split()
                values = dict(zip(words[::2], (1e3 * float(word) for word in words[1::2])))
                found.append({**values, "total": 1e3 * float(total)})
        return found


class Launcher:
    """The process that starts all others, one at a time."""

    def __init__(self, program, environ):
        self.sample = False     # look at the memory of what is started from now on
        self._lock = threading.Lock()
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         env=environ)

    def run(self, argv, stdin=b""):
        """Runs a program to its end."""
        order = f"{len(argv)} {len(stdin)} {int(self.sample)}\n" + "".join(f"{arg}\n" for arg in argv)
        with self._lock:
            self._process.stdin.write(order.encode() + stdin)
            self._process.stdin.flush()
            timed = Timed(self._process.stdout.readline(), self._process.stdout.read)
        if timed.status != 0:
            raise RuntimeError(f"{argv[0]} ended with status {timed.status}: {timed.stderr.decode()}")
        return timed

    def close(self):
        """The end."""
        self._process.stdin.close()
        self._process.wait()


class LaunchedRun(plugin_host.Run):
    """A plugin's run that the launcher does: over as soon as it was started."""

    launcher = None
    executable = None       # what is started instead of the manifest's executable
    beside = None           # called after each run: floors in between the runs of one mutation

    def start(self, argv, stdin, environ, cwd):
        """As in the base, but returns at the end."""
        self.argv, self.stdin = argv, stdin
        self.timed = self.launcher.run([self.executable, *argv[1:]], stdin)
        self.stdout, self.stderr, self.returncode = self.timed.stdout, self.timed.stderr, 0
        self.error, self.output = plugin_host.parse_output(self.stdout)
        self._exited.close()
        self._dropped.close()
        self.done.set()
        if self.beside:
            self.beside()
        if self.error is not None:
            raise RuntimeError(f"{self.trigger or self.kind}: {self.error}")
        return self


def use(launcher, executable):
    """From now on the Stash stand-in starts plugins through the launcher."""
    LaunchedRun.launcher, LaunchedRun.executable = launcher, str(executable)
    plugin_host.Run = LaunchedRun
