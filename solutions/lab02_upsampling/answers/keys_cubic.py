"""Wrong and right answers to `keys_cubic`."""

from autograder.audit.answers import Allowed, Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "keys_cubic",
        "number by number, as plain numbers",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        source="""
def keys_cubic(x, a):
    def weight(t):
        t = abs(t)
        if t <= 1:
            return (a + 2) * t**3 - (a + 3) * t**2 + 1
        return a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a if t < 2 else 0.0

    return torch.tensor([weight(t) for t in x.flatten().tolist()], dtype=x.dtype).reshape(x.shape)
""",
    ),
    Wrong(
        "keys_cubic",
        "|x| in place",
        fails="it_has_good_manners",
        says="x changed in place",
        alone=True,
        edits=(("x = x.abs()", "x.abs_()"),),
    ),
    Wrong(
        "keys_cubic",
        "computed in float32",
        fails="float64_is_computed_in_float64",
        says="must compute in float64",
        alone=True,
        edits=(("    x = x.abs()", "    x = x.abs().float()"),),
    ),
    Wrong(
        "keys_cubic",
        "a + 2 and a + 3 exchanged",
        fails="between_the_neighbors_it_is_the_first_piece",
        says="not the first piece",
        edits=(("(a + 2) * x**3 - (a + 3) * x**2", "(a + 3) * x**3 - (a + 2) * x**2"),),
    ),
    Wrong(
        "keys_cubic",
        "a sign lost in the second piece",
        fails="between_one_and_two_it_is_the_second_piece",
        says="not the second piece",
        edits=(("- 4 * a", "+ 4 * a"),),
    ),
    Wrong(
        "keys_cubic",
        "always a = −½",
        fails="between_the_neighbors_it_is_the_first_piece",
        says="a = ",
        edits=(("    x = x.abs()", "    a = -0.5\n    x = x.abs()"),),
    ),
    Wrong(
        "keys_cubic",
        "|x| forgotten",
        fails="left_and_right_count_the_same",
        says="that of |x|",
        edits=(("    x = x.abs()\n", ""),),
    ),
    Wrong(
        "keys_cubic",
        "the second piece never ends",
        fails="it_ends_at_two_and_meets_itself_at_one",
        says="exactly 0",
        edits=(("torch.where(x < 2, far, 0.0)", "far"),),
    ),
]

RIGHT = [
    Right(
        "keys_cubic",
        "filled in by masks",
        """
def keys_cubic(x, a):
    x, out = torch.abs(x), torch.zeros_like(x)
    near, far = x < 1, (x >= 1) & (x < 2)
    t = x[near]
    out[near] = 1 - (a + 3) * t * t + (a + 2) * t * t * t
    t = x[far]
    out[far] = a * (t - 1) * (t - 2) ** 2
    return out
""",
    ),
    Right(
        "keys_cubic",
        "Horner's form, times masks",
        """
def keys_cubic(x, a):
    t = x.abs()
    near = ((a + 2) * t - (a + 3)) * t * t + 1
    far = ((t - 5) * t + 8) * t * a - 4 * a
    return near * (t <= 1) + far * ((t > 1) & (t < 2))
""",
    ),
]

EQUIVALENT = [
    Equivalent("keys_cubic", "torch.where(x < 1, near", "at |x| = 1 both pieces are 0"),
    Equivalent(
        "keys_cubic", "torch.where(x <= 2, far", "at |x| = 2 the second piece is exactly 0"
    ),
]

ALLOWED = [
    Allowed("keys_cubic", "cuts large numbers off", "beyond a distance of 2 every weight is 0"),
]
