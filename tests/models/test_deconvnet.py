"""DeconvNet, held against its layers written out with torch's own pooling and unpooling."""

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from course.models.backbones.vgg import vgg16
from course.models.semantic.deconvnet import DeconvNet, Deconvolution


def by_torch(model, images):
    """The same layers around torch's max_pool2d with indices and max_unpool2d."""
    x, way_back, layers = images, [], iter(model.encoder.features)
    for layer in layers:
        if "Pool" in type(layer).__name__:
            size = x.shape[2:]
            x, indices = F.max_pool2d(x, 2, return_indices=True)
            way_back.append((indices, size))
        else:
            x = layer(x)
    x = model.bottleneck(x)
    for up, (indices, size) in zip(model.decoder, reversed(way_back), strict=True):
        x = up(F.max_unpool2d(x, indices, 2, output_size=size))
    return model.score(x)


@pytest.mark.parametrize(("bottleneck", "size"), [((2, 3), (64, 96)), ((2, 3), (79, 131)), (1, (33, 40))])
def test_deconvnet_is_its_layers_around_torchs_pooling_and_unpooling(bottleneck, size):
    torch.manual_seed(0)
    model, images = DeconvNet(5, 4, bottleneck).eval(), torch.rand(1, 3, *size)
    with torch.no_grad():
        logits = model(images)
        torch.testing.assert_close(logits, by_torch(model, images))
    assert logits.shape == (1, 5, *size)


def test_deconvnet_has_the_layers_of_the_papers_table():
    with torch.device("meta"):
        model = DeconvNet(21)
    assert round(sum(p.numel() for p in model.parameters()) / 1e6) == 252  # section 3.1: "252M parameters in total"
    ups = [m for m in model.decoder.modules() if isinstance(m, torch.nn.ConvTranspose2d)]
    # Table 1, deconv5-1 to deconv1-2.
    assert [m.out_channels for m in ups] == [512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 64, 64]
    assert [m.out_channels for m in model.bottleneck if hasattr(m, "out_channels")] == [4096, 4096, 512]
    assert model.bottleneck[0].kernel_size == model.bottleneck[6].kernel_size == (7, 7)


@pytest.mark.parametrize(("taps", "padding"), [(3, 1), (1, 0), (7, 0), ((4, 6), 0), ((3, 5), 2)])
def test_a_deconvolution_is_torchs_transposed_convolution(taps, padding):
    torch.manual_seed(0)
    layer, x = Deconvolution(5, 7, taps, padding).double(), torch.randn(2, 5, 6, 9, dtype=torch.double)
    expected = F.conv_transpose2d(x, layer.weight, layer.bias, padding=padding)
    torch.testing.assert_close(layer(x), expected)
    for found, wanted in zip(
        torch.autograd.grad(layer(x).square().sum(), layer.parameters()),
        torch.autograd.grad(expected.square().sum(), layer.parameters()),
        strict=True,
    ):
        torch.testing.assert_close(found, wanted)


def test_images_of_224_pixels_become_one_pixel_in_the_bottleneck():
    model = DeconvNet(2, width=1).eval()
    middle = []
    model.bottleneck[0].register_forward_hook(lambda _module, _given, out: middle.append(out.shape[2:]))
    assert model(torch.rand(1, 3, 224, 224)).shape == (1, 2, 224, 224)
    assert middle == [(1, 1)]


def test_gradients_reach_every_parameter():
    torch.manual_seed(0)
    model = DeconvNet(3, 4, (2, 2))
    model(torch.rand(2, 3, 96, 72)).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in model.parameters())


def test_the_encoder_takes_a_classifier_over():
    model, encoder = DeconvNet(3, 2, 1), vgg16(True, 2)
    model.load_classifier({**encoder.state_dict(), "classifier.0.weight": torch.zeros(1)})
    for name, tensor in encoder.state_dict().items():
        assert torch.equal(model.encoder.state_dict()[name], tensor)


def test_a_state_dict_comes_back_with_the_same_logits(tmp_path):
    model, other, images = DeconvNet(3, 2, 1).eval(), DeconvNet(3, 2, 1).eval(), torch.rand(1, 3, 33, 40)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    other.load_state_dict(load_file(tmp_path / "model.safetensors"))
    assert torch.equal(model(images), other(images))


def test_images_that_the_bottleneck_does_not_fit_are_refused_with_the_size_to_use():
    with pytest.raises(ValueError, match=r"\(1, 3, 128, 192\); wanted \(n, 3, h, w\) of at least 224 × 224"):
        DeconvNet(3, width=1)(torch.rand(1, 3, 128, 192))
    with pytest.raises(ValueError, match=r"images are \(1, 3, 20, 40\); wanted .* at least 32 × 32"):
        DeconvNet(3, 1, 1)(torch.rand(1, 3, 20, 40))
    with pytest.raises(ValueError, match="fc_size is 0; wanted a whole number of at least 1"):
        DeconvNet(3, 1, 0)
    with pytest.raises(ValueError, match="num_classes is 0; wanted a whole number of at least 1"):
        DeconvNet(0)
