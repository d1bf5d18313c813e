"""A real set of a CRM's life: by the maps and in the order of docs/import.md."""

import os
from pathlib import Path

import pytest

from rapport.platform import db
from rapport.records import registry, totals
from rapport.records.transfer.tests.importing import bring, table

ROOT = Path(__file__).resolve().parents[5]
MAPS = ROOT / "docs/examples/crm_opportunities"
SET = Path(os.environ.get("RAPPORT_TEST_DATA", ROOT.parent / "shared/data")) / "crm_opportunities"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not MAPS.exists(), reason="installed without its documentation"),
]


def load(folder: Path) -> list[tuple[int, int, int, int]]:
    steps = (
        ("team", "sales_teams.csv", "teams.json", ("name",)), ("user", "sales_teams.csv", "users.json", ("name",)),
        ("party", "accounts.csv", "accounts.json", ("name",)), ("deal", "sales_pipeline.csv", "deals.json", ()),
    )  # fmt: skip
    return [bring(e, folder / f, MAPS / m, match=match, currency="USD").counts for e, f, m, match in steps]


def by_status() -> dict[str, tuple[int, int, int]]:
    sql = """SELECT status, count(*), coalesce(sum(amount), 0), sum(CASE WHEN amount IS NULL THEN 1 ELSE 0 END)
        FROM deal GROUP BY status"""
    return {status: (int(n), int(total), int(empty)) for status, n, total, empty in table(sql)}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    (tmp_path / "sales_teams.csv").write_text(
        "Sales_Agent,Manager,Regional_Office\nAnn A,Max M,East\nBob B,Max M,East\nCy C,Nina N,West\n"
    )
    (tmp_path / "accounts.csv").write_text("Account,Revenue,Employees\nAcme,4592.96,13938.0\nBolt,1.5,3.0\n")
    (tmp_path / "sales_pipeline.csv").write_text(
        "Account,Opportunity_ID,Sales_Agent,Deal_Stage,Product,Close_Date,Close_Value,Created_On\n"
        "Acme,A1,Ann A,Won,Basic,2017-05-06,500.0,2017-04-24\n,A2,Bob B,In_Progress,Pro,,,2017-06-15\n"
        ",A3,Cy C,Lost,Basic,2017-08-03,0.0,2017-05-19\nBolt,A4,Cy C,Won,Pro,2017-08-03,,2017-05-19\n"
    )
    return tmp_path


def test_a_small_copy(organisation: None, small: Path) -> None:
    assert load(small) == [(2, 0, 1, 0), (3, 0, 0, 0), (2, 0, 0, 0), (4, 0, 0, 0)]
    assert by_status() == {"won": (2, 50000, 1), "lost": (1, 0, 0), "open": (1, 0, 1)}
    deals = table("""SELECT d.name, p.name, u.name, t.name, o.name, d.opened_on, d.closed_on FROM deal d
        LEFT JOIN party p ON p.id = d.party_id JOIN user_account u ON u.id = d.owner_id
        JOIN team t ON t.id = d.team_id JOIN team o ON o.id = t.parent_id ORDER BY d.external_id""")
    assert [row[:5] for row in deals] == [
        ("Acme: Basic", "Acme", "Ann A", "Max M", "East"), ("Pro", None, "Bob B", "Max M", "East"),
        ("Basic", None, "Cy C", "Nina N", "West"), ("Bolt: Pro", "Bolt", "Cy C", "Nina N", "West"),
    ]  # fmt: skip
    leaders = table(
        """SELECT t.name, u.name, u.is_active, u.email FROM team t JOIN user_account u ON u.id = t.leader_id
        WHERE t.name IN ('Max M', 'Nina N') ORDER BY 1"""
    )
    assert [(t, u, bool(active), mail) for t, u, active, mail in leaders] == [
        ("Max M", "Max M", False, None),
        ("Nina N", "Nina N", False, None),
    ]
    visits = table("""SELECT s.name, v.entered_at FROM stage_visit v JOIN stage s ON s.id = v.stage_id
        JOIN deal d ON d.id = v.deal_id WHERE d.external_id = 'A1' ORDER BY v.entered_at""")
    assert [(name, str(at)[:10]) for name, at in visits] == [("New", "2017-04-24"), ("Won", "2017-05-06")]
    assert load(small) == [(0, 0, 3, 0), (0, 0, 3, 0), (0, 0, 2, 0), (0, 0, 4, 0)]


@pytest.mark.skipif(not SET.exists(), reason=f"the real files are not in {SET}")
def test_the_real_files(organisation: None) -> None:
    assert load(SET) == [(6, 0, 24, 0), (30, 0, 0, 0), (97, 0, 0, 0), (9828, 0, 0, 0)]
    assert by_status() == {"won": (4717, 1326433800, 15), "lost": (2724, 0, 0), "open": (2387, 0, 2387)}
    assert table("SELECT count(*) FROM deal WHERE party_id IS NULL") == [(3388,)]
    assert table("SELECT count(*) FROM party WHERE kind = 'organisation'") == [(97,)]
    assert table("SELECT count(*) FROM stage_visit") == [(9828 + 4717 + 2724,)]
    first = table("SELECT min(entered_at) FROM stage_visit")[0][0]
    assert str(first)[:10] == "2016-11-14"
    assert table("SELECT count(*) FROM kept_total WHERE count < 0") == [(0,)]
    assert list(totals.recount(registry.get("deal"))) == []
    assert db.one("SELECT count(*) FROM search_entry WHERE entity = 'deal'") == (9828,)
