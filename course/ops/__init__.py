"""Pure functions of tensors, without parameters: the arithmetic under every model of the course."""
