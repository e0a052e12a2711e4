import json

import pytest
import torch
from torch import nn

from course.tensors import save_tensors
from course.training import load_weights
from course.training.checkpoints import pack_optimizer, unpack_optimizer, write_table


def test_weights_of_another_model_are_refused(tmp_path):
    save_tensors(tmp_path / "x.safetensors", nn.Linear(2, 3).state_dict(), {"step": 1})
    assert load_weights(nn.Linear(2, 3), tmp_path / "x.safetensors") == {"step": 1}
    with pytest.raises(
        ValueError, match=r"x\.safetensors holds the weights of another model .*; wanted those of a Linear"
    ):
        load_weights(nn.Linear(2, 4), tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    "make",
    [
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        lambda p: torch.optim.AdamW(p, lr=0.1, amsgrad=True),
        lambda p: torch.optim.RMSprop(p, lr=0.1, momentum=0.5),
        lambda p: torch.optim.Adadelta(p),
    ],
)
def test_an_optimizer_goes_on_from_its_packed_state_as_from_its_own(make):
    torch.manual_seed(0)
    weight = nn.Parameter(torch.randn(4, 3, 2, 2).to(memory_format=torch.channels_last))
    other = nn.Parameter(weight.detach().clone(memory_format=torch.preserve_format))
    first, second = make([weight]), make([other])
    gradients = torch.randn(5, 4, 3, 2, 2)
    for gradient in gradients[:3]:
        weight.grad = gradient
        first.step()
    tensors, about = pack_optimizer(first)
    unpack_optimizer(second, {k: v.clone().contiguous() for k, v in tensors.items()}, json.loads(json.dumps(about)))
    other.data.copy_(weight.data)
    for gradient in gradients[3:]:
        for parameter, optimizer in ((weight, first), (other, second)):
            parameter.grad = gradient
            optimizer.step()
    assert torch.equal(weight, other)
    assert weight.stride() == other.stride()


def test_an_optimizer_with_other_groups_is_refused():
    tensors, about = pack_optimizer(torch.optim.SGD(nn.Linear(2, 2).parameters(), lr=1))
    with pytest.raises(ValueError, match="parameter group"):
        unpack_optimizer(torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1), tensors, about)


def test_a_table_has_a_column_for_every_key(tmp_path):
    write_table(tmp_path / "log.csv", [{"step": 1, "loss": 0.5}, {"step": 2, "loss": 0.4, "miou": 0.1}])
    assert (tmp_path / "log.csv").read_text().split() == ["step,loss,miou", "1,0.5,", "2,0.4,0.1"]
