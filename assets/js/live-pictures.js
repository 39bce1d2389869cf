/**
 * Pictures for the network: from files, drawn on a pad, or computed. Each becomes {canvas, width, height, pixels}.
 */
globalThis.earlyVision ??= {};

earlyVision.livePictures = (() => {
  /** Behind what is transparent. */
  const MID_GREY = "#808080";
  /** Of a shorter longest side a picture is enlarged to it: the later layers see 100 pixels and more at once. */
  const SMALLEST = 64;
  /** Files from here on are scaled while they are decoded. */
  const LARGE_BYTES = 3e6, LARGE_PIXELS = 12e6, DECODED_WIDTH = 640;
  const THINNEST = 8;

  /** Pixels of a PNG as its head has them, 0 for other files. */
  const pixelsOf = (head) => {
    const view = new DataView(head.buffer);
    return head.length > 24 && view.getUint32(0) === 0x89504e47 ? view.getUint32(16) * view.getUint32(20) : 0;
  };
  const isAnimated = (head) => /^GIF8|WEBP.*ANIM|PNG.*acTL/s.test(String.fromCharCode(...head));

  /** What is drawn in the size that the network sees. */
  const drawn = (width, height, draw) => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = MID_GREY;
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    draw(context);
    return { canvas, width, height, pixels: context.getImageData(0, 0, width, height).data };
  };

  /** Anything that a canvas can draw, with a longest side of at most `side` pixels. */
  const scaled = (source, width, height, side) => {
    const longest = Math.max(width, height), wanted = Math.min(side, Math.max(longest, SMALLEST));
    const fit = (size) => Math.max(THINNEST, Math.round((size * wanted) / longest));
    const to = [fit(width), fit(height)];
    return drawn(...to, (context) => context.drawImage(source, 0, 0, ...to));
  };

  /**
   * A file as a picture, and what has to be said of it.
   *
   * @throws {Error} with a sentence for the reader
   */
  const fromFile = async (file, side) => {
    if (!file.size) throw new Error("This file is empty.");
    const head = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
    const large = file.size > LARGE_BYTES || pixelsOf(head) > LARGE_PIXELS;
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, large ? { resizeWidth: DECODED_WIDTH, resizeQuality: "high" } : {});
    } catch {
      const why = large ? " It may be too large: try it smaller." : "";
      throw new Error(`The browser cannot read this file as a picture.${why}`);
    }
    const { width, height } = bitmap, said = [];
    if (!large && Math.max(width, height) < SMALLEST) said.push(`This picture has only ${width} × ${height} pixels, and was enlarged.`);
    if (large) said.push("This picture was scaled down while it was decoded.");
    if (isAnimated(head)) said.push("Of this animation the first picture is used.");
    const picture = scaled(bitmap, width, height, side);
    bitmap.close();
    return { picture, said: said.join(" ") };
  };

  /** A wave, an edge or a line on grey, turned, bent and coloured. Angles are counter-clockwise from horizontal. */
  const stimulus = ({ kind, orientation, frequency, curvature, hue }, side) => {
    const angle = (orientation * Math.PI) / 180, pixels = new ImageData(side, side), half = (side - 1) / 2;
    const colour = [0, 120, 240].map((turn) => (hue === null ? 1 : Math.cos(((hue - turn) * Math.PI) / 180)));
    const size = hue === null ? 110 : 100, width = 0.25 / frequency;
    const profiles = {
      grating: (across) => Math.sin(2 * Math.PI * frequency * across),
      edge: (across) => Math.min(1, Math.max(-1, across)),
      line: (across) => 2 * Math.min(1, Math.max(0, width + 0.5 - Math.abs(across))) - 1,
    };
    const profile = profiles[kind];
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const x = column - half, y = half - row;
        const along = x * Math.cos(angle) + y * Math.sin(angle);
        let across = y * Math.cos(angle) - x * Math.sin(angle);
        if (curvature) across = 1 / curvature - Math.hypot(along, 1 / curvature - across);
        const value = size * profile(across), at = 4 * (row * side + column);
        for (let c = 0; c < 3; c++) pixels.data[at + c] = Math.round(128 + value * colour[c]);
        pixels.data[at + 3] = 255;
      }
    }
    return drawn(side, side, (context) => context.putImageData(pixels, 0, 0));
  };

  /** A picture of the build, from the PNG that its script holds. */
  const fromScript = async ({ png }, side) => {
    const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0));
    return (await fromFile(new Blob([bytes], { type: "image/png" }), side)).picture;
  };

  return { fromFile, fromScript, scaled, stimulus };
})();

/**
 * A pad to draw on, by mouse, pen or finger.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {() => {width: number, colour: string}} pen
 * @param {() => void} changed called while something is drawn
 */
earlyVision.livePad = (canvas, pen, changed) => {
  const context = canvas.getContext("2d");
  const clear = () => {
    context.fillStyle = "#d8d8d8";
    context.fillRect(0, 0, canvas.width, canvas.height);
  };
  let last = null;
  const at = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((clientX - left) / width) * canvas.width, ((clientY - top) / height) * canvas.height];
  };
  const stroke = (event) => {
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const to = at(one);
      Object.assign(context, { lineCap: "round", lineWidth: pen().width, strokeStyle: pen().colour });
      context.beginPath();
      context.moveTo(...last);
      context.lineTo(...to);
      context.stroke();
      last = to;
    }
    changed();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    stroke(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last) stroke(event);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));
  clear();
  return { clear };
};

/**
 * The camera, one frame after another.
 *
 * @returns {{start: () => Promise<void>, stop: () => void, frame: (side: number) => object?}} `start` throws an Error with a
 *     sentence for the reader; `frame` gives nothing while there is none
 */
earlyVision.liveCamera = () => {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  let stream = null, wanted = false;
  const stop = () => {
    wanted = false;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = video.srcObject = null;
  };
  const start = async () => {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("This browser gives the page no camera here: a page from a server needs https for it.");
    }
    wanted = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 320 }, facingMode: "environment" } });
    } catch (error) {
      throw new Error(
        error.name === "NotAllowedError"
          ? "The camera was not allowed. Any other picture will do as well."
          : error.name === "NotFoundError" || error.name === "OverconstrainedError"
            ? "There is no camera."
            : "The camera cannot be used: perhaps something else is using it.",
      );
    }
    // It may have been stopped while the reader was asked.
    if (!wanted) return stop();
    video.srcObject = stream;
    await video.play();
  };
  const frame = (side) =>
    stream && video.videoWidth ? earlyVision.livePictures.scaled(video, video.videoWidth, video.videoHeight, side) : null;
  return { start, stop, frame };
};
