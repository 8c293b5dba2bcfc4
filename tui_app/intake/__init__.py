"""Reading lists that others wrote: spreadsheets of wards as they come, and the lines of an export."""
