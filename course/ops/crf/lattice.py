"""The permutohedral lattice: a Gaussian filter over points in any number of dimensions, in time linear in the points.

A dense CRF asks each pixel for a mean over *all* others, weighted by exp(−|f_i − f_j|²/2) of their feature vectors f.
Instead of p² pairs: **splat** each point's value onto the corners of its simplex, **blur** from corner to corner,
**slice** the values back. In d dimensions a simplex has d + 1 corners, where a cube has 2^d. Only corners that some
point touches exist. All three are products with sparse matrices, and `F.embedding_bag` is the fast form of those: it
adds up weighted rows of a table.

How a point finds its simplex: it is laid into the hyperplane Σx = 0 of d + 1 dimensions and rounded to the nearest
corner of remainder 0; the order of what is left says which simplex it is, and gives the barycentric weights.

Source: Adams, Baek and Davis, Fast high-dimensional filtering using the permutohedral lattice, Eurographics 2010.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


class Lattice:
    """The kernel exp(−|f_i − f_j|²/2), approximated; a point counts for itself too.

    It is normalized symmetrically: with N = 1 / (K 1), the result is N^½ K N^½ v. The numbers are pydensecrf's.

    Args:
        features: (p, d) float: a vector for each point, in units of the kernel's standard deviation.

    Raises:
        ValueError: features has other axes, or spreads over more cells than can be numbered.

    Example:
        >>> lattice = Lattice(torch.tensor([[0.0], [0.0], [50.0]]))
        >>> [round(value, 3) for value in lattice(torch.tensor([[1.0], [3.0], [7.0]])).flatten().tolist()]
        [2.0, 2.0, 7.0]
    """

    def __init__(self, features: Tensor):
        if features.ndim != 2 or not features.is_floating_point() or not features.numel():
            raise ValueError(f"features are {features.dtype} {tuple(features.shape)}; wanted floats (points, d).")
        codes, weights, steps = _corners(features)
        ordered, order = codes.flatten().sort()
        first = torch.ones_like(ordered, dtype=torch.bool)
        first[1:] = ordered[1:] != ordered[:-1]
        corners = torch.empty_like(order)
        corners[order] = first.cumsum(0) - 1
        self._slice = corners.view_as(codes), weights
        self._splat = order // codes.shape[1], first.nonzero().flatten(), weights.flatten()[order]
        self._blur = _neighbors(ordered[first], steps), weights.new_tensor([1.0, 0.5, 0.5])
        root = self(features.new_ones(len(features), 1)).clamp_min(1e-20).rsqrt()
        points, starts, splatted = self._splat
        self._slice = corners.view_as(codes), weights * root
        self._splat = points, starts, splatted * root.flatten()[points]

    def __call__(self, values: Tensor) -> Tensor:
        """Filter values (p, c), of the features' dtype; gradients reach the values."""
        points, starts, weights = self._splat
        table = F.embedding_bag(points, values, starts, per_sample_weights=weights, mode="sum")
        triples, taps = self._blur
        for triple in triples:  # along one of the d + 1 axes at a time
            padded = F.pad(table, (0, 0, 0, 1))  # a row of zeros for neighbors that do not exist
            table = F.embedding_bag(triple, padded, per_sample_weights=taps.expand(len(triple), 3), mode="sum")
        corners, weights = self._slice
        return F.embedding_bag(corners, table, per_sample_weights=weights, mode="sum")


def _corners(features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The numbers of each point's d + 1 corners, their barycentric weights, and the step in number along each axis."""
    d = features.shape[1]
    laid = features @ _embedding(d).to(features)
    nearest = (laid / (d + 1)).round()
    total = nearest.sum(1, keepdim=True).long()
    rank = (laid / (d + 1) - nearest).argsort(dim=1, descending=True).argsort(dim=1) + total
    turn = (rank < 0).long() - (rank > d).long()  # back into the hyperplane: some coordinates one up or one down
    rank, nearest = rank + (d + 1) * turn, nearest.long() + turn
    by_rank = torch.empty_like(rank).scatter_(1, rank, torch.arange(d + 1, device=rank.device).expand_as(rank))
    rest = (laid / (d + 1) - nearest).gather(1, by_rank).flip(1)
    weights = rest.diff(dim=1, prepend=rest[:, -1:] - 1)
    places = _places(nearest, d)
    raised = places[by_rank].flip(1).cumsum(1).roll(1, dims=1)  # corner i: i coordinates are d + 1 lower than the rest
    raised[:, 0] = 0
    number = (d + 1) * (nearest * places).sum(1, keepdim=True)
    codes = number + torch.arange(d + 1, device=rank.device) * places.sum() - (d + 1) * raised
    return codes, weights, places.sum() - (d + 1) * places


def _embedding(d: int) -> Tensor:
    """(d, d + 1): from d dimensions into the hyperplane, scaled so that splat, blur and slice have a variance of 1."""
    j = torch.arange(1.0, d + 1)
    matrix = torch.ones(d, d + 1).tril() - F.pad(j.diag(), (1, 0))
    return matrix * ((2 / 3) ** 0.5 * (d + 1) / (j * (j + 1)).sqrt())[:, None]


def _places(nearest: Tensor, d: int) -> Tensor:
    """What each coordinate counts in a corner's number, (d + 1): the last follows from the others and counts 0."""
    spans = (d + 1) * (nearest.amax(0) - nearest.amin(0) + 4) + 1  # room for corners, and for their neighbors
    spans = spans[:-1].tolist()
    places = [1]
    for span in reversed(spans):
        places.append(places[-1] * span)
    if places[-1] >= 2**62:
        raise ValueError(f"features spread over {spans} cells; wanted fewer than 2^62 in all. Give larger deviations.")
    return torch.tensor([*reversed(places[:-1]), 0], device=nearest.device)


def _neighbors(keys: Tensor, steps: Tensor) -> Tensor:
    """(d + 1, m, 3): each corner, and its two neighbors along each axis; m where there is none."""
    wanted = keys + torch.stack((steps, -steps))[..., None]
    found = torch.searchsorted(keys, wanted).clamp_max(len(keys) - 1)
    found = torch.where(keys[found] == wanted, found, len(keys)).permute(1, 2, 0)
    own = torch.arange(len(keys), device=keys.device)[:, None]
    return torch.cat((own.expand(len(steps), -1, 1), found), dim=2)
