"""Contracts: their life from a request to the last handover."""
