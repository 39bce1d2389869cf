/**
 * The page that runs the network: pictures go in, and what its layers say is shown. The chosen neuron is in the address.
 */
{
  const { element, livePictures: pictures } = earlyVision;
  const data = globalThis.earlyVisionNeurons, network = globalThis.earlyVisionNetwork;
  const lookup = earlyVision.neuronLookup(data, "");
  const readings = earlyVision.liveReadings(data, lookup, network.layers);
  const SHOWN = 24, GROUPS_SHOWN = 8, AT_A_PLACE = 3, CAMERA_SIDE = 128, LIST_EVERY_MS = 400, TAP_MS = 300;

  const by = (id) => document.getElementById(id);
  const [notice, state, words, groupList, neuronList, placeList, placePart, placeWords, more, clearPlace] = [
    "notice", "state", "map-words", "groups", "fired", "at-place", "place", "place-words", "more", "clear-place",
  ].map(by);
  const [drawnList, file, cameraButton, padPart, padCanvas, stimulusForm, sideChoice] = [
    "drawn", "file", "camera", "pad-part", "pad", "stimulus", "side",
  ].map(by);
  const modes = [...document.querySelectorAll("[data-mode]")];
  const layerBoxes = [...document.querySelectorAll("input[name=layer]")];

  let layers = new Map();
  let layerName = layerBoxes[0].value;
  /** What the map shows: {neurons: places, name, link, group}. */
  let chosen = null;
  let all = false;
  /** How to get the picture anew in another size. */
  let again = null;
  let running = false, waiting = null;
  /** A frame of the camera whose map is not there yet: without one in between, maps would flicker. */
  let unseen = null;
  /** When lists were last renewed while the camera runs, and whether this frame does so. */
  let renewed = 0, renews = true;
  /** Until when a press lasts, and the tap that comes of it. */
  let pressedUntil = 0;
  /** Why nothing can be computed at all; "" as long as it can. */
  let broken = "";
  /** Which of the pictures that take time to decode is the latest. */
  let taken = 0;

  const tell = (text) => {
    notice.textContent = text;
    notice.hidden = !text;
  };
  const percent = (share) => `${Math.round(100 * share)} %`;
  const side = () => Number(sideChoice.value);
  const stageElement = by("stage");

  const press = (until) => () => (pressedUntil = until());
  addEventListener("pointerdown", press(() => Infinity));
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, press(() => performance.now() + TAP_MS));
  /** Lists stand still under a press, which would miss what it began on, under a card, and for one who is in them by keyboard. */
  const isUsed = () => performance.now() < pressedUntil || document.querySelector(":is(.fired, .place, .words) :is(a:hover, :focus-visible)") !== null;
  const mayRenew = () => !camera.running || (renews && !isUsed());

  /* Running */

  const runner = earlyVision.liveNetwork(network, {
    ready: ({ simd }) => (state.dataset.arithmetic = simd ? "WebAssembly" : "JavaScript"),
    layer(layer) {
      layers.set(layer.name, layer);
      if (layer.name === layerName && mayRenew()) showLists(layer);
      if (layer.name === chosen?.layer) {
        showPicture();
        showMap(mayRenew());
      }
      if (camera.running) return;
      state.textContent = `${layer.name} after ${Math.round(layer.ms)} ms`;
    },
    done({ ms }) {
      running = false;
      state.textContent = `All ${layers.size} layers in ${Math.round(ms)} ms, ${state.dataset.arithmetic}`;
      showPicture();
      showPlace(mayRenew());
      if (waiting) run(waiting);
      else if (camera.running) requestAnimationFrame(nextFrame);
    },
    failed({ id, message }) {
      running = false;
      waiting = null;
      if (id === null) broken = message;
      stopCamera();
      showPicture();
      forgetLayers();
      tell(message);
    },
  });

  /** Computes a picture, or after the one that is being computed the latest that was given. */
  function run(picture) {
    if (broken) {
      stage.picture(picture);
      tell(broken);
      return;
    }
    if (running) {
      waiting = picture;
      return;
    }
    running = true;
    waiting = null;
    // What they say is of another picture, lists stay until there are others; frames of a camera are like each other.
    if (!camera.running) layers.clear();
    renews = performance.now() - renewed > LIST_EVERY_MS;
    if (renews) renewed = performance.now();
    unseen = picture;
    if (!camera.running || !chosen) showPicture();
    runner.run({ width: picture.width, height: picture.height, pixels: picture.pixels });
  }

  /* The picture */

  const stage = earlyVision.liveStage(stageElement, by("canvas"), (place) => {
    showPlace();
    if (place) placeWords.parentElement.scrollIntoView({ block: "nearest" });
  });
  function showPicture() {
    if (unseen) stage.picture(unseen);
    unseen = null;
  }

  const setMode = (mode) => {
    taken++;
    if (mode !== "camera") stopCamera();
    padPart.hidden = mode !== "pad";
    stimulusForm.hidden = mode !== "stimulus";
    for (const one of modes) {
      if (one.matches("button")) one.setAttribute("aria-pressed", String(one.dataset.mode === mode));
      else one.classList.toggle("chosen", one.dataset.mode === mode);
    }
    tell("");
  };

  async function takeFile(given) {
    setMode("file");
    again = () => takeFile(given);
    const mine = ++taken;
    try {
      const { picture, said } = await pictures.fromFile(given, side());
      if (mine !== taken) return;
      // What was refused meanwhile stays told.
      if (said) tell(said);
      run(picture);
    } catch (error) {
      if (mine === taken) tell(error.message);
    }
  }

  async function takeDrawn(one) {
    setMode(one.name);
    again = () => takeDrawn(one);
    const mine = ++taken, picture = await pictures.fromScript(one, side());
    if (mine === taken) run(picture);
  }

  for (const one of network.pictures) {
    const button = element("button", { type: "button", onclick: () => takeDrawn(one), title: one.alt });
    button.dataset.mode = one.name;
    pictures.fromScript(one, 96).then(({ canvas }) => {
      canvas.setAttribute("aria-hidden", "true");
      button.prepend(canvas);
    });
    button.append(element("span", {}, one.name));
    modes.push(button);
    drawnList.append(element("li", {}, button));
  }

  file.addEventListener("change", () => {
    if (file.files[0]) takeFile(file.files[0]);
    file.value = "";
  });
  addEventListener("paste", ({ clipboardData }) => {
    if (clipboardData.files[0]) takeFile(clipboardData.files[0]);
    else if (!document.activeElement.matches("input")) tell("What was pasted is no picture.");
  });
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) document.body.classList.remove("dropping");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    const [given] = event.dataTransfer.files;
    if (given) takeFile(given);
    else tell("What was dropped is no file. A picture of another page has to be saved first.");
  });
  sideChoice.addEventListener("change", () => again?.());

  const camera = { ...earlyVision.liveCamera(), running: false };
  function stopCamera() {
    if (!camera.running) return;
    camera.running = false;
    camera.stop();
    cameraButton.textContent = "Camera";
    cameraButton.setAttribute("aria-pressed", "false");
    words.removeAttribute("aria-live");
    // Lists may be of an earlier picture than the last.
    showLayer();
    showMap();
    showPlace();
  }
  function nextFrame() {
    if (!camera.running) return;
    const picture = camera.frame(CAMERA_SIDE);
    if (picture) run(picture);
    else requestAnimationFrame(nextFrame);
  }
  cameraButton.addEventListener("click", async () => {
    if (camera.running) {
      stopCamera();
      return;
    }
    setMode("camera");
    again = null;
    layers.clear();
    camera.running = true;
    cameraButton.textContent = "Stop the camera";
    // Words that change all the time are for those who look.
    words.setAttribute("aria-live", "off");
    try {
      const gone = () => {
        stopCamera();
        tell("The camera has gone.");
      };
      if (await camera.start(gone)) nextFrame();
    } catch (error) {
      stopCamera();
      tell(error.message);
    }
  });
  addEventListener("visibilitychange", () => {
    if (document.hidden) stopCamera();
  });

  const padPen = () => ({ width: Number(by("pen-width").value), colour: padPart.querySelector("input[name=pen]:checked").value });
  const takePad = () => run(pictures.scaled(padCanvas, padCanvas.width, padCanvas.height, side()));
  const pad = earlyVision.livePad(padCanvas, padPen, takePad);
  by("clear-pad").addEventListener("click", () => {
    pad.clear();
    takePad();
  });

  function takeStimulus() {
    const value = (name) => Number(stimulusForm.elements[name].value);
    const coloured = stimulusForm.elements.coloured.checked;
    const given = { kind: stimulusForm.elements.kind.value, orientation: value("orientation"), frequency: value("frequency"), curvature: value("curvature"), hue: coloured ? value("hue") : null };
    const told = { orientation: `${given.orientation}°`, frequency: `${given.frequency} cycles/px`, curvature: `${given.curvature} /px`, hue: coloured ? `${given.hue}°` : "none" };
    stimulusForm.elements.hue.disabled = !coloured;
    for (const [name, text] of Object.entries(told)) {
      stimulusForm.querySelector(`output[for=${name}]`).textContent = text;
      stimulusForm.elements[name].setAttribute("aria-valuetext", text);
    }
    run(pictures.stimulus(given, side()));
  }
  stimulusForm.addEventListener("input", takeStimulus);
  stimulusForm.addEventListener("submit", (event) => event.preventDefault());

  for (const [mode, take] of [["pad", takePad], ["stimulus", takeStimulus]]) {
    document.querySelector(`[data-mode=${mode}]`).addEventListener("click", () => {
      setMode(mode);
      again = take;
      take();
    });
  }

  /* What the layers say */

  const bar = (share) => {
    const made = element("span", { className: "share" }, percent(share));
    made.style.setProperty("--share", Math.min(1, share));
    return made;
  };

  const neuronLink = (at) => {
    const link = element("a", { href: `neurons/${lookup.page(at)}` }, lookup.tile(at));
    link.setAttribute("aria-label", `Page of ${lookup.name(at)}`);
    return link;
  };

  const chooser = (choice, share, ...text) => {
    const button = element("button", { type: "button", onclick: () => choose(choice) }, element("span", { className: "named" }, ...text), " ", bar(share));
    button.dataset.choice = choice.name;
    button.setAttribute("aria-pressed", String(chosen?.name === choice.name));
    return button;
  };
  const neuronChoice = (at) => ({ name: lookup.name(at), neurons: [at], layer: lookup.layer(at).name });

  /** Other items in a list; focus stays with what had it, or with where that was. */
  const renew = (list, items) => {
    const parts = () => [...list.querySelectorAll("a, button")], key = (one) => one.dataset.choice ?? one.href;
    const at = parts().indexOf(document.activeElement), wanted = at < 0 ? null : key(document.activeElement);
    list.replaceChildren(...items);
    if (at < 0) return;
    const there = parts();
    (there.find((one) => key(one) === wanted) ?? there[Math.min(at, there.length - 1)])?.focus({ preventScroll: true });
  };

  function showLists(layer) {
    const fired = readings.neurons(layer);
    renew(
      groupList,
      readings.groups(layer).slice(0, GROUPS_SHOWN).map(([place, share, neurons]) => {
        const { name } = data.groups[place];
        return element("li", {}, chooser({ name: `group ${name}`, neurons, layer: layer.name, group: data.groups[place] }, share, name));
      }),
    );
    renew(
      neuronList,
      fired.slice(0, all ? fired.length : SHOWN).map(([at, share]) =>
        element("li", {}, neuronLink(at), chooser(neuronChoice(at), share, lookup.shortName(at), " ", element("small", {}, lookup.group(at).name))),
      ),
    );
    more.hidden = all || fired.length <= SHOWN;
    more.textContent = `All ${fired.length} that fire`;
  }

  function showLayer() {
    const layer = layers.get(layerName);
    if (layer) showLists(layer);
  }

  function forgetLayers() {
    layers.clear();
    for (const list of [groupList, neuronList, placeList]) list.replaceChildren();
    more.hidden = true;
    stage.map(null, null);
    words.textContent = "";
  }

  const whereabouts = ({ width, height, best }) => {
    const third = (value, size, names) => names[Math.min(2, Math.floor((3 * value) / size))];
    const row = third(Math.floor(best / width), height, ["upper", "middle", "lower"]);
    const column = third(best % width, width, ["left", "centre", "right"]);
    return row === "middle" && column === "centre" ? "in the middle" : `at the ${row} ${column}`;
  };

  /** @param tells whether in words, too */
  function showMap(tells = true) {
    const layer = chosen && layers.get(chosen.layer);
    if (!layer) return;
    const map = readings.map(layer, chosen.neurons), name = element("strong", {}, chosen.name.replace(/^group /, ""));
    const link = chosen.group
      ? element("a", { href: `index.html#${chosen.group.anchor}` }, "The group in the article")
      : element("a", { href: `neurons/${lookup.page(chosen.neurons[0])}` }, "Its page");
    if (!(map.top > 0)) {
      stage.map(null, null);
      if (tells) renew(words, [name, " fires nowhere in this picture. ", link]);
      return;
    }
    const fields = network.layers[layer.name];
    stage.map({ ...map, ...fields }, readings.seen(layer, map.best));
    const told = ` fires at ${percent(map.firing)} of the places, most ${whereabouts(map)} (the white square): ${percent(map.top)} of ${readings.natural}. `;
    if (tells) renew(words, [name, told, link]);
  }

  function choose(choice) {
    const off = chosen?.name === choice.name;
    chosen = off ? null : choice;
    for (const button of document.querySelectorAll("[data-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.choice === chosen?.name));
    }
    if (off) {
      stage.map(null, null);
      words.textContent = "";
    } else {
      showMap();
      stageElement.scrollIntoView({ block: "nearest" });
    }
    const neuron = chosen && !chosen.group ? `#neuron=${chosen.name}` : location.pathname + location.search;
    history.replaceState(null, "", neuron);
  }

  /** @param lists whether what fires there is listed, too */
  function showPlace(lists = true) {
    const place = stage.place();
    placePart.hidden = !place;
    if (!place) return;
    const there = [...layers.values()].map((layer) => [layer, readings.nearest(layer, place)]);
    stage.fields(there.map(([layer, position]) => readings.seen(layer, position)));
    if (!lists) return;
    renew(
      placeList,
      there.map(([layer, position]) => {
        const found = readings.at(layer, position, AT_A_PLACE);
        const list = found.map(([at, share]) => element("li", {}, neuronLink(at), chooser(neuronChoice(at), share, lookup.shortName(at))));
        return element("li", {}, element("h3", {}, layer.name, element("small", {}, ` sees ${network.layers[layer.name].size} px`)), list.length ? element("ul", {}, ...list) : "Nothing fires here.");
      }),
    );
    const told = `At ${place.x} px from the left and ${place.y} px from the top. What each layer sees from there is outlined.`;
    if (placeWords.textContent !== told) placeWords.textContent = told;
  }

  clearPlace.addEventListener("click", () => {
    stage.forget();
    stageElement.focus();
  });
  more.addEventListener("click", () => {
    all = true;
    showLayer();
    neuronList.children[SHOWN]?.querySelector("button")?.focus();
  });
  for (const box of layerBoxes) {
    box.addEventListener("change", () => {
      layerName = box.value;
      all = false;
      showLayer();
    });
  }

  /* The address */

  function read() {
    const at = lookup.find(new URLSearchParams(location.hash.slice(1)).get("neuron") ?? "");
    if (at < 0) return;
    chosen = neuronChoice(at);
    layerName = chosen.layer;
    for (const box of layerBoxes) box.checked = box.value === layerName;
    showLayer();
    showMap();
  }
  addEventListener("hashchange", read);
  layerName = (layerBoxes.find((box) => box.checked) ?? layerBoxes.at(-1)).value;
  read();
  takeDrawn(network.pictures[0]);
}
