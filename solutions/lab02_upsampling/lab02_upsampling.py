# %% [markdown]
# # Lab 2 · Upsampling is zero-insertion and a filter
#
# **The question.** A network thinks in small maps and must answer in large ones. Twice as wide and twice as high means
# three new pixels for every old one. Where do the new pixels come from?
#
# You will put zeros where the new pixels go and fill them in with a filter. A single curve makes the difference:
# nearest, bilinear, bicubic and Lanczos are the same program. At the end your code gives the same numbers as
# `F.interpolate` and Pillow.
#
# *About 110 minutes, no GPU, no network. Before this: Lab 1.*

# %%
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from course.data.photos import photo
from course.ops import resampling
from course.page.progress import Progress
from course.viz import bars, curves, matrix, numbers, sample_grids, show, spectrum, stems
from course.widgets.resampling import resampling_explorer

# %% progress=true
Progress()

# %% [markdown]
# ## 1 · Make room first
#
# Take six samples of a signal. We want twelve. The honest first step: spread the samples out, and write 0 where we know
# nothing yet.
#
# $$s[f \cdot m] = x[m], \qquad s[o] = 0 \;\text{ elsewhere}$$
#
# $f$ is the *factor*. Here $f = 2$: the sample $m$ moves to place $2m$.


# %% exercise="zero_insert" difficulty=1 minutes=8 forbid="F.conv_transpose1d F.conv_transpose2d course.ops resampling"
def zero_insert(image, factor):
    """Spread the samples of each row and put factor - 1 zeros after each.

    Args:
        image: (..., w), any dtype, any number of dimensions from 1.
        factor: how many places each sample gets, at least 1.

    Returns:
        (..., w * factor), of the dtype of image: sample m at place m * factor.
    """
    # BEGIN SOLUTION
    spread = image.new_zeros(*image.shape[:-1], image.shape[-1] * factor)
    spread[..., ::factor] = image
    return spread
    # END SOLUTION


# %% [markdown] hint="zero_insert"
# Begin with a row of zeros that is long enough. Into which slice of it do the samples go?

# %% [markdown] hint="zero_insert"
# `image.new_zeros(*image.shape[:-1], image.shape[-1] * factor)` has the right shape and dtype; every `factor`-th place of
# its last axis is `[..., ::factor]`.

# %% check="zero_insert" points=6
apart = zero_insert(torch.tensor([2, 4, 6]), 2)
assert apart.tolist() == [2, 0, 4, 0, 6, 0], "A zero follows every sample, the last one too."
apart = zero_insert(torch.tensor([[2, 4], [6, 5]]), 3)
assert apart.tolist() == [[2, 0, 0, 4, 0, 0], [6, 0, 0, 5, 0, 0]], "Each row by itself."
grid = torch.arange(1.0, 17).reshape(4, 4)
spread = zero_insert(zero_insert(grid, 2).mT, 2).mT  # rows, then, transposed, columns
assert spread[:2].tolist() == [[1, 0, 2, 0, 3, 0, 4, 0], [0] * 8], "3 of 4 pixels are 0."
tent = torch.tensor([[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]])
filled = F.conv2d(spread[None, None], tent[None, None], padding=1)[0, 0]
assert filled[0, :3].tolist() == [1, 1.5, 2], "Filtered: 1, (1+2)/2, 2."
assert filled[1, :3].tolist() == [3, 3.5, 4], "Below: (1+5)/2, (1+2+5+6)/4, (2+6)/2."

# %% [markdown]
# Now fill the gaps. Slide the little filter $[\tfrac12, 1, \tfrac12]$ along: every output is half of the left neighbor,
# plus the number itself, plus half of the right neighbor.
#
# $$y[o] = \tfrac12\, s[o-1] + s[o] + \tfrac12\, s[o+1]$$

# %%
spread = zero_insert(torch.tensor([2.0, 4, 6, 5, 1, 3]), 2)
left, right = F.pad(spread, (1, 0))[:-1] / 2, F.pad(spread, (0, 1))[1:] / 2
table = torch.stack([spread, left, spread, right, left + spread + right])
texts = [[f"{value:g}" for value in row] for row in table.tolist()]
caption = "The filter ½, 1, ½ at all twelve places: three products and their sum."
figure = matrix(table, texts=texts, rows="", columns="place", caption=caption)
names = ["zeros inserted", "½ · left", "1 · itself", "½ · right", "sum"]
figure.axes[0].set_yticks([0.5, 1.5, 2.5, 3.5, 4.5], names)
figure

# %% [markdown]
# **What to notice.** On a sample the two halves meet zeros: 4 stays 4. In a gap the middle meets the zero, and ½·4 +
# ½·6 is 5: a straight line between neighbors. And look at the last place: the 1.5 has only one neighbor, so it falls
# toward zero. Borders will need care.
#
# A picture works the same way, with the filter $[\tfrac12, 1, \tfrac12]$ applied down and across:

# %% [markdown] predict="grid"
# The grid 1 … 16 gets zeros and the 3×3 filter below; beyond the border there are only zeros. What number comes out in
# the lower right corner, diagonally below the 16?
# - [ ] 16 :: That would be right if the picture continued beyond its border.
# - [ ] 8 :: Half of 16 stands directly beside the 16 and directly below it. The corner is diagonal to it.
# - [x] 4 :: Of its four diagonal neighbors only the 16 lies inside, and the filter's corners are ¼.

# %%
grid = torch.arange(1.0, 17).reshape(4, 4)
tent = torch.tensor([[0.25, 0.5, 0.25], [0.5, 1, 0.5], [0.25, 0.5, 0.25]])
spread = zero_insert(zero_insert(grid, 2).mT, 2).mT
filled = F.conv2d(spread[None, None], tent[None, None], padding=1)[0, 0]
numbers(
    tent,
    spread,
    filled,
    titles=["filter", "zeros inserted", "filtered"],
    caption="The grid 1 … 16, zeros inserted, and filtered. The last row and column are too small.",
)

# %% [markdown]
# ## 2 · What the zeros do to the waves
#
# Why is a *filter* the right thing? Look at the signal as a sum of waves; its **spectrum** says how strong each
# frequency $\nu$ is. Inserting zeros makes the spectrum narrower, and **copies** it, $f$ times side by side:
#
# $$S(\nu) = \sum_m x[m]\, e^{-2\pi i\, \nu f m} = X(f\nu)$$
#
# $X$ repeats after 1, so $S$ repeats after $1/f$. The filter has one job: **let the middle pass and stop the copies.**

# %% [markdown] predict="copies"
# A smooth bump has its spectrum in one hill around frequency 0. We insert three zeros after each sample ($f = 4$). How
# many hills are there now, from −½ to ½?
# - [ ] one, narrower :: Narrower, yes. But the zeros make the signal jump up and down, and jumps are high frequencies.
# - [x] four :: The hill and three copies: at ¼, at −¼, and one at ½, which the ends of the axis cut in half.
# - [ ] none, it is flat :: A single spike would have a flat spectrum. The samples still follow a smooth curve.

# %%
bump = torch.exp(-((torch.arange(64.0) - 31.5) ** 2) / 8)
waves = {
    "64 samples": torch.fft.fft(bump, 256),
    "with zeros": torch.fft.fft(zero_insert(bump, 4)),
}
curves(
    (torch.arange(256) - 128) / 256,
    {name: torch.fft.fftshift(wave.abs() / bump.sum()) for name, wave in waves.items()},
    xlabel="frequency (cycles per pixel)",
    ylabel="strength",
    caption="The spectrum of a smooth bump, and of the same with three zeros after each sample.",
)

# %% [markdown]
# The same in two dimensions, on a photograph. On the right each bright star is a copy of the small spectrum; only the
# one in the middle belongs to the photograph.

# %%
small = photo("camera", size=(128, 128))[0]
spread = zero_insert(zero_insert(small, 3).mT, 3).mT
stars = [torch.fft.fftshift(torch.fft.fft2(p).abs()).clamp(min=1) for p in (small, spread)]
show(
    small,
    spread,
    *[(star.log() / 8).clamp(max=1) for star in stars],
    titles=["128 × 128", "zeros: 384 × 384", "its spectrum", "its spectrum: 9 copies"],
    caption="Without and with zeros, and how strong each frequency is (0 in the middle).",
)

# %% [markdown]
# ## 3 · One curve decides: the kernel
#
# How much should a sample count for a new pixel that lies $x$ old pixels away? A curve $k(x)$ says so: the **kernel**.
# It is symmetric, and 0 beyond its *support*. The two simplest:
#
# $$\text{box}(x) = 1 \text{ for } |x| < \tfrac12, \qquad \text{triangle}(x) = \max(0,\; 1 - |x|)$$
#
# The box uses only the nearest sample. The triangle gives ¾ to a sample ¼ away, and ¼ to the one on the other side.


# %% exercise="triangle" difficulty=1 minutes=5 forbid="course.ops resampling KERNELS"
def triangle(x):
    """The kernel of linear interpolation, max(0, 1 - |x|).

    Args:
        x: distances in pixels, float, any shape, positive and negative.

    Returns:
        Weights of the same shape and dtype, in [0, 1].
    """
    # BEGIN SOLUTION
    return (1 - x.abs()).clamp(min=0)
    # END SOLUTION


# %% [markdown] hint="triangle"
# What would 1 − |x| give for x = 3, and what should it be?

# %% [markdown] hint="triangle"
# `x.abs()` is |x|; `.clamp(min=0)` turns what is negative into 0.

# %% check="triangle" points=5
x = torch.tensor([-2.0, -1, -0.25, 0, 0.75, 1, 7])
assert triangle(x).tolist() == [0, 0, 0.75, 1, 0.25, 0, 0], (
    "1 in the middle, straight down to 0 at a distance of 1."
)

# %% [markdown]
# The triangle has a kink at every sample. **Keys' cubic** has none: two pieces of cubic curve, joined smoothly, that
# use *two* samples on each side. One number is left free, the slope $a$ at $|x| = 1$:
#
# $$k(x) = \begin{cases} (a+2)|x|^3 - (a+3)|x|^2 + 1 & |x| \le 1 \\ a|x|^3 - 5a|x|^2 + 8a|x| - 4a & 1 < |x| < 2 \\
# 0 & \text{else} \end{cases}$$
#
# Pillow takes $a = -0.5$, PyTorch $a = -0.75$. One word, *bicubic*, and two different pictures.


# %% exercise="keys_cubic" difficulty=2 minutes=10 forbid="course.ops resampling KERNELS"
def keys_cubic(x, a):
    """Keys' kernel for cubic interpolation, from the formula above.

    Args:
        x: distances in pixels, float, any shape, positive and negative.
        a: slope at |x| = 1, usually -0.5 or -0.75.

    Returns:
        Weights of the same shape and dtype; exactly 0 where |x| is 2 or more.
    """
    # BEGIN SOLUTION
    x = x.abs()
    near = (a + 2) * x**3 - (a + 3) * x**2 + 1
    far = a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
    return torch.where(x <= 1, near, torch.where(x < 2, far, 0.0))
    # END SOLUTION


# %% [markdown] hint="keys_cubic"
# The formula only contains |x|, so take that first. Then compute *both* pieces for every x, and choose.

# %% [markdown] hint="keys_cubic"
# `torch.where(x <= 1, near, torch.where(x < 2, far, 0.0))`, with x already positive: that is all.

# %% check="keys_cubic" points=8
x = torch.tensor([0.0, 0.5, 1, 1.5, 2, 3], dtype=torch.float64)
assert keys_cubic(x, -0.5).tolist() == [1, 0.5625, 0, -0.0625, 0, 0], (
    "a = −½: 9/16 at ½, −1/16 at 1½."
)
assert keys_cubic(x, -0.75).tolist() == [1, 0.59375, 0, -0.09375, 0, 0], (
    "a = −¾: 19/32 and −3/32, more of both."
)
assert torch.equal(keys_cubic(-x, -0.5), keys_cubic(x, -0.5)), "Left and right count the same."

# %% [markdown]
# Which curve would be *perfect*? The one that stops every copy: in theory the **sinc**, which never ends. Lanczos
# multiplies it by a second, wider sinc, so that it ends after $L$ *lobes*:
#
# $$\text{sinc}(x) = \frac{\sin \pi x}{\pi x}, \quad \text{sinc}(0) = 1, \qquad
# k(x) = \text{sinc}(x)\cdot\text{sinc}(x/L) \;\text{ for } |x| < L, \text{ else } 0$$


# %% exercise="lanczos" difficulty=2 minutes=10 forbid=".sinc torch.sinc course.ops resampling KERNELS"
def lanczos(x, lobes):
    """Lanczos' kernel: a sinc, faded out by a wider one.

    Args:
        x: distances in pixels, float, any shape, positive and negative.
        lobes: where the curve ends, in pixels: 3 or 5, at least 1.

    Returns:
        Weights of the same shape and dtype: 1 at 0, exactly 0 where |x| >= lobes, never NaN.
    """
    # BEGIN SOLUTION
    t = torch.pi * x
    weights = torch.sin(t) / t * torch.sin(t / lobes) / (t / lobes)
    weights = torch.where(x.abs() < lobes, weights, 0.0)
    return torch.where(x == 0, 1.0, weights)  # 0 / 0 was NaN there; the limit is 1
    # END SOLUTION


# %% [markdown] hint="lanczos"
# 0 / 0 is NaN. That does no harm as long as `torch.where` does not choose it. What is the limit of sin(πx) / (πx) as x
# goes to 0?

# %% [markdown] hint="lanczos"
# With t = πx the product is `sin(t) / t * sin(t / lobes) / (t / lobes)`. Then put 1 where x is 0, and 0 where |x| is
# not below `lobes`, by `torch.where`.

# %% check="lanczos" points=8
pi = torch.pi
x = torch.tensor([0, 0.5, 1, 1.5, 3, 4], dtype=torch.float64)
want = torch.tensor([1, 6 / pi**2, 0, -4 / (3 * pi**2), 0, 0], dtype=torch.float64)
got = lanczos(x, 3)
assert not got.isnan().any(), "At x = 0 the formula reads 0 / 0; its limit is 1."
assert torch.allclose(got, want), "At ½: 2/π · 3/π = 6/π². At 1½: −2/(3π) · 2/π = −4/(3π²)."
assert got[4] == 0, "At |x| = lobes the curve ends on a true 0, not on 1e-17."
assert torch.allclose(lanczos(-x, 3), want), "Left and right count the same."

# %% [markdown]
# From here on the curves come from the library, so that a slip above costs you nothing below. `KERNELS["triangle"]` is
# a function of x with a `.support`.

# %% setup=true
KERNELS = {
    "box": resampling.box(),
    "triangle": resampling.triangle(),
    "keys -0.5": resampling.keys(-0.5),
    "keys -0.75": resampling.keys(-0.75),
    "mitchell": resampling.mitchell(),
    "lanczos 3": resampling.lanczos(3),
    "lanczos 5": resampling.lanczos(5),
    "gaussian": resampling.gaussian(),
    "area 2": resampling.area(2),  # how much two pixels overlap, one half as wide as the other
}

# %%
x = torch.linspace(-6, 6, 1201, dtype=torch.float64)
assert torch.allclose(triangle(x), KERNELS["triangle"](x)), "your triangle differs"
assert torch.allclose(keys_cubic(x, -0.5), KERNELS["keys -0.5"](x)), "your keys_cubic differs"
assert torch.allclose(lanczos(x, 5), KERNELS["lanczos 5"](x)), "your lanczos differs"
print("Your three kernels agree with the library's at", len(x), "places.")

# %%
x = torch.linspace(-3, 3, 601)
curves(
    x,
    {name: KERNELS[name](x) for name in ("box", "triangle", "area 2", "gaussian", "mitchell")},
    xlabel="distance in old pixels",
    ylabel="weight",
    height=2.4,
    caption="Soft kernels. Mitchell and the Gaussian stay below 1 at 0: they smooth the samples too.",
)

# %%
x = torch.linspace(-5, 5, 1001)
curves(
    x,
    {name: KERNELS[name](x) for name in ("keys -0.5", "keys -0.75", "lanczos 3", "lanczos 5")},
    xlabel="distance in old pixels",
    ylabel="weight",
    height=2.4,
    caption="Sharp kernels: 1 at 0 and 0 at every other sample, so the samples keep their values.",
)

# %% [markdown]
# ## 4 · Where is a pixel?
#
# To read the curve we need distances, and therefore the positions of the new pixels. There are two conventions.
#
# - **Half-pixel centers** (`align_corners=False`): a pixel is a little square with its value in the middle. Both
#   pictures cover the same area. Old pixel $m$ lies at $m + \tfrac12$, new pixel $o$ at $(o + \tfrac12)/f$.
# - **Aligned corners** (`align_corners=True`): a pixel is a point; the four corner points of both pictures coincide.

# %%
sample_grids(
    4, 8, caption="4×4 pixels (squares, round points) and 8×8 new ones (small points)."
)

# %% [markdown]
# **What to notice.** On the left each old pixel contains four new ones, and *none falls on a sample*. On the right the
# corners coincide, and everywhere else the distance to the next sample changes from pixel to pixel.

# %% [markdown] predict="corners"
# The row 0, 10, 20, 30 is enlarged from 4 to 8 with aligned corners. By how much does each new number exceed the one
# before?
# - [ ] by 5 :: Half of 10, for twice as many pixels? But 8 pixels have 7 steps between them, and 4 pixels have 3.
# - [x] by 30/7, about 4.29 :: 7 steps from 0 to 30. The picture grew by 7/3, not by 2.
# - [ ] by 3.75 :: 30/8: but between 8 pixels there are only 7 steps.

# %%
row = torch.tensor([[[0.0, 10, 20, 30]]])
schools = {
    aligned: F.interpolate(row, 8, mode="linear", align_corners=aligned)[0, 0]
    for aligned in (False, True)
}
numbers(
    row[0, 0],
    *schools.values(),
    titles=["before", "half-pixel centers", "aligned corners"],
    caption="The same four samples, enlarged to eight by both conventions.",
)

# %% [markdown]
# Half-pixel centers give steps of 5 and stay flat in the outer half pixels. The choice matters most when two programs
# *mix* the conventions: then every pixel moves. We average a ramp (the value is the column) by 8 and bring it back both
# ways.

# %%
ramp = torch.arange(64.0)[None, None]
down = F.avg_pool1d(ramp, 8)  # 8 pixels, each at the center of the 8 that it represents
grown = [F.interpolate(down, 64, mode="linear", align_corners=a) for a in (False, True)]
errors = [(row - ramp)[0, 0] for row in grown]
curves(
    ramp[0, 0],
    {"half-pixel centers": errors[0], "aligned corners": errors[1]},
    xlabel="column",
    ylabel="error in pixels",
    caption="Down by 8, up by 8: aligned corners stretch the picture, and its ends move most.",
)

# %% [markdown]
# We stay with half-pixel centers, the default of `F.interpolate` in its linear and cubic modes. Seen from a sample, the
# new pixels lie at the distances
#
# $$t_i = \frac{i - (L-1)/2}{f}: \qquad f = 2: \; \ldots, -\tfrac34, -\tfrac14, \tfrac14, \tfrac34, \ldots \qquad
# f = 3: \; \ldots, -\tfrac13, 0, \tfrac13, \ldots$$
#
# With an even factor no new pixel falls on the sample, and the filter has **even** length; with an odd factor one does:
# **odd** length. The numbers $k(t_i)$ are the filter's **taps**, one for each $|t_i|$ below the support.
#
# One more thing. A new pixel uses only every $f$-th tap (the others meet zeros); such a group is a **phase**. If a
# phase does not sum to 1, a grey wall gets stripes. So divide each phase by its sum.


# %% exercise="taps" difficulty=3 minutes=15 forbid="F.interpolate F.upsample nn.Upsample course.ops resampling"
def taps(kernel, factor):
    """The filter that fills the gaps after `zero_insert`, for half-pixel centers.

    Args:
        kernel: a name in KERNELS. KERNELS[kernel] is a function of distances, with a `support`.
        factor: how many pixels each sample becomes, at least 1.

    Returns:
        (L,) float64: the kernel at all distances t = (i - (L - 1) / 2) / factor that lie
        within |t| < support, L even for an even factor and odd for an odd one; then every
        factor-th tap is divided by the sum of its group.
    """
    # BEGIN SOLUTION
    curve = KERNELS[kernel]
    first = 0.0 if factor % 2 else 0.5
    right = torch.arange(first, curve.support * factor, dtype=torch.float64)
    weights = curve(torch.cat([-right, right]).unique() / factor)  # sorted, and 0 only once
    for phase in range(factor):
        weights[phase::factor] /= weights[phase::factor].sum()
    return weights
    # END SOLUTION


# %% [markdown] hint="taps"
# Start with too many distances, then keep those below the support. For an odd factor they are integers divided by
# `factor`; for an even one, what must be added to the integers?

# %% [markdown] hint="taps"
# `(torch.arange(-reach, reach + 1) + (0.5 if factor is even else 0)) / factor` in float64, with a reach of support ·
# factor + 1. Keep `distance.abs() < support`, call the kernel, then `weights[p::factor] /= weights[p::factor].sum()` for
# each p.

# %% check="taps" points=7
assert taps("box", 2).tolist() == [1, 1], "Both new pixels take the sample's full value."
assert taps("triangle", 2).tolist() == [0.25, 0.75, 0.75, 0.25], "The triangle at −¾, −¼, ¼, ¾."
third = torch.tensor([1, 2, 3, 2, 1], dtype=torch.float64) / 3
assert torch.allclose(taps("triangle", 3), third), (
    "The triangle at −⅔, −⅓, 0, ⅓, ⅔: odd length, with a middle."
)
assert len(taps("keys -0.75", 2)) == 8, "Four samples and factor 2: eight taps, from −1¾ to 1¾."
two = taps("lanczos 3", 2)
assert torch.allclose(two[0::2].sum() + two[1::2].sum(), two.sum()), "There are two phases."
assert abs(two[0::2].sum() - 1) < 1e-12, (
    "Every other tap of Lanczos-3: together they add up to 1, once divided by their sum."
)

# %%
stems(
    {f"triangle, factor {factor}": taps("triangle", factor) for factor in (2, 3, 4)},
    caption="Even factor: no tap falls on the sample. Odd factor: one in the middle.",
)

# %%
stems(
    {name: taps(name, 2) for name in ("keys -0.5", "keys -0.75", "lanczos 3", "lanczos 5")},
    caption="Taps for factor 2 of the kernels with negative lobes.",
)

# %% [markdown] predict="survive"
# Now compare the filters with what they are for. With $f = 4$ the copies begin beyond ⅛ cycles per pixel. Which filter
# lets most of them through?
# - [x] box :: It falls slowly and rises again and again: what passes are the edges of its blocks.
# - [ ] triangle :: It is the box applied twice, so it lets through the box's gain squared, which is less.
# - [ ] lanczos 5 :: It comes closest to the perfect filter: 1 up to ⅛, and 0 beyond.

# %%
spectrum(
    {
        name: taps(name, 4)
        for name in ("box", "triangle", "mitchell", "keys -0.75", "lanczos 5")
    },
    cutoff=1 / 8,
    caption="What each filter lets through at factor 4. Shaded: the copies.",
)

# %% [markdown]
# **What to notice.** There are two ways to be wrong. Below the cut-off too little passes: **blur** (triangle,
# Mitchell). Above it too much passes: **blocks** (box). Lanczos-5 is nearly a vertical cut, and pays with a long filter
# that oscillates: **ringing**. Here is the photograph of section 2, three times larger (the library upsamples here, you
# will in a minute):

# %%
small = photo("camera", size=(128, 128))[0]
names = ("box", "triangle", "lanczos 5")
grown = [resampling.upsample(small, 3, KERNELS[name]) for name in names]
stars = [torch.fft.fftshift(torch.fft.fft2(p).abs()).clamp(min=1) for p in grown]
show(
    *[(star.log() / 9).clamp(max=1) for star in stars],
    titles=names,
    caption="What is left of the nine copies: Lanczos-5 keeps little beside the middle.",
)

# %% [markdown]
# ## 5 · Upsample
#
# Put it together, for one row: repeat the outermost sample beyond both ends, insert zeros, slide the taps along. Rows
# first, then columns. The filter is *separable*: two short passes instead of a large square.
#
# Watch out for one shift. `zero_insert` puts sample $m$ at place $f m$, but it belongs in the middle of its $f$ new
# pixels, at $f m + (f-1)/2$. So the window of new pixel $o$ does not begin at $o - (L-1)/2$ but $(f-1)/2$ earlier:
#
# $$y[o] = \sum_{i=0}^{L-1} w_i \; s\!\left[\,o - \tfrac{f + L}{2} + 1 + i\,\right]$$


# %% exercise="upsample" difficulty=3 minutes=18 forbid="F.interpolate F.upsample F.upsample_nearest F.upsample_bilinear nn.Upsample nn.UpsamplingNearest2d nn.UpsamplingBilinear2d F.grid_sample F.conv_transpose1d F.conv_transpose2d PIL torchvision course.ops resampling"
def upsample(image, factor, weights):
    """Upsample by zero-insertion and a separable filter; beyond the border the outermost pixels repeat.

    Args:
        image: (..., h, w) float.
        factor: how many pixels each pixel becomes along each axis, at least 1.
        weights: (L,) float, symmetric taps for this factor; L is even for an even factor, odd for an odd one.

    Returns:
        (..., h * factor, w * factor), of the dtype of image.
    """
    # BEGIN SOLUTION
    length = len(weights)
    start = length * factor - (factor + length) // 2 + 1
    for _ in range(2):  # along the rows, then, transposed, along the columns
        w = image.shape[-1]
        places = torch.arange(-length, w + length, device=image.device).clamp(0, w - 1)
        spread = zero_insert(image[..., places], factor)
        windows = spread.unfold(-1, length, 1)[..., start : start + w * factor, :]
        image = (windows @ weights.to(image)).mT
    return image
    # END SOLUTION


# %% [markdown] hint="upsample"
# Write it for the last axis alone. For the other axis use `.mT`: transpose, do the same again, transpose back. To
# repeat the outermost sample beyond the ends, index with clamped places: `torch.arange(-b, w + b).clamp(0, w - 1)`.

# %% [markdown] hint="upsample"
# With b samples added on the left, everything moves b·f places to the right: the first window begins at
# `b * f - (f + L) // 2 + 1`, and there are w·f of them. Sum them tap by tap,
# `total += weights[i] * spread[..., start + i : start + i + w * f]`, or by `spread.unfold(-1, L, 1) @ weights`.

# %% check="upsample" points=10
image = torch.tensor([[10.0, 20], [30, 40]])
nearest = upsample(image, 2, torch.tensor([1.0, 1]))
assert nearest[0].tolist() == [10, 10, 20, 20], "Nearest: the first row is 10, 10, 20, 20."
assert nearest[2].tolist() == [30, 30, 40, 40], "Nearest: the third row is 30, 30, 40, 40."
line = torch.tensor([0.25, 0.75, 0.75, 0.25])
bilinear = upsample(image, 2, line)
assert bilinear[0].tolist() == [10, 12.5, 17.5, 20], "10, ¾·10 + ¼·20, ¼·10 + ¾·20, 20."
assert bilinear[1].tolist() == [15, 17.5, 22.5, 25], "¾ of that and ¼ of 30, 32.5, 37.5, 40."
x = photo("cat")[None, :, :7, :10]
torchs = F.interpolate(x, scale_factor=2, mode="bilinear")
assert torch.allclose(upsample(x, 2, line), torchs, atol=1e-5), "F.interpolate's bilinear."

# %% [markdown]
# Here is a detail of a photographed page, 24×32 pixels, ten times larger.

# %%
detail = photo("page")[:, 60:84, 100:132]
names = [name for name in KERNELS if name != "area 2"]
show(
    *[upsample(detail, 10, taps(name, 10)) for name in names],
    titles=names,
    columns=4,
    height=1.75,
    caption="The same 768 pixels. Look for blocks, for blur, and for light rims around letters.",
)

# %% [markdown]
# **What to notice.** Blocks (box); blur (triangle, Gaussian, Mitchell); crisp letters with light rims (Keys, Lanczos).
# Both faults are easiest to see on the hardest test, a jump from black to white.

# %% [markdown] predict="ringing"
# The row 0, 0, 0, 0, 1, 1, 1, 1 is enlarged by 8. Between which values do the new numbers of Keys' cubic (a = −¾) lie?
# - [ ] between 0 and 1 :: That would be true if all weights were positive: a mean lies between its numbers.
# - [x] below 0 and above 1 in places :: Negative weights overshoot. Next to an edge black gets blacker and white whiter.
# - [ ] between 0.1 and 0.9 :: Far from the edge all samples are 0, or all are 1, and the taps sum to 1.

# %%
step = torch.tensor([[0.0, 0, 0, 0, 1, 1, 1, 1]])
names = ("box", "triangle", "mitchell", "keys -0.75", "lanczos 5")
curves(
    (torch.arange(64) + 0.5) / 8,
    {name: upsample(step, 8, taps(name, 8))[0] for name in names},
    xlabel="place in old pixels",
    ylabel="value",
    caption="A jump, enlarged by 8. Kernels with negative lobes overshoot 0 and 1.",
)

# %%
step = torch.tensor([[0.0, 0, 0, 0, 1, 1, 1, 1]])
tops = {name: upsample(step, 8, taps(name, 8)).max().item() for name in KERNELS}
bars(
    {name: 100 * (top - 1) for name, top in tops.items()},
    xlabel="overshoot, percent of the jump",
    caption="How far above 1 the enlarged jump gets.",
)

# %% [markdown]
# A slight overshoot looks sharp; a strong one looks like an echo. Clamp pictures to [0, 1] afterwards, and think twice
# before you enlarge class scores with a kernel that rings.
#
# **A failure worth seeing.** What if the picture is continued beyond its border by zeros?

# %%
corner = photo("coffee")[:, -12:, :16]
triangle_taps = resampling.taps(KERNELS["triangle"], 8)
ways = {"zeros": "constant", "outermost pixel": "replicate", "mirrored": "reflect"}
beyond = [F.pad(corner[None], (2, 2, 2, 2), mode=mode)[0] for mode in ways.values()]
show(
    *[upsample(p, 8, triangle_taps)[:, 16:-16, 16:-16] for p in beyond],
    titles=list(ways),
    caption="A corner of a photograph, enlarged by 8. Zeros leak in as a dark frame.",
)

# %% [markdown]
# A convolution's `padding=1` *is* those zeros: they are what made the last column of section 1 too small, and they are
# in every network that pads with zeros. Now choose a kernel and a sample grid, and drag the factor.

# %%
resampling_explorer()

# %% [markdown]
# ## 6 · Nobody multiplies by the zeros
#
# Of every $f$ taps over a new pixel, one meets a sample and $f - 1$ meet zeros. So split the filter into its phases:
# each of the $f$ new pixels of a sample needs only *one* phase, and only the samples. Then interleave the $f$ results.
# This is the **polyphase** form.

# %%
cubic = resampling.taps(KERNELS["keys -0.75"], 2)
numbers(
    cubic,
    cubic[0::2],
    cubic[1::2],
    titles=["eight taps", "for left pixels", "for right pixels"],
    caption="The bicubic filter for factor 2 falls apart into two of four taps, mirror images.",
)

# %% [markdown] predict="polyphase"
# A picture is enlarged by 4 with Keys' cubic: $L = 16$ taps along each axis. One square filter on the zeros needs 16·16 =
# 256 products for each new pixel. How many times fewer does the polyphase form need, row by row?
# - [ ] 4 times :: That is what leaving out the zeros along one axis saves.
# - [ ] 16 times :: That leaves out the zeros along both axes, but keeps a square filter: 4·4 products per pixel.
# - [x] about 50 times :: 4 products per pixel down the columns; the rows before took 4 too, but there were only a
#   quarter as many pixels. 4 + 1 = 5, and 256 / 5 is about 51.

# %%
f, length = 4, 16
products = {
    "square filter on zeros": length**2,
    "row by row on zeros": length / f
    + length,  # the rows come first, while the picture is not tall yet
    "row by row, phases": length / f / f + length / f,
}
caption = "Enlarging by 4 with 16 taps along each axis."
bars(products, xlabel="products for each new pixel", caption=caption)

# %%
picture, kernel = photo("camera", size=(256, 256))[:1], KERNELS["keys -0.75"]
line = resampling.taps(kernel, 4)
spread = F.pad(resampling.zero_insert(picture, 4), (9, 6, 9, 6))[None]  # (f + L) / 2 - 1 = 9
ways = {
    "square filter on zeros": lambda: F.conv2d(spread, torch.outer(line, line)[None, None]),
    "row by row on zeros": lambda: resampling.upsample(picture, 4, kernel),
    "row by row, phases": lambda: resampling.upsample_polyphase(picture, 4, kernel),
}
inside = [way().squeeze()[32:-32, 32:-32] for way in ways.values()]  # away from the border
gap = max((inside[0] - other).abs().max().item() for other in inside[1:])
print(f"The three pictures differ by at most {gap:.0e}.")


# %%
def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


bars(
    {name: min(milliseconds(way) for _ in range(3)) for name, way in ways.items()},
    xlabel="milliseconds on this machine",
    caption="The same picture, three ways. Time is not exactly proportional to the products.",
)

# %% [markdown]
# ## 7 · Any size, and the way down
#
# Zeros fit between samples only for integer factors. For 300 → 451 we evaluate the kernel anew for every output pixel.
# New pixel $i$ of $n_\text{out}$ has its center at $c_i$, in old pixels, and old pixel $j$ lies at $j + \tfrac12$:
#
# $$c_i = (i + \tfrac12)\,\frac{n_\text{in}}{n_\text{out}}, \qquad
# A_{ij} = k\!\left(\frac{j + \frac12 - c_i}{s}\right), \qquad s = \max\!\left(1,\; \frac{n_\text{in}}{n_\text{out}}\right)$$
#
# Then divide each row of $A$ by its sum. What is $s$ for? On the way **down** a new pixel represents many old ones; the
# kernel must be $s$ times as wide to see them all. That is **anti-aliasing**.


# %% exercise="resize_weights" difficulty=3 minutes=18 forbid="F.interpolate F.upsample nn.Upsample F.grid_sample PIL torchvision course.ops resampling"
def resize_weights(n_in, n_out, kernel):
    """The matrix that resizes one axis, with anti-aliasing.

    Args:
        n_in: length before, at least 1.
        n_out: length after, at least 1.
        kernel: a name in KERNELS.

    Returns:
        (n_out, n_in) float64: row i holds the weights of output pixel i, and sums to 1.
    """
    # BEGIN SOLUTION
    ratio = n_in / n_out
    center = (torch.arange(n_out, dtype=torch.float64) + 0.5) * ratio
    old = torch.arange(n_in, dtype=torch.float64) + 0.5
    weights = KERNELS[kernel]((old - center[:, None]) / max(1.0, ratio))
    return weights / weights.sum(dim=1, keepdim=True)
    # END SOLUTION


# %% [markdown] hint="resize_weights"
# Make a column of centers (n_out, 1) and a row of old positions (1, n_in). What does broadcasting make of their
# difference?

# %% [markdown] hint="resize_weights"
# `KERNELS[kernel]((old - center[:, None]) / max(1, n_in / n_out))` in float64, then divide by `.sum(1, keepdim=True)`.
# There is no loop and no border: what lies beyond the picture is not in the row, and the division makes up for it.

# %% check="resize_weights" points=6
up = resize_weights(2, 4, "triangle")
assert up.tolist() == [[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]], (
    "Up from 2 to 4: bilinear, as in Exercise 2.6."
)
down = resize_weights(4, 2, "triangle") * 7
want = torch.tensor([[3, 3, 1, 0], [0, 1, 3, 3]], dtype=torch.float64)
assert torch.allclose(down, want), "4 to 2, twice as wide: ¾, ¾, ¼, 0, divided by 1¾."
half = resize_weights(6, 3, "box")
assert half[1].tolist() == [0, 0, 0.5, 0.5, 0, 0], (
    "The box on the way down is the mean of the pixels below it."
)

# %%
matrix(
    resize_weights(24, 9, "lanczos 3"),
    rows="new pixel",
    columns="old pixel",
    caption="24 pixels to 9 by Lanczos-3: a wide band, negative (orange) on both sides of its middle.",
)

# %% [markdown]
# A picture is resized by one such matrix on the left, which acts on its columns, and one on the right, which acts on
# its rows:
#
# $$Y = A_h \, X \, A_w^{\mathsf T}$$


# %% exercise="resize" difficulty=1 minutes=6 forbid="F.interpolate F.upsample nn.Upsample F.grid_sample PIL torchvision course.ops resampling"
def resize(image, size, kernel):
    """Resize a picture, up or down, one axis at a time.

    Args:
        image: (..., h, w) float.
        size: (h, w) of the result.
        kernel: a name in KERNELS.

    Returns:
        (..., *size), of the dtype of image.
    """
    # BEGIN SOLUTION
    h, w = image.shape[-2:]
    rows = resize_weights(h, size[0], kernel).to(image)
    columns = resize_weights(w, size[1], kernel).to(image)
    return rows @ image @ columns.T
    # END SOLUTION


# %% [markdown] hint="resize"
# What does the matrix on the left change, the picture's height or its width?

# %% [markdown] hint="resize"
# `rows @ image @ columns.T`; both matrices need the picture's dtype first: `.to(image)`. `@` leaves leading dimensions
# alone.

# %% check="resize" points=6
image = torch.tensor([[10.0, 20], [30, 40]])
wide = resize(image, (2, 4), "triangle")
assert wide.tolist() == [[10, 12.5, 17.5, 20], [30, 32.5, 37.5, 40]], (
    "Twice as wide, as high as before."
)
assert resize(image, (1, 1), "box").item() == 25, "One pixel in place of four is their mean."
assert resize(torch.rand(2, 3, 7, 9), (5, 4), "lanczos 3").shape == (2, 3, 5, 4), (
    "Batches and channels stay."
)

# %% [markdown] predict="moire"
# A brick wall of 512×512 pixels becomes 56×56. What happens when the kernel is not widened, so that each new pixel uses
# only the few old ones around its center?
# - [ ] it gets blurred :: Blur comes from averaging many pixels. Here most of them are never used.
# - [x] lines break, and appear where there are none :: A line is hit or missed by chance. High frequencies that the
#   small picture cannot hold come back as low ones. That is aliasing, and such patterns are called moiré.
# - [ ] nothing much, it is small anyway :: Each new pixel represents about 84 old ones, and would use 4 of them. Look.

# %%
wall = photo("brick")
size = (56, 56)
careless = resampling.resize(wall, size, KERNELS["triangle"], antialias=False)
careful = resize(wall, size, "triangle")
show(
    wall,
    careless,
    careful,
    titles=["512 × 512", "56 × 56, kernel not widened", "56 × 56, widened"],
    caption="A brick wall, reduced. Without anti-aliasing the mortar lines break and jump.",
)

# %% [markdown]
# Is it really Pillow's Lanczos? Pillow has its own C code; we compare at odd sizes, up and down.

# %%
here = photo("cat").mean(0)
for h, w in ((451, 300), (97, 133), (37, 701)):
    theirs = Image.fromarray(here.numpy()).resize((w, h), Image.Resampling.LANCZOS)
    mine = resize(here, (h, w), "lanczos 3")
    gap = (mine - torch.from_numpy(np.array(theirs))).abs().max().item()
    print(f"300×451 → {h}×{w}: the largest difference from Pillow is {gap:.0e}")

# %% [markdown]
# ## 8 · Which filter is best?
#
# Ask the data. We halve the width of three photographs, and look for the 8 weights per phase that restore the lost
# pixels with the least squared error. That is ordinary least squares: each lost pixel is one equation.

# %% [markdown] predict="learned"
# Then comes a fourth photograph, which was not in the least squares. Which taps come closest to it?
# - [ ] Lanczos-5, the longest :: It is nearest to the ideal filter, for signals without any high frequency. Photographs
#   have edges.
# - [ ] Keys, a = −½ :: It is exact for parabolas. Photographs are not parabolas.
# - [x] the learned ones :: They know what photographs look like, and that the small pixels were means of two.


# %%
equations, answers = [], []
for name in ("astronaut", "cat", "coffee"):
    original = photo(name)[:, :300, :400]
    padded = F.pad(F.avg_pool2d(original, (1, 2)), (4, 4), mode="replicate")
    equations.append(padded.unfold(-1, 8, 1)[..., :-1, :].reshape(-1, 8))  # samples m-4 … m+3
    answers.append(original[..., ::2].reshape(-1, 1))  # the left pixel of the two in sample m
left = torch.linalg.lstsq(torch.cat(equations), torch.cat(answers), driver="gels")[0][:, 0]
learned = torch.stack([left, left.flip(0)], dim=1).flatten()  # the right pixel: mirrored
stems(
    {"learned": learned, "keys -0.75": resampling.taps(KERNELS["keys -0.75"], 2)},
    caption="Sixteen taps found by least squares on three photographs, and Keys' eight.",
)

# %%
original = photo("camera")[:1]
small = F.avg_pool2d(original, 2)
names = ("box", "triangle", "mitchell", "keys -0.5", "keys -0.75", "lanczos 3", "lanczos 5")
filters = {name: resampling.taps(KERNELS[name], 2) for name in names} | {"learned": learned}
errors = {
    name: F.mse_loss(upsample(small, 2, line), original) for name, line in filters.items()
}
bars(
    {name: 10 * (errors["box"] / error).log10().item() for name, error in errors.items()},
    xlabel="decibels better than the box",
    caption="Halved and restored: how close each filter comes to a photograph that it never saw.",
)

# %% [markdown]
# **What to notice.** The learned taps look like a kernel of this lab, and they win, although nobody gave them a
# formula. A network can learn its own, one for each pair of channels: that is a *transposed convolution*.
#
# Last, your functions against the library's:

# %%
picture = photo("coffee", size=(61, 87)).double()
line, mitchell, size = taps("mitchell", 3), resampling.mitchell(), (40, 133)
pairs = {
    "taps": (line, resampling.taps(mitchell, 3, dtype=line.dtype)),
    "upsample": (upsample(picture, 3, line), resampling.upsample(picture, 3, mitchell)),
    "resize": (resize(picture, size, "mitchell"), resampling.resize(picture, size, mitchell)),
}
for name, (mine, library) in pairs.items():
    assert torch.allclose(mine, library), f"{name} differs from the library's"
print("Yours and the library's agree:", ", ".join(pairs))

# %% [markdown]
# ## What you know now
#
# 1. Upsampling is zero-insertion and a filter. The zeros copy the spectrum, and the filter stops the copies.
# 2. Nearest, bilinear, bicubic and Lanczos differ in one curve. Half-pixel centers say where it is evaluated, the
#    border must be continued, and on the way down the curve must be wider.
# 3. The zeros need not be multiplied: the phases of the filter give the same numbers from the samples alone.
#
# ## Five questions
#
# Answer each in a sentence or two before you open its answer.

# %% [markdown] question="bicubic"
# Two programs enlarge the same picture by 2. Both say *bicubic*, both use half-pixel centers, and yet their pictures
# differ, by several grey levels at edges. Name two causes.
# :: *Bicubic* names a family: Keys' slope $a$ is −½ in Pillow and −¾ in `F.interpolate`, and some programs mean
# Mitchell's kernel by it. And the border: one repeats the outermost pixel, the other leaves out what lies beyond and
# divides by the smaller sum. (A third: one rounds to 8 bits and clamps the overshoot, the other keeps floats.)

# %% [markdown] question="labels"
# A label map with road = 0, person = 1 and car = 2 must become four times as large. Why is the triangle the wrong kernel
# here, and what are two right ways?
# :: Labels are names, not amounts. From a road (0) to a car (2) the triangle writes ¼, ¾, 1¼, 1¾; rounded, two of these
# are 1, and a line of people walks along every car. The box (nearest) only ever copies a label that is there. Or
# enlarge one map of scores per class, by any kernel, and take the argmax of the large maps: that gives smooth borders.

# %% [markdown] question="phases"
# The taps for factor 3 are ⅓, ⅔, 1, ⅔, ⅓. They sum to 3, and a tidy colleague divides them by 3. What happens to a grey
# wall of value 90?
# :: It becomes 30. Of the five taps, only one phase meets samples at any new pixel: ⅓ + ⅔, or 1, or ⅔ + ⅓. Each phase
# summed to 1, as it should, and now sums to ⅓. All taps together must sum to the factor.

# %% [markdown] question="fence"
# A picture of a picket fence is made four times narrower, and each new pixel is interpolated from the two old pixels
# around its center. Broad stripes appear that are not in the fence. Which frequencies are to blame, and would Lanczos-3
# at its usual width do better?
# :: Those beyond ⅛ cycle per old pixel: the small picture has a quarter of the samples, so ⅛ is the most that it can
# hold, and whatever is higher comes back as something lower. A sharper kernel lets even more of it through. The kernel
# must be four times as wide on the way down, be it the triangle or Lanczos.

# %% [markdown] question="twice"
# Is enlarging by 2, twice, the same as enlarging by 4, once? Answer for the box and for the triangle.
# :: For the box, yes: every new pixel copies the same old one. For the triangle, no. The second pass interpolates
# between numbers that the first one interpolated, so that a new pixel can depend on three old ones along a row: 10 taps
# (1, 3, 6, 10, 12, 12, 10, 6, 3, 1)/16 instead of 8, and a little more blur.

# %% [markdown] open_task=true
# ## An open task
#
# The taps of section 8 were learned for small pixels that are means of two. Learn them again for small pictures made in
# other ways: every other pixel kept and the rest thrown away; reduced by Lanczos-3; reduced, with noise added. Draw
# each set of taps as stems and as a spectrum. How do they change, and could you have predicted it? What would you now
# tell someone who asks for *the* best filter? There is no answer key to this one.

# %% [markdown] papers=true
# ## Papers
#
# - Keys, *Cubic convolution interpolation for digital image processing*, IEEE TASSP 1981,
#   [doi:10.1109/TASSP.1981.1163711](https://doi.org/10.1109/TASSP.1981.1163711)
# - Mitchell & Netravali, *Reconstruction filters in computer graphics*, SIGGRAPH 1988,
#   [doi:10.1145/54852.378514](https://doi.org/10.1145/54852.378514)
# - Duchon, *Lanczos filtering in one and two dimensions*, Journal of Applied Meteorology 1979
# - Crochiere & Rabiner, *Multirate digital signal processing*, 1983 (polyphase)
# - Zhang, *Making convolutional networks shift-invariant again*, arXiv:1904.11486 (aliasing inside of networks)
# - Dumoulin & Visin, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285
#
# **Next question.** If the filter is learned, what is the operation, and where do the checkerboards in its pictures
# come from? Lab 3.
