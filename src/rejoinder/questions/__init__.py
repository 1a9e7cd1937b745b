"""Stored questions, and the tables of their answers."""
