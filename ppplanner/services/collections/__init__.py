"""Collections: payments, deposits, refunds, cash registers."""
