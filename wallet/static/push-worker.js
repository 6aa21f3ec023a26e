// Shows a notice when one comes, and opens the wallet where it belongs. It keeps nothing and sees no page.
"use strict";

self.addEventListener("push", (event) => {
  const said = event.data ? event.data.json() : {};
  const more = { body: String(said.body || ""), tag: String(said.tag || ""), data: String(said.url || "/") };
  event.waitUntil(self.registration.showNotification(String(said.title || "Hausrecht"), more));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const there = new URL(event.notification.data, self.location.origin);
  if (there.origin === self.location.origin) event.waitUntil(self.clients.openWindow(there.href));
});
