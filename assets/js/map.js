/**
 * The map of a layer: nearer and farther by wheel, pinch, buttons and keys; dragged when near; a group can be picked
 * out. What is seen is kept in the address.
 */
{
  const NEAREST = 240; // Units across, when as near as can be: about four pictures.
  const STEP = 1.5, DRAG_PX = 4, WRITE_AFTER_MS = 250;

  const map = document.getElementById("map");
  const svg = map.querySelector("svg");
  const { width, height } = svg.viewBox.baseVal;
  const legend = [...document.querySelectorAll(".legend button")];
  let seen = { x: 0, y: 0, width, height };

  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
  const show = (wanted) => {
    const share = clamp(wanted.width / width, NEAREST / width, 1);
    seen = { width: width * share, height: height * share };
    seen.x = clamp(wanted.x, 0, width - seen.width);
    seen.y = clamp(wanted.y, 0, height - seen.height);
    svg.setAttribute("viewBox", [seen.x, seen.y, seen.width, seen.height].map((one) => one.toFixed(1)).join(" "));
    map.classList.toggle("near", share < 1);
    write();
  };

  /** A point of the screen in units of the map. */
  const unitsAt = (x, y) => new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
  const zoom = (factor, at) => {
    at ??= { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 };
    const share = clamp(seen.width / factor / width, NEAREST / width, 1) / (seen.width / width);
    show({ x: at.x - (at.x - seen.x) * share, y: at.y - (at.y - seen.y) * share, width: seen.width * share });
  };

  let chosen = "";
  const choose = (group) => {
    chosen = group;
    map.classList.toggle("chosen", Boolean(group));
    for (const one of svg.querySelectorAll("a")) one.classList.toggle("of", one.classList.contains(group));
    for (const button of legend) button.setAttribute("aria-pressed", button.value === group);
    write();
  };
  for (const button of legend) button.addEventListener("click", () => choose(button.value === chosen ? "" : button.value));

  const acts = { in: () => zoom(STEP), out: () => zoom(1 / STEP), all: () => show({ x: 0, y: 0, width }) };
  for (const button of map.querySelectorAll("button")) button.addEventListener("click", acts[button.value]);

  // A wheel over the whole map scrolls the page; with Ctrl, or when it is near already, it goes nearer.
  map.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !map.classList.contains("near")) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 300), unitsAt(event.clientX, event.clientY));
    },
    { passive: false },
  );

  const held = new Map();
  let moved = false;
  svg.addEventListener("pointerdown", (event) => {
    held.set(event.pointerId, event);
    moved = false;
  });
  svg.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const others = [...held.values()].filter((one) => one.pointerId !== event.pointerId);
    if (others.length) {
      const [other] = others;
      const far = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
      zoom(far(event) / Math.max(far(before), 1), unitsAt((event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2));
      moved = true;
    } else if (map.classList.contains("near")) {
      if (!moved && Math.hypot(event.clientX - before.clientX, event.clientY - before.clientY) < DRAG_PX) return;
      if (!moved) svg.setPointerCapture(event.pointerId);
      moved = true;
      map.classList.add("held");
      const from = unitsAt(before.clientX, before.clientY), to = unitsAt(event.clientX, event.clientY);
      show({ ...seen, x: seen.x + from.x - to.x, y: seen.y + from.y - to.y });
    } else return;
    held.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
    svg.addEventListener(end, (event) => {
      held.delete(event.pointerId);
      map.classList.remove("held");
    });
  }
  svg.addEventListener("click", (event) => moved && event.preventDefault(), true);
  svg.addEventListener("dragstart", (event) => event.preventDefault());

  // One stop of the Tab key, in which arrows move; what is reached is brought into sight.
  const tiles = [...svg.querySelectorAll("a")];
  const place = (tile) => ({ x: tile.firstElementChild.x.baseVal.value, y: tile.firstElementChild.y.baseVal.value });
  const stop = (tile) => {
    for (const one of tiles) one.setAttribute("tabindex", one === tile ? "0" : "-1");
  };
  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  svg.addEventListener("focusin", ({ target }) => {
    const tile = target.closest("a");
    if (!tile) return;
    stop(tile);
    const { x, y } = place(tile);
    if (x < seen.x || y < seen.y || x + 64 > seen.x + seen.width || y + 64 > seen.y + seen.height) {
      show({ ...seen, x: x + 32 - seen.width / 2, y: y + 32 - seen.height / 2 });
    }
  });
  svg.addEventListener("keydown", (event) => {
    const tile = event.target.closest("a"), step = steps[event.key];
    if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? STEP : 1 / STEP, tile && place(tile));
    if (!tile || !step) return;
    event.preventDefault();
    const at = place(tile), [right, down] = step;
    const ahead = tiles.map((one) => ({ one, dx: place(one).x - at.x, dy: place(one).y - at.y }));
    const far = ({ dx, dy }) => Math.abs(dx) * (right ? 1 : 3) + Math.abs(dy) * (down ? 1 : 3);
    const best = ahead.filter(({ dx, dy }) => dx * right + dy * down > 0).sort((a, b) => far(a) - far(b))[0];
    best?.one.focus({ preventScroll: true });
  });
  stop(tiles[0]);

  let writing;
  function write() {
    clearTimeout(writing);
    writing = setTimeout(() => {
      const parts = new URLSearchParams();
      if (seen.width < width) parts.set("at", [seen.x, seen.y, seen.width].map(Math.round).join(","));
      if (chosen) parts.set("group", legend.findIndex((one) => one.value === chosen));
      const wanted = String(parts).replaceAll("%2C", ",");
      if (wanted !== location.hash.slice(1)) history.replaceState(null, "", wanted ? `#${wanted}` : location.pathname + location.search);
    }, WRITE_AFTER_MS);
  }
  const read = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    const [x, y, across] = (given.get("at") ?? "").split(",").map(Number);
    show(across > 0 ? { x, y, width: across } : { x: 0, y: 0, width });
    choose(legend[Number(given.get("group") ?? NaN)]?.value ?? "");
  };
  addEventListener("hashchange", read);
  read();
}
