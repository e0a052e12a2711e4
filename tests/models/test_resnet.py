"""ResNet as an encoder, held against torchvision's; torchvision's other classifiers as encoders; files of weights."""

import warnings

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torchvision.models.feature_extraction import create_feature_extractor

from course.models.backbones.resnet import ResNet, resnet18, resnet34, resnet50, resnet101
from course.models.backbones.torchvision_encoder import TorchvisionEncoder
from course.models.backbones.weights import read_weights, torchvision_weights
from course.models.blocks import BasicBlock, Bottleneck

DILATE = {32: [False, False, False], 16: [False, False, True], 8: [False, True, True]}


@pytest.mark.parametrize("build", [resnet18, resnet34, resnet50, resnet101])
def test_layers_are_named_and_shaped_as_in_torchvision(build):
    with torch.device("meta"):
        ours = build().state_dict()
        theirs = torchvision.models.get_model(build.__name__).state_dict()
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in theirs.items() if not k.startswith("fc.")}


@pytest.mark.parametrize("output_stride", [32, 16, 8])
def test_resnet50_computes_the_features_of_torchvision_s(output_stride):
    torch.manual_seed(0)
    peer = torchvision.models.resnet50(replace_stride_with_dilation=DILATE[output_stride]).eval()
    with torch.device("meta"):
        encoder = resnet50(output_stride)
    encoder.to_empty(device="cpu").eval().load_classifier(peer.state_dict())
    images = torch.rand(1, 3, 63, 80)
    with torch.no_grad():
        features = encoder(images)
        expected = create_feature_extractor(peer, [f"layer{i}" for i in (1, 2, 3, 4)])(images).values()
    for feature, reference in zip(features, expected, strict=True):
        torch.testing.assert_close(feature, reference, rtol=0, atol=1e-5)


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
@settings(deadline=None, max_examples=8)
@given(h=st.integers(33, 70), w=st.integers(33, 70), output_stride=st.sampled_from([16, 8]))
def test_dilation_keeps_the_weights_and_every_second_pixel_the_strided_feature(block, h, w, output_stride):
    torch.manual_seed(h)
    strided = ResNet(block, (1, 1, 2, 2), width=4).double().eval()
    dilated = ResNet(block, (1, 1, 2, 2), width=4, output_stride=output_stride).double().eval()
    dilated.load_state_dict(strided.state_dict())
    images = torch.rand(1, 3, h, w, dtype=torch.float64)
    with torch.no_grad():
        coarse, fine = strided(images), dilated(images)
    for before, after, stride, dense in zip(coarse, fine, strided.strides, dilated.strides, strict=True):
        assert after.shape[2:] == (-(-h // dense), -(-w // dense))
        every = stride // dense
        torch.testing.assert_close(after[..., ::every, ::every], before, rtol=0, atol=1e-12)


def test_features_have_the_strides_and_channels_that_the_encoder_says():
    encoder = resnet50(output_stride=16, width=4)
    assert encoder.strides == (4, 8, 16, 16)
    assert encoder.channels == (16, 32, 64, 128)
    for feature, stride, channels in zip(
        encoder(torch.rand(1, 3, 64, 96)), encoder.strides, encoder.channels, strict=True
    ):
        assert feature.shape == (1, channels, 64 // stride, 96 // stride)


def test_gradients_reach_every_parameter():
    encoder = resnet18(8, width=4)
    encoder(torch.rand(2, 3, 40, 40))[-1].square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in encoder.parameters())


def test_wrong_arguments_and_images_are_refused_with_what_to_give():
    with pytest.raises(ValueError, match="output_stride is 4; wanted 32, 16 or 8"):
        resnet18(4)
    with pytest.raises(ValueError, match=r"depths is \(1, 1, 1\) and width 4; wanted four depths"):
        ResNet(BasicBlock, (1, 1, 1), width=4)
    with pytest.raises(ValueError, match=r"images are \(1, 1, 40, 40\); wanted \(n, 3, h, w\)\. Give grey images with"):
        resnet18(width=2)(torch.rand(1, 1, 40, 40))


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "efficientnet_b0", "densenet121"])
def test_other_classifiers_hand_on_their_last_feature_of_each_stride(name):
    classifier = torchvision.models.get_model(name).eval()
    encoder = TorchvisionEncoder(classifier).eval()
    images = torch.rand(1, 3, 64, 128)
    with torch.no_grad():
        features = encoder(images)
        deepest = classifier.features(images)
    assert encoder.strides == (4, 8, 16, 32)
    for feature, stride, channels in zip(features, encoder.strides, encoder.channels, strict=True):
        assert feature.shape == (1, channels, 64 // stride, 128 // stride)
    last = deepest.relu() if name == "densenet121" else deepest  # its last ReLU is not among the features
    torch.testing.assert_close(features[-1], last)


def test_the_encoder_of_a_classifier_shares_its_weights():
    classifier = torchvision.models.mobilenet_v3_small()
    encoder = TorchvisionEncoder(classifier)
    kept = {id(p) for p in encoder.parameters()}
    assert kept <= {id(p) for p in classifier.parameters()}
    assert not kept & {id(p) for p in classifier.classifier.parameters()}


def test_an_encoder_of_a_network_with_training_branches_does_not_warn():
    with torch.device("meta"):
        classifier = torchvision.models.googlenet(init_weights=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert TorchvisionEncoder(classifier).channels == (192, 480, 832, 1024)


@pytest.mark.parametrize("size", [224, 256])
def test_a_network_of_patches_is_refused_as_an_encoder(size):
    with pytest.raises(ValueError, match=r"VisionTransformer has no features .* at stride 4, 8"):
        TorchvisionEncoder(torchvision.models.VisionTransformer(size, 32, 1, 2, 8, 16))


@pytest.mark.parametrize("ending", [".pth", ".pt", ".safetensors"])
def test_weights_come_back_from_a_file(tmp_path, ending):
    encoder, path = resnet18(width=2), tmp_path / f"weights{ending}"
    (save_file if ending == ".safetensors" else torch.save)(encoder.state_dict(), path)
    other = resnet18(width=2)
    other.load_classifier(read_weights(path))
    for name, tensor in encoder.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name


def test_files_that_are_no_weights_are_refused_with_a_reason(tmp_path):
    with pytest.raises(ValueError, match=r"path is 'w\.npz'; wanted a file that ends in \.safetensors, \.pth or \.pt"):
        read_weights(tmp_path / "w.npz")
    with pytest.raises(FileNotFoundError, match=r"path is .*w\.pth; wanted a file that is there"):
        read_weights(tmp_path / "w.pth")
    for name in ("w.pth", "w.safetensors"):
        (tmp_path / name).write_bytes(b"no weights at all")
        with pytest.raises(ValueError, match=r"is damaged or holds code .*; wanted tensors alone"):
            read_weights(tmp_path / name)
    torch.save({"epoch": 3}, tmp_path / "w.pth")
    with pytest.raises(ValueError, match=r"wanted tensors by name\. Save model\.state_dict\(\)"):
        read_weights(tmp_path / "w.pth")


def test_torchvision_s_weights_come_from_the_cache_and_without_a_network_say_where_to_put_them(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", no_network)
    with pytest.raises(ConnectionError, match=r"wanted them in .*checkpoints\. .*resnet18-f37072fd\.pth elsewhere"):
        torchvision_weights("resnet18")
    torch.save({"conv1.weight": torch.ones(2)}, tmp_path / "checkpoints" / "resnet18-f37072fd.pth")
    assert torchvision_weights("resnet18")["conv1.weight"].tolist() == [1, 1]


def no_network(*_arguments, **_options):
    raise ConnectionResetError("nobody there")


def test_unknown_networks_and_trainings_are_named():
    with pytest.raises(ValueError, match=r"name is 'resnet51'; wanted a network of torchvision, see"):
        torchvision_weights("resnet51")
    with pytest.raises(ValueError, match="weights is 'V3'; wanted one of resnet50's: IMAGENET1K_V1, IMAGENET1K_V2"):
        torchvision_weights("resnet50", "V3")
