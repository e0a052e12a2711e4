# %% [markdown]
# # Lab 5 · FCN: a classifier that keeps the map
#
# **The question.** A classifier looks at a photograph and says one word. Inside, five poolings earlier, it still knew
# *where* everything was. Can we have the word for every pixel, without building a new network?
#
# You will turn dense layers into convolutions, find out where pixel 0 of a deep map lies, fuse coarse scores with fine
# ones, write a whole **FCN-8s**, and train it the way its authors did: from a classifier, in stages.
#
# *About two hours, no GPU, no network. Before this: Labs 2 and 3 (upsampling), Lab 4 (the notes of an encoder).*

# %%
from functools import cache

import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models
from tqdm.auto import tqdm

from course.data.palettes import SCENES, colorise
from course.data.photos import photo
from course.data.readers import CamVid
from course.data.scenes import Scenes
from course.metrics.confusion import ConfusionMatrix
from course.models import zoo
from course.models.backbones.torchvision_encoder import TorchvisionEncoder
from course.models.backbones.vgg import VGG
from course.models.images import Normalized
from course.models.semantic import fcn
from course.ops.convolution import bilinear_weight
from course.page.progress import Progress
from course.viz import bars, curves, error_map, labels, show, stems
from course.widgets.strides import stride_explorer

# %% progress=true
Progress()

# %% [markdown]
# ## 1 · Where a classifier forgets
#
# VGG16 has thirteen convolutions, then three dense layers. The convolutions do not mind how large the picture is. The
# first dense layer, *fc6*, does: it lays a map of 512×7×7 flat.

# %% [markdown] predict="weights"
# Where do most of VGG16's weights sit?
# - [ ] in the thirteen convolutions :: Their kernels are 3×3, and one kernel serves every place of a map.
# - [x] in fc6 :: It has a weight for every place of every channel, and that for each of its 4096 outputs.
# - [ ] in all layers alike :: Layers differ a thousandfold: weights go by inputs times outputs.

# %%
with torch.device("meta"):  # shapes and counts, no numbers
    vgg16 = models.vgg16()
parts = {"13 convolutions": vgg16.features}
parts |= {f"fc{6 + i}": vgg16.classifier[3 * i] for i in range(3)}
counts = {name: sum(p.numel() for p in part.parameters()) for name, part in parts.items()}
bars(
    {name: count / 1e6 for name, count in counts.items()},
    xlabel="million weights",
    caption=f"fc6, the layer that forgets where: 7 · 7 · 512 · 4096 = {7 * 7 * 512 * 4096:,} weights.",
)

# %% [markdown]
# In Lab 1 you saw that a dense layer *is* a convolution whose kernel is as large as its map. Here it is again, for a
# network with paddings. One output of fc6, on a map $f$ of $c$ channels and $h \times w$ pixels:
#
# $$o = b + \sum_{c,i,j} W[c, i, j]\; f[c, i, j]$$
#
# Let this sum slide, and there is one $o$ for every place. With `padding` the kernel may hang over the edge, so that a
# small map keeps its size.


# %% exercise="dense_to_conv" difficulty=1 minutes=10 forbid="course.models fcn"
def dense_to_conv(weight, bias, channels, size, padding=0):
    """The convolution that does at every place what a dense layer did to one flattened map.

    Args:
        weight: (out, channels · h · w) float, of an nn.Linear behind `flatten(1)`.
        bias: (out,) float.
        channels: of the map that was laid flat.
        size: (h, w) of that map, in pixels.
        padding: zeros around the map.

    Returns:
        nn.Conv2d with the same numbers, of the same dtype, and stride 1.

    Raises:
        ValueError: the weight does not have channels · h · w columns.
    """
    # BEGIN SOLUTION
    h, w = size
    if weight.shape[1] != channels * h * w:
        raise ValueError(f"{weight.shape[1]} columns are not {channels} · {h} · {w}")
    conv = nn.Conv2d(channels, len(weight), (h, w), padding=padding, dtype=weight.dtype)
    kernel = weight.reshape(-1, channels, h, w)
    conv.load_state_dict({"weight": kernel, "bias": bias})
    return conv
    # END SOLUTION


# %% [markdown] hint="dense_to_conv"
# `flatten(1)` lays (channels, h, w) out channel by channel, row by row. What shape has the weight of
# `nn.Conv2d(channels, out, (h, w))`?

# %% [markdown] hint="dense_to_conv"
# `weight.reshape(out, channels, h, w)`, then `conv.load_state_dict({"weight": …, "bias": bias})`, which copies into
# the layer's own dtype: make it with `dtype=weight.dtype`. Compare `weight.shape[1]` with the product first.

# %% check="dense_to_conv" points=6
dense = nn.Linear(3 * 7 * 7, 5)  # 3 channels, 7×7 pixels
conv = dense_to_conv(dense.weight, dense.bias, 3, (7, 7))
x = torch.rand(2, 3, 7, 7)
assert conv.weight.shape == (5, 3, 7, 7), "Five outputs, three channels, a kernel of 7×7."
assert torch.allclose(conv(x)[:, :, 0, 0], dense(x.flatten(1)), atol=1e-5), (
    "On one 7×7 map both say the same."
)
assert conv(torch.rand(1, 3, 16, 16)).shape == (1, 5, 10, 10), "16 − 7 + 1 = 10 places."
same = dense_to_conv(dense.weight, dense.bias, 3, (7, 7), padding=3)
assert same(torch.rand(1, 3, 2, 4)).shape == (1, 5, 2, 4), (
    "With 3 zeros around, a 2×4 map stays 2×4."
)

# %% [markdown] predict="size"
# VGG16 was trained on 224×224. You convert it and feed 500×500. What changes in the network?
# - [ ] fc6 gets more weights :: A convolution has as many weights as its kernel, wherever it slides.
# - [ ] it must be trained again :: The same sums with the same weights; only more of them.
# - [x] nothing but the size of its maps :: One word becomes a grid of words. The architecture and its weights stay.

# %%
with torch.device("meta"):
    fc6 = nn.Conv2d(512, 4096, 7)
for side in (224, 320, 500):
    pool5 = vgg16.features(torch.empty(1, 3, side, side, device="meta"))
    grid, weights = fc6(pool5), sum(p.numel() for p in fc6.parameters())
    print(f"{side}×{side} → pool5 {pool5.shape[2]}×{pool5.shape[3]} → ", end="")
    print(f"fc6 {grid.shape[2]}×{grid.shape[3]}, still {weights:,} weights")

# %% [markdown]
# Is it exactly the classifier that slides? A small VGG with random weights: once as a classifier of 224×224 windows,
# once converted, over a larger picture.

# %% [markdown] predict="padding"
# Place (0, 0) of the grid and place (1, 2), against the classifier on the windows that begin at pixel (0, 0) and
# (32, 64). Where do they agree?
# - [ ] at both, exactly :: True in Lab 1, where no convolution was padded. Look at what lies around each window.
# - [x] at neither :: A window that was cut out has zeros around it. Inside the picture the same convolutions see the
#   neighbors instead. At (0, 0) this concerns two sides, at (1, 2) all four.
# - [ ] at (0, 0) only :: Above it and on its left lie zeros in both cases, but not below and on its right.

# %%
torch.manual_seed(0)
small = VGG((1, 1, 1, 1, 1), width=4).eval()
dense = nn.Linear(small.channels[-1] * 7 * 7, 9)
conv = dense_to_conv(dense.weight, dense.bias, small.channels[-1], (7, 7))
picture = photo("motorcycle", size=(256, 320))[None] - 0.5
with torch.no_grad():
    grid = conv(small(picture)[-1])
    for row, column in ((0, 0), (1, 2)):
        window = picture[:, :, 32 * row :, 32 * column :][:, :, :224, :224]
        gap = (dense(small(window)[-1].flatten(1)) - grid[:, :, row, column]).abs().max()
        print(f"place ({row}, {column}): largest gap {gap / grid.std():.1%} of the spread")

# %% [markdown]
# **What to notice.** The dense layer was converted exactly; the gaps come from the zeros that *padding* puts around a
# window. A picture in one pass is the better deal: only its own border sees zeros.
#
# ## 2 · What a stride of 32 can still say
#
# Five poolings: one score for 32×32 pixels. Suppose the network were perfect and told us, for each such cell, the share
# of every class. We enlarge these shares and take the largest. How good is that *oracle*?

# %% [markdown] predict="ceiling"
# Scenes of 128×192 pixels with cars, persons and signs. What mean IoU does the oracle reach from cells of 32×32?
# - [ ] above 0.9 :: Sky and road alone would; but the mean is over classes, and a sign is thinner than a cell.
# - [ ] about 0.75 :: That takes cells of 8×8, as you will see.
# - [x] below 0.5 :: The thin classes win no cell at all, and a class that is never named has an IoU of 0.


# %%
def oracle(truth, stride):
    """Labels (n, h, w) → shares of the classes in cells → enlarged → the largest share's class."""
    shares = F.one_hot(truth.clamp(max=9), 10)[..., :9].movedim(-1, 1).float()
    cells = F.avg_pool2d(shares, stride)
    return F.interpolate(cells, truth.shape[-2:], mode="bilinear").argmax(1)


def mean_iou(truth, prediction):
    confusion = ConfusionMatrix(9, names=SCENES.names)
    confusion.update(truth, prediction)
    return confusion.summary()["mean_iou"]


# %%
streets = Scenes(24, split="test")
pictures, truths = map(torch.stack, zip(*streets, strict=True))
strides = (32, 16, 8, 4)
answers = {stride: oracle(truths, stride) for stride in strides}
labels(
    truths[1],
    *[answers[stride][1] for stride in strides],
    palette=SCENES,
    titles=["truth", *[f"stride {stride}" for stride in strides]],
    columns=3,
    caption="One street, told in cells of 32, 16, 8 and 4 pixels and enlarged again.",
)

# %%
bars(
    {f"stride {stride}": mean_iou(truths, answers[stride]) for stride in strides},
    xlabel="mean IoU of the oracle",
    caption="What perfect shares in each cell are worth, on 24 scenes.",
)

# %% [markdown]
# **What to notice.** At stride 32 legs, poles and signs are gone. Every halving of the stride brings much back. So:
# take the *what* from the deep map and the *where* from an earlier one. Choose a stride, and drag through the scenes.

# %%
stride_explorer()

# %% [markdown]
# ## 3 · Where is pixel 0?
#
# To add two maps, we must know which of their pixels lie on one another. Number the picture's rows so that pixel 0 has
# its center at 0. A layer with kernel $k$, stride $s$ and padding $p$, on a map with spacing $d$ and first center $a$:
#
# $$a' = a + d\left(\tfrac{k-1}{2} - p\right), \qquad d' = d\,s$$
#
# A transposed convolution undoes exactly that: first $d' = d / s$, then $a' = a - d'\left(\tfrac{k-1}{2} - p\right)$.


# %% exercise="first_pixel" difficulty=2 minutes=15 forbid="course.models fcn"
def first_pixel(layers):
    """Where the first pixel of a map lies in the picture, and how far apart its pixels are.

    Args:
        layers: tuples (kind, kernel, stride, padding) from the picture on; kind is "down" for a
            convolution or a pooling, "up" for a transposed convolution.

    Returns:
        (center, spacing), two numbers in pixels of the picture. With no layers: (0, 1).
    """
    # BEGIN SOLUTION
    center, spacing = 0.0, 1.0
    for kind, kernel, stride, padding in layers:
        lead = (kernel - 1) / 2 - padding
        if kind == "down":
            center += spacing * lead
            spacing *= stride
        else:
            spacing /= stride
            center -= spacing * lead
    return center, spacing
    # END SOLUTION


# %% [markdown] hint="first_pixel"
# Walk through the layers with two numbers, center and spacing. For a pooling of 2 the first window covers pixels 0 and
# 1: where is its middle? What if the pixels are 8 apart?

# %% [markdown] hint="first_pixel"
# `lead = (kernel - 1) / 2 - padding`. Down: `center += spacing * lead`, *then* multiply the spacing. Up: divide the
# spacing first, then `center -= spacing * lead`.

# %% check="first_pixel" points=5
pool, keep = ("down", 2, 2, 0), ("down", 3, 1, 1)
assert tuple(first_pixel([keep, keep, pool])) == (0.5, 2), (
    "The middle of pixels 0 and 1 is 0.5."
)
assert tuple(first_pixel([pool] * 5)) == (15.5, 32), "The middle of pixels 0 … 31 is 15.5."
assert tuple(first_pixel([pool, ("up", 4, 2, 1)])) == (0, 1), (
    "Doubling with 4 taps and padding 1 leads straight back."
)
# FCN-8s as published: 100 zeros around the picture, no padding at fc6, no padding on the way up
pool3 = [("down", 3, 1, 100), pool, pool, pool]
pool4, fc7 = [*pool3, pool], [*pool3, pool, pool, ("down", 7, 1, 0)]
double, enlarge = ("up", 4, 2, 0), ("up", 16, 8, 0)
(fine4, step4), (fine3, step3) = first_pixel(pool4), first_pixel(pool3)
(once, _), (twice, _) = first_pixel([*fc7, double]), first_pixel([*fc7, double, double])
last, _ = first_pixel([*fc7, double, double, enlarge])
assert (once - fine4) / step4 == 5, "The paper's code cuts pool4's scores at 5 …"
assert (twice - fine3) / step3 == 9, "… pool3's scores at 9 …"
assert -last == 31, "… and the result at 31, where the picture's pixel 0 lies."

# %% [markdown]
# **5, 9, 31** stand in the authors' code without a word of explanation. You have just derived them. The 100 zeros were
# there because fc6 eats six pixels. Give fc6 3 zeros on each side instead, and no map moves. What is left to cut?

# %%
pool, double, enlarge = ("down", 2, 2, 0), ("up", 4, 2, 0), ("up", 16, 8, 0)
for poolings, up, meets in ((5, double, 4), (4, double, 3), (3, enlarge, 0)):
    first, _ = first_pixel([pool] * poolings + [up])
    wanted, step = first_pixel([pool] * meets)
    print(f"stride {2**poolings} to stride {2**meets}: cut at {(wanted - first) / step:g}")

# %% [markdown]
# These are the cuts that you will make below. And here is where the pixels of three maps lie.

# %%
street = pictures[1].clone()
colors = {3: (1.0, 1.0, 1.0), 4: (1.0, 0.6, 0.0), 5: (0.2, 0.8, 1.0)}
for poolings, color in colors.items():
    center, spacing = map(int, first_pixel([("down", 2, 2, 0)] * poolings))
    half = poolings - 3
    for y in range(center, 128, spacing):
        for x in range(center, 192, spacing):
            box = (..., slice(y - half, y + half + 2), slice(x - half, x + half + 2))
            street[box] = torch.tensor(color)[:, None, None]
caption = "Pixel centers of pool3 (white), pool4 (orange), pool5 (blue): none coincide."
show(street, height=3.4, caption=caption)

# %% [markdown]
# **What to notice.** A coarse pixel lies in the *middle* of four finer ones. Doubling a map must therefore put new
# pixels at quarter positions. That is the triangle filter of Lab 2.
#
# ## 4 · Upsampling that starts as bilinear
#
# For factor $f$ the paper takes a transposed convolution with $k = 2f - (f \bmod 2)$ taps, weighted by a triangle, each
# class by itself:
#
# $$t[i] = 1 - \frac{\left|\,i - \frac{k-1}{2}\right|}{f}, \qquad W[a, b, i, j] = [a = b]\; t[i]\; t[j]$$


# %% exercise="bilinear_kernel" difficulty=2 minutes=12 forbid="course.ops course.models bilinear_weight fcn F.interpolate nn.Upsample"
def bilinear_kernel(channels, factor):
    """The weight with which a transposed convolution enlarges bilinearly, each channel by itself.

    Args:
        channels: in and out, at least 1.
        factor: output pixels for one input pixel, at least 1.

    Returns:
        (channels, channels, k, k) float32, k = 2 · factor − factor % 2.
    """
    # BEGIN SOLUTION
    k = 2 * factor - factor % 2
    taps = 1 - (torch.arange(k) - (k - 1) / 2).abs() / factor
    return torch.eye(channels)[:, :, None, None] * taps[:, None] * taps
    # END SOLUTION


# %% [markdown] hint="bilinear_kernel"
# Begin with one row: for factor 2 the taps are ¼, ¾, ¾, ¼. How does the plane of k×k numbers follow from the row? And
# what must stand where input and output channel differ?

# %% [markdown] hint="bilinear_kernel"
# `taps = 1 - (torch.arange(k) - (k - 1) / 2).abs() / factor`; the plane is `taps[:, None] * taps`; the channels come
# from `torch.eye(channels)[:, :, None, None]`.

# %% check="bilinear_kernel" points=5
kernel = bilinear_kernel(2, 2)
row = torch.tensor([0.25, 0.75, 0.75, 0.25])
assert kernel.shape == (2, 2, 4, 4), "Factor 2 takes 4 taps."
assert torch.allclose(kernel[0, 0], row[:, None] * row), "The taps are ¼ ¾ ¾ ¼, both ways."
assert kernel[0, 1].abs().max() == 0, "No class leaks into another."
assert bilinear_kernel(1, 3).shape[-1] == 5, "Factor 3 takes 2 · 3 − 1 = 5 taps."
flat = F.conv_transpose2d(torch.ones(1, 1, 6, 6), bilinear_kernel(1, 8), stride=8)
assert torch.allclose(flat[..., 8:-8, 8:-8], torch.ones(1)), "A flat map stays flat inside."

# %%
stems(
    {f"factor {f}": torch.diagonal(bilinear_kernel(1, f)[0, 0]).sqrt() for f in (2, 3, 8)},
    caption="The taps t for three factors. For FCN-32s there are 64 of them.",
)

# %% [markdown]
# ## 5 · Cut, score, add
#
# Without padding, doubling $a \times b$ pixels gives $(2a + 2) \times (2b + 2)$: a rim too much. Cut it off, at the
# right place.


# %% exercise="crop_to" difficulty=1 minutes=8 forbid="course.models fcn torchvision"
def crop_to(x, size, offset=None):
    """Cut (h, w) pixels out of maps.

    Args:
        x: (n, c, H, W), of any dtype.
        size: (h, w), in pixels.
        offset: first row and first column that stay; None to cut out of the middle, where of an odd
            surplus the smaller half goes at the top and at the left.

    Returns:
        (n, c, h, w).

    Raises:
        ValueError: the maps do not reach so far.
    """
    # BEGIN SOLUTION
    (h, w), (height, width) = size, x.shape[2:]
    top, left = ((height - h) // 2, (width - w) // 2) if offset is None else (offset, offset)
    if min(top, left) < 0 or top + h > height or left + w > width:
        raise ValueError(f"{h} × {w} from ({top}, {left}) on do not lie in {height} × {width}")
    return x[:, :, top : top + h, left : left + w]
    # END SOLUTION


# %% [markdown] hint="crop_to"
# What does Python do with `x[3:10]` where x has only 6 rows, and with `x[-1:3]`? Nothing good, and silently: check
# before you slice.

# %% [markdown] hint="crop_to"
# `top = (H - h) // 2` in the middle, else `offset`. Raise `ValueError` if `top < 0` or `top + h > H`, and the same for
# columns; then `x[:, :, top : top + h, left : left + w]`.

# %% check="crop_to" points=7
x = torch.arange(30.0).reshape(1, 1, 5, 6)
assert crop_to(x, (2, 3), 1)[0, 0].tolist() == [[7, 8, 9], [13, 14, 15]], (
    "Row 1, column 1 first."
)
assert crop_to(x, (3, 2))[0, 0, 0].tolist() == [8, 9], (
    "One row and two columns go on each side."
)
assert crop_to(x, (4, 3))[0, 0, 0, 0] == 1, "Of one row too many, none goes at the top."
try:
    crop_to(x, (5, 6), 1)
except ValueError:
    pass
else:
    raise AssertionError("Five rows from row 1 on would need six: that is a ValueError.")

# %% [markdown]
# Now FCN's central step. A *score layer*, a 1×1 convolution, turns the skip's channels into classes. The deep scores are
# doubled and cut to the skip's size at offset 1, where (Section 3) their pixels meet. Then both are **added**:
#
# $$\text{fused} = \text{crop}\big(\text{double}(\text{deep})\big) + \text{score}(\text{skip})$$


# %% exercise="fuse" difficulty=2 minutes=15 forbid="course.ops course.models bilinear_weight fcn F.interpolate nn.Upsample"
def fuse(deep, skip, weight, bias):
    """Add scores made from a finer map to coarse scores: FCN's skip.

    Args:
        deep: (n, k, a, b) scores. Beyond their border they count as 0.
        skip: (n, c, h, w) features, twice as fine; h is 2a or 2a − 1, w is 2b or 2b − 1.
        weight: (k, c) of the score layer.
        bias: (k,) of the score layer.

    Returns:
        (n, k, h, w) scores.
    """
    # BEGIN SOLUTION
    k = deep.shape[1]
    kernel = bilinear_kernel(k, 2).to(deep)
    doubled = F.conv_transpose2d(deep, kernel, stride=2)
    fine = F.conv2d(skip, weight[:, :, None, None], bias)
    return crop_to(doubled, skip.shape[2:], 1) + fine
    # END SOLUTION


# %% [markdown] hint="fuse"
# Three lines: double with your `bilinear_kernel`, cut with your `crop_to`, score with `F.conv2d`. Which shape must the
# weight (k, c) have to be a 1×1 kernel?

# %% [markdown] hint="fuse"
# `F.conv_transpose2d(deep, bilinear_kernel(k, 2).to(deep), stride=2)`, cut to `skip.shape[2:]` at 1, plus
# `F.conv2d(skip, weight[:, :, None, None], bias)`.

# %% check="fuse" points=8
deep, none = torch.tensor([[[[0.0, 0], [0, 16]]]]), torch.zeros(1, 1)
got = fuse(deep, torch.zeros(1, 1, 4, 4), none, torch.zeros(1))
want = [[0, 0, 0, 0], [0, 1, 3, 3], [0, 3, 9, 9], [0, 3, 9, 9]]
assert got[0, 0].tolist() == want, "16 is spread by ¼ ¾ ¾ ¼ both ways; the last tap falls off."
odd = fuse(deep, torch.zeros(1, 1, 3, 4), none, torch.zeros(1))
assert odd[0, 0].tolist() == want[:3], "A skip of 3 rows takes the first three."
skip = torch.tensor([1.0, 2.0]).reshape(1, 2, 1, 1).expand(1, 2, 4, 4)
got = fuse(torch.zeros(1, 1, 2, 2), skip, torch.tensor([[10.0, 100]]), torch.ones(1))
assert (got == 211).all(), "The skip's score is 10 · 1 + 100 · 2 + 1."

# %% [markdown]
# How much does the place of the cut matter? Two oracles again: shares in cells of 16 (deep) and of 8 (skip), added. We
# move the cut by hand, from offset −1 to 3.

# %% [markdown] predict="off_by_one"
# The doubled map has stride 8. Cut at 0 instead of 1, everything deep lies 8 pixels too far down and right. The skip
# is right all the time. What happens to the sum?
# - [ ] nothing, the skip decides :: It has half the say; along every edge two maps now contradict each other.
# - [x] it is worse by several points :: The edges of the two maps no longer lie on one another, and their sum finds
#   neither.
# - [ ] a constant shift, which training repairs :: The score layers are 1×1: they cannot move anything.

# %%
shares = F.one_hot(truths.clamp(max=9), 10)[..., :9].movedim(-1, 1).float()
deep, skip = F.avg_pool2d(shares, 16), F.avg_pool2d(shares, 8)
doubled = F.pad(F.conv_transpose2d(deep, bilinear_weight(9, 2), stride=2), (2, 2, 2, 2))
scores = {"deep + skip": [], "deep alone": []}
for offset in range(-1, 4):
    cells = doubled[:, :, offset + 2 :, offset + 2 :][:, :, :16, :24]
    for name, sums in (("deep + skip", cells + skip), ("deep alone", cells)):
        full = F.interpolate(sums, (128, 192), mode="bilinear")
        scores[name].append(mean_iou(truths, full.argmax(1)))

# %%
curves(
    list(range(-1, 4)),
    scores,
    xlabel="offset of the cut",
    ylabel="mean IoU",
    caption="Two oracles added, and the deep one alone. Both are best where the pixels meet.",
)

# %% [markdown]
# **What to notice.** Nothing crashes and no shape is wrong: off by one is a *silent* bug. It only
# costs points.
#
# ## 6 · A whole FCN-8s
#
# Everything is there. From an encoder come pool3 (stride 8), pool4 (stride 16) and the deep features (stride 32).
# Score the deep ones, fuse pool4, fuse pool3, enlarge by 8, cut at 4.
#
# Two of the paper's details: the score layers of pool3 and pool4 start at **zero**, so that the network begins as an
# FCN-32s and learns to use the skips; and the bilinear kernels stay as they are.


# %% exercise="FCN8s" difficulty=3 minutes=20 forbid="course.ops course.models bilinear_weight fcn F.interpolate nn.Upsample"
class FCN8s(nn.Module):
    """The decoder of FCN-8s: scores at full size from features at strides 8, 16 and 32.

    Args:
        num_classes: k.
        in_channels: of pool3, of pool4 and of the deep features, three numbers.

    It learns three score layers, 1×1 nn.Conv2d with a bias; those of pool3 and pool4 start at zero.
    Call with pool3, pool4, deep and size (h, w), where a map of stride s has ceil(h / s) × ceil(w / s)
    pixels; returns scores (n, k, h, w).
    """

    def __init__(self, num_classes, in_channels):
        super().__init__()
        # BEGIN SOLUTION
        self.score3, self.score4, self.score = (
            nn.Conv2d(c, num_classes, 1) for c in in_channels
        )
        for layer in (self.score3, self.score4):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        # END SOLUTION

    def forward(self, pool3, pool4, deep, size):
        # BEGIN SOLUTION
        x = self.score(deep)
        x = fuse(x, pool4, self.score4.weight.flatten(1), self.score4.bias)
        x = fuse(x, pool3, self.score3.weight.flatten(1), self.score3.bias)
        kernel = bilinear_kernel(x.shape[1], 8).to(x)
        return crop_to(F.conv_transpose2d(x, kernel, stride=8), size, 4)
        # END SOLUTION


# %% [markdown] hint="FCN8s"
# `__init__` makes three `nn.Conv2d(…, num_classes, 1)` and sets two of them to zero (`nn.init.zeros_`, weight *and* bias).
# In `forward` your `fuse` wants the weight as (k, c): what does `.flatten(1)` do to (k, c, 1, 1)?

# %% [markdown] hint="FCN8s"
# `x = self.score(deep)`, then `fuse` with pool4, then with pool3. Enlarge with
# `F.conv_transpose2d(x, bilinear_kernel(k, 8).to(x), stride=8)` and `crop_to(…, size, 4)`: 16 taps begin 4 pixels early.

# %% check="FCN8s" points=8
torch.manual_seed(0)
head = FCN8s(3, (4, 5, 6))
pool3, pool4, deep = torch.rand(2, 4, 9, 12), torch.rand(2, 5, 5, 6), torch.rand(2, 6, 3, 3)
out = head(pool3, pool4, deep, (67, 90))
assert out.shape == (2, 3, 67, 90), "Three classes at the picture's size, also when it is odd."
assert torch.equal(out, head(0 * pool3, 0 * pool4, deep, (67, 90))), (
    "The skips' scores start at zero: at first only the deep features count."
)
learned = sum(p.numel() for p in head.parameters() if p.requires_grad)
assert learned == (4 + 5 + 6 + 3) * 3, (
    "For each class 4 + 5 + 6 weights and 3 biases are learned."
)

# %% [markdown]
# ## 7 · Start from a classifier
#
# FCN's authors did not begin at random: they took a network that could already *classify*. ImageNet does not fit into
# two minutes, so we make a small classifier of our own: a VGG with one convolution a stage, shown 32×32 windows of
# street scenes, each with the name of its middle pixel.


# %%
def stack(scenes):
    images, truths = zip(*scenes, strict=True)
    return 4 * torch.stack(images) - 2, torch.stack(truths)


torch.set_num_threads(1)  # faster for layers as small as these
train_images, train_truths = stack(Scenes(96, size=(64, 96)))
test_images, test_truths = stack(Scenes(32, size=(64, 96), split="test"))
show(
    *[image / 4 + 0.5 for image in train_images[:4]],
    caption="Four of the 96 training scenes, 64×96 pixels.",
)

# %%
places = [(train_truths[:, 16:-15, 16:-15] == c).nonzero() for c in range(9)]


def windows(count=64):
    """Windows and their classes, every class as often as the others."""
    truth = torch.randint(0, 9, (count,))
    chosen = [places[c][torch.randint(len(places[c]), ())].tolist() for c in truth]
    crops = [train_images[n, :, y : y + 32, x : x + 32] for n, y, x in chosen]
    return torch.stack(crops), truth


# %%
torch.manual_seed(0)
encoder, dense = VGG((1, 1, 1, 1, 1), True, 12, ceil_mode=True), nn.Linear(96, 9)
optimizer = torch.optim.AdamW([*encoder.parameters(), *dense.parameters()], 0.003)
right = []
for _ in tqdm(range(120), desc="training a classifier"):
    window, truth = windows()
    scores = dense(encoder(window)[-1].flatten(1))  # 32×32 pixels leave one pixel of pool5
    loss = F.cross_entropy(scores, truth)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    right.append((scores.argmax(1) == truth).float().mean())

# %%
means = torch.stack(right).unfold(0, 10, 10).mean(1)
curves(
    10 * torch.arange(1, 13),
    {"share of right windows": means},
    xlabel="step",
    caption="A classifier of windows learns; guessing would be right once in nine.",
)

# %% [markdown]
# What does it hand on? One scene, and two maps of each stage: those that vary most.

# %%
encoder.eval()
classifier = {name: value.clone() for name, value in encoder.state_dict().items()}
with torch.no_grad():
    stages = [stage[0] for stage in encoder(test_images[1:2])]
strong = [stage[stage.flatten(1).std(1).argsort(descending=True)[:2]] for stage in stages]
above, below = [[stage[i] / stage[i].max() for stage in strong] for i in (0, 1)]

# %%
show(
    test_images[1] / 4 + 0.5,
    *above,
    colorise(test_truths[1], SCENES),
    *below,
    titles=["scene", *[f"stride {2**i}" for i in range(1, 6)], "labels", *[""] * 5],
    columns=6,
    height=1.0,
    caption="Feature maps of the classifier, after each of its five poolings.",
)

# %% [markdown]
# **What to notice.** The first maps draw every edge and name nothing. The last ones have a handful of places: what they
# know lies in *which channel* answers, and hardly in where.

# %% [markdown]
# Now the network that all experiments below use: this encoder, fc6 as a 3×3 convolution, and FCN's decoder with stride
# 32, 16 or 8. Our sizes are multiples of 32, so the transposed convolutions' own padding does the cutting.


# %% setup=true
def bilinear(factor, learn):
    """A transposed convolution that enlarges nine score maps, each class by itself (groups)."""
    up = nn.ConvTranspose2d(9, 9, 2 * factor, factor, factor // 2, bias=False, groups=9)
    up.load_state_dict({"weight": bilinear_weight(1, factor).expand(9, -1, -1, -1)})
    return up.requires_grad_(learn)


# %% setup=true
class Decoder(nn.Module):
    """Score the deepest map, double it and add a skip's scores, once for each skip; enlarge."""

    def __init__(self, deep, skips, stride, learn):
        super().__init__()
        self.fc6, self.score = nn.Conv2d(deep, deep, 3, padding=1), nn.Conv2d(deep, 9, 1)
        self.skips = nn.ModuleList(nn.Conv2d(channels, 9, 1) for channels in skips)
        self.ups = nn.ModuleList(bilinear(f, learn) for f in (*[2 for _ in skips], stride))

    def forward(self, deep, *finer):
        x = self.score(F.relu(self.fc6(deep)))
        for up, score, skip in zip(self.ups, self.skips, finer, strict=False):
            x = up(x) + score(skip)
        return self.ups[-1](x)


# %% setup=true
class SmallFCN(nn.Module):
    """An FCN with one convolution a stage: `encoder` sees, `decoder` scores and enlarges."""

    def __init__(self, width=12, stride=8, learn=False):
        super().__init__()
        self.encoder = VGG((1, 1, 1, 1, 1), True, width, ceil_mode=True)
        deep, *finer = self.encoder.channels[::-1]
        skips = finer[: {32: 0, 16: 1, 8: 2}[stride]]
        self.decoder = Decoder(deep, skips, stride, learn)

    def forward(self, x):
        return self.decoder(*self.encoder(x)[::-1])  # the deepest map first


# %% setup=true
def rebuild(state):
    """A SmallFCN of stride 8 with the weights of `state`."""
    net = SmallFCN(width=len(state["encoder.features.0.weight"]))
    net.load_state_dict(state)
    return net


# %%
def train(net, steps=90, lr=0.005, batch=8):
    torch.manual_seed(0)
    optimizer = torch.optim.AdamW(net.parameters(), lr)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    for chosen in torch.randint(len(train_images), (steps, batch)):
        scores = net(train_images[chosen])
        loss = F.cross_entropy(scores, train_truths[chosen], ignore_index=255)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    net.eval()


# %%
variants = {"FCN-32s": (32, False), "FCN-16s": (16, False), "FCN-8s": (8, False)}
variants["FCN-8s, learned kernels"] = (8, True)
answers, nets = {}, {}
for name, (stride, learn) in tqdm(variants.items(), desc="training four FCNs"):
    torch.manual_seed(0)
    nets[name] = SmallFCN(stride=stride, learn=learn)
    nets[name].encoder.load_state_dict(classifier)
    train(nets[name])
    with torch.no_grad():
        answers[name] = nets[name](test_images).argmax(1)

# %%
labels(
    test_truths[1],
    *[answers[name][1] for name in list(variants)[:3]],
    palette=SCENES,
    titles=["truth", "FCN-32s", "FCN-16s", "FCN-8s"],
    columns=2,
    caption="A scene that no network has seen, after a few seconds of training each.",
)

# %% [markdown] predict="kernels"
# The fourth network was free to change its bilinear kernels. Against the third, which was not:
# - [ ] much better :: Few weights, and they begin near a good place. The scores in front of them adapt just as well.
# - [x] about the same :: As in the authors' own notes, who then kept them fixed.
# - [ ] much worse :: They start as bilinear, so at first nothing is lost.

# %%
bars(
    {name: mean_iou(test_truths, answer) for name, answer in answers.items()},
    xlabel="mean IoU",
    caption="32 unseen scenes of 64×96 pixels; every network trained equally long.",
)

# %% [markdown]
# **What to notice.** The order is the paper's, and it is the order of the oracle's bars in Section 2. The kernels make
# next to no difference; whether up or down is chance (try another seed).
#
# ## 8 · The staged recipe
#
# A fresh decoder sends wild gradients into an encoder that knew something. The recipe: **first** freeze the encoder and
# train the decoder; **then** unfreeze and train everything, the encoder slowly. A trap: batch normalization learns its
# means in `train()` mode even when its weights are frozen. Frozen must mean `eval()`, too.


# %% exercise="train_in_stages" difficulty=3 minutes=20 forbid="course.training"
def train_in_stages(state, batches, frozen, lr):
    """Train a SmallFCN: for `frozen` steps its decoder alone, then everything.

    Both stages use torch.optim.SGD with momentum 0.9 and the mean cross-entropy without void (255),
    one step a batch. In the first stage nothing in `encoder` changes, the running means and variances of its
    normalization included. The second stage has a new optimizer: `lr` for the decoder, lr / 10 for
    the encoder, which is in training mode now. The bilinear kernels stay as they are.

    Args:
        state: state_dict to begin with; `rebuild(state)` makes the network.
        batches: list of (images (n, 3, h, w), labels (n, h, w)).
        frozen: steps of the first stage, 0 to len(batches).
        lr: the decoder's learning rate, the same in both stages.

    Returns:
        (losses, state): one plain number a batch, and the state_dict at the end.
    """
    # BEGIN SOLUTION
    net, losses = rebuild(state), []
    net.encoder.requires_grad_(False)
    net.encoder.eval()
    optimizer = torch.optim.SGD(net.decoder.parameters(), lr, momentum=0.9)
    for step, (images, truth) in enumerate(batches):
        if step == frozen:
            net.encoder.requires_grad_(True)
            net.encoder.train()
            slow = {"params": net.encoder.parameters(), "lr": lr / 10}
            fast = {"params": net.decoder.parameters()}
            optimizer = torch.optim.SGD([slow, fast], lr, momentum=0.9)
        loss = F.cross_entropy(net(images), truth, ignore_index=255)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, net.state_dict()
    # END SOLUTION


# %% [markdown] hint="train_in_stages"
# Which two things about the encoder change at step `frozen`? (`requires_grad_`, and the mode.) Give the first optimizer
# the decoder's parameters only.

# %% [markdown] hint="train_in_stages"
# Before the loop: `net.encoder.requires_grad_(False)`, `net.encoder.eval()`, SGD on
# `net.decoder.parameters()`. At `step == frozen`: the opposite, and a new SGD with two groups,
# `{"params": net.encoder.parameters(), "lr": lr / 10}` and `{"params": net.decoder.parameters()}`.

# %% check="train_in_stages" points=7
torch.manual_seed(0)
begin = SmallFCN(width=2).state_dict()
begin = {name: value.clone() for name, value in begin.items()}
batch = (torch.rand(2, 3, 32, 32), torch.randint(0, 9, (2, 32, 32)))
losses, end = train_in_stages(begin, [batch] * 3, frozen=3, lr=0.1)
assert len(losses) == 3, "One loss for each batch."
assert losses[-1] < losses[0], "The decoder learns while the encoder is frozen."
still = all(torch.equal(end[n], begin[n]) for n in begin if n.startswith("encoder"))
assert still, "In the first stage nothing in the encoder changes, its running means neither."
_, end = train_in_stages(begin, [batch] * 3, frozen=2, lr=0.1)
weight = "encoder.features.0.weight"
assert not torch.equal(end[weight], begin[weight]), "In the second stage the encoder learns."

# %% [markdown]
# Names for windows are cheap; maps are dear. So let only **4** of the 96 scenes have a map. The classifier has seen all
# 96. Against it: the same network from scratch, everything learning at `lr` from the first step, same batches.


# %%
def descend(net, batches, lr):
    """Plain training of everything at one rate; returns the losses."""
    optimizer = torch.optim.SGD(net.parameters(), lr, momentum=0.9)
    losses = []
    for images, truth in batches:
        loss = F.cross_entropy(net(images), truth, ignore_index=255)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %%
@torch.no_grad()
def on_unseen_scenes(net):
    """Mean IoU of a network on the 32 test scenes."""
    return mean_iou(test_truths, net.eval()(test_images).argmax(1))


# %%
@cache
def compare(maps):
    """Losses and networks of both ways, with that many maps."""
    torch.manual_seed(0)
    batches = [(train_images[i], train_truths[i]) for i in torch.randint(maps, (100, 8))]
    fresh = SmallFCN().state_dict()
    known = fresh | {f"encoder.{name}": value for name, value in classifier.items()}
    staged, state = train_in_stages(known, batches, 30, 0.05)
    scratch = rebuild(fresh)
    losses = {"in stages": staged, "from scratch": descend(scratch, batches, 0.05)}
    return losses, {"in stages": rebuild(state), "from scratch": scratch}


# %% [markdown] predict="stages"
# With 4 maps: which way ends with the lower training loss, and which does better on scenes that nobody has seen?
# - [ ] in stages, and in stages :: Its encoder stands still at first and then moves at a tenth: it cannot fit the four
#   maps as closely.
# - [ ] from scratch, and from scratch :: It fits the four maps better, and nothing but them.
# - [x] from scratch, and in stages :: What fits four maps closely is not what holds for others. The classifier's
#   features have seen all 96 scenes.

# %%
losses, _ = compare(4)
curves(
    10 * torch.arange(1, 11),
    {name: torch.tensor(loss).unfold(0, 10, 10).mean(1) for name, loss in losses.items()},
    xlabel="step",
    ylabel="cross-entropy on the four maps",
    caption="Means over 10 steps. In stages the encoder is unfrozen after step 30.",
)

# %%
scores = {
    f"{way}, {maps} maps": on_unseen_scenes(net)
    for maps in (4, 96)
    for way, net in compare(maps)[1].items()
}
bars(
    scores,
    xlabel="mean IoU on unseen scenes",
    caption="Both ways with few maps and with all: where does the recipe pay?",
)

# %% [markdown]
# **What to notice.** With four maps the lower loss belongs to the worse network. With all 96 the advantage is gone: our
# classifier knows nothing beyond these scenes. The paper's knew a million photographs.
#
# Your own FCN-8s on top of this encoder, trained for a few seconds:

# %%
torch.manual_seed(0)
net = SmallFCN()
net.encoder.load_state_dict(classifier)
net.decoder = FCN8s(9, net.encoder.channels[2:])
net.forward = lambda x: net.decoder(*net.encoder(x)[2:], x.shape[2:])
train(net)

# %%
maps = [*net(test_images[:4]).argmax(1), *test_truths[:4]]
show(
    *[image / 4 + 0.5 for image in test_images[:4]],
    *[colorise(labeled, SCENES) for labeled in maps],
    columns=4,
    caption="Scenes that your network has not seen, what it says, and the truth.",
)

# %% [markdown]
# ## 9 · Trained for longer
#
# Seconds show the order; they do not show how good an FCN can be. The course ships the library's FCNs, thin ones, which
# trained much longer on larger scenes. Each has a card.

# %%
trained = {}
for title, name in {"FCN-32s": "fcn32s", "FCN-16s": "fcn16s", "FCN-8s": "fcn8s"}.items():
    if name in zoo.shipped():
        trained[title], card = zoo.load(name)
        print(f"{title}: {card.parameters:,} weights, {card.steps:,} steps on {card.data}")
    else:
        trained[title] = Normalized(nets[title], [0.5] * 3, [0.25] * 3)  # 4x - 2, as above
        print(f"{title}: no checkpoint here, so the one that you trained above")

# %%
with torch.no_grad():
    answers = {n: net(pictures).argmax(1) for n, net in trained.items()}
bars(
    {name: mean_iou(truths, answer) for name, answer in answers.items()},
    xlabel="mean IoU",
    caption="24 unseen scenes of 128×192 pixels.",
)

# %% [markdown]
# **What to notice.** Compare with the oracle's bars in Section 2: a trained network may come out *above* the oracle of its
# stride. That is no mistake. Shares are one choice of scores. A network is free to exaggerate a score here and there,
# so that after enlarging, the winner changes exactly on the edge.

# %%
labels(
    truths[1],
    *[answer[1] for answer in answers.values()],
    palette=SCENES,
    titles=["truth", *answers],
    columns=2,
    caption="The same street as in Section 2.",
)

# %%
confusion = ConfusionMatrix(9, names=SCENES.names)
confusion.update(truths, answers["FCN-8s"])
bars(
    {name: scores["iou"] for name, scores in confusion.per_class().items()},
    xlabel="IoU",
    caption="FCN-8s by class. Which ones come off worst, and what do they look like?",
)

# %% [markdown] predict="domains"
# They were trained by day. We show them the same kinds of street at night, and in fog.
# - [ ] as good as by day :: The labels are the same, but to the first convolution everything has changed.
# - [x] clearly worse, in both :: Nothing in training said what may change. The weights fit the light of the day.
# - [ ] they refuse :: A network always answers. It has no word for "I have not seen this".

# %%
scores, seen = {}, []
for domain in ("day", "fog", "night"):
    images, maps = map(torch.stack, zip(*Scenes(12, split="test", domain=domain), strict=True))
    with torch.no_grad():
        answer = trained["FCN-8s"](images).argmax(1)
    scores[domain] = mean_iou(maps, answer)
    seen += [images[1], colorise(answer[1], SCENES), error_map(maps[1], answer[1])]

# %%
show(
    *seen,
    titles=["picture", "FCN-8s", "wrong (orange)"] + [""] * 6,
    columns=3,
    height=1.6,
    caption="; ".join(f"{domain}: mean IoU {iou:.3f}" for domain, iou in scores.items()),
)

# %% [markdown]
# And a real photograph, of any size: the network takes it. (With CamVid on your disk it is a real street.)

# %%
try:
    real, where = CamVid(split="test")[0][0], "a street of CamVid"
except FileNotFoundError:
    real, where = photo("motorcycle", size=(290, 430)), "a photograph"
with torch.no_grad():
    answer = trained["FCN-8s"](real[None])[0].argmax(0)
show(
    real,
    colorise(answer, SCENES),
    titles=[where, f"FCN-8s, {real.shape[1]}×{real.shape[2]}"],
    caption="Fully convolutional: any size goes in. But drawn streets have not taught it real ones.",
)

# %% [markdown]
# **Why does it fail?** Drawn sky, drawn walls, drawn light: their texture is all that it has ever seen. The authors
# began with a classifier of a million *photographs*. That, too, is a reason for the recipe.
#
# ## 10 · What the paper reported
#
# On PASCAL VOC 2011 (a subset of its validation pictures), mean IoU in percent; and on VOC 2012's test server against
# SDS, the best before it. Source: Long, Shelhamer & Darrell, arXiv:1411.4038, tables 2 and 3.

# %%
bars(
    {"FCN-32s": 59.4, "FCN-16s": 62.4, "FCN-8s": 62.7},
    xlabel="mean IoU, VOC 2011 val subset (%)",
    caption="The paper's three, in the same order. Its second skip brought less than its first.",
)

# %%
seconds = {"SDS (mean IoU 51.6)": 50, "FCN-8s (62.2)": 0.175}
bars(
    seconds,
    xlabel="seconds for a picture",
    caption=f"VOC 2012 test, as reported: better, and {50 / 0.175:.0f} times faster.",
)

# %% [markdown]
# ## 11 · Which encoders fit?
#
# FCN needs features at strides 8, 16 and 32. Any classifier that halves its picture five times can hand them on.

# %% [markdown] predict="encoders"
# AlexNet, VGG16, GoogLeNet, ResNet, DenseNet, MobileNet, EfficientNet, ViT: which cannot give features at strides 4, 8,
# 16 and 32?
# - [ ] GoogLeNet and DenseNet :: Their blocks are unusual inside, but they halve their maps like the others.
# - [x] AlexNet and ViT :: AlexNet pools 3×3 windows without padding, so its maps are never exactly a half. ViT cuts
#   16×16 patches once and keeps that size to the end.
# - [ ] MobileNet and EfficientNet :: They are thin, not different.

# %%
makers = {"AlexNet": models.alexnet, "VGG16": models.vgg16, "ResNet-50": models.resnet50}
makers |= {"DenseNet-121": models.densenet121, "MobileNetV3": models.mobilenet_v3_large}
makers["EfficientNet-B0"] = models.efficientnet_b0
makers["GoogLeNet"] = lambda: models.googlenet(init_weights=False)
makers["ViT-B/16"] = lambda: models.vit_b_16(image_size=256)
with torch.device("meta"):
    classifiers = {name: make() for name, make in makers.items()}

# %%
channels = {}
for name, network in tqdm(classifiers.items(), desc="tracing"):
    try:
        channels[name] = TorchvisionEncoder(network).channels
    except ValueError as error:
        print(str(error).split(";")[0])

# %%
curves(
    [2, 3, 4, 5],
    {name: torch.tensor(row).float() for name, row in channels.items()},
    xlabel="how often the picture was halved (strides 4, 8, 16, 32)",
    ylabel="channels",
    caption="What each encoder hands on: where the map shrinks, the channels become more, or stay.",
)

# %%
bars(
    {n: sum(p.numel() for p in net.parameters()) / 1e6 for n, net in classifiers.items()},
    xlabel="million weights, dense layers included",
    caption="The eight classifiers by their weights.",
)

# %% [markdown]
# **What to notice.** AlexNet and VGG16 are heavy by their dense layers (Section 1), which an encoder leaves behind. The
# convolutional ones after them average their last map before they name it: nothing is laid flat.
#
# ## What you know now
#
# 1. A classifier becomes a map maker without a new weight: dense layers are convolutions, and the size of the picture
#    no longer matters.
# 2. Depth says what, shallow layers say where. A skip adds their scores, and only helps where the maps lie exactly on
#    one another: offsets follow from kernel, stride and padding.
# 3. Begin with what a classifier knows, train the new part first, then all. Freezing includes the running means.
#
# **Next question.** All that you trained here learned by plain cross-entropy, and thin things came off worst. Can the
# *loss* help them? That is Lab 6.
#
# Last, your functions against the library's:

# %%
torch.manual_seed(0)
theirs = fcn.FCN(5, width=2, batch_norm=True, padding=1, fc_padding=3).eval()
scorers = [*theirs.skip_scores[::-1], theirs.score]  # of pool3, pool4 and the deep features
for layer in scorers:
    nn.init.normal_(layer.weight)
x = torch.rand(1, 3, 70, 101)
*_, pool3, pool4, pool5 = theirs.encoder(x)
deep = F.relu(theirs.fc7(F.relu(theirs.fc6(pool5))))

# %%
mine = FCN8s(5, (pool3.shape[1], pool4.shape[1], deep.shape[1]))
layers = {m.in_channels: m for m in mine.modules() if isinstance(m, nn.Conv2d)}
own = [layers[features.shape[1]] for features in (pool3, pool4, deep)]  # whatever their names
for layer, scorer in zip(own, scorers, strict=True):
    layer.load_state_dict(scorer.state_dict())
gap = (mine(pool3, pool4, deep, (70, 101)) - theirs(x)).abs().max().item()
assert gap < 1e-4, "the two decoders differ"
print(f"Your FCN-8s agrees with the library's on 70×101 pixels: largest gap {gap:.0e}.")

# %% [markdown]
# **Papers.** Long, Shelhamer & Darrell, *Fully Convolutional Networks for Semantic Segmentation*, arXiv:1411.4038 ·
# Simonyan & Zisserman, *VGG*, arXiv:1409.1556 · He et al., *ResNet*, arXiv:1512.03385 · Szegedy et al., *GoogLeNet*,
# arXiv:1409.4842 · Huang et al., *DenseNet*, arXiv:1608.06993 · Howard et al., *MobileNetV3*, arXiv:1905.02244 · Tan &
# Le, *EfficientNet*, arXiv:1905.11946 · Dosovitskiy et al., *ViT*, arXiv:2010.11929 · SDS: Hariharan et al.,
# arXiv:1407.1808.
