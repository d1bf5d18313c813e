"""The screens on which an organisation names and lays out its objects."""
