"""Errors by who must act. The commands map them to exit codes; a remedy stands in every message."""


class BadInput(Exception):
    """The caller's: a file or an argument is missing, broken or not what it says. Exit code 2."""


class UnusableModel(Exception):
    """Ours or the data's: training ran, but its result must not be served. Exit code 3."""


class DataRefused(Exception):
    """The data's: too much of it is not what was declared. Exit code 3, nothing is written."""


class TrackingUnavailable(Exception):
    """The weather's: MLflow or a store of data does not answer; the same command may be tried again. Exit code 4."""
