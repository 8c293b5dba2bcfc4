"""What people see. Screens are thin: they call services in workers and show the answer."""
