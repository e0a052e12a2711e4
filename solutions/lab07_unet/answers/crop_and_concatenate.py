"""Wrong and right answers to `crop_and_concatenate`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "crop_and_concatenate",
        "x is detached",
        fails="the_gradient_is_right",
        says="No gradient reaches argument 2",
        edits=(("left : left + w], x]", "left : left + w], x.detach()]"),),
        alone=True,
    ),
    Wrong(
        "crop_and_concatenate",
        "written into a float32 tensor",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        source="""
def crop_and_concatenate(skip, x):
    n, c, h, w = x.shape
    b = skip.shape[1]
    top, left = (skip.shape[2] - h) // 2, (skip.shape[3] - w) // 2
    out = torch.zeros(n, b + c, h, w)
    out[:, :b] = skip[:, :, top : top + h, left : left + w]
    out[:, b:] = x
    return out
""",
        alone=True,
    ),
    Wrong(
        "crop_and_concatenate",
        "views of what may lie in memory in any order",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        edits=(
            (
                "    return torch.cat([skip[:, :, top : top + h, left : left + w], x], dim=1)",
                "    n, c = x.shape[:2]\n    middle = skip[:, :, top : top + h, left : left + w]\n    return torch.cat([middle.flatten(2), x.view(n, c, h * w)], 1).reshape(n, -1, h, w)",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "crop_and_concatenate",
        "the upper left corner instead of the middle",
        fails="the_middle_of_the_bridge_comes_first",
        says="middle of the skip",
        edits=(
            (
                "top, left = (skip.shape[2] - h) // 2, (skip.shape[3] - w) // 2",
                "top, left = 0, 0",
            ),
        ),
    ),
    Wrong(
        "crop_and_concatenate",
        "x before the skip",
        fails="the_middle_of_the_bridge_comes_first",
        says="middle of the skip",
        source="""
def crop_and_concatenate(skip, x):
    h, w = x.shape[2:]
    top, left = (skip.shape[2] - h) // 2, (skip.shape[3] - w) // 2
    return torch.cat([x, skip[:, :, top : top + h, left : left + w]], dim=1)
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "added, as FCN does",
        fails="the_middle_of_the_bridge_comes_first",
        says="side by side",
        source="""
def crop_and_concatenate(skip, x):
    h, w = x.shape[2:]
    top, left = (skip.shape[2] - h) // 2, (skip.shape[3] - w) // 2
    middle = skip[:, :, top : top + h, left : left + w]
    return middle[:, :1] + x
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "resized instead of cropped",
        fails="the_middle_of_the_bridge_comes_first",
        says="middle of the skip",
        source="""
def crop_and_concatenate(skip, x):
    return torch.cat([F.interpolate(skip, x.shape[2:], mode="bilinear"), x], dim=1)
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "the skip is detached",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        edits=(("left : left + w], x]", "left : left + w].detach(), x]"),),
    ),
    Wrong(
        "crop_and_concatenate",
        "laid side by side in numpy",
        fails="the_gradient_is_right",
        says="numpy",
        source="""
def crop_and_concatenate(skip, x):
    import numpy as np

    h, w = x.shape[2:]
    top, left = (skip.shape[2] - h) // 2, (skip.shape[3] - w) // 2
    both = [skip.numpy()[:, :, top : top + h, left : left + w], x.numpy()]
    return torch.from_numpy(np.concatenate(both, axis=1))
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "one margin for both axes",
        fails="height_and_width_are_cut_each_by_their_own",
        says="height and width",
        edits=(("(skip.shape[3] - w) // 2", "(skip.shape[2] - h) // 2"),),
    ),
    Wrong(
        "crop_and_concatenate",
        "negative bounds, which fail when nothing is too much",
        fails="height_and_width_are_cut_each_by_their_own",
        says="raised",
        source="""
def crop_and_concatenate(skip, x):
    top, left = (skip.shape[2] - x.shape[2]) // 2, (skip.shape[3] - x.shape[3]) // 2
    below, right = skip.shape[2] - x.shape[2] - top, skip.shape[3] - x.shape[3] - left
    return torch.cat([skip[:, :, top:-below, left:-right], x], dim=1)
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "the larger half cut off above and on the left",
        fails="of_an_odd_rest_the_larger_half_goes_below_and_right",
        says="goes below and right",
        edits=(
            ("(skip.shape[2] - h) // 2", "(skip.shape[2] - h + 1) // 2"),
            ("(skip.shape[3] - w) // 2", "(skip.shape[3] - w + 1) // 2"),
        ),
    ),
]

RIGHT = [
    Right(
        "crop_and_concatenate",
        "narrow, and dim by name",
        """
def crop_and_concatenate(skip, x):
    for axis in (2, 3):
        too_many = skip.shape[axis] - x.shape[axis]
        skip = skip.narrow(axis, too_many // 2, x.shape[axis])
    return torch.cat((skip, x), 1)
""",
    ),
    Right(
        "crop_and_concatenate",
        "negative padding",
        """
def crop_and_concatenate(skip, x):
    rows, columns = skip.size(2) - x.size(2), skip.size(3) - x.size(3)
    cut = (-(columns // 2), -(columns - columns // 2), -(rows // 2), -(rows - rows // 2))
    out = torch.empty(x.size(0), skip.size(1) + x.size(1), *x.shape[2:], dtype=x.dtype)
    out[:, : skip.size(1)] = F.pad(skip, cut)
    out[:, skip.size(1) :] = x
    return out
""",
    ),
]
