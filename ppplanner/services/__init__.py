"""The rules of the business: plain functions, one per thing a person would say.

They take values, raise `ppplanner.errors`, flush and never commit: the caller does, once.
"""
