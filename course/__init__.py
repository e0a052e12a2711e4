"""Dense prediction from scratch: the library of the course.

Vocabulary, which holds in every file:

- n pictures of a batch, c channels, k classes, h and w pixels, r boxes, b a border, l tokens, d their width
- images (n, 3, h, w), RGB in [0, 1]; sizes (h, w); boxes (x1, y1, x2, y2), x2 and y2 just outside
- logits (n, k, h, w); labels (n, h, w), 0 to k - 1 or 255 for void: pixels that count nowhere
- a confusion matrix is [target, prediction]
- losses take (logits, target), metrics (target, prediction), networks (num_classes, in_channels, …)
- `align_corners` is False unless a paper wants it: a pixel is a square, and its center lies at half numbers
- an absent class is NaN for itself, and is left out of means

Rooms, the lowest first. A room imports from those above it in this list, never from those below:

- `ops`       pure functions of tensors: resampling, convolution, receptive fields, unpooling, tiling
- `losses`, `metrics`, `models`, `data`    what is minimized, what is measured, networks and their weights, pictures
- `training`  the loop: handed a model, a loader and a loss, for any task
- `viz`       figures
- `tasks`     source, objective, metric and view of a task put together: what a run of `course train` does
- `widgets`, `page`    what moves in a notebook, and what its page needs
- `cli`       the words of the command `course`

`lazy`, `files` and `tensors` serve all rooms: names that are imported when asked for, and files that are always whole.
"""

VOID = 255
IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of torchvision's classifiers, red, green and blue
IMAGENET_STD = (0.229, 0.224, 0.225)
