"""Wrong and right answers to `occlude`."""

from autograder.audit.answers import Right, Wrong

NAME = "occlude"
_WALK = "boxes_walk_over_the_image_row_by_row"
_HANG = "the_first_patches_hang_over_the_border"
_MEAN = "each_box_gets_the_mean_color_of_the_image"

WRONG = [
    Wrong(
        NAME,
        "patches begin at 0",
        fails=_HANG,
        says="begins at stride − patch",
        edits=(
            ("range(stride - patch, h, stride)", "range(0, h, stride)"),
            ("range(stride - patch, w, stride)", "range(0, w, stride)"),
        ),
    ),
    Wrong(
        NAME,
        "only patches that fit inside",
        fails=_HANG,
        says="the last one begins inside",
        edits=(
            ("range(stride - patch, h, stride)", "range(0, h - patch + 1, stride)"),
            ("range(stride - patch, w, stride)", "range(0, w - patch + 1, stride)"),
        ),
    ),
    Wrong(
        NAME,
        "boxes not clipped at the upper left",
        fails=_HANG,
        says="each box is clipped",
        edits=(
            ("max(0, left)", "left"),
            ("max(0, top)", "top"),
        ),
    ),
    Wrong(
        NAME,
        "boxes not clipped at the lower right",
        fails=_HANG,
        says="each box is clipped",
        edits=(
            ("min(w, left + patch)", "left + patch"),
            ("min(h, top + patch)", "top + patch"),
        ),
    ),
    Wrong(
        NAME,
        "boxes as (y1, x1, y2, x2)",
        fails=_WALK,
        says="(x1, y1, x2, y2)",
        edits=(("boxes.append([x1, y1, x2, y2])", "boxes.append([y1, x1, y2, x2])"),),
    ),
    Wrong(
        NAME,
        "boxes as (x, y, width, height)",
        fails=_WALK,
        says="(x1, y1, x2, y2)",
        edits=(("boxes.append([x1, y1, x2, y2])", "boxes.append([x1, y1, x2 - x1, y2 - y1])"),),
    ),
    Wrong(
        NAME,
        "column by column",
        fails=_WALK,
        says="from left to right, then down",
        source="""
def occlude(image, patch, stride):
    h, w = image.shape[1:]
    boxes, copies = [], []
    for left in range(stride - patch, w, stride):
        for top in range(stride - patch, h, stride):
            box = [max(0, left), max(0, top), min(w, left + patch), min(h, top + patch)]
            copy = image.clone()
            copy[:, box[1] : box[3], box[0] : box[2]] = image.mean((1, 2), keepdim=True)
            boxes.append(box)
            copies.append(copy)
    return torch.tensor(boxes), torch.stack(copies)
""",
    ),
    Wrong(
        NAME,
        "filled with 0",
        fails=_MEAN,
        says="mean of each channel",
        edits=(("copy[:, y1:y2, x1:x2] = mean", "copy[:, y1:y2, x1:x2] = 0 * mean"),),
    ),
    Wrong(
        NAME,
        "one mean for all channels",
        fails=_MEAN,
        says="mean of each channel",
        edits=(("image.mean((1, 2), keepdim=True)", "image.mean()"),),
    ),
    Wrong(
        NAME,
        "the mean of what is covered",
        fails=_MEAN,
        says="over the whole image",
        edits=(("x1:x2] = mean", "x1:x2] = copy[:, y1:y2, x1:x2].mean((1, 2), keepdim=True)"),),
    ),
    Wrong(
        NAME,
        "one copy, covered more and more",
        fails="outside_of_its_box_a_copy_is_the_image",
        says="Only one box",
        edits=(
            ("            copy = image.clone()\n", ""),
            (
                "    boxes, copies = [], []\n",
                "    boxes, copies = [], []\n    copy = image.clone()\n",
            ),
            ("copies.append(copy)", "copies.append(copy.clone())"),
        ),
    ),
    Wrong(
        NAME,
        "the image itself is covered",
        fails="it_has_good_manners",
        says="changed in place",
        edits=(
            ("copy = image.clone()", "copy = image"),
            ("copies.append(copy)", "copies.append(copy.clone())"),
        ),
    ),
    Wrong(
        NAME,
        "copies with a batch axis each",
        fails=_MEAN,
        says="one copy for each place",
        edits=(("torch.stack(copies)", "torch.stack(copies)[:, None]"),),
    ),
    Wrong(
        NAME,
        "boxes as floats",
        fails=_WALK,
        says="whole numbers",
        edits=(("torch.tensor(boxes)", "torch.tensor(boxes, dtype=image.dtype)"),),
    ),
    Wrong(
        NAME,
        "copies alone",
        fails=_WALK,
        says="two things",
        edits=(
            ("return torch.tensor(boxes), torch.stack(copies)", "return torch.stack(copies)"),
        ),
    ),
]

RIGHT = [
    Right(
        NAME,
        "masks",
        """
def occlude(image, patch, stride):
    c, h, w = image.shape
    tops, lefts = torch.arange(stride - patch, h, stride), torch.arange(stride - patch, w, stride)
    y, x = (grid.flatten() for grid in torch.meshgrid(tops, lefts, indexing="ij"))
    boxes = torch.stack([x.clamp(min=0), y.clamp(min=0), (x + patch).clamp(max=w), (y + patch).clamp(max=h)], 1)
    rows = (torch.arange(h) >= y[:, None]) & (torch.arange(h) < y[:, None] + patch)
    columns = (torch.arange(w) >= x[:, None]) & (torch.arange(w) < x[:, None] + patch)
    covered = (rows[:, :, None] & columns[:, None, :])[:, None]
    return boxes, torch.where(covered, image.mean((-2, -1))[:, None, None], image)
""",
    ),
    Right(
        NAME,
        "a padded image, so that nothing needs clipping",
        """
def occlude(image, patch, stride):
    h, w = image.shape[-2:]
    p = patch
    mean = image.sum(-1, keepdim=True).sum(-2, keepdim=True) / (h * w)
    boxes, copies = [], []
    y = stride - p
    while y < h:
        x = stride - p
        while x < w:
            padded = F.pad(image, (p, p, p, p))
            padded[:, p + y : p + y + p, p + x : p + x + p] = mean
            copies.append(padded[:, p : p + h, p : p + w])
            boxes.append((max(x, 0), max(y, 0), min(x + p, w), min(y + p, h)))
            x += stride
        y += stride
    return torch.tensor(boxes, dtype=torch.int64), torch.stack(copies)
""",
    ),
]
