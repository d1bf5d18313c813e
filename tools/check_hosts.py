"""Fail when a file of the project names the host of a package registry: people choose their own mirror."""

import re
import subprocess
import sys

from tools.frontend import ROOT

# Put together here, so that this file does not name them itself.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("proxy", "golang", "org"),
        ("index", "crates", "io"),
    )
]
PATTERN = re.compile("|".join(re.escape(host) for host in HOSTS), re.IGNORECASE)


def files() -> list[str]:
    """Return what git tracks or would track."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in found.split("\0") if name})


def main() -> None:
    """Run from the command line."""
    wrong = []
    for name in files():
        file = ROOT / name
        if not file.is_file():
            continue
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            if found := PATTERN.search(line):
                wrong.append(f"{name}:{number} names {found[0]}; leave the host to the client's own settings")
        if name.endswith("package-lock.json") and '"resolved"' in file.read_text():
            wrong.append(f'{name} has "resolved" entries; keep .npmrc beside it and write it by `make lock`')
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
