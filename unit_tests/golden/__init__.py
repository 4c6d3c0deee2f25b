"""What several tests compare with: golden files, and what provokes their content."""
