import pytest
import torch
from scipy import ndimage

from course.data.catalogue import find
from course.data.readers import Membranes
from course.data.tissue import drawn_tissue, real_tissue


def test_drawn_tissue_has_dark_membranes_between_numbered_cells():
    pictures, cells = drawn_tissue(2, size=96)
    assert pictures.shape == (2, 1, 96, 96)
    assert pictures.dtype == torch.float32
    assert cells.shape == (2, 96, 96)
    assert cells.dtype == torch.int64
    assert 0 <= pictures.min() < pictures.max() <= 1
    membrane = cells == 0
    assert pictures[:, 0][membrane].mean() < pictures[:, 0][~membrane].mean() - 0.1


def test_no_two_drawn_cells_touch():
    for cells in drawn_tissue(3, size=96)[1]:
        for number in cells.unique()[1:]:
            grown = torch.from_numpy(ndimage.binary_dilation((cells == number).numpy()))
            assert set(cells[grown].tolist()) <= {0, int(number)}


def test_the_same_seed_draws_the_same_tissue_and_the_next_seed_the_next_picture():
    first, second = drawn_tissue(2, 5, 64), drawn_tissue(1, 6, 64)
    assert torch.equal(first[0][1], second[0][0])
    assert torch.equal(first[1][1], second[1][0])
    assert not torch.equal(first[0][0], first[0][1])


def test_drawn_tissue_says_what_it_can_draw():
    with pytest.raises(ValueError, match="count is 0; wanted a whole number of at least 1"):
        drawn_tissue(0)
    with pytest.raises(ValueError, match="size is 8; wanted a whole number of at least 32"):
        drawn_tissue(1, size=8)


def test_real_tissue_that_is_absent_says_how_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="membranes"):
        real_tissue(1, tmp_path)


@pytest.fixture
def there():
    try:
        return find("membranes")
    except FileNotFoundError:
        pytest.skip("the membranes are not here")


def test_real_tissue_is_half_as_large_and_its_membranes_do_not_break(there):
    pictures, cells = real_tissue(2)
    assert pictures.shape == (2, 1, 256, 256)
    assert type(pictures) is torch.Tensor
    image, inside = Membranes()[1]
    membrane = (inside == 0).reshape(256, 2, 256, 2).any(3).any(1)
    assert torch.equal(cells[1] == 0, membrane)
    assert cells[1].max() == ndimage.label((~membrane).numpy())[1]
    torch.testing.assert_close(pictures[1, 0], torch.as_tensor(image)[0].reshape(256, 2, 256, 2).mean((1, 3)))


def test_real_tissue_has_thirty_pictures(there):
    with pytest.raises(ValueError, match="count is 31; wanted 1 to 30, the images"):
        real_tissue(31)
