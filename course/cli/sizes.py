"""How the command line writes a size."""


def parse_size(text: str) -> tuple[int, int]:
    """(h, w) from "360x480"; ValueError for other words."""
    sides = text.lower().replace("×", "x").split("x")
    if len(sides) != 2 or not all(side.isdecimal() and int(side) > 0 for side in sides):
        raise ValueError(f"--size is {text!r}; wanted height x width in pixels, such as 360x480.")
    return int(sides[0]), int(sides[1])
