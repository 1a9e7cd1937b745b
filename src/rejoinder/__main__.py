"""`python -m rejoinder` is the command line."""

from rejoinder.commands.cli import main

if __name__ == "__main__":  # a process that is to check reports imports this, too
    main()
