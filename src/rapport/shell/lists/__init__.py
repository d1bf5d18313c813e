"""The one list screen: what its address says, its columns and rows, its filters in words, what is done to many rows."""
