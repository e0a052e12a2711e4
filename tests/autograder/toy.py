"""A small master for tests, with one of everything."""

from pathlib import Path

from autograder.authoring.master import Lab

MASTER = '''# %% [markdown]
# # Lab 7 · A toy
#
# The question.

# %%
import math

# %% progress=true
Progress()

# %% [markdown] predict="sum"
# What is 1 + 1,
#   in whole numbers?
# - [ ] 1 :: Too few.
# - [x] 2 :: It is,
#   as ever.

# %% exercise="twice" difficulty=1 minutes=5 forbid="math.prod course.ops .sum"
def twice(x):
    """Double a number."""
    # BEGIN SOLUTION
    y = 2 * x
    return y
    # END SOLUTION


# %% [markdown] hint="twice"
# Is 2 < 3?

# %% [markdown] hint="twice"
# `2 * x`

# %% check="twice" points=2
assert twice(3) == 6, "Twice 3 is 6."

# %% setup=true
shift = 10


# %% exercise="Box" difficulty=3 minutes=20
class Box:
    """A box."""

    def __init__(self, size):
        # BEGIN SOLUTION
        self.size = size + shift
        # END SOLUTION

    def grow(self):
        # BEGIN SOLUTION
        self.size += 1
        # END SOLUTION


# %% check="Box" points=3
assert Box(1).size == 11, "Size and shift."

# %%
print(twice(4))

# %% [markdown] question="why"
# Why twice,
# and not thrice?
# :: Because of arXiv:1603.07285.

# %% [markdown] question="when"
# When?
# :: Now.

# %% [markdown] open_task=true
# Try thrice.

# %% [markdown] papers=true
# Dumoulin, *A guide*, arXiv:1603.07285 · [one](https://arxiv.org/abs/1505.04597), arXiv:1505.04597.
'''


def toy(folder: Path, *edits: tuple[str, str]) -> Lab:
    """The toy lab below `folder`, with each (old, new) replaced in its master."""
    text = MASTER
    for old, new in edits:
        assert old in text, f"the toy has no text {old!r}"
        text = text.replace(old, new)
    path = folder / "solutions" / "lab07_toy" / "lab07_toy.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Lab(path)
