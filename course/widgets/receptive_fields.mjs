/** Lab 8: what an output pixel sees behind a stack of dilated layers, and over how many paths. */

import { BLUE, DIM, explorer, INK, ORANGE, range, rect, rgbaOf, sum, text, ramp } from "./kit.mjs";

const [SIDE, ROW, LAYERS] = [360, 34, 7]; // CSS pixels, and the layers of a stack
const [PAPER, PALE, BRIGHT] = [[240, 240, 243], [120, 175, 214], [0, 62, 105]];
const color = ramp([PALE, BRIGHT]);

export const controls = [
  { name: "dilations", label: "3×3 layers with dilation", options: [
    ["1, 1, 2, 4, 8, 16, 1 (context module)", [1, 1, 2, 4, 8, 16, 1]],
    ["1, 2, 4, 8, 1, 1, 1 (doubled)", [1, 2, 4, 8, 1, 1, 1]],
    ["always 1", [1, 1, 1, 1, 1, 1, 1]],
    ["always 2", [2, 2, 2, 2, 2, 2, 2]],
    ["always 4", [4, 4, 4, 4, 4, 4, 4]],
    ["1, 2, 5, 1, 2, 5, 1 (no factor)", [1, 2, 5, 1, 2, 5, 1]],
    ["1, 2, 2, 4, 4, 2, 1 (tapered)", [1, 2, 2, 4, 4, 2, 1]],
  ] },
  { name: "layers", label: "layers", low: 1, high: LAYERS, value: 5 },
  { name: "stride", label: "stride of the first layer", low: 1, high: 2, value: 1 },
];

/** How many image pixels each layer's pixels see, and how far apart they lie, one layer after another. */
function fieldsOf(dilations, stride) {
  const fields = [];
  let [size, step] = [1, 1];
  for (const [layer, dilation] of dilations.entries()) {
    size += 2 * dilation * step;
    if (layer === 0) step *= stride;
    fields.push({ dilation, size, stride: step });
  }
  return fields;
}

/** Along one axis: over how many paths each pixel of the field reaches the output, from the first one to the last. */
function pathsOf(dilations, stride) {
  let taps = [1];
  for (const layer of range(0, dilations.length).reverse()) { // from the output back to the image
    const wide = new Array(taps.length + 2 * dilations[layer]).fill(0);
    taps.forEach((count, at) => [0, 1, 2].forEach((tap) => (wide[at + tap * dilations[layer]] += count)));
    taps = layer === 1 && stride > 1 ? spread(wide, stride) : wide;
    if (layer === 0) return taps;
  }
  return taps;
}

/** Zeros between the numbers: pixels behind a stride lie further apart in the image. */
const spread = (taps, stride) =>
  range(0, stride * (taps.length - 1) + 1).map((at) => (at % stride ? 0 : taps[at / stride]));

export function compute({ dilations, layers, stride }) {
  const used = dilations.slice(0, layers);
  const paths = pathsOf(used, stride);
  const reached = paths.filter((count) => count > 0).length;
  return { fields: fieldsOf(dilations, stride), paths, reached: reached ** 2, share: (reached / paths.length) ** 2 };
}

function table(fields, layers) {
  const widest = fields.at(-1).size;
  return fields.map(({ dilation, size, stride }, i) => {
    const [y, used] = [i * ROW, i < layers];
    const [width, fill] = [(200 * size) / widest, used ? BLUE : DIM];
    return rect(0, y + 20, width, 6, { fill, "fill-opacity": used ? 1 : 0.35 })
      + text(0, y + 14, `layer ${i + 1}: dilation ${dilation}, sees ${size} × ${size}, stride ${stride}`,
        { fill: used ? INK : DIM, ...(i === layers - 1 && { "font-weight": "bold" }) });
  }).join("");
}

/** Pixels in view: all that the whole stack sees; the field of the layers in use lies in their middle. */
const viewOf = (fields) => fields.at(-1).size + 2;
const cornerOf = (view, paths) => Math.floor((view - paths.length) / 2);

/** Colored by the paths, on a scale of powers, so that few are told from none. */
function picture(view, paths) {
  const most = Math.max(...paths) ** 2;
  const at = (i) => paths[i - cornerOf(view, paths)] ?? 0;
  return rgbaOf(view * view, (i) => {
    const count = at(Math.floor(i / view)) * at(i % view);
    return count ? color((count / most) ** 0.3) : PAPER;
  });
}

export function draw({ layers }, { fields, paths, share }) {
  const [view, size] = [viewOf(fields), paths.length];
  const [cell, first] = [SIDE / view, cornerOf(view, paths)];
  const style = { fill: "none", stroke: ORANGE, "stroke-width": 1.5 };
  const frame = rect(first * cell, first * cell, size * cell, size * cell, style);
  const pixels = { width: view, height: view, rgba: picture(view, paths), box: [0, 0, SIDE, SIDE] };
  const [few, many, none] = [PALE, BRIGHT, PAPER].map((rgb) => `rgb(${rgb})`);
  const legend = [["few paths", few], ["many paths", many], ["none", none], ["the field", ORANGE]];
  return [
    { title: "what a pixel of each layer sees", width: 310, height: LAYERS * ROW, marks: table(fields, layers) },
    { title: `${Math.round(100 * share)} % of the field reach the output`,
      width: SIDE, height: SIDE, marks: frame, pixels, legend },
  ];
}

export function describe({ layers, dilations }, { fields, paths, reached, share }) {
  const size = fields[layers - 1].size;
  const holes = share < 0.999 ? "The rest are holes: gridding." : "There is no hole in it.";
  const corner = `${sum(paths) ** 2} paths in all, ${paths[0] ** 2} of them from a corner.`;
  return `${layers} of ${dilations.length} layers see ${size} × ${size} pixels, of which ${reached} reach the output. `
    + `${holes} ${corner}`;
}

const title = "The receptive field of a stack of 3 × 3 layers, and how many paths lead from each pixel to the output";
const widget = explorer({ title, controls, compute, draw, describe });
export default widget;
