"""What a provider says of somebody, and why it is not believed."""

from dataclasses import dataclass, field


class ProviderFailed(Exception):
    """The provider cannot be reached, or what it says proves nothing.

    The text is the whole reason, for the trace; ``code`` is the word for it that people may pass on.
    """

    def __init__(self, reason: str, code: str = "answer") -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider vouches for.

    ``email`` is empty unless the provider stands for it; ``strongly``: it has asked for a second factor; ``said``:
    everything that it tells of him, by name.
    """

    issuer: str
    subject: str
    email: str
    name: str
    strongly: bool
    said: dict[str, list[str]] = field(default_factory=dict)
