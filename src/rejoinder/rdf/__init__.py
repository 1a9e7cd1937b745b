"""RDF terms, the store of named graphs, its versions on disk, and graphs as files."""
