/**
 * The weight explorer: a connection large in a dialog, and from there the strongest inputs of its neuron, one after another,
 * with the way back. It opens from the card of a connection, and on a click on a kernel.
 *
 * Without it a kernel is part of the link that it stands in.
 */
globalThis.earlyVision ??= {};

{
  const LISTED = 12;
  const KERNEL = ".connections:not(.symmetries) > a > svg";

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const button = (className, words, onclick) => element("button", { type: "button", className, onclick }, words);

  const nameOf = (address) => new URL(address).pathname.match(/([\w.-]+)\/(\d+)\.html$/).slice(1).join(":");

  /** The connections on the way to what is shown. */
  let way = [];
  let dialog = null;
  const parts = {};

  const make = () => {
    parts.trail = element("nav", { className: "explored", ariaLabel: "The way here" });
    parts.body = element("div", { className: "explorer-body" });
    parts.status = element("p", { className: "aloud", role: "status" });
    const close = button("explorer-close", "×", () => dialog.close());
    close.ariaLabel = "Close";
    dialog = element(
      "dialog", { className: "explorer", ariaLabel: "Weights" },
      element("header", {}, parts.trail, close), parts.body, parts.status,
    );
    dialog.addEventListener("keydown", (event) => {
      // Arrows lead to the neurons before and after on the page behind.
      event.stopPropagation();
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (event.key === "Backspace" && way.length > 1) go(way.slice(0, -1));
      else if (step) parts.body.querySelector(step < 0 ? ".before" : ".after")?.click();
      else return;
      event.preventDefault();
    });
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
  };

  const pictured = async (address, className) => {
    const picture = await earlyVision.neuronPicture(address).catch(() => null);
    const link = element("a", { className, href: address }, ...(picture ? [picture] : []), element("span", {}, nameOf(address)));
    if (picture) picture.alt = "";
    return link;
  };

  /** The way here: each step leads back to itself. */
  const drawTrail = () => {
    const back = button("back", "← Back", () => go(way.slice(0, -1)));
    back.disabled = way.length < 2;
    const steps = way.map((one, at) => {
      const here = at === way.length - 1, name = nameOf(one.address);
      const step = here ? element("b", {}, name) : button("", name, () => go(way.slice(0, at + 1)));
      return element("span", {}, element("i", { ariaHidden: "true" }, one.direction === "inputs" ? "←" : "→"), step);
    });
    parts.trail.replaceChildren(back, element("span", {}, nameOf(way[0].of)), ...steps);
  };

  const inputsOf = async (address) => {
    const inputs = (await earlyVision.connections(address, "inputs")).slice(0, LISTED);
    const entries = inputs.map(async (one) => {
      const entry = button("input", "", () => go([...way, one]));
      const picture = await earlyVision.neuronPicture(one.address).catch(() => null);
      if (picture) picture.alt = "";
      const number = (value) => earlyVision.weightNumber(value, one.scale);
      entry.replaceChildren(
        ...(picture ? [picture] : []), earlyVision.kernelSquare(one),
        element("span", {}, element("b", {}, one.name.split(":")[1]), " ", element("span", { className: "exciting" }, number(one.excitation)),
          " ", element("span", { className: "inhibiting" }, number(one.inhibition))),
      );
      return entry;
    });
    return Object.assign(await Promise.all(entries), { layer: inputs[0]?.name.split(":")[0] });
  };

  /** Shows the last connection of a way. */
  const go = async (to) => {
    const last = to.at(-1);
    const list = await earlyVision.connections(last.of, last.direction);
    const at = list.findIndex(({ address }) => address === last.address), one = list[at];
    const [source, target, inputs] = await Promise.all([
      pictured(last.direction === "inputs" ? one.address : one.of, "from"),
      pictured(last.direction === "inputs" ? one.of : one.address, "to"),
      inputsOf(one.address),
    ]);
    const focused = document.activeElement;
    way = [...to.slice(0, -1), one];
    drawTrail();
    const move = (className, words, step) => {
      const moving = button(className, words, () => go([...way.slice(0, -1), list[at + step]]));
      moving.disabled = !list[at + step];
      moving.ariaLabel = step < 0 ? "The one before" : "The one after";
      return moving;
    };
    parts.body.replaceChildren(
      element("div", { className: "pair" }, source, element("span", { ariaHidden: "true" }, "→"), target),
      element(
        "div", { className: "explorer-kernel" },
        element("p", {}, earlyVision.connectionWords(one)),
        earlyVision.connectionShown(one),
        element("p", { className: "among" }, move("before", "‹", -1), ` ${at + 1} of ${list.length} ${one.direction} of ${nameOf(one.of)} `, move("after", "›", 1)),
      ),
      element(
        "section", { className: "explorer-inputs" },
        ...(inputs.length
          ? [element("h2", {}, `Strongest inputs of ${one.name}, in ${inputs.layer}`), element("div", { className: "input-list" }, ...inputs)]
          : [element("p", {}, `${one.name} reads the picture itself; `, element("a", { href: one.address }, "its page"), " shows with which weights.")]),
      ),
    );
    parts.status.textContent = earlyVision.connectionWords(one);
    dialog.scrollTop = 0;
    // What had the focus may be gone or disabled: without one the page behind would hear the keys.
    if (dialog.open && (!focused.isConnected || focused.disabled)) {
      const same = focused.className && parts.body.querySelector(`.${focused.className}:not(:disabled)`);
      (same || dialog.querySelector("button:not(:disabled)")).focus();
    }
  };

  /** Opens the explorer on a connection. */
  earlyVision.exploreWeights = async (connection) => {
    if (!dialog) make();
    await go([connection]);
    if (!dialog.open) dialog.showModal();
  };

  addEventListener("click", (event) => {
    const kernel = event.target.closest?.(KERNEL);
    if (!kernel || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const link = kernel.closest("a");
    earlyVision.exploreWeights(earlyVision.connectionsOf(link)[0]).catch(() => location.assign(link.href));
  });
}
