"""The console: what the staff of a vendor do in a browser, at /console.

To add a page: write a view `(host, member, **what the path names) -> str | Response` in a module of this package, list
it in the module's ROUTES as `ConsoleRoute(path, view, role, methods)`, and add those to vendor_api/console/pages.py; a
template under templates/console/ that begins with `{% extends "console/base.html" %}`; and, where the page belongs into
the navigation, a line in vendor_api/console/rooms.py, with a note for the overview if there is something to say.

`member.client_id` is the vendor: look for nothing of another. The role stands with the route, for each method of its
own, and is looked at in one place (guard.py), as is the form's token: `{{ ui.csrf() }}` in a form is all it takes. A
form is a ConsoleForm. Afterwards: `return went("desk", "sent")`, with a sentence in said.py. No two views here have
the same name; tests/vendor_api/test_console_roles.py goes through all of them.
"""
