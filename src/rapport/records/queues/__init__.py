"""Queues: places where records wait for somebody to take them, who may, and what waits there."""
