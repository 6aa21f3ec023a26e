"""Clients: register, see and change them, another secret, remove; and what people would see when one asks."""

import json
from typing import Any

from flask import render_template, request
from werkzeug import Response
from wtforms import SelectChoice

from vendor_api.call import from_json
from vendor_api.console import clients as engine
from vendor_api.console.asking import asked_by
from vendor_api.console.forms import AUTH_METHODS, AskForm, ClientForm
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import ADMIN, READ_ONLY
from vendor_api.console.said import went
from vendor_api.errors import InvalidClientMetadata, VendorApiError
from vendor_api.host import Host
from vendor_api.vendors.model import Vendor


def clients(host: Host, member: Member) -> str:
    return all_of_them(host, member, ClientForm(formdata=None))


def all_of_them(host: Host, member: Member, form: ClientForm) -> str:
    found = host.read(engine.of_member, member)
    return render_template("console/clients.html", clients=found, form=form, registration=host.registration)


def register_client(host: Host, member: Member) -> str | tuple[str, int]:
    """Its secrets are shown here and never again."""
    form = ClientForm()
    token = (form.initial_access_token.data or "").strip()
    try:
        made = engine.register(host, member, metadata_of(form, None), initial_token=token, now=host.now())
    except VendorApiError as error:
        form.form_errors.append(str(error))
        return all_of_them(host, member, form), 422
    return secrets_page(made)


def metadata_of(form: ClientForm, vendor: Vendor | None) -> object:
    """Raises InvalidClientMetadata."""
    if not (form.metadata.data or "").strip():
        return engine.with_usual(vendor, form.usual())
    try:
        return from_json(form.metadata.data)
    except ValueError:
        raise InvalidClientMetadata("the metadata is not JSON, or nested too deeply") from None


def secrets_page(made: dict[str, Any]) -> str:
    names = ("client_id", "client_secret", "registration_access_token", "registration_client_uri")
    shown = [(name, made[name]) for name in names if name in made]
    return render_template("console/secrets.html", shown=shown, client_id=made["client_id"])


def client(host: Host, member: Member, client_id: str) -> str:
    return one(host.read(engine.find, member, client_id), member, None)


def one(vendor: Vendor, member: Member, form: ClientForm | None) -> str:
    said = engine.as_registered(vendor)
    lists = {name: sep.join(said.get(name, [])) for name, sep in (("redirect_uris", "\n"), ("contacts", " "))}
    form = form or ClientForm(formdata=None, data=said | lists)
    asks = {"scope": vendor.metadata["scope"]}
    form.token_endpoint_auth_method.choices = methods(vendor)
    return render_template(
        "console/client.html",
        client=vendor,
        form=form,
        said=json.dumps(said, indent=2, ensure_ascii=False),
        seen=engine.version(vendor),
        is_own=vendor.client_id == member.client_id,
        ask=AskForm(formdata=None, data=asks),
        trial=AskForm(formdata=None, data=asks, prefix="try-"),
    )


def methods(vendor: Vendor) -> list[Any]:
    """What it has now is always among them."""
    names = dict.fromkeys([vendor.auth_method, *AUTH_METHODS])
    return [SelectChoice(name, name) for name in names]


def change_client(host: Host, member: Member, client_id: str) -> Response | str | tuple[str, int]:
    form, vendor = ClientForm(), host.read(engine.find, member, client_id)
    seen = request.form.get("seen", "")
    try:
        given = metadata_of(form, vendor)
        secret = engine.change(host, member, client_id, given, seen=seen, now=host.now())
    except VendorApiError as error:
        form.form_errors.append(str(error))
        return one(vendor, member, form), 422
    if secret is not None:
        return secrets_page({"client_id": client_id, "client_secret": secret})
    return went("client", "saved", client_id=client_id)


def rotate_secret(host: Host, member: Member, client_id: str) -> str:
    secret = host.write(engine.rotate, host, member, client_id)
    return secrets_page({"client_id": client_id, "client_secret": secret})


def remove_client(host: Host, member: Member, client_id: str) -> Response:
    host.write(engine.remove, member, client_id)
    return went("clients", "client_removed")


def preview(host: Host, member: Member, client_id: str) -> str | tuple[str, int]:
    """What a person would see, exactly: the wallet's own page."""
    vendor = host.read(engine.find, member, client_id)
    said = {name: request.args.get(name, "").strip() for name in ("scope", "claims")}
    try:
        return host.consent_preview(asked_by(host, vendor, scope=said["scope"] or "openid", claims=said["claims"]))
    except VendorApiError as error:
        return render_template("console/refused.html", sentence=str(error)), 422


ROUTES = (
    ConsoleRoute("/console/clients", clients, READ_ONLY),
    ConsoleRoute("/console/clients", register_client, ADMIN, ("POST",)),
    ConsoleRoute("/console/clients/<client_id>", client, READ_ONLY),
    ConsoleRoute("/console/clients/<client_id>", change_client, ADMIN, ("POST",)),
    ConsoleRoute("/console/clients/<client_id>/secret", rotate_secret, ADMIN, ("POST",)),
    ConsoleRoute("/console/clients/<client_id>/remove", remove_client, ADMIN, ("POST",)),
    ConsoleRoute("/console/clients/<client_id>/preview", preview, READ_ONLY),
)
