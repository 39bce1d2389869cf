/**
 * The arithmetic of a network: every operation of early_vision/network/architecture.py, one function each.
 *
 * A value is {height, width, channels, values}, values as float32 [height][width][channels], as TensorFlow has them.
 */
globalThis.earlyVision ??= {};

/**
 * @param {object} network earlyVisionNetwork, with `tensors` as float32 by name
 * @param {{product: Function, ROWS: number, COLUMNS: number}} products earlyVision.liveProduct()
 * @param {boolean} plain whether to leave WebAssembly out
 * @returns {{compute: (node: object, inputs: object[]) => object, simd: boolean}}
 * @throws {Error} for an operation that is not known here
 */
earlyVision.liveOperations = (network, products, plain) => {
  const { ROWS, COLUMNS } = products;
  /** Blocks of positions whose inputs are put in order at once: they stay near the processor. */
  const QUADS = 16;

  /* Activations */

  /** The error function within 1.5e-7 (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26). */
  const erf = (x) => {
    const t = 1 / (1 + 0.3275911 * Math.abs(x));
    const sum = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    return Math.sign(x) * (1 - sum * Math.exp(-x * x));
  };
  const ACTIVATIONS = {
    linear: () => (x) => x,
    relu: () => (x) => (x > 0 ? x : 0),
    relu6: () => (x) => Math.min(Math.max(x, 0), 6),
    leaky_relu: ({ slope }) => (x) => (x > 0 ? x : slope * x),
    elu: () => (x) => (x > 0 ? x : Math.expm1(x)),
    silu: () => (x) => x / (1 + Math.exp(-x)),
    gelu: () => (x) => (x * (1 + erf(x * Math.SQRT1_2))) / 2,
    sigmoid: () => (x) => 1 / (1 + Math.exp(-x)),
    tanh: () => Math.tanh,
    sign: () => (x) => (x >= 0 ? 1 : -1),
  };

  /* Windows */

  /** Positions along a side, and pixels of padding before it: `output_size` of the architecture. */
  const along = (node, size) => {
    const { kernel, stride, padding } = node;
    if (padding === "same") {
      const count = Math.ceil(size / stride);
      return { count, before: Math.max((count - 1) * stride + kernel - size, 0) >> 1 };
    }
    const [before, after] = padding === "valid" ? [0, 0] : padding;
    const span = size + before + after - kernel;
    if (!node.ceil) return { count: Math.floor(span / stride) + 1, before };
    return { count: Math.min(Math.ceil(span / stride) + 1, Math.ceil((size + before) / stride)), before };
  };

  const empty = (node, input, channels = input.channels) => {
    const rows = along(node, input.height), columns = along(node, input.width);
    if (rows.count < 1 || columns.count < 1) throw new Error(`The picture is too small for ${node.name}.`);
    const values = new Float32Array(rows.count * columns.count * channels);
    return { output: { height: rows.count, width: columns.count, channels, values }, top: rows.before, left: columns.before };
  };

  /* Convolution */

  const lengthOf = (node) => network.shapes[`${node.name}_w`].slice(0, 3).reduce((a, b) => a * b);
  const panelsOf = (node) => Math.ceil(node.channels / node.groups / COLUMNS);
  const convolutions = network.nodes.filter(({ op }) => op === "conv");
  const packed = convolutions.reduce((sum, node) => sum + node.groups * panelsOf(node) * lengthOf(node) * COLUMNS, 0);
  const longest = Math.max(1, ...convolutions.map(lengthOf));
  const inputsAt = packed, resultAt = packed + longest * ROWS * QUADS;
  const { memory, block, simd } = products.product(resultAt + ROWS * COLUMNS, plain);

  const weightsAt = new Map();
  let free = 0;
  for (const node of convolutions) {
    const weights = network.tensors[`${node.name}_w`], length = lengthOf(node), own = node.channels / node.groups;
    weightsAt.set(node.name, free);
    for (let group = 0; group < node.groups; group++) {
      for (let panel = 0; panel < panelsOf(node); panel++) {
        const first = panel * COLUMNS, columns = Math.min(COLUMNS, own - first);
        for (let k = 0; k < length; k++, free += COLUMNS) {
          const from = k * node.channels + group * own + first;
          for (let column = 0; column < columns; column++) memory[free + column] = weights[from + column];
        }
      }
    }
  }

  /** What four positions see of a group's channels, one after the other, interleaved. */
  const gather = (node, input, at, first, count, group, top, left, width) => {
    const { kernel, stride } = node, own = input.channels / node.groups, from = group * own, { values } = input;
    for (let row = 0; row < ROWS; row++) {
      let to = at + row;
      const position = Math.min(first + row, count - 1);
      const y0 = Math.floor(position / width) * stride - top, x0 = (position % width) * stride - left;
      for (let ky = 0; ky < kernel; ky++) {
        const y = y0 + ky;
        for (let kx = 0; kx < kernel; kx++) {
          const x = x0 + kx;
          if (y < 0 || y >= input.height || x < 0 || x >= input.width) {
            for (let c = 0; c < own; c++, to += ROWS) memory[to] = node.paddingValue;
          } else {
            const pixel = (y * input.width + x) * input.channels + from;
            for (let c = 0; c < own; c++, to += ROWS) memory[to] = values[pixel + c];
          }
        }
      }
    }
  };

  const conv = (node, [input]) => {
    const { output, top, left } = empty(node, input, node.channels);
    const bias = network.tensors[`${node.name}_b`], activate = ACTIVATIONS[node.activation](node);
    const length = lengthOf(node), panels = panelsOf(node), own = node.channels / node.groups;
    const count = output.height * output.width, isRelu = node.activation === "relu", { values } = output;
    for (let first = 0; first < count; first += ROWS * QUADS) {
      const quads = Math.min(QUADS, Math.ceil((count - first) / ROWS));
      for (let group = 0; group < node.groups; group++) {
        for (let quad = 0; quad < quads; quad++) {
          gather(node, input, inputsAt + quad * length * ROWS, first + quad * ROWS, count, group, top, left, output.width);
        }
        for (let panel = 0; panel < panels; panel++) {
          const weights = weightsAt.get(node.name) + (group * panels + panel) * length * COLUMNS;
          const channel = group * own + panel * COLUMNS, columns = Math.min(COLUMNS, own - panel * COLUMNS);
          for (let quad = 0; quad < quads; quad++) {
            block(4 * (inputsAt + quad * length * ROWS), 4 * weights, 4 * resultAt, length);
            const begin = first + quad * ROWS, rows = Math.min(ROWS, count - begin);
            for (let row = 0; row < rows; row++) {
              const from = resultAt + row * COLUMNS, to = (begin + row) * node.channels + channel;
              for (let column = 0; column < columns; column++) {
                const sum = memory[from + column] + bias[channel + column];
                values[to + column] = isRelu ? (sum > 0 ? sum : 0) : activate(sum);
              }
            }
          }
        }
      }
    }
    return output;
  };

  /* The others */

  /** Calls `each` with where the pixels of every window are, and where its result belongs. */
  const windows = (node, { output, top, left }, input, each) => {
    const { kernel, stride } = node, { channels } = input;
    for (let row = 0; row < output.height; row++) {
      const y0 = row * stride - top, y1 = Math.min(y0 + kernel, input.height);
      for (let column = 0; column < output.width; column++) {
        const x0 = column * stride - left, x1 = Math.min(x0 + kernel, input.width);
        const to = (row * output.width + column) * channels;
        let first = true;
        for (let y = Math.max(y0, 0); y < y1; y++) {
          for (let x = Math.max(x0, 0); x < x1; x++, first = false) {
            each((y * input.width + x) * channels, to, first);
          }
        }
      }
    }
  };

  const maxPool = (node, [input]) => {
    const made = empty(node, input), { values, channels } = input, to = made.output.values;
    windows(node, made, input, (from, at, first) => {
      for (let c = 0; c < channels; c++) if (first || values[from + c] > to[at + c]) to[at + c] = values[from + c];
    });
    return made.output;
  };

  const averagePool = (node, [input]) => {
    const made = empty(node, input), { values, channels } = input, to = made.output.values;
    const seen = new Uint16Array(made.output.height * made.output.width);
    windows(node, made, input, (from, at) => {
      seen[at / channels]++;
      for (let c = 0; c < channels; c++) to[at + c] += values[from + c];
    });
    const all = node.kernel ** 2, within = node.padding === "same";
    seen.forEach((pixels, position) => {
      for (let c = 0; c < channels; c++) to[position * channels + c] /= within ? pixels : all;
    });
    return made.output;
  };

  const like = (input, values) => ({ ...input, values });

  const normalize = ({ lrn }, [input]) => {
    const { values, channels } = input, result = new Float32Array(values.length), squares = new Float64Array(channels);
    const { depthRadius: radius, bias, alpha, beta } = lrn;
    for (let from = 0; from < values.length; from += channels) {
      for (let c = 0; c < channels; c++) squares[c] = values[from + c] ** 2;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let other = Math.max(0, c - radius); other <= Math.min(channels - 1, c + radius); other++) sum += squares[other];
        const energy = bias + alpha * sum;
        result[from + c] = values[from + c] * (beta === 0.5 ? 1 / Math.sqrt(energy) : energy ** -beta);
      }
    }
    return like(input, result);
  };

  const scale = (node, [input]) => {
    const by = network.tensors[`${node.name}_w`], plus = network.tensors[`${node.name}_b`];
    return like(input, input.values.map((value, at) => value * by[at % input.channels] + plus[at % input.channels]));
  };

  const add = (node, [first, ...others]) => {
    const sum = first.values.slice();
    for (const { values } of others) for (let at = 0; at < sum.length; at++) sum[at] += values[at];
    return like(first, sum);
  };

  const concat = (node, inputs) => {
    const { height, width } = inputs[0], channels = inputs.reduce((sum, one) => sum + one.channels, 0);
    const values = new Float32Array(height * width * channels);
    let offset = 0;
    for (const one of inputs) {
      for (let position = 0; position < height * width; position++) {
        const own = one.values.subarray(position * one.channels, (position + 1) * one.channels);
        values.set(own, position * channels + offset);
      }
      offset += one.channels;
    }
    return { height, width, channels, values };
  };

  const OPERATIONS = { conv, max_pool: maxPool, avg_pool: averagePool, lrn: normalize, scale, add, concat };
  for (const [name, of] of Object.entries(ACTIVATIONS)) {
    OPERATIONS[name] = (node, [input]) => like(input, input.values.map(of(node)));
  }
  for (const { name, op, activation } of network.nodes) {
    if (!(op in OPERATIONS) || (op === "conv" && !(activation in ACTIVATIONS))) {
      throw new Error(`This page does not know how to compute ${name}: ${op in OPERATIONS ? activation : op}.`);
    }
  }
  return { compute: (node, inputs) => OPERATIONS[node.op](node, inputs), simd };
};
