"""PSPNet held against pytorchcv's, by weights and logits, and against mmsegmentation's count."""

import pytest
import torch
from torch.nn import functional as F

from course.models.backbones.resnet import ResNet, resnet18, resnet50
from course.models.blocks import Bottleneck
from course.models.semantic.pspnet import (
    PSPNet,
    PyramidPooling,
    pspnet_resnet50,
    pspnet_resnet101,
    pspnet_small,
    use_deep_stem,
)

# pytorchcv 0.0.74, PSPNet on ResNetD([[16], [32], [64], [128]], 4) with 5 classes, weights and image by the formulas of
# conftest, its upsampling set to align_corners=False: logits and auxiliary logits of the pixel (31, 17).
PEER = (5.739824294, 0.260022043, -5.323123023, -8.184265027, -6.876888277)
PEER_AUXILIARY = (0.873919727, 1.633717328, 2.180117271, 2.442002893, 2.385388295)


def count(module):
    return sum(p.numel() for p in module.parameters())


def tiny():
    return PSPNet(use_deep_stem(ResNet(Bottleneck, (1, 1, 1, 1), 4, 8)), 5)


def test_it_computes_pytorchcv_s_logits_as_written_down(numbered, waves):
    with torch.no_grad():
        logits, auxiliary = numbered(tiny()).with_auxiliary(waves(65, 50))
    for found, expected in ((logits, PEER), (auxiliary, PEER_AUXILIARY)):
        torch.testing.assert_close(found[0, :, 31, 17], torch.tensor(expected).double(), rtol=0, atol=1e-6)


def test_it_computes_pytorchcv_s_logits_everywhere(numbered, waves, monkeypatch):
    module = pytest.importorskip("pytorchcv.models.pspnet")
    from pytorchcv.models.resnetd import ResNetD

    upsample = F.interpolate

    def corners_apart(x, size, mode, align_corners):  # the one difference
        return upsample(x, size, mode=mode, align_corners=False)

    body = ResNetD([[16], [32], [64], [128]], 4, bottleneck=True, conv1_stride=False, bends=(3,)).features
    del body[-1]
    theirs = numbered(module.PSPNet(body, 128, aux=True, fixed_size=False, num_classes=5))
    ours = tiny().double().eval()
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    for size in ((65, 50), (48, 96)):
        with monkeypatch.context() as patch, torch.no_grad():
            patch.setattr(module.F, "interpolate", corners_apart)
            expected = theirs(waves(*size))
        with torch.no_grad():
            for a, b in zip(ours.with_auxiliary(waves(*size)), expected, strict=True):
                torch.testing.assert_close(a, b)


@pytest.mark.parametrize(
    ("build", "num_classes", "parameters"),  # pytorchcv 0.0.74, counted
    [(pspnet_resnet50, 19, 49_080_038), (pspnet_resnet50, 21, 49_081_578), (pspnet_resnet101, 21, 68_073_706)],
)
def test_it_has_pytorchcv_s_parameters(build, num_classes, parameters):
    with torch.device("meta"):
        assert count(build(num_classes)) == parameters


def test_with_half_as_wide_a_stem_it_has_mmsegmentation_s_parameters():
    with torch.device("meta"):
        model = PSPNet(use_deep_stem(resnet50(8), 32), 19)
        plain = resnet50(8)
    assert count(model.aux_classifier) == 2_364_691  # mmsegmentation 1.2.2, PSPNet-R50-D8
    assert count(model) - count(model.aux_classifier) == 46_610_803
    behind = {k: v.shape for k, v in plain.state_dict().items() if k.startswith("layer")}
    assert {k: v.shape for k, v in model.backbone.state_dict().items() if k.startswith("layer")} == behind


def test_the_pyramid_weighs_as_much_as_the_feature_and_each_level_the_same():
    pyramid = PyramidPooling(24).eval()
    x = torch.randn(1, 24, 7, 9)
    out = pyramid(x)
    assert out.shape == (1, 48, 7, 9)
    assert torch.equal(out[:, :24], x)
    assert [level[1].out_channels for level in pyramid.levels] == [6, 6, 6, 6]
    assert out[:, 24:30].eq(out[:, 24:30, :1, :1]).all()  # one part: every pixel is told the same


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: PSPNet(resnet18(8, 4), 0), "num_classes is 0; wanted a whole number of at least 1"),
        (lambda: PyramidPooling(8, ()), r"bins are \(\), for 8 channels; wanted .*Give such as \(1, 2, 3, 6\)"),
        (lambda: PyramidPooling(8, (1, 0)), r"bins are \(1, 0\), for 8 channels; wanted whole numbers of at least 1"),
        (lambda: PyramidPooling(8, (1, 2.5)), r"bins are \(1, 2\.5\), for 8 channels"),
        (lambda: PyramidPooling(8, (1, 2, 3)), r"bins are \(1, 2, 3\), for 8 channels; wanted .* divides the channels"),
        (lambda: use_deep_stem(resnet18(8, 4), 0), "width is 0; wanted a whole number of at least 1"),
        (
            lambda: pspnet_small(5).eval()(torch.rand(1, 3, 40, 100)),
            r"the features are 5 × 13; wanted at least 6 × 6 for as many bins\. Give larger images, a smaller output_s",
        ),
        (lambda: pspnet_small(5)(torch.rand(1, 3, 64, 64)), r"the batch is one image, .*Give at least two images"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_remedy(call, message):
    with pytest.raises(ValueError, match=message):
        call()
