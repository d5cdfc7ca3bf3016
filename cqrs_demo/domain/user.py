"""The user: an aggregate with hardly any rules of its own.

That an e-mail is unique cannot be decided here: one user does not know the others. The write
store guards it with a unique key (see write_model/handlers.py).
"""

from dataclasses import dataclass

from .events import Event, UserCreated, UserRenamed


@dataclass
class User:
    """A customer. Deciding methods return events; `apply` changes the state and never checks."""

    user_id: str
    name: str = ""
    email: str = ""
    version: int = 0

    @property
    def key(self) -> str:
        return self.user_id

    def create(self, name: str, email: str) -> list[Event]:
        return [UserCreated(self.user_id, name, email)]

    def rename(self, name: str) -> list[Event]:
        if name == self.name:
            return []  # already so: nothing happened, so there is nothing to record
        return [UserRenamed(self.user_id, name)]

    def apply(self, event: Event) -> None:
        match event:
            case UserCreated():
                self.name = event.name
                self.email = event.email
            case UserRenamed():
                self.name = event.name
