"""Wrong and right answers to `conv_matrix_1d`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "conv_matrix_1d",
        "taps as plain numbers",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        edits=(("= kernel[t]", "= kernel[t].item()"),),
    ),
    Wrong(
        "conv_matrix_1d",
        "a tap of 0 shortens the kernel",
        fails="each_row_holds_the_kernel_unflipped",
        says="shape",
        edits=(("    reach =", "    kernel = kernel[kernel != 0]\n    reach ="),),
    ),
    Wrong(
        "conv_matrix_1d",
        "the kernel is flipped, as textbooks do",
        fails="each_row_holds_the_kernel_unflipped",
        says="not flipped",
        edits=(("= kernel[t]", "= kernel[len(kernel) - 1 - t]"),),
    ),
    Wrong(
        "conv_matrix_1d",
        "the transpose is returned",
        fails="each_row_holds_the_kernel_unflipped",
        says="shape",
        edits=(("return entries", "return entries.T"),),
    ),
    Wrong(
        "conv_matrix_1d",
        "the stride only changes the number of rows",
        fails="stride_moves_the_next_row_further",
        says="s columns after",
        edits=(("i * stride - padding", "i - padding"),),
    ),
    Wrong(
        "conv_matrix_1d",
        "the number of rows rounds up",
        fails="stride_moves_the_next_row_further",
        says="rounds down",
        edits=(
            (
                "(size + 2 * padding - reach) // stride + 1",
                "-(-(size + 2 * padding - reach) // stride) + 1",
            ),
        ),
    ),
    Wrong(
        "conv_matrix_1d",
        "columns left of 0 wrap around to the right end",
        fails="padding_lets_taps_hang_over_both_ends",
        says="nothing is written there",
        edits=(("0 <= column < size", "column < size"),),
    ),
    Wrong(
        "conv_matrix_1d",
        "padding at one end only",
        fails="padding_lets_taps_hang_over_both_ends",
        says="shape",
        edits=(("2 * padding", "padding"),),
    ),
    Wrong(
        "conv_matrix_1d",
        "padding shifts the rows to the right",
        fails="padding_lets_taps_hang_over_both_ends",
        says="start before the signal",
        edits=(("stride - padding", "stride + padding"),),
    ),
    Wrong(
        "conv_matrix_1d",
        "a dilated kernel reaches over d · k",
        fails="dilation_sets_the_taps_apart",
        says="d·(k − 1) + 1",
        edits=(("dilation * (len(kernel) - 1) + 1", "dilation * len(kernel)"),),
    ),
    Wrong(
        "conv_matrix_1d",
        "always float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        alone=True,
        edits=(("kernel.new_zeros(rows, size)", "torch.zeros(rows, size)"),),
    ),
]

RIGHT = [
    Right(
        "conv_matrix_1d",
        "rows for a padded signal, then the padding's columns cut off",
        """
def conv_matrix_1d(kernel, size, stride=1, padding=0, dilation=1):
    spread = torch.zeros(dilation * (kernel.numel() - 1) + 1, dtype=kernel.dtype)
    spread[::dilation] = kernel
    full = size + 2 * padding
    rows = [
        F.pad(spread, (start, full - start - len(spread)))
        for start in range(0, full - len(spread) + 1, stride)
    ]
    return torch.stack(rows)[:, padding : padding + size]
""",
    ),
    Right(
        "conv_matrix_1d",
        "asks every cell which tap it holds",
        """
def conv_matrix_1d(kernel, size, stride=1, padding=0, dilation=1):
    k = kernel.shape[0]
    n = 1 + (size + 2 * padding - dilation * (k - 1) - 1) // stride
    offset = torch.arange(size) + padding - stride * torch.arange(n).unsqueeze(1)
    tap = offset.div(dilation, rounding_mode="floor")
    there = (offset % dilation == 0) & (tap >= 0) & (tap < k)
    return torch.where(there, kernel[tap.clamp(0, k - 1)], torch.zeros((), dtype=kernel.dtype))
""",
    ),
]
