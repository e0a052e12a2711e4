"""Wrong and right answers to `cut_windows`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "cut_windows",
        "as many rows as columns, for a street is never taller than wide",
        fails="pictures_of_any_height_and_width_will_do",
        says="pixels are not right",
        edits=(("range(0, h - size + 1, stride)", "range(0, min(h, w) - size + 1, stride)"),),
    ),
    Wrong(
        "cut_windows",
        "copied into a table of zeros: always float32",
        fails="float64_is_computed_in_float64",
        says="wanted torch.float64",
        alone=True,
        source="""
def cut_windows(image, size, stride):
    c, h, w = image.shape
    rows, columns = (h - size) // stride + 1, (w - size) // stride + 1
    out = torch.zeros(rows, columns, c, size, size)
    for i in range(rows):
        for j in range(columns):
            y, x = i * stride, j * stride
            out[i, j] = image[:, y : y + size, x : x + size]
    return out
""",
    ),
    Wrong(
        "cut_windows",
        "numpy's sliding windows",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        source="""
def cut_windows(image, size, stride):
    import numpy as np

    views = np.lib.stride_tricks.sliding_window_view(image.numpy(), (size, size), axis=(1, 2))
    return torch.from_numpy(np.moveaxis(views[:, ::stride, ::stride], 0, 2).copy())
""",
    ),
    Wrong(
        "cut_windows",
        "the same window written again and again",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="must begin at row i",
        source="""
def cut_windows(image, size, stride):
    c, h, w = image.shape
    window, windows = torch.empty(c, size, size, dtype=image.dtype), []
    for y in range(0, h - size + 1, stride):
        windows.append([])
        for x in range(0, w - size + 1, stride):
            window[:] = image[:, y : y + size, x : x + size]
            windows[-1].append(window)
    return torch.stack([torch.stack(row) for row in windows])
""",
    ),
    Wrong(
        "cut_windows",
        "the last window is lost",
        fails="a_last_window_that_fits_is_there",
        says="still fits",
        edits=(("w - size + 1", "w - size"), ("h - size + 1", "h - size")),
    ),
    Wrong(
        "cut_windows",
        "height and width swapped",
        fails="pictures_of_any_height_and_width_will_do",
        says="pixels are not right",
        edits=(("h, w = image.shape[-2:]", "w, h = image.shape[-2:]"),),
    ),
    Wrong(
        "cut_windows",
        "every window, the stride forgotten",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="rows, columns",
        edits=(("+ 1, stride)", "+ 1)"),),
    ),
    Wrong(
        "cut_windows",
        "one long row of windows",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="rows, columns",
        edits=(("return torch.stack(windows)", "return torch.cat(windows)"),),
    ),
    Wrong(
        "cut_windows",
        "columns before rows",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="rows, columns",
        edits=(("return torch.stack(windows)", "return torch.stack(windows, 1)"),),
    ),
    Wrong(
        "cut_windows",
        "a zero border, so that every pixel has a window",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="rows, columns",
        edits=(
            (
                "h, w = image.shape[-2:]",
                "image = F.pad(image, (size // 2,) * 4)\n    h, w = image.shape[-2:]",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "cut_windows",
        "filled window by window",
        """
def cut_windows(image, size, stride):
    c, h, w = image.shape
    rows, columns = (h - size) // stride + 1, (w - size) // stride + 1
    out = image.new_empty(rows, columns, c, size, size)
    for i in range(rows):
        for j in range(columns):
            y, x = i * stride, j * stride
            out[i, j] = image[:, y : y + size, x : x + size]
    return out
""",
    ),
    Right(
        "cut_windows",
        "an index for each pixel of each window",
        """
def cut_windows(image, size, stride):
    inside = torch.arange(size)
    y = torch.arange(0, image.shape[1] - size + 1, stride)[:, None] + inside
    x = torch.arange(0, image.shape[2] - size + 1, stride)[:, None] + inside
    return image[:, y[:, None, :, None], x[None, :, None, :]].movedim(0, 2)
""",
    ),
]
