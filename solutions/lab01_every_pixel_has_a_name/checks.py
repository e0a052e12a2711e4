"""Hidden checks of Lab 1: one-hot, confusion matrix, scores, windows, dense layers as convolutions."""

import warnings

import numpy as np
import torch
import torch.nn.functional as F

from autograder.checking.draws import distinct, labels, normal, pick, ranges, sizes, uniform
from autograder.checking.expect import (
    expect,
    expect_close,
    expect_equal,
    expect_number,
    expect_parts,
    expect_tensor,
    result_of,
)
from autograder.checking.properties import Case, shared
from autograder.checking.score import worth

# --- one_hot


def _planes(target, num_classes):
    """torch's planes; void goes into one more, which is dropped."""
    known = torch.where(target == 255, num_classes, target)
    return F.one_hot(known, num_classes + 1).movedim(-1, 1)[:, :num_classes].float()


@worth(1, "one_hot")
def plane_c_is_1_where_the_label_is_c(one_hot, rng):
    for size in sizes(rng):
        k = pick(rng, 3, 5)
        target = labels(rng, k, 2, *size)
        got = one_hot(target, k)
        says = "One plane per class, the classes second."
        expect_tensor(got, says, shape=(2, k, *size))
        expect_tensor(got, "The planes are floats.", dtype=torch.float32)
        says = "Plane c must be 1 where the label is c and 0 elsewhere."
        expect_equal(got, _planes(target, k), says)


@worth(1, "one_hot")
def void_is_in_no_plane(one_hot, rng):
    says = "A void pixel (255) must be 0 in every plane."
    for void in (0.4, 1.0):
        target = labels(rng, 4, 2, 5, 3, void=void)
        target[0, 0, 0] = 255
        got = result_of(lambda target=target: one_hot(target, 4), says)
        expect_equal(got, _planes(target, 4), says)


@worth(1, "one_hot")
def classes_that_do_not_occur_keep_their_planes(one_hot, rng):
    for k in (7, 150):
        target = labels(rng, 2, 1, 4, 6)
        got = one_hot(target, k)
        says = "A class that no pixel has keeps its plane, all 0."
        expect_tensor(got, says, shape=(1, k, 4, 6))
        expect_equal(got, _planes(target, k), "Planes of absent classes must be 0.")
    one = torch.zeros(1, 2, 3, dtype=torch.int64)
    expect_equal(one_hot(one, 1), torch.ones(1, 1, 2, 3), "A single class has a single plane.")


def _one_hot_case(one_hot, rng, dtype, training):
    return Case(one_hot, (labels(rng, 4, 3, 6, 4, void=0.3), 4), _planes)


shared("one_hot", _one_hot_case, float64=0, gradient=0)


# --- confusion_matrix


def _counted(target, prediction, num_classes, void=255):
    """scikit-learn's matrix of what is not void."""
    from sklearn.metrics import confusion_matrix

    known = (target != void).numpy().ravel()
    pair = [m.numpy().ravel()[known].astype(int) for m in (target, prediction)]
    if not known.any():
        return torch.zeros(num_classes, num_classes, dtype=torch.int64)
    return torch.from_numpy(confusion_matrix(*pair, labels=range(num_classes))).long()


@worth(1, "confusion_matrix")
def rows_are_targets_and_columns_predictions(matrix_of, rng):
    for size in sizes(rng):
        k = pick(rng, 3, 6)
        target, prediction = labels(rng, k, *size), labels(rng, k, *size)
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
    target, prediction = labels(rng, 4, 8, 9, void=0.3), labels(rng, 4, 8, 9)
    target[:2] = 255
    says = (
        "Pixels whose target is void (255) must not be counted, whatever was predicted there."
    )
    got = result_of(lambda: matrix_of(target, prediction, 4), says)
    expect_equal(got, _counted(target, prediction, 4), says)


@worth(1, "confusion_matrix")
def another_number_can_be_void(matrix_of, rng):
    target, prediction = labels(rng, 3, 7, 6), labels(rng, 3, 7, 6)
    for void in (-1, 11, 1, 0):
        marked = torch.where(torch.rand(7, 6, generator=rng) < 0.4, void, target)
        says = f"With ignore_index={void} pixels of target {void} must not be counted."
        got = result_of(
            lambda m=marked, v=void: matrix_of(m, prediction, 3, ignore_index=v), says
        )
        expect_equal(got, _counted(marked, prediction, 3, void), says)


@worth(1, "confusion_matrix")
def classes_that_do_not_occur_keep_row_and_column(matrix_of, rng):
    k = pick(rng, 6, 9)
    target, prediction = labels(rng, 2, 2, 3, 5), labels(rng, 3, 2, 3, 5)
    says = "Classes that do not occur keep a row and a column of zeros."
    got = result_of(lambda: matrix_of(target, prediction, k), says)
    expect_tensor(got, says, shape=(k, k))
    says = "A batch (n, h, w) is not counted right."
    expect_equal(got, _counted(target, prediction, k), says)
    says = "Where all pixels are void, all counts are 0."
    void, called = torch.full((3, 3), 255), torch.zeros(3, 3, dtype=torch.int64)
    expect_equal(result_of(lambda: matrix_of(void, called, k), says), torch.zeros(k, k), says)


@worth(1, "confusion_matrix")
def labels_may_be_of_any_integer_type(matrix_of, rng):
    k = pick(rng, 19, 30)  # k · k is more than a byte holds
    target, prediction = labels(rng, k, 20, 20, void=0.1), labels(rng, k, 20, 20)
    want = _counted(target, prediction, k)
    for types in (
        (torch.uint8, torch.uint8),
        (torch.int32, torch.int64),
        (torch.int16, torch.uint8),
    ):
        says = f"Maps of {types[0]} and {types[1]} are not counted right"
        says += ": k · i + j must not overflow." if torch.uint8 in types else "."
        maps = target.to(types[0]), prediction.to(types[1])
        expect_equal(result_of(lambda maps=maps: matrix_of(*maps, k), says), want, says)


@worth(1, "confusion_matrix")
def a_pair_may_occur_more_often_than_a_byte_counts(matrix_of, rng):
    target, prediction = labels(rng, 2, 50, 40), labels(rng, 2, 50, 40)
    says = "About 500 pixels of each pair are not counted right."
    expect_equal(matrix_of(target, prediction, 2), _counted(target, prediction, 2), says)


def _matrix_case(matrix_of, rng, dtype, training):
    maps = labels(rng, 4, 2, 6, 4, void=0.3), labels(rng, 4, 2, 6, 4)
    return Case(matrix_of, (*maps, 4), _counted)


shared("confusion_matrix", _matrix_case, float64=0, gradient=0)


# --- accuracies, ious: functions of a matrix of counts


def _flat(matrix):
    """Label vectors whose confusion matrix this is."""
    rows, columns = np.indices(matrix.shape).reshape(2, -1)
    counts = matrix.numpy().ravel()
    return np.repeat(rows, counts), np.repeat(columns, counts)


def _counts(rng, k):
    """A matrix in which no row or column is empty, and rows and columns differ."""
    diagonal = torch.randint(1, 9, (k,), generator=rng)
    return torch.randint(0, 9, (k, k), generator=rng) + torch.diag(diagonal)


def _share(part, whole):
    return part / whole if whole else float("nan")


def _accuracies(matrix):
    """Both accuracies, by plain whole numbers."""
    rows = matrix.tolist()
    found = [row[i] / sum(row) for i, row in enumerate(rows) if sum(row)]
    right = sum(row[i] for i, row in enumerate(rows))
    return right / sum(map(sum, rows)), sum(found) / len(found)


def _ious(matrix):
    """Each IoU and their mean, by plain whole numbers."""
    rows, columns = matrix.tolist(), matrix.T.tolist()
    each = [
        _share(rows[i][i], sum(rows[i]) + sum(columns[i]) - rows[i][i])
        for i in range(len(rows))
    ]
    known = [value for value in each if value == value]
    return torch.tensor(each), sum(known) / len(known)


TWO = "Return two things: overall accuracy and mean class accuracy."
LARGE = 1_000_000_007  # a few of these are more than 32 bits hold


@worth(1, "accuracies")
def overall_accuracy_is_the_share_of_right_pixels(accuracies, rng):
    from sklearn.metrics import accuracy_score

    says = "Overall accuracy is the diagonal's share of all pixels."
    for k in (1, 2, pick(rng, 3, 6)):
        matrix = _counts(rng, k)
        matrix[0, 0] += 200  # one large class, so that the two accuracies differ
        got = expect_parts(accuracies(matrix), 2, TWO)
        expect_number(got[0], accuracy_score(*_flat(matrix)), says)


@worth(1, "accuracies")
def mean_class_accuracy_gives_each_class_one_vote(accuracies, rng):
    from sklearn.metrics import balanced_accuracy_score

    says = "Mean class accuracy divides each diagonal entry by its row (what is there), and takes the mean."
    for k in (2, pick(rng, 3, 6)):
        matrix = _counts(rng, k)
        matrix[0] *= 20  # one large class, and it is confused
        got = expect_parts(accuracies(matrix), 2, TWO)
        expect_number(got[1], balanced_accuracy_score(*_flat(matrix)), says)


@worth(1, "accuracies")
def a_class_that_the_target_lacks_is_left_out(accuracies, rng):
    from sklearn.metrics import balanced_accuracy_score

    matrix = _counts(rng, 5)
    matrix[pick(rng, 0, 4)] = 0  # it is predicted all the same
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        want = balanced_accuracy_score(*_flat(matrix))
    got = expect_parts(accuracies(matrix), 2, TWO)
    says = "A class that does not occur in the target must be left out of the mean, not counted as 0."
    expect_number(got[1], want, says)
    perfect = expect_parts(accuracies(torch.diag(torch.tensor([3, 0, 0, 2]))), 2, TWO)
    says = "Where all that occurs is found, mean class accuracy is 1, also with absent classes."
    expect_number(perfect[1], 1, says)


@worth(1, "accuracies")
def the_counts_of_a_whole_data_set_are_no_different(accuracies, rng):
    matrix = _counts(rng, 4)
    got = expect_parts(accuracies(LARGE * matrix), 2, TWO)
    says = "With counts above a billion, both accuracies are what they are with small ones."
    for value, want in zip(got, _accuracies(matrix), strict=True):
        expect_number(value, want, says)


def _accuracies_case(accuracies, rng, dtype, training):
    return Case(accuracies, (_counts(rng, 5),), _accuracies)


shared("accuracies", _accuracies_case, float64=0, gradient=0)

IOUS = "Return two things: the IoU of each class, and their mean."


def _each(got, k):
    got = expect_parts(got, 2, IOUS)
    expect_tensor(got[0], "The first result is one number per class.", shape=(k,))
    return got


@worth(1, "ious")
def the_union_counts_each_pixel_once(ious, rng):
    from sklearn.metrics import jaccard_score

    says = "IoU is the diagonal over row + column − diagonal: right pixels stand in both, and count once."
    for k in (2, pick(rng, 3, 6)):
        matrix = _counts(rng, k)
        want = torch.from_numpy(jaccard_score(*_flat(matrix), average=None))
        expect_close(_each(ious(matrix), k)[0], want, says)


@worth(1, "ious")
def the_mean_is_taken_over_classes(ious, rng):
    from sklearn.metrics import jaccard_score

    matrix = _counts(rng, pick(rng, 3, 6))
    matrix[0, 0] += 500  # one large class
    want = jaccard_score(*_flat(matrix), average="macro")
    says = "Mean IoU gives each class one vote, large or small."
    expect_number(_each(ious(matrix), len(matrix))[1], want, says)


@worth(1, "ious")
def a_class_that_is_nowhere_has_no_iou(ious, rng):
    gap = pick(rng, 0, 3)
    matrix = _counts(rng, 4)
    matrix[gap] = matrix[:, gap] = 0
    each, mean = _each(ious(matrix), 4)
    says = "A class in neither target nor prediction has no IoU: it must be NaN."
    expect(bool(torch.isnan(each[gap])), f"{says} It is {each[gap]:.4g}.")
    says = "The mean IoU leaves out classes that are nowhere."
    expect_number(mean, _ious(matrix)[1], says)


@worth(1, "ious")
def a_class_that_is_only_predicted_has_iou_0(ious, rng):
    matrix = _counts(rng, 4)
    matrix[1] = 0  # predicted, never there
    matrix[:, 2] = 0  # there, never predicted
    each, mean = _each(ious(matrix), 4)
    says = "Only predicted, or only there: IoU is 0, not NaN."
    expect_equal(each[1:3].double(), torch.zeros(2), says)
    expect_number(mean, _ious(matrix)[1], "Classes of IoU 0 count in the mean.")


@worth(1, "ious")
def ious_of_a_whole_data_set_are_no_different(ious, rng):
    matrix = _counts(rng, 4)
    each, mean = _each(ious(LARGE * matrix), 4)
    says = "With counts above a billion, the IoUs are what they are with small ones."
    expect_close(each, _ious(matrix)[0], says)
    expect_number(mean, _ious(matrix)[1], says)


def _ious_case(ious, rng, dtype, training):
    return Case(ious, (_counts(rng, 5),), _ious)


shared("ious", _ious_case, float64=0, gradient=0)


# --- binary_scores

THREE = "Return three things: precision, recall and F1."


def _masks(rng, *shape):
    shape = shape or (pick(rng, 5, 9), pick(rng, 10, 14))
    return uniform(rng, *shape) < 0.3, uniform(rng, *shape) < 0.6


def _peer(name, target, prediction):
    from sklearn import metrics

    pair = [mask.numpy().ravel() for mask in (target, prediction)]
    return getattr(metrics, f"{name}_score")(*pair, zero_division=np.nan)


def _binary_scores(target, prediction):
    """All three, by plain counts."""
    pairs = list(zip(target.flatten().tolist(), prediction.flatten().tolist(), strict=True))
    tp, fp, fn = (pairs.count(pair) for pair in ((True, True), (False, True), (True, False)))
    return _share(tp, tp + fp), _share(tp, tp + fn), _share(2 * tp, 2 * tp + fp + fn)


@worth(1, "binary_scores")
def precision_divides_by_what_was_called(scores, rng):
    masks = _masks(rng)
    got = expect_parts(scores(*masks), 3, THREE)
    says = "Precision, the first: of all that was called so, the share that is."
    expect_number(got[0], _peer("precision", *masks), says)


@worth(1, "binary_scores")
def recall_divides_by_what_is_there(scores, rng):
    masks = _masks(rng)
    got = expect_parts(scores(*masks), 3, THREE)
    says = "Recall, the second: of all that is there, the share that was found."
    expect_number(got[1], _peer("recall", *masks), says)


@worth(1, "binary_scores")
def f1_is_high_only_where_both_are(scores, rng):
    target, prediction = _masks(rng)
    target[0, 0] = True
    says = "F1, the third, is 2·TP / (2·TP + FP + FN); it is 0 where nothing is right."
    for called in (prediction, torch.ones_like(target), ~target):
        got = expect_parts(scores(target, called), 3, THREE)
        expect_number(got[2], _peer("f1", target, called), says)


@worth(1, "binary_scores")
def zero_by_zero_is_nan(scores, rng):
    something, nothing = uniform(rng, 6, 7) < 0.5, torch.zeros(6, 7, dtype=torch.bool)
    something[0, 0] = True
    says = "0/0 is NaN, and no error."
    called_none = result_of(lambda: scores(something, nothing), says)
    called_none = expect_parts(called_none, 3, THREE)
    expect_number(called_none[0], torch.nan, "Who calls nothing has no precision: 0/0 is NaN.")
    expect_number(called_none[1], 0, "Who calls nothing, where something is, has recall 0.")
    neither = expect_parts(result_of(lambda: scores(nothing, nothing), says), 3, THREE)
    for value, name in zip(neither, ("precision", "recall", "F1"), strict=True):
        says = f"Nothing there and nothing called: {name} is 0/0, NaN."
        expect_number(value, torch.nan, says)
    recall = expect_parts(scores(nothing, something), 3, THREE)[1]
    expect_number(recall, torch.nan, "Nothing is there: recall is 0/0, NaN.")


@worth(1, "binary_scores")
def masks_may_have_any_shape(scores, rng):
    for shape in ((1,), (300,), (11, 3), (3, 11), (2, 5, 4), (2, 1, 40, 40)):
        masks = _masks(rng, *shape)
        masks[0].view(-1)[0] = masks[1].view(-1)[0] = True
        says = f"For masks of shape {shape} a score is not right."
        got = expect_parts(result_of(lambda masks=masks: scores(*masks), says), 3, THREE)
        for value, want in zip(got, _binary_scores(*masks), strict=True):
            expect_number(value, want, says)


def _binary_case(scores, rng, dtype, training):
    return Case(scores, _masks(rng, 2, 9, 5), _binary_scores)


shared("binary_scores", _binary_case, float64=0, gradient=0)


# --- cut_windows


def _windows(image, size, stride):
    return image.unfold(1, size, stride).unfold(2, size, stride).movedim(0, 2)


@worth(1, "cut_windows")
def window_i_j_begins_at_i_and_j_strides(cut, rng):
    image = uniform(rng, 3, 9, 13)
    got = cut(image, 3, 2)
    says = "The result is (rows, columns, c, size, size)."
    expect_tensor(got, says, shape=(4, 6, 3, 3, 3))
    says = "Window [i, j] must begin at row i · stride, column j · stride."
    expect_close(got, _windows(image, 3, 2), says)


@worth(1, "cut_windows")
def a_last_window_that_fits_is_there(cut, rng):
    size, stride = pick(rng, 2, 4), pick(rng, 1, 3)
    image = uniform(rng, 1, size + 2 * stride, size + 2 * stride)
    says = "A window whose last pixel is the picture's last still fits."
    expect_close(cut(image, size, stride), _windows(image, size, stride), says)
    for size in (1, 5):
        whole = uniform(rng, 2, size, size)
        says = "A picture as large as the window holds one window."
        expect_close(cut(whole, size, stride), whole[None, None], says)


@worth(1, "cut_windows")
def windows_that_would_stick_out_are_not_cut(cut, rng):
    for side in (11, pick(rng, 12, 17)):
        image = uniform(rng, 2, side, side)
        for size, stride in ((4, 3), (5, 7), (3, 2)):
            says = f"Windows of {size}, every {stride}, in {side}×{side} pixels: only whole ones count."
            expect_close(cut(image, size, stride), _windows(image, size, stride), says)


@worth(1, "cut_windows")
def pictures_of_any_height_and_width_will_do(cut, rng):
    for h, w in sizes(rng, least=3):
        image, stride = distinct(rng, 2, h, w), pick(rng, 2, 4)
        says = f"Windows of 3, every {stride}, in {h}×{w} pixels are not right."
        got = result_of(lambda image=image, stride=stride: cut(image, 3, stride), says)
        expect_close(got, _windows(image, 3, stride), says)
    for name, image in ranges(distinct(rng, 1, 5, 4)).items():
        says = f"Numbers that are {name} must come out as they went in."
        expect_close(cut(image, 2, 2), _windows(image, 2, 2), says)


def _cut_case(cut, rng, dtype, training):
    return Case(cut, (normal(rng, 3, 7, 7, dtype=dtype), 3, 2), _windows)


shared("cut_windows", _cut_case)


# --- dense_to_conv


def _dense(rng, c, h, w, out, dtype=torch.float32):
    return normal(rng, out, c * h * w, dtype=dtype), normal(rng, out, dtype=dtype)


def _at_each_place(x, weight, bias, size):
    """The dense layer on every (h, w) part of a map, laid flat one after the other."""
    parts = x.unfold(2, size[0], 1).unfold(3, size[1], 1).movedim(1, 3).flatten(3)
    return F.linear(parts, weight, bias).movedim(-1, 1)


def _expect_dense(convert, rng, c, size, out, map_size, says):
    weight, bias = _dense(rng, c, *size, out)
    conv, x = convert(weight, bias, size), normal(rng, 2, c, *map_size)
    shape = (out, c, *size)
    expect_tensor(conv.weight, "The weight is (out, c, h, w).", shape=shape)
    expect_close(conv(x), _at_each_place(x, weight, bias, size), says, tol=1e-4)


@worth(1, "dense_to_conv")
def on_one_map_it_is_the_dense_layer(convert, rng):
    says = "On one map it must give what the dense layer gives on the map laid flat."
    for _ in range(2):  # two layers of one shape, each with its own numbers
        _expect_dense(convert, rng, 4, (3, 3), 6, (3, 3), says)


@worth(1, "dense_to_conv")
def height_comes_before_width(convert, rng):
    says = "A map that is not square: size is (h, w), rows first."
    for size in ((pick(rng, 1, 3), pick(rng, 4, 6)), (pick(rng, 4, 6), pick(rng, 1, 3))):
        _expect_dense(convert, rng, 2, size, 3, size, says)


@worth(1, "dense_to_conv")
def it_slides_over_a_larger_map(convert, rng):
    says = "It stands at every place where its kernel fits: stride 1, no padding."
    _expect_dense(convert, rng, 3, (2, 3), 4, (5, 8), says)
    _expect_dense(convert, rng, 2, (2, 2), 3, (9, 2), says)


@worth(1, "dense_to_conv")
def behind_a_1_by_1_map_the_kernel_is_1_by_1(convert, rng):
    says = "A 1×1 convolution is the dense layer at every place."
    _expect_dense(convert, rng, 7, (1, 1), 5, (4, 3), says)
    _expect_dense(convert, rng, 1, (1, 1), 5, (1, 4), says)


@worth(1, "dense_to_conv")
def the_numbers_are_the_layers_own(convert, rng):
    says = "The convolution must hold the numbers of the dense layer and no others."
    for name, moved in ranges(distinct(rng, 4, 18)).items():
        conv = convert(moved, 100 * normal(rng, 4), (3, 2))
        got = result_of(lambda conv=conv: conv.weight.flatten(1), says)
        expect_equal(got, moved, f"{says} (Weights {name}.)")


def _numbers_case(convert, rng, dtype, training):
    args = (*_dense(rng, 3, 2, 2, 20, dtype=dtype), (2, 2))
    return Case(convert, args, lambda weight, bias, size: [weight.reshape(20, 3, 2, 2), bias])


def _sliding_case(convert, rng, dtype, training):
    weight, bias = _dense(rng, 3, 2, 3, 4)
    conv, size = convert(weight, bias, (2, 3)), (2, 3)
    return Case(
        conv, (normal(rng, 2, 3, 5, 4),), lambda x: _at_each_place(x, weight, bias, size)
    )


shared("dense_to_conv", _numbers_case, gradient=0)
shared("dense_to_conv", _sliding_case, manners=0, float64=0)


# --- score_in_one_pass


def _weights(rng, size, kernels=(5, 5, 5, 5), dtype=torch.float32):
    """Weights of a small window classifier whose feature map on one window is `size`.

    In float32 they are quarters: sums of such products have no rounding, so that nobody's ReLU differs by luck.
    """
    widths = (3, 4, 3, 5, 4)
    shapes = {f"conv{i}": (widths[i], widths[i - 1], k, k) for i, k in enumerate(kernels, 1)}
    shapes |= {"dense1": (6, widths[4] * size[0] * size[1]), "dense2": (3, 6)}
    weights = {f"{name}.weight": 0.4 * normal(rng, *shape) for name, shape in shapes.items()}
    weights |= {f"{name}.bias": normal(rng, shape[0]) for name, shape in shapes.items()}
    weights["conv1.bias"][0] = 9  # beyond what a clamp at 6 would leave
    if dtype == torch.float32:
        return {name: (4 * value).round() / 4 for name, value in weights.items()}
    return {
        name: value + 1e-3 * normal(rng, *value.shape, dtype=dtype)
        for name, value in weights.items()
    }


def _images(rng, *shape, dtype=torch.float32):
    drawn = uniform(rng, *shape, dtype=dtype)
    return (8 * drawn).round() / 8 if dtype == torch.float32 else drawn


def _window(size, kernels=(5, 5, 5, 5)):
    """(h, w) of the picture whose feature map is `size`."""
    return tuple(2 * (side + sum(kernels[1:]) - 3) + kernels[0] - 1 for side in size)


def _scores(window, weights):
    """What the classifier says of single windows, written out layer by layer."""
    x = 4 * window - 2
    for i in (1, 2, 3, 4):
        x = F.conv2d(x, weights[f"conv{i}.weight"], weights[f"conv{i}.bias"]).relu()
        x = F.max_pool2d(x, 2) if i == 1 else x
    hidden = F.linear(x.flatten(1), weights["dense1.weight"], weights["dense1.bias"]).relu()
    return F.linear(hidden, weights["dense2.weight"], weights["dense2.bias"])


def _every_window(images, weights, window):
    """The classifier on each window by itself, two pixels apart: (n, k, rows, columns)."""
    h, w = window
    windows = images.unfold(2, h, 2).unfold(3, w, 2).movedim(1, 3)  # n, rows, columns, 3, h, w
    scores = _scores(windows.flatten(0, 2), weights)
    return scores.unflatten(0, windows.shape[:3]).movedim(-1, 1)


def _expect_scores(one_pass, rng, size, kernels, count, more, says):
    weights, window = _weights(rng, size, kernels), _window(size, kernels)
    images = _images(rng, count, 3, window[0] + more[0], window[1] + more[1])
    middle = _every_window(images, weights, window).mean((0, 2, 3)).round()
    weights["dense2.bias"] += torch.tensor([-2.0, 0, 2]) - middle  # scores of both signs
    got = one_pass(images, weights, size)
    expect_close(got, _every_window(images, weights, window), says, tol=1e-3)


@worth(1, "score_in_one_pass")
def on_one_window_it_is_the_classifier(one_pass, rng):
    says = "On a single window it must give the classifier's scores: each dense layer converted, with the ReLU between."
    _expect_scores(one_pass, rng, (2, 2), (5, 5, 5, 5), 3, (0, 0), says)


@worth(1, "score_in_one_pass")
def every_place_is_the_window_that_begins_there(one_pass, rng):
    says = "Place (row, column) must be the score of the window that begins at (2 · row, 2 · column)."
    for more in ((6, 12), (8, 2)):
        _expect_scores(one_pass, rng, (2, 2), (5, 5, 5, 5), 1, more, says)


@worth(1, "score_in_one_pass")
def the_map_of_one_window_need_not_be_2_by_2(one_pass, rng):
    for size in ((pick(rng, 3, 4), pick(rng, 1, 2)), (1, 3), (1, 1)):
        says = f"With a map of {size} per window, the first dense layer becomes a convolution with that kernel."
        call = (one_pass, rng, size, (3, 3, 3, 1), 2, (4, 6), says)
        result_of(lambda call=call: _expect_scores(*call), says)


@worth(1, "score_in_one_pass")
def odd_pictures_and_batches_work(one_pass, rng):
    says = "A picture with a row or column too many: the windows that fit, of each picture of the batch."
    for more in ((5, 9), (1, 0)):
        _expect_scores(one_pass, rng, (2, 2), (3, 3, 1, 1), 3, more, says)


def _one_pass_case(one_pass, rng, dtype, training):
    size, kernels = (1, 2), (3, 3, 1, 1)
    weights, window = _weights(rng, size, kernels, dtype), _window(size, kernels)
    images = _images(rng, 2, 3, window[0] + 4, window[1] + 2, dtype=dtype)
    return Case(
        one_pass, (images, weights, size), lambda x, w, size: _every_window(x, w, window)
    )


shared("score_in_one_pass", _one_pass_case)
