"""The one exception that the command line turns into one clear line."""


class BenchError(Exception):
    """Something is missing or failed, and its text says what, on one line."""
