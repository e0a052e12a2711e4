"""Wrong and right answers to `overlap_counts`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "overlap_counts",
        "k / s terms between ramps, however few the inputs",
        fails="few_inputs_and_many_terms",
        says="One input makes one stamp",
        source="""
def overlap_counts(size, kernel_size, stride, padding=0):
    length = (size - 1) * stride + kernel_size
    place = torch.arange(length)
    first = ((place - kernel_size) // stride + 1).clamp(min=0)
    last = (place // stride).clamp(max=max(size - 1, kernel_size // stride))
    return (last - first + 1)[padding : length - padding]
""",
    ),
    Wrong(
        "overlap_counts",
        "counted in bytes",
        fails="few_inputs_and_many_terms",
        says="above 255",
        edits=(
            ("dtype=torch.int64", "dtype=torch.uint8"),
            ("padding : length - padding]", "padding : length - padding].long()"),
        ),
    ),
    Wrong(
        "overlap_counts",
        "k / s rounded up everywhere",
        fails="a_kernel_that_the_stride_does_not_divide_alternates",
        says="by turns",
        source="""
def overlap_counts(size, kernel_size, stride, padding=0):
    length = (size - 1) * stride + kernel_size - 2 * padding
    return torch.full((length,), -(-kernel_size // stride))
""",
    ),
    Wrong(
        "overlap_counts",
        "a stamp sets 1 instead of adding 1",
        fails="a_kernel_that_the_stride_does_not_divide_alternates",
        says="the stamps that cover it",
        edits=(("] += 1", "] = 1"),),
    ),
    Wrong(
        "overlap_counts",
        "the far end is cut at size · stride",
        fails="a_multiple_of_the_stride_is_even_inside",
        says="fewer at the ends",
        edits=(("(size - 1) * stride + kernel_size", "size * stride"),),
    ),
    Wrong(
        "overlap_counts",
        "counts as floats",
        fails="a_multiple_of_the_stride_is_even_inside",
        says="dtype",
        edits=((", dtype=torch.int64", ""),),
    ),
    Wrong(
        "overlap_counts",
        "gaps filled with 1",
        fails="gaps_get_no_term",
        says="they count 0",
        edits=(
            (
                "return counts[padding : length - padding]",
                "return counts[padding : length - padding].clamp(min=1)",
            ),
        ),
    ),
    Wrong(
        "overlap_counts",
        "padding cut from one end twice",
        fails="padding_cuts_counts_off_both_ends",
        says="each end",
        edits=(("counts[padding : length - padding]", "counts[: length - 2 * padding]"),),
    ),
    Wrong(
        "overlap_counts",
        "padding ignored",
        fails="padding_cuts_counts_off_both_ends",
        says="shape",
        edits=(("counts[padding : length - padding]", "counts"),),
    ),
]

RIGHT = [
    Right(
        "overlap_counts",
        "stamps that have begun, less those that have ended",
        """
def overlap_counts(size, kernel_size, stride, padding=0):
    change = torch.zeros((size - 1) * stride + kernel_size + 1, dtype=torch.long)
    for start in range(0, size * stride, stride):
        change[start] += 1
        change[start + kernel_size] -= 1
    return change.cumsum(0)[padding : len(change) - 1 - padding]
""",
    ),
    Right(
        "overlap_counts",
        "asks every output which inputs reach it",
        """
def overlap_counts(size, kernel_size, stride, padding=0):
    outputs = range(padding, (size - 1) * stride + kernel_size - padding)
    return torch.tensor([sum(0 <= u - i * stride < kernel_size for i in range(size)) for u in outputs])
""",
    ),
]
