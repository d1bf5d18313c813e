"""Fail when a package that Rapport needs at run time comes under the GPL or AGPL (the LGPL is fine)."""

import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement

from tools.frontend import ROOT, SOURCES

FORBIDDEN = re.compile(r"\bA?GPL|Affero|(?<!Lesser )General Public License", re.IGNORECASE)
# A package under either of two licences, one of them fine, or whose words mislead: name -> why it may stay.
ACCEPTED: dict[str, str] = {}


def python_packages() -> Iterator[tuple[str, str]]:
    """Yield name and licence of every package in the run-time lock."""
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if "==" not in line:
            continue
        wanted = Requirement(line.rstrip(" \\"))
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        about = metadata.metadata(wanted.name)
        words = [about.get("License-Expression"), about.get("License")]
        classifiers = [text for text in about.get_all("Classifier", []) if text.startswith("License ::")]
        shown = next((word for word in words if word and len(word) < 200), "") or "; ".join(classifiers)
        yield wanted.name, shown


def scripts() -> Iterator[tuple[str, str]]:
    """Yield name and licence of every npm package that the build uses."""
    lock = json.loads((ROOT / SOURCES / "package-lock.json").read_text())
    for path, package in lock["packages"].items():
        if path and not package.get("dev"):
            yield path.removeprefix("node_modules/"), package.get("license", "")


def main() -> None:
    """Run from the command line."""
    wrong = []
    for name, licence in [*python_packages(), *scripts()]:
        if name in ACCEPTED:
            continue
        if not licence:
            wrong.append(f"{name}: no licence stated; read its files and add it to ACCEPTED with the reason")
        elif FORBIDDEN.search(licence) and not re.search(r"\bOR\b", licence):
            wrong.append(f"{name}: {licence}; choose another package, Rapport stays free of the GPL and AGPL")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
