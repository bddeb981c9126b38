import { expect, test } from "vitest";
import { lineAddress, linesInAddress } from "../src/base/line-address.js";
import { lineNumber, spokenLine } from "../src/base/line-numbers.js";

test.each([
  ["#L1", [0, 0]],
  ["#L61", [60, 60]],
  ["#L61-L70", [60, 69]],
  ["#L61-70", [60, 69]],
  ["#L70-L61", [60, 69]],
  ["#L0", [0, 0]],
])("the address %s leads to lines %j", (address, lines) =>
  expect(linesInAddress(address)).toEqual(lines),
);

test.each(["", "#", "#61", "#L", "#L-1", "#L1-", "#Lx", "#L1234567890123456", "#L1 ", "x#L1"])(
  "%j is no address",
  (text) => {
    expect(linesInAddress(text)).toBeUndefined();
  },
);

test("the shown number and the address of a line count from 1", () => {
  expect([lineNumber(0), lineNumber(12_345), spokenLine(12_345)]).toEqual(["1", "12346", "12,346"]);
  expect([lineAddress([60, 60]), lineAddress([60, 69])]).toEqual(["#L61", "#L61-L70"]);
});
