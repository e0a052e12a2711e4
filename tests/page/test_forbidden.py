"""Forbidden names are found however they are reached, and only where they are used."""

import pytest

from course.page.forbidden import forbidden_names

CONV = ("F.conv2d",)
IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\nfrom course import ops as tools\n"


def _found(source, *forbid, imports=IMPORTS):
    return forbidden_names(source, forbid or CONV, imports=imports)


@pytest.mark.parametrize(
    "source",
    [
        "y = F.conv2d(x, w)",
        "f = F.conv2d",
        "y = torch.nn.functional.conv2d(x, w)",
        "y = nn.functional.conv2d(x, w)",
        "import torch.nn.functional as G\ny = G.conv2d(x, w)",
        "import torch.nn as n\ny = n.functional.conv2d(x, w)",
        "import torch as t\ny = t.nn.functional.conv2d(x, w)",
        "from torch.nn import functional\ny = functional.conv2d(x, w)",
        "from torch.nn import functional as G\ny = G.conv2d(x, w)",
        "from torch.nn.functional import conv2d",
        "from torch.nn.functional import conv2d as c\ny = c(x, w)",
        "from torch.nn.functional import *\ny = conv2d(x, w)",
        "def f(x):\n    from torch.nn.functional import conv2d\n    return conv2d(x, x)",
        "G = F\ny = G.conv2d(x, w)",
        "G = H = F\ny = H.conv2d(x, w)",
        "G = F\nH = G\nK = H\ny = K.conv2d(x, w)",
        "G, H = F, nn\ny = G.conv2d(x, w)",
        "G: object = F\ny = G.conv2d(x, w)",
        "y = (G := F).mean\nz = G.conv2d(x, w)",
        "import torch as t\nn = t.nn\nG = n.functional\ny = G.conv2d(x, w)",
        "f = getattr(F, 'conv2d')",
        "f = getattr(torch.nn.functional, 'conv2d')",
        "G = F\nf = getattr(G, 'conv2d', None)",
        "y = [F.conv2d(v, w) for v in x]",
        "class A:\n    def f(self, x):\n        return F.conv2d(x, x)",
        "@F.conv2d\ndef f(): pass",
        "%time y = F.conv2d(x, w)",
        "%%time\ny = F.conv2d(x, w)",
        "!ls\n%matplotlib inline\ny = F.conv2d(x, w)",
        "F.relu?\ny = F.conv2d(x, w)",
        "def f(x):\n    %time pass\n    return F.conv2d(x, x)",
    ],
)
def test_a_library_call_is_found_by_every_name_it_has(source):
    assert _found(source) == ["F.conv2d"]


@pytest.mark.parametrize(
    "source",
    [
        "y = F.conv1d(x, w)",
        "y = F.conv2d_other(x, w)",
        "y = x.conv2d(w)",
        "conv2d = 3\ny = conv2d + 1",
        "def conv2d(x):\n    return x",
        "class conv2d: pass",
        "# F.conv2d would be the easy way",
        "s = 'F.conv2d(x, w)'",
        '"""Like F.conv2d."""',
        "f(F_conv2d=1)",
        "import torch.nn.functional as F",
        "from torch.nn.functional import *\ny = relu(x)",
        "f = getattr(F, name)",
        "f = getattr(F, 'conv1d')",
        "",
        "def f(:",
        "y = x.F.conv2d",
    ],
)
def test_what_only_looks_like_it_is_let_pass(source):
    assert _found(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "import course.ops",
        "import course.ops.unpooling as u",
        "from course.ops import unpooling",
        "from course.ops.unpooling import max_unpool",
        "from course import ops",
        "from course import *\ny = ops.unpooling.max_unpool(x)",
        "import course\ncourse.ops.unpooling.max_unpool(x)",
        "tools.unpooling.max_unpool(x)",
    ],
)
def test_a_name_forbids_all_that_is_below_it(source):
    assert _found(source, "course.ops") == ["course.ops"]


@pytest.mark.parametrize("source", ["import course.opsy", "from course import data", "import course.viz", "ops = 3"])
def test_a_name_forbids_nothing_beside_it(source):
    assert _found(source, "course.ops") == []


def test_an_alias_from_the_lab_s_imports_holds_in_the_answer():
    assert _found("y = tools.resize(x)", "course.ops") == ["course.ops"]
    assert _found("y = tools.resize(x)", "course.ops", imports="") == []


def test_an_answer_can_give_an_alias_another_meaning():
    assert _found("import math as tools\ny = tools.sqrt(2)", "course.ops") == []


@pytest.mark.parametrize(
    "source",
    [
        "y = x.unfold(2, 2, 2)",
        "y = f(x)[0].unfold(2, 2, 2)",
        "f = x.unfold",
        "y = torch.Tensor.unfold(x, 2, 2, 2)",
        "f = getattr(x, 'unfold')",
        "f = getattr(g(x), 'unfold')(2, 2, 2)",
    ],
)
def test_a_method_is_found_on_any_object(source):
    assert _found(source, ".unfold") == [".unfold"]


@pytest.mark.parametrize("source", ["unfold = 1\ny = unfold", "y = x.unfolded", "s = '.unfold'", "def unfold(x): pass"])
def test_a_method_is_not_found_where_none_is_called(source):
    assert _found(source, ".unfold") == []


def test_what_is_found_comes_in_the_order_of_the_list_and_once():
    source = "y = nn.Fold(2, 2)\nz = F.conv2d(x, w)\nz = F.conv2d(z, w)"
    assert _found(source, "F.conv2d", "F.relu", "nn.Fold") == ["F.conv2d", "nn.Fold"]


def test_usual_aliases_mean_what_everybody_means():
    assert _found("y = torch.nn.Upsample(2)", "nn.Upsample", imports="") == ["nn.Upsample"]
    assert _found("import numpy\ny = numpy.kron(x, x)", "np.kron", imports="") == ["np.kron"]


def test_aliases_that_go_round_in_circles_end():
    assert _found("a = b\nb = a\ny = a.conv2d(x)") == []


def test_imports_that_are_no_python_are_left_out():
    assert _found("y = F.conv2d(x, w)", imports="def (:") == ["F.conv2d"]


LAB = "from course.ops import unpooling, resampling\nfrom course.models.semantic import unet\ndef classify(x): pass\n"


@pytest.mark.parametrize(
    "source",
    [
        "def f(unpooling):\n    return unpooling + 1",
        "def f(x, *, unpooling=2, **resampling):\n    return unpooling, resampling",
        "def f(x):\n    unpooling = 2 * x\n    return unpooling",
        "def f(x):\n    return unpooling\n    unpooling = 3",
        "def f(x):\n    for unpooling, classify in x:\n        unpooling(classify)",
        "def f(x):\n    with open(x) as unet:\n        return unet.read()",
        "def f(x):\n    def classify(y):\n        return y\n    return classify(x)",
        "def f(x):\n    unet = []\n    def g():\n        return unet\n    return g",
        "def f(x):\n    return [unet + 1 for unet in x if unet]",
        "def f(x):\n    return {classify: unet for classify, unet in x}",
        "def f(x):\n    return sorted(x, key=lambda unet: unet[0])",
        "def f(x):\n    if (unet := x) > 3:\n        return unet",
        "def f(x):\n    match x:\n        case [unet, *classify]:\n            return unet, classify",
        "def f(x):\n    try:\n        return 1\n    except ValueError as unet:\n        print(unet)",
        "def classify(x):\n    return x\n\ndef f(x):\n    return classify(x)",
        "class unet:\n    pass\n\ndef f(x):\n    return unet()",
        "unet = 3\n\ndef f(x):\n    return unet",
        "unet = 3\nprint(unet)",
        "class Net:\n    unet = 3\n    other = unet + 1",
        "def f(x):\n    import math as unet\n    return unet.sqrt(x)",
        "x.unet = 3\nf(unet=3)",
    ],
)
def test_a_name_that_the_answer_itself_gives_a_meaning_is_not_the_labs(source):
    assert _found(source, "course", "unpooling", "resampling", "classify", "unet", imports=LAB) == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def f(x):\n    return classify(x)", "classify"),
        ("def f(x):\n    return unet.UNet(x)", "course.models"),
        ("def f(x, classify=classify):\n    return 1", "classify"),
        ("def f(x):\n    return [classify(y) for y in x]", "classify"),
        ("def f(x):\n    return [y for classify in classify(x)]", "classify"),
        ("class Net:\n    unet = 3\n    def f(self):\n        return unet", "course.models"),
        ("def g(unet):\n    pass\n\ndef f(x):\n    return unet.UNet(x)", "course.models"),
        ("def f(x):\n    global unet\n    unet = 3\n\nunet.UNet(3)", "course.models"),
        ("mine = unet\n\ndef f(x):\n    return mine.UNet(x)", "course.models"),
        ("def f(x):\n    mine = unet\n    return mine.UNet(x)", "course.models"),
        ("unet = unet\n\ndef f(x):\n    return unet.UNet(x)", "course.models"),
        ("unet = [unet][0]\n\ndef f(x):\n    return unet.UNet(x)", "course.models"),
        ("y = classify(3)\nclassify = None", "classify"),
        ("if x:\n    f = nn.Linear\nelse:\n    f = unet.UNet\nf(3)", "course.models"),
        ("unet.depth = 3", "course.models"),
        ("classify += 1", "classify"),
    ],
)
def test_the_labs_own_name_is_found_beside_others_of_that_name(source, name):
    assert _found(source, "course.models", "classify", imports=LAB) == [name]


def test_a_text_too_deep_to_be_read_is_searched_for_words():
    deep = "x = " + "+".join(["1"] * 20_000)
    assert _found(deep) == []
    assert _found(f"{deep}\ny = F.conv2d(x, w).unfold(1)", "F.conv2d", ".unfold") == ["F.conv2d", ".unfold"]


def test_a_tree_as_deep_as_python_reads_is_walked():
    assert _found("y = F.conv2d(" + "+".join(["1"] * 900) + ")") == ["F.conv2d"]


def test_half_of_an_emoji_costs_nothing():
    assert _found("# \ud83d\ny = F.conv2d(x, w)") == []


def test_waiting_at_the_top_level_is_python_in_a_notebook():
    assert _found("await f()\ny = F.conv2d(x, w)") == ["F.conv2d"]
