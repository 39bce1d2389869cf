/**
 * By keyboard, pictures that stand together are one stop: the arrow keys lead from one to the next, up and down too, and
 * Home and End to the ends. On a neuron's page the left and right arrow keys lead to the neurons before and after it.
 *
 * Without it every picture is a stop of its own.
 */
{
  const TOGETHER = ".card .neurons, .typical, .single-group .neurons, .siblings .neurons, .connections, figure .wall, .circuit > svg";
  const ONE = "a[href]";

  const isShown = (link) => link.checkVisibility();
  const linksOf = (group) => [...group.querySelectorAll(ONE)];

  const setStop = (group, stop) => {
    for (const link of linksOf(group)) link.setAttribute("tabindex", link === stop ? "0" : "-1");
  };
  for (const group of document.querySelectorAll(TOGETHER)) setStop(group, group.querySelector(ONE));

  /** The link whose middle is nearest to straight above or below. */
  const vertical = (links, from, direction) => {
    const middle = (link) => {
      const { left, top, width, height } = link.getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2, height };
    };
    const at = middle(from);
    const beyond = links.map((link) => ({ link, ...middle(link) })).filter(({ y }) => (y - at.y) * direction > at.height / 2);
    const next = Math.min(...beyond.map(({ y }) => Math.abs(y - at.y)));
    const row = beyond.filter(({ y }) => Math.abs(Math.abs(y - at.y) - next) < at.height / 2);
    row.sort((a, b) => Math.abs(a.x - at.x) - Math.abs(b.x - at.x));
    return row[0]?.link;
  };

  const MOVES = {
    ArrowRight: (links, from) => links[links.indexOf(from) + 1],
    ArrowLeft: (links, from) => links[links.indexOf(from) - 1],
    ArrowDown: (links, from) => vertical(links, from, 1),
    ArrowUp: (links, from) => vertical(links, from, -1),
    Home: (links) => links[0],
    End: (links) => links.at(-1),
  };

  addEventListener("focusin", (event) => {
    const group = event.target.closest?.(TOGETHER);
    if (group && event.target.matches(ONE)) setStop(group, event.target);
  });

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented) return;
    const link = event.target.closest?.(ONE), group = link?.closest(TOGETHER);
    if (group) {
      const to = MOVES[event.key]?.(linksOf(group).filter(isShown), link);
      if (event.key in MOVES) event.preventDefault();
      to?.focus();
      return;
    }
    const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    if (!rel || event.target.closest?.("input, select, textarea, summary, [tabindex], [role=listbox]")) return;
    document.querySelector(`.walk a[rel=${rel}]`)?.click();
  });
}
