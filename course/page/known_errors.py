"""A sentence for the errors that PyTorch raises most often in an answer: what it means, and what to try.

The messages are those of torch 2.15; one that it words in another way goes without a sentence.
"""

from __future__ import annotations

import re

_DTYPES = "Two dtypes meet here, such as float32 and float64: convert one of them, as `a.to(b)` does."
_VOID = "255 is void, not a class: leave those pixels out before you use labels as numbers."
_FLOATS = "Whole numbers came where this needs floats: `.float()` first."
_PRODUCT = "In A @ B, A has as many columns as B has rows: is one of them to be transposed?"
_SHAPES = "Shapes broadcast from the last axis on: two sizes must be equal, or one of them 1."
_ONE_NUMBER = "Several numbers stand where one is needed: index one of them, or take their sum or mean."

_SENTENCES = (
    (
        r"expected scalar type|same (scalar )?dtype|same scalar type|did not match|dtypes match|equal to src\.dtype",
        _DTYPES,
    ),
    (r"bincount_cpu", "`bincount` counts whole numbers: `.long()` first."),
    (
        r"bincount only supports",
        "`bincount` counts one row of whole numbers from 0 on: flatten, and drop what is negative.",
    ),
    (r"[Ii]ndex 255 is out of bounds|Target 255 is out", _VOID),
    (
        r"Class values must be smaller|Target \d+ is out of bounds",
        "A label is as large as the number of classes or larger.",
    ),
    (
        r"shape '\[(.+)\]' is invalid for input of size (\d+)",
        "The tensor holds {1} numbers, and the shape ({0}) has room for another count. "
        "If they are counts of label pairs: is void (255) still among the labels?",
    ),
    (r"index .+ is out of bounds for dimension (\d+) with size (\d+)", "Axis {0} has {1} places, counted from 0."),
    (r"list index out of range", "The list is shorter than you expect: print its length."),
    (r"shapes cannot be multiplied|first two dimensions of batch2|size mismatch, got input", _PRODUCT),
    (r"expects a non-empty TensorList|non-empty list of Tensors", "The list of tensors is empty: its loop never ran."),
    (
        r"expects each tensor to be equal size|Sizes of tensors must match except",
        "`stack` joins tensors of one shape; `cat` lets them differ along the axis that it joins, and nowhere else.",
    ),
    (r"view size is not compatible", "`view` never copies, and these numbers do not lie in a row: use `reshape`."),
    (
        r"leaf Variable that requires grad",
        "A tensor that requires grad must not be changed in place: make a new one, or work under `torch.no_grad()`.",
    ),
    (
        r"modified by an inplace operation",
        "backward still needs a tensor that was changed in place: make a new one, `x = x + 1` in place of `x += 1`.",
    ),
    (
        r"backward through the graph a second time",
        "The graph was used up by the first backward: run the forward again.",
    ),
    (
        r"does not require grad and does not have a grad_fn",
        "The result does not depend on anything that requires grad: was it detached, or computed under no_grad?",
    ),
    (r"Can't call numpy\(\) on Tensor that requires grad", "No gradient passes through NumPy: stay with tensors."),
    (r"created only for scalar outputs", "backward starts from one number: take the sum or the mean first."),
    (
        r"Boolean value of Tensor",
        "`if` and `assert` need one truth, and this has many: use `.all()`, `.any()` or `torch.where`.",
    ),
    (r"could not infer output dtype|not implemented for '(Long|Int|Byte|Bool)'", _FLOATS),
    (r"only one element tensors|cannot be converted to Scalar", _ONE_NUMBER),
    (
        r"to have (\d+) channels, but got (\d+) channels",
        "The kernel reads {0} channels (axis 1 of its weight), and the image has {1}: is it (n, c, h, w)?",
    ),
    (r"[Kk]ernel size can't be greater", "The image is smaller than the kernel: pad it first."),
    (r"size of tensor a .+ must match|expanded size of the tensor", _SHAPES),
    (r"doesn't match the broadcast shape", "What is changed in place keeps its shape, and the result here is larger."),
    (r"values to unpack", "On the right stand more or fewer values than names on the left: print what stands there."),
    (r"Dimension out of range", "The tensor has fewer axes than that: print its shape."),
    (
        r"used as indices must be long|only integers, slices",
        "Indices are whole numbers: `.long()`, or `//` in place of `/`.",
    ),
    (r"condition to be a boolean tensor", "`torch.where` chooses by a comparison, such as `x > 0`."),
    (r"step must be greater than zero", "A tensor has no slices that run backwards: `.flip(0)`."),
    (r"NoneType", "None came where a tensor should be: does a function end without `return`?"),
    (
        r"must be Tensor, not (list|tuple|float|int)",
        "A {0} came where a tensor should be: `torch.tensor(…)` makes one.",
    ),
    (
        r"'(list|tuple)' object has no attribute",
        "A {0} came where a tensor should be: `torch.stack(…)` makes one of many.",
    ),
    (
        r"'(float|int)' object has no attribute",
        "A plain number came where a tensor should be: `.item()` ends the graph.",
    ),
    (r"before Module\.__init__\(\) call", "`super().__init__()` comes first in `__init__`."),
    (
        r"division by zero|ZeroDivisionError",
        "The denominator can be 0. Tensors divide 0 by 0 to NaN, Python numbers do not.",
    ),
)


def explained(message: str) -> str:
    """What an error's message means for a student, as a sentence; empty where none is known."""
    for pattern, sentence in _SENTENCES:
        match = re.search(pattern, message)
        if match:
            return sentence.format(*match.groups())
    return ""
