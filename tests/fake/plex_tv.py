"""A stand-in for plex.tv: signing in by a code, and the servers of an account.

    with PlexTv() as plex_tv:
        plex_tv.add_server(plex, owned=True)
        ... a program asks for a code ...
        plex_tv.sign_in()       # the person does, in a browser

A code belongs to the client that asked for it; what is over is as unknown as what never was.
"""

import itertools
import secrets
import time
from email.utils import formatdate

from .server import Reply, Server

CLIENT = "X-Plex-Client-Identifier"


class PlexTv(Server):
    """The account of one person."""

    def __init__(self, tls=False, port=0):
        super().__init__(port=port, tls=tls)
        self.token = "account-token-" + secrets.token_hex(10)
        self.pins = {}                  # id -> what is known of a code
        self.servers = []               # as plex.tv lists them
        self.expires_in = 900
        self.clock = 0                  # seconds that its clock, and its codes, are ahead
        self.tells_time_left = True     # expiresIn of a code goes down; or is what it was at first
        self._ids = itertools.count(564_964_751)

    def sign_in(self):
        """The person signs in on the page that the newest code leads to."""
        self.pins[max(self.pins)]["authToken"] = self.token

    def add_server(self, plex, owned=True, connections=None, **values):
        """A Plex of the account, or one that is shared with it. Its entry, to be changed at will."""
        row = {"name": plex.friendly_name, "product": "Plex Media Server", "productVersion": plex.version,
               "platform": "Linux", "device": "PC", "clientIdentifier": plex.machine_identifier, "provides": "server",
               "owned": owned, "home": False, "synced": False, "relay": True, "presence": True,
               "httpsRequired": plex.tls, "publicAddressMatches": True, "dnsRebindingProtection": False,
               "accessToken": plex.token, "connections": connections or [connection(plex.port, plex.tls)], **values}
        self.servers.append(row)
        return row

    # HTTP

    def handle(self, request):
        """JSON for those who ask for exactly that, and only for clients that say who they are."""
        reply = self._answer(request)
        reply.headers.setdefault("Date", formatdate(time.time() + self.clock, usegmt=True))
        return reply

    def _answer(self, request):
        if request.headers.get("Accept") != "application/json":
            return Reply.text('<?xml version="1.0"?><pin/>', content_type="application/xml")
        if not request.headers.get(CLIENT):
            return refusal(400, 1000, "X-Plex-Client-Identifier is missing")
        if (request.method, request.path) == ("POST", "/api/v2/pins"):
            return self._new_pin(request)
        if request.method == "GET" and request.path.startswith("/api/v2/pins/"):
            return self._pin(request, request.path.rsplit("/", 1)[1])
        if (request.method, request.path) == ("GET", "/api/v2/resources"):
            return self._resources(request)
        return refusal(404, 404, "Not Found")

    def _new_pin(self, request):
        number = next(self._ids)
        code = secrets.token_hex(13)[:25] if request.arg("strong") == "true" else secrets.token_hex(2).upper()
        self.pins[number] = {"id": number, "code": code, "product": request.headers.get("X-Plex-Product"),
                             "trusted": False, "clientIdentifier": request.headers[CLIENT],
                             "expiresIn": self.expires_in, "authToken": None, "until": self._now() + self.expires_in}
        return Reply.json(self._shown(self.pins[number]), 201)

    def _pin(self, request, number):
        pin = self.pins.get(int(number)) if number.isdigit() else None
        if not pin or pin["clientIdentifier"] != request.headers[CLIENT] or self._now() > pin["until"]:
            return refusal(404, 1020, "Code not found or expired")
        return Reply.json(self._shown(pin))

    def _shown(self, pin):
        left = max(0, round(pin["until"] - self._now())) if self.tells_time_left else pin["expiresIn"]
        return {**{key: value for key, value in pin.items() if key != "until"}, "expiresIn": left}

    def _now(self):
        return time.time() + self.clock

    def _resources(self, request):
        if request.headers.get("X-Plex-Token") != self.token:
            return refusal(401, 1001, "User could not be authenticated")
        player = {"name": "Television", "product": "Plex for LG", "clientIdentifier": "player-1", "provides": "player",
                  "owned": True, "accessToken": None, "connections": []}
        return Reply.json([player, *self.servers])


def connection(port, tls=False, local=True, relay=False, address="127.0.0.1"):
    """One way to a server."""
    protocol = "https" if tls else "http"
    return {"protocol": protocol, "address": address, "port": port, "uri": f"{protocol}://{address}:{port}",
            "local": local, "relay": relay, "IPv6": ":" in address}


def refusal(status, code, message):
    """plex.tv's errors."""
    return Reply.json({"errors": [{"code": code, "message": message, "status": status}]}, status)
