// What is set before the page is painted, so that it is styled once: its scheme, and that scripts
// run. The theme sets both after the page is shown, and has all of it styled five times more.
"use strict";
(() => {
  const { recall, remember, root } = dlref;
  root.className = "js js-focus-visible";

  // The scheme is that of the system until one is chosen.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.querySelector(".scheme");
  let chosen = recall("scheme");
  const isDark = () => (chosen ? chosen === "slate" : system.matches);
  const show = () => {
    document.body.dataset.mdColorScheme = isDark() ? "slate" : "default";
    root.style.colorScheme = isDark() ? "dark" : "light";
    button.ariaPressed = isDark();
  };
  button.addEventListener("click", () => {
    chosen = isDark() ? "default" : "slate";
    remember("scheme", chosen);
    show();
  });
  system.addEventListener("change", show);
  button.hidden = false;
  show();
})();
