"""Wrong and right answers of Lab 5."""

from autograder.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "dense_to_conv",
        "the channels taken for the last of the flattened dimensions",
        fails="on_one_map_it_says_what_the_dense_layer_said",
        says="what the dense layer says",
        edits=(("weight.reshape(-1, channels, h, w)", "weight.reshape(-1, h, w, channels).permute(0, 3, 1, 2)"),),
    ),
    Wrong(
        "dense_to_conv",
        "height and width swapped",
        fails="on_a_larger_map_it_slides",
        says="one answer for each window",
        edits=(("h, w = size", "w, h = size"),),
    ),
    Wrong(
        "dense_to_conv",
        "the bias is forgotten",
        fails="on_a_larger_map_it_slides",
        says="one answer for each window",
        edits=(('"bias": bias', '"bias": 0 * bias'),),
    ),
    Wrong(
        "dense_to_conv",
        "windows side by side instead of sliding",
        fails="on_a_larger_map_it_slides",
        says="one pixel apart",
        edits=(("padding=padding)", "stride=(h, w), padding=padding)"),),
    ),
    Wrong(
        "dense_to_conv",
        "the padding is forgotten",
        fails="padding_puts_zeros_around_the_map",
        says="on each side",
        edits=((", padding=padding", ""),),
    ),
    Wrong(
        "dense_to_conv",
        "nothing is checked: the channels follow from the weight",
        fails="a_weight_that_does_not_fit_is_refused",
        says="must be refused",
        edits=(
            ("if weight.shape[1] != channels * h * w:", "if False:"),
            ("channels, len(weight)", "weight.shape[1] // (h * w), len(weight)"),
            (
                "reshape(-1, channels, h, w)",
                "flatten()[: len(weight) * (weight.shape[1] // (h * w)) * h * w].reshape(len(weight), -1, h, w)",
            ),
        ),
    ),
    Wrong(
        "first_pixel",
        "the spacing multiplied before the centre is moved",
        fails="poolings_and_convolutions_are_followed",
        says="its* input",
        edits=(
            (
                "            centre += spacing * lead\n            spacing *= stride",
                "            spacing *= stride\n            centre += spacing * lead",
            ),
        ),
    ),
    Wrong(
        "first_pixel",
        "the lead not multiplied by the spacing",
        fails="poolings_and_convolutions_are_followed",
        says="lie `spacing` apart",
        edits=(("centre += spacing * lead", "centre += lead"),),
    ),
    Wrong(
        "first_pixel",
        "the padding is forgotten",
        fails="padding_moves_the_first_pixel_back",
        says="Each zero of padding",
        edits=(("(kernel - 1) / 2 - padding", "(kernel - 1) / 2"),),
    ),
    Wrong(
        "first_pixel",
        "half the kernel, rounded down",
        fails="poolings_and_convolutions_are_followed",
        says="lead of a layer",
        edits=(("(kernel - 1) / 2", "(kernel - 1) // 2"),),
    ),
    Wrong(
        "first_pixel",
        "on the way up the lead is added",
        fails="transposed_convolutions_are_followed_back",
        says="subtracted",
        edits=(("centre -= spacing", "centre += spacing"),),
    ),
    Wrong(
        "first_pixel",
        "on the way up the old spacing is used",
        fails="transposed_convolutions_are_followed_back",
        says="divides the spacing first",
        edits=(
            (
                "            spacing /= stride\n            centre -= spacing * lead",
                "            centre -= spacing * lead\n            spacing /= stride",
            ),
        ),
    ),
    Wrong(
        "bilinear_kernel",
        "always twice the factor in taps",
        fails="an_odd_factor_interpolates",
        says="factor % 2 taps",
        edits=(("2 * factor - factor % 2", "2 * factor"),),
    ),
    Wrong(
        "bilinear_kernel",
        "the triangle's tip on a tap, also when their number is even",
        fails="an_even_factor_interpolates",
        says="interpolate bilinearly",
        edits=(("(k - 1) / 2", "k // 2"),),
    ),
    Wrong(
        "bilinear_kernel",
        "every class gets every other",
        fails="every_class_keeps_to_itself",
        says="zeros elsewhere",
        edits=(("torch.eye(channels)", "torch.ones(channels, channels)"),),
    ),
    Wrong(
        "bilinear_kernel",
        "normalised to a sum of 1",
        fails="the_taps_are_those_of_a_triangle",
        says="The taps are",
        edits=(("    return torch.eye", "    taps = taps / taps.sum()\n    return torch.eye"),),
    ),
    Wrong(
        "bilinear_kernel",
        "a grouped kernel, one plane a class",
        fails="every_class_keeps_to_itself",
        says="each pair of channels",
        edits=(("torch.eye(channels)[:, :, None, None]", "torch.ones(channels, 1, 1, 1)"),),
    ),
    Wrong(
        "crop_to",
        "no check: slices become smaller in silence",
        fails="a_crop_beyond_the_map_is_refused",
        says="silently become smaller",
        edits=(("if min(top, left) < 0 or top + h > height or left + w > width:", "if False:"),),
    ),
    Wrong(
        "crop_to",
        "offset 0 taken for no offset",
        fails="it_begins_at_the_offset",
        says="Offset 0 is an offset",
        edits=(("if offset is None", "if not offset"),),
    ),
    Wrong(
        "crop_to",
        "of an odd surplus the larger half goes at the top",
        fails="without_an_offset_it_cuts_out_of_the_middle",
        says="smaller half",
        edits=(("(height - h) // 2, (width - w) // 2", "(height - h + 1) // 2, (width - w + 1) // 2"),),
    ),
    Wrong(
        "crop_to",
        "the row's margin used for the columns too",
        fails="without_an_offset_it_cuts_out_of_the_middle",
        says="out of the middle",
        edits=(("(height - h) // 2, (width - w) // 2", "(height - h) // 2, (height - h) // 2"),),
    ),
    Wrong(
        "crop_to",
        "the size taken for the last row and column",
        fails="it_begins_at_the_offset",
        says="first row and column",
        edits=(("top : top + h, left : left + w", "top:h, left:w"),),
    ),
    Wrong(
        "crop_to",
        "a crop that just fits is refused",
        fails="a_crop_may_reach_the_last_pixel",
        says="exactly at the border",
        edits=(("top + h > height or left + w > width", "top + h >= height or left + w >= width"),),
    ),
    Wrong(
        "fuse",
        "cut at 0",
        fails="the_deep_scores_are_doubled_bilinearly",
        says="cut the doubled map at 1",
        edits=(("skip.shape[2:], 1)", "skip.shape[2:], 0)"),),
    ),
    Wrong(
        "fuse",
        "of an odd skip the missing row is taken off at the top",
        fails="an_odd_skip_takes_the_first_rows_and_columns",
        says="only the end is shorter",
        edits=(
            (
                "crop_to(doubled, skip.shape[2:], 1)",
                "doubled[:, :, -1 - skip.shape[2] : -1, -1 - skip.shape[3] : -1]",
            ),
        ),
    ),
    Wrong(
        "fuse",
        "resized by F.interpolate, which holds the border",
        fails="beyond_its_border_the_deep_map_counts_as_0",
        says="beyond them lie zeros",
        source="""
def fuse(deep, skip, weight, bias):
    doubled = F.interpolate(deep, scale_factor=2, mode="bilinear")
    return crop_to(doubled, skip.shape[2:], 0) + F.conv2d(skip, weight[:, :, None, None], bias)
""",
    ),
    Wrong(
        "fuse",
        "stretched to the skip's size",
        fails="an_odd_skip_takes_the_first_rows_and_columns",
        says="begins where the deep map begins",
        source="""
def fuse(deep, skip, weight, bias):
    doubled = F.interpolate(deep, skip.shape[2:], mode="bilinear")
    return doubled + F.conv2d(skip, weight[:, :, None, None], bias)
""",
    ),
    Wrong(
        "fuse",
        "nearest neighbours",
        fails="the_deep_scores_are_doubled_bilinearly",
        says="bilinear interpolation",
        source="""
def fuse(deep, skip, weight, bias):
    doubled = deep.repeat_interleave(2, 2).repeat_interleave(2, 3)
    return crop_to(doubled, skip.shape[2:], 0) + F.conv2d(skip, weight[:, :, None, None], bias)
""",
    ),
    Wrong(
        "fuse",
        "doubled under no_grad, because the kernel is fixed",
        fails="the_deep_scores_are_doubled_bilinearly",
        says="torch.no_grad()",
        edits=(
            (
                "doubled = F.conv_transpose2d(deep, kernel, stride=2)",
                "with torch.no_grad():\n        doubled = F.conv_transpose2d(deep, kernel, stride=2)",
            ),
        ),
    ),
    Wrong(
        "fuse",
        "the bias is forgotten",
        fails="the_skip_is_scored",
        says="bias included",
        edits=(("None, None], bias)", "None, None])"),),
    ),
    Wrong(
        "fuse",
        "multiplied instead of added",
        fails="both_are_added",
        says="sum of the two",
        edits=(("1) + fine", "1) * fine"),),
    ),
    Wrong(
        "FCN8s",
        "the skips start at random",
        fails="at_first_the_skips_change_nothing",
        says="start at zero",
        edits=(
            ("            nn.init.zeros_(layer.weight)\n            nn.init.zeros_(layer.bias)", "            pass"),
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
        edits=(
            ("nn.Conv2d(c, classes, 1)", "nn.Conv2d(c, classes, 1, bias=False)"),
            ("            nn.init.zeros_(layer.bias)\n", ""),
            ("self.score4.bias", "torch.zeros(x.shape[1])"),
            ("self.score3.bias", "torch.zeros(x.shape[1])"),
        ),
    ),
    Wrong(
        "FCN8s",
        "the skips' weights handed on as data",
        fails="both_skips_are_fused_at_their_strides",
        says=".data",
        edits=(
            ("self.score4.weight.flatten(1)", "self.score4.weight.data.flatten(1)"),
            ("self.score3.weight.flatten(1)", "self.score3.weight.data.flatten(1)"),
        ),
    ),
    Wrong(
        "FCN8s",
        "enlarged under no_grad, because the kernel is fixed",
        fails="both_skips_are_fused_at_their_strides",
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
            ("        x = fuse(x, pool3, self.score3.weight.flatten(1), self.score3.bias)\n", ""),
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
    Wrong(
        "train_in_stages",
        "the frozen encoder stays in training mode",
        fails="the_frozen_encoder_keeps_its_statistics",
        says="eval mode",
        edits=(("    net.encoder.eval()\n", ""),),
    ),
    Wrong(
        "train_in_stages",
        "nothing is frozen",
        fails="the_frozen_encoder_keeps_its_weights",
        says="must not change",
        edits=(
            ("net.encoder.requires_grad_(False)", "pass"),
            ("SGD(net.decoder.parameters()", "SGD(net.parameters()"),
        ),
    ),
    Wrong(
        "train_in_stages",
        "the encoder stays frozen for ever",
        fails="in_the_second_stage_the_encoder_learns_at_a_tenth",
        says="In the second stage",
        edits=(("net.encoder.requires_grad_(True)", "pass"),),
    ),
    Wrong(
        "train_in_stages",
        "one rate for both",
        fails="in_the_second_stage_the_encoder_learns_at_a_tenth",
        says="rate / 10",
        edits=(('"lr": rate / 10', '"lr": rate'),),
    ),
    Wrong(
        "train_in_stages",
        "the encoder still in eval mode in the second stage",
        fails="without_a_first_stage_everything_learns_at_once",
        says="in training mode",
        edits=(("            net.encoder.train()\n", ""),),
    ),
    Wrong(
        "train_in_stages",
        "the kernels are unfrozen with the rest",
        fails="in_the_second_stage_the_encoder_learns_at_a_tenth",
        says="In the second stage",
        edits=(("net.encoder.requires_grad_(True)", "net.requires_grad_(True)"),),
    ),
    Wrong(
        "train_in_stages",
        "the encoder handed to the optimiser only once, at the beginning",
        fails="in_the_second_stage_the_encoder_learns_at_a_tenth",
        says="new optimiser",
        edits=(
            ("            optimiser = torch.optim.SGD([slow, fast]", "            _ = torch.optim.SGD([slow, fast]"),
        ),
    ),
    Wrong(
        "train_in_stages",
        "void counts",
        fails="in_the_first_stage_the_decoder_learns",
        says="Target 255",
        edits=((", ignore_index=255", ""),),
    ),
    Wrong(
        "train_in_stages",
        "gradients pile up",
        fails="in_the_first_stage_the_decoder_learns",
        says="steps of SGD",
        edits=(("        optimiser.zero_grad()\n", ""),),
    ),
    Wrong(
        "train_in_stages",
        "no momentum",
        fails="in_the_first_stage_the_decoder_learns",
        says="momentum 0.9",
        edits=((", momentum=0.9", ""),),
    ),
]

RIGHT = [
    Right(
        "dense_to_conv",
        "parameters put in by hand",
        """
def dense_to_conv(weight, bias, channels, size, padding=0):
    out, columns = weight.shape
    if columns != channels * size[0] * size[1]:
        raise ValueError("this weight belongs to another map")
    conv = nn.Conv2d(channels, out, size, 1, padding)
    conv.weight = nn.Parameter(weight.detach().clone().view(out, channels, *size))
    conv.bias = nn.Parameter(bias.detach().clone())
    return conv
""",
    ),
    Right(
        "dense_to_conv",
        "unflattened, copied without gradient",
        """
def dense_to_conv(weight, bias, channels, size, padding=0):
    try:
        kernel = weight.unflatten(1, (channels, *size))
    except RuntimeError as error:
        raise ValueError(f"the weight does not fit: {error}") from None
    conv = nn.Conv2d(channels, weight.size(0), tuple(size), padding=(padding, padding))
    with torch.no_grad():
        conv.weight.copy_(kernel)
        conv.bias.copy_(bias)
    return conv
""",
    ),
    Right(
        "first_pixel",
        "first and second pixel followed as a pair",
        """
def first_pixel(layers):
    first, second = 0.0, 1.0
    for kind, kernel, stride, padding in layers:
        gap = second - first
        middle = (kernel - 1) / 2 - padding
        if kind == "down":
            first, second = first + gap * middle, first + gap * (middle + stride)
        else:
            first, second = first - gap * middle / stride, first - gap * (middle - 1) / stride
    return first, second - first
""",
    ),
    Right(
        "first_pixel",
        "recursion over the last layer",
        """
def first_pixel(layers):
    if not layers:
        return [0, 1]
    centre, spacing = first_pixel(layers[:-1])
    kind, kernel, stride, padding = layers[-1]
    new = spacing * stride if kind == "down" else spacing / stride
    sign, unit = (1, spacing) if kind == "down" else (-1, new)
    return [centre + sign * unit * (kernel - 1 - 2 * padding) / 2, new]
""",
    ),
    Right(
        "bilinear_kernel",
        "loops, as in the authors' code",
        """
def bilinear_kernel(channels, factor):
    size = 2 * factor - factor % 2
    centre = factor - 1 if size % 2 == 1 else factor - 0.5
    weight = torch.zeros(channels, channels, size, size)
    for i in range(size):
        for j in range(size):
            value = (1 - abs(i - centre) / factor) * (1 - abs(j - centre) / factor)
            for c in range(channels):
                weight[c, c, i, j] = value
    return weight
""",
    ),
    Right(
        "bilinear_kernel",
        "a box convolved with a box",
        """
def bilinear_kernel(channels, factor):
    box = torch.ones(1, 1, factor) / factor
    taps = F.conv1d(F.pad(torch.ones(1, 1, factor), (factor, factor)), box)[0, 0]
    if factor % 2 == 0:
        taps = (taps[1:] + taps[:-1]) / 2
    taps = taps[taps > 1e-6]
    plane = torch.einsum("i,j->ij", taps, taps)
    return torch.diag_embed(plane.expand(channels, -1, -1).permute(1, 2, 0)).permute(2, 3, 0, 1)
""",
    ),
    Right(
        "crop_to",
        "negative padding",
        """
def crop_to(x, size, offset=None):
    margins = []
    for have, want in ((x.shape[3], size[1]), (x.shape[2], size[0])):
        before = (have - want) // 2 if offset is None else offset
        after = have - want - before
        if before < 0 or after < 0:
            raise ValueError("the crop leaves the map")
        margins += [-before, -after]
    return F.pad(x, margins)
""",
    ),
    Right(
        "crop_to",
        "narrowed one axis after the other, errors turned into ValueError",
        """
def crop_to(x, size, offset=None):
    for axis, want in zip((2, 3), size):
        start = (x.shape[axis] - want) // 2 if offset is None else offset
        if not 0 <= start <= x.shape[axis] - want:
            raise ValueError(f"axis {axis} has {x.shape[axis]} pixels, wanted {want} from {start} on")
        x = x.narrow(axis, start, want)
    return x
""",
    ),
    Right(
        "fuse",
        "zeros inserted and convolved; the score by einsum",
        """
def fuse(deep, skip, weight, bias):
    n, k, a, b = deep.shape
    large = deep.new_zeros(n, k, 2 * a + 1, 2 * b + 1)
    large[:, :, 1::2, 1::2] = deep
    large = F.pad(large, (1, 2, 1, 2))
    taps = torch.tensor([0.25, 0.75, 0.75, 0.25])
    plane = torch.outer(taps, taps).expand(k, 1, 4, 4)
    doubled = F.conv2d(large, plane, groups=k)
    h, w = skip.shape[2:]
    return doubled[:, :, :h, :w] + torch.einsum("kc,nchw->nkhw", weight, skip) + bias.view(1, -1, 1, 1)
""",
    ),
    Right(
        "fuse",
        "padding 1 instead of a cut at 1; the score as a matrix product",
        """
def fuse(deep, skip, weight, bias):
    k = deep.size(1)
    up = nn.ConvTranspose2d(k, k, 4, stride=2, padding=1, bias=False)
    up.load_state_dict({"weight": bilinear_kernel(k, 2)})
    h, w = skip.shape[-2:]
    fine = (skip.movedim(1, 3) @ weight.T + bias).movedim(3, 1)
    return up(deep)[..., :h, :w] + fine
""",
    ),
    Right(
        "fuse",
        "a border of zeros, then interpolated and cut",
        """
def fuse(deep, skip, weight, bias):
    wide = F.interpolate(F.pad(deep, (1, 1, 1, 1)), scale_factor=2, mode="bilinear")
    return crop_to(wide, skip.shape[2:], 2) + F.conv2d(skip, weight[..., None, None], bias)
""",
    ),
    Right(
        "FCN8s",
        "a ModuleDict, and transposed convolutions with padding",
        """
class FCN8s(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        names = ("pool3", "pool4", "deep")
        self.scores = nn.ModuleDict({n: nn.Conv2d(c, classes, 1) for n, c in zip(names, channels)})
        for name in names[:2]:
            for parameter in self.scores[name].parameters():
                parameter.data.zero_()
        self.twice = nn.ConvTranspose2d(classes, classes, 4, 2, padding=1, bias=False)
        self.enlarge = nn.ConvTranspose2d(classes, classes, 16, 8, padding=4, bias=False)
        for layer, factor in ((self.twice, 2), (self.enlarge, 8)):
            layer.load_state_dict({"weight": bilinear_kernel(classes, factor)})
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
    def __init__(self, channels, classes):
        super().__init__()
        self.a = nn.Conv2d(channels[0], classes, 1)
        self.b = nn.Conv2d(channels[1], classes, 1)
        self.c = nn.Conv2d(channels[2], classes, kernel_size=1)
        for layer in (self.a, self.b):
            torch.nn.init.constant_(layer.weight, 0)
            torch.nn.init.constant_(layer.bias, 0)
        self.register_buffer("two", bilinear_kernel(classes, 2))
        self.register_buffer("eight", bilinear_kernel(classes, 8))

    def forward(self, pool3, pool4, deep, size):
        four = self.b(pool4)
        four = four + crop_to(F.conv_transpose2d(self.c(deep), self.two, stride=2), four.shape[2:], 1)
        three = self.a(pool3)
        three = three + crop_to(F.conv_transpose2d(four, self.two, stride=2), three.shape[2:], 1)
        return crop_to(F.conv_transpose2d(three, self.eight, stride=8), size, 4)
""",
    ),
    Right(
        "train_in_stages",
        "two loops, one for each stage",
        """
def train_in_stages(state, batches, frozen, rate):
    net = rebuild(state)
    losses = []

    def run(part, optimiser):
        for images, truth in part:
            optimiser.zero_grad()
            loss = nn.CrossEntropyLoss(ignore_index=255)(net(images), truth)
            loss.backward()
            optimiser.step()
            losses.append(float(loss))

    net.train()
    net.encoder.eval()
    run(batches[:frozen], torch.optim.SGD(net.decoder.parameters(), lr=rate, momentum=0.9))
    net.train()
    groups = [{"params": net.encoder.parameters(), "lr": 0.1 * rate}, {"params": net.decoder.parameters(), "lr": rate}]
    run(batches[frozen:], torch.optim.SGD(groups, momentum=0.9, lr=rate))
    return losses, net.state_dict()
""",
    ),
    Right(
        "train_in_stages",
        "the encoder's features detached",
        """
def train_in_stages(state, batches, frozen, rate):
    net = rebuild(state)
    optimiser, losses = None, []
    for step in range(len(batches)):
        first = step < frozen
        if step in (0, frozen):
            parts = [{"params": [p for p in net.decoder.parameters() if p.requires_grad], "lr": rate}]
            if not first:
                parts.append({"params": list(net.encoder.parameters()), "lr": rate / 10})
            optimiser = torch.optim.SGD(parts, lr=rate, momentum=0.9)
        net.encoder.train(not first)
        for p in net.encoder.parameters():
            p.requires_grad = not first
        images, truth = batches[step]
        loss = F.cross_entropy(net(images), truth, ignore_index=255)
        for p in net.parameters():
            p.grad = None
        loss.backward()
        optimiser.step()
        losses.append(loss.detach().item())
    return losses, {name: value.detach().clone() for name, value in net.state_dict().items()}
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "train_in_stages",
        "net.encoder.requires_grad_(False) →",
        "the first optimiser knows the decoder alone: the flag saves work, and changes nothing",
    ),
]
