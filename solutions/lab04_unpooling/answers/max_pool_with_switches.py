"""Wrong and right answers to `max_pool_with_switches`."""

from autograder.audit.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "max_pool_with_switches",
        "a maximum that starts from -1000",
        fails="it_keeps_the_largest_number_of_each_window",
        says="where the numbers are",
        edits=(
            ("pooled, corner = corners[0]", "pooled, corner = corners[0].clamp(min=-1000)"),
        ),
    ),
    Wrong(
        "max_pool_with_switches",
        "windows by view, which needs memory in order",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        source="""
def max_pool_with_switches(x):
    n, c, h, w = x.shape
    a, b = h // 2, w // 2
    planes = x.view(n * c, h, w)[:, : 2 * a, : 2 * b]
    windows = planes.reshape(n, c, a, 2, b, 2).transpose(3, 4).flatten(4)
    corner = (windows == windows.amax(-1, keepdim=True)).int().argmax(-1)
    rows = 2 * torch.arange(a)[:, None] + corner // 2
    pooled = windows.gather(-1, corner[..., None])[..., 0]
    return pooled, rows * w + 2 * torch.arange(b) + corner % 2
""",
    ),
    Wrong(
        "max_pool_with_switches",
        "the last of equal numbers wins",
        fails="of_equal_numbers_the_first_wins",
        says="the first one in reading order",
        edits=(("corners[k] > pooled", "corners[k] >= pooled"),),
    ),
    Wrong(
        "max_pool_with_switches",
        "rows multiplied by the cut width",
        fails="odd_sizes_leave_the_last_row_and_column_out",
        says="full width of the plane",
        edits=(("y * w +", "y * (2 * columns) +"),),
    ),
    Wrong(
        "max_pool_with_switches",
        "rows multiplied by the height",
        fails="switches_number_the_pixels_of_a_plane_row_by_row",
        says="row · width + column",
        edits=(("y * w +", "y * h +"),),
    ),
    Wrong(
        "max_pool_with_switches",
        "row and column swapped in the switch",
        fails="switches_number_the_pixels_of_a_plane_row_by_row",
        says="row · width + column",
        edits=(("y * w + x_position", "x_position * w + y"),),
    ),
    Wrong(
        "max_pool_with_switches",
        "the place inside the window instead of in the plane",
        fails="switches_number_the_pixels_of_a_plane_row_by_row",
        says="row · width + column",
        edits=(("return pooled, y * w + x_position", "return pooled, corner"),),
    ),
    Wrong(
        "max_pool_with_switches",
        "running numbers over the whole batch",
        fails="planes_and_pictures_are_counted_separately",
        says="start anew at 0 in every plane",
        edits=(
            (
                "return pooled, y * w + x_position",
                "n, c = x.shape[:2]\n    plane = torch.arange(n * c).reshape(n, c, 1, 1) * h * w\n"
                "    return pooled, plane + y * w + x_position",
            ),
        ),
    ),
    Wrong(
        "max_pool_with_switches",
        "only the maxima are returned",
        fails="it_keeps_the_largest_number_of_each_window",
        says="the maximum of each",
        edits=(("return pooled, y * w + x_position", "return pooled"),),
    ),
    Wrong(
        "max_pool_with_switches",
        "plain numbers put into a new tensor",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        source="""
def max_pool_with_switches(x):
    n, c, h, w = x.shape
    pooled = torch.zeros(n, c, h // 2, w // 2, dtype=x.dtype)
    switches = torch.zeros(n, c, h // 2, w // 2, dtype=torch.int64)
    for i in range(n):
        for j in range(c):
            for y in range(h // 2):
                for z in range(w // 2):
                    window = x[i, j, 2 * y : 2 * y + 2, 2 * z : 2 * z + 2].flatten().tolist()
                    k = window.index(max(window))
                    pooled[i, j, y, z] = window[k]
                    switches[i, j, y, z] = (2 * y + k // 2) * w + 2 * z + k % 2
    return pooled, switches
""",
    ),
]

RIGHT = [
    Right(
        "max_pool_with_switches",
        "windows by unfold, argmax over the four",
        """
def max_pool_with_switches(x):
    h, w = x.shape[-2:]
    windows = x.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
    best = windows.max(-1, keepdim=True).values
    corner = (windows == best).to(torch.uint8).argmax(-1)
    n, c, a, b = corner.shape
    switches = torch.empty(n, c, a, b, dtype=torch.int64)
    for y in range(a):
        for z in range(b):
            k = corner[:, :, y, z]
            switches[:, :, y, z] = (2 * y + k // 2) * w + 2 * z + k % 2
    return best.squeeze(-1), switches
""",
    ),
    Right(
        "max_pool_with_switches",
        "four plain loops",
        """
def max_pool_with_switches(x):
    n, c, h, w = x.shape
    pooled = torch.zeros(n, c, h // 2, w // 2, dtype=x.dtype)
    switches = torch.zeros(n, c, h // 2, w // 2, dtype=torch.long)
    for b in range(n):
        for k in range(c):
            for y in range(h // 2):
                for z in range(w // 2):
                    best = None
                    for i in range(2 * y, 2 * y + 2):
                        for j in range(2 * z, 2 * z + 2):
                            if best is None or x[b, k, i, j] > best:
                                best, place = x[b, k, i, j], i * w + j
                    pooled[b, k, y, z], switches[b, k, y, z] = best, place
    return pooled, switches
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "max_pool_with_switches",
        "h, w = x.shape[2:]",
        "x has four dimensions: the last two are those from 2 on",
    ),
    Equivalent(
        "max_pool_with_switches",
        "torch.zeros_like(corners[1]",
        "all four corners have one shape",
    ),
    Equivalent(
        "max_pool_with_switches",
        "torch.zeros_like(corners[-1]",
        "all four corners have one shape",
    ),
]
