# %% [markdown]
# # Lab 8 · Seeing far without shrinking
#
# **The question.** To name a pixel, a network must see what lies around it, and far around it. Poolings and strides let it
# see far, and they throw small things away. Can a network see far and keep every pixel of its map?
#
# You will spread the taps of a filter apart, compute how far any stack of layers sees, build and train the context module
# of Yu & Koltun, turn strides into dilation without changing a weight, and find out, by covering an image piece by piece,
# where a trained network looks.
#
# *About 120 minutes, no GPU, no network. Before this: Labs 3, 5 and 7.*

# %%
import time
from itertools import accumulate, product

import torch
import torch.nn.functional as F
from torch import nn

from course.data.palettes import SCENES
from course.data.photos import photo
from course.data.scenes import Scenes
from course.losses import cross_entropy
from course.metrics.confusion import ConfusionMatrix
from course.models.zoo import load
from course.ops import receptive_field as fields
from course.ops.convolution import conv_matrix_1d, dilate_kernel
from course.page.progress import Progress
from course.training import batches, cosine, evaluate, fit
from course.viz import bars, curves, error_map, labels, matrix, numbers, show
from course.widgets.receptive_fields import receptive_field_explorer

# %% progress=true
Progress()

# %% [markdown]
# ## 1 · Two ways to see far
#
# How far does a stack of 3×3 convolutions see? The first one sees 3 pixels; each further one adds a pixel on both sides.
# After $n$ layers that is $2n + 1$ pixels: to see 67 pixels you need 33 layers. Shrinking is quicker, and that is why
# classifiers shrink by 32. But a person who is 6 pixels wide is less than a fifth of a cell at stride 32.
#
# Two ways out:
#
# - **Several scales.** Show the network the image at several sizes and combine what it says. Small things are seen
#   in the large image, large ones in the small image.
# - **An encoder that does not shrink.** Keep the map, and let each layer see further than its neighbor pixels.
#
# The first one takes ten lines. Every scale gives probabilities, and we take their mean.


# %%
def probabilities(network, images, scale):
    """What the network says of the images at another size, brought back to theirs: (n, k, h, w)."""
    h, w = images.shape[2:]
    size = [32 * round(side * scale / 32) for side in (h, w)]
    scaled = F.interpolate(images, size=size, mode="bilinear", align_corners=False)
    with torch.no_grad():
        probability = network(scaled).softmax(1)
    return F.interpolate(probability, size=(h, w), mode="bilinear", align_corners=False)


# %% [markdown] predict="scales"
# FCN-8s of Lab 5 was trained at scale 1. Which one labels new scenes best?
# - [ ] scale 1 alone :: It was trained for it, and of all *single* scales it is the best.
# - [ ] scale 1.5 alone :: Small things are larger there, but nothing looks as large as it did in training.
# - [x] the mean of 0.75, 1 and 1.5 :: Each of the others is worse alone, but they err at other places, so that the mean
#   is right more often.

# %%
fcn, card = load("fcn8s")
test = list(Scenes(24, split="test"))
images, targets = map(torch.stack, zip(*test, strict=True))
by_scale = {scale: probabilities(fcn, images, scale) for scale in (0.75, 1, 1.5)}

# %%
answers = {f"scale {scale}": p.argmax(1) for scale, p in by_scale.items()}
answers["mean of the three"] = sum(by_scale.values()).argmax(1)
found = {}
for name, prediction in answers.items():
    confusion = ConfusionMatrix(9)
    confusion.update(targets, prediction)
    found[name] = confusion.summary()["mean_iou"]
caption = (
    "FCN-8s as it ships, on 24 scenes that it has never seen: three scales and their mean."
)
bars(found, xlabel="mean IoU", caption=caption)

# %%
show(
    images[1],
    *[error_map(targets[1], answers[name][1]) for name in ("scale 1", "mean of the three")],
    titles=["scene", "scale 1", "mean of the three"],
    caption="Where FCN-8s errs (orange) at one scale and with three.",
)

# %% [markdown]
# **What to notice.** Three scales together help FCN-8s; none of them alone beats scale 1. The price: 0.75² + 1 + 1.5² is
# 3.8 times the computation. And it is not a law: load the U-Net of Lab 7 in place of FCN-8s, and compare. The other way
# needs one pass.
#
# ## 2 · Spread the taps apart
#
# A 3×3 filter reads nine neighboring pixels. **Dilated** by $l$, it reads nine pixels that lie $l$ apart. Yu & Koltun
# write it with the sum over all pairs of places that add up to $p$:
#
# $$(F *_l k)(p) = \sum_{s + l t = p} F(s)\, k(t)$$
#
# This is the textbook's convolution, which flips the kernel. Networks do not flip: for them, as in Lab 3, the output at
# $p$ is $\sum_t F(p + l t)\, k(t)$. The taps are as many as before, and so are the weights: only the places change.

# %%
taps = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
spread = [dilate_kernel(taps, dilation) for dilation in (1, 2, 3)]
numbers(
    *spread,
    titles=["dilation 1: 3×3", "dilation 2: spans 5×5", "dilation 3: spans 7×7"],
    caption="The same nine weights at dilation 1, 2 and 3. Between the taps lie zeros.",
)

# %% [markdown] predict="span"
# A kernel with $k$ taps in a row, dilated by $l$. How many pixels lie from its first tap to its last, both included?
# - [ ] $l k$ :: For three taps at dilation 2 that would be 6; count in the picture: 5.
# - [x] $l (k - 1) + 1$ :: There are $k - 1$ steps of $l$ pixels, and the first tap itself.
# - [ ] $k + l$ :: For three taps at dilation 2 that is 5 by luck; at dilation 3 it says 6 and the picture says 7.


# %% exercise="dilated_conv" difficulty=2 minutes=15 forbid="F.conv2d nn.Conv2d F.conv_transpose2d F.unfold .unfold course.ops dilate_kernel conv_matrix_1d"
def dilated_conv(x, weight, dilation):
    """Dilated convolution without padding and with stride 1; the kernel is not flipped.

    Args:
        x: (n, c, h, w) float.
        weight: (o, c, kh, kw), of x's dtype.
        dilation: pixels from one tap to the next, at least 1.

    Returns:
        (n, o, h - dilation (kh - 1), w - dilation (kw - 1)); at least one pixel comes out.
    """
    # BEGIN SOLUTION
    kh, kw = weight.shape[2:]
    h = x.shape[2] - dilation * (kh - 1)
    w = x.shape[3] - dilation * (kw - 1)
    total = 0
    for row in range(kh):
        for column in range(kw):
            top, left = dilation * row, dilation * column
            seen = x[:, :, top : top + h, left : left + w]
            total = total + torch.einsum("nchw,oc->nohw", seen, weight[:, :, row, column])
    return total
    # END SOLUTION


# %% [markdown] hint="dilated_conv"
# Do not go pixel by pixel, go tap by tap. All output pixels read one tap's pixel at once: which slice of the image is that,
# for the tap in row 0 and column 0? And for the next tap to the right?

# %% [markdown] hint="dilated_conv"
# The tap (row, column) reads `x[:, :, dilation * row : dilation * row + h, dilation * column : dilation * column + w]`, where
# h and w are the sizes of the *output*. Mix its channels by `torch.einsum("nchw,oc->nohw", …, weight[:, :, row, column])`
# and add up over the taps.

# %% check="dilated_conv" points=8
line = torch.arange(1.0, 8).reshape(1, 1, 1, 7)
three = torch.tensor([[[[1.0, 10, 100]]]])
out = dilated_conv(line, three, 1)
assert out.shape == (1, 1, 1, 5), "A kernel of 1×3 taps on 1×7 pixels: 1×5 come out, 7 − 1·2."
assert out.flatten().tolist() == [321, 432, 543, 654, 765], (
    "At dilation 1 it is the usual convolution: 1·1 + 10·2 + 100·3, not flipped."
)
out = dilated_conv(line, three, 2)
assert out.flatten().tolist() == [531, 642, 753], (
    "At dilation 2 the first output is 1·1 + 10·3 + 100·5."
)
torch.manual_seed(0)
x, weight = torch.rand(2, 3, 12, 9), torch.rand(4, 3, 3, 2)
out = dilated_conv(x, weight, 3)
assert out.shape == (2, 4, 6, 6), "12 − 3·2 rows and 9 − 3·1 columns come out, of 4 channels."
want = sum(
    (x[1, :, 2 + 3 * i, 1 + 3 * j] * weight[3, :, i, j]).sum()
    for i in range(3)
    for j in range(2)
)
assert torch.allclose(out[1, 3, 2, 1], want), (
    "The output at (2, 1) sums x[2 + 3i, 1 + 3j] · weight[i, j] over taps and channels."
)

# %% [markdown]
# Two other ways to write the same thing. As a **kernel with zeros inserted**, which is then convolved as usual; and as a
# **matrix**, here along a row of eight pixels: each row of the matrix holds the kernel once.

# %%
x, weight = torch.rand(1, 3, 15, 15), torch.rand(2, 3, 3, 3)
gap = dilated_conv(x, weight, 2) - F.conv2d(x, dilate_kernel(weight, 2))
print(f"yours − zeros inserted: at most {gap.abs().max():.0e}")
numbers(
    conv_matrix_1d(torch.tensor([1.0, 2, 3]), 8, dilation=1),
    conv_matrix_1d(torch.tensor([1.0, 2, 3]), 8, dilation=2),
    titles=["dilation 1", "dilation 2"],
    caption="The matrix of the kernel 1, 2, 3 on eight pixels. Dilation moves its diagonals apart.",
)

# %% [markdown]
# **What to notice.** The same three numbers in each row, so the same parameters and the same number of products. Nobody
# multiplies by the zeros. (À trous, *with holes*, is the older name: wavelets were computed like this in 1989.)
#
# ## 3 · How far does it see?
#
# The **receptive field** of an output pixel is the part of the input that can change it. Stack three layers of 3×3 with
# dilation 1, 2, 4, and ask for the field after each. Yu & Koltun: with dilations $1, 2, 4, \dots, 2^i$ layer $i + 1$ sees
# $(2^{i+2} - 1)^2$ pixels.

# %% [markdown] predict="stack"
# Three 3×3 layers with dilation 1, 2 and 4, one after the other. How wide is the field of the last one?
# - [ ] 7 :: That is what three layers of dilation 1 see.
# - [ ] 9 :: That is the span of the last kernel alone. Each of its taps reads a pixel that has seen 7 itself.
# - [x] 15 :: Each layer adds its own span less one: 1 + 2 + 4 + 8. Here $i = 2$, and $2^4 - 1$ is 15.

# %%
layers_with = {"doubled: 1, 2, 4, …": [2**i for i in range(6)], "always 1": [1] * 6}
seen = {
    name: [1 + 2 * total for total in accumulate(dilations)]
    for name, dilations in layers_with.items()
}
caption = "Width of the field of 3×3 layers: twice as wide with each layer, or two pixels more."
curves(range(1, 7), seen, xlabel="layers", ylabel="pixels", caption=caption)

# %% [markdown]
# With strides there is one thing more to follow. Keep three numbers for the map after each layer, all in pixels of the
# image: how wide a **size** $r$ its pixels see, how far apart neighbors lie (the **stride** $j$), and where the middle
# of the first pixel's field lies (the **offset** $o$). At the image $r = 1, j = 1, o = 0$. A layer with $k$ taps, stride
# $s$, padding $p$ and dilation $l$ changes them like this:
#
# $$r \leftarrow r + j\, l (k - 1), \qquad
# o \leftarrow o + j \left(\tfrac{l (k - 1)}{2} - p\right), \qquad j \leftarrow j\, s$$
#
# A step of the layer is $j$ pixels of the image: that is why both sums have a factor $j$, the one *before* the layer.


# %% exercise="receptive_field" difficulty=2 minutes=12 forbid="course.ops"
def receptive_field(layers):
    """What a pixel sees behind a stack of convolutions and poolings, along one axis.

    Args:
        layers: list of (kernel_size, stride, padding, dilation), the first layer first; may be empty.

    Returns:
        (size, stride, offset): pixels that one output pixel sees; pixels from one output pixel to
        the next; and the middle of what output pixel 0 sees, where the middle of image pixel 0 is 0.
    """
    # BEGIN SOLUTION
    size, step, offset = 1, 1, 0
    for kernel_size, stride, padding, dilation in layers:
        reach = dilation * (kernel_size - 1)
        size += step * reach
        offset += step * (reach / 2 - padding)
        step *= stride
    return size, step, offset
    # END SOLUTION


# %% [markdown] hint="receptive_field"
# Walk through the list with three numbers that begin at 1, 1, 0. Which of the three does a stride change, and does this
# layer feel it already, or only the next one?

# %% [markdown] hint="receptive_field"
# With `reach = dilation * (kernel_size - 1)`: the size grows by stride so far · reach, the offset by stride so far ·
# (reach / 2 − padding), and only then is the stride multiplied. Half of a reach may be half a pixel: use `/`.

# %% check="receptive_field" points=7
found = receptive_field([])
assert isinstance(found, tuple | list), "Return three numbers: size, stride and offset."
assert tuple(found) == (1, 1, 0), "Without a layer a pixel sees itself."
assert tuple(receptive_field([(3, 1, 1, 1), (3, 1, 2, 2), (3, 1, 4, 4)])) == (15, 1, 0), (
    "Dilations 1, 2, 4 see 3, 7, 15 pixels; padding that keeps the size keeps the middle at 0."
)
assert tuple(receptive_field([(2, 2, 0, 1)])) == (2, 2, 0.5), (
    "A 2×2 pooling sees two pixels, and its first field's middle lies between them, at 0.5."
)
assert tuple(receptive_field([(3, 2, 1, 1), (3, 2, 1, 1)])) == (7, 4, 0), (
    "The second layer's taps lie two pixels of the image apart: 3 + 2·2 = 7."
)
assert tuple(receptive_field([(3, 2, 0, 1), (5, 1, 1, 2)])) == (19, 2, 7), (
    "3 + 2·8 = 19 pixels; the offset is 1, and then 2·(8/2 − 1) = 6 more."
)

# %% [markdown]
# The encoder of FCN is VGG16: two, two, three, three and three convolutions, a pooling after each group. Its numbers are
# in many papers.

# %%
vgg, rows = [], []
for convolutions in (2, 2, 3, 3, 3):
    vgg += [(3, 1, 1, 1)] * convolutions + [(2, 2, 0, 1)]
    rows.append(receptive_field(vgg))
figure = matrix(
    torch.tensor(rows), texts=[[f"{v:g}" for v in row] for row in rows], rows="", columns=""
)
figure.axes[0].set_xticks([0.5, 1.5, 2.5], ["size", "stride", "offset"])
figure.axes[0].set_yticks([i + 0.5 for i in range(5)], [f"pool {i + 1}" for i in range(5)])
figure.caption = "VGG16: what a pixel sees after each pooling, in pixels of the image."
figure

# %% [markdown]
# **What to notice.** 6, 16, 44, 100, 212. And offsets of 0.5, 1.5, 3.5, 7.5, 15.5: behind its poolings of 2×2 the map
# does not lie on the image's pixels, but between them. A layer of a kernel with an even number of taps does that.
#
# Choose a stack of layers, and walk down it. The picture shows which pixels the middle output pixel sees, and over how many
# paths. Begin with the context module; then look at *always 2*: what is wrong with it?

# %%
receptive_field_explorer()

# %% [markdown]
# ## 4 · The context module
#
# Yu & Koltun put eight layers behind a network that already says something about each pixel. They keep the size and the
# number of channels, and each sees further:
#
# | layer | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
# |---|---|---|---|---|---|---|---|---|
# | kernel | 3×3 | 3×3 | 3×3 | 3×3 | 3×3 | 3×3 | 3×3 | 1×1 |
# | dilation | 1 | 1 | 2 | 4 | 8 | 16 | 1 | 1 |
# | field | 3 | 5 | 9 | 17 | 33 | 65 | 67 | 67 |
#
# ReLU follows the first seven, not the last. In the *basic* form all have $C$ channels. (The *large* form has 2C, 2C, 4C, 8C,
# 16C, 32C, 32C and C.)

# %% [markdown] predict="weights"
# How many weights does the basic module have for $C$ channels, biases aside?
# - [ ] $72\,C^2$ :: Eight layers of nine taps; but the last one is 1×1.
# - [x] $64\,C^2$ :: Seven layers of $9 C^2$, and $C^2$ for the last. Dilation adds none.
# - [ ] $67^2 C^2$ :: That is one kernel as large as the field.

# %% [markdown]
# **How to start it.** The authors report that the usual random initialization did not help here. They begin with the
# **identity**: each layer copies its input. The kernel from channel $a$ to channel $b$ is 1 at its middle tap if
# $a = b$, and 0 everywhere else; biases are 0. So the module changes nothing at first (but for the ReLU, which cuts off
# what is negative), and learns what to add.


# %% exercise="ContextModule" difficulty=2 minutes=20 forbid="nn.init.dirac_ course.models"
class ContextModule(nn.Module):
    """The basic context module: 3×3 convolutions of growing dilation, then one of 1×1; identity at first.

    Args:
        channels: that come in and go out, of every layer.
        dilations: one for each 3×3 convolution.

    Each 3×3 convolution has zero padding that keeps the size, and a ReLU after it; the 1×1 convolution has neither.
    All have biases. Call with (n, channels, h, w); returns the same shape.
    """

    def __init__(self, channels, dilations=(1, 1, 2, 4, 8, 16, 1)):
        super().__init__()
        # BEGIN SOLUTION
        self.layers = nn.ModuleList()
        for dilation in dilations:
            self.layers.append(
                nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)
            )
        self.last = nn.Conv2d(channels, channels, 1)
        with torch.no_grad():
            for layer in [*self.layers, self.last]:
                middle = layer.kernel_size[0] // 2
                layer.weight.zero_()
                layer.weight[:, :, middle, middle] = torch.eye(channels)
                layer.bias.zero_()
        # END SOLUTION

    def forward(self, x):
        # BEGIN SOLUTION
        for layer in self.layers:
            x = F.relu(layer(x))
        return self.last(x)
        # END SOLUTION


# %% [markdown] hint="ContextModule"
# What padding keeps the size of a 3×3 convolution of dilation 4? (Its kernel spans 9 pixels.) And which entries of a weight
# of shape (C, C, 3, 3) are the middle taps from a channel to itself?

# %% [markdown] hint="ContextModule"
# `nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation)`, kept in an `nn.ModuleList`. Within
# `torch.no_grad()`: `layer.weight.zero_()`, then `layer.weight[:, :, 1, 1] = torch.eye(channels)`; for the 1×1
# convolution the middle is `[:, :, 0, 0]`. And `layer.bias.zero_()`.

# %% check="ContextModule" points=9
module = ContextModule(6)
counts = sum(p.numel() for p in module.parameters())
assert counts == 64 * 6**2 + 8 * 6, "64·C² weights and 8·C biases: 2,352 for C = 6."
x = torch.rand(2, 6, 50, 43)
out = module(x)
assert out.shape == x.shape, "The module keeps size and channels."
assert torch.allclose(out, x), "At first the module copies what is not negative: the identity."
assert torch.equal(module(-x), torch.zeros_like(x)), "ReLU cuts off what is negative."
assert len(list(ContextModule(2, (1, 3)).parameters())) == 6, "dilations=(1, 3): three layers."
for p in module.parameters():
    nn.init.constant_(p, 0.1 if p.ndim == 4 else 0)
lit = torch.zeros(1, 6, 81, 81)
lit[..., 40, 40] = 1
columns = module(lit)[0, 0].any(0).nonzero().flatten().tolist()
assert (columns[0], columns[-1]) == (7, 73), (
    "With all weights positive an impulse reaches 33 pixels on each side: 67 across."
)
same = module(torch.ones(1, 6, 81, 81))[0, 0]
assert same[0, 0] < same[40, 40], (
    "Beyond the border lie zeros: a corner hears less than the middle."
)
for p in module.parameters():
    nn.init.constant_(p, 0.1 if p.shape[2:] != (1, 1) else -0.1)
assert module(lit).min() < 0, "No ReLU follows the last layer: what comes out may be negative."

# %%
stack = [(3, 1, d, d) for d in (1, 1, 2, 4, 8, 16, 1)] + [(1, 1, 0, 1)]
sizes = [receptive_field(stack[: i + 1])[0] for i in range(8)]
plain = [receptive_field([(3, 1, 1, 1)] * min(i + 1, 7))[0] for i in range(8)]
caption = "Field of each layer of the context module, and of the same layers without dilation."
curves(
    range(1, 9),
    {"context module": sizes, "no dilation": plain},
    xlabel="layer",
    ylabel="pixels",
    caption=caption,
)

# %% [markdown]
# ### Does it help?
#
# A small front end, then *your* module, then a score for each class. The front end shrinks by 4 and sees 7 pixels of the
# scene: it knows colors and texture, and nothing of the place. Control: the same module with all dilations 1, which has exactly
# as many weights, and takes exactly as long. Three seeds each.


# %% setup=true
def halved(in_channels, out_channels):
    """A convolution of stride 2, its normalization and ReLU."""
    conv = nn.Conv2d(in_channels, out_channels, 3, 2, 1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU())


# %% setup=true
class Small(nn.Module):
    """A front end at stride 4, a module at that stride, a score for each of nine classes."""

    def __init__(self, module, width=16):
        super().__init__()
        self.front = nn.Sequential(halved(3, width), halved(width, width))
        self.module, self.score = module, nn.Conv2d(width, 9, 1)

    def forward(self, images):
        scores = self.score(self.module(self.front(4 * images - 2)))
        return F.interpolate(scores, images.shape[2:], mode="bilinear", align_corners=False)


# %%
lessons = list(Scenes(96, size=(64, 96)))
unseen = list(Scenes(48, size=(64, 96), split="test"))
exams = batches(unseen, 16, shuffle=False)
some = [target for _, target in lessons[:4]]
show(
    *[image for image, _ in lessons[:4]],
    caption="Four of the 96 training scenes, 64×96 pixels.",
)

# %%
labels(*some, palette=SCENES, columns=4, caption="Their labels.")


# %%
def trained(dilations, seed, steps=150):
    """A small network with your module, after some training."""
    torch.manual_seed(seed)
    network = Small(ContextModule(16, dilations))
    optimizer = torch.optim.AdamW(network.parameters(), 5e-3)
    plan = {"steps": steps, "schedule": cosine(steps, warmup=10), "seed": seed, "bar": False}
    fit(network, batches(lessons, 8), cross_entropy, optimizer=optimizer, **plan)
    return network


# %% [markdown] predict="context"
# The scenes are 64×96, so the map that the module works on has 16×24 cells, and its field of 67 covers all of them. Without
# dilation it is 15 cells wide. Which module wins?
# - [x] the dilated one :: Where in the picture a cell lies, and what lies below it, tells road from building and sky.
# - [ ] no difference: equal weights, equal time :: The weights are equal; what they get to see is not.
# - [ ] the one without dilation: it looks closer :: Close is where the front end looks already.

# %%
MODULES = {"dilated": (1, 1, 2, 4, 8, 16, 1), "no dilation": (1,) * 7}
networks = {(name, seed): trained(MODULES[name], seed) for name in MODULES for seed in range(3)}
scores = {}
for (name, seed), network in networks.items():
    summary = evaluate(network, exams, ConfusionMatrix(9), bar=False).summary()
    scores[f"{name}, seed {seed}"] = summary["mean_iou"]
caption = "Mean IoU on 48 unseen scenes after 150 steps: three seeds for each module."
bars(scores, xlabel="mean IoU", caption=caption)

# %%
image, target = unseen[3]
guesses = {"truth": target}
with torch.no_grad():
    for name in MODULES:
        guesses[name] = networks[name, 0](image[None]).argmax(1)[0]
show(image, height=1.5, caption="A scene that no network has seen.")

# %%
caption = "Its labels, and what the two networks of seed 0 make of it."
labels(*guesses.values(), palette=SCENES, titles=list(guesses), caption=caption)

# %% [markdown]
# **What to notice.** Compare the worst bar of one kind with the best bar of the other before you believe in a difference.
# The same weights, the same products, the same steps: only the places that they read have changed. This map is small,
# so the outer taps of dilation 16 mostly fall on the zero padding, and that is information too: it tells a cell how far the
# image's border is. Both networks are far from trained; the shipped ones of Lab 5 took thousands of steps.
#
# ## 5 · From stride to dilation
#
# Can a *trained* network be made to shrink less, without training it again? Take a layer with stride 2. Let it have stride 1:
# it now computes twice as many rows and columns, the old ones and new ones between them. The next layer wants its
# neighbors as before, and they now lie *two* pixels apart. So give it dilation 2, and twice the padding. No weight changes:
#
# | layer | before | after |
# |---|---|---|
# | 3×3 | stride 2 | stride **1** |
# | 3×3 | padding 1 | padding **2**, dilation **2** |
# | 3×3 | stride 2, padding 1 | stride **1**, padding **2**, dilation **2** |
# | 3×3 | padding 1 | padding **4**, dilation **4** |
#
# We write a network down as a list of its layers. This function runs it:


# %% setup=true
def run(layers, x):
    """A network given as a list of (weight, bias, stride, padding, dilation), a ReLU after each layer."""
    for weight, bias, stride, padding, dilation in layers:
        x = F.relu(F.conv2d(x, weight, bias, stride, padding, dilation))
    return x


# %% exercise="remove_stride" difficulty=3 minutes=18 forbid="course.ops course.models"
def remove_stride(layers, output_stride):
    """Replace the last strides of a network by dilation; its weights stay as they are.

    Strides are kept, from the first layer on, until their product is output_stride. From then on
    every stride becomes 1, and the layers behind it are spread out: the outputs at every second,
    fourth, … pixel are those of the old network.

    Args:
        layers: list of (weight, bias, stride, padding, dilation), the first layer first; weight
            (o, c, kh, kw), bias (o,), and three whole numbers that hold for both axes. Kernels may
            be even, paddings any, and layers may be dilated already.
        output_stride: 1, or the product of the strides up to some layer.

    Returns:
        a new list of the same form. The old list and its tensors are not changed.
    """
    # BEGIN SOLUTION
    kept, spread, changed = 1, 1, []
    for weight, bias, stride, padding, dilation in layers:
        if kept < output_stride:
            kept *= stride
            changed.append((weight, bias, stride, padding, dilation))
        else:
            changed.append((weight, bias, 1, padding * spread, dilation * spread))
            spread *= stride
    return changed
    # END SOLUTION


# %% [markdown] hint="remove_stride"
# Walk through the list with two numbers: the product of the strides that you kept, and the product of those that you took
# away. Does a layer feel its own stride, or only those before it?

# %% [markdown] hint="remove_stride"
# While the kept product is less than `output_stride`, hand the layer on and multiply. After that: stride 1, padding and
# dilation times the removed product *so far*; then multiply that product by the layer's old stride.

# %% check="remove_stride" points=8
torch.manual_seed(0)
network, channels = [], 3
for stride in (2, 1, 2, 1, 2, 1):
    layer = nn.Conv2d(channels, 6, 3).requires_grad_(False)
    network.append((layer.weight, layer.bias, stride, 1, 1))
    channels = 6
how = [tuple(layer[2:]) for layer in remove_stride(network, 8)]
assert how == [layer[2:] for layer in network], (
    "Its output stride is 8 already: nothing changes."
)
how = [tuple(layer[2:]) for layer in remove_stride(network, 2)]
assert how == [(2, 1, 1), (1, 1, 1), (1, 1, 1), (1, 2, 2), (1, 2, 2), (1, 4, 4)], (
    "At output stride 2: (stride, padding, dilation) from the third layer on 1 1 1, 1 2 2, 1 2 2, 1 4 4."
)
odd = [(*network[0][:2], 3, 0, 1), (*network[1][:2], 1, 3, 2), (*network[2][:2], 2, 1, 1)]
how = [tuple(layer[2:]) for layer in remove_stride(odd, 1)]
assert how == [(1, 0, 1), (1, 9, 6), (1, 3, 3)], (
    "Behind a removed stride of 3: padding 3 and dilation 2 become 9 and 6; padding 1 and dilation 1 become 3 and 3."
)
assert network[2][2:] == odd[2][2:] == (2, 1, 1), "The list that was given must stay as it was."
for size in ((32, 48), (41, 27)):
    image = torch.rand(1, 3, *size)
    for output_stride, step in ((4, 2), (2, 4), (1, 8)):
        dense = run(remove_stride(network, output_stride), image)
        same = torch.allclose(dense[:, :, ::step, ::step], run(network, image), atol=1e-6)
        assert same, f"Rows and columns 0, {step}, {2 * step}, … must be the old network's."

# %% [markdown]
# The new map has the old numbers, and new ones between them. Here is one channel of it, before and after:

# %%
coffee = photo("coffee", size=(128, 192))
inner = (slice(None), slice(24, -24), slice(24, -24))  # what has not seen the zeros around
dense = run(remove_stride(network, 1), coffee[None])[0][inner]
channel = int(dense.std((1, 2)).argmax())
low, high = dense[channel].quantile(torch.tensor([0.02, 0.98]))
picture = ((dense[channel] - low) / (high - low)).clamp(0, 1)

# %%
titles = ["photograph", "stride 8: 10×18", "stride 1: 80×144"]
caption = (
    "One channel of a network with random weights: as it is, and with dilation for stride."
)
show(coffee[inner], picture[::8, ::8], picture, titles=titles, caption=caption)

# %% [markdown]
# ### What it costs
#
# The weights are the same. The numbers in the maps are not.

# %% [markdown] predict="cost"
# A network with output stride 32 is changed to output stride 8. How much more memory do the maps of its *last* stage need?
# - [ ] none: no weight is added :: Weights are not maps.
# - [ ] 4 times :: That is along one axis.
# - [x] 16 times :: Four times as many rows, four times as many columns. And as each pixel costs as many products as
#   before, the last stage computes 16 times as long, too.

# %%
deep, channels = [], 3
for stride, width in ((2, 8), (2, 16), (2, 32), (1, 32), (2, 64), (1, 64), (2, 128), (1, 128)):
    layer = nn.Conv2d(channels, width, 3).requires_grad_(False)
    deep.append((layer.weight, layer.bias, stride, 1, 1))
    channels = width
large = torch.rand(1, 3, 256, 384)

# %%
maps, last = {}, {}
for output_stride in (32, 16, 8):
    x, sizes = large, []
    for layer in remove_stride(deep, output_stride):
        x = run([layer], x)
        sizes.append(4 * x.numel() / 2**20)
    maps[f"all maps, output stride {output_stride}"] = sum(sizes)
    last[f"the last stage's, output stride {output_stride}"] = sum(sizes[-2:])
caption = "Memory of the maps of eight layers, for an image of 256×384, and of the last two among them."
bars(maps | last, xlabel="MiB", caption=caption)


# %%
def milliseconds(layers):
    """The best of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run(layers, large)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


spent = {f"output stride {s}": milliseconds(remove_stride(deep, s)) for s in (32, 16, 8)}

# %%
caption = "One image through the same eight layers: the best of three runs."
bars(spent, xlabel="milliseconds on this machine", caption=caption)

# %% [markdown]
# **What to notice.** Dilation is not free: the maps are what fills a GPU's memory in training. Hence the usual compromise:
# **output stride 8** or 16, not 1. PSPNet and DeepLab (Lab 9) stand on ResNets that were changed like this in their last two
# stages. Section 7 will measure which part of its field a network really uses.
#
# ## 6 · Gridding
#
# Follow the taps of *your* convolution through a stack: light one pixel, convolve with all weights 1, and count over how many
# paths each pixel is reached.


# %%
def paths(dilations, size=41):
    """Over how many paths the middle pixel reaches each pixel, through 3×3 layers of these dilations."""
    x, ones = torch.zeros(1, 1, size, size), torch.ones(1, 1, 3, 3)
    x[..., size // 2, size // 2] = 1
    for dilation in dilations:
        x = dilated_conv(F.pad(x, [dilation] * 4), ones, dilation)
    return x[0, 0]


# %% [markdown] predict="gridding"
# Three layers with dilation 2, 2, 2 see a square of 13×13 pixels. How many of its 169 pixels reach the output at all?
# - [ ] all 169 :: A step of 2 and another step of 2 never end on an odd pixel.
# - [ ] 85, as on a chessboard :: Rows *and* columns are skipped: an odd row has no pixel at all.
# - [x] 49 :: Only even rows and even columns: 7 × 7.

# %%
reached, titles = [], []
for dilations in ((2, 2, 2), (1, 2, 4), (4, 4, 4), (1, 2, 5, 9)):
    size = receptive_field([(3, 1, d, d) for d in dilations])[0]
    count = paths(dilations)
    share = (count > 0).sum() / size**2
    reached.append(count / count.max())
    titles.append(f"{', '.join(map(str, dilations))}: {share:.0%} of {size}²")
caption = "Which pixels the middle one reaches: brighter, over more paths; and their share of the field."
show(*reached, titles=titles, columns=4, caption=caption)

# %% [markdown]
# **What to notice.** A common factor of all dilations leaves holes: neighbors in the output then hear disjoint sets of input
# pixels, as if the map were cut into four maps that never speak to each other. In a picture this shows as a grid. Dilations
# like 1, 2, 4 have no common factor and leave none.
#
# ### DRN: A, B, C
#
# Yu, Koltun & Funkhouser took a ResNet, and put dilation 2 and 4 in place of the strides of its last two groups (output stride
# 8). That is **DRN-A**, and it grids. Their remedy, in steps:
#
# - **B**: no max pooling at the start, since its strong, single responses make the grid worse; and more
#   layers at the end, with dilation 2 and then 1 (they **taper** off), which smooth it.
# - **C**: no residual connection around these last layers, since a shortcut carries the grid past them.
#
# Let us look at the end of the network alone, with averaging kernels in place of learned ones. The grid is what dilation 4
# leaves of single responses.


# %%
def averaged(x, dilation):
    """The mean of nine pixels that lie `dilation` apart."""
    return dilated_conv(F.pad(x, [dilation] * 4), torch.full((1, 1, 3, 3), 1 / 9), dilation)


def unevenness(x, period=4):
    """How much the 16 phases of a map differ: the standard deviation of their sums, over their mean."""
    sums = torch.stack(
        [x[..., i::period, j::period].sum() for i, j in product(range(period), repeat=2)]
    )
    return (sums.std(correction=0) / sums.mean()).item()


# %%
torch.manual_seed(0)
grid = torch.zeros(1, 1, 64, 64)
grid[..., [10, 38, 46], [14, 34, 50]] = torch.tensor(
    [1.0, 2, 1.5]
)  # three single, strong responses
for dilation in (4, 4):
    grid = averaged(grid, dilation)
ends = {"A, no more": grid, "B, residual": grid, "C, plain": grid}
for dilation in (2, 1):
    ends["B, residual"] = ends["B, residual"] + averaged(ends["B, residual"], dilation)
    ends["C, plain"] = averaged(ends["C, plain"], dilation)

# %%
show(
    *[end[0, 0] / end.max() for end in ends.values()],
    titles=[f"{name}: {unevenness(end):.2f}" for name, end in ends.items()],
    caption="Three responses behind two layers of dilation 4; then layers of dilation 2 and 1. Number: unevenness.",
)

# %% [markdown]
# **What to notice.** Tapered layers fill the holes; with shortcuts the grid stays on top of what was filled in. This is a
# model of it: learned kernels are not averages. For real networks the authors report that a DRN of 42 layers beats their
# baseline on a ResNet-101 by more than 4 points of mean IoU on Cityscapes.
#
# ## 7 · Receptive fields, four ways
#
# What does a unit see? It depends on how one asks:
#
# 1. **Theory**: what the layers allow. Your recurrence.
# 2. **Impulse**: change an input pixel, and see which outputs change. It asks the network instead of its description.
# 3. **Gradient**: how strongly does each input pixel move the output? The **effective** field (Luo et al.).
# 4. **Occlusion**: cover a piece of an image, and see how much the response changes. The **empirical** field (Zhou et
#    al.); it depends on the weights *and* on the images.
#
# We ask a unit of FCN-8s, whose encoder has the layers of VGG16, at its third pooling. By theory it sees 44 pixels.

# %%
features = fcn.network.encoder.features.eval()
POOLS = {"pool 1": 7, "pool 2": 14, "pool 3": 24}


def stage(name):
    """The encoder up to a pooling: images in [0, 1] -> map."""
    return lambda images: features[: POOLS[name]](fcn.normalize(images))


x1, y1, x2, y2 = fields.impulse_field(stage("pool 3"), (96, 96))
print(f"By impulse: a box of {y2 - y1}×{x2 - x1} pixels.")

# %% [markdown] predict="effective"
# Now the gradient, over random images. How is it spread over the 44×44 pixels of the field?
# - [ ] evenly :: Each pixel of the field *can* move the output. But over how many paths?
# - [x] as a bump: strong in the middle, next to nothing at the border :: Many paths lead from the middle, and a single
#   one from each corner. Section 6 counted them.
# - [ ] strongest at the border, where the last layers look :: No layer looks at the border alone.

# %%
torch.manual_seed(0)
noise = torch.rand(16, 3, 96, 96)
effective = {name: fields.effective_field(stage(name), noise) for name in POOLS}
show(
    *[field[22:74, 22:74] / field.max() for field in effective.values()],
    titles=[f"{name}" for name in effective],
    caption="The effective field of the middle unit after each pooling, 52×52 pixels: brighter counts more.",
)

# %% [markdown]
# Now cover the image piece by piece. First the covers: a square patch of `patch` pixels walks over the image in steps of
# `stride`, and what lies below it becomes one color, the image's mean. The first patch hangs over the border, so that only
# `stride` pixels of it are inside: this way the outermost pixels are covered as often as the others.


# %% exercise="occlude" difficulty=2 minutes=15 forbid="course.ops F.unfold .unfold"
def occlude(image, patch, stride):
    """Cover each place of an image with a patch of its mean color.

    Args:
        image: (c, h, w) float.
        patch: side of the patch in pixels, at least 1.
        stride: pixels from one place of the patch to the next, 1 to patch.

    Returns:
        (boxes, copies): boxes (m, 4) int64, one row (x1, y1, x2, y2) for each place, clipped to the
        image, x2 and y2 just outside; row by row from the upper left. Patches start at
        stride - patch and go on by stride as long as they start inside the image. And
        copies (m, c, h, w), of the image's dtype: the image with each box filled by the mean of
        each channel.
    """
    # BEGIN SOLUTION
    h, w = image.shape[1:]
    boxes, copies = [], []
    mean = image.mean((1, 2), keepdim=True)
    for top in range(stride - patch, h, stride):
        for left in range(stride - patch, w, stride):
            x1, x2 = max(0, left), min(w, left + patch)
            y1, y2 = max(0, top), min(h, top + patch)
            copy = image.clone()
            copy[:, y1:y2, x1:x2] = mean
            boxes.append([x1, y1, x2, y2])
            copies.append(copy)
    return torch.tensor(boxes), torch.stack(copies)
    # END SOLUTION


# %% [markdown] hint="occlude"
# Two loops, `top` outside and `left` inside, over `range(stride - patch, …, stride)`. What does Python make of a slice that
# begins at −3? Clip the box before you use it.

# %% [markdown] hint="occlude"
# `x1, x2 = max(0, left), min(w, left + patch)`, and the same for y. Take the mean of the *whole* image,
# `image.mean((1, 2), keepdim=True)`, of shape (c, 1, 1); then `copy = image.clone()` and `copy[:, y1:y2, x1:x2] = mean`.

# %% check="occlude" points=8
image = torch.arange(24.0).reshape(1, 4, 6)
found = occlude(image, 3, 2)
assert len(found) == 2, "Return two things: boxes and copies."
boxes, copies = found
assert boxes.dtype == torch.int64, "Boxes are whole numbers, int64."
assert copies.shape == (12, 1, 4, 6), (
    "Patches start at −1, 1, 3 down and at −1, 1, 3, 5 across: 12 copies."
)
assert boxes[:2].tolist() == [[0, 0, 2, 2], [1, 0, 4, 2]], (
    "The first box is (0, 0, 2, 2), the second one lies to its right: (1, 0, 4, 2)."
)
assert boxes[-1].tolist() == [5, 3, 6, 4], (
    "The last one is cut off at the border: (5, 3, 6, 4)."
)
assert (copies[0, 0, :2, :2] == 11.5).all(), "The box gets the mean of the image, 11.5."
rest = copies[0].clone()
rest[:, :2, :2] = image[:, :2, :2]
assert torch.equal(rest, image), "Outside of its box a copy is the image."
assert torch.equal(copies[-1, :, :3], image[:, :3]), "Each copy has one box covered, not more."
two = torch.stack([torch.zeros(4, 4), torch.ones(4, 4)])
assert torch.equal(occlude(two, 2, 2)[1][0], two), "Each channel is filled with its own mean."
assert torch.equal(image, torch.arange(24.0).reshape(1, 4, 6)), "The image itself stays."

# %% [markdown]
# Each copy goes through the network, and we note how much the unit's response changes. A pixel's **discrepancy** is the mean
# of the changes of all patches that covered it.


# %% exercise="discrepancy_map" difficulty=2 minutes=10 forbid="course.ops"
def discrepancy_map(changes, boxes, size):
    """The mean change of the patches that covered each pixel.

    Args:
        changes: (m,) float, how much the response changed with each patch.
        boxes: (m, 4) int64, (x1, y1, x2, y2), x2 and y2 just outside.
        size: (h, w) of the image.

    Returns:
        (h, w), of the dtype of changes; 0 where no patch was.
    """
    # BEGIN SOLUTION
    total, count = changes.new_zeros(size), changes.new_zeros(size)
    for change, (x1, y1, x2, y2) in zip(changes, boxes.tolist(), strict=True):
        total[y1:y2, x1:x2] += change
        count[y1:y2, x1:x2] += 1
    return total / count.clamp(min=1)
    # END SOLUTION


# %% [markdown] hint="discrepancy_map"
# A mean is a sum and a count. Which two maps do you fill, and what do you do where the count is 0?

# %% [markdown] hint="discrepancy_map"
# Two maps of zeros, `changes.new_zeros(size)`. For each box `total[y1:y2, x1:x2] += change` and `count[y1:y2, x1:x2] += 1`; at
# the end `total / count.clamp(min=1)`.

# %% check="discrepancy_map" points=7
boxes = torch.tensor([[0, 0, 2, 1], [1, 0, 3, 2]])
found = discrepancy_map(torch.tensor([2.0, 6.0]), boxes, (3, 4))
assert found.shape == (3, 4), "One number for each pixel, (h, w)."
assert found[0].tolist() == [2, 4, 6, 0], (
    "Covered by the first, by both (their mean), by the second, by none."
)
assert found[1].tolist() == [0, 6, 6, 0], (
    "x comes first in a box: the second one covers columns 1 and 2 of row 1."
)
assert found[2].tolist() == [0, 0, 0, 0], "Where no patch was there is 0, not NaN."
found = discrepancy_map(torch.tensor([-3.0, 1.0]), boxes, (2, 3))
assert found[0].tolist() == [-3, -1, 1], (
    "Changes are averaged as they are: −3 and 1 have the mean −1."
)

# %% [markdown]
# Which images? Those that the unit likes best. We show it 60 scenes of 64×64 and keep the **top K**, here three, and look for its
# strongest place in each.

# %%
small = torch.stack([image for image, _ in Scenes(60, seed=5, size=(64, 64))])


def favorites(name, unit, k=3):
    """The k scenes to which a unit responds most, and the place (row, column) where it does."""
    with torch.no_grad():
        response = stage(name)(small)[:, unit]
    best = response.flatten(1).max(1)
    chosen = best.values.topk(k).indices.tolist()
    return [(small[i], divmod(int(best.indices[i]), response.shape[2])) for i in chosen]


# %%
def looked_at(name, unit, image, place, patch=6, stride=3):
    """The discrepancy map of a unit's response at one place of its map."""
    boxes, copies = occlude(image, patch, stride)
    row, column = place
    with torch.no_grad():
        before = stage(name)(image[None])[0, unit, row, column]
        after = [stage(name)(some)[:, unit, row, column] for some in copies.split(64)]
    return discrepancy_map((torch.cat(after) - before).abs(), boxes, image.shape[1:])


# %%
with torch.no_grad():
    liveliest = {name: int(stage(name)(small).std((0, 2, 3)).argmax()) for name in POOLS}
shown = {}
for name in ("pool 2", "pool 3"):
    unit = liveliest[name]
    found = favorites(name, unit)
    shown[name] = [
        (image, place, looked_at(name, unit, image, place)) for image, place in found
    ]

# %%
pictures = []
for pair in zip(*shown.values(), strict=True):
    for image, _, field in pair:
        pictures += [image, field / field.max()]
titles = ["likes: pool 2", "looks at", "likes: pool 3", "looks at"] + [""] * 8
caption = "Three favorite scenes of a unit of pool 2, and of one of pool 3; beside each, bright, what its response hangs on."
show(*pictures, columns=4, height=1.7, titles=titles, caption=caption)

# %% [markdown]
# Lay the maps of one unit upon each other, each moved so that the place of the response is in the middle: the empirical field. To
# compare sizes we ask each field the same: how large is a square of as many pixels as hold 95 % of it?


# %%
def laid_upon(name, convolutions):
    """The empirical field: a unit's discrepancy maps, each cut out where the unit may look, added up."""
    size, step, offset = receptive_field(vgg[:convolutions])
    total = 0
    for _, place, field in shown[name]:
        top, left = (int(step * at + offset - (size - 1) / 2) + 64 for at in place)
        total = total + F.pad(field, [64] * 4)[top : top + size, left : left + size]
    return total


# %%
empirical = {"pool 2": laid_upon("pool 2", 6), "pool 3": laid_upon("pool 3", 10)}
show(
    *[field / field.max() for field in empirical.values()],
    titles=["pool 2: 16×16", "pool 3: 44×44"],
    height=1.8,
    caption="The empirical fields of the two units, over the whole of what theory allows them.",
)

# %%
sizes = {}
for name, field in empirical.items():
    sizes[f"{name}: theory"] = len(field)
    sizes[f"{name}: gradient"] = fields.effective_size(effective[name])
    sizes[f"{name}: occlusion"] = fields.effective_size(field)
caption = "Side of the field of two units: by theory, and of 95 % of what counts."
bars(sizes, xlabel="pixels", caption=caption)

# %% [markdown]
# **What to notice.** The theory's number is the largest: it says what *may* count. The two others do not measure the same: the
# gradient was taken on noise, for all channels; the occlusion on scenes, for one unit, and with a patch of 6 pixels that blurs
# what it measures. Both say: less than the theory, the more so the deeper the layer. Zhou et al. asked
# an AlexNet trained on ImageNet the same, by occlusion, and estimated the sizes from the best images of all units of a layer:

# %%
theory = {"pool 1": 19, "pool 2": 67, "conv 3": 99, "conv 4": 131, "pool 5": 195}
measured = [17.9, 36.7, 51.1, 60.4, 70.3]
caption = "As reported by Zhou et al. for an ImageNet network: field by theory and as measured."
both = {"theory": list(theory.values()), "measured": measured}
figure = curves(range(5), both, ylabel="pixels", caption=caption)
figure.axes[0].set_xticks(range(5), list(theory))
figure

# %% [markdown]
# **What to notice.** The deeper the layer, the smaller the part of its field that it uses: 94 % of the width at the
# first pooling, 36 % at the last. Luo et al. found why it begins that way: with random weights the effective field grows only
# with the square root of the number of layers. So *theory says it sees 212 pixels* is no proof that it looks at them. Lab 9
# builds on this: ParseNet begins with the same measurement, and adds the whole image's mean.
#
# ## What you know now
#
# 1. Dilation spreads the taps of a filter apart: the field grows, the parameters, the products and the size of the map stay.
#    Doubled dilations see $2^{i+2} - 1$ pixels after $i + 1$ layers.
# 2. A stride can be taken out of a trained network: stride 1, and dilation for all layers behind it. The old numbers are still
#    there, at every second pixel; the maps cost four times the memory for each stride.
# 3. Dilations with a common factor leave a grid. And a receptive field by theory is an upper bound: gradient and occlusion say
#    what is used.
#
# Last, your functions against the library's:

# %%
x, weight = torch.rand(2, 3, 20, 17), torch.rand(4, 3, 3, 3)
pair = dilated_conv(x, weight, 3), F.conv2d(x, weight, dilation=3)
assert torch.allclose(*pair, atol=1e-5), "dilated_conv differs from torch's"
(axis, _) = fields.receptive_fields(features, (128, 192))["output"]
wanted = axis.size, axis.stride, axis.offset
assert tuple(receptive_field(vgg)) == wanted, "receptive_field differs from the library's"

# %%
name, image = "pool 1", small[0]
with torch.no_grad():
    place = divmod(int(stage(name)(image[None])[0, 3].argmax()), 32)
library = fields.discrepancy_map(stage(name), image, 3, patch=8, stride=4)
mine = looked_at(name, 3, image, place, patch=8, stride=4)
assert torch.allclose(mine, library, atol=1e-5), "the discrepancy map differs"

# %%
module = ContextModule(5).double()
for p in module.parameters():
    nn.init.uniform_(p, 0, 0.1)
x1, y1, x2, y2 = fields.impulse_field(module.float(), (90, 80), in_channels=5)
assert (x2 - x1, y2 - y1) == (67, 67), "the context module sees another field"
print("Your convolution, recurrence, module and discrepancy map agree with the library's.")

# %% [markdown]
# ## Five questions
#
# Answer each in a sentence or two before you open its answer.

# %% [markdown] question="kernel"
# A colleague replaces a 3×3 layer of dilation 4 by a 9×9 layer. Both see 9×9 pixels. What does each have that the other has
# not?
# :: The 9×9 kernel has nine times the weights and products, and reads all 81 pixels; it can even learn to be the
# dilated one. The dilated one reads nine pixels of the 81, and what lies between them only matters if a layer
# before it has mixed it in. That is why dilations grow layer by layer.

# %% [markdown] question="order"
# Two 3×3 layers: stride 2 first and then stride 1, or stride 1 first and then stride 2. Which stack sees more, and do they
# have the same stride?
# :: Both have stride 2. The first one sees 3 + 2·2 = 7 pixels, the second one 3 + 2 = 5: a stride only acts on the
# layers behind it.

# %% [markdown] question="padding"
# Someone removes a stride, gives the next layers dilation 2, and forgets to double their padding. What goes wrong, and where
# in the picture would you see it?
# :: A 3×3 layer of dilation 2 and padding 1 loses a pixel on each side. So the map becomes smaller and is shifted by a
# pixel for each such layer: its output (0, 0) is the old map's value between the places, not at it. It is wrong everywhere,
# not only at the border.

# %% [markdown] question="grid"
# A network ends with three layers of dilation 12 (Lab 9 has such). Would gridding disappear if a layer of dilation 1 came
# *before* them? And behind them?
# :: Before them: the taps still lie 12 apart, but each now reads a mixture of 3×3 pixels; holes of 9 pixels remain. Behind
# them: neighbors in the output, which heard disjoint sets of pixels, are mixed, three at a time; the grid of 12 becomes
# weaker and does not go away. DRN *tapers*: each dilation is half of the one before, down to 1.

# %% [markdown] question="bound"
# A unit's field by theory is 404 pixels wide, its empirical field 60. Your objects are 200 pixels wide. A friend says: "404
# is enough." What would you measure, and what would you change?
# :: Measure the effective or the empirical field on *your* images, not on noise. If it is 60, the network does not look at
# a whole object, although it could: add something that sees the whole image (pooling, larger dilations, Lab 9), or
# train longer, as the effective field grows with training.

# %% [markdown] open_task=true
# ## An open task
#
# Is it the *far* pixels or the *border* that helps the context module? Give `Small` a module whose padding repeats the
# outermost pixel (`padding_mode="replicate"`), so that no zero tells where the border is, and train both kinds with three
# seeds. Then put the scenes into the middle of a larger, grey image. Which part of the difference is left? Last, start the module at
# random instead of with the identity: can you confirm what the authors report? There is no key to this one.

# %% [markdown] papers=true
# ## Papers
#
# - Yu & Koltun, *Multi-scale context aggregation by dilated convolutions*, arXiv:1511.07122
# - Yu, Koltun & Funkhouser, *Dilated residual networks*, arXiv:1705.09914
# - Zhou, Khosla, Lapedriza, Oliva & Torralba, *Object detectors emerge in deep scene CNNs*, arXiv:1412.6856
# - Luo, Li, Urtasun & Zemel, *Understanding the effective receptive field in deep convolutional neural networks*,
#   arXiv:1701.04128
# - Araujo, Norris & Sim, *Computing receptive fields of convolutional neural networks*, Distill 2019,
#   [doi:10.23915/distill.00021](https://doi.org/10.23915/distill.00021)
# - Holschneider, Kronland-Martinet, Morlet & Tchamitchian, *A real-time algorithm for signal analysis with the help of the
#   wavelet transform*, 1989 (à trous)
#
# **Next question.** If a network hardly looks at the far half of its field, why not hand it the mean of the whole image?
# Lab 9.
