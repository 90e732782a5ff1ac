// Runs before the first paint so that a chosen theme never flashes. The same key is used in src/lib/theme.ts.
(function () {
  try {
    var theme = localStorage.getItem("ostiary.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is forbidden: the system's preference counts.
  }
})();
