"""Wrong and right answers to `transposed_by_zero_insertion`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "transposed_by_zero_insertion",
        "Kronecker's product, which torch has for memory in order only",
        fails="it_has_good_manners",
        says="call .contiguous() first",
        alone=True,
        edits=(
            (
                "    spread[:, :, ::stride, ::stride] = x\n",
                "    nail = torch.eye(stride, dtype=x.dtype)[:1].T @ torch.eye(stride, dtype=x.dtype)[:1]\n"
                "    sparse = torch.kron(x, nail[None, None])\n"
                "    spread[:] = sparse[:, :, : spread.shape[2], : spread.shape[3]]\n",
            ),
        ),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "the weight flipped in place of the caller's",
        fails="it_has_good_manners",
        says="weight changed in place",
        edits=(
            (
                "    return F.conv2d(padded, weight.flip(2, 3).transpose(0, 1))",
                "    weight.copy_(weight.flip(2, 3))\n    return F.conv2d(padded, weight.transpose(0, 1))",
            ),
        ),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "pixels put between the zeros under no_grad",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        edits=(("[:, :, ::stride, ::stride] = x", "[:, :, ::stride, ::stride] = x.detach()"),),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "the kernel is not flipped",
        fails="the_kernel_is_flipped_before_it_slides",
        says="flipped in both axes",
        edits=(("weight.flip(2, 3)", "weight"),),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "flipped in one axis",
        fails="the_kernel_is_flipped_before_it_slides",
        says="mirrored",
        edits=(("weight.flip(2, 3)", "weight.flip(3)"),),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "zeros after the last pixel too",
        fails="stride_sets_the_pixels_apart",
        says="shape",
        edits=(("(h - 1) * stride + 1, (w - 1) * stride + 1", "h * stride, w * stride"),),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "stride zeros between the pixels instead of stride - 1",
        fails="stride_sets_the_pixels_apart",
        says="shape",
        edits=(
            (
                "(h - 1) * stride + 1, (w - 1) * stride + 1",
                "(h - 1) * (stride + 1) + 1, (w - 1) * (stride + 1) + 1",
            ),
            ("[:, :, ::stride, ::stride]", "[:, :, :: stride + 1, :: stride + 1]"),
        ),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "in and out channels reshaped instead of exchanged",
        fails="channels_and_pictures_go_their_own_ways",
        says="(in, out, kh, kw)",
        edits=(
            ("weight.flip(2, 3).transpose(0, 1)", "weight.flip(2, 3).reshape(-1, c, kh, kw)"),
        ),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "in and out channels not exchanged",
        fails="channels_and_pictures_go_their_own_ways",
        says="the weight is (in, out, kh, kw)",
        edits=((".transpose(0, 1)", ""),),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "always float32",
        fails="float64_is_computed_in_float64",
        says="make other tensors in the input's dtype",
        alone=True,
        edits=(("x.new_zeros(", "torch.zeros("),),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "padded by the padding",
        fails="padding_and_output_padding_choose_the_size",
        says="k − 1 − padding",
        edits=(
            ("top, left = kh - 1 - padding, kw - 1 - padding", "top, left = padding, padding"),
        ),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "output padding on the near sides",
        fails="padding_and_output_padding_choose_the_size",
        says="bottom and on the right only",
        edits=(
            (
                "(left, left + output_padding, top, top + output_padding)",
                "(left + output_padding, left, top + output_padding, top)",
            ),
        ),
    ),
    Wrong(
        "transposed_by_zero_insertion",
        "output padding on all four sides",
        fails="padding_and_output_padding_choose_the_size",
        says="shape",
        edits=(
            (
                "top, left = kh - 1 - padding, kw",
                "left = top = 0\n    top, left = kh - 1 - padding + output_padding, output_padding + kw",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "transposed_by_zero_insertion",
        "zeros by Kronecker product, the full result, then the cut",
        """
def transposed_by_zero_insertion(x, weight, stride=1, padding=0, output_padding=0):
    nail = torch.zeros(stride, stride, dtype=x.dtype)
    nail[0, 0] = 1
    h, w = x.shape[2:]
    kh, kw = weight.shape[-2:]
    sparse = torch.kron(x.contiguous(), nail[None, None])[:, :, : (h - 1) * stride + 1, : (w - 1) * stride + 1]
    large = F.pad(sparse, (kw - 1, kw - 1 + output_padding, kh - 1, kh - 1 + output_padding))
    full = F.conv2d(large, torch.flip(weight.permute(1, 0, 2, 3), dims=(-1, -2)))
    return full[:, :, padding : full.shape[2] - padding, padding : full.shape[3] - padding]
""",
    ),
    Right(
        "transposed_by_zero_insertion",
        "windows taken by unfold",
        """
def transposed_by_zero_insertion(x, weight, stride=1, padding=0, output_padding=0):
    n, c, h, w = x.shape
    kh, kw = weight.shape[2:]
    rows, columns = (h - 1) * stride + 1, (w - 1) * stride + 1
    up, left = kh - 1 - padding, kw - 1 - padding
    canvas = torch.zeros(n, c, rows + 2 * up + output_padding, columns + 2 * left + output_padding, dtype=x.dtype)
    canvas[:, :, up : up + rows : stride, left : left + columns : stride] = x
    windows = canvas.unfold(2, kh, 1).unfold(3, kw, 1)
    return torch.einsum("nchwkl, cokl -> nohw", windows, weight.flip([2, 3]))
""",
    ),
]
