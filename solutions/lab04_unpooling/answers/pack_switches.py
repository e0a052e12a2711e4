"""Wrong and right answers to `pack_switches`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
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
        edits=(("2 * (switches // w % 2) + switches % w % 2", "switches % 4"),),
    ),
    Wrong(
        "pack_switches",
        "the column's parity read off the switch itself",
        fails="odd_widths_are_read_right",
        says="odd width",
        edits=(("switches % w % 2", "switches % 2"),),
    ),
    Wrong(
        "pack_switches",
        "rows as long as the plane is high",
        fails="odd_widths_are_read_right",
        says="odd width",
        edits=(("w = size[1]", "w = size[0]"),),
    ),
    Wrong(
        "pack_switches",
        "windows beyond a multiple of four are dropped",
        fails="the_last_byte_is_filled_up_with_zeros",
        says="fill the last byte up",
        edits=(
            (
                "F.pad(corner.flatten(), (0, -corner.numel() % 4))",
                "corner.flatten()[: corner.numel() // 4 * 4]",
            ),
        ),
    ),
    Wrong(
        "pack_switches",
        "one byte a window",
        fails="four_windows_make_one_byte",
        says="Four windows fit into one byte",
        source="""
def pack_switches(switches, size):
    w = size[1]
    return (2 * (switches // w % 2) + switches % w % 2).flatten().to(torch.uint8)
""",
    ),
]

RIGHT = [
    Right(
        "pack_switches",
        "a loop with shifts",
        """
def pack_switches(switches, size):
    packed = []
    for i, s in enumerate(switches.flatten().tolist()):
        row, column = divmod(s, size[1])
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
def pack_switches(switches, size):
    import numpy as np

    s = switches.numpy().reshape(-1)
    bits = np.stack([s % size[1] % 2, s // size[1] % 2], axis=1).reshape(-1)
    return torch.from_numpy(np.packbits(bits.astype(np.uint8), bitorder="little"))
""",
    ),
]
