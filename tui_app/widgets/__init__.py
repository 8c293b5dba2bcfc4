"""What people see and type into. Imports textual; knows nothing of records or services."""
