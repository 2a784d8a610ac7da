"""Invoices: drafts, numbers, confirmation."""
