"""When something happens, if a record fits, then do this and that: set up by people, carried out by a job.

It knows the registry of entities and nothing of what the floors above declare there.
"""
