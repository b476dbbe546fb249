// What the page does by itself: colours, its width told to the server, large files refused before
// they are sent, texts copied, and names for fields that Shiny leaves without one.
(() => {
  const root = document.documentElement;
  const narrow = window.matchMedia("(max-width: 600px)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  const tell = (name, value, options) => {
    if (window.Shiny && Shiny.setInputValue) Shiny.setInputValue(name, value, options);
  };
  const paint = (theme) => {
    root.dataset.bsTheme = theme;
    const button = document.getElementById("theme");
    if (button) button.textContent = theme === "dark" ? "Light colours" : "Dark colours";
    tell("look_theme", theme);
  };
  const tellWidth = () => tell("look_width", narrow.matches ? "narrow" : "wide");
  root.dataset.bsTheme = dark.matches ? "dark" : "light";

  const nameFields = () => {
    document.querySelectorAll(".chooser").forEach((chooser) => {
      const label = chooser.querySelector("label.control-label");
      const text = chooser.querySelector("input[type=text]");
      if (text) {
        text.setAttribute("aria-label", `${label.textContent}: chosen file`);
        text.tabIndex = -1;
      }
    });
    document.querySelectorAll(".nav-tabs > li").forEach((item) => item.setAttribute("role", "presentation"));
  };

  document.addEventListener("DOMContentLoaded", () => {
    nameFields();
    document.getElementById("theme").addEventListener("click", () =>
      paint(root.dataset.bsTheme === "dark" ? "light" : "dark"));
  });
  const connected = () => { paint(root.dataset.bsTheme); tellWidth(); nameFields(); };
  const listen = () => window.jQuery(document).on("shiny:connected", connected);
  document.addEventListener("DOMContentLoaded", listen);
  narrow.addEventListener("change", tellWidth);
  dark.addEventListener("change", (event) => paint(event.matches ? "dark" : "light"));

  const tooLarge = (chooser, files) =>
    [...files].find((file) => file.size > Number(chooser.dataset.most));
  const refuse = (event, files) => {
    const chooser = event.target.closest && event.target.closest(".chooser");
    const file = chooser && files && tooLarge(chooser, files);
    if (!file) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    const field = chooser.querySelector("input[type=file]");
    field.value = "";
    tell(`${field.id}_too_large`, { name: file.name, size: file.size }, { priority: "event" });
  };
  document.addEventListener("change", (event) => refuse(event, event.target.files), true);
  document.addEventListener("drop", (event) => refuse(event, event.dataTransfer && event.dataTransfer.files), true);

  // On a phone the answer stands below the form: go there once it has come.
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("#check_go, #studies_go");
    if (!button || !narrow.matches) return;
    const place = document.getElementById(button.id.replace("_go", "_messages"));
    window.jQuery(document).one("shiny:idle", () => place.scrollIntoView());
  });

  // Sizes that a conversion cannot do without are shown.
  document.addEventListener("DOMContentLoaded", () => {
    const messages = document.getElementById("convert_messages");
    new MutationObserver(() => {
      if (messages.textContent.includes("must be given")) document.getElementById("convert_more").open = true;
    }).observe(messages, { childList: true, subtree: true });
  });

  // What is wider than its place says that it scrolls.
  const hint = () => document.querySelectorAll(".scrolls, .told").forEach((part) =>
    part.classList.toggle("wide", part.scrollWidth > part.clientWidth + 2));
  let waiting = 0;
  const hintSoon = () => { clearTimeout(waiting); waiting = setTimeout(hint, 60); };
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(hintSoon).observe(document.body, { childList: true, subtree: true });
    hintSoon();
  });
  window.addEventListener("resize", hintSoon);
  document.addEventListener("toggle", hintSoon, true);
  document.addEventListener("load", hintSoon, true);

  // The tab stands in the address, so that a reload comes back to it.
  const tabs = () => [...document.querySelectorAll(".nav-tabs a[data-value]")];
  const goToTab = () => {
    const wanted = tabs().find((one) => `#${one.dataset.value}` === location.hash);
    if (wanted && !wanted.classList.contains("active")) wanted.click();
  };
  document.addEventListener("DOMContentLoaded", () => {
    tabs().forEach((one) => one.addEventListener("shown.bs.tab", () => {
      history.replaceState(null, "", `#${one.dataset.value}`);
      hintSoon();
    }));
    window.jQuery(document).one("shiny:connected", () => setTimeout(goToTab, 0));
  });

  // An example is put into its field as if it had been typed.
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-fills]");
    if (!button) return;
    const field = document.getElementById(button.dataset.fills);
    field.value = button.dataset.example;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest && event.target.closest("[data-copies]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copies);
    field.focus();
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
})();
