/**
 * What there is to see behind a link of the page: the reference behind a citation, a footnote, a figure, a group, a
 * section, a neuron. `hover-cards.js` shows it.
 */
globalThis.earlyVision ??= {};

{
  const NEURON = /\/neurons\/([\w.-]+)\/(\d+)\.html$/;
  const PASSED_BY = ".permalink, .number, .footnote-backref, [role=doc-backlink], .opening a";
  const WITHIN = ".prose, .description, figcaption, .claims";
  const TILES = 8, CREDITS = 3;

  const element = (name, className, ...children) => {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  };

  /** A copy without what must not be on a page twice, and without the ways back to where the reader is. */
  const copy = (original, leaveOut = PASSED_BY) => {
    const made = original.cloneNode(true);
    for (const one of [made, ...made.querySelectorAll("[id]")]) one.removeAttribute("id");
    for (const one of made.querySelectorAll(leaveOut)) one.remove();
    return made;
  };

  const contents = (original) => [...copy(original).childNodes];

  const ofListItem = (label, item) => ({ label, nodes: [element("div", "preview-text", ...contents(item))] });

  const ofFigure = (figure) => {
    const number = figure.querySelector(".number")?.textContent ?? "Figure";
    const caption = figure.querySelector("figcaption, caption");
    const picture = figure.querySelector(":scope > svg.narrow, :scope > svg:not(.parts), :scope img");
    return {
      label: number,
      more: `Go to ${number}`,
      nodes: [
        ...(picture ? [element("div", "preview-figure", copy(picture))] : []),
        ...(caption ? [element("div", "preview-text", ...contents(caption))] : []),
      ],
    };
  };

  const ofGroup = (card) => {
    const [name, share] = card.querySelector("h3 a").childNodes;
    const tiles = [...card.querySelectorAll(".neurons img")].slice(0, TILES).map((image) => copy(image));
    const about = card.querySelector(".description");
    return {
      label: `Group ${name.textContent.trim()}`,
      more: "Go to the group",
      nodes: [
        element("p", "preview-title", name.textContent.trim(), " ", copy(share)),
        ...(tiles.length ? [element("div", card.closest(".large") ? "neurons large" : "neurons", ...tiles)] : []),
        ...(about ? [element("div", "preview-text begun", ...contents(about))] : []),
      ],
    };
  };

  const ofSection = (heading) => {
    const title = copy(heading);
    let text = heading.nextElementSibling;
    while (text && text.tagName !== "P") text = text.nextElementSibling;
    return {
      label: `Section ${title.textContent.trim()}`,
      more: "Go to the section",
      nodes: [
        element("p", "preview-title", title.textContent.trim()),
        ...(text ? [element("div", "preview-text begun", copy(text))] : []),
      ],
    };
  };

  const data = new Map();
  /** The columns of an article's neurons, loaded when they are first needed. */
  const neuronsAt = (address) => {
    if (!data.has(address)) {
      data.set(
        address,
        new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = address;
          script.onload = () => resolve(globalThis.earlyVisionNeurons);
          script.onerror = reject;
          document.head.append(script);
        }),
      );
    }
    return data.get(address);
  };

  /** A neuron's picture, cut out of its sprite; nothing where there is none. */
  const pictureOf = (columns, at, address, name) => {
    const sprite = columns.sprites[columns.columns.sprite[at]];
    if (!sprite) return null;
    const picture = element("img", "preview-picture");
    picture.src = new URL(`../../${sprite.path}`, address).href;
    picture.alt = `Feature visualization of ${name.replace(":", " neuron ")}`;
    picture.style.setProperty("--column", columns.columns.column[at]);
    picture.style.setProperty("--row", columns.columns.row[at]);
    return picture;
  };

  /** The picture of the neuron at an address; nothing where there is none. */
  earlyVision.neuronPicture = async (address) => {
    const [, layer, channel] = new URL(address).pathname.match(NEURON);
    const columns = await neuronsAt(new URL("../../data/neurons.js", address).href);
    const inLayer = columns.layers.find(({ name }) => name === layer);
    return pictureOf(columns, inLayer.first + Number(channel), address, `${layer}:${channel}`);
  };

  const ofNeuron = async (address, layer, channel, connections) => {
    const columns = await neuronsAt(new URL("../../data/neurons.js", address).href);
    const inLayer = columns.layers.find(({ name }) => name === layer);
    if (!inLayer || channel >= inLayer.neurons) return null;
    const at = inLayer.first + channel;
    const group = columns.groups[columns.columns.group[at]];
    const picture = pictureOf(columns, at, address, `${layer}:${channel}`);
    const nodes = picture ? [picture] : [];
    const link = element("a", "", group.name);
    link.href = new URL(`../../index.html#${group.anchor}`, address).href;
    const facts = columns.columns.facts[at];
    nodes.push(
      element(
        "div",
        "preview-text",
        element("p", "preview-title", `${layer}:${channel}`),
        element("p", "", "Group ", link),
        ...(facts ? [element("p", "", facts)] : []),
      ),
    );
    if (columns.examples) {
      const { side, credits, rows } = columns.examples, [path, count, whose] = rows[at];
      const patches = element("img", "");
      Object.assign(patches, { src: new URL(`../../${path}`, address).href, width: count * side, height: side });
      patches.alt = `The ${count} patches of pictures that excite it most`;
      const told = whose.slice(0, CREDITS).map((place) => credits[place]).join("; ");
      nodes.push(element("figure", "preview-patches", patches, element("figcaption", "", `Pictures: ${told}${whose.length > CREDITS ? "; and others, on its page" : ""}.`)));
    }
    const weights = await earlyVision.weightsShown(connections);
    return {
      label: `Neuron ${layer}:${channel}`,
      more: "Open its page",
      nodes: [...nodes, ...weights],
      explore: weights.length ? () => earlyVision.exploreWeights(connections[0]) : null,
    };
  };

  const kindOf = (link) => {
    const href = link.getAttribute("href");
    if (!href || link.matches(PASSED_BY)) return null;
    const address = new URL(href, document.baseURI);
    const neuron = address.pathname.match(NEURON);
    if (neuron) return { neuron, address };
    if (!href.startsWith("#") || !link.closest(WITHIN)) return null;
    const target = document.getElementById(decodeURIComponent(href.slice(1)));
    return target && !target.contains(link) ? { target } : null;
  };

  /** Whether a link has something to show. */
  earlyVision.hasPreview = (link) => kindOf(link) !== null;

  /**
   * What a link leads to.
   *
   * @returns {Promise<{label: string, more?: string, nodes: Node[], explore?: () => void}?>} a name for it, the words of a
   *     link to it unless all of it is shown, its parts, and what explores its weights; nothing where there is nothing to
   *     show
   */
  earlyVision.preview = async (link) => {
    const kind = kindOf(link);
    if (!kind) return null;
    if (kind.neuron) return ofNeuron(kind.address, kind.neuron[1], Number(kind.neuron[2]), earlyVision.connectionsOf(link));
    const { target } = kind;
    if (link.matches(".citation")) return ofListItem("Reference", target);
    if (link.matches(".footnote-ref")) return ofListItem("Footnote", target);
    if (target.matches("figure")) return ofFigure(target);
    if (target.matches(".card")) return ofGroup(target);
    return target.matches("h2, h3, h4, h5, h6") ? ofSection(target) : null;
  };
}
