"""What is made by hand now and then: `python -m scripts.picture`."""
