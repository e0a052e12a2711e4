# %% [markdown]
# # Lab 1 · Every pixel has a name
#
# **The question.** A photograph shows a street. How do we say for *every pixel* what it shows, and how do we know
# whether a network said it well?
#
# You will compute a confusion matrix, read four scores from it and see each of them fooled. Then you will take a
# classifier of small windows and turn it, without training, into a network that labels a whole picture at once.
#
# *About two hours, no GPU, no network. Before this: Lab 0.*

# %%
import math
import time

import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import nn
from torchvision.utils import draw_bounding_boxes

from course import metrics
from course.data.palettes import CAMVID, SCENES, VOC, colorize
from course.data.readers import CamVid
from course.data.scenes import Scenes, scene
from course.page.progress import Progress
from course.viz import bars, confusion, curves, error_map, labels, numbers, show
from course.widgets.confusion import confusion_explorer
from course.widgets.pointer import Pointer

# %% progress=true
Progress()

# %% [markdown]
# ## 1 · One picture, five tasks
#
# The course draws its own streets, so we know the whole truth about each. Here is one.

# %%
street = scene(157, size=(256, 384))
show(
    street.image,
    height=3.6,
    caption="A street. What would you like a computer to say about it?",
)

# %% [markdown]
# Five tasks have names of their own. Each answer says more than the one before, or something different.
#
# | task | the answer | for |
# |---|---|---|
# | classification | the names of what is there | sorting pictures |
# | detection | a box and a name for each object | counting, following |
# | semantic segmentation | a name for each pixel | where can I drive? |
# | instance segmentation | a mask and a name for each object | gripping, measuring |
# | panoptic segmentation | for each pixel a name and *which one* of them | everything at once |
#
# Things (cars, people) can be counted; *stuff* (sky, road) cannot. The scene holds it all: `semantic` has the class of
# each pixel, `instance` the number of the object, 0 where there is none. A box follows from a mask by its four
# extremes:


# %%
def box_of(mask):
    """(x1, y1, x2, y2) around the true pixels; the right and lower edges are just outside."""
    rows, columns = torch.where(mask)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def outlines(ids):
    """True where a pixel differs from its left or upper neighbor."""
    left, up = ids[:, 1:] != ids[:, :-1], ids[1:] != ids[:-1]
    return F.pad(left, (1, 0)) | F.pad(up, (0, 0, 1, 0))


# %%
things = [
    i for i in street.instance.unique().tolist() if i and (street.instance == i).sum() > 60
]
classes_of = [street.semantic[street.instance == i][0].item() for i in things]
boxes = torch.tensor([box_of(street.instance == i) for i in things])
canvas = (255 * street.image).round().to(torch.uint8)
detected = draw_bounding_boxes(
    canvas, boxes, colors=[SCENES.colors[c] for c in classes_of], width=2
)

# %%
semantic = colorize(street.semantic, SCENES)
instance = colorize(torch.where(street.instance > 0, 1 + street.instance % 20, 0), VOC)
panoptic = semantic.copy()
panoptic[outlines(street.instance).numpy()] = 255

# %%
names = [SCENES.names[c] for c in street.semantic.unique() if c < len(SCENES)]
show(
    street.image,
    detected,
    semantic,
    instance,
    panoptic,
    titles=["classification", "detection", "semantic", "instance", "panoptic"],
    columns=3,
    caption=f"One street, five answers. Classification says only: {', '.join(names)}.",
)

# %% [markdown] predict="tell-apart"
# On the right one person stands in front of another. Which answer knows that there are two of them, and also which
# pixels behind them are pavement?
# - [ ] detection :: It counts them, by two boxes that overlap. It says nothing about any pixel.
# - [ ] semantic :: It knows the pavement. But both people are one blob of one color.
# - [ ] instance :: It counts and outlines them. Pavement is not a thing, so it gets no answer.
# - [x] panoptic :: Its color is the semantic answer, its outlines are the instance answer.

# %% [markdown]
# Explore the street yourself. Below the image you see the class of the pixel under the cross: the semantic answer. A
# click sets a point. Is every pixel in a person's box a person? One point is there already; set a few more, then run
# the next cell.

# %%
pointer = Pointer(
    street.image, labels=street.semantic, names=SCENES.names, points=[(308.5, 172.5, 1)]
)
pointer

# %%
for x, y, _ in pointer.points:
    row, column = int(y), int(x)
    around = [
        SCENES.names[c]
        for c, (x1, y1, x2, y2) in zip(classes_of, boxes, strict=True)
        if x1 <= column < x2 and y1 <= row < y2
    ]
    number = street.instance[row, column].item()
    print(f"({x}, {y})  in the boxes of: {around}, instance: {number or 'none'}")

# %% [markdown]
# **What to notice.** The point between the legs lies in the person's box, yet it is pavement and belongs to no
# instance. A box is four numbers: it cannot tell an object from whatever else is inside.

# %%
counts = {}
for c in (5, 6, 8):
    inside = (street.semantic == c).numpy()
    counts[f"{SCENES.names[c]}: blobs of its color"] = ndimage.label(inside)[1]
    counts[f"{SCENES.names[c]}: truly there"] = len(
        street.instance[street.semantic == c].unique()
    )
bars(
    counts,
    caption="Connected blobs in the semantic map, and the objects that are really there.",
)

# %% [markdown]
# **What to notice.** Neighbors merge into one blob, and one tree with holes makes many blobs: a semantic map cannot
# count. Every answer is blind to something:
#
# | task | cannot tell apart |
# |---|---|
# | classification | one car from ten, here from there |
# | detection | an object from whatever else is in its box |
# | semantic | two things of one class that touch |
# | instance | road from sky: neither is a thing |
# | panoptic | hidden from absent: each pixel has *one* owner, the one in front |
#
# ## 2 · Who needs this
#
# **Driving**: where is the road, who is on it? **Medicine**: how large is the tumor, where does one cell end? **Remote
# sensing**: which crop grows where, which house is new? Some data sets that you will meet in papers:
#
# | data set | what | classes | pictures with labels | size (w×h) |
# |---|---|---|---|---|
# | PASCAL VOC 2012 | photographs | 20 and background | 1,464 train, 1,449 val | about 500×375 |
# | COCO 2017 | photographs | 80 things (panoptic: and 53 stuff) | 118,287 train, 5,000 val | about 640×480 |
# | ADE20K | indoors and outdoors | 150 in its benchmark | 20,210 train, 2,000 val | varies |
# | CamVid, SegNet's version | driving | 11 | 367 train, 101 val, 233 test | 480×360 |
# | Cityscapes, fine | driving, 50 cities | 19 that count | 2,975 train, 500 val (1,525 test) | 2048×1024 |
# | KITTI semantics | driving | 19, Cityscapes' | 200 train (200 test) | about 1242×375 |
# | Mapillary Vistas | driving, all continents | 66 | 18,000 train, 2,000 val (5,000 test) | 1920×1080 and more |
# | ISBI 2012 | cells, electron microscope | 2 | 30 train (30 test) | 512×512 |
# | ISPRS Potsdam | a city from the air, 5 cm a pixel | 6 | 38 tiles | 6000×6000 |
#
# CamVid is small enough for a laptop. If it is on yours, you now see a real street.

# %%
try:
    data, palette = CamVid(split="val"), CAMVID
    says = f"Picture 0 of CamVid's {len(data)} validation pictures, and its labels."
except FileNotFoundError:
    data, palette = Scenes(12, seed=3), SCENES
    says = (
        "CamVid is not here (`course data fetch camvid` gets it): one of the course's scenes."
    )
example, truth = data[0]
show(example, colorize(truth, palette), titles=["picture", "labels"], caption=says)

# %% [markdown]
# The nearly white pixels are **void**: too far away, too thin, or of no interest. Void is not a class. Its number is
# 255, no network predicts it, and no score counts it. Keep this in mind: section 7 shows what happens if you forget it.
#
# ## 3 · A label is a name, not a number
#
# A label map holds class numbers, a palette turns them into colors. The numbers are names: tree is 8 and road is 2,
# but a tree is not four roads. What happens if we forget that, and calculate with them?

# %% [markdown] predict="average"
# Along a row the truth is `2 2 2 8 8 8`, road and then tree. A network that predicts numbers is unsure at the border,
# and the best guess for half 2, half 8 is their mean. What does the border turn into?
# - [ ] a mix of road and tree :: There is no such number. Every whole number is some class.
# - [x] a car :: The mean of 2 and 8 is 5, and 5 is the car. It is neither road nor tree, and nothing suggested a car.
# - [ ] void :: Void is 255, far away from both.

# %%
row = torch.tensor([[2.0, 2, 2, 8, 8, 8]])
mean = F.avg_pool1d(row, 2, stride=1)
numbers(
    row,
    mean,
    [[SCENES.names[int(c)] for c in mean[0]]],
    titles=["truth", "means of two neighbors", "read as classes"],
    caption="Road, road, tree, tree, and in between a car that came from nowhere.",
)

# %% [markdown]
# Now the same on the street: every pixel becomes the mean of its surroundings, which is what a least-squares regression
# of label numbers predicts where it is unsure. Void is left out.


# %%
def blurred(planes, known, size=9):
    """Means over size × size windows, of the known pixels: (c, h, w) → (c, h, w)."""
    sums = F.avg_pool2d(planes * known, size, stride=1, padding=size // 2)
    shares = F.avg_pool2d(known[None], size, stride=1, padding=size // 2)
    return sums / shares.clamp(min=1e-6)


# %%
small = scene(157)
answer, known = small.semantic.clamp(max=8), (small.semantic < 9).float()
of_numbers = blurred(answer[None].float(), known)[0].round().long()
of_scores = blurred(F.one_hot(answer, 9).permute(2, 0, 1), known).argmax(0)
labels(
    *[torch.where(known > 0, map_, 255) for map_ in (answer, of_numbers, of_scores)],
    palette=SCENES,
    titles=["truth", "mean of label numbers", "mean of class scores"],
    caption="Means of numbers draw rims of unrelated classes; scores choose among the classes nearby.",
)

# %% [markdown]
# **What to notice.** Sky (0) beside tree (8) becomes building, road, pavement, vegetation, car … one after the other. So a
# network predicts **one score per class and pixel**, and the highest wins. Its target has the same shape, *one-hot*:
#
# $$o[c, y, x] = \begin{cases} 1 & \text{if } t[y, x] = c \\ 0 & \text{otherwise} \end{cases}$$
#
# A void pixel is 0 in every plane.


# %% exercise="one_hot" difficulty=1 minutes=8 forbid="F.one_hot"
def one_hot(target, num_classes):
    """Write label maps as one plane per class.

    Args:
        target: (n, h, w) int64, classes 0 … k-1, or 255 for void.
        num_classes: k.

    Returns:
        (n, k, h, w) float32: 1 where the pixel has the class, else 0; void is 0 everywhere.
    """
    # BEGIN SOLUTION
    numbers_ = torch.arange(num_classes, device=target.device).reshape(-1, 1, 1)
    return (target[:, None] == numbers_).float()
    # END SOLUTION


# %% [markdown] hint="one_hot"
# Plane c is the answer to the question "is this pixel a c?", asked everywhere at once. What is the answer for void?

# %% [markdown] hint="one_hot"
# `target == c` is a plane; stack k of them along dimension 1 and convert them to float. Or compare `target[:, None]`,
# which is (n, 1, h, w), with the numbers 0 … k-1 reshaped to (k, 1, 1).

# %% check="one_hot" points=4
planes = one_hot(torch.tensor([[[2, 0], [255, 1]]]), 3)
assert planes.shape == (1, 3, 2, 2), (
    "One map 2×2, three classes: (1, 3, 2, 2). The classes come second."
)
assert planes.dtype == torch.float32, "One-hot targets are float32."
assert planes[0, 2].tolist() == [[1, 0], [0, 0]], (
    "Plane 2 is 1 where the label is 2: upper left."
)
assert planes[:, :, 1, 0].sum() == 0, "The void pixel is in no plane."

# %% [markdown]
# ## 4 · The confusion matrix
#
# Now comes a prediction. For each pixel we know two names: what it is, and what it was called. Count the pairs:
#
# $$C[i, j] = \text{number of pixels of target } i \text{ that were predicted } j$$
#
# The diagonal counts what is right; everything else is a confusion of two classes. Work out the first row by hand.

# %%
target = torch.tensor([[0, 0, 1, 1], [0, 2, 2, 1], [2, 2, 255, 1]])
prediction = torch.tensor([[0, 0, 1, 1], [2, 0, 2, 1], [2, 2, 2, 0]])
numbers(
    torch.where(target == 255, torch.nan, target.float()),
    prediction,
    titles=["target", "prediction"],
    caption="Twelve pixels, three classes. The hatched one is void and does not count.",
)

# %% [markdown]
# A loop over pixels would take seconds for a photograph. The trick: **give each pair one number**, $k \cdot i + j$, and
# count numbers. `torch.bincount` counts them all in one call, and the $k^2$ counts, reshaped, are the matrix.


# %% exercise="confusion_matrix" difficulty=2 minutes=15 forbid="course.metrics sklearn torchmetrics"
def confusion_matrix(target, prediction, num_classes, *, ignore_index=255):
    """Count the pixels of every (target, prediction) pair.

    Args:
        target: any shape, any integer type (also uint8): 0 … k-1, or `ignore_index`.
        prediction: the same shape, any integer type: 0 … k-1.
        num_classes: k.
        ignore_index: the void label of the target; such pixels are not counted.

    Returns:
        (k, k) int64, rows = target, columns = prediction.
    """
    # BEGIN SOLUTION
    known = target != ignore_index
    pairs = num_classes * target[known].long() + prediction[known].long()
    return torch.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)
    # END SOLUTION


# %% [markdown] hint="confusion_matrix"
# Three steps: drop the void pixels from *both* maps, number the pairs, count. What must the row be multiplied by, so
# that no two pairs get the same number?

# %% [markdown] hint="confusion_matrix"
# `bincount(k * target[known].long() + prediction[known].long(), minlength=k * k)`. Without `.long()` a uint8 label map
# overflows at 255, and without `minlength` the last classes are missing if they do not occur.

# %% check="confusion_matrix" points=7
target = torch.tensor([[0, 0, 1, 1], [0, 2, 2, 1], [2, 2, 255, 1]])
prediction = torch.tensor([[0, 0, 1, 1], [2, 0, 2, 1], [2, 2, 2, 0]])
C = confusion_matrix(target, prediction, 3)
assert C.shape == (3, 3), "Three classes: a 3×3 matrix."
assert C.sum() == 11, "Twelve pixels, one of them void: 11 are counted."
assert C[0].tolist() == [2, 0, 1], "Of the three 0s, two were called 0 and one was called 2."
assert C.tolist() == [[2, 0, 1], [1, 3, 0], [1, 0, 3]], (
    "Rows are the target, columns the prediction."
)

# %%
confusion(
    confusion_matrix(target, prediction, 3),
    ["0", "1", "2"],
    caption="The twelve pixels as a confusion matrix: counts, and percent of the row.",
)

# %% [markdown]
# And the blurred street of section 3 against the truth:

# %%
C = confusion_matrix(small.semantic, of_scores, 9)
confusion(
    C, SCENES.names, caption="Row i says, in percent, what the pixels of class i were called."
)

# %% [markdown]
# **What to notice.** Thin things fare worst: half a sign became what was around it. Large ones lose next to nothing.
# How do we put *one* number on this?
#
# ## 5 · Four scores
#
# For class i there are three numbers: its row adds up to all pixels that *are* i, its column to all that were *called*
# i, and the diagonal counts those that are both.
#
# $$\text{overall} = \frac{\sum_i C_{ii}}{\sum_{ij} C_{ij}} \qquad
# \text{mean class accuracy} = \frac{1}{k} \sum_i \frac{C_{ii}}{\sum_j C_{ij}}$$
#
# A class that is absent from the target gives 0/0. It has no accuracy, and the mean is taken over the others.


# %% exercise="accuracies" difficulty=1 minutes=10 forbid="course.metrics sklearn torchmetrics"
def accuracies(matrix):
    """Overall accuracy and mean class accuracy.

    Args:
        matrix: (k, k) int64 counts, rows = target, columns = prediction, not all 0.

    Returns:
        overall: a number, the share of all pixels that are right.
        mean_class: a number, the share of a class that was found, averaged over the classes
            that occur in the target.
    """
    # BEGIN SOLUTION
    right, there = matrix.diagonal(), matrix.sum(1)
    return (right.sum() / matrix.sum()).item(), (right / there).nanmean().item()
    # END SOLUTION


# %% [markdown] hint="accuracies"
# `matrix.diagonal()` holds what is right, `matrix.sum(1)` what is there. Does `sum(1)` add up rows or columns? And what
# does torch give for 0/0?

# %% [markdown] hint="accuracies"
# `diagonal.sum() / matrix.sum()` is the first. The second is `(diagonal / row_sums).nanmean()`: 0/0 is NaN, and `nanmean`
# leaves it out.

# %% check="accuracies" points=5
C = torch.tensor([[6, 4], [2, 18]])
overall, mean_class = accuracies(C)
assert abs(overall - 0.8) < 1e-6, "6 + 18 = 24 of 30 pixels are right: 0.8."
assert abs(mean_class - 0.75) < 1e-6, "6 of 10 and 18 of 20 were found: (0.6 + 0.9) / 2 = 0.75."
absent = torch.tensor([[6, 4, 0], [2, 18, 0], [0, 0, 0]])
assert abs(accuracies(absent)[1] - 0.75) < 1e-6, (
    "A third class that occurs nowhere changes nothing."
)

# %% [markdown]
# Both are blind to something. Overall accuracy hardly sees small classes; class accuracy looks at rows only and does not
# see what was *wrongly called* i. **Intersection over union** looks at both:
#
# $$\text{IoU}_i = \frac{C_{ii}}{\text{row}_i + \text{column}_i - C_{ii}} = \frac{TP}{TP + FP + FN}, \qquad
# \text{mIoU} = \text{mean of IoU}_i$$
#
# The diagonal entry is in both the row and the column, so it is subtracted once. A class in neither target nor
# prediction has no IoU (NaN). One that is predicted but absent has IoU 0: all of it is wrong.


# %% exercise="ious" difficulty=2 minutes=12 forbid="course.metrics sklearn torchmetrics"
def ious(matrix):
    """Intersection over union of each class, and their mean.

    Args:
        matrix: (k, k) int64 counts, rows = target, columns = prediction, not all 0.

    Returns:
        per_class: (k,) float, NaN for a class that neither target nor prediction holds.
        mean: a number, the mean over the others.
    """
    # BEGIN SOLUTION
    both = matrix.diagonal()
    per_class = both / (matrix.sum(0) + matrix.sum(1) - both)
    return per_class, per_class.nanmean().item()
    # END SOLUTION


# %% [markdown] hint="ious"
# Draw two overlapping circles: the target's pixels of class i and the prediction's. Which entries of the matrix lie in
# the overlap, and which in either? Does adding row and column count anything twice?

# %% [markdown] hint="ious"
# `union = matrix.sum(0) + matrix.sum(1) - matrix.diagonal()`. Where it is 0, the division gives NaN by itself; take the
# mean by `nanmean`.

# %% check="ious" points=6
per_class, mean = ious(torch.tensor([[6, 4], [2, 18]]))
assert abs(per_class[0] - 6 / 12) < 1e-6, "Class 0: 6 in both, 6 + 4 + 2 = 12 in either."
assert abs(per_class[1] - 18 / 24) < 1e-6, "Class 1: 18 in both, 18 + 2 + 4 = 24 in either."
assert abs(mean - 0.625) < 1e-6, "(0.5 + 0.75) / 2 = 0.625."
per_class, mean = ious(torch.tensor([[6, 4, 0], [2, 18, 0], [0, 0, 0]]))
assert torch.isnan(per_class[2]), "Class 2 is nowhere: it has no IoU, and NaN says so."
assert abs(mean - 0.625) < 1e-6, "The mean leaves out what has no value."
assert ious(torch.tensor([[3, 1], [0, 0]]))[0].tolist() == [0.75, 0], (
    "Only predicted, never there: IoU 0, not NaN."
)

# %% [markdown]
# For *one* class against the rest (tumor or not) the usual scores are **precision** (how much of what I called tumor is
# tumor?), **recall** (how much of the tumor did I find?) and **F1**, which is high only if both are:
#
# $$P = \frac{TP}{TP + FP}, \qquad R = \frac{TP}{TP + FN}, \qquad F_1 = \frac{2\,TP}{2\,TP + FP + FN}$$


# %% exercise="binary_scores" difficulty=1 minutes=10 forbid="course.metrics sklearn torchmetrics"
def binary_scores(target, prediction):
    """Precision, recall and F1 of a mask.

    Args:
        target: bool of any shape, True where the object is.
        prediction: bool of the same shape.

    Returns:
        precision, recall, f1: three numbers; NaN where the fraction is 0/0.
    """
    # BEGIN SOLUTION
    hits, called, there = (target & prediction).sum(), prediction.sum(), target.sum()
    return (hits / called).item(), (hits / there).item(), (2 * hits / (called + there)).item()
    # END SOLUTION


# %% [markdown] hint="binary_scores"
# Count three things: pixels that are in both masks, in the target, in the prediction. TP + FP is one of them; which?

# %% [markdown] hint="binary_scores"
# `hits = (target & prediction).sum()`. Then `hits / prediction.sum()`, `hits / target.sum()`, and 2·TP + FP + FN is
# `prediction.sum() + target.sum()`. Divide tensors, not Python numbers: tensors turn 0/0 into NaN.

# %% check="binary_scores" points=6
there = torch.tensor([1, 1, 1, 1, 1, 0, 0, 0, 0, 0], dtype=torch.bool)
called = torch.tensor([1, 1, 1, 0, 0, 1, 0, 0, 0, 0], dtype=torch.bool)
precision, recall, f1 = binary_scores(there, called)
assert abs(precision - 3 / 4) < 1e-6, "Four were called positive, three of them correctly."
assert abs(recall - 3 / 5) < 1e-6, "Five are there, three were found."
assert abs(f1 - 6 / 9) < 1e-6, "2·3 / (2·3 + 1 + 2) = 6/9; it is also 2PR / (P + R)."
nothing = torch.zeros(10, dtype=torch.bool)
assert math.isnan(binary_scores(there, nothing)[0]), (
    "If nothing is called positive, there is no precision: 0/0 is NaN."
)

# %% [markdown]
# Move the prediction, grow it, shrink it. Can you find a position with perfect recall and bad precision? One where the
# overall accuracy is fine and the IoU is not?

# %%
confusion_explorer()

# %% [markdown]
# ## 6 · How to fool a score
#
# Three bad predictors, on real label maps if you have CamVid: one says *road* everywhere; one is perfect, but never
# names a rare class; one is perfect, but paints people six pixels too fat on every side.

# %%
truth = torch.stack([data[i * len(data) // 12][1] for i in range(12)]).as_subclass(torch.Tensor)
k, road = len(palette), palette.names.index("road")
shares = torch.bincount(truth.flatten(), minlength=256)[:k] / (truth < k).sum()
bars(
    dict(zip(palette.names, 100 * shares, strict=True)),
    xlabel="percent of the pixels",
    caption="Twelve pictures: a few classes have most of the pixels.",
)

# %% [markdown] predict="fooled"
# The second predictor knows only the classes that cover at least 2 % of the pixels. It never finds a person or a sign.
# Its overall accuracy is …
# - [ ] about 60 % :: That is nearer to its mean class accuracy, where a forgotten class counts as much as the road.
# - [ ] about 80 % :: It forgets several classes, but few pixels.
# - [x] above 90 % :: All rare classes together are a few percent of the pixels, so no more can be lost.

# %%
person = palette.names.index("pedestrian" if palette is CAMVID else "person")
known = torch.where(truth < k, truth, road)
fat = F.max_pool2d((truth == person).float(), 13, stride=1, padding=6).bool()
predictors = {
    "all road": torch.full_like(truth, road),
    "no rare class": torch.where(shares[known] < 0.02, shares.argmax(), known),
    "fat people": torch.where(fat, person, known),
}
shown = int((truth == person).sum((1, 2)).argmax())
pictures = [colorize(guess[shown], palette) for guess in predictors.values()]
show(*pictures, titles=list(predictors), caption="One picture, as each of the three sees it.")

# %%
table = {}
for name, guess in predictors.items():
    matrix = metrics.confusion_matrix(truth, guess, k)
    table[f"{name}: overall accuracy"] = metrics.overall_accuracy(matrix)
    table[f"{name}: mean class accuracy"] = metrics.mean_class_accuracy(matrix)
    table[f"{name}: mean IoU"] = metrics.mean_iou(matrix)
bars(table, caption="Overall accuracy hardly notices forgotten classes; the other two do.")

# %% [markdown] predict="fat"
# Now one class at a time. 'All road' on the class road, 'fat people' on the class person: which score is a perfect 1?
# - [ ] IoU :: It counts the false positives in the union: everything called road that is not road.
# - [x] class accuracy :: It asks only how much of the class was found, and calling everything road finds all of it.
# - [ ] neither :: Look at the formula of class accuracy again: the column does not occur in it.

# %%
table = {}
for name, c in (("all road", road), ("no rare class", person), ("fat people", person)):
    matrix = metrics.confusion_matrix(truth, predictors[name], k)
    table[f"{name}, {palette.names[c]}: class accuracy"] = metrics.class_accuracy(matrix)[c]
    table[f"{name}, {palette.names[c]}: IoU"] = metrics.iou(matrix)[c]
bars(table, caption="One class each: class accuracy does not see false positives.")

# %% [markdown]
# **What to notice.** Overall accuracy forgives mistakes on rare classes. Class accuracy forgives false positives. IoU
# forgives neither, so papers report its mean.
#
# ## 7 · Three ways to publish a wrong number
#
# Real evaluation code has fallen into each of these traps. Each program runs, and each looks right.
#
# **Mean of pictures.** A data set's score comes from the *sum* of the matrices. The mean of the pictures' scores
# instead gives a tiny person in one picture as much weight as a crowd in another.

# %%
truth = torch.stack([map_ for _, map_ in Scenes(12, seed=3)])
planes = F.one_hot(truth.clamp(max=8), 9).permute(0, 3, 1, 2).float()
guess = F.avg_pool2d(planes, 16).argmax(1).repeat_interleave(16, 1).repeat_interleave(16, 2)
pairs = zip(truth, guess, strict=True)
each = torch.stack([metrics.confusion_matrix(t, g, 9) for t, g in pairs])
bars(
    {
        "wrong: mean of the pictures' mIoU": metrics.mean_iou(each).mean(),
        "right: mIoU of the summed matrix": metrics.mean_iou(each.sum(0)),
    },
    caption="Truth at 1/16 of the resolution as the prediction; the same pixels, two numbers.",
)

# %% [markdown]
# **Void in the union.** The hood of our car and the lamp posts are void, but a network must call them *something*. If
# you leave them in the union, you punish it for that. Here is a prediction without a single mistake; it calls void
# *road*.


# %%
def forgetful_iou(target, prediction, c):
    is_c, called_c = target == c, prediction == c
    either = is_c | called_c  # void that was called c is in here
    return (is_c & called_c).sum() / either.sum()


# %%
perfect = torch.where(small.semantic == 255, 2, small.semantic)
C = metrics.confusion_matrix(small.semantic, perfect, 9)
bars(
    {
        "wrong: void in the union": forgetful_iou(small.semantic, perfect, 2),
        "right: void left out": metrics.iou(C)[2],
    },
    caption="IoU of road. Leave void out once, before you count, and no formula can forget it.",
)

# %% [markdown]
# **Absent classes.** One picture rarely contains every class. 0/0 is not 0, and it is not 1 either, as the popular
# $(I + \varepsilon) / (U + \varepsilon)$ makes it.

# %%
C = torch.zeros(5, 5, dtype=torch.int64)
C[:2, :2] = torch.tensor([[6, 4], [2, 18]])  # classes 2, 3 and 4 are nowhere
both, union = C.diagonal(), C.sum(0) + C.sum(1) - C.diagonal()
bars(
    {
        "wrong: absent counts 0": (both / union).nan_to_num(0).mean(),
        "wrong: absent counts 1 (ε)": ((both + 1e-6) / (union + 1e-6)).mean(),
        "right: absent left out": metrics.mean_iou(C),
    },
    caption="The worked example, and three classes that do not occur: one matrix, three mIoUs.",
)

# %% [markdown]
# ## 8 · The naive solution: a window around each pixel
#
# Now we predict. Suppose we have a *classifier* of small pictures. To label a pixel, cut out the window around it and
# classify that. Do so for every pixel. It works: in 2012 it won a challenge on pictures of cells.
#
# If windows of s×s pixels are cut from (h, w), one every d pixels, there are
# $\left(\lfloor \frac{h - s}{d} \rfloor + 1\right) \times \left(\lfloor \frac{w - s}{d} \rfloor + 1\right)$ of them.


# %% exercise="cut_windows" difficulty=2 minutes=12 forbid=".unfold F.unfold nn.Unfold .as_strided"
def cut_windows(image, size, stride):
    """Cut out every window that lies completely inside the image.

    Args:
        image: (c, h, w), h and w at least `size`.
        size: side of a window, pixels.
        stride: pixels from one window to the next, in both directions.

    Returns:
        (rows, columns, c, size, size): window [i, j] begins at row i · stride, column j · stride.
    """
    # BEGIN SOLUTION
    h, w = image.shape[-2:]
    windows = [
        torch.stack(
            [image[:, y : y + size, x : x + size] for x in range(0, w - size + 1, stride)]
        )
        for y in range(0, h - size + 1, stride)
    ]
    return torch.stack(windows)
    # END SOLUTION


# %% [markdown] hint="cut_windows"
# Two loops are fine here. Where does the last window begin if its last pixel is the picture's last?

# %% [markdown] hint="cut_windows"
# Rows `range(0, h - size + 1, stride)`, columns likewise; a window is `image[:, y : y + size, x : x + size]`.
# `torch.stack` the windows of a row, then `torch.stack` the rows.

# %% check="cut_windows" points=7
grid = torch.arange(30.0).reshape(1, 5, 6)
windows = cut_windows(grid, 3, 2)
assert windows.shape == (2, 2, 1, 3, 3), (
    "5×6 pixels, windows of 3, every 2: rows begin at 0, 2 and columns at 0, 2."
)
assert windows[0, 1, 0, 0].tolist() == [2, 3, 4], "Window [0, 1] begins at row 0, column 2."
assert windows[1, 0, 0, 0].tolist() == [12, 13, 14], "Window [1, 0] begins at row 2, column 0."
assert cut_windows(grid, 5, 1).shape[:2] == (1, 2), (
    "One row of windows of 5 fits into 5 rows, two columns into 6."
)

# %% [markdown]
# Our classifier looks at 32×32 pixels: four convolutions (no padding) with one pooling, which leave a map of 2×2; that
# is flattened, and two **dense** (fully connected) layers turn it into nine scores. `weights` is a dictionary of its
# tensors.


# %% setup=true
def features(x, weights):
    """The convolutional part: (n, 3, h, w) → (n, c, a, b). Any size will do."""
    x = F.relu(F.conv2d(4 * (x - 0.5), weights["conv1.weight"], weights["conv1.bias"]))
    x = F.max_pool2d(x, 2)
    for i in (2, 3, 4):
        x = F.relu(F.conv2d(x, weights[f"conv{i}.weight"], weights[f"conv{i}.bias"]))
    return x


def classify(windows, weights):
    """Scores (n, k) of windows (n, 3, 32, 32): the features, flattened, then two dense layers."""
    x = features(windows, weights).flatten(1)
    x = F.relu(F.linear(x, weights["dense1.weight"], weights["dense1.bias"]))
    return F.linear(x, weights["dense2.weight"], weights["dense2.bias"])


# %% [markdown]
# It learns from windows of other streets: the target is the class of the middle pixel. Rare classes are sampled more
# often than they occur, so that they are learned at all.


# %%
def sample(count, pictures=50):
    """Windows (≈ count, 3, 32, 32) and the classes of their middle pixels."""
    images, maps = map(torch.stack, zip(*Scenes(pictures, seed=1), strict=True))
    middles, windows, truths = maps[:, 16:-15, 16:-15], [], []
    shares = torch.stack([(middles == c).float().mean() for c in range(9)]).sqrt()
    for c in range(9):
        places = (middles == c).nonzero()
        places = places[torch.randint(len(places), (int(count * shares[c] / shares.sum()),))]
        windows += [images[n, :, y : y + 32, x : x + 32] for n, y, x in places.tolist()]
        truths += [c] * len(places)
    return torch.stack(windows), torch.tensor(truths)


# %%
torch.manual_seed(0)
windows, truths = sample(12000)
show(
    *[windows[truths == c][0] for c in range(9)],
    titles=list(SCENES.names),
    columns=5,
    height=1.1,
    caption="One window of each class. The name is that of the middle pixel, not of the whole.",
)

# %%
torch.set_num_threads(1)  # faster for layers as small as these, and times can be compared
channels, layers = [3, 8, 16, 16, 16], nn.ModuleDict()
for i in (1, 2, 3, 4):
    layers[f"conv{i}"] = nn.Conv2d(channels[i - 1], channels[i], 5)
layers["dense1"], layers["dense2"] = nn.Linear(16 * 2 * 2, 64), nn.Linear(64, 9)
weights = dict(layers.named_parameters())
batches = [b for _ in range(2) for b in torch.randperm(len(windows)).split(32)]
optimizer = torch.optim.AdamW(weights.values(), lr=3e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=len(batches))

# %%
losses = []
for chosen in batches:
    loss = F.cross_entropy(classify(windows[chosen], weights), truths[chosen])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    schedule.step()
    losses.append(loss.item())
weights = {name: value.detach() for name, value in weights.items()}

# %%
means = torch.tensor(losses).unfold(0, 30, 30).mean(1)
steps = 30 * torch.arange(1, len(means) + 1)
curves(
    steps, {"cross-entropy": means}, xlabel="step", caption="It learns: means over 30 steps."
)

# %% [markdown]
# Slide it over a street that it has never seen, one window at a time, at every second pixel.

# %%
start = time.perf_counter()
windows = cut_windows(small.image, 32, 2)
slow = torch.stack([classify(window[None], weights)[0] for window in windows.flatten(0, 1)])
seconds = time.perf_counter() - start
named = slow.argmax(1).reshape(windows.shape[:2])
middle = [slice(16, 16 + 2 * length, 2) for length in named.shape]
show(
    small.image[:, *middle],
    *[colorize(names, SCENES) for names in (small.semantic[*middle], named)],
    titles=["street", "truth", f"{named.numel():,} windows: {seconds:.1f} s"],
    caption="Every second pixel, named by its window. At the border no window fits.",
)

# %% [markdown]
# **What to notice.** It works! Road, sky and houses are recognized by texture alone. Thin signs get lost in what is
# around them. But look at the price: neighboring windows share 30 of 32 columns, and everything is computed anew. Let
# us count.


# %% [markdown] predict="cost"
# 3,969 windows of 32×32 pixels, against the same layers run once over all 128×192 pixels. How many times less
# arithmetic is that?
# - [ ] twice :: A pixel lies in many more than two windows: in up to 16 × 16 of them.
# - [x] about 40 times :: An output of the first layer serves up to 14 × 14 windows, one of the last convolution only
#   2 × 2. The average lies between.
# - [ ] 3,969 times :: Only if the work for one window served all the others too. But those see other pixels.

# %%
# channels and kernel of each layer, the dense ones last
stack = ((8, 5), (16, 5), (16, 5), (16, 5), (64, 2), (9, 1))


def multiply_adds(h, w):
    """The multiply-adds of one pass over a picture (h, w)."""
    total, in_channels = 0, 3
    for out_channels, kernel in stack:
        h, w = h - kernel + 1, w - kernel + 1
        total += h * w * in_channels * out_channels * kernel**2
        h, w, in_channels = (
            (h // 2, w // 2, out_channels) if in_channels == 3 else (h, w, out_channels)
        )
    return total


# %%
places = ((128 - 32) // 2 + 1) * ((192 - 32) // 2 + 1)
naive, shared = places * multiply_adds(32, 32) / 1e9, multiply_adds(128, 192) / 1e9
bars(
    {f"{places:,} windows of 32×32": naive, "one pass over 128×192": shared},
    xlabel="billion multiply-adds",
    caption=f"The same layers, run once over the whole picture, need {naive / shared:.0f} times fewer.",
)

# %% [markdown]
# ## 9 · A dense layer is a convolution
#
# So run the convolutions once over the whole picture: they take any size. The dense layers do not: they were made for a
# flattened map of 2×2. Look again at one output of such a layer:
#
# $$o = b + \sum_{c, i, j} W[c, i, j] \; f[c, i, j]$$
#
# That is one step of a convolution whose kernel is *as large as the map*. Reshape the weights, and let it slide.


# %% exercise="dense_to_conv" difficulty=2 minutes=12 forbid="course.models"
def dense_to_conv(weight, bias, size):
    """A convolution that does to each (h, w) part of a map what the dense layer did to one map.

    Args:
        weight: (out, c · h · w) float, of an nn.Linear that follows `flatten(1)`.
        bias: (out,) float.
        size: (h, w) of the map that was flattened.

    Returns:
        nn.Conv2d with c inputs and `out` outputs, stride 1, no padding: the same numbers, of the
        same dtype.
    """
    # BEGIN SOLUTION
    h, w = size
    kernel = weight.reshape(len(weight), -1, h, w)
    conv = nn.Conv2d(kernel.shape[1], len(weight), (h, w), dtype=weight.dtype)
    conv.load_state_dict({"weight": kernel, "bias": bias})
    return conv
    # END SOLUTION


# %% [markdown] hint="dense_to_conv"
# `flatten(1)` lays (c, h, w) out channel by channel, row by row. Which reshape undoes exactly that? How many channels c
# are there, if the layer has c·h·w inputs?

# %% [markdown] hint="dense_to_conv"
# `weight.reshape(out, c, h, w)` has exactly the shape of the weight of `nn.Conv2d(c, out, (h, w), dtype=weight.dtype)`.
# Load it there, with the bias: `conv.load_state_dict({"weight": …, "bias": bias})`.

# %% check="dense_to_conv" points=8
dense = nn.Linear(2 * 3 * 4, 5)  # 2 channels, 3×4 pixels
conv = dense_to_conv(dense.weight, dense.bias, (3, 4))
x = torch.rand(7, 2, 3, 4)
assert conv.weight.shape == (5, 2, 3, 4), "Five outputs, two channels, a kernel of 3×4."
assert torch.allclose(conv(x)[:, :, 0, 0], dense(x.flatten(1)), atol=1e-6), (
    "On one 3×4 map both give the same numbers."
)
assert conv(torch.rand(1, 2, 6, 6)).shape == (1, 5, 4, 3), (
    "On 6×6 pixels a 3×4 kernel has 4×3 positions."
)
# AlexNet's conv1 and its three poolings, which round up; one channel is enough to see sizes
steps = ((11, 4), (3, 2), (3, 2), (3, 2))
pool5 = torch.zeros(1, 1, 500, 500)
for kernel, stride in steps:
    pool5 = F.max_pool2d(pool5, kernel, stride, ceil_mode=kernel == 3)
fc6 = dense_to_conv(torch.ones(2, 36), torch.zeros(2), (6, 6))  # its first dense layer
assert fc6(pool5).shape == (1, 2, 10, 10), (
    "500 → 123 → 61 → 30 → 15, and a 6×6 kernel has 10×10 positions on it."
)

# %% [markdown]
# The last lines put a famous sentence of the FCN paper into numbers: AlexNet, made for 227×227, gives a **10×10 grid**
# on 500×500. Here is how, layer by layer. (Its other convolutions are padded and keep the size; its poolings round up,
# as in Caffe. Stride 4 · 2 · 2 · 2 = 32.)

# %%
pool = nn.MaxPool2d(3, 2, ceil_mode=True)
alexnet = {"picture": nn.Identity(), "conv1": nn.Conv2d(1, 1, 11, stride=4)}
alexnet |= {"pool1": pool, "pool2": pool, "pool5": pool, "fc6": nn.Conv2d(1, 1, 6)}
for side in (227, 500):
    x, way = torch.zeros(1, 1, side, side), []
    for name, layer in alexnet.items():
        x = layer(x)
        way.append(f"{name} {x.shape[-1]}×{x.shape[-1]}")
    print(" → ".join(way))

# %% [markdown]
# One step is left: the second dense layer. It takes the 64 numbers of *one place*: what size of map is that?


# %% exercise="score_in_one_pass" difficulty=3 minutes=15 forbid="classify cut_windows .unfold F.unfold nn.Unfold"
def score_in_one_pass(images, weights, size):
    """The classifier's scores at every place of whole pictures, all layers run once.

    Args:
        images: (n, 3, h, w) float in [0, 1], of any size that holds one window.
        weights: of the classifier, see `classify`; its dense layers are converted here.
        size: (a, b) of the feature map of *one* window.

    Returns:
        (n, k, rows, columns): what `classify` gives for the window that begins at (2 · row, 2 · column).
    """
    # BEGIN SOLUTION
    hidden = dense_to_conv(weights["dense1.weight"], weights["dense1.bias"], size)
    score = dense_to_conv(weights["dense2.weight"], weights["dense2.bias"], (1, 1))
    return score(F.relu(hidden(features(images, weights))))
    # END SOLUTION


# %% [markdown] hint="score_in_one_pass"
# Read `classify` line by line. `features` works on any size; the flattening disappears; what does each `F.linear`
# become?

# %% [markdown] hint="score_in_one_pass"
# `features`, then the convolution of dense1 with kernel `size`, ReLU, then the convolution of dense2 with kernel (1,
# 1). The library has no ready-made answer: use your own `dense_to_conv`.

# %% check="score_in_one_pass" points=7
torch.manual_seed(0)
shapes = {f"conv{i}": (4, 3 if i == 1 else 4, 5, 5) for i in (1, 2, 3, 4)}
shapes |= {"dense1": (6, 16), "dense2": (9, 6)}
random = {f"{name}.weight": 0.3 * torch.randn(shape) for name, shape in shapes.items()}
random |= {f"{name}.bias": torch.randn(shape[0]) for name, shape in shapes.items()}
pictures = torch.rand(2, 3, 40, 44)
scores = score_in_one_pass(pictures, random, (2, 2))
assert scores.shape == (2, 9, 5, 7), "40×44 pixels hold 5×7 windows of 32×32, two pixels apart."
first = classify(pictures[:, :, :32, :32], random)
assert torch.allclose(scores[:, :, 0, 0], first, atol=1e-4), (
    "Place (0, 0) is the window in the upper left corner."
)
other = classify(pictures[:, :, 4:36, 6:38], random)
assert torch.allclose(scores[:, :, 2, 3], other, atol=1e-4), (
    "Place (2, 3) is the window that begins at row 4, column 6."
)

# %% [markdown] predict="equal"
# The same street, the same weights, now in one pass. How will the result differ from that of the sliding window?
# - [ ] smoother :: Nothing is averaged: each output still sees its 32×32 pixels and nothing else.
# - [ ] coarser :: The pooling's stride of 2 is the windows' stride of 2. Had we slid by 1, it would be coarser.
# - [x] not at all :: It is the same sum of the same products, each computed once. Only rounding may differ.

# %%
start = time.perf_counter()
fast = score_in_one_pass(small.image[None], weights, (2, 2))[0].detach()
one_pass = time.perf_counter() - start
gap = (slow.T.reshape(fast.shape) - fast).abs().max()  # `slow`: the windows' scores, above
titles = [f"windows: {1000 * seconds:,.0f} ms", f"one pass: {1000 * one_pass:,.0f} ms"]
show(
    *[colorize(names, SCENES) for names in (named, fast.argmax(0))],
    error_map(named, fast.argmax(0)),
    titles=[*titles, "where they differ"],
    caption=f"Scores differ by {gap:.0e} at most. One pass is {seconds / one_pass:,.0f} times faster.",
)

# %% [markdown]
# **What to notice.** Part of the speed-up is the arithmetic that the bars above showed; the rest is thousands of calls
# that became one. And the network now takes *any* size: it is **fully convolutional**.
#
# ## What you know now
#
# 1. A label is a name: networks predict one score per class, and void is never counted.
# 2. All scores come from one matrix, summed over the data set. Overall accuracy forgives mistakes on rare classes,
#    class accuracy forgives false positives, IoU forgives neither. An absent class has no score.
# 3. A dense layer is a convolution with a kernel as large as its map. Converted, a classifier labels a whole picture in
#    one pass, with the same numbers.
#
# **Next question.** The map is coarse: a stride-32 network gives 10×10 answers for 500×500 pixels. How do we get back to
# full size? Upsampling is Lab 2.
#
# Last, your functions against the library's:

# %%
target, prediction = torch.randint(0, 9, (2, 40, 50)), torch.randint(0, 9, (2, 40, 50))
target[:, :5] = 255
mine = confusion_matrix(target, prediction, 9)
library = metrics.confusion_matrix(target, prediction, 9)
assert torch.equal(mine, library), "the matrices differ"
assert abs(accuracies(mine)[0] - metrics.overall_accuracy(library)) < 1e-6, "accuracy differs"
gap = accuracies(mine)[1] - metrics.mean_class_accuracy(library)
assert abs(gap) < 1e-6, "mean class accuracy differs"
assert abs(ious(mine)[1] - metrics.mean_iou(library)) < 1e-6, "mean IoU differs"
print(f"Your matrix and scores agree with the library's on {library.sum():,} random pixels.")

# %% [markdown]
# **Papers.** Long, Shelhamer & Darrell, *Fully Convolutional Networks for Semantic Segmentation*, arXiv:1411.4038 (scores,
# dense layers as convolutions, the 10×10 grid) · Kirillov et al., *Panoptic Segmentation*, arXiv:1801.00868 · Lin et al.,
# *Microsoft COCO*, arXiv:1405.0312 · Cordts et al., *Cityscapes*, arXiv:1604.01685 · Badrinarayanan, Kendall & Cipolla,
# *SegNet* (its split of CamVid), arXiv:1511.00561.
