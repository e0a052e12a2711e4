"""Wrong and right answers to `ContextModule`."""

from autograder.audit.answers import Equivalent, Right, Wrong

NAME = "ContextModule"
_ORDER = "the_dilations_are_those_of_the_paper_in_order"
_COUNT = "it_has_64_times_the_squared_channels"

WRONG = [
    Wrong(
        NAME,
        "no dilation",
        fails=_ORDER,
        says="dilation 1, 1, 2, 4, 8, 16, 1",
        edits=(("padding=dilation, dilation=dilation", "padding=1"),),
    ),
    Wrong(
        NAME,
        "padding 1 at every dilation",
        fails="it_keeps_the_size_of_the_map",
        says="Padding must keep",
        edits=(("padding=dilation, dilation=dilation", "padding=1, dilation=dilation"),),
    ),
    Wrong(
        NAME,
        "the outermost pixel repeated beyond the border",
        fails=_ORDER,
        says="zero padding",
        edits=(("dilation=dilation)", 'dilation=dilation, padding_mode="replicate")'),),
    ),
    Wrong(
        NAME,
        "ReLU after the last layer too",
        fails=_ORDER,
        says="then 1×1 without",
        edits=(("return self.last(x)", "return F.relu(self.last(x))"),),
    ),
    Wrong(
        NAME,
        "no ReLU at all",
        fails="it_begins_as_the_identity",
        says="ReLU makes 0",
        edits=(("x = F.relu(layer(x))", "x = layer(x)"),),
    ),
    Wrong(
        NAME,
        "PyTorch's own initialization",
        fails="it_begins_as_the_identity",
        says="copy",
        edits=(
            ("layer.weight.zero_()", "pass"),
            ("layer.weight[:, :, middle, middle] = torch.eye(channels)", "pass"),
        ),
    ),
    Wrong(
        NAME,
        "biases left at random",
        fails="its_weights_are_exactly_those_of_the_identity",
        says="biases of 0",
        edits=(("                layer.bias.zero_()\n", ""),),
    ),
    Wrong(
        NAME,
        "ones at all middle taps, from every channel",
        fails="it_begins_as_the_identity",
        says="from a channel to itself",
        edits=(("= torch.eye(channels)", "= torch.ones(channels, channels)"),),
    ),
    Wrong(
        NAME,
        "the identity in the upper left tap",
        fails="it_begins_as_the_identity",
        says="middle tap",
        edits=(("middle = layer.kernel_size[0] // 2", "middle = 0"),),
    ),
    Wrong(
        NAME,
        "eight 3×3 convolutions",
        fails=_COUNT,
        says="weights have the shapes",
        edits=(
            (
                "self.last = nn.Conv2d(channels, channels, 1)",
                "self.last = nn.Conv2d(channels, channels, 3, padding=1)",
            ),
        ),
    ),
    Wrong(
        NAME,
        "no biases",
        fails=_COUNT,
        says="bias",
        edits=(
            ("dilation=dilation)", "dilation=dilation, bias=False)"),
            (
                "nn.Conv2d(channels, channels, 1)",
                "nn.Conv2d(channels, channels, 1, bias=False)",
            ),
            ("                layer.bias.zero_()\n", ""),
        ),
    ),
    Wrong(
        NAME,
        "layers in a plain list",
        fails=_COUNT,
        says="weights have the shapes",
        edits=(("self.layers = nn.ModuleList()", "self.layers = []"),),
    ),
    Wrong(
        NAME,
        "the paper's dilations, whatever is asked",
        fails="other_dilations_can_be_chosen",
        says="weights have the shapes",
        edits=(("for dilation in dilations:", "for dilation in (1, 1, 2, 4, 8, 16, 1):"),),
    ),
    Wrong(
        NAME,
        "one layer used again and again",
        fails=_COUNT,
        says="weights have the shapes",
        source="""
class ContextModule(nn.Module):
    def __init__(self, channels, dilations=(1, 1, 2, 4, 8, 16, 1)):
        super().__init__()
        self.dilations = dilations
        self.layer, self.last = nn.Conv2d(channels, channels, 3), nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        for d in self.dilations:
            x = F.relu(F.conv2d(x, self.layer.weight, self.layer.bias, padding=d, dilation=d))
        return self.last(x)
""",
    ),
    Wrong(
        NAME,
        "the input added at the end",
        fails=_ORDER,
        says="then 1×1 without",
        edits=(
            (
                "        for layer in self.layers:\n",
                "        first = x\n        for layer in self.layers:\n",
            ),
            ("return self.last(x)", "return first + self.last(x)"),
        ),
    ),
]

RIGHT = [
    Right(
        NAME,
        "a Sequential, and dirac by hand",
        """
class ContextModule(nn.Module):
    def __init__(self, channels, dilations=(1, 1, 2, 4, 8, 16, 1)):
        super().__init__()
        steps = []
        for d in dilations:
            steps += [nn.Conv2d(channels, channels, (3, 3), padding="same", dilation=d), nn.ReLU()]
        steps.append(nn.Conv2d(channels, channels, 1))
        self.steps = nn.Sequential(*steps)
        for step in self.steps[::2]:
            identity = torch.zeros_like(step.weight)
            for c in range(channels):
                identity[c, c, step.weight.shape[2] // 2, step.weight.shape[3] // 2] = 1.0
            step.weight.data = identity
            nn.init.constant_(step.bias, 0.0)

    def forward(self, x):
        return self.steps(x)
""",
    ),
    Right(
        NAME,
        "padding by hand, ReLU as clamp",
        """
class ContextModule(nn.Module):
    def __init__(self, channels, dilations=(1, 1, 2, 4, 8, 16, 1)):
        super().__init__()
        self.dilations = list(dilations)
        self.blocks = nn.ModuleList([nn.Conv2d(channels, channels, 3, dilation=d) for d in dilations])
        self.mix = nn.Conv2d(channels, channels, kernel_size=1)
        for p in self.parameters():
            nn.init.zeros_(p)
        for block in self.blocks:
            block.weight.data[range(channels), range(channels), 1, 1] = 1
        self.mix.weight.data[:, :, 0, 0] = torch.eye(channels)

    def forward(self, x):
        for d, block in zip(self.dilations, self.blocks):
            x = block(F.pad(x, (d, d, d, d))).clamp(min=0)
        return self.mix(x)
""",
    ),
]

EQUIVALENT = [
    Equivalent(NAME, "layer.kernel_size[1]", "kernels are square"),
    Equivalent(NAME, "layer.kernel_size[-1]", "kernels are square"),
    Equivalent(
        NAME,
        "layer.kernel_size[0] // 3",
        "a third of 3 is 1, too, and of 1 it is 0, rounded down",
    ),
]
