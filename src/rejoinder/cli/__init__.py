"""The command line: what is typed, and what a person sees."""
