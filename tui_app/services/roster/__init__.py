"""The roster: who is to be seen, measured, tested or helped on a day, why, since when, and by whom."""
