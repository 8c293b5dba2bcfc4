"""How laptops meet: ops up, rows down, one counter per area. Knows records only through a `Registry`."""
