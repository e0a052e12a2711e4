/** Lab 3: kernel size, stride and padding make the matrix of a transposed convolution, and its overlaps. */

import { BLUE, cells, DIM, explorer, ORANGE, range, rect, text } from "./kit.mjs";

const INPUTS = "abcd";
const TAPS = "xyzuvw";
const [TOP, LEFT, HEIGHT] = [20, 22, 380]; // CSS pixels

/** The height of a cell: large where there are few outputs, so that most settings fill the drawing. */
const rowOf = (outputs) => Math.min(30, (HEIGHT - TOP) / outputs);

export const controls = [
  { name: "kernel", label: "kernel size", low: 2, high: 6, value: 3 },
  { name: "stride", label: "stride", low: 1, high: 4, value: 2 },
  { name: "padding", label: "padding", low: 0, high: 2, value: 0 },
];

/** Which tap stands where in the matrix, from 1, 0 for none; terms of each output; and those of a square image. */
export function compute({ kernel, stride, padding }) {
  const outputs = (INPUTS.length - 1) * stride + kernel - 2 * padding;
  const tap = (output, input) => output + padding - input * stride + 1;
  const inside = (number) => (number >= 1 && number <= kernel ? number : 0);
  const matrix = range(0, outputs).map((y) => range(0, INPUTS.length).map((x) => inside(tap(y, x))));
  const terms = matrix.map((row) => row.filter((number) => number > 0).length);
  return { matrix, terms, square: terms.map((down) => terms.map((across) => down * across)) };
}

/** The outputs' numbers, beside rows of that height. */
function numbers(outputs, row) {
  const style = { "text-anchor": "end", fill: DIM };
  return range(0, outputs).map((i) => text(LEFT - 6, TOP + row * (i + 0.5) + 4, i, style)).join("");
}

function matrixMarks(matrix, kernel) {
  const [width, height] = [36, rowOf(matrix.length)];
  const shade = (number) => (number ? 0.2 + (0.8 * number) / kernel : 0);
  const cell = (y, x) => ({ text: TAPS[matrix[y][x] - 1], shade: shade(matrix[y][x]) });
  const style = { "text-anchor": "middle", fill: DIM };
  const inputs = [...INPUTS].map((name, i) => text(LEFT + width * (i + 0.5), 13, name, style));
  const grid = cells({ rows: matrix.length, columns: INPUTS.length, width, height, left: LEFT, top: TOP, cell });
  return grid + inputs.join("") + numbers(matrix.length, height);
}

function bars(terms) {
  const [most, row] = [Math.max(...terms), rowOf(terms.length)];
  const unit = 150 / Math.max(most, 3);
  const drawn = terms.map((count, i) => {
    const y = TOP + row * i;
    const bar = rect(LEFT, y + 3, unit * count, row - 6, { fill: count === most ? BLUE : ORANGE });
    return bar + text(LEFT + 5 + unit * count, y + row / 2 + 4, count);
  });
  return drawn.join("") + numbers(terms.length, row);
}

function squareMarks(square) {
  const most = Math.max(...square.flat());
  const cell = (y, x) => ({ text: square[y][x], shade: (0.9 * square[y][x]) / most, faint: !square[y][x] });
  return cells({ rows: square.length, columns: square.length, width: rowOf(square.length), top: TOP, cell });
}

export function draw({ kernel }, { matrix, terms, square }) {
  const [height, legend] = [HEIGHT, [["most terms", BLUE], ["fewer", ORANGE]]];
  return [
    { title: "matrix", width: 180, height, marks: matrixMarks(matrix, kernel), note: "a–d: inputs, 0…: outputs" },
    { title: "terms per output", width: 220, height, marks: bars(terms), legend },
    { title: "the same in 2-D: terms per pixel", width: 362, height, marks: squareMarks(square) },
  ];
}

function verdict(kernel, stride) {
  if (kernel < stride) return "The kernel is shorter than the stride: some outputs between the inputs get no term.";
  if (kernel % stride === 0) {
    return `${kernel} is a multiple of ${stride}: away from the border every output gets ${kernel / stride} terms.`;
  }
  return `${kernel} is not a multiple of ${stride}: neighbors get different numbers of terms, a checkerboard in 2-D.`;
}

export function describe({ kernel, stride, padding }, { terms }) {
  const [low, high] = [Math.min(...terms), Math.max(...terms)];
  const counts = low === high ? low : `${low} to ${high}`;
  const given = `Kernel ${kernel}, stride ${stride}, padding ${padding}: ${INPUTS.length} inputs become`;
  return `${given} ${terms.length} outputs, each the sum of ${counts} terms. ${verdict(kernel, stride)}`;
}

const title = "The matrix of a transposed convolution and the terms of each output";
const widget = explorer({ title, controls, compute, draw, describe });
export default widget;
