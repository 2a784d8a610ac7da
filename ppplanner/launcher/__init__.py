"""`./ppp run`: everything that ppplanner needs, started, watched and ended together."""
