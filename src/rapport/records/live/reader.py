"""The thread that serves all open pages of a web process: one reader of the stream of facts, one database connection.

It works only while pages are open: five times a second it looks for new facts and tells each page what its reader
may know. Everything that asks the database is done here, so the event loop never waits.
"""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Collection
from itertools import islice

from rapport.platform import db
from rapport.platform.events import stream
from rapport.platform.events.stream import Fact
from rapport.records.live import entry, topics
from rapport.records.live.connection import Connection, message
from rapport.records.live.delivery import deliver
from rapport.records.live.presence import Presence

log = logging.getLogger("rapport.live")
TURN = 0.2
LOOK = 0.4
BEAT = 15.0
CHECK, CHECKED = 20.0, 50
FARTHEST = 1000
RETRY = b"retry: 1000\n\n"
Out = list[tuple[Connection, bytes | None]]


class Reader(threading.Thread):
    """Owns the open connections of this process."""

    def __init__(self) -> None:
        super().__init__(name="live", daemon=True)
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._open: set[Connection] = set()
        self._presence = Presence()
        self._position = 0
        self._next = self._next_look = self._next_beat = 0.0
        self._out: Out = []
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the thread; what it finds is sent by ``loop``."""
        self._loop = loop
        self.start()

    def let_in(self, connection: Connection) -> None:
        """From the loop: a page wants to listen."""
        self._inbox.put(lambda: self._let_in(connection))

    def let_out(self, connection: Connection) -> None:
        """From the loop: a page has gone."""
        self._inbox.put(lambda: self._open.discard(connection))

    def end(self) -> None:
        """From the loop: the process stops."""
        self._inbox.put(self._end)

    def run(self) -> None:
        """Work while there is something to do; sleep without a database connection when there is not."""
        while not self._stopping:
            try:
                self._work()
            except Exception:
                log.exception("live screens stumbled; all pages come back with the position they have heard")
                self._drop_all()
                db.close()
                time.sleep(1)
        db.close()

    def _drop_all(self) -> None:
        self._out += [(connection, None) for connection in self._open]
        self._open.clear()
        self._send()

    def _work(self) -> None:
        awake = bool(self._open or self._presence.written)
        if not awake:
            db.close()
        try:
            wait = max(0.0, self._next - time.monotonic()) if awake else None
            self._inbox.get(timeout=wait)()
        except queue.Empty:
            pass
        if time.monotonic() >= self._next and not self._stopping:
            self._next = time.monotonic() + TURN
            self._turn()
        self._send()

    def _send(self) -> None:
        out, self._out = self._out, []
        if out and self._loop:
            self._loop.call_soon_threadsafe(_put_all, out)

    def _say(self, connection: Connection, event: str, data: object) -> None:
        self._out.append((connection, message(event, data, self._position)))

    def _let_in(self, connection: Connection) -> None:
        try:
            if not self._open:
                self._position = stream.latest()
            status = entry.admit(connection)
        except Exception:
            connection.answer(503)
            raise
        connection.answer(status)
        if status != 200:
            return
        self._open.add(connection)
        self._out.append((connection, RETRY))
        since = entry.came_from(connection)
        self._out.append((connection, message("beat", {}, min(since, self._position))))
        for (entity, key), verb in entry.lost(connection).items():
            self._say(connection, "change", {"entity": entity, "id": key, "verb": verb})
        self._catch_up(connection, since)
        self._next_look = 0.0

    def _catch_up(self, connection: Connection, since: int) -> None:
        """What happened since the page was made, or since it last heard of us."""
        if not self._position - FARTHEST <= since <= self._position:
            return self._say(connection, "reset", {})
        missed = [fact for fact in stream.after(since, FARTHEST) if fact.position <= self._position]
        if missed and connection.after is None:  # what its reader did just before, the new page shows already
            shown, reader = entry.shows(connection), connection.reader.id
            missed = [fact for fact in missed if fact.actor != reader or fact.position > shown]
        self._deliver(missed, (connection,))

    def _deliver(self, facts: list[Fact], to: Collection[Connection]) -> None:
        for connection, told in deliver(facts, to):
            self._say(connection, "change", told)

    def _turn(self) -> None:
        moment = time.monotonic()
        if self._open:
            self._read_on()
            if moment >= self._next_beat:
                self._next_beat = moment + BEAT
                for connection in self._open:
                    self._say(connection, "beat", {})
        due = (each for each in self._open if each.checked_at + CHECK < moment)
        for connection in list(islice(due, CHECKED)):
            self._check(connection)
        if moment >= self._next_look:
            self._next_look = moment + LOOK
            self._see_who_is_here()

    def _read_on(self) -> None:
        while facts := stream.after(self._position):
            self._position = facts[-1].position
            self._deliver(facts, self._open)
            self._check_concerned(facts)
            self._send()

    def _check_concerned(self, facts: list[Fact]) -> None:
        """Where somebody's rights may have changed, look at once."""
        users = {fact.record for fact in facts if fact.entity == "user"}
        everybody = None in users or any(fact.entity in ("team", "territory", "role") for fact in facts)
        for connection in [each for each in self._open if everybody or each.reader.id in users]:
            self._check(connection)

    def _check(self, connection: Connection) -> None:
        """Is the session still good, and what may its user see now?"""
        before = set(connection.records)
        if entry.admit(connection) != 200:
            self._open.discard(connection)
            self._out.append((connection, None))
            return
        for entity, key in before - connection.records:
            self._say(connection, "change", {"entity": entity, "id": key, "verb": "hidden"})
        asked = connection.topics
        if time.time() - asked.at > topics.RENEW:
            connection.topics = topics.read(renewed := topics.sign(asked.user, asked.session, asked.names))
            self._say(connection, "topics", renewed)

    def _see_who_is_here(self) -> None:
        there = [each for each in self._open if not each.reader.viewer]
        here = {(str(each.reader.id), *place) for each in there for place in each.records if place[0] != "user"}
        try:
            busy = self._presence.tell(here)
        except db.OperationalError:
            busy = True  # somebody else is writing; the next turn tells it
        if not busy:
            return
        found = self._presence.look()
        for connection in self._open:
            for place in connection.records:
                others = found.get(place, frozenset()) - {connection.reader.id}
                if others != connection.here.get(place, frozenset()):
                    connection.here[place] = others
                    self._say(connection, "here", {"entity": place[0], "id": place[1]})

    def _end(self) -> None:
        self._stopping = True
        self._drop_all()
        try:
            self._presence.leave()
        except db.DatabaseError:
            log.info("nobody could be told that we leave; they will notice")


def _put_all(out: Out) -> None:
    for connection, part in out:
        connection.put(part)
