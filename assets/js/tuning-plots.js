/**
 * The small figures of tuning, as templates/tuning/group-plot.svg.j2 draws them: roses, a wheel of hues, and bars.
 */
globalThis.earlyVision ??= {};

{
  const RADIUS = 440, GAP = 20, NS = "http://www.w3.org/2000/svg";

  const shape = (tag, attributes) => {
    const made = document.createElementNS(NS, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const onCircle = (degrees, radius, turn = 0) => {
    const angle = (-degrees * Math.PI) / 180 + turn;
    return `${(RADIUS * radius * Math.cos(angle)).toFixed(0)} ${(RADIUS * radius * Math.sin(angle)).toFixed(0)}`;
  };

  function frequencies(lengths) {
    const step = (2 * RADIUS) / lengths.length, width = (step - GAP).toFixed(0);
    const bars = lengths.map((length, at) => {
      const height = ((2 * RADIUS * length) / 100).toFixed(0);
      return `M${(at * step - RADIUS).toFixed(0)} ${RADIUS}v${-height}h${width}v${height}Z`;
    });
    return [shape("path", { class: "axis", d: "M-460 450H460" }), shape("path", { class: "bar", d: bars.join("") })];
  }

  function rose(plot, lengths, marks) {
    const half = (0.42 * 2 * Math.PI) / lengths.length;
    const wedge = (at) => {
      const sides = [-half, half].map((turn) => onCircle(plot.at[at], lengths[at] / 100, turn));
      return `M0 0L${sides.join(" ")}Z`;
    };
    const seen = [...lengths.keys()].filter((at) => lengths[at]);
    const bars = plot.kind === "hue"
      ? seen.map((at) => shape("path", { d: wedge(at), fill: earlyVision.hueColour(plot.at[at]) }))
      : [shape("path", { class: "bar", d: seen.map(wedge).join("") })];
    // An orientation is the same the other way round.
    const turns = plot.kind === "orientation" ? [0, 180] : [0];
    const ticks = marks.flatMap((mark) => turns.map((turn) => `M${onCircle(mark + turn, 1)}L${onCircle(mark + turn, 1.12)}`));
    return [
      shape("circle", { class: "axis", r: 460, fill: "none" }),
      ...bars,
      shape("path", { class: "mark", d: ticks.join("") }),
    ];
  }

  /**
   * @param {object} plot one of `plots` of a layer's details
   * @param {number} channel whose figure
   * @returns {SVGElement}
   */
  earlyVision.tuningPlot = (plot, channel) => {
    const lengths = plot.lengths[channel];
    const svg = shape("svg", { class: "group-plot", viewBox: "-500 -500 1000 1000", role: "img", "aria-label": plot.texts[channel] });
    svg.append(...(plot.kind === "frequency" ? frequencies(lengths) : rose(plot, lengths, plot.marks[channel])));
    return svg;
  };
}
