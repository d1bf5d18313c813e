"""What every web worker serves."""

import ctypes
import os
import signal
import sys

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
application = get_wsgi_application()
# Loaded now, not in the first visitor's request.
_ = get_resolver().url_patterns
