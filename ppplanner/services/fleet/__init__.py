"""Resources: the records and their import."""
