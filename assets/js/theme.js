/**
 * The switch between light and dark.
 *
 * The one script that pages wait for, so that none is painted in the wrong colours first. A choice that the reader's
 * system would make as well is forgotten rather than kept: from then on the page follows the system again.
 */
{
  const KEY = "theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");

  // Storage may be closed to pages from files, and to all pages by the reader.
  const stored = (act) => {
    try {
      return act(localStorage);
    } catch {
      return null;
    }
  };

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    const button = document.querySelector(".theme");
    if (button) button.setAttribute("aria-pressed", isDark());
  };

  show(stored((storage) => storage.getItem(KEY)));
  document.addEventListener("DOMContentLoaded", () => show(root.dataset.theme));
  system.addEventListener("change", () => show(root.dataset.theme));
  addEventListener("storage", (event) => event.key === KEY && show(event.newValue));
  addEventListener("click", (event) => {
    if (!event.target.closest?.(".theme")) return;
    const dark = !isDark();
    const follows = dark === system.matches;
    stored((storage) => (follows ? storage.removeItem(KEY) : storage.setItem(KEY, dark ? "dark" : "light")));
    show(follows ? null : dark ? "dark" : "light");
  });
}
