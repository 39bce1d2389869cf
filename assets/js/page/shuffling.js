/** Neurons between shuffled and sorted: each goes its own straight way as the slider is moved. */
for (const figure of document.querySelectorAll(".shuffling")) {
  const slider = figure.querySelector("input"), texts = [...figure.querySelectorAll("text")];
  const cards = [...figure.querySelectorAll(".sorted a > svg")].map((card) => {
    const [x, y] = card.dataset.from.split(" ").map(Number);
    return { card, from: [x, y], to: [card.x.baseVal.value, card.y.baseVal.value] };
  });
  const draw = () => {
    const share = Number(slider.value) / 100, eased = share * share * (3 - 2 * share);
    for (const { card, from, to } of cards) {
      card.setAttribute("x", (from[0] + (to[0] - from[0]) * eased).toFixed(1));
      card.setAttribute("y", (from[1] + (to[1] - from[1]) * eased).toFixed(1));
    }
    for (const text of texts) text.style.opacity = Math.max(0, 4 * share - 3);
  };
  slider.addEventListener("input", draw);
  draw();
}
