"""Who works here: list, invite, give another role, remove."""

from flask import abort, render_template, request
from sqlalchemy import Connection
from werkzeug import Response

from vendor_api.console import invitations
from vendor_api.console import staff as engine
from vendor_api.console.errors import BadStaffLogin
from vendor_api.console.forms import InviteForm
from vendor_api.console.guard import ConsoleRoute
from vendor_api.console.model import Member
from vendor_api.console.roles import ADMIN, LABELS, READ_ONLY, ROLES
from vendor_api.console.said import went
from vendor_api.host import Host


def staff(host: Host, member: Member) -> str:
    return shown(host, member, InviteForm(formdata=None))


def shown(host: Host, member: Member, form: InviteForm) -> str:
    everyone = host.read(engine.everyone, host.secrets, client_id=member.client_id)
    roles = [(role, LABELS[role]()) for role in ROLES]
    return render_template("console/staff.html", everyone=everyone, form=form, roles=roles)


def invite(host: Host, member: Member) -> str | tuple[str, int]:
    """The link is shown once, for who invites to hand it on; we send nothing."""
    form = InviteForm()
    if not form.validate_on_submit():
        return shown(host, member, form), 422
    try:
        invited, link = host.write(invite_new, host, member, form)
    except BadStaffLogin as error:
        form.login.errors = [str(error)]
        return shown(host, member, form), 422
    return render_template("console/invited.html", invited=invited, link=link)


def invite_new(db: Connection, host: Host, member: Member, form: InviteForm) -> tuple[Member, str]:
    who = {
        "client_id": member.client_id,
        "login": form.login.data,
        "name": form.name.data or "",
        "role": form.role.data,
    }
    invited = engine.add(db, host.secrets, **who, now=host.now())
    return invited, link_for(db, host, invited)


def invite_again(host: Host, member: Member, staff_id: str) -> str:
    """A link also for who forgot their password; what they signed in with counts until they use it."""

    def work(db: Connection) -> tuple[Member, str]:
        found = engine.find(db, host.secrets, client_id=member.client_id, staff_id=staff_id)
        return found, link_for(db, host, found)

    invited, link = host.write(work)
    return render_template("console/invited.html", invited=invited, link=link)


def link_for(db: Connection, host: Host, member: Member) -> str:
    return f"{host.issuer}{invitations.PATH}/{invitations.invite(db, member, now=host.now())}"


def change_role(host: Host, member: Member, staff_id: str) -> Response:
    role = request.form.get("role")
    if role not in ROLES:
        abort(400)
    host.write(engine.change_role, client_id=member.client_id, staff_id=staff_id, role=role)
    return went("staff", "role")


def remove_member(host: Host, member: Member, staff_id: str) -> Response:
    host.write(engine.remove, host.secrets, client_id=member.client_id, staff_id=staff_id, now=host.now())
    return went("staff", "removed")


ROUTES = (
    ConsoleRoute("/console/staff", staff, READ_ONLY),
    ConsoleRoute("/console/staff", invite, ADMIN, ("POST",)),
    ConsoleRoute("/console/staff/<staff_id>/invitation", invite_again, ADMIN, ("POST",)),
    ConsoleRoute("/console/staff/<staff_id>/role", change_role, ADMIN, ("POST",)),
    ConsoleRoute("/console/staff/<staff_id>/remove", remove_member, ADMIN, ("POST",)),
)
