"""The server: pages of the newest version over HTTP, the question API, and a SPARQL endpoint."""
