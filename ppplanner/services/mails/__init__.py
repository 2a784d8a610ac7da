"""Mails to customers: what they say, and sending them."""
