"""What an organisation calls the product's objects, fields and choices, in place of the words they come with."""
