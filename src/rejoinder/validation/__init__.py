"""Derive statements, and validate graphs by SHACL, by checks over all graphs, and by the source text."""
