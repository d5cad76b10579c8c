// What scrolls sideways is reached by the keyboard, too; and what the theme leaves out for screen readers.
addEventListener("DOMContentLoaded", () => {
  for (const scrolling of document.querySelectorAll(".table-wrapper, .highlight pre")) {
    scrolling.tabIndex = 0;
  }
  for (const caption of document.querySelectorAll(".caption[role=heading]")) {
    caption.ariaLevel = "2";
  }
  document.querySelector("aside.sidebar-drawer")?.setAttribute("aria-label", "All pages");
  document.querySelector("aside.toc-drawer")?.setAttribute("aria-label", "On this page");
});
