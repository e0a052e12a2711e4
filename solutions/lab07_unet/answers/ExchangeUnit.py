"""Wrong and right answers to `ExchangeUnit`."""

from autograder.audit.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "ExchangeUnit",
        "the stream itself taken for the sum",
        fails="it_has_good_manners",
        says="streams changed in place",
        edits=(
            ("            total = 0\n", "            total = here\n"),
            (
                "                x = self.paths",
                "                if i == j:\n                    continue\n                x = self.paths",
            ),
            ("total = total + x", "total += x"),
        ),
    ),
    Wrong(
        "ExchangeUnit",
        "results put into the list that came",
        fails="it_has_good_manners",
        says="streams changed in place",
        source="""
class ExchangeUnit(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.paths = nn.ModuleDict()
        for i, goal in enumerate(widths):
            for j, source in enumerate(widths):
                steps = [nn.Conv2d(source, goal, 1, bias=False)] if j > i else []
                for k in range(j, i):
                    steps.append(nn.Conv2d(source, goal if k == i - 1 else source, 3, 2, 1, bias=False))
                    steps += [nn.ReLU()] if k < i - 1 else []
                self.paths[f"{j} to {i}"] = nn.Sequential(*steps)

    def forward(self, streams):
        before = list(streams)
        for i, here in enumerate(before):
            heard = [self.paths[f"{j} to {i}"](x) for j, x in enumerate(before)]
            large = [F.interpolate(x, here.shape[2:], mode="bilinear") for x in heard]
            streams[i] = F.relu(sum(large))
        return streams
""",
        alone=True,
    ),
    Wrong(
        "ExchangeUnit",
        "coarser streams are detached",
        fails="the_gradient_is_right",
        says="to every stream",
        edits=(
            (
                "if j > i:\n                    x = F.interpolate(x,",
                "if j > i:\n                    x = F.interpolate(self.paths[f'{j} to {i}'](streams[j].detach()),",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "ExchangeUnit",
        "streams do not mix in evaluation",
        fails="it_has_good_manners",
        says="In .eval() mode",
        edits=(
            (
                "        mixed = []\n",
                "        if not self.training:\n            return [F.relu(x) for x in streams]\n        mixed = []\n",
            ),
        ),
        alone=True,
    ),
    Wrong(
        "ExchangeUnit",
        "sums begin with a float32 tensor",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        edits=(
            ("total = 0\n", "total = torch.zeros(*here.shape)\n"),
            ("total = total + x", "total += x"),
        ),
        alone=True,
    ),
    Wrong(
        "ExchangeUnit",
        "biases everywhere",
        fails="it_has_a_path_from_every_stream_to_every_other",
        says="have a bias",
        edits=((", bias=False", ""),),
        alone=True,
    ),
    Wrong(
        "ExchangeUnit",
        "only neighbors talk to each other",
        fails="it_has_a_path_from_every_stream_to_every_other",
        says="weights have the shapes",
        source="""
class ExchangeUnit(nn.Module):
    def __init__(self, widths):
        super().__init__()
        pairs = list(zip(widths[:-1], widths[1:]))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, 2, 1, bias=False) for a, b in pairs)
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1, bias=False) for a, b in pairs)

    def forward(self, streams):
        mixed = []
        for i, x in enumerate(streams):
            if i > 0:
                x = x + self.down[i - 1](streams[i - 1])
            if i < len(streams) - 1:
                x = x + F.interpolate(self.up[i](streams[i + 1]), streams[i].shape[2:], mode="bilinear")
            mixed.append(F.relu(x))
        return mixed
""",
    ),
    Wrong(
        "ExchangeUnit",
        "3×3 upwards as well",
        fails="it_has_a_path_from_every_stream_to_every_other",
        says="weights have the shapes",
        edits=(
            (
                "nn.Conv2d(source, goal, 1, bias=False)",
                "nn.Conv2d(source, goal, 3, padding=1, bias=False)",
            ),
        ),
    ),
    Wrong(
        "ExchangeUnit",
        "upsampled by 2 per level: odd sizes do not meet",
        fails="every_stream_keeps_its_shape",
        says="raised",
        edits=(
            (
                "F.interpolate(x, here.shape[2:],",
                "F.interpolate(x, scale_factor=2.0 ** (j - i),",
            ),
        ),
    ),
    Wrong(
        "ExchangeUnit",
        "nearest upsampling",
        fails="coarser_streams_are_upsampled_bilinearly",
        says="bilinear upsampling",
        edits=((', mode="bilinear", align_corners=False', ""),),
    ),
    Wrong(
        "ExchangeUnit",
        "aligned corners",
        fails="coarser_streams_are_upsampled_bilinearly",
        says="align_corners=False",
        edits=(("align_corners=False", "align_corners=True"),),
    ),
    Wrong(
        "ExchangeUnit",
        "no ReLU between two halvings",
        fails="finer_streams_come_by_strided_convolutions",
        says="ReLU between",
        edits=(("steps.append(nn.ReLU())", "pass"),),
    ),
    Wrong(
        "ExchangeUnit",
        "ReLU after the last halving too",
        fails="finer_streams_come_by_strided_convolutions",
        says="",
        edits=(
            ("if k < i - 1:", "if True:"),
            ("mixed.append(F.relu(total))", "mixed.append(F.relu(total) * 0.99)"),
        ),
    ),
    Wrong(
        "ExchangeUnit",
        "a ReLU after every convolution downwards",
        fails="all_that_is_heard_is_added",
        says="ReLU of the sum",
        edits=(("if k < i - 1:", "if True:"),),
    ),
    Wrong(
        "ExchangeUnit",
        "no ReLU on the sum",
        fails="a_stream_keeps_what_it_knew",
        says="one ReLU",
        edits=(("mixed.append(F.relu(total))", "mixed.append(total)"),),
    ),
    Wrong(
        "ExchangeUnit",
        "a stream does not hear itself",
        fails="a_stream_keeps_what_it_knew",
        says="from itself",
        edits=(("total = total + x", "total = total + (x if i != j else 0 * x)"),),
    ),
    Wrong(
        "ExchangeUnit",
        "streams change while others still listen",
        fails="all_that_is_heard_is_added",
        says="as they were before",
        edits=(
            (
                "mixed.append(F.relu(total))",
                "mixed.append(F.relu(total))\n            here.copy_(mixed[-1].detach())",
            ),
        ),
    ),
    Wrong(
        "ExchangeUnit",
        "the mean instead of the sum",
        fails="all_that_is_heard_is_added",
        says="the sum",
        edits=(("F.relu(total)", "F.relu(total / len(streams))"),),
    ),
]

RIGHT = [
    Right(
        "ExchangeUnit",
        "a list of lists of paths",
        """
class ExchangeUnit(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.rows = nn.ModuleList(
            nn.ModuleList(self._path(widths, j, i) for j in range(len(widths))) for i in range(len(widths))
        )

    @staticmethod
    def _path(widths, j, i):
        if j == i:
            return nn.Identity()
        if j > i:
            return nn.Conv2d(widths[j], widths[i], kernel_size=1, bias=False)
        layers = []
        for _ in range(i - j - 1):
            layers += [nn.Conv2d(widths[j], widths[j], 3, stride=2, padding=1, bias=False), nn.ReLU(inplace=True)]
        return nn.Sequential(*layers, nn.Conv2d(widths[j], widths[i], 3, stride=2, padding=1, bias=False))

    def forward(self, streams):
        out = []
        for row, here in zip(self.rows, streams):
            heard = [path(x) for path, x in zip(row, streams)]
            heard = [F.interpolate(x, size=here.shape[-2:], mode="bilinear") for x in heard]
            out.append(torch.relu(torch.stack(heard).sum(0)))
        return out
""",
    ),
    Right(
        "ExchangeUnit",
        "upsampled before the 1×1 convolution, which is the same",
        """
class ExchangeUnit(nn.Module):
    def __init__(self, widths):
        super().__init__()
        self.n = len(widths)
        for j, a in enumerate(widths):
            for i, b in enumerate(widths):
                if j > i:
                    setattr(self, f"up_{j}_{i}", nn.Conv2d(a, b, 1, bias=False))
                for k in range(i - j):
                    last = k == i - j - 1
                    setattr(self, f"down_{j}_{i}_{k}", nn.Conv2d(a, b if last else a, 3, 2, 1, bias=False))

    def forward(self, streams):
        out = [x.clone() for x in streams]
        for j, x in enumerate(streams):
            for i in range(j):
                large = F.interpolate(x, streams[i].shape[2:], mode="bilinear", align_corners=False)
                out[i] = out[i] + getattr(self, f"up_{j}_{i}")(large)
            for i in range(j + 1, self.n):
                y = x
                for k in range(i - j):
                    y = getattr(self, f"down_{j}_{i}_{k}")(y)
                    y = y.relu() if k < i - j - 1 else y
                out[i] = out[i] + y
        return [x.relu() for x in out]
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "ExchangeUnit",
        "if j > i: → if j >= i:",
        "bilinear resizing to the size that it has changes nothing",
    ),
]
