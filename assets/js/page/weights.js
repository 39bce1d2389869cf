/**
 * The weights between two neurons, large: as the page of a neuron and circuit figures have them small. They are loaded when
 * they are first asked for; early_vision/site/data/weights.py says what the files hold.
 *
 * A connection is {address, of, direction}: the addresses of a neuron's page and of the one among whose strongest "inputs"
 * or "outputs" it is.
 */
globalThis.earlyVision ??= {};

{
  const NEURON = /\/neurons\/([\w.-]+)\/(\d+)\.html$/;
  const SAID = {
    e: (from, to) => `${from} excites ${to}`,
    i: (from, to) => `${from} inhibits ${to}`,
    m: (from, to) => `${from} excites ${to} at some places, and inhibits it at others`,
  };
  /** Shares of the full colour from which numbers on it are white in the light, and black in the dark. */
  const DARK_FROM = { exciting: 0.75, inhibiting: 0.92 }, BRIGHT_FROM = { exciting: 0.63, inhibiting: 0.57 };
  const SHOWN = 2;

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  };

  /** A neuron's name, by its address. */
  const nameOf = (address) => new URL(address).pathname.match(NEURON).slice(1).join(":");

  const files = new Map();
  const load = (address) => {
    if (!files.has(address)) {
      const loaded = new Promise((resolve, reject) => {
        const script = document.createElement("script");
        Object.assign(script, { src: address.replace(/html$/, "js"), onload: resolve, onerror: reject });
        document.head.append(script);
      });
      files.set(address, loaded.then(() => globalThis.earlyVisionWeights[nameOf(address)]));
    }
    return files.get(address);
  };

  const sum = (weights, sign) => weights.reduce((all, one) => all + (one * sign > 0 ? one : 0), 0);
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", STEPS = 2047;
  /** The weights of each kernel in a list. */
  const unpacked = ({ kernels, scale }) => {
    const digits = Array.from(kernels, (one) => DIGITS.indexOf(one));
    const all = [];
    for (let at = 0; at < digits.length; ) {
      const count = digits[at++] ** 2;
      all.push(Array.from({ length: count }, (_, one) => ((64 * digits[at + 2 * one] + digits[at + 2 * one + 1] - STEPS) / STEPS) * scale));
      at += 2 * count;
    }
    return all;
  };

  /**
   * A neuron's strongest connections in a direction, the strongest first.
   *
   * @param {string} of the address of its page
   * @param {"inputs" | "outputs"} direction
   * @returns {Promise<object[]>} connections, each with: name, of the other neuron; kind, a letter; weights, rows from the
   *     top; side of their square; scale, the largest magnitude in the list; excitation and inhibition, their sums
   */
  earlyVision.connections = async (of, direction) => {
    const list = (await load(of))[direction];
    const kernels = list ? unpacked(list) : [];
    return kernels.map((weights, at) => {
      const channel = list.channels[at];
      return {
        address: new URL(`../${list.layer}/${channel}.html`, of).href, of, direction, name: `${list.layer}:${channel}`,
        kind: list.kinds[at], weights, side: Math.sqrt(weights.length), scale: list.scale,
        excitation: sum(weights, 1), inhibition: sum(weights, -1),
      };
    });
  };

  /** A connection with its weights; nothing where it is not among the strongest. */
  earlyVision.connection = async ({ address, of, direction }) =>
    (await earlyVision.connections(of, direction)).find((one) => one.address === address);

  /** The connections that a link to a neuron stands for: on a neuron's page one, in a circuit figure one or more. */
  earlyVision.connectionsOf = (link) => {
    const address = new URL(link.href.baseVal ?? link.href, document.baseURI).href;
    if (link.dataset.on) {
      const targets = link.dataset.on.split(" ").map((name) => new URL(`../${name.replace(":", "/")}.html`, address).href);
      return targets.map((of) => ({ address, of, direction: "inputs" }));
    }
    const list = link.closest(".connections:not(.symmetries)")?.closest("#inputs, #outputs");
    return list ? [{ address, of: location.href.replace(/[?#].*$/, ""), direction: list.id }] : [];
  };

  /** A number with its sign and as many digits as are worth it where `scale` is the largest. */
  earlyVision.weightNumber = (value, scale) => {
    const decimals = Math.max(2, 1 - Math.floor(Math.log10(scale)));
    const text = value.toFixed(decimals);
    return Number(text) ? `${value > 0 ? "+" : "−"}${text.replace("-", "")}` : "0";
  };

  /** A kernel as a square of cells: with its numbers, or only what in it is of one sign. */
  earlyVision.kernelSquare = ({ weights, side: across, scale }, { numbers = false, sign = 0 } = {}) => {
    const square = element("div", `kernel-square${numbers ? " numbered" : ""}`);
    square.style.setProperty("--side", across);
    for (const weight of weights) {
      const shown = sign && weight * sign < 0 ? 0 : weight, share = Math.abs(shown) / scale;
      const side = shown > 0 ? "exciting" : "inhibiting";
      const cell = element("span", side, numbers ? earlyVision.weightNumber(weight, scale) : "");
      cell.style.setProperty("--share", share.toFixed(3));
      cell.classList.toggle("dark", share > DARK_FROM[side]);
      cell.classList.toggle("bright", share > BRIGHT_FROM[side]);
      square.append(cell);
    }
    return square;
  };

  /** A connection large: its kernel with numbers, and beside it its excitation and its inhibition apart. */
  earlyVision.connectionShown = (one) => {
    const apart = [["excitation", 1], ["inhibition", -1]].map(([word, sign]) =>
      element(
        "figure", `apart ${sign > 0 ? "exciting" : "inhibiting"}`,
        earlyVision.kernelSquare(one, { sign }),
        element("figcaption", "", word, " ", element("b", "", earlyVision.weightNumber(one[word], one.scale))),
      ),
    );
    const kernel = earlyVision.kernelSquare(one, { numbers: true });
    const rows = Array.from({ length: one.side }, (_, y) =>
      one.weights.slice(y * one.side, (y + 1) * one.side).map((weight) => earlyVision.weightNumber(weight, one.scale)).join(" "),
    );
    kernel.setAttribute("role", "img");
    kernel.setAttribute("aria-label", `Weights, rows from the top: ${rows.join("; ")}`);
    for (const { firstChild } of apart) firstChild.setAttribute("aria-hidden", "true");
    return element("div", "weights-shown", kernel, element("div", "both", ...apart));
  };

  /** Who acts on whom, and how. */
  earlyVision.connectionWords = ({ name, of, direction, kind }) => {
    const [from, to] = direction === "inputs" ? [name, nameOf(of)] : [nameOf(of), name];
    return SAID[kind](from, to);
  };

  /** What a card shows of some connections; nothing of those whose weights are not among the strongest. */
  earlyVision.weightsShown = async (connections) => {
    const found = await Promise.all(connections.slice(0, SHOWN).map((one) => earlyVision.connection(one).catch(() => null)));
    return found.filter(Boolean).map((one) =>
      element("section", "connection", element("p", "", earlyVision.connectionWords(one)), earlyVision.connectionShown(one)),
    );
  };
}
