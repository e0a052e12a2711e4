import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course.ops.resampling import Kernel, box, gaussian, keys, lanczos, mitchell, resize, resize_matrix, triangle

EVERY_KERNEL = [box(), triangle(), keys(-0.5), keys(-0.75), mitchell(), lanczos(3), lanczos(5), gaussian()]

kernels = st.sampled_from(EVERY_KERNEL)
lengths = st.integers(1, 23)


@pytest.mark.parametrize("antialias", [False, True])
@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("size", [(5, 80), (70, 3), (66, 66)], ids=str)
def test_resize_is_the_product_with_its_two_matrices(align_corners, antialias, size):
    image = torch.rand(2, 41, 67, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    grid = {"align_corners": align_corners, "antialias": antialias, "dtype": torch.float64}
    for kernel in EVERY_KERNEL:
        rows = resize_matrix(41, size[0], kernel, **grid)
        columns = resize_matrix(67, size[1], kernel, **grid)
        assert rows.shape == (size[0], 41)
        ours = resize(image, size, kernel, align_corners=align_corners, antialias=antialias)
        assert torch.allclose(ours, torch.einsum("ah,nhw,bw->nab", rows, image, columns), atol=1e-12)


def test_the_matrix_of_a_small_case_by_hand():
    assert resize_matrix(2, 4, triangle()).tolist() == [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]]
    assert resize_matrix(4, 2, box()).tolist() == [[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]]
    assert resize_matrix(4, 2, box(), antialias=False).tolist() == [[0, 1, 0, 0], [0, 0, 0, 1]]
    assert resize_matrix(3, 5, triangle(), align_corners=True)[1].tolist() == [0.5, 0.5, 0]


@given(kernel=kernels, n_in=lengths, n_out=lengths, align_corners=st.booleans(), antialias=st.booleans())
@settings(deadline=None, max_examples=50)
def test_every_row_of_the_matrix_sums_to_one(kernel, n_in, n_out, align_corners, antialias):
    matrix = resize_matrix(n_in, n_out, kernel, align_corners=align_corners, antialias=antialias, dtype=torch.float64)
    assert torch.allclose(matrix.sum(1), torch.ones(n_out, dtype=torch.float64), atol=1e-12)


@given(kernel=kernels, n=lengths, align_corners=st.booleans(), antialias=st.booleans())
@settings(deadline=None, max_examples=25)
def test_the_same_size_is_the_same_picture_for_kernels_that_pass_through_the_samples(
    kernel, n, align_corners, antialias
):
    matrix = resize_matrix(n, n, kernel, align_corners=align_corners, antialias=antialias, dtype=torch.float64)
    passes_through = kernel.name.startswith(("box", "triangle", "keys", "lanczos"))
    assert not passes_through or torch.allclose(matrix, torch.eye(n, dtype=torch.float64), atol=1e-12)


@given(kernel=st.sampled_from(EVERY_KERNEL[1:]), n_in=lengths, n_out=lengths, align_corners=st.booleans())
@settings(deadline=None, max_examples=25)
def test_a_mirrored_picture_gives_the_mirrored_result(kernel, n_in, n_out, align_corners):
    if align_corners and n_out == 1:
        return  # a single aligned pixel is the first one, by convention
    for antialias in (False, True):
        matrix = resize_matrix(
            n_in, n_out, kernel, align_corners=align_corners, antialias=antialias, dtype=torch.float64
        )
        assert torch.allclose(matrix, matrix.flip(0, 1), atol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: resize_matrix(0, 4, box()), "n_in is 0; wanted a whole number of at least 1"),
        (
            lambda: resize_matrix(3, 6, Kernel("needle", 0.1, lambda x: (x.abs() <= 0.1).to(x))),
            "needle reaches no pixel from some of 6 out of 3; wanted a wider kernel",
        ),
    ],
)
def test_a_wrong_argument_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
