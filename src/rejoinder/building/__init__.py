"""The two jobs on a project's files, build and check-up; and new projects."""
