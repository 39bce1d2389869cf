/**
 * What runs beside the page: it takes a network once, then pictures, and gives back each layer as soon as it is there.
 *
 * Messages to it: {network, plain} with what data/live.js holds; {picture: {id, width, height, pixels}}, RGBA. Messages from
 * it: {ready: {simd}}; {layer: {id, name, height, width, channels, values, highest, places, ms}}, where highest and places
 * are each channel's largest value and its position; {done: {id, ms}}; {failed: {id, message}}.
 */
globalThis.earlyVision ??= {};

earlyVision.liveWorker = (scope) => {
  let network, operations;

  /** Half-precision numbers as float32. */
  const halves = (bytes) => {
    const whole = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    const result = new Float32Array(whole.length);
    for (let at = 0; at < whole.length; at++) {
      const half = whole[at], exponent = (half >> 10) & 31, fraction = half & 1023;
      const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
      result[at] = half & 0x8000 ? -size : size;
    }
    return result;
  };

  const take = (given, plain) => {
    const bytes = Uint8Array.from(atob(given.weights), (one) => one.charCodeAt(0));
    const tensors = {}, shapes = {};
    for (const { name, shape, type, offset } of given.tensors) {
      const size = shape.reduce((a, b) => a * b);
      const own = bytes.slice(offset, offset + size * (type === "float16" ? 2 : 4));
      tensors[name] = type === "float16" ? halves(own) : new Float32Array(own.buffer);
      shapes[name] = shape;
    }
    network = { nodes: given.nodes, layers: Object.keys(given.layers), inputMean: given.inputMean, tensors, shapes };
    operations = earlyVision.liveOperations(network, earlyVision.liveProduct(), plain);
  };

  const asInput = ({ width, height, pixels }) => {
    const mean = [network.inputMean].flat(), values = new Float32Array(width * height * 3);
    for (let pixel = 0; pixel < width * height; pixel++) {
      for (let c = 0; c < 3; c++) values[3 * pixel + c] = pixels[4 * pixel + c] - mean[c % mean.length];
    }
    return { height, width, channels: 3, values };
  };

  const strongest = ({ values, channels }) => {
    const highest = values.slice(0, channels), places = new Int32Array(channels);
    for (let from = channels, position = 1; from < values.length; from += channels, position++) {
      for (let c = 0; c < channels; c++) {
        if (values[from + c] > highest[c]) {
          highest[c] = values[from + c];
          places[c] = position;
        }
      }
    }
    return { highest, places };
  };

  const run = (picture) => {
    const begun = performance.now(), values = new Map([["input", asInput(picture)]]);
    for (const [at, node] of network.nodes.entries()) {
      const value = operations.compute(node, node.inputs.map((name) => values.get(name)));
      values.set(node.name, value);
      const needed = new Set(network.nodes.slice(at + 1).flatMap(({ inputs }) => inputs));
      if (network.layers.includes(node.name)) {
        const { highest, places } = strongest(value), own = needed.has(node.name) ? value.values.slice() : value.values;
        const layer = { ...value, id: picture.id, name: node.name, values: own, highest, places, ms: performance.now() - begun };
        scope.postMessage({ layer }, [own.buffer, highest.buffer, places.buffer]);
      }
      for (const name of values.keys()) if (!needed.has(name)) values.delete(name);
    }
    scope.postMessage({ done: { id: picture.id, ms: performance.now() - begun } });
  };

  scope.onmessage = ({ data }) => {
    const id = data.picture?.id ?? null;
    try {
      if (data.network) {
        take(data.network, data.plain);
        scope.postMessage({ ready: { simd: operations.simd } });
      } else {
        run(data.picture);
      }
    } catch (error) {
      const message = error instanceof RangeError ? "There is not enough memory for this picture." : error.message;
      scope.postMessage({ failed: { id, message } });
    }
  };
};

// As the file of a worker: where a server's policy does not let live-network.js make one of the functions.
if (typeof document === "undefined" && typeof importScripts === "function" && !earlyVision.liveOperations) {
  importScripts("live-product.js", "live-operations.js");
  earlyVision.liveWorker(globalThis);
}
