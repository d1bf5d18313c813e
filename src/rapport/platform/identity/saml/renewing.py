"""Recurring: what providers tell of themselves at an address is read again, so that new certificates are known."""

import logging
from typing import Any

from rapport.platform.clock import now
from rapport.platform.identity import providers, sign_ins
from rapport.platform.identity.providers import SAML, Provider
from rapport.platform.identity.saml import keys, metadata
from rapport.platform.identity.sign_ins import NOBODY
from rapport.platform.identity.vouched import ProviderFailed
from rapport.platform.jobs.registry import job, schedule
from rapport.platform.jobs.run import Run

log = logging.getLogger("rapport.sign_in")


def has_address() -> bool:
    """Whether any provider tells of itself at an address."""
    return any(each.about.get("metadata_url") for each in providers.listed())


@schedule(every=6 * 3600, only_if=has_address)
@job("platform.renew_providers", lane="long")
def renew_providers(run: Run) -> None:
    """Fetch the metadata of each provider that has an address for it."""
    for held in providers.listed():
        run.check_cancelled()
        if held.kind == SAML and held.about.get("metadata_url"):
            renew(held)


def renew(held: Provider) -> None:
    """Fetch it anew; what is wrong is kept to be shown. A provider that calls itself otherwise is not followed."""
    try:
        told = metadata.fetched(str(held.about["metadata_url"])).about()
        if told["entity"] != held.about.get("entity"):
            raise ProviderFailed(f"it calls itself {told['entity'][:100]} now", "metadata")
    except ProviderFailed as problem:
        log.warning("metadata of %s: %s", held.name, problem)
        providers.amend(held.key, {"metadata_problem": str(problem)[:300]})
        return
    changed = [each for each in ("sso", "certificates", "wants_signed") if told[each] != held.about.get(each)]
    providers.amend(held.key, {**told, "metadata_at": now().isoformat(), "metadata_problem": ""})
    if changed:
        about = f"{held.name}: {', '.join(changed)} by its metadata"
        sign_ins.record("provider_changed", None, NOBODY, about=about)


def ending() -> list[tuple[Provider, keys.Known]]:
    """Certificates of providers in use that have ended or will within a month."""
    return [
        (held, each) for held in providers.offered() for each in certificates(held) if each.is_over or each.ends_soon
    ]


def warnings() -> list[str]:
    """The same, in words for who runs the installation."""
    words = "a certificate of the sign-in provider {} {} on {:%Y-%m-%d}"
    return [words.format(held.name, "ended" if each.is_over else "ends", each.ends) for held, each in ending()]


def certificates(held: Provider) -> list[keys.Known]:
    """The certificates of a provider as people see them."""
    texts: Any = held.about.get("certificates") or ()
    return [keys.known(str(text)) for text in texts]
