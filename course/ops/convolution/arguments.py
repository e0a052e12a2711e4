"""The arguments of a transposed convolution, checked once for all the ways to compute it."""

from dataclasses import dataclass

from torch import Tensor

from course.ops.arguments import Pair, check_axes, pair, whole
from course.ops.convolution.sizes import transposed_output_size


@dataclass(frozen=True)
class Geometry:
    """The checked arguments of a transposed convolution; every pair is (h, w)."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    output_padding: tuple[int, int]
    dilation: tuple[int, int]
    reach: tuple[int, int]  # dilation * (kernel_size - 1): pixels from a stamp's first to its last
    output_size: tuple[int, int]


def check_arguments(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Pair,
    padding: Pair,
    output_padding: Pair,
    dilation: Pair,
    groups: int,
) -> Geometry:
    """Check the arguments of a transposed convolution and derive its geometry.

    Args:
        x: (n, c, h, w).
        weight: (c, o / groups, kh, kw).
        bias: (o,) or None.
        stride, padding, output_padding, dilation: one int, or a pair (h, w).
        groups: a divisor of c.

    Returns:
        The `Geometry`.

    Raises:
        ValueError: the shapes do not fit together, or a number is out of range.

    Example:
        >>> import torch
        >>> x, weight = torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3)
        >>> check_arguments(x, weight, None, stride=2, padding=1, output_padding=1, dilation=1, groups=1).output_size
        (8, 8)
    """
    _check_shapes(x, weight, bias, groups)
    kernel_size, size = tuple(weight.shape[2:]), tuple(x.shape[2:])
    output_size = transposed_output_size(size, kernel_size, stride, padding, output_padding, dilation)
    dilation = pair(dilation, "dilation", 1)
    return Geometry(
        stride=pair(stride, "stride", 1),
        padding=pair(padding, "padding", 0),
        output_padding=pair(output_padding, "output_padding", 0),
        dilation=dilation,
        reach=(dilation[0] * (kernel_size[0] - 1), dilation[1] * (kernel_size[1] - 1)),
        output_size=output_size,
    )


def _check_shapes(x: Tensor, weight: Tensor, bias: Tensor | None, groups: int) -> None:
    check_axes(x, "x", "(n, c, h, w)")
    if weight.ndim != 4 or weight.numel() == 0 or weight.shape[0] != x.shape[1]:
        raise ValueError(
            f"weight has shape {tuple(weight.shape)}; wanted (c, o / groups, kh, kw) with the c = {x.shape[1]} "
            "channels of x. The first axis of a transposed convolution's weight is its input."
        )
    if x.shape[1] % whole(groups, "groups", 1):
        raise ValueError(f"groups is {groups}; wanted a divisor of the {x.shape[1]} channels of x.")
    outputs = groups * weight.shape[1]
    if bias is not None and bias.shape != (outputs,):
        raise ValueError(f"bias has shape {tuple(bias.shape)}; wanted ({outputs},), one number per output channel.")
