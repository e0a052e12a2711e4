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
