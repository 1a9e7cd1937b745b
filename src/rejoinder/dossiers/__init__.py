"""Dossiers: files of a project become statements that remember their lines."""
