"""Two who take the same record at the same moment."""

from functools import partial

from rapport.platform.actor import as_system
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.records.queues import keeping
from tests.people import Api, address
from tests.standing import at_once


def test_of_two_who_take_at_once_one_wins_and_the_other_hears_who(standing: str) -> None:
    users = [User.objects.get(email=address(who)) for who in ("seller", "other_seller", "admin")]
    with as_system("tests"):
        queue = keeping.add("Inbound leads").id
        for user in users:
            keeping.join(queue, user.id)
    clients = [Api(headers={"Authorization": f"Bearer {access.make_token(user, 'test')}"}) for user in users]
    for round_ in range(6):
        deal = clients[0].make("deals", {"name": f"Deal {round_}", "owner": f"queue:{queue}"})["id"]
        answers = at_once(*(partial(each.post, f"deals/{deal}/actions/take") for each in clients))
        assert sorted(answer.status_code for answer in answers) == [200, 422, 422]
        won = next(answer.json()["owner"] for answer in answers if answer.status_code == 200)
        name = next(user.name for user in users if user.id == won)
        said = [answer.json()["detail"] for answer in answers if answer.status_code == 422]
        assert all(text.startswith(f"{name} took it ") for text in said), said
        assert clients[2].get(f"deals/{deal}").json()["owner"] == won
