"""Text files that come from outside: opening them, and the one-line error for a bad one."""
