"""Certificates for a stand-in, good and bad, made with the openssl command.

One issuer signs them all, so a client that trusts it sees exactly what is wrong
with a certificate, and needs no other trust when a better one takes its place.
"""

import os
import shutil
import subprocess
import tempfile

KINDS = {       # name -> (whom it is for, days that it is valid from now)
    "good": ("IP:127.0.0.1,DNS:localhost", 2),
    "expired": ("IP:127.0.0.1,DNS:localhost", -1),
    "of-another": ("DNS:plex.example", 2),
}


class Certificates:
    """A folder with an issuer and what it signed so far."""

    def __init__(self):
        self._folder = tempfile.mkdtemp(prefix="fake-tls-")
        self.issuer = self._path("issuer.pem")      # what a client has to trust
        self.key = self._path("server.key")         # of the server, for every certificate
        for name in ("issuer", "server"):
            self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.key")
        self._openssl("req", "-x509", "-new", "-key", "issuer.key", "-days", "2", "-subj", "/CN=Fake issuer",
                      "-addext", "keyUsage=critical,keyCertSign", "-out", "issuer.pem")
        self._openssl("req", "-new", "-key", "server.key", "-subj", "/CN=Fake server", "-out", "server.csr")

    def get(self, kind):
        """The file of the certificate of that kind, made when it is asked for."""
        path = self._path(f"{kind}.pem")
        if not os.path.exists(path):
            names, days = KINDS[kind]
            with open(self._path(f"{kind}.ext"), "w", encoding="utf-8") as file:
                file.write(f"subjectAltName={names}\n")
            self._openssl("x509", "-req", "-in", "server.csr", "-CA", "issuer.pem", "-CAkey", "issuer.key",
                          "-set_serial", str(len(kind)), "-days", str(days), "-extfile", f"{kind}.ext", "-out", path)
        return path

    def close(self):
        """They are thrown away."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, name):
        return os.path.join(self._folder, name)

    def _openssl(self, *args):
        subprocess.run(["openssl", *args], cwd=self._folder, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
