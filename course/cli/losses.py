"""The names that `course train` and `course evaluate` take, and what each stands for."""

NETWORKS = (
    "segnet",
    "segnet-basic",
    "deconvnet",
    "fcn32s",
    "fcn16s",
    "fcn8s",
    "fcn-resnet50",
    "unet",
    "unet-small",
    "hrnet-w48",
    "hrnet-w18-small",
    "hrnet-tiny",
)
LOSSES = ("cross-entropy", "focal", "dice", "lovasz", "ohem")


def build(name, classes):
    """A network by its name, with random weights.

    Args:
        name: one of `NETWORKS`.
        classes: k, at least 2.

    Returns:
        nn.Module: images (n, 3, h, w) -> logits (n, k, h, w).

    Raises:
        ValueError: an unknown name.
    """
    match name:
        case "segnet" | "segnet-basic":
            from course.models.semantic.segnet import SegNet, SegNetBasic

            return (SegNet if name == "segnet" else SegNetBasic)(classes)
        case "deconvnet":
            from course.models.semantic.deconvnet import DeconvNet

            return DeconvNet(classes)
        case "fcn32s" | "fcn16s" | "fcn8s":
            from course.models.semantic.fcn import FCN

            return FCN(classes, stride=int(name[3:-1]))
        case "fcn-resnet50":
            from course.models.semantic.fcn_resnet import fcn_resnet50

            return fcn_resnet50(classes)
        case "unet" | "unet-small":
            from course.models.semantic.unet import UNet

            return UNet(classes) if name == "unet" else UNet(classes, widths=(16, 32, 64, 128))
        case "hrnet-w48" | "hrnet-w18-small" | "hrnet-tiny":
            from course.models.semantic import hrnet

            return {
                "hrnet-w48": hrnet.hrnet_w48,
                "hrnet-w18-small": hrnet.hrnet_w18_small,
                "hrnet-tiny": hrnet.hrnet_tiny,
            }[name](classes)
    raise ValueError(f"There is no network called {name!r}. Choose one of: {', '.join(NETWORKS)}.")


def find_loss(name):
    """A loss by its name: (logits, target) -> scalar; ValueError for a name that is not in `LOSSES`."""
    from course import losses

    match name:
        case "cross-entropy":
            return losses.cross_entropy
        case "focal":
            return losses.focal
        case "dice":
            return losses.dice
        case "lovasz":
            return losses.lovasz_softmax
        case "ohem":
            return losses.ohem
    raise ValueError(f"There is no loss called {name!r}. Choose one of: {', '.join(LOSSES)}.")
