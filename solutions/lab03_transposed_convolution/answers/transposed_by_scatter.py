"""Wrong and right answers to `transposed_by_scatter`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "transposed_by_scatter",
        "each stamp from detached pixels",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        source="""
def transposed_by_scatter(x, weight, stride=1, padding=0, output_padding=0):
    (n, c, h, w), (_, o, kh, kw) = x.shape, weight.shape
    bottom = (h - 1) * stride + kh + output_padding
    right = (w - 1) * stride + kw + output_padding
    canvas = x.new_zeros(n, o, bottom, right)
    for i, j in product(range(h), range(w)):
        for b, k in product(range(n), range(c)):
            here = canvas[b, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            here += x[b, k, i, j].item() * weight[k].detach()
    return canvas[:, :, padding : bottom - padding, padding : right - padding]
""",
    ),
    Wrong(
        "transposed_by_scatter",
        "the weight is detached",
        fails="the_kernel_gets_its_gradient_too",
        says="No gradient reaches argument 2",
        alone=True,
        edits=(("x[:, :, i, j], weight)", "x[:, :, i, j], weight.detach())"),),
    ),
    Wrong(
        "transposed_by_scatter",
        "stamps by view",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        edits=(
            (
                'torch.einsum("nc, cokl -> nokl", x[:, :, i, j], weight)',
                "(x[:, :, i, j] @ weight.view(len(weight), -1)).view(n, o, kh, kw)",
            ),
        ),
    ),
    Wrong(
        "transposed_by_scatter",
        "the square kernel's height for both sides",
        fails="kernels_need_not_be_square_nor_reach_the_next_pixel",
        says="kh belongs to rows",
        edits=(
            (
                "(_, o, kh, kw) = x.shape, weight.shape",
                "(_, o, kh, _) = x.shape, weight.shape\n    kw = kh",
            ),
        ),
    ),
    Wrong(
        "transposed_by_scatter",
        "a stamp overwrites those before",
        fails="stamps_add_up_where_they_meet",
        says="must add up",
        edits=(("] += stamp", "] = stamp"),),
    ),
    Wrong(
        "transposed_by_scatter",
        "the stamps are flipped",
        fails="stamps_add_up_where_they_meet",
        says="as it is given",
        edits=(("x[:, :, i, j], weight)", "x[:, :, i, j], weight.flip(2, 3))"),),
    ),
    Wrong(
        "transposed_by_scatter",
        "stride on the rows only",
        fails="stride_sets_the_pixels_apart",
        says="(i·s, j·s)",
        edits=(("j * stride : j * stride + kw", "j : j + kw"),),
    ),
    Wrong(
        "transposed_by_scatter",
        "the canvas forgets the last stamp's width",
        fails="stride_sets_the_pixels_apart",
        says="raised",
        edits=(
            ("(h - 1) * stride + kh", "h * stride"),
            ("(w - 1) * stride + kw", "w * stride"),
        ),
    ),
    Wrong(
        "transposed_by_scatter",
        "the weight read as (out, in, kh, kw), as a convolution's",
        fails="channels_and_pictures_go_their_own_ways",
        says="the weight is (in, out, kh, kw)",
        edits=(
            (
                "(_, o, kh, kw) = x.shape, weight.shape",
                "(o, _, kh, kw) = x.shape, weight.shape",
            ),
            ("cokl", "ockl"),
        ),
    ),
    Wrong(
        "transposed_by_scatter",
        "always float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        alone=True,
        edits=(("x.new_zeros(n, o, bottom, right)", "torch.zeros(n, o, bottom, right)"),),
    ),
    Wrong(
        "transposed_by_scatter",
        "padding adds pixels instead of cutting them",
        fails="padding_cuts_every_side",
        says="shape",
        edits=(
            (
                "return canvas[:, :, padding : bottom - padding, padding : right - padding]",
                "return F.pad(canvas, (padding,) * 4)",
            ),
        ),
    ),
    Wrong(
        "transposed_by_scatter",
        "padding cut from the top and left only",
        fails="padding_cuts_every_side",
        says="every side",
        edits=(
            ("padding : bottom - padding, padding : right - padding", "padding:, padding:"),
        ),
    ),
    Wrong(
        "transposed_by_scatter",
        "output padding glues zeros on after the cut",
        fails="output_padding_cuts_less_at_the_far_ends",
        says="with their values",
        source="""
def transposed_by_scatter(x, weight, stride=1, padding=0, output_padding=0):
    (n, _, h, w), (_, o, kh, kw) = x.shape, weight.shape
    bottom, right = (h - 1) * stride + kh, (w - 1) * stride + kw
    canvas = x.new_zeros(n, o, bottom, right)
    for i, j in product(range(h), range(w)):
        stamp = torch.einsum("nc, cokl -> nokl", x[:, :, i, j], weight)
        canvas[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw] += stamp
    cut = canvas[:, :, padding : bottom - padding, padding : right - padding]
    return F.pad(cut, (0, output_padding, 0, output_padding))
""",
    ),
    Wrong(
        "transposed_by_scatter",
        "output padding at the top and left",
        fails="output_padding_cuts_less_at_the_far_ends",
        says="at the bottom and on the right",
        edits=(
            (
                "i * stride : i * stride + kh",
                "output_padding + i * stride : output_padding + i * stride + kh",
            ),
            (
                "j * stride : j * stride + kw",
                "output_padding + j * stride : output_padding + j * stride + kw",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "transposed_by_scatter",
        "one tap of all stamps at a time",
        """
def transposed_by_scatter(x, weight, stride=1, padding=0, output_padding=0):
    n, c, h, w = x.shape
    _, o, kh, kw = weight.shape
    oh = (h - 1) * stride + kh - 2 * padding + output_padding
    ow = (w - 1) * stride + kw - 2 * padding + output_padding
    canvas = torch.zeros(n, o, oh + 2 * padding, ow + 2 * padding, dtype=x.dtype)
    for k in range(kh):
        for l in range(kw):
            tap = torch.tensordot(x, weight[:, :, k, l], dims=([1], [0])).permute(0, 3, 1, 2)
            canvas[:, :, k : k + (h - 1) * stride + 1 : stride, l : l + (w - 1) * stride + 1 : stride] += tap
    return canvas[:, :, padding : padding + oh, padding : padding + ow]
""",
    ),
    Right(
        "transposed_by_scatter",
        "number by number, leaving out what lies outside",
        """
def transposed_by_scatter(x, weight, stride=1, padding=0, output_padding=0):
    n, c, h, w = x.shape
    o, kh, kw = weight.shape[1:]
    out = x.new_zeros(
        n, o, (h - 1) * stride - 2 * padding + kh + output_padding, (w - 1) * stride - 2 * padding + kw + output_padding
    )
    for i in range(h):
        for j in range(w):
            for k in range(kh):
                for l in range(kw):
                    row, column = i * stride + k - padding, j * stride + l - padding
                    if 0 <= row < out.shape[2] and 0 <= column < out.shape[3]:
                        out[:, :, row, column] += x[:, :, i, j] @ weight[:, :, k, l]
    return out
""",
    ),
]
