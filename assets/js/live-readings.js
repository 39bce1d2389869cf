/**
 * What layers say of a picture: how strongly neurons and groups fire, relative to what is natural for them.
 */
globalThis.earlyVision ??= {};

/**
 * @param {object} data earlyVisionNeurons
 * @param {object} lookup earlyVision.neuronLookup
 * @param {object} fields of each layer by name: start, stride and size in pixels
 */
earlyVision.liveReadings = (data, lookup, fields) => {
  /** A neuron that is hardly ever active is not measured by less than this share of its layer's median. */
  const LEAST_SCALE = 0.1;
  const { heldOut, activation, group } = data.columns;
  const measured = heldOut.some((value) => value !== null);
  const naturals = measured ? heldOut : activation;

  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1] ?? 1;
  const leasts = data.layers.map(
    ({ first, neurons }) => LEAST_SCALE * median(naturals.slice(first, first + neurons).filter((value) => value > 0)),
  );
  /** What a neuron's activation is divided by. */
  const scale = (at) => Math.max(naturals[at] ?? 0, leasts[lookup.layerPlace(at)]);

  const placesOf = (name) => {
    const { first, neurons } = data.layers.find((one) => one.name === name);
    return Array.from({ length: neurons }, (_, channel) => first + channel);
  };

  return {
    /** What relative activations are relative to, in words. */
    natural: measured ? "the highest on held-out pictures" : "that in its own feature visualization",
    scale,

    /** [place, relative activation] of a layer's neurons that fire, strongest first. */
    neurons(layer) {
      const found = placesOf(layer.name).map((at) => [at, layer.highest[lookup.channel(at)] / scale(at)]);
      return found.filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1]);
    },

    /** [place in data.groups, mean relative activation, its neurons] of a layer's groups that fire, strongest first. */
    groups(layer) {
      const members = new Map();
      for (const at of placesOf(layer.name)) members.set(group[at], [...(members.get(group[at]) ?? []), at]);
      return [...members]
        .map(([place, all]) => [
          place,
          all.reduce((sum, at) => sum + Math.max(0, layer.highest[lookup.channel(at)]) / scale(at), 0) / all.length,
          all,
        ])
        .filter(([, share]) => share > 0)
        .sort((a, b) => b[1] - a[1]);
    },

    /**
     * Where some neurons of a layer fire: at each position the strongest of them, and their highest.
     *
     * @returns {{shares: Float32Array, width, height, top: number, best: number, firing: number}} shares are of `top`, the
     *     highest relative activation, which is at position `best`; `firing` is the share of positions with any
     */
    map({ values, channels, width, height }, places) {
      const shares = new Float32Array(width * height);
      for (const at of places) {
        const by = 1 / scale(at);
        for (let position = 0, from = lookup.channel(at); position < shares.length; position++, from += channels) {
          if (values[from] * by > shares[position]) shares[position] = values[from] * by;
        }
      }
      let best = 0, firing = 0;
      shares.forEach((share, position) => {
        if (share > shares[best]) best = position;
        if (share > 0) firing++;
      });
      const top = shares[best];
      if (top > 0) shares.forEach((share, position) => (shares[position] = share / top));
      return { shares, width, height, top, best, firing: firing / shares.length };
    },

    /** The square of pixels that a layer sees from a position. */
    seen(layer, position) {
      const { start, stride, size } = fields[layer.name];
      return { x: start + (position % layer.width) * stride, y: start + Math.floor(position / layer.width) * stride, size };
    },

    /** The position of a layer whose middle is nearest to a place of the picture. */
    nearest(layer, { x, y }) {
      const { start, stride, size } = fields[layer.name];
      const along = (value, count) => Math.min(count - 1, Math.max(0, Math.round((value - start - (size - 1) / 2) / stride)));
      return along(y, layer.height) * layer.width + along(x, layer.width);
    },

    /** [place, relative activation] of the neurons that fire at a position, strongest first. */
    at(layer, position, most) {
      const found = placesOf(layer.name).map((at) => [at, layer.values[position * layer.channels + lookup.channel(at)] / scale(at)]);
      return found.filter(([, share]) => share > 0).sort((a, b) => b[1] - a[1]).slice(0, most);
    },
  };
};
