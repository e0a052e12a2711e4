"""Wrong and right answers to `valid_size`."""

from autograder.audit.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "valid_size",
        "the size alone",
        fails="a_size_that_fits_is_kept",
        says="It returned an int",
        edits=(("return size, out", "return size"),),
    ),
    Wrong(
        "valid_size",
        "the first answer kept for every length",
        fails="it_has_good_manners",
        says="remembered from the first call",
        source="""
known = {}


def valid_size(length, poolings=4):
    if poolings not in known:
        size, out = 5, 1
        while True:
            a, b = size, size - 4
            for _ in range(poolings):
                a, b = 2 * a + 4, 2 * b - 4
            if a >= length and b > 0:
                break
            size += 1
        known[poolings] = a, b
    return known[poolings]
""",
    ),
    Wrong(
        "valid_size",
        "rounded up to a multiple of 16, as a padded U-Net wants it",
        fails="a_size_that_fits_is_kept",
        says="must be kept as it is",
        source="""
def valid_size(length, poolings=4):
    step = 2**poolings
    size = -(-length // step) * step
    return size, size - 4 * step - 8 * (step - 1)
""",
    ),
    Wrong(
        "valid_size",
        "one convolution per level",
        fails="one_that_does_not_fit_grows_to_the_next_that_does",
        says="the next size that fits",
        edits=(
            ("bottom - 4", "bottom - 2"),
            ("2 * size + 4, 2 * out - 4", "2 * size + 2, 2 * out - 2"),
        ),
    ),
    Wrong(
        "valid_size",
        "the way up forgotten: what reaches the bottom",
        fails="what_comes_out_is_counted_through_the_whole_u",
        says="come out of",
        edits=(("return size, out", "return size, bottom - 4"),),
    ),
    Wrong(
        "valid_size",
        "padded on the way up",
        fails="what_comes_out_is_counted_through_the_whole_u",
        says="come out of",
        edits=(("2 * out - 4", "2 * out"),),
    ),
    Wrong(
        "valid_size",
        "a size from which nothing comes out",
        fails="something_must_come_out",
        says="at least one pixel",
        edits=((" and out > 0", ""),),
    ),
    Wrong(
        "valid_size",
        "always four poolings",
        fails="one_that_does_not_fit_grows_to_the_next_that_does",
        says="poolings",
        edits=(("range(poolings)", "range(4)"),),
    ),
    Wrong(
        "valid_size",
        "always the next one, even when it fits",
        fails="a_size_that_fits_is_kept",
        says="must be kept as it is",
        edits=(("size >= length", "size > length"),),
    ),
]

RIGHT = [
    Right(
        "valid_size",
        "search from the given length on",
        """
def valid_size(length, poolings=4):
    size = length
    while True:
        down, fits = size, True
        for _ in range(poolings):
            fits = fits and (down - 4) % 2 == 0
            down = (down - 4) // 2
        out = down - 4
        for _ in range(poolings):
            out = 2 * out - 4
        if fits and out > 0:
            return size, out
        size += 1
""",
    ),
    Right(
        "valid_size",
        "in closed form",
        """
def valid_size(length, poolings=4):
    step = 1 << poolings
    lost = 12 * step - 8
    frame = 4 * step - 4
    least = max(length, lost + 1)
    size = frame + (least - frame + step - 1) // step * step
    return size, size - lost
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "valid_size",
        "for bottom in count(5): → for bottom in count(4):",
        "of 4 nothing is left: one turn more",
    ),
]
