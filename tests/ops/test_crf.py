"""The dense CRF: the exact kernel against SciPy, the lattice against the exact kernel and against pydensecrf2."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.spatial.distance import cdist
from scipy.special import softmax
from skimage import data

from course.ops.crf import Lattice, Pairwise, appearance_features, dense_crf, mean_field_step, position_features


def _photo(h, w):
    image = torch.from_numpy(data.coffee()).permute(2, 0, 1)[None].float()
    return (F.interpolate(image, (h, w), mode="bilinear", antialias=True)).round() / 255


def _logits(k, h, w, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return F.interpolate(2 * torch.randn(1, k, h // 8, w // 8, generator=generator), (h, w), mode="bilinear")


def _by_scipy(logits, image, steps, appearance, smoothness):
    """Mean field written anew, pixel by pixel, in float64."""
    k, h, w = logits.shape
    unary = logits.reshape(k, -1).T.double().numpy()
    y, x = np.mgrid[:h, :w].reshape(2, -1).astype(float)
    colors = image.reshape(3, -1).double().numpy()
    near = np.stack([x, y], 1) / smoothness[1]
    alike = np.concatenate([np.stack([x, y], 1) / appearance[1], colors.T / appearance[2]], 1)
    kernels = []
    for features in (near, alike):
        kernel = np.exp(-cdist(features, features, "sqeuclidean") / 2)
        degree = kernel.sum(1)
        kernels.append(kernel / np.sqrt(np.outer(degree, degree)))
    beliefs = softmax(unary, axis=1)
    for _ in range(steps):
        heard = smoothness[0] * kernels[0] @ beliefs + appearance[0] * kernels[1] @ beliefs
        penalty = heard.sum(1, keepdims=True) - heard  # Potts: of all labels but one's own
        beliefs = softmax(unary - penalty, axis=1)
    return torch.from_numpy(beliefs.T.reshape(k, h, w))


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_with_the_exact_kernel_it_is_mean_field_as_written_down(steps):
    logits, image = _logits(4, 16, 24).double(), _photo(16, 24).double()
    options = {"steps": steps, "appearance": (4.0, 20.0, 0.1), "smoothness": (2.0, 1.5)}
    want = _by_scipy(logits[0], image[0], **options)
    torch.testing.assert_close(dense_crf(logits, image, kernel=Pairwise, **options)[0], want, rtol=0, atol=1e-10)


def test_the_lattice_is_near_the_exact_kernel_after_one_step_and_agrees_on_labels_after_five():
    logits, image = _logits(5, 48, 72), _photo(48, 72)
    exact, fast = (dense_crf(logits, image, steps=1, kernel=kernel) for kernel in (Pairwise, Lattice))
    assert (fast - exact).abs().max() < 0.12
    assert (fast - exact).abs().mean() < 0.006
    exact, fast = (dense_crf(logits, image, kernel=kernel) for kernel in (Pairwise, Lattice))
    assert (fast - exact).abs().mean() < 0.015, "the largest error says little: a pixel may tip over"
    assert (fast.argmax(1) == exact.argmax(1)).float().mean() > 0.96
    before = (logits.argmax(1) == exact.argmax(1)).float().mean()
    assert before < 0.95, "without the CRF the labels are others"


# pydensecrf2 1.1: setUnaryEnergy(-log softmax), addPairwiseGaussian(sxy=3, compat=3), addPairwiseBilateral(sxy=80,
# srgb=13, compat=10), both NORMALIZE_SYMMETRIC, inference(5), of the picture and logits below.
PYDENSECRF = {
    (1, 7, 0): 0.4689,
    (1, 9, 6): 0.70276,
    (1, 10, 12): 0.39128,
    (2, 8, 3): 0.27377,
    (2, 10, 9): 0.40538,
    (0, 0, 0): 0.00014,
    (1, 3, 4): 3e-05,
    (2, 10, 14): 0.24771,
}


def _grid(k, h, w):
    """Logits and a picture by a formula, so that their numbers are the same everywhere."""
    y, x = torch.meshgrid(torch.arange(float(h)), torch.arange(float(w)), indexing="ij")
    logits = torch.stack([2 * torch.sin(0.3 * x + c) * torch.cos(0.2 * y - 2 * c) for c in range(k)])
    red = (x >= w // 2).float() * 200
    image = torch.stack([red, (3 * y) % 100, (7 * x + 5 * y) % 30])
    return logits[None], image[None] / 255


def test_the_lattice_gives_the_numbers_of_pydensecrf():
    logits, image = _grid(3, 20, 30)
    got = dense_crf(logits, image)[0]
    for (c, y, x), value in PYDENSECRF.items():
        assert got[c, y, x].item() == pytest.approx(value, abs=2e-5)


def test_where_pydensecrf_is_installed_all_numbers_agree():
    densecrf = pytest.importorskip("pydensecrf.densecrf", reason="pydensecrf2 is not installed")
    logits, image = _logits(5, 48, 72), _photo(48, 72)
    crf = densecrf.DenseCRF2D(72, 48, 5)
    crf.setUnaryEnergy(np.ascontiguousarray(-logits[0].log_softmax(0).flatten(1).numpy()))
    crf.addPairwiseGaussian(sxy=3, compat=3)
    pixels = np.ascontiguousarray((255 * image[0]).round().permute(1, 2, 0).numpy().astype(np.uint8))
    crf.addPairwiseBilateral(sxy=80, srgb=13, rgbim=pixels, compat=10)
    want = torch.from_numpy(np.array(crf.inference(5))).view(5, 48, 72)
    torch.testing.assert_close(dense_crf(logits, image)[0], want, rtol=0, atol=1e-4)


@pytest.mark.parametrize("dimensions", [1, 2, 3, 5])
def test_the_lattice_is_near_a_gaussian_in_any_number_of_dimensions(dimensions):
    generator = torch.Generator().manual_seed(dimensions)
    features = 2 * torch.rand(600, dimensions, generator=generator, dtype=torch.float64)
    values = torch.cat((torch.ones(600, 1), (features[:, :1] > 1).double()), dim=1)
    exact, fast = Pairwise(features)(values), Lattice(features)(values)
    assert (fast - exact).abs().max() < 0.1
    assert (fast - exact).abs().mean() < 0.02


def test_the_order_of_the_points_does_not_matter():
    generator = torch.Generator().manual_seed(3)
    features, values = torch.rand(50, 5, generator=generator) * 4, torch.rand(50, 2, generator=generator)
    order = torch.randperm(50, generator=generator)
    torch.testing.assert_close(Lattice(features[order])(values[order]), Lattice(features)(values)[order])


def test_points_that_are_far_apart_hear_only_themselves():
    features = torch.tensor([[0.0, 0.0], [100.0, 0.0], [0.0, -100.0]])
    values = torch.tensor([[1.0], [2.0], [3.0]])
    torch.testing.assert_close(Lattice(features)(values), values)


@pytest.mark.parametrize("kernel", [Lattice, Pairwise])
def test_gradients_reach_the_logits(kernel):
    logits, image = _logits(2, 8, 8).double().requires_grad_(), _photo(8, 8).double()
    assert torch.autograd.gradcheck(lambda x: dense_crf(x, image, steps=2, kernel=kernel), logits)


def test_a_batch_is_its_pictures_one_by_one():
    logits = torch.cat([_logits(3, 16, 24, seed) for seed in (0, 1)])
    images = torch.cat([_photo(16, 24), _photo(16, 24).flip(-1)])
    both = dense_crf(logits, images)
    for one, logit, image in zip(both, logits, images, strict=True):
        torch.testing.assert_close(one, dense_crf(logit[None], image[None])[0])
    torch.testing.assert_close(both.sum(1), torch.ones(2, 16, 24))


def test_a_step_without_kernels_is_a_softmax():
    logits = torch.tensor([[0.0, 1.0], [2.0, -1.0]])
    assert torch.equal(mean_field_step(logits, logits.softmax(1), []), logits.softmax(1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"logits": torch.zeros(2, 8, 8)}, r"logits are torch.float32 \(2, 8, 8\); wanted floats \(n, k, h, w\)"),
        ({"images": torch.zeros(1, 3, 4, 4)}, r"images are .* \(1, 3, 4, 4\); wanted floats \(1, 3, 8, 8\) .* Resize"),
        ({"images": torch.zeros(1, 3, 8, 8, dtype=torch.uint8)}, r"images are torch.uint8 .* in \[0, 1\]"),
        ({"steps": -1}, "steps is -1; wanted a whole number of at least 0"),
        ({"appearance": (1.0, 0.0, 0.1)}, "std is 0.0; wanted a number above 0"),
        ({"appearance": (1.0, 5.0, -0.1)}, "color_std is -0.1; wanted a number above 0"),
        ({"smoothness": (-1.0, 3.0)}, r"the weights are \(10.0, -1.0\); wanted numbers of at least 0"),
    ],
)
def test_what_does_not_fit_is_refused_with_advice(change, message):
    given = {"logits": torch.zeros(1, 2, 8, 8), "images": torch.zeros(1, 3, 8, 8)} | change
    with pytest.raises(ValueError, match=message):
        dense_crf(given.pop("logits"), given.pop("images"), **given)


def test_features_that_no_kernel_can_take_are_refused():
    with pytest.raises(ValueError, match=r"features are torch.int64 \(3, 2\); wanted floats \(points, d\)"):
        Lattice(torch.zeros(3, 2, dtype=torch.int64))
    with pytest.raises(ValueError, match=r"features spread over .* cells; wanted fewer than 2\^62 in all"):
        Lattice(torch.tensor([[0.0] * 8, [1e5] * 8]))
    with pytest.raises(ValueError, match=r"at most 16384 points for a matrix of all pairs\. Give Lattice for more"):
        Pairwise(torch.zeros(20000, 2))
    with pytest.raises(ValueError, match=r"image is torch.float32 \(1, 3, 4, 4\); wanted floats \(3, h, w\)"):
        appearance_features(torch.zeros(1, 3, 4, 4), 1.0, 1.0)
    with pytest.raises(ValueError, match="std is nan; wanted a number above 0"):
        position_features((2, 2), float("nan"))
