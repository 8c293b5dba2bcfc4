"""What leaves the laptop on paper: official forms as PDF, spreadsheets, QR cards. Services gather, this draws."""
