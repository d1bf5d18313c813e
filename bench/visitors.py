"""Signs the staff in: sessions and tokens, with a few ids of the data set. Runs inside an installation."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
django.setup()

from bench.staff import ADMIN, HEAVY, LIGHT, MANAGER  # noqa: E402
from rapport.platform import db  # noqa: E402
from rapport.platform.identity import access, accounts, snapshot  # noqa: E402
from rapport.platform.identity.models import User  # noqa: E402
from rapport.records.live import topics  # noqa: E402

WHO = {"admin": ADMIN, "heavy": HEAVY, "light": LIGHT, "manager": MANAGER}


def known() -> dict[str, object]:
    """Secrets and ids as the rows need them."""
    users = {name: accounts.by_email(email) for name, email in WHO.items()}
    secrets = {name: access.open_session(user) for name, user in users.items() if user}
    famous = db.one("SELECT party_id FROM interaction GROUP BY party_id ORDER BY count(*) DESC LIMIT 1")
    cards = {name: _busiest(user) for name, user in users.items() if user and name != "admin"}
    sample = db.rows("SELECT id FROM party ORDER BY id LIMIT 200 OFFSET 1000")
    deals = db.rows("SELECT id FROM deal ORDER BY id LIMIT 50 OFFSET 500")
    return {
        "sessions": secrets,
        "topics": {
            name: topics.sign(user.id, access.session_of(secrets[name]), ("party",))
            for name, user in users.items()
            if user
        },
        "tokens": {name: access.make_token(user, "bench") for name, user in users.items() if user},
        "users": {name: user.id for name, user in users.items() if user},
        "famous": db.unkey(famous[0]) if famous else None,
        "cards": {name: key for name, key in cards.items() if key},
        "parties": [db.unkey(row[0]) for row in sample],
        "deals": [db.unkey(row[0]) for row in deals],
    }


def _busiest(user: User) -> str | None:
    """The party with the longest timeline among those the user sees."""
    teams = (
        snapshot.current().seen_by(user.id, user.team_id)
        if "manager" in user.roles.values_list("key", flat=True)
        else ()
    )
    among = f" OR team_id IN ({', '.join(['%s'] * len(teams))})" if teams else ""
    sql = f"""SELECT party_id FROM interaction WHERE owner_id = %s{among}
              GROUP BY party_id ORDER BY count(*) DESC LIMIT 1"""
    row = db.one(sql, [db.key(user.id), *(db.key(team) for team in teams)])
    return db.unkey(row[0]) if row else None


if __name__ == "__main__":
    print(json.dumps(known()))
