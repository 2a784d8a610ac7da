"""Mails to customers and colleagues: what goes to whom, in whose name, and what became of it."""
