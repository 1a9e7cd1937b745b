"""Build and check a project's files, and create new projects."""
