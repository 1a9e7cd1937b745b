"""RDF terms, stores of named graphs, SPARQL queries, and graphs as files."""
