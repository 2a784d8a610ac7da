"""Resources: the records, their import and their calendars."""
