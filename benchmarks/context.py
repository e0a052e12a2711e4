"""DeepLabV3 beside torchvision's and PSPNet beside pytorchcv's: python -m benchmarks.context.

The tables are those of `benchmarks.networks`. Both pairs are the same network: with the same weights their logits
agree, which is checked first. The peers compute their auxiliary head in a prediction too, the course does not.
"""

from benchmarks.networks import race_all

NAMES = ("DeepLabV3-ResNet50", "PSPNet-ResNet50")


def main() -> None:
    """Race both."""
    race_all(NAMES, __doc__)


if __name__ == "__main__":
    main()
