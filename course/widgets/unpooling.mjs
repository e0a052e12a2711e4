/** Lab 4: a small image is max-pooled and unpooled in three ways; only switches remember where. */

import { cells, explorer, ORANGE, range } from "./kit.mjs";

const MOST = 8; // pixels of the largest image, each way
const SIDE = 240; // CSS pixels that the image fills

export const controls = [
  {
    name: "kind", label: "unpooling",
    options: [["max-unpooling with switches", "switches"], ["nearest", "nearest"], ["bed of nails", "nails"]],
  },
  { name: "size", label: "image size", low: 2, high: 8, value: 4 },
  { name: "seed", label: "other digits", low: 0, high: 20, value: 0 },
];

/** The pixels of a 2 × 2 window, row by row, as [row, column]. */
const windowOf = (row, column) => [0, 1, 2, 3].map((i) => [2 * row + (i >> 1), 2 * column + (i % 2)]);

/** The image, its pooled maxima, the pixel [row, column] of each maximum, and the unpooled image. */
export function compute({ kind, size, seed }, { digits }) {
  const digit = (row, column) => digits[(seed * MOST + row) * MOST + column];
  const image = range(0, size).map((row) => range(0, size).map((column) => digit(row, column)));
  const half = range(0, Math.floor(size / 2));
  const largest = (best, [row, column]) => (image[row][column] > image[best[0]][best[1]] ? [row, column] : best);
  const switches = half.map((row) => half.map((column) => windowOf(row, column).reduce(largest)));
  const pooled = switches.map((line) => line.map(([row, column]) => image[row][column]));
  const holds = (row, column) => switches.flat().some(([y, x]) => y === row && x === column);
  const ways = {
    nearest: (row, column) => pooled[Math.min(row >> 1, half.length - 1)][Math.min(column >> 1, half.length - 1)],
    nails: (row, column) => (row % 2 || column % 2 ? 0 : pooled[row >> 1]?.[column >> 1] ?? 0),
    switches: (row, column) => (holds(row, column) ? image[row][column] : 0),
  };
  const unpooled = image.map((line, row) => line.map((_, column) => ways[kind](row, column)));
  const back = unpooled.flat().filter((value, i) => value > 0 && value === image.flat()[i]).length;
  return { image, pooled, switches, unpooled, back };
}

function grid(values, size, outlined = []) {
  const cell = (row, column) => ({
    text: values[row][column],
    shade: values[row][column] / 9,
    faint: values[row][column] === 0,
    outline: outlined.some(([y, x]) => y === row && x === column),
  });
  return cells({ rows: values.length, columns: values.length, width: SIDE / size, cell });
}

export function draw({ kind, size }, { image, pooled, switches, unpooled }) {
  const panel = (name, values, outlined) => {
    const title = `${name}, ${values.length} × ${values.length}`;
    return { title, width: SIDE, height: SIDE, marks: grid(values, size, outlined) };
  };
  const legend = [["maximum of its window", ORANGE]];
  const [found, kept] = [switches.flat(), kind === "switches" ? switches.flat() : []];
  return [{ ...panel("image", image, found), legend }, panel("pooled", pooled), panel("unpooled", unpooled, kept)];
}

const HOW = {
  switches: "Each maximum returns to the pixel that its switch names, zeros elsewhere",
  nearest: "Each maximum fills its window",
  nails: "Each maximum goes to the top left corner of its window, zeros elsewhere",
};

export function describe({ kind, size }, { pooled, back }) {
  const kept = `Pooling keeps ${pooled.length ** 2} numbers of ${size * size}`;
  return `${HOW[kind]}. ${kept}; ${back} pixels have their value back.`;
}

const widget = explorer({ title: "An image of digits, pooled and unpooled", controls, compute, draw, describe });
export default widget;
