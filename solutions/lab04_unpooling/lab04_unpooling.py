# %% [markdown]
# # Lab 4 · Unpooling remembers where
#
# **The question.** Max pooling keeps one number of four and forgets where it stood. A network that labels *every pixel*
# has to put it back. What is the cheapest note that the encoder can leave for the decoder?
#
# You will build pooling that takes notes, three ways back, a code of **two bits** per window, and the decoder blocks of
# SegNet and DeconvNet. At the end four decoders compete on one encoder.
#
# *About 90 minutes, no GPU, no network. Before this: Lab 3.*

# %%
import torch
import torch.nn.functional as F
from torch import nn
from tqdm.auto import tqdm

from course.data.palettes import SCENES, colorise
from course.data.photos import photo
from course.data.scenes import Scenes
from course.metrics.confusion import ConfusionMatrix
from course.ops import unpooling
from course.page.progress import Progress
from course.viz import bars, curves, error_map, numbers, show
from course.widgets.unpooling import unpooling_explorer

# %% progress=true
Progress()

# %% [markdown]
# ## 1 · What pooling keeps, and what it loses
#
# A 2×2 window walks over the picture in steps of two. Of each window the largest number goes on:
#
# $$p[y, x] = \max_{i,j \in \{0,1\}} a[2y+i,\; 2x+j]$$
#
# Sixteen numbers in, four out. The picture below marks who won.

# %%
grid = torch.tensor([[1.0, 2, 6, 3], [3, 5, 2, 1], [1, 2, 2, 1], [7, 3, 4, 8]])
pooled = F.max_pool2d(grid[None, None], 2)[0, 0]
winners = torch.where(torch.isin(grid, pooled) & (grid > 4), grid, torch.nan)
numbers(
    grid,
    pooled,
    winners,
    titles=["before: 4 × 4", "after: 2 × 2", "where they stood"],
    caption="A 4×4 grid, its 2×2 maxima, and the same maxima at their old places.",
)

# %% [markdown]
# **What to notice.** The 6 stood in the upper left of its window, the 5 in the lower right of its own. The small grid
# no longer knows. Its places are the note to keep: SegNet's authors call them *switches*.
#
# We number the pixels of a plane row by row, as PyTorch does, and write down the number of each winner:
#
# $$s[y, x] = (2y + i^*)\,w + (2x + j^*), \qquad (i^*, j^*) = \underset{i,j}{\text{argmax}}\; a[2y+i,\; 2x+j]$$
#
# Two agreements: of equal numbers the **first** in reading order wins, and a last row or column without a partner is
# left out.


# %% exercise="max_pool_with_switches" difficulty=2 minutes=15 forbid="F.max_pool2d F.max_pool2d_with_indices torch.max_pool2d nn.MaxPool2d F.adaptive_max_pool2d nn.AdaptiveMaxPool2d course.ops unpooling"
def max_pool_with_switches(x):
    """Pool 2×2 windows and say where each maximum stood.

    Args:
        x: (n, c, h, w) float, any h and w of at least 2.

    Returns:
        pooled: (n, c, h // 2, w // 2), the maxima.
        switches: the same shape, int64: row · w + column of each maximum in its own plane.
    """
    # BEGIN SOLUTION
    h, w = x.shape[-2:]
    rows, columns = h // 2, w // 2
    corners = [x[..., i : 2 * rows : 2, j : 2 * columns : 2] for i in (0, 1) for j in (0, 1)]
    pooled, corner = corners[0], torch.zeros_like(corners[0], dtype=torch.int64)
    for k in (1, 2, 3):
        better = corners[k] > pooled  # strictly, so that the first of equals keeps its place
        pooled = torch.where(better, corners[k], pooled)
        corner = torch.where(better, k, corner)
    y = 2 * torch.arange(rows, device=x.device)[:, None] + corner // 2
    x_position = 2 * torch.arange(columns, device=x.device) + corner % 2
    return pooled, y * w + x_position
    # END SOLUTION


# %% [markdown] hint="max_pool_with_switches"
# The four corners of all windows at once are four strided slices: `x[..., i::2, j::2]` for i, j in {0, 1}. Which of
# the four is the largest? Keep the best so far and the number (0–3) of the corner that it came from.

# %% [markdown] hint="max_pool_with_switches"
# Corner k stands at row `2·y + k // 2` and column `2·x + k % 2`. With odd sizes cut the picture to `2 · (h // 2)` rows
# first, but keep multiplying the row by the **old** width w.

# %% check="max_pool_with_switches" points=8
grid = torch.tensor([[1.0, 2, 6, 3], [3, 5, 2, 1], [1, 2, 2, 1], [7, 3, 4, 8]])
got, switches = max_pool_with_switches(grid[None, None])
assert got[0, 0].tolist() == [[5, 6], [7, 8]], (
    "The maxima of the four windows are 5, 6, 7 and 8."
)
assert switches[0, 0].tolist() == [[5, 2], [12, 15]], (
    "5 is pixel number 5 of the 4×4 grid, 6 is pixel 2, 7 is 12, 8 is 15."
)
learning, _ = max_pool_with_switches(grid[None, None].clone().requires_grad_())
assert learning.requires_grad, "A gradient leads back to x: an encoder must learn through this."
_, tied = max_pool_with_switches(torch.zeros(1, 1, 2, 2))
assert tied.item() == 0, "Where all four are equal, the first one wins."
_, odd = max_pool_with_switches(torch.arange(15.0).reshape(1, 1, 3, 5))
assert odd.tolist() == [[[[6, 8]]]], (
    "Of a 3×5 grid the last row and column stay out; rows are 5 wide."
)

# %% [markdown]
# ## 2 · Three ways back
#
# Now backwards: a small map must become large again. With $f = 2$,
#
# - **nearest**: every pixel of a window gets the value, $u[y, x] = p[\lfloor y/2 \rfloor, \lfloor x/2 \rfloor]$;
# - **bed of nails**: the value goes to the upper left corner, the rest is 0;
# - **max-unpooling**: the value goes to the place that its switch names, the rest is 0.


# %% exercise="max_unpool" difficulty=2 minutes=12 forbid="F.max_unpool2d nn.MaxUnpool2d course.ops unpooling"
def max_unpool(values, switches, size):
    """Put each value back at the place that its switch names; everything else is 0.

    Args:
        values: (n, c, a, b) float.
        switches: (n, c, a, b) int64, row · w + column in the large plane.
        size: (h, w) of the large plane.

    Returns:
        (n, c, h, w), of the dtype of `values`.
    """
    # BEGIN SOLUTION
    h, w = size
    n, c = values.shape[:2]
    flat = values.new_zeros(n, c, h * w)
    flat = flat.scatter(2, switches.flatten(2), values.flatten(2))
    return flat.reshape(n, c, h, w)
    # END SOLUTION


# %% [markdown] hint="max_unpool"
# Think of each plane as one long row of h·w pixels, all zero. The switch *is* the index into that row.

# %% [markdown] hint="max_unpool"
# `flat.scatter(2, index, values)` writes `values` at `index` along dimension 2; flatten both from dimension 2 on, and
# reshape at the end.

# %% check="max_unpool" points=7
switches = torch.tensor([[[[5, 2], [12, 15]]]])  # of the first picture
back = max_unpool(torch.tensor([[[[1.0, 2], [3, 4]]]]), switches, (4, 4))
want = [[0, 0, 2, 0], [0, 1, 0, 0], [0, 0, 0, 0], [3, 0, 0, 4]]
assert back[0, 0].tolist() == want, (
    "1 goes to where the 5 stood, 2 to the 6, 3 to the 7, 4 to the 8."
)
small = torch.ones(1, 1, 2, 2, requires_grad=True)
assert max_unpool(small, switches, (4, 4)).requires_grad, (
    "A gradient leads back to the values: a decoder must learn through this."
)
wide = max_unpool(torch.ones(1, 1, 1, 2), torch.tensor([[[[6, 8]]]]), (3, 5))
assert wide.shape == (1, 1, 3, 5), (
    "The result has the size that was asked for, also when it is odd."
)
assert wide[0, 0, 1].tolist() == [0, 1, 0, 1, 0], (
    "In a plane 5 wide, pixel 6 is row 1, column 1."
)

# %% [markdown]
# The three ways in numbers. The same small grid `[[1, 2], [3, 4]]` goes back, with the switches of the first picture.

# %%
small = torch.tensor([[[[1.0, 2], [3, 4]]]])
ways = {
    "nearest": unpooling.nearest_unpool(small),
    "bed of nails": unpooling.bed_of_nails(small),
    "switches": max_unpool(small, max_pool_with_switches(grid[None, None])[1], (4, 4)),
}
numbers(
    *[way[0, 0] for way in ways.values()],
    titles=list(ways),
    caption="Only the third puts the numbers where the maxima came from.",
)

# %% [markdown] predict="edges"
# We pool a photograph three times, by 8 in all, and come back by each way. In which picture do the edges of the coat
# and the tripod stand where they stood?
# - [ ] nearest :: Its blocks are 8 pixels wide: an edge can only lie on the block's border, up to 7 pixels away.
# - [ ] bed of nails :: Every value lands in the upper left corner of its 8×8 block, wherever it came from.
# - [x] switches :: Each value returns to the very pixel that it was taken from. The picture is sparse, but no value is
#   in the wrong place.

# %%
picture = photo("camera", size=(256, 256))[None, :1]
levels, notes = [picture], []
for _ in range(3):
    smaller, switches = unpooling.max_pool_with_switches(levels[-1])
    notes.append((switches, levels[-1].shape[-2:]))
    levels.append(smaller)
switched = levels[-1]
for switches, size in reversed(notes):
    switched = unpooling.max_unpool(switched, switches, size)

# %%
nearest = unpooling.nearest_unpool(levels[-1], 8)
nails = unpooling.bed_of_nails(levels[-1], 8)
dots = [F.max_pool2d(p, 5, 1, 2)[0] for p in (nails, switched)]  # drawn larger, for the eye
show(
    picture[0],
    nearest[0],
    *dots,
    titles=["photograph", "nearest", "bed of nails", "switches"],
    caption="Pooled by 8 and brought back in three ways; single pixels are drawn 5 wide.",
)

# %% [markdown]
# **What to notice.** Nearest is a mosaic, and the nails stand in rank and file. In the third picture the dots
# crowd along the bright side of each edge: they kept their places. How far off is each way? We measure the distance between where a value is put
# and where it stood.

# %%
truth = switched[0, 0].nonzero().float()
corner = truth // 8 * 8
distances = {
    "nearest (block's center)": (corner + 3.5 - truth),
    "bed of nails": (corner - truth),
    "switches": truth * 0,
}
bars(
    {name: gap.norm(dim=1).mean().item() for name, gap in distances.items()},
    xlabel="pixels",
    caption="Mean distance between where a value is put back and where it stood, after pooling by 8.",
)

# %% [markdown]
# Choose another way up, another size, other digits. Watch which numbers move.

# %%
unpooling_explorer()

# %% [markdown]
# ## 3 · Two bits
#
# A switch is a 64-bit integer, yet it answers a small question: *which of four?* Two bits are enough. Four windows fit
# into one byte:
#
# $$\text{byte} = k_0 + 4\,k_1 + 16\,k_2 + 64\,k_3, \qquad k \in \{0, 1, 2, 3\}$$
#
# U-Net keeps the whole map before pooling instead, four floats for each window.

# %% [markdown] predict="bytes"
# VGG16's first block leaves 64 channels at 360×480. U-Net keeps that map in 32-bit floats. By what factor are two bits
# per window smaller?
# - [ ] 4 :: That is the number of windows in a byte.
# - [ ] 16 :: That would be two bits against *one* float; but a window has four.
# - [x] 64 :: Four floats of 32 bits are 128 bits for a window, against 2.


# %% exercise="pack_switches" difficulty=3 minutes=15 forbid="course.ops unpooling"
def pack_switches(switches, size):
    """Write switches of 2×2 windows in two bits each, four to a byte, the first in the lowest bits.

    Args:
        switches: (n, c, a, b) int64, row · w + column.
        size: (h, w) of the large plane.

    Returns:
        (bytes,) uint8; the last byte is filled up with zeros.
    """
    # BEGIN SOLUTION
    w = size[1]
    corner = 2 * (switches // w % 2) + switches % w % 2
    corner = F.pad(corner.flatten(), (0, -corner.numel() % 4))
    return (
        (corner.reshape(-1, 4) * torch.tensor([1, 4, 16, 64], device=corner.device))
        .sum(1)
        .to(torch.uint8)
    )
    # END SOLUTION


# %% [markdown] hint="pack_switches"
# Row and column come back by `switches // w` and `switches % w`. Windows begin at even rows and columns: what
# does an odd row say?

# %% [markdown] hint="pack_switches"
# The corner is `2 · (row % 2) + (column % 2)`. Flatten, pad to a multiple of four, reshape to `(-1, 4)`, multiply by
# `[1, 4, 16, 64]` and add up.

# %% check="pack_switches" points=5
switches = torch.tensor([[[[5, 2], [12, 15]]]])  # the corners are 3, 0, 2, 3
packed = pack_switches(switches, (4, 4))
assert packed.dtype == torch.uint8, "The result is made of bytes: dtype uint8."
assert packed.tolist() == [3 + 4 * 0 + 16 * 2 + 64 * 3], (
    "Corners 3, 0, 2, 3 make 3 + 0 + 32 + 192 = 227."
)
assert pack_switches(torch.tensor([[[[6, 8]]]]), (3, 5)).tolist() == [15], (
    "In a plane 5 wide, 6 and 8 are lower right corners."
)


# %% exercise="unpack_switches" difficulty=2 minutes=12 forbid="course.ops unpooling"
def unpack_switches(packed, shape, size):
    """Read switches back from their bytes: the inverse of `pack_switches`.

    Args:
        packed: (bytes,) uint8.
        shape: (n, c, a, b) of the switches.
        size: (h, w) of the large plane.

    Returns:
        (n, c, a, b) int64, row · w + column.
    """
    # BEGIN SOLUTION
    n, c, a, b = shape
    corner = packed.long()[:, None] // torch.tensor([1, 4, 16, 64], device=packed.device) % 4
    corner = corner.flatten()[: n * c * a * b].reshape(shape)
    row = 2 * torch.arange(a, device=packed.device)[:, None] + corner // 2
    column = 2 * torch.arange(b, device=packed.device) + corner % 2
    return row * size[1] + column
    # END SOLUTION


# %% [markdown] hint="unpack_switches"
# Undo the packing first: dividing a byte by 1, 4, 16 and 64 and taking each result modulo 4 gives four corners.

# %% [markdown] hint="unpack_switches"
# Drop the padding, reshape, and then do what you did in Exercise 4.1: row `2·y + corner // 2`, column `2·x + corner % 2`.

# %% check="unpack_switches" points=4
again = unpack_switches(torch.tensor([227], dtype=torch.uint8), (1, 1, 2, 2), (4, 4))
assert again.tolist() == [[[[5, 2], [12, 15]]]], (
    "Byte 227 holds the corners 3, 0, 2, 3 of the first grid."
)
assert again.dtype == torch.int64, "Indices are int64, so that max_unpool can use them."

# %%
block = photo("astronaut", size=(360, 480))[:1].repeat(64, 1, 1)[None]
_, places = unpooling.max_pool_with_switches(block)
sizes = {
    "U-Net: the float map": block.nbytes,
    "switches as int64": places.nbytes,
    "switches in 2 bits": pack_switches(places, (360, 480)).nbytes,
}
bars(
    {name: size / 2**20 for name, size in sizes.items()},
    xlabel="MiB",
    caption="What the encoder must keep of one block with 64 channels at 360×480 so that the decoder can use it.",
)

# %% [markdown]
# **What to notice.** Kept as PyTorch's integers, switches save only half. The saving that SegNet's paper speaks of is
# in the packing.
#
# ## 4 · SegNet: the decoder mirrors the encoder
#
# SegNet is VGG16 without its dense layers, and the same thing backwards. Each decoder block takes the switches of *its*
# encoder block, unpools, and lets a convolution fill the zeros in:
#
# $$\text{block}(v) = \text{ReLU}\big(\text{BN}(W * \text{unpool}(v, s))\big)$$
#
# The convolution is 3×3 and keeps the size; batch normalization subtracts a mean anyway, so a bias would do nothing.


# %% exercise="SegNetBlock" difficulty=2 minutes=15 forbid="F.max_unpool2d nn.MaxUnpool2d"
class SegNetBlock(nn.Module):
    """One SegNet decoder block: max-unpool, then convolution, batch normalization and ReLU.

    Args:
        in_channels: channels that come in.
        out_channels: channels that go out.

    Call with values (n, in_channels, a, b), switches of the same shape and size (h, w); returns (n, out_channels, h, w).
    """

    def __init__(self, in_channels, out_channels):
        super().__init__()
        # BEGIN SOLUTION
        self.conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        # END SOLUTION

    def forward(self, values, switches, size):
        # BEGIN SOLUTION
        return F.relu(self.norm(self.conv(unpooling.max_unpool(values, switches, size))))
        # END SOLUTION


# %% [markdown] hint="SegNetBlock"
# Two layers live in `__init__`: a 3×3 `nn.Conv2d` without a bias that keeps the size, and an `nn.BatchNorm2d` for the
# channels that go out. `unpooling.max_unpool` (or your own) does the rest.

# %% [markdown] hint="SegNetBlock"
# In order: unpool to `size`, convolve with `padding=1`, normalize, ReLU. The unpooling comes *before* the convolution.

# %% check="SegNetBlock" points=7
torch.manual_seed(0)
block = SegNetBlock(3, 5)
values, places = unpooling.max_pool_with_switches(torch.rand(2, 3, 9, 12))
out = block(values, places, (9, 12))
assert out.shape == (2, 5, 9, 12), "Five channels come out, at the size that was asked for."
assert out.min() == 0, "ReLU comes last: nothing is negative, and something is cut off at 0."
learned = sum(p.numel() for p in block.parameters())
assert learned == 3 * 5 * 9 + 2 * 5, (
    "3·5·9 weights and a scale and a shift for each of 5 channels: no bias."
)

# %% [markdown]
# ## 5 · DeconvNet: learned filters fill the gaps
#
# DeconvNet goes all the way down to 1×1 and back up. After each unpooling stands a *transposed* convolution, from Lab 3:
# every value that came back paints a learned 3×3 patch around its place, and the patches add up.


# %% exercise="DeconvNetBlock" difficulty=2 minutes=12 forbid="F.max_unpool2d nn.MaxUnpool2d"
class DeconvNetBlock(nn.Module):
    """One DeconvNet block: max-unpool, then transposed convolution, batch normalization and ReLU.

    Args:
        in_channels: channels that come in.
        out_channels: channels that go out.

    Call with values (n, in_channels, a, b), switches of the same shape and size (h, w); returns (n, out_channels, h, w).
    """

    def __init__(self, in_channels, out_channels):
        super().__init__()
        # BEGIN SOLUTION
        self.deconv = nn.ConvTranspose2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        # END SOLUTION

    def forward(self, values, switches, size):
        # BEGIN SOLUTION
        return F.relu(self.norm(self.deconv(unpooling.max_unpool(values, switches, size))))
        # END SOLUTION


# %% [markdown] hint="DeconvNetBlock"
# `nn.ConvTranspose2d(in_channels, out_channels, 3, padding=…)` with stride 1. Which padding keeps the size?

# %% [markdown] hint="DeconvNetBlock"
# Output size = (size − 1)·1 − 2·padding + 3, so padding 1. Its weight has the shape (in_channels, out_channels, 3, 3): the other
# way round than a convolution's.

# %% check="DeconvNetBlock" points=7
torch.manual_seed(0)
block = DeconvNetBlock(3, 5)
values, places = unpooling.max_pool_with_switches(torch.rand(2, 3, 9, 12))
out = block(values, places, (9, 12))
assert out.shape == (2, 5, 9, 12), "Five channels come out, at the size that was asked for."
shapes = [tuple(p.shape) for p in block.parameters() if p.ndim == 4]
assert shapes == [(3, 5, 3, 3)], (
    "A transposed convolution's weight is (in_channels, out_channels, 3, 3)."
)

# %% [markdown]
# The two nets side by side, by the width of the map after each step. Both come back to the size they began with.

# %%
segnet = [torch.nan, 480, 240, 120, 60, 30, 15]
deconvnet = [224, 112, 56, 28, 14, 7, 1]
nets = {"SegNet": segnet, "DeconvNet": deconvnet}
curves(
    range(-6, 7),
    {name: [*down, *down[-2::-1]] for name, down in nets.items()},
    xlabel="steps from the narrowest map",
    ylabel="pixels across",
    caption="Decoders mirror their encoders: SegNet stops at 15 pixels, DeconvNet goes down to one.",
)

# %% [markdown]
# How much of the picture is alive after each step? We send one feature map through an unpooling and a transposed
# convolution whose weights are all positive, a blur, so that we see only *where* something is.

# %%
values, places = unpooling.max_pool_with_switches(picture)
unpooled = unpooling.max_unpool(values, places, (256, 256))
blur = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])[None, None] / 4
filled = F.conv_transpose2d(unpooled, blur, padding=1)
alive = [f"{(p > 0).float().mean():.0%} alive" for p in (unpooled, filled)]
crop = (0, slice(None), slice(40, 104), slice(90, 154))

# %%
show(
    picture[crop],
    unpooled[crop],
    filled[crop],
    titles=["before pooling", f"unpooled: {alive[0]}", f"spread: {alive[1]}"],
    caption="A detail of 64×64 pixels. Unpooling leaves three of four pixels empty; the filter fills them in.",
)

# %% [markdown]
# ## 6 · Four decoders, one encoder
#
# Does the note pay? One small encoder pools three times, by 8 in all. Four decoders come back with the same
# convolutions and the same number of weights. Only the step between them differs: nearest, bed of nails, switches, or
# nearest with the encoder's whole map added in (as FCN and U-Net do: the dearest note).


# %% setup=true
def layer(in_channels, out_channels):
    conv = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU())


# %% setup=true
class Encoder(nn.Module):
    """Three layers, a pooling after each: returns the last map, and the notes on the way."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([layer(3, 8), layer(8, 16), layer(16, 32)])

    def forward(self, x):
        notes = []
        for step in self.layers:
            full = step(x)
            x, switches = unpooling.max_pool_with_switches(full)
            notes.append((switches, full))
        return x, notes


# %% setup=true
def grow(way, x, switches, full):
    """One step up. `way` says which part of the note it reads."""
    if way == "switches":
        return unpooling.max_unpool(x, switches, full.shape[-2:])
    if way == "bed of nails":
        return unpooling.bed_of_nails(x)
    grown = unpooling.nearest_unpool(x)
    return grown + full if way == "whole maps" else grown


# %% setup=true
class Small(nn.Module):
    """The encoder, and a decoder that gets back by `way`."""

    def __init__(self, way):
        super().__init__()
        self.way, self.encoder = way, Encoder()
        self.layers = nn.ModuleList([layer(32, 16), layer(16, 8), layer(8, 8)])
        self.score = nn.Conv2d(8, 9, 1)

    def forward(self, x):
        x, notes = self.encoder(x)
        for step, (switches, full) in zip(self.layers, reversed(notes), strict=True):
            x = step(grow(self.way, x, switches, full))
        return self.score(x)


# %%
def stack(scenes):
    pictures, labels = zip(*[scenes[i] for i in range(len(scenes))], strict=True)
    return 4 * torch.stack(pictures) - 2, torch.stack(labels)


train_pictures, train_labels = stack(Scenes(96, size=(64, 96)))
test_pictures, test_labels = stack(Scenes(32, size=(64, 96), split="test"))
show(
    *[train_pictures[i] / 4 + 0.5 for i in range(4)],
    *[colorise(train_labels[i], SCENES) for i in range(4)],
    columns=4,
    caption="Four of the training scenes, 64×96 pixels, and their labels.",
)

# %% [markdown] predict="decoders"
# All four train for the same 200 steps on the same scenes. The bed of nails and the switches are equally sparse; they
# differ in two bits per window. Which of all four labels the pixels along the edges best?
# - [ ] bed of nails :: It is told nothing, and three of four numbers that its convolutions see are zeros.
# - [ ] switches :: Better than the nails, as you will see: the two bits are worth something. But a place is not yet
#   a value.
# - [ ] nearest :: It is told nothing either; but it hands on a full map, which short training likes better than a
#   sparse one.
# - [x] whole maps :: They say where the edge was and what the encoder saw there. They also cost 64 times as much.


# %%
def train(way, pictures, labels, steps=200, batch=8):
    torch.manual_seed(0)
    model = Small(way)
    optimizer = torch.optim.AdamW(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for chosen in torch.randint(len(pictures), (steps, batch)):
        loss = F.cross_entropy(model(pictures[chosen]), labels[chosen], ignore_index=255)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


# %%
WAYS = ("bed of nails", "switches", "nearest", "whole maps")
models = {
    way: train(way, train_pictures, train_labels)
    for way in tqdm(WAYS, desc="training four decoders")
}
with torch.no_grad():
    predictions = {way: model(test_pictures).argmax(1) for way, model in models.items()}
weights = {way: sum(p.numel() for p in model.parameters()) for way, model in models.items()}
print("weights:", weights)

# %% [markdown]
# Two scores on 32 scenes that no decoder has seen: the mean IoU, and the share of right pixels among those that touch
# another class.

# %%
largest = F.max_pool2d(test_labels[:, None].float(), 3, 1, 1)
smallest = -F.max_pool2d(-test_labels[:, None].float(), 3, 1, 1)
edge = (largest != smallest)[:, 0] & (test_labels != 255)
right = {way: (p == test_labels)[edge].float().mean().item() for way, p in predictions.items()}
bars(
    right,
    xlabel="share of right pixels along edges",
    caption="Same encoder, same budget, four ways back.",
)

# %%
miou = {}
for way, prediction in predictions.items():
    confusion = ConfusionMatrix(9)
    confusion.update(test_labels, prediction)
    miou[way] = confusion.summary()["mean_iou"]
bars(
    miou,
    xlabel="mean IoU",
    caption="The same four decoders by mean IoU over the whole pictures.",
)

# %%
show(
    test_pictures[0] / 4 + 0.5,
    *[error_map(test_labels[0], prediction[0]) for prediction in predictions.values()],
    titles=["scene", *predictions],
    columns=3,
    caption="Where each decoder errs (bright): without a note the errors run along every edge.",
)

# %% [markdown]
# **What to notice.** From the nails to the switches nothing changed but two bits per window, and the score rose. The
# whole maps win. And nearest, told nothing, does well here: convolutions learn faster from a full map than from a
# sparse one. Train ten times longer (`steps=2000`, a few minutes) and look again.
#
# ## What you know now
#
# 1. Pooling loses places, not only numbers; switches bring them back exactly, and two bits per window hold them.
# 2. Unpooling leaves three of four pixels empty. SegNet fills them with convolutions, DeconvNet with transposed ones.
# 3. Two bits help; the whole map helps more and costs 64 times as much. A note is a trade.
#
# **Next question.** Can the decoder add in what the encoder *saw*, not only where? That is FCN's skip, Lab 5.
#
# Last, your functions against the library's:

# %%
x = torch.rand(2, 3, 33, 50)
mine, library = max_pool_with_switches(x), unpooling.max_pool_with_switches(x)
assert torch.equal(mine[0], library[0]), "the maxima differ"
assert torch.equal(mine[1], library[1]), "the switches differ"
assert torch.equal(max_unpool(*mine, (33, 50)), unpooling.max_unpool(*library, (33, 50))), (
    "unpooling differs"
)
print("Your pooling and unpooling agree with the library's on a 33×50 input.")

# %% [markdown]
# **Papers.** Badrinarayanan, Kendall & Cipolla, *SegNet*, arXiv:1511.00561 · Noh, Hong & Han, *Learning Deconvolution
# Network for Semantic Segmentation* (DeconvNet), arXiv:1505.04366 · Long, Shelhamer & Darrell, *FCN*, arXiv:1411.4038.
