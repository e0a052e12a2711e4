"""Wrong and right answers of Lab 4."""

from autograder.answers import Equivalent, Right, Wrong

WRONG = [
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
        fails="planes_and_pictures_are_counted_separately",
        says="height and width differ",
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
        fails="it_keeps_the_largest_number_of_each_window",
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
    Wrong(
        "max_unpool",
        "values copied one by one as plain numbers",
        fails="values_return_to_the_places_of_the_maxima",
        says=".item()",
        source="""
def max_unpool(values, switches, size):
    n, c, a, b = values.shape
    out = torch.zeros(n, c, *size, dtype=values.dtype)
    for i in range(n):
        for j in range(c):
            for y in range(a):
                for x in range(b):
                    row, column = divmod(switches[i, j, y, x].item(), size[1])
                    out[i, j, row, column] = values[i, j, y, x].item()
    return out
""",
    ),
    Wrong(
        "max_unpool",
        "always the upper left corner (bed of nails)",
        fails="values_return_to_the_places_of_the_maxima",
        says="where its switch points",
        source="""
def max_unpool(values, switches, size):
    out = values.new_zeros(*values.shape[:2], *size)
    a, b = values.shape[-2:]
    out[..., : 2 * a : 2, : 2 * b : 2] = values
    return out
""",
    ),
    Wrong(
        "max_unpool",
        "the size is always twice the small one",
        fails="the_result_has_the_size_that_was_asked_for",
        says="raised",
        edits=(("h, w = size", "h, w = 2 * values.shape[2], 2 * values.shape[3]"),),
    ),
    Wrong(
        "max_unpool",
        "always float32",
        fails="other_values_can_travel_with_the_same_switches",
        says="dtype",
        edits=(
            ("values.new_zeros(n, c, h * w)", "torch.zeros(n, c, h * w)"),
            ("values.flatten(2))", "values.flatten(2).float())"),
        ),
    ),
    Wrong(
        "max_unpool",
        "height and width swapped",
        fails="the_result_has_the_size_that_was_asked_for",
        says="odd size",
        edits=(("h, w = size", "w, h = size"),),
    ),
    Wrong(
        "max_unpool",
        "negative values are lost",
        fails="other_values_can_travel_with_the_same_switches",
        says="negative ones too",
        edits=(("values.flatten(2))", "values.flatten(2).clamp(min=0))"),),
    ),
    Wrong(
        "pack_switches",
        "the first window in the highest bits",
        fails="the_first_window_stands_in_the_lowest_bits",
        says="first window in the lowest bits",
        edits=(("[1, 4, 16, 64]", "[64, 16, 4, 1]"),),
    ),
    Wrong(
        "pack_switches",
        "the switch modulo 4 taken for the corner",
        fails="the_first_window_stands_in_the_lowest_bits",
        says="k0 + 4·k1",
        edits=(("2 * (switches // width % 2) + switches % width % 2", "switches % 4"),),
    ),
    Wrong(
        "pack_switches",
        "the column's parity read off the switch itself",
        fails="odd_widths_are_read_right",
        says="odd width",
        edits=(("switches % width % 2", "switches % 2"),),
    ),
    Wrong(
        "pack_switches",
        "windows beyond a multiple of four are dropped",
        fails="the_last_byte_is_filled_up_with_zeros",
        says="fill the last byte up",
        edits=(("F.pad(corner.flatten(), (0, -corner.numel() % 4))", "corner.flatten()[: corner.numel() // 4 * 4]"),),
    ),
    Wrong(
        "pack_switches",
        "one byte a window",
        fails="four_windows_make_one_byte",
        says="Four windows fit into one byte",
        source="""
def pack_switches(switches, width):
    return (2 * (switches // width % 2) + switches % width % 2).flatten().to(torch.uint8)
""",
    ),
    Wrong(
        "unpack_switches",
        "the bytes read from the highest bits",
        fails="bytes_come_back_as_switches",
        says="row · width + column",
        edits=(("[1, 4, 16, 64]", "[64, 16, 4, 1]"),),
    ),
    Wrong(
        "unpack_switches",
        "the corners are returned",
        fails="bytes_come_back_as_switches",
        says="row · width + column",
        edits=(("return row * width + column", "return corner"),),
    ),
    Wrong(
        "unpack_switches",
        "the width taken as twice the number of windows",
        fails="an_odd_plane_comes_back_too",
        says="also when the width is odd",
        edits=(("row * width", "row * (2 * b)"),),
    ),
    Wrong(
        "unpack_switches",
        "the filling is kept",
        fails="the_filling_of_the_last_byte_is_dropped",
        says="",
        edits=(("[: n * c * a * b].reshape(shape)", ".reshape(-1, a, b)"),),
    ),
    Wrong(
        "SegNetBlock",
        "a bias beside the normalisation's",
        fails="it_has_the_parameters_of_the_paper",
        says="no bias",
        edits=(("padding=1, bias=False", "padding=1"),),
    ),
    Wrong(
        "SegNetBlock",
        "nearest upsampling instead of the switches",
        fails="values_go_where_the_switches_point",
        says="unpooled by its switches",
        edits=(("unpooling.max_unpool(values, switches, size)", "F.interpolate(values, size)"),),
    ),
    Wrong(
        "SegNetBlock",
        "no ReLU",
        fails="relu_comes_last",
        says="ReLU comes after",
        edits=(("F.relu(self.norm(", "(self.norm("),),
    ),
    Wrong(
        "SegNetBlock",
        "ReLU before the normalisation",
        fails="relu_comes_last",
        says="ReLU comes after",
        edits=(("F.relu(self.norm(self.conv(", "self.norm(F.relu(self.conv("),),
    ),
    Wrong(
        "SegNetBlock",
        "the normalisation is frozen",
        fails="it_normalises_by_the_batch_while_training",
        says="batch's own mean",
        edits=(("return F.relu(", "self.norm.eval()\n        return F.relu("),),
    ),
    Wrong(
        "SegNetBlock",
        "convolution before unpooling",
        fails="values_go_where_the_switches_point",
        says="unpooled by its switches, then",
        edits=(
            (
                "self.norm(self.conv(unpooling.max_unpool(values, switches, size)))",
                "self.norm(unpooling.max_unpool(self.conv(values), switches[:, :1].expand(-1, 4, -1, -1), size))",
            ),
        ),
    ),
    Wrong(
        "DeconvNetBlock",
        "a plain convolution",
        fails="it_has_the_parameters_of_the_paper",
        says="wanted",
        edits=(("nn.ConvTranspose2d", "nn.Conv2d"),),
    ),
    Wrong(
        "DeconvNetBlock",
        "no padding: the map grows by two",
        fails="values_go_where_the_switches_point",
        says="shape",
        edits=(("padding=1, ", ""),),
    ),
    Wrong(
        "DeconvNetBlock",
        "stride 2 upsamples a second time",
        fails="values_go_where_the_switches_point",
        says="shape",
        edits=(("padding=1, ", "padding=1, stride=2, "),),
    ),
    Wrong(
        "DeconvNetBlock",
        "no normalisation",
        fails="it_has_the_parameters_of_the_paper",
        says="learns",
        edits=(("self.norm = nn.BatchNorm2d(outside)", "self.norm = nn.Identity()"),),
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
    Right(
        "max_unpool",
        "rows and columns, advanced indexing",
        """
def max_unpool(values, switches, size):
    n, c, a, b = values.shape
    out = torch.zeros((n, c, *size), dtype=values.dtype, device=values.device)
    batch = torch.arange(n).view(n, 1, 1, 1)
    channel = torch.arange(c).view(1, c, 1, 1)
    out[batch, channel, switches // size[1], switches % size[1]] = values
    return out
""",
    ),
    Right(
        "max_unpool",
        "one long vector and put_",
        """
def max_unpool(values, switches, size):
    n, c = values.shape[:2]
    plane = size[0] * size[1]
    offset = torch.arange(n * c).reshape(n, c, 1, 1) * plane
    out = torch.zeros(n * c * plane, dtype=values.dtype)
    out[(switches + offset).reshape(-1)] = values.reshape(-1)
    return out.view(n, c, *size)
""",
    ),
    Right(
        "pack_switches",
        "a loop with shifts",
        """
def pack_switches(switches, width):
    packed = []
    for i, s in enumerate(switches.flatten().tolist()):
        row, column = divmod(s, width)
        if i % 4 == 0:
            packed.append(0)
        packed[-1] |= ((row & 1) << 1 | (column & 1)) << 2 * (i % 4)
    return torch.tensor(packed, dtype=torch.uint8)
""",
    ),
    Right(
        "pack_switches",
        "numpy's packbits",
        """
def pack_switches(switches, width):
    import numpy as np

    s = switches.numpy().reshape(-1)
    bits = np.stack([s % width % 2, s // width % 2], axis=1).reshape(-1)
    return torch.from_numpy(np.packbits(bits.astype(np.uint8), bitorder="little"))
""",
    ),
    Right(
        "unpack_switches",
        "a loop over the windows",
        """
def unpack_switches(packed, shape, width):
    n, c, a, b = shape
    out = torch.zeros(n * c, a, b, dtype=torch.int64)
    i = 0
    for plane in range(n * c):
        for y in range(a):
            for z in range(b):
                k = int(packed[i // 4]) >> 2 * (i % 4) & 3
                out[plane, y, z] = (2 * y + (k >> 1)) * width + 2 * z + (k & 1)
                i += 1
    return out.reshape(shape)
""",
    ),
    Right(
        "unpack_switches",
        "shifts and a meshgrid",
        """
def unpack_switches(packed, shape, width):
    k = torch.stack([(packed.int() >> s) & 3 for s in (0, 2, 4, 6)], dim=1).reshape(-1)
    k = k[: torch.Size(shape).numel()].reshape(shape).long()
    y, z = torch.meshgrid(torch.arange(shape[2]), torch.arange(shape[3]), indexing="ij")
    return 2 * y * width + 2 * z + torch.where(k >= 2, width, 0) + (k & 1)
""",
    ),
    Right(
        "SegNetBlock",
        "a Sequential, and torch's unpooling",
        """
class SegNetBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(inside, outside, 3, padding="same", bias=False), nn.BatchNorm2d(outside), nn.ReLU()
        )

    def forward(self, values, switches, size):
        return self.layers(max_unpool(values, switches, size))
""",
    ),
    Right(
        "SegNetBlock",
        "padding by hand, ReLU as clamp",
        """
class SegNetBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.batch_norm = nn.BatchNorm2d(outside)
        self.weights = nn.Conv2d(inside, outside, kernel_size=(3, 3), bias=None)

    def forward(self, values, switches, size):
        large = F.pad(unpooling.max_unpool(values, switches, size), (1, 1, 1, 1))
        return self.batch_norm(self.weights(large)).clamp(min=0)
""",
    ),
    Right(
        "DeconvNetBlock",
        "a Sequential",
        """
class DeconvNetBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(inside, outside, kernel_size=3, stride=1, padding=1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )

    def forward(self, values, switches, size):
        return self.layers(max_unpool(values, switches, size))
""",
    ),
    Right(
        "DeconvNetBlock",
        "no padding, cut afterwards",
        """
class DeconvNetBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.up = nn.ConvTranspose2d(inside, outside, 3, bias=False)
        self.bn = nn.BatchNorm2d(outside)

    def forward(self, values, switches, size):
        big = self.up(unpooling.max_unpool(values, switches, size))
        return torch.relu(self.bn(big[:, :, 1:-1, 1:-1]))
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "max_pool_with_switches", "h, w = x.shape[2:]", "x has four dimensions: the last two are those from 2 on"
    ),
    Equivalent("max_pool_with_switches", "torch.zeros_like(corners[1]", "all four corners have one shape"),
    Equivalent("max_pool_with_switches", "torch.zeros_like(corners[-1]", "all four corners have one shape"),
]
