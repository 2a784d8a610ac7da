"""Spreadsheets that people bring."""
