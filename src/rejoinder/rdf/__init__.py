"""RDF terms, named graphs, SPARQL queries, and serialisation."""
