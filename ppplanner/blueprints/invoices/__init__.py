"""Invoices and credit notes: the accountant's home."""
