# %% [markdown]
# # Lab 6 · Losses for pixels
#
# **The question.** Papers compare networks by mean IoU. So why does nobody simply train on it? What do people train on
# when one class fills a third of every picture and another only one pixel in a hundred?
#
# You will write the losses of the field by hand: cross-entropy that survives any score, U-Net's weight map, Dice,
# focal, Lovász, and hard pixel mining. At the end six of them compete for a thin class.
#
# *About two hours, no GPU, no network. Before this: Lab 5.*

# %%
import torch
import torch.nn.functional as F
from scipy import ndimage
from torch import nn
from tqdm.auto import tqdm

from course import losses as library
from course.data.palettes import SCENES, colorize
from course.data.readers import Membranes
from course.data.scenes import Scenes
from course.metrics.confusion import ConfusionMatrix
from course.ops import distances
from course.page.progress import Progress
from course.viz import bars, curves, numbers, show
from course.widgets.losses import loss_explorer

# %% progress=true
Progress()

# %% [markdown]
# ## 1 · Why not train on the score itself?
#
# Four pixels, three classes. A network gives each pixel three scores $z$ (its *logits*); the largest wins. Ours are
# logarithms of small integers, so that every $e^z$ is an integer and you can follow with a pencil.

# %% setup=true
A, B, C, D = (2, 1, 1), (1, 2, 1), (1, 1, 6), (5, 2, 1)
powers = torch.tensor([[A, B], [C, D]]).float().movedim(2, 0)  # e^z: (3 classes, 2, 2)
logits = powers.log()[None]
target = torch.tensor([[[0, 0], [2, 255]]])  # 255 is void

# %%
numbers(
    *powers,
    [["0", "0"], ["2", "void"]],
    titles=["e^z, class 0", "class 1", "class 2", "target"],
    caption="Four pixels with three scores each, and their classes. The upper right pixel is wrong.",
)

# %% [markdown] predict="staircase"
# We raise the score of class 0 at the wrong pixel, bit by bit. How does the mean IoU respond?
# - [ ] it rises smoothly :: It never looks at scores, only at which one is the largest.
# - [x] in one jump :: Nothing happens until class 0 overtakes class 1. Its slope is 0 everywhere else, and a gradient of
#   0 tells the network nothing.
# - [ ] not at all :: As soon as class 0 wins there, the pixel becomes right and the mean IoU changes.

# %%
steps = torch.linspace(-2, 4, 121)
moved = logits.repeat(121, 1, 1, 1)
moved[:, 0, 0, 1] += steps
score, loss = [], []
for one in moved:
    confusion = ConfusionMatrix(3)
    confusion.update(target, one[None].argmax(1))
    score.append(1 - confusion.summary()["mean_iou"])
    loss.append(library.cross_entropy(one[None], target).item())

# %%
curves(
    steps,
    {"1 − mean IoU": score, "cross-entropy": loss},
    xlabel="added to the score of class 0 at the wrong pixel",
    caption="The mean IoU is a staircase, flat between its steps. Cross-entropy has a slope everywhere.",
)

# %% [markdown]
# **What to notice.** A staircase has no direction that leads down. Each loss in this lab is a smooth surrogate for
# something that we want: right pixels, thin gaps, or the IoU itself.
#
# ## 2 · Cross-entropy, safely
#
# Softmax turns scores into probabilities. How surprised are we by the true class $t$? That surprise, the negative
# log-likelihood, is the loss of one pixel:
#
# $$p_c = \frac{e^{z_c}}{\sum_j e^{z_j}}, \qquad \ell = -\log p_t$$

# %%
p = powers / powers.sum(0)
surprise = torch.tensor(
    [[-p[0, 0, 0].log(), -p[0, 0, 1].log()], [-p[2, 1, 0].log(), torch.nan]]
)
numbers(
    *p,
    surprise,
    titles=["p of class 0", "p of class 1", "p of class 2", "−log p of the target"],
    caption="The pixel with p = ½ costs log 2 = 0.693, the one with ¼ twice as much; void costs nothing.",
)

# %% [markdown]
# Now the same formula on scores that a real network can produce.

# %%
wild = torch.tensor([1e4, 0.0, -1e4])
naive = wild.exp() / wild.exp().sum()
print("e^z      ", wild.exp().tolist())
print("softmax  ", naive.tolist())
print("log of it", naive.log().tolist())

# %% [markdown]
# Infinity over infinity is *not a number*, and one NaN in the loss turns every weight into NaN. The remedy: adding the
# same number to all scores does not change the probabilities. So subtract the largest, $m$, first (*log-sum-exp*):
#
# $$\log p_c = (z_c - m) - \log \sum_j e^{z_j - m}, \qquad m = \max_j z_j$$
#
# Now the largest power is $e^0 = 1$, and the sum is at least 1: no overflow, and no logarithm of 0.


# %% exercise="log_softmax" difficulty=1 minutes=10 forbid="F.log_softmax torch.log_softmax .log_softmax nn.LogSoftmax F.cross_entropy torch.logsumexp .logsumexp course.losses"
def log_softmax(logits):
    """Logarithm of the softmax over the classes, stable for any scores.

    Args:
        logits: (n, k, h, w) float.

    Returns:
        (n, k, h, w), log p of each class at each pixel, at most 0.
    """
    # BEGIN SOLUTION
    shifted = logits - logits.amax(1, keepdim=True)
    return shifted - shifted.exp().sum(1, keepdim=True).log()
    # END SOLUTION


# %% [markdown] hint="log_softmax"
# Which dimension holds the classes? Find the largest score of each *pixel*, and keep that dimension so that it can be
# subtracted (`keepdim=True`).

# %% [markdown] hint="log_softmax"
# `shifted = logits - logits.amax(1, keepdim=True)`. Then subtract the logarithm of the sum of `shifted.exp()` over
# dimension 1. Don't take the logarithm of a softmax: it can be log 0.

# %% check="log_softmax" points=6
log_p = log_softmax(logits)
assert torch.allclose(log_p[0, :, 0, 0].exp(), torch.tensor([0.5, 0.25, 0.25])), (
    "e^z of 2, 1, 1 gives probabilities ½, ¼, ¼."
)
wild = torch.tensor([1e4, 0.0, -1e4]).reshape(1, 3, 1, 1)
assert log_softmax(wild).flatten().tolist() == [0, -1e4, -2e4], (
    "With a lead of 10,000 the first is certain: log p is 0, −10,000, −20,000."
)
assert log_softmax(wild.clone().requires_grad_()).requires_grad, (
    "A gradient must flow back to the scores."
)

# %% [markdown]
# ### Mean over what?
#
# A network is trained on one number, so the pixels' losses are averaged. That sounds harmless.

# %% [markdown] predict="mean"
# The three known pixels cost 0.693, 1.386 and 0.288; the fourth is void. What do we divide their sum by?
# - [ ] 4, the pixels :: Then a picture with a lot of void counts little, and the same mistake costs less in it.
# - [x] 3, the pixels with a class :: Void is left out of both the numerator and the denominator.
# - [ ] 2, the classes present :: That would be a different loss, the mean over classes. Each class needs its own mean
#   first.

# %%
known = surprise.nan_to_num()  # void: 0
weight = torch.tensor([[1.0, 1.0], [4.0, 0.0]])  # if class 2 weighs 4
denominators = {
    "sum / 4 pixels": known.sum() / 4,
    "sum / 3 known pixels": known.sum() / 3,
    "weighted sum / 3 known pixels": (weight * known).sum() / 3,
    "weighted sum / sum of weights": (weight * known).sum() / weight.sum(),
}
says = "One sum, divided in two ways; and again with class 2 weighted four times as much."
bars(denominators, xlabel="loss", caption=says)

# %% [markdown]
# Our convention, and PyTorch's, is a weighted mean over the pixels with a class:
#
# $$L = \frac{\sum_x w(x)\,\ell(x)}{\sum_x w(x)}$$
#
# Doubling all weights then changes nothing. And if no pixel has a weight, the loss is 0 instead of 0/0.


# %% exercise="cross_entropy" difficulty=2 minutes=15 forbid="F.cross_entropy nn.CrossEntropyLoss F.nll_loss nn.NLLLoss course.losses"
def cross_entropy(logits, target, pixel_weights=None):
    """Weighted mean of -log p of each pixel's class, over the pixels that are not void.

    Args:
        logits: (n, k, h, w) float, however large.
        target: (n, h, w) int64, classes 0 … k - 1, or 255 for void.
        pixel_weights: (n, h, w) at least 0, how much each pixel counts; None for 1 each.

    Returns:
        Scalar tensor; 0, with gradient 0, where no pixel counts.
    """
    # BEGIN SOLUTION
    known = target != 255
    labels = torch.where(known, target, 0)
    surprise = -log_softmax(logits).gather(1, labels[:, None])[:, 0]
    pixel_weights = torch.ones_like(surprise) if pixel_weights is None else pixel_weights
    pixel_weights = torch.where(known, pixel_weights, 0)
    total = pixel_weights.sum()
    return (pixel_weights * surprise).sum() / torch.where(total > 0, total, 1)
    # END SOLUTION


# %% [markdown] hint="cross_entropy"
# `gather(1, labels[:, None])` picks each pixel's own class out of the k. It cannot pick class 255: what harmless class
# could take its place, if the pixel's weight is then 0?

# %% [markdown] hint="cross_entropy"
# `labels = torch.where(known, target, 0)`, then `-log_softmax(logits).gather(1, labels[:, None])[:, 0]`. Set the weights
# of void pixels to 0, divide by their sum, or by 1 where the sum is 0. (`F.log_softmax` may be used, too.)

# %% check="cross_entropy" points=9
assert abs(cross_entropy(logits, target) - 0.789) < 1e-3, (
    "(0.693 + 1.386 + 0.288) / 3 = 0.789: void is left out of the sum and of the number of pixels."
)
heavy = torch.tensor([[[1.0, 1.0], [4.0, 1.0]]])
assert abs(cross_entropy(logits, target, heavy) - 0.538) < 1e-3, (
    "(0.693 + 1.386 + 4 · 0.288) / 6 = 0.538: divide by the weights of the known pixels."
)
assert cross_entropy(logits, torch.full((1, 2, 2), 255)) == 0, "All void: the loss is 0."
scores = logits.clone().requires_grad_()
cross_entropy(scores, target).backward()
assert scores.grad.isfinite().all(), "There is a gradient, and it is finite."
assert (scores.grad[0, :, 1, 1] == 0).all(), "The void pixel gets no gradient."

# %% [markdown]
# How hard does a pixel pull? The gradient at its scores is as simple as can be: the prediction minus the truth,
#
# $$\frac{\partial \ell}{\partial z_c} = p_c - [c = t]$$

# %%
scores = logits.clone().requires_grad_()
(3 * cross_entropy(scores, target)).backward()  # times 3: the sum instead of the mean
numbers(
    *scores.grad[0],
    titles=["gradient at class 0", "at class 1", "at class 2"],
    caption="Orange scores should rise, blue ones fall. Each pixel's three numbers add up to 0.",
)

# %% [markdown]
# ## 3 · One pixel in a hundred
#
# A street is mostly road and sky; a traffic sign is a few pixels. So the mean over pixels is mostly a mean over road
# and sky.


# %%
def stack(scenes):
    pictures, labels = zip(*scenes, strict=True)
    return 4 * torch.stack(pictures) - 2, torch.stack(labels)


train_pictures, train_labels = stack(Scenes(96, size=(64, 96)))
test_pictures, test_labels = stack(Scenes(48, size=(64, 96), split="test"))
pixels = torch.bincount(train_labels[train_labels < 9], minlength=9)
share = pixels / pixels.sum()
bars(
    dict(zip(SCENES.names, 100 * share, strict=True)),
    xlabel="% of the pixels",
    caption="Nine classes of the course's streets. Sign and person are the rare ones.",
)


# %% [markdown]
# A network small enough for a laptop: two convolutions see the street at half its size, three more at a quarter. The
# scores are computed from both.


# %%
def layer(in_channels, out_channels, stride=1, dilation=1):
    conv = nn.Conv2d(in_channels, out_channels, 3, stride, dilation, dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels), nn.ReLU())


# %%
class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.fine = layer(3, 16, 2)
        deeper = layer(16, 16), layer(16, 32, 2), layer(32, 32, 1, 2), layer(32, 32, 1, 4)
        self.coarse = nn.Sequential(*deeper)
        self.score = nn.Conv2d(48, 9, 1)

    def forward(self, x):
        fine = self.fine(x)
        coarse = F.interpolate(self.coarse(fine), size=fine.shape[2:], mode="bilinear")
        scores = self.score(torch.cat([fine, coarse], 1))
        return F.interpolate(scores, size=x.shape[2:], mode="bilinear")


# %%
def train(loss, steps=150, batch=8):
    torch.manual_seed(0)
    model = Small()
    optimizer = torch.optim.AdamW(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for chosen in torch.randint(len(train_pictures), (steps, batch)):
        value = loss(model(train_pictures[chosen]), train_labels[chosen])
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


# %%
early = train(library.cross_entropy, steps=60)
street = (test_labels == SCENES.names.index("sign")).sum((1, 2)).argmax()  # the most sign
picture, truth = test_pictures[street], test_labels[street]
with torch.no_grad():
    seen = early(picture[None])
show(
    picture / 4 + 0.5,
    colorize(truth, SCENES),
    colorize(seen[0].argmax(0), SCENES),
    titles=["street", "truth", "after 60 steps"],
    caption="A network early in training, by plain cross-entropy. Where did the signs go?",
)

# %% [markdown]
# **Why does it fail?** Look inside: the channel that varies most at half the size, the one that does at a quarter, and
# the probability that the network gives to sign.

# %%
with torch.no_grad():
    maps = [early.fine(picture[None])[0], early.coarse(early.fine(picture[None]))[0]]
fine, coarse = [max(m, key=lambda channel: channel.std().item()) for m in maps]
belief = seen.softmax(1)[0, SCENES.names.index("sign")]
show(
    picture / 4 + 0.5,
    *[m / m.max() for m in (fine, coarse, belief)],
    titles=["street", "a fine map", "a coarse map", f"p of sign, up to {belief.max():.2f}"],
    caption="Feature maps of the network after 60 steps, and its probability of sign; white is the highest.",
)

# %% [markdown]
# **What to notice.** Large things have channels that respond to them. The sign has none: its probability stays low
# everywhere, even where the sign is. The network has learned that signs are rare, and on average it is right. The
# simplest remedy: give the pixels of a rare class more weight, $w(x) = w_{t(x)}$, for instance according to how rare it
# is:
#
# $$w_c = \frac{\text{median share}}{\text{share of } c}$$

# %%
class_weights = share.median() / share
own = truth.where(truth != 255, 0)
for name, weights in (("weight 1 each", torch.ones(9)), ("by rarity", class_weights)):
    scores = seen.clone().requires_grad_()
    cross_entropy(scores, truth[None], weights[own][None]).backward()
    pull = scores.grad[0].gather(0, own[None])[0].abs()
    thin = pull[(truth == 6) | (truth == 7)].sum() / pull.sum()  # person, sign
    print(f"{name:14} {thin:.0%} of the gradient comes from people and signs")

# %% [markdown]
# **What to notice.** Nothing about the prediction changed, only whose gradient counts. We shall see what that gains,
# and what it costs.
#
# ## 4 · Where two cells touch
#
# Weights need not be one per class. U-Net must tell cells apart that nearly touch: the gap between them is a few pixels
# of background. If the network closes it, hardly any pixel is wrong, yet two cells have become one. Its authors use a
# weight map,
#
# $$w(x) = w_c(x) + w_0 \exp\left(-\frac{(d_1(x) + d_2(x))^2}{2\sigma^2}\right)$$
#
# where $d_1$ is the distance to the nearest cell and $d_2$ the distance to the second nearest.

# %%
rows, columns = torch.meshgrid(torch.arange(96.0), torch.arange(144.0), indexing="ij")
cells = torch.zeros(96, 144, dtype=torch.long)
for number, (y, x, size) in enumerate(
    [(42, 34, 27), (34, 92, 27), (78, 72, 17), (76, 126, 15)], 1
):
    cells[(rows - y) ** 2 + 0.9 * (columns - x) ** 2 < size**2] = number
d1, d2 = distances.two_nearest_instances(cells)

# %%
show(
    cells / 4,
    (d1 / 40).clamp(max=1),
    (d2 / 80).clamp(max=1),
    titles=["four cells", "d₁, to the nearest", "d₂, to the second"],
    caption="Distances on the background, brighter is farther. Both are small only in the narrow gaps.",
)

# %% [markdown] predict="border"
# With $w_0 = 10$ and $\sigma = 5$: how much does the formula add in the middle of a gap one pixel wide
# ($d_1 = d_2 = 1$), and how much beside a lone cell ($d_1 = 1$, $d_2 = 40$)?
# - [ ] 10 and 10 :: Both pixels are next to a cell. But one of them has no second cell nearby.
# - [x] about 9 and about 0 :: $10\,e^{-4/50} = 9.2$ in the gap; $e^{-41^2/50}$ is nothing.
# - [ ] about 0 and about 9 :: It is the opposite: the weight is high where the sum of the distances is *small*.


# %% exercise="border_weights" difficulty=1 minutes=8 forbid="course.losses"
def border_weights(d1, d2, class_weight, w0=10.0, sigma=5.0):
    """U-Net's weight map: the class's own weight, and more on background between two cells.

    Args:
        d1: (h, w) float, distance to the nearest cell in pixels; 0 inside a cell.
        d2: (h, w) float, distance to the second nearest; infinite where there is none.
        class_weight: (h, w) float, w_c of each pixel's class.
        w0: height of the border term.
        sigma: its width in pixels.

    Returns:
        (h, w); a pixel inside a cell has only its class's weight.
    """
    # BEGIN SOLUTION
    border = w0 * torch.exp(-((d1 + d2) ** 2) / (2 * sigma**2))
    return class_weight + torch.where(d1 > 0, border, 0)
    # END SOLUTION


# %% [markdown] hint="border_weights"
# First write the formula as it is. Then: how does $d_1$ tell you which pixels are inside a cell?

# %% [markdown] hint="border_weights"
# `border = w0 * torch.exp(-((d1 + d2) ** 2) / (2 * sigma**2))`, added where `d1 > 0`. Mind the parentheses: σ² belongs
# in the denominator.

# %% check="border_weights" points=6
near = torch.tensor([[1.0, 1.0, 0.0]])
second = torch.tensor([[1.0, 40.0, 3.0]])
got = border_weights(near, second, torch.ones(1, 3))
assert abs(got[0, 0] - 10.231) < 1e-3, "In a gap of one pixel: 1 + 10 · exp(−4 / 50) = 10.231."
assert abs(got[0, 1] - 1) < 1e-3, "Beside a lone cell nothing is added."
assert got[0, 2] == 1, "Inside a cell (d1 = 0) the weight is just w_c."

# %%
weight = border_weights(d1, d2, torch.ones(96, 144))
wide = border_weights(d1, d2, torch.ones(96, 144), sigma=10.0)
show(
    cells / 4,
    weight / 11,
    wide / 11,
    titles=["four cells", "weights, σ = 5", "σ = 10"],
    caption="Bright pixels weigh up to eleven times as much. σ says how wide a gap may be and still count.",
)

# %% [markdown]
# This is what it was made for: tissue under the electron microscope, where thin membranes separate the cells. (If you
# don't have these pictures, you see a street and its things.)

# %%
try:
    tissue, inside = Membranes()[0]
    tissue, inside = tissue[:, :192, :288], inside[:192, :288]
    instances = torch.from_numpy(ndimage.label(inside)[0])  # a number for each cell
except FileNotFoundError:  # `course data fetch membranes` gets the tissue
    drawn = Scenes(1, size=(192, 288)).scene(0)
    tissue, instances = drawn.image, drawn.instance

# %%
d1, d2 = distances.two_nearest_instances(instances, reach=45)
show(
    tissue,
    (instances > 0).float(),
    border_weights(d1, d2, torch.ones(d1.shape)) / 11,
    titles=["picture", "cells or things", "weights"],
    caption="A picture, the objects to keep apart, and the weights: the gaps between them are bright.",
)

# %% [markdown]
# **What to notice.** The map does not depend on the picture. It depends only on how close two neighbors are, and gives
# weight to the few pixels that separate them. Lab 7 trains with it.

# %% [markdown]
# ## 5 · Dice: count overlap, not pixels
#
# Class weights have to be chosen. Soft Dice needs none: it is a ratio *per class*, so the size of the class cancels.
# With the probabilities $p$ of a class and $t = 1$ on its pixels, 0 elsewhere,
#
# $$D_c = 1 - \frac{2 \sum_x p\,t}{\sum_x p^2 + \sum_x t^2}$$

# %% [markdown] predict="lazy"
# A thousand pixels, ten of them sign. A lazy network says $p = 0.01$ for sign everywhere. It is right on 990 pixels.
# How does each loss judge it, from 0 (perfect) up?
# - [ ] both are low :: Cross-entropy is. But Dice asks about the ten pixels, and they were missed.
# - [x] cross-entropy is low, Dice is high :: The mean over pixels is nearly perfect. Dice for sign is close to 1, as
#   bad as it gets.
# - [ ] both are high :: −log 0.99 is 0.01 on 990 of 1000 pixels. The ten missed ones cost 4.6 each, but add only 0.046
#   to the mean.

# %%
p, t = torch.full((1000,), 0.01), torch.arange(1000) < 10
verdict = {
    "cross-entropy": -torch.where(t, p, 1 - p).log().mean(),
    "Dice, background": 1 - 2 * ((1 - p) * ~t).sum() / (((1 - p) ** 2).sum() + (~t).sum()),
    "Dice, sign": 1 - 2 * (p * t).sum() / ((p**2).sum() + t.sum()),
}
bars(verdict, xlabel="loss", caption="The lazy network, by two losses.")

# %% [markdown]
# Two conventions. The sums run over **all known pixels of the batch**, not picture by picture. A class that is absent
# from the target is **left out** of the mean: $t = 0$ gives $D = 1$, however small $p$ is, and nothing that the network
# could do would help. (Its $p$ still matters: it is missing from the other classes.)


# %% exercise="dice_loss" difficulty=2 minutes=15 forbid="course.losses"
def dice_loss(logits, target):
    """Mean of the soft Dice loss over the classes that occur in the target.

    Args:
        logits: (n, k, h, w) float.
        target: (n, h, w) int64, classes 0 … k - 1, or 255 for void.

    Returns:
        Scalar tensor, 0 to 1; sums run over the batch's pixels that are not void; 0, with gradient 0,
        where all are void.
    """
    # BEGIN SOLUTION
    known = target != 255
    terms = []
    for c in target[known].unique():
        p = logits.softmax(1)[:, c][known]
        t = (target[known] == c).to(p.dtype)
        terms.append(1 - 2 * (p * t).sum() / ((p**2).sum() + (t**2).sum()))
    return torch.stack(terms).mean() if terms else 0 * logits.sum()
    # END SOLUTION


# %% [markdown] hint="dice_loss"
# `known = target != 255` picks the pixels: `logits.softmax(1)[:, c][known]` is one long row of probabilities of class
# c. Which classes occur in `target[known]`?

# %% [markdown] hint="dice_loss"
# For each `c` of `target[known].unique()`: `t` is 1 where the target is c, else 0; append
# `1 - 2 * (p * t).sum() / ((p**2).sum() + (t**2).sum())`. At the end `torch.stack(terms).mean()`, if there are any.

# %% check="dice_loss" points=9
halves = torch.zeros(1, 2, 1, 2)  # two pixels, two classes, p = ½ everywhere
assert abs(dice_loss(halves, torch.tensor([[[0, 1]]])) - 1 / 3) < 1e-6, (
    "For each class 1 − 2 · ½ / (½ + 1) = ⅓."
)
assert abs(dice_loss(halves, torch.tensor([[[0, 255]]])) - 0.2) < 1e-6, (
    "One known pixel, class 0: 1 − 2 · ½ / (¼ + 1) = 0.2; class 1 is absent and left out."
)
sure = 50 * F.one_hot(torch.tensor([[[0, 2, 1]]]), 3).movedim(3, 1).float()
assert dice_loss(sure, torch.tensor([[[0, 2, 1]]])) < 1e-6, "Confident and right: 0."
assert dice_loss(halves, torch.full((1, 1, 2), 255)) == 0, "All void: 0."
assert dice_loss(halves.requires_grad_(), torch.tensor([[[0, 1]]])).requires_grad, (
    "A gradient must flow back to the scores."
)

# %% [markdown]
# ## 6 · Focal: less weight on what is already right
#
# Most pixels of a street are easy. Each costs almost nothing, but there are very many of them. Focal loss gives them
# less weight, the less the more certain they are:
#
# $$\ell = -\alpha_t\,(1 - p_t)^\gamma \log p_t$$
#
# With $\gamma = 0$ it is cross-entropy.

# %% [markdown] predict="focal"
# With $\gamma = 2$: how much does a pixel at $p_t = 0.9$ count, compared with cross-entropy?
# - [ ] a tenth :: That would be $(1 - p)^1$.
# - [x] a hundredth :: $(1 - 0.9)^2 = 0.01$. A pixel at ½ still counts a quarter.
# - [ ] 81 hundredths :: That is $p^2$; the factor is a power of $1 - p$.

# %%
p = torch.linspace(0.01, 0.9, 200)
curves(
    p,
    {f"γ = {g:g}": (1 - p) ** g * -p.log() for g in (0, 0.5, 1, 2, 5)},
    xlabel="p of the true class",
    ylabel="loss",
    caption="The larger γ, the sooner a pixel stops counting.",
)


# %% exercise="focal_loss" difficulty=2 minutes=12 forbid="torchvision F.cross_entropy nn.CrossEntropyLoss F.nll_loss course.losses"
def focal_loss(logits, target, gamma=2.0, alpha=None):
    """Mean of -α (1 - p_t)^γ log p_t over the pixels that are not void.

    Args:
        logits: (n, k, h, w) float, however large.
        target: (n, h, w) int64, classes 0 … k - 1, or 255 for void.
        gamma: γ, at least 0. Below 1 the slope of (1 - p)^γ is infinite at p = 1: keep gradients finite.
        alpha: (k,) float, α of each class; None for 1 each.

    Returns:
        Scalar tensor; the sum divided by the number of known pixels; 0, with gradient 0, where there
        are none.
    """
    # BEGIN SOLUTION
    known = target != 255
    labels = torch.where(known, target, 0)
    log_p = log_softmax(logits).gather(1, labels[:, None])[:, 0]
    wrong = (1 - log_p.exp()).clamp(min=1e-30)  # at 0 the slope of wrong^γ may be infinite
    terms = -(wrong**gamma) * log_p
    if alpha is not None:
        terms = terms * alpha[labels]
    return terms[known].sum() / known.sum().clamp(min=1)
    # END SOLUTION


# %% [markdown] hint="focal_loss"
# You have `log_p` of each pixel's own class from Exercise 6.2. How do you get $p_t$ back from it, so that you never
# take the logarithm of 0?

# %% [markdown] hint="focal_loss"
# `wrong = (1 - log_p.exp()).clamp(min=1e-30)`, so that the base of the power is never 0, where its slope may be
# infinite. Then `terms = -(wrong**gamma) * log_p`, times `alpha[labels]` if there is an alpha; divide the sum over
# known pixels by their *number*, at least 1 (α is not part of the denominator).

# %% check="focal_loss" points=10
assert abs(focal_loss(logits, target, gamma=0.0) - 0.789) < 1e-3, (
    "γ = 0 is cross-entropy: 0.789."
)
assert abs(focal_loss(logits, target) - 0.324) < 1e-3, (
    "(0.25 · 0.693 + 0.5625 · 1.386 + 0.0625 · 0.288) / 3 = 0.324."
)
alpha = torch.tensor([1.0, 1.0, 4.0])
assert abs(focal_loss(logits, target, alpha=alpha) - 0.342) < 1e-3, (
    "With α = 4 for class 2: (0.173 + 0.780 + 4 · 0.018) / 3 = 0.342."
)
assert focal_loss(logits, torch.full((1, 2, 2), 255)) == 0, "All void: 0."
assert focal_loss(logits.clone().requires_grad_(), target).requires_grad, (
    "A gradient must flow back to the scores."
)

# %% [markdown]
# Why α as well? A thousand hard pixels of a rare class at $p_t = 0.1$ compete with 99,000 easy ones at 0.95. Which side
# dominates the sum?

# %%
gammas = torch.linspace(0, 5, 51)
easy, hard = torch.tensor(0.95), torch.tensor(0.1)
ours = 1000 * (1 - hard) ** gammas * -hard.log()
theirs = 99000 * (1 - easy) ** gammas * -easy.log()
shares = {
    f"α = {a:g} for the rare class": a * ours / (a * ours + (1 - a) * theirs)
    for a in (0.75, 0.5, 0.25)
}
says = "The rare class's share of the whole loss; the other class has 1 − α."
curves(gammas, shares, xlabel="γ", ylabel="rare class's share", caption=says)

# %% [markdown]
# **What to notice.** At γ = 0 the many easy pixels outweigh the hard ones, and α helps the rare class. At γ = 2 the
# easy pixels hardly count, whatever α is: γ and α must be chosen together. The paper's best α for the *rare* class at γ
# = 2 is only ¼.
#
# ## 7 · Lovász: the IoU, made smooth
#
# Back to what we really want. For one class, $1 - \text{IoU}$ depends on *which pixels are wrong*. Take four pixels,
# two of them of the class. Make them wrong one by one, in some order. Each adds a step:

# %%
mine = torch.tensor([True, False, True, False])  # of the class; wrong from left to right
wrong_after = torch.tril(torch.ones(4, 4)).bool()  # row i: the first i + 1 are wrong
both = (mine & ~wrong_after).sum(1)
either = (mine | wrong_after).sum(1)
jaccard = 1 - both / either
numbers(
    [["ours", "other", "ours", "other"]],
    jaccard[None],
    torch.diff(jaccard, prepend=torch.zeros(1))[None],
    titles=["pixel", "1 − IoU", "its step"],
    caption="1 − IoU after the first one, two, three, four pixels are wrong, and what each of them added.",
)

# %% [markdown]
# A network's errors are not 0 or 1 but in between: $e = |t - p|$. The Lovász extension sorts them, **worst first**, and
# weights each by its step $g_i$:
#
# $$L = \sum_i e_{(i)}\, g_i, \qquad g_i = J_i - J_{i-1}, \qquad J_i = 1 - \frac{\text{intersection}_i}{\text{union}_i}$$
#
# $J_i$ is $1 - \text{IoU}$ when the $i$ worst pixels are wrong. A wrong pixel *of* the class leaves the intersection;
# any other wrong pixel joins the union.


# %% exercise="lovasz_gradient" difficulty=3 minutes=15 forbid="course.losses"
def lovasz_gradient(truth):
    """What each pixel adds to 1 - IoU when it becomes wrong.

    Args:
        truth: (l,) bool, True for pixels of the class; sorted, the worst error first.

    Returns:
        (l,) float32, the steps g_i; they are at least 0 and add up to 1, if there is a pixel.
    """
    # BEGIN SOLUTION
    intersection = truth.sum() - truth.long().cumsum(0)
    union = truth.sum() + (~truth).long().cumsum(0)
    jaccard = 1 - intersection / union
    return torch.diff(jaccard, prepend=jaccard.new_zeros(1))
    # END SOLUTION


# %% [markdown] hint="lovasz_gradient"
# Before anything is wrong, intersection and union are both the number of pixels of the class. `cumsum` counts how many
# of the first i pixels are of the class, and how many are not.

# %% [markdown] hint="lovasz_gradient"
# `intersection = truth.sum() - truth.long().cumsum(0)`, `union = truth.sum() + (~truth).long().cumsum(0)`. Then take
# `1 - intersection / union` and the differences of neighbors; compare the first one with 0.

# %% check="lovasz_gradient" points=5
steps = lovasz_gradient(torch.tensor([True, False, True, False]))
assert torch.allclose(steps, torch.tensor([1 / 2, 1 / 6, 1 / 3, 0])), (
    "1 − IoU goes 0, ½, ⅔, 1, 1: the steps are ½, ⅙, ⅓, 0."
)
steps = lovasz_gradient(torch.tensor([False, False, True]))
assert torch.allclose(steps, torch.tensor([1 / 2, 1 / 6, 1 / 3])), (
    "One pixel of the class, last: 1 − ½, then 1 − ⅓, then 1."
)

# %% [markdown]
# What does the extension look like? First two pixels, one of the class, with errors $e_1$ and $e_2$ from 0 to 1: at the
# corners it is $1 - \text{IoU}$ itself. Then four pixels: the errors of three stay fixed, that of the fourth goes from
# 0 to 1.


# %%
def extension(errors, truth):
    order = errors.argsort(descending=True)
    return (errors[order] * lovasz_gradient(truth[order])).sum()


ticks = torch.linspace(0, 1, 5)
pair = torch.tensor([True, False])
surface = [[extension(torch.stack([a, b]), pair) for b in ticks] for a in ticks]
numbers(
    torch.tensor(surface),
    titles=["e₁ ↓ of the class, e₂ → other"],
    caption="Errors 0, ¼, ½, ¾, 1. Corners: none wrong 0, the other wrong ½, its own or both wrong 1.",
)

# %%
walk = torch.linspace(0, 1, 101)
others = [0.8, 0.5, 0.2]
heights = [extension(torch.tensor([*others, e]), mine) for e in walk.tolist()]
curves(
    walk,
    {"Lovász": torch.stack(heights)},
    xlabel="error of the fourth pixel",
    ylabel="loss",
    caption="Straight pieces; kinks at 0.2, 0.5 and 0.8, where the pixel's error overtakes another's.",
)

# %% [markdown]
# **What to notice.** Now there is a slope, and it depends on where the pixel ranks among the others; at the corners the
# value is exact. That was one class. The loss is the mean over the classes present, with errors computed from the
# softmax.


# %% exercise="lovasz_softmax" difficulty=2 minutes=12 forbid="course.losses"
def lovasz_softmax(logits, target):
    """Mean of the Lovász extension of 1 - IoU over the classes that occur in the target.

    Args:
        logits: (n, k, h, w) float.
        target: (n, h, w) int64, classes 0 … k - 1, or 255 for void.

    Returns:
        Scalar tensor, 0 to 1, of all known pixels of the batch together; 0, with gradient 0, where
        there are none.
    """
    # BEGIN SOLUTION
    known = target != 255
    terms = []
    for c in target[known].unique():
        p, truth = logits.softmax(1)[:, c][known], target[known] == c
        errors, order = torch.where(truth, 1 - p, p).sort(descending=True)
        terms.append((errors * lovasz_gradient(truth[order])).sum())
    return torch.stack(terms).mean() if terms else 0 * logits.sum()
    # END SOLUTION


# %% [markdown] hint="lovasz_softmax"
# The structure is that of `dice_loss`. What is the error of a pixel of the class when the class has probability p? And
# of any other pixel?

# %% [markdown] hint="lovasz_softmax"
# `errors, order = torch.where(truth, 1 - p, p).sort(descending=True)`, then
# `(errors * lovasz_gradient(truth[order])).sum()`: the truth must be put in the same order as the errors.

# %% check="lovasz_softmax" points=9
halves = torch.zeros(1, 2, 1, 2)
assert abs(lovasz_softmax(halves, torch.tensor([[[0, 1]]])) - 0.5) < 1e-6, (
    "All errors are ½, and the steps add up to 1."
)
mixed = torch.tensor([[0.9, 0.4], [0.1, 0.6]]).log().reshape(1, 2, 1, 2)
assert abs(lovasz_softmax(mixed, torch.tensor([[[0, 0]]])) - 0.35) < 1e-6, (
    "Errors 0.6 and 0.1, each step ½: 0.35. Class 1 is absent."
)
assert lovasz_softmax(halves, torch.full((1, 1, 2), 255)) == 0, "All void: 0."
assert lovasz_softmax(halves.requires_grad_(), torch.tensor([[[0, 1]]])).requires_grad, (
    "A gradient must flow back to the scores."
)

# %% [markdown]
# ## 8 · Only the hard ones
#
# The bluntest way: sort the pixels, train on the worst, ignore the rest. That is *online hard example mining*. A pixel
# is hard if $p_t$ is below a threshold. If few are left, the mean of five pixels would be noise: so keep a minimum
# number, the worst of all.


# %% exercise="hard_pixels" difficulty=2 minutes=12 forbid="course.losses"
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    """Which pixels to train on: the hard ones, or, if they are too few, the hardest.

    Args:
        p: (n, h, w) float, probability of each pixel's own class, 0 to 1; void pixels may have any value.
        known: (n, h, w) bool, False where void.
        threshold: a pixel is hard where p is below it.
        min_kept: how many to keep at least, of the whole batch; fewer only if fewer are known.

    Returns:
        (n, h, w) bool, never True at void.
    """
    # BEGIN SOLUTION
    hard = known & (p < threshold)
    wanted = min(min_kept, int(known.sum()))
    if hard.sum() < wanted:
        worst = torch.where(known, p, 2.0).flatten().argsort()[:wanted]
        hard = torch.zeros_like(known).flatten()
        hard[worst] = True
    return hard.reshape(known.shape)
    # END SOLUTION


# %% [markdown] hint="hard_pixels"
# The first line is `known & (p < threshold)`. There is more to do only if that leaves too few pixels: which pixels have
# the smallest p, apart from void ones?

# %% [markdown] hint="hard_pixels"
# Put void out of reach with `torch.where(known, p, 2.0)`, flatten, `argsort()`, take the first
# `min(min_kept, known.sum())` places, and set them True in a flat mask of False.

# %% check="hard_pixels" points=7
p = torch.tensor([[[0.9, 0.6, 0.1], [0.8, 0.0, 0.95]]])
known = torch.tensor([[[True, True, True], [True, False, True]]])
assert hard_pixels(p, known)[0].tolist() == [[False, True, True], [False, False, False]], (
    "0.6 and 0.1 are below 0.7; 0.0 is void."
)
assert hard_pixels(p, known, min_kept=3)[0].tolist() == [
    [False, True, True],
    [True, False, False],
], "At least three: 0.8 comes next."
assert hard_pixels(p, known, min_kept=100).sum() == 5, "There are only five known pixels."

# %%
certain = truth != 255
p_true = seen.softmax(1)[0].gather(0, truth.where(certain, 0)[None])
kept = hard_pixels(p_true, certain[None], threshold=0.7)[0]
worst = hard_pixels(p_true, certain[None], threshold=0.1, min_kept=400)[0]
show(
    picture / 4 + 0.5,
    kept,
    worst,
    titles=["street", f"p < 0.7: {kept.float().mean():.0%}", "the 400 worst, or p < 0.1"],
    caption="White pixels are kept: borders, thin things, and what the network has not learned yet.",
)

# %% [markdown]
# Now choose a loss and drag its strength. At strength 0 each loss is cross-entropy; more γ, more weight or a stricter
# threshold changes the loss and the gradient of one pixel, and each pixel's share of the gradient in a street.

# %%
loss_explorer()

# %% [markdown]
# ## 9 · Gradients, side by side
#
# A loss acts on a network only through its gradient. First one pixel: of a thousand, ten are sign. Nine of them are at
# $p = \frac{1}{2}$, the background is at 0.02. The tenth sign pixel moves; how hard does each loss pull on it?

# %% [markdown] predict="tenth"
# The tenth pixel is at $p = 0.01$: the network is confident, and wrong. Which gradient is near its largest there?
# - [x] those of cross-entropy and focal :: Their slope at the score is about $p - 1$: the more confident the mistake,
#   the harder they pull.
# - [ ] those of Dice and Lovász :: They count probabilities, and near 0 a softmax hardly moves when its score does.
# - [ ] all of them: that is what a loss is for :: A loss may be high where its slope is flat.


# %%
def pull(loss, logits, target):
    """Size of the gradient at the score of each pixel's own class."""
    logits = logits.clone().requires_grad_()
    grad = torch.autograd.grad(loss(logits, target), logits)[0]
    return grad.gather(1, target.where(target != 255, 0)[:, None])[:, 0].abs()


LOSSES = {
    "cross-entropy": cross_entropy,
    "focal, γ = 2": focal_loss,
    "Dice": dice_loss,
    "Lovász": lovasz_softmax,
}

# %%
is_sign = (torch.arange(1000) < 10).long().reshape(1, 1, 1000)
chances = torch.linspace(0.01, 0.99, 50)
strength = {name: [] for name in LOSSES}
for chance in chances:
    p = torch.where(is_sign == 1, 0.5, 0.02)
    p[0, 0, 0] = chance
    scores = torch.stack([(1 - p).log(), p.log()], 1)
    for name, loss in LOSSES.items():
        strength[name].append(pull(loss, scores, is_sign)[0, 0, 0])
relative = {name: torch.stack(s) / max(s) for name, s in strength.items()}
says = "Size of the gradient; for each loss the largest is 1."
curves(chances, relative, xlabel="p of the moving pixel", caption=says)

# %% [markdown]
# **What to notice.** Cross-entropy pulls hardest where the network is confidently wrong. Dice and Lovász are functions
# of probabilities, and a softmax is flat at both ends: a pixel at $p = 0.01$ hardly gets a gradient. That is why many
# people add cross-entropy to them.
#
# Next, a whole street, twice: as seen by a network that knows nothing ($p = \frac{1}{9}$ everywhere), as at the first
# step, and by the network after 60 steps, which has given up on the signs.


# %% [markdown] predict="first-step"
# At the first step, when all classes have the same probability everywhere: which loss gives the signs the largest share
# of the gradient?
# - [ ] cross-entropy :: Every pixel then pulls equally hard, so signs get their share of the pixels, no more.
# - [ ] focal, γ = 2 :: No pixel is easier than another yet: it is cross-entropy times a constant.
# - [x] Dice and Lovász :: Each class present has an equal part in the mean, whether it has a thousand pixels or twenty.


# %%
def pulls(logits):
    """Each loss's map: the share of every pixel of the street in the whole gradient."""
    found = {name: pull(loss, logits, truth[None])[0] for name, loss in LOSSES.items()}
    return {name: m / m.sum() for name, m in found.items()}


def draw(logits, caption):
    maps = torch.stack(list(pulls(logits).values()))
    bright = (maps / maps.quantile(0.99)).sqrt().clamp(max=1)  # one scale for all
    return show(*bright, titles=list(LOSSES), caption=caption)


# %%
nothing = torch.zeros_like(seen)
draw(nothing, "The first step: brighter pixels pull harder. For cross-entropy all are equal.")

# %%
draw(seen, "After 60 steps of cross-entropy: which pixels still pull, and which hardly do?")

# %%
sign = truth == SCENES.names.index("sign")
first, later = pulls(nothing), pulls(seen)
table = torch.stack(
    [torch.stack([m[name][sign].sum() for name in LOSSES]) for m in (first, later)]
)
print(f"Signs are {sign.float().mean():.1%} of the pixels. Their share of the whole gradient:")
print(f"{'':16}first step  after 60")
for name, (before, after) in zip(LOSSES, table.T, strict=True):
    print(f"{name:16}{before:10.1%}{after:10.1%}")

# %% [markdown]
# **What to notice.** Dice and Lovász attend to every class from the first step, so that none is given up. Once a class
# *is* given up, they hardly recover it; cross-entropy and focal do, step by step.
#
# ## 10 · Six losses, one thin class
#
# The contest: the same network, the same initial weights, the same 150 batches of eight streets; only the loss differs.
# We score the sign, which is about one pixel in a hundred, and the mean IoU, on 48 unseen streets. (The library's
# losses do the training. The last cells compare them with yours.)

# %% [markdown] predict="contest"
# Which of them finds the signs best in these few steps, by IoU?
# - [ ] cross-entropy :: It has 150 steps, and a mean in which the sign is one part in a hundred.
# - [ ] focal, γ = 2 :: It plays down easy pixels of *all* classes; the many hard pixels at the borders of large things
#   still outnumber the signs.
# - [ ] class weights :: They find many signs, but also see signs where there are none: a false sign costs the
#   background next to nothing, and IoU counts it.
# - [x] Dice or Lovász :: They are ratios per class: a false sign costs as much as a missed one, and a thin class counts
#   as much as the sky.

# %%
CONTEST = {
    "cross-entropy": library.cross_entropy,
    "class weights": lambda z, y: library.cross_entropy(z, y, class_weights=class_weights),
    "focal, γ = 2": library.focal_loss,
    "hard pixels": lambda z, y: library.ohem(z, y, min_kept=y.numel() // 8),
    "Dice": library.dice_loss,
    "Lovász": library.lovasz_softmax,
}
models = {name: train(loss) for name, loss in tqdm(CONTEST.items(), desc="training")}

# %%
results, predictions = {}, {}
for name, model in models.items():
    with torch.no_grad():
        predictions[name] = model(test_pictures).argmax(1)
    confusion = ConfusionMatrix(9, names=SCENES.names)
    confusion.update(test_labels, predictions[name])
    results[name] = {**confusion.per_class()["sign"], **confusion.summary()}
print(f"{'':16}sign: IoU  recall  precision   all: mean IoU  accuracy")
for name, r in results.items():
    print(f"{name:16}{r['iou']:9.3f}{r['class_accuracy']:8.2f}{r['precision']:11.2f}", end="")
    print(f"{r['mean_iou']:16.3f}{r['overall_accuracy']:10.3f}")

# %%
bars(
    {name: round(r["iou"], 3) for name, r in results.items()},
    xlabel="IoU of the sign",
    caption="One thin class, six losses, the same 150 steps.",
)

# %%
bars(
    {name: r["mean_iou"] for name, r in results.items()},
    xlabel="mean IoU",
    caption="The same six networks over all nine classes.",
)

# %%
show(
    colorize(truth, SCENES),
    *[colorize(predictions[name][street], SCENES) for name in models],
    titles=["truth", *models],
    columns=4,
    caption="The street with the most sign pixels, as the six see it.",
)

# %% [markdown]
# **What to notice.** Plain cross-entropy and γ alone hardly find a sign in this time: the other classes dominate the
# mean. Class weights find the most, and invent many (compare *recall* with *precision*). The two ratios do best, also
# over all classes. But the budget is part of the result. Try `train(loss, steps=300)`: cross-entropy begins to see
# signs too. A loss mainly changes what is learned *first*.
#
# ## What you know now
#
# 1. Training needs a slope: each loss is a smooth surrogate for something that we count.
# 2. Always ask *mean over what*: void in neither numerator nor denominator, weights in both, absent classes left out.
# 3. Weights and α say which pixels count more, γ and mining which count less; Dice and Lovász measure overlap, whatever
#    the size.
#
# **Next question.** This network sees little, and coarsely. How can one keep the detail? U-Net, Lab 7.
#
# Last, your functions against the library's:

# %%
z, y = 3 * torch.randn(2, 5, 9, 7), torch.randint(0, 5, (2, 9, 7))
y[:, :2] = 255
pairs = {
    "cross-entropy": (cross_entropy(z, y), library.cross_entropy(z, y)),
    "Dice": (dice_loss(z, y), library.dice_loss(z, y)),
    "focal": (focal_loss(z, y), library.focal_loss(z, y)),
    "Lovász": (lovasz_softmax(z, y), library.lovasz_softmax(z, y)),
}
for name, (mine, theirs) in pairs.items():
    assert torch.allclose(mine, theirs, atol=1e-5), f"{name}: {mine}, in the library {theirs}"
print("Your losses agree with the library's:", ", ".join(pairs))

# %%
theirs = library.border_weights(cells)
d1, d2 = distances.two_nearest_instances(cells)
assert torch.allclose(border_weights(d1, d2, torch.ones(96, 144)), theirs), "the maps differ"
print("And so does your weight map.")

# %% [markdown]
# **Papers.** Long, Shelhamer & Darrell, *FCN*, arXiv:1411.4038 (cross-entropy per pixel) · Ronneberger, Fischer & Brox, *U-Net*,
# arXiv:1505.04597 (border weights) · Milletarì, Navab & Ahmadi, *V-Net*, arXiv:1606.04797 (Dice) · Lin et al., *Focal Loss
# for Dense Object Detection*, arXiv:1708.02002 · Berman, Rannen Triki & Blaschko, *The Lovász-Softmax loss*, arXiv:1705.08790 ·
# Shrivastava, Gupta & Girshick, *Training Region-based Object Detectors with Online Hard Example Mining*, arXiv:1604.03540 ·
# Eigen & Fergus, arXiv:1411.4734 (class weights by median share).
