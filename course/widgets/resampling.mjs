/** Lab 2: a kernel, a factor and a sample grid make taps, a spectrum and an image. */

import { axes, BLUE, curve, DIM, explorer, fixed, line, range, rect, rgbaOf, SHADE, sum, tag, text } from "./kit.mjs";

const [H, W] = [16, 20]; // pixels of the small image
const SIDE = 15; // of one of them on the page
const POINTS = 129; // of the spectrum
const [BOX, yticks] = [{ width: 260, height: 240 }, [0, 0.5, 1]];

const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Two cubics that meet at |x| = 1, as coefficients from x³ down. */
const cubic = (near, far) => (x) => {
  const distance = Math.abs(x);
  const parts = distance <= 1 ? near : distance < 2 ? far : [0];
  return parts.reduce((value, part) => value * distance + part, 0);
};
const keys = (a) => cubic([a + 2, -(a + 3), 0, 1], [a, -5 * a, 8 * a, -4 * a]);
const lanczos = (lobes) => (x) => (Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0);
const bell = (x) => (Math.abs(x) < 2 - 1e-9 ? Math.exp(-2 * x * x) : 0);

/** Half the width in pixels, and the weight at a distance. */
const KERNELS = {
  "triangle (bilinear)": [1, (x) => Math.max(0, 1 - Math.abs(x))],
  "box (nearest)": [0.5, (x) => Number(x > -0.5 && x <= 0.5)],
  "Keys −0.5 (bicubic)": [2, keys(-0.5)],
  "Keys −0.75 (bicubic)": [2, keys(-0.75)],
  Mitchell: [2, cubic([7 / 6, -2, 0, 8 / 9], [-7 / 18, 2, -10 / 3, 16 / 9])],
  "Lanczos-3": [3, lanczos(3)],
  "Lanczos-5": [5, lanczos(5)],
  Gaussian: [2, bell],
};

export const controls = [
  { name: "kernel", label: "kernel", options: Object.keys(KERNELS).map((name) => [name, name]) },
  { name: "factor", label: "factor", low: 1, high: 8, value: 4 },
  { name: "aligned", label: "sample grid", options: [["half-pixel centers", false], ["aligned corners", true]] },
];

/** The filter that completes a signal with factor − 1 zeros after each sample; each phase sums to 1. */
function taps([support, weight], factor, aligned) {
  const middle = aligned ? 0 : (factor - 1) / 2;
  const reach = Math.ceil(support * factor) + 1;
  const steps = range(-reach, reach + factor).filter((step) => Math.abs(step - middle) <= reach - (middle % 1));
  const weights = steps.map((step) => weight((middle - step) / factor));
  const phase = (step) => ((step % factor) + factor) % factor;
  const sums = range(0, factor).map((p) => sum(weights.filter((_, i) => phase(steps[i]) === p)));
  const scaled = weights.map((value, i) => value / sums[phase(steps[i])]);
  let outer = 0; // zeros at the ends are dropped in pairs
  while (scaled[outer] === 0 && scaled.at(-1 - outer) === 0) outer += 1;
  return scaled.slice(outer, scaled.length - outer);
}

/** Gain of each frequency from 0 to 1/2, 1 for a constant signal. */
function spectrum(weights) {
  return range(0, POINTS).map((k) => {
    const angle = (Math.PI * k) / (POINTS - 1);
    const real = sum(weights.map((weight, i) => weight * Math.cos(angle * i)));
    return Math.hypot(real, sum(weights.map((weight, i) => weight * Math.sin(angle * i)))) / sum(weights);
  });
}

/** For each new pixel of an axis of n samples the pairs [sample, weight] that it is the sum of. */
function axis(n, weights, factor, aligned) {
  const start = ((aligned ? 0 : factor - 1) - (weights.length - 1)) / 2;
  return range(0, aligned ? (n - 1) * factor + 1 : n * factor).map((pixel) =>
    range(0, weights.length)
      .filter((i) => (pixel - start - i) % factor === 0)
      .map((i) => [Math.min(Math.max((pixel - start - i) / factor, 0), n - 1), weights[i]]));
}

/** Taps, spectrum, and the enlarged image, (3, h, w) in a row. */
export function compute({ kernel, factor, aligned }, { image }) {
  const weights = taps(KERNELS[kernel], factor, aligned);
  const [rows, columns] = [axis(H, weights, factor, aligned), axis(W, weights, factor, aligned)];
  const mix = (terms, value) => sum(terms.map(([sample, weight]) => weight * value(sample)));
  const enlarged = range(0, 3).flatMap((channel) => {
    const at = (y) => (x) => image[(channel * H + y) * W + x];
    const wide = range(0, H).map((y) => columns.map((terms) => mix(terms, at(y))));
    return rows.flatMap((terms) => columns.map((_, x) => mix(terms, (y) => wide[y][x])));
  });
  return { taps: weights, gain: spectrum(weights), height: rows.length, width: columns.length, image: enlarged };
}

const SAMPLES = range(0, H * W).map((i) => {
  const [cx, cy] = [((i % W) + 0.5) * SIDE, (Math.floor(i / W) + 0.5) * SIDE];
  return tag("circle", { cx, cy, r: 1.3, fill: "white" });
}).join("");

function stems(weights) {
  const places = weights.map((_, i) => i - (weights.length - 1) / 2);
  const end = Math.max(places.at(-1), 0.5) * 1.08;
  const [x, xticks] = [[-end, end], [places[0], 0, places.at(-1)]];
  const { X, Y, marks } = axes({ ...BOX, x, y: [-0.25, 1.15], xticks, yticks, xlabel: "position, new pixels" });
  const drawn = weights.map((weight, i) => {
    const dot = tag("circle", { cx: X(places[i]), cy: Y(weight), r: weights.length < 24 ? 3.5 : 2, fill: BLUE });
    return line(X(places[i]), Y(0), X(places[i]), Y(weight), { stroke: BLUE, "stroke-width": 2 }) + dot;
  });
  return marks + line(X(-end), Y(0), X(end), Y(0)) + drawn.join("");
}

function gains(gain, factor) {
  const [x, y] = [[0, 0.5], [0, 1.15]];
  const { X, Y, marks } = axes({ ...BOX, x, y, xticks: [0, 0.25, 0.5], yticks, xlabel: "cycles per new pixel" });
  const from = X(0.5 / factor);
  const copies = rect(from, Y(1.15), X(0.5) - from, Y(0) - Y(1.15), { fill: SHADE });
  const word = factor > 1 ? text(X(0.5) - 5, Y(1.06), "copies", { "text-anchor": "end", fill: DIM }) : "";
  const points = gain.map((value, k) => [X((0.5 * k) / (POINTS - 1)), Y(value)]);
  return copies + marks + word + curve(points, { stroke: BLUE });
}

const counted = (weights) => `${weights.length} ${weights.length > 1 ? "taps" : "tap"}`;

export function draw({ factor, aligned }, { taps: weights, gain, height, width, image }) {
  const inset = aligned ? SIDE * (0.5 - 0.5 / factor) : 0; // corner pixels shrink onto the corner samples
  const count = height * width;
  const rgba = rgbaOf(count, (i) => [0, 1, 2].map((channel) => 255 * image[channel * count + i]));
  const box = [inset, inset, W * SIDE - 2 * inset, H * SIDE - 2 * inset];
  const [title, note] = [`${H} × ${W} → ${height} × ${width} pixels`, "white points: the samples"];
  const size = { width: W * SIDE, height: H * SIDE };
  return [
    { title: counted(weights), ...BOX, marks: stems(weights) },
    { title: "their spectrum", ...BOX, marks: gains(gain, factor) },
    { title, ...size, pixels: { width, height, rgba, box }, marks: SAMPLES, note },
  ];
}

export function describe({ kernel, factor }, { taps: weights, gain }) {
  const met = factor > 1 ? `every ${factor}th tap meets a sample, the others meet zeros` : "nothing is inserted";
  const beyond = gain.slice(Math.ceil((POINTS - 1) / factor));
  const most = fixed(100 * Math.max(...beyond), 0);
  const shaded = ` Shaded: the copies that the zeros made; the filter lets up to ${most}% of them through.`;
  const copies = factor > 1 ? shaded : "";
  const rings = weights.some((weight) => weight < -1e-6) ? " Some taps are negative: edges ring." : "";
  return `Kernel ${kernel}, factor ${factor}: ${counted(weights)}; ${met}.${copies}${rings}`;
}

const title = "Taps, their spectrum and the enlarged image";
const widget = explorer({ title, controls, compute, draw, describe });
export default widget;
