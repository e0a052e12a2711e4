"""Wrong and right answers to `crop_to`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "crop_to",
        "copied into a float32 map",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        edits=(
            (
                "    return x[:, :, top : top + h, left : left + w]",
                "    out = torch.zeros(*x.shape[:2], h, w)\n    out[:] = x[:, :, top : top + h, left : left + w]\n    return out",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "crop_to",
        "cut in numpy",
        fails="the_gradient_is_right",
        says="numpy",
        edits=(
            (
                "    return x[:, :, top : top + h, left : left + w]",
                "    return torch.from_numpy(x.numpy()[:, :, top : top + h, left : left + w].copy())",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "crop_to",
        "the rest of the map overwritten",
        fails="it_has_good_manners",
        says="x changed in place",
        edits=(("    return x[:", "    x[:, :, top + h :] = 0\n    return x[:"),),
        alone=True,
    ),
    Wrong(
        "crop_to",
        "scores kept below 6, as after a ReLU6",
        fails="it_begins_at_the_offset",
        says="first row and column",
        edits=(("left : left + w]", "left : left + w].clamp(max=6)"),),
    ),
    Wrong(
        "crop_to",
        "no check: slices become smaller in silence",
        fails="a_crop_beyond_the_map_is_refused",
        says="silently become smaller",
        edits=(
            ("if min(top, left) < 0 or top + h > height or left + w > width:", "if False:"),
        ),
    ),
    Wrong(
        "crop_to",
        "offset 0 taken for no offset",
        fails="it_begins_at_the_offset",
        says="Offset 0 is an offset",
        edits=(("if offset is None", "if not offset"),),
    ),
    Wrong(
        "crop_to",
        "of an odd surplus the larger half goes at the top",
        fails="without_an_offset_it_cuts_out_of_the_middle",
        says="smaller half",
        edits=(
            (
                "(height - h) // 2, (width - w) // 2",
                "(height - h + 1) // 2, (width - w + 1) // 2",
            ),
        ),
    ),
    Wrong(
        "crop_to",
        "the row's margin used for the columns too",
        fails="without_an_offset_it_cuts_out_of_the_middle",
        says="out of the middle",
        edits=(
            ("(height - h) // 2, (width - w) // 2", "(height - h) // 2, (height - h) // 2"),
        ),
    ),
    Wrong(
        "crop_to",
        "the size taken for the last row and column",
        fails="it_begins_at_the_offset",
        says="first row and column",
        edits=(("top : top + h, left : left + w", "top:h, left:w"),),
    ),
    Wrong(
        "crop_to",
        "a crop that just fits is refused",
        fails="a_crop_may_reach_the_last_pixel",
        says="exactly at the border",
        edits=(
            ("top + h > height or left + w > width", "top + h >= height or left + w >= width"),
        ),
    ),
]

RIGHT = [
    Right(
        "crop_to",
        "negative padding",
        """
def crop_to(x, size, offset=None):
    margins = []
    for have, want in ((x.shape[3], size[1]), (x.shape[2], size[0])):
        before = (have - want) // 2 if offset is None else offset
        after = have - want - before
        if before < 0 or after < 0:
            raise ValueError("the crop leaves the map")
        margins += [-before, -after]
    return F.pad(x, margins)
""",
    ),
    Right(
        "crop_to",
        "narrowed one axis after the other, errors turned into ValueError",
        """
def crop_to(x, size, offset=None):
    for axis, want in zip((2, 3), size):
        start = (x.shape[axis] - want) // 2 if offset is None else offset
        if not 0 <= start <= x.shape[axis] - want:
            raise ValueError(f"axis {axis} has {x.shape[axis]} pixels, wanted {want} from {start} on")
        x = x.narrow(axis, start, want)
    return x
""",
    ),
]
