"""The pointer: what mouse and keys do to points and boxes, and what Python sees and refuses."""

import json

import pytest
import torch

from course.widgets.module import source
from course.widgets.pointer import Pointer
from tests.widgets.javascript import call

PLAY = """
export async function play({ state, events }) {
  const act = (now, event) => step(now, typeof event === "string" ? keyAction(now, keyOf(event), 4) : event);
  return JSON.stringify(events.reduce(act, state));
}
export async function tell({ cursor, data }) {
  return JSON.stringify(describe({ size: [3, 2], cursor }, await unpack(data)));
}
const keyOf = (name) => ({ key: name.replace("Shift+", ""), shiftKey: name.startsWith("Shift+") });
"""
START = {"size": [40, 30], "points": [], "boxes": [], "cursor": [20, 15], "label": 1, "start": None, "held": None}


def play(*events, **state):
    """The state after keys, given by name, and actions, given as dicts."""
    return json.loads(call(source("pointer") + PLAY, "play", {"state": START | state, "events": events}))


def test_arrows_move_the_cross_by_one_pixel_with_shift_by_ten_and_never_out_of_the_image():
    assert play("ArrowLeft", "ArrowUp")["cursor"] == [19, 14]
    assert play("Shift+ArrowRight", "ArrowDown")["cursor"] == [30, 16]
    far = ("Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight")
    assert play(*far)["cursor"] == [40, 30]


def test_enter_sets_a_point_with_the_chosen_label_and_shift_with_the_other():
    events = ("Enter", "ArrowRight", "Shift+Enter", {"type": "label", "label": 0}, "ArrowRight", "Enter")
    assert play(*events)["points"] == [[20, 15, 1], [21, 15, 0], [22, 15, 0]]


def test_a_box_runs_from_corner_to_corner_whichever_way_and_needs_an_area():
    back = play("b", "Shift+ArrowLeft", "ArrowUp", "B")
    assert (back["boxes"], back["start"]) == ([[10, 14, 20, 15]], None)
    assert play("b", "ArrowLeft", "b")["boxes"] == []
    assert play("b", "ArrowLeft", "ArrowUp", "Escape", "Enter")["start"] is None


def test_m_takes_the_nearest_point_along_and_puts_it_down():
    points = [[2, 2, 0], [22, 16, 1], [30, 15, 1]]
    moved = play("m", "ArrowRight", "ArrowRight", "m", "ArrowRight", points=points)
    assert moved["points"] == [[2, 2, 0], [22, 15, 1], [30, 15, 1]]
    assert moved["cursor"] == [23, 15]
    assert play("m", "ArrowRight", points=[[2, 2, 0]])["points"] == [[2, 2, 0]]


def test_delete_removes_a_point_at_the_cross_else_the_last_box_around_it_else_nothing():
    given = {"points": [[21, 15, 1], [2, 2, 1]], "boxes": [[0, 0, 40, 30], [18, 14, 25, 20], [0, 0, 5, 5]]}
    once = play("Delete", **given)
    assert (once["points"], once["boxes"]) == ([[2, 2, 1]], given["boxes"])
    assert play("Delete", "Backspace", **given)["boxes"] == [[0, 0, 40, 30], [0, 0, 5, 5]]
    assert play("Delete", "Delete", "Delete", "Delete", **given)["boxes"] == [[0, 0, 5, 5]]


def test_places_are_tenths_of_a_pixel_inside_the_image():
    events = ({"type": "move", "to": [12.34567, -3]}, {"type": "set"})
    assert play(*events)["points"] == [[12.3, 0, 1]]


def test_a_point_at_the_far_edge_is_on_the_last_pixel_and_a_box_reaches_the_edge():
    far = {"type": "move", "to": [100, 100]}
    assert play(far, "Enter")["points"] == [[39.9, 29.9, 1]]
    assert play("m", far, points=[[20, 15, 0]])["points"] == [[39.9, 29.9, 0]]
    assert play("b", far, "b")["boxes"] == [[20, 15, 40, 30]]


def test_other_keys_are_left_to_the_page():
    assert play("a", "Tab", " ") == START


def test_the_page_tells_the_value_and_the_class_of_the_pixel_at_the_cross():
    image = torch.tensor([[0.0, 1, 0], [0.2, 0, 1]]).expand(3, 2, 3).clone()
    image[0, 0, 2] = 1
    data = Pointer(image, labels=torch.tensor([[0, 1, 1], [255, 0, 0]]), names=["sky", "car"]).data

    def say(*cursor):
        return json.loads(call(source("pointer") + PLAY, "tell", {"cursor": cursor, "data": data}))

    assert say(1.9, 0.2) == "x 1.9, y 0.2: gray 255, car"
    assert say(3, 0) == "x 3, y 0: red 255, green 0, blue 0, car"
    assert say(0, 2) == "x 0, y 2: gray 51, void"


def test_python_sees_points_and_boxes_that_the_page_sends_and_hears_of_each_change():
    pointer, heard = Pointer(torch.zeros(3, 30, 40)), []
    pointer.observe(lambda change: heard.append(change.new), "points")
    pointer.set_state({"points": [[12.5, 3, 1]], "boxes": [[1, 2, 3, 4]]})
    assert pointer.points == [(12.5, 3, 1)]
    assert pointer.boxes == [(1, 2, 3, 4)]
    assert heard == [[(12.5, 3, 1)]]


@pytest.mark.parametrize("point", [(40, 3, 1), (3, -1, 1), (3, 3, 2), (3, 3)])
def test_a_point_outside_the_image_or_without_a_label_is_refused(point):
    pointer = Pointer(torch.zeros(30, 40))
    with pytest.raises(
        ValueError, match=r"^point is \(.*\); wanted \(x, y, label\) with 0 ≤ x < 40 and 0 ≤ y < 30\. Give"
    ):
        pointer.points = [point]


@pytest.mark.parametrize("box", [(5, 5, 5, 6), (0, 0, 41, 3), (9, 5, 3, 6), (1, 2, 3)])
def test_a_box_without_area_or_outside_the_image_is_refused(box):
    with pytest.raises(ValueError, match=r"^box is \(.*\); wanted \(x1, y1, x2, y2\) .* 40 .* 30\. Give corners"):
        Pointer(torch.zeros(30, 40), boxes=[box])


def test_labels_of_another_size_are_refused():
    with pytest.raises(ValueError, match=r"^labels are \(30, 41\); wanted \(30, 40\)\. Give those of this image\.$"):
        Pointer(torch.zeros(30, 40), labels=torch.zeros(30, 41, dtype=torch.long))


def test_a_page_without_a_kernel_gets_the_image_the_points_and_the_boxes():
    bundle, _ = Pointer(torch.zeros(3, 30, 40), points=[(7, 8, 0)], boxes=[(1, 2, 3, 4)])._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} == set(bundle)
    assert '"points": [[7, 8, 0]], "boxes": [[1, 2, 3, 4]]' in bundle["text/html"]
