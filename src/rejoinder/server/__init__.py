"""The server: every page of the newest version over HTTP, and what only a server can answer."""
