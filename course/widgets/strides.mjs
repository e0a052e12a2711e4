/** Lab 5: what is left of a label map that is told in cells of some stride, and how much of it comes back. */

import { explorer, fixed, range, rgbaOf } from "./kit.mjs";

const [H, W, VOID] = [128, 192, 255];
const [RIGHT, WRONG, WHITE] = [[77, 77, 82], [245, 133, 24], [255, 255, 255]];

export const controls = [
  { name: "stride", label: "stride", options: [32, 16, 8, 4, 2, 1].map((stride) => [String(stride), stride]) },
  { name: "number", label: "scene", low: 0, high: 19, value: 0 },
  { name: "smooth", label: "enlarged again", options: [["by bilinear interpolation", true], ["by nearest", false]] },
];

/** The share of each class in each cell: (cells, classes) in a row; void counts for none. */
function sharesOf(truth, stride, classes) {
  const shares = new Float64Array(((H / stride) * (W / stride)) * classes);
  truth.forEach((label, i) => {
    const cell = Math.floor(i / W / stride) * (W / stride) + Math.floor((i % W) / stride);
    if (label !== VOID) shares[cell * classes + label] += 1 / (stride * stride);
  });
  return shares;
}

/** For each pixel of an axis the two cells beside it and the weight of the second, half-pixel centers. */
function neighbors(length, stride, smooth) {
  const last = length / stride - 1;
  return range(0, length).map((pixel) => {
    if (!smooth) return [Math.floor(pixel / stride), 0, 0];
    const place = Math.max((pixel + 0.5) / stride - 0.5, 0);
    const first = Math.min(Math.floor(place), last);
    return [first, Math.min(first + 1, last), place - first];
  });
}

/** The first class of the largest value that `value(c)` gives. */
function winner(classes, value) {
  let [best, most] = [0, value(0)];
  for (let c = 1; c < classes; c++) {
    const here = value(c);
    if (here > most) [best, most] = [c, here];
  }
  return best;
}

function enlarge(shares, stride, smooth, classes) {
  const [rows, columns] = [neighbors(H, stride, smooth), neighbors(W, stride, smooth)];
  const at = (y, x) => (y * (W / stride) + x) * classes;
  return Uint8Array.from({ length: H * W }, (_, i) => {
    const [[top, bottom, down], [left, right, across]] = [rows[Math.floor(i / W)], columns[i % W]];
    const corners = [at(top, left), at(top, right), at(bottom, left), at(bottom, right)];
    const [a, b, c, d] = [(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across];
    const [one, two, three, four] = corners;
    return winner(classes, (k) =>
      a * shares[one + k] + b * shares[two + k] + c * shares[three + k] + d * shares[four + k]);
  });
}

/** Mean over the classes that occur in truth or prediction; void pixels do not count. */
function meanIou(truth, prediction, classes) {
  const [both, either] = [new Array(classes).fill(0), new Array(classes).fill(0)];
  truth.forEach((label, i) => {
    if (label === VOID) return;
    either[label] += 1;
    if (label === prediction[i]) both[label] += 1;
    else either[prediction[i]] += 1;
  });
  const present = range(0, classes).filter((c) => either[c] > 0);
  return present.reduce((total, c) => total + both[c] / either[c], 0) / present.length;
}

/** The class that wins each cell, the class of each pixel once the shares are enlarged, their mean IoU, and losers. */
export function compute({ stride, number, smooth }, { labels, names }) {
  const truth = labels.subarray(number * H * W, (number + 1) * H * W);
  const shares = sharesOf(truth, stride, names.length);
  const count = shares.length / names.length;
  const cells = Uint8Array.from({ length: count }, (_, i) => winner(names.length, (c) => shares[i * names.length + c]));
  const enlarged = enlarge(shares, stride, smooth, names.length);
  const lost = names.filter((_, c) => truth.includes(c) && !cells.includes(c));
  return { truth, cells, enlarged, iou: meanIou(truth, enlarged, names.length), lost };
}

export function draw({ stride }, { truth, cells, enlarged, iou }, { names, colors }) {
  const paint = (label) => colors[label === VOID ? names.length : label];
  const wrong = (i) => (truth[i] === VOID ? WHITE : truth[i] === enlarged[i] ? RIGHT : WRONG);
  const panel = (title, width, height, color) => ({
    title, width: 2 * W, height: 2 * H,
    pixels: { width, height, rgba: rgbaOf(width * height, color), box: [0, 0, 2 * W, 2 * H] },
  });
  const [h, w] = [H / stride, W / stride];
  const present = range(0, names.length).filter((c) => truth.includes(c));
  const legend = [...present.map((c) => [names[c], c]), ["void", VOID]].map(([name, c]) => [name, `rgb(${paint(c)})`]);
  const marked = [["right", RIGHT], ["wrong", WRONG], ["void", WHITE]].map(([name, color]) => [name, `rgb(${color})`]);
  return [
    panel(`truth, ${H} × ${W} pixels`, W, H, (i) => paint(truth[i])),
    panel(`stride ${stride}: ${h} × ${w} cells`, w, h, (i) => paint(cells[i])),
    { ...panel(`enlarged again: mean IoU ${fixed(iou, 3)}`, W, H, (i) => paint(enlarged[i])), legend },
    { ...panel("where that is wrong", W, H, wrong), legend: marked },
  ];
}

export function describe({ stride, number }, { iou, lost }) {
  const winners = lost.length ? `No cell is won by ${lost.join(", ")}.` : "Every class wins a cell.";
  return `Scene ${number}: every cell of ${stride} × ${stride} pixels knows the shares of its classes; enlarged, they `
    + `reach a mean IoU of ${fixed(iou, 3)}. ${winners}`;
}

const title = "A label map, the same in cells, enlarged again, and where that is wrong";
const widget = explorer({ title, controls, compute, draw, describe });
export default widget;
