/**
 * The picture with what lies over it: a map of where neurons fire, the patch that excites them most, and a chosen place.
 */
globalThis.earlyVision ??= {};

/**
 * @param {HTMLElement} stage takes the keyboard's focus
 * @param {HTMLCanvasElement} canvas in it
 * @param {(place: {x: number, y: number}?) => void} chosen called with a place of the picture, in its pixels
 */
earlyVision.liveStage = (stage, canvas, chosen) => {
  /** About how long the longer side of the canvas is. */
  const SIDE = 672;
  const STEP = 4;
  const DARK = [12, 15, 14, 176], BRIGHT = [255, 206, 54, 150];
  const context = canvas.getContext("2d");
  let picture = null, map = null, box = null, place = null, fields = [];
  /** Canvas pixels for each pixel of the picture. */
  let finer = 3;

  const outline = ({ x, y, size }, colour, width) => {
    const at = [x * finer, y * finer, size * finer, size * finer];
    Object.assign(context, { lineWidth: width + 3, strokeStyle: "rgb(0 0 0 / 0.6)" });
    context.strokeRect(...at);
    Object.assign(context, { lineWidth: width, strokeStyle: colour });
    context.strokeRect(...at);
  };

  const draw = () => {
    if (!picture) return;
    finer = Math.max(1, Math.round(SIDE / Math.max(picture.width, picture.height)));
    canvas.width = picture.width * finer;
    canvas.height = picture.height * finer;
    context.imageSmoothingEnabled = true;
    context.drawImage(picture.canvas, 0, 0, canvas.width, canvas.height);
    if (map) {
      const { image, start, stride, size } = map;
      // Each value lies over the middle of what its position sees; the image has one more all around.
      const first = (start + size / 2 - 1.5 * stride) * finer, side = stride * finer;
      context.drawImage(image, first, first, image.width * side, image.height * side);
    }
    if (box) outline(box, "#fff", 3);
    for (const field of fields) outline(field, "#ffce36", 2);
    if (place) {
      Object.assign(context, { lineWidth: 3, strokeStyle: "#ffce36" });
      context.beginPath();
      context.arc((place.x + 0.5) * finer, (place.y + 0.5) * finer, 9, 0, 7);
      context.moveTo((place.x + 0.5) * finer, (place.y - 5) * finer);
      context.lineTo((place.x + 0.5) * finer, (place.y + 6) * finer);
      context.moveTo((place.x - 5) * finer, (place.y + 0.5) * finer);
      context.lineTo((place.x + 6) * finer, (place.y + 0.5) * finer);
      context.stroke();
    }
  };

  /** Shares of 0 to 1 as a picture, dark where they are 0, with the outermost ones once more around it. */
  const asImage = ({ shares, width, height }) => {
    const image = Object.assign(document.createElement("canvas"), { width: width + 2, height: height + 2 });
    const data = new ImageData(width + 2, height + 2), within = (value, size) => Math.min(size, Math.max(1, value)) - 1;
    for (let row = 0, to = 0; row < height + 2; row++) {
      for (let column = 0; column < width + 2; column++, to += 4) {
        const share = Math.min(1, shares[within(row, height) * width + within(column, width)]);
        for (let c = 0; c < 4; c++) data.data[to + c] = DARK[c] + (BRIGHT[c] - DARK[c]) * share;
      }
    }
    image.getContext("2d").putImageData(data, 0, 0);
    return image;
  };

  const choose = (x, y) => {
    if (!picture) return;
    const within = (value, size) => Math.min(size - 1, Math.max(0, Math.round(value)));
    place = { x: within(x, picture.width), y: within(y, picture.height) };
    draw();
    chosen(place);
  };
  const forget = () => {
    place = null;
    fields = [];
    draw();
    chosen(null);
  };

  canvas.addEventListener("click", ({ clientX, clientY }) => {
    if (!picture) return;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    choose(((clientX - left) / width) * picture.width - 0.5, ((clientY - top) / height) * picture.height - 0.5);
  });
  stage.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Escape" && place) forget();
    else if (moves[event.key] && picture) {
      event.preventDefault();
      const [x, y] = moves[event.key], from = place ?? { x: picture.width / 2, y: picture.height / 2 };
      choose(from.x + x * STEP, from.y + y * STEP);
    }
  });

  return {
    forget,
    place: () => place,
    picture(given) {
      if (picture && (given.width !== picture.width || given.height !== picture.height)) {
        place = null;
        fields = [];
      }
      picture = given;
      map = box = null;
      draw();
    },
    /** @param {{shares, width, height, start, stride, size}?} given a layer's map; `at`: the square to mark */
    map(given, at) {
      map = given && { ...given, image: asImage(given) };
      box = at;
      draw();
    },
    fields(given) {
      fields = given;
      draw();
    },
  };
};
