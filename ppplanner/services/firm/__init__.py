"""Company groups, companies, business units, pools, and the people who work there."""
