"""Wrong and right answers of Lab 6."""

from autograder.answers import Equivalent, Right, Wrong

WRONG = [
    Wrong(
        "log_softmax",
        "no shift: the powers overflow",
        fails="scores_of_ten_thousand_stay_finite",
        says="subtract the largest score first",
        edits=(("logits - logits.amax(1, keepdim=True)", "logits"),),
    ),
    Wrong(
        "log_softmax",
        "the logarithm of a softmax",
        fails="scores_of_ten_thousand_stay_finite",
        says="no logarithm of a p",
        source="""
def log_softmax(logits):
    return logits.softmax(1).log()
""",
    ),
    Wrong(
        "log_softmax",
        "a small number inside the logarithm",
        fails="scores_of_ten_thousand_stay_finite",
        says="not right",
        source="""
def log_softmax(logits):
    return (logits.softmax(1) + 1e-12).log()
""",
    ),
    Wrong(
        "log_softmax",
        "one largest score for the whole batch",
        fails="each_pixel_has_its_own_largest_score",
        says="each pixel needs its own",
        edits=(("logits.amax(1, keepdim=True)", "logits.max()"),),
    ),
    Wrong(
        "log_softmax",
        "the sum over the rows instead of the classes",
        fails="probabilities_add_up_to_one_over_the_classes",
        says="dimension 1",
        edits=(("amax(1,", "amax(2,"), ("sum(1,", "sum(2,")),
    ),
    Wrong(
        "log_softmax",
        "the softmax itself",
        fails="probabilities_add_up_to_one_over_the_classes",
        says="It is not log p",
        source="""
def log_softmax(logits):
    return logits.softmax(1)
""",
    ),
    Wrong(
        "log_softmax",
        "by way of numpy",
        fails="the_gradient_of_log_p_reaches_the_scores",
        says="numpy",
        source="""
def log_softmax(logits):
    import numpy as np

    z = logits.numpy()
    z = z - z.max(axis=1, keepdims=True)
    return torch.from_numpy(z - np.log(np.exp(z).sum(axis=1, keepdims=True)))
""",
    ),
    Wrong(
        "log_softmax",
        "under no_grad, as when a network is only used",
        fails="the_gradient_of_log_p_reaches_the_scores",
        says="torch.no_grad()",
        edits=(("def log_softmax", "@torch.no_grad()\ndef log_softmax"),),
    ),
    Wrong(
        "log_softmax",
        "the sum taken for a constant",
        fails="the_gradient_of_log_p_reaches_the_scores",
        says="[c = j] − p_j",
        edits=((".log()", ".log().detach()"),),
    ),
    Wrong(
        "log_softmax",
        "powers overwritten that the way back needs",
        fails="the_gradient_of_log_p_reaches_the_scores",
        says="modified by an inplace operation",
        source="""
def log_softmax(logits):
    shifted = logits - logits.amax(1, keepdim=True)
    powers = shifted.exp()
    total = powers.sum(1, keepdim=True)
    powers /= total
    return shifted - total.log()
""",
    ),
    Wrong(
        "cross_entropy",
        "the minus is forgotten",
        fails="it_is_the_mean_of_minus_log_p",
        says="−log p",
        edits=(("-log_softmax(", "log_softmax("),),
    ),
    Wrong(
        "cross_entropy",
        "divided by all pixels",
        fails="void_counts_neither_above_nor_below_the_line",
        says="divided by",
        edits=(("total = weights.sum()", "total = torch.tensor(float(target.numel()))"),),
    ),
    Wrong(
        "cross_entropy",
        "void taken for class 0",
        fails="void_counts_neither_above_nor_below_the_line",
        says="Void pixels",
        edits=(("weights = torch.where(known, weights, 0)", "pass"),),
    ),
    Wrong(
        "cross_entropy",
        "the mean of the pictures' means",
        fails="every_known_pixel_of_the_batch_counts_the_same",
        says="not a mean of the pictures' means",
        source="""
def cross_entropy(logits, target, weights=None):
    known = target != 255
    surprise = -log_softmax(logits).gather(1, torch.where(known, target, 0)[:, None])[:, 0]
    weights = torch.where(known, torch.ones_like(surprise) if weights is None else weights, 0)
    each = (weights * surprise).sum((1, 2)) / weights.sum((1, 2)).clamp(min=1e-9)
    return each.mean()
""",
    ),
    Wrong(
        "cross_entropy",
        "a weighted sum divided by the number of pixels",
        fails="a_weighted_sum_is_divided_by_the_weights",
        says="Σ w·ℓ / Σ w",
        edits=(("total = weights.sum()", "total = known.sum()"),),
    ),
    Wrong(
        "cross_entropy",
        "weights of void pixels stay in the denominator",
        fails="a_weighted_sum_is_divided_by_the_weights",
        says="that are not void",
        edits=(
            ("weights = torch.where(known, weights, 0)\n    total = weights.sum()", "total = weights.sum()"),
            ("(weights * surprise).sum()", "(weights * known * surprise).sum()"),
        ),
    ),
    Wrong(
        "cross_entropy",
        "0/0 where all is void",
        fails="where_nothing_counts_it_is_zero",
        says="all pixels are void",
        edits=(("torch.where(total > 0, total, 1)", "total"),),
    ),
    Wrong(
        "cross_entropy",
        "the denominator is at least 1",
        fails="where_nothing_counts_it_is_zero",
        says="Small weights",
        edits=(("torch.where(total > 0, total, 1)", "total.clamp(min=1)"),),
    ),
    Wrong(
        "cross_entropy",
        "a softmax cut off at 1e-7",
        fails="it_survives_scores_of_ten_thousand",
        says="cut off",
        edits=(("log_softmax(logits)", "logits.softmax(1).clamp(min=1e-7).log()"),),
    ),
    Wrong(
        "cross_entropy",
        "a plain number, from which no gradient comes",
        fails="it_is_the_mean_of_minus_log_p",
        says="wanted a tensor",
        edits=(
            ("return (weights * surprise).sum()", "return ((weights * surprise).sum()"),
            ("torch.where(total > 0, total, 1)", "torch.where(total > 0, total, 1)).item()"),
        ),
    ),
    Wrong(
        "cross_entropy",
        "the number put into a new tensor",
        fails="the_gradient_of_cross_entropy_reaches_the_scores",
        says=".item()",
        edits=(
            ("return (weights", "return torch.tensor(((weights"),
            ("torch.where(total > 0, total, 1)", "torch.where(total > 0, total, 1)).item())"),
        ),
    ),
    Wrong(
        "cross_entropy",
        "log p detached before a class is picked",
        fails="the_gradient_of_cross_entropy_reaches_the_scores",
        says=".detach()",
        edits=(("log_softmax(logits)", "log_softmax(logits).detach()"),),
    ),
    Wrong(
        "cross_entropy",
        "numpy after a detach, as torch's error advises",
        fails="the_gradient_of_cross_entropy_reaches_the_scores",
        says="No gradient reaches the input",
        source="""
def cross_entropy(logits, target, weights=None):
    import numpy as np

    log_p, y = log_softmax(logits).detach().numpy(), target.numpy()
    known = y != 255
    surprise = -np.take_along_axis(log_p, np.where(known, y, 0)[:, None], axis=1)[:, 0]
    w = known * (1.0 if weights is None else weights.numpy())
    return torch.tensor((w * surprise).sum() / w.sum() if w.sum() > 0 else 0.0)
""",
    ),
    Wrong(
        "border_weights",
        "σ² above the line",
        fails="background_between_cells_weighs_more",
        says="exp(−(d1 + d2)² / (2 σ²))",
        edits=(("/ (2 * sigma**2)", "/ 2 * sigma**2"),),
    ),
    Wrong(
        "border_weights",
        "squares added instead of the sum squared",
        fails="background_between_cells_weighs_more",
        says="(d1 + d2)²",
        edits=(("((d1 + d2) ** 2)", "(d1**2 + d2**2)"),),
    ),
    Wrong(
        "border_weights",
        "inside of cells as well",
        fails="inside_a_cell_and_without_a_second_one_only_the_class_counts",
        says="Inside a cell",
        edits=(("torch.where(d1 > 0, border, 0)", "border"),),
    ),
    Wrong(
        "border_weights",
        "the class weight multiplies",
        fails="background_between_cells_weighs_more",
        says="w_c + w0",
        edits=(("class_weight + torch", "class_weight * torch"),),
    ),
    Wrong(
        "border_weights",
        "the paper's numbers always",
        fails="height_and_width_can_be_chosen",
        says="another σ",
        edits=(("w0 * torch", "10 * torch"), ("sigma**2", "5**2")),
    ),
    Wrong(
        "border_weights",
        "only the nearest cell",
        fails="background_between_cells_weighs_more",
        says="d2",
        edits=(("(d1 + d2)", "(d1 + d1)"),),
    ),
    Wrong(
        "dice_loss",
        "no squares below the line",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="Σp²",
        edits=(("(p**2).sum()", "p.sum()"),),
    ),
    Wrong(
        "dice_loss",
        "the 2 is forgotten",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="2 Σpt",
        edits=(("1 - 2 * (p", "1 - (p"),),
    ),
    Wrong(
        "dice_loss",
        "void in Σp²",
        fails="dice_leaves_void_out_of_all_sums",
        says="no sum",
        edits=(("(p**2).sum()", "(logits.softmax(1)[:, c] ** 2).sum()"),),
    ),
    Wrong(
        "dice_loss",
        "absent classes count as 1",
        fails="a_class_that_is_absent_is_left_out_of_dice",
        says="left out",
        edits=(("target[known].unique()", "range(logits.shape[1])"),),
    ),
    Wrong(
        "dice_loss",
        "the sum over the classes divided by k",
        fails="a_class_that_is_absent_is_left_out_of_dice",
        says="divided by their number",
        edits=(("torch.stack(terms).mean()", "torch.stack(terms).sum() / logits.shape[1]"),),
    ),
    Wrong(
        "dice_loss",
        "the mean of the pictures' losses",
        fails="dice_sums_run_over_the_whole_batch",
        says="all pictures of the batch together",
        source="""
def dice_loss(logits, target):
    pictures = []
    for z, y in zip(logits, target):
        known, terms = y != 255, []
        for c in y[known].unique():
            p, t = z.softmax(0)[c][known], (y[known] == c).float()
            terms.append(1 - 2 * (p * t).sum() / ((p**2).sum() + t.sum()))
        if terms:
            pictures.append(torch.stack(terms).mean())
    return torch.stack(pictures).mean() if pictures else 0 * logits.sum()
""",
    ),
    Wrong(
        "dice_loss",
        "the winner instead of its probability",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="softmax",
        edits=(("logits.softmax(1)[:, c][known]", "(logits.argmax(1) == c)[known].float()"),),
    ),
    Wrong(
        "dice_loss",
        "the scores taken for probabilities",
        fails="it_is_one_minus_twice_the_overlap_by_the_squares",
        says="softmax",
        edits=(("logits.softmax(1)", "logits.sigmoid()"),),
    ),
    Wrong(
        "dice_loss",
        "a list of numbers made into a tensor",
        fails="the_gradient_of_dice_reaches_the_scores",
        says=".item()",
        edits=(
            ("(t**2).sum()))", "(t**2).sum())).item())"),
            ("terms.append(1", "terms.append((1"),
            ("torch.stack(terms)", "torch.tensor(terms)"),
        ),
    ),
    Wrong(
        "dice_loss",
        "the probabilities' data",
        fails="the_gradient_of_dice_reaches_the_scores",
        says=".data",
        edits=(("logits.softmax(1)", "logits.softmax(1).data"),),
    ),
    Wrong(
        "dice_loss",
        "the denominator taken for a constant",
        fails="the_gradient_of_dice_reaches_the_scores",
        says="above and below the line",
        edits=(("(p**2).sum()", "(p.detach() ** 2).sum()"),),
    ),
    Wrong(
        "focal_loss",
        "p instead of 1 − p",
        fails="for_two_classes_it_is_torchvisions",
        says="(1 − p)²",
        edits=(("(1 - log_p.exp())", "log_p.exp()"),),
    ),
    Wrong(
        "focal_loss",
        "γ is always 2",
        fails="gamma_can_be_chosen",
        says="Another γ",
        edits=(("** gamma", "** 2"),),
    ),
    Wrong(
        "focal_loss",
        "divided by the sum of α",
        fails="alpha_is_no_part_of_the_denominator",
        says="not by Σα",
        edits=(("known.sum().clamp(min=1)", "(known.sum() if alpha is None else alpha[labels][known].sum())"),),
    ),
    Wrong(
        "focal_loss",
        "α is forgotten",
        fails="alpha_is_no_part_of_the_denominator",
        says="α of its class",
        edits=(("terms = terms * alpha[labels]", "pass"),),
    ),
    Wrong(
        "focal_loss",
        "void stays in the denominator",
        fails="focal_leaves_void_out",
        says="number of pixels",
        edits=(("known.sum().clamp(min=1)", "known.numel()"),),
    ),
    Wrong(
        "focal_loss",
        "0/0 where all is void",
        fails="focal_leaves_void_out",
        says="all pixels are void",
        edits=((".sum().clamp(min=1)", ".sum()"),),
    ),
    Wrong(
        "focal_loss",
        "the logarithm of a softmax",
        fails="focal_survives_scores_of_ten_thousand",
        says="work with log p",
        edits=(("log_softmax(logits)", "logits.softmax(1).log()"),),
    ),
    Wrong(
        "focal_loss",
        "a sigmoid for each class",
        fails="gamma_can_be_chosen",
        says="γ = 0 must be cross-entropy",
        edits=(("log_softmax(logits)", "F.logsigmoid(logits)"),),
    ),
    Wrong(
        "focal_loss",
        "under no_grad",
        fails="the_gradient_of_focal_loss_reaches_the_scores",
        says="torch.no_grad()",
        edits=(("def focal_loss", "@torch.no_grad()\ndef focal_loss"),),
    ),
    Wrong(
        "focal_loss",
        "the number put into a new tensor",
        fails="the_gradient_of_focal_loss_reaches_the_scores",
        says=".item()",
        edits=(("terms[known].sum() /", "torch.tensor(terms[known].sum().item()) /"),),
    ),
    Wrong(
        "focal_loss",
        "(1 − p)^γ taken for a constant",
        fails="the_gradient_of_focal_loss_reaches_the_scores",
        says="(1 − p)^γ changes",
        edits=(("(1 - log_p.exp())", "(1 - log_p.exp().detach())"),),
    ),
    Wrong(
        "lovasz_gradient",
        "1 − IoU itself instead of its steps",
        fails="steps_are_what_each_wrong_pixel_adds",
        says="minus 1 − IoU with only those before it",
        edits=(("torch.diff(jaccard, prepend=jaccard.new_zeros(1))", "jaccard"),),
    ),
    Wrong(
        "lovasz_gradient",
        "the first step is lost",
        fails="the_first_step_starts_from_zero",
        says="shape",
        edits=((", prepend=jaccard.new_zeros(1)", ""),),
    ),
    Wrong(
        "lovasz_gradient",
        "the first step is 0",
        fails="all_steps_add_up_to_one",
        says="add up to 1",
        edits=(("prepend=jaccard.new_zeros(1)", "prepend=jaccard[:1]"),),
    ),
    Wrong(
        "lovasz_gradient",
        "the union never grows",
        fails="the_first_step_starts_from_zero",
        says="joins the union",
        edits=(("union = truth.sum() + (~truth).long().cumsum(0)", "union = truth.sum()"),),
    ),
    Wrong(
        "lovasz_gradient",
        "the union grows with every pixel",
        fails="steps_are_what_each_wrong_pixel_adds",
        says="1 − IoU with pixel i wrong",
        edits=(("(~truth).long()", "torch.ones_like(truth).long()"),),
    ),
    Wrong(
        "lovasz_gradient",
        "a wrong pixel counts before its step",
        fails="steps_are_what_each_wrong_pixel_adds",
        says="A step is 1 − IoU",
        edits=(("truth.sum() - truth.long().cumsum(0)", "truth.sum() - truth.long().cumsum(0) + truth.long()"),),
    ),
    Wrong(
        "lovasz_softmax",
        "the best first",
        fails="errors_count_with_their_steps_the_worst_first",
        says="from worst to best",
        edits=(("descending=True", "descending=False"),),
    ),
    Wrong(
        "lovasz_softmax",
        "the truth is not sorted along",
        fails="errors_count_with_their_steps_the_worst_first",
        says="the truth likewise",
        edits=(("truth[order]", "truth"),),
    ),
    Wrong(
        "lovasz_softmax",
        "p taken for the error of every pixel",
        fails="errors_count_with_their_steps_the_worst_first",
        says="|t − p|",
        edits=(("torch.where(truth, 1 - p, p)", "p"),),
    ),
    Wrong(
        "lovasz_softmax",
        "void counts as any other class",
        fails="lovasz_leaves_void_out_and_absent_classes_too",
        says="Void pixels",
        edits=(
            (
                "logits.softmax(1)[:, c][known], target[known] == c",
                "logits.softmax(1)[:, c].flatten(), (target == c).flatten()",
            ),
        ),
    ),
    Wrong(
        "lovasz_softmax",
        "absent classes take part",
        fails="lovasz_leaves_void_out_and_absent_classes_too",
        says="left out",
        edits=(("target[known].unique()", "range(logits.shape[1])"),),
    ),
    Wrong(
        "lovasz_softmax",
        "the sum over the classes",
        fails="on_sure_predictions_it_is_one_minus_mean_iou",
        says="1 − mean IoU",
        edits=(("torch.stack(terms).mean()", "torch.stack(terms).sum()"),),
    ),
    Wrong(
        "lovasz_softmax",
        "the mean of the pictures' losses",
        fails="the_pixels_of_all_pictures_are_sorted_together",
        says="not a mean of the pictures' losses",
        source="""
def lovasz_softmax(logits, target):
    pictures = []
    for z, y in zip(logits, target):
        known, terms = y != 255, []
        for c in y[known].unique():
            p, truth = z.softmax(0)[c][known], y[known] == c
            errors, order = (truth.float() - p).abs().sort(descending=True)
            terms.append(errors @ lovasz_gradient(truth[order]))
        if terms:
            pictures.append(torch.stack(terms).mean())
    return torch.stack(pictures).mean() if pictures else 0 * logits.sum()
""",
    ),
    Wrong(
        "lovasz_softmax",
        "a list of numbers made into a tensor",
        fails="the_gradient_of_lovasz_reaches_the_scores",
        says=".item()",
        edits=(
            ("[order])).sum())", "[order])).sum().item())"),
            ("torch.stack(terms)", "torch.tensor(terms)"),
        ),
    ),
    Wrong(
        "lovasz_softmax",
        "errors sorted in numpy",
        fails="the_gradient_of_lovasz_reaches_the_scores",
        says="numpy",
        source="""
def lovasz_softmax(logits, target):
    import numpy as np

    known = target != 255
    p = logits.softmax(1).movedim(1, -1)[known].detach().numpy()
    y, terms = target[known].numpy(), []
    for c in np.unique(y):
        errors = np.abs((y == c) - p[:, c])
        order = np.argsort(-errors)
        terms.append(errors[order] @ lovasz_gradient(torch.from_numpy(y == c)[order]).numpy())
    return torch.tensor(np.mean(terms) if terms else 0.0)
""",
    ),
    Wrong(
        "lovasz_softmax",
        "errors of the other pixels detached",
        fails="the_gradient_of_lovasz_reaches_the_scores",
        says="Each error pulls with its step",
        edits=(("torch.where(truth, 1 - p, p)", "torch.where(truth, 1 - p, p.detach())"),),
    ),
    Wrong(
        "hard_pixels",
        "the easy ones",
        fails="pixels_below_the_threshold_are_hard",
        says="below the threshold",
        edits=(("p < threshold", "p > threshold"),),
    ),
    Wrong(
        "hard_pixels",
        "void may be hard",
        fails="void_pixels_are_never_kept",
        says="void pixel was kept",
        edits=(("known & (p < threshold)", "p < threshold"),),
    ),
    Wrong(
        "hard_pixels",
        "void among the worst",
        fails="void_pixels_are_never_kept",
        says="void pixel was kept",
        edits=(("torch.where(known, p, 2.0)", "p"),),
    ),
    Wrong(
        "hard_pixels",
        "min_kept is forgotten",
        fails="too_few_hard_ones_are_filled_up_with_the_worst",
        says="worst of the whole batch",
        source="""
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    return known & (p < threshold)
""",
    ),
    Wrong(
        "hard_pixels",
        "always min_kept of them",
        fails="too_few_hard_ones_are_filled_up_with_the_worst",
        says="not only min_kept",
        edits=(("if hard.sum() < wanted:", "if True:"),),
    ),
    Wrong(
        "hard_pixels",
        "min_kept of each picture",
        fails="too_few_hard_ones_are_filled_up_with_the_worst",
        says="whole batch",
        source="""
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    out = known & (p < threshold)
    for i in range(len(p)):
        wanted = min(min_kept, int(known[i].sum()))
        if out[i].sum() < wanted:
            flat = torch.zeros_like(known[i]).flatten()
            flat[torch.where(known[i], p[i], 2.0).flatten().argsort()[:wanted]] = True
            out[i] = flat.reshape(known[i].shape)
    return out
""",
    ),
    Wrong(
        "hard_pixels",
        "more wanted than there are: void fills up",
        fails="no_more_can_be_kept_than_are_known",
        says="no void one",
        edits=(("min(min_kept, int(known.sum()))", "min_kept"),),
    ),
    Wrong(
        "hard_pixels",
        "the places instead of a mask",
        fails="pixels_below_the_threshold_are_hard",
        says="A mask is wanted",
        edits=(("return hard.reshape(known.shape)", "return hard.nonzero()"),),
    ),
]

RIGHT = [
    Right(
        "log_softmax",
        "a stable log of the sum, class by class",
        """
def log_softmax(logits):
    largest = logits.max(dim=1).values
    total = 0
    for c in range(logits.shape[1]):
        total = total + (logits[:, c] - largest).exp()
    return torch.stack([logits[:, c] - largest - total.log() for c in range(logits.shape[1])], dim=1)
""",
    ),
    Right(
        "log_softmax",
        "logaddexp, one class after the other",
        """
def log_softmax(logits):
    total = logits[:, 0]
    for plane in logits.unbind(1)[1:]:
        total = torch.logaddexp(total, plane)
    return logits - total.unsqueeze(1)
""",
    ),
    Right(
        "cross_entropy",
        "one-hot, and the known pixels picked out",
        """
def cross_entropy(logits, target, weights=None):
    known = target != 255
    if weights is None:
        weights = torch.ones(target.shape)
    w = weights[known].to(logits.dtype)
    if w.sum() == 0:
        return 0.0 * logits.sum()
    rows = log_softmax(logits).permute(0, 2, 3, 1)[known]
    hot = F.one_hot(target[known], logits.shape[1])
    return -((rows * hot).sum(1) * w).sum() / w.sum()
""",
    ),
    Right(
        "cross_entropy",
        "torch's log_softmax and a loop over the classes",
        """
def cross_entropy(logits, target, weights=None):
    log_p = F.log_softmax(logits, dim=1)
    above = below = torch.zeros(())
    for c in range(logits.shape[1]):
        here = target == c
        w = here.float() if weights is None else weights * here
        above = above - (w * log_p[:, c]).sum()
        below = below + w.sum()
    return above / below if below > 0 else above
""",
    ),
    Right(
        "border_weights",
        "Gauss first, cells masked afterwards",
        """
def border_weights(d1, d2, class_weight, w0=10.0, sigma=5.0):
    z = (d1 + d2) / sigma
    bump = (-0.5 * z * z).exp() * w0
    bump[d1 == 0] = 0
    return bump + class_weight
""",
    ),
    Right(
        "border_weights",
        "pixel by pixel",
        """
def border_weights(d1, d2, class_weight, w0=10.0, sigma=5.0):
    import math

    out = class_weight.clone()
    for y in range(d1.shape[0]):
        for x in range(d1.shape[1]):
            a, b = float(d1[y, x]), float(d2[y, x])
            if a > 0:
                out[y, x] += w0 * math.exp(-((a + b) ** 2) / (2 * sigma * sigma))
    return out
""",
    ),
    Right(
        "dice_loss",
        "one-hot, all classes at once",
        """
def dice_loss(logits, target):
    known = target != 255
    k = logits.shape[1]
    p = torch.softmax(logits, dim=1).movedim(1, -1)[known]
    t = F.one_hot(target[known], k).to(p)
    there = t.sum(0) > 0
    if not there.any():
        return torch.zeros(())
    share = 2 * (p * t).sum(0) / (p.square().sum(0) + t.sum(0))
    return 1 - share[there].mean()
""",
    ),
    Right(
        "dice_loss",
        "einsum, void multiplied away",
        """
def dice_loss(logits, target):
    known = (target != 255).float()
    p = logits.softmax(1) * known[:, None]
    t = torch.stack([(target == c).float() for c in range(logits.shape[1])], 1)
    both = torch.einsum("nchw,nchw->c", p, t)
    size = torch.einsum("nchw,nchw->c", p, p) + torch.einsum("nchw->c", t)
    present = torch.einsum("nchw->c", t) > 0
    losses = (1 - 2 * both / size.clamp(min=1e-12)) * present
    return losses.sum() / present.sum().clamp(min=1)
""",
    ),
    Right(
        "focal_loss",
        "the known pixels picked out first",
        """
def focal_loss(logits, target, gamma=2.0, alpha=None):
    known = target != 255
    if not known.any():
        return logits.sum() * 0
    y = target[known]
    log_p = log_softmax(logits).permute(0, 2, 3, 1)[known][torch.arange(len(y)), y]
    factor = torch.ones(len(y)) if alpha is None else alpha[y]
    return (factor * (-torch.expm1(log_p)) ** gamma * -log_p).mean()
""",
    ),
    Right(
        "focal_loss",
        "a loop over the classes",
        """
def focal_loss(logits, target, gamma=2.0, alpha=None):
    log_p = F.log_softmax(logits, dim=1)
    total, count = torch.zeros(()), 0
    for c in range(logits.shape[1]):
        mine = log_p[:, c][target == c]
        a = 1.0 if alpha is None else float(alpha[c])
        total = total - a * (torch.pow(1 - torch.exp(mine), gamma) * mine).sum()
        count += len(mine)
    return total / max(count, 1)
""",
    ),
    Right(
        "lovasz_gradient",
        "the authors' code",
        """
def lovasz_gradient(truth):
    t = truth.float()
    total = t.sum()
    jaccard = 1.0 - (total - t.cumsum(0)) / (total + (1 - t).cumsum(0))
    if len(t) > 1:
        jaccard[1:] = jaccard[1:] - jaccard[:-1].clone()
    return jaccard
""",
    ),
    Right(
        "lovasz_gradient",
        "counting in a loop",
        """
def lovasz_gradient(truth):
    inside = union = int(truth.sum())
    before, steps = 0.0, []
    for mine in truth.tolist():
        if mine:
            inside -= 1
        else:
            union += 1
        now = 1 - inside / union
        steps.append(now - before)
        before = now
    return torch.tensor(steps)
""",
    ),
    Right(
        "lovasz_softmax",
        "one-hot, absolute differences",
        """
def lovasz_softmax(logits, target):
    known = target != 255
    p = logits.softmax(1).movedim(1, -1)[known]
    t = F.one_hot(target[known], logits.shape[1])
    total, present = torch.zeros(()), 0
    for c in range(t.shape[1]):
        if t[:, c].any():
            errors = (t[:, c] - p[:, c]).abs()
            order = torch.argsort(errors, descending=True)
            total = total + torch.dot(errors[order], lovasz_gradient(t[order, c].bool()))
            present += 1
    return total / max(present, 1)
""",
    ),
    Right(
        "lovasz_softmax",
        "steps written out, without the earlier exercise",
        """
def lovasz_softmax(logits, target):
    flat = target.flatten()
    p = logits.softmax(1).transpose(0, 1).flatten(1)[:, flat != 255]
    flat = flat[flat != 255]
    losses = []
    for c in set(flat.tolist()):
        pairs = sorted(
            ((1 - q if y == c else q, y == c) for q, y in zip(p[c], flat.tolist())), key=lambda pair: -pair[0].item()
        )
        inside = union = sum(mine for _, mine in pairs)
        loss, before = torch.zeros(()), 0.0
        for error, mine in pairs:
            inside, union = inside - mine, union + (not mine)
            loss = loss + error * (1 - inside / union - before)
            before = 1 - inside / union
        losses.append(loss)
    return sum(losses, torch.zeros(())) / max(len(losses), 1)
""",
    ),
    Right(
        "hard_pixels",
        "a threshold that gives way",
        """
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    values = p[known].sort().values
    if len(values) == 0:
        return torch.zeros_like(known)
    worst = values[min(min_kept, len(values)) - 1]
    return known & ((p < threshold) | (p <= worst))
""",
    ),
    Right(
        "hard_pixels",
        "topk of 1 − p",
        """
def hard_pixels(p, known, threshold=0.7, min_kept=1):
    mask = torch.logical_and(known, torch.lt(p, threshold))
    if int(mask.sum()) >= min_kept:
        return mask
    score = (1 - p).masked_fill(~known, -1).view(-1)
    count = min(min_kept, int(known.sum()))
    mask = torch.zeros(p.numel(), dtype=torch.bool)
    mask[score.topk(count).indices] = True
    return mask.view(p.shape)
""",
    ),
]

EQUIVALENT = [
    Equivalent(
        "cross_entropy",
        "torch.where(known, target, 1)",
        "which class stands at a void pixel is no matter: its weight is 0",
    ),
    Equivalent("cross_entropy", "[:, -1]", "gather leaves one channel, the first and the last"),
    Equivalent("cross_entropy", "torch.where(total > 0, total, 2)", "where nothing counts the sum is 0: 0/2 is 0/1"),
    Equivalent("dice_loss", "t ** 3", "t is 0 or 1: t³ = t²"),
    Equivalent("dice_loss", "t ** 1", "t is 0 or 1: t = t²"),
    Equivalent("focal_loss", "torch.where(known, target, 1)", "void pixels are not picked afterwards"),
    Equivalent("focal_loss", "[:, -1]", "gather leaves one channel, the first and the last"),
    Equivalent("lovasz_gradient", "truth.long().cumsum(-1)", "there is one dimension, the first and the last"),
    Equivalent("lovasz_gradient", "(~truth).long().cumsum(-1)", "there is one dimension, the first and the last"),
    Equivalent("hard_pixels", "hard.sum() <= wanted", "as many hard ones as wanted are the very ones that are worst"),
    Equivalent("hard_pixels", "torch.where(known, p, 4.0)", "any number above 1 puts void last"),
]
