"""Make the static site of a version: pages, data files and search index."""
