"""The file: a zip of parts, written in one go and read in constant memory, each part with its checksum."""

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from rapport.config.backup.manifest import Contents, Manifest, Part, Say, Unfit

CHUNK = 1 << 20
MANIFEST = "manifest.json"
# The lowest level costs a third of the usual one and packs rows nearly as well.
LEVEL = 1
DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, KeyError, ValueError, RuntimeError)


class Sink:
    """Takes the bytes of one part and counts them; small pieces are gathered."""

    def __init__(self, entry: IO[bytes]) -> None:
        self._entry = entry
        self._digest = hashlib.sha256()
        self._gathered = bytearray()
        self.size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes."""
        self._gathered += data
        if len(self._gathered) >= CHUNK:
            self.flush()

    def take(self, source: IO[bytes]) -> None:
        """Add all that a file holds."""
        while data := source.read(CHUNK):
            self.write(data)

    def flush(self) -> None:
        """Pass on what is gathered."""
        self._entry.write(self._gathered)
        self._digest.update(self._gathered)
        self.size += len(self._gathered)
        self._gathered.clear()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Writer:
    """A backup being written; it gets its name when it is whole and on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_name(path.name + ".partial")
        private = os.open(self._partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = open(private, "w+b")  # noqa: SIM115  closed with the backup
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL)
        self._parts: list[Part] = []

    @contextmanager
    def part(self, name: str) -> Iterator[Sink]:
        """One more part, written within the block."""
        with self._zip.open(name, "w", force_zip64=True) as entry:
            sink = Sink(entry)
            yield sink
            sink.flush()
        self._parts.append(Part(name, sink.size, sink.sha256))

    def close(self, moment: str, contents: Contents) -> Manifest:
        """Write the manifest, bring all to the disk, give the file its name."""
        manifest = Manifest(moment, contents, self._parts)
        self._zip.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._partial, self.path)
        return manifest

    def abandon(self) -> None:
        """Leave nothing behind."""
        with suppress(ValueError):  # a part was not finished
            self._zip.close()
        self._file.close()
        self._partial.unlink(missing_ok=True)


class Archive:
    """A backup to read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with refusing_damage():
            self._zip = zipfile.ZipFile(path)
            self.manifest = msgspec.json.decode(self._zip.read(MANIFEST), type=Manifest)

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_problem: object) -> None:
        self._zip.close()

    def verify(self, say: Say) -> None:
        """Compare every part with its checksum; raises Unfit when anything is missing or differs."""
        with refusing_damage():
            missing = {part.name for part in self.manifest.parts} ^ (set(self._zip.namelist()) - {MANIFEST})
            if missing:
                raise Unfit(f"The file is damaged: {', '.join(sorted(missing)[:3])} is missing or too much.")
            for part in self.manifest.parts:
                digest, size = hashlib.sha256(), 0
                for data in self.chunks(part.name):
                    digest.update(data)
                    size += len(data)
                if (size, digest.hexdigest()) != (part.size, part.sha256):
                    raise Unfit(f"The file is damaged: {part.name} is not what was written.")
        say(f"checked {len(self.manifest.parts)} parts by their checksums")

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a part, a little at a time."""
        with self._zip.open(name) as entry:
            while data := entry.read(CHUNK):
                yield data

    def extract(self, name: str, target: Path) -> None:
        """Write a part to a file that only we may read, and bring it to the disk."""
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for data in self.chunks(name):
                file.write(data)
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Whatever a broken file does to its reader is said in one way."""
    try:
        yield
    except DAMAGE as error:
        raise Unfit(f"The file is damaged or no backup of Rapport ({error}).") from error
