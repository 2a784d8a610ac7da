"""Add-ons that come with ppplanner."""
