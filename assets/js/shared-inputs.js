/**
 * Which strong inputs some neurons have in common, and how alike those act on them.
 */
globalThis.earlyVision ??= {};

/**
 * @param {object} details earlyVisionNeurons.details, with the layers of all the neurons loaded
 * @param {object} lookup earlyVision.neuronLookup
 * @param {number[]} places the neurons
 * @returns {{listed: number, layers: object[], pairs: object[], direct: object[]}}
 *   listed: how many inputs of each neuron are known, at most;
 *   layers: for each layer with two of the neurons or more: source (the layer of its inputs), neurons (places), and
 *   inputs that two of them or more share: {channel, acts}, for each of the neurons how it acts there, null where it is
 *   not among the strongest; those that most share come first, then the strongest;
 *   pairs: {a, b, shared, alike}: how many inputs two neurons share, and the cosine, -1 to 1, between their kernels of
 *   them, null where they share none;
 *   direct: {from, to, act}: neurons that are themselves inputs of another.
 *   An act is {strength, share, kind}: the kernel's norm in percent of the strongest, what part of its weights excites in
 *   percent, and the letter of its kind, "e", "i" or "m"
 */
earlyVision.sharedInputs = (details, lookup, places) => {
  const inputsOf = (at) => {
    const { channels, strengths, shares, kinds } = details[lookup.layer(at).name].inputs, channel = lookup.channel(at);
    const act = (rank) => ({ strength: strengths[channel][rank], share: shares[channel][rank], kind: kinds[channel][rank] });
    return new Map(channels[channel].map((input, rank) => [input, act(rank)]));
  };
  const inputs = new Map(places.map((at) => [at, inputsOf(at)]));
  const byLayer = [...new Set(places.map(lookup.layerPlace))].map((layer) =>
    places.filter((at) => lookup.layerPlace(at) === layer),
  );

  const layers = [], pairs = [];
  for (const neurons of byLayer) {
    if (neurons.length < 2) continue;
    const all = new Set(neurons.flatMap((at) => [...inputs.get(at).keys()]));
    const rows = [...all].map((channel) => ({ channel, acts: neurons.map((at) => inputs.get(at).get(channel) ?? null) }));
    const sharing = (row) => row.acts.filter((one) => one !== null).length;
    const size = (row) => row.acts.reduce((sum, one) => sum + (one?.strength ?? 0), 0);
    const shared = rows.filter((row) => sharing(row) > 1);
    shared.sort((a, b) => sharing(b) - sharing(a) || size(b) - size(a) || a.channel - b.channel);
    layers.push({ source: lookup.layer(neurons[0]).source, neurons, inputs: shared });
    neurons.forEach((a, i) => {
      for (const b of neurons.slice(i + 1)) {
        const common = [...inputs.get(a)].filter(([channel]) => inputs.get(b).has(channel));
        const [first, second] = [a, b].map(lookup.channel).sort((one, other) => one - other);
        const percent = details[lookup.layer(a).name].alike[second][first];
        pairs.push({ a, b, shared: common.length, alike: percent === null ? null : percent / 100 });
      }
    });
  }

  const direct = [];
  for (const from of places) {
    for (const to of places) {
      const act = inputs.get(to).get(lookup.channel(from));
      if (act && lookup.layer(to).source === lookup.layer(from).name) direct.push({ from, to, act });
    }
  }
  return { listed: Math.max(0, ...[...inputs.values()].map((one) => one.size)), layers, pairs, direct };
};
