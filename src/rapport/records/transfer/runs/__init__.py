"""Imports that are prepared on screens and carried out in the background: files kept, runs noted, jobs."""
