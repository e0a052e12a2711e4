"""Wrong and right answers of Lab 7."""

from autograder.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "valid_size",
        "rounded up to a multiple of 16, as a padded U-Net wants it",
        fails="a_size_that_fits_is_kept",
        says="must be kept as it is",
        source="""
def valid_size(length, poolings=4):
    step = 2**poolings
    size = -(-length // step) * step
    return size, size - 4 * step - 8 * (step - 1)
""",
    ),
    Wrong(
        "valid_size",
        "one convolution per level",
        fails="one_that_does_not_fit_grows_to_the_next_that_does",
        says="the next size that fits",
        edits=(("bottom - 4", "bottom - 2"), ("2 * size + 4, 2 * out - 4", "2 * size + 2, 2 * out - 2")),
    ),
    Wrong(
        "valid_size",
        "the way up forgotten: what reaches the bottom",
        fails="what_comes_out_is_counted_through_the_whole_u",
        says="come out of",
        edits=(("return size, out", "return size, bottom - 4"),),
    ),
    Wrong(
        "valid_size",
        "padded on the way up",
        fails="what_comes_out_is_counted_through_the_whole_u",
        says="come out of",
        edits=(("2 * out - 4", "2 * out"),),
    ),
    Wrong(
        "valid_size",
        "a size from which nothing comes out",
        fails="something_must_come_out",
        says="at least one pixel",
        edits=((" and out > 0", ""),),
    ),
    Wrong(
        "valid_size",
        "always four poolings",
        fails="one_that_does_not_fit_grows_to_the_next_that_does",
        says="poolings",
        edits=(("range(poolings)", "range(4)"),),
    ),
    Wrong(
        "valid_size",
        "always the next one, even when it fits",
        fails="a_size_that_fits_is_kept",
        says="must be kept as it is",
        edits=(("size >= length", "size > length"),),
    ),
    Wrong(
        "crop_and_concatenate",
        "the upper left corner instead of the middle",
        fails="the_middle_of_the_bridge_comes_first",
        says="middle of the bridge",
        edits=(
            (
                "top, left = (bridge.shape[2] - h) // 2, (bridge.shape[3] - w) // 2",
                "top, left = 0, 0",
            ),
        ),
    ),
    Wrong(
        "crop_and_concatenate",
        "x before the bridge",
        fails="the_middle_of_the_bridge_comes_first",
        says="middle of the bridge",
        source="""
def crop_and_concatenate(bridge, x):
    h, w = x.shape[2:]
    top, left = (bridge.shape[2] - h) // 2, (bridge.shape[3] - w) // 2
    return torch.cat([x, bridge[:, :, top : top + h, left : left + w]], dim=1)
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "added, as FCN does",
        fails="the_middle_of_the_bridge_comes_first",
        says="side by side",
        source="""
def crop_and_concatenate(bridge, x):
    h, w = x.shape[2:]
    top, left = (bridge.shape[2] - h) // 2, (bridge.shape[3] - w) // 2
    middle = bridge[:, :, top : top + h, left : left + w]
    return middle[:, :1] + x
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "resized instead of cropped",
        fails="the_middle_of_the_bridge_comes_first",
        says="middle of the bridge",
        source="""
def crop_and_concatenate(bridge, x):
    return torch.cat([F.interpolate(bridge, x.shape[2:], mode="bilinear"), x], dim=1)
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "the bridge is detached",
        fails="the_middle_of_the_bridge_comes_first",
        says="No gradient reaches the input",
        edits=(("left : left + w], x]", "left : left + w].detach(), x]"),),
    ),
    Wrong(
        "crop_and_concatenate",
        "laid side by side in numpy",
        fails="the_middle_of_the_bridge_comes_first",
        says="numpy",
        source="""
def crop_and_concatenate(bridge, x):
    import numpy as np

    h, w = x.shape[2:]
    top, left = (bridge.shape[2] - h) // 2, (bridge.shape[3] - w) // 2
    both = [bridge.numpy()[:, :, top : top + h, left : left + w], x.numpy()]
    return torch.from_numpy(np.concatenate(both, axis=1))
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "one margin for both axes",
        fails="height_and_width_are_cut_each_by_their_own",
        says="height and width",
        edits=(("(bridge.shape[3] - w) // 2", "(bridge.shape[2] - h) // 2"),),
    ),
    Wrong(
        "crop_and_concatenate",
        "negative bounds, which fail when nothing is too much",
        fails="height_and_width_are_cut_each_by_their_own",
        says="raised",
        source="""
def crop_and_concatenate(bridge, x):
    top, left = (bridge.shape[2] - x.shape[2]) // 2, (bridge.shape[3] - x.shape[3]) // 2
    below, right = bridge.shape[2] - x.shape[2] - top, bridge.shape[3] - x.shape[3] - left
    return torch.cat([bridge[:, :, top:-below, left:-right], x], dim=1)
""",
    ),
    Wrong(
        "crop_and_concatenate",
        "the larger half cut off above and on the left",
        fails="of_an_odd_rest_the_larger_half_goes_below_and_right",
        says="goes below and right",
        edits=(
            ("(bridge.shape[2] - h) // 2", "(bridge.shape[2] - h + 1) // 2"),
            ("(bridge.shape[3] - w) // 2", "(bridge.shape[3] - w + 1) // 2"),
        ),
    ),
    Wrong(
        "ContractingBlock",
        "padded, so that the size is kept",
        fails="no_pixel_is_padded",
        says="without padding",
        edits=(("outside, 3)", "outside, 3, padding=1)"),),
    ),
    Wrong(
        "ContractingBlock",
        "no ReLU after the second",
        fails="a_relu_follows_each_convolution",
        says="ReLU of the second",
        edits=(("return F.relu(self.second(F.relu(self.first(x))))", "return self.second(F.relu(self.first(x)))"),),
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
        edits=(("outside, 3)", "outside, 3, bias=False)"),),
    ),
    Wrong(
        "ContractingBlock",
        "one convolution twice",
        fails="it_has_two_convolutions_with_biases",
        says="weights have the shapes",
        source="""
class ContractingBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, 5)

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
            ("self.first = nn.Conv2d(inside, outside, 3)", "self.first = nn.Conv2d(inside, inside, 3)"),
            ("self.second = nn.Conv2d(outside, outside, 3)", "self.second = nn.Conv2d(inside, outside, 3)"),
        ),
    ),
    Wrong(
        "ContractingBlock",
        "with batch normalisation",
        fails="it_has_two_convolutions_with_biases",
        says="more than convolutions",
        edits=(
            (
                "self.second = nn.Conv2d(outside, outside, 3)",
                "self.second = nn.Sequential(nn.Conv2d(outside, outside, 3), nn.BatchNorm2d(outside))",
            ),
        ),
    ),
    Wrong(
        "ExpandingBlock",
        "nearest upsampling and a 1×1 convolution",
        fails="it_has_the_layers_of_the_figure",
        says="weights have the shapes",
        edits=(
            (
                "nn.ConvTranspose2d(inside, outside, 2, stride=2)",
                "nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(inside, outside, 1))",
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
        says="bridge's channels come first",
        edits=(
            (
                "crop_and_concatenate(bridge, self.up(x))",
                "torch.roll(crop_and_concatenate(bridge, self.up(x)), bridge.shape[1], 1)",
            ),
        ),
    ),
    Wrong(
        "ExpandingBlock",
        "the bridge's upper left corner",
        fails="the_bridge_is_cut_to_its_middle",
        says="its middle",
        edits=(
            (
                "return self.fuse(crop_and_concatenate(bridge, self.up(x)))",
                "x = self.up(x)\n        return self.fuse(torch.cat([bridge[:, :, : x.shape[2], : x.shape[3]], x], 1))",
            ),
        ),
    ),
    Wrong(
        "ExpandingBlock",
        "the channels are not halved on the way up",
        fails="it_has_the_layers_of_the_figure",
        says="weights have the shapes",
        edits=(
            ("nn.ConvTranspose2d(inside, outside,", "nn.ConvTranspose2d(inside, inside,"),
            ("ContractingBlock(2 * outside, outside)", "ContractingBlock(inside + outside, outside)"),
        ),
    ),
    Wrong(
        "ExpandingBlock",
        "the bridge is added",
        fails="it_has_the_layers_of_the_figure",
        says="weights have the shapes",
        source="""
class ExpandingBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.up = nn.ConvTranspose2d(inside, outside, 2, stride=2)
        self.fuse = ContractingBlock(outside, outside)

    def forward(self, x, bridge):
        both = crop_and_concatenate(bridge, self.up(x))
        return self.fuse(both[:, : bridge.shape[1]] + both[:, bridge.shape[1] :])
""",
    ),
    Wrong(
        "UNet",
        "the blocks in a plain list",
        fails="it_has_the_weights_of_the_paper",
        says="weights have the shapes",
        edits=(("self.down, self.up = nn.ModuleList(), nn.ModuleList()", "self.down, self.up = [], []"),),
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
        "the pooled features as bridges",
        fails="the_scores_are_those_of_the_figure",
        says="",
        source="""
class UNet(nn.Module):
    def __init__(self, channels, classes, widths):
        super().__init__()
        all_widths = (channels, *widths)
        self.down = nn.ModuleList(ContractingBlock(a, b) for a, b in zip(all_widths, widths))
        self.up = nn.ModuleList(ExpandingBlock(a, b) for a, b in zip(widths[:0:-1], widths[-2::-1]))
        self.score = nn.Conv2d(widths[0], classes, 1)

    def forward(self, x):
        bridges = []
        for level in self.down[:-1]:
            x = F.max_pool2d(level(x), 2)
            bridges.append(x)
        x = self.down[-1](x)
        for expand in self.up:
            large = F.interpolate(bridges.pop(), scale_factor=2.0)
            x = expand(x, large)
        return self.score(x)
""",
    ),
    Wrong(
        "UNet",
        "bridges taken from the finest on",
        fails="the_scores_are_those_of_the_figure",
        says="raised",
        edits=(("x = expand(x, bridges.pop())", "x = expand(x, bridges.pop(0))"),),
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
        edits=(("F.max_pool2d(bridges[-1], 2)", "bridges[-1][:, :, ::2, ::2]"),),
    ),
    Wrong(
        "UNet",
        "no pooling between levels",
        fails="what_comes_out_is_smaller_by_what_the_convolutions_lose",
        says="",
        edits=(("F.max_pool2d(bridges[-1], 2)", "bridges[-1]"),),
    ),
    Wrong(
        "UNet",
        "always three levels",
        fails="any_number_of_levels_will_do",
        says="raised",
        edits=(("inside = channels\n", "a, b, c = widths\n        inside = channels\n"),),
    ),
    Wrong(
        "cut_tiles",
        "zeros beyond the border",
        fails="the_border_is_mirrored_about_the_outermost_pixel",
        says="mirrored about its outermost pixel",
        edits=(('mode="reflect"', 'mode="constant"'),),
    ),
    Wrong(
        "cut_tiles",
        "the outermost pixel repeated",
        fails="the_border_is_mirrored_about_the_outermost_pixel",
        says="mirrored about its outermost pixel",
        edits=(('mode="reflect"', 'mode="replicate"'),),
    ),
    Wrong(
        "cut_tiles",
        "symmetric mirroring: the outermost pixel twice",
        fails="the_border_is_mirrored_about_the_outermost_pixel",
        says="not repeated",
        source="""
def cut_tiles(image, size, margin):
    import numpy as np

    h, w = image.shape[1:]
    spread = [(0, 0), (margin, margin + -h % size), (margin, margin + -w % size)]
    large = torch.from_numpy(np.pad(image.numpy(), spread, mode="symmetric"))
    side = size + 2 * margin
    return torch.stack(
        [large[:, y : y + side, x : x + side] for y in range(0, h, size) for x in range(0, w, size)]
    )
""",
    ),
    Wrong(
        "cut_tiles",
        "column by column",
        fails="tiles_stand_row_by_row",
        says="row by row",
        source="""
def cut_tiles(image, size, margin):
    h, w = image.shape[1:]
    below, right = margin + -h % size, margin + -w % size
    large = F.pad(image[None], (margin, right, margin, below), mode="reflect")[0]
    side = size + 2 * margin
    return torch.stack(
        [large[:, y : y + side, x : x + side] for x in range(0, w, size) for y in range(0, h, size)]
    )
""",
    ),
    Wrong(
        "cut_tiles",
        "the last row and column of tiles are dropped",
        fails="tiles_that_stick_out_are_whole_and_mirrored_too",
        says="",
        edits=(
            ("range(0, h, size)", "range(0, h - size + 1, size)"),
            ("range(0, w, size)", "range(0, w - size + 1, size)"),
        ),
    ),
    Wrong(
        "cut_tiles",
        "the margin on one side only",
        fails="tiles_overlap_by_their_margins",
        says="on each of its sides",
        edits=(("size + 2 * margin", "size + margin"),),
    ),
    Wrong(
        "cut_tiles",
        "every tile is mirrored, not only at the picture's border",
        fails="tiles_overlap_by_their_margins",
        says="the picture's own pixels",
        source="""
def cut_tiles(image, size, margin):
    h, w = image.shape[1:]
    large = F.pad(image[None], (0, -w % size, 0, -h % size), mode="reflect")[0]
    tiles = [large[:, y : y + size, x : x + size] for y in range(0, h, size) for x in range(0, w, size)]
    return F.pad(torch.stack(tiles), (margin,) * 4, mode="reflect")
""",
    ),
    Wrong(
        "cut_tiles",
        "steps of a tile with its margins: tiles do not overlap",
        fails="tiles_overlap_by_their_margins",
        says="",
        edits=(
            ("range(0, h, size)", "range(0, h, side)"),
            ("range(0, w, size)", "range(0, w, side)"),
        ),
    ),
    Wrong(
        "cut_tiles",
        "float32 whatever comes in",
        fails="tiles_that_stick_out_are_whole_and_mirrored_too",
        says="dtype",
        edits=(("F.pad(image[None],", "F.pad(image[None].float(),"),),
    ),
    Wrong(
        "join_tiles",
        "column by column",
        fails="tiles_come_back_row_by_row",
        says="",
        edits=(
            ("columns = -(-w // size)", "columns = -(-h // size)"),
            ("torch.cat(list(band), dim=2)", "torch.cat(list(band), dim=1)"),
            ("torch.cat(bands, dim=1)", "torch.cat(bands, dim=2)"),
        ),
    ),
    Wrong(
        "join_tiles",
        "the upper left corner of each output",
        fails="only_the_middle_of_an_output_is_kept",
        says="middle must be kept",
        edits=(("extra = (outputs.shape[-1] - size) // 2", "extra = 0"),),
    ),
    Wrong(
        "join_tiles",
        "the margin is kept in the picture",
        fails="tiled_equals_untiled",
        says="must equal",
        edits=(("extra : extra + size, extra : extra + size", ":, :"),),
    ),
    Wrong(
        "join_tiles",
        "what sticks out stays",
        fails="what_sticks_out_is_cut_off",
        says="picture's size",
        edits=(("[:, :h, :w]", ""),),
    ),
    Wrong(
        "join_tiles",
        "the number of columns rounded down",
        fails="what_sticks_out_is_cut_off",
        says="",
        edits=(("-(-w // size)", "w // size"),),
    ),
    Wrong(
        "join_tiles",
        "one plain reshape",
        fails="tiles_come_back_row_by_row",
        says="must make the",
        source="""
def join_tiles(outputs, size, picture):
    h, w = picture
    extra = (outputs.shape[-1] - size) // 2
    middles = outputs[:, :, extra : extra + size, extra : extra + size]
    rows, columns = -(-h // size), -(-w // size)
    return middles.reshape(outputs.shape[1], rows * size, columns * size)[:, :h, :w]
""",
    ),
    Wrong(
        "ExchangeUnit",
        "biases everywhere",
        fails="it_has_a_path_from_every_stream_to_every_other",
        says="have a bias",
        edits=((", bias=False", ""),),
    ),
    Wrong(
        "ExchangeUnit",
        "only neighbours talk to each other",
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
        edits=(("F.interpolate(x, here.shape[2:],", "F.interpolate(x, scale_factor=2.0 ** (j - i),"),),
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
        edits=(("if k < i - 1:", "if True:"), ("mixed.append(F.relu(total))", "mixed.append(F.relu(total) * 0.99)")),
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
            ("mixed.append(F.relu(total))", "mixed.append(F.relu(total))\n            here.copy_(mixed[-1].detach())"),
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
        "valid_size",
        "search from the given length on",
        """
def valid_size(length, poolings=4):
    size = length
    while True:
        down, fits = size, True
        for _ in range(poolings):
            fits = fits and (down - 4) % 2 == 0
            down = (down - 4) // 2
        out = down - 4
        for _ in range(poolings):
            out = 2 * out - 4
        if fits and out > 0:
            return size, out
        size += 1
""",
    ),
    Right(
        "valid_size",
        "in closed form",
        """
def valid_size(length, poolings=4):
    step = 1 << poolings
    lost = 12 * step - 8
    frame = 4 * step - 4
    least = max(length, lost + 1)
    size = frame + (least - frame + step - 1) // step * step
    return size, size - lost
""",
    ),
    Right(
        "crop_and_concatenate",
        "narrow, and dim by name",
        """
def crop_and_concatenate(bridge, x):
    for axis in (2, 3):
        too_many = bridge.shape[axis] - x.shape[axis]
        bridge = bridge.narrow(axis, too_many // 2, x.shape[axis])
    return torch.cat((bridge, x), 1)
""",
    ),
    Right(
        "crop_and_concatenate",
        "negative padding",
        """
def crop_and_concatenate(bridge, x):
    rows, columns = bridge.size(2) - x.size(2), bridge.size(3) - x.size(3)
    cut = (-(columns // 2), -(columns - columns // 2), -(rows // 2), -(rows - rows // 2))
    out = torch.empty(x.size(0), bridge.size(1) + x.size(1), *x.shape[2:], dtype=x.dtype)
    out[:, : bridge.size(1)] = F.pad(bridge, cut)
    out[:, bridge.size(1) :] = x
    return out
""",
    ),
    Right(
        "ContractingBlock",
        "a Sequential",
        """
class ContractingBlock(nn.Sequential):
    def __init__(self, inside, outside):
        super().__init__(
            nn.Conv2d(inside, outside, kernel_size=3), nn.ReLU(inplace=True),
            nn.Conv2d(outside, outside, kernel_size=3), nn.ReLU(inplace=True),
        )
""",
    ),
    Right(
        "ContractingBlock",
        "a list of layers, clamp as ReLU",
        """
class ContractingBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(c, outside, (3, 3), padding="valid") for c in (inside, outside))

    def forward(self, x):
        for conv in self.convs:
            x = conv(x).clamp(min=0)
        return x
""",
    ),
    Right(
        "ExpandingBlock",
        "everything written out, layers in another order",
        """
class ExpandingBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.b = nn.Conv2d(outside, outside, 3)
        self.a = nn.Conv2d(outside + outside, outside, 3)
        self.grow = nn.ConvTranspose2d(inside, outside, kernel_size=2, stride=2)

    def forward(self, x, bridge):
        x = self.grow(x)
        top, left = (bridge.shape[2] - x.shape[2]) // 2, (bridge.shape[3] - x.shape[3]) // 2
        bridge = bridge[:, :, top : top + x.shape[2], left : left + x.shape[3]]
        return F.relu(self.b(F.relu(self.a(torch.cat((bridge, x), 1)))))
""",
    ),
    Right(
        "ExpandingBlock",
        "two separate halves of the first convolution's weight, added",
        """
class ExpandingBlock(nn.Module):
    def __init__(self, inside, outside):
        super().__init__()
        self.up = nn.ConvTranspose2d(inside, outside, 2, 2)
        self.first, self.second = nn.Conv2d(2 * outside, outside, 3), nn.Conv2d(outside, outside, 3)

    def forward(self, x, bridge):
        x, c = self.up(x), bridge.shape[1]
        middle = crop_and_concatenate(bridge, x)[:, :c]
        both = F.conv2d(middle, self.first.weight[:, :c]) + F.conv2d(x, self.first.weight[:, c:], self.first.bias)
        return self.second(both.relu()).relu()
""",
    ),
    Right(
        "UNet",
        "recursion: a U inside a U",
        """
class UNet(nn.Module):
    def __init__(self, channels, classes, widths):
        super().__init__()
        self.score = nn.Conv2d(widths[0], classes, 1) if classes else nn.Identity()
        self.contract = ContractingBlock(channels, widths[0])
        if len(widths) > 1:
            self.inner = UNet(widths[0], 0, widths[1:])
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
    def __init__(self, channels, classes, widths):
        super().__init__()
        self.levels = len(widths)
        self.pool = nn.MaxPool2d(kernel_size=2)
        for i, width in enumerate(widths):
            self.add_module(f"down{i}", ContractingBlock(channels if i == 0 else widths[i - 1], width))
        for i in range(self.levels - 1):
            self.add_module(f"up{i}", ExpandingBlock(widths[i + 1], widths[i]))
        self.last = nn.Conv2d(widths[0], classes, kernel_size=1)

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
    Right(
        "cut_tiles",
        "an index for every row and column of every tile",
        """
def cut_tiles(image, size, margin):
    def mirrored(start, length):
        places = torch.arange(start - margin, start + size + margin).abs()
        return (length - 1) - ((length - 1) - places).abs()

    h, w = image.shape[1:]
    tiles = []
    for y in range(0, h, size):
        for x in range(0, w, size):
            tiles.append(image[:, mirrored(y, h)][:, :, mirrored(x, w)])
    return torch.stack(tiles)
""",
    ),
    Right(
        "cut_tiles",
        "NumPy's padding, and views",
        """
def cut_tiles(image, size, margin):
    import numpy as np

    c, h, w = image.shape
    rows, columns = (h + size - 1) // size, (w + size - 1) // size
    large = np.pad(
        image.numpy(),
        ((0, 0), (margin, rows * size - h + margin), (margin, columns * size - w + margin)),
        mode="reflect",
    )
    out = torch.empty(rows * columns, c, size + 2 * margin, size + 2 * margin, dtype=image.dtype)
    for i in range(rows * columns):
        y, x = i // columns * size, i % columns * size
        out[i] = torch.from_numpy(large[:, y : y + size + 2 * margin, x : x + size + 2 * margin].copy())
    return out
""",
    ),
    Right(
        "join_tiles",
        "one permutation of the axes",
        """
def join_tiles(outputs, size, picture):
    h, w = picture
    rows, columns = (h + size - 1) // size, (w + size - 1) // size
    cut = (outputs.shape[2] - size) // 2
    middle = outputs.narrow(2, cut, size).narrow(3, cut, size)
    whole = middle.unflatten(0, (rows, columns)).permute(2, 0, 3, 1, 4)
    return whole.reshape(outputs.shape[1], rows * size, columns * size)[:, :h, :w]
""",
    ),
    Right(
        "join_tiles",
        "each tile written to its place",
        """
def join_tiles(outputs, size, picture):
    h, w = picture
    out = torch.zeros(outputs.shape[1], h, w, dtype=outputs.dtype)
    extra = (outputs.shape[3] - size) // 2
    tiles = iter(outputs)
    for y in range(0, h, size):
        for x in range(0, w, size):
            middle = next(tiles)[:, extra:, extra:]
            a, b = min(size, h - y), min(size, w - x)
            out[:, y : y + a, x : x + b] = middle[:, :a, :b]
    return out
""",
    ),
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
        "valid_size", "for bottom in count(5): → for bottom in count(4):", "of 4 nothing is left: one turn more"
    ),
    Equivalent("cut_tiles", "mode='reflect')[-1]", "the batch has one picture: the first is the last"),
    Equivalent("join_tiles", "outputs.shape[-2] - size", "outputs are square"),
    Equivalent("ExchangeUnit", "if j > i: → if j >= i:", "bilinear resizing to the size that it has changes nothing"),
]
