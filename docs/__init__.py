"""What the project says of itself, and what keeps that current."""
