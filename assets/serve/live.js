/* While an author writes: brings the page up to date in place, and shows what keeps a build from succeeding. */
(() => {
  const script = document.currentScript;
  let version = script.dataset.version;
  const KEPT = "early-vision-place";

  const path = (address) => {
    const url = new URL(address, document.baseURI);
    if (url.origin !== location.origin) return null;
    const inside = decodeURIComponent(url.pathname).slice(1);
    return inside === "" || inside.endsWith("/") ? `${inside}index.html` : inside;
  };

  const loaded = () => {
    const addresses = [...document.querySelectorAll("script[src], img[src]")].map((one) => one.src);
    return new Set([location.href, ...addresses].map(path));
  };

  /* The place is kept by what is nearest to the top of the window, so that it stays when text above it grows. */
  const marks = () =>
    [...document.querySelectorAll("main :is(h1, h2, h3, h4, p, li, figure, tr, section)")].filter(
      (one) => !one.closest("nav, aside") && one.getClientRects().length,
    );
  const words = (one) => one.textContent.slice(0, 200);

  const keepPlace = () => {
    const near = marks()
      .map((one) => [one, one.getBoundingClientRect().top])
      .sort(([, a], [, b]) => Math.abs(a) - Math.abs(b))
      .slice(0, 8)
      .map(([one, top]) => ({ id: one.id, words: words(one), top }));
    sessionStorage.setItem(KEPT, JSON.stringify({ page: location.pathname, y: scrollY, near }));
  };

  /* The nearest of what was there that is still there, and there once. */
  const find = (near) => {
    const all = marks();
    for (const { id, words: text, top } of near) {
      const same = id ? all.filter((one) => one.id === id) : all.filter((one) => words(one) === text);
      if (same.length === 1) return [same[0], top];
    }
    return null;
  };

  const restorePlace = () => {
    const kept = sessionStorage.getItem(KEPT);
    if (!kept) return;
    sessionStorage.removeItem(KEPT);
    const place = JSON.parse(kept);
    if (place.page !== location.pathname) return;
    const put = () => {
      const found = place.y > 0 ? find(place.near) : null;
      const y = found ? scrollY + found[0].getBoundingClientRect().top - found[1] : place.y;
      scrollTo({ top: y, behavior: "instant" });
    };
    /* The browser would put the page back where it was, after all of this. */
    history.scrollRestoration = "manual";
    put();
    addEventListener("load", put);
    addEventListener("pagehide", () => {
      history.scrollRestoration = "auto";
    });
  };

  const reload = () => {
    keepPlace();
    location.reload();
  };

  const swapStyles = (changed) => {
    for (const old of document.querySelectorAll("link[rel=stylesheet]")) {
      if (!changed.has(path(old.href))) continue;
      const fresh = old.cloneNode();
      const address = new URL(old.href);
      address.searchParams.set("v", version);
      fresh.href = address.href;
      fresh.addEventListener("load", () => old.remove());
      old.after(fresh);
    }
  };

  /* In a shadow tree, so that the page's style sheet and this one leave each other alone. */
  const host = document.createElement("div");
  const shadow = host.attachShadow({ mode: "open" });
  const styles = document.createElement("link");
  styles.rel = "stylesheet";
  styles.href = "/-/live.css";
  const panel = document.createElement("section");
  shadow.append(styles, panel);

  const element = (name, kind, text) => {
    const made = document.createElement(name);
    if (kind) made.className = kind;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const shown = (problem) => {
    const item = element("li", problem.severity);
    if (problem.file) {
      const place = element("p", "place", problem.file);
      if (problem.line) place.append(element("b", "", `:${problem.line}`));
      item.append(place);
    }
    item.append(element("p", "message", problem.message));
    if (problem.excerpt.length) {
      const lines = element("pre", "excerpt");
      for (const line of problem.excerpt) {
        const row = element(line.here ? "mark" : "span", "");
        row.append(element("i", "", String(line.number)), line.text || " ");
        lines.append(row);
      }
      item.append(lines);
    }
    if (problem.hint) item.append(element("p", "hint", problem.hint));
    return item;
  };

  const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  const show = (problems) => {
    const errors = problems.filter((one) => one.severity === "error").length;
    panel.replaceChildren();
    host.hidden = problems.length === 0;
    if (host.hidden) return;
    panel.className = errors ? "problems" : "problems folded";
    panel.setAttribute("role", errors ? "alert" : "status");
    const head = element("header");
    const title = errors ? `${counted(errors, "error")}: the last good page stays` : counted(problems.length, "warning");
    head.append(element("h2", "", title));
    const fold = element("button", "fold", "");
    fold.type = "button";
    const toggle = (folded) => {
      panel.classList.toggle("folded", folded);
      fold.setAttribute("aria-expanded", String(!folded));
      fold.textContent = folded ? "Show" : "Hide";
    };
    toggle(!errors);
    fold.addEventListener("click", () => toggle(!panel.classList.contains("folded")));
    head.append(fold);
    const list = element("ol");
    list.append(...problems.map(shown));
    panel.append(head, list);
  };

  document.body.append(host);
  show([]);
  restorePlace();

  let first = true;
  const news = new EventSource("/-/news");
  news.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    const missed = first && told.version !== version && version !== "";
    first = false;
    if (missed || told.changed === null) {
      if (told.version !== version) return reload();
    } else if (told.version !== version) {
      const changed = new Set(told.changed);
      version = told.version;
      if ([...loaded()].some((one) => changed.has(one))) return reload();
      swapStyles(changed);
    }
    show(told.problems);
  });
  /* After a break, what was told meanwhile is unknown. */
  news.addEventListener("error", () => {
    first = true;
  });
})();
