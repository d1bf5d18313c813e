"""Build hook: put the built front end into the wheel."""

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

from tools import frontend


class FrontEndHook(BuildHookInterface):
    """Build the front end before files are collected; instant when nothing has changed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build for the wheel and for an editable install; a source archive carries sources only."""
        if self.target_name == "wheel" and "RAPPORT_SKIP_FRONT_END" not in os.environ:
            frontend.build(Path(self.root))
