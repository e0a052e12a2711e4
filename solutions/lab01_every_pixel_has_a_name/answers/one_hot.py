"""Wrong and right answers to `one_hot`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "one_hot",
        "void is renamed in the caller's map",
        fails="it_has_good_manners",
        says="target changed in place",
        alone=True,
        source="""
def one_hot(target, num_classes):
    target[target == 255] = num_classes
    return torch.eye(num_classes + 1)[target].movedim(-1, 1)[:, :num_classes]
""",
    ),
    Wrong(
        "one_hot",
        "height and width swapped",
        fails="plane_c_is_1_where_the_label_is_c",
        says="the classes second",
        edits=((").float()", ").float().mT"),),
    ),
    Wrong(
        "one_hot",
        "laid flat by view",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        source="""
def one_hot(target, num_classes):
    n, h, w = target.shape
    flat = target.view(n, 1, h * w) == torch.arange(num_classes).view(1, -1, 1)
    return flat.float().view(n, num_classes, h, w)
""",
    ),
    Wrong(
        "one_hot",
        "the classes come last",
        fails="plane_c_is_1_where_the_label_is_c",
        says="the classes second",
        source="""
def one_hot(target, num_classes):
    return (target[..., None] == torch.arange(num_classes)).float()
""",
    ),
    Wrong(
        "one_hot",
        "void is counted as the last class",
        fails="void_is_in_no_plane",
        says="must be 0 in every plane",
        edits=(("target[:, None] ==", "target.clamp(max=num_classes - 1)[:, None] =="),),
    ),
    Wrong(
        "one_hot",
        "as many planes as the largest label that occurs",
        fails="classes_that_do_not_occur_keep_their_planes",
        says="keeps its plane",
        edits=(("torch.arange(num_classes, ", "torch.arange(target.max() + 1, "),),
    ),
    Wrong(
        "one_hot",
        "the planes stay bool",
        fails="plane_c_is_1_where_the_label_is_c",
        says="floats",
        edits=((".float()", ""),),
    ),
    Wrong(
        "one_hot",
        "a look-up table that void does not fit into",
        fails="void_is_in_no_plane",
        says="raised IndexError",
        source="""
def one_hot(target, num_classes):
    return torch.eye(num_classes)[target].permute(0, 3, 1, 2)
""",
    ),
]

RIGHT = [
    Right(
        "one_hot",
        "a stack of comparisons",
        """
def one_hot(target, num_classes):
    return torch.stack([target == c for c in range(num_classes)], dim=1).to(torch.float32)
""",
    ),
    Right(
        "one_hot",
        "scatter into planes with one more for void",
        """
def one_hot(target, num_classes):
    n, h, w = target.shape
    planes = torch.zeros(n, num_classes + 1, h, w)
    planes.scatter_(1, target.clamp(max=num_classes).unsqueeze(1), 1.0)
    return planes[:, :num_classes]
""",
    ),
    Right(
        "one_hot",
        "rows of the identity, void a row of zeros",
        """
def one_hot(target, num_classes):
    rows = torch.zeros(256, num_classes)
    rows[range(num_classes), range(num_classes)] = 1
    return rows[target].movedim(-1, 1).contiguous()
""",
    ),
]
