"""The audit as administrators read it: what was asked for, each line in words, the file."""
