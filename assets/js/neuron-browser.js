/**
 * The page of all neurons: searching, filtering, sorting, walking and picking. What is shown is in the address.
 */
{
  const data = globalThis.earlyVisionNeurons;
  const { element } = earlyVision;
  const lookup = earlyVision.neuronLookup(data, "../");
  const sorts = earlyVision.neuronSorts(data, lookup);
  const { search, suggest, terms } = earlyVision.neuronSearch(data, lookup);

  const EXAMPLES = ["vertical", "red", "inhibited by colour", "curves", "bulging up", "fine", "79"];
  const SUGGESTIONS = 7;
  const SPEAK_AFTER_MS = 500, WRITE_AFTER_MS = 250;

  const by = (id) => document.getElementById(id);
  const [form, query, count, suggestions, sortList, order, picking, sortedBy, announcement, walls] = [
    "search", "query", "count", "suggestions", "sort", "order", "picking", "sorted-by", "announcement", "walls",
  ].map(by);
  const layerBoxes = [...form.querySelectorAll("input[name=layer]")];
  const tiles = [...walls.querySelectorAll(".wall > li")];
  const placeOf = new Map(tiles.map((tile, at) => [tile, at]));

  for (const sort of sorts.values()) sortList.append(element("option", { value: sort.name }, sort.label));

  let state = { query: "", layers: new Set(), sort: sorts.get("layer"), falling: false };
  let shown = { sort: null, tiles: [] };

  /* Addresses */

  function read() {
    const given = new URLSearchParams(location.hash.slice(1));
    const sort = sorts.get(given.get("sort")) ?? sorts.get("layer");
    state = {
      query: given.get("q") ?? "",
      layers: new Set((given.get("layer") ?? "").split(",").filter((name) => lookup.layerNamed(name) >= 0)),
      sort,
      falling: given.has("order") ? given.get("order") === "falling" : sort.fallsFirst,
    };
    query.value = state.query;
    tray.set((given.get("compare") ?? "").split(",").map(lookup.find));
  }

  function address() {
    const parts = {
      q: state.query.trim(),
      layer: [...state.layers].join(","),
      sort: state.sort.name === "layer" ? "" : state.sort.name,
      order: state.falling === state.sort.fallsFirst ? "" : state.falling ? "falling" : "rising",
      compare: tray.names().join(","),
    };
    const written = Object.entries(parts).filter(([, value]) => value);
    // Colons and commas may stand as they are, and are easier to read.
    const escape = (text) => encodeURIComponent(text).replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%20", "+");
    return `#${written.map(([name, value]) => `${name}=${escape(value)}`).join("&")}`;
  }

  let writing;
  function write() {
    clearTimeout(writing);
    // Browsers limit how often an address may be changed: not at every keystroke.
    writing = setTimeout(() => {
      const wanted = address();
      if (wanted !== (location.hash || "#")) history.replaceState(null, "", wanted === "#" ? location.pathname + location.search : wanted);
    }, WRITE_AFTER_MS);
  }

  /* The walls */

  const sectionsByKey = new Map(
    [...walls.children].map((section) => [section.id, { section, wall: section.querySelector(".wall") }]),
  );

  function sectionFor({ key, title, over, link, places }) {
    const id = `${over ? "group" : "layer"} ${key}`;
    const known = sectionsByKey.get(over ? id : key);
    if (known) return known;
    const wall = element("ul", { className: "wall" });
    const heading = element("h2");
    if (link) heading.append(element("a", { href: `../index.html#${link}` }, title));
    else heading.append(title);
    if (over) heading.prepend(element("small", {}, over));
    heading.append(element("span"));
    const made = { section: element("section", {}, heading, wall), wall };
    if (!title) heading.remove();
    sectionsByKey.set(over ? id : key, made);
    return made;
  }

  function label(at) {
    const text = tiles[at].querySelector("a > span"), { sort } = state;
    if (!sort.values) {
      text.replaceChildren(sort.name === "layer" || sort.name === "group" ? String(lookup.channel(at)) : lookup.shortName(at));
      return;
    }
    const value = element("small", { className: sort.sign ?? "" }, sort.shown(sort, at));
    if (sort.sign === "hue") value.style.setProperty("--sign", earlyVision.hueColour(sort.values[at]));
    else if (sort.sign) value.style.setProperty("--sign", `${-sort.values[at]}deg`);
    if (sort.sign && !sort.clear(at)) value.className = "unclear";
    text.replaceChildren(lookup.shortName(at), value);
  }

  function render() {
    const { found, unknown } = search(state.query);
    const chosen = [...state.layers].map(lookup.layerNamed);
    const places = [];
    for (let at = 0; at < lookup.count; at++) {
      if ((!found || found[at]) && (!chosen.length || chosen.includes(lookup.layerPlace(at)))) places.push(at);
    }
    if (shown.sort !== state.sort) tiles.forEach((_, at) => label(at));

    const sections = state.sort.sections(state.sort, state.falling, places);
    const walked = [];
    const drawn = sections.map((one) => {
      const { section, wall } = sectionFor(one);
      const wanted = one.places.map((at) => tiles[at]);
      if (wanted.length !== wall.childElementCount || wanted.some((tile, at) => wall.children[at] !== tile)) {
        wall.replaceChildren(...wanted);
      }
      const counted = section.querySelector("h2 > span");
      if (counted) counted.textContent = neurons(one.places.length);
      walked.push(...wanted);
      return section;
    });
    if (!drawn.length) drawn.push(nothing(unknown));
    if (drawn.length !== walls.childElementCount || drawn.some((section, at) => walls.children[at] !== section)) {
      walls.replaceChildren(...drawn);
    }
    shown = { sort: state.sort, tiles: walked };

    const total = lookup.count.toLocaleString("en");
    count.textContent = places.length === lookup.count ? `${total} neurons` : `${places.length} of ${total}`;
    walls.classList.toggle("sorted", Boolean(state.sort.values));
    drawControls();
    drawSuggestions();
    beInTabOrder(walked.includes(current) ? current : walked[0]);
    say(places.length ? `${neurons(places.length)} found` : "No neuron found");
    write();
  }

  const neurons = (number) => (number === 1 ? "1 neuron" : `${number} neurons`);

  function nothing(unknown) {
    const why = unknown.length
      ? `No layer, group, family or word is called “${unknown[0]}”.`
      : "No neuron is all of this at once.";
    return element("p", { className: "notice" }, why, " The words that can be searched by are listed above.");
  }

  function drawControls() {
    for (const box of layerBoxes) box.checked = state.layers.has(box.value);
    sortList.value = state.sort.name;
    order.textContent = state.falling ? "↓" : "↑";
    order.setAttribute("aria-label", `${state.falling ? "Falling" : "Rising"} order: turn round`);
    const { sort } = state;
    sortedBy.textContent = sort.values ? `Under each picture, its ${sort.label}${sort.unit && !sort.angle ? ` in ${sort.unit}` : ""}: ${sort.meaning}.` : "";
  }

  function drawSuggestions() {
    const some = state.query.trim()
      ? suggest(state.query, SUGGESTIONS)
      : EXAMPLES.map((text) => terms.find((one) => one.text === text) ?? { name: text }).map((one) => ({ ...one, query: one.name }));
    const usual = some.filter((one) => one.text || /^\d+$/.test(one.name));
    suggestions.replaceChildren(
      ...usual.map((one) => {
        const link = element("a", { href: `#q=${encodeURIComponent(one.query)}`, title: one.meaning ?? "" }, one.name);
        if (one.kind && one.kind !== "word" && state.query.trim()) link.prepend(element("small", {}, `${one.kind} `));
        if (one.count) link.append(element("small", {}, ` ${one.count}`));
        link.dataset.query = one.query;
        return link;
      }),
    );
  }

  let speaking;
  function say(text, at = SPEAK_AFTER_MS) {
    clearTimeout(speaking);
    speaking = setTimeout(() => (announcement.textContent = text), at);
  }

  /* Walking: the wall is one stop of the Tab key, and arrows move in it. */

  let current = tiles[0];
  function beInTabOrder(tile) {
    current?.firstElementChild.setAttribute("tabindex", "-1");
    current = tile;
    tile?.firstElementChild.removeAttribute("tabindex");
  }

  function focus(tile) {
    if (!tile) return;
    beInTabOrder(tile);
    tile.firstElementChild.focus();
  }

  /** The tile above or below one: of the next row in that direction, the one that is nearest sideways. */
  function vertical(from, step) {
    const box = from.getBoundingClientRect();
    let best, row;
    for (let at = shown.tiles.indexOf(from) + step; shown.tiles[at]; at += step) {
      const other = shown.tiles[at].getBoundingClientRect();
      if (Math.abs(other.top - box.top) < 2) continue;
      row ??= other.top;
      if (Math.abs(other.top - row) > 2) break;
      if (!best || Math.abs(other.left - box.left) < Math.abs(best.left - box.left)) best = { tile: shown.tiles[at], left: other.left };
    }
    return best?.tile;
  }

  const steps = {
    ArrowRight: (tile) => shown.tiles[shown.tiles.indexOf(tile) + 1],
    ArrowLeft: (tile) => shown.tiles[shown.tiles.indexOf(tile) - 1],
    ArrowDown: (tile) => vertical(tile, 1),
    ArrowUp: (tile) => vertical(tile, -1) ?? query,
    Home: () => shown.tiles[0],
    End: () => shown.tiles.at(-1),
  };

  /* Picking */

  const tray = earlyVision.comparisonTray(by("tray"), lookup, (picked) => {
    tiles.forEach((tile, at) => {
      const is = picked.includes(at);
      if (tile.classList.contains("picked") !== is) tile.classList.toggle("picked", is);
    });
    drawPicker();
    write();
  });
  const picker = element("button", { type: "button", className: "picker", tabIndex: -1 });
  let over = null;

  function drawPicker() {
    const has = over && tray.has(placeOf.get(over));
    picker.textContent = has ? "−" : "+";
    if (!over) return;
    const name = lookup.name(placeOf.get(over));
    picker.setAttribute("aria-label", has ? `Put ${name} back` : `Pick ${name} to compare`);
    picker.title = has ? "Put back (c)" : "Pick to compare (c)";
  }

  function offerPicker(tile) {
    if (tile === over && picker.parentElement === tile) return;
    over = tile;
    tile.append(picker);
    drawPicker();
  }

  const pick = (tile) => say(tray.toggle(placeOf.get(tile)), 0);
  const pickingOn = () => picking.getAttribute("aria-pressed") === "true";

  /* What people do */

  query.addEventListener("input", () => {
    state.query = query.value;
    render();
  });
  // On a phone the keyboard takes half of the screen: what is found should be in the other half.
  const narrow = matchMedia("(max-width: 40rem)");
  query.addEventListener("focus", () => {
    if (narrow.matches) form.scrollIntoView({ block: "start" });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (shown.tiles.length === 1) shown.tiles[0].firstElementChild.click();
    else focus(shown.tiles[0]);
  });
  for (const box of layerBoxes) {
    box.addEventListener("change", () => {
      state.layers = new Set(layerBoxes.filter((one) => one.checked).map((one) => one.value));
      render();
    });
  }
  sortList.addEventListener("change", () => {
    state.sort = sorts.get(sortList.value);
    state.falling = state.sort.fallsFirst;
    render();
  });
  order.addEventListener("click", () => {
    state.falling = !state.falling;
    render();
  });
  picking.addEventListener("click", () => {
    picking.setAttribute("aria-pressed", String(!pickingOn()));
    document.body.classList.toggle("picking", pickingOn());
    say(pickingOn() ? "Choosing a neuron now picks it" : "Choosing a neuron opens its page", 0);
  });

  /** Links to a search, here and in the table of words, leave everything else as it is. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#q=']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    state.query = new URLSearchParams(link.hash.slice(1)).get("q");
    query.value = state.query;
    render();
    query.focus({ preventScroll: !link.closest("#words") });
    if (link.closest("#words")) form.scrollIntoView({ block: "start" });
  });

  walls.addEventListener("click", (event) => {
    const tile = event.target.closest(".wall > li");
    if (!tile || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.target === picker || pickingOn()) {
      event.preventDefault();
      pick(tile);
      focus(tile);
    }
  });
  walls.addEventListener("pointerover", (event) => {
    const tile = event.target.closest(".wall > li");
    if (tile && event.pointerType === "mouse") offerPicker(tile);
  });
  walls.addEventListener("focusin", (event) => {
    const tile = event.target.closest(".wall > li");
    if (tile && tile !== current) beInTabOrder(tile);
  });

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const typing = event.target.closest?.("input[type=search], select, textarea");
    const tile = event.target.closest?.(".wall > li");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      query.focus();
      query.select();
    } else if (event.key === "Escape") {
      event.preventDefault();
      state.query = query.value = "";
      state.layers.clear();
      render();
      query.focus();
    } else if (event.key === "ArrowDown" && event.target === query) {
      event.preventDefault();
      focus(shown.tiles[0]);
    } else if (tile && steps[event.key]) {
      event.preventDefault();
      const next = steps[event.key](tile);
      if (next === query) query.focus();
      else focus(next);
    } else if (tile && event.key === "c") {
      pick(tile);
    }
  });

  addEventListener("hashchange", () => {
    if (!location.hash || location.hash.includes("=")) start();
  });

  function start() {
    read();
    render();
  }
  for (const tile of tiles) tile.firstElementChild.setAttribute("tabindex", "-1");
  start();
}
