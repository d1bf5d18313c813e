"""What parties say of themselves against their rows of contact points, addresses, roles and places of work."""

from collections.abc import Iterator

from rapport.config.soundness.finding import Finding
from rapport.parties import holding, primary, working


def parties_and_their_parts() -> Iterator[Finding]:
    """A party's own e-mail, phone, website, address, roles and company are those of the rows that are in force."""
    for words in (*primary.differing(), *holding.differing(), *working.differing()):
        yield Finding(words, remedy="open such a party and save the field again")
