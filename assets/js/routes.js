/**
 * How does A reach B, for any two neurons: the strongest paths by the norms of expanded weights, found by best-first search
 * as in early_vision/circuits/routes.py. What is asked is kept in the address.
 */
{
  const { element } = earlyVision;
  const data = globalThis.earlyVisionNeurons;
  const lookup = earlyVision.neuronLookup(data, "");
  const PATHS = 6, FURTHEST = 4;

  const form = document.getElementById("route");
  const [from, to] = [form.elements.from, form.elements.to];
  const result = document.getElementById("paths");

  const loaded = new Map();
  /** The connections that lead to a layer: {from, to, unit, norms, kinds}, a row for each neuron of the layer before. */
  const strengthsTo = (layer) => {
    if (!loaded.has(layer)) {
      const script = element("script", { src: `data/strengths-${layer}.js` });
      loaded.set(layer, new Promise((resolve, reject) => Object.assign(script, {
        onload: () => resolve(globalThis.earlyVisionStrengths.find((one) => one.to === layer)), onerror: reject,
      })));
      document.head.append(script);
    }
    return loaded.get(layer);
  };

  /** mixed3a:79, mixed3a/79 or mixed3a_79 as a place in the columns; -1 for none. */
  const neuronNamed = (text) => lookup.find(text.trim().replace(/[/_ ](\d+)$/, ":$1"));

  /**
   * {total, paths}: the root of the sum of all paths' squares, and the strongest as {channels, norms, strength}.
   *
   * @param {number[][][]} steps for each step on the way the norm of each connection
   */
  function route(steps, start, end) {
    const last = steps.at(-1).map((row) => row[end]);
    const squares = steps.slice(0, -1).reduceRight(
      (ahead, step) => step.map((row) => row.reduce((sum, norm, at) => sum + norm ** 2 * ahead[at], 0)),
      last.map((norm) => norm ** 2),
    );
    const total = Math.sqrt(squares[start]), reach = [last];
    for (const step of steps.slice(0, -1).reverse()) {
      reach.unshift(step.map((row) => row.reduce((most, norm, at) => Math.max(most, norm * reach[0][at]), 0)));
    }
    // What is still to come is known exactly, so that none of the strongest is missed.
    const queue = [{ promise: reach[0][start], channels: [start], norms: [], strength: 1 }], paths = [];
    while (queue.length && paths.length < PATHS) {
      const best = queue.reduce((a, b, at) => (b.promise > queue[a].promise ? at : a), 0);
      const [path] = queue.splice(best, 1), depth = path.channels.length - 1;
      if (depth === steps.length) {
        paths.push(path);
        continue;
      }
      const ahead = depth === steps.length - 1 ? [end] : [...reach[depth + 1].keys()];
      const found = ahead.map((channel) => {
        const norm = steps[depth][path.channels.at(-1)][channel], strength = path.strength * norm;
        const promise = strength * (depth === steps.length - 1 ? 1 : reach[depth + 1][channel]);
        return { promise, channels: [...path.channels, channel], norms: [...path.norms, norm], strength };
      });
      queue.push(...found.sort((a, b) => b.promise - a.promise).slice(0, PATHS));
    }
    return { total, paths };
  }

  const KINDS = { e: ["exciting", "+"], i: ["inhibiting", "−"], m: ["mixed", "±"] };
  /** What some steps, one after the other, do: mixed where one of them is. */
  const together = (kinds) => (kinds.includes("m") ? "m" : kinds.filter((one) => one === "i").length % 2 ? "i" : "e");
  const shown = (tag, kind, text) => element(tag, { className: KINDS[kind][0] }, `${KINDS[kind][1]} ${text}`);

  function neuronLink(at) {
    const layer = lookup.layer(at), { sprite, column, row } = data.columns;
    const tile = element("i", { className: `s${sprite[at] - sprite[layer.first]} c${column[at]} r${row[at]}` });
    return element("a", { className: `of-${layer.name}`, href: `neurons/${lookup.page(at)}` }, tile, lookup.name(at));
  }

  function drawn(layers, parts, { total, paths }, start, end) {
    const rows = paths.map(({ channels, norms, strength }) => {
      const row = element("li"), kinds = norms.map((_, at) => parts[at].kinds[channels[at]][channels[at + 1]]);
      channels.forEach((channel, depth) => {
        if (depth) row.append(shown("span", kinds[depth - 1], `${norms[depth - 1].toFixed(2)} →`));
        row.append(neuronLink(data.layers[layers[depth]].first + channel));
      });
      row.append(shown("b", together(kinds), strength.toFixed(3)));
      return row;
    });
    const heading = element("h2", {}, `From ${lookup.name(start)} to ${lookup.name(end)} `);
    heading.append(element("span", {}, `${total.toFixed(2)} by all paths, the root of the sum of their squares`));
    return [heading, element("ol", { className: "paths" }, ...rows)];
  }

  const say = (text) => result.replaceChildren(element("p", {}, text));

  async function ask() {
    const [start, end] = [neuronNamed(from.value), neuronNamed(to.value)];
    const wrong = [[from, start], [to, end]].find(([field, at]) => field.value.trim() && at < 0);
    if (wrong) return say(`There is no neuron ${wrong[0].value.trim()}. Write it as ${data.layers[0].name}:0.`);
    if (start < 0 || end < 0) return result.replaceChildren();
    const [first, last] = [lookup.layerPlace(start), lookup.layerPlace(end)];
    if (first >= last) return say("No path leads there: the first neuron has to be in an earlier layer.");
    if (last - first > FURTHEST) return say(`They are more than ${FURTHEST} layers apart.`);
    const layers = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const parts = await Promise.all(layers.slice(1).map((at) => strengthsTo(data.layers[at].name)));
    if (parts.some((part, at) => part.from !== data.layers[layers[at]].name)) return say("Between these layers no path is known.");
    const steps = parts.map(({ norms, unit }) => norms.map((row) => row.map((norm) => norm * unit)));
    result.replaceChildren(...drawn(layers, parts, route(steps, lookup.channel(start), lookup.channel(end)), start, end));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const parts = [["from", from], ["to", to]].filter(([, field]) => field.value.trim());
    location.hash = parts.map(([name, field]) => `${name}=${field.value.trim()}`).join("&");
    ask();
  });
  const read = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    if (!given.has("from") && !given.has("to")) return;
    from.value = given.get("from") ?? "";
    to.value = given.get("to") ?? "";
    if (from.value && to.value) ask();
    else (from.value ? to : from).focus();
  };
  addEventListener("hashchange", read);
  read();
}
