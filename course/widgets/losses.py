"""Lab 6: how much one pixel pulls at the network, and which pixels of a street do the pulling."""

from functools import cache

import torch
import torch.nn.functional as F

from course.data.palettes import SCENES
from course.data.scenes import scene
from course.losses import cross_entropy, focal_loss, ohem
from course.viz.grids import LIGHT_TO_BLUE
from course.viz.style import COLOURS, DASHES, DIM, WIDEST, WRONG, Drawing, house_style, quiet
from course.widgets.explorer import Explorer, choice, slider

KINDS = {"focal": "focal", "weight of thin classes": "weight", "hard examples": "hard"}
THIN = (SCENES.names.index("person"), SCENES.names.index("sign"))
_LOGITS = torch.linspace(-6, 6, 97, dtype=torch.float64)


def _meaning(kind, strength):
    """The number that a strength of 0 to 10 stands for; at 0 each kind is plain cross-entropy."""
    return {"focal": strength / 2, "weight": 1.0 + 2 * strength, "hard": 1 - strength / 11}[kind]


def _one_pixel(kind, number):
    """Loss of a lone pixel of a thin class and its slope, over the logit of its class; the other class has logit 0."""
    x = _LOGITS.clone().requires_grad_()
    losses = F.softplus(-x)  # -log p
    if kind == "focal":
        losses = (1 - x.sigmoid()) ** number * losses
    elif kind == "weight":
        losses = number * losses
    else:
        losses = torch.where(x.sigmoid() < number, losses, 0)
    return losses.detach(), torch.autograd.grad(losses.sum(), x)[0]


@cache
def _street():
    """A street, its classes, and the scores of an imagined network: sure inside large things, unsure at borders."""
    drawn = scene(157, size=(96, 128))
    known = drawn.semantic != 255
    one_hot = F.one_hot(drawn.semantic.where(known, 0), len(SCENES)).movedim(2, 0) * known
    shares = F.avg_pool2d(one_hot[None].float(), 9, stride=1, padding=4, count_include_pad=False)
    return drawn.image, drawn.semantic[None], 2 * (shares + 0.02).log()


def _pull(kind, number):
    """|gradient| at the logit of each pixel's own class, as a share of the picture's: (h, w); and p of that class."""
    _, target, logits = _street()
    logits = logits.clone().requires_grad_()
    if kind == "focal":
        loss = focal_loss(logits, target, gamma=number)
    elif kind == "weight":
        weights = torch.ones(len(SCENES)).index_fill(0, torch.tensor(THIN), number)
        loss = cross_entropy(logits, target, class_weights=weights)
    else:
        loss = ohem(logits, target, threshold=number, min_kept=1)
    own = torch.where(target == 255, 0, target)[:, None]
    pull = torch.autograd.grad(loss, logits)[0].gather(1, own)[0, 0].abs()
    return pull / pull.sum(), logits.detach().softmax(1).gather(1, own)[0, 0]


def _draw_lines(figure, places, kind, number, logit):
    """Two panels: the loss and the size of its slope, cross-entropy for comparison, the chosen logit marked."""
    here = int((_LOGITS - logit).abs().argmin())
    ours, plain = _one_pixel(kind, number), _one_pixel("weight", 1.0)
    for place, title, mine, cross in zip(places, ("loss", "size of its gradient"), ours, plain, strict=True):
        axes = figure.add_axes(place)
        axes.plot(_LOGITS, cross.abs(), color=DIM, linestyle=DASHES[1], linewidth=1.6)
        axes.plot(_LOGITS, mine.abs(), color=COLOURS[0])
        axes.plot([logit], [float(mine[here].abs())], "o", color=WRONG, markersize=9, clip_on=False, zorder=5)
        axes.set(xlabel="logit of its class", ylim=(0, None), xlim=(-6, 6), xticks=range(-6, 7, 3))
        axes.set_title(title)
    return float(ours[0][here]), float(ours[1][here].abs())


@house_style
def picture(kind, strength, logit):
    """Loss and gradient of one pixel, and how the pixels of a street share the gradient.

    Args:
        kind: "focal", "weight" or "hard".
        strength: 0 to 10; 0 is cross-entropy.
        logit: of the true class of the one pixel, -6 to 6, against 0 of the other class.

    Returns:
        the figure, always of one size.
    """
    number = _meaning(kind, strength)
    figure = Drawing(WIDEST, 3.1, layout=None)
    loss, slope = _draw_lines(figure, ((0.05, 0.17, 0.24, 0.72), (0.36, 0.17, 0.24, 0.72)), kind, number, logit)
    share, p = _pull(kind, number)
    axes = figure.add_axes((0.65, 0.17, 0.345, 0.72))
    image, target, _ = _street()
    paper = 0.7 + 0.3 * image.mean(0).numpy()  # the street itself, faint, so that one sees what pulls
    axes.imshow(LIGHT_TO_BLUE(0.9 * (share / share.max()).sqrt().numpy())[..., :3] * paper[..., None])
    axes.set_title("who pulls in a street")
    quiet(axes)
    axes.spines[:].set(visible=True, color=DIM)
    thin = torch.isin(target[0], torch.tensor(THIN))
    figure.caption = _caption(kind, number, _chance(logit), loss, slope, share, thin, p)
    return figure


def _chance(logit):
    """The probability of a class with this logit, against 0 of the only other one."""
    return float(torch.tensor(float(logit)).sigmoid())


def _caption(kind, number, chance, loss, slope, share, thin, p):
    name = {"focal": "γ = {:.3g}", "weight": "Thin classes weigh {:.3g}", "hard": "Pixels with p below {:.2f} count"}
    few, theirs, sure = thin.float().mean(), share[thin].sum(), share[p > 0.9].sum()
    return (
        f"{name[kind].format(number)}. Blue is this loss, dashed is cross-entropy. The marked pixel has "
        f"p = {chance:.3f}, loss {loss:.3g}, gradient {slope:.3g}. In the street, people and signs ({few:.1%} of the "
        f"pixels) make {theirs:.0%} of the gradient, pixels with p above 0.9 make {sure:.0%}."
    )


def loss_explorer():
    """The kind of loss, how strong it is and the logit of one pixel to choose; loss, gradient and picture to see.

    Returns:
        a widget, shown where it is the value of a cell.
    """
    return Explorer(
        picture,
        {
            "kind": choice("loss", KINDS),
            "strength": slider("strength", 4, 0, 10),
            "logit": slider("logit of the true class", 2, -6, 6),
        },
    )
