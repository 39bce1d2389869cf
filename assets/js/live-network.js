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
  let worker, next = 0;
  try {
    if (location.protocol === "file:") {
      // Browsers refuse a worker from the disk, but not one that the page has the text of.
      const parts = ["liveProduct", "liveOperations", "liveWorker"].map((name) => `earlyVision.${name} = ${earlyVision[name]};`);
      const text = `globalThis.earlyVision = {};\n${parts.join("\n")}\nearlyVision.liveWorker(globalThis);`;
      const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
      worker = new Worker(address);
      URL.revokeObjectURL(address);
    } else {
      worker = new Worker(`${scripts}live-worker.js`);
    }
  } catch {
    worker = null;
  }
  const none = () => heard.failed({ id: null, message: "This browser does not let the page compute in the background, so it cannot run the network." });
  if (!worker) {
    setTimeout(none);
    return { run: () => -1, stop: () => {} };
  }
  worker.onerror = (event) => {
    event.preventDefault();
    none();
  };
  worker.onmessage = ({ data }) => {
    const [[name, value]] = Object.entries(data);
    heard[name]?.(value);
  };
  worker.postMessage({ network, plain });
  return {
    run(picture) {
      worker.postMessage({ picture: { ...picture, id: next } });
      return next++;
    },
    stop: () => worker.terminate(),
  };
};
