"""Every model's name stands in the glossary."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODEL = re.compile(r"^class (\w+)\((?:\w+\.)?(?:Model|Record|Stamped|AbstractBaseUser)\b.*\):", re.MULTILINE)


def spoken(name: str) -> str:
    """``StageVisit`` -> ``stage visit``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def missing() -> list[str]:
    """Model names of which the glossary says nothing."""
    glossary = (ROOT / "docs/words.md").read_text().lower()
    found = []
    for path in sorted((ROOT / "src/rapport").rglob("*models*")):
        if path.suffix == ".py" and "tests" not in path.parts:
            found += [
                f"{path.relative_to(ROOT)}: {name}: add “{spoken(name)}” to docs/words.md"
                for name in MODEL.findall(path.read_text())
                if spoken(name) not in glossary and name not in ("Stamped", "Record")
            ]
    return found


def main() -> int:
    """0 when the glossary is complete."""
    problems = missing()
    print("\n".join(problems), end="\n" if problems else "", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
