"""What follows from a graph, and what is wrong with it: rules, SHACL, the source text."""
