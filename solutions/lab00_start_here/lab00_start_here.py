# %% [markdown]
# # Lab 0 · Start here
#
# **The question.** What do you need before you can give every pixel a name? A machine that works, the rules of the
# house, pictures to look at, and ten tools.
#
# You will solve one small exercise from end to end, walk through the course's data, and warm up your PyTorch. This lab
# is **ungraded**: its six points only show how points look.
#
# *About 40 minutes, no GPU, no network. Before this: Python, and a little linear algebra.*

# %%
import os
import platform

import torch
import torch.nn.functional as F
from torch import nn
from torchvision.transforms.functional import rgb_to_grayscale

from course.data.palettes import CAMVID, SCENES
from course.data.photos import names, photo
from course.data.readers import CamVid
from course.data.scenes import Scenes, scene
from course.page.progress import Progress
from course.training.devices import pick_device
from course.viz import bars, curves, labels, numbers, overlay, show
from course.widgets.resampling import resampling_explorer

# %% progress=true
Progress()

# %% [markdown]
# ## 1 · Is everything here?
#
# If the cell above ran, the packages are installed. The next one asks your processor to add up a million ones.

# %%
device = pick_device()
found = {
    "Python": platform.python_version(),
    "PyTorch": torch.__version__,
    "device": f"{device}, and it counts to {torch.ones(1000, 1000, device=device).sum():,.0f}",
    "cores": f"{os.cpu_count()} (two are enough for every lab)",
    "photographs": f"{len(names())} on this machine",
}
for what, value in found.items():
    print(f"✓ {what:12s} {value}")

# %% [markdown]
# `cpu` is fine: no lab needs a graphics card. Did something fail? Type `course doctor` in a terminal: it looks at each
# part, and says how to mend what is broken.
#
# ## 2 · How a lab works
#
# Question, idea, formula, then **you** write a few lines, and a picture shows what they do. Our toy question: how
# bright is a color? Eyes are not fair to red, green and blue, and television has weighed them since the fifties:
#
# $$y = 0.299\,r + 0.587\,g + 0.114\,b$$
#
# Before a picture gives something away, a blue card asks what you expect. Click on an answer. Nobody keeps count; being
# wrong here is how it sticks.

# %% [markdown] predict="bright"
# A pure red, a pure green and a pure blue, each as strong as the screen can. Which looks brightest?
# - [ ] red :: It attracts attention, but it counts for 0.299 only.
# - [x] green :: It counts for 0.587, more than the other two together.
# - [ ] blue :: It is the darkest of the three: 0.114.
# - [ ] all the same :: So says the plain mean of the three numbers. Eyes disagree.

# %%
colors = torch.eye(3)[:, :, None, None].expand(3, 3, 24, 36)
weights = torch.tensor([0.299, 0.587, 0.114])
greys = (weights[:, None, None] * colors).sum(1, keepdim=True)
show(
    *colors,
    *greys,
    titles=["red", "green", "blue", *[f"{w:.3f}" for w in weights]],
    columns=3,
    height=1.1,
    caption="Three full colors, and below each the grey of the same brightness.",
)

# %% [markdown]
# Now you. Below is an **exercise**: read the docstring, replace the line `raise NotImplementedError(…)`, run the cell
# (Shift+Enter). Stuck? Two **hints** fold out below it: the first nudges, the second nearly tells.


# %% exercise="grey" difficulty=1 minutes=5 forbid="torchvision rgb_to_grayscale"
def grey(picture):
    """Turn a color picture into its brightness.

    Args:
        picture: (3, h, w) float in [0, 1]: the planes red, green, blue.

    Returns:
        (1, h, w), of the dtype of `picture`: 0.299 · red + 0.587 · green + 0.114 · blue.
    """
    # BEGIN SOLUTION
    red, green, blue = picture
    return (0.299 * red + 0.587 * green + 0.114 * blue)[None]
    # END SOLUTION


# %% [markdown] hint="grey"
# `picture[0]` is the red plane, of shape (h, w). What are the other two? And which axis is missing at the end?

# %% [markdown] hint="grey"
# Add up `0.299 * picture[0]`, `0.587 * picture[1]` and `0.114 * picture[2]`. Indexing with `[None]` puts an axis of
# length 1 in front: (h, w) becomes (1, h, w).

# %% [markdown]
# Below each exercise stands its **check**: a few lines that must hold, with numbers that you can redo by hand. Run it,
# then look at the panel at the top of the page.

# %% check="grey" points=6
red, green, blue = torch.eye(3)[:, :, None, None]  # three pictures of one pixel each
assert grey(red).shape == (1, 1, 1), "One pixel gives a picture of the shape (1, 1, 1)."
assert abs(grey(red).item() - 0.299) < 1e-4, "A pure red pixel has the brightness 0.299."
assert abs(grey(blue).item() - 0.114) < 1e-4, "A pure blue pixel has the brightness 0.114."
orange = red + 0.5 * green
assert abs(grey(orange).item() - 0.5925) < 1e-4, "Orange is 0.299 + 0.5 · 0.587 = 0.5925."

# %% [markdown]
# **Be wrong on purpose.** Change your answer to `return picture.mean(0, keepdim=True)`, run it and its check again. In
# place of a long traceback you read one sentence that says what is *right*. It is this one:


# %%
def plain_mean(picture):
    return picture.mean(0, keepdim=True)


red = torch.eye(3)[0][:, None, None]
try:
    assert abs(plain_mean(red).item() - 0.299) < 1e-4, (
        "A pure red pixel has the brightness 0.299."
    )
except AssertionError as sentence:
    print("✗ Check 0.1 grey:", sentence)

# %% [markdown]
# Put the right answer back. Does it matter? A red apple on green grass, and your function on it.

# %%
y, x = torch.meshgrid(torch.linspace(-1, 1, 100), torch.linspace(-1.4, 1.4, 140), indexing="ij")
apple = (x**2 + y**2 < 0.4).float()
picture = torch.stack([0.2 + 0.6 * apple, 0.8 - 0.6 * apple, 0.2 + 0 * apple])
show(
    picture,
    picture.mean(0),
    grey(picture),
    titles=["colors", "plain mean", "your brightness"],
    caption="Red and green add up to the same: for the plain mean there is no apple.",
)

# %% [markdown]
# ### Handing in
#
# When you hand a lab in, only the cells of your exercises are taken; everything else comes from us, and more checks run
# than the visible ones: odd sizes, other types, your own random numbers. Hence five rules:
#
# 1. Write your answer **inside its exercise's cell**. A helper of your own goes into the same cell.
# 2. Don't copy, delete or split an exercise's cell. Cells for trying things out are welcome anywhere.
# 3. If a heading says *Build it yourself*, its list of names is not accepted.
# 4. At the end: menu *Kernel → Restart Kernel and Run All Cells*. What only works in your cells' odd order breaks now,
#    not when we grade it. In a terminal, `course check lab00` runs your answers just as we do.
# 5. Save, and hand in the `.ipynb` file **with its name unchanged**.
#
# One exercise that fails costs its own points only. Some properties may hold when others don't: they count in part.
#
# Three properties are asked of every exercise, and no docstring repeats them:
#
# - What you are given is afterwards what it was before, and lies in memory as it likes: `.reshape`, not `.view`.
# - Where float64 comes in, everything is computed in float64.
# - Gradients find their way back: keep to tensor operations, without `.item()`, `.tolist()` or NumPy.
#
# One last kind of cell: an **explorer**. Each lab has one. Move something, and watch what changes. This is Lab 2's.

# %%
resampling_explorer()

# %% [markdown]
# ## 3 · What there is to look at
#
# **Photographs.** `photo(name)` gives a tensor (3, h, w) with numbers from 0 to 1. They are on your disk already.

# %%
chosen = ("astronaut", "cat", "coffee", "rocket", "camera", "coins", "retina", "tissue")
pictures = [photo(name, size=(96, 128)) for name in chosen]
show(*pictures, titles=chosen, caption="Eight of the course's photographs.")

# %% [markdown]
# **Scenes.** A photograph doesn't know what is in it. So the course draws streets of its own, from a number: the same
# number, the same street. And the same street by day, at night and in fog, to see what a network makes of it.

# %%
show(
    *[scene(6, size=(128, 192), domain=domain).image for domain in ("day", "night", "fog")],
    titles=["day", "night", "fog"],
    caption="Street number 6, three times.",
)

# %% [markdown]
# We drew it, so we know all of it. First: which of nine **classes** each pixel belongs to.

# %%
street = scene(6, size=(128, 192))
labels(
    street.semantic,
    palette=SCENES,
    caption="One number a pixel, painted in its class's color.",
)

# %% [markdown]
# Second: which **thing** it belongs to, so that two cars stay two. Third: how far away it is, its **depth**.

# %%
things = street.instance.max().item()
paint = torch.rand(things + 1, 3, generator=torch.Generator().manual_seed(3))
paint[0] = 0.93  # number 0 is for what cannot be counted: sky, road, …
show(
    paint[street.instance].permute(2, 0, 1),
    (4 / street.depth).clamp(0, 1),
    titles=[f"{things} things", "depth: bright is near"],
    caption="Every thing has a number of its own; the depth is drawn as 4 / meters.",
)

# %% [markdown]
# Which class fills the streets? We count the pixels of thirty. Keep the answer in mind for Lab 1: what would you score
# if you never found a single person?

# %%
every = torch.stack([label for _, label in Scenes(30, size=(64, 96))])
counts = every.flatten().bincount(minlength=256)[:9]  # 255 is void: the bonnet of our own car
share = 100 * counts / counts.sum()
bars(
    dict(zip(SCENES.names, share.tolist(), strict=True)),
    xlabel="% of all pixels",
    caption="How much of thirty streets each class fills.",
)

# %% [markdown]
# **Real data** comes from outside, for it is large and belongs to others. CamVid, filmed from a car in Cambridge, is
# the one that the labs use most. If it is not here, the cell says how to get it.

# %%
try:
    image, label = CamVid(split="val")[0]
    result = show(image, overlay(image, label, CAMVID), caption="CamVid, and what people drew.")
except FileNotFoundError:
    result = None
    print("CamVid is not here, and that is fine for now. To get it: course data fetch camvid")
result

# %% [markdown]
# ## 4 · PyTorch in ten cells
#
# Each begins with a question. Answer it before you run the cell; where you are right each time, you are ready.
#
# **① Shapes.** *Four pictures make a batch. Of which shape?* Always (n, c, h, w): pictures, channels, rows, columns.

# %%
batch = torch.stack(pictures[:4])
show(
    *batch,
    titles=[f"batch[{i}]" for i in range(len(batch))],
    caption=f"A batch of shape {tuple(batch.shape)}, {batch.dtype}, {batch.nbytes / 1024:.0f} KiB.",
)

# %% [markdown]
# **② Slices.** *What is left of a grid after `[..., ::2, ::2]`?* `start:stop:step` for each axis; `...` stands for all
# the axes in front.

# %%
grid = torch.arange(16.0).reshape(4, 4)
numbers(
    grid,
    grid[..., ::2, ::2],
    grid[..., 1::2, :],
    grid[:, [3, 0]],
    titles=["grid", "[..., ::2, ::2]", "[..., 1::2, :]", "[:, [3, 0]]"],
    caption="Every other row and column; every other row from the second; two columns by number.",
)

# %% [markdown]
# **③ Broadcasting.** *What is a column plus a row?* Shapes are lined up **from the right**. An axis of length 1, or a
# missing one, is repeated until it fits:
#
# ```
# column   (3, 1)     one column, repeated 4 times
# row         (4)     one row, repeated 3 times
# sum      (3, 4)
# ```

# %%
column, row = torch.tensor([[10], [20], [30]]), torch.tensor([1, 2, 3, 4])
numbers(
    column.expand(3, 4),
    row.expand(3, 4),
    column + row,
    titles=["column, repeated", "row, repeated", "column + row"],
    caption="What PyTorch does in its head: both are laid out as 3×4, and then added.",
)

# %% [markdown] predict="keepdim"
# `x` holds 3×3 positive numbers. What are the sums of the rows of `x / x.sum(1)`?
# - [ ] all 1: each row is divided by its own sum :: That was the wish. But `x.sum(1)` has the shape (3), and a shape is
#   lined up from the right: it lies down as a *row*.
# - [x] anything: it divides columns by the sums of rows :: Shape (3) lines up with the columns. No error, wrong numbers.
# - [ ] it raises an error :: It would if h and w differed. On a square it goes through: the worst kind of mistake.

# %% [markdown]
# **④ Reductions.** *Which axis disappears in `sum(1)`, and how do you keep it?* `keepdim=True` leaves it with length 1.

# %%
square = torch.tensor([[1.0, 1, 2], [2, 2, 4], [1, 3, 4]])
wrong = square / square.sum(1)
right = square / square.sum(1, keepdim=True)
numbers(
    square,
    wrong,
    right,
    titles=["grid", f"/ sum(1): row 0 gives {wrong[0].sum():.2f}", "keepdim=True: rows give 1"],
    caption="Without keepdim the sums of the rows divide the columns.",
)

# %% [markdown]
# **⑤ Matrix product.** *Can one 3×3 matrix recolor a whole photograph?* Each pixel is a vector (r, g, b); lay all
# pixels side by side, and one `@` multiplies every one. That *is* a convolution with a 1×1 window.

# %%
sepia = torch.tensor([[0.39, 0.77, 0.19], [0.35, 0.69, 0.17], [0.27, 0.53, 0.13]])
cat = photo("cat", size=(120, 180))
toned = (sepia @ cat.flatten(1)).reshape(cat.shape)
same = torch.allclose(toned, F.conv2d(cat[None], sepia[:, :, None, None])[0], atol=1e-5)
show(
    cat,
    toned,
    titles=["a photograph", "matrix @ pixels"],
    caption=f"(3, 3) @ {tuple(cat.flatten(1).shape)}. The same as a 1×1 convolution? {same}.",
)

# %% [markdown]
# **⑥ Gather and scatter.** *Each of four pixels has three scores and one true class. How do you pick the true class's score?*
# `gather` reads at an index, `scatter` writes there. Every loss of Lab 6 does the first.

# %%
scores = torch.tensor([[0.7, 0.1, 0.2, 0.3], [0.2, 0.8, 0.2, 0.3], [0.1, 0.1, 0.6, 0.4]])
truth = torch.tensor([[0, 1, 1, 2]])
numbers(
    scores,
    truth,
    scores.gather(0, truth),
    torch.zeros(3, 4).scatter(0, truth, 1.0),
    titles=["scores", "true class", "gather(0, truth)", "scatter(0, truth, 1)"],
    caption="One column is one pixel. Scattering ones gives the one-hot code of the truth.",
)

# %% [markdown]
# **⑦ Autograd.** *By how much does $y = a^2 b$ change with a and with b?* By hand, $2ab$ and $a^2$. PyTorch remembers
# each step of the computation and walks it backwards.

# %%
x = torch.tensor([2.0, 3.0], requires_grad=True)
y = x[0] ** 2 * x[1]
y.backward()
numbers(
    x, y[None], x.grad, titles=["a, b", "a²b", "gradient"], caption="By hand: 2·2·3 and 2²."
)

# %% [markdown] predict="depends"
# A gradient also says which inputs an output depends on: the others get exactly 0. Three 3×3 convolutions, one after
# the other. How many pixels does one pixel of the result depend on?
# - [ ] 3 × 3 :: That is one layer. The next reaches one further pixel on each side.
# - [x] 7 × 7 :: Each layer adds one pixel on each side: 3, 5, 7.
# - [ ] 9 × 9 :: Three times three would need windows that lie side by side; they overlap.
# - [ ] 27 × 27 :: $3^3$ would need a stride of 3 in each layer.

# %% [markdown]
# **⑧ A gradient as a picture.** *Which pixels does the one in the middle see, and how often?*

# %%
x = torch.zeros(1, 1, 9, 9, requires_grad=True)
y = x
for _ in range(3):
    y = F.conv2d(y, torch.ones(1, 1, 3, 3), padding=1)
y[0, 0, 4, 4].backward()
numbers(x.grad[0, 0], caption="In how many ways each pixel reaches the middle.")

# %% [markdown]
# **⑨ Modules.** *What does a network consist of, once its code is taken away?* Of named tensors, its `state_dict`. Load
# them into a second network, and it gives the same answers.


# %%
def small():
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 9, 1))


torch.manual_seed(0)
one, two = small(), small()
before = (one(batch) - two(batch)).abs().max().item()
two.load_state_dict(one.state_dict())
after = (one(batch) - two(batch)).abs().max().item()
print(f"largest difference before {before:.2f}, after loading {after}")
for name, tensor in one.state_dict().items():
    print(f"{name:9s} {tuple(tensor.shape)!s:14s} {tensor.numel():4d} numbers")

# %% [markdown]
# **⑩ Training.** Somebody filtered a photograph of grass with nine numbers that we don't know. *Can we find them from
# the two pictures alone?* Start from random ones; then eight lines: predict, measure, walk backwards, step.

# %%
secret = torch.tensor([[1.0, 2, 0], [2, 6, 2], [0, 2, 1]]) / 16
sharp = photo("grass")[None, :1, :128, :128]
blurred = F.conv2d(sharp, secret[None, None])
show(
    sharp[0],
    blurred[0],
    titles=["grass", "filtered"],
    caption="Given: two pictures. Wanted: the filter.",
)

# %%
torch.manual_seed(0)
layer, losses = nn.Conv2d(1, 1, 3, bias=False), []
first = layer.weight.detach().clone()[0, 0]
optimizer = torch.optim.Adam(layer.parameters(), lr=0.1)
for _ in range(600):
    loss = F.mse_loss(layer(sharp), blurred)
    optimizer.zero_grad()  # or gradients of all steps add up
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
learned = layer.weight.detach()[0, 0]

# %%
figure = curves(
    None,
    {"mean squared error": torch.tensor(losses)},
    xlabel="step",
    caption="The loss at every step, on a logarithmic scale.",
)
figure.axes[0].set_yscale("log")
figure

# %%
numbers(
    16 * first,
    16 * learned,
    16 * secret,
    titles=["first", "learned", "the secret"],
    caption=f"All × 16. The largest difference at the end: {16 * (secret - learned).abs().max():.3f}.",
)

# %% [markdown]
# ## 5 · Three traps
#
# The mistakes below raise no error, or a strange one. Each has cost somebody an afternoon.

# %% [markdown] predict="overflow"
# A picture as it comes from a file holds bytes (`uint8`), 0 to 255. We add 100 to make it brighter. What happens to a
# pixel of 200?
# - [ ] it becomes 300 :: A byte holds 256 different numbers, 0 to 255. 300 is none of them.
# - [ ] it becomes 255 :: So it should: this is what `clamp` is for. Bytes don't do it by themselves.
# - [x] it becomes 44 :: 200 + 100 − 256 = 44. The counter goes round, without a word.

# %%
stored = (photo("astronaut", size=(150, 150)) * 255).to(torch.uint8)
brighter = stored + 100
pixel = torch.tensor(200, dtype=torch.uint8) + 100
meant = (stored.float() + 100).clamp(0, 255).to(torch.uint8)
show(
    stored,
    brighter,
    meant,
    titles=["bytes", "bytes + 100", "as float, then clamp"],
    caption=f"In bytes, 200 + 100 = {pixel}: what was bright turns dark.",
)

# %% [markdown]
# Second: **whole numbers**. `/` always gives floats and `//` rounds *down*, also below zero. Label maps are whole
# numbers (`int64`), and a mean of them is refused.

# %%
whole = torch.tensor([-3, 3, 5])
print("whole            ", whole.tolist(), whole.dtype)
print("whole / 2        ", (whole / 2).tolist(), (whole / 2).dtype)
print("whole // 2       ", (whole // 2).tolist(), (whole // 2).dtype)
print("(whole / 2).int()", (whole / 2).int().tolist(), "cuts towards 0")
try:
    whole.mean()
except RuntimeError as error:
    print("whole.mean()     ", str(error).split(".")[0])

# %% [markdown]
# Third: **devices and types must agree**. Make new tensors beside the old one (`x.new_zeros(…)`, `device=x.device`), and
# your function runs anywhere. Made with a bare `torch.ones`, it works until somebody
# else's `x` comes along.

# %%
x = torch.rand(1, 3, 8, 8, dtype=torch.float64)
try:
    F.conv2d(x, torch.ones(1, 3, 3, 3))
except RuntimeError as error:
    print("float64 meets float32:", str(error).split(".")[0])
window = x.new_ones(1, 3, 3, 3)
print("made beside x:", window.dtype, window.device, "→", tuple(F.conv2d(x, window).shape))

# %% [markdown]
# ## What you know now
#
# 1. A lab is: predict, write, check, look. A check is one sentence that says what is right.
# 2. Shapes are lined up from the right, and a mistake there may stay silent: keep the axis, print the shape.
# 3. A gradient says by how much, and on *what*, a result depends; training follows it downhill.
#
# **Next question.** What does it mean to give every pixel a name, and how do you score an answer? That is Lab 1.
#
# Last, your function against torchvision's, which rounds 0.299 to four digits:

# %%
cat = photo("cat")
difference = (grey(cat) - rgb_to_grayscale(cat)).abs().max().item()
assert difference < 2e-4, "your brightness differs from torchvision's"
print(
    f"Your brightness agrees with torchvision's within {difference:.5f} on {cat[0].numel():,} pixels."
)

# %% [markdown]
# **Sources.** Paszke et al., *PyTorch: an imperative style, high-performance deep learning library*, arXiv:1912.01703 ·
# ITU-R Recommendation BT.601, for the three weights · Rogozhnikov, *Einops: clear and reliable tensor manipulations*
# (ICLR 2022), for another way to write shapes · Brostow et al., *Semantic object classes in video* (CamVid), 2009.
