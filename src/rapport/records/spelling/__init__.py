"""Words that are one or two letters off: what people type when they do not know how a name is written."""
