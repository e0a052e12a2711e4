/** Lab 1: a predicted mask is moved and grown; the confusion matrix and six scores follow. */

import { BLUE, cells, explorer, fixed, rect, rgbaOf, SHADE, text } from "./kit.mjs";

const SIDE = 96; // pixels of the image, each way
const NAMES = ["ground", "object"];
// true negative, false positive, false negative, true positive: 2 · target + prediction
const COLORS = [[236, 236, 240], [245, 133, 24], [140, 200, 240], [0, 80, 140]];

export const controls = [
  { name: "radius", label: "object's radius, pixels", low: 4, high: 40, step: 2, value: 16 },
  { name: "grow", label: "prediction grown by, pixels", low: -12, high: 12, value: 4 },
  { name: "shift", label: "prediction shifted by, pixels", low: -30, high: 30, step: 2, value: 8 },
];

/** A disc as a mask, row by row: 1 inside, 0 outside. */
function disc(radius, shift) {
  const mask = new Uint8Array(SIDE * SIDE);
  for (let i = 0; i < mask.length; i++) {
    const x = (i % SIDE) + 0.5 - SIDE / 2 - shift;
    const y = Math.floor(i / SIDE) + 0.5 - SIDE / 2;
    mask[i] = Number(x * x + y * y <= radius * radius);
  }
  return mask;
}

/** Each pixel as 2 · target + prediction, the four counts in that order, and the scores; 0/0 is NaN. */
export function compute({ radius, grow, shift }) {
  const [target, prediction] = [disc(radius, 0), disc(Math.max(radius + grow, 0), shift)];
  const pixels = target.map((value, i) => 2 * value + prediction[i]);
  const counts = [0, 0, 0, 0];
  for (const kind of pixels) counts[kind] += 1;
  const [tn, fp, fn, tp] = counts;
  const iou = [tn / (tn + fp + fn), tp / (tp + fp + fn)];
  const scores = {
    "overall accuracy": (tn + tp) / (SIDE * SIDE),
    "mean IoU": (iou[0] + iou[1]) / 2,
    "object's precision": tp / (tp + fp),
    "object's recall": tp / (tp + fn),
    "object's F1": (2 * tp) / (2 * tp + fp + fn),
    "object's IoU": iou[1],
  };
  return { pixels, counts, scores };
}

function matrix(counts) {
  const [size, left, top] = [82, 58, 22];
  const cell = (row, column) => {
    const share = counts[2 * row + column] / (counts[2 * row] + counts[2 * row + 1]);
    return { text: `${counts[2 * row + column]} · ${fixed(100 * share, 0)}%`, shade: share };
  };
  const across = NAMES.map((name, i) => text(left + size * (i + 0.5), 14, name, { "text-anchor": "middle" }));
  const down = NAMES.map((name, i) => text(left - 7, top + size * (i + 0.5) + 4, name, { "text-anchor": "end" }));
  return cells({ rows: 2, columns: 2, width: size, left, top, cell }) + across.join("") + down.join("");
}

function bars(scores, width) {
  return Object.entries(scores).map(([name, value], i) => {
    const top = 38 * i;
    const written = text(0, top + 13, name) + text(width, top + 13, fixed(value, 3, "0/0"), { "text-anchor": "end" });
    const paper = rect(0, top + 19, width, 11, { fill: SHADE });
    return written + paper + rect(0, top + 19, width * (value || 0), 11, { fill: BLUE });
  });
}

export function draw(_, { pixels, counts, scores }) {
  const rgba = rgbaOf(pixels.length, (i) => COLORS[pixels[i]]);
  const named = { "true positive": 3, "false positive": 1, "false negative": 2, "true negative": 0 };
  const legend = Object.entries(named).map(([name, kind]) => [name, `rgb(${COLORS[kind]})`]);
  const pixelsShown = { width: SIDE, height: SIDE, rgba, box: [0, 0, 240, 240] };
  const note = "rows: target, columns: prediction; pixels and share of the row";
  return [
    { title: "prediction on target", width: 240, height: 240, pixels: pixelsShown, legend },
    { title: "confusion matrix", width: 230, height: 196, marks: matrix(counts), note },
    { title: "scores", width: 270, height: 230, marks: bars(scores, 270).join("") },
  ];
}

export function describe(_, { counts, scores }) {
  const share = (100 * (counts[2] + counts[3])) / (SIDE * SIDE);
  const written = Object.entries(scores).map(([name, value]) => `${name} ${fixed(value, 3, "0/0")}`);
  return `The object covers ${fixed(share, 1)}% of the image; ${written.join(", ")}.`;
}

const title = "A predicted mask, its confusion matrix and its scores";
const widget = explorer({ title, controls, compute, draw, describe });
export default widget;
