"""Wrong and right answers of Lab 2."""

from autograder.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "zero_insert",
        "no zeros after the last sample",
        fails="samples_stand_at_every_factor_th_place",
        says="the last one too",
        edits=(("x.shape[-1] * factor)", "(x.shape[-1] - 1) * factor + 1)"),),
    ),
    Wrong(
        "zero_insert",
        "samples repeated instead of zeros",
        fails="samples_stand_at_every_factor_th_place",
        says="followed by",
        source="def zero_insert(x, factor):\n    return x.repeat_interleave(factor, -1)\n",
    ),
    Wrong(
        "zero_insert",
        "factor zeros after each sample, one too many",
        fails="samples_stand_at_every_factor_th_place",
        says="zeros, the last one too",
        edits=(
            ("x.shape[-1] * factor)", "x.shape[-1] * (factor + 1))"),
            ("[..., ::factor]", "[..., :: factor + 1]"),
        ),
    ),
    Wrong(
        "zero_insert",
        "rows are pulled apart too",
        fails="only_the_last_axis_is_pulled_apart",
        says="along the last axis alone",
        source="""
def zero_insert(x, factor):
    if x.ndim == 1:
        spread = x.new_zeros(len(x) * factor)
        spread[::factor] = x
        return spread
    h, w = x.shape[-2:]
    spread = x.new_zeros(*x.shape[:-2], h * factor, w * factor)
    spread[..., ::factor, ::factor] = x
    return spread
""",
    ),
    Wrong(
        "zero_insert",
        "always float32",
        fails="whatever_came_in_keeps_its_dtype",
        says="dtype",
        edits=(("x.new_zeros(", "torch.zeros("),),
    ),
    Wrong(
        "triangle",
        "negative weights beyond 1",
        fails="it_falls_straight_from_one_to_zero",
        says="0 beyond 1",
        edits=((".clamp(min=0)", ""),),
    ),
    Wrong(
        "triangle",
        "the sign of x forgotten",
        fails="it_falls_straight_from_one_to_zero",
        says="both sides of 0",
        edits=(("x.abs()", "x"),),
    ),
    Wrong(
        "triangle",
        "half as wide",
        fails="it_falls_straight_from_one_to_zero",
        says="1 − |x|",
        edits=(("x.abs()", "2 * x.abs()"),),
    ),
    Wrong(
        "triangle",
        "one number at a time",
        fails="it_takes_any_shape_and_dtype",
        says="raised",
        source="def triangle(x):\n    return torch.stack([max(1 - abs(v), v * 0) for v in x.unbind()]) if x.ndim == 1 else x.item()\n",
    ),
    Wrong(
        "keys_cubic",
        "a + 2 and a + 3 exchanged",
        fails="between_the_neighbours_it_is_the_first_piece",
        says="not the first piece",
        edits=(("(a + 2) * x**3 - (a + 3) * x**2", "(a + 3) * x**3 - (a + 2) * x**2"),),
    ),
    Wrong(
        "keys_cubic",
        "a sign lost in the second piece",
        fails="between_one_and_two_it_is_the_second_piece",
        says="not the second piece",
        edits=(("- 4 * a", "+ 4 * a"),),
    ),
    Wrong(
        "keys_cubic",
        "always a = −½",
        fails="between_the_neighbours_it_is_the_first_piece",
        says="a = ",
        edits=(("    x = x.abs()", "    a = -0.5\n    x = x.abs()"),),
    ),
    Wrong(
        "keys_cubic",
        "|x| forgotten",
        fails="left_and_right_count_the_same",
        says="that of |x|",
        edits=(("    x = x.abs()\n", ""),),
    ),
    Wrong(
        "keys_cubic",
        "the second piece never ends",
        fails="it_ends_at_two_and_meets_itself_at_one",
        says="exactly 0",
        edits=(("torch.where(x < 2, far, 0.0)", "far"),),
    ),
    Wrong(
        "lanczos",
        "NaN at 0",
        fails="at_zero_it_is_one",
        says="not NaN",
        source="""
def lanczos(x, lobes):
    t = torch.pi * x
    weights = torch.sin(t) / t * torch.sin(t / lobes) / (t / lobes)
    return torch.where(x.abs() < lobes, weights, torch.zeros_like(x))
""",
    ),
    Wrong(
        "lanczos",
        "0 at 0",
        fails="at_zero_it_is_one",
        says="limit of sin",
        edits=(("torch.where(x == 0, 1.0,", "torch.where(x == 0, 0.0,"),),
    ),
    Wrong(
        "lanczos",
        "a rest of rounding at the end",
        fails="it_ends_where_the_lobes_end",
        says="exactly 0",
        edits=(("torch.where(x.abs() < lobes, weights, 0.0)", "weights"),),
    ),
    Wrong(
        "lanczos",
        "the sine without π",
        fails="it_is_a_sinc_faded_out_by_a_wider_one",
        says="sin(πx)",
        edits=(("torch.pi * x", "1.0 * x"),),
    ),
    Wrong(
        "lanczos",
        "a plain sinc, not faded out",
        fails="it_is_a_sinc_faded_out_by_a_wider_one",
        says="sinc(x / lobes)",
        edits=((" * torch.sin(t / lobes) / (t / lobes)", ""),),
    ),
    Wrong(
        "lanczos",
        "always three lobes",
        fails="any_number_of_lobes_any_shape_any_dtype",
        says="lobes the curve is not right",
        edits=(("    t = ", "    lobes = 3\n    t = "),),
    ),
    Wrong(
        "taps",
        "phases not divided by their sums",
        fails="every_phase_sums_to_one",
        says="grey wall gets stripes",
        edits=(("/= weights[phase::factor].sum()", "/= 1"),),
    ),
    Wrong(
        "taps",
        "all divided by the sum of all",
        fails="every_phase_sums_to_one",
        says="must add up to 1",
        edits=(
            ("for phase in range(factor):", "for _ in range(1):"),
            (
                "weights[phase::factor] /= weights[phase::factor].sum()",
                "weights = weights / weights.sum() * factor",
            ),
        ),
    ),
    Wrong(
        "taps",
        "a tap on the sample, whatever the factor (aligned corners)",
        fails="an_even_factor_reads_the_kernel_beside_the_sample",
        says="±½, ±1½",
        edits=(("0.0 if factor % 2 else 0.5", "0.0"),),
    ),
    Wrong(
        "taps",
        "no tap on the sample, whatever the factor",
        fails="an_odd_factor_has_a_tap_on_the_sample",
        says="the length is odd",
        edits=(("0.0 if factor % 2 else 0.5", "0.5"),),
    ),
    Wrong(
        "taps",
        "the distance not divided by the factor",
        fails="an_even_factor_reads_the_kernel_beside_the_sample",
        says="divided by",
        edits=((".unique() / factor)", ".unique())"),),
    ),
    Wrong(
        "taps",
        "zeros at both ends are kept",
        fails="places_outside_of_the_support_are_left_out",
        says="as many taps",
        edits=(("curve.support * factor,", "curve.support * factor + 1,"),),
    ),
    Wrong(
        "taps",
        "always the triangle",
        fails="they_are_the_taps_that_pillow_uses",
        says="Pillow enlarges",
        edits=(("KERNELS[kernel]", 'KERNELS["triangle"]'),),
    ),
    Wrong(
        "taps",
        "float32",
        fails="they_are_the_taps_that_pillow_uses",
        says="float64",
        edits=(("    return weights", "    return weights.float()"),),
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
        fails="any_leading_dimensions_and_float32_too",
        says="shape",
        edits=(("    return image", "    return image.mT"),),
    ),
    Wrong(
        "upsample",
        "the border is one pixel wide, enough for bilinear",
        fails="longer_filters_give_the_numbers_of_bicubic",
        says="",
        edits=(
            ("start = length * factor", "start = factor"),
            ("torch.arange(-length, w + length", "torch.arange(-1, w + 1"),
        ),
    ),
    Wrong(
        "upsample",
        "float64 in, float64 out, whatever came in",
        fails="any_leading_dimensions_and_float32_too",
        says="dtype",
        edits=(("(windows @ weights.to(image)).mT", "(windows.double() @ weights.double()).mT"),),
    ),
    Wrong(
        "upsample",
        "only batches of pictures with channels",
        fails="any_leading_dimensions_and_float32_too",
        says="raised",
        edits=(("    length = len(weights)", "    n, c, h, w = image.shape\n    length = len(weights)"),),
    ),
    Wrong(
        "resize_weights",
        "the half pixel forgotten in the new picture",
        fails="on_the_way_up_the_rows_are_those_of_pillow",
        says="(i + ½)",
        edits=(("torch.float64) + 0.5) * ratio", "torch.float64)) * ratio"),),
    ),
    Wrong(
        "resize_weights",
        "the half pixel forgotten in both pictures",
        fails="on_the_way_up_the_rows_are_those_of_pillow",
        says="(i + ½)",
        edits=(
            ("torch.float64) + 0.5) * ratio", "torch.float64)) * ratio"),
            ("dtype=torch.float64) + 0.5\n", "dtype=torch.float64)\n"),
        ),
    ),
    Wrong(
        "resize_weights",
        "aligned corners",
        fails="on_the_way_up_the_rows_are_those_of_pillow",
        says="centres lie at",
        edits=(
            (
                "(torch.arange(n_out, dtype=torch.float64) + 0.5) * ratio",
                "torch.linspace(0.5, n_in - 0.5, n_out, dtype=torch.float64)",
            ),
        ),
    ),
    Wrong(
        "resize_weights",
        "the kernel never widened (no anti-aliasing)",
        fails="on_the_way_down_the_kernel_grows",
        says="must be widened",
        edits=(("max(1.0, ratio)", "1.0"),),
    ),
    Wrong(
        "resize_weights",
        "the kernel narrowed on the way up",
        fails="on_the_way_up_the_rows_are_those_of_pillow",
        says="keeps its width",
        edits=(("max(1.0, ratio)", "ratio"),),
    ),
    Wrong(
        "resize_weights",
        "rows not divided by their sums",
        fails="every_row_sums_to_one",
        says="sum to 1",
        edits=(("weights / weights.sum(dim=1, keepdim=True)", "weights / max(1.0, ratio)"),),
    ),
    Wrong(
        "resize_weights",
        "columns divided by their sums",
        fails="every_row_sums_to_one",
        says="row must sum to 1",
        edits=(("dim=1", "dim=0"),),
    ),
    Wrong(
        "resize_weights",
        "the matrix transposed",
        fails="they_are_computed_in_float64",
        says="(n_out, n_in)",
        edits=(("keepdim=True)", "keepdim=True)).mT"), ("return weights /", "return (weights /")),
    ),
    Wrong(
        "resize_weights",
        "float32 all the way",
        fails="they_are_computed_in_float64",
        says="dtype",
        edits=(("torch.float64", "torch.float32"),),
    ),
    Wrong(
        "resize",
        "height and width exchanged",
        fails="height_comes_first_and_other_dimensions_stay",
        says="(h, w)",
        edits=(("size[0]", "size[2 - 1]"), ("size[1]", "size[0]"), ("size[2 - 1]", "size[1]")),
    ),
    Wrong(
        "resize",
        "only the width",
        fails="height_comes_first_and_other_dimensions_stay",
        says="shape",
        edits=(("rows @ image @ columns.T", "image @ columns.T"),),
    ),
    Wrong(
        "resize",
        "the picture turned by the wrong transposition",
        fails="up_and_down_it_gives_the_pictures_of_pillow",
        says="",
        edits=(("rows @ image @ columns.T", "(columns @ image.mT @ rows.T)"),),
    ),
    Wrong(
        "resize",
        "float64 out, whatever came in",
        fails="the_picture_keeps_its_dtype",
        says="dtype",
        edits=(
            ("(h, size[0], kernel).to(image)", "(h, size[0], kernel)"),
            ("(w, size[1], kernel).to(image)", "(w, size[1], kernel)"),
            ("rows @ image @", "rows @ image.double() @"),
        ),
    ),
    Wrong(
        "resize",
        "the matrix for the rows used for both axes",
        fails="height_comes_first_and_other_dimensions_stay",
        says="",
        edits=(("columns = resize_weights(w, size[1], kernel)", "columns = resize_weights(h, size[0], kernel)"),),
    ),
]

RIGHT = [
    Right(
        "zero_insert",
        "zeros stacked beside each sample",
        """
def zero_insert(x, factor):
    nothing = torch.zeros_like(x)
    return torch.stack([x] + [nothing] * (factor - 1), dim=-1).flatten(-2)
""",
    ),
    Right(
        "zero_insert",
        "repeated, then masked by the place",
        """
def zero_insert(x, factor):
    wide = torch.repeat_interleave(x, factor, dim=-1)
    place = torch.arange(wide.shape[-1], device=x.device)
    return wide * (place % factor == 0).to(x.dtype)
""",
    ),
    Right(
        "zero_insert",
        "pad of a new axis",
        """
def zero_insert(x, factor):
    return F.pad(x.unsqueeze(-1), (0, factor - 1)).reshape(*x.shape[:-1], x.shape[-1] * factor)
""",
    ),
    Right("triangle", "relu", "def triangle(x):\n    return torch.relu(1 - torch.abs(x))\n"),
    Right(
        "triangle",
        "cases",
        "def triangle(x):\n    return torch.where((x > -1) & (x < 1), 1 - torch.maximum(x, -x), torch.zeros_like(x))\n",
    ),
    Right("triangle", "a maximum", "def triangle(x):\n    return torch.maximum(1 - x.abs(), torch.zeros_like(x))\n"),
    Right(
        "keys_cubic",
        "filled in by masks",
        """
def keys_cubic(x, a):
    x, out = torch.abs(x), torch.zeros_like(x)
    near, far = x < 1, (x >= 1) & (x < 2)
    t = x[near]
    out[near] = 1 - (a + 3) * t * t + (a + 2) * t * t * t
    t = x[far]
    out[far] = a * (t - 1) * (t - 2) ** 2
    return out
""",
    ),
    Right(
        "keys_cubic",
        "number by number",
        """
def keys_cubic(x, a):
    def weight(t):
        t = abs(t)
        if t <= 1:
            return (a + 2) * t**3 - (a + 3) * t**2 + 1
        return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0.0

    return torch.tensor([weight(t) for t in x.flatten().tolist()], dtype=x.dtype).reshape(x.shape)
""",
    ),
    Right(
        "lanczos",
        "number by number, with math",
        """
def lanczos(x, lobes):
    import math

    def sinc(t):
        return math.sin(math.pi * t) / (math.pi * t) if t else 1.0

    weights = [sinc(t) * sinc(t / lobes) if abs(t) < lobes else 0.0 for t in x.flatten().tolist()]
    return torch.tensor(weights, dtype=x.dtype, device=x.device).reshape(x.shape)
""",
    ),
    Right(
        "lanczos",
        "two sincs, filled in by masks",
        """
def lanczos(x, lobes):
    def sinc_of(t):
        out = torch.ones_like(t)
        some = t != 0
        out[some] = torch.sin(torch.pi * t[some]) / (torch.pi * t[some])
        return out

    weights = sinc_of(x) * sinc_of(x / lobes)
    weights[x.abs() >= lobes] = 0
    return weights
""",
    ),
    Right(
        "lanczos",
        "NaN replaced afterwards",
        """
def lanczos(x, lobes):
    t = torch.pi * x
    weights = (lobes * torch.sin(t) * torch.sin(t / lobes) / t**2).masked_fill(x == 0, 1.0)
    return weights * (x.abs() < lobes)
""",
    ),
    Right(
        "taps",
        "the length first",
        """
def taps(kernel, factor):
    curve = KERNELS[kernel]
    length = max(n for n in range(1, 1000) if n % 2 == factor % 2 and (n - 1) / 2 / factor < curve.support)
    t = (torch.arange(length).double() - (length - 1) / 2) / factor
    w = curve(t)
    sums = torch.stack([w[i % factor :: factor].sum() for i in range(length)])
    return w / sums
""",
    ),
    Right(
        "taps",
        "from the right half, mirrored",
        """
def taps(kernel, factor):
    curve = KERNELS[kernel]
    half = []
    t = 0.0 if factor % 2 else 0.5
    while t / factor < curve.support:
        half.append(curve(torch.tensor(t / factor, dtype=torch.float64)).item())
        t += 1
    whole = half[::-1] + (half[1:] if factor % 2 else half)
    return torch.tensor([w / sum(whole[i % factor :: factor]) for i, w in enumerate(whole)], dtype=torch.float64)
""",
    ),
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
    Right(
        "resize_weights",
        "row by row",
        """
def resize_weights(n_in, n_out, kernel):
    curve, scale = KERNELS[kernel], n_in / n_out
    matrix = torch.zeros(n_out, n_in, dtype=torch.float64)
    for i in range(n_out):
        for j in range(n_in):
            distance = torch.tensor(j + 0.5 - (i + 0.5) * scale, dtype=torch.float64)
            matrix[i, j] = curve(distance / scale if scale > 1 else distance)
        matrix[i] /= matrix[i].sum()
    return matrix
""",
    ),
    Right(
        "resize_weights",
        "pixels as points at whole numbers, einsum's order",
        """
def resize_weights(n_in, n_out, kernel):
    ratio = n_in / n_out
    centre = ratio * torch.arange(n_out).double() + (ratio - 1) / 2
    gap = torch.arange(n_in).double().unsqueeze(0) - centre.unsqueeze(1)
    weights = KERNELS[kernel](gap * min(1.0, n_out / n_in))
    return torch.einsum("ij,i->ij", weights, 1 / weights.sum(1))
""",
    ),
    Right(
        "resize",
        "einsum",
        """
def resize(image, size, kernel):
    rows = resize_weights(image.shape[-2], size[0], kernel)
    columns = resize_weights(image.shape[-1], size[1], kernel)
    return torch.einsum("ih,...hw,jw->...ij", rows, image.double(), columns).to(image.dtype)
""",
    ),
    Right(
        "resize",
        "the columns first, transposed",
        """
def resize(image, size, kernel):
    for length in reversed(size):
        matrix = resize_weights(image.shape[-1], length, kernel).to(image.dtype)
        image = torch.matmul(image, matrix.mT).transpose(-1, -2)
    return image
""",
    ),
]

EQUIVALENT = [
    Equivalent("keys_cubic", "torch.where(x < 1, near", "at |x| = 1 both pieces are 0"),
    Equivalent("keys_cubic", "torch.where(x <= 2, far", "at |x| = 2 the second piece is exactly 0"),
]
