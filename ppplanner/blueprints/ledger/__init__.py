"""The bookkeeper's lists: GL accounts, VAT codes, cost centres, cost carriers."""
