"""What programs ask of automations beside the doors of every entity."""
