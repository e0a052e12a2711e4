"""Networks of the course and of others that are the same or nearly, built and stepped alike.

- FCN on ResNet-50: the same network as torchvision's. Its weights give the same logits, which `agree` checks.
- HRNetV2-W18-small-v2: timm has the body, with the same layers by the same names. Its exchange units repeat pixels, as
  in the published classifier; here they are set to bilinear, as in the published segmenter, and get the course's head.
  Same weights, same logits, checked as well.
- DeepLabV3 on ResNet-50: the same network as torchvision's, as FCN.
- PSPNet on ResNet-50: the same network as pytorchcv's, layer by layer under other names, once its upsampling no longer
  aligns corners. Same weights in the same order, same logits, checked as well.
- U-Net: segmentation_models_pytorch has no plain one. VGG13's five stages are a U-Net's way down with the widths 64,
  128, 256, 512, 512, so its Unet on vgg13_bn, four poolings deep and without the block that it puts in the middle, is
  compared with the course's of these widths. It differs in two points: on the way up it repeats pixels where the course
  has a transposed convolution, and it has no skip connection at full size. So compare its time per multiply-add.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.segmentation import deeplabv3_resnet50 as torchvision_deeplabv3
from torchvision.models.segmentation import fcn_resnet50 as torchvision_fcn

from course.models.semantic.deeplabv3 import deeplabv3_resnet50
from course.models.semantic.fcn_resnet import fcn_resnet50
from course.models.semantic.hrnet import hrnet_w18_small
from course.models.semantic.pspnet import pspnet_resnet50
from course.models.semantic.unet import UNet

CLASSES = 21
MISSING = {"timm": "timm", "pytorchcv": "pytorchcv", "segmentation_models_pytorch": "segmentation-models-pytorch"}


class TimmHRNet(nn.Module):
    """timm's HRNet, its exchange units bilinear, with the course's head."""

    def __init__(self):
        super().__init__()
        from timm import create_model

        options = {"features_only": True, "feature_location": "", "out_indices": (1, 2, 3, 4)}
        self.body = create_model("hrnet_w18_small_v2", **options)
        for layer in self.body.modules():
            if isinstance(layer, nn.Upsample):
                layer.mode = "bilinear"
        self.last_layer = hrnet_w18_small(CLASSES).last_layer

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the images' size."""
        streams = self.body(images)
        size = streams[0].shape[2:]
        together = torch.cat([F.interpolate(x, size=size, mode="bilinear") for x in streams], 1)
        return F.interpolate(self.last_layer(together), size=images.shape[2:], mode="bilinear")


def smp_unet() -> nn.Module:
    """segmentation_models_pytorch's nearest to a plain U-Net."""
    from segmentation_models_pytorch import Unet

    widths = {"encoder_depth": 4, "decoder_channels": (512, 256, 128, 64)}
    model = Unet("vgg13_bn", encoder_weights=None, classes=CLASSES, **widths)
    model.decoder.center = nn.Identity()
    return model


class CornersApart:
    """torch.nn.functional for pytorchcv's PSPNet: what it upsamples by, without aligned corners."""

    @staticmethod
    def interpolate(x: Tensor, size: tuple[int, int], mode: str, align_corners: bool) -> Tensor:
        """Pixels as squares, whatever is asked for."""
        return F.interpolate(x, size=tuple(size), mode=mode, align_corners=False)


def pytorchcv_pspnet() -> nn.Module:
    """pytorchcv's PSPNet for images of any size, with its auxiliary head."""
    from pytorchcv.models import pspnet

    pspnet.F = CornersApart
    return pspnet.pspnet_resnetd50b_voc(aux=True, fixed_size=False, num_classes=CLASSES)


# network -> contender -> how it is built; the course's first
CONTENDERS: dict[str, dict[str, Callable[[], nn.Module]]] = {
    "FCN-ResNet50": {
        "course": lambda: fcn_resnet50(CLASSES),
        "torchvision": lambda: torchvision_fcn(weights_backbone=None, num_classes=CLASSES, aux_loss=True),
    },
    "DeepLabV3-ResNet50": {
        "course": lambda: deeplabv3_resnet50(CLASSES),
        "torchvision": lambda: torchvision_deeplabv3(weights_backbone=None, num_classes=CLASSES, aux_loss=True),
    },
    "PSPNet-ResNet50": {"course": lambda: pspnet_resnet50(CLASSES), "pytorchcv": pytorchcv_pspnet},
    "HRNet-W18-small": {"course": lambda: hrnet_w18_small(CLASSES), "timm, our head": TimmHRNet},
    "U-Net": {
        "course": lambda: UNet(CLASSES, widths=(64, 128, 256, 512, 512)),
        "smp, on vgg13_bn": smp_unet,
    },
}


def both_heads(model: nn.Module, images: Tensor) -> tuple[Tensor, ...]:
    """The logits, with those of the auxiliary head where the network has one."""
    found = model.with_auxiliary(images) if hasattr(model, "with_auxiliary") else model(images)
    return tuple(found.values()) if isinstance(found, dict) else found if isinstance(found, tuple) else (found,)


def training_step(model: nn.Module, images: Tensor, labels: Tensor) -> None:
    """Forward, cross-entropy, backward; in bf16 on CUDA. The same for all contenders."""
    for parameter in model.parameters():
        parameter.grad = None
    with torch.autocast("cuda", torch.bfloat16, enabled=images.is_cuda):
        sum(F.cross_entropy(logits.float(), labels) for logits in both_heads(model, images)).backward()
    synchronize(images)


@torch.no_grad()
def prediction(model: nn.Module, images: Tensor) -> None:
    """One forward pass."""
    with torch.autocast("cuda", torch.bfloat16, enabled=images.is_cuda):
        model(images)
    synchronize(images)


def synchronize(images: Tensor) -> None:
    """Wait for the GPU, so that times are of work done."""
    if images.is_cuda:
        torch.cuda.synchronize()


def batch_of(size: tuple[int, int, int], device: torch.device) -> tuple[Tensor, Tensor]:
    """Random images (n, 3, h, w) and labels; on CUDA with channels last, as `fit` has them."""
    n, h, w = size
    images = torch.rand(n, 3, h, w, device=device)
    images = images.contiguous(memory_format=torch.channels_last) if device.type == "cuda" else images
    return images, torch.zeros(n, h, w, dtype=torch.long, device=device)


def on(device: torch.device, model: nn.Module) -> nn.Module:
    """The network on the device, in its memory layout."""
    return model.to(device, memory_format=torch.channels_last if device.type == "cuda" else torch.contiguous_format)


def built(network: str) -> tuple[dict[str, nn.Module], list[str]]:
    """The contenders that can be imported here, and a sentence for each that cannot."""
    models, missing = {}, []
    for name, build in CONTENDERS[network].items():
        try:
            models[name] = build()
        except ImportError as error:
            package = MISSING.get((error.name or "").split(".")[0])
            if package is None:
                raise
            missing.append(f"{network}, {name}: install {package} to see this row")
    return models, missing


@torch.no_grad()
def agree(network: str, models: dict[str, nn.Module]) -> None:
    """Give the course's network the other's weights where the layers are the same; SystemExit if logits differ."""
    if network == "U-Net" or len(models) < 2:
        return
    ours, theirs = (model.eval() for model in models.values())
    weights = {name.removeprefix("body."): value for name, value in theirs.state_dict().items()}
    if network == "PSPNet-ResNet50":
        weights = dict(zip(ours.state_dict(), weights.values(), strict=True))
    ours.load_state_dict(weights)
    images = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    found, expected = both_heads(ours, images)[0], both_heads(theirs, images)[0]
    gap = ((found - expected).abs().max() / expected.abs().max()).item()  # random weights: logits of any magnitude
    if gap > 1e-4:
        raise SystemExit(f"{network}: logits differ by {gap:.2g} of their largest; the times would not compare")
