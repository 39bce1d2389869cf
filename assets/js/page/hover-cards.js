/**
 * One card for everything that a link can show before it is followed. It opens on hover, on focus by keyboard, and on
 * a first tap; a second tap follows the link.
 *
 * It opens beside its link and stays where it is; that of a picture among others opens beside all of them, lets the
 * pointer through, and shows the next picture at once. It closes when the pointer goes elsewhere, but not while it is on its
 * way to the card, on Escape, and on a tap outside. From a focused link Tab leads into a card that is open, and out of
 * it to what follows the link.
 */
if (document.getElementById("hover-card")) {
  const OPEN_AFTER_MS = 300;
  const CLOSE_AFTER_MS = 250;
  const ON_THE_WAY_MS = 500;
  const GAP = 8;
  const ASIDE = 24;
  const NEXT_AFTER_MS = 40;
  /** Pictures that one compares with each other, and what they stand in. */
  const TILE = ".neurons > a, .typical > a, .connections > a, .wall > a, .wall li > a";
  const AMONG = [".card, .single-group", ".neurons, .connections, .wall"];

  const card = document.getElementById("hover-card");
  const [text, more, explore] = card.children;

  /** The link that the open card belongs to, and the one that a card is about to open for. */
  let owner = null;
  let wanted = null;
  /** Focus that is put back on a link must not open its card again. */
  let returning = null;
  /** Where the pointer was last on the link. */
  let left = null;
  let lastPointer = "mouse";
  /** Whether a finger asked for the card, which then must be there to be tapped. */
  let byFinger = false;
  const timers = { opening: null, closing: null };

  const after = (timer, ms, act) => {
    clearTimeout(timers[timer]);
    timers[timer] = setTimeout(() => {
      timers[timer] = null;
      act();
    }, ms);
  };
  const cancel = (timer) => {
    clearTimeout(timers[timer]);
    timers[timer] = null;
  };

  const linkAt = (target) => {
    const link = target.closest?.("a");
    return link && !card.contains(link) && earlyVision.hasPreview(link) ? link : null;
  };

  const fill = (link, { label, more: words, nodes, explore: exploring }) => {
    card.setAttribute("aria-label", label);
    text.replaceChildren(...nodes);
    text.classList.toggle("pictured", nodes[0]?.matches?.(".preview-picture") ?? false);
    explore.hidden = !exploring;
    explore.onclick = exploring;
    more.hidden = !words;
    more.textContent = words ?? "";
    more.href = link.href.baseVal ?? link.href;
    link.setAttribute("aria-describedby", text.id);
  };

  /** Beside the link, below it where there is room, within the screen. */
  const place = (link, x) => {
    const pieces = [...link.getClientRects()];
    const beside = pieces.find((one) => x >= one.left && x <= one.right) ?? pieces[0] ?? link.getBoundingClientRect();
    const masthead = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    card.style.maxHeight = "";
    const { width, height } = card.getBoundingClientRect();
    const below = innerHeight - beside.bottom - 2 * GAP;
    const above = beside.top - masthead - GAP;
    const isBelow = height <= below || below >= above;
    const most = Math.max(isBelow ? below : above, 120);
    const wide = document.documentElement.clientWidth - width - GAP;
    const start = Math.max(GAP, Math.min(beside.left + beside.width / 2 - width / 2, wide));
    card.style.maxHeight = `${most}px`;
    card.style.left = `${start + scrollX}px`;
    card.style.top = `${(isBelow ? beside.bottom + GAP : beside.top - GAP - Math.min(height, most)) + scrollY}px`;
  };

  /** Beside all that a picture stands among; where there is no room, at the side of the screen that is farther away. */
  const placeBeside = (link) => {
    const among = (link.closest(AMONG[0]) ?? link.closest(AMONG[1])).getBoundingClientRect(), at = link.getBoundingClientRect();
    const masthead = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
    card.style.maxHeight = `${innerHeight - masthead - GAP}px`;
    const { width, height } = card.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const far = at.left + at.width / 2 < wide / 2 ? wide - width - GAP : GAP;
    const start =
      among.right + GAP + width <= wide ? among.right + GAP : among.left - GAP - width >= 0 ? among.left - GAP - width : far;
    const top = Math.max(masthead, Math.min(at.top, innerHeight - height - GAP));
    card.style.left = `${start + scrollX}px`;
    card.style.top = `${top + scrollY}px`;
  };

  /** Whether a link's card stands beside its group: not where it would cover the group for want of room. */
  const standsBeside = (link) => link.matches(TILE) && !byFinger && innerWidth >= 640;

  const show = (link, shown, x) => {
    if (owner && owner !== link) owner.removeAttribute("aria-describedby");
    fill(link, shown);
    owner = link;
    cancel("closing");
    card.classList.toggle("beside", standsBeside(link));
    card.classList.toggle("focused", link === document.activeElement);
    if (!card.matches(":popover-open")) card.showPopover();
    standsBeside(link) ? placeBeside(link) : place(link, x);
  };

  /** Opens the card of a link, unless something else is wanted by then. */
  const open = async (link, { x = NaN, ms = 0, described = false, focused = false }) => {
    if (link === owner) return;
    wanted = link;
    const begun = performance.now();
    const shown = await earlyVision.preview(link).catch(() => null);
    if (wanted !== link || !shown) return;
    // What is read aloud with the link must be there when it is.
    if (described) fill(link, shown);
    after("opening", Math.max(0, ms - (performance.now() - begun)), () => {
      if (wanted !== link) return;
      show(link, shown, x);
      // So that a tap has it read aloud, and its links come next.
      if (focused) card.focus({ preventScroll: true });
    });
  };

  const forget = () => {
    cancel("opening");
    if (wanted !== owner) wanted?.removeAttribute("aria-describedby");
    wanted = owner;
  };

  /** Closes the card, and leaves alone what is about to open. */
  const closeCard = () => {
    cancel("closing");
    if (!owner) return;
    const link = owner;
    if (wanted === owner) wanted = null;
    owner = null;
    link.removeAttribute("aria-describedby");
    if (card.contains(document.activeElement)) giveBack(link);
    card.hidePopover();
  };

  const close = () => {
    forget();
    closeCard();
    wanted = null;
  };

  const giveBack = (link) => {
    returning = link;
    link.focus({ preventScroll: true });
    returning = null;
  };

  /** Whether the pointer is between where it left the link and the side of the card that faces it. */
  const isOnTheWay = ({ clientX: x, clientY: y }) => {
    if (!left) return false;
    const { left: start, right: end, top, bottom } = card.getBoundingClientRect();
    const share = (y - left.y) / ((left.y <= top ? top : bottom) - left.y);
    if (!(share >= 0 && share <= 1)) return false;
    const from = left.x + (start - left.x) * share - ASIDE;
    const to = left.x + (end - left.x) * share + ASIDE;
    return x >= from && x <= to;
  };

  const isHeldByFocus = () => owner === document.activeElement || card.contains(document.activeElement);

  addEventListener(
    "pointermove",
    (event) => {
      if (event.pointerType === "touch" || event.buttons) return;
      if (card.contains(event.target)) {
        cancel("closing");
        forget();
        return;
      }
      byFinger = false;
      const link = linkAt(event.target);
      if (link && link !== owner && owner && card.matches(".beside") && link.matches(TILE)) {
        cancel("closing");
        if (link !== wanted) open(link, { ms: NEXT_AFTER_MS });
      } else if (link && link === owner) {
        cancel("closing");
        forget();
        left = { x: event.clientX, y: event.clientY };
      } else if (owner && !card.matches(".beside") && isOnTheWay(event)) {
        // Links on the way are not meant, unless the pointer stays on one.
        forget();
        after("closing", ON_THE_WAY_MS, () => {
          close();
          if (link) open(link, { x: event.clientX });
        });
      } else {
        if (owner && !isHeldByFocus() && !timers.closing) after("closing", CLOSE_AFTER_MS, closeCard);
        if (!link) forget();
        else if (link !== wanted) {
          forget();
          left = { x: event.clientX, y: event.clientY };
          open(link, { x: event.clientX, ms: OPEN_AFTER_MS });
        }
      }
    },
    { passive: true },
  );
  document.documentElement.addEventListener("pointerleave", () => {
    if (owner && !isHeldByFocus()) after("closing", CLOSE_AFTER_MS, closeCard);
  });

  addEventListener("pointerdown", (event) => {
    lastPointer = event.pointerType;
    if (owner && !card.contains(event.target) && !owner.contains(event.target)) close();
  });

  addEventListener("click", (event) => {
    if (card.contains(event.target)) {
      if (event.target.closest("a, button")) close();
      return;
    }
    const link = linkAt(event.target);
    if (!link) return;
    const byTouch = event.detail > 0 && (event.pointerType || lastPointer) === "touch";
    if (!byTouch || link === owner) {
      close();
      return;
    }
    event.preventDefault();
    byFinger = true;
    open(link, { x: event.clientX, focused: true });
  });

  addEventListener("focusin", (event) => {
    if (card.contains(event.target) || event.target === returning) return;
    if (owner && event.target !== owner) close();
    const link = event.target.matches?.(":focus-visible") ? linkAt(event.target) : null;
    byFinger = false;
    if (link) open(link, { ms: OPEN_AFTER_MS, described: true });
  });
  addEventListener("focusout", (event) => {
    if (event.target === wanted && wanted !== owner) forget();
  });

  addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key !== "Tab" || !owner) return;
    const stops = [...card.querySelectorAll("a[href], button")].filter((one) => one.checkVisibility());
    const first = stops[0];
    const last = stops.at(-1);
    if (document.activeElement === owner && !event.shiftKey && first) {
      event.preventDefault();
      first.focus();
    } else if (card.contains(document.activeElement) && event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      giveBack(owner);
    } else if (document.activeElement === last && !event.shiftKey) {
      // The browser goes on from the link, as if the card were between it and what follows.
      close();
    }
  });
}
