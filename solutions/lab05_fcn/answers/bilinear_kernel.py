"""Wrong and right answers to `bilinear_kernel`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "bilinear_kernel",
        "float64 taps",
        fails="the_taps_are_those_of_a_triangle",
        says="dtype torch.float64, wanted torch.float32",
        edits=(("torch.arange(k)", "torch.arange(k, dtype=torch.float64)"),),
        alone=True,
    ),
    Wrong(
        "bilinear_kernel",
        "the kernel of the first call",
        fails="it_has_good_manners",
        says="remembered from the first call",
        source="""
found = []


def bilinear_kernel(channels, factor):
    if not found:
        k = 2 * factor - factor % 2
        taps = 1 - (torch.arange(k) - (k - 1) / 2).abs() / factor
        found.append(torch.eye(channels)[:, :, None, None] * taps[:, None] * taps)
    return found[0]
""",
    ),
    Wrong(
        "bilinear_kernel",
        "always twice the factor in taps",
        fails="an_odd_factor_interpolates",
        says="factor % 2 taps",
        edits=(("2 * factor - factor % 2", "2 * factor"),),
    ),
    Wrong(
        "bilinear_kernel",
        "the triangle's tip on a tap, also when their number is even",
        fails="an_even_factor_interpolates",
        says="interpolate bilinearly",
        edits=(("(k - 1) / 2", "k // 2"),),
    ),
    Wrong(
        "bilinear_kernel",
        "every class gets every other",
        fails="every_class_keeps_to_itself",
        says="zeros elsewhere",
        edits=(("torch.eye(channels)", "torch.ones(channels, channels)"),),
    ),
    Wrong(
        "bilinear_kernel",
        "normalized to a sum of 1",
        fails="the_taps_are_those_of_a_triangle",
        says="The taps are",
        edits=(("    return torch.eye", "    taps = taps / taps.sum()\n    return torch.eye"),),
    ),
    Wrong(
        "bilinear_kernel",
        "a grouped kernel, one plane a class",
        fails="every_class_keeps_to_itself",
        says="each pair of channels",
        edits=(("torch.eye(channels)[:, :, None, None]", "torch.ones(channels, 1, 1, 1)"),),
    ),
]

RIGHT = [
    Right(
        "bilinear_kernel",
        "loops, as in the authors' code",
        """
def bilinear_kernel(channels, factor):
    size = 2 * factor - factor % 2
    center = factor - 1 if size % 2 == 1 else factor - 0.5
    weight = torch.zeros(channels, channels, size, size)
    for i in range(size):
        for j in range(size):
            value = (1 - abs(i - center) / factor) * (1 - abs(j - center) / factor)
            for c in range(channels):
                weight[c, c, i, j] = value
    return weight
""",
    ),
    Right(
        "bilinear_kernel",
        "a box convolved with a box",
        """
def bilinear_kernel(channels, factor):
    box = torch.ones(1, 1, factor) / factor
    taps = F.conv1d(F.pad(torch.ones(1, 1, factor), (factor, factor)), box)[0, 0]
    if factor % 2 == 0:
        taps = (taps[1:] + taps[:-1]) / 2
    taps = taps[taps > 1e-6]
    plane = torch.einsum("i,j->ij", taps, taps)
    return torch.diag_embed(plane.expand(channels, -1, -1).permute(1, 2, 0)).permute(2, 3, 0, 1)
""",
    ),
]
