"""Maps: checked as a whole, with words that help."""

from pathlib import Path
from typing import Any

import pytest

from rapport.records.transfer.mapping.spec import spec_of
from rapport.records.transfer.mapping.template import Template
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.tests.importing import bring

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("cells", "text"),
    [(["A", "B"], "A: B"), (["", "B"], "B"), (["A", ""], "A"), (["", ""], ""), ([" A ", "'=B"], "A: =B")],
)
def test_an_empty_part_drops_its_separator(cells: list[str], text: str) -> None:
    assert Template("{one}: {two}", ["one", "two"].index).fill(cells) == text


def test_templates_with_brackets_and_braces() -> None:
    made = Template("Deal {one} ({two}) {{x}}", ["one", "two"].index)
    assert made.fill(["A", "B"]) == "Deal A (B) {x}"
    assert made.fill(["A", ""]) == "Deal A {x}"


BAD: list[tuple[Any, str]] = [
    ([], "a map is a json object"),
    ({"columns": {"Name": "nam"}}, "no field “nam”. did you mean “name”"),
    ({"columns": {"Nam": "name"}}, "the column “nam”, which the file does not have. did you mean “name”"),
    ({"columns": {"Name": "version"}}, "kept by rapport"),
    ({"columns": {"Name": {"custom": "x", "kind": "colour"}}}, "no kind “colour”"),
    ({"columns": {"Name": {"custom": ""}}}, "is the name of the field"),
    ({"columns": {"Name": {"field": "name", "value": {}}}}, "unknown “value”. did you mean “values”"),
    ({"columns": {"Email": "email", "Name": "name"}}, "“email” stands above 2 columns"),
    ({"columns": {"Name": "name", "Email#2": "name"}}, "two columns fill “name”"),
    ({"columns": {"Name": "name"}, "default": {}}, "did you mean “defaults”"),
    ({"columns": {"Name": "name"}, "defaults": {"title": "{Nam}"}}, "the default of “title” names the column"),
    ({"columns": {"Name": "name"}, "currency": "XXQ"}, "not a currency code"),
    ({"columns": {"Email#2": "title"}}, "need “name”"),
    ({"columns": {"Name": "name", "Email#1": {"field": "email", "create": True}}}, "no relation"),
]


@pytest.mark.parametrize(("mapping", "says"), BAD)
def test_a_map_that_cannot_work_is_refused(organisation: None, tmp_path: Path, mapping: Any, says: str) -> None:
    (tmp_path / "a.csv").write_text("Name,Email,Email\nA,a@b.de,c@d.de\n")
    with pytest.raises(Unusable) as refused:
        bring("party", tmp_path / "a.csv", mapping)
    assert says in refused.value.detail.lower()


def test_what_cannot_be_created_by_name_alone_is_refused(organisation: None, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Name,Stage\nA,New\n")
    with pytest.raises(Unusable, match="need more than a name"):
        bring("deal", tmp_path / "a.csv", {"columns": {"Name": "name", "Stage": "stage"}, "create": ["stage"]})


def test_the_second_of_two_columns_is_addressed_by_number(organisation: None, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Name,Email,Email\nA,a@b.de,c@d.de\n")
    found = bring("party", tmp_path / "a.csv", {"columns": {"Name": "name", "Email#2": "email"}}, match=("email",))
    assert found.counts == (1, 0, 0, 0)
    again = bring("party", tmp_path / "a.csv", {"columns": {"Name": "name", "Email#2": "email"}}, match=("email",))
    assert again.counts == (0, 0, 1, 0)


def test_a_guess_is_used_only_when_it_suffices(organisation: None, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("First Name,Last Name,E-mail Address,Shoe size\nAda,Byron,ada@x.de,38\n")
    found = bring("party", tmp_path / "a.csv")
    assert found.counts == (1, 0, 0, 0)
    assert found.work.binding.unused == ["Shoe size"]
    (tmp_path / "b.csv").write_text("Phone,Shoe size\n+4930123456,38\n")
    with pytest.raises(Unusable, match="need “name”"):
        bring("party", tmp_path / "b.csv")
    (tmp_path / "c.csv").write_text("Foo,Bar\n1,2\n")
    with pytest.raises(Unusable, match="No column of the file"):
        bring("party", tmp_path / "c.csv")


def test_null_leaves_a_column_out() -> None:
    assert spec_of({"columns": {"a": None, "b": ["name", {"field": "title"}]}}).columns["a"] == []
