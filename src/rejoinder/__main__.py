"""`python -m rejoinder` is the command line."""

from rejoinder.commands.cli import main

main()
