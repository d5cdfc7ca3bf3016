"""Every error the shop raises. All derive from ShopError, so one `except` catches them."""


class ShopError(Exception):
    """Anything the shop refuses or cannot do, with a sentence that says why."""


class InvalidMessage(ShopError, ValueError):
    """A field has the wrong type or lies outside its limits; no message was made.

    `field` names the culprit.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), (self.field, self.problem)  # pickle would pass one argument


class CommandRejected(ShopError):
    """A rule said no. Nothing changed anywhere, and no position was taken."""


class UnknownId(CommandRejected):
    """The command names a user, product, order or line that does not exist."""


class AlreadyExists(CommandRejected):
    """The client made an id that is already in use."""


class EmailTaken(CommandRejected):
    """Another user has this e-mail (compared case-folded)."""


class OutOfStock(CommandRejected):
    """Fewer are in stock than the order wants."""


class PaymentDeclined(CommandRejected):
    """The payment gateway said no."""


class WrongStatus(CommandRejected):
    """The order is past the point where this is possible."""


class EmptyOrder(CommandRejected):
    """An order without lines cannot be placed."""


class ConcurrencyConflict(ShopError):
    """Somebody else changed the same aggregate first. Look again, then decide again."""


class NotFound(ShopError):
    """The query's answer does not exist, or not yet: its event may still be on its way."""


class StillStale(ShopError):
    """The documents have not caught up with the position that was asked for.

    `stopped` says that waiting is in vain: the projection has failed and stands still.
    """

    def __init__(self, problem: str, stopped: bool = False) -> None:
        super().__init__(problem)
        self.stopped = stopped


class UnknownMessage(ShopError):
    """Nothing handles this message: a query was sent, a command asked, or no handler is known."""


class StoreUnavailable(ShopError):
    """A store cannot be reached or used: locked, read-only, damaged, or not ours."""


class ShopClosed(ShopError):
    """The shop was closed; open a new one."""
