/** Arranging the neurons of a card: how large they are, and by which measure they are sorted. */
{
  const SPRITE_TILE = 60;
  const NEURON = /([\w.-]+)\/(\d+)\.html$/;

  const load = (address) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: address, onload: resolve, onerror: reject });
      document.head.append(script);
    });

  let ready = null;
  /** The sorts by name, and what finds a neuron's place; loaded when something is first sorted. */
  const sorting = () => {
    const assets = document.querySelector('script[src$="assets/page.js"]').src.replace(/page\.js$/, "");
    const data = globalThis.earlyVisionNeurons ? Promise.resolve() : load("data/neurons.js");
    ready ??= Promise.all([data, load(`${assets}neuron-lookup.js`), load(`${assets}neuron-sort.js`)]).then(() => {
      const lookup = earlyVision.neuronLookup(earlyVisionNeurons, "");
      return { lookup, sorts: earlyVision.neuronSorts(earlyVisionNeurons, lookup) };
    });
    return ready;
  };

  const unfold = (card) => {
    const control = card.querySelector(".unfold");
    if (control) control.checked = true;
  };

  const resize = (card, size) => {
    unfold(card);
    card.style.setProperty("--tile", `${size}px`);
    for (const image of card.querySelectorAll(".neurons img")) {
      image.dataset.across ??= parseFloat(image.sizes) / Number(image.getAttribute("width"));
      image.sizes = `${image.dataset.across * size}px`;
    }
  };

  const original = new Map();
  const sort = async (card, name) => {
    unfold(card);
    const wall = card.querySelector(".neurons");
    if (!original.has(wall)) original.set(wall, [...wall.children]);
    const tiles = original.get(wall);
    if (!name) return wall.replaceChildren(...tiles);
    const { lookup, sorts } = await sorting();
    const at = new Map(tiles.map((tile) => {
      const [, layer, channel] = tile.getAttribute("href").match(NEURON);
      return [lookup.find(`${layer}:${channel}`), tile];
    }));
    const one = sorts.get(name) ?? sorts.get("layer");
    const sections = one.sections(one, one.fallsFirst, [...at.keys()].sort((a, b) => a - b));
    wall.replaceChildren(...sections.flatMap(({ places }) => places.map((place) => at.get(place))));
  };

  for (const bar of document.querySelectorAll(".arrange")) {
    const card = bar.closest(".card"), [size, order] = [bar.querySelector("input"), bar.querySelector("select")];
    size.value = parseFloat(getComputedStyle(card).getPropertyValue("--tile")) || SPRITE_TILE;
    size.addEventListener("input", () => resize(card, Number(size.value)));
    order.addEventListener("change", () => sort(card, order.value));
  }
}
