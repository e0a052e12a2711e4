"""Every setting of every explorer: the numbers that its module computes are those of Python."""

import re
from importlib import import_module

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.functional import one_hot

from course.losses import cross_entropy, focal_loss, ohem
from course.metrics import scores
from course.metrics.confusion import confusion_matrix
from course.models.semantic.unet import ValidUNet, valid_size
from course.ops.receptive_field import receptive_fields
from course.ops.resampling import (
    box,
    frequency_response,
    gaussian,
    keys,
    lanczos,
    mitchell,
    taps,
    triangle,
    upsample_polyphase,
)
from course.widgets import losses, module, resampling, strides, tiling, unpooling
from tests.browser.jupyter import chromium
from tests.widgets import javascript
from tests.widgets.javascript import every_setting, shown

EXPLORERS = {
    "confusion": "confusion_explorer",
    "losses": "loss_explorer",
    "receptive_fields": "receptive_field_explorer",
    "resampling": "resampling_explorer",
    "strides": "stride_explorer",
    "tiling": "tiling_explorer",
    "transposed_convolution": "transposed_explorer",
    "unet_sizes": "unet_explorer",
    "unpooling": "unpooling_explorer",
}
KERNELS = {
    "triangle (bilinear)": triangle(),
    "box (nearest)": box(),
    "Keys −0.5 (bicubic)": keys(-0.5),
    "Keys −0.75 (bicubic)": keys(-0.75),
    "Mitchell": mitchell(),
    "Lanczos-3": lanczos(3),
    "Lanczos-5": lanczos(5),
    "Gaussian": gaussian(),
}


def explorer(name):
    return getattr(import_module(f"course.widgets.{name}"), EXPLORERS[name])()


def close(values, expected, atol=1e-6):
    found = torch.from_numpy(np.asarray(values).astype(np.float64).ravel())  # "NaN" becomes NaN
    torch.testing.assert_close(found, expected.double().flatten(), atol=atol, rtol=0, equal_nan=True)


def test_every_module_with_the_kit_belongs_to_an_explorer():
    folder = module.Path(module.__file__).parent
    assert {path.stem for path in folder.glob("*.mjs")} - {"kit", "pointer"} == set(EXPLORERS)


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_is_one_piece_of_html_that_names_no_other_host(name):
    bundle = explorer(name)._repr_mimebundle_()
    page = bundle["text/html"]
    assert set(bundle) == {"text/html", "text/plain"}
    assert not re.search(r"https?:|^import |from \"\./|@import|url\(", page, re.MULTILINE)
    assert page.count("</script") == 1
    assert "<!--" not in page
    assert len(page) < 200_000


@pytest.mark.parametrize("name", EXPLORERS)
def test_an_explorer_has_few_controls_keeps_its_size_and_always_has_something_to_say(name):
    all_shown = shown(explorer(name))
    controls = all_shown[0]["controls"]
    assert 1 <= len(controls) <= 3
    assert all(control["label"] for control in controls)
    places = [str([(panel["width"], panel["height"]) for panel in one["panels"]]) for one in all_shown]
    assert len(set(places)) == 1
    for one in all_shown:
        assert re.search(r"\d", one["sentence"]), "the spoken description tells the numbers"
        assert not re.search(r"NaN|undefined|null|Infinity", one["sentence"] + str(one["panels"]))


def test_data_cannot_end_the_script():
    page = module.stand_alone("unpooling", {"data": {"words": "</script><script>alert(1)"}}, "words")
    assert page.count("</script") == 1


def test_confusion_counts_and_scores_are_those_of_the_metrics():
    found = every_setting(explorer("confusion"), keep=["counts", "scores"])
    at = np.arange(96) + 0.5 - 48

    def disc(radius, shift):
        return torch.from_numpy(np.hypot(at[:, None], at - shift) <= radius).long()

    pairs = [(disc(s["radius"], 0), disc(max(s["radius"] + s["grow"], 0), s["shift"])) for s, _ in found[::7]]
    matrices = torch.stack([confusion_matrix(target, prediction, 2) for target, prediction in pairs])
    close([count for _, numbers in found[::7] for count in numbers["counts"]], matrices)
    all_of_them = torch.tensor([numbers["counts"] for _, numbers in found]).view(-1, 2, 2)
    assert len(found) == 19 * 25 * 31
    expected = {
        "overall accuracy": scores.overall_accuracy(all_of_them),
        "mean IoU": scores.mean_iou(all_of_them),
        "object's precision": scores.precision(all_of_them)[:, 1],
        "object's recall": scores.recall(all_of_them)[:, 1],
        "object's F1": scores.f1(all_of_them)[:, 1],
        "object's IoU": scores.iou(all_of_them)[:, 1],
    }
    for name, values in expected.items():
        close([numbers["scores"][name] for _, numbers in found], values)


def test_taps_spectrum_and_enlarged_image_are_those_of_the_library():
    image = resampling.eye().double()
    for settings, numbers in every_setting(explorer("resampling")):
        kernel, factor, aligned = KERNELS[settings["kernel"]], settings["factor"], settings["aligned"]
        weights = taps(kernel, factor, align_corners=aligned, dtype=torch.float64)
        close(numbers["taps"], weights)
        close(numbers["gain"], frequency_response(weights, 129)[1] / factor)
        close(numbers["image"], upsample_polyphase(image, factor, kernel, align_corners=aligned))


def test_the_matrix_of_a_transposed_convolution_and_its_overlaps_are_those_of_torch():
    for settings, numbers in every_setting(explorer("transposed_convolution")):
        kernel, how = settings["kernel"], {"stride": settings["stride"], "padding": settings["padding"]}
        numbered = torch.arange(1.0, kernel + 1).view(1, 1, -1)
        columns = F.conv_transpose1d(torch.eye(4)[:, None], numbered, **how)[:, 0]
        close(numbers["matrix"], columns.T)
        close(numbers["terms"], (columns > 0).sum(0))
        close(
            numbers["square"],
            F.conv_transpose2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, kernel, kernel), **how),
        )


def dilated_layers(dilations, stride):
    """Layers of three taps, all 1, along one axis; the first one with the stride."""
    strides = [stride, *[1] * (len(dilations) - 1)]
    layers = [
        nn.Conv1d(1, 1, 3, s, padding=d, dilation=d, bias=False).double()
        for d, s in zip(dilations, strides, strict=True)
    ]
    for layer in layers:
        nn.init.ones_(layer.weight)
    return nn.Sequential(*layers)


def test_fields_and_paths_of_dilated_layers_are_those_of_the_library_and_of_autograd():
    for settings, numbers in every_setting(explorer("receptive_fields")):
        stack = dilated_layers(settings["dilations"], settings["stride"])
        axes = receptive_fields(stack, (400,), in_channels=1, at=[str(i) for i in range(len(stack))])
        for found, dilation, (axis,) in zip(numbers["fields"], settings["dilations"], axes.values(), strict=False):
            assert found == {"dilation": dilation, "size": axis.size, "stride": int(axis.stride)}
        signal = torch.zeros(1, 1, 400, dtype=torch.float64, requires_grad=True)
        output = stack[: settings["layers"]](signal)
        (counts,) = torch.autograd.grad(output[..., output.shape[2] // 2].sum(), signal)
        first, *_, last = counts.flatten().nonzero().flatten().tolist()
        close(numbers["paths"], counts.flatten()[first : last + 1])
        reached = int((counts > 0).sum())
        assert numbers["reached"] == reached**2
        close([numbers["share"]], torch.tensor((reached / len(numbers["paths"])) ** 2))


def unpooled(kind, pooled, places, size):
    if kind == "switches":
        return F.max_unpool2d(pooled, places, 2, output_size=(size, size))
    if kind == "nearest":
        return F.pad(F.interpolate(pooled, scale_factor=2), (0, size % 2, 0, size % 2), mode="replicate")
    nails = F.conv_transpose2d(pooled, torch.tensor([[[[1.0, 0], [0, 0]]]]), stride=2)
    return F.pad(nails, (0, size % 2, 0, size % 2))


def test_the_digits_are_pooled_and_unpooled_as_torch_does():
    digits = unpooling.digits().float()
    for settings, numbers in every_setting(explorer("unpooling")):
        size = settings["size"]
        image = digits[None, None, settings["seed"], :size, :size]
        pooled, places = F.max_pool2d(image, 2, return_indices=True)
        restored = unpooled(settings["kind"], pooled, places, size)
        close(numbers["image"], image)
        close(numbers["pooled"], pooled)
        close([size * row + column for line in numbers["switches"] for row, column in line], places)
        close(numbers["unpooled"], restored)
        assert numbers["back"] == ((restored == image) & (restored > 0)).sum()


def test_cells_and_enlarged_labels_are_those_of_pooled_and_interpolated_shares():
    maps, names = strides.label_maps().long(), explorer("strides").data["names"]
    for settings, numbers in every_setting(explorer("strides"), keep=["cells", "enlarged", "iou", "lost"]):
        truth, stride = maps[settings["number"]], settings["stride"]
        known = truth != 255
        shares = F.avg_pool2d(
            (one_hot(truth.where(known, 0), 9) * known[..., None]).movedim(2, 0)[None].double(), stride
        )
        how = {"mode": "bilinear", "align_corners": False} if settings["smooth"] else {}
        enlarged = F.interpolate(shares, scale_factor=stride, **how).argmax(1)[0]
        close(numbers["cells"], shares.argmax(1))
        close(numbers["enlarged"], enlarged)
        close([numbers["iou"]], scores.mean_iou(confusion_matrix(truth, enlarged, 9)))
        won = set(shares.argmax(1).unique().tolist())
        assert numbers["lost"] == [names[c] for c in range(9) if (truth == c).any() and c not in won]


def street_loss(kind, strength, logits, labels):
    if kind == "focal":
        return focal_loss(logits, labels, gamma=strength / 2)
    if kind == "hard":
        return ohem(logits, labels, threshold=1 - strength / 11, min_kept=1)
    weights = torch.ones(9, dtype=torch.float64).index_fill(0, torch.tensor(losses.THIN), 1 + 2 * strength)
    return cross_entropy(logits, labels, class_weights=weights)


def test_each_pixels_share_of_the_gradient_is_that_of_autograd():
    _, labels, logits = losses.street()
    own, thin = labels.where(labels != 255, 0)[None], torch.isin(labels, torch.tensor(losses.THIN))
    sure = logits.softmax(0).gather(0, own)[0] > 0.9
    keep = ["shares", "few", "theirs", "sure"]
    for settings, numbers in every_setting(explorer("losses"), fixed={"logit": 0}, keep=keep):
        x = logits.double().requires_grad_()
        loss = street_loss(settings["kind"], settings["strength"], x[None], labels[None])
        sizes = torch.autograd.grad(loss, x)[0].gather(0, own)[0].abs()
        shares = sizes / sizes.sum()
        close(numbers["shares"], shares)
        summed = torch.stack([thin.double().mean(), shares[thin].sum(), shares[sure].sum()])
        close([numbers["few"], numbers["theirs"], numbers["sure"]], summed)


def one_pixel(kind, strength, logits):
    """Losses of lone pixels of a thin class, each over its logit against 0, and the sizes of their gradients."""
    x = logits.clone().requires_grad_()
    both = torch.stack([torch.zeros_like(x), x], 1)[:, :, None, None]
    target = torch.ones(len(x), 1, 1, dtype=torch.long)
    if kind == "focal":
        found = [focal_loss(both[i, None], target[i, None], gamma=strength / 2) for i in range(len(x))]
    else:
        found = [cross_entropy(both[i, None], target[i, None]) for i in range(len(x))]
    found = torch.stack(found)
    if kind == "weight":
        found = (1 + 2 * strength) * found
    if kind == "hard":
        found = found * (x.detach().sigmoid() < 1 - strength / 11)
    return found.detach(), torch.autograd.grad(found.sum(), x)[0].abs()


def test_the_curves_of_a_lone_pixel_and_their_gradients_are_those_of_autograd():
    keep = ["losses", "gradients", "loss", "gradient", "chance"]
    curve, places = torch.linspace(-6, 6, 97, dtype=torch.float64), torch.arange(-6.0, 7).double()
    found = every_setting(explorer("losses"), keep=keep)
    assert len(found) == 3 * 11 * 13
    for start in range(0, len(found), 13):
        settings = found[start][0]
        values, slopes = one_pixel(settings["kind"], settings["strength"], curve)
        close(found[start][1]["losses"], values)
        close(found[start][1]["gradients"], slopes)
        values, slopes = one_pixel(settings["kind"], settings["strength"], places)
        rows = [numbers for _, numbers in found[start : start + 13]]
        close([row["loss"] for row in rows], values)
        close([row["gradient"] for row in rows], slopes)
        close([row["chance"] for row in rows], places.sigmoid())


def sizes_of(network, size):
    """What a network's blocks get and give, on the way down and on the way up, the finest level first."""
    seen = []
    blocks = [*network.down, *network.fuse]
    hooks = [b.register_forward_hook(lambda _, x, y: seen.append([x[0].shape[2], y.shape[2]])) for b in blocks]
    network(torch.empty(1, 1, size, size, device="meta"))
    for hook in hooks:
        hook.remove()
    return seen[: len(network.down)], seen[: len(network.down) - 1 : -1]


def test_the_sizes_along_the_u_are_those_of_a_network_on_the_meta_device():
    networks = {poolings: ValidUNet(1, 1, (1,) * (poolings + 1)).to("meta") for poolings in (1, 2, 3, 4)}
    for settings, numbers in every_setting(explorer("unet_sizes")):
        size, poolings = settings["size"], settings["poolings"]
        if valid_size(size, poolings) == size:
            assert (numbers["down"], numbers["up"]) == sizes_of(networks[poolings], size)
        else:
            *above, (below, after) = numbers["down"]
            assert (after, numbers["up"]) == (None, [])
            assert below == above[-1][1] / 2
            assert below % 1 or below <= 4


def test_a_size_that_does_not_fit_says_where_and_with_what():
    (one,) = shown(explorer("unet_sizes"), {"size": 570, "poolings": 4})
    assert "139.5: half a window" in one["panels"][0]["marks"]
    assert "level 3 would get 139.5" in one["sentence"]


def test_a_tile_is_cut_from_the_mirrored_image_and_black_beyond_its_margin():
    image = (255 * tiling.picture()[0]).round().numpy()
    wide = np.pad(image, 90, mode="reflect")
    for settings, numbers in every_setting(explorer("tiling"), keep=["piece", "top", "left"]):
        size, margin = settings["size"], settings["margin"]
        columns = -(-96 // size)
        row, column = divmod(settings["position"] % columns**2, columns)
        assert (numbers["top"], numbers["left"]) == (row * size, column * size)
        rows, cols = (slice(90 + at * size - margin, 90 + at * size + size + margin) for at in (row, column))
        close(numbers["piece"], torch.from_numpy(np.pad(wide[rows, cols], 20 - margin)))


def test_the_seams_are_those_of_a_network_that_sees_each_tile_alone():
    network, image = tiling.network(), tiling.picture().double()[0].numpy()
    whole = network(torch.from_numpy(np.pad(image, 20, mode="reflect"))[None, None])[0, 0]
    keep, wide = ["difference", "worst"], np.pad(image, 90, mode="reflect")
    for settings, numbers in every_setting(explorer("tiling"), fixed={"position": 0}, keep=keep):
        size, margin = settings["size"], settings["margin"]
        found = torch.empty(96, 96, dtype=torch.float64)
        for y in range(0, 96, size):
            for x in range(0, 96, size):
                cut = wide[90 + y - margin : 90 + y + size + margin, 90 + x - margin : 90 + x + size + margin]
                result = network(torch.from_numpy(np.pad(cut, 20 - margin))[None, None])[0, 0]
                found[y : y + size, x : x + size] = result[: 96 - y, : 96 - x]
        error = (found - whole).abs() / whole.std()
        close([numbers["worst"]], error.max())
        close(numbers["difference"], error.clamp(max=1), atol=0.5 / 255 + 1e-9)  # sent as one byte a pixel


def test_the_seams_fade_as_the_margin_grows_and_are_gone_with_the_whole_of_it():
    found = tiling.differences()
    means = found.mean((2, 3))
    assert (means.diff(dim=1) < 0).all()
    assert found[:, -1].max() < 1e-9


@pytest.mark.skipif(not (javascript.NODE and chromium()), reason="needs both node and Chromium")
def test_chromium_takes_the_place_of_node(monkeypatch):
    by_node = every_setting(explorer("unpooling"))
    monkeypatch.setattr(javascript, "NODE", None)
    assert every_setting(explorer("unpooling")) == by_node
