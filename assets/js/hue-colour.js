globalThis.earlyVision ??= {};

/** A hue of the opponent plane as a colour, as `opponent_colour` in early_vision/tuning/colour.py has it. */
earlyVision.hueColour = (hue) => {
  const channel = (turn) => Math.round(128 + 100 * Math.cos(((hue - turn) * Math.PI) / 180));
  return `rgb(${channel(0)}, ${channel(120)}, ${channel(240)})`;
};
