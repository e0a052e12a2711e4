/** Lab 7: an image goes through a U-Net tile by tile; with too small a margin the seams show. */

import { explorer, fixed, line, ramp, range, rect, rgbaOf, text } from "./kit.mjs";

const [SIDE, NEEDED, PANEL] = [96, 20, 272]; // pixels of the image; that the network loses on a side; CSS pixels
const [SIZES, STEP] = [[24, 32, 48, 64], 4]; // of a tile; from one margin to the next
const HEAT = ramp([[0, 0, 0], [79, 18, 123], [181, 54, 122], [251, 136, 97], [252, 253, 191]]);
const [TILE, MARGIN] = ["#4aa3d8", "#f58518"];
const gray = (value) => [value, value, value];

export const controls = [
  { name: "size", label: "tile, pixels", options: [32, 24, 48, 64].map((size) => [`${size} × ${size}`, size]) },
  { name: "margin", label: "margin, pixels", low: 0, high: NEEDED, step: STEP, value: 0 },
  { name: "position", label: "which tile", low: 0, high: 15, value: 4 },
];

/** The pixel that a place beside the image mirrors; the outermost pixel is the mirror's axis. */
function mirrored(place) {
  const phase = ((place % (2 * SIDE - 2)) + 2 * SIDE - 2) % (2 * SIDE - 2);
  return Math.min(phase, 2 * SIDE - 2 - phase);
}

const pixel = (image, y, x) => image[mirrored(y) * SIDE + mirrored(x)];

/**
 * The chosen tile's first row and column; what the network gets for it, black beyond the margin; the differences
 * between the output in tiles and in one piece, 0 to 1 standard deviation (more is 1); and the largest of them.
 */
export function compute({ size, margin, position }, { image, errors, worst }) {
  const columns = Math.ceil(SIDE / size);
  const [row, column] = [Math.floor((position % columns ** 2) / columns), position % columns];
  const across = size + 2 * NEEDED;
  const seen = (i) => i >= NEEDED - margin && i < NEEDED + size + margin;
  const [top, left] = [row * size, column * size];
  const value = (y, x) => (seen(y) && seen(x) ? pixel(image, top + y - NEEDED, left + x - NEEDED) : 0);
  const piece = Uint8Array.from({ length: across ** 2 }, (_, i) => value(Math.floor(i / across), i % across));
  const map = SIZES.indexOf(size) * (NEEDED / STEP + 1) + margin / STEP;
  const difference = Array.from(errors.subarray(map * SIDE ** 2, (map + 1) * SIDE ** 2), (error) => error / 255);
  return { top, left, piece, difference, worst: worst[map] };
}

const outline = (x, y, side, stroke, more = {}) =>
  rect(x, y, side, side, { fill: "none", stroke, "stroke-width": 2.5, ...more });

function shown(width, values, color) {
  return { width, height: width, rgba: rgbaOf(values.length, (i) => color(values[i])), box: [0, 0, PANEL, PANEL] };
}

function overview({ size, margin }, { top, left }, image) {
  const end = Math.ceil(SIDE / size) * size + 2 * NEEDED;
  const unit = PANEL / end;
  const values = range(0, end * end).map((i) => pixel(image, Math.floor(i / end) - NEEDED, (i % end) - NEEDED));
  const at = (place) => (NEEDED + place) * unit;
  const cuts = range(0, Math.ceil(SIDE / size) + 1).map((i) => {
    const [place, last] = [at(i * size), at(end - 2 * NEEDED)];
    const style = { stroke: "white", "stroke-opacity": 0.6 };
    return line(place, at(0), place, last, style) + line(at(0), place, last, place, style);
  });
  const dashed = { "stroke-dasharray": "6 3" };
  const given = outline(at(left - margin), at(top - margin), (size + 2 * margin) * unit, MARGIN, dashed);
  const marks = cuts.join("") + outline(at(left), at(top), size * unit, TILE) + given;
  return { pixels: shown(end, values, gray), marks };
}

function scale() {
  const steps = range(0, 34).map((i) => rect(8 * i, PANEL + 6, 8, 10, { fill: `rgb(${HEAT(i / 33)})` }));
  const words = [["0", "start", 0], ["½ standard deviation", "middle", PANEL / 2], ["1 or more", "end", PANEL]];
  const written = words.map(([word, anchor, x]) => text(x, PANEL + 30, word, { "text-anchor": anchor }));
  return steps.join("") + written.join("");
}

export function draw(settings, numbers, { image }) {
  const across = settings.size + 2 * NEEDED;
  const unit = PANEL / across;
  const [box, legend] = [{ width: PANEL, height: PANEL }, [["the tile", TILE], ["with its margin", MARGIN]]];
  const piece = shown(across, numbers.piece, gray);
  const tile = outline(NEEDED * unit, NEEDED * unit, settings.size * unit, TILE);
  const seams = { pixels: shown(SIDE, numbers.difference, HEAT), marks: scale() };
  return [
    { title: `mirrored by ${NEEDED}, cut into tiles`, ...box, ...overview(settings, numbers, image), legend },
    { title: "what the network gets for the tile", ...box, pixels: piece, marks: tile },
    { title: "difference from one piece", ...box, height: PANEL + 34, ...seams },
  ];
}

export function describe({ size, margin }, { worst }) {
  const given = `Tiles of ${size} with a margin of ${margin}: `;
  if (worst < 1e-9) return `${given}all the ${NEEDED} pixels that the network needs on each side. No seam at all.`;
  return `${given}${NEEDED - margin} of the ${NEEDED} pixels that the network needs on each side are black to it. `
    + `The largest difference is ${fixed(worst, 2)} standard deviations of the output.`;
}

const title = "An image cut into tiles, what a network gets for one, and the seams in its output";
const widget = explorer({ title, controls, compute, draw, describe });
export default widget;
