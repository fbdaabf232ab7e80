"""What we know and have written down."""
