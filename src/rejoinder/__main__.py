"""`python -m rejoinder` is the command line."""

from rejoinder.cli import main

main()
