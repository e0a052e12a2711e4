"""Wrong and right answers to `taps`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "taps",
        "float32 on the way",
        fails="they_are_computed_in_float64",
        says="Not all digits are right",
        alone=True,
        edits=(
            ("dtype=torch.float64", "dtype=torch.float32"),
            ("    return weights", "    return weights.double()"),
        ),
    ),
    Wrong(
        "taps",
        "a table of taps by factor, whatever the kernel",
        fails="they_are_the_taps_that_pillow_uses",
        says="is not the filter that Pillow enlarges with",
        source="""
TABLE = {}

def taps(kernel, factor):
    if factor not in TABLE:
        curve = KERNELS[kernel]
        first = 0.0 if factor % 2 else 0.5
        right = torch.arange(first, curve.support * factor, dtype=torch.float64)
        weights = curve(torch.cat([-right, right]).unique() / factor)
        for phase in range(factor):
            weights[phase::factor] /= weights[phase::factor].sum()
        TABLE[factor] = weights
    return TABLE[factor]
""",
    ),
    Wrong(
        "taps",
        "phases not divided by their sums",
        fails="every_phase_sums_to_one",
        says="grey wall gets stripes",
        edits=(("/= weights[phase::factor].sum()", "/= 1"),),
    ),
    Wrong(
        "taps",
        "all divided by the sum of all",
        fails="every_phase_sums_to_one",
        says="must add up to 1",
        edits=(
            ("for phase in range(factor):", "for _ in range(1):"),
            (
                "weights[phase::factor] /= weights[phase::factor].sum()",
                "weights = weights / weights.sum() * factor",
            ),
        ),
    ),
    Wrong(
        "taps",
        "a tap on the sample, whatever the factor (aligned corners)",
        fails="an_even_factor_reads_the_kernel_beside_the_sample",
        says="±½, ±1½",
        edits=(("0.0 if factor % 2 else 0.5", "0.0"),),
    ),
    Wrong(
        "taps",
        "no tap on the sample, whatever the factor",
        fails="an_odd_factor_has_a_tap_on_the_sample",
        says="the length is odd",
        edits=(("0.0 if factor % 2 else 0.5", "0.5"),),
    ),
    Wrong(
        "taps",
        "the distance not divided by the factor",
        fails="an_even_factor_reads_the_kernel_beside_the_sample",
        says="divided by",
        edits=((".unique() / factor)", ".unique())"),),
    ),
    Wrong(
        "taps",
        "zeros at both ends are kept",
        fails="places_outside_of_the_support_are_left_out",
        says="as many taps",
        edits=(("curve.support * factor,", "curve.support * factor + 1,"),),
    ),
    Wrong(
        "taps",
        "always the triangle",
        fails="they_are_the_taps_that_pillow_uses",
        says="Pillow enlarges",
        edits=(("KERNELS[kernel]", 'KERNELS["triangle"]'),),
    ),
    Wrong(
        "taps",
        "float32",
        fails="they_are_computed_in_float64",
        says="wanted torch.float64",
        alone=True,
        edits=(("    return weights", "    return weights.float()"),),
    ),
]

RIGHT = [
    Right(
        "taps",
        "the length first",
        """
def taps(kernel, factor):
    curve = KERNELS[kernel]
    length = max(n for n in range(1, 1000) if n % 2 == factor % 2 and (n - 1) / 2 / factor < curve.support)
    t = (torch.arange(length).double() - (length - 1) / 2) / factor
    w = curve(t)
    sums = torch.stack([w[i % factor :: factor].sum() for i in range(length)])
    return w / sums
""",
    ),
    Right(
        "taps",
        "from the right half, mirrored",
        """
def taps(kernel, factor):
    curve = KERNELS[kernel]
    half = []
    t = 0.0 if factor % 2 else 0.5
    while t / factor < curve.support:
        half.append(curve(torch.tensor(t / factor, dtype=torch.float64)).item())
        t += 1
    whole = half[::-1] + (half[1:] if factor % 2 else half)
    return torch.tensor([w / sum(whole[i % factor :: factor]) for i, w in enumerate(whole)], dtype=torch.float64)
""",
    ),
]
