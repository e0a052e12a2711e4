import hashlib
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from course import VOID
from course.data.scenes import CLASSES, DOMAINS, THINGS, Scenes, scene
from course.data.scenes.canvas import FAR, Camera, Canvas, Look
from course.data.scenes.randomness import Random, uniforms, value_noise
from course.data.scenes.texture import Sketch

DIGESTS = {
    (0, "day"): "b8c9965390871bab3faa002bc7fcf741c6601b64dae565c3936402c1038dfacb",
    (1, "night"): "64c66de7f0bb5918eb33f439fd7cfe0aa672b26340ea54951e35e69b27ca85f4",
    (2, "fog"): "64be70ddb9c7f6470596d68888f6da25882efebcf4d4dece57622f18ad59b516",
    (123456789, "day"): "649daee9352c6300b9fb14446994cc3e7709ec249ae41940dec5c1cbf73be0bc",
}


def digest(drawn) -> str:
    """Hash picture and truth as integers: bytes of the picture, labels, depth in millimeters."""
    picture = (drawn.image * 255.0).round().to(torch.uint8)
    depth = (drawn.depth.to(torch.float64) * 1000.0).round().to(torch.int64)
    total = hashlib.sha256()
    for part in (picture, drawn.semantic, drawn.instance, drawn.panoptic, depth):
        total.update(part.contiguous().numpy().astype(part.numpy().dtype.newbyteorder("<")).tobytes())
    return total.hexdigest()


@pytest.fixture(scope="module")
def street():
    return [scene(seed, size=(64, 96)) for seed in range(60)]


def test_a_scene_has_the_promised_shapes_types_and_ranges():
    drawn = scene(3)
    assert drawn.image.shape == (3, 128, 192)
    assert drawn.image.dtype == torch.float32
    assert 0.0 <= drawn.image.min() < drawn.image.max() <= 1.0
    for truth in (drawn.semantic, drawn.instance, drawn.panoptic):
        assert truth.shape == (128, 192)
        assert truth.dtype == torch.int64
    assert drawn.depth.dtype == torch.float32
    assert (drawn.domain, drawn.seed) == ("day", 3)


def test_the_picture_comes_in_steps_of_one_255th():
    levels = scene(5, domain="night").image.numpy() * np.float32(255.0)
    np.testing.assert_allclose(levels, levels.round(), atol=1e-4)


@pytest.mark.parametrize(("seed", "domain"), sorted(DIGESTS))
def test_a_seed_gives_the_bytes_that_it_has_always_given(seed, domain):
    assert digest(scene(seed, domain=domain)) == DIGESTS[seed, domain]


def test_another_process_draws_the_same_bytes():
    program = (
        "import hashlib; from course.data.scenes import scene; s = scene(7, domain='night');"
        "print(hashlib.sha256(b''.join(part.numpy().tobytes() for part in (s.image, s.panoptic, s.depth))).hexdigest())"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = scene(7, domain="night")
    expected = hashlib.sha256(b"".join(part.numpy().tobytes() for part in (here.image, here.panoptic, here.depth)))
    assert found.stdout.strip() == expected.hexdigest()


def test_drawing_other_scenes_first_changes_nothing():
    first = digest(scene(11))
    for seed in range(12, 16):
        scene(seed, domain="fog")
    assert digest(scene(11)) == first


def test_the_random_numbers_are_those_of_numpys_generator():
    expected = np.random.Generator(np.random.PCG64(np.random.SeedSequence(42))).random(1000)
    np.testing.assert_array_equal(uniforms(42, 1000), expected)
    rng = Random(42)
    assert sorted(rng.unit() for _ in range(512)) == sorted(expected[:512].tolist())


def test_noise_tiles_without_a_seam():
    field = value_noise(1, 64, 8)
    steps = np.abs(np.diff(field, axis=0)).max()
    assert np.abs(field[0] - field[-1]).max() <= 1.5 * steps


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**40), st.integers(32, 80), st.integers(32, 110), st.sampled_from(DOMAINS))
def test_the_truths_agree_with_each_other(seed, height, width, domain):
    drawn = scene(seed, size=(height, width), domain=domain)
    assert drawn.semantic.shape == (height, width)
    assert set(drawn.semantic.unique().tolist()) <= {*range(len(CLASSES)), VOID}
    things = torch.isin(drawn.semantic, torch.tensor(THINGS))
    assert torch.equal(things, drawn.instance > 0)
    assert torch.equal(drawn.panoptic, drawn.semantic * 1000 + drawn.instance)
    numbers = drawn.instance.unique().tolist()
    assert [number for number in numbers if number] == list(range(1, max(numbers) + 1))
    for number in numbers[1:]:
        assert drawn.semantic[drawn.instance == number].unique().numel() == 1
    assert (drawn.depth > 0).all()
    assert torch.equal(drawn.depth == FAR, drawn.semantic == 0)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_day_night_and_fog_of_a_seed_share_their_labels_and_differ_in_their_picture(seed):
    day, night, fog = (scene(seed, domain=domain) for domain in DOMAINS)
    for other in (night, fog):
        for name in ("semantic", "instance", "panoptic", "depth"):
            assert torch.equal(getattr(day, name), getattr(other, name))
    assert night.image.mean() < 0.6 * day.image.mean()
    assert fog.image.std() < day.image.std()


def test_fog_whitens_what_is_far_more_than_what_is_near(street):
    for seed in range(5):
        drawn = scene(seed, size=(64, 96), domain="fog")
        spread = [drawn.image[:, mask].std().item() for mask in (drawn.depth < 10.0, drawn.depth > 120.0)]
        assert spread[1] < spread[0]


def test_the_road_lies_in_a_plane():
    # on a flat ground under a pinhole camera 1/depth grows linearly with the row and does not depend on the column
    drawn = scene(4)
    rows, columns = torch.nonzero(drawn.semantic == 2, as_tuple=True)
    inverse = 1.0 / drawn.depth[rows, columns].to(torch.float64)
    design = torch.stack([rows.to(torch.float64), columns.to(torch.float64), torch.ones(len(rows))], dim=1)
    fit = np.linalg.lstsq(design.numpy(), inverse.numpy(), rcond=None)[0]
    assert fit[0] > 0
    assert abs(fit[1]) < 1e-4 * fit[0]
    assert np.abs(design.numpy() @ fit - inverse.numpy()).max() < 1e-6


def test_a_thing_stands_nearer_than_the_road_seen_beside_its_upper_parts(street):
    # a thing is upright, so above its foot it hides ground that is farther away
    for drawn in street[:20]:
        for number in drawn.instance.unique().tolist()[1:]:
            rows, columns = torch.nonzero(drawn.instance == number, as_tuple=True)
            top = rows.argmin()
            road = (drawn.semantic[rows[top]] == 2).nonzero().flatten()
            if len(road):
                assert (drawn.depth[rows[top], columns[top]] <= drawn.depth[rows[top], road] + 0.05).all()


def board(canvas, ident, z):
    texture = Sketch(16, 16)
    texture.paint(texture.box(0, 1, 0, 1), (200, 100, 50))
    canvas.board(texture.finish(), ident, 0.0, z, 1.0, 1.5, Look())


def test_the_nearer_of_two_boards_is_seen_whatever_the_order():
    pictures = []
    for order in ((5.0, 9.0), (9.0, 5.0)):
        canvas = Canvas((48, 64), Camera(60.0, 32.0, 20.0, 0.0, 1.5))
        for z in order:
            board(canvas, int(z), z)
        pictures.append((canvas.ids, canvas.depth, canvas.pixels))
    for one, other in zip(*pictures, strict=True):
        np.testing.assert_array_equal(one, other)
    assert set(np.unique(pictures[0][0])) == {0, 5}  # the far one is smaller and wholly hidden


def test_a_board_covers_the_pixels_that_the_pinhole_equations_give():
    canvas = Canvas((48, 64), Camera(60.0, 32.0, 20.0, 0.0, 1.5))
    board(canvas, 7, 6.0)
    rows, columns = np.nonzero(canvas.ids == 7)
    assert (rows.min(), rows.max() + 1) == (20, 35)  # v0 + f (1.5 − y) / z for y = 1.5 and 0
    assert (columns.min(), columns.max() + 1) == (27, 37)  # u0 ± f 0.5 / z


def test_half_covered_texels_average_without_a_dark_rim():
    texture = Sketch(16, 16)
    texture.paint(texture.x + texture.y < 1.0, (200, 100, 40))
    texels = texture.finish().texels[16 * 16 : 16 * 16 + 8 * 8].astype(float)  # the second level
    part = texels[texels[:, 6] > 0]
    np.testing.assert_allclose(part[:, 0] / part[:, 6], 200 / 255, atol=0.01)


def test_every_class_occurs_in_most_scenes_and_they_are_far_from_balanced(street):
    labels = torch.stack([drawn.semantic for drawn in street])
    present = [(labels == k).flatten(1).any(dim=1).float().mean().item() for k in range(len(CLASSES))]
    assert min(present) > 0.8
    shares = [(labels == k).float().mean().item() for k in range(len(CLASSES))]
    assert max(shares) / min(shares) > 15
    assert 0.001 < (labels == VOID).float().mean() < 0.05


def test_color_alone_does_not_solve_the_task(street):
    pixels = torch.stack([drawn.image for drawn in street]).permute(0, 2, 3, 1).reshape(-1, 3)
    labels = torch.stack([drawn.semantic for drawn in street]).reshape(-1)
    centers = torch.stack([pixels[labels == k].mean(dim=0) for k in range(len(CLASSES))])
    guess = torch.cdist(pixels, centers).argmin(dim=1)
    overlap = [((guess == k) & (labels == k)).sum() / ((guess == k) | (labels == k)).sum() for k in range(len(CLASSES))]
    assert torch.stack(overlap).mean() < 0.4


def test_another_size_shows_the_same_street():
    small, large = scene(8, size=(64, 96)), scene(8, size=(192, 288))
    same = (large.semantic[1::3, 1::3] == small.semantic).float().mean()
    assert same > 0.95


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (200, 60), (40, 256)])
@pytest.mark.parametrize("domain", DOMAINS)
def test_odd_and_narrow_sizes_are_drawn(size, domain):
    drawn = scene(9, size=size, domain=domain)
    assert drawn.image.shape == (3, *size)
    assert torch.isfinite(drawn.depth).all()


@pytest.mark.parametrize("size", [(31, 64), (64, 0), (64,), (64.0, 64), (True, 64), 64])
def test_a_bad_size_is_refused(size):
    with pytest.raises(
        ValueError, match=r"size is .*; wanted two whole numbers of at least 32\. Give \(h, w\) in pixels"
    ):
        scene(0, size=size)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True, None])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(ValueError, match=r"seed is .*; wanted a whole number of at least 0"):
        scene(seed)


def test_an_unknown_domain_is_refused_when_the_set_is_made():
    with pytest.raises(ValueError, match="domain is 'rain'; wanted one of day, night, fog"):
        Scenes(3, domain="rain")


def test_a_numpy_seed_gives_the_same_scene_as_a_plain_one():
    drawn = digest(scene(6, size=(32, 48)))
    assert digest(scene(np.int64(6), size=(np.int64(32), np.int64(48)))) == drawn
    assert digest(Scenes(np.int64(9), size=(np.int32(32), 48)).scene(6)) == drawn


def test_the_set_gives_image_and_labels_and_on_request_the_whole_scene():
    scenes = Scenes(3, size=(32, 48))
    image, semantic = scenes[1]
    whole = scenes.scene(1)
    assert len(scenes) == 3
    assert torch.equal(image, whole.image)
    assert torch.equal(semantic, whole.semantic)
    assert torch.equal(scenes[-1][0], scenes[2][0])
    assert len(list(scenes)) == 3


def test_splits_and_seeds_have_no_scene_in_common():
    sets = [Scenes(50, seed=seed, split=split) for seed in (0, 1) for split in ("train", "val", "test")]
    spans = sorted((each.scene(0).seed, each.scene(0).seed + 1_000_000) for each in sets)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_a_bad_count_split_or_index_is_refused():
    with pytest.raises(ValueError, match="count is 0; wanted a whole number from 1 to 1000000"):
        Scenes(0)
    with pytest.raises(ValueError, match="split is 'dev'; wanted one of train, val, test"):
        Scenes(3, split="dev")
    with pytest.raises(IndexError, match="index is 3; wanted 0 to 2, or from the end -1 to -3"):
        Scenes(3).scene(3)


def test_a_loader_makes_batches():
    image, semantic = next(iter(DataLoader(Scenes(4, size=(32, 48)), batch_size=4)))
    assert image.shape == (4, 3, 32, 48)
    assert semantic.shape == (4, 32, 48)
