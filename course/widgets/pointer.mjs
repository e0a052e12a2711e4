/**
 * Points and boxes that a reader sets on an image, with the mouse or from the keyboard.
 *
 * `step(state, action)` is all that can happen, as a pure function; the rest draws a state and turns events into
 * actions. A state is {size: [w, h], points: [[x, y, label], …], boxes: [[x1, y1, x2, y2], …], cursor, label,
 * start, held}: places in pixels of the image, pixel (0, 0) covers 0 to 1; label 1 is positive, 0 negative; `start`
 * is the corner where a box begins, `held` the number of the point that moves, or null.
 */

import { BLUE, element, frame, keepKeys, line, ORANGE, rect, rgbaOf, tag, unique, unpack } from "./kit.mjs";

const [NEAR, WIDEST] = [8, 560]; // CSS pixels: this near a point is at it; the image is at most so wide
const HELP = "Mouse: click to set a point, with Shift one of the other label; drag a point to move it; drag elsewhere "
  + "for a box. Keyboard, once the image has the focus: arrows move the cross by 1 pixel, with Shift by 10; Enter sets "
  + "a point; B begins a box and ends it; M picks a point up and puts it down; Delete removes what is at the cross; "
  + "Escape cancels.";

const tenth = (value) => Math.round(10 * value) / 10;
const replaced = (list, index, item) => list.map((old, i) => (i === index ? item : old));

/** The place inside the image that is nearest to one. */
const inside = ([w, h], [x, y]) => [tenth(Math.min(Math.max(x, 0), w)), tenth(Math.min(Math.max(y, 0), h))];

/** The cross as a point: on a pixel that exists, so never at the far edges themselves. */
const pointOf = ({ size, cursor }) => cursor.map((part, axis) => tenth(Math.min(part, size[axis] - 0.1)));

/** The number of the nearest point within so many pixels of a place, or null. */
function pointAt(points, [x, y], reach) {
  const distances = points.map(([px, py]) => Math.hypot(px - x, py - y));
  const nearest = distances.indexOf(Math.min(...distances));
  return nearest >= 0 && distances[nearest] <= reach ? nearest : null;
}

/** A box from two corners; null where it has no area. */
function boxOf([ax, ay], [bx, by]) {
  const box = [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  return box[0] < box[2] && box[1] < box[3] ? box : null;
}

const ACTIONS = {
  move(state, { to }) {
    const moved = { ...state, cursor: inside(state.size, to) };
    if (state.held === null) return moved;
    const point = [...pointOf(moved), state.points[state.held][2]];
    return { ...moved, points: replaced(state.points, state.held, point) };
  },
  set(state, { other = false }) {
    const label = other ? 1 - state.label : state.label;
    return { ...state, points: [...state.points, [...pointOf(state), label]] };
  },
  begin: (state) => ({ ...state, start: state.cursor }),
  end(state) {
    const box = boxOf(state.start, state.cursor);
    return { ...state, start: null, boxes: box ? [...state.boxes, box] : state.boxes };
  },
  hold: (state, { reach }) => ({ ...state, held: pointAt(state.points, state.cursor, reach) }),
  cancel: (state) => ({ ...state, start: null, held: null }),
  label: (state, { label }) => ({ ...state, label }),
  remove(state, { reach }) {
    const [x, y] = state.cursor;
    const point = pointAt(state.points, state.cursor, reach);
    if (point !== null) return { ...state, held: null, points: state.points.filter((_, i) => i !== point) };
    const around = state.boxes.findLastIndex(([x1, y1, x2, y2]) => x1 <= x && x <= x2 && y1 <= y && y <= y2);
    return { ...state, boxes: state.boxes.filter((_, i) => i !== around) };
  },
};

/** The state after an action, {type, …}; null changes nothing. */
export const step = (state, action) => (action ? ACTIONS[action.type](state, action) : state);

/** The action that a key stands for, or null. */
export function keyAction(state, { key, shiftKey }, reach) {
  const far = shiftKey ? 10 : 1;
  const arrows = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] };
  if (arrows[key]) return { type: "move", to: state.cursor.map((part, i) => part + arrows[key][i]) };
  if (key === "Enter") return { type: "set", other: shiftKey };
  if (key === "Escape") return { type: "cancel" };
  if (key === "Delete" || key === "Backspace") return { type: "remove", reach };
  if (key.toLowerCase() === "b") return { type: state.start ? "end" : "begin" };
  if (key.toLowerCase() === "m") return state.held === null ? { type: "hold", reach } : { type: "cancel" };
  return null;
}

/** What stands under a place: where it is, the pixel's value, and its class where a label map was given. */
export function describe({ size: [w, h], cursor: [x, y] }, { image, labels, names }) {
  const index = Math.min(Math.floor(y), h - 1) * w + Math.min(Math.floor(x), w - 1);
  const [red, green, blue] = image.subarray(3 * index, 3 * index + 3);
  const color = red === green && green === blue ? `gray ${red}` : `red ${red}, green ${green}, blue ${blue}`;
  const name = labels ? `, ${names[labels[index]] ?? "void"}` : "";
  return `x ${x}, y ${y}: ${color}${name}`;
}

function marks({ size: [w, h], points, boxes, cursor: [x, y], start }, scale) {
  const double = (make) => make({ stroke: "black", "stroke-width": 4 }) + make({ stroke: "white", "stroke-width": 2 });
  const open = start && boxOf(start, [x, y]);
  const drawn = [...boxes, ...(open ? [open] : [])].map(([x1, y1, x2, y2]) => double((style) =>
    rect(x1 * scale, y1 * scale, (x2 - x1) * scale, (y2 - y1) * scale, { fill: "none", ...style })));
  const dots = points.map(([px, py, label]) => {
    const [cx, cy] = [px * scale, py * scale];
    const sign = line(cx - 4, cy, cx + 4, cy, { stroke: "white", "stroke-width": 2 })
      + (label ? line(cx, cy - 4, cx, cy + 4, { stroke: "white", "stroke-width": 2 }) : "");
    return tag("circle", { cx, cy, r: 7, fill: label ? BLUE : ORANGE, stroke: "white", "stroke-width": 1.5 }) + sign;
  });
  const cross = double((style) => line(x * scale - 9, y * scale, x * scale + 9, y * scale, style)
    + line(x * scale, y * scale - 9, x * scale, y * scale + 9, style));
  return `<svg width="${w * scale}" height="${h * scale}">${drawn.join("")}${cross}${dots.join("")}</svg>`;
}

/** Turn the mouse's events on an element into actions; `place(event)` is where it is in the image. */
function listenToMouse(stage, place, reach, current, act) {
  let from = null; // where the button went down
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    from = place(event);
    act({ type: "move", to: from }, { type: "hold", reach });
  });
  stage.addEventListener("pointermove", (event) => {
    const to = place(event);
    const far = from && Math.hypot(to[0] - from[0], to[1] - from[1]) > reach / 2;
    if (far && current().held === null && !current().start) act({ type: "move", to: from }, { type: "begin" });
    act({ type: "move", to });
  });
  stage.addEventListener("pointerup", (event) => {
    if (current().start) act({ type: "end" });
    else if (current().held === null) act({ type: "set", other: event.shiftKey });
    act({ type: "cancel" });
    from = null;
  });
}

/** The elements of a widget for an image of so many pixels, shown `scale` times as large. */
function build([w, h], scale) {
  const [labeled, described] = [unique("label"), unique("help")];
  const size = `width: ${w * scale}px; height: ${h * scale}px`;
  const [canvas, layer] = [element("canvas", { width: w, height: h, style: size }), element("div")];
  const stage = element("div", {
    class: "drawing", tabindex: "0", role: "application",
    "aria-label": `Image of ${w} × ${h} pixels to point at`, "aria-describedby": described,
    style: `${size}; cursor: crosshair; touch-action: none; user-select: none`,
  }, canvas, layer);
  const options = [[1, "positive (blue, +)"], [0, "negative (orange, −)"]];
  const select = element("select", { id: labeled },
    ...options.map(([value, text]) => element("option", { value }, text)));
  const control = element("div", { class: "control" }, element("label", { for: labeled }, "new points are"), select);
  const told = element("p", { class: "sentence", role: "status", "aria-live": "polite" });
  const help = element("p", { class: "note", id: described }, HELP);
  const root = frame(element("div", { class: "controls" }, control), stage, told, help);
  return { canvas, layer, stage, select, told, root };
}

const counted = (list, one, many) => `${list.length} ${list.length === 1 ? one : many}`;

async function render({ model, el }) {
  const [h, w] = model.get("data").image.shape;
  const data = await unpack(model.get("data"));
  const scale = w > WIDEST ? WIDEST / w : Math.floor(WIDEST / w);
  const reach = NEAR / scale;
  const { canvas, layer, stage, select, told, root } = build([w, h], scale);
  const given = { points: model.get("points"), boxes: model.get("boxes") };
  let state = { size: [w, h], ...given, cursor: [w / 2, h / 2], label: 1, start: null, held: null };

  const update = () => {
    layer.innerHTML = marks(state, scale);
    const set = `${counted(state.points, "point", "points")}, ${counted(state.boxes, "box", "boxes")}`;
    told.textContent = `${describe(state, data)}. ${set}.`;
  };
  const act = (...actions) => {
    const before = state;
    state = actions.reduce(step, state);
    const changed = ["points", "boxes"].filter((name) => state[name] !== before[name]);
    for (const name of changed) model.set(name, state[name]);
    if (changed.length) model.save_changes();
    update();
  };
  const place = (event) => {
    const corner = stage.getBoundingClientRect();
    return [(event.clientX - corner.left) / scale, (event.clientY - corner.top) / scale];
  };
  listenToMouse(stage, place, reach, () => state, act);
  stage.addEventListener("keydown", (event) => {
    const action = event.ctrlKey || event.metaKey ? null : keyAction(state, event, reach);
    if (action) event.preventDefault();
    if (action) act(action);
  });
  select.addEventListener("input", () => act({ type: "label", label: Number(select.value) }));
  for (const name of ["points", "boxes"]) {
    model.on(`change:${name}`, () => {
      if (model.get(name) === state[name]) return; // our own change
      state = { ...state, [name]: model.get(name), held: null };
      update();
    });
  }
  for (const taking of [stage, select]) keepKeys(taking);
  const rgba = rgbaOf(w * h, (i) => data.image.subarray(3 * i, 3 * i + 3));
  canvas.getContext("2d").putImageData(new ImageData(rgba, w, h), 0, 0);
  el.replaceChildren(root);
  update();
}

const widget = { render };
export default widget;
