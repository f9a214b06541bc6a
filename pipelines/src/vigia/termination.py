"""SIGTERM as an exception, so that what is open is closed in order."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

# Whether a SIGTERM came that nobody has answered yet; a signal is the whole process's.
pending = False


class Terminated(SystemExit):
    """SIGTERM. Ends the command with 143 unless caught."""

    def __init__(self) -> None:
        super().__init__(128 + signal.SIGTERM)


@contextmanager
def sigterm_raises() -> Iterator[None]:
    """The first SIGTERM raises Terminated in the body, further ones do not disturb what it set off."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(*_: object) -> NoReturn:
        global pending
        pending = True
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        withdraw()
        signal.signal(signal.SIGTERM, before)


def raise_if_terminated() -> None:
    """To be called where C may have called Python, as XGBoost does to read rows: an exception of there is lost."""
    if pending:
        withdraw()
        raise Terminated


def withdraw() -> None:
    global pending
    pending = False
