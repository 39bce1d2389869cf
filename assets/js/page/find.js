/**
 * One search on every page: neurons, groups, families, measures, words and sections of the article, or of all articles
 * on the front page. What it searches is loaded when the field is first entered.
 */
globalThis.earlyVision ??= {};

if (document.querySelector(".find")) {
  const form = document.querySelector(".find");
  const [field, list] = [form.querySelector("input"), form.querySelector("[role=listbox]")];
  const status = form.querySelector("[role=status]");
  const folders = form.dataset.articles.split(" ");
  const root = form.dataset.root;

  const MOST = 12, MOST_NEURONS = 5, TILE = 36;
  const NEURONS_FROM = 3; // Letters of a query from which on neurons are searched: fewer are in nearly all of them.
  /** What each kind counts for in the order of what is found. */
  const WEIGHTS = { layer: 2, group: 1.6, family: 1.4, word: 1.2, section: 1, measure: 0.4, neuron: 0.2 };

  const load = (address) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: address, onload: resolve, onerror: reject });
      document.head.append(script);
    });

  /** What there is to find, once it is loaded: articles, documents by their number, and indices of them. */
  let ready = null, all = null;
  const prepare = () => {
    ready ??= Promise.all([load(`${root}minisearch.js`), ...folders.map((folder) => load(`${folder}data/search.js`))]).then(() => {
      const articles = Object.values(globalThis.earlyVisionSearch).map((one, at) => ({ ...one, folder: folders[at] }));
      const entries = articles.flatMap((article) =>
        article.entries.map(([kind, name, address, text, also, neuron]) => ({ article, kind, name, address, text, also, neuron })),
      );
      const neurons = articles.flatMap(neuronsOf);
      const documents = [...entries, ...neurons];
      documents.forEach((one, at) => (one.id = at));
      const indexOf = (some) => {
        const index = new MiniSearch({ fields: ["name", "also", "text"], searchOptions: { boost: { name: 6, also: 3 }, prefix: true, combineWith: "AND" } });
        index.addAll(some);
        return index;
      };
      const words = new Set(entries.flatMap(({ name, also }) => wordsOf(`${name} ${also}`)));
      all = { articles, documents, neurons, words, index: indexOf(entries), ofNeurons: indexOf(neurons) };
      return all;
    });
    return ready;
  };

  function neuronsOf(article) {
    const { group, facts } = article.neurons;
    let first = 0;
    return article.layers.flatMap(([layer, , count]) => {
      const some = Array.from({ length: count }, (_, channel) => ({
        article, kind: "neuron", name: `${layer}:${channel}`, address: `neurons/${layer}/${channel}.html`,
        text: facts[first + channel], also: article.groups[group[first + channel]], neuron: first + channel,
      }));
      first += count;
      return some;
    });
  }

  const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];

  /** How many letters have to be exchanged, left out, added, or swapped with the next one (optimal string alignment). */
  function distance(a, b) {
    const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)];
    for (let i = 1; i <= a.length; i++) {
      rows[i] = [i];
      for (let j = 1; j <= b.length; j++) {
        rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] !== b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
      }
    }
    return rows[a.length][b.length];
  }

  /** The query with each word that is in no name put right, or nothing where some are like none. */
  function meantBy(query) {
    const right = wordsOf(query).map((word) => {
      if ([...all.words].some((one) => one.startsWith(word))) return word;
      const near = [...all.words].map((one) => [distance(word, one), one]).sort(([a, one], [b, other]) => a - b || (one < other ? -1 : 1))[0];
      return near && near[0] <= Math.max(1, word.length / 3) ? near[1] : null;
    });
    return right.length && !right.includes(null) ? right.join(" ") : undefined;
  }

  /** The neurons that a query names as mixed3a:79, mixed3a/79, mixed3a_79 or 3a 79; a text where there is none such. */
  function named(query) {
    const [, layerName, digits] = query.toLowerCase().match(/^([\w.-]+?)\s*[:/_ ]\s*(\d+)$/) ?? [];
    if (!layerName) return { found: [] };
    let outside = "";
    const found = all.articles.flatMap((article) => {
      const layer = article.layers.find(([name, short]) => layerName === name.toLowerCase() || layerName === short.toLowerCase());
      if (!layer) return [];
      if (Number(digits) >= layer[2]) outside = `The neurons of ${layer[0]} are ${layer[0]}:0 to ${layer[0]}:${layer[2] - 1}.`;
      const wanted = `${layer[0]}:${Number(digits)}`;
      return all.neurons.filter((one) => one.article === article && one.name === wanted);
    });
    return { found, outside: found.length ? "" : outside };
  }

  /** {found, outside, meant}: documents, what a query asks for in vain, and what may have been meant instead. */
  function search(query) {
    const { found: exact, outside } = named(query);
    if (exact.length) return { found: exact };
    const indices = query.length < NEURONS_FROM ? [all.index] : [all.index, all.ofNeurons];
    const hits = indices.flatMap((index) => index.search(query)).map(({ id, score }) => {
      const one = all.documents[id];
      return { one, rank: score * WEIGHTS[one.kind] * (one.name.toLowerCase() === query.toLowerCase() ? 4 : 1) };
    });
    hits.sort((a, b) => b.rank - a.rank || a.one.id - b.one.id);
    let neurons = 0;
    const others = hits.some(({ one }) => one.kind !== "neuron");
    const found = hits.map(({ one }) => one).filter((one) => one.kind !== "neuron" || !others || ++neurons <= MOST_NEURONS).slice(0, MOST);
    if (found.length || outside) return { found, outside };
    return { found: [], meant: meantBy(query) };
  }

  function option(one, at) {
    const made = document.createElement("a");
    Object.assign(made, { href: one.article.folder + one.address, id: `found-${at}`, tabIndex: -1 });
    made.setAttribute("role", "option");
    const picture = document.createElement("span");
    picture.className = "window";
    const { sprite, column, row } = one.article.neurons;
    if (one.neuron !== null && sprite[one.neuron] !== null) {
      const [path, across] = one.article.sprites[sprite[one.neuron]], image = document.createElement("img");
      Object.assign(image, { src: one.article.folder + path, alt: "" });
      Object.assign(image.style, { width: `${across * TILE}px`, left: `${-column[one.neuron] * TILE}px`, top: `${-row[one.neuron] * TILE}px` });
      picture.append(image);
    }
    const words = document.createElement("span"), name = document.createElement("b"), about = document.createElement("small");
    words.className = "words";
    name.textContent = one.name;
    about.textContent = one.kind === "neuron" ? `${one.also}. ${one.text}` : one.kind === "group" ? `${one.also}. ${one.text}` : one.text;
    words.append(name, about);
    const kind = document.createElement("i");
    kind.textContent = folders.length > 1 ? `${one.kind}, ${one.article.title}` : one.kind;
    made.append(picture, words, kind);
    return made;
  }

  let current = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];
  const mark = (at) => {
    current = at;
    options().forEach((one, place) => one.setAttribute("aria-selected", place === at));
    const chosen = options()[at];
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  };
  const open = (wanted) => {
    list.hidden = !wanted;
    field.setAttribute("aria-expanded", wanted);
  };

  function draw() {
    const query = field.value.trim();
    if (!all) return;
    if (!query) {
      status.textContent = "";
      return open(false);
    }
    const { found, outside, meant } = search(query);
    list.replaceChildren(...found.map(option));
    if (meant) {
      const made = document.createElement("a");
      Object.assign(made, { href: "#", id: "found-0", className: "meant", textContent: "Did you mean " });
      made.setAttribute("role", "option");
      made.append(Object.assign(document.createElement("b"), { textContent: meant }), "?");
      made.dataset.query = meant;
      list.append(made);
    }
    const said = found.length ? `${found.length} found` : outside || (meant ? `Nothing found. Did you mean ${meant}?` : "Nothing found");
    if (!found.length && !meant) {
      const made = document.createElement("p");
      made.textContent = said;
      list.append(made);
    }
    status.textContent = said;
    open(true);
    mark(found.length || meant ? 0 : -1);
  }

  field.addEventListener("focus", () => prepare().then(draw, () => {}));
  field.addEventListener("input", draw);
  const take = (chosen) => {
    if (!chosen) return;
    if (chosen.dataset.query) {
      field.value = chosen.dataset.query;
      draw();
    } else {
      open(false);
      field.blur();
      location.href = chosen.href;
    }
  };
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest(".meant");
    if (!chosen) return;
    event.preventDefault();
    field.focus();
    take(chosen);
  });
  // A press on the list must not take the focus away before its click comes.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    take(options()[current]);
  });
  field.addEventListener("keydown", (event) => {
    const count = options().length;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && count) {
      event.preventDefault();
      mark((current + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      field.value = "";
      open(false);
      field.blur();
    }
  });
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || open(false));
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, select, textarea") || document.getElementById("query")) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}
