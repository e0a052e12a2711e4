"""Wrong and right answers to `score_in_one_pass`."""

from autograder.audit.answers import Right, Wrong

WRONG = [
    Wrong(
        "score_in_one_pass",
        "the weights are taken out of the dictionary",
        fails="it_has_good_manners",
        says="weights changed in place",
        alone=True,
        edits=(('weights["dense1.bias"], size', 'weights.pop("dense1.bias"), size'),),
    ),
    Wrong(
        "score_in_one_pass",
        "pictures clamped to [0, 1] after they were centered",
        fails="on_one_window_it_is_the_classifier",
        says="the classifier's scores",
        edits=(("features(images, weights)", "features((images - 0.5).clamp(0, 1), weights)"),),
    ),
    Wrong(
        "score_in_one_pass",
        "without gradients, as one predicts",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        edits=(
            (
                "    return score(F.relu(hidden(features(images, weights))))",
                "    with torch.no_grad():\n        return score(F.relu(hidden(features(images, weights))))",
            ),
        ),
    ),
    Wrong(
        "score_in_one_pass",
        "in float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        alone=True,
        edits=(
            (
                "    hidden =",
                "    weights = {name: value.float() for name, value in weights.items()}\n    hidden =",
            ),
            ("features(images,", "features(images.float(),"),
        ),
    ),
    Wrong(
        "score_in_one_pass",
        "no ReLU between the dense layers",
        fails="on_one_window_it_is_the_classifier",
        says="ReLU between",
        edits=(
            (
                "score(F.relu(hidden(features(images, weights))))",
                "score(hidden(features(images, weights)))",
            ),
        ),
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
        says="convolution with that kernel",
        edits=((", size)\n    score", ", (2, 2))\n    score"),),
    ),
    Wrong(
        "score_in_one_pass",
        "the map is averaged: one answer for the picture",
        fails="every_place_is_the_window_that_begins_there",
        says="wanted (1, 3, 4, 7)",
        edits=(
            (
                "features(images, weights)",
                "F.adaptive_avg_pool2d(features(images, weights), size)",
            ),
        ),
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
        says="wanted (1, 3, 4, 7)",
        edits=(
            ("return score(", "return F.interpolate(score("),
            ("weights))))", "weights)))), images.shape[-2:])"),
        ),
    ),
]

RIGHT = [
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
