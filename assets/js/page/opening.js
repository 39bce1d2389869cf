/**
 * The opening picture by keyboard and by touch: one stop of the Tab key, in which arrows move; a first tap names a
 * neuron, a second one goes to its page. Without this, every neuron is a link of its own.
 */
for (const opening of document.querySelectorAll(".opening")) {
  const tiles = [...opening.querySelectorAll(".some a")];
  const shown = () => tiles.filter((tile) => tile.offsetParent);
  const middle = (tile) => {
    const { left, top, width, height } = tile.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };

  /** The nearest tile in a direction, those straight ahead first. */
  const toward = (from, x, y) => {
    const [left, top] = middle(from);
    const ahead = shown().filter((tile) => {
      const [a, b] = middle(tile);
      return (a - left) * x + (b - top) * y > 2;
    });
    const far = (tile) => {
      const [a, b] = middle(tile);
      return Math.abs(a - left) * (x ? 1 : 4) + Math.abs(b - top) * (y ? 1 : 4);
    };
    return ahead.sort((a, b) => far(a) - far(b))[0];
  };
  const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

  const stop = (tile) => {
    for (const one of tiles) one.tabIndex = one === tile ? 0 : -1;
  };
  const name = (tile) => {
    for (const one of tiles) one.classList.toggle("named", one === tile);
  };

  stop(tiles[0]);
  opening.addEventListener("focusin", ({ target }) => {
    if (tiles.includes(target)) stop(target);
  });
  opening.addEventListener("keydown", (event) => {
    const next = steps[event.key] && tiles.includes(event.target) && toward(event.target, ...steps[event.key]);
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
  });

  let touched = false;
  opening.addEventListener("pointerdown", (event) => (touched = event.pointerType === "touch"));
  opening.addEventListener("click", (event) => {
    const tile = event.target.closest(".some a");
    if (!tile || !touched || tile.classList.contains("named")) return;
    event.preventDefault();
    name(tile);
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!opening.contains(target)) name(null);
  });
}
