/** Below this many values the engine's own sort is faster. */
const FEW = 4_096;
const DIGITS = [
  { shift: 0, bits: 11 },
  { shift: 11, bits: 11 },
  { shift: 22, bits: 10 },
] as const;

/**
 * The values [n] that are not NaN, ascending, as a copy. Many float32 values are sorted by the digits of their bits (LSD
 * radix sort), which takes a fraction of the time that comparing them does.
 */
export function sortedPresent(values: Float32Array | Float64Array): Float32Array | Float64Array {
  const copy = values.slice();
  let kept = 0;
  for (let at = 0; at < copy.length; at++) {
    const value = copy[at]!;
    if (value === value) copy[kept++] = value;
  }
  const present = copy.subarray(0, kept);
  return present instanceof Float32Array && present.length >= FEW ? radixSorted(present) : present.sort();
}

/** Sorts in place. */
function radixSorted(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let from = new Uint32Array(values.length);
  let to = new Uint32Array(values.length);
  // Negative numbers descend by their bits, and their highest bit is set.
  for (let at = 0; at < bits.length; at++) from[at] = bits[at]! ^ ((bits[at]! >> 31) | 0x80000000);
  for (const { shift, bits: width } of DIGITS) {
    const mask = (1 << width) - 1;
    const starts = new Uint32Array(1 << width);
    for (let at = 0; at < from.length; at++) starts[(from[at]! >>> shift) & mask]!++;
    let sum = 0;
    for (let digit = 0; digit <= mask; digit++) {
      const count = starts[digit]!;
      starts[digit] = sum;
      sum += count;
    }
    for (let at = 0; at < from.length; at++) to[starts[(from[at]! >>> shift) & mask]!++] = from[at]!;
    [from, to] = [to, from];
  }
  for (let at = 0; at < bits.length; at++) bits[at] = from[at]! ^ (~(from[at]! >> 31) | 0x80000000);
  return values;
}
