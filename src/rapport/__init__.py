"""Rapport: a CRM that you run with one command."""

__version__ = "0.1.0"
