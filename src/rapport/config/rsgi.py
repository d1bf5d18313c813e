"""What every web worker serves: live streams on the event loop, everything else by Django in a bounded pool."""

import asyncio
import ctypes
import os
import signal
import sys
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

PR_SET_PDEATHSIG = 1


def stand_alone() -> None:
    """Be stopped by the main process only.

    Ctrl-C signals the whole group; a worker that meets it at the same moment as the main process's own word may
    never hear either. So a worker is a group of its own, and dies with its parent where the system can see to it.
    """
    os.setpgid(0, 0)
    # Until the server has set its own: the main process's handler, inherited, would swallow the word to stop.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.config.settings")
if os.environ.get("RAPPORT_WORKER"):
    stand_alone()
django = get_wsgi_application()
# Loaded now, not in the first visitor's request.
_ = get_resolver().url_patterns

from rapport.platform.identity import seen  # noqa: E402  needs Django set up
from rapport.platform.web.bridge import Pool  # noqa: E402
from rapport.records import tallies  # noqa: E402
from rapport.records.live.door import PATH, Door  # noqa: E402

LAST_WORDS = 0.1


class Application:
    """The server's callable, with a beginning and an end in every worker."""

    def __init__(self) -> None:
        self.pool, self.live, self.seen = Pool(django), Door(), seen.Writer(tallies.write)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.pool.start(loop)
        self.live.begin(loop)
        self.seen.start()
        # The server waits for open streams before it stops: they end first, then it is told; it heeds both signals.
        loop.add_signal_handler(signal.SIGTERM, self._stop, loop)

    def _stop(self, loop: asyncio.AbstractEventLoop) -> None:
        self.live.end()
        self.seen.end()
        loop.call_later(LAST_WORDS, os.kill, os.getpid(), signal.SIGINT)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        door = self.live if scope.path == PATH else self.pool
        await door.answer(scope, protocol)


application = Application()
