"""What an automation says: its trigger, its condition, its steps; checked when it is saved."""
