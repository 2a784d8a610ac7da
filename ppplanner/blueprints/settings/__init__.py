"""Settings: the organisation, prices, people and their rights, one's own account, the history."""
