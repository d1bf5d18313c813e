"""Tests that look at the whole; a module's own tests stand in its folder."""
