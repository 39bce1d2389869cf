/**
 * The page that compares neurons, which its address names: #neurons=mixed3a:79,mixed3b:5.
 */
{
  const data = globalThis.earlyVisionNeurons;
  const { element, tuningPlot, sharedInputs } = earlyVision;
  const lookup = earlyVision.neuronLookup(data, "../");
  const MOST = 6, ROWS_AT_FIRST = 20, SUGGESTED = 10;

  /** The measures that are compared, each with what it is called here. */
  const COMPARED = {
    orientation: "Preferred orientation", orientation_selectivity: "Orientation selectivity",
    frequency: "Spatial frequency", phase_modulation: "Phase modulation",
    colour_selectivity: "Colour against brightness", hue: "Preferred hue", hue_selectivity: "Hue selectivity",
    chromatic_inhibition: "Inhibition by colour", curvature: "Curvature", sparseness: "Selectivity",
  };

  const [adding, input, pickMore, announcement, notice, comparison, shared] = [
    "adding", "neuron", "pick-more", "announcement", "notice", "comparison", "shared",
  ].map((id) => document.getElementById(id));

  const address = (places) => `#neurons=${places.map(lookup.name).join(",")}`;

  function read() {
    const names = (new URLSearchParams(location.hash.slice(1)).get("neurons") ?? "").split(",").filter(Boolean);
    const found = names.map((name) => ({ name, at: lookup.find(name) }));
    const places = [...new Set(found.filter(({ at }) => at >= 0).map(({ at }) => at))];
    return {
      places: places.slice(0, MOST),
      problems: [
        ...found.filter(({ at }) => at < 0).map(({ name }) => `There is no neuron ${name}.`),
        ...(places.length > MOST ? [`Only ${MOST} neurons fit; the others are left out.`] : []),
      ],
    };
  }

  /** Loads a layer's details, once. */
  const loading = new Map();
  function load(layer) {
    if (!loading.has(layer)) {
      const loaded = new Promise((resolve, reject) => {
        const script = element("script", { src: `../data/neurons-${layer}.js`, onload: resolve, onerror: reject });
        document.head.append(script);
      });
      loading.set(layer, loaded);
    }
    return loading.get(layer);
  }

  const cell = (role, className, ...content) => {
    const made = element("div", { className }, ...content);
    made.setAttribute("role", role);
    return made;
  };
  const row = (label, places, content, className = "") =>
    cell("row", `row ${className}`, cell("rowheader", "label", label), ...places.map((at) => cell("cell", "", content(at))));

  function head(at, places) {
    const details = data.details[lookup.layer(at).name], channel = lookup.channel(at), name = lookup.name(at);
    const picture = element("img", {
      src: `../${details.pictures[channel]}`, alt: `Feature visualization of ${name}`,
      width: details.sides[channel], height: details.sides[channel],
    });
    const group = lookup.group(at);
    const remove = element("a", { className: "remove", href: address(places.filter((other) => other !== at)) }, "×");
    remove.setAttribute("aria-label", `Remove ${name}`);
    return [
      element("a", { className: "picture", href: lookup.page(at), tabIndex: -1 }, picture),
      element("a", { className: "name", href: lookup.page(at) }, name),
      ...(group ? [element("a", { className: "group", href: `../index.html#${group.anchor}` }, group.name)] : []),
      remove,
    ];
  }

  function value(name, at) {
    const { unit, period, values } = data.measures[name], number = values[at];
    if (period) return `${number}°`;
    return `${number.toFixed(unit === "cycles/px" ? 3 : 2).replace("-", "−")}${unit ? ` ${unit}` : ""}`;
  }

  function drawTable(places) {
    const heads = places.map((at) => cell("columnheader", "head", ...head(at, places)));
    const rows = [cell("row", "row heads", cell("cell", "label", ""), ...heads)];
    if (data.columns.facts.some(Boolean)) rows.push(row("Responds to", places, (at) => data.columns.facts[at], "facts"));
    const plots = data.details[lookup.layer(places[0]).name].plots;
    plots.forEach((plot, which) => {
      const draw = (at) => tuningPlot(data.details[lookup.layer(at).name].plots[which], lookup.channel(at));
      rows.push(row(plot.title, places, draw, "plots"));
    });
    for (const [name, label] of Object.entries(COMPARED)) {
      if (data.measures[name]) rows.push(row(label, places, (at) => value(name, at), "numbers"));
    }
    const held = data.columns.heldOut;
    if (held.some((one) => one !== null)) {
      rows.push(row("Highest on held-out images", places, (at) => held[at]?.toFixed(2).replace("-", "−") ?? "–", "numbers"));
    }
    const table = cell("table", "side-by-side", ...rows);
    table.setAttribute("aria-label", "Neurons side by side");
    table.style.setProperty("--compared", places.length);
    comparison.replaceChildren(table);
  }

  /* Shared inputs */

  const DOES = { e: "excites", i: "inhibits", m: "excites at some places and inhibits at others" };
  const signed = (number) => number.toFixed(2).replace("-", "−");

  /** A bar as long as the norm, the part that excites on the right of the middle and the part that inhibits on the left. */
  function actCell(act) {
    if (act === null) return element("span", { className: "weaker", title: "not among its strongest inputs" }, "·");
    const { strength, share, kind } = act;
    const bar = element("span", { className: "strength", title: DOES[kind] }, `${strength}%`);
    bar.append(element("i", { className: "inhibition" }), element("i", { className: "excitation" }));
    bar.append(element("span", { className: "aloud" }, ` ${DOES[kind]}`));
    bar.style.setProperty("--excitation-size", (strength * share) / 10000);
    bar.style.setProperty("--inhibition-size", (strength * (100 - share)) / 10000);
    return bar;
  }

  function inputTile(source, channel) {
    const at = lookup.find(`${source}:${channel}`);
    if (at < 0) return element("span", {}, ["red", "green", "blue"][channel] ?? `${source}:${channel}`);
    return element("a", { href: lookup.page(at) }, lookup.tile(at), element("span", {}, lookup.name(at)));
  }

  function drawInputs({ source, neurons, inputs }) {
    const heads = neurons.map((at) => cell("columnheader", "head", lookup.name(at)));
    const first = cell("columnheader", "label", `Input in ${source}`);
    const rows = inputs.map(({ channel, acts }) =>
      cell(
        "row",
        "row",
        cell("rowheader", "label", inputTile(source, channel)),
        ...acts.map((act) => cell("cell", "", actCell(act))),
      ),
    );
    const table = cell("table", "side-by-side inputs", cell("row", "row heads", first, ...heads), ...rows.slice(0, ROWS_AT_FIRST));
    table.setAttribute("aria-label", `Inputs in ${source} that are shared`);
    table.style.setProperty("--compared", neurons.length);
    const parts = [element("div", { className: "scroll", tabIndex: 0 }, table)];
    parts[0].setAttribute("role", "region");
    parts[0].setAttribute("aria-label", `Inputs in ${source}`);
    if (rows.length > ROWS_AT_FIRST) {
      const more = element("button", { type: "button" }, `Show all ${rows.length} shared inputs`);
      more.addEventListener("click", () => {
        table.append(...rows.slice(ROWS_AT_FIRST));
        more.remove();
        rows[ROWS_AT_FIRST].querySelector("a")?.focus();
      });
      parts.push(more);
    }
    return parts;
  }

  function drawShared(places) {
    shared.hidden = places.length < 2;
    if (shared.hidden) return;
    const found = sharedInputs(data.details, lookup, places);
    const name = lookup.name, facts = [];
    for (const { from, to, act } of found.direct) {
      facts.push(`${name(from)} is itself an input of ${name(to)}, which it ${DOES[act.kind]} (${act.strength}% of its strongest).`);
    }
    for (const { a, b, shared: count, alike } of [...found.pairs].sort((one, other) => other.shared - one.shared)) {
      const most = Math.min(...[a, b].map((at) => data.details[lookup.layer(at).name].inputs.channels[lookup.channel(at)].length));
      facts.push(
        count
          ? `${name(a)} and ${name(b)} share ${count} of their ${most} strongest inputs; their weights from these correlate by ${signed(alike)}.`
          : `${name(a)} and ${name(b)} share none of their ${most} strongest inputs.`,
      );
    }
    if (!facts.length) facts.push("These neurons lie in different layers, so that they have no inputs in common.");
    shared.replaceChildren(
      element("h2", {}, "Shared inputs"),
      element("ul", { className: "pairs" }, ...facts.map((text) => element("li", {}, text))),
    );
    const drawn = found.layers.filter((layer) => layer.inputs.length);
    if (!drawn.length) return;
    const legend = element("p", { className: "legend" }, "How strong each input is, by the norm of its weights, in percent of the neuron’s strongest: ");
    legend.append(
      element("span", { className: "excitation" }, "excitation"), " to the right, ",
      element("span", { className: "inhibition" }, "inhibition"), " to the left. A dot: not among its strongest.",
    );
    shared.append(legend, ...drawn.flatMap(drawInputs));
  }

  /* The page as a whole */

  function siblings(places) {
    const last = places.at(-1), group = data.columns.group[last];
    const others = Array.from({ length: lookup.count }, (_, at) => at).filter(
      (at) => data.columns.group[at] === group && lookup.layerPlace(at) === lookup.layerPlace(last) && !places.includes(at),
    );
    others.sort((a, b) => data.columns.order[a] - data.columns.order[b]);
    const links = others.slice(0, SUGGESTED).map((at) => {
      const link = element("a", { href: address([...places, at]) }, lookup.tile(at), element("span", {}, lookup.shortName(at)));
      link.setAttribute("aria-label", `Add ${lookup.shortName(at)}`);
      return element("li", {}, link);
    });
    return links.length ? [element("p", {}, `Also in ${lookup.group(last).name}:`), element("ul", {}, ...links)] : [];
  }

  const suggested = element("div", { className: "suggested" });
  adding.after(suggested);

  async function draw() {
    const { places, problems } = read();
    const names = places.map(lookup.name);
    document.title = document.title.replace(/^.*?(?=Comparing)/, names.length ? `${names.join(", ")} · ` : "");
    pickMore.href = `index.html#compare=${names.join(",")}`;
    suggested.replaceChildren(...(places.length && places.length < MOST ? siblings(places) : []));
    if (!places.length) problems.push("Nothing is compared yet: add a neuron by its number, or pick some among all neurons.");
    try {
      await Promise.all([...new Set(places.map((at) => lookup.layer(at).name))].map(load));
    } catch {
      problems.push("The data of these neurons could not be loaded.");
    }
    // While loading, somebody may have gone on.
    if (address(read().places) !== address(places)) return;
    const loaded = places.filter((at) => data.details[lookup.layer(at).name]);
    comparison.hidden = !loaded.length;
    if (loaded.length) drawTable(loaded);
    drawShared(loaded);
    tell(problems.join(" "));
    announcement.textContent = names.length ? `Comparing ${names.join(", ")}` : "";
  }

  function tell(text) {
    notice.textContent = text;
    notice.hidden = !text;
  }

  adding.addEventListener("submit", (event) => {
    event.preventDefault();
    const { places } = read(), at = lookup.find(input.value), said = input.value.trim();
    if (at < 0) tell(said ? `There is no neuron “${said}”: write its layer and number, as in ${lookup.shortName(lookup.count - 1)}.` : "");
    else if (places.includes(at)) tell(`${lookup.name(at)} is compared already.`);
    else if (places.length === MOST) tell(`${MOST} neurons are compared already: remove one first.`);
    else {
      input.value = "";
      location.hash = address([...places, at]);
    }
  });
  addEventListener("hashchange", () => {
    if (location.hash.includes("=") || !location.hash) draw();
  });
  draw();
}
