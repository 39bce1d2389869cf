/**
 * Neurons by their place in the columns of earlyVisionNeurons: their names, pages and pictures.
 *
 * Scripts are classic ones, not modules: browsers refuse modules on pages opened from a file. They share the object
 * earlyVision and nothing else.
 */
globalThis.earlyVision ??= {};

/**
 * @param {object} data earlyVisionNeurons
 * @param {string} root the way from the page to the article's folder, such as "../"
 */
earlyVision.neuronLookup = (data, root) => {
  const count = data.columns.group.length;
  const layerOf = new Uint8Array(count);
  data.layers.forEach((layer, at) => layerOf.fill(at, layer.first, layer.first + layer.neurons));

  // "3a" for mixed3a, where no other layer is called so and it is no plain number.
  const shortened = data.layers.map((layer) => layer.name.replace(/^[a-z]+(?=\d)/i, ""));
  const shorts = data.layers.map((layer, at) => {
    const short = shortened[at];
    const clear = !/^\d*$/.test(short) && shortened.filter((other) => other === short).length === 1;
    return clear ? short : layer.name;
  });

  const layer = (at) => data.layers[layerOf[at]];
  const channel = (at) => at - layer(at).first;
  const named = (text) => data.layers.findIndex((one, place) => text === one.name || text === shorts[place]);

  return {
    count,
    layer,
    channel,
    layerPlace: (at) => layerOf[at],
    /** The place of a layer in data.layers by its name or short name, -1 for neither. */
    layerNamed: named,
    name: (at) => `${layer(at).name}:${channel(at)}`,
    shortName: (at) => `${shorts[layerOf[at]]}:${channel(at)}`,
    group: (at) => data.groups[data.columns.group[at]],
    /** The page of a neuron, from the folder of all neurons. */
    page: (at) => `${layer(at).name}/${channel(at)}.html`,

    /** The place of a neuron written as mixed3a:79 or 3a:79, -1 where there is none. */
    find(text) {
      const [, name, digits] = text.trim().toLowerCase().match(/^([\w.-]+):(\d+)$/) ?? [];
      const one = data.layers[name === undefined ? -1 : named(name)];
      return one && Number(digits) < one.neurons ? one.first + Number(digits) : -1;
    },

    /** A neuron's picture as a small image; without one an empty frame. */
    tile(at, alt = "") {
      const sprite = data.sprites[data.columns.sprite[at]];
      const image = document.createElement(sprite ? "img" : "span");
      image.className = `tile c${data.columns.column[at]} r${data.columns.row[at]}`;
      if (!sprite) return image;
      image.sizes = `${sprite.width}px`;
      image.srcset = `${root}${sprite.path} ${2 * sprite.width}w`;
      image.src = root + sprite.path;
      image.width = image.height = data.tile;
      image.alt = alt;
      return image;
    },
  };
};

/** An element with properties and children. */
earlyVision.element = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
