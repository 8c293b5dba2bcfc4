"""What the station chief leads by: the day in numbers, its work approved or returned, laptops, and what the records
lack."""
