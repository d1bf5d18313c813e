"""Who works here: users, teams as a tree, permission roles with grants, sessions and API tokens."""
