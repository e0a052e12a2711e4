"""What moves in a lab: one explorer a lab, a file each, imported by its full name.

An explorer is a function `picture` of plain values that draws a figure, and controls over it.
"""
