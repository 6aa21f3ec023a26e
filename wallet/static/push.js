// Notices in this browser: asks for them when the person says so, and sends the form with where they go.
"use strict";

(() => {
  const form = document.querySelector("[data-push-key]");
  if (!form || !("serviceWorker" in navigator) || !("PushManager" in window) || !window.isSecureContext) return;

  const none = document.querySelector("[data-push-none]");
  const denied = document.querySelector("[data-push-denied]");
  const failed = document.querySelector("[data-push-failed]");
  const show = () => {
    const refused = window.Notification && Notification.permission === "denied";
    none.hidden = true;
    form.hidden = refused;
    denied.hidden = !refused;
  };

  const bytes = (text) => {
    const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  };

  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    failed.hidden = true;
    try {
      if ((await Notification.requestPermission()) !== "granted") return show();
      await navigator.serviceWorker.register("/static/push-worker.js");
      const worker = await ready("/static/");
      const made = await worker.pushManager.subscribe({
        userVisibleOnly: true,
        applicationServerKey: bytes(form.dataset.pushKey),
      });
      const said = made.toJSON();
      form.elements.endpoint.value = said.endpoint;
      form.elements.p256dh.value = said.keys.p256dh;
      form.elements.auth.value = said.keys.auth;
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });

  const ready = async (scope) => {
    const worker = await navigator.serviceWorker.getRegistration(scope);
    const starting = worker.installing || worker.waiting;
    if (!worker.active && starting) {
      await new Promise((done) => starting.addEventListener("statechange", () => worker.active && done()));
    }
    return worker;
  };

  show();
})();
