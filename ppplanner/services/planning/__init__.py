"""Planning: what is free, who gets which resource, the board, and calendars."""
