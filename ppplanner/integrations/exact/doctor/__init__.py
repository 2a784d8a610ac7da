"""What is wrong with the link, what to do about it, and who can: for the command `flask exact
doctor`, for the page of administrators and for monitoring, which all show the same findings.

`examination.py` puts the checks together. What is stored costs no call: only
`asking.py` asks Exact.
"""
