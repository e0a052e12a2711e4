"""Wrong and right answers to `ExpandingBlock`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "ExpandingBlock",
        "the skip is detached",
        fails="the_gradient_is_right",
        says="No gradient reaches argument 2",
        edits=(("crop_and_concatenate(skip,", "crop_and_concatenate(skip.detach(),"),),
        alone=True,
    ),
    Wrong(
        "ExpandingBlock",
        "what comes up is detached: the levels below never learn",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        edits=(("self.up(x)", "self.up(x.detach())"),),
        alone=True,
    ),
    Wrong(
        "ExpandingBlock",
        "every skip kept for a picture later",
        fails="it_has_good_manners",
        says="keeps",
        edits=(
            (
                "        return self.fuse(",
                '        self.__dict__.setdefault("seen", []).append(skip)\n        return self.fuse(',
            ),
        ),
        alone=True,
    ),
    Wrong(
        "ExpandingBlock",
        "the skip left out in evaluation",
        fails="it_has_good_manners",
        says="In .eval() mode",
        edits=(
            (
                "        return self.fuse(",
                "        skip = skip if self.training else 0 * skip\n        return self.fuse(",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "ExpandingBlock",
        "nearest upsampling and a 1×1 convolution",
        fails="it_has_the_layers_of_the_figure",
        says="weights have the shapes",
        edits=(
            (
                "nn.ConvTranspose2d(in_channels, out_channels, 2, stride=2)",
                "nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(in_channels, out_channels, 1))",
            ),
        ),
    ),
    Wrong(
        "ExpandingBlock",
        "stride forgotten: the size does not double",
        fails="it_doubles_and_then_loses_four",
        says="doubles",
        edits=((", stride=2", ""),),
    ),
    Wrong(
        "ExpandingBlock",
        "ReLU after the transposed convolution",
        fails="the_bridge_stands_before_the_newcomer",
        says="no ReLU",
        edits=(("self.up(x))", "F.relu(self.up(x)))"),),
    ),
    Wrong(
        "ExpandingBlock",
        "the newcomer first",
        fails="the_bridge_stands_before_the_newcomer",
        says="skip's channels come first",
        edits=(
            (
                "crop_and_concatenate(skip, self.up(x))",
                "torch.roll(crop_and_concatenate(skip, self.up(x)), skip.shape[1], 1)",
            ),
        ),
    ),
    Wrong(
        "ExpandingBlock",
        "the skip's upper left corner",
        fails="the_bridge_is_cut_to_its_middle",
        says="its middle",
        edits=(
            (
                "return self.fuse(crop_and_concatenate(skip, self.up(x)))",
                "x = self.up(x)\n        return self.fuse(torch.cat([skip[:, :, : x.shape[2], : x.shape[3]], x], 1))",
            ),
        ),
    ),
    Wrong(
        "ExpandingBlock",
        "the channels are not halved on the way up",
        fails="it_has_the_layers_of_the_figure",
        says="weights have the shapes",
        edits=(
            (
                "nn.ConvTranspose2d(in_channels, out_channels,",
                "nn.ConvTranspose2d(in_channels, in_channels,",
            ),
            (
                "ContractingBlock(2 * out_channels, out_channels)",
                "ContractingBlock(in_channels + out_channels, out_channels)",
            ),
        ),
    ),
    Wrong(
        "ExpandingBlock",
        "the skip is added",
        fails="it_has_the_layers_of_the_figure",
        says="weights have the shapes",
        source="""
class ExpandingBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, out_channels, 2, stride=2)
        self.fuse = ContractingBlock(out_channels, out_channels)

    def forward(self, x, skip):
        both = crop_and_concatenate(skip, self.up(x))
        return self.fuse(both[:, : skip.shape[1]] + both[:, skip.shape[1] :])
""",
    ),
]

RIGHT = [
    Right(
        "ExpandingBlock",
        "everything written out, layers in another order",
        """
class ExpandingBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.b = nn.Conv2d(out_channels, out_channels, 3)
        self.a = nn.Conv2d(out_channels + out_channels, out_channels, 3)
        self.grow = nn.ConvTranspose2d(in_channels, out_channels, kernel_size=2, stride=2)

    def forward(self, x, skip):
        x = self.grow(x)
        top, left = (skip.shape[2] - x.shape[2]) // 2, (skip.shape[3] - x.shape[3]) // 2
        skip = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
        return F.relu(self.b(F.relu(self.a(torch.cat((skip, x), 1)))))
""",
    ),
    Right(
        "ExpandingBlock",
        "two separate halves of the first convolution's weight, added",
        """
class ExpandingBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, out_channels, 2, 2)
        self.first, self.second = nn.Conv2d(2 * out_channels, out_channels, 3), nn.Conv2d(out_channels, out_channels, 3)

    def forward(self, x, skip):
        x, c = self.up(x), skip.shape[1]
        middle = crop_and_concatenate(skip, x)[:, :c]
        both = F.conv2d(middle, self.first.weight[:, :c]) + F.conv2d(x, self.first.weight[:, c:], self.first.bias)
        return self.second(both.relu()).relu()
""",
    ),
]
