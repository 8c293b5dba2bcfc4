"""The commands, a module a subject. Each reads its arguments, calls a service and prints; there is no logic here."""
