"use strict";
// The switch between light and dark: as the system has it, until the reader switches; kept for the session if it can be.
{
  const KEY = "burstnet-mode";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("mode");

  // A page from a file may have no storage, and asking for it then throws.
  const remembered = () => {
    try {
      return sessionStorage.getItem(KEY);
    } catch {
      return null;
    }
  };
  const remember = (mode) => {
    try {
      sessionStorage.setItem(KEY, mode);
    } catch {
      // The page works without.
    }
  };

  const dark = () => (root.dataset.mode ? root.dataset.mode === "dark" : system.matches);
  const show = () => {
    button.textContent = dark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to ${dark() ? "light" : "dark"} mode`);
    burstnet.redrawAll();
  };

  const mode = remembered();
  if (mode === "light" || mode === "dark") root.dataset.mode = mode;
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.mode = dark() ? "light" : "dark";
    remember(root.dataset.mode);
    show();
  });
  system.addEventListener("change", show);
  show();
}
