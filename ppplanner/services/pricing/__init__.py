"""Prices: what is asked, how a period is counted, and the lines of a contract."""
