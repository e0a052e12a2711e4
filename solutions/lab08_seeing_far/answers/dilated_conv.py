"""Wrong and right answers to `dilated_conv`."""

from autograder.audit.answers import Right, Wrong

NAME = "dilated_conv"
_TAPS = "taps_lie_dilation_pixels_apart"
_USUAL = "at_dilation_1_it_is_the_usual_convolution"

WRONG = [
    Wrong(
        NAME,
        "the kernel flipped, as in the textbook's formula",
        fails=_USUAL,
        says="not flipped",
        edits=(("weight[:, :, row, column])", "weight[:, :, kh - 1 - row, kw - 1 - column])"),),
    ),
    Wrong(
        NAME,
        "dilation is taken for the stride",
        fails="the_result_has_the_size_that_the_span_leaves",
        says="dilation · (taps − 1)",
        source="""
def dilated_conv(x, weight, dilation):
    kh, kw = weight.shape[2:]
    total = 0
    for row in range(kh):
        for column in range(kw):
            seen = x[:, :, row : x.shape[2] - kh + row + 1 : dilation, column : x.shape[3] - kw + column + 1 : dilation]
            total = total + torch.einsum("nchw,oc->nohw", seen, weight[:, :, row, column])
    return total
""",
    ),
    Wrong(
        NAME,
        "one zero too many between the taps",
        fails="the_result_has_the_size_that_the_span_leaves",
        says="",
        edits=(
            (
                "kh, kw = weight.shape[2:]",
                "kh, kw = weight.shape[2:]\n    dilation = dilation + 1",
            ),
        ),
    ),
    Wrong(
        NAME,
        "the taps are never spread, only the size is",
        fails=_TAPS,
        says="rows down",
        edits=(("top, left = dilation * row, dilation * column", "top, left = row, column"),),
    ),
    Wrong(
        NAME,
        "rows spread, columns not",
        fails=_TAPS,
        says="columns right",
        edits=(("dilation * row, dilation * column", "dilation * row, column"),),
    ),
    Wrong(
        NAME,
        "span of dilation times taps",
        fails="the_result_has_the_size_that_the_span_leaves",
        says="dilation · (taps − 1)",
        edits=(
            ("dilation * (kh - 1)", "(dilation * kh - 1)"),
            ("dilation * (kw - 1)", "(dilation * kw - 1)"),
        ),
    ),
    Wrong(
        NAME,
        "the kernel's height for its width",
        fails="kernels_need_not_be_square",
        says="taps at dilation 2",
        edits=(("kh, kw = weight.shape[2:]", "kh = kw = weight.shape[2]"),),
    ),
    Wrong(
        NAME,
        "rows and columns of the kernel swapped",
        fails=_USUAL,
        says="not flipped",
        edits=(
            ("kh, kw = weight.shape[2:]", "weight = weight.mT\n    kh, kw = weight.shape[2:]"),
        ),
    ),
    Wrong(
        NAME,
        "only the first channel is read",
        fails="each_image_and_each_channel_counts",
        says="sum over channels",
        edits=(
            (
                '"nchw,oc->nohw", seen, weight[:, :, row, column]',
                '"nchw,oc->nohw", seen[:, :1], weight[:, :1, row, column]',
            ),
        ),
    ),
    Wrong(
        NAME,
        "channels multiplied one by one, as if in groups",
        fails="each_image_and_each_channel_counts",
        says="",
        edits=(
            (
                'torch.einsum("nchw,oc->nohw", seen, weight[:, :, row, column])',
                "(seen.mean(1, keepdim=True) * weight[:, :, row, column].sum(1)[:, None, None])",
            ),
        ),
    ),
    Wrong(
        NAME,
        "added up in a float32 map",
        fails="float64_is_computed_in_float64",
        says="float64",
        edits=(
            (
                "total = total + torch.einsum(",
                "total = total + torch.einsum(",
            ),
            ("    return total", "    return total.float()"),
        ),
        alone=True,
    ),
    Wrong(
        NAME,
        "a canvas that leaves the graph",
        fails="the_gradient_is_right",
        says="No gradient",
        edits=(("    return total", "    return total.detach()"),),
        alone=True,
    ),
]

RIGHT = [
    Right(
        NAME,
        "pixel by pixel, every dilation-th pixel of a window",
        """
def dilated_conv(x, weight, dilation):
    n, c, h, w = x.shape
    o, c, kh, kw = weight.shape
    rows = []
    for y in range(h - dilation * (kh - 1)):
        row = []
        for z in range(w - dilation * (kw - 1)):
            window = x[:, :, y : y + dilation * (kh - 1) + 1 : dilation, z : z + dilation * (kw - 1) + 1 : dilation]
            row.append(window.reshape(n, -1) @ weight.reshape(o, -1).T)
        rows.append(torch.stack(row, -1))
    return torch.stack(rows, -2)
""",
    ),
    Right(
        NAME,
        "all windows gathered by indices",
        """
def dilated_conv(x, weight, dilation):
    kh, kw = weight.shape[-2:]
    rows = torch.arange(x.shape[2] - dilation * (kh - 1))[:, None] + dilation * torch.arange(kh)
    columns = torch.arange(x.shape[3] - dilation * (kw - 1))[:, None] + dilation * torch.arange(kw)
    windows = x[:, :, rows[:, None, :, None], columns[None, :, None, :]]
    return torch.einsum("nchwij,ocij->nohw", windows, weight)
""",
    ),
]
