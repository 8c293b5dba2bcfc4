"""The rule sets of this laptop, and what they found."""
