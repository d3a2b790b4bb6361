"""What a linear system is: state space and modal form, conversions, files, plants by name."""
