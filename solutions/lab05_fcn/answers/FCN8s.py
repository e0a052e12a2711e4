"""Wrong and right answers to `FCN8s`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "FCN8s",
        "pool4 is detached: the encoder learns by half",
        fails="the_gradient_is_right",
        says="No gradient reaches argument 2",
        edits=(("fuse(x, pool4,", "fuse(x, pool4.detach(),"),),
        alone=True,
    ),
    Wrong(
        "FCN8s",
        "the bilinear kernels learn",
        fails="it_has_three_score_layers",
        says="three score layers, nothing else",
        edits=(
            (
                "        # BEGIN SOLUTION\n        self.score3",
                '        # BEGIN SOLUTION\n        self.enlarge = nn.ConvTranspose2d(num_classes, num_classes, 16, 8, 4, bias=False)\n        self.enlarge.load_state_dict({"weight": bilinear_kernel(num_classes, 8)})\n        self.score3',
            ),
            (
                "        kernel = bilinear_kernel(x.shape[1], 8).to(x)\n        return crop_to(F.conv_transpose2d(x, kernel, stride=8), size, 4)",
                "        return self.enlarge(x)[:, :, : size[0], : size[1]]",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "FCN8s",
        "probabilities in evaluation",
        fails="it_has_good_manners",
        says="In .eval() mode",
        edits=(
            (
                "        return crop_to(F.conv_transpose2d(x, kernel, stride=8), size, 4)",
                "        x = crop_to(F.conv_transpose2d(x, kernel, stride=8), size, 4)\n        return x if self.training else x.softmax(1)",
            ),
        ),
    ),
    Wrong(
        "FCN8s",
        "float32 kernels",
        fails="float64_is_computed_in_float64",
        says="in the input's dtype",
        edits=(("bilinear_kernel(x.shape[1], 8).to(x)", "bilinear_kernel(x.shape[1], 8)"),),
    ),
    Wrong(
        "FCN8s",
        "one picture at a time",
        fails="pictures_of_any_size_are_named",
        says="shape",
        edits=(
            (
                "        x = self.score(deep)\n",
                "        pool3, pool4, deep = pool3[:1], pool4[:1], deep[:1]\n        x = self.score(deep)\n",
            ),
        ),
    ),
    Wrong(
        "FCN8s",
        "all scores kept for a picture",
        fails="it_has_good_manners",
        says="keeps",
        edits=(
            (
                "        kernel = bil",
                '        self.__dict__.setdefault("seen", []).append(x)\n        kernel = bil',
            ),
        ),
    ),
    Wrong(
        "FCN8s",
        "the skips start at random",
        fails="at_first_the_skips_change_nothing",
        says="start at zero",
        edits=(
            (
                "            nn.init.zeros_(layer.weight)\n            nn.init.zeros_(layer.bias)",
                "            pass",
            ),
        ),
    ),
    Wrong(
        "FCN8s",
        "everything starts at zero",
        fails="at_first_the_skips_change_nothing",
        says="deepest score layer must not",
        edits=(("(self.score3, self.score4):", "(self.score3, self.score4, self.score):"),),
    ),
    Wrong(
        "FCN8s",
        "no biases",
        fails="it_has_three_score_layers",
        says="has a bias",
        alone=True,
        edits=(
            ("nn.Conv2d(c, num_classes, 1)", "nn.Conv2d(c, num_classes, 1, bias=False)"),
            ("            nn.init.zeros_(layer.bias)\n", ""),
            ("self.score4.bias", "torch.zeros(x.shape[1]).to(x)"),
            ("self.score3.bias", "torch.zeros(x.shape[1]).to(x)"),
        ),
    ),
    Wrong(
        "FCN8s",
        "the skips' weights handed on as data",
        fails="the_gradient_is_right",
        says="No gradient reaches score3.weight and score4.weight",
        alone=True,
        edits=(
            ("self.score4.weight.flatten(1)", "self.score4.weight.data.flatten(1)"),
            ("self.score3.weight.flatten(1)", "self.score3.weight.data.flatten(1)"),
        ),
    ),
    Wrong(
        "FCN8s",
        "enlarged under no_grad, because the kernel is fixed",
        fails="the_gradient_is_right",
        says="torch.no_grad()",
        edits=(
            (
                "        return crop_to(F.conv_transpose2d(x, kernel, stride=8), size, 4)",
                "        with torch.no_grad():\n"
                "            return crop_to(F.conv_transpose2d(x, kernel, stride=8), size, 4)",
            ),
        ),
    ),
    Wrong(
        "FCN8s",
        "pool3 is left out: an FCN-16s",
        fails="both_skips_are_fused_at_their_strides",
        says="pool3's scores",
        edits=(
            (
                "        x = fuse(x, pool3, self.score3.weight.flatten(1), self.score3.bias)\n",
                "",
            ),
            ("bilinear_kernel(x.shape[1], 8)", "bilinear_kernel(x.shape[1], 16)"),
            ("stride=8), size, 4)", "stride=16), size, 8)"),
        ),
    ),
    Wrong(
        "FCN8s",
        "the last cut at 8 instead of 4",
        fails="the_deep_scores_reach_full_size",
        says="each cut at its place",
        edits=(("size, 4)", "tuple(size), min(8, 8 * x.shape[2] + 8 - size[0]))"),),
    ),
    Wrong(
        "FCN8s",
        "the last cut out of the middle",
        fails="pictures_of_any_size_are_named",
        says="the scores are not right",
        edits=(("size, 4)", "size)"),),
    ),
    Wrong(
        "FCN8s",
        "enlarged in one step by interpolation",
        fails="the_deep_scores_reach_full_size",
        says="enlarged by 8",
        edits=(
            (
                "crop_to(F.conv_transpose2d(x, kernel, stride=8), size, 4)",
                "F.interpolate(x, size, mode='bilinear')",
            ),
        ),
    ),
]

RIGHT = [
    Right(
        "FCN8s",
        "a ModuleDict, and transposed convolutions with padding",
        """
class FCN8s(nn.Module):
    def __init__(self, num_classes, in_channels):
        super().__init__()
        names = ("pool3", "pool4", "deep")
        self.scores = nn.ModuleDict({n: nn.Conv2d(c, num_classes, 1) for n, c in zip(names, in_channels)})
        for name in names[:2]:
            for parameter in self.scores[name].parameters():
                parameter.data.zero_()
        self.twice = nn.ConvTranspose2d(num_classes, num_classes, 4, 2, padding=1, bias=False)
        self.enlarge = nn.ConvTranspose2d(num_classes, num_classes, 16, 8, padding=4, bias=False)
        for layer, factor in ((self.twice, 2), (self.enlarge, 8)):
            layer.load_state_dict({"weight": bilinear_kernel(num_classes, factor)})
            layer.requires_grad_(False)

    def forward(self, pool3, pool4, deep, size):
        x = self.scores["deep"](deep)
        for name, skip in (("pool4", pool4), ("pool3", pool3)):
            fine = self.scores[name](skip)
            x = self.twice(x)[:, :, : fine.shape[2], : fine.shape[3]] + fine
        return self.enlarge(x)[:, :, : size[0], : size[1]]
""",
    ),
    Right(
        "FCN8s",
        "kernels as buffers, scores fused by hand",
        """
class FCN8s(nn.Module):
    def __init__(self, num_classes, in_channels):
        super().__init__()
        self.a = nn.Conv2d(in_channels[0], num_classes, 1)
        self.b = nn.Conv2d(in_channels[1], num_classes, 1)
        self.c = nn.Conv2d(in_channels[2], num_classes, kernel_size=1)
        for layer in (self.a, self.b):
            torch.nn.init.constant_(layer.weight, 0)
            torch.nn.init.constant_(layer.bias, 0)
        self.register_buffer("two", bilinear_kernel(num_classes, 2))
        self.register_buffer("eight", bilinear_kernel(num_classes, 8))

    def forward(self, pool3, pool4, deep, size):
        four = self.b(pool4)
        four = four + crop_to(F.conv_transpose2d(self.c(deep), self.two, stride=2), four.shape[2:], 1)
        three = self.a(pool3)
        three = three + crop_to(F.conv_transpose2d(four, self.two, stride=2), three.shape[2:], 1)
        return crop_to(F.conv_transpose2d(three, self.eight, stride=8), size, 4)
""",
    ),
]
