/**
 * Pictures for the network: from files, drawn on a pad, or computed. Each becomes {canvas, width, height, pixels}.
 */
globalThis.earlyVision ??= {};

earlyVision.livePictures = (() => {
  /** Behind what is transparent. */
  const MID_GREY = "#808080";
  /** Of a shorter longest side a picture is enlarged to it: the later layers see 100 pixels and more at once. */
  const SMALLEST = 64;
  /** Pictures from here on are scaled while they are decoded; so are files from here on whose head does not say their size. */
  const LARGE_PIXELS = 12e6, LARGE_BYTES = 3e6, DECODED_SIDE = 640;
  const THINNEST = 8;
  /** Bytes of a file that are looked at before it is decoded: what cameras write before a JPEG's size is in them. */
  const HEAD = 2 ** 18, START = 4096;

  /** Width and height of a JPEG, as its first frame's header has them. */
  const jpegSize = (view) => {
    for (let at = 2; at < HEAD - 9 && view.getUint8(at) === 0xff; ) {
      const marker = view.getUint8(at + 1);
      if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return [view.getUint16(at + 7), view.getUint16(at + 5)];
      at += marker === 0xff ? 1 : 2 + view.getUint16(at + 2);
    }
    return null;
  };
  const webpSize = (view, kind) => {
    const short = (at) => view.getUint16(at, true) & 0x3fff, bits = view.getUint32(21, true);
    if (kind === "VP8 ") return [short(26), short(28)];
    if (kind === "VP8L") return [(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1];
    return [(view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >> 8) + 1];
  };
  /** Width and height in pixels as the head of a file has them, of PNG, GIF, WebP, AVIF and JPEG; null for others. */
  const sizeOf = (view, start) => {
    if (start.startsWith("\x89PNG")) return [view.getUint32(16), view.getUint32(20)];
    if (start.startsWith("GIF8")) return [view.getUint16(6, true), view.getUint16(8, true)];
    if (start.startsWith("\xff\xd8")) return jpegSize(view);
    if (start.slice(8, 12) === "WEBP") return webpSize(view, start.slice(12, 16));
    const box = start.slice(4, 12) === "ftypavif" ? start.indexOf("ispe") : -1;
    return box < 0 ? null : [view.getUint32(box + 8), view.getUint32(box + 12)];
  };
  /** Whether a GIF has a second picture: its blocks, one after another, are read up to that. */
  const hasSecondPicture = (bytes) => {
    const colours = (flags) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
    let at = 13 + colours(bytes[10]), pictures = 0;
    while ([0x21, 0x2c].includes(bytes[at])) {
      if (bytes[at] === 0x21) at += 2;
      else if (++pictures > 1) return true;
      else at += 11 + colours(bytes[at + 9]);
      while (bytes[at]) at += bytes[at] + 1;
      at++;
    }
    return false;
  };
  const isAnimated = async (file, start) =>
    start.startsWith("GIF8") ? hasSecondPicture(new Uint8Array(await file.arrayBuffer())) : /WEBP.*ANIM|PNG.*acTL/s.test(start);

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
    const head = new Uint8Array(HEAD);
    head.set(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
    const start = String.fromCharCode(...head.subarray(0, START)), size = sizeOf(new DataView(head.buffer), start);
    const large = size ? size[0] * size[1] > LARGE_PIXELS : file.size > LARGE_BYTES;
    const longer = size && size[1] > size[0] ? "resizeHeight" : "resizeWidth";
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, large ? { [longer]: DECODED_SIDE, resizeQuality: "high" } : {});
    } catch {
      const why = large ? " It may be too large: try it smaller." : "";
      throw new Error(`The browser cannot read this file as a picture.${why}`);
    }
    const { width, height } = bitmap, said = [];
    const longest = Math.max(width, height), seen = Math.min(side, Math.max(longest, SMALLEST));
    if (!large && longest < SMALLEST) said.push(`This picture has only ${width} × ${height} pixels, and was enlarged.`);
    if (large) said.push("This picture was scaled down while it was decoded.");
    if (Math.min(width, height) * seen < (THINNEST - 0.5) * longest) said.push(`This picture is so narrow that it was stretched to ${THINNEST} pixels.`);
    if (await isAnimated(file, start)) said.push("Of this animation the first picture is used.");
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
 * @returns {{start: (ended: () => void) => Promise<boolean>, stop: () => void, frame: (side: number) => object?}} `start` says
 *     whether it runs, which it does not if it was stopped meanwhile, and throws an Error with a sentence for the reader;
 *     `ended` is called when the camera goes away; `frame` gives nothing while there is none
 */
earlyVision.liveCamera = () => {
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  /** `asked`: how often it was started or stopped. An answer to an earlier question is none. */
  let stream = null, asked = 0;
  const release = (given) => {
    for (const track of given?.getTracks() ?? []) track.stop();
  };
  const stop = () => {
    asked++;
    release(stream);
    stream = video.srcObject = null;
  };
  const start = async (ended) => {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Error("This browser gives the page no camera here: a page from a server needs https for it.");
    }
    const mine = ++asked;
    let given;
    try {
      given = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 320 }, facingMode: "environment" } });
    } catch (error) {
      if (mine !== asked) return false;
      throw new Error(
        error.name === "NotAllowedError"
          ? "The camera was not allowed. Any other picture will do as well."
          : error.name === "NotFoundError" || error.name === "OverconstrainedError"
            ? "There is no camera."
            : "The camera cannot be used: perhaps something else is using it.",
      );
    }
    if (mine !== asked) {
      release(given);
      return false;
    }
    stream = video.srcObject = given;
    for (const track of stream.getTracks()) track.addEventListener("ended", ended);
    try {
      await video.play();
    } catch {
      if (mine === asked) throw new Error("The camera gives no picture.");
    }
    return mine === asked;
  };
  const frame = (side) =>
    stream && video.videoWidth ? earlyVision.livePictures.scaled(video, video.videoWidth, video.videoHeight, side) : null;
  return { start, stop, frame };
};
