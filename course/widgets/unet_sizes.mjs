/** Lab 7: an image's size on its way through a U-Net without padding, level by level. */

import { BLUE, DIM, explorer, GREEN, INK, line, ORANGE, range, rect, tag, text } from "./kit.mjs";

const WIDTHS = [64, 128, 256, 512, 1024];
const [WIDTH, HEIGHT] = [860, 420]; // CSS pixels

export const controls = [
  { name: "size", label: "image, pixels", low: 188, high: 700, step: 2, value: 572 },
  { name: "poolings", label: "poolings", low: 1, high: 4, value: 4 },
];

/**
 * Per level [before, after] its two convolutions, the finest level first. On the way down [below, null] ends the list
 * where a pooling would leave half a window or the convolutions nothing; then there is no way up.
 */
export function compute({ size, poolings }) {
  const down = [[size, size - 4]];
  while (down.length <= poolings) {
    const below = down.at(-1)[1] / 2;
    if (below % 1 || below <= 4) return { down: [...down, [below, null]], up: [] };
    down.push([below, below - 4]);
  }
  const up = [];
  let out = down.at(-1)[1];
  for (const _ of range(0, poolings)) {
    up.unshift([2 * out, 2 * out - 4]);
    out = up[0][1];
  }
  return { down, up };
}

/** From one level to the next: right or left, and down. */
const stepOf = (poolings) => [330 / poolings, 352 / poolings];

/** Half the height of a level's box: as large as its features are in the image's pixels. */
const half = (after, size) => 3 + (27 * after) / size;

function box(x, y, level, [before, after], size, fill) {
  return rect(x - 14, y - half(after, size), 28, 2 * half(after, size), { fill })
    + text(x + 20, y - 2, `${before} → ${after}`)
    + text(x + 20, y + 14, `${WIDTHS[level]} channels`, { fill: DIM });
}

function arrow(x1, y1, x2, y2, stroke, more = {}) {
  const angle = Math.atan2(y2 - y1, x2 - x1);
  const wing = (turn) => `${x2 - 9 * Math.cos(angle + turn)},${y2 - 9 * Math.sin(angle + turn)}`;
  const head = tag("polygon", { points: `${x2},${y2} ${wing(0.4)} ${wing(-0.4)}`, fill: stroke });
  return line(x1, y1, x2, y2, { stroke, "stroke-width": 1.6, ...more }) + head;
}

function wayDown(down, poolings, size) {
  const [across, below] = stepOf(poolings);
  return down.map(([before, after], level) => {
    const [x, y] = [24 + across * level, 30 + below * level];
    const problem = before % 1 ? "half a window" : "nothing would be left";
    if (after === null) return text(x, y + 4, `${before}: ${problem}`, { "font-weight": "bold" });
    const pooling = arrow(x, y + half(after, size) + 4, x + across - 18, y + below - 8, ORANGE);
    return box(x, y, level, [before, after], size, BLUE) + (level < poolings ? pooling : "");
  });
}

function wayUp(down, up, poolings, size) {
  const [across, below] = stepOf(poolings);
  return up.map((sizes, level) => {
    const [x, y] = [724 - across * level, 30 + below * level];
    const from = level < poolings - 1 ? x - across : 24 + 330;
    const doubling = arrow(from, y + below - 18, x, y + half(sizes[1], size) + 4, INK);
    const [start, end] = [24 + across * level + 118, x - 22];
    const skip = arrow(start, y, end, y, DIM, { "stroke-dasharray": "5 3" });
    const style = { "text-anchor": "middle", fill: DIM };
    const crop = text((start + end) / 2, y - 7, `crop ${down[level][1]} to ${sizes[0]}`, style);
    return box(x, y, level, sizes, size, GREEN) + doubling + skip + crop;
  });
}

export function draw({ size, poolings }, { down, up }) {
  const marks = [...wayDown(down, poolings, size), ...wayUp(down, up, poolings, size)].join("");
  const boxes = [["on the way down", BLUE], ["on the way up", GREEN]];
  const legend = [...boxes, ["pooling", ORANGE], ["doubling", INK], ["skip connection, cropped", DIM]];
  const title = "size before → after the two 3 × 3 convolutions of each level";
  return [{ title, width: WIDTH, height: HEIGHT, marks, legend }];
}

export function describe({ size, poolings }, { down, up }) {
  if (!up.length) {
    const [below] = down.at(-1);
    return `An image of ${size} pixels does not fit ${poolings} poolings: level ${down.length} would get ${below}. `
      + "Move on until every level gets a whole number and something is left.";
  }
  const out = up[0][1];
  return `${size} pixels go in, ${out} come out: ${size - out} are lost, half of them on each side.`;
}

const widget = explorer({ title: "The sizes along a U-Net without padding", controls, compute, draw, describe });
export default widget;
