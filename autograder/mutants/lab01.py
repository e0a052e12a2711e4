"""Wrong and right answers of Lab 1."""

from autograder.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "one_hot",
        "the classes come last",
        fails="plane_c_is_1_where_the_label_is_c",
        says="the classes second",
        source="""
def one_hot(target, classes):
    return (target[..., None] == torch.arange(classes)).float()
""",
    ),
    Wrong(
        "one_hot",
        "void is counted as the last class",
        fails="void_is_in_no_plane",
        says="must be 0 in every plane",
        edits=(("target[:, None] ==", "target.clamp(max=classes - 1)[:, None] =="),),
    ),
    Wrong(
        "one_hot",
        "as many planes as the largest label that occurs",
        fails="classes_that_do_not_occur_keep_their_planes",
        says="keeps its plane",
        edits=(("torch.arange(classes, ", "torch.arange(target.max() + 1, "),),
    ),
    Wrong(
        "one_hot",
        "the planes stay bool",
        fails="plane_c_is_1_where_the_label_is_c",
        says="floats",
        edits=((".float()", ""),),
    ),
    Wrong(
        "one_hot",
        "a look-up table that void does not fit into",
        fails="void_is_in_no_plane",
        says="IndexError",
        source="""
def one_hot(target, classes):
    return torch.eye(classes)[target].permute(0, 3, 1, 2)
""",
    ),
    Wrong(
        "confusion_matrix",
        "rows and columns swapped",
        fails="rows_are_targets_and_columns_predictions",
        says="swapped",
        edits=(
            (
                "classes * target[known].long() + prediction[known].long()",
                "classes * prediction[known].long() + target[known].long()",
            ),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "void goes into the first class",
        fails="void_pixels_are_not_counted",
        says="must not be counted",
        edits=(
            ("known = target != ignore_index", "target = torch.where(target == ignore_index, 0, target)"),
            ("[known]", ".flatten()"),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "void goes into the last class",
        fails="void_pixels_are_not_counted",
        says="must not be counted",
        edits=(
            ("known = target != ignore_index", "target = target.clamp(max=classes - 1)"),
            ("[known]", ".flatten()"),
        ),
    ),
    Wrong(
        "confusion_matrix",
        "void is always 255",
        fails="another_number_can_be_void",
        says="non-negative",
        edits=(("target != ignore_index", "target != 255"),),
    ),
    Wrong(
        "confusion_matrix",
        "every label below k is known: void -1 is counted",
        fails="another_number_can_be_void",
        says="",
        edits=(("target != ignore_index", "target < classes"),),
    ),
    Wrong(
        "confusion_matrix",
        "no minlength",
        fails="classes_that_do_not_occur_keep_row_and_column",
        says="",
        edits=((", minlength=classes**2", ""),),
    ),
    Wrong(
        "confusion_matrix",
        "bytes overflow",
        fails="labels_may_be_bytes",
        says="uint8",
        edits=(("target[known].long()", "target[known]"), ("prediction[known].long()", "prediction[known]")),
    ),
    Wrong(
        "confusion_matrix",
        "shares instead of counts",
        fails="rows_are_targets_and_columns_predictions",
        says="count",
        edits=((".reshape(classes, classes)", ".reshape(classes, classes) / known.sum()"),),
    ),
    Wrong(
        "accuracies",
        "divides by columns: that is precision",
        fails="mean_class_accuracy_gives_each_class_one_vote",
        says="by its row",
        edits=(("matrix.sum(1)", "matrix.sum(0)"),),
    ),
    Wrong(
        "accuracies",
        "absent classes make the mean NaN",
        fails="a_class_that_the_target_lacks_is_left_out",
        says="left out",
        edits=((".nanmean()", ".mean()"),),
    ),
    Wrong(
        "accuracies",
        "absent classes count 0",
        fails="a_class_that_the_target_lacks_is_left_out",
        says="not counted as 0",
        edits=(("(right / there).nanmean()", "(right / there.clamp(min=1)).mean()"),),
    ),
    Wrong(
        "accuracies",
        "each class weighted by its size",
        fails="mean_class_accuracy_gives_each_class_one_vote",
        says="takes the mean",
        edits=(("(right / there).nanmean()", "(right / there).nan_to_num().mul(there / there.sum()).sum()"),),
    ),
    Wrong(
        "accuracies",
        "the other order",
        fails="overall_accuracy_is_the_share_of_right_pixels",
        says="share of all pixels",
        edits=(
            (
                "(right.sum() / matrix.sum()).item(), (right / there).nanmean().item()",
                "(right / there).nanmean().item(), (right.sum() / matrix.sum()).item()",
            ),
        ),
    ),
    Wrong(
        "ious",
        "right pixels counted twice in the union",
        fails="the_union_counts_each_pixel_once",
        says="count once",
        edits=((" - both)", ")"),),
    ),
    Wrong(
        "ious",
        "F1 instead of IoU",
        fails="the_union_counts_each_pixel_once",
        says="row + column",
        edits=(("both / (matrix.sum(0) + matrix.sum(1) - both)", "2 * both / (matrix.sum(0) + matrix.sum(1))"),),
    ),
    Wrong(
        "ious",
        "recall instead of IoU: the false positives are forgotten",
        fails="the_union_counts_each_pixel_once",
        says="row + column",
        edits=(("(matrix.sum(0) + matrix.sum(1) - both)", "matrix.sum(1)"),),
    ),
    Wrong(
        "ious",
        "an absent class counts as perfect",
        fails="a_class_that_is_nowhere_has_no_iou",
        says="must be NaN",
        edits=(
            (
                "both / (matrix.sum(0) + matrix.sum(1) - both)",
                "(both + 1e-9) / (matrix.sum(0) + matrix.sum(1) - both + 1e-9)",
            ),
        ),
    ),
    Wrong(
        "ious",
        "an absent class counts 0",
        fails="a_class_that_is_nowhere_has_no_iou",
        says="must be NaN",
        edits=(("- both)\n", "- both)\n    per_class = per_class.nan_to_num(0)\n"),),
    ),
    Wrong(
        "ious",
        "the mean weighs classes by their size",
        fails="the_mean_is_taken_over_classes",
        says="one vote",
        edits=(("per_class.nanmean()", "(per_class.nan_to_num() * matrix.sum(1) / matrix.sum()).sum()"),),
    ),
    Wrong(
        "ious",
        "a class that the target lacks is left out even where it was predicted",
        fails="a_class_that_is_only_predicted_has_iou_0",
        says="not NaN",
        edits=(("- both)\n", "- both)\n    per_class[matrix.sum(1) == 0] = torch.nan\n"),),
    ),
    Wrong(
        "binary_scores",
        "precision and recall swapped",
        fails="precision_divides_by_what_was_called",
        says="the first",
        edits=(("prediction.sum(), target.sum()", "target.sum(), prediction.sum()"),),
    ),
    Wrong(
        "binary_scores",
        "F1 is the plain mean of precision and recall",
        fails="f1_is_high_only_where_both_are",
        says="2·TP",
        edits=(("2 * hits / (called + there)", "(hits / called + hits / there) / 2"),),
    ),
    Wrong(
        "binary_scores",
        "F1 without the factor two",
        fails="f1_is_high_only_where_both_are",
        says="2·TP",
        edits=(("2 * hits /", "hits /"),),
    ),
    Wrong(
        "binary_scores",
        "IoU instead of F1",
        fails="f1_is_high_only_where_both_are",
        says="2·TP",
        edits=(("2 * hits / (called + there)", "hits / (called + there - hits)"),),
    ),
    Wrong(
        "binary_scores",
        "0/0 is 0",
        fails="zero_by_zero_is_nan",
        says="NaN",
        edits=(("(hits / called).item()", "(hits / called.clamp(min=1)).item()"),),
    ),
    Wrong(
        "binary_scores",
        "accuracy instead of precision",
        fails="precision_divides_by_what_was_called",
        says="Precision",
        edits=(("(hits / called).item()", "(target == prediction).float().mean().item()"),),
    ),
    Wrong(
        "cut_windows",
        "the last window is lost",
        fails="a_last_window_that_fits_is_there",
        says="still fits",
        edits=(("w - size + 1", "w - size"), ("h - size + 1", "h - size")),
    ),
    Wrong(
        "cut_windows",
        "height and width swapped",
        fails="windows_that_would_stick_out_are_not_cut",
        says="",
        edits=(("h, w = image.shape[-2:]", "w, h = image.shape[-2:]"),),
    ),
    Wrong(
        "cut_windows",
        "every window, the stride forgotten",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="rows, columns",
        edits=(("+ 1, stride)", "+ 1)"),),
    ),
    Wrong(
        "cut_windows",
        "one long row of windows",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="rows, columns",
        edits=(("return torch.stack(windows)", "return torch.cat(windows)"),),
    ),
    Wrong(
        "cut_windows",
        "columns before rows",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="rows, columns",
        edits=(("return torch.stack(windows)", "return torch.stack(windows, 1)"),),
    ),
    Wrong(
        "cut_windows",
        "a zero border, so that every pixel has a window",
        fails="window_i_j_begins_at_i_and_j_strides",
        says="rows, columns",
        edits=(
            (
                "h, w = image.shape[-2:]",
                "image = F.pad(image, (size // 2,) * 4)\n    h, w = image.shape[-2:]",
            ),
        ),
    ),
    Wrong(
        "dense_to_conv",
        "height and width swapped",
        fails="height_comes_before_width",
        says="(out, c, h, w)",
        edits=(("h, w = size", "w, h = size"),),
    ),
    Wrong(
        "dense_to_conv",
        "channels taken for the last dimension",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        edits=((".reshape(len(weight), -1, h, w)", ".reshape(len(weight), h, w, -1).permute(0, 3, 1, 2)"),),
    ),
    Wrong(
        "dense_to_conv",
        "the kernel is flipped",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        edits=((".reshape(len(weight), -1, h, w)", ".reshape(len(weight), -1, h, w).flip(2, 3)"),),
    ),
    Wrong(
        "dense_to_conv",
        "the bias is forgotten",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        edits=(('"bias": bias}', '"bias": 0 * bias}'),),
    ),
    Wrong(
        "dense_to_conv",
        "padding keeps the size",
        fails="on_one_map_it_is_the_dense_layer",
        says="shape",
        edits=(("len(weight), (h, w))", "len(weight), (h, w), padding='same')"),),
    ),
    Wrong(
        "dense_to_conv",
        "the stride of a sliding window without overlap",
        fails="it_slides_over_a_larger_map",
        says="stride 1",
        edits=(("len(weight), (h, w))", "len(weight), (h, w), stride=(h, w))"),),
    ),
    Wrong(
        "dense_to_conv",
        "fresh random weights",
        fails="on_one_map_it_is_the_dense_layer",
        says="laid flat",
        edits=(('    conv.load_state_dict({"weight": kernel, "bias": bias})\n', ""),),
    ),
    Wrong(
        "score_in_one_pass",
        "no ReLU between the dense layers",
        fails="on_one_window_it_is_the_classifier",
        says="ReLU between",
        edits=(("score(F.relu(hidden(features(images, weights))))", "score(hidden(features(images, weights)))"),),
    ),
    Wrong(
        "score_in_one_pass",
        "a ReLU behind the scores as well",
        fails="on_one_window_it_is_the_classifier",
        says="classifier's scores",
        edits=(("return score(", "return F.relu(score("), ("weights))))", "weights)))))")),
    ),
    Wrong(
        "score_in_one_pass",
        "the map of one window is always 2×2",
        fails="the_map_of_one_window_need_not_be_2_by_2",
        says="",
        edits=((", size)\n    score", ", (2, 2))\n    score"),),
    ),
    Wrong(
        "score_in_one_pass",
        "the map is averaged: one answer for the picture",
        fails="every_place_is_the_window_that_begins_there",
        says="4×7 windows",
        edits=(("features(images, weights)", "F.adaptive_avg_pool2d(features(images, weights), size)"),),
    ),
    Wrong(
        "score_in_one_pass",
        "only the first picture of the batch",
        fails="odd_pictures_and_batches_work",
        says="each picture",
        edits=(("features(images, weights)", "features(images[:1], weights)"),),
    ),
    Wrong(
        "score_in_one_pass",
        "upsampled to the picture",
        fails="every_place_is_the_window_that_begins_there",
        says="two pixels apart",
        edits=(("return score(", "return F.interpolate(score("), ("weights))))", "weights)))), images.shape[-2:])")),
    ),
]

RIGHT = [
    Right(
        "one_hot",
        "a stack of comparisons",
        """
def one_hot(target, classes):
    return torch.stack([target == c for c in range(classes)], dim=1).to(torch.float32)
""",
    ),
    Right(
        "one_hot",
        "scatter into planes with one more for void",
        """
def one_hot(target, classes):
    n, h, w = target.shape
    planes = torch.zeros(n, classes + 1, h, w)
    planes.scatter_(1, target.clamp(max=classes).unsqueeze(1), 1.0)
    return planes[:, :classes]
""",
    ),
    Right(
        "one_hot",
        "rows of the identity, void a row of zeros",
        """
def one_hot(target, classes):
    rows = torch.zeros(256, classes)
    rows[range(classes), range(classes)] = 1
    return rows[target].movedim(-1, 1).contiguous()
""",
    ),
    Right(
        "confusion_matrix",
        "a loop over pixels",
        """
def confusion_matrix(target, prediction, classes, *, ignore_index=255):
    counts = [[0] * classes for _ in range(classes)]
    for t, p in zip(target.flatten().tolist(), prediction.flatten().tolist()):
        if t != ignore_index:
            counts[t][p] += 1
    return torch.tensor(counts)
""",
    ),
    Right(
        "confusion_matrix",
        "a loop over pairs of classes",
        """
def confusion_matrix(target, prediction, classes, *, ignore_index=255):
    matrix = torch.empty(classes, classes, dtype=torch.long)
    for i in range(classes):
        for j in range(classes):
            matrix[i, j] = torch.logical_and(target == i, prediction == j).sum()
    return matrix
""",
    ),
    Right(
        "confusion_matrix",
        "a product of one-hot planes",
        """
def confusion_matrix(target, prediction, classes, *, ignore_index=255):
    numbers_ = torch.arange(classes)
    is_i = (target.reshape(-1, 1) == numbers_).double()
    called_j = (prediction.reshape(-1, 1) == numbers_).double()
    return (is_i.T @ called_j).round().long()
""",
    ),
    Right(
        "confusion_matrix",
        "numpy, void sent to a row of its own",
        """
def confusion_matrix(target, prediction, classes, *, ignore_index=255):
    import numpy as np

    t, p = target.numpy().astype(np.int64), prediction.numpy().astype(np.int64)
    t = np.where(t == ignore_index, classes, t)
    counts = np.bincount((t * classes + p).ravel(), minlength=classes * (classes + 1))
    return torch.from_numpy(counts.reshape(classes + 1, classes)[:classes]).long()
""",
    ),
    Right(
        "accuracies",
        "plain loops",
        """
def accuracies(matrix):
    rows = matrix.tolist()
    right = sum(row[i] for i, row in enumerate(rows))
    shares = [row[i] / sum(row) for i, row in enumerate(rows) if sum(row)]
    return right / sum(map(sum, rows)), sum(shares) / len(shares)
""",
    ),
    Right(
        "accuracies",
        "the trace, and a mask of classes",
        """
def accuracies(matrix):
    matrix = matrix.double()
    there = matrix.sum(dim=1)
    known = there > 0
    return torch.trace(matrix) / matrix.sum(), (torch.diag(matrix)[known] / there[known]).mean()
""",
    ),
    Right(
        "ious",
        "true and false positives by name",
        """
def ious(matrix):
    tp = torch.diag(matrix).double()
    fp = matrix.sum(dim=0) - tp
    fn = matrix.sum(dim=1) - tp
    each = tp / (tp + fp + fn)
    return each, each[~each.isnan()].mean()
""",
    ),
    Right(
        "ious",
        "plain loops",
        """
def ious(matrix):
    k, each = len(matrix), []
    for i in range(k):
        union = sum(int(matrix[i, j]) + int(matrix[j, i]) for j in range(k)) - int(matrix[i, i])
        each.append(int(matrix[i, i]) / union if union else float("nan"))
    known = [value for value in each if value == value]
    return torch.tensor(each), sum(known) / len(known)
""",
    ),
    Right(
        "binary_scores",
        "true and false positives by name",
        """
def binary_scores(target, prediction):
    tp = torch.logical_and(target, prediction).sum().double()
    fp = torch.logical_and(~target, prediction).sum()
    fn = torch.logical_and(target, ~prediction).sum()
    return tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn)
""",
    ),
    Right(
        "binary_scores",
        "Python numbers, 0/0 by hand",
        """
def binary_scores(target, prediction):
    t, p = target.flatten().tolist(), prediction.flatten().tolist()
    tp = sum(a and b for a, b in zip(t, p))

    def share(part, whole):
        return part / whole if whole else float("nan")

    return share(tp, sum(p)), share(tp, sum(t)), share(2 * tp, sum(t) + sum(p))
""",
    ),
    Right(
        "cut_windows",
        "filled window by window",
        """
def cut_windows(image, size, stride):
    c, h, w = image.shape
    rows, columns = (h - size) // stride + 1, (w - size) // stride + 1
    out = image.new_empty(rows, columns, c, size, size)
    for i in range(rows):
        for j in range(columns):
            y, x = i * stride, j * stride
            out[i, j] = image[:, y : y + size, x : x + size]
    return out
""",
    ),
    Right(
        "cut_windows",
        "an index for each pixel of each window",
        """
def cut_windows(image, size, stride):
    inside = torch.arange(size)
    y = torch.arange(0, image.shape[1] - size + 1, stride)[:, None] + inside
    x = torch.arange(0, image.shape[2] - size + 1, stride)[:, None] + inside
    return image[:, y[:, None, :, None], x[None, :, None, :]].movedim(0, 2)
""",
    ),
    Right(
        "dense_to_conv",
        "copied under no_grad",
        """
def dense_to_conv(weight, bias, size):
    outputs, inputs = weight.shape
    channels = inputs // (size[0] * size[1])
    conv = nn.Conv2d(channels, outputs, kernel_size=size, stride=1, padding=0)
    with torch.no_grad():
        conv.weight.copy_(weight.view(outputs, channels, *size))
        conv.bias.copy_(bias)
    return conv
""",
    ),
    Right(
        "dense_to_conv",
        "fresh parameters put in",
        """
def dense_to_conv(weight, bias, size):
    kernel = weight.unflatten(1, (-1, size[0], size[1]))
    conv = nn.Conv2d(kernel.size(1), kernel.size(0), tuple(size))
    conv.weight = nn.Parameter(kernel.clone())
    conv.bias = nn.Parameter(bias.clone())
    return conv
""",
    ),
    Right(
        "score_in_one_pass",
        "F.conv2d with reshaped weights",
        """
def score_in_one_pass(images, weights, size):
    x = features(images, weights)
    kernel = weights["dense1.weight"].reshape(-1, x.shape[1], *size)
    x = F.conv2d(x, kernel, weights["dense1.bias"]).clamp(min=0)
    return F.conv2d(x, weights["dense2.weight"][:, :, None, None], weights["dense2.bias"])
""",
    ),
    Right(
        "score_in_one_pass",
        "the last layer as a product at each place",
        """
def score_in_one_pass(images, weights, size):
    hidden = dense_to_conv(weights["dense1.weight"], weights["dense1.bias"], size)
    x = torch.relu(hidden(features(images, weights)))
    x = F.linear(x.permute(0, 2, 3, 1), weights["dense2.weight"], weights["dense2.bias"])
    return x.permute(0, 3, 1, 2)
""",
    ),
]

EQUIVALENT: list[Equivalent] = []
