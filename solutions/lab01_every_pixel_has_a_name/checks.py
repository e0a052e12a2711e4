"""Hidden checks of Lab 1: one-hot, confusion matrix, scores, windows, dense layers as convolutions."""

import warnings

import numpy as np
import torch
import torch.nn.functional as F

from autograder.checking.draws import pick
from autograder.checking.expect import expect, expect_close, expect_equal, expect_tensor
from autograder.checking.score import worth


def _maps(rng, classes, *shape, void=0.0):
    """Random labels, a share of them void (255)."""
    labels = torch.randint(0, classes, shape, generator=rng)
    labels[torch.rand(shape, generator=rng) < void] = 255
    return labels


def _number(got, says):
    """A plain number of what a student may hand back as a number or as a tensor of one."""
    one = (torch.is_tensor(got) and got.numel() == 1) or isinstance(got, int | float)
    expect(one, f"{says} Wanted a number, got {got!r}.")
    return torch.tensor(float(got), dtype=torch.float64)


def _near(got, want, says):
    expect_close(_number(got, says), torch.tensor(float(want), dtype=torch.float64), says)


def _pair(got, count, says):
    expect(isinstance(got, tuple | list) and len(got) == count, says)
    return got


# --- one_hot


@worth(1, "one_hot")
def plane_c_is_1_where_the_label_is_c(one_hot, rng):
    k, h = pick(rng, 3, 5), pick(rng, 2, 4)
    target = _maps(rng, k, 2, h, h + 3)
    got = one_hot(target, k)
    expect_tensor(got, "One plane per class, the classes second.", shape=(2, k, h, h + 3))
    want = F.one_hot(target, k).permute(0, 3, 1, 2)
    expect_equal(got, want, "Plane c must be 1 where the label is c and 0 elsewhere.")
    expect_tensor(got, "The planes are floats.", dtype=torch.float32)


@worth(1, "one_hot")
def void_is_in_no_plane(one_hot, rng):
    target = _maps(rng, 4, 2, 5, 3, void=0.4)
    target[0, 0, 0] = 255
    want = F.one_hot(target.clamp(max=4), 5).permute(0, 3, 1, 2)[:, :4]
    expect_equal(one_hot(target, 4), want, "A void pixel (255) must be 0 in every plane.")


@worth(1, "one_hot")
def classes_that_do_not_occur_keep_their_planes(one_hot, rng):
    target = _maps(rng, 2, 1, 4, 6)
    got = one_hot(target, 7)
    expect_tensor(got, "A class that no pixel has keeps its plane, all 0.", shape=(1, 7, 4, 6))
    expect_equal(
        got, F.one_hot(target, 7).permute(0, 3, 1, 2), "Planes of absent classes must be 0."
    )


# --- confusion_matrix


def _counted(target, prediction, classes, void=255):
    """scikit-learn's matrix of what is not void."""
    from sklearn.metrics import confusion_matrix

    known = (target != void).numpy().ravel()
    pair = (
        target.numpy().ravel()[known].astype(int),
        prediction.numpy().ravel()[known].astype(int),
    )
    return torch.from_numpy(confusion_matrix(*pair, labels=range(classes))).long()


@worth(1, "confusion_matrix")
def rows_are_targets_and_columns_predictions(matrix_of, rng):
    k = pick(rng, 3, 6)
    target, prediction = _maps(rng, k, 9, 11), _maps(rng, k, 9, 11)
    got = matrix_of(target, prediction, k)
    expect_tensor(got, "k classes make k rows and k columns.", shape=(k, k))
    want = _counted(target, prediction, k)
    says = "Entry [i, j] must count the pixels of target i that were predicted j."
    if torch.equal(got.double(), want.T.double()) and not torch.equal(want, want.T):
        says = "Rows and columns are swapped: rows are the target, columns the prediction."
    expect_equal(got, want, says)
    expect_tensor(got, "Counts are whole numbers.", dtype=torch.int64)


@worth(1, "confusion_matrix")
def void_pixels_are_not_counted(matrix_of, rng):
    target, prediction = _maps(rng, 4, 8, 9, void=0.3), _maps(rng, 4, 8, 9)
    target[:2] = 255
    want = _counted(target, prediction, 4)
    says = (
        "Pixels whose target is void (255) must not be counted, whatever was predicted there."
    )
    expect_equal(matrix_of(target, prediction, 4), want, says)


@worth(1, "confusion_matrix")
def another_number_can_be_void(matrix_of, rng):
    target, prediction = _maps(rng, 3, 6, 7), _maps(rng, 3, 6, 7)
    for void in (-1, 11):
        marked = torch.where(torch.rand(6, 7, generator=rng) < 0.4, void, target)
        want = _counted(marked, prediction, 3, void)
        says = f"With ignore_index={void} pixels of target {void} must not be counted."
        expect_equal(matrix_of(marked, prediction, 3, ignore_index=void), want, says)


@worth(1, "confusion_matrix")
def classes_that_do_not_occur_keep_row_and_column(matrix_of, rng):
    k = pick(rng, 6, 9)
    target, prediction = _maps(rng, 2, 2, 3, 5), _maps(rng, 3, 2, 3, 5)
    got = matrix_of(target, prediction, k)
    expect_tensor(
        got, "Classes that do not occur keep a row and a column of zeros.", shape=(k, k)
    )
    expect_equal(
        got, _counted(target, prediction, k), "A batch (n, h, w) is not counted right."
    )
    nothing = matrix_of(torch.full((3, 3), 255), torch.zeros(3, 3, dtype=torch.int64), k)
    expect_equal(nothing, torch.zeros(k, k), "Where all pixels are void, all counts are 0.")


@worth(1, "confusion_matrix")
def labels_may_be_bytes(matrix_of, rng):
    k = pick(rng, 19, 30)  # k · k is more than a byte holds
    target, prediction = _maps(rng, k, 20, 20, void=0.1), _maps(rng, k, 20, 20)
    want = _counted(target, prediction, k)
    got = matrix_of(target.to(torch.uint8), prediction.to(torch.uint8), k)
    expect_equal(
        got, want, "Label maps read from PNG are uint8: k · i + j must not overflow at 255."
    )


# --- accuracies, ious


def _flat(matrix):
    """Label vectors whose confusion matrix this is."""
    rows, columns = np.indices(matrix.shape).reshape(2, -1)
    counts = matrix.numpy().ravel()
    return np.repeat(rows, counts), np.repeat(columns, counts)


def _counts(rng, k):
    """A matrix in which no row or column is empty, and rows and columns differ."""
    return torch.randint(0, 9, (k, k), generator=rng) + torch.diag(
        torch.randint(1, 9, (k,), generator=rng)
    )


TWO = "Return two things: overall accuracy and mean class accuracy."


@worth(1, "accuracies")
def overall_accuracy_is_the_share_of_right_pixels(accuracies, rng):
    from sklearn.metrics import accuracy_score

    for k in (2, pick(rng, 3, 6)):
        matrix = _counts(rng, k)
        matrix[0, 0] += 200  # one large class, so that the two accuracies differ
        got = _pair(accuracies(matrix), 2, TWO)
        _near(
            got[0],
            accuracy_score(*_flat(matrix)),
            "Overall accuracy is the diagonal's share of all pixels.",
        )


@worth(1, "accuracies")
def mean_class_accuracy_gives_each_class_one_vote(accuracies, rng):
    from sklearn.metrics import balanced_accuracy_score

    for k in (2, pick(rng, 3, 6)):
        matrix = _counts(rng, k)
        matrix[0] *= 20  # one large class, and it is confused
        got = _pair(accuracies(matrix), 2, TWO)
        says = "Mean class accuracy divides each diagonal entry by its row (what is there), and takes the mean."
        _near(got[1], balanced_accuracy_score(*_flat(matrix)), says)


@worth(1, "accuracies")
def a_class_that_the_target_lacks_is_left_out(accuracies, rng):
    from sklearn.metrics import balanced_accuracy_score

    matrix = _counts(rng, 5)
    matrix[pick(rng, 0, 4)] = 0  # it is predicted all the same
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = balanced_accuracy_score(*_flat(matrix))
    got = _pair(accuracies(matrix), 2, TWO)
    _near(
        got[1],
        want,
        "A class that does not occur in the target must be left out of the mean, not counted as 0.",
    )
    perfect = _pair(accuracies(torch.diag(torch.tensor([3, 0, 0, 2]))), 2, TWO)
    _near(
        perfect[1],
        1,
        "Where all that occurs is found, mean class accuracy is 1, also with absent classes.",
    )


IOUS = "Return two things: the IoU of each class, and their mean."


def _each(got, k):
    got = _pair(got, 2, IOUS)
    expect_tensor(got[0], "The first result is one number per class.", shape=(k,))
    return got


@worth(1, "ious")
def the_union_counts_each_pixel_once(ious, rng):
    from sklearn.metrics import jaccard_score

    for k in (2, pick(rng, 3, 6)):
        matrix = _counts(rng, k)
        want = torch.from_numpy(jaccard_score(*_flat(matrix), average=None))
        says = "IoU is the diagonal over row + column − diagonal: right pixels stand in both, and count once."
        expect_close(_each(ious(matrix), k)[0], want, says)


@worth(1, "ious")
def the_mean_is_taken_over_classes(ious, rng):
    from sklearn.metrics import jaccard_score

    matrix = _counts(rng, pick(rng, 3, 6))
    matrix[0, 0] += 500  # one large class
    want = jaccard_score(*_flat(matrix), average="macro")
    _near(
        _each(ious(matrix), len(matrix))[1],
        want,
        "Mean IoU gives each class one vote, large or small.",
    )


@worth(1, "ious")
def a_class_that_is_nowhere_has_no_iou(ious, rng):
    inner = _counts(rng, 3)
    gap = pick(rng, 0, 3)
    rest = [i for i in range(4) if i != gap]
    matrix = torch.zeros(4, 4, dtype=torch.int64)
    matrix[np.ix_(rest, rest)] = inner
    each, mean = _each(ious(matrix), 4)
    expect(
        bool(torch.isnan(each[gap])),
        "A class in neither target nor prediction has no IoU: it must be NaN.",
    )
    want = [inner[i, i] / (inner[i].sum() + inner[:, i].sum() - inner[i, i]) for i in range(3)]
    _near(mean, sum(want) / 3, "The mean IoU leaves out classes that are nowhere.")


@worth(1, "ious")
def a_class_that_is_only_predicted_has_iou_0(ious, rng):
    matrix = _counts(rng, 4)
    matrix[1] = 0  # predicted, never there
    matrix[:, 2] = 0  # there, never predicted
    each, mean = _each(ious(matrix), 4)
    expect_equal(
        each[1:3].double(), torch.zeros(2), "Only predicted, or only there: IoU is 0, not NaN."
    )
    want = (
        sum(
            matrix[i, i] / (matrix[i].sum() + matrix[:, i].sum() - matrix[i, i]) for i in (0, 3)
        )
        / 4
    )
    _near(mean, want, "Classes of IoU 0 count in the mean.")


# --- binary_scores

THREE = "Return three things: precision, recall and F1."


def _masks(rng):
    shape = (pick(rng, 5, 9), pick(rng, 10, 14))
    return torch.rand(shape, generator=rng) < 0.3, torch.rand(shape, generator=rng) < 0.6


def _peer(name, target, prediction):
    from sklearn import metrics

    return getattr(metrics, f"{name}_score")(
        target.numpy().ravel(), prediction.numpy().ravel(), zero_division=np.nan
    )


@worth(1, "binary_scores")
def precision_divides_by_what_was_called(scores, rng):
    masks = _masks(rng)
    got = _pair(scores(*masks), 3, THREE)
    _near(
        got[0],
        _peer("precision", *masks),
        "Precision, the first: of all that was called so, the share that is.",
    )


@worth(1, "binary_scores")
def recall_divides_by_what_is_there(scores, rng):
    masks = _masks(rng)
    got = _pair(scores(*masks), 3, THREE)
    _near(
        got[1],
        _peer("recall", *masks),
        "Recall, the second: of all that is there, the share that was found.",
    )


@worth(1, "binary_scores")
def f1_is_high_only_where_both_are(scores, rng):
    target, prediction = _masks(rng)
    target[0, 0] = True
    for called in (prediction, torch.ones_like(target), ~target):
        got = _pair(scores(target, called), 3, THREE)
        says = "F1, the third, is 2·TP / (2·TP + FP + FN); it is 0 where nothing is right."
        _near(got[2], _peer("f1", target, called), says)


@worth(1, "binary_scores")
def zero_by_zero_is_nan(scores, rng):
    something, nothing = (
        torch.rand(6, 7, generator=rng) < 0.5,
        torch.zeros(6, 7, dtype=torch.bool),
    )
    something[0, 0] = True
    called_none = _pair(scores(something, nothing), 3, THREE)
    _near(called_none[0], torch.nan, "Who calls nothing has no precision: 0/0 is NaN.")
    _near(called_none[1], 0, "Who calls nothing, where something is, has recall 0.")
    for value, name in zip(
        _pair(scores(nothing, nothing), 3, THREE), ("precision", "recall", "F1"), strict=True
    ):
        _near(value, torch.nan, f"Nothing there and nothing called: {name} is 0/0, NaN.")
    _near(
        _pair(scores(nothing, something), 3, THREE)[1],
        torch.nan,
        "Nothing is there: recall is 0/0, NaN.",
    )


# --- cut_windows


def _windows(image, size, stride):
    views = np.lib.stride_tricks.sliding_window_view(image.numpy(), (size, size), axis=(1, 2))
    return torch.from_numpy(np.moveaxis(views[:, ::stride, ::stride], 0, 2).copy())


@worth(1, "cut_windows")
def window_i_j_begins_at_i_and_j_strides(cut, rng):
    image = torch.rand(3, 9, 13, generator=rng)
    got = cut(image, 3, 2)
    expect_tensor(got, "The result is (rows, columns, c, size, size).", shape=(4, 6, 3, 3, 3))
    expect_close(
        got,
        _windows(image, 3, 2),
        "Window [i, j] must begin at row i · stride, column j · stride.",
    )


@worth(1, "cut_windows")
def a_last_window_that_fits_is_there(cut, rng):
    size, stride = pick(rng, 2, 4), pick(rng, 1, 3)
    image = torch.rand(1, size + 2 * stride, size + 3 * stride, generator=rng)
    says = "A window whose last pixel is the picture's last still fits."
    expect_close(cut(image, size, stride), _windows(image, size, stride), says)
    whole = torch.rand(2, 5, 5, generator=rng)
    expect_close(
        cut(whole, 5, stride),
        whole[None, None],
        "A picture as large as the window holds one window.",
    )


@worth(1, "cut_windows")
def windows_that_would_stick_out_are_not_cut(cut, rng):
    image = torch.rand(2, pick(rng, 10, 15), pick(rng, 16, 21), generator=rng)
    for size, stride in ((4, 3), (5, 7), (3, 1)):
        says = f"Windows of {size}, every {stride}, in {tuple(image.shape[1:])} pixels: only whole ones count."
        expect_close(cut(image, size, stride), _windows(image, size, stride), says)


# --- dense_to_conv


def _dense(rng, c, h, w, out):
    return torch.randn(out, c * h * w, generator=rng), torch.randn(out, generator=rng)


@worth(1, "dense_to_conv")
def on_one_map_it_is_the_dense_layer(convert, rng):
    weight, bias = _dense(rng, 4, 3, 3, 6)
    x = torch.randn(5, 4, 3, 3, generator=rng)
    want = F.linear(x.flatten(1), weight, bias)[:, :, None, None]
    got = convert(weight, bias, (3, 3))(x)
    expect_close(
        got,
        want,
        "On one map it must give what the dense layer gives on the map laid flat.",
        tol=1e-4,
    )


@worth(1, "dense_to_conv")
def height_comes_before_width(convert, rng):
    h, w = pick(rng, 1, 3), pick(rng, 4, 6)
    weight, bias = _dense(rng, 2, h, w, 3)
    conv = convert(weight, bias, (h, w))
    expect_tensor(conv.weight, "The weight is (out, c, h, w).", shape=(3, 2, h, w))
    x = torch.randn(2, 2, h, w, generator=rng)
    want = F.linear(x.flatten(1), weight, bias)[:, :, None, None]
    expect_close(
        conv(x), want, "A map that is not square: size is (h, w), rows first.", tol=1e-4
    )


@worth(1, "dense_to_conv")
def it_slides_over_a_larger_map(convert, rng):
    weight, bias = _dense(rng, 3, 2, 3, 4)
    x = torch.randn(2, 3, 5, 8, generator=rng)
    got = convert(weight, bias, (2, 3))(x)
    says = "It stands at every place where its kernel fits: stride 1, no padding."
    expect_tensor(got, says, shape=(2, 4, 4, 6))
    for row, column in ((0, 0), (3, 5), (1, 4)):
        part = x[:, :, row : row + 2, column : column + 3]
        expect_close(
            got[:, :, row, column], F.linear(part.flatten(1), weight, bias), says, tol=1e-4
        )


@worth(1, "dense_to_conv")
def behind_a_1_by_1_map_the_kernel_is_1_by_1(convert, rng):
    weight, bias = _dense(rng, 7, 1, 1, 5)
    conv = convert(weight, bias, (1, 1))
    expect_tensor(conv.weight, "Behind a 1×1 map the kernel is 1×1.", shape=(5, 7, 1, 1))
    x = torch.randn(1, 7, 4, 3, generator=rng)
    want = F.linear(x.movedim(1, -1), weight, bias).movedim(-1, 1)
    expect_close(
        conv(x), want, "A 1×1 convolution is the dense layer at every place.", tol=1e-4
    )


# --- score_in_one_pass


def _weights(rng, size, kernels=(5, 5, 5, 5)):
    """Random weights of a small window classifier whose feature map on one window is `size`."""
    a, b = size
    widths = (3, 4, 3, 5, 4)
    shapes = {f"conv{i}": (widths[i], widths[i - 1], k, k) for i, k in enumerate(kernels, 1)}
    shapes |= {"dense1": (6, widths[4] * a * b), "dense2": (3, 6)}
    weights = {
        f"{name}.weight": 0.4 * torch.randn(shape, generator=rng)
        for name, shape in shapes.items()
    }
    return weights | {
        f"{name}.bias": torch.randn(shape[0], generator=rng) for name, shape in shapes.items()
    }


def _window(size, kernels=(5, 5, 5, 5)):
    """(h, w) of the picture whose feature map is `size`."""
    return tuple(2 * (side + sum(kernels[1:]) - 3) + kernels[0] - 1 for side in size)


def _scores(window, weights):
    """What the classifier says of single windows, written out layer by layer."""
    x = 4 * window - 2
    for i in (1, 2, 3, 4):
        x = F.conv2d(x, weights[f"conv{i}.weight"], weights[f"conv{i}.bias"]).relu()
        x = F.max_pool2d(x, 2) if i == 1 else x
    hidden = (
        x.reshape(len(x), -1) @ weights["dense1.weight"].T + weights["dense1.bias"]
    ).relu()
    return hidden @ weights["dense2.weight"].T + weights["dense2.bias"]


def _expect_windows(got, images, weights, window, places, says):
    h, w = window
    for row, column in places:
        part = images[:, :, 2 * row : 2 * row + h, 2 * column : 2 * column + w]
        expect_close(got[:, :, row, column], _scores(part, weights), says, tol=1e-3)


@worth(1, "score_in_one_pass")
def on_one_window_it_is_the_classifier(one_pass, rng):
    weights, images = _weights(rng, (2, 2)), torch.rand(3, 3, 32, 32, generator=rng)
    wanted = torch.tensor([-1.0, 0.0, 1.0])
    weights["dense2.bias"] += wanted - _scores(images, weights).mean(0)  # scores of both signs
    got = one_pass(images, weights, (2, 2))
    expect_tensor(got, "On pictures of one window each: one place.", shape=(3, 3, 1, 1))
    says = "On a single window it must give the classifier's scores: each dense layer converted, with the ReLU between."
    _expect_windows(got, images, weights, (32, 32), [(0, 0)], says)


@worth(1, "score_in_one_pass")
def every_place_is_the_window_that_begins_there(one_pass, rng):
    weights, images = _weights(rng, (2, 2)), torch.rand(1, 3, 38, 44, generator=rng)
    got = one_pass(images, weights, (2, 2))
    expect_tensor(
        got, "38×44 pixels hold 4×7 windows of 32×32, two pixels apart.", shape=(1, 3, 4, 7)
    )
    places = [(row, column) for row in range(4) for column in range(7)]
    says = "Place (row, column) must be the score of the window that begins at (2 · row, 2 · column)."
    _expect_windows(got, images, weights, (32, 32), places, says)


@worth(1, "score_in_one_pass")
def the_map_of_one_window_need_not_be_2_by_2(one_pass, rng):
    size, kernels = (pick(rng, 3, 4), pick(rng, 1, 2)), (3, 3, 3, 1)
    weights, window = _weights(rng, size, kernels), _window(size, kernels)
    images = torch.rand(2, 3, window[0] + 4, window[1] + 6, generator=rng)
    got = one_pass(images, weights, size)
    says = f"With a map of {size} per window, the first dense layer becomes a convolution with that kernel."
    expect_tensor(got, says, shape=(2, 3, 3, 4))
    _expect_windows(got, images, weights, window, [(0, 0), (2, 3), (1, 2)], says)


@worth(1, "score_in_one_pass")
def odd_pictures_and_batches_work(one_pass, rng):
    kernels = (3, 3, 1, 1)
    weights, window = _weights(rng, (2, 2), kernels), _window((2, 2), kernels)
    images = torch.rand(3, 3, window[0] + 5, window[1] + 9, generator=rng)
    got = one_pass(images, weights, (2, 2))
    says = "A picture with a row or column too many: the windows that fit, of each picture of the batch."
    expect_tensor(got, says, shape=(3, 3, 3, 5))
    _expect_windows(got, images, weights, window, [(0, 0), (2, 4), (1, 1)], says)
