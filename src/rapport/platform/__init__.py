"""The ground everybody stands on: database doors, keys, money, text, clock, identity, events, jobs."""
