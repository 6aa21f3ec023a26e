"use strict";
// Everything works without this file; it only adds a filter to long lists, sends a form that needs no decision, says
// of files that they are too large before all of it is sent in vain, and goes to the first field that is wrong, or to
// the sentence that says what is.
for (const form of document.querySelectorAll("[data-filter]")) {
  const list = document.querySelector(form.dataset.filter);
  const none = form.querySelector("[data-none]");
  const show = () => {
    const wanted = form.querySelector("input").value.trim().toLowerCase();
    for (const entry of list.querySelectorAll("[data-find]")) {
      entry.hidden = !entry.textContent.toLowerCase().includes(wanted);
    }
    for (const part of list.querySelectorAll("section, details")) {
      part.hidden = !part.querySelector("[data-find]:not([hidden])");
    }
    for (const fold of list.querySelectorAll("details")) {
      fold.open = wanted !== "";
    }
    none.textContent = list.querySelector("section:not([hidden])") ? "" : none.dataset.none;
  };
  form.hidden = false;
  form.querySelector("[data-needless]")?.remove();
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
for (const input of document.querySelectorAll("input[data-most]")) {
  input.addEventListener("change", () => {
    const size = [...input.files].reduce((sum, file) => sum + file.size, 0);
    input.setCustomValidity(size > Number(input.dataset.most) ? input.dataset.tooLarge : "");
    input.reportValidity();
  });
}
for (const form of document.querySelectorAll("form[data-again]")) {
  setTimeout(() => form.submit(), Number(form.dataset.again));
}
document.querySelector("form[data-send]")?.submit();
(document.querySelector("[aria-invalid=true]") ?? document.querySelector(".notice-error[role=alert]"))?.focus();
