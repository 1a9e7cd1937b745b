"""The tables of others as dossiers, row by row."""
