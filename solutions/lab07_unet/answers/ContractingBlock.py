"""Wrong and right answers to `ContractingBlock`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "ContractingBlock",
        "ReLU6 for ReLU",
        fails="a_relu_follows_each_convolution",
        says="ReLU of the second",
        edits=(("return F.relu(", "return F.relu6("),),
    ),
    Wrong(
        "ContractingBlock",
        "no ReLU at the end while it is evaluated",
        fails="it_has_good_manners",
        says="In .eval() mode",
        edits=(
            (
                "return F.relu(self.second(F.relu(self.first(x))))",
                "x = self.second(F.relu(self.first(x)))\n        return F.relu(x) if self.training else x",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "ContractingBlock",
        "the picture keeps no gradient",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        edits=(("self.first(x)", "self.first(x.detach())"),),
        alone=True,
    ),
    Wrong(
        "ContractingBlock",
        "the first convolution under no_grad",
        fails="the_gradient_is_right",
        says="No gradient reaches",
        edits=(
            (
                "return F.relu(self.second(F.relu(self.first(x))))",
                "with torch.no_grad():\n            x = F.relu(self.first(x))\n        return F.relu(self.second(x))",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "ContractingBlock",
        "a weight that never learns",
        fails="the_gradient_is_right",
        says="No gradient reaches first.weight",
        edits=(
            (
                "F.relu(self.first(x))",
                "F.relu(F.conv2d(x, self.first.weight.detach(), self.first.bias))",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "ContractingBlock",
        "the picture shifted in place",
        fails="it_has_good_manners",
        says="x changed in place",
        edits=(
            (
                "return F.relu(self.second(F.relu(self.first(x))))",
                "x -= 1\n        y = self.first(x) + self.first.weight.sum((1, 2, 3))[:, None, None]\n        return F.relu(self.second(F.relu(y)))",
            ),
        ),
    ),
    Wrong(
        "ContractingBlock",
        "layers that take float32 alone",
        fails="float64_is_computed_in_float64",
        says="Given float64",
        edits=(
            (
                "self.first(x)",
                "F.conv2d(x.float(), self.first.weight.float(), self.first.bias.float()).to(x.dtype)",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "ContractingBlock",
        "padded, so that the size is kept",
        fails="no_pixel_is_padded",
        says="without padding",
        edits=(("out_channels, 3)", "out_channels, 3, padding=1)"),),
    ),
    Wrong(
        "ContractingBlock",
        "no ReLU after the second",
        fails="a_relu_follows_each_convolution",
        says="ReLU of the second",
        edits=(
            (
                "return F.relu(self.second(F.relu(self.first(x))))",
                "return self.second(F.relu(self.first(x)))",
            ),
        ),
    ),
    Wrong(
        "ContractingBlock",
        "no ReLU between the two",
        fails="a_relu_follows_each_convolution",
        says="ReLU of the second",
        edits=(("F.relu(self.first(x))", "self.first(x)"),),
    ),
    Wrong(
        "ContractingBlock",
        "no biases",
        fails="it_has_two_convolutions_with_biases",
        says="have a bias",
        edits=(("out_channels, 3)", "out_channels, 3, bias=False)"),),
        alone=True,
    ),
    Wrong(
        "ContractingBlock",
        "one convolution twice",
        fails="it_has_two_convolutions_with_biases",
        says="weights have the shapes",
        source="""
class ContractingBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 5)

    def forward(self, x):
        return F.relu(self.conv(x))
""",
    ),
    Wrong(
        "ContractingBlock",
        "the first keeps its channels",
        fails="it_has_two_convolutions_with_biases",
        says="weights have the shapes",
        edits=(
            (
                "self.first = nn.Conv2d(in_channels, out_channels, 3)",
                "self.first = nn.Conv2d(in_channels, in_channels, 3)",
            ),
            (
                "self.second = nn.Conv2d(out_channels, out_channels, 3)",
                "self.second = nn.Conv2d(in_channels, out_channels, 3)",
            ),
        ),
    ),
    Wrong(
        "ContractingBlock",
        "with batch normalization",
        fails="it_has_two_convolutions_with_biases",
        says="normalizations over",
        edits=(
            (
                "self.second = nn.Conv2d(out_channels, out_channels, 3)",
                "self.second = nn.Sequential(nn.Conv2d(out_channels, out_channels, 3), nn.BatchNorm2d(out_channels))",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "ContractingBlock",
        "a Sequential",
        """
class ContractingBlock(nn.Sequential):
    def __init__(self, in_channels, out_channels):
        super().__init__(
            nn.Conv2d(in_channels, out_channels, kernel_size=3), nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, kernel_size=3), nn.ReLU(inplace=True),
        )
""",
    ),
    Right(
        "ContractingBlock",
        "a list of layers, clamp as ReLU",
        """
class ContractingBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(c, out_channels, (3, 3), padding="valid") for c in (in_channels, out_channels))

    def forward(self, x):
        for conv in self.convs:
            x = conv(x).clamp(min=0)
        return x
""",
    ),
]
