"""Pure tensor functions without parameters: the arithmetic under every model of the course."""
