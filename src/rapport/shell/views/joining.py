"""The way in for somebody who was invited: he sets his password by a link that works once."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rapport.platform.identity import accounts, invitations
from rapport.platform.web.visitor import visitor
from rapport.shell.views.entering import elsewhere, gate, proceed


@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Set a password, and come in (by the second factor, where one is set up or demanded)."""
    user = invitations.holder(secret)
    if user is None:
        return gate(request, "shell/join.jinja", _("Welcome"), 404, gone=True)
    if words := elsewhere(user.email or "", user):
        form = {"values": {"email": ""}, "errors": {"": [words]}}
        return gate(request, "shell/sign_in.jinja", _("Sign in"), 403, form=form, next="/")
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        password = request.POST.get("password", "")
        wrong = accounts.password_problem(password, user.email or "", user.name)
        if wrong:
            errors = {"password": [wrong]}
        elif (joined := invitations.use(secret, password, visitor(request))) is not None:
            return proceed(request, joined, "/", "password")
        else:
            return gate(request, "shell/join.jinja", _("Welcome"), 404, gone=True)
    return gate(
        request, "shell/join.jinja", _("Welcome"), 422 if errors else 200, gone=False, invited=user, errors=errors,
        secret=secret,
    )  # fmt: skip
