"""Wrong and right answers to `DeconvNetBlock`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "DeconvNetBlock",
        "a plain convolution",
        fails="it_has_the_parameters_of_the_paper",
        says="wanted",
        edits=(("nn.ConvTranspose2d", "nn.Conv2d"),),
    ),
    Wrong(
        "DeconvNetBlock",
        "no padding: the map grows by two",
        fails="values_go_where_the_switches_point",
        says="shape",
        edits=(("padding=1, ", ""),),
    ),
    Wrong(
        "DeconvNetBlock",
        "stride 2 upsamples a second time",
        fails="values_go_where_the_switches_point",
        says="shape",
        edits=(("padding=1, ", "padding=1, stride=2, "),),
    ),
    Wrong(
        "DeconvNetBlock",
        "no normalization",
        fails="it_has_the_parameters_of_the_paper",
        says="normalizations over [] channels",
        edits=(("self.norm = nn.BatchNorm2d(out_channels)", "self.norm = nn.Identity()"),),
    ),
]

RIGHT = [
    Right(
        "DeconvNetBlock",
        "a Sequential",
        """
class DeconvNetBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.layers = nn.Sequential(
            nn.ConvTranspose2d(in_channels, out_channels, kernel_size=3, stride=1, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, values, switches, size):
        return self.layers(max_unpool(values, switches, size))
""",
    ),
    Right(
        "DeconvNetBlock",
        "no padding, cut afterwards",
        """
class DeconvNetBlock(nn.Module):
    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, out_channels, 3, bias=False)
        self.bn = nn.BatchNorm2d(out_channels)

    def forward(self, values, switches, size):
        big = self.up(unpooling.max_unpool(values, switches, size))
        return torch.relu(self.bn(big[:, :, 1:-1, 1:-1]))
""",
    ),
]
