/**
 * Searching neurons: what a query means, and which neurons it finds.
 *
 * A query is a list of things that all have to hold: 3a:79, mixed3a, 79 (the channel), 45° (the preferred orientation),
 * a word of earlyVisionNeurons.words, the name of a neuron group or family or the beginning of a word of it, "group:x",
 * "family:x", "word:x", and any of these after a minus for its opposite. What is still being typed finds all that it
 * may become.
 */
globalThis.earlyVision ??= {};

/**
 * @param {object} data earlyVisionNeurons
 * @param {object} lookup earlyVision.neuronLookup of it
 */
earlyVision.neuronSearch = (data, lookup) => {
  const MEMBER = 0.5; // The score from which on a family counts, as in early_vision/tuning/families.py.
  const ORIENTED = 0.4, NEAR = 10; // Selectivity that a preferred orientation needs, and how near it has to be, in degrees.
  const LONGEST_PHRASE = 6;

  const plain = (text) =>
    text.toLowerCase().replaceAll("color", "colour").replaceAll("gray", "grey").replace(/[\s,]+/g, " ").trim();
  const none = () => new Uint8Array(lookup.count);
  const those = (test) => Uint8Array.from({ length: lookup.count }, (_, at) => test(at));

  /** Everything that has a name: kind, name, text to match, neurons, and how many they are. */
  const terms = [];
  const known = new Map();
  const term = (kind, name, meaning) => {
    const key = `${kind}:${plain(name)}`;
    if (!known.has(key)) {
      known.set(key, { kind, name, text: plain(name), meaning, neurons: none() });
      terms.push(known.get(key));
    }
    return known.get(key).neurons;
  };
  for (const word of data.words) {
    for (const name of [word.name, ...word.also]) {
      const neurons = term("word", name, word.meaning);
      for (const at of word.neurons) neurons[at] = 1;
    }
  }
  for (let at = 0; at < lookup.count; at++) {
    const group = lookup.group(at);
    if (group) term("group", group.name, "as the article has it")[at] = 1;
    for (const [place, score] of data.columns.families[at]) {
      const family = data.families[place];
      if (score >= MEMBER) term("family", family.names[lookup.layerPlace(at)], family.meaning)[at] = 1;
    }
  }
  for (const one of terms) one.count = one.neurons.reduce((sum, member) => sum + member, 0);

  const union = (some) => {
    const found = none();
    for (const one of some) for (let at = 0; at < found.length; at++) found[at] |= one.neurons[at];
    return found;
  };
  const beginsInside = (text, start) => text.startsWith(start) || text.includes(` ${start}`) || text.includes(`/${start}`);
  const named = (text, kinds) => terms.filter((one) => one.text === text && (!kinds || kinds === one.kind));
  const beginning = (text, kinds) =>
    terms.filter((one) => beginsInside(one.text, text) && (!kinds || kinds === one.kind));

  /** What one token without its minus means where it is no name: a set of neurons, or undefined. */
  function reference(token) {
    const [, layerName, digits] = token.match(/^([\w.-]+):(\d*)$/) ?? [];
    const place = lookup.layerNamed(layerName ?? token);
    if (layerName !== undefined && place >= 0 && digits) {
      const found = none(), at = lookup.find(token);
      if (at >= 0) found[at] = 1;
      return found;
    }
    if (place >= 0) return those((at) => lookup.layerPlace(at) === place);
    if (/^\d+$/.test(token)) return those((at) => lookup.channel(at) === Number(token));
    const [, degrees] = token.match(/^(\d+)(?:°|deg)$/) ?? [];
    if (degrees !== undefined && data.measures.orientation) {
      const angles = data.measures.orientation.values, selectivity = data.measures.orientation_selectivity.values;
      return those((at) => {
        const apart = Math.abs(angles[at] - Number(degrees)) % 180;
        return selectivity[at] >= ORIENTED && Math.min(apart, 180 - apart) <= NEAR;
      });
    }
    return undefined;
  }

  /** The query as a list of {text, negated, found}: found is a set of neurons, or undefined where nothing is called so. */
  function parse(query) {
    const tokens = plain(query).match(/-?(?:[a-z]+:)?"[^"]*"?|\S+/g) ?? [], clauses = [];
    for (let at = 0; at < tokens.length; ) {
      const negated = tokens[at].length > 1 && tokens[at][0] === "-";
      const head = negated ? tokens[at].slice(1) : tokens[at];
      const [, kind, rest] = head.match(/^(?:(group|family|word):)?(.*)$/s);
      let taken = 1, text = rest.replaceAll('"', ""), found;
      if (!kind && !rest.includes('"')) found = reference(head);
      // The longest phrase that is a name; at the end of the query also one that begins so.
      for (let size = Math.min(LONGEST_PHRASE, tokens.length - at); !found && size > 0; size--) {
        const phrase = [text, ...tokens.slice(at + 1, at + size)].join(" "), last = at + size === tokens.length;
        const whole = named(phrase, kind);
        const some = whole.length || (size > 1 && !last) ? whole : beginning(phrase, kind);
        if (phrase && some.length) [found, taken] = [union(some), size];
      }
      if (text || kind) clauses.push({ text: tokens.slice(at, at + taken).join(" "), negated, found });
      at += taken;
    }
    return clauses;
  }

  /**
   * @param {string} query
   * @returns {{found: ?Uint8Array, unknown: string[]}} which neurons are found, null for all; and what means nothing
   */
  function search(query) {
    const clauses = parse(query);
    if (!clauses.length) return { found: null, unknown: [] };
    const found = none().fill(1);
    for (const clause of clauses) {
      for (let at = 0; at < found.length; at++) found[at] &= (clause.found?.[at] ?? 0) ^ clause.negated;
    }
    return { found, unknown: clauses.filter((clause) => !clause.found).map((clause) => clause.text) };
  }

  /** Names that the end of a query may become: {query, kind, name, meaning, count}, words first, at most `most`. */
  function suggest(query, most) {
    const tokens = plain(query).split(" ").filter(Boolean), order = ["word", "group", "family"];
    for (let start = 0; start < tokens.length; start++) {
      const typed = tokens.slice(start).join(" ").replace(/^-/, ""), before = tokens.slice(0, start);
      const some = typed ? beginning(typed).filter((one) => one.text !== typed || one.kind !== "word") : [];
      if (!some.length) continue;
      const rank = (one) => (one.text.startsWith(typed) ? 0 : 3) + order.indexOf(one.kind);
      return some
        .sort((a, b) => rank(a) - rank(b) || b.count - a.count)
        .slice(0, most)
        .map((one) => ({ ...one, query: [...before, one.kind === "word" ? one.text : qualified(one)].join(" ") }));
    }
    return [];
  }

  const qualified = (one) => `${one.kind}:${one.text.includes(" ") ? `"${one.text}"` : one.text}`;

  return { search, suggest, terms };
};
