/**
 * How does A reach B, for any two neurons: the strongest paths through the sums of expanded weights, found by best-first
 * search as in early_vision/circuits/routes.py. What is asked is kept in the address.
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
  /** The sums of weights that lead to a layer: {from, to, unit, sums}, a row for each neuron of the layer before. */
  const sumsTo = (layer) => {
    if (!loaded.has(layer)) {
      const script = element("script", { src: `data/sums-${layer}.js` });
      loaded.set(layer, new Promise((resolve, reject) => Object.assign(script, {
        onload: () => resolve(globalThis.earlyVisionSums.find((one) => one.to === layer)), onerror: reject,
      })));
      document.head.append(script);
    }
    return loaded.get(layer);
  };

  /** mixed3a:79, mixed3a/79 or mixed3a_79 as a place in the columns; -1 for none. */
  const neuronNamed = (text) => lookup.find(text.trim().replace(/[/_ ](\d+)$/, ":$1"));

  const multiply = (step, vector) => step.map((row) => row.reduce((sum, weight, at) => sum + weight * vector[at], 0));

  /** {total, paths}: what all paths give together, and the strongest as {channels, weights, strength}. */
  function route(steps, start, end) {
    const last = steps.at(-1).map((row) => row[end]);
    const total = steps.slice(0, -1).reduceRight((vector, step) => multiply(step, vector), last)[start];
    const reach = [last.map(Math.abs)];
    for (const step of steps.slice(0, -1).reverse()) {
      reach.unshift(step.map((row) => row.reduce((most, weight, at) => Math.max(most, Math.abs(weight) * reach[0][at]), 0)));
    }
    // What is still to come is known exactly, so that none of the strongest is missed.
    const queue = [{ promise: reach[0][start], channels: [start], weights: [], strength: 1 }], paths = [];
    while (queue.length && paths.length < PATHS) {
      const best = queue.reduce((a, b, at) => (b.promise > queue[a].promise ? at : a), 0);
      const [path] = queue.splice(best, 1), depth = path.channels.length - 1;
      if (depth === steps.length) {
        paths.push(path);
        continue;
      }
      const ahead = depth === steps.length - 1 ? [end] : [...reach[depth + 1].keys()];
      const found = ahead.map((channel) => {
        const weight = steps[depth][path.channels.at(-1)][channel], strength = path.strength * weight;
        const promise = Math.abs(strength) * (depth === steps.length - 1 ? 1 : reach[depth + 1][channel]);
        return { promise, channels: [...path.channels, channel], weights: [...path.weights, weight], strength };
      });
      queue.push(...found.sort((a, b) => b.promise - a.promise).slice(0, PATHS));
    }
    return { total, paths };
  }

  const signed = (value, digits) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;
  const kind = (value) => (value < 0 ? "inhibiting" : "exciting");

  function neuronLink(at) {
    const layer = lookup.layer(at), { sprite, column, row } = data.columns;
    const tile = element("i", { className: `s${sprite[at] - sprite[layer.first]} c${column[at]} r${row[at]}` });
    return element("a", { className: `of-${layer.name}`, href: `neurons/${lookup.page(at)}` }, tile, lookup.name(at));
  }

  function drawn(layers, { total, paths }, start, end) {
    const rows = paths.map(({ channels, weights, strength }) => {
      const row = element("li");
      channels.forEach((channel, depth) => {
        if (depth) row.append(element("span", { className: kind(weights[depth - 1]) }, `${signed(weights[depth - 1], 2)} →`));
        row.append(neuronLink(data.layers[layers[depth]].first + channel));
      });
      row.append(element("b", { className: kind(strength) }, signed(strength, 3)));
      return row;
    });
    const heading = element("h2", { className: kind(total) }, `From ${lookup.name(start)} to ${lookup.name(end)} `);
    heading.append(element("span", {}, `${signed(total, 2)} by all paths`));
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
    const parts = await Promise.all(layers.slice(1).map((at) => sumsTo(data.layers[at].name)));
    if (parts.some((part, at) => part.from !== data.layers[layers[at]].name)) return say("Between these layers no path is known.");
    const steps = parts.map(({ sums, unit }) => sums.map((row) => row.map((sum) => sum * unit)));
    result.replaceChildren(...drawn(layers, route(steps, lookup.channel(start), lookup.channel(end)), start, end));
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
