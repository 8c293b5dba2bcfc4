"""Records that may be one."""
