"""What the user types: one file a command, each with its arguments, its help, and no logic of its own."""
