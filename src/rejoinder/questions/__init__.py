"""Stored questions, and the tables they are answered with."""
