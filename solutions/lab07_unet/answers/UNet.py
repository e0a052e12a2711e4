"""Wrong and right answers to `UNet`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "UNet",
        "probabilities in evaluation",
        fails="it_has_good_manners",
        says="In .eval() mode the result is not right, though it is in .train() mode",
        edits=(
            (
                "return self.score(x)",
                "x = self.score(x)\n        return x if self.training else x.softmax(1)",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "UNet",
        "skips are detached",
        fails="the_gradient_is_right",
        says="through the skips",
        edits=(("expand(x, skips.pop())", "expand(x, skips.pop().detach())"),),
        alone=True,
    ),
    Wrong(
        "UNet",
        "every level's features kept on the network",
        fails="it_has_good_manners",
        says="keeps",
        edits=(
            (
                "        x = skips.pop()\n",
                '        self.__dict__.setdefault("features", []).extend(skips)\n        x = skips.pop()\n',
            ),
        ),
        alone=True,
    ),
    Wrong(
        "UNet",
        "the picture made float32",
        fails="float64_is_computed_in_float64",
        says="Given float64",
        edits=(
            (
                "skips = [self.down[0](x)]",
                "x = x.float()\n        skips = [self.down[0](x)]",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "UNet",
        "levels pooled where they end, not rounded: only square pictures",
        fails="the_scores_are_those_of_the_figure",
        says="",
        edits=(
            (
                "F.max_pool2d(skips[-1], 2)",
                "F.adaptive_max_pool2d(skips[-1], skips[-1].shape[3] // 2)",
            ),
        ),
    ),
    Wrong(
        "UNet",
        "the blocks in a plain list",
        fails="it_has_the_weights_of_the_paper",
        says="weights have the shapes",
        edits=(
            (
                "self.down, self.up = nn.ModuleList(), nn.ModuleList()",
                "self.down, self.up = [], []",
            ),
        ),
    ),
    Wrong(
        "UNet",
        "ReLU on the scores",
        fails="scores_may_be_negative",
        says="below 0",
        edits=(("return self.score(x)", "return F.relu(self.score(x))"),),
    ),
    Wrong(
        "UNet",
        "softmax on the scores",
        fails="scores_may_be_negative",
        says="below 0",
        edits=(("return self.score(x)", "return self.score(x).softmax(1)"),),
    ),
    Wrong(
        "UNet",
        "the pooled features as skips",
        fails="the_scores_are_those_of_the_figure",
        says="",
        source="""
class UNet(nn.Module):
    def __init__(self, num_classes, in_channels, widths):
        super().__init__()
        all_widths = (in_channels, *widths)
        self.down = nn.ModuleList(ContractingBlock(a, b) for a, b in zip(all_widths, widths))
        self.up = nn.ModuleList(ExpandingBlock(a, b) for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.score = nn.Conv2d(widths[0], num_classes, 1)

    def forward(self, x):
        skips = []
        for level in self.down[:-1]:
            x = F.max_pool2d(level(x), 2)
            skips.append(x)
        x = self.down[-1](x)
        for expand in self.up:
            large = F.interpolate(skips.pop(), scale_factor=2.0)
            x = expand(x, large)
        return self.score(x)
""",
    ),
    Wrong(
        "UNet",
        "skips taken from the finest on",
        fails="the_scores_are_those_of_the_figure",
        says="raised",
        edits=(("x = expand(x, skips.pop())", "x = expand(x, skips.pop(0))"),),
    ),
    Wrong(
        "UNet",
        "average pooling",
        fails="the_scores_are_those_of_the_figure",
        says="of the figure",
        edits=(("F.max_pool2d", "F.avg_pool2d"),),
    ),
    Wrong(
        "UNet",
        "strided picking instead of pooling",
        fails="the_scores_are_those_of_the_figure",
        says="of the figure",
        edits=(("F.max_pool2d(skips[-1], 2)", "skips[-1][:, :, ::2, ::2]"),),
    ),
    Wrong(
        "UNet",
        "no pooling between levels",
        fails="what_comes_out_is_smaller_by_what_the_convolutions_lose",
        says="",
        edits=(("F.max_pool2d(skips[-1], 2)", "skips[-1]"),),
    ),
    Wrong(
        "UNet",
        "always three levels",
        fails="any_number_of_levels_will_do",
        says="raised",
        edits=(("c = in_channels\n", "a, b, d = widths\n        c = in_channels\n"),),
    ),
]

RIGHT = [
    Right(
        "UNet",
        "recursion: a U inside a U",
        """
class UNet(nn.Module):
    def __init__(self, num_classes, in_channels, widths):
        super().__init__()
        self.score = nn.Conv2d(widths[0], num_classes, 1) if num_classes else nn.Identity()
        self.contract = ContractingBlock(in_channels, widths[0])
        if len(widths) > 1:
            self.inner = UNet(0, widths[0], widths[1:])
            self.expand = ExpandingBlock(widths[1], widths[0])

    def forward(self, x):
        x = self.contract(x)
        if hasattr(self, "inner"):
            x = self.expand(self.inner(nn.functional.max_pool2d(x, 2)), x)
        return self.score(x)
""",
    ),
    Right(
        "UNet",
        "indices instead of a stack, layers from the library of blocks",
        """
class UNet(nn.Module):
    def __init__(self, num_classes, in_channels, widths):
        super().__init__()
        self.levels = len(widths)
        self.pool = nn.MaxPool2d(kernel_size=2)
        for i, width in enumerate(widths):
            self.add_module(f"down{i}", ContractingBlock(in_channels if i == 0 else widths[i - 1], width))
        for i in range(self.levels - 1):
            self.add_module(f"up{i}", ExpandingBlock(widths[i + 1], widths[i]))
        self.last = nn.Conv2d(widths[0], num_classes, kernel_size=1)

    def forward(self, x):
        features = {}
        for i in range(self.levels):
            features[i] = getattr(self, f"down{i}")(x if i == 0 else self.pool(features[i - 1]))
        x = features[self.levels - 1]
        for i in range(self.levels - 2, -1, -1):
            x = getattr(self, f"up{i}")(x, features[i])
        return self.last(x)
""",
    ),
]
