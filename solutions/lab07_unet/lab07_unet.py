# %% [markdown]
# # Lab 7 · U-Net and keeping resolution
#
# **The question.** To know *what* a pixel is, a network must see far, and seeing far means shrinking the picture. To know
# *where* it ends, it must keep every pixel. How does one network see far and still keep the edge?
#
# You will build U-Net block by block, count its pixels and parameters by hand, cut its skips to see what they carried,
# run it over pictures of any size without a seam, and build the exchange unit of HRNet, which keeps its fine features
# from first to last.
#
# *About 110 minutes, no GPU, no network. Before this: Labs 3, 5 and 6.*

# %%
from itertools import count

import torch
import torch.nn.functional as F
from skimage.measure import label
from torch import nn
from tqdm.auto import tqdm

from course.data.palettes import SCENES, colorise
from course.data.photos import photo
from course.data.scenes import Scenes
from course.data.tissue import drawn_tissue, real_tissue
from course.losses import cross_entropy
from course.losses.borders import border_weights
from course.metrics.confusion import ConfusionMatrix
from course.models.networks import build
from course.models.semantic import hrnet, unet
from course.models.zoo import load
from course.ops import tiling
from course.page.progress import Progress
from course.training import Validation, batches, cosine, fit
from course.viz import TrainingView, bars, curves, error_map, show
from course.widgets.tiling import tiling_explorer
from course.widgets.unet_sizes import unet_explorer

# %% progress=true
Progress()

# %% [markdown]
# ## 1 · The U
#
# On the way down each level is two 3×3 convolutions, then a 2×2 pooling: half the size, twice the channels. On the way up
# each level doubles the size again, lays the features of the *same level on the way down* beside it (the **skip**), and
# convolves twice.
#
# The paper's convolutions have **no padding**: each loses a pixel on every side. Move the sliders and follow a picture
# through the U.

# %%
unet_explorer()

# %% [markdown]
# **What to notice.** Down a level: $s \to (s - 4)/2$. Up a level: $s \to 2s - 4$. So a picture of 572 comes back as 388,
# and no output pixel ever saw a padded zero.
#
# But $(s - 4)/2$ must come out whole at *every* level, or a pooling window hangs over the edge.

# %% [markdown] predict="fits"
# Which of these pictures fits the U with four poolings?
# - [ ] 512 × 512 :: 512 → 508 → 254 → 250 → 125, and 125 − 4 = 121 is odd. A round number is no help here.
# - [x] 572 × 572 :: 572 → 284 → 140 → 68 → 32, whole all the way down. So is every size 16 pixels larger or smaller.
# - [ ] 576 × 576 :: It is a multiple of 16, and that is what a *padded* U-Net wants. Here: 576 → 286 → 141, then 137 is odd.


# %% exercise="valid_size" difficulty=2 minutes=15 forbid="course.models unet"
def valid_size(length, poolings=4):
    """The smallest picture that fits a U-Net without padding, and what comes out.

    Args:
        length: the picture must have at least so many pixels along this axis.
        poolings: levels below the first, at least 0.

    Returns:
        (size, out): the smallest size of at least `length` with which no pooling leaves half a
        window and at least one pixel comes out; and how many pixels come out.
    """
    # BEGIN SOLUTION
    for bottom in count(5):  # pixels that reach the lowest level: of 4 nothing is left
        size, out = bottom, bottom - 4
        for _ in range(poolings):
            size, out = 2 * size + 4, 2 * out - 4
        if size >= length and out > 0:
            break
    return size, out
    # END SOLUTION


# %% [markdown] hint="valid_size"
# Start at the bottom of the U instead of the top: if $b$ pixels reach the lowest level, how many did the level above have
# before it convolved twice and pooled?

# %% [markdown] hint="valid_size"
# Backwards up the left side: $s \to 2s + 4$. Forwards up the right side: first $b - 4$, then $s \to 2s - 4$ per level.
# Try b = 5, 6, 7, … until the size is large enough and something comes out.

# %% check="valid_size" points=5
assert valid_size(572) == (572, 388), (
    "The paper's picture: 572 → 284 → 140 → 68 → 32 → 28 → 52 → 100 → 196 → 388."
)
assert valid_size(573) == (588, 404), (
    "The next size that fits has one pixel more at the bottom: 16 more at the top."
)
assert valid_size(10, poolings=0) == (10, 6), "Without pooling two convolutions lose 4 pixels."
assert valid_size(20, poolings=1) == (20, 4), "20 → 16 → 8 → 4 → 8 → 4."
assert valid_size(1, poolings=1) == (18, 2), (
    "A smaller one would come out empty: 16 → 12 → 6 → 2 → 4 → 0."
)

# %% [markdown]
# ### How far does the bottom see?
#
# Walk down and keep two numbers: how wide the window is that one number sees, and how far apart two neighbors stand in the
# picture. A 3×3 convolution adds two steps to the window, a pooling adds one and doubles the step.

# %%
window, step, sees = 1, 1, {}
for level in range(5):
    if level:
        window, step = window + step, 2 * step  # pooling
    window += 2 * 2 * step  # two convolutions
    sees[f"level {level + 1}"] = window
bars(
    sees,
    xlabel="pixels of the picture",
    caption="How wide a window one number of each level sees, on the way down.",
)

# %% [markdown]
# **What to notice.** Far-sighted at the bottom, near-sighted at the top: half of the question is answered. The price is at
# the bottom as well:

# %% [markdown] predict="parameters"
# U-Net has about 31 million parameters. Which level holds the most, both ways together?
# - [ ] the first: it has the largest maps :: Its maps are large, its filters few. A weight is shared by all pixels, so
#   the size of the map does not matter.
# - [ ] all the same: sizes halve, channels double :: That keeps the *numbers in a map* halving; weights go by channels in
#   × channels out, which quadruples.
# - [x] the lowest ones: they have the most channels :: Each level has about four times the weights of the one above it.


# %%
def kernel(size, in_channels, out_channels):
    """Weights and biases of a convolution."""
    return size * size * in_channels * out_channels + out_channels


per_level, in_channels = {}, 1
for level, width in enumerate((64, 128, 256, 512, 1024), 1):
    total = kernel(3, in_channels, width) + kernel(3, width, width)  # down
    if level < 5:  # up: 2×2 from twice the width, then two convolutions
        total += kernel(2, 2 * width, width)
        total += kernel(3, 2 * width, width) + kernel(3, width, width)
    per_level[f"level {level}"], in_channels = total, width

# %%
together = sum(per_level.values()) + kernel(1, 64, 2)  # with the scores
bars(
    {name: total / 1e6 for name, total in per_level.items()},
    xlabel="million parameters",
    caption=f"U-Net as drawn, from 1 channel to 2 classes: {together:,} parameters in all.",
)

# %% [markdown]
# ## 2 · Crop and concatenate
#
# The skip is larger than what comes up, since it was not yet trimmed by the levels below. U-Net cuts out its middle and
# lays it **beside** the other channels. FCN (Lab 5) *added* its skips. What is the difference?
#
# A convolution over channels side by side is two convolutions, added:
#
# $$W * [a; b] = W_a * a + W_b * b$$

# %%
torch.manual_seed(0)
a, b = torch.rand(2, 1, 4, 9, 9)
conv = nn.Conv2d(8, 5, 3, bias=False)
beside = conv(torch.cat([a, b], 1))
two = F.conv2d(a, conv.weight[:, :4]) + F.conv2d(b, conv.weight[:, 4:])
summed = F.conv2d(a + b, conv.weight[:, :4])
shared = F.conv2d(torch.cat([a, b], 1), conv.weight[:, :4].repeat(1, 2, 1, 1))
print(f"beside each other = two convolutions: within {(beside - two).abs().max():.0e}")
print(f"a sum = both halves sharing weights:  within {(summed - shared).abs().max():.0e}")

# %% [markdown]
# **What to notice.** Adding is concatenating with $W_a = W_b$: what the encoder saw and what the decoder knows must mean
# the same in every channel. Side by side, the network may take the edge from one and the name from the other. It pays with
# twice the weights in that convolution.


# %% exercise="crop_and_concatenate" difficulty=1 minutes=8 forbid="course.models unet"
def crop_and_concatenate(skip, x):
    """The middle of the skip, of the size of x, then the channels of x.

    Args:
        skip: (n, b, H, W), at least as large as x.
        x: (n, c, h, w).

    Returns:
        (n, b + c, h, w): the skip's channels first. Where an odd number of rows or columns is
        too many, the larger half is cut off below and on the right.
    """
    # BEGIN SOLUTION
    h, w = x.shape[2:]
    top, left = (skip.shape[2] - h) // 2, (skip.shape[3] - w) // 2
    return torch.cat([skip[:, :, top : top + h, left : left + w], x], dim=1)
    # END SOLUTION


# %% [markdown] hint="crop_and_concatenate"
# How many rows are too many? Half of them go above: with which row does the middle begin, and with which does it end?

# %% [markdown] hint="crop_and_concatenate"
# `top = (H - h) // 2`, likewise `left`; slice `[:, :, top : top + h, left : left + w]` and `torch.cat([…, x], dim=1)`.

# %% check="crop_and_concatenate" points=6
grid = torch.arange(16.0).reshape(1, 1, 4, 4)
both = crop_and_concatenate(grid, torch.zeros(1, 1, 2, 2))
assert both.shape == (1, 2, 2, 2), (
    "One channel of the skip and one of x, side by side: two channels."
)
assert both[0, 0].tolist() == [[5, 6], [9, 10]], (
    "The middle of the 4×4 grid is rows 1–2, columns 1–2."
)
assert both[0, 1].tolist() == [[0, 0], [0, 0]], "The channels of x come last."
three = crop_and_concatenate(grid, torch.zeros(1, 1, 3, 3))
assert three[0, 0, 0].tolist() == [0, 1, 2], "Of one row too many, the last is cut off."

# %% [markdown]
# ## 3 · Blocks, and the whole U
#
# The contracting block is the plainest in deep learning: 3×3 convolution, ReLU, twice. No padding, with biases, no
# normalization: the paper is from 2015.


# %% exercise="ContractingBlock" difficulty=1 minutes=8 forbid="course.models unet"
class ContractingBlock(nn.Module):
    """Two 3×3 convolutions without padding, each followed by ReLU.

    Args:
        in_channels: channels that come in.
        out_channels: channels that go out, of both convolutions.

    Call with (n, in_channels, h, w); returns (n, out_channels, h − 4, w − 4).
    """

    def __init__(self, in_channels, out_channels):
        super().__init__()
        # BEGIN SOLUTION
        self.first = nn.Conv2d(in_channels, out_channels, 3)
        self.second = nn.Conv2d(out_channels, out_channels, 3)
        # END SOLUTION

    def forward(self, x):
        # BEGIN SOLUTION
        return F.relu(self.second(F.relu(self.first(x))))
        # END SOLUTION


# %% [markdown] hint="ContractingBlock"
# How many channels does the *second* convolution take in? What does `nn.Conv2d` pad when you say nothing?

# %% [markdown] hint="ContractingBlock"
# `nn.Conv2d(in_channels, out_channels, 3)` and `nn.Conv2d(out_channels, out_channels, 3)`; forward is ReLU of the second of ReLU of the first.

# %% check="ContractingBlock" points=6
torch.manual_seed(0)
block = ContractingBlock(1, 64)
learned = sum(p.numel() for p in block.parameters())
assert learned == 37_568, "9·64 + 64 numbers in the first, 9·64·64 + 64 in the second: 37,568."
out = block(torch.rand(2, 1, 20, 15))
assert out.shape == (2, 64, 16, 11), (
    "Two convolutions without padding lose 4 rows and 4 columns."
)
assert out.min() == 0, "ReLU comes last: nothing is negative, and something is cut off at 0."

# %% [markdown]
# The expanding block doubles the size by a 2×2 transposed convolution with stride 2: each pixel paints a 2×2 patch, patches
# don't overlap (Lab 3: an even count, no checkerboard by overlap). It also halves the channels, so that skip and
# newcomer have equally many.


# %% exercise="ExpandingBlock" difficulty=2 minutes=12 forbid="course.models unet"
class ExpandingBlock(nn.Module):
    """Double the size, lay the skip beside it, convolve twice.

    Args:
        in_channels: channels that come up.
        out_channels: channels that go out; the skip has as many.

    Call with x (n, in_channels, h, w) and the skip (n, out_channels, H, W), H ≥ 2h and W ≥ 2w; returns
    (n, out_channels, 2h − 4, 2w − 4). The transposed convolution is 2×2, stride 2, in_channels → out_channels,
    with a bias and no ReLU.
    """

    def __init__(self, in_channels, out_channels):
        super().__init__()
        # BEGIN SOLUTION
        self.up = nn.ConvTranspose2d(in_channels, out_channels, 2, stride=2)
        self.fuse = ContractingBlock(2 * out_channels, out_channels)
        # END SOLUTION

    def forward(self, x, skip):
        # BEGIN SOLUTION
        return self.fuse(crop_and_concatenate(skip, self.up(x)))
        # END SOLUTION


# %% [markdown] hint="ExpandingBlock"
# You have both halves already: Exercise 7.2 puts skip and newcomer side by side, Exercise 7.3 convolves twice. Only the
# doubling is new. How many channels lie side by side?

# %% [markdown] hint="ExpandingBlock"
# `self.up = nn.ConvTranspose2d(in_channels, out_channels, 2, stride=2)` and `self.fuse = ContractingBlock(2 * out_channels, out_channels)`.

# %% check="ExpandingBlock" points=7
torch.manual_seed(0)
block = ExpandingBlock(6, 3)
out = block(torch.rand(2, 6, 5, 7), torch.rand(2, 3, 16, 18))
assert out.shape == (2, 3, 6, 10), "5×7 doubles to 10×14; two convolutions leave 6×10."
learned = sum(p.numel() for p in block.parameters())
assert learned == (4 * 6 * 3 + 3) + (9 * 6 * 3 + 3) + (9 * 3 * 3 + 3), (
    "A 2×2 from 6 to 3, a 3×3 from 3 + 3 to 3, and a 3×3 from 3 to 3, each with biases."
)

# %% [markdown]
# Now the figure of the paper, in a dozen lines. Keep each level's features on the way down; take them back in reverse order.


# %% exercise="UNet" difficulty=3 minutes=20 forbid="course.models unet"
class UNet(nn.Module):
    """U-Net as drawn: contract and pool, then expand with the skips, then a 1×1 convolution to scores.

    Args:
        num_classes: k.
        in_channels: of the image.
        widths: channels of each level, the finest first; 2×2 max pooling stands between levels.

    Call with (n, in_channels, h, w) of a size that fits; returns scores
    (n, num_classes, h − lost, w − lost), no ReLU after them.
    """

    def __init__(self, num_classes, in_channels, widths):
        super().__init__()
        # BEGIN SOLUTION
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        c = in_channels
        for width in widths:
            self.down.append(ContractingBlock(c, width))
            c = width
        for width in reversed(widths[:-1]):
            self.up.append(ExpandingBlock(c, width))
            c = width
        self.score = nn.Conv2d(c, num_classes, 1)
        # END SOLUTION

    def forward(self, x):
        # BEGIN SOLUTION
        skips = [self.down[0](x)]
        for contract in self.down[1:]:
            skips.append(contract(F.max_pool2d(skips[-1], 2)))
        x = skips.pop()
        for expand in self.up:
            x = expand(x, skips.pop())
        return self.score(x)
        # END SOLUTION


# %% [markdown] hint="UNet"
# Blocks in a plain Python list are invisible to PyTorch: use `nn.ModuleList`. Which level's features does the *first*
# expanding block need: the finest, or the last but one?

# %% [markdown] hint="UNet"
# Down: `skips = [down[0](x)]`, then append `contract(F.max_pool2d(skips[-1], 2))`. Up: `x = skips.pop()` is the
# bottom; for each expanding block `x = expand(x, skips.pop())`. Widths go up in the order `widths[-2], …, widths[0]`.

# %% check="UNet" points=9
# On "meta" layers have shapes but no numbers: quick to build, free to count.
with torch.device("meta"):
    paper = UNet(2, 1, (64, 128, 256, 512, 1024))
learned = sum(p.numel() for p in paper.parameters())
assert learned == 31_030_658, "U-Net as drawn, 1 → 2 channels, has 31,030,658 parameters."
torch.manual_seed(0)
small = UNet(4, 3, (2, 4, 8))
assert small(torch.rand(2, 3, 44, 60)).shape == (2, 4, 4, 20), (
    "Two poolings lose 40 pixels: 44×60 comes out as 4×20, with 4 classes."
)
assert small(torch.rand(1, 3, 44, 44)).min() < 0, "Scores may be negative: no ReLU at the end."

# %% [markdown]
# ## 4 · What do the skips carry?
#
# The course ships a U-Net that was trained on its street scenes: padded and normalized, as people use it today, but the
# same U. We take it apart: the way down, the way up.


# %%
network, card = load("unet")
print(f"{card.parameters:,} parameters, trained on {card.data} for {card.steps:,} steps")
streets, truth = map(torch.stack, zip(*list(Scenes(12, split="test")), strict=True))
net = network.network


# %%
@torch.no_grad()
def descend(pictures):
    return unet.descend(net.down, net.pool, network.normalize(pictures))


@torch.no_grad()
def ascend(skips):
    maps = [skips[-1]]
    for up, fuse, skip in zip(net.up, net.fuse, skips[-2::-1], strict=True):
        h, w = skip.shape[2:]
        maps.append(fuse(torch.cat([skip, up(maps[-1])[:, :, :h, :w]], 1)))
    return maps, net.score(maps[-1])


# %% [markdown]
# Of each level we draw the channel that varies most, on the way down (above) and on the way up (below).


# %%
def liveliest(features):
    """The channel of the first picture that varies most, from 0 to 1."""
    one = max(features[0], key=lambda channel: channel.std().item())
    return (one - one.min()) / (one.max() - one.min() + 1e-9)


# %%
down = descend(streets)
up, scores = ascend(down)
show(
    *map(liveliest, down),
    *map(liveliest, up[:0:-1]),
    streets[0],
    columns=5,
    titles=[f"down {i}" for i in range(1, 6)] + [f"up {i}" for i in range(1, 5)] + ["street"],
    caption="The shipped U-Net at work on one street: down above, the bottom at the right, up below.",
)

# %% [markdown]
# **What to notice.** On the way down the first maps are full of edges, the last ones coarse and hard to read. On the way up
# *regions* grow, from right to left: blocky at first, sharper with each level. Where does the sharpness come from?
#
# Let us break it: set one skip to zero, and go up again.

# %% [markdown] predict="cut"
# We cut one of the four skips. Which cut harms the pixels along the edges most?
# - [ ] none matters: the bottom has seen everything :: The bottom sees far, but its map is 16 times smaller than the
#   picture in each direction. It can't say where an edge is to the pixel.
# - [ ] the coarsest skip :: It carries shapes of 8 pixels and more. Some of that comes up from the bottom too.
# - [x] the finest skip :: It is the only way for single pixels to get across. Each coarser skip matters less, as the
#   bars will show.


# %%
def cut(skips, level, fill="zero"):
    """The skips with one replaced: by zeros, or by each channel's mean, which has no places."""
    blank = torch.zeros_like(skips[level])
    if fill == "mean":
        blank = blank + skips[level].mean((0, 2, 3), keepdim=True)
    return [*skips[:level], blank, *skips[level + 1 :]]


predictions = {"whole": scores.argmax(1)}
for i in range(4):
    predictions[f"cut {i + 1}"] = ascend(cut(down, i))[1].argmax(1)

# %%
show(
    streets[0],
    *[colorise(p[0], SCENES) for p in predictions.values()],
    titles=["street", *predictions],
    columns=3,
    caption="One street and its labels: by the whole network, and with one skip set to zero.",
)

# %%
classes = truth[:, None].float()
largest, smallest = F.max_pool2d(classes, 3, 1, 1), -F.max_pool2d(-classes, 3, 1, 1)
edges = (largest != smallest)[:, 0] & (truth != 255)
right = {name: (p == truth)[edges].float().mean().item() for name, p in predictions.items()}
for i in range(4):
    calm = ascend(cut(down, i, "mean"))[1].argmax(1)
    right[f"cut {i + 1}, mean instead"] = (calm == truth)[edges].float().mean().item()
bars(
    right,
    xlabel="share of right pixels along edges",
    caption="Pixels that touch another class, 12 streets: a skip replaced by zeros, or by its mean.",
)

# %% [markdown]
# **A question about this failure.** The network never met a zeroed skip while it learned, so part of the loss is mere
# surprise. Putting each channel's *mean* there is less of a surprise and carries no places either. What do the two
# kinds of cut agree on? And what would you have to train to know what a skip is truly worth? (Lab 4 did so: nearest
# against "whole maps".)
#
# ## 5 · Any size: overlap-tile
#
# A microscope's picture can be too large for any memory. It goes through in tiles. But a pixel near a tile's border needs
# its neighbors from *outside* the tile. First the naive way: cut, predict, glue.

# %%
tiles = {}
for margin in (0, 16, 48):
    with torch.no_grad():
        tiles[margin] = tiling.apply_tiled_inside(network, streets[:1], 32, margin, stride=16)
whole = scores[:1]
show(
    *[colorise(t[0].argmax(0), SCENES) for t in (whole, *tiles.values())],
    *[error_map(whole[0].argmax(0), t[0].argmax(0)) for t in (whole, *tiles.values())],
    columns=4,
    titles=["whole", *[f"margin {m}" for m in tiles], "", *["differs" for _ in tiles]],
    caption="Tiles of 32×32 with a margin on each side; below, orange: labeled otherwise than in one piece.",
)

# %% [markdown]
# **What to notice.** Without a margin the picture falls into squares: each tile is a street of its own to the network. With
# more margin the seams fade. U-Net's rule makes them vanish *exactly*:
#
# 1. give each tile a margin as wide as what the valid network loses on a side;
# 2. at the picture's border, where there is nothing, **mirror** it: $\;d\,c\,b\;|\;a\,b\,c\,d\;|\;c\,b\,a$;
# 3. of what comes out, keep the tile.
#
# Try it: choose a tile and a margin, and watch the seams.

# %%
tiling_explorer()


# %% exercise="cut_tiles" difficulty=2 minutes=15 forbid="course.ops tiling .unfold F.unfold nn.Unfold"
def cut_tiles(image, size, margin):
    """Cut a picture into square tiles that overlap by their margins.

    Args:
        image: (c, h, w) float, h and w larger than size + margin.
        size: of a tile without its margin, in pixels.
        margin: pixels on each side, at least 0.

    Returns:
        (tiles, c, size + 2·margin, size + 2·margin), row by row. What sticks out of the picture,
        on any side, is mirrored; the outermost pixel is the mirror's axis and not repeated. Gradients
        come back to the picture.
    """
    # BEGIN SOLUTION
    h, w = image.shape[1:]
    below, right = margin + -h % size, margin + -w % size
    large = F.pad(image[None], (margin, right, margin, below), mode="reflect")[0]
    side = size + 2 * margin
    return torch.stack(
        [
            large[:, y : y + side, x : x + side]
            for y in range(0, h, size)
            for x in range(0, w, size)
        ]
    )
    # END SOLUTION


# %% [markdown] hint="cut_tiles"
# Mirror the whole picture once, and then only cut. How many rows must be added below so that the last row of tiles is whole,
# and its margin too?

# %% [markdown] hint="cut_tiles"
# `F.pad(image[None], (left, right, top, bottom), mode="reflect")[0]` with `left = top = margin` and
# `bottom = margin + -h % size`. In the padded picture the tile of (y, x) begins, margin and all, at row y and column x.

# %% check="cut_tiles" points=7
grid = torch.arange(1.0, 17).reshape(1, 4, 4)
plain = cut_tiles(grid, 2, 0)
assert plain[:, 0].tolist() == [
    [[1, 2], [5, 6]],
    [[3, 4], [7, 8]],
    [[9, 10], [13, 14]],
    [[11, 12], [15, 16]],
], "Without a margin the 4×4 grid falls into four 2×2 tiles, row by row."
first = cut_tiles(grid, 2, 1)[0, 0]
assert first.tolist() == [[6, 5, 6, 7], [2, 1, 2, 3], [6, 5, 6, 7], [10, 9, 10, 11]], (
    "Left of 1 stands 2 and above it 5: the 1 itself is the mirror's axis."
)
assert cut_tiles(torch.rand(3, 7, 9), 4, 2).shape == (6, 3, 8, 8), (
    "7×9 needs 2×3 tiles of 4; each is 8 wide with its margins."
)


# %% exercise="join_tiles" difficulty=2 minutes=12 forbid="course.ops tiling .fold F.fold nn.Fold"
def join_tiles(outputs, size, picture):
    """Put a network's outputs of the tiles together: the picture's labels without a seam.

    Args:
        outputs: (tiles, k, a, a), row by row as `cut_tiles` gives them; a is `size` or larger by
            an even number.
        size: of a tile without its margin: only the middle size × size of each output is kept.
        picture: (h, w) of the picture; what sticks out below and on the right is cut off.

    Returns:
        (k, h, w), from which gradients come back to the outputs.
    """
    # BEGIN SOLUTION
    h, w = picture
    extra = (outputs.shape[-1] - size) // 2
    middles = outputs[:, :, extra : extra + size, extra : extra + size]
    columns = -(-w // size)
    bands = [torch.cat(list(band), dim=2) for band in middles.split(columns)]
    return torch.cat(bands, dim=1)[:, :h, :w]
    # END SOLUTION


# %% [markdown] hint="join_tiles"
# Cut each output to its middle first. How many tiles stand in one row of the picture? Mind that the last one may stick out.

# %% [markdown] hint="join_tiles"
# `columns = -(-w // size)` rounds up. `torch.cat(list(band), dim=2)` lays the tiles of one row side by side, a second
# `torch.cat(…, dim=1)` the rows below each other; then cut to `[:, :h, :w]`.

# %% check="join_tiles" points=7
four = torch.arange(4.0).reshape(4, 1, 1, 1).expand(4, 1, 2, 2)
assert join_tiles(four, 2, (3, 4))[0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3]], (
    "Four 2×2 tiles make 4×4, of which 3×4 are the picture."
)
wide = torch.arange(16.0).reshape(1, 1, 4, 4)
assert join_tiles(wide, 2, (2, 2))[0].tolist() == [[5, 6], [9, 10]], (
    "Of an output larger than its tile only the middle is kept."
)
image = torch.rand(3, 7, 9, dtype=torch.float64)
blur = torch.rand(2, 3, 3, 3, dtype=torch.float64)
seamless = join_tiles(F.conv2d(cut_tiles(image, 4, 1), blur), 4, (7, 9))
mirrored = F.conv2d(F.pad(image[None], (1, 1, 1, 1), mode="reflect"), blur)[0]
assert torch.allclose(seamless, mirrored, rtol=0, atol=1e-12), (
    "A 3×3 convolution tile by tile, with a margin of 1, equals the convolution of the mirrored picture."
)

# %% [markdown] predict="exact"
# Now a whole U-Net: two poolings, no padding, float64, random weights. Tiles of 48 with a margin of 20, against the
# mirrored picture in one piece. How large is the largest difference?
# - [ ] about 0.01: tiles never quite match :: They do, if each output pixel gets exactly the inputs that it would have got.
# - [x] nothing but rounding, 1e-15 or less :: Each output pixel is the same sum of the same numbers. At most the order
#   in which they are added may differ.
# - [ ] it depends on the weights :: Equality follows from which pixels are seen, whatever is done with them.

# %%
torch.manual_seed(0)
valid = UNet(2, 3, (4, 6, 8)).double()
cat = photo("cat", size=(110, 160)).double()
with torch.no_grad():
    by_tiles = join_tiles(valid(cut_tiles(cat, 48, 20)), 48, (110, 160))
    in_one = valid(F.pad(cat[None], (20, 20, 20, 22), mode="reflect"))[0, :, :110]
gap = (by_tiles - in_one).abs().max()
pair = [(part - part.min()) / (part.max() - part.min()) for part in (by_tiles[0], in_one[0])]
says = f"The first score of a random U-Net. Largest difference of any score: {gap:.1e}."
show(cat, *pair, titles=["photograph", "tile by tile", "in one piece"], caption=says)

# %% [markdown]
# ### The seam in the paper's own figure
#
# With four poolings the paper cuts tiles of 388 with a margin of 92, so that 572 go in. We do so with an untrained network of
# that shape, and once more with tiles of 384 and a margin of 94. Again 572 go in.

# %% [markdown] predict="seam"
# Both margins are wide enough, and both sizes fit. Which tiles give exactly what the whole picture gives?
# - [ ] both :: A pixel also depends on *which* pixels are pooled with which. Cut elsewhere, and other partners meet.
# - [ ] those of 388: the paper says so :: They do in the first tile. Where does the second one begin?
# - [x] those of 384 :: 384 is a multiple of 16, so the windows of four poolings fall on the same pixels in every tile.

# %%
torch.manual_seed(0)
deep = unet.ValidUNet(1, 1, (4, 4, 4, 4, 4)).double()
large, gaps = photo("camera", size=(384, 768)).double()[:1], {}
for side, margin in ((388, 92), (384, 94)):
    mirrored = tiling.mirror(large[None], margin)
    h, w = (unet.valid_size(s) - s for s in mirrored.shape[2:])  # what is missing to fit
    with torch.no_grad():
        whole = deep(F.pad(mirrored, (0, w, 0, h)))[0, 0, margin - 92 :, margin - 92 :]
        found = join_tiles(deep(cut_tiles(large, side, margin)), side, (384, 768))[0]
    gaps[f"tiles of {side}"] = (found - whole[:384, :768]).abs().amax(0)
caption = "Tile by tile against one piece, the worst row of each column."
curves(None, gaps, xlabel="column", ylabel="largest difference", caption=caption)

# %% [markdown]
# **What to notice.** The first tile is exact. From column 388 on, the paper's tiles differ *everywhere*: 388 is no multiple of
# 16, so the second tile's pooling windows lie 4 pixels beside those of the whole picture. 384 is a multiple of 16. The rule
# has a fourth line: **tiles begin at multiples of the network's stride**.
#
# ## 6 · Cells that touch
#
# U-Net was made for pictures like these. Between two cells lies a membrane of a few pixels. Two cells that run together are
# a grave error for a biologist, and nearly none for a pixel-wise loss. Lab 6's border weights speak for the gap:
#
# $$w(x) = w_c(x) + w_0 \exp\!\left(-\frac{(d_1(x) + d_2(x))^2}{2\sigma^2}\right)$$
#
# (Without the microscope's pictures you see drawn ones. `course data fetch membranes` gets the real ones.)

# %%
try:
    pictures, cells = real_tissue(18)
except FileNotFoundError:
    pictures, cells = drawn_tissue(18)
border = border_weights(cells, w0=10, sigma=3)
show(
    pictures[0],
    cells[0] > 0,
    border[0] / border.max(),
    titles=["picture", "cells", "border weights"],
    caption="A picture of 256×256, its cells in white, and the weight of each pixel: brighter counts more.",
)

# %% [markdown]
# A fair test needs *three* runs. Border weights do two things at once: they make membranes count more, and some membrane
# pixels more than others. So one run gives every membrane pixel the same weight, the border weights' mean.

# %% [markdown] predict="borders"
# Three tiny U-Nets train for the same 80 steps. How many cells run into a neighbor?
# - [ ] equal weights: fewest :: Membrane is the rarer class. Closing a gap of three pixels costs the loss next to nothing.
# - [x] both weighted runs: far fewer :: The extra weight on membranes does it. In tissue *every* membrane lies between two
#   cells, so the border weights are close to a class weight.
# - [ ] only border weights: far fewer :: That would need wide background, where a class weight wastes its push. Loose
#   cells on a dish look like that; this tissue does not.


# %%
def loss_of_a_crop(model, weights, side=112):
    """Weighted cross-entropy of four of the first twelve pictures, at one random place."""
    i, (y, x) = torch.randint(12, (4,)), torch.randint(256 - side, (2,)).tolist()
    crop = (i, slice(y, y + side), slice(x, x + side))
    scores = model(4 * pictures[:, 0][crop][:, None] - 2)
    surprise = F.cross_entropy(scores, (cells[crop] > 0).long(), reduction="none")
    return (surprise * weights[crop]).sum() / weights[crop].sum()


# %%
def train(weights, steps=80):
    torch.manual_seed(1)
    model = unet.UNet(2, 1, (8, 16, 32))
    optimizer = torch.optim.AdamW(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for _ in range(steps):
        loss = loss_of_a_crop(model, weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


# %%
membrane = cells == 0
weightings = {
    "equal": torch.ones_like(border),
    "membrane × mean": torch.where(membrane, border[membrane].mean(), 1.0),
    "border weights": border,
}
found = {}
for name, weights in tqdm(weightings.items(), desc="training three U-Nets"):
    model = train(weights)
    with torch.no_grad():
        found[name] = model(4 * pictures[12:] - 2).argmax(1)


# %%
def merged(cells, found):
    """How many of the cells of 50 pixels or more share their found region with another one."""
    regions, homes = torch.from_numpy(label(found.numpy(), connectivity=1)), []
    for number in cells.unique()[1:]:
        inside = regions[cells == number]
        if len(inside) >= 50 and inside.mode().values > 0:
            homes.append(inside.mode().values.item())
    return sum(homes.count(home) > 1 for home in homes)


# %%
bars(
    {n: sum(map(merged, cells[12:], found[n])) for n in found},
    xlabel="cells that run into a neighbor",
    caption="Six pictures that no network has seen. Lower is better.",
)

# %%
walls = {name: (p == 0, cells[12:] == 0) for name, p in found.items()}
bars(
    {name: ((p & t).sum() / (p | t).sum()).item() for name, (p, t) in walls.items()},
    xlabel="IoU of the membrane",
    caption="The same six pictures, counted pixel by pixel. Higher is better.",
)

# %%
crop = (slice(60, 188), slice(60, 188))
show(
    pictures[12, 0][crop],
    cells[12][crop] > 0,
    *[p[0][crop] > 0 for p in found.values()],
    titles=["picture", "truth", *found],
    columns=3,
    caption="Cells in white. Follow one membrane: where does it break?",
)

# %% [markdown]
# **What to notice.** Without weights cells leak into each other through breaks of a pixel or two. Both weighted runs close most
# of them. But on *this* tissue a plain class weight does about as well: look at the weight map again, nearly every membrane is
# bright. Two runs would have given all the credit to the formula. And what does each of them pay, or win, in IoU? Other seeds
# move the bars: try some before you believe them.
#
# ## 7 · HRNet: nothing to win back
#
# U-Net shrinks, then repairs. HRNet halves the picture twice, and from there on keeps that stream to the end, with coarser
# ones beside it. Every few steps all streams exchange what they know. The course's small HRNet ends with four:

# %%
network, card = load("hrnet")
street = Scenes(1, split="test")[0][0][None]
with torch.no_grad():
    streams = network.network.features(network.normalize(street))
print(f"{card.parameters:,} parameters, trained on {card.data} for {card.steps:,} steps")

# %%
show(
    street[0],
    *map(liveliest, streams),
    columns=5,
    titles=["street", *[f"{s.shape[1]} × {s.shape[2]}×{s.shape[3]}" for s in streams]],
    caption="The channel that varies most in each stream at the end: channels × height × width.",
)

# %% [markdown]
# The **exchange unit** makes each stream $i$ the ReLU of a sum over all streams $j$:
#
# $$y_i = \text{ReLU}\Big(\sum_j T_{j \to i}(x_j)\Big)$$
#
# - from itself, $T$ changes nothing;
# - from a coarser stream, $T$ is a 1×1 convolution to the right channels, then bilinear upsampling to the right size;
# - from a finer one, $T$ is one 3×3 convolution with stride 2 per halving. Those before the last keep the channels of their
#   stream $j$ and have a ReLU after them; the last one brings the channels of stream $i$ and has none, as the sum has one.
#
# HRNet puts batch normalization behind each convolution. We leave it out here; no convolution has a bias.


# %% exercise="ExchangeUnit" difficulty=3 minutes=20 forbid="course.models hrnet"
class ExchangeUnit(nn.Module):
    """HRNet's exchange unit, without normalization: every stream hears every other.

    Args:
        widths: channels of the streams, the finest first.

    Call with a list of features (n, width, h, w), each of half the size of the one before, rounded
    up; returns a list of the same shapes. Convolutions are 3×3 with stride 2 and padding 1
    downwards, 1×1 upwards, none with a bias.
    """

    def __init__(self, widths):
        super().__init__()
        # BEGIN SOLUTION
        self.paths = nn.ModuleDict()
        for i, goal in enumerate(widths):
            for j, source in enumerate(widths):
                steps = []
                if j > i:
                    steps.append(nn.Conv2d(source, goal, 1, bias=False))
                for k in range(j, i):
                    out_channels = goal if k == i - 1 else source
                    steps.append(nn.Conv2d(source, out_channels, 3, 2, padding=1, bias=False))
                    if k < i - 1:
                        steps.append(nn.ReLU())
                self.paths[f"{j} to {i}"] = nn.Sequential(*steps)
        # END SOLUTION

    def forward(self, streams):
        # BEGIN SOLUTION
        mixed = []
        for i, here in enumerate(streams):
            total = 0
            for j, x in enumerate(streams):
                x = self.paths[f"{j} to {i}"](x)
                if j > i:
                    x = F.interpolate(x, here.shape[2:], mode="bilinear", align_corners=False)
                total = total + x
            mixed.append(F.relu(total))
        return mixed
        # END SOLUTION


# %% [markdown] hint="ExchangeUnit"
# How many paths are there between three streams, and how many of them hold no convolution? Build one `nn.Sequential` per
# pair (j, i); an empty one changes nothing. Upsampling has no parameters and can stand in `forward`.

# %% [markdown] hint="ExchangeUnit"
# Downwards from j to i there are i − j convolutions: i − j − 1 times `Conv2d(w_j, w_j, 3, 2, 1, bias=False)` and ReLU, then
# `Conv2d(w_j, w_i, 3, 2, 1, bias=False)`. Upwards `Conv2d(w_j, w_i, 1, bias=False)`, then
# `F.interpolate(x, here.shape[2:], mode="bilinear", align_corners=False)`.

# %% check="ExchangeUnit" points=9
torch.manual_seed(0)
unit = ExchangeUnit((2, 4, 8))
learned = sum(p.numel() for p in unit.parameters())
up, down = 4 * 2 + 8 * 2 + 8 * 4, 9 * (2 * 4 + 4 * 8) + 9 * (2 * 2 + 2 * 8)
assert learned == up + down, (
    "Upwards 1×1: 4→2, 8→2, 8→4. Downwards 3×3: 2→4, 4→8, and 2→2→8 in two steps. 596 in all."
)
streams = [torch.rand(1, 2, 13, 20), torch.rand(1, 4, 7, 10), torch.rand(1, 8, 4, 5)]
mixed = unit(streams)
assert [tuple(x.shape) for x in mixed] == [tuple(x.shape) for x in streams], (
    "Each stream keeps its size and its channels."
)
for p in unit.parameters():
    nn.init.zeros_(p)
assert torch.equal(unit(streams)[0], streams[0]), (
    "With all weights 0 only the stream itself is left, and these are positive already."
)

# %% [markdown]
# Who hears whom? One pixel is lit in one stream; all weights are positive. We look at what each stream knows after one
# exchange.

# %% [markdown] predict="hears"
# A pixel of the coarsest stream is lit. How much of the finest stream does it reach in one exchange?
# - [ ] one pixel :: Upsampling spreads what it enlarges.
# - [ ] nothing: the neighbors pass it on :: Every stream hears every other, not only its neighbor.
# - [x] a whole patch :: It covers 4×4 fine pixels, and bilinear upsampling blends into those around them.

# %%
unit, shown = ExchangeUnit((1, 1, 1)), []
for p in unit.parameters():
    nn.init.constant_(p, 0.5)
for lit in range(3):
    streams = [torch.zeros(1, 1, 24 // 2**i, 24 // 2**i) for i in range(3)]
    streams[lit][..., 9 // 2**lit, 14 // 2**lit] = 1
    with torch.no_grad():
        shown += [(x[0, 0] > 0).float() for x in unit(streams)]
titles = [f"lit in {i + 1}, seen in {j + 1}" for i in range(3) for j in range(3)]
caption = "White: pixels that the lit one reaches. Rows: where it is lit."
show(*shown, columns=3, height=1.6, titles=titles, caption=caption)

# %% [markdown]
# **What to notice.** Every stream hears every other at once. A coarse pixel spreads over many fine ones: that is how the finest
# stream sees far, and it never has to win its resolution back.
#
# Both networks on streets that neither has seen:

# %%
streets, truth = map(torch.stack, zip(*list(Scenes(12, split="test")), strict=True))
miou, guesses = {}, {}
for name in ("unet", "hrnet"):
    with torch.no_grad():
        guesses[name] = load(name)[0](streets).argmax(1)
    confusion = ConfusionMatrix(9)
    confusion.update(truth, guesses[name])
    miou[name] = confusion.summary()["mean_iou"]
bars(miou, xlabel="mean IoU", caption="The course's trained U-Net and HRNet on 12 streets.")

# %%
show(
    streets[1],
    *[error_map(truth[1], g[1]) for g in guesses.values()],
    titles=["street", *guesses],
    caption="Where each one errs (orange). Do they err at the same places?",
)

# %% [markdown]
# **A question about these errors.** Look at thin things: poles, signs, people. U-Net's finest skip has every pixel of the
# picture; HRNet's finest stream has one in sixteen, and its labels are enlarged by 4 at the end. Which of the two would
# you change, and what would it cost?
#
# ## 8 · Train one yourself
#
# The library's `fit` is the loop that you have written by hand since Lab 5, with what a long training needs: a judge, checkpoints,
# a picture that is drawn as it goes. Some seconds of it, for the U-Net whose checkpoint you just saw, from random weights:

# %% [markdown] predict="first"
# Sixty steps of four streets. Which classes will it have learned?
# - [ ] all nine, each a little :: The loss is a mean over pixels, and a person has few of them.
# - [x] road, sky, buildings :: They fill most of the picture, so most of the gradient is theirs. Lab 6 says what helps the others.
# - [ ] persons and signs: they stand out :: They stand out to *you*. In the loss they are one pixel in a hundred.

# %%
torch.manual_seed(0)
beginner = build("unet", 9)
lessons = batches(list(Scenes(64)), 4)
kept_aside = batches(list(zip(streets, truth, strict=True)), 4, shuffle=False)
judge = Validation(kept_aside, ConfusionMatrix(9))
optimizer = torch.optim.AdamW(beginner.parameters(), 4e-3)

# %%
plan = {"steps": 60, "every": 20, "schedule": cosine(60, warmup=6), "seed": 0}
watch = TrainingView(streets, truth, SCENES)
plan |= {"optimizer": optimizer, "validation": judge, "on_progress": watch}
history = fit(beginner, lessons, cross_entropy, **plan)

# %% [markdown]
# **What to notice.** The loss falls fast while the large classes sort themselves out; the mean IoU, which counts every class the
# same, has far to go. The checkpoint is the same network after many more steps, with Lab 6's Dice beside cross-entropy. To
# train one for real, in a terminal:
#
#     course train unet --data scenes --steps 3000 --loss cross-entropy+dice --out runs/unet
#     course train unet-full --data camvid --steps 8000 --out runs/camvid      # a GPU's work
#
# The folder gets this picture as `progress.png`; a run that was stopped goes on with `--resume`.
#
# ## What you know now
#
# 1. U-Net sees far at the bottom and keeps the edge through skips: cropped, and laid beside, so that the next convolution
#    decides what to take from where.
# 2. Tiles give exactly what the whole picture gives, if their margin covers what the network sees, the border is mirrored, and
#    they begin at multiples of its stride.
# 3. HRNet need not recover resolution, because a fine stream never gave it up; exchange units let it see far.
#
# **Next question.** Could a network see as far as U-Net's bottom without pooling and without a second stream? Lab 8 spreads
# the filter's taps apart instead.
#
# Last, your functions against the library's:

# %%
size, out = valid_size(500)
assert size == unet.valid_size(500), "valid_size differs"
assert out == size - unet.lost_pixels(4), "the output size differs"
skip, x = torch.rand(1, 2, 17, 20), torch.rand(1, 3, 8, 9)
library = torch.cat([unet.crop_middle(skip, (8, 9)), x], 1)
assert torch.equal(crop_and_concatenate(skip, x), library), "crop_and_concatenate differs"
image = torch.rand(3, 45, 62)
assert torch.equal(cut_tiles(image, 16, 8), tiling.tile(image, 16, 8)), "cut_tiles differs"
outputs = torch.rand(12, 2, 16, 16)
same = torch.equal(join_tiles(outputs, 16, (45, 62)), tiling.untile(outputs, (45, 62)))
assert same, "join_tiles differs"
print("Your sizes, skips and tiles agree with the library's.")


# %%
def kernels(module):
    """The shapes of a network's kernels, in an order that does not depend on their names."""
    return sorted(tuple(p.shape) for p in module.parameters() if p.ndim == 4)


mine, theirs = UNet(5, 3, (4, 8, 16)), unet.ValidUNet(5, 3, (4, 8, 16))
assert kernels(mine) == kernels(theirs), "the U-Nets have other weights"
mine, theirs = ExchangeUnit((2, 4, 8)), hrnet.ExchangeUnit((2, 4, 8))
assert kernels(mine) == kernels(theirs), "the exchange units have other weights"
print("Your U-Net and exchange unit have weights of the same shapes as the library's.")

# %% [markdown]
# **Papers.** Ronneberger, Fischer & Brox, *U-Net*, arXiv:1505.04597 · Sun et al., *High-Resolution Representations for Labeling
# Pixels and Regions* (HRNetV2), arXiv:1904.04514 · Long, Shelhamer & Darrell, *FCN*, arXiv:1411.4038.
