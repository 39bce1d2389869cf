/**
 * The network as the page has it: give it a picture, and it calls back with each layer.
 */
globalThis.earlyVision ??= {};

/**
 * @param {object} network earlyVisionNetwork
 * @param {{ready?: Function, layer?: Function, done?: Function, failed: Function}} heard called with what live-worker.js
 *     posts under these names
 * @param {{plain?: boolean, scripts?: string}} options whether to leave WebAssembly out; where the scripts are
 * @returns {{run: (picture: {width: number, height: number, pixels: Uint8ClampedArray}) => number, stop: () => void}} `run`
 *     gives the picture's id
 */
earlyVision.liveNetwork = (network, heard, { plain = false, scripts = "../assets/" } = {}) => {
  let worker, next = 0, isReady = false;
  /** Messages with pictures until the worker is ready for them. */
  const early = [];

  /** From the page's own text: so it is under the page's policy, and from the disk browsers refuse any other. */
  const fromText = () => {
    const parts = ["liveProduct", "liveOperations", "liveWorker"].map((name) => `earlyVision.${name} = ${earlyVision[name]};`);
    const text = `globalThis.earlyVision = {};\n${parts.join("\n")}\nearlyVision.liveWorker(globalThis);`;
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    try {
      return new Worker(address);
    } finally {
      URL.revokeObjectURL(address);
    }
  };
  /** Where a server's policy, under which its file is too, does not allow that. */
  const fromFile = () => new Worker(`${scripts}live-worker.js`);
  const kinds = location.protocol === "file:" ? [fromText] : [fromText, fromFile];

  const none = () => heard.failed({ id: null, message: "This browser does not let the page compute in the background, so it cannot run the network." });
  const begin = () => {
    const kind = kinds.shift();
    if (!kind) return none();
    try {
      worker = kind();
    } catch {
      return begin();
    }
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      if (isReady) none();
      else begin();
    };
    worker.onmessage = ({ data }) => {
      isReady = true;
      for (const message of early.splice(0)) worker.postMessage(message);
      const [[name, value]] = Object.entries(data);
      heard[name]?.(value);
    };
    worker.postMessage({ network, plain });
  };
  // Whoever is told that it failed has this function's result by then.
  setTimeout(begin);

  return {
    run(picture) {
      const message = { picture: { ...picture, id: next } };
      if (isReady) worker.postMessage(message);
      else early.push(message);
      return next++;
    },
    stop: () => worker?.terminate(),
  };
};
