"""Outbreaks (ổ dịch): declared and ended by the station chief, with the numbers of each day and their deadlines."""
