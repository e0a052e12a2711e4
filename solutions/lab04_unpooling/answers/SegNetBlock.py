"""Wrong and right answers to `SegNetBlock`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "SegNetBlock",
        "ReLU6 for ReLU",
        fails="relu_comes_last",
        says="ReLU comes after",
        edits=(("F.relu(", "F.relu6("),),
    ),
    Wrong(
        "SegNetBlock",
        "a bias beside the normalization's",
        fails="it_has_the_parameters_of_the_paper",
        says="no bias",
        edits=(("padding=1, bias=False", "padding=1"),),
    ),
    Wrong(
        "SegNetBlock",
        "nearest upsampling instead of the switches",
        fails="values_go_where_the_switches_point",
        says="unpooled by its switches",
        edits=(
            ("unpooling.max_unpool(values, switches, size)", "F.interpolate(values, size)"),
        ),
    ),
    Wrong(
        "SegNetBlock",
        "no ReLU",
        fails="relu_comes_last",
        says="ReLU comes after",
        edits=(("F.relu(self.norm(", "(self.norm("),),
    ),
    Wrong(
        "SegNetBlock",
        "ReLU before the normalization",
        fails="relu_comes_last",
        says="ReLU comes after",
        edits=(("F.relu(self.norm(self.conv(", "self.norm(F.relu(self.conv("),),
    ),
    Wrong(
        "SegNetBlock",
        "the normalization is frozen",
        fails="it_normalizes_by_the_batch_while_training",
        says="batch's own mean",
        edits=(("return F.relu(", "self.norm.eval()\n        return F.relu("),),
    ),
    Wrong(
        "SegNetBlock",
        "convolution before unpooling",
        fails="values_go_where_the_switches_point",
        says="unpooled by its switches, then",
        edits=(
            (
                "self.norm(self.conv(unpooling.max_unpool(values, switches, size)))",
                "self.norm(unpooling.max_unpool(self.conv(values), switches[:, :1].expand(-1, 4, -1, -1), size))",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "SegNetBlock",
        "a Sequential, and torch's unpooling",
        """
class SegNetBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, padding="same", bias=False), nn.BatchNorm2d(out_channels), nn.ReLU()
        )

    def forward(self, values, switches, size):
        return self.layers(max_unpool(values, switches, size))
""",
    ),
    Right(
        "SegNetBlock",
        "padding by hand, ReLU as clamp",
        """
class SegNetBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.batch_norm = nn.BatchNorm2d(out_channels)
        self.weights = nn.Conv2d(in_channels, out_channels, kernel_size=(3, 3), bias=None)

    def forward(self, values, switches, size):
        large = F.pad(unpooling.max_unpool(values, switches, size), (1, 1, 1, 1))
        return self.batch_norm(self.weights(large)).clamp(min=0)
""",
    ),
]
