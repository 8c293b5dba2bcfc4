"""What runs on the laptop. Importing this package must stay free: every layer is imported where it is used."""
