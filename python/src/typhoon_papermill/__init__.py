"""Lets papermill give typed parameters to TypeScript notebooks of the Typhoon kernel."""

# First of all: papermill loads the entry point in `engine` while it is imported itself, and `engine` needs papermill.
import papermill  # noqa: F401
