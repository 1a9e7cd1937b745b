"""SPARQL 1.1 stores over HTTP: pushed to, asked, checked."""
