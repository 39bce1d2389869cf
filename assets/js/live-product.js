/**
 * The product of matrices that a convolution is: in blocks of 4 positions by 8 channels, each a sum over all inputs.
 *
 * Numbers lie in one memory: inputs as [sum][4], weights as [sum][8], so that a block is read from front to back. A block is
 * computed by WebAssembly, 4 numbers at once, where the browser has that and the page may use it, else by JavaScript.
 */
globalThis.earlyVision ??= {};

earlyVision.liveProduct = () => {
  const ROWS = 4, COLUMNS = 8, PAGE = 65536;
  /** What live-product.wat is, assembled; tests/site/test_live.py assembles it anew and compares. */
  const ASSEMBLED = 
    "AGFzbQEAAAABCAFgBH9/f38AAhABBGxpdmUGbWVtb3J5AgABAwIBAAcJAQVibG9jawAACoECAf4BAQt7A0AgAf0ABAAhBCAB/QAEECEFIAD9CQ" +
    "IAIQYgByAGIAT95gH95AEhByAIIAYgBf3mAf3kASEIIAD9CQIEIQYgCSAGIAT95gH95AEhCSAKIAYgBf3mAf3kASEKIAD9CQIIIQYgCyAGIAT9" +
    "5gH95AEhCyAMIAYgBf3mAf3kASEMIAD9CQIMIQYgDSAGIAT95gH95AEhDSAOIAYgBf3mAf3kASEOIABBEGohACABQSBqIQEgA0EBayIDDQALIA" +
    "IgB/0LBAAgAiAI/QsEECACIAn9CwQgIAIgCv0LBDAgAiAL/QsEQCACIAz9CwRQIAIgDf0LBGAgAiAO/QsEcAsAgwEEbmFtZQJxAQAPAAVpbnB1" +
    "dAEHd2VpZ2h0cwIGcmVzdWx0AwZsZW5ndGgEBGxlZnQFBXJpZ2h0BgNvbmUHBWxlZnQwCAZyaWdodDAJBWxlZnQxCgZyaWdodDELBWxlZnQyDA" +
    "ZyaWdodDINBWxlZnQzDgZyaWdodDMDCQEAAQAEbmV4dA==";

  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

  /**
   * Two rows by four columns of a block, as many as there are registers for. Sums are in double precision: to round each of
   * them to single takes four times as long.
   */
  const quarter = (memory, from, by, to, length) => {
    let a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0;
    let at = from, other = by;
    for (let left = length; left > 0; left--) {
      const x = memory[at], y = memory[at + 1];
      const p = memory[other], q = memory[other + 1], r = memory[other + 2], s = memory[other + 3];
      a += x * p;
      b += x * q;
      c += x * r;
      d += x * s;
      e += y * p;
      f += y * q;
      g += y * r;
      h += y * s;
      at += ROWS;
      other += COLUMNS;
    }
    memory[to] = a;
    memory[to + 1] = b;
    memory[to + 2] = c;
    memory[to + 3] = d;
    memory[to + COLUMNS] = e;
    memory[to + COLUMNS + 1] = f;
    memory[to + COLUMNS + 2] = g;
    memory[to + COLUMNS + 3] = h;
  };

  const plainBlock = (memory) => (input, weights, result, length) => {
    const from = input >> 2, by = weights >> 2, to = result >> 2;
    for (let row = 0; row < ROWS; row += 2) {
      for (let column = 0; column < COLUMNS; column += 4) {
        quarter(memory, from + row, by + column, to + row * COLUMNS + column, length);
      }
    }
  };

  /**
   * @param {number} floats how many numbers the memory is to hold
   * @param {boolean} plain whether to use JavaScript whatever else there is
   * @returns {{memory: Float32Array, block: (input: number, weights: number, result: number, length: number) => void,
   *     simd: boolean}} `block` sums `length` products for each of its 4 by 8 results; all places are in bytes
   */
  const product = (floats, plain = false) => {
    if (!plain) {
      try {
        const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * floats) / PAGE) });
        const assembled = new WebAssembly.Instance(new WebAssembly.Module(bytes(ASSEMBLED)), { live: { memory } });
        return { memory: new Float32Array(memory.buffer), block: assembled.exports.block, simd: true };
      } catch {
        // No WebAssembly, none of its vectors, or a policy against it.
      }
    }
    const memory = new Float32Array(floats);
    return { memory, block: plainBlock(memory), simd: false };
  };

  return { product, ROWS, COLUMNS };
};
