"""Stand-ins for the servers that PlexSync talks to; everything runs on 127.0.0.1."""
