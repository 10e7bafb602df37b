"""A small HTTP/1.1 server whose answers can go wrong in every way that matters.

The stand-ins for Plex and Stash derive from Server and implement handle().
The HTTP layer is written on plain sockets, because a test must be able to
reset a connection in the middle of an answer, to answer a byte at a time, or
to close a kept-alive connection exactly when the next request arrives; the
servers of the standard library hide the socket too well for that.

A request is read completely before anything else happens. Then, in this order:
the request is recorded, a fault that matches it is looked up, and handle() is
called under one lock (not while waiting: latency, delays and hangs sleep
without the lock, so that other connections go on).
"""

import collections.abc
import json
import random
import re
import select
import socket
import ssl
import struct
import threading
import time
import traceback
import zlib
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from .certificates import Certificates

MAX_HEAD = 4 * 1024 * 1024      # a summary in a URL can be 100 KB; subclasses have limits of their own
MAX_BODY = 256 * 1024 * 1024
BODY_TIMEOUT = 60.0             # for the rest of a request that has begun
POLL = 0.02                     # how soon a waiting answer notices stop() or a client that left

MAINTENANCE = (b'<?xml version="1.0" encoding="UTF-8"?>\n<Response code="503" title="Maintenance" '
               b'status="Plex Media Server is currently running database migrations."/>')


class Headers(collections.abc.MutableMapping):
    """Header fields by name, without regard to case."""

    def __init__(self, fields=()):
        self._fields = {}
        for name, value in (fields.items() if hasattr(fields, "items") else fields):
            if name in self:
                value = f"{self[name]}, {value}"
            self[name] = value

    def __getitem__(self, name):
        return self._fields[name.lower()][1]

    def __setitem__(self, name, value):
        self._fields[name.lower()] = (name, str(value))

    def __delitem__(self, name):
        del self._fields[name.lower()]

    def __contains__(self, name):
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self):
        return (name for name, _ in self._fields.values())

    def __len__(self):
        return len(self._fields)

    def __repr__(self):
        return f"Headers({dict(self)!r})"


class Request:
    """One request as it arrived. The query is decoded exactly once: what a
    client encoded twice (as removals of tags are) is still encoded here."""

    def __init__(self, method, target, headers=(), body=b"", at=None):
        self.method = method
        self.target = target
        path, _, query = target.partition("?")
        self.path = unquote(path)
        self.query = parse_qsl(query, keep_blank_values=True)
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self.body = body
        self.at = time.monotonic() if at is None else at

    def arg(self, name, default=None):
        """The first value of a query argument."""
        for key, value in self.query:
            if key == name:
                return value
        return default

    def args(self, name):
        """All values of a query argument."""
        return [value for key, value in self.query if key == name]

    def json(self):
        """The body as JSON."""
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.method} {self.target}>"


class Reply:
    """What handle() answers. 'delay' is waited for without holding the lock;
    with 'reset' the connection is reset instead of answered."""

    def __init__(self, status=200, headers=None, body=b"", delay=0.0, reset=False):
        self.status = status
        self.headers = dict(headers or {})
        self.body = body.encode() if isinstance(body, str) else body
        self.delay = delay
        self.reset = reset

    @classmethod
    def json(cls, value, status=200, headers=None):
        """A JSON document."""
        return cls(status, {"Content-Type": "application/json", **(headers or {})},
                   json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    @classmethod
    def text(cls, text, status=200, content_type="text/plain"):
        """Text of any kind: HTML, XML, plain."""
        return cls(status, {"Content-Type": content_type}, text)

    @classmethod
    def html_error(cls, status):
        """The page that Plex and many others show for an error."""
        line = f"{status} {reason(status)}"
        return cls.text(f"<html><head><title>{reason(status)}</title></head>"
                        f"<body><h1>{line}</h1></body></html>", status, "text/html")


def reason(status):
    """The words that belong to a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


class ClientGone(Exception):
    """The other side closed, or the server is stopping."""


class BadRequest(Exception):
    """What arrived is no HTTP that we understand."""


class Connection:
    """One accepted connection: reads requests, writes answers, or breaks."""

    def __init__(self, sock, stopping):
        self.sock = sock
        self.stopping = stopping
        self.buffer = b""
        self.served = 0

    def _fill(self):
        data = self.sock.recv(262144)
        if not data:
            raise ClientGone
        self.buffer += data

    def _take(self, count):
        while len(self.buffer) < count:
            self._fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def _take_until(self, mark):
        while (end := self.buffer.find(mark)) < 0:
            if len(self.buffer) > MAX_HEAD:
                raise BadRequest("head too large")
            self._fill()
        data, self.buffer = self.buffer[:end], self.buffer[end + len(mark):]
        return data

    def read_request(self, idle):
        """The next request; gives up when none begins within 'idle' seconds."""
        self.sock.settimeout(idle)
        while not self.buffer.lstrip(b"\r\n"):
            self.buffer = b""
            self._fill()
        self.buffer = self.buffer.lstrip(b"\r\n")
        self.sock.settimeout(BODY_TIMEOUT)
        if not self.buffer[:1].isalpha():       # TLS, for example
            raise BadRequest("no method")
        lines = self._take_until(b"\r\n\r\n").decode("utf-8", "replace").split("\r\n")
        try:
            method, target, _ = lines[0].split(" ")
            headers = Headers([(name, value.strip()) for name, value in
                               (line.split(":", 1) for line in lines[1:])])
        except ValueError:
            raise BadRequest(lines[0]) from None
        return Request(method, target, headers, self._read_body(headers))

    def _read_body(self, headers):
        """The body; large uploads of curl wait for '100 Continue' first."""
        length = int(headers.get("Content-Length", 0))
        chunked = headers.get("Transfer-Encoding", "").lower() == "chunked"
        if length > MAX_BODY:
            raise BadRequest("body too large")
        if (length or chunked) and headers.get("Expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self._read_chunks() if chunked else self._take(length)

    def _read_chunks(self):
        body = b""
        while size := int(self._take_until(b"\r\n").split(b";")[0], 16):
            body += self._take(size)
            self._take(2)
        while self._take_until(b"\r\n"):
            pass
        return body

    def send(self, data):
        """Writes everything, or raises when the client is gone."""
        if self.stopping.is_set():
            raise ClientGone
        self.sock.sendall(data)

    def drip(self, data, interval):
        """Writes one byte at a time."""
        for i in range(len(data)):
            self.send(data[i:i + 1])
            self.wait(interval)

    def wait(self, seconds):
        """Sleeps; raises ClientGone as soon as the client hangs up or we stop."""
        end = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self.sock.fileno(), select.POLLIN | select.POLLHUP)
        while (left := end - time.monotonic()) > 0:
            if self.stopping.wait(min(left, POLL)):
                raise ClientGone
            if poll.poll(0) and not self.peek():
                raise ClientGone

    def peek(self):
        """Whether unread bytes are waiting (false: the client closed)."""
        try:
            return bool(socket.socket.recv(self.sock, 1, socket.MSG_PEEK))
        except (OSError, ValueError):
            return False

    def close(self, reset=False):
        """Closes; with 'reset' the client sees ECONNRESET instead of an end."""
        try:
            if reset:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.close()
        except OSError:
            pass

    def shutdown(self):
        """Wakes a thread that is reading from or writing to the socket."""
        try:
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        except OSError:
            pass


class Fault:
    """Trouble for the next matching requests; 'hits' says how many got it."""

    def __init__(self, match, kind, times, options):
        if kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}")
        self.match = match if callable(match) else self._by_path(*match)
        self.kind = kind
        self.left = times
        self.hits = 0
        self.options = options

    @staticmethod
    def _by_path(method, pattern):
        """(METHOD, regex): the regex must match the whole decoded path."""
        path = re.compile(pattern)
        return lambda request: (method in (None, "*", request.method)
                                and path.fullmatch(request.path) is not None)

    def take(self, request):
        """Whether this request gets the trouble; counts it."""
        if self.left == 0 or not self.match(request):
            return False
        if self.left is not None:
            self.left -= 1
        self.hits += 1
        return True

    def get(self, name, default=None):
        """An option of the fault."""
        return self.options.get(name, default)


class Server:
    """A threaded server on 127.0.0.1. Derived classes implement handle()."""

    def __init__(self, port=0, tls=False, keepalive_timeout=20.0):
        self.port = port
        self.tls = tls
        self.plain_too = False      # with tls: http at the same port, too
        self.plain_answer = None    # with tls: the bytes that http is answered
        self.certificate = "good"   # or another kind of Certificates, from the next start() on
        self.keepalive_timeout = keepalive_timeout
        self.latency = 0.0          # seconds before each answer, or a function of the request
        self.gzip = False           # compress what a client offers to decompress
        self.chunked = False        # answer in chunks instead of with Content-Length
        self.connections = 0
        self.errors = []            # tracebacks of handle(): a test that sees one has found a bug of ours
        self.lock = threading.RLock()
        self.certfile = None        # what a client has to trust
        self._requests = []
        self._faults = []
        self._record_lock = threading.Lock()
        self._open = set()
        self._threads = set()
        self._stopping = threading.Event()
        self._listener = None
        self._acceptor = None
        self._context = None
        self._certificates = None

    def handle(self, request):
        """Answers one request; called under self.lock."""
        raise NotImplementedError

    # life

    def start(self):
        """Listens. After stop() it listens again on the same port, with a
        certificate of the same issuer, as a server does that was down for a while."""
        if self.tls:
            self._use_certificate()
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        self.port = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True,
                                          args=(self._listener, self._stopping))
        self._acceptor.start()
        return self

    def stop(self):
        """Closes everything at once, also what is hanging."""
        self._stopping.set()
        if self._listener:
            try:
                self._listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._listener.close()
            self._acceptor.join(5)
            self._listener = None
        with self._record_lock:
            connections, threads = list(self._open), list(self._threads)
        for connection in connections:
            connection.shutdown()
        deadline = time.monotonic() + 5
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0, deadline - time.monotonic()))

    def close(self):
        """stop(), and the throw-away certificates go too."""
        self.stop()
        if self._certificates:
            self._certificates.close()
            self._certificates = self._context = self.certfile = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    @property
    def url(self):
        """Where the server listens."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def _use_certificate(self):
        """The certificate of self.certificate, made when it is needed."""
        self._certificates = self._certificates or Certificates()
        self.certfile = self._certificates.issuer
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self._certificates.get(self.certificate), self._certificates.key)

    # records and faults

    @property
    def requests(self):
        """Every request so far, in the order of arrival (a copy)."""
        with self._record_lock:
            return list(self._requests)

    def clear_requests(self):
        """Forgets the requests so far."""
        with self._record_lock:
            self._requests.clear()

    def fault(self, match, kind, times=1, **options):
        """The next 'times' (None: all) requests that match get trouble.

        'match' is a predicate on Request, or (METHOD, regex) where METHOD may
        be "*" and the regex has to match the whole path. Faults are tried in
        the order they were added. Kinds and their options: see FAULTS."""
        fault = Fault(match, kind, times, options)
        with self._record_lock:
            self._faults.append(fault)
        return fault

    def clear_faults(self):
        """From now on everything works."""
        with self._record_lock:
            self._faults.clear()

    def _record(self, request, connection):
        """Stores the request and finds the fault that it runs into."""
        with self._record_lock:
            self._requests.append(request)
            for fault in self._faults:
                if fault.get("reused") and not connection.served:
                    continue
                if fault.take(request):
                    return fault
        return None

    # connections

    def _accept(self, listener, stopping):
        while not stopping.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(sock, stopping)
            thread = threading.Thread(target=self._serve, args=(connection, stopping), daemon=True)
            with self._record_lock:
                self.connections += 1
                self._open.add(connection)
                self._threads.add(thread)
            thread.start()

    def _serve(self, connection, stopping):
        try:
            if self.tls:
                connection.sock.settimeout(BODY_TIMEOUT)
                plain = connection.sock.recv(1, socket.MSG_PEEK) != b"\x16"
                if plain and self.plain_answer:
                    connection.sock.recv(MAX_HEAD)
                    connection.send(self.plain_answer)
                    raise ClientGone
            if self.tls and not (plain and self.plain_too):
                connection.sock = self._context.wrap_socket(connection.sock, server_side=True)
            while not stopping.is_set() and self._one(connection):
                connection.served += 1
        except (ClientGone, OSError, ValueError):
            pass
        except BadRequest:
            self._answer_quietly(connection, Reply.html_error(400))
        finally:
            with self._record_lock:
                self._open.discard(connection)
                self._threads.discard(threading.current_thread())
            connection.close()

    def _answer_quietly(self, connection, reply):
        try:
            connection.send(self.render(None, reply))
        except (ClientGone, OSError):
            pass

    def _one(self, connection):
        """One request and its answer; false when the connection is over."""
        request = connection.read_request(self.keepalive_timeout)
        fault = self._record(request, connection)
        if self.latency:
            connection.wait(self.latency(request) if callable(self.latency) else self.latency)
        if fault:
            keep = FAULTS[fault.kind](self, connection, request, fault)
        else:
            reply = self.apply(request)
            if reply.delay:
                connection.wait(reply.delay)
            if reply.reset:
                connection.close(reset=True)
                return False
            connection.send(self.render(request, reply))
            keep = True
        return keep and request.headers.get("Connection", "").lower() != "close"

    def apply(self, request):
        """handle() under the lock; an exception becomes a 500 and is kept."""
        with self.lock:
            try:
                return self.handle(request)
            except Exception:           # pylint: disable=broad-except
                self.errors.append(traceback.format_exc())
                return Reply.text(self.errors[-1], 500)

    def render(self, request, reply, length=None):
        """The bytes of an answer: status line, header fields, body."""
        headers = {"Connection": "keep-alive", "Keep-Alive": f"timeout={max(1, int(self.keepalive_timeout))}",
                   **reply.headers}
        body = reply.body
        if self.gzip and request and body and "gzip" in request.headers.get("Accept-Encoding", ""):
            packer = zlib.compressobj(6, zlib.DEFLATED, 31)
            body = packer.compress(body) + packer.flush()
            headers["Content-Encoding"] = "gzip"
        head_only = (request and request.method == "HEAD") or reply.status in (204, 304)
        if self.chunked and body and not head_only:
            headers["Transfer-Encoding"] = "chunked"
            step = max(1, len(body) // 3)
            body = b"".join(chunk(body[i:i + step]) for i in range(0, len(body), step)) + chunk(b"")
        elif reply.status not in (204, 304):
            headers["Content-Length"] = str(len(body) if length is None else length)
        return head(reply.status, headers) + (b"" if head_only else body)


def head(status, headers):
    """Status line and header fields, ready to send."""
    lines = [f"HTTP/1.1 {status} {reason(status)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def chunk(data):
    """One chunk of a chunked body; an empty one ends it."""
    return b"%x\r\n%s\r\n" % (len(data), data)


# The kinds of trouble. Each function answers (or not) and returns whether the
# connection stays open. Those that replace the answer do not apply the request
# unless the fault has apply=True.

def _replace(server, connection, request, fault, reply):
    if fault.get("apply"):
        server.apply(request)
    connection.send(server.render(request, reply))
    return True


def _status(server, connection, request, fault):
    """status=, headers=, body=, apply=: any answer one can think of."""
    status = fault.get("status", 500)
    reply = Reply.html_error(status)
    if fault.get("body") is not None:
        reply.body = Reply(body=fault.get("body")).body
    reply.headers.update(fault.get("headers") or {})
    return _replace(server, connection, request, fault, reply)


def _reset_before(_server, connection, _request, _fault):
    """Not applied, and reset before the first byte of an answer."""
    connection.close(reset=True)
    return False


def _reset_after_apply(server, connection, request, _fault):
    """Applied, but the client never hears of it."""
    server.apply(request)
    connection.close(reset=True)
    return False


def _reset_mid(server, connection, request, _fault):
    """Header fields and half of the body, then a reset."""
    reply = server.apply(request)
    whole = len(reply.body) or 1
    reply.body = reply.body[:whole // 2]
    connection.send(server.render(request, reply, length=whole))
    connection.wait(0.05)
    connection.close(reset=True)
    return False


def _off(server, _connection, _request, _fault):
    """The whole server ends: no answer, and connections are refused until start()."""
    server.stop()
    return False


def _hang(server, connection, request, fault):
    """seconds=, status=: silence, not applied; then the status, or the end."""
    connection.wait(fault.get("seconds", 3600))
    if fault.get("status") is None:
        return False
    connection.send(server.render(request, Reply.html_error(fault.get("status"))))
    return True


def _hang_after_apply(server, connection, request, fault):
    """seconds=: applied at once, answered late."""
    reply = server.apply(request)
    connection.wait(fault.get("seconds", 3600))
    connection.send(server.render(request, reply))
    return True


def _drip(server, connection, request, fault):
    """interval=: the normal answer, a byte at a time (body_only=True spares the head)."""
    data = server.render(request, server.apply(request))
    if fault.get("body_only"):
        start, mark, data = data.partition(b"\r\n\r\n")
        connection.send(start + mark)
    connection.drip(data, fault.get("interval", 0.01))
    return True


def _html200(server, connection, request, fault):
    """A page of somebody else (a proxy, a router's log-in) with status 200."""
    page = Reply.text("<!DOCTYPE html><html><body><h1>It works!</h1></body></html>", 200, "text/html")
    return _replace(server, connection, request, fault, page)


def _truncated(server, connection, request, _fault):
    """The document ends in the middle, and Content-Length agrees with that."""
    reply = server.apply(request)
    reply.body = reply.body[:len(reply.body) // 2]
    connection.send(server.render(request, reply))
    return True


def _endless(_server, connection, _request, fault):
    """A body that never ends; filler= is what it consists of."""
    connection.send(head(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}))
    connection.send(chunk(fault.get("start", b'{"MediaContainer":{"size":1,"Metadata":[')))
    filler = chunk(fault.get("filler", b'{"ratingKey":"1","title":"x"},') * 512)
    while True:
        connection.send(filler)
        if fault.get("interval"):
            connection.wait(fault.get("interval"))


def _redirect(server, connection, request, fault):
    """location=, status=302: sends the client elsewhere."""
    reply = Reply(fault.get("status", 302), {"Location": fault.get("location", "/")})
    return _replace(server, connection, request, fault, reply)


def _garbage(server, connection, request, fault):
    """size=: random bytes that claim to be what was asked for."""
    kind = "application/json" if "json" in request.headers.get("Accept", "") else "text/xml"
    noise = random.Random(fault.get("seed", 1)).randbytes(fault.get("size", 4096))
    return _replace(server, connection, request, fault, Reply(200, {"Content-Type": kind}, noise))


def _empty(server, connection, request, fault):
    """Status 200 and nothing else."""
    return _replace(server, connection, request, fault, Reply())


def _maintenance(server, connection, request, fault):
    """What Plex says while it migrates its database, for minutes or hours."""
    return _replace(server, connection, request, fault, Reply(503, {"Content-Type": "text/xml"}, MAINTENANCE))


def _close_idle(_server, _connection, _request, _fault):
    """Closed without an answer: the client wrote to a stale connection.
    reused=True spares connections that have not answered anything yet."""
    return False


FAULTS = {
    "status": _status, "reset_before": _reset_before, "reset_after_apply": _reset_after_apply,
    "reset_mid": _reset_mid, "off": _off, "hang": _hang, "hang_after_apply": _hang_after_apply, "drip": _drip,
    "html200": _html200, "truncated": _truncated, "endless": _endless, "redirect": _redirect,
    "garbage": _garbage, "empty": _empty, "maintenance": _maintenance, "close_idle": _close_idle,
}
