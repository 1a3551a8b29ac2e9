"""What a check found, what silences it and what selects it."""
