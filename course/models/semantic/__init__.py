"""Networks from an image (n, 3, h, w) to logits (n, k, h, w) of the same size, one score a class and pixel."""
