"""What people ask of the data kept about them, erasing for good, the journal of access."""
