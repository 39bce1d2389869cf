/**
 * Sorting neurons by what was measured, and how each value is shown under its picture.
 */
globalThis.earlyVision ??= {};

/**
 * @param {object} data earlyVisionNeurons
 * @param {object} lookup earlyVision.neuronLookup of it
 * @returns {Map<string, object>} the sorts that the data allow, by the name that addresses have
 */
earlyVision.neuronSorts = (data, lookup) => {
  const measured = (name, label, { sign, needs, without } = {}) => ({ name, label, measure: name, sign, needs, without });
  const all = [
    { name: "layer", label: "layer and number" },
    { name: "group", label: "neuron group" },
    measured("orientation", "orientation", {
      sign: "orientation", needs: { orientation_selectivity: 0.3 }, without: "Without a clear orientation",
    }),
    measured("orientation_selectivity", "orientation selectivity"),
    measured("hue", "hue", {
      sign: "hue", needs: { hue_selectivity: 0.15, colour_selectivity: 0.35 }, without: "Without a clear hue",
    }),
    measured("colour_selectivity", "colour against brightness"),
    measured("chromatic_inhibition", "inhibition by colour"),
    measured("frequency", "spatial frequency"),
    measured("bandwidth", "bandwidth"),
    measured("phase_modulation", "phase modulation"),
    measured("edge_direction", "light side of edges", {
      sign: "direction", needs: { edge_selectivity: 0.25 }, without: "Without a clear light side",
    }),
    measured("curvature", "curvature"),
    measured("curve_direction", "direction of curves", {
      sign: "direction", needs: { curve_selectivity: 0.2, curvature: 0.05 }, without: "Without a clear direction of curves",
    }),
    measured("line_over_edge", "lines over edges"),
    measured("spot_polarity", "light over dark spots"),
    measured("sparseness", "selectivity"),
    { name: "activation", label: "activation on held-out images", column: "heldOut", without: "Not measured" },
  ];

  for (const sort of all) {
    const measure = data.measures[sort.measure];
    sort.values = measure?.values ?? data.columns[sort.column];
    sort.angle = Boolean(measure?.period);
    sort.unit = measure?.unit ?? "";
    sort.meaning = measure?.meaning ?? (sort.column && "the highest before the ReLU on images that it was not trained on");
    // Angles go round from 0; of all else the most comes first.
    sort.fallsFirst = Boolean(sort.values) && !sort.angle;
    const needs = Object.entries(sort.needs ?? {});
    sort.clear = (at) =>
      sort.values[at] !== null && needs.every(([name, least]) => data.measures[name].values[at] >= least);
  }
  const usable = all.filter((sort) => !(sort.measure || sort.column) || sort.values?.some((value) => value !== null));

  /** A value under its neuron. */
  const shown = (sort, at) => {
    const value = sort.values[at];
    if (value === null) return "";
    if (sort.angle) return `${value}°`;
    const digits = sort.unit === "cycles/px" ? 3 : 2;
    return value.toFixed(digits).replace("-", "−");
  };

  /** Some neurons (places) in sections: {key, title, link, places}. */
  function sections(sort, falling, places) {
    if (!sort.values) return grouped(sort, falling, places);
    const turn = falling ? -1 : 1;
    const clear = places.filter(sort.clear).sort((a, b) => turn * (sort.values[a] - sort.values[b]) || a - b);
    const rest = places.filter((at) => !sort.clear(at));
    return [
      { key: "sorted", title: "", places: clear },
      { key: "rest", title: sort.without, places: rest },
    ].filter((section) => section.places.length);
  }

  function grouped(sort, falling, places) {
    const bySection = new Map();
    for (const at of places) {
      const group = lookup.group(at), layer = lookup.layer(at).name;
      const key = sort.name === "group" ? (group?.anchor ?? layer) : layer;
      const title = sort.name === "group" && group ? group.name : layer;
      if (!bySection.has(key)) bySection.set(key, { key, title, over: title === layer ? "" : layer, link: key, places: [] });
      bySection.get(key).places.push(at);
    }
    const found = [...bySection.values()];
    if (sort.name === "group") {
      const rank = new Map(data.groups.map((group, at) => [group.anchor, at]));
      found.sort((a, b) => rank.get(a.key) - rank.get(b.key));
      for (const section of found) section.places.sort((a, b) => data.columns.order[a] - data.columns.order[b]);
    }
    if (falling) for (const section of found) section.places.reverse();
    return falling ? found.reverse() : found;
  }

  return new Map(usable.map((sort) => [sort.name, { ...sort, shown, sections }]));
};
