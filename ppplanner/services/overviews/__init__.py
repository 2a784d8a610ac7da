"""What is going on, and how it went: the first screen and the reports."""
