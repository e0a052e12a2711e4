"""Convolution, dilated convolution and the transpose: sizes, matrices, and several ways to compute the same numbers.

As in torch, "convolution" here means cross-correlation: output[y] = sum over taps t of kernel[t] * input[y + t].
The convolution of mathematics flips the kernel first: `numpy.convolve(signal, kernel)` is ours with `kernel.flip(0)`.

Read the files in this order:

- `sizes`: how many pixels come out of a convolution, and out of a transposed one.
- `matrix`: the convolution of a signal or an image written out as a matrix; a dilated kernel as one with zeros in it.
- `dilated`: dilated convolution by its definition, by zeros in the kernel, by its matrix.
- `transposed`: transposed convolution by scattering, by the transposed matrix, by zero insertion, by the gradient.
- `overlap`: how many terms each output pixel sums, which is where checkerboards come from; resizing first instead; the
  kernel with which a transposed convolution starts as bilinear upsampling.
- `arguments`: the arguments of a transposed convolution, checked.

Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285.
"""

from course.lazy import exports

__getattr__, __dir__, __all__ = exports(
    __name__,
    {
        "dilated": "dilated_by_definition dilated_by_matrix dilated_by_zero_insertion",
        "matrix": "conv_matrix_1d conv_matrix_2d dilate_kernel",
        "overlap": "bilinear_weight overlap_counts resize_convolution_matrix",
        "sizes": "conv_output_size transposed_output_size",
        "transposed": "transposed_by_gradient transposed_by_matrix transposed_by_scatter transposed_by_zero_insertion",
    },
)
