"""Reports of a station: what each kind counts, versions filed for good, deadlines, and any of them as known then."""
