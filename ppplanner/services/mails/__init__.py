"""Mails to customers: what is sent to whom, in whose name, and what became of it."""
