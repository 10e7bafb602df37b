"""Starts a plugin's executable the way Stash does (its "raw" interface).

Everything a plugin can feel is done here as Stash does it: the bytes on stdin,
the working directory and environment, who reads stdout and stderr and when they
stop, what counts as an error, what a kill hits. The quirks are kept on purpose,
because most plugin bugs are a quirk that nobody knew:

- a plugin is done when its stdout reached its end AND the process has exited;
- stderr is read by lines of less than 64 KiB; at a longer one the pipe is closed
  and the writer's next write raises SIGPIPE;
- when the process has exited, stderr is closed at once: what nobody has read by
  then is lost ('lose_tail');
- a kill is SIGKILL and hits the direct child only.

There are no timeouts: a plugin that hangs hangs its host. Tests bring their own.
"""

import json
import math
import os
import re
import select
import shutil
import signal
import subprocess
import threading
import time
import uuid
from datetime import datetime, timezone

from .manifest import load_plugins

MARK = "STASH_STANDIN_RUN"      # in each plugin's environment, so that its descendants can be found
SCANNER_LIMIT = 64 * 1024       # bufio.MaxScanTokenSize: a line and its end must fit
GRAVEYARD = 10                  # finished jobs that findJob still knows
MAX_HOOK_DEPTH = 10             # the same hook of the same plugin, in one chain of requests
LEVELS = {ord("t"): "trace", ord("d"): "debug", ord("i"): "info", ord("w"): "warning", ord("e"): "error",
          ord("p"): "progress", 0: "none"}
SIGNALS = {signal.SIGHUP: "hangup", signal.SIGINT: "interrupt", signal.SIGQUIT: "quit",
           signal.SIGILL: "illegal instruction", signal.SIGTRAP: "trace/breakpoint trap", signal.SIGABRT: "aborted",
           signal.SIGBUS: "bus error", signal.SIGFPE: "floating point exception", signal.SIGKILL: "killed",
           signal.SIGUSR1: "user defined signal 1", signal.SIGSEGV: "segmentation fault", signal.SIGPIPE: "broken pipe",
           signal.SIGUSR2: "user defined signal 2", signal.SIGALRM: "alarm clock", signal.SIGTERM: "terminated"}


class PluginError(Exception):
    """The plugin cannot be run, or said that something went wrong."""


# JSON as Go writes and reads it

def _go_value(value):
    """Go prints 45.0 as 45 and has no lone surrogates."""
    if isinstance(value, dict):
        return {str(key): _go_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_go_value(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return int(value)
    return value


def go_json(value):
    """The bytes of json.Marshal: no spaces, UTF-8, and what HTML or JavaScript
    could trip over escaped; text that is no valid UTF-8 becomes U+FFFD."""
    text = json.dumps(_go_value(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    escapes = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
    text = re.sub("[<>&\u2028\u2029]", lambda match: escapes[match.group()], text)
    return re.sub("[\ud800-\udfff]", "\\\\ufffd", text).encode("utf-8")


def _sorted(value):
    """Go writes a map with its keys in order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _go_number(text):
    number = float(text)
    if math.isinf(number):
        raise ValueError("number out of range")
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _no_constant(text):
    raise ValueError(f"{text} is no JSON")


def parse_output(data):
    """(error, output) from all of stdout. Only exactly one document of the right
    shape counts; anything else is output, as text. Numbers go through a double."""
    text = data.decode("utf-8", "replace")
    try:
        document = json.loads(text, parse_int=_go_number, parse_float=_go_number, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None, text
    if document is None:
        return None, None
    if not isinstance(document, dict):
        return None, text
    result = {"error": None, "output": None}
    for key, value in document.items():     # Go does not look at the case of keys
        if key.lower() in result:
            result[key.lower()] = value
    if result["error"] is not None and not isinstance(result["error"], str):
        return None, text
    return result["error"], result["output"]


def exit_error(returncode):
    """Go's words for a process that did not end well; None if it did."""
    if returncode == 0:
        return None
    if returncode > 0:
        return f"exit status {returncode}"
    return f"signal: {SIGNALS.get(-returncode, f'signal {-returncode}')}"


# stderr

class LineScanner:
    """Go's bufio.Scanner with its default buffer, fed with what was read."""

    def __init__(self):
        self.pending = b""
        self.overflow = False

    def feed(self, data):
        """The lines that are complete now; sets 'overflow' at one that is too long."""
        self.pending += b"" if self.overflow else data
        lines = []
        while not self.overflow:
            end = self.pending.find(b"\n", 0, SCANNER_LIMIT)
            if end >= 0:
                lines.append(self._strip(self.pending[:end]))
                self.pending = self.pending[end + 1:]
            elif len(self.pending) >= SCANNER_LIMIT:
                self.overflow, self.pending = True, b""
            else:
                break
        return lines

    def finish(self):
        """The last line, if it has no end."""
        line, self.pending = self._strip(self.pending), b""
        return [line] if line else []

    @staticmethod
    def _strip(line):
        return line[:-1] if line.endswith(b"\r") else line


def split_level(line):
    """(level or None, text) of one line of stderr."""
    if len(line) < 4 or line[0] != 1 or line[2] != 2 or line[1] not in LEVELS:
        return None, line.decode("utf-8", "replace")
    return LEVELS[line[1]], line[3:].decode("utf-8", "replace").strip()


def parse_progress(text):
    """strconv.ParseFloat: a point, never a comma, and no space."""
    if not re.fullmatch(r"[-+]?((\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|inf|infinity|nan)", text, re.IGNORECASE | re.ASCII):
        raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax')
    return float(text)


# one run

class Context:
    """What Go's context carries: the user, the hooks already visited in this
    chain, and whether the work still has somebody who waits for it."""

    def __init__(self, user="", visited=(), ended=None):
        self.user = user
        self.visited = list(visited)
        self.ended = ended or (lambda: None)    # None, "cancelled" or "abandoned"
        self.runs = []

    def visit(self, plugin_id, trigger):
        """A context for the hook's own requests."""
        child = Context(self.user, self.visited + [(plugin_id, trigger)], self.ended)
        child.runs = self.runs
        return child


class _Bell:
    """Rings once, for threads that sit in poll()."""

    def __init__(self):
        self.fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._lock = threading.Lock()

    def ring(self):
        """Wakes everybody, now and later."""
        with self._lock:
            if self.fd >= 0:
                os.eventfd_write(self.fd, 1)

    def rang(self):
        """Whether it rang."""
        return bool(select.select([self.fd], [], [], 0)[0])

    def wait(self, fd, events):
        """Waits for the descriptor or the bell; whether the bell rang."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        poll.register(fd, events)
        return any(ready == self.fd for ready, _ in poll.poll())

    def close(self):
        """A test may start thousands of plugins: no descriptor may stay open."""
        with self._lock:
            if self.fd >= 0:
                os.close(self.fd)
            self.fd = -1


class Run:
    """One start of a plugin, and everything that came of it."""

    def __init__(self, plugin, kind, trigger=None, options=None):
        self.id = uuid.uuid4().hex
        self.plugin = plugin
        self.kind = kind                # "hook", "task" or "operation"
        self.trigger = trigger          # of a hook: "Scene.Update.Post"
        self.argv = []
        self.stdin = b""
        self.stdout = b""
        self.stderr = b""               # as far as somebody read it
        self.logs = []                  # (level, text), without "[Plugin / …]"
        self.progress = []
        self.error = None               # as Stash sees it: the plugin's word, or how the process ended
        self.output = None
        self.returncode = None
        self.started = self.duration = None
        self.stderr_overflow = False
        self.cancelled = False          # killed because nobody waited any more
        self.operations = []            # what it asked for by GraphQL: [["findScene"], …]
        self.requests = []              # all its HTTP requests, as far as it sent its cookie
        self.cookies = []               # every session cookie it was ever given: none may be logged
        self.done = threading.Event()
        self._options = options
        self._process = None
        self._exited, self._dropped = _Bell(), _Bell()

    @property
    def args(self):
        """The args that the plugin was given."""
        return json.loads(self.stdin)["args"]

    @property
    def connection(self):
        """The server_connection that the plugin was given."""
        return json.loads(self.stdin)["server_connection"]

    @property
    def pid(self):
        """The process, also after it is gone."""
        return self._process and self._process.pid

    @property
    def signal(self):
        """The number of the signal that ended it, or None."""
        return -self.returncode if self.returncode is not None and self.returncode < 0 else None

    @property
    def orphans(self):
        """(pid, command line) of each living process that came from this run."""
        return [(pid, command) for pid, command, _ in marked_processes({self.id})]

    def text(self, level=None):
        """The log as one text, of one level or of all."""
        return "\n".join(text for found, text in self.logs if level in (None, found))

    def __repr__(self):
        return (f"<Run {self.plugin.id} {self.trigger or self.kind} returncode={self.returncode} error={self.error!r} "
                f"output={self.output!r}>")

    def start(self, argv, stdin, environ, cwd):
        """Starts the process; raises what Stash logs when that fails."""
        self.argv, self.stdin = argv, stdin
        path = argv[0] if "/" in argv[0] else shutil.which(argv[0]) or argv[0]
        try:
            self.started = time.monotonic()
            self._process = subprocess.Popen(
                argv, executable=path, bufsize=0, cwd=cwd, env={**environ, MARK: self.id},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except OSError as error:
            self._exited.close()
            self._dropped.close()
            raise PluginError(f"error running plugin: fork/exec {path}: {os.strerror(error.errno).lower()}") from error
        others = [self._run_thread(self._feed), self._run_thread(self._read_stderr)]
        self._run_thread(self._wait, others)
        return self

    @staticmethod
    def _run_thread(function, *args):
        thread = threading.Thread(target=function, args=args, daemon=True)
        thread.start()
        return thread

    def stop(self):
        """Process.Kill: at once, and no child of it."""
        if self._process and self._process.returncode is None:
            self._process.kill()

    def abandon(self):
        """What a plugin feels when Stash itself ends: nobody kills it, but all
        its pipes are broken."""
        self._dropped.ring()
        self._exited.ring()

    def join(self, timeout=30):
        """Waits for the end; a run that was cancelled ends after its mutation."""
        if not self.done.wait(timeout):
            raise TimeoutError(f"{self!r} still runs after {timeout} s")
        return self

    def orphans_after(self, timeout=2.0):
        """The orphans that are still there after some grace; empty is good."""
        end = time.monotonic() + timeout
        while (left := self.orphans) and time.monotonic() < end:
            time.sleep(0.02)
        return left

    def _feed(self):
        """Writes stdin. A plugin that ends without reading it earns a warning."""
        pipe, left = self._process.stdin, memoryview(self.stdin)
        os.set_blocking(pipe.fileno(), False)
        try:
            while left and not self._exited.wait(pipe.fileno(), select.POLLOUT):
                left = left[os.write(pipe.fileno(), left):]
        except BrokenPipeError:
            pass
        if left:
            total = len(self.stdin)
            self._options.log("warning", "error writing input to plugins stdin "
                              f"(wrote {total - len(left)} bytes out of {total}): write |1: broken pipe")
        pipe.close()

    def _wait(self, others):
        """All of stdout, then the exit, then nothing more from stderr."""
        pipe, parts = self._process.stdout, []
        while not self._dropped.wait(pipe.fileno(), select.POLLIN) and (data := os.read(pipe.fileno(), 1 << 20)):
            parts.append(data)
        self.stdout = b"".join(parts)
        pipe.close()
        self.returncode = self._process.wait()
        self.duration = time.monotonic() - self.started
        self._exited.ring()
        for thread in others:
            thread.join()
        self._exited.close()
        self._dropped.close()
        self.error, self.output = parse_output(self.stdout)
        if self.error is None:
            self.error = exit_error(self.returncode)
        self.done.set()

    def _read_stderr(self):
        """The other reader: goes on while stdout is being read, so that a plugin
        may fill either pipe. It is slow on purpose where 'stderr_delay' is set."""
        pipe, scanner, options = self._process.stderr, LineScanner(), self._options
        os.set_blocking(pipe.fileno(), False)
        exited = False
        while not scanner.overflow and not (exited and options.lose_tail):
            exited = exited or self._exited.wait(pipe.fileno(), select.POLLIN)
            if options.stderr_delay and not exited:
                time.sleep(options.stderr_delay)
                exited = self._exited.rang()
            if exited and options.lose_tail:
                break
            try:
                data = os.read(pipe.fileno(), SCANNER_LIMIT)
            except BlockingIOError:
                if exited:
                    break
                continue
            if not data:
                break
            self.stderr += data
            for line in scanner.feed(data):
                self._line(line)
        for line in scanner.finish():
            self._line(line)
        self.stderr_overflow = scanner.overflow
        pipe.close()

    def _line(self, line):
        """One line of stderr becomes one line of Stash's log, or progress."""
        if not line:
            return
        level, text = split_level(line)
        if level is None:
            level = self.plugin.err_log if self.plugin.err_log in LEVELS.values() else "error"
        if level == "progress":
            try:
                self.progress.append(parse_progress(text))
            except ValueError as error:
                self._options.log("error", f"Error parsing progress value '{text}': {error}")
        elif level != "none":
            self.logs.append((level, text))
            self._options.log(level, f"[Plugin / {self.plugin.name}] {text}")


def marked_processes(run_ids):
    """(pid, command line, run id) of living processes that these runs started."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                environ = dict(entry.partition(b"=")[::2] for entry in file.read().split(b"\0"))
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                command = file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        except OSError:
            continue
        run_id = environ.get(MARK.encode(), b"").decode("ascii", "replace")
        if run_id in run_ids and int(pid) != os.getpid():
            found.append((int(pid), command, run_id))
    return found


# all plugins

class PluginHost:
    """Stash's plugin cache: which plugins there are, and how each kind of call
    becomes a Run. 'connection(context, run)' makes the server_connection."""

    def __init__(self, log, connection):
        self.log = log
        self.connection = connection
        self.plugins = []
        self.disabled = set()
        self.runs = []
        self.environ = dict(os.environ)
        self.cwd = None             # None: ours; Stash does not change it for a plugin either
        self.lose_tail = True
        self.stderr_delay = 0.0     # slows the reader of stderr, so that a lost tail is no matter of luck

    def load(self, folder):
        """Reads the manifests below the plugins folder, as at the start of Stash."""
        self.plugins = load_plugins(folder, self.log)

    def find(self, plugin_id):
        """The enabled plugin of that id; raises what Stash answers otherwise."""
        if plugin_id in self.disabled:
            raise PluginError(f"plugin {plugin_id} is disabled")
        for plugin in self.plugins:
            if plugin.id == plugin_id:
                return plugin
        raise PluginError(f"no plugin with ID {plugin_id}")

    def start(self, context, plugin, kind, args, operation=None, trigger=None):
        """Starts the executable. The maps of Go come out sorted by key, and the
        defaults of a manifest are always text."""
        run = Run(plugin, kind, trigger, self)
        defaults = (operation or {}).get("defaultArgs", {})
        args = {**defaults, **(args or {})}
        args = dict(sorted(args.items())) if kind == "hook" else _sorted(args)      # a hook's context is a struct
        connection = {**self.connection(context, run), "PluginDir": plugin.dir}
        stdin = go_json({"server_connection": connection, "args": args})
        command = plugin.command(operation, self.cwd)
        if not command:
            raise PluginError("empty exec value")
        self.runs.append(run)
        context.runs.append(run)
        try:
            return run.start(command, stdin, self.environ, self.cwd)
        except PluginError as error:
            run.error = str(error)
            run.done.set()
            raise

    @staticmethod
    def wait(context, run):
        """Waits for a hook or an operation: without limit, but not longer than
        the client that asked; then the process is killed and not waited for."""
        while not run.done.wait(0.01):
            ended = context.ended()
            if ended == "abandoned":
                run.abandon()
            elif ended:
                run.cancelled = True
                run.stop()
            if ended:
                raise PluginError("operation cancelled")

    def post_hooks(self, context, trigger, number, value=None, fields=()):
        """Everything that listens to a trigger, one after the other. Whatever
        cannot be started, or is cancelled, ends the whole round."""
        hook = {"id": number, "type": trigger, "input": value, "inputFields": list(fields or ())}
        hook = {key: item for key, item in hook.items() if item or key in ("type", "input")}
        first = len(context.runs)
        try:
            for plugin in [found for found in self.plugins if found.id not in self.disabled]:
                self._hooks_of(plugin, context, trigger, hook)
        except PluginError as error:
            self.log("error", f"error executing post hooks: {error}")
        return context.runs[first:]

    def _hooks_of(self, plugin, context, trigger, hook):
        entries = plugin.hooks_for(trigger)
        if entries and context.visited.count((plugin.id, trigger)) >= MAX_HOOK_DEPTH:
            self.log("debug", f"cyclic loop detected: plugin ID '{plugin.id}' hook {trigger}, not re-triggering")
            return
        for entry in entries:
            run = self.start(context.visit(plugin.id, trigger), plugin, "hook", {"hookContext": hook}, entry, trigger)
            self.wait(context, run)
            if run.error is not None:
                self.log("error", f"{trigger} [{plugin.name}]: returned error: {run.error}")
            elif run.output is not None:
                self.log("debug", f"{trigger} [{plugin.name}]: returned: {run.output}")

    def kill_all(self):
        """For the end of a test: nothing that was started here may live on."""
        for run in self.runs:
            if not run.done.is_set():
                run.stop()
                run.abandon()
        for pid, _, _ in marked_processes({run.id for run in self.runs}):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def operation(self, context, plugin_id, args):
        """runPluginOperation: now, and for as long as the client waits."""
        try:
            plugin = self.find(plugin_id)
        except PluginError as error:
            if plugin_id in self.disabled:
                raise
            raise PluginError("Internal system error. Error <runtime error: invalid memory address "
                              "or nil pointer dereference>") from error
        run = self.start(context, plugin, "operation", args)
        self.wait(context, run)
        if run.error is not None:
            raise PluginError(run.error)
        return run

    def task(self, context, plugin_id, task_name, args):
        """Starts a task; whoever asked for it is long gone."""
        plugin = self.find(plugin_id)
        task = plugin.task(task_name) if task_name is not None else None
        if task_name is not None and task is None:
            raise PluginError(f"no task with name {task_name} in plugin {plugin.name or plugin.id}")
        return self.start(context, plugin, "task", args, task)


# jobs

class Job:
    """One entry of the job queue."""

    def __init__(self, number, description, start):
        self.id = number
        self.status = "READY"
        self.description = description
        self.progress = None
        self.error = None
        self.run = None
        self.times = {"addTime": datetime.now(timezone.utc), "startTime": None, "endTime": None}
        self.start = start

    def describe(self):
        """As GraphQL shows it."""
        times = {name: when and when.isoformat() for name, when in self.times.items()}
        return {"id": self.id, "status": self.status, "description": self.description, "progress": self.progress,
                "subTasks": None, "error": self.error, **times}

    def __repr__(self):
        return f"<Job {self.id} {self.status} {self.description!r}>"


class JobQueue:
    """One job at a time, in order. It lives in memory: a restart loses it."""

    def __init__(self, host, hold=False):
        self.host = host
        self.hold = hold
        self.finished = []      # all of them, in order
        self._queue = []
        self._last = 0
        self._closed = False
        self._changed = threading.Condition()
        threading.Thread(target=self._work, daemon=True).start()

    def add(self, context, plugin_id, task_name, description, args):
        """Returns at once. The session cookie is made when the job starts, and
        the client's fate does not matter to it."""
        detached = Context(context.user, context.visited)
        title = next(text for text in (description, task_name, plugin_id) if text is not None)
        with self._changed:
            self._last += 1
            job = Job(self._last, f"Running plugin task: {title}",
                      lambda: self.host.task(detached, plugin_id, task_name, args))
            self._queue.append(job)
            self._changed.notify_all()
            return job

    def queued(self):
        """What jobQueue lists: the running job and those that wait."""
        with self._changed:
            return list(self._queue)

    def at_work(self):
        """The running job and those that will start by themselves: what is held does not count."""
        with self._changed:
            return [job for job in self._queue if not (self.hold and job.status == "READY")]

    def find(self, number):
        """A queued job or one of the last finished ones."""
        with self._changed:
            return next((job for job in self._queue + self.finished[-GRAVEYARD:] if job.id == number), None)

    def stop(self, number):
        """A waiting job is gone; a running one gets its process killed."""
        with self._changed:
            job = next((job for job in self._queue if job.id == number), None)
            if job and job.status == "READY":
                self._finish(job, "CANCELLED")
            elif job and job.status == "RUNNING":
                job.status = "STOPPING"

    def release(self, hold=False):
        """Lets waiting jobs start (or not any more)."""
        with self._changed:
            self.hold = hold
            self._changed.notify_all()

    def wait(self, timeout):
        """Waits until nothing is at work."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self.at_work(), timeout):
                raise TimeoutError(f"still queued after {timeout} s: {self._queue}")

    def close(self):
        """Stash ends: it cancels nothing, it is just not there any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _finish(self, job, status):
        job.status = status
        job.times["endTime"] = datetime.now(timezone.utc)
        self._queue.remove(job)
        self.finished.append(job)
        self._changed.notify_all()

    def _next(self):
        if self._closed:
            return True
        return next((job for job in self._queue if job.status == "READY" and not self.hold), None)

    def _work(self):
        while True:
            with self._changed:
                job = self._changed.wait_for(self._next)
                if self._closed:
                    return
                job.status = "RUNNING"
                job.times["startTime"] = datetime.now(timezone.utc)
            error = self._execute(job)
            with self._changed:
                if self._closed:
                    return
                job.error = error
                stopped = "CANCELLED" if job.status == "STOPPING" else "FINISHED"
                self._finish(job, "FAILED" if error else stopped)

    def _execute(self, job):
        """Runs it. Only a task that cannot start is FAILED; an error that the
        plugin reports is one line in the log of a FINISHED job."""
        try:
            job.run = job.start()
        except PluginError as error:
            creating = str(error).startswith(("no plugin", "no task", "plugin "))
            text = f"Error {'creating' if creating else 'running'} plugin task: {error}"
            self.host.log("error", f"task failed due to error: {text}")
            return text
        while not job.run.done.wait(0.01):
            self._show_progress(job)
            if self._closed:
                job.run.abandon()
                return None
            if job.status == "STOPPING":
                job.run.stop()
                threading.Thread(target=self._report, args=(job.run,), daemon=True).start()
                return None
        self._show_progress(job)
        self._report(job.run)
        return None

    @staticmethod
    def _show_progress(job):
        if job.run.progress:
            job.progress = min(1.0, max(0.0, job.run.progress[-1]))

    def _report(self, run):
        run.done.wait()
        if run.error is not None:
            self.host.log("error", f"Plugin returned error: {run.error}")
        elif run.output is not None:
            self.host.log("debug", f"Plugin returned: {run.output}")
