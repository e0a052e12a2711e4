"""Wrong and right answers to `fuse`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "fuse",
        "a float32 kernel, which a float64 map refuses",
        fails="float64_is_computed_in_float64",
        says="in the input's dtype",
        edits=(("bilinear_kernel(k, 2).to(deep)", "bilinear_kernel(k, 2)"),),
        alone=True,
    ),
    Wrong(
        "fuse",
        "everything made float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        edits=(
            (
                "    k = deep.shape[1]\n",
                "    k = deep.shape[1]\n    deep, skip, weight, bias = deep.float(), skip.float(), weight.float(), bias.float()\n",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "fuse",
        "the skip is detached",
        fails="the_gradient_is_right",
        says="No gradient reaches argument 2",
        edits=(("F.conv2d(skip,", "F.conv2d(skip.detach(),"),),
        alone=True,
    ),
    Wrong(
        "fuse",
        "the score layer is detached",
        fails="the_gradient_is_right",
        says="No gradient reaches argument 3",
        edits=(
            ("weight[:, :, None, None], bias)", "weight[:, :, None, None].detach(), bias)"),
        ),
        alone=True,
    ),
    Wrong(
        "fuse",
        "the scores added to what came",
        fails="it_has_good_manners",
        says="deep changed in place",
        edits=(
            (
                "    fine = F",
                "    deep *= 2\n    doubled = doubled + 0 * deep.sum()\n    fine = F",
            ),
        ),
    ),
    Wrong(
        "fuse",
        "cut at 0",
        fails="the_deep_scores_are_doubled_bilinearly",
        says="cut the doubled map at 1",
        edits=(("skip.shape[2:], 1)", "skip.shape[2:], 0)"),),
    ),
    Wrong(
        "fuse",
        "of an odd skip the missing row is taken off at the top",
        fails="an_odd_skip_takes_the_first_rows_and_columns",
        says="only the end is shorter",
        edits=(
            (
                "crop_to(doubled, skip.shape[2:], 1)",
                "doubled[:, :, -1 - skip.shape[2] : -1, -1 - skip.shape[3] : -1]",
            ),
        ),
    ),
    Wrong(
        "fuse",
        "resized by F.interpolate, which holds the border",
        fails="beyond_its_border_the_deep_map_counts_as_0",
        says="beyond them lie zeros",
        source="""
def fuse(deep, skip, weight, bias):
    doubled = F.interpolate(deep, scale_factor=2, mode="bilinear")
    return crop_to(doubled, skip.shape[2:], 0) + F.conv2d(skip, weight[:, :, None, None], bias)
""",
    ),
    Wrong(
        "fuse",
        "stretched to the skip's size",
        fails="an_odd_skip_takes_the_first_rows_and_columns",
        says="begins where the deep map begins",
        source="""
def fuse(deep, skip, weight, bias):
    doubled = F.interpolate(deep, skip.shape[2:], mode="bilinear")
    return doubled + F.conv2d(skip, weight[:, :, None, None], bias)
""",
    ),
    Wrong(
        "fuse",
        "nearest neighbors",
        fails="the_deep_scores_are_doubled_bilinearly",
        says="bilinear interpolation",
        source="""
def fuse(deep, skip, weight, bias):
    doubled = deep.repeat_interleave(2, 2).repeat_interleave(2, 3)
    return crop_to(doubled, skip.shape[2:], 0) + F.conv2d(skip, weight[:, :, None, None], bias)
""",
    ),
    Wrong(
        "fuse",
        "doubled under no_grad, because the kernel is fixed",
        fails="the_gradient_is_right",
        says="torch.no_grad()",
        alone=True,
        edits=(
            (
                "doubled = F.conv_transpose2d(deep, kernel, stride=2)",
                "with torch.no_grad():\n        doubled = F.conv_transpose2d(deep, kernel, stride=2)",
            ),
        ),
    ),
    Wrong(
        "fuse",
        "the bias is forgotten",
        fails="the_skip_is_scored",
        says="bias included",
        edits=(("None, None], bias)", "None, None])"),),
    ),
    Wrong(
        "fuse",
        "multiplied instead of added",
        fails="both_are_added",
        says="sum of the two",
        edits=(("1) + fine", "1) * fine"),),
    ),
]

RIGHT = [
    Right(
        "fuse",
        "zeros inserted and convolved; the score by einsum",
        """
def fuse(deep, skip, weight, bias):
    n, k, a, b = deep.shape
    large = deep.new_zeros(n, k, 2 * a + 1, 2 * b + 1)
    large[:, :, 1::2, 1::2] = deep
    large = F.pad(large, (1, 2, 1, 2))
    taps = torch.tensor([0.25, 0.75, 0.75, 0.25], dtype=deep.dtype)
    plane = torch.outer(taps, taps).expand(k, 1, 4, 4)
    doubled = F.conv2d(large, plane, groups=k)
    h, w = skip.shape[2:]
    return doubled[:, :, :h, :w] + torch.einsum("kc,nchw->nkhw", weight, skip) + bias.view(1, -1, 1, 1)
""",
    ),
    Right(
        "fuse",
        "padding 1 instead of a cut at 1; the score as a matrix product",
        """
def fuse(deep, skip, weight, bias):
    k = deep.size(1)
    up = nn.ConvTranspose2d(k, k, 4, stride=2, padding=1, bias=False)
    up.load_state_dict({"weight": bilinear_kernel(k, 2)})
    up.to(deep)
    h, w = skip.shape[-2:]
    fine = (skip.movedim(1, 3) @ weight.T + bias).movedim(3, 1)
    return up(deep)[..., :h, :w] + fine
""",
    ),
]
