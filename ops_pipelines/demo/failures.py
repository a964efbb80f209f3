"""What can go wrong in the demo: for the person who starts it, and for those who ask it."""


class DemoError(Exception):
    """The demo cannot do what its command line asks; the text says why and what to do."""


class RequestError(Exception):
    """A request that cannot be answered as wanted.

    Attributes:
        status: the HTTP status that says so.
        error_type: what kind of trouble it is, as the log and the answer name it.
        message: what happened, for whoever asked.
    """

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message
