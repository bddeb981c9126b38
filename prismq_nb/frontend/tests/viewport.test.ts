import { describe, expect, test } from "vitest";
import { Heights } from "../src/list/heights.js";
import { MAX_PX, scrolledHeight, toList, toScroll } from "../src/list/scale.js";
import { Viewport } from "../src/list/viewport.js";

const USUAL = 20;
const PADDING = 6;
const VIEW = 400;

/** Reproducible random numbers from 0 to below 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("heights", () => {
  test.each([1, 2, 3, 4, 5])("tops are sums of heights, and map back to rows (seed %i)", (seed) => {
    const next = random(seed);
    const heights = new Heights(USUAL);
    for (let i = 0; i < 300; i++)
      heights.set(Math.floor(next() * 2_000), Math.floor(next() * 6) * USUAL);
    for (let row = 0, top = 0; row < 2_000; top += heights.get(row++)) {
      expect(heights.top(row)).toBeCloseTo(top, 6);
      if (heights.get(row)) expect(heights.rowAt(top + heights.get(row) / 2, 2_000)).toBe(row);
    }
  });

  test("an unchanged measurement is not a change", () => {
    const heights = new Heights(USUAL);
    expect(heights.set(7, USUAL)).toBe(false);
    expect(heights.set(7, 60)).toBe(true);
    expect(heights.set(7, 60.01)).toBe(false);
    expect(heights.set(7, USUAL)).toBe(true);
    expect(heights.top(100)).toBe(100 * USUAL);
  });

  test("measurements far away are dropped, so that memory is bounded", () => {
    const heights = new Heights(USUAL);
    for (let row = 0; row < 1_000_000; row += 256) heights.set(row, 2 * USUAL);
    expect(heights.get(0)).toBe(USUAL);
    expect(heights.get(999_936)).toBe(2 * USUAL);
    expect(heights.top(1_000_000)).toBe(1_000_000 * USUAL + 256 * USUAL);
  });
});

describe("scale", () => {
  const contents = [500, MAX_PX, MAX_PX + 1, 2 * MAX_PX, 2e9, 2e13];
  test.each(contents)(
    "of %d px goes there and back, in order, from the first px to the last",
    (content) => {
      const most = scrolledHeight(content) - VIEW;
      expect(toList(0, content, VIEW)).toBe(0);
      expect(toList(most, content, VIEW)).toBe(content - VIEW);
      let before = -1;
      for (let part = 0; part <= 1_000; part++) {
        const y = toList((most * part) / 1_000, content, VIEW);
        expect(y).toBeGreaterThan(before);
        expect(toScroll(y, content, VIEW)).toBeCloseTo((most * part) / 1_000, 1);
        before = y;
      }
    },
  );

  test("near the ends, scrolling is exact", () => {
    for (const place of [0, 1, 12_345]) {
      expect(toList(place, 2e9, VIEW)).toBe(place);
      expect(toList(MAX_PX - VIEW - place, 2e9, VIEW)).toBe(2e9 - VIEW - place);
    }
  });
});

/** A list and the page that draws it: heights of rows are unknown until they are drawn. */
class Page {
  readonly viewport = new Viewport(USUAL, PADDING);
  readonly real: (row: number) => number;
  drawn: readonly [number, number] = [0, -1];
  most = 0;

  constructor(count: number, real: (row: number) => number) {
    this.real = real;
    this.viewport.view = VIEW;
    this.viewport.count = count;
  }

  layout(end = false): this {
    this.drawn = this.viewport.layout({ end, above: 100, below: 300 }, (first, last) => {
      this.most = Math.max(this.most, last - first + 1);
      for (let row = first; row <= last; row++) this.viewport.heights.set(row, this.real(row));
    });
    return this;
  }

  /** Where the drawn rows really are, by row. */
  get places(): Map<number, number> {
    const { index, top } = this.viewport;
    const places = new Map<number, number>();
    let y = top;
    for (let row = index; row >= this.drawn[0]; y -= this.real(--row)) places.set(row, y);
    y = top;
    for (let row = index; row <= this.drawn[1]; y += this.real(row++)) places.set(row, y);
    return places;
  }
}

const uniform = () => USUAL;
const wrapped = (row: number): number => USUAL * (1 + ((row * 7919) % 5));
const folded = (row: number): number => (row % 50 < 30 ? 0 : USUAL * (1 + (row % 3)));
const KINDS: [string, (row: number) => number][] = [
  ["of one height", uniform],
  ["of many heights", wrapped],
  ["some without height", folded],
];

describe.each(KINDS)("a viewport over rows %s", (_, real) => {
  test.each([1, 2, 3, 4, 5, 6])(
    "covers its window after any sequence of moves, and keeps its anchor (seed %i)",
    (seed) => {
      const next = random(seed);
      const count = Math.floor(next() * 5_000) + 200;
      const page = new Page(count, real).layout();
      for (let step = 0; step < 300; step++) {
        const { viewport } = page;
        const choice = next();
        if (choice < 0.7) {
          const before = page.places;
          const wanted = Math.round((next() - 0.5) * 300);
          viewport.moveBy(wanted);
          page.layout();
          const after = page.places;
          const moved = [...after].flatMap(([row, y]) =>
            before.has(row) ? [(before.get(row) ?? 0) - y] : [],
          );
          expect(moved.length).toBeGreaterThan(0);
          for (const by of moved) expect(by).toBeCloseTo(moved[0] ?? 0, 6); // as one
          const ends = viewport.offset < 1e-6 || viewport.rest < 1e-6;
          if (ends) expect(Math.abs(moved[0] ?? 0)).toBeLessThanOrEqual(Math.abs(wanted) + 1e-6);
          else expect(moved[0]).toBeCloseTo(wanted, 6);
        } else if (choice < 0.8)
          viewport.moveTo(next() * (scrolledHeight(viewport.content) - VIEW));
        else if (choice < 0.85) viewport.place(Math.floor(next() * count), next() * VIEW);
        else if (choice < 0.9)
          viewport.count = Math.max(viewport.count, Math.floor(count * (1 + next())));
        page.layout(choice > 0.95);
        const places = [...page.places];
        const first = places.reduce((one, other) => (other[0] < one[0] ? other : one));
        const last = places.reduce((one, other) => (other[0] > one[0] ? other : one));
        if (first[0] > 0) expect(first[1]).toBeLessThanOrEqual(0);
        if (last[0] < viewport.count - 1)
          expect(last[1] + real(last[0])).toBeGreaterThanOrEqual(VIEW);
        else expect(last[1] + real(last[0])).toBeGreaterThanOrEqual(VIEW - PADDING - 1e-6);
        if (choice > 0.95) expect(last[1] + real(last[0])).toBeCloseTo(VIEW - PADDING, 6);
        expect(page.most).toBeLessThan(700);
      }
    },
  );

  test("reaches the first row by scrolling up, however wrong its estimates were", () => {
    const page = new Page(3_000, real).layout();
    page.viewport.place(1_500, 0);
    page.layout();
    for (let step = 0; step < 20_000 && page.viewport.offset > 0; step++) {
      page.viewport.moveBy(-90);
      page.layout();
    }
    expect(page.viewport.scrollTop).toBe(0);
    expect(page.places.get(0)).toBeCloseTo(0, 6);
  });

  test("reaches the last row by scrolling down", () => {
    const page = new Page(3_000, real).layout();
    for (let step = 0; step < 20_000 && page.viewport.rest > 1e-6; step++) {
      page.viewport.moveBy(90);
      page.layout();
    }
    expect((page.places.get(2_999) ?? 0) + real(2_999)).toBeCloseTo(VIEW - PADDING, 6);
  });
});

test("a list that fits is at the top, following or not", () => {
  const page = new Page(3, wrapped);
  for (const end of [false, true]) {
    page.layout(end);
    expect([page.viewport.index, page.viewport.top, page.viewport.scrollTop]).toEqual([0, 0, 0]);
  }
});

test("steps in the middle of 100 million rows are exact, and so are both ends", () => {
  const page = new Page(100_000_000, uniform).layout();
  page.viewport.moveTo((MAX_PX - VIEW) / 2);
  page.layout();
  const [before, index] = [page.viewport.offset, page.viewport.index];
  expect(index).toBeGreaterThan(49_999_000);
  expect(index).toBeLessThan(50_001_000);
  for (let step = 0; step < 1_000; step++) page.viewport.moveBy(17);
  expect(page.viewport.offset - before).toBe(17_000);
  page.viewport.moveTo(MAX_PX - VIEW);
  page.layout();
  expect(page.drawn[1]).toBe(99_999_999);
  expect(page.viewport.rest).toBe(0);
  page.viewport.moveTo(0);
  expect([page.viewport.index, page.viewport.top]).toEqual([0, 0]);
});

test("many rows without height are skipped in one step", () => {
  const page = new Page(2_000, (row) => (row >= 30 && row < 930 ? 0 : USUAL));
  const known = (row: number): number | undefined => (page.real(row) ? undefined : 0);
  page.viewport.place(20, 0);
  let rounds = 0;
  const drawn = page.viewport.layout({ end: false, above: 0, below: 0, known }, () => rounds++);
  expect([drawn, rounds]).toEqual([[20, 939], 1]);
});

test("an empty list draws nothing", () =>
  expect(new Page(0, uniform).layout(true).drawn).toEqual([0, -1]));
