"""What moves in a lab's page, a file each, imported by its full name.

An explorer is `NAME.mjs`, which computes and draws in the page, beside `NAME.py`, which hands it its data. All of them
share `kit.mjs`. `pointer` is the one widget that talks to the kernel: points and boxes that a reader sets on an image.
"""
