/** Lab 6: how strong the gradient of one pixel is, and which pixels of a street have most of it. */

import { axes, BLUE, curve, DIM, explorer, fixed, ORANGE, ramp, range, rgbaOf, short, sum, tag } from "./kit.mjs";

const [H, W, VOID] = [96, 128, 255];
const POINTS = 97; // of the curves
const BOX = { width: 250, height: 250 };
const SHADES = ramp([[255, 255, 255], [185, 217, 239], [95, 168, 214], [15, 95, 156], [8, 51, 90]]);

export const controls = [
  {
    name: "kind", label: "loss",
    options: [["focal", "focal"], ["weight of thin classes", "weight"], ["hard examples", "hard"]],
  },
  { name: "strength", label: "strength", low: 0, high: 10, value: 4 },
  { name: "logit", label: "logit of the true class", low: -6, high: 6, value: 2 },
];

/** The number that a strength of 0 to 10 stands for; at 0 each kind is cross-entropy. */
const NUMBER = {
  focal: (strength) => strength / 2,
  weight: (strength) => 1 + 2 * strength,
  hard: (strength) => 1 - strength / 11,
};

/** Loss of a pixel of a thin class with probability p, and the size of its gradient at the logit of that class. */
const LOSS = {
  focal: (p, gamma) => [-((1 - p) ** gamma) * Math.log(p), (1 - p) ** gamma * (1 - p - gamma * p * Math.log(p))],
  weight: (p, weight) => [-weight * Math.log(p), weight * (1 - p)],
  hard: (p, threshold) => (p < threshold ? [-Math.log(p), 1 - p] : [0, 0]),
};

const sigmoid = (logit) => 1 / (1 + Math.exp(-logit));
const logitOf = (i) => -6 + (12 * i) / (POINTS - 1);

/** Each pixel's share of the street's gradient; p is the probability of its own class, void has no part. */
function sharesOf(kind, number, p, labels, thin) {
  const sizes = Float64Array.from(p, (own, i) => {
    if (labels[i] === VOID) return 0;
    return kind === "weight" && !thin.includes(labels[i]) ? 1 - own : LOSS[kind](own, number)[1];
  });
  const total = sum(sizes);
  return sizes.map((size) => size / total);
}

/** Curves of loss and gradient, the marked pixel's p, loss and gradient, and who has the street's gradient. */
export function compute({ kind, strength, logit }, { p, labels, thin }) {
  const number = NUMBER[kind](strength);
  const points = range(0, POINTS).map((i) => LOSS[kind](sigmoid(logitOf(i)), number));
  const [loss, gradient] = LOSS[kind](sigmoid(logit), number);
  const shares = sharesOf(kind, number, p, labels, thin);
  return {
    number, chance: sigmoid(logit), loss, gradient, shares,
    losses: points.map((pair) => pair[0]),
    gradients: points.map((pair) => pair[1]),
    few: labels.filter((label) => thin.includes(label)).length / labels.length,
    theirs: sum(shares.filter((_, i) => thin.includes(labels[i]))),
    sure: sum(shares.filter((_, i) => p[i] > 0.9)),
  };
}

function lines(values, plain, logit, value) {
  const most = Math.max(...values, ...plain) * 1.05;
  const step = [0.5, 1, 2, 5, 10, 20, 50].find((each) => most / each < 5);
  const [xticks, yticks] = [[-6, -3, 0, 3, 6], range(0, Math.floor(most / step) + 1).map((i) => i * step)];
  const { X, Y, marks } = axes({ ...BOX, x: [-6, 6], y: [0, most], xticks, yticks, xlabel: "logit of its class" });
  const path = (row) => row.map((height, i) => [X(logitOf(i)), Y(height)]);
  const dot = tag("circle", { cx: X(logit), cy: Y(value), r: 5.5, fill: ORANGE });
  const cross = curve(path(plain), { stroke: DIM, "stroke-dasharray": "5 3" });
  return marks + cross + curve(path(values), { stroke: BLUE }) + dot;
}

export function draw({ logit }, { losses, gradients, loss, gradient, shares }, { gray }) {
  const most = Math.max(...shares);
  const color = (i) => SHADES(0.9 * Math.sqrt(shares[i] / most)).map((part) => part * (0.7 + (0.3 * gray[i]) / 255));
  const plain = range(0, POINTS).map((i) => LOSS.weight(sigmoid(logitOf(i)), 1));
  const [cross, slope] = [plain.map((pair) => pair[0]), plain.map((pair) => pair[1])];
  const legend = [["this loss", BLUE], ["cross-entropy, dashed", DIM], ["the pixel", ORANGE]];
  const size = [2.5 * W, 2.5 * H];
  const pixels = { width: W, height: H, rgba: rgbaOf(shares.length, color), box: [0, 0, ...size] };
  const note = "blue: share of the gradient, the darker the more; behind it the street, faint";
  return [
    { title: "loss of one pixel", ...BOX, marks: lines(losses, cross, logit, loss), legend },
    { title: "size of its gradient", ...BOX, marks: lines(gradients, slope, logit, gradient) },
    { title: "share of the gradient in a street", width: size[0], height: size[1], pixels, note },
  ];
}

const MEANING = {
  focal: (number) => `γ = ${short(number)}`,
  weight: (number) => `Thin classes weigh ${short(number)}`,
  hard: (number) => `Pixels with p below ${fixed(number, 2)} count`,
};

export function describe({ kind }, { number, chance, loss, gradient, few, theirs, sure }) {
  const pixel = `The marked pixel has p = ${fixed(chance, 3)}, loss ${short(loss)}, gradient ${short(gradient)}.`;
  const street = `In the street, people and signs (${fixed(100 * few, 1)}% of the pixels) have `
    + `${fixed(100 * theirs, 0)}% of the gradient, pixels with p above 0.9 have ${fixed(100 * sure, 0)}%.`;
  return `${MEANING[kind](number)}. ${pixel} ${street}`;
}

const title = "Loss and gradient of one pixel, and the share of each pixel of a street in the gradient";
const widget = explorer({ title, controls, compute, draw, describe });
export default widget;
