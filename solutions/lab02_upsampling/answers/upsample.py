"""Wrong and right answers to `upsample`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "upsample",
        "the taps always in float32",
        fails="float64_is_computed_in_float64",
        says="Something on the way is float32",
        alone=True,
        edits=(("weights.to(image)", "weights.float().to(image)"),),
    ),
    Wrong(
        "upsample",
        "the taps as they come",
        fails="taps_in_float64_fit_a_float32_picture",
        says="also with taps in float64",
        alone=True,
        edits=(("weights.to(image)", "weights"),),
    ),
    Wrong(
        "upsample",
        "clamped to the range of a picture",
        fails="ones_repeat_every_pixel",
        says="as by F.interpolate's nearest",
        edits=(("    return image", "    return image.clamp(0, 1)"),),
    ),
    Wrong(
        "upsample",
        "the shorter side taken for both",
        fails="ones_repeat_every_pixel",
        says="shape",
        edits=(
            ("    length = len", "    h = min(image.shape[-2:])\n    length = len"),
            ("w = image.shape[-1]", "w = h"),
        ),
    ),
    Wrong(
        "upsample",
        "each picture's numbers copied out one by one",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        edits=(
            (
                "    length = len",
                "    image = torch.tensor(image.tolist(), dtype=image.dtype)\n    length = len",
            ),
        ),
    ),
    Wrong(
        "upsample",
        "zeros beyond the border",
        fails="beyond_the_border_the_outermost_pixels_go_on",
        says="not zeros",
        edits=(("image[..., places]", "F.pad(image, (length, length))"),),
    ),
    Wrong(
        "upsample",
        "the half-pixel shift forgotten",
        fails="an_even_factor_gives_the_numbers_of_bilinear",
        says="shifted",
        edits=(("(factor + length) // 2 + 1", "(length - 1) // 2"),),
    ),
    Wrong(
        "upsample",
        "one pixel too far to the right",
        fails="an_even_factor_gives_the_numbers_of_bilinear",
        says="shifted",
        edits=(("// 2 + 1", "// 2 + 2"),),
    ),
    Wrong(
        "upsample",
        "the window starts one place early: right for odd factors only",
        fails="ones_repeat_every_pixel",
        says="becomes a block",
        edits=(("// 2 + 1", "// 2 + factor % 2"),),
    ),
    Wrong(
        "upsample",
        "right for even factors only",
        fails="an_odd_factor_gives_the_numbers_of_bilinear",
        says="odd taps",
        edits=(("// 2 + 1", "// 2 + 1 - factor % 2"),),
    ),
    Wrong(
        "upsample",
        "mirrored beyond the border",
        fails="beyond_the_border_the_outermost_pixels_go_on",
        says="the outermost pixels go on",
        edits=(
            (
                "places = torch.arange(-length, w + length, device=image.device).clamp(0, w - 1)",
                "places = torch.arange(-length, w + length) % (2 * w)\n"
                "        places = torch.where(places < w, places, 2 * w - 1 - places)",
            ),
        ),
    ),
    Wrong(
        "upsample",
        "only the rows",
        fails="ones_repeat_every_pixel",
        says="shape",
        edits=((".to(image)).mT\n", ".to(image))\n        break\n"),),
    ),
    Wrong(
        "upsample",
        "transposed once, and not back",
        fails="any_leading_dimensions_will_do",
        says="shape",
        edits=(("    return image", "    return image.mT"),),
    ),
    Wrong(
        "upsample",
        "the border is one pixel wide, enough for bilinear",
        fails="longer_filters_give_the_numbers_of_bicubic",
        says="is not F.interpolate's bicubic",
        edits=(
            ("start = length * factor", "start = factor"),
            ("torch.arange(-length, w + length", "torch.arange(-1, w + 1"),
        ),
    ),
    Wrong(
        "upsample",
        "float64 out, whatever came in",
        fails="taps_in_float64_fit_a_float32_picture",
        says="dtype torch.float64, wanted torch.float32",
        edits=(
            ("(windows @ weights.to(image)).mT", "(windows.double() @ weights.double()).mT"),
        ),
    ),
    Wrong(
        "upsample",
        "only batches of pictures with channels",
        fails="any_leading_dimensions_will_do",
        says="0 dimensions before (h, w)",
        edits=(
            (
                "    length = len(weights)",
                "    n, c, h, w = image.shape\n    length = len(weights)",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "upsample",
        "tap by tap, each axis by itself",
        """
def upsample(image, factor, weights):
    b, length = len(weights), len(weights)
    start = b * factor - (factor + length) // 2 + 1

    def rows(x):
        padded = torch.cat([x[..., :1]] * b + [x] + [x[..., -1:]] * b, dim=-1)
        spread = zero_insert(padded, factor)
        total = 0
        for i in range(length):
            total = total + weights[i].item() * spread[..., start + i : start + i + x.shape[-1] * factor]
        return total

    return rows(rows(image).transpose(-1, -2)).transpose(-1, -2)
""",
    ),
    Right(
        "upsample",
        "one square filter, by conv2d",
        """
def upsample(image, factor, weights):
    *lead, h, w = image.shape
    f, length, b = factor, len(weights), len(weights)
    planes = F.pad(image.reshape(-1, 1, h, w), (b, b, b, b), mode="replicate")
    spread = zero_insert(zero_insert(planes, f).mT, f).mT
    square = torch.outer(weights, weights).to(image.dtype)[None, None]
    first = b * f - (f + length) // 2 + 1
    out = F.conv2d(spread[..., first:, first:], square)[..., : h * f, : w * f]
    return out.reshape(*lead, h * f, w * f)
""",
    ),
    Right(
        "upsample",
        "by phases, without zeros",
        """
def upsample(image, factor, weights):
    for axis in (-1, -2):
        n, results = image.shape[axis], []
        for p in range(factor):
            total = 0
            for i, weight in enumerate(weights.tolist()):
                place = p - (factor + len(weights)) // 2 + 1 + i
                if place % factor == 0:
                    index = (torch.arange(n) + place // factor).clamp(0, n - 1)
                    total = total + weight * image.index_select(axis, index)
            results.append(total)
        if axis == -1:
            image = torch.stack(results, -1).flatten(-2)
        else:
            image = torch.stack(results, -2).flatten(-3, -2)
    return image
""",
    ),
]
