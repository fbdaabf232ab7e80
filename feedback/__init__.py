"""What customers tell us, and what we did about it."""
