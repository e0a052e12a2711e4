import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import variation_of_information

from benchmarks.membranes import (
    THRESHOLDS,
    Crops,
    Experiment,
    deform,
    inside,
    regions_of,
    report,
    scores,
    split_and_merge,
    train,
    weights_of,
)
from course.data.tissue import drawn_tissue


@given(st.integers(0, 2**31))
@settings(deadline=None, max_examples=25)
def test_split_and_merge_are_scikit_images_conditional_entropies(seed):
    random = np.random.default_rng(seed)
    cells, regions = random.integers(0, 5, (12, 9)), random.integers(1, 4, (12, 9))
    expected = variation_of_information(cells, regions, ignore_labels=(0,))  # H(regions | cells), H(cells | regions)
    assert split_and_merge(cells, regions) == pytest.approx(tuple(expected), abs=1e-9)


def test_one_cell_in_two_halves_is_a_split_of_one_bit_and_two_cells_in_one_piece_a_merge_of_one():
    whole, halves = np.ones((4, 8), int), np.repeat([[1] * 4 + [2] * 4], 4, 0)
    assert split_and_merge(whole, halves) == (1.0, 0.0)
    assert split_and_merge(halves, whole) == (0.0, 1.0)
    assert split_and_merge(halves, halves[:, ::-1]) == (0.0, 0.0)
    assert split_and_merge(np.zeros((4, 8), int), whole) == (0.0, 0.0)


def test_regions_grow_over_the_membrane_and_an_empty_map_is_one_region():
    cell = np.array([[1, 1, 0, 0, 0, 1, 1]], bool)
    grown = regions_of(cell)
    assert grown.tolist()[0][:3] == [1, 1, 1]
    assert grown.tolist()[0][-3:] == [2, 2, 2]
    assert regions_of(np.zeros((3, 3), bool)).tolist() == [[1] * 3] * 3


def test_the_flat_membrane_weight_is_the_mean_of_the_border_weights():
    cells = drawn_tissue(2, size=48)[1]
    border, flat = weights_of(cells, "border", 2.5), weights_of(cells, "membrane", 2.5)
    assert flat[cells > 0].unique().tolist() == [1.0]
    assert flat[cells == 0].mean().item() == pytest.approx(border[cells == 0].double().mean().item(), rel=1e-5)
    assert weights_of(cells, "plain", 2.5).unique().tolist() == [1.0]


def test_crops_and_bends_move_picture_label_and_weight_together():
    picture = (torch.rand(2, 1, 40, 40) > 0.5).float()
    crops = Crops(picture, picture[:, 0] > 0, 1 + picture[:, 0], 24)
    image, target = crops[1]
    assert image.shape == (1, 24, 24)
    assert torch.equal(target, torch.cat([image, 1 + image]))
    blocks = torch.nn.functional.interpolate(picture[:, :, :5, :5], scale_factor=8)
    bent, targets = deform(blocks, torch.cat([blocks, 1 + blocks], 1), 2.0)
    assert torch.equal(targets[:, 1], 1 + targets[:, 0])
    assert ((bent[:, 0] > 0.5) == (targets[:, 0] > 0.5)).float().mean() > 0.9


def test_a_tiny_training_is_scored_at_every_threshold():
    pictures, cells = drawn_tissue(2, size=48)
    model = train(
        pictures, cells, "border", Experiment(widths=(4, 8), steps=2, batch=2, crop=32, sigma=2.5), device="cpu"
    )
    found = scores([inside(model, pictures[0], 1)], [cells[0].numpy()])
    assert tuple(found) == THRESHOLDS
    assert all(0 <= error <= 1 and split >= 0 and merge >= 0 for error, split, merge in found.values())
    assert report({"border": found}).row_count == 2


def test_the_truth_itself_has_no_error():
    cells = drawn_tissue(1, size=64)[1][0].numpy()
    error, split, merge = scores([(cells > 0).astype(float)], [cells])[0.5]
    assert (error, merge) == (0, 0)
    assert split < 0.05  # a drawn cell may be cut in two by its neighbors' walls
