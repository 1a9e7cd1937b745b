"""Real triple stores that the tests start, each in a process and a folder of its own."""
