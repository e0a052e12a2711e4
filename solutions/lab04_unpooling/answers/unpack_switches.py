"""Wrong and right answers to `unpack_switches`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "unpack_switches",
        "the caller's bytes are shifted in place",
        fails="it_has_good_manners",
        says="packed changed in place",
        source="""
def unpack_switches(packed, shape, size):
    corners = []
    for _ in range(4):
        corners.append(packed % 4)
        packed >>= 2
    corner = torch.stack(corners, 1).flatten()[: shape[0] * shape[1] * shape[2] * shape[3]]
    corner = corner.long().reshape(shape)
    row = 2 * torch.arange(shape[2])[:, None] + corner // 2
    return row * size[1] + 2 * torch.arange(shape[3]) + corner % 2
""",
    ),
    Wrong(
        "unpack_switches",
        "the bytes read from the highest bits",
        fails="bytes_come_back_as_switches",
        says="row · w + column",
        edits=(("[1, 4, 16, 64]", "[64, 16, 4, 1]"),),
    ),
    Wrong(
        "unpack_switches",
        "the corners are returned",
        fails="bytes_come_back_as_switches",
        says="row · w + column",
        edits=(("return row * size[1] + column", "return corner"),),
    ),
    Wrong(
        "unpack_switches",
        "the width taken as twice the number of windows",
        fails="an_odd_plane_comes_back_too",
        says="also when the width is odd",
        edits=(("row * size[1]", "row * (2 * b)"),),
    ),
    Wrong(
        "unpack_switches",
        "rows as long as the plane is high",
        fails="an_odd_plane_comes_back_too",
        says="also when the width is odd",
        edits=(("row * size[1]", "row * size[0]"),),
    ),
    Wrong(
        "unpack_switches",
        "the filling is kept",
        fails="the_filling_of_the_last_byte_is_dropped",
        says="",
        edits=(("[: n * c * a * b].reshape(shape)", ".reshape(-1, a, b)"),),
    ),
]

RIGHT = [
    Right(
        "unpack_switches",
        "a loop over the windows",
        """
def unpack_switches(packed, shape, size):
    n, c, a, b = shape
    out = torch.zeros(n * c, a, b, dtype=torch.int64)
    i = 0
    for plane in range(n * c):
        for y in range(a):
            for z in range(b):
                k = int(packed[i // 4]) >> 2 * (i % 4) & 3
                out[plane, y, z] = (2 * y + (k >> 1)) * size[1] + 2 * z + (k & 1)
                i += 1
    return out.reshape(shape)
""",
    ),
    Right(
        "unpack_switches",
        "shifts and a meshgrid",
        """
def unpack_switches(packed, shape, size):
    k = torch.stack([(packed.int() >> s) & 3 for s in (0, 2, 4, 6)], dim=1).reshape(-1)
    k = k[: torch.Size(shape).numel()].reshape(shape).long()
    y, z = torch.meshgrid(torch.arange(shape[2]), torch.arange(shape[3]), indexing="ij")
    return 2 * y * size[1] + 2 * z + torch.where(k >= 2, size[1], 0) + (k & 1)
""",
    ),
]
