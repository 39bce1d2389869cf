/**
 * The tray of neurons picked for comparison.
 */
globalThis.earlyVision ??= {};

/**
 * @param {HTMLElement} place where the tray is
 * @param {object} lookup earlyVision.neuronLookup
 * @param {(picked: number[]) => void} changed called with the places of what is picked, in the order of picking
 */
earlyVision.comparisonTray = (place, lookup, changed) => {
  const MOST = 6;
  const { element } = earlyVision;
  let picked = [];

  const list = element("ul");
  const compare = element("a", { className: "button" }, "Compare");
  const clear = element("button", { type: "button", onclick: () => set([]) }, "Clear");
  place.append(list, element("div", { className: "actions" }, compare, clear));

  function draw() {
    place.hidden = !picked.length;
    document.body.classList.toggle("with-tray", picked.length > 0);
    list.replaceChildren(
      ...picked.map((at) => {
        const remove = element("button", { type: "button", onclick: () => drop(at) }, "×");
        remove.setAttribute("aria-label", `Remove ${lookup.name(at)}`);
        return element(
          "li",
          {},
          element("a", { href: lookup.page(at) }, lookup.tile(at), element("span", {}, lookup.shortName(at))),
          remove,
        );
      }),
    );
    compare.textContent = picked.length === 1 ? "Compare 1 neuron" : `Compare ${picked.length} neurons`;
    compare.href = `compare.html#neurons=${picked.map(lookup.name).join(",")}`;
  }

  function set(places) {
    picked = [...new Set(places)].filter((at) => at >= 0).slice(0, MOST);
    draw();
    changed(picked);
  }

  /** Removes a neuron by its button, and leaves the keyboard at a neighbour of that. */
  function drop(at) {
    const was = picked.indexOf(at);
    set(picked.filter((other) => other !== at));
    const buttons = list.querySelectorAll("button");
    (buttons[Math.min(was, buttons.length - 1)] ?? document.getElementById("query"))?.focus();
  }

  /** Picks a neuron, or puts it back: what happened, in words. */
  function toggle(at) {
    const name = lookup.name(at);
    if (picked.includes(at)) {
      set(picked.filter((other) => other !== at));
      return `${name} removed, ${picked.length} of ${MOST} picked`;
    }
    if (picked.length === MOST) return `${MOST} neurons are picked already: remove one first`;
    set([...picked, at]);
    return `${name} picked, ${picked.length} of ${MOST}`;
  }

  return { set, toggle, has: (at) => picked.includes(at), names: () => picked.map(lookup.name) };
};
