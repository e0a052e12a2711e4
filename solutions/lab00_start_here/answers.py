"""Wrong and right answers of Lab 0."""

from autograder.audit.answers import Allowed, Right, Wrong

WRONG = [
    Wrong(
        "grey",
        "the plain mean of the three",
        fails="red_green_and_blue_have_the_eyes_weights",
        says="pure red comes out wrong",
        source="""
def grey(picture):
    return picture.mean(0, keepdim=True)
""",
    ),
    Wrong(
        "grey",
        "red and blue swapped, as OpenCV orders them",
        fails="red_green_and_blue_have_the_eyes_weights",
        says="red counts 0.299",
        edits=(("red, green, blue = picture", "blue, green, red = picture"),),
    ),
    Wrong(
        "grey",
        "the channel axis is lost",
        fails="the_result_is_a_picture_with_one_channel",
        says="wanted (1,",
        edits=((")[None]", ")"),),
    ),
    Wrong(
        "grey",
        "three equal channels",
        fails="the_result_is_a_picture_with_one_channel",
        says="gives a brightness (1, h, w)",
        edits=((")[None]", ").expand(3, -1, -1)"),),
    ),
    Wrong(
        "grey",
        "weights laid along the columns",
        fails="every_pixel_is_weighed_by_itself",
        says="along the channels",
        source="""
def grey(picture):
    weights = picture.new_tensor([0.299, 0.587, 0.114])
    return (picture * weights).sum(0, keepdim=True)
""",
    ),
    Wrong(
        "grey",
        "always float32",
        fails="float64_is_computed_in_float64",
        says="dtype torch.float32, wanted torch.float64",
        alone=True,
        edits=((")[None]", ")[None].float()"),),
    ),
    Wrong(
        "grey",
        "the mean of the weighted channels instead of their sum",
        fails="red_green_and_blue_have_the_eyes_weights",
        says="red counts 0.299",
        edits=((")[None]", ")[None] / 3"),),
    ),
    Wrong(
        "grey",
        "the weights of HDTV",
        fails="red_green_and_blue_have_the_eyes_weights",
        says="green 0.587",
        edits=(("0.299", "0.2126"), ("0.587", "0.7152"), ("0.114", "0.0722")),
    ),
    Wrong(
        "grey",
        "the planes weighed in place",
        fails="it_has_good_manners",
        says="picture changed in place",
        source="""
def grey(picture):
    for plane, weight in zip(picture, (0.299, 0.587, 0.114)):
        plane *= weight
    return picture.sum(0, keepdim=True)
""",
    ),
    Wrong(
        "grey",
        "the planes laid flat by view",
        fails="it_has_good_manners",
        says=".reshape where you have .view",
        alone=True,
        source="""
def grey(picture):
    weights = picture.new_tensor([[0.299, 0.587, 0.114]])
    return (weights @ picture.view(3, -1)).view(1, *picture.shape[1:])
""",
    ),
    Wrong(
        "grey",
        "weights made in float32 first",
        fails="float64_is_computed_in_float64",
        says="Something on the way is float32",
        alone=True,
        source="""
def grey(picture):
    weight = torch.tensor([0.299, 0.587, 0.114]).to(picture).view(1, 3, 1, 1)
    return F.conv2d(picture.unsqueeze(0), weight).squeeze(0)
""",
    ),
    Wrong(
        "grey",
        "numpy's mean with weights",
        fails="the_gradient_is_right",
        says="No gradient reaches the input",
        alone=True,
        source="""
def grey(picture):
    import numpy as np

    mean = np.average(picture.numpy(), axis=0, weights=[0.299, 0.587, 0.114])
    return torch.tensor(mean, dtype=picture.dtype)[None]
""",
    ),
    Wrong(
        "grey",
        "rounded to bytes on the way",
        fails="every_pixel_is_weighed_by_itself",
        says="without rounding",
        edits=((")[None]", ").mul(255).round().div(255)[None]"),),
    ),
]

RIGHT = [
    Right(
        "grey",
        "clamped to the range of a picture",
        """
def grey(picture):
    r, g, b = picture.unbind()
    return torch.stack([(0.114 * b + 0.299 * r + 0.587 * g).clamp(0, 1)])
""",
    ),
    Right(
        "grey",
        "weights broadcast over the picture",
        """
def grey(picture):
    weights = torch.tensor([0.299, 0.587, 0.114], dtype=picture.dtype).reshape(3, 1, 1)
    return (weights * picture).sum(dim=0, keepdim=True)
""",
    ),
    Right(
        "grey",
        "a matrix product",
        """
def grey(picture):
    weights = picture.new_tensor([[0.299, 0.587, 0.114]])
    return (weights @ picture.flatten(1)).view(1, *picture.shape[1:])
""",
    ),
    Right(
        "grey",
        "a 1×1 convolution",
        """
def grey(picture):
    weight = picture.new_tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return F.conv2d(picture.unsqueeze(0), weight).squeeze(0)
""",
    ),
    Right(
        "grey",
        "loops over rows and columns",
        """
def grey(picture):
    _, h, w = picture.shape
    out = torch.zeros(1, h, w, dtype=picture.dtype)
    for y in range(h):
        for x in range(w):
            r, g, b = picture[:, y, x]
            out[0, y, x] = 0.299 * r + 0.587 * g + 0.114 * b
    return out
""",
    ),
]

ALLOWED = [
    Allowed("grey", "loses negative numbers", "a picture lies in [0, 1]"),
    Allowed("grey", "cuts large numbers off", "a picture lies in [0, 1]"),
]
