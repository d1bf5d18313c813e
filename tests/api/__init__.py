"""The HTTP API beyond the contract: what it offers besides the four verbs."""
