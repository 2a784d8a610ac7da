"""Planning: what is free, who gets which resource, and the board."""
