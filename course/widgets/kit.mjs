/**
 * What all explorers share: controls, panels, axes, grids of numbers, pictures, colors and theme.
 *
 * An explorer is a list of controls and three functions: `compute(settings, data)` gives numbers, `draw(settings,
 * numbers, data)` gives panels, `describe(settings, numbers, data)` gives a sentence. `explorer` makes them a widget.
 *
 * A panel is {title, width, height, marks, pixels, note, legend}: `marks` is SVG as text; `pixels` is a picture below
 * the marks, {width, height, rgba, box: [left, top, width, height]}; sizes and boxes are CSS pixels.
 */

export const BLUE = "var(--blue)";
export const ORANGE = "var(--orange)";
export const GREEN = "var(--green)";
export const INK = "currentColor";
export const DIM = "var(--dim)";
export const RULE = "var(--rule)";
export const SHADE = "var(--shade)";

const STYLE = `
.explorer { --blue: #0072b2; --orange: #d55e00; --green: #009e73; --dim: #5c5c66; --rule: #c9c9d1; --shade: #f0f0f3;
  font: 13px/1.45 var(--jp-ui-font-family, system-ui, sans-serif); color: inherit; max-width: 900px; padding: 4px 0; }
:is([data-jp-theme-light="false"], .vscode-dark, html[theme="dark"], html[data-theme="dark"]) .explorer {
  --blue: #4aa3d8; --orange: #f58518; --green: #2fc79a; --dim: #b4b4be; --rule: #55555f; --shade: #2b2b31;
  color-scheme: dark; }
.explorer .controls { display: flex; flex-wrap: wrap; gap: 6px 28px; margin: 0 0 10px; }
.explorer .control { display: grid; grid-template-columns: 1fr auto; width: 240px; row-gap: 2px; }
.explorer .control input, .explorer .control select { grid-column: 1 / 3; width: 100%; margin: 0; height: 24px;
  box-sizing: border-box; font: inherit; accent-color: var(--blue); }
.explorer .control .value { font-variant-numeric: tabular-nums; font-weight: 600; }
.explorer .panels { display: flex; flex-wrap: wrap; gap: 8px 22px; align-items: flex-start; }
.explorer .title { font-weight: 600; margin: 0 0 4px; }
.explorer .drawing { position: relative; }
.explorer canvas { position: absolute; image-rendering: pixelated; }
.explorer svg { position: absolute; left: 0; top: 0; overflow: visible; max-width: none; font-size: 12px;
  fill: currentColor; }
.explorer .note { color: var(--dim); font-size: 12px; }
.explorer .legend { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 12px; margin-top: 4px; }
.explorer .swatch { display: inline-block; width: 12px; height: 12px; margin-right: 5px; vertical-align: -1px;
  border: 1px solid var(--rule); }
.explorer .sentence { margin: 8px 0 0; }
`;

/** An element with attributes and children; a child may be text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Make a widget; its `render({model, el})` is anywidget's interface, and of the model it asks for `data` alone. */
export function explorer({ title, controls, compute, draw, describe }) {
  async function render({ model, el }) {
    const data = await unpack(model.get("data"));
    const settings = Object.fromEntries(controls.map((control) => [control.name, start(control)]));
    const panels = element("div", { class: "panels", role: "img" });
    const sentence = element("p", { class: "sentence", "aria-live": "polite" });
    const update = () => {
      const numbers = compute(settings, data);
      show(panels, draw(settings, numbers, data));
      sentence.textContent = describe(settings, numbers, data);
      panels.setAttribute("aria-label", `${title}. ${sentence.textContent}`);
    };
    const row = element("div", { class: "controls" }, ...controls.map((control) => input(control, settings, update)));
    el.replaceChildren(frame(row, panels, sentence));
    update();
  }
  return { render };
}

/** The root element of a widget, with the style. */
export const frame = (...children) => element("div", { class: "explorer" }, element("style", {}, STYLE), ...children);

/** Bring a widget to life in a page without a kernel, wherever an element waits for it. */
export function standAlone(widget, id, state) {
  const traits = { ...state };
  const [get, set] = [(name) => traits[name], (name, value) => (traits[name] = value)];
  const model = { get, set, on() {}, off() {}, save_changes() {} };
  for (const el of document.querySelectorAll(`[data-widget="${id}"]:not([data-alive])`)) {
    el.dataset.alive = "true";
    widget.render({ model, el });
  }
}

function start(control) {
  return control.options ? control.options[0][1] : control.value;
}

/**
 * For an element that takes the focus: plain keys are its own, those with Ctrl or ⌘ are JupyterLab's.
 * So an arrow moves a slider, and not on to the next cell, and Ctrl+S still saves.
 */
export function keepKeys(made) {
  const decide = (event) => made.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey));
  for (const type of ["focus", "keydown", "keyup"]) made.addEventListener(type, decide);
}

/** An id that no other element of the page has. */
export const unique = (word) => `${word}-${Math.random().toString(36).slice(2)}`;

function input(control, settings, update) {
  const id = unique("control");
  const label = element("label", { for: id }, control.label);
  const parts = control.options ? menu(control, id) : slider(control, id);
  keepKeys(parts.at(-1));
  parts.at(-1).addEventListener("input", (event) => {
    const text = event.target.value;
    settings[control.name] = control.options ? control.options[Number(text)][1] : Number(text);
    if (!control.options) parts[0].textContent = text.replace("-", "−");
    update();
  });
  return element("div", { class: "control" }, label, ...parts);
}

function menu(control, id) {
  const options = control.options.map(([text], index) => element("option", { value: index }, text));
  return [element("select", { id }, ...options)];
}

function slider({ low, high, step = 1, value }, id) {
  const range = { id, type: "range", min: low, max: high, step, value };
  return [element("span", { class: "value", "aria-hidden": "true" }, value), element("input", range)];
}

/** Arrays as Python's `pack` makes them, {dtype, shape, zlib}, become typed arrays; all else stays as it is. */
export async function unpack(data) {
  const entries = Object.entries(data).map(async ([name, value]) => [name, value?.zlib ? await inflate(value) : value]);
  return Object.fromEntries(await Promise.all(entries));
}

async function inflate({ dtype, zlib }) {
  const bytes = Uint8Array.from(atob(zlib), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const type = { uint8: Uint8Array, int16: Int16Array, float32: Float32Array, float64: Float64Array }[dtype];
  return new type(await new Response(stream).arrayBuffer());
}

function show(root, panels) {
  while (root.children.length < panels.length) root.append(slot());
  panels.forEach((panel, index) => fill(root.children[index], panel));
}

function slot() {
  const drawing = element("div", { class: "drawing" }, element("canvas"), element("div", { class: "marks" }));
  return element("div", {}, element("div", { class: "title" }), drawing, element("div"));
}

function fill(place, { title, width, height, marks = "", pixels, note, legend = [] }) {
  const [head, drawing, below] = place.children;
  const [canvas, layer] = drawing.children;
  head.textContent = title;
  place.style.maxWidth = `${width}px`;
  Object.assign(drawing.style, { width: `${width}px`, height: `${height}px` });
  canvas.hidden = !pixels;
  if (pixels) paint(canvas, pixels);
  layer.innerHTML = `<svg width="${width}" height="${height}">${marks}</svg>`;
  below.replaceChildren(...(note ? [element("div", { class: "note" }, note)] : []), ...legendOf(legend));
}

function paint(canvas, { width, height, rgba, box: [left, top, across, down] }) {
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
  Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${across}px`, height: `${down}px` });
}

function legendOf(entries) {
  const items = entries.map(([name, color]) =>
    element("span", {}, element("span", { class: "swatch", style: `background: ${color}` }), name));
  return items.length ? [element("div", { class: "legend" }, ...items)] : [];
}

/** Whole numbers from `start` to the one before `stop`. */
export const range = (start, stop) => Array.from({ length: Math.max(stop - start, 0) }, (_, i) => start + i);
export const sum = (values) => values.reduce((total, value) => total + value, 0);

/** A number with so many decimals and a real minus sign; a word for NaN. */
export const fixed = (value, decimals, absent = "–") =>
  Number.isNaN(value) ? absent : value.toFixed(decimals).replace("-", "−");

/** A number in at most three significant digits. */
export const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");

/** Colors of values from 0 to 1, each [red, green, blue] of 0 to 255, between evenly spaced stops. */
export function ramp(stops) {
  return (value) => {
    const place = Math.min(Math.max(value, 0), 1) * (stops.length - 1);
    const left = Math.min(Math.floor(place), stops.length - 2);
    return stops[left].map((part, i) => part + (place - left) * (stops[left + 1][i] - part));
  };
}

/** The bytes of a picture of so many pixels, each colored by `color(index)`, [red, green, blue] of 0 to 255. */
export function rgbaOf(count, color) {
  const rgba = new Uint8ClampedArray(4 * count);
  for (let i = 0; i < count; i++) {
    rgba.set(color(i), 4 * i);
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}

/** An SVG tag as text. */
export function tag(name, attributes, content = "") {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`).join("");
  return `<${name}${written}>${content}</${name}>`;
}

export const rect = (x, y, width, height, more) => tag("rect", { x, y, width, height, ...more });
export const line = (x1, y1, x2, y2, more = {}) => tag("line", { x1, y1, x2, y2, stroke: RULE, ...more });
export const text = (x, y, content, more = {}) => tag("text", { x, y, ...more }, content);

/** A line through points [x, y]. */
export function curve(points, more) {
  const written = points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(" ");
  return tag("polyline", { points: written, fill: "none", "stroke-width": 2, ...more });
}

/** Axes: `X` and `Y` turn values into CSS pixels, `marks` is the frame with ticks, their texts and a label below. */
export function axes({ width, height, x, y, xticks, yticks, xlabel = "", left = 34, right = 8, top = 6, bottom = 38 }) {
  const X = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (width - left - right);
  const Y = (value) => height - bottom - ((value - y[0]) / (y[1] - y[0])) * (height - top - bottom);
  const [middle, end, floor] = [{ "text-anchor": "middle", fill: DIM }, { "text-anchor": "end", fill: DIM }, Y(y[0])];
  const below = xticks.map((tick) =>
    line(X(tick), floor, X(tick), floor + 4) + text(X(tick), floor + 17, short(tick), middle));
  const beside = yticks.map((tick) =>
    line(left - 4, Y(tick), left, Y(tick)) + text(left - 7, Y(tick) + 4, short(tick), end));
  const edges = line(left, floor, left, Y(y[1])) + line(left, floor, width - right, floor);
  const label = text((left + width - right) / 2, height - 4, xlabel, middle);
  return { X, Y, marks: edges + below.join("") + beside.join("") + label };
}

/**
 * A grid of cells with their texts in them.
 * `cell(row, column)` gives {text, shade, faint, outline}: shade 0 is paper, 1 the darkest blue that text is read on.
 */
export function cells({ rows, columns, width, height = width, left = 0, top = 0, cell }) {
  const [below, above] = [[], []];
  for (const row of range(0, rows)) {
    for (const column of range(0, columns)) {
      const { text: content = "", shade = 0, faint, outline } = cell(row, column);
      const [x, y] = [left + column * width, top + row * height];
      below.push(rect(x, y, width, height, { fill: BLUE, "fill-opacity": 0.6 * shade, stroke: RULE }));
      const middle = { "text-anchor": "middle", "dominant-baseline": "central", ...(faint && { fill: DIM }) };
      above.push(text(x + width / 2, y + height / 2, content, middle));
      const thick = { fill: "none", stroke: ORANGE, "stroke-width": 2.5 };
      if (outline) above.push(rect(x + 2, y + 2, width - 4, height - 4, thick));
    }
  }
  return below.join("") + above.join("");
}
