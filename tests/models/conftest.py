"""Weights by a formula, so that a peer's logits can be written down and be right on every machine."""

import pytest
import torch


@pytest.fixture(scope="session")
def numbered():
    """A function that fills a module's tensors, by their order alone, in float64; gives the module back to predict."""

    def fill(model):
        model.double().eval()
        for number, (name, tensor) in enumerate(model.state_dict().items()):
            if not tensor.is_floating_point():
                continue
            wave = torch.sin(0.37 * torch.arange(tensor.numel(), dtype=torch.float64) + number).view_as(tensor)
            if tensor.ndim > 1:
                tensor.copy_(wave * (3 / tensor[0].numel()) ** 0.5)
            else:
                tensor.copy_(0.1 * wave if name.endswith(("bias", "running_mean")) else 1 + 0.1 * wave)
        return model

    return fill


@pytest.fixture(scope="session")
def waves():
    """One image (1, 3, h, w) of float64, by a formula as well; or a feature of other channels."""

    def draw(h, w, channels=3):
        return torch.sin(0.11 * torch.arange(channels * h * w, dtype=torch.float64)).view(1, channels, h, w)

    return draw
