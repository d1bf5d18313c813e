"""How an organisation, or one of its roles, has its cards, forms and lists laid out, in place of the declared way."""
