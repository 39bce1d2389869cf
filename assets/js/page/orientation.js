/**
 * Where the reader is: marks the section in the contents and the layer in the strip, names it in the masthead, and
 * opens the contents from there on screens that have no room for them beside the text.
 *
 * Without it the contents are a list at the top of the article, and the strip leads to the layers.
 */
if (document.querySelector(".contents")) {
  const contents = document.querySelector(".contents");
  const sheet = contents.firstElementChild;
  const here = document.querySelector(".here");
  const layers = [...document.querySelectorAll(".strip a")];
  const steps = [...document.querySelectorAll(".step")];
  const progress = CSS.supports("animation-timeline: scroll()") ? null : document.querySelector(".progress");

  const placeOf = (link) => document.getElementById(decodeURIComponent(link.hash.slice(1)));
  const parts = [...contents.querySelectorAll(".sections > li")].map((item) => {
    const link = item.querySelector("a");
    return { item, link, place: placeOf(link), marks: null };
  });

  /** What a section holds, in the order of the page: itself, its subsections and its neuron groups. */
  const marksOf = (part) => {
    if (part.marks) return part.marks;
    const links = [...part.item.querySelectorAll("a")];
    const cards = cardsOf(part);
    if (cards.length) {
      const list = part.item.querySelector("ol") ?? part.item.appendChild(document.createElement("ol"));
      for (const card of cards) {
        const link = list.appendChild(document.createElement("li")).appendChild(document.createElement("a"));
        link.href = `#${card.id}`;
        link.textContent = card.querySelector("h3 a").firstChild.textContent.trim();
        links.push(link);
      }
    }
    part.marks = links.map((link) => ({ link, place: placeOf(link) }));
    part.marks.sort((a, b) => (a.place.compareDocumentPosition(b.place) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    const list = part.item.querySelector("ol");
    list?.append(...part.marks.map(({ link }) => link.parentElement).filter((item) => item.parentElement === list));
    return part.marks;
  };

  const cardsOf = (part) => {
    const next = parts[parts.indexOf(part) + 1]?.place;
    return [...document.querySelectorAll(".card[id]")].filter(
      (card) =>
        part.place.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING &&
        !(next?.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING),
    );
  };

  /** The last of some places that begins above a line a third down the screen; of several beside each other the one
      that was linked to, or the first. */
  const lastAbove = (marks) => {
    const topOf = ({ place }) => Math.round(place.getBoundingClientRect().top);
    const last = marks.findLast((one) => topOf(one) < innerHeight / 3);
    const row = last ? marks.filter((one) => topOf(one) === topOf(last)) : [];
    return row.find(({ place }) => place.matches(":target")) ?? row[0];
  };

  const setCurrent = (link, is) => (is ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));

  let part, mark;
  const show = (nextPart, nextMark) => {
    if (mark) setCurrent(mark.link, false);
    if (nextMark) setCurrent(nextMark.link, true);
    mark = nextMark;
    keepInSight();
    if (part === nextPart) return;
    part?.item.classList.remove("current");
    part = nextPart;
    part?.item.classList.add("current");
    const at = parts.indexOf(part);
    for (const link of layers) {
      const layer = parts.findIndex((one) => one.link.getAttribute("href") === link.getAttribute("href"));
      setCurrent(link, layer === at);
      if (layer === at) toTheMiddle(link);
      link.classList.toggle("passed", layer < at);
    }
    here.textContent = part ? part.link.textContent : "Contents";
    for (const step of steps) step.disabled = !parts[at + Number(step.value)];
    keepInSight();
  };

  /** Scrolls the strip, where not all of it is in sight. */
  const toTheMiddle = (link) => {
    const strip = link.parentElement;
    strip.scrollLeft = link.offsetLeft - strip.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
  };

  /** Scrolls the contents, never the page. */
  const keepInSight = () => {
    if (!mark || sheet.scrollHeight <= sheet.clientHeight) return;
    const { top, bottom } = mark.link.getBoundingClientRect();
    const seen = sheet.getBoundingClientRect();
    if (top < seen.top + 40 || bottom > seen.bottom - 40) sheet.scrollTop += top - seen.top - seen.height / 2;
  };

  let waiting = false;
  const look = () => {
    waiting = false;
    const nextPart = lastAbove(parts);
    const nextMark = nextPart && lastAbove(marksOf(nextPart));
    if (nextPart !== part || nextMark !== mark || here.textContent === "Contents") show(nextPart, nextMark);
    if (progress) {
      const length = document.documentElement.scrollHeight - innerHeight;
      progress.style.transform = `scaleX(${length > 0 ? scrollY / length : 1})`;
    }
  };
  const lookSoon = () => {
    if (!waiting) requestAnimationFrame(look);
    waiting = true;
  };
  addEventListener("scroll", lookSoon, { passive: true });
  addEventListener("resize", lookSoon, { passive: true });

  for (const step of steps) {
    step.addEventListener("click", () => {
      location.hash = parts[parts.indexOf(part) + Number(step.value)].link.hash;
    });
  }

  // The contents as a sheet below the masthead. Their place in the text keeps its height, so that nothing moves.
  const isOpen = () => contents.classList.contains("open");
  const open = (wanted) => {
    if (wanted === isOpen()) return;
    contents.style.minHeight = wanted ? `${contents.offsetHeight}px` : "";
    contents.classList.toggle("open", wanted);
    here.setAttribute("aria-expanded", wanted);
    if (wanted) (mark ?? parts[0]).link.focus({ preventScroll: true });
    keepInSight();
  };
  here.setAttribute("role", "button");
  here.setAttribute("aria-expanded", "false");
  here.setAttribute("aria-controls", contents.id);
  here.addEventListener("click", (event) => {
    event.preventDefault();
    open(!isOpen());
  });
  here.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    open(!isOpen());
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    open(false);
    here.focus();
  });
  addEventListener("click", (event) => {
    if (event.target.closest(".contents a") || !event.target.closest(".contents, .here")) open(false);
  });
  contents.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !contents.contains(event.relatedTarget) && event.relatedTarget !== here) open(false);
  });

  look();
}
