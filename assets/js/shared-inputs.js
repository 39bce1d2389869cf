/**
 * Which strong inputs some neurons have in common, and whether those excite or inhibit them.
 */
globalThis.earlyVision ??= {};

/**
 * @param {object} details earlyVisionNeurons.details, with the layers of all the neurons loaded
 * @param {object} lookup earlyVision.neuronLookup
 * @param {number[]} places the neurons
 * @returns {{listed: number, layers: object[], pairs: object[], direct: object[]}}
 *   listed: how many inputs of each neuron are known, at most;
 *   layers: for each layer with two of the neurons or more: source (the layer of its inputs), neurons (places), and
 *   inputs that two of them or more share: {channel, strengths}, a strength in percent for each of the neurons, null
 *   where it is not among the strongest; those that most share come first, then the strongest;
 *   pairs: {a, b, shared, alike}: how many inputs two neurons share, and how many of them have the same sign;
 *   direct: {from, to, strength}: neurons that are themselves inputs of another
 */
earlyVision.sharedInputs = (details, lookup, places) => {
  const inputsOf = (at) => {
    const { channels, strengths } = details[lookup.layer(at).name].inputs, channel = lookup.channel(at);
    return new Map(channels[channel].map((input, rank) => [input, strengths[channel][rank]]));
  };
  const inputs = new Map(places.map((at) => [at, inputsOf(at)]));
  const byLayer = [...new Set(places.map(lookup.layerPlace))].map((layer) =>
    places.filter((at) => lookup.layerPlace(at) === layer),
  );

  const layers = [], pairs = [];
  for (const neurons of byLayer) {
    if (neurons.length < 2) continue;
    const all = new Set(neurons.flatMap((at) => [...inputs.get(at).keys()]));
    const rows = [...all].map((channel) => ({ channel, strengths: neurons.map((at) => inputs.get(at).get(channel) ?? null) }));
    const sharing = (row) => row.strengths.filter((one) => one !== null).length;
    const size = (row) => row.strengths.reduce((sum, one) => sum + Math.abs(one ?? 0), 0);
    const shared = rows.filter((row) => sharing(row) > 1);
    shared.sort((a, b) => sharing(b) - sharing(a) || size(b) - size(a) || a.channel - b.channel);
    layers.push({ source: lookup.layer(neurons[0]).source, neurons, inputs: shared });
    neurons.forEach((a, i) => {
      for (const b of neurons.slice(i + 1)) {
        const common = [...inputs.get(a)].filter(([channel]) => inputs.get(b).has(channel));
        const alike = common.filter(([channel, strength]) => strength < 0 === inputs.get(b).get(channel) < 0);
        pairs.push({ a, b, shared: common.length, alike: alike.length });
      }
    });
  }

  const direct = [];
  for (const from of places) {
    for (const to of places) {
      const strength = inputs.get(to).get(lookup.channel(from));
      if (strength !== undefined && lookup.layer(to).source === lookup.layer(from).name) direct.push({ from, to, strength });
    }
  }
  return { listed: Math.max(0, ...[...inputs.values()].map((one) => one.size)), layers, pairs, direct };
};
