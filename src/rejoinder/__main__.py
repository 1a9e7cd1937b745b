"""`python -m rejoinder` is the command line."""

from __future__ import annotations

from rejoinder.cli.main import main

if __name__ == "__main__":  # a process that is to check reports imports this, too
    main()
