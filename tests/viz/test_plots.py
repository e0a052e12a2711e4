import matplotlib
import numpy as np
import pytest
import torch
from scipy.signal import freqz

from course.viz import bars, curves, spectrum, stems


def test_each_curve_is_named_in_its_color_and_no_two_lines_look_alike():
    xs = torch.linspace(0, 1, 20)
    axes = curves(xs, {"up": xs, "down": 1 - xs, "flat": 0 * xs}, xlabel="x").axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == 20]
    names = {text.get_text(): text.get_color() for text in axes.texts}
    assert list(names) == ["up", "down", "flat"]
    assert [line.get_color() for line in lines] == list(names.values())
    assert len({str(line._dash_pattern) for line in lines}) == 3
    np.testing.assert_allclose(lines[1].get_ydata(), 1 - xs)


def test_names_of_curves_that_end_together_do_not_lie_upon_each_other():
    figure = curves(None, {name: [0.0, 1.0] for name in "abcd"}, height=2.5)
    axes = figure.axes[0]
    heights = np.sort([text.get_position()[1] for text in axes.texts])
    low, high = axes.get_ylim()
    assert np.diff(heights).min() >= 0.18 * (high - low) / 2.5


def test_a_single_curve_is_titled_instead():
    assert curves(None, {"loss": [3.0, 2.0, np.nan]}).axes[0].get_title(loc="left") == "loss"


def test_whole_numbers_have_whole_ticks():
    whole = curves([-1, 0, 1, 2, 3], {"score": [0.0, 1.0, 2.0, 1.0, 0.0]}).axes[0].get_xticks()
    np.testing.assert_array_equal(whole, np.round(whole))
    parts = curves(np.linspace(-1, 3, 5), {"score": [0.0, 1.0, 2.0, 1.0, 0.0]}).axes[0].get_xticks()
    assert (parts != np.round(parts)).any(), "numbers between them keep their ticks"


def test_a_curve_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"xs are \(3,\) and curve 'b' is \(2,\); wanted one y for each x"):
        curves([0, 1, 2], {"a": [1, 2, 3], "b": [1, 2]})
    with pytest.raises(ValueError, match="wanted one curve or more"):
        curves([0], {})


@pytest.mark.parametrize(("taps", "places"), [([1, 2, 1], [-1, 0, 1]), ([1, 3, 3, 1], [-1.5, -0.5, 0.5, 1.5])])
def test_stems_stand_around_the_middle_with_their_numbers(taps, places):
    axes = stems(torch.tensor(taps) / 4).axes[0]
    dots = next(line for line in axes.lines if line.get_marker() == "o")
    np.testing.assert_allclose(dots.get_xdata(), places)
    np.testing.assert_allclose(dots.get_ydata(), np.array(taps) / 4)
    assert [text.get_text() for text in axes.texts] == [f"{tap / 4:.3g}" for tap in taps]


def test_filters_of_a_set_share_their_scale():
    figure = stems({"box": [1, 1], "narrow": [0.1]})
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_what_are_no_taps_is_refused():
    with pytest.raises(ValueError, match=r"taps are \(2, 2\); wanted a row of numbers \(t,\)"):
        stems(np.eye(2))


def test_the_spectrum_is_that_of_scipy_relative_to_a_constant():
    taps = np.array([-0.07, 0.23, 0.87, 0.87, 0.23, -0.07])
    axes = spectrum({"cubic": taps}, cutoff=0.25).axes[0]
    line = max(axes.lines, key=lambda line: len(line.get_xdata()))
    _, response = freqz(taps, worN=2 * np.pi * line.get_xdata())
    np.testing.assert_allclose(line.get_ydata(), np.abs(response) / taps.sum(), atol=1e-6)
    assert [text.get_text() for text in axes.texts] == ["copies"]


def test_bars_carry_their_numbers_and_an_absent_one_says_so():
    axes = bars({"road": 0.934, "person": np.nan, "loss": -0.5}, xlabel="IoU").axes[0]
    assert [text.get_text() for text in axes.texts] == ["0.934", "absent", "−0.5"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["road", "person", "loss"]
    np.testing.assert_allclose([patch.get_width() for patch in axes.patches], [0.934, 0, -0.5])
    with pytest.raises(ValueError, match=r"values are \{\}; wanted one or more"):
        bars({})


def test_texts_are_large_enough_to_read():
    figures = [curves(None, {"a": [1, 2], "b": [2, 1]}), stems([1, 2, 1]), spectrum({"a": [1.0, 1.0]}), bars({"a": 1})]
    for figure in figures:
        sizes = [text.get_fontsize() for text in figure.findobj(matplotlib.text.Text) if text.get_text()]
        assert min(sizes) >= 9
