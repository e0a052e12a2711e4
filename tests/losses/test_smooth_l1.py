import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from course.losses import smooth_l1


def reference(prediction, target, beta):
    d = [abs(float(p) - float(t)) for p, t in zip(prediction.flatten(), target.flatten(), strict=True)]
    return sum(0.5 * x * x / beta if x < beta else x - 0.5 * beta for x in d) / len(d)


@settings(deadline=None, max_examples=25)
@given(beta=st.sampled_from([0.0, 0.11, 1.0, 3.0]), seed=st.integers(0, 99))
def test_value_and_gradient_are_torchs_and_the_formulas(beta, seed):
    generator = torch.Generator().manual_seed(seed)
    prediction, target = 2 * torch.randn(2, 5, 4, generator=generator, dtype=torch.float64)
    ours, theirs = (prediction.clone().requires_grad_() for _ in range(2))
    loss, expected = smooth_l1(ours, target, beta=beta), F.smooth_l1_loss(theirs, target, beta=beta)
    torch.testing.assert_close(loss, expected)
    assert loss.item() == pytest.approx(reference(prediction, target, beta), abs=1e-12)
    loss.backward()
    expected.backward()
    torch.testing.assert_close(ours.grad, theirs.grad)


def test_gradients_are_those_of_finite_differences():
    prediction = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: smooth_l1(x, torch.zeros(3, 4)), prediction)


def test_numbers_that_are_not_valid_are_excluded_even_where_they_are_nan():
    prediction, target = torch.randn(2, 3, requires_grad=True), torch.randn(2, 3)
    target[0, 1] = torch.nan
    loss = smooth_l1(prediction, target, valid=~target.isnan())
    loss.backward()
    known = ~target.isnan()
    torch.testing.assert_close(loss, F.smooth_l1_loss(prediction[known], target[known]))
    assert (prediction.grad != 0).tolist() == known.tolist()


@pytest.mark.parametrize(("shape", "valid"), [((0, 4), None), ((2, 3), torch.zeros(2, 3) > 0)])
def test_over_no_numbers_the_loss_is_zero_with_gradient_zero(shape, valid):
    prediction = torch.randn(shape, requires_grad=True)
    loss = smooth_l1(prediction, torch.zeros(shape), valid=valid)
    loss.backward()
    assert loss == 0
    assert not prediction.grad.any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(dtype):
    prediction = torch.tensor([[100.0, 300.0]], dtype=dtype)
    assert smooth_l1(prediction, torch.zeros(1, 2), beta=1000.0).dtype == torch.float32
    assert smooth_l1(prediction, torch.zeros(1, 2), beta=1000.0) == (100**2 + 300**2) / 2000 / 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda x: smooth_l1(x, torch.zeros(3)),
            r"target has shape \(3,\) on cpu; wanted the prediction's \(2, 3\) on cpu\. Nothing is",
        ),
        (lambda x: smooth_l1(x.long(), x), r"prediction is torch\.int64; wanted floating point"),
        (lambda x: smooth_l1(x, x, beta=-1), "beta is -1; wanted at least 0"),
        (
            lambda x: smooth_l1(x, x, valid=x),
            r"valid is torch\.float32 of shape \(2, 3\); wanted bool of the target's \(2, 3\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_wanted(call, message):
    with pytest.raises(ValueError, match=message):
        call(torch.zeros(2, 3))
