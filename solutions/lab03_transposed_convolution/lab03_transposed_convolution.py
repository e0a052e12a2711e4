# %% [markdown]
# # Lab 3 · Transposed convolution is a matrix, transposed
#
# **The question.** In Lab 2 *we* chose the filter that fills the gaps between the pixels. Can a network *learn* it? Why
# do generated pictures so often show a fine grid, like woven cloth?
#
# You will write a convolution as a matrix, transpose it, and get the same numbers in three other ways. Then you will
# count terms, find the cause of the grid in the counts, and meet three remedies.
#
# *About 110 minutes, no GPU, no network. Before this: Lab 2.*

# %%
from itertools import product

import torch
import torch.nn.functional as F
from torch import nn

from course.data.photos import photo
from course.ops import convolution
from course.ops.pixel_shuffle import depth_to_space, icnr_, subpixel_to_transposed
from course.page.progress import Progress
from course.viz import bars, matrix, numbers, show, stems
from course.widgets.transposed_convolution import transposed_explorer

# %% progress=true
Progress()

# %% [markdown]
# Here is the riddle. A small photograph is enlarged by the same operation twice, a *transposed convolution*. Both times
# the kernel is a plain 3×3 blob. One result is clean, the other is covered by a grid. Where does it come from?

# %%
face = F.avg_pool2d(photo("astronaut")[:, None, 50:210, 140:300], 4)
tent = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]])[None, None] / 4
flat = torch.ones(1, 1, 3, 3) * 4 / 9
kernels = (tent, flat)
enlarged = [F.conv_transpose2d(face, k, stride=2, padding=1)[:, 0] for k in kernels]
show(
    face[:, 0],
    *enlarged,
    titles=["40 × 40", "kernel 1 2 1, 2 4 2, 1 2 1", "kernel all equal"],
    height=3,
    caption="One photograph, one operation, two kernels. On the right a grid covers the face.",
)

# %% [markdown]
# ## 1 · A convolution is a matrix
#
# A convolution is linear: every output is a weighted sum of inputs. So it is a matrix, `output = C @ input`. Row *i*
# holds the weights of output *i*. The next row holds the same weights, shifted: the matrix is **banded**.
#
# Textbooks *flip* the filter (x, y, z): on `[0, a, b, c, 0]` it gives $[ax,\; ay+bx,\; az+by+cx,\; bz+cy,\; cz]$.
# PyTorch slides its kernel unflipped, so the textbook's filter is PyTorch's kernel **(z, y, x)**.


# %%
def letters(entries, alphabet="0xyz"):
    """A matrix of tap numbers (0 for none) as a grid of letters."""
    return [[alphabet[int(v)] for v in row] for row in entries]


def terms(entries, inputs):
    """The same, each column multiplied by its input."""
    rows = [zip(inputs, row, strict=True) for row in letters(entries)]
    return [["0" if "0" in (a, tap) else a + tap for a, tap in row] for row in rows]


# %%
zyx = torch.tensor([3.0, 2, 1])  # the taps z, y, x by their numbers
C = convolution.conv_matrix_1d(zyx, size=5, padding=1)
numbers(
    C,
    C * torch.tensor([0, 1, 1, 1, 0]),
    texts=[letters(C), terms(C, "0abc0")],
    titles=["C", "times 0, a, b, c, 0"],
    caption="Left: the matrix. Right: each column times its input; the rows add up to the outputs.",
)

# %% [markdown]
# Two outer taps hang over the ends, where padding puts zeros: nothing is written there. Three parameters change the
# band:
#
# $$C[i,\; i \cdot \text{stride} - \text{padding} + t \cdot \text{dilation}] = k[t]$$
#
# - **stride**: the next row starts that many columns further right (so there are fewer rows);
# - **padding**: the first row starts that many columns *before* the input;
# - **dilation**: the taps are that many columns apart.

# %%
taps = torch.tensor([1.0, 2, 3])
turned = [{"stride": 2}, {"padding": 1}, {"dilation": 2}]
bands = [convolution.conv_matrix_1d(taps, 6, **knob) for knob in turned]
numbers(
    *bands,
    texts=[letters(band) for band in bands],
    titles=["stride 2", "padding 1", "dilation 2"],
    caption="The kernel (x, y, z), not flipped, on 6 inputs, one parameter changed at a time.",
)

# %% [markdown]
# How many rows? The taps span $r = \text{dilation}\,(k-1)+1$ inputs. They may start wherever that fits:
#
# $$\text{rows} = \left\lfloor \frac{\text{size} + 2\,\text{padding} - r}{\text{stride}} \right\rfloor + 1$$


# %% exercise="conv_matrix_1d" difficulty=1 minutes=15 forbid="F.conv1d F.conv2d nn.Conv1d nn.Conv2d torch.conv1d torch.conv2d course.ops convolution"
def conv_matrix_1d(kernel, size, stride=1, padding=0, dilation=1):
    """The matrix C of a convolution in 1-D: C @ signal is what PyTorch's conv1d gives.

    Args:
        kernel: (k,) float; not flipped.
        size: length of the signal.
        stride, dilation: at least 1.
        padding: zeros assumed at each end of the signal.

    Returns:
        (rows, size), of the kernel's dtype.
    """
    # BEGIN SOLUTION
    reach = dilation * (len(kernel) - 1) + 1
    rows = (size + 2 * padding - reach) // stride + 1
    entries = kernel.new_zeros(rows, size)
    for i in range(rows):
        for t in range(len(kernel)):
            column = i * stride - padding + t * dilation
            if 0 <= column < size:
                entries[i, column] = kernel[t]
    return entries
    # END SOLUTION


# %% [markdown] hint="conv_matrix_1d"
# Which column does tap t of row i fall in? What if that column is left of 0, or right of the last one?

# %% [markdown] hint="conv_matrix_1d"
# Begin with `kernel.new_zeros(rows, size)`. For each row `i` and tap `t`: `column = i * stride - padding + t * dilation`.
# Write `kernel[t]` there if `0 <= column < size`, and nothing otherwise.

# %% [markdown]
# The check puts x, y, z = 2, 3, 5 and a, b, c = 1, 10, 100, so that each term is a digit: $az+by+cx$ becomes 5 + 30 +
# 200 = 235. It tests four products:
#
# | | product | is |
# |---|---|---|
# | C | $[0,a,b,c,0]$ | $[ax,\; ay+bx,\; az+by+cx,\; bz+cy,\; cz]$ |
# | Cᵀ | $[0,a,b,c,0]$ | $[az,\; ay+bz,\; ax+by+cz,\; bx+cy,\; cx]$ |
# | C, stride 2 | $[0,a,b,c,0]$ | $[ax,\; az+by+cx,\; cz]$ |
# | its transpose | $[a,b,c]$ | $[ay,\; ax+bz,\; by,\; bx+cz,\; cy]$ |
#
# and at one with the padding written out: X has the rows $(x,y,z,0,0,0)$ and $(0,0,x,y,z,0)$, and
# $X^\top [a, b] = [ax,\; ay,\; az+bx,\; by,\; bz,\; 0]$.

# %% check="conv_matrix_1d" points=8
x, y, z = 2.0, 3.0, 5.0
signal, abc = torch.tensor([0.0, 1, 10, 100, 0]), torch.tensor([1.0, 10, 100])
C = conv_matrix_1d(torch.tensor([z, y, x]), 5, padding=1)
assert C.shape == (5, 5), "Padding 1 keeps the length: 5 rows for 5 inputs."
assert (C @ signal).tolist() == [2, 23, 235, 350, 500], "ax, ay+bx, az+by+cx, bz+cy, cz"
assert (C.T @ signal).tolist() == [5, 53, 532, 320, 200], "az, ay+bz, ax+by+cz, bx+cy, cx"
C = conv_matrix_1d(torch.tensor([z, y, x]), 5, stride=2, padding=1)
assert (C @ signal).tolist() == [2, 235, 500], (
    "Stride 2 keeps every other row: ax, az+by+cx, cz."
)
assert (C.T @ abc).tolist() == [3, 52, 30, 520, 300], "ay, ax+bz, by, bx+cz, cy"
X = conv_matrix_1d(torch.tensor([x, y, z]), 6, stride=2)
assert X.tolist() == [[2, 3, 5, 0, 0, 0], [0, 0, 2, 3, 5, 0]], (
    "(x, y, z), and again two columns further right."
)
assert (X.T @ abc[:2]).tolist() == [2, 3, 25, 30, 50, 0], "ax, ay, az+bx, by, bz, 0"
wide = conv_matrix_1d(torch.tensor([x, y, z]), 5, dilation=2)
assert wide.tolist() == [[2, 0, 3, 0, 5]], "Dilation 2 leaves a gap between the taps."

# %% [markdown]
# ## 2 · Transpose it
#
# $C$ takes 5 numbers to 3. Its transpose $C^\top$ takes 3 numbers to 5: it **upsamples**, with the same learned
# weights. That is all there is to a *transposed convolution*.
#
# Read $C^\top \cdot [a, b, c]$ by columns: a multiplies its column, b its own, two pixels further down, and where two
# columns overlap they add. Each input number **stamps** the kernel onto the output.

# %%
C = convolution.conv_matrix_1d(zyx, 5, stride=2, padding=1)
stamped = terms(C.T, "abc")
total = [["+".join(term for term in row if term != "0")] for row in stamped]
numbers(
    C,
    C.T,
    C.T,
    C.T.count_nonzero(1)[:, None],
    texts=[letters(C), letters(C.T), stamped, total],
    titles=["C, stride 2", "transposed", "a, b, c stamp", "sum"],
    caption="3 rows of 5 become 5 rows of 3. Each input stamps a column; rows are summed.",
)

# %% [markdown]
# **What to notice.** Outputs 1 and 3 are sums of two terms, outputs 0, 2 and 4 have only one. Keep that in mind.
#
# ## 3 · Pictures: a band of bands
#
# Flatten an $h \times w$ picture row by row into one long column of $h \cdot w$ pixels. A 2-D convolution is then a
# matrix too. It is **doubly blocked**: there is one block for each pair (output row, input row), each block is banded,
# and so is the arrangement of the blocks.
#
# $$C[\,(y, x),\; (y\,s - p + i,\; x\,s - p + j)\,] = k[i, j]$$


# %% exercise="conv_matrix_2d" difficulty=2 minutes=20 forbid="F.conv2d nn.Conv2d torch.conv2d F.unfold nn.Unfold course.ops convolution"
def conv_matrix_2d(weight, size, stride=1, padding=0):
    """The matrix C of a 2-D convolution: C @ picture.flatten() is what conv2d gives, flattened.

    Args:
        weight: (kh, kw) float; not flipped.
        size: (h, w) of the picture.
        stride: at least 1, for both axes.
        padding: zeros assumed on each side.

    Returns:
        (rows · columns of the output, h · w), of the kernel's dtype.
    """
    # BEGIN SOLUTION
    (kh, kw), (h, w) = weight.shape, size
    rows, columns = (h + 2 * padding - kh) // stride + 1, (w + 2 * padding - kw) // stride + 1
    entries = weight.new_zeros(rows, columns, h, w)
    for y, x, i, j in product(range(rows), range(columns), range(kh), range(kw)):
        row, column = y * stride - padding + i, x * stride - padding + j
        if 0 <= row < h and 0 <= column < w:
            entries[y, x, row, column] = weight[i, j]
    return entries.reshape(rows * columns, h * w)
    # END SOLUTION


# %% [markdown] hint="conv_matrix_2d"
# First think of the matrix as a tensor with *four* axes: output row, output column, input row, input column. Which of
# its entries are not zero?

# %% [markdown] hint="conv_matrix_2d"
# Make `weight.new_zeros(rows, columns, h, w)`, run y, x, i, j through four loops, and write `weight[i, j]` at
# `[y, x, y * stride - padding + i, x * stride - padding + j]` where that lies inside. Reshape at the end.

# %% check="conv_matrix_2d" points=8
C = conv_matrix_2d(torch.tensor([[1.0, 2], [3, 4]]), (2, 3))
assert C.shape == (2, 6), (
    "A 2×2 kernel fits into a 2×3 picture at 1·2 positions; the picture has 6 pixels."
)
assert C[0].tolist() == [1, 2, 0, 3, 4, 0], (
    "First position: 1 2 in the first row, 3 4 in the second."
)
assert C[1].tolist() == [0, 1, 2, 0, 3, 4], "Second position: the same, one pixel to the right."
assert (C @ torch.arange(6.0)).tolist() == [27, 37], (
    "0·1 + 1·2 + 3·3 + 4·4 = 27, then 1 + 4 + 12 + 20 = 37."
)
C = conv_matrix_2d(torch.arange(1.0, 10).reshape(3, 3), (4, 4), stride=2, padding=1)
assert C.shape == (4, 16), "With padding 1 and stride 2 a 4×4 picture gives 2×2."
assert C[0].tolist() == [5, 6, 0, 0, 8, 9, 0, 0] + [0] * 8, (
    "At the corner only the taps 5 6 and 8 9 are inside."
)

# %%
kernel = torch.arange(1.0, 10).reshape(3, 3)
matrix(
    conv_matrix_2d(kernel, (4, 4), padding=1),
    block=(4, 4),
    rows="output pixel",
    columns="input pixel",
    caption="Taps 1 to 9, 4×4 picture, padding 1: blocks of 4×4, each one kernel row.",
)

# %% [markdown]
# **What to notice.** Three diagonals of blocks, one for each row of the kernel: 1 2 3 below, 4 5 6 in the middle, 7 8 9
# above. White is zero, and most of the matrix is white: that is why nobody stores it.
#
# With several channels there is one such matrix for each pair (output channel, input channel). **Groups** keep channels
# from seeing each other: only the blocks on the diagonal remain.

# %%
# 2 channels out, 2 in, kernels of one row
row_kernels = torch.arange(1.0, 13).reshape(2, 2, 1, 3)
one_group = convolution.conv_matrix_2d(row_kernels, (1, 5), padding=(0, 1))
two_groups = convolution.conv_matrix_2d(row_kernels[:, :1], (1, 5), padding=(0, 1), groups=2)
pair = (one_group, two_groups)
numbers(
    *pair,
    texts=[letters(entries, "0xyzuvwpqrlmn") for entries in pair],
    titles=["2 channels, 1 group", "2 channels, 2 groups"],
    caption="Two channels of 5 pixels. With two groups the off-diagonal blocks vanish.",
)

# %% [markdown]
# ## 4 · Not a "deconvolution"
#
# $C^\top$ goes back from the small size to the large one, so people called it *deconvolution*. A true deconvolution
# would undo $C$: $C^\top C = I$. Does it?

# %% [markdown] predict="undo"
# A photograph of 40×40 pixels is blurred and halved by $C$, then sent back through $C^\top$. What comes out?
# - [ ] the photograph :: That would need $C^\top C = I$. But $C$ keeps only 400 of 1600 numbers.
# - [x] a blurred photograph :: Each small pixel stamps the blur kernel once more. The size is restored, the detail is
#   not.
# - [ ] a sharp photograph with gaps :: The gaps are filled: stamps 3 wide, every 2 pixels, touch all pixels.

# %%
C = conv_matrix_1d(torch.tensor([1.0, 2, 1]), 7, stride=2, padding=1)
numbers(
    C.T @ C,
    torch.eye(7),
    titles=["CᵀC", "what undoing needs"],
    caption="Kernel (1, 2, 1), stride 2, 7 pixels: CᵀC mixes each pixel with its neighbors.",
)

# %%
original = face.mean(0)[0]
C = conv_matrix_2d(tent[0, 0] / 4, (40, 40), stride=2, padding=1)
down = C @ original.flatten()
back = (4 * C.T @ down).reshape(40, 40)
best = (torch.linalg.pinv(C) @ down).reshape(40, 40)
off = [f"off by {(picture - original).abs().mean():.3f}" for picture in (back, best)]
titles = ["x", "C x", f"4 CᵀC x: {off[0]}", f"C⁺C x: {off[1]}"]
caption = (
    "Down and back (times 4, for brightness). Even the pseudo-inverse C⁺ cannot recover x."
)
show(original, down.reshape(20, 20), back, best, titles=titles, caption=caption)

# %% [markdown]
# **What to notice.** $C$ threw away 3 of 4 numbers; no matrix brings them back. The transpose restores the **shape**,
# with a blur; even $C^+$, the matrix that comes closest, can only guess. So say *transposed convolution*.
#
# ## 5 · Which size? `output_padding`
#
# A convolution's size formula rounds down, so with stride 2 *two* sizes shrink to the same one (with stride s, s of
# them):

# %%
sizes = torch.arange(3, 13)
halves = [convolution.conv_output_size(int(size), 3, stride=2, padding=1) for size in sizes]
numbers(
    torch.stack([sizes, torch.tensor(halves)]),
    caption="Above: input size. Below: output size for k = 3, stride 2, padding 1.",
)

# %%
both = [convolution.conv_matrix_1d(taps, size, stride=2, padding=1) for size in (5, 6)]
numbers(
    *both,
    texts=[letters(entries) for entries in both],
    titles=["5 → 3", "6 → 3"],
    caption="Transposed, 3 numbers become 5 or 6: output_padding=1 asks for the last one.",
)

# %% [markdown]
# Going up, you must say which of the two you mean. That is `output_padding`: not zeros glued on, but a piece of the
# result that is *not cut off*.
#
# $$\text{size up} = (\text{size} - 1)\,\text{stride} - 2\,\text{padding} + k + \text{output_padding}$$
#
# (With dilation, $r$ takes the place of $k$.) And `padding` now means the opposite: it **cuts** pixels off each end,
# the ones that the convolution had added.
#
# ## 6 · Four ways to the same numbers
#
# **One: scatter and add.** Every input pixel stamps its multiple of the kernel onto a canvas, `stride` pixels after the
# previous stamp. Then the border is cut. No matrix is needed:
#
# $$\text{canvas}[\,y\,s + i,\; x\,s + j\,] \mathrel{+}= v[y, x] \cdot k[i, j]$$

# %%
v = torch.tensor([[1.0, 10], [100, 1000]])
kernel = torch.arange(1.0, 10).reshape(3, 3)
stamps = torch.zeros(4, 5, 5)
for n, (y, x) in enumerate(product((0, 1), (0, 1))):
    stamps[n, 2 * y : 2 * y + 3, 2 * x : 2 * x + 3] = v[y, x] * kernel
numbers(
    *(1 + stamps).log10(),
    texts=stamps,
    titles=["1 stamps", "10 stamps", "100 stamps", "1000 stamps"],
    caption="A 2×2 input, stride 2, taps 1 to 9: four stamps, waiting to be added.",
)

# %% [markdown]
# With channels each input channel has a kernel for each output channel, so the weight is `(c, o, kh, kw)`: *input
# first*, the reverse of a convolution's. It is the same weight: the convolution's output is our input.


# %% exercise="transposed_by_scatter" difficulty=2 minutes=20 forbid="F.conv_transpose2d nn.ConvTranspose2d torch.conv_transpose2d F.conv2d F.fold nn.Fold torch.nn.grad torch.autograd torch.func course.ops convolution"
def transposed_by_scatter(x, weight, stride=1, padding=0, output_padding=0):
    """Transposed convolution: every pixel stamps its multiple of the kernel onto the output.

    Args:
        x: (n, c, h, w) float.
        weight: (c, o, kh, kw) float.
        stride: output pixels from one stamp to the next.
        padding: pixels cut from each side of the canvas.
        output_padding: how many pixels fewer are cut at the bottom and on the right.

    Returns:
        (n, o, (h - 1) · stride - 2 · padding + kh + output_padding, the same for w).
    """
    # BEGIN SOLUTION
    (n, _, h, w), (_, o, kh, kw) = x.shape, weight.shape
    bottom = (h - 1) * stride + kh + output_padding
    right = (w - 1) * stride + kw + output_padding
    canvas = x.new_zeros(n, o, bottom, right)
    for i, j in product(range(h), range(w)):
        stamp = torch.einsum("nc, cokl -> nokl", x[:, :, i, j], weight)
        canvas[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw] += stamp
    return canvas[:, :, padding : bottom - padding, padding : right - padding]
    # END SOLUTION


# %% [markdown] hint="transposed_by_scatter"
# How large is the canvas that holds all the stamps, before anything is cut? Where does the stamp of pixel (i, j) begin?

# %% [markdown] hint="transposed_by_scatter"
# Canvas: `(h - 1) * stride + kh + output_padding` high. The stamps of all pictures at once:
# `torch.einsum("nc, cokl -> nokl", x[:, :, i, j], weight)`; add it (`+=`) at rows `i * stride` to `i * stride + kh`. At
# the end cut `padding` from all four sides.

# %% check="transposed_by_scatter" points=11
v = torch.tensor([[[[1.0, 10], [100, 1000]]]])
k = torch.tensor([[[[1.0, 2], [3, 4]]]])
apart = transposed_by_scatter(v, k, stride=2)
assert apart[0, 0, 0].tolist() == [1, 2, 10, 20], "2×2 stamps every 2 pixels lie side by side."
close = transposed_by_scatter(v, k)
assert close[0, 0, 1, 1] == 1234, (
    "All four stamps meet in the middle: 4·1 + 3·10 + 2·100 + 1·1000."
)
assert close[0, 0].tolist() == [[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]], (
    "Where stamps overlap they add up."
)
assert transposed_by_scatter(v, k, padding=1).tolist() == [[[[1234]]]], (
    "Padding 1 cuts the border off."
)
longer = transposed_by_scatter(v, k, stride=2, padding=1, output_padding=1)
assert longer.shape == (1, 1, 3, 3), "(2 - 1)·2 - 2·1 + 2 + 1 = 3"
assert longer[0, 0, 0].tolist() == [4, 30, 40], (
    "Cut 1 pixel at the top and left, and none at the far ends."
)
two = transposed_by_scatter(
    torch.ones(1, 2, 1, 1), torch.tensor([[[[1.0]], [[2]]], [[[10]], [[20]]]])
)
assert two.flatten().tolist() == [11, 22], (
    "Output channel 0 is 1 + 10, channel 1 is 2 + 20: weight is (in, out, kh, kw)."
)

# %% [markdown]
# **Two: the matrix.** Take $C$ of the convolution from 5×5 to 2×2, with the same kernel. Its *columns* are what each of
# the 25 outputs collects.

# %%
C = conv_matrix_2d(torch.arange(1.0, 10).reshape(3, 3), (5, 5), stride=2)
matrix(
    C,
    block=(2, 5),
    rows="conv output",
    columns="conv input = transposed output",
    caption="C from 5×5 to 2×2. Column 12, the middle pixel, holds 9, 7, 3, 1: four stamps.",
)

# %%
nine = torch.arange(1.0, 10).reshape(3, 3)
C, ones = (conv_matrix_2d(k, (5, 5), stride=2) for k in (nine, torch.ones(3, 3)))
numbers(
    ones.sum(0).reshape(5, 5),
    texts=[(C.T @ torch.tensor([1.0, 10, 100, 1000])).reshape(5, 5)],
    titles=["Cᵀ · (1, 10, 100, 1000)"],
    caption="The stamps added up. Darker: more stamps.",
)

# %% [markdown]
# **Three: zeros and a filter**, as in Lab 2. Put `stride - 1` zeros between the pixels, pad by $k - 1$ zeros all around, and
# slide the **flipped** kernel with stride 1.
#
# *Why flipped?* A stamp puts its *last* tap to the far right of its pixel. Seen from that output, the pixel lies to the
# *left*, at the window's first position.

# %%
spread = torch.zeros(7, 7)
spread[2:5:2, 2:5:2] = torch.tensor([[1.0, 10], [100, 1000]])
flipped = torch.arange(1.0, 10).reshape(3, 3).flip(0, 1)
result = F.conv2d(spread[None, None], flipped[None, None])[0, 0]
grids = (spread, flipped, result)
numbers(
    *[(1 + grid).log10() for grid in grids],
    texts=grids,
    titles=["zeros between and around", "flipped kernel", "convolved"],
    caption="In the middle the kernel's corners meet: 9·1 + 7·10 + 3·100 + 1·1000 = 1379.",
)

# %% [markdown]
# Now it is your turn. A padding of p *cuts* p pixels from each side, so pad by $k - 1 - p$ instead of $k - 1$. Output
# padding adds zeros at the bottom and on the right only.


# %% exercise="transposed_by_zero_insertion" difficulty=2 minutes=18 forbid="F.conv_transpose2d nn.ConvTranspose2d torch.conv_transpose2d F.fold nn.Fold torch.nn.grad torch.autograd torch.func course.ops convolution transposed_by_scatter"
def transposed_by_zero_insertion(x, weight, stride=1, padding=0, output_padding=0):
    """Transposed convolution: zeros between the pixels, then the flipped kernel slides.

    Args:
        x: (n, c, h, w) float.
        weight: (c, o, kh, kw) float.
        stride: output pixels from one input pixel to the next: stride - 1 zeros between.
        padding: at most kh - 1 and kw - 1; pixels cut from each side.
        output_padding: extra zeros at the bottom and on the right.

    Returns:
        (n, o, (h - 1) · stride - 2 · padding + kh + output_padding, the same for w).
    """
    # BEGIN SOLUTION
    (n, c, h, w), (kh, kw) = x.shape, weight.shape[2:]
    spread = x.new_zeros(n, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    top, left = kh - 1 - padding, kw - 1 - padding
    padded = F.pad(spread, (left, left + output_padding, top, top + output_padding))
    return F.conv2d(padded, weight.flip(2, 3).transpose(0, 1))
    # END SOLUTION


# %% [markdown] hint="transposed_by_zero_insertion"
# `F.conv2d` wants its weight as (output, input, kh, kw), and yours is (input, output, kh, kw). What else must be done
# to it?

# %% [markdown] hint="transposed_by_zero_insertion"
# `spread[:, :, ::stride, ::stride] = x` on a canvas of `(h - 1) * stride + 1`; `F.pad(spread, (left, right, top, bottom))` with
# `kh - 1 - padding` at the top and `output_padding` more at the bottom; then `weight.flip(2, 3).transpose(0, 1)`.

# %% check="transposed_by_zero_insertion" points=10
v = torch.tensor([[[[1.0, 10, 100]]]])
k = torch.tensor([[[[2.0, 3, 5]]]])
row = transposed_by_zero_insertion(v, k, stride=2)
assert row.flatten().tolist() == [2, 3, 25, 30, 250, 300, 500], (
    "ax, ay, az+bx, by, bz+cx, cy, cz"
)
v = torch.tensor([[[[1.0, 10], [100, 1000]]]])
k = torch.tensor([[[[1.0, 2], [3, 4]]]])
got = transposed_by_zero_insertion(v, k)
assert got[0, 0].tolist() == [[1, 12, 20], [103, 1234, 2040], [300, 3400, 4000]], (
    "The same numbers as by scattering."
)
assert transposed_by_zero_insertion(v, k, padding=1).item() == 1234, (
    "Padding 1 leaves the middle."
)
longer = transposed_by_zero_insertion(v, k, stride=2, output_padding=1)
assert longer[0, 0, 0].tolist() == [1, 2, 10, 20, 0], (
    "Output padding 1 adds a last column; no stamp reaches it here."
)
two = transposed_by_zero_insertion(
    torch.ones(1, 2, 1, 1), torch.tensor([[[[1.0]], [[2]]], [[[10]], [[20]]]])
)
assert two.flatten().tolist() == [11, 22], "Output channel 0 is 1 + 10, channel 1 is 2 + 20."

# %% [markdown]
# **Four: backpropagation.** The gradient of $g \cdot (C x)$ with respect to $x$ is $C^\top g$. So the *backward* pass
# of a convolution **is** a transposed convolution. Autograd calls this the vector-Jacobian product; the picture at
# which it is taken does not matter, because $C$ is linear.


# %%
def convolve(image):
    return F.conv2d(image, torch.arange(1.0, 10).reshape(1, 1, 3, 3), stride=2)


small = torch.tensor([[1.0, 10], [100, 1000]])
_, back_propagate = torch.func.vjp(convolve, torch.zeros(1, 1, 5, 5))
gradient = back_propagate(small[None, None])[0][0, 0]
numbers(
    (1 + small).log10(),
    (1 + gradient).log10(),
    texts=[small, gradient],
    titles=["what comes back", "gradient at the convolution's input"],
    caption="The same 25 numbers, from autograd, with no transposed convolution in sight.",
)

# %% [markdown]
# Now all four on a real photograph with random weights: how far are they from PyTorch's own?

# %%
x = photo("coffee", size=(24, 36))[None]
weight = torch.randn(3, 2, 3, 3, generator=torch.Generator().manual_seed(0))
settings = {"stride": 2, "padding": 1, "output_padding": 1}
reference = F.conv_transpose2d(x, weight, **settings)
ways = {"scatter (yours)": transposed_by_scatter, "zeros (yours)": transposed_by_zero_insertion}
ways |= {
    "matrix": convolution.transposed_by_matrix,
    "gradient": convolution.transposed_by_gradient,
}
for name, way in ways.items():
    gap = (way(x, weight, **settings) - reference).abs().max()
    print(f"{name:16s} largest difference {gap:.1e}")

# %% [markdown]
# ## 7 · Count the terms
#
# Back to the riddle. How many stamps cover each output pixel? Stamps are k wide and start every s pixels. If s does not
# divide k, some pixels get more stamps than their neighbors.
#
# $$n[u] = \#\{\, i : \; 0 \le u - i\,s < k \,\}$$


# %% exercise="overlap_counts" difficulty=1 minutes=10 forbid="F.conv_transpose1d F.conv_transpose2d nn.ConvTranspose1d nn.ConvTranspose2d torch.conv_transpose1d F.fold nn.Fold course.ops convolution transposed_by_scatter transposed_by_zero_insertion"
def overlap_counts(size, kernel_size, stride, padding=0):
    """How many terms each output of a 1-D transposed convolution is a sum of.

    Args:
        size: number of inputs, at least 1.
        kernel_size: taps of the kernel.
        stride: outputs from one stamp to the next.
        padding: outputs cut from each end.

    Returns:
        ((size - 1) · stride + kernel_size - 2 · padding,) int64.
    """
    # BEGIN SOLUTION
    length = (size - 1) * stride + kernel_size
    counts = torch.zeros(length, dtype=torch.int64)
    for i in range(size):
        counts[i * stride : i * stride + kernel_size] += 1
    return counts[padding : length - padding]
    # END SOLUTION


# %% [markdown] hint="overlap_counts"
# It is a transposed convolution in which every input and every tap is 1. What does a stamp look like then?

# %% [markdown] hint="overlap_counts"
# Zeros of length `(size - 1) * stride + kernel_size`, int64; for each i add 1 to `counts[i * stride : i * stride + kernel_size]`;
# cut `padding` from both ends.

# %% check="overlap_counts" points=6
got = overlap_counts(4, 3, 2)
assert got.tolist() == [1, 1, 2, 1, 2, 1, 2, 1, 1], (
    "k = 3, s = 2: one and two terms, alternating."
)
assert got.dtype == torch.int64, "Counts are whole numbers: dtype int64."
assert overlap_counts(4, 4, 2).tolist() == [1, 1, 2, 2, 2, 2, 2, 2, 1, 1], (
    "k = 4, s = 2: two terms everywhere except at the ends."
)
assert overlap_counts(4, 3, 2, padding=1).tolist() == [1, 2, 1, 2, 1, 2, 1], (
    "Padding 1 cuts one count from each end."
)
assert overlap_counts(3, 1, 2).tolist() == [1, 0, 1, 0, 1], (
    "A kernel shorter than the stride leaves pixels without a term."
)

# %% [markdown] predict="two-dimensions"
# In 1-D, k = 3 with s = 2 gives counts 1, 2, 1, 2, … What do the counts of the same layer look like in 2-D?
# - [ ] stripes of 1 and 2 :: That is one axis. The other axis has stripes too.
# - [ ] a chessboard of 1 and 2 :: Close, but where two stripes of 2 cross there are 2·2 stamps.
# - [x] a grid of 1, 2 and 4 :: A stamp covers (u, v) if it covers u on one axis and v on the other: the counts multiply.

# %%
odd, even = overlap_counts(4, 3, 2), overlap_counts(4, 4, 2)
numbers(
    torch.outer(odd, odd),
    torch.outer(even, even),
    titles=["k = 3, s = 2: uneven", "k = 4, s = 2: even"],
    caption="Stamps on each output. Left: neighbors get 1, 2 or 4. Right: all inner ones get 4.",
)

# %% [markdown]
# **The riddle, solved.** With all taps equal, brightness is proportional to the count: the grid on the face *was* this
# table. The tent's taps happen to compensate for it: at every pixel they add up to 1.
#
# Drag the sliders. Which pairs of kernel size and stride give even counts? When do pixels get nothing at all?

# %%
transposed_explorer()

# %% [markdown]
# ## 8 · Even counts are not enough
#
# Apply three ways of doubling a signal to $(a, b, c)$, with the same kernel $(x, y, z)$: a transposed convolution, or
# resizing first (nearest or bilinear) and then an ordinary convolution.


# %%
def sums(kind, times):
    """The 6×3 matrix of one way to double three numbers, as texts such as "x+3y"."""
    parts = [
        times * convolution.resize_convolution_matrix(tap, 3, 2, kind) for tap in torch.eye(3)
    ]

    def text(row, column):
        found = [(int(p[row, column]), letter) for p, letter in zip(parts, "xyz", strict=True)]
        return "+".join(f"{n if n > 1 else ''}{letter}" for n, letter in found if n) or "0"

    return [[text(row, column) for column in range(3)] for row in range(6)]


# %%
kinds = ("transposed", "nearest", "bilinear")
numbers(
    *[convolution.resize_convolution_matrix(torch.ones(3), 3, 2, kind) for kind in kinds],
    texts=[sums(kind, 4 if kind == "bilinear" else 1) for kind in kinds],
    titles=["transposed, s = 2", "nearest, convolve", "4 × (bilinear, convolve)"],
    caption="Six outputs (rows) of a, b, c (columns). Darker: a larger weight if all taps are 1.",
)

# %% [markdown]
# **What to notice.** Give all three a *flat* signal, $a = b = c$. On the left, even outputs are $a\,y$ and odd ones
# $a\,(x + z)$: equal only by luck, or by training. In the others every inner row adds up to $x + y + z$. Flat in, flat out.
#
# Here are these row sums for the taps 0.3, 0.4 and 0.6:

# %%
tap = torch.tensor([0.3, 0.4, 0.6])
stems(
    {k: convolution.resize_convolution_matrix(tap, 8, 2, k).sum(1) for k in kinds},
    caption="8 ones, doubled. Left: 0.4 and 0.9, alternating. The others: 1.3, except at the ends.",
)

# %% [markdown]
# Now in pictures. How strong is a checkerboard? Sort the pixels into $2 \times 2$ phases by (even or odd row, even or
# odd column). In a natural picture all four means are nearly equal. So measure
#
# $$\text{checkerboard} = \frac{\text{std of the four phase means}}{\text{std of all pixels}} \in [0, 1]$$


# %%
def checkerboard(picture):
    """How much of a picture's spread (…, h, w) is a pattern of period 2: 0 none, 1 all."""
    phases = torch.stack(
        [picture[..., i::2, j::2].mean((-2, -1)) for i in (0, 1) for j in (0, 1)]
    )
    return (phases.std(0, correction=0) / picture.std((-2, -1), correction=0)).mean().item()


# %%
chess = (torch.arange(64)[:, None] + torch.arange(64)) % 2 * 1.0
named = {"a chessboard": chess, "a photograph": photo("astronaut", size=(64, 64))}
named |= {f"the riddle's picture {n}": p[..., :78, :78] for n, p in enumerate(enlarged, 1)}
bars(
    {name: checkerboard(picture) for name, picture in named.items()},
    xlabel="checkerboard",
    caption="The measure, tested: 1 for a chessboard, nearly 0 for pictures without a grid.",
)

# %% [markdown]
# A small autoencoder shrinks a photograph by 8 and reconstructs it. We compare four decoders with three doublings each
# and the same number of channels; only *how* they double differs.


# %%
class Double(nn.Module):
    """Twice the size: a transposed convolution (k = 3 or 4), or a resize and a convolution."""

    def __init__(self, way, in_channels, out_channels):
        super().__init__()
        self.way, self.layer = way, nn.Conv2d(in_channels, out_channels, 3, padding=1)
        stamped = {"k = 3, s = 2": (3, 2, 1, 1), "k = 4, s = 2": (4, 2, 1, 0)}
        if way in stamped:
            self.layer = nn.ConvTranspose2d(in_channels, out_channels, *stamped[way])

    def forward(self, x):
        resized = self.way in ("nearest", "bilinear")
        return self.layer(F.interpolate(x, scale_factor=2, mode=self.way) if resized else x)


# %%
def auto_encoder(way, width=24):
    torch.manual_seed(2)
    halve = [nn.Conv2d(c, width, 4, stride=2, padding=1) for c in (3, width, width)]
    double = [Double(way, width, c) for c in (width, width, 3)]
    steps = [part for layer in [*halve, *double] for part in (layer, nn.ReLU())]
    return nn.Sequential(*steps[:-1])


# %%
ways = ("k = 3, s = 2", "k = 4, s = 2", "nearest", "bilinear")
test = photo("astronaut", size=(128, 128))[None]
models = {way: auto_encoder(way) for way in ways}
with torch.no_grad():
    drawn = {way: model(test)[0] for way, model in models.items()}

# %% [markdown] predict="untrained"
# Nothing is trained yet, all weights are random. Which of the four decoders produce a checkerboard?
# - [ ] only k = 3, s = 2 :: The counts of k = 4 are even, but the *weights* at neighboring pixels still differ: even
#   pixels meet taps 1 and 3, odd ones taps 0 and 2.
# - [x] both transposed convolutions :: Neighbors are made of different weights. Even counts only remove the part that
#   would remain if all weights were equal.
# - [ ] all four :: After a resize every output pixel meets the whole kernel: flat in, flat out.


# %%
def stretch(picture):
    """Rescaled to the range 0 to 1, each channel by itself."""
    low, high = picture.amin((-2, -1), keepdim=True), picture.amax((-2, -1), keepdim=True)
    return (picture - low) / (high - low)


def log_spectrum(picture):
    """How strong each frequency is, over four decades; dots drawn 3 wide."""
    grey = picture.mean(0) - picture.mean()
    power = torch.fft.fftshift(torch.fft.fft2(grey).abs())
    return F.max_pool2d((power / power.max()).clamp(min=1e-4).log10()[None] / 4 + 1, 3, 1, 1)[0]


# %%
details = [stretch(picture[:, 16:80, 32:96]) for picture in drawn.values()]
show(
    *details,
    *[log_spectrum(picture[:, 16:80, 32:96]) for picture in drawn.values()],
    titles=[*drawn, *["its spectrum"] * 4],
    columns=4,
    caption="A detail from untrained decoders. Dots away from the center: repeating grids.",
)

# %%
bars(
    {way: checkerboard(picture) for way, picture in drawn.items()},
    xlabel="checkerboard",
    caption="Random weights: how much of each picture is a pattern of period 2.",
)

# %% [markdown]
# Does training remove it? Each model is trained on the same patches of ten other photographs, for 300 steps.


# %%
names = "chelsea coffee rocket motorcycle grass brick gravel camera tissue retina"
album = torch.stack([photo(name, size=(128, 128)) for name in names.split()])


def train(model, steps=300):
    rng = torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(steps):
        which, top, left = (torch.randint(0, n, (16,), generator=rng) for n in (10, 81, 81))
        corners = zip(which, top, left, strict=True)
        patches = torch.stack([album[i, :, y : y + 48, x : x + 48] for i, y, x in corners])
        optimizer.zero_grad()
        F.mse_loss(model(patches), patches).backward()
        optimizer.step()


# %%
for model in models.values():
    train(model)
with torch.no_grad():
    trained = {way: model(test)[0] for way, model in models.items()}
show(
    test[0],
    *trained.values(),
    titles=["photograph", *trained],
    columns=5,
    caption="Shrunk by 8 and reconstructed, by four decoders that have never seen her.",
)

# %%
grey = torch.full((1, 3, 128, 128), 0.5)
with torch.no_grad():
    plain = {way: model(grey)[0, :, 32:-32, 32:-32] for way, model in models.items()}
loud = [0.5 + 10 * (p - p.mean((-2, -1), keepdim=True)) for p in plain.values()]
show(
    *[picture[:, 16:80, 32:96] for picture in trained.values()],
    *loud,
    titles=[*trained, *["flat grey, × 10"] * 4],
    columns=4,
    caption="Above: a detail. Below: what each makes of a flat grey picture, contrast times 10.",
)

# %%
spread = {way: 255 * p.std((-2, -1), correction=0).mean().item() for way, p in plain.items()}
bars(
    {way: round(value, 3) for way, value in spread.items()},
    xlabel="standard deviation of a flat picture, in grey levels of 255",
    caption="A flat picture should stay flat. Trained transposed convolutions add a grid to it.",
)

# %% [markdown]
# **What to notice.** Training reduces the grid but does not quite remove it, not even where counts are even. After a
# resize every inner pixel is the *same* sum, so nothing is left, whatever the weights are. (Bilinear resizing also
# blurs.)
#
# ## 9 · Pixel shuffle
#
# A third way: stay small, let the convolution make $f^2$ times as many channels, and at the end rearrange those
# channels into blocks of $f \times f$ pixels. Nothing is added or lost; numbers only move:
#
# $$\text{out}[c,\; f\,y + a,\; f\,x + b] = \text{in}[\,c\,f^2 + a\,f + b,\; y,\; x\,], \qquad 0 \le a, b < f$$


# %% exercise="pixel_shuffle" difficulty=2 minutes=12 forbid="F.pixel_shuffle torch.pixel_shuffle nn.PixelShuffle F.fold nn.Fold F.conv_transpose2d torch.conv_transpose2d course.ops depth_to_space"
def pixel_shuffle(x, factor):
    """Rearrange every factor² channels into blocks of factor × factor pixels (depth to space).

    Args:
        x: (n, c · factor², h, w), any dtype.
        factor: output pixels per input pixel and axis, at least 1.

    Returns:
        (n, c, factor · h, factor · w), same dtype.
    """
    # BEGIN SOLUTION
    n, channels, h, w = x.shape
    c = channels // factor**2
    blocks = x.reshape(n, c, factor, factor, h, w)  # n, c, a, b, y, x
    return blocks.permute(0, 1, 4, 2, 5, 3).reshape(n, c, factor * h, factor * w)
    # END SOLUTION


# %% [markdown] hint="pixel_shuffle"
# Split the channel axis into three: c, a, b. Of the six axes, which must come next to y, and which next to x, before
# you merge them?

# %% [markdown] hint="pixel_shuffle"
# `x.reshape(n, c, factor, factor, h, w)` has the axes (n, c, a, b, y, x). Permute them to (n, c, y, a, x, b), then reshape
# to `(n, c, factor * h, factor * w)`. Or loop over a and b, and write `out[:, :, a::factor, b::factor]`.

# %% check="pixel_shuffle" points=8
x = torch.tensor([[[[1, 2]], [[10, 20]], [[100, 200]], [[1000, 2000]]]])
got = pixel_shuffle(x, 2)
assert got.shape == (1, 1, 2, 4), "4 channels of 1×2 pixels become 1 channel of 2×4."
assert got[0, 0].tolist() == [[1, 10, 2, 20], [100, 1000, 200, 2000]], (
    "Each block holds the 4 channels of one pixel."
)
assert got.dtype == torch.int64, "Nothing is computed: the dtype stays."
x = torch.arange(8.0).reshape(1, 8, 1, 1)
want = [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]
assert pixel_shuffle(x, 2)[0].tolist() == want, (
    "The first 4 channels make output channel 0, the next 4 channel 1."
)
assert torch.equal(pixel_shuffle(x, 1), x), "Factor 1 changes nothing."

# %%
four = torch.arange(1.0, 5)[:, None, None] * 10 + torch.arange(1.0, 5).reshape(2, 2)
numbers(
    *four,
    pixel_shuffle(four[None], 2)[0, 0],
    titles=["channel 0", "channel 1", "channel 2", "channel 3", "shuffled"],
    caption="Four channels interleave into one: the first pixels make the first block.",
)

# %% [markdown]
# Convolution + shuffle ("sub-pixel convolution") looks new, but is an old acquaintance: its $f^2$ small kernels,
# **interleaved**, are *one* large kernel, and the layer is a transposed convolution of stride f. (Flipped, as in way
# three: a stamp reaches later outputs with its later taps.) Below, tap t of phase p is written pt.

# %%
tens, ones = torch.arange(1.0, 5)[:, None, None, None] * 10, torch.arange(1.0, 10)
phases = tens + ones.reshape(1, 1, 3, 3)
large = subpixel_to_transposed(phases, 2)
numbers(
    *phases[:, 0],
    large[0, 0],
    titles=[f"phase {n}" for n in range(1, 5)] + ["k = 6, s = 2"],
    caption="Four 3×3 kernels, one for each phase, flipped and interleaved: one 6×6 kernel.",
)

# %%
x = photo("cat", size=(30, 40))[None, :1]
one = pixel_shuffle(F.conv2d(x, phases, padding=1), 2)
other = F.conv_transpose2d(x, large, stride=2, padding=2)
gap = (one - other).abs().max() / one.max()
print(
    f"shuffle against transposed, on a photograph: they differ by at most {gap:.1e} of the maximum"
)

# %% [markdown]
# Its k = 6 is a multiple of s = 2, so the counts are even. But the four phases start with four different random
# kernels. **ICNR** starts them all equal: then the layer begins as *convolve, then nearest*, and only training makes
# the phases differ.

# %% [markdown] predict="icnr"
# A random 3×3 convolution to 12 channels and a shuffle double a photograph. With ICNR, the checkerboard at the start is
# - [ ] about half as strong :: All four phases are the same convolution. What could still differ between neighbors?
# - [x] gone :: The four pixels of a block are equal: no difference between phases is left at all.
# - [ ] just as strong :: That is the case without ICNR, where each phase has random weights of its own.


# %%
def first_output(initialize, picture):
    torch.manual_seed(0)
    layer = nn.Conv2d(3, 12, 3, padding=1, bias=False)
    initialize(layer.weight)
    with torch.no_grad():
        return pixel_shuffle(layer(picture[None]), 2)[0, :, 2:-2, 2:-2]


# %%
cup = photo("coffee", size=(96, 128))
random = first_output(nn.init.kaiming_normal_, cup)
alike = first_output(lambda weight: icnr_(weight, 2), cup)
marks = [f"{checkerboard(picture):.3f}" for picture in (random, alike)]
show(
    cup,
    stretch(random),
    stretch(alike),
    titles=["96 × 128", f"random: {marks[0]}", f"ICNR: {marks[1]}"],
    caption="Sub-pixel convolution before any training, with its checkerboard measure.",
)

# %% [markdown]
# A transposed convolution can start well too: with the kernel of **bilinear** upsampling, as FCN does in Lab 5. In 1-D
# the taps are a triangle; in 2-D they are products of two. At every output pixel the taps add up to 1.

# %%
weight = convolution.bilinear_weight(1, 2)
ones = F.conv_transpose2d(torch.ones(1, 1, 3, 3), weight, stride=2, padding=1)[0, 0]
numbers(
    16 * weight[0, 0],
    16 * ones,
    titles=["16 × kernel, k = 4, s = 2", "16 × what it makes of ones"],
    caption="The triangle (1, 3, 3, 1) / 4 times itself. Flat stays flat, except at the border.",
)

# %%
x = photo("cat", size=(60, 80))[:, None]
start = F.conv_transpose2d(x, convolution.bilinear_weight(1, 2), stride=2, padding=1)
gap = (start - F.interpolate(x, scale_factor=2, mode="bilinear")).abs()
show(
    x[:, 0],
    start[:, 0],
    gap[:, 0] / gap.max(),
    titles=["60 × 80", "transposed", f"difference; inside {gap[..., 1:-1, 1:-1].max():.0e}"],
    caption="With this start it interpolates, except at the outermost pixels (a thin frame).",
)

# %% [markdown]
# ## What you know now
#
# 1. A convolution is a banded matrix; the transposed convolution multiplies by its transpose. It restores the size, not
#    the picture.
# 2. Stamping, the matrix, zero insertion with the flipped kernel, and backpropagation give the same numbers.
# 3. Where the stride does not divide the kernel, pixels get unequal numbers of terms; even where it does, neighbors
#    meet different weights. Resize first, or start all phases equal.
#
# **Next question.** None of these layers is told *where* things were before the picture shrank. What is the cheapest
# note that an encoder could leave? Lab 4.
#
# Last, your functions against the library's:

# %%
x, weight, knobs = torch.rand(2, 8, 5, 7), torch.rand(8, 3, 4, 3), {"stride": 2, "padding": 1}
library_scatter = convolution.transposed_by_scatter(x, weight, **knobs, output_padding=1)
for mine, library in (
    (conv_matrix_1d(tap, 9, **knobs), convolution.conv_matrix_1d(tap, 9, **knobs)),
    (conv_matrix_2d(weight[0, 0], (6, 5)), convolution.conv_matrix_2d(weight[:1, :1], (6, 5))),
    (transposed_by_scatter(x, weight, **knobs, output_padding=1), library_scatter),
    (transposed_by_zero_insertion(x, weight, **knobs, output_padding=1), library_scatter),
    (overlap_counts(6, 5, 3, 1), convolution.overlap_counts(6, 5, 3, 1)),
    (pixel_shuffle(x, 2), depth_to_space(x, 2)),
):
    assert torch.allclose(mine, library, atol=1e-5), "yours and the library's differ"
print("Your six functions agree with the library's.")

# %% [markdown]
# **Papers.** Dumoulin & Visin, *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285 · Odena, Dumoulin &
# Olah, *Deconvolution and checkerboard artifacts*, Distill 2016, doi:10.23915/distill.00003 · Shi et al., *sub-pixel
# convolution*, arXiv:1609.05158, and *Is the deconvolution layer the same as a convolutional layer?*, arXiv:1609.07009 ·
# Aitken et al., *ICNR*, arXiv:1707.02937 · Long, Shelhamer & Darrell, *FCN* (bilinear start), arXiv:1411.4038.
