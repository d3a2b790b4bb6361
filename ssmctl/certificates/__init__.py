"""What is claimed, about which numbers, and how anyone re-checks it. Standard library and NumPy only."""
