"""What Exact shows in the core's slots and lists.

A module for each kind of record, and what they are made of: `tiles`, `columns`, `badges`, `story`,
and `reached`, which knows what of it this person may see.
"""

from . import costs, customers, gl_accounts, home, invoices, running, transactions

__all__ = ["costs", "customers", "gl_accounts", "home", "invoices", "running", "transactions"]
